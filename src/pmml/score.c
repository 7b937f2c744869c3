/* Score: rows of a frame into slots, the evaluators over them, the outputs into the other frame.
 *
 * Row by row through one mr_work, which lives in the scratch: nothing is allocated.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/number.h"
#include "pmml/tile/direct.h"
#include "pmml/rule/groups.h"
#include "pmml/pmml_model.h"
#include "pmml/tile/tile.h"
#include "pmml/field/values.h"

/* ---- Binding ---- */

void mr_pmml_free_binding(mr_binding *base) {
    mr_pmml_binding *binding = (mr_pmml_binding *)base;
    mr_free(binding->texts);
    mr_free(binding->fields);
    mr_free(binding->direct);
    mr_tile_plan_free(binding->tiles);
    mr_free(binding);
}

static mr_status add_codes(mr_pmml_binding *binding, mr_schema *schema, mr_error *error) {
    const mr_pmml_model *model = binding->model;
    uint32_t *codes = mr_alloc_zero(model->text_count, sizeof *codes);
    if (!codes) return mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    mr_status status = MR_OK;
    for (uint32_t i = 1; i < model->text_count && status == MR_OK; i++) {
        status = mr_schema_add_code(schema, model->texts[i].data, model->texts[i].size, &codes[i], error);
        if (status == MR_OK && codes[i] >= binding->code_count) binding->code_count = codes[i] + 1;
    }
    if (status == MR_OK) {
        binding->texts = mr_alloc_zero(binding->code_count + 1, sizeof *binding->texts);
        if (!binding->texts) status = mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    }
    for (uint32_t i = 1; i < model->text_count && status == MR_OK; i++) binding->texts[codes[i]] = i;
    mr_free(codes);
    return status;
}

static bool reads_strings(const mr_pmml_model *model) {
    for (uint32_t i = 0; i < model->base.shape.input_count; i++)
        if (model->base.shape.inputs[i].type == MR_TYPE_STRING) return true;
    return false;
}

mr_status mr_pmml_bind(const mr_model *base, mr_schema *schema, const uint32_t *fields, mr_binding **result,
                       mr_error *error) {
    const mr_pmml_model *model = (const mr_pmml_model *)base;
    mr_pmml_binding *binding = mr_alloc_zero(1, sizeof *binding);
    if (!binding) return mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    binding->model = model;
    binding->seed = base->shape.arity == MR_SCORES_GROUPS ? mr_hash_seed() : 0;
    uint32_t count = base->shape.input_count;
    binding->fields = mr_alloc_zero(count + 1, sizeof *binding->fields);
    mr_status status = binding->fields ? MR_OK : mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    if (status == MR_OK) memcpy(binding->fields, fields, count * sizeof *fields);
    if (status == MR_OK && reads_strings(model)) status = add_codes(binding, schema, error);
    bool made = status == MR_OK && mr_direct_new(binding, schema, &binding->direct);
    if (made && !binding->direct) made = mr_tile_plan_new(binding, schema, &binding->tiles);
    if (status == MR_OK && !made) status = mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    if (status == MR_OK) *result = &binding->base;
    else mr_pmml_free_binding(&binding->base);
    return status;
}

/* ---- Inputs ---- */

static bool read_text(const mr_pmml_binding *binding, mr_work *work, const mr_treatment *t,
                      const mr_text *text, mr_slot *value) {
    uint32_t number = text->code < binding->code_count ? binding->texts[text->code] : 0;
    if (t->type == T_STRING) {
        if (!number && work->text_map) number = mr_work_intern(work, text->data, text->size, true);
        value->text = number;
        return true;
    }
    for (uint32_t i = 0; i < t->missing_text_count; i++)
        value->missing |= number && number == t->missing_texts[i];
    return value->missing || mr_value_read(text->data, text->size, t->type, &value->number);
}

