/* Direct, see direct.h: whom it serves, and the way of a block of rows. */
#include "pmml/tile/direct.h"

#include <stdlib.h>

#include "base/memory.h"
#include "pmml/distance/kernels.h"

enum { BLOCK_BYTES = 24576 }; /* of keys: with nodes and leaves beside them in the first cache */
enum {
    ALONE_SLOTS = MR_FOREST_GAPS - 2,
    ALONE_TREES = 246,
    ALONE_VALUES = 16
}; /* what a row by itself may need on the stack */

static bool can_be_direct(const mr_pmml_model *model) {
    const mr_evaluator *root = model->root;
    if (root->evaluate != mr_forest_evaluate || root->step_count || root->other_target_count ||
        model->outputs[0])
        return false;
    const mr_forest *f = root->model;
    if (f->categories || model->base.shape.input_count == 0) return false;
    for (uint32_t i = 0; i < root->output_count; i++)
        if (mr_output_reads_row(&root->outputs[i])) return false;
    for (uint32_t i = 0; i < model->base.shape.input_count; i++)
        if (!model->inputs[i].treatment->plain) return false;
    return true;
}

bool mr_direct_gives_simple(const mr_pmml_model *model) {
    if (!model->root->classification) return model->base.shape.output_count == 1;
    for (uint32_t i = 1; i < model->base.shape.output_count; i++) {
        const mr_output_step *o = model->outputs[i];
        if (o->feature != F_PROBABILITY || o->label == MR_NONE || o->zero || o->type != T_DOUBLE)
            return false;
    }
    return true;
}

static uint32_t key_of(const mr_forest *f, uint32_t slot) {
    for (uint32_t k = 0; k < f->slot_count; k++)
        if (f->slots[k].slot == slot) return k;
    return f->slot_count + 1;
}

/* Bytes of a block of `rows` rows; an even number of doubles each. */
static size_t block_bytes(const mr_forest *f, uint32_t rows) {
    size_t row = (f->slot_count + 2) * sizeof(uint64_t) + ((f->value_stride + 1) & ~1u) * sizeof(double) +
                 sizeof(uint32_t);
    return sizeof(mr_direct_block) + row * rows + 4 * ((size_t)f->tree_count + 10) * sizeof(uint32_t) + 64;
}

static void lay_out(const mr_direct *d, const mr_forest *f, void *memory, mr_direct_block **result) {
    mr_direct_block *b = memory;
    b->stride = f->slot_count + 2;
    b->numbers = (double *)(void *)(((uintptr_t)(b + 1) + 15) & ~(uintptr_t)15);
    b->keys = (uint64_t *)(void *)(b->numbers + (size_t)d->rows * f->value_stride);
    b->labels = (uint32_t *)(void *)(b->keys + (size_t)d->rows * b->stride);
    b->leaves = b->labels + d->rows;
    *result = b;
}

static int by_field(const void *a, const void *b) {
    const mr_direct_input *x = a, *y = b;
    return (x->field > y->field) - (x->field < y->field);
}

