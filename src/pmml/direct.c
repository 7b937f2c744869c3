/* Direct, see direct.h: columns to keys, the forest, its prediction to columns. */
#include "pmml/direct.h"

#include "base/memory.h"
#include "pmml/forest.h"

static bool can_be_direct(const mr_pmml_model *model) {
    const mr_evaluator *root = model->root;
    if (root->evaluate != mr_forest_evaluate || root->step_count) return false;
    const mr_forest *f = root->model;
    if (f->categories || model->base.shape.input_count == 0) return false;
    for (uint32_t i = 0; i < root->output_count; i++)
        if (root->outputs[i].feature == F_TRANSFORMED_VALUE) return false;
    for (uint32_t i = 0; i < model->base.shape.input_count; i++)
        if (!model->inputs[i].treatment->plain) return false;
    return true;
}

static bool gives_probabilities(const mr_pmml_model *model) {
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

bool mr_direct_new(const mr_pmml_binding *binding, const mr_schema *schema, mr_direct **result) {
    const mr_pmml_model *model = binding->model;
    uint32_t count = model->base.shape.input_count;
    *result = NULL;
    if (!can_be_direct(model)) return true;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t field = binding->fields[i];
        if (field == MR_NO_FIELD || mr_schema_field(schema, field)->type != MR_TYPE_DOUBLE) return true;
    }
    mr_direct *direct = mr_alloc(sizeof *direct + count * sizeof *direct->inputs);
    if (!direct) return false;
    *direct = (mr_direct){.count = count, .probabilities = gives_probabilities(model)};
    for (uint32_t i = 0; i < count; i++) {
        bool single = model->inputs[i].type == T_FLOAT;
        uint32_t key = key_of(model->root->model, model->inputs[i].slot);
        direct->inputs[i] = (mr_direct_input){.field = binding->fields[i], .key = key, .single = single};
        direct->singles |= single;
    }
    *result = direct;
    return true;
}

bool mr_direct_reads(const mr_pmml_binding *binding, const mr_frame *in) {
    const mr_direct *d = binding->direct;
    const mr_column *first = &in->columns[d->inputs[0].field];
    for (uint32_t i = 0; i < d->count; i++) {
        if (d->inputs[i].field >= in->column_count) return false;
        const mr_column *c = &in->columns[d->inputs[i].field];
        if (!c->data || c->type != MR_TYPE_DOUBLE || c->stride != first->stride) return false;
        if (!c->state || c->state_stride != first->state_stride) return false;
    }
    return true;
}

/* ---- In ---- */

static inline double read_number(const mr_direct_input *input, const mr_column *column, size_t offset,
                                 bool singles) {
    double number;
    memcpy(&number, (const char *)column->data + offset, sizeof number);
    if (singles && input->single) number = (double)(float)number;
    return number + 0.0; /* -0.0 + 0.0 is 0.0 */
}

/* True: all are there, and numbers. */
static inline __attribute__((always_inline)) bool read_complete(const mr_direct *d, const mr_column *columns,
                                                                uint32_t row, uint64_t *restrict keys,
                                                                bool singles) {
    const mr_column *first = &columns[d->inputs[0].field];
    size_t offset = row * first->stride, state = row * first->state_stride;
    unsigned states = 0, nan = 0;
    for (const mr_direct_input *input = d->inputs, *end = input + d->count; input < end; input++) {
        const mr_column *column = &columns[input->field];
        double number = read_number(input, column, offset, singles);
        states |= column->state[state];
        nan |= number != number;
        keys[input->key] = mr_forest_order(number);
    }
    return (states | nan) == 0;
}

/* The same with gaps; *missing: there are some that a tree reads. False: one is invalid. */
static bool read_gaps(const mr_direct *d, const mr_column *columns, uint32_t row, const mr_forest *f,
                      const mr_forest_row *to, bool *missing) {
    memset(to->shifts, 0, f->slot_count + 2);
    memset(to->gaps, 0, f->slot_count + 2);
    *missing = false;
    for (uint32_t i = 0; i < d->count; i++) {
        const mr_direct_input *input = &d->inputs[i];
        const mr_column *column = &columns[input->field];
        uint8_t state = *mr_cell_state_at(column, row);
        bool present = state == MR_CELL_PRESENT;
        double number = present ? read_number(input, column, row * column->stride, true) : 0;
        if ((!present && state != MR_CELL_MISSING) || number != number) return false;
        to->keys[input->key] = present ? mr_forest_order(number) : 0;
        to->gaps[input->key] = present ? 0 : 2;
        *missing |= !present && input->key < f->slot_count;
    }
    return true;
}

/* ---- Out ---- */

static void write_prediction(const mr_pmml_binding *binding, mr_work *work, const mr_prediction *p,
                             mr_frame *out, uint32_t row) {
    const mr_pmml_model *model = binding->model;
    const mr_evaluator *root = model->root;
    uint32_t count = model->base.shape.output_count;
    mr_slot value = {.number = p->number, .missing = p->missing};
    if (root->classification && !p->missing) value = root->class_values[p->label];
    mr_pmml_write(model, work, &out->columns[0], row, &value);
    if (binding->direct->probabilities && !p->missing && p->probabilities) {
        for (uint32_t i = 1; i < count; i++) {
            const mr_column *column = &out->columns[i];
            *(double *)mr_cell(column, row) = p->probabilities[model->outputs[i]->label];
            *mr_cell_state_at(column, row) = MR_CELL_PRESENT;
        }
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        mr_output_value(root, model->outputs[i], work, p, &value);
        mr_pmml_write(model, work, &out->columns[i], row, &value);
    }
}

bool mr_direct_score(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out, uint32_t row,
                     mr_work *work) {
    const mr_pmml_model *model = binding->model;
    const mr_evaluator *root = model->root;
    const mr_forest *f = root->model;
    const mr_direct *d = binding->direct;
    mr_forest_row keys = mr_forest_row_of(f, work);
    mr_prediction prediction = {.missing = true, .source = root};
    bool missing = false;
    keys.keys[f->slot_count] = 0;
    bool complete = d->singles ? read_complete(d, in->columns, row, keys.keys, true)
                               : read_complete(d, in->columns, row, keys.keys, false);
    if (!complete && !read_gaps(d, in->columns, row, f, &keys, &missing)) return false;
    mr_forest_predict(root, &keys, missing, work, &prediction);
    if (root->target || root->single_precision) mr_evaluator_settle(root, work, &prediction);
    write_prediction(binding, work, &prediction, out, row);
    return true;
}