/* The cell as a value of the field's type. False: it is none. */
static bool read_cell(const mr_pmml_binding *binding, mr_work *work, const mr_treatment *t,
                      const mr_column *column, uint32_t row, mr_slot *value) {
    const void *cell = mr_cell(column, row);
    *value = (mr_slot){0};
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        value->number = *(const double *)cell;
        break;
    case MR_TYPE_FLOAT:
        value->number = (double)*(const float *)cell;
        break;
    case MR_TYPE_INTEGER:
        value->number = (double)*(const int64_t *)cell;
        break;
    case MR_TYPE_BOOLEAN:
        value->number = *(const uint8_t *)cell != 0;
        break;
    case MR_TYPE_STRING:
        if (!read_text(binding, work, t, cell, value)) return false;
        break;
    default:
        return false;
    }
    if (t->type == T_STRING || value->missing) return true;
    if (value->number == 0) value->number = 0; /* -0.0 is 0.0 */
    if (t->type == T_FLOAT) value->number = (double)(float)value->number;
    if (t->type == T_DOUBLE || t->type == T_FLOAT) return true;
    if (t->type == T_BOOLEAN) return value->number == 0 || value->number == 1;
    /* a date is not a number; an integer is exact */
    bool counts = mr_data_type_is_number(t->type) || column->type == MR_TYPE_STRING;
    return counts && (t->type != T_INTEGER ||
                      (value->number == floor(value->number) && fabs(value->number) <= MR_INTEGER_MAX));
}

/* One input's column, looked up once a call. `plain`: doubles that only need a look for NaN. */
typedef struct reader {
    const char *data; /* NULL: nothing feeds it */
    size_t stride;
    const uint8_t *state; /* NULL: all present */
    size_t state_stride;
    const mr_column *column;
    const mr_treatment *treatment;
    uint32_t slot;
    bool plain, single;
} reader;

static void open_readers(const mr_pmml_binding *binding, const mr_frame *in, reader *readers) {
    for (uint32_t i = 0; i < binding->model->base.shape.input_count; i++) {
        const mr_input_field *input = &binding->model->inputs[i];
        uint32_t field = binding->fields[i];
        const mr_column *column = field < in->column_count ? &in->columns[field] : NULL;
        readers[i] = (reader){.treatment = input->treatment, .slot = input->slot};
        if (!column || !column->data) continue;
        readers[i].column = column;
        readers[i].data = column->data;
        readers[i].stride = column->stride;
        readers[i].state = column->state;
        readers[i].state_stride = column->state_stride;
        readers[i].plain = input->treatment->plain && column->type == MR_TYPE_DOUBLE;
        readers[i].single = input->type == T_FLOAT;
    }
}

/* False: the row is invalid. */
static bool read_treated(const mr_pmml_binding *binding, mr_work *work, const reader *r, uint32_t row,
                         mr_slot *value) {
    mr_cell_state state = r->state ? (mr_cell_state)r->state[row * r->state_stride] : MR_CELL_PRESENT;
    bool invalid = false;
    *value = (mr_slot){.missing = 1};
    if (r->data && state == MR_CELL_PRESENT)
        invalid = !read_cell(binding, work, r->treatment, r->column, row, value);
    if (r->data && state == MR_CELL_INVALID) {
        invalid = true;
        value->missing = 0;
    }
    return mr_treatment_apply(r->treatment, value, invalid);
}

static inline bool read_input(const mr_pmml_binding *binding, mr_work *work, const reader *r, uint32_t row,
                              mr_slot *value) {
    if (r->plain && (!r->state || r->state[row * r->state_stride] == MR_CELL_PRESENT)) {
        double number;
        memcpy(&number, r->data + row * r->stride, sizeof number);
        if (r->single) number = (double)(float)number;
        *value = (mr_slot){.number = number + 0.0}; /* -0.0 + 0.0 is 0.0 */
        if (number == number) return true;
    }
    return read_treated(binding, work, r, row, value);
}

/* ---- Outputs ---- */

void mr_pmml_write(const mr_pmml_model *model, mr_work *work, mr_column *column, uint32_t row,
                   const mr_slot *value) {
    void *cell = mr_cell(column, row);
    *mr_cell_state_at(column, row) = value->missing ? MR_CELL_MISSING : MR_CELL_PRESENT;
    if (value->missing) return;
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        *(double *)cell = value->number;
        break;
    case MR_TYPE_FLOAT:
        *(float *)cell = (float)value->number;
        break;
    case MR_TYPE_INTEGER:
        if (mr_fits_integer(value->number)) *(int64_t *)cell = (int64_t)value->number;
        else *mr_cell_state_at(column, row) = MR_CELL_MISSING;
        break;
    case MR_TYPE_BOOLEAN:
        *(uint8_t *)cell = value->number != 0;
        break;
    case MR_TYPE_STRING:
        *(mr_text *)cell = value->text < model->text_count ? model->texts[value->text]
                                                           : mr_work_lasting_text(work, value->text);
        break;
    case MR_TYPE_LIST:
        *(mr_list *)cell = work->lists[value->text];
        break;
    default:
        break;
    }
}