bool mr_direct_new(const mr_pmml_binding *binding, const mr_schema *schema, mr_direct **result) {
    const mr_pmml_model *model = binding->model;
    uint32_t count = model->base.shape.input_count;
    *result = NULL;
    if (!(mr_kernels & MR_KERNEL_DIRECT) || !can_be_direct(model)) return true;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t field = binding->fields[i];
        if (field == MR_NO_FIELD || mr_schema_field(schema, field)->type != MR_TYPE_DOUBLE) return true;
    }
    const mr_evaluator *root = model->root;
    const mr_forest *f = root->model;
    uint32_t outputs = model->base.shape.output_count;
    mr_direct *direct =
        mr_alloc(sizeof *direct + (count + 1) * sizeof *direct->inputs + outputs * sizeof *direct->labels);
    if (!direct) return false;
    *direct = (mr_direct){.count = count, .rows = MR_DIRECT_ROWS, .simple = mr_direct_gives_simple(model)};
    direct->settles = !root->classification && (root->target || root->single_precision);
    while (direct->rows > 1 && block_bytes(f, direct->rows) > BLOCK_BYTES) direct->rows /= 2;
    direct->memory = block_bytes(f, direct->rows);
    for (uint32_t i = 0; i < count; i++) {
        bool single = model->inputs[i].type == T_FLOAT;
        uint32_t key = key_of(f, model->inputs[i].slot);
        direct->inputs[i] = (mr_direct_input){.field = binding->fields[i],
                                              .column = binding->fields[i] * (uint32_t)sizeof(mr_column),
                                              .key = key,
                                              .single = single};
        direct->singles |= single;
        if (binding->fields[i] > direct->most) direct->most = binding->fields[i];
    }
    qsort(direct->inputs, count, sizeof *direct->inputs, by_field);
    direct->neighbours = !direct->singles;
    for (uint32_t i = 1; i < count; i++)
        direct->neighbours &= direct->inputs[i].field == direct->inputs[i - 1].field + 1;
    direct->inputs[count] = direct->inputs[count - 1];
    direct->labels = (uint32_t *)(void *)(direct->inputs + count + 1);
    direct->outputs = outputs;
    direct->classification = root->classification;
    direct->labels[0] = 0;
    for (uint32_t i = 1; i < outputs && root->classification; i++)
        direct->labels[i - 1] = model->outputs[i]->label;
    direct->alone = direct->simple && f->sums && f->slot_count <= ALONE_SLOTS &&
                    f->tree_count <= ALONE_TREES && f->value_stride <= ALONE_VALUES;
    direct->gaps = direct->simple && f->sums && !f->votes && !root->target &&
                   f->slot_count + 2 <= MR_FOREST_GAPS && f->value_stride <= ALONE_VALUES;
    *result = direct;
    return true;
}

static double settled(const mr_evaluator *root, mr_work *work, double number) {
    mr_prediction p = {.number = number, .source = root};
    mr_evaluator_settle(root, work, &p);
    return p.number;
}

/* A row with missing values, of a forest for which mr_direct.gaps is true. `keys` as it wants them. */
static void score_gaps(const mr_pmml_binding *binding, uint64_t *keys, uint32_t *ends, mr_frame *out,
                       uint32_t row) {
    const mr_evaluator *root = binding->model->root;
    double numbers[ALONE_VALUES];
    uint32_t label = 0;
    if (mr_forest_predict_gaps(root->model, keys, ends, numbers, &label)) {
        if (binding->direct->settles) numbers[0] = settled(root, NULL, numbers[0]);
        mr_direct_write_row(binding, numbers, label, out, row);
        return;
    }
    for (uint32_t i = 0; i < binding->direct->outputs; i++)
        *mr_cell_state_at(&out->columns[i], row) = MR_CELL_MISSING;
}

/* Row i of the block, with missing values. */
static void score_gaps_of(const mr_pmml_binding *binding, mr_direct_block *b, uint32_t i, mr_frame *out,
                          uint32_t row) {
    uint64_t keys[2 * MR_FOREST_GAPS];
    memcpy(keys, b->keys + (size_t)i * b->stride, b->stride * sizeof *keys);
    memset(keys + MR_FOREST_GAPS, 0, b->stride * sizeof *keys);
    for (uint64_t gaps = b->gaps[i]; gaps; gaps &= gaps - 1) keys[MR_FOREST_GAPS + __builtin_ctzll(gaps)] = 1;
    score_gaps(binding, keys, b->leaves, out, row);
}

/* One row by itself, the second of the ways: with missing values, or of a forest that blocks do not serve. */
static bool score_one(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out, uint32_t row,
                      mr_work *work) {
    const mr_evaluator *root = binding->model->root;
    const mr_forest *f = root->model;
    mr_forest_row keys = mr_forest_row_of(f, work);
    mr_prediction prediction = {.missing = true, .source = root};
    bool missing;
    if (!mr_direct_read_gaps(binding->direct, in->columns, row, f, &keys, &missing)) return false;
    mr_forest_predict(root, &keys, missing, work, &prediction);
    mr_evaluator_settle(root, work, &prediction);
    const double *numbers = root->classification ? prediction.probabilities : &prediction.number;
    if (!binding->direct->simple || (!prediction.missing && !numbers))
        mr_direct_write_one(binding->model, work, &prediction, out, row);
    else if (!prediction.missing) mr_direct_write_row(binding, numbers, prediction.label, out, row);
    else
        for (uint32_t i = 0; i < binding->direct->outputs; i++)
            *mr_cell_state_at(&out->columns[i], row) = MR_CELL_MISSING;
    return true;
}