/* Dates are strings outside. */
static void write_temporal(mr_data_type type, mr_work *work, mr_column *column, uint32_t row,
                           const mr_slot *value) {
    char *text = value->missing ? NULL : mr_work_take(work, MR_VALUE_MAX);
    *mr_cell_state_at(column, row) = text ? MR_CELL_PRESENT : MR_CELL_MISSING;
    if (!text) return;
    size_t size = mr_value_print(text, type, value->number);
    *(mr_text *)mr_cell(column, row) = (mr_text){.data = text, .size = (uint32_t)size};
}

static void write_outputs(const mr_pmml_model *model, mr_work *work, mr_frame *out, uint32_t row) {
    const mr_evaluator *root = model->root;
    const mr_prediction *p = &work->predictions[root->index];
    mr_slot target = {.missing = 1};
    if (model->outputs[0]) target = work->slots[model->outputs[0]->slot];
    else if (!p->missing && root->list != MR_NONE) target = (mr_slot){.text = root->list};
    else if (!p->missing && root->classification) target = root->class_values[p->label];
    else if (!p->missing) target = (mr_slot){.number = p->number};
    mr_pmml_write(model, work, &out->columns[0], row, &target);
    for (uint32_t i = 1; i < model->base.shape.output_count; i++) {
        const mr_output_step *output = model->outputs[i];
        const mr_slot *value = &work->slots[output->slot];
        if (output->type > T_LIST && out->columns[i].type == MR_TYPE_STRING)
            write_temporal(output->type, work, &out->columns[i], row, value);
        else mr_pmml_write(model, work, &out->columns[i], row, value);
    }
}

static void clear_outputs(const mr_pmml_model *model, mr_frame *out, uint32_t row) {
    for (uint32_t i = 0; i < model->base.shape.output_count; i++)
        *mr_cell_state_at(&out->columns[i], row) = MR_CELL_MISSING;
}

/* ---- Rows ---- */

enum { MESSAGE_BYTES = 320 };

/* Memory, that of the readers, and `more` behind them; cleared when a row first goes the general way. */
static bool take_work(const mr_pmml_model *model, size_t more, mr_scratch *scratch, mr_work *work,
                      reader **readers) {
    char *memory =
        mr_scratch_take(scratch, model->work_bytes + model->base.shape.input_count * sizeof **readers + more);
    if (!memory) return false;
    *readers = (reader *)(void *)(memory + model->work_bytes);
    *work = (mr_work){.numbers = (double *)(void *)memory};
    memory += model->number_count * sizeof(double);
    work->predictions = (mr_prediction *)(void *)memory;
    memory += model->evaluator_count * sizeof(mr_prediction);
    work->slots = (mr_slot *)(void *)memory;
    memory += model->slot_count * sizeof(mr_slot);
    work->lists = (mr_list *)(void *)memory;
    work->scratch = scratch;
    work->texts = model->texts;
    work->text_count = model->text_count;
    work->text_map = model->row_texts ? &model->text_map : NULL;
    return true;
}

static void open_work(const mr_pmml_binding *binding, const mr_frame *in, mr_work *work, reader *readers) {
    for (uint32_t i = 0; i < binding->model->slot_count; i++) work->slots[i] = (mr_slot){.missing = 1};
    open_readers(binding, in, readers);
}

static size_t print_cell(const mr_column *column, uint32_t row, char *text) {
    if (!column || !column->data || !mr_cell_present(column, row)) return 0;
    const void *cell = mr_cell(column, row);
    const mr_text *string = cell;
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        return mr_print_double(text, *(const double *)cell);
    case MR_TYPE_FLOAT:
        return mr_print_float(text, *(const float *)cell);
    case MR_TYPE_INTEGER:
        return mr_print_integer(text, *(const int64_t *)cell);
    case MR_TYPE_BOOLEAN:
        return mr_print_integer(text, *(const uint8_t *)cell);
    case MR_TYPE_STRING: {
        size_t size = string->size < 60 ? string->size : 60;
        memcpy(text, string->data, size);
        return size;
    }
    default:
        return 0;
    }
}

/* Why a row has no result. False: the scratch is too small. */
static bool explain(const mr_pmml_binding *binding, const mr_frame *in, uint32_t row, const mr_work *work,
                    uint32_t input, mr_scratch *scratch, mr_row_result *result) {
    char *message = mr_scratch_take(scratch, MESSAGE_BYTES), cell[64] = "";
    if (!message) return false;
    *result = (mr_row_result){MR_INVALID_VALUE, message};
    if (work->failure) {
        snprintf(message, MESSAGE_BYTES, "%s", work->failure);
        return true;
    }
    uint32_t field = input == MR_NONE ? MR_NO_FIELD : binding->fields[input];
    const mr_column *column = field < in->column_count ? &in->columns[field] : NULL;
    size_t size = print_cell(column, row, cell);
    bool absent = input != MR_NONE && (!column || !column->data ||
                                       (column->state && *mr_cell_state_at(column, row) == MR_CELL_MISSING));
    const char *what =
        absent ? "a value is missing, which the model does not allow" : "the value is invalid for the model";
    snprintf(message, MESSAGE_BYTES, "field \"%.100s\": %s%s%.*s%s", work->invalid, what, size ? ": \"" : "",
             (int)size, cell, size ? "\"" : "");
    return true;
}

static void begin_row(mr_work *work) {
    work->invalid = work->failure = NULL;
    work->taken = 0;
    work->exhausted = false;
    mr_work_forget_texts(work);
}

/* A row's inputs to their slots. The input that makes it invalid, or MR_NONE. */
static uint32_t read_row(const mr_pmml_binding *binding, uint32_t row, const reader *readers, mr_work *work) {
    const mr_pmml_model *model = binding->model;
    for (uint32_t i = 0; i < model->base.shape.input_count; i++) {
        if (read_input(binding, work, &readers[i], row, &work->slots[readers[i].slot])) continue;
        work->invalid = model->inputs[i].name;
        return i;
    }
    return MR_NONE;
}

bool mr_pmml_evaluate(const mr_pmml_binding *binding, const mr_frame *in, uint32_t row, mr_scratch *scratch,
                      mr_slot *slots) {
    mr_work work;
    reader *readers;
    if (!take_work(binding->model, 0, scratch, &work, &readers)) return false;
    open_work(binding, in, &work, readers);
    begin_row(&work);
    if (read_row(binding, row, readers, &work) == MR_NONE) mr_evaluator_run(binding->model->root, &work);
    memcpy(slots, work.slots, binding->model->slot_count * sizeof *slots);
    return !work.exhausted;
}

/* What became of row `row`, as result `at`. False: the scratch is too small. */
static bool finish_row(const mr_pmml_binding *binding, const mr_frame *in, uint32_t row, uint32_t invalid,
                       mr_work *work, mr_frame *out, mr_row_result *results, uint32_t at) {
    if (work->exhausted) return false;
    if (work->invalid || work->failure) {
        clear_outputs(binding->model, out, at);
        return explain(binding, in, row, work, invalid, work->scratch, &results[at]);
    }
    results[at] = (mr_row_result){MR_OK, NULL};
    write_outputs(binding->model, work, out, at);
    return !work->exhausted;
}

/* False: the scratch is too small. */
static bool score_row(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                      mr_row_result *results, uint32_t row, const reader *readers, mr_work *work) {
    begin_row(work);
    uint32_t invalid = read_row(binding, row, readers, work);
    if (invalid == MR_NONE) mr_evaluator_run(binding->model->root, work);
    return finish_row(binding, in, row, invalid, work, out, results, row);
}

static size_t block_memory(const mr_pmml_binding *binding) {
    return binding->direct ? binding->direct->memory : binding->tiles ? binding->tiles->memory : 0;
}

/* Scores a block of rows from `row` on, *count of them. The answer: those that go the general way, a bit
 * each. */
static uint64_t score_block(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                            mr_row_result *rows, uint32_t row, mr_work *work, void *memory, uint32_t *count) {
    uint32_t most = binding->direct ? binding->direct->rows : binding->tiles ? binding->tiles->rows : 1;
    *count = in->row_count - row < most ? in->row_count - row : most;
    if (binding->direct) return mr_direct_score(binding, in, out, rows, row, *count, work, memory);
    if (binding->tiles) return mr_tile_score(binding->tiles, in, out, rows, row, *count, work, memory);
    return 1;
}