/* Predictions of the complete rows, and their outputs. */
static void score_complete(const mr_pmml_binding *binding, mr_direct_block *b, uint32_t complete,
                           mr_frame *out, uint32_t row, mr_work *work) {
    const mr_direct *d = binding->direct;
    const mr_evaluator *root = binding->model->root;
    const mr_forest *f = root->model;
    if (d->simple && f->sums) {
        mr_forest_rows rows = {
            .keys = b->keys, .shifts = b->flags, .stride = b->stride, .rows = b->complete, .count = complete};
        mr_forest_predict_rows(f, &rows, b->leaves, b->numbers, b->labels);
        for (uint32_t i = 0; d->settles && i < complete; i++)
            b->numbers[b->complete[i]] = settled(root, work, b->numbers[b->complete[i]]);
        mr_direct_write(binding, b, complete, out, row);
        return;
    }
    for (uint32_t i = 0; i < complete; i++) {
        mr_prediction p = {.missing = true, .source = root};
        mr_forest_row keys = {.keys = b->keys + (size_t)b->complete[i] * b->stride};
        mr_forest_predict(root, &keys, false, work, &p);
        mr_evaluator_settle(root, work, &p);
        mr_direct_write_one(binding->model, work, &p, out, row + b->complete[i]);
    }
}

/* By the fewest steps. `numbers`: room for the values of a leaf. */
static inline __attribute__((always_inline)) uint32_t predict_alone(const mr_forest *f, uint64_t *keys,
                                                                    double *numbers) {
    static const uint8_t first = 0;
    if (f->perfect && f->perfect->average && !f->votes)
        return f->perfect->average(f->perfect, keys, f->weight, numbers);
    uint32_t leaves[ALONE_TREES + 10], label = 0;
    mr_forest_rows rows = {.keys = keys, .shifts = (uint8_t *)leaves, .rows = &first, .count = 1};
    mr_forest_predict_rows(f, &rows, leaves, numbers, &label);
    return label;
}

static __attribute__((noinline)) bool score_gaps_alone(const mr_pmml_binding *binding, const mr_frame *in,
                                                       mr_frame *out, uint32_t row, mr_direct_row read,
                                                       uint64_t *keys) {
    uint32_t ends[ALONE_TREES + 10];
    if (read != MR_DIRECT_INCOMPLETE || !binding->direct->gaps) return false;
    if (!mr_direct_find_gaps(binding->direct, in, row, keys)) return false;
    score_gaps(binding, keys, ends, out, row);
    return true;
}

bool mr_direct_score_row(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                         mr_row_result *results, uint32_t row) {
    const mr_direct *d = binding->direct;
    const mr_evaluator *root = binding->model->root;
    const mr_forest *f = root->model;
    uint64_t keys[2 * MR_FOREST_GAPS];
    double numbers[ALONE_VALUES];
    keys[f->slot_count] = 0;
    mr_direct_row read = mr_direct_read_row(d, in, row, keys);
    if (read == MR_DIRECT_COMPLETE) {
        uint32_t label = predict_alone(f, keys, numbers);
        if (d->settles) numbers[0] = settled(root, NULL, numbers[0]);
        mr_direct_write_row(binding, numbers, label, out, row);
    } else if (!score_gaps_alone(binding, in, out, row, read, keys)) {
        return false;
    }
    results[row] = (mr_row_result){MR_OK, NULL};
    return true;
}

uint64_t mr_direct_score(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                         mr_row_result *results, uint32_t row, uint32_t count, mr_work *work, void *memory) {
    const mr_direct *d = binding->direct;
    uint64_t left = 0;
    uint32_t complete = 0;
    mr_direct_block *b;
    lay_out(d, binding->model->root->model, memory, &b);
    for (uint32_t i = 0; i < count; i++) b->keys[(size_t)i * b->stride + b->stride - 2] = 0;
    if (!mr_direct_read(d, in, row, count, b)) return count < 64 ? ((uint64_t)1 << count) - 1 : UINT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (b->flags[i] == 0) b->complete[complete++] = (uint8_t)i;
        else if (d->gaps && b->flags[i] == MR_DIRECT_INCOMPLETE) score_gaps_of(binding, b, i, out, row + i);
        else if (!score_one(binding, in, out, row + i, work)) left |= (uint64_t)1 << i;
    }
    if (complete) score_complete(binding, b, complete, out, row, work);
    for (uint32_t i = 0; i < count; i++)
        if (!(left >> i & 1)) results[row + i] = (mr_row_result){MR_OK, NULL};
    return left;
}