static mr_status score_rows(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                            mr_row_result *rows, mr_scratch *scratch, mr_score_progress *progress) {
    mr_work work;
    reader *readers;
    progress->needed = binding->model->work_bytes + MESSAGE_BYTES + block_memory(binding) +
                       (binding->model->base.shape.input_count + 2) * sizeof *readers;
    if (!take_work(binding->model, block_memory(binding), scratch, &work, &readers)) return MR_MORE_MEMORY;
    void *memory = readers + binding->model->base.shape.input_count;
    bool open = false;
    for (uint32_t row = progress->row, count = 1; row < in->row_count; row += count) {
        uint64_t left = score_block(binding, in, out, rows, row, &work, memory, &count);
        for (; left; left &= left - 1) {
            uint32_t one = row + (uint32_t)__builtin_ctzll(left);
            if (!open) open_work(binding, in, &work, readers);
            open = true;
            if (score_row(binding, in, out, rows, one, readers, &work)) continue;
            progress->row = one;
            progress->needed += work.taken;
            return MR_MORE_MEMORY;
        }
    }
    progress->row = in->row_count;
    progress->needed = 0;
    return MR_OK;
}

/* The rows of a group go into it one after the other; a row that is invalid makes the group so. */
static bool score_group(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                        mr_row_result *results, const mr_groups *groups, uint32_t group,
                        const reader *readers, mr_work *work) {
    const mr_evaluator *root = binding->model->root;
    uint32_t invalid = MR_NONE, last = MR_NONE;
    begin_row(work);
    root->begin(root, work);
    for (uint32_t row = groups->first[group]; row != MR_NONE && !work->invalid; row = groups->next[row]) {
        last = row;
        invalid = read_row(binding, row, readers, work);
        if (invalid == MR_NONE) root->add(root, work);
    }
    if (!work->invalid) mr_evaluator_run(root, work);
    return finish_row(binding, in, last, invalid, work, out, results, group);
}

/* After MR_MORE_MEMORY the rows are grouped anew. So that this happens seldom, memory is asked for as if the
 * groups to come need twice what those before did. */
static mr_status score_groups(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                              mr_row_result *rows, mr_scratch *scratch, mr_score_progress *progress) {
    mr_work work;
    reader *readers;
    uint32_t inputs = binding->model->base.shape.input_count;
    uint32_t field = binding->fields[binding->model->base.shape.group_input];
    size_t memory = mr_groups_size(in->row_count), taken = 0;
    progress->needed = binding->model->work_bytes + (inputs + 2) * sizeof *readers + memory + MESSAGE_BYTES;
    if (!take_work(binding->model, memory, scratch, &work, &readers)) return MR_MORE_MEMORY;
    open_work(binding, in, &work, readers);
    mr_groups groups;
    mr_groups_find(field < in->column_count ? &in->columns[field] : NULL, in->row_count, binding->seed,
                   readers + inputs, &groups);
    for (uint32_t first = progress->row, group = first; group < groups.count; group++) {
        bool done = score_group(binding, in, out, rows, &groups, group, readers, &work);
        taken += work.taken + (work.invalid || work.failure ? MESSAGE_BYTES : 0);
        if (done) continue;
        progress->row = group;
        progress->needed += taken + 2 * (taken / (group - first + 1)) * (groups.count - group);
        return MR_MORE_MEMORY;
    }
    out->row_count = groups.count;
    progress->row = in->row_count;
    progress->needed = 0;
    return MR_OK;
}

mr_status mr_pmml_score(const mr_binding *base, const mr_frame *in, mr_frame *out, mr_row_result *rows,
                        mr_scratch *scratch, mr_score_progress *progress) {
    const mr_pmml_binding *binding = (const mr_pmml_binding *)base;
    uint32_t row = progress->row;
    if (base->model->shape.arity == MR_SCORES_GROUPS)
        return score_groups(binding, in, out, rows, scratch, progress);
    if (in->row_count - row != 1 || !binding->direct || !binding->direct->alone ||
        !mr_direct_score_row(binding, in, out, rows, row))
        return score_rows(binding, in, out, rows, scratch, progress);
    progress->row++;
    return MR_OK;
}
