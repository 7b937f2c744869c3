/* Verification, run: the records through the model like any others, in batches, and compared.
 *
 * Numbers may differ by a share of the expected one, and both may be near to zero (ModelVerification of the
 * standard); all else is compared as text. An absent cell is a missing input, and of an output nothing to
 * compare. What is neither an input nor an output is passed over, and lists, but for those of groups.
 */
#include "pmml/verification.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "core/cell.h"
#include "millrace/model.h"
#include "pmml/document/map.h"
#include "pmml/rule/groups.h"

enum { BATCH = 256 };

typedef struct runner {
    const mr_verification *v;
    const mr_model_shape *shape;
    const char *name;
    mr_error *error;
    uint32_t *inputs, *outputs; /* of each field: its column, or MR_NO_FIELD */
    mr_schema *schema;
    mr_binding *binding;
    mr_frame *in, *out;
    mr_scratch *scratch;
    mr_row_result *rows;
} runner;

static mr_status refuse(const runner *r, uint32_t row, const char *what, const char *field,
                        const char *expected, const char *actual) {
    char where[160];
    size_t length = strlen(r->name);
    const char *name = length > 100 ? r->name + length - 100 : r->name;
    snprintf(where, sizeof where, "%s:%u", name, r->v->lines[row]);
    if (!field)
        return mr_fail(r->error, MR_INVALID_MODEL, where,
                       "the model fails its own verification: record %u has no result: %.200s", row + 1,
                       what);
    return mr_fail(
        r->error, MR_INVALID_MODEL, where,
        "the model fails its own verification: of record %u, \"%.60s\" should be %.60s, and is %.60s",
        row + 1, field, expected, actual);
}

/* ---- Fields ---- */

static bool put_name(mr_map *map, const char *name, uint32_t value) {
    size_t size = strlen(name);
    return mr_map_find(map, name, size) || mr_map_put(map, name, size, value);
}

static uint32_t find_name(const mr_map *map, const char *name) {
    mr_map_item *item = mr_map_find(map, name, strlen(name));
    return item ? item->value : MR_NO_FIELD;
}

/* Where each field is. An input is never compared: a residual takes the target in. */
static bool find_fields(runner *r) {
    mr_map inputs = {0}, outputs = {0};
    bool ok = true;
    for (uint32_t i = 0; i < r->shape->input_count; i++)
        ok = ok && put_name(&inputs, r->shape->inputs[i].name, i);
    for (uint32_t i = 0; i < r->shape->output_count; i++)
        ok = ok && put_name(&outputs, r->shape->outputs[i].name, i);
    for (uint32_t i = 0; i < r->v->field_count && ok; i++) {
        r->inputs[i] = find_name(&inputs, r->v->fields[i].name);
        r->outputs[i] = r->inputs[i] == MR_NO_FIELD ? find_name(&outputs, r->v->fields[i].name) : MR_NO_FIELD;
    }
    mr_map_free(&inputs);
    mr_map_free(&outputs);
    return ok;
}

/* ---- Records ---- */

/* Absent, or an empty cell of a number. */
static bool is_absent(const char *text, mr_type type) {
    return !text || (type != MR_TYPE_STRING && text[strspn(text, " \t\r\n")] == 0);
}

static void set_rows(const runner *r, uint32_t first, uint32_t count) {
    for (uint32_t row = 0; row < count; row++) {
        for (uint32_t i = 0; i < r->shape->input_count; i++)
            *mr_cell_state_at(&r->in->columns[i], row) = MR_CELL_MISSING;
        const char *const *cells = r->v->cells + (size_t)(first + row) * r->v->field_count;
        for (uint32_t i = 0; i < r->v->field_count; i++) {
            uint32_t input = r->inputs[i];
            if (input == MR_NO_FIELD || is_absent(cells[i], r->shape->inputs[input].type)) continue;
            mr_cell_from_text(&r->in->columns[input], row, cells[i], strlen(cells[i]), r->schema);
        }
    }
}

/* ---- Results ---- */

static bool near(double expected, double actual, const mr_verification_field *f) {
    double low = expected * (1 - f->precision), high = expected * (1 + f->precision);
    if (expected >= -f->zero && expected <= f->zero && actual >= -f->zero && actual <= f->zero) return true;
    return expected >= 0 ? actual >= low && actual <= high : actual <= low && actual >= high;
}

/* The cell as text, in `text` of MR_NUMBER_MAX + 1 bytes or where it is. */
static const char *print(const mr_column *column, uint32_t row, char *text, size_t *size) {
    const void *cell = mr_cell(column, row);
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        *size = mr_print_double(text, *(const double *)cell);
        break;
    case MR_TYPE_FLOAT:
        *size = mr_print_double(text, (double)*(const float *)cell);
        break;
    case MR_TYPE_INTEGER:
        *size = mr_print_integer(text, *(const int64_t *)cell);
        break;
    case MR_TYPE_BOOLEAN:
        *size = (size_t)snprintf(text, MR_NUMBER_MAX, "%s", *(const uint8_t *)cell ? "true" : "false");
        break;
    default:
        *size = ((const mr_text *)cell)->size;
        return ((const mr_text *)cell)->data;
    }
    return text;
}

static const char *print_item(const mr_value *item, char *text, size_t *size) {
    mr_column column = {.type = item->type, .data = (void *)(uintptr_t)&item->as};
    uint8_t boolean = item->type == MR_TYPE_BOOLEAN && item->as.boolean;
    if (item->type == MR_TYPE_BOOLEAN) column.data = &boolean;
    return print(&column, 0, text, size);
}

/* `found`: NULL: it is missing. */
static mr_status compare(const runner *r, uint32_t row, uint32_t field, const char *found, size_t size) {
    const mr_verification_field *f = &r->v->fields[field];
    const char *expected = r->v->cells[(size_t)row * r->v->field_count + field];
    char shown[64];
    double wanted, actual;
    if (!found) return refuse(r, row, NULL, f->name, expected, "missing");
    bool numbers =
        mr_parse_double(expected, strlen(expected), &wanted) && mr_parse_double(found, size, &actual);
    if (numbers ? near(wanted, actual, f) : size == strlen(expected) && memcmp(found, expected, size) == 0)
        return MR_OK;
    snprintf(shown, sizeof shown, "%.*s", (int)(size < 60 ? size : 60), found);
    return refuse(r, row, NULL, f->name, expected, shown);
}

static mr_status compare_cell(const runner *r, uint32_t row, uint32_t in_batch, uint32_t field) {
    const mr_column *column = &r->out->columns[r->outputs[field]];
    const char *expected = r->v->cells[(size_t)row * r->v->field_count + field];
    char text[MR_NUMBER_MAX + 1];
    size_t size = 0;
    if (is_absent(expected, column->type) || column->type == MR_TYPE_LIST) return MR_OK;
    const char *found = mr_cell_present(column, in_batch) ? print(column, in_batch, text, &size) : NULL;
    return compare(r, row, field, found, size);
}

static mr_status compare_row(const runner *r, uint32_t row, uint32_t in_batch) {
    bool compares = false;
    for (uint32_t i = 0; i < r->v->field_count; i++)
        compares |= r->outputs[i] != MR_NO_FIELD && r->v->cells[(size_t)row * r->v->field_count + i];
    if (!compares) return MR_OK;
    if (r->rows[in_batch].status != MR_OK) {
        const char *message = r->rows[in_batch].message;
        return refuse(r, row, message ? message : "", NULL, NULL, NULL);
    }
    for (uint32_t i = 0; i < r->v->field_count; i++) {
        mr_status status = r->outputs[i] == MR_NO_FIELD ? MR_OK : compare_cell(r, row, in_batch, i);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* Of a group, the items of a list stand in its rows, one below the other; a single value in the first. */
static mr_status compare_group(const runner *r, const mr_groups *groups, uint32_t group, uint32_t field) {
    const mr_column *column = &r->out->columns[r->outputs[field]];
    bool is_list = column->type == MR_TYPE_LIST, present = mr_cell_present(column, group);
    const mr_list *list = is_list && present ? mr_cell(column, group) : NULL;
    uint32_t at = 0, last = 0, count = list ? list->count : !is_list && present;
    for (uint32_t row = groups->first[group]; row != MR_NO_FIELD; row = groups->next[row]) {
        char text[MR_NUMBER_MAX + 1];
        size_t size = 0;
        const char *found = NULL;
        if (is_absent(r->v->cells[(size_t)row * r->v->field_count + field], column->type)) continue;
        if (at < count)
            found = list ? print_item(&list->items[at], text, &size) : print(column, group, text, &size);
        mr_status status = compare(r, row, field, found, size);
        if (status != MR_OK) return status;
        last = row;
        at++;
    }
    if (at == 0 || at == count) return MR_OK;
    return refuse(r, last, NULL, r->v->fields[field].name, "the last of its list", "not");
}

/* ---- The whole ---- */

static mr_status open(runner *r, mr_model *model) {
    uint32_t count = r->shape->input_count, rows = r->v->row_count;
    if (rows > BATCH && r->shape->arity == MR_SCORES_ROWS) rows = BATCH;
    mr_field *fields = mr_alloc_zero(count + 1, sizeof *fields);
    mr_type *types = mr_alloc_zero(count + 1, sizeof *types);
    r->inputs = mr_alloc_zero(r->v->field_count + 1, sizeof *r->inputs);
    r->outputs = mr_alloc_zero(r->v->field_count + 1, sizeof *r->outputs);
    r->rows = mr_alloc_zero(rows, sizeof *r->rows);
    bool ok = fields && types && r->inputs && r->outputs && r->rows && find_fields(r);
    for (uint32_t i = 0; i < count && ok; i++) {
        const mr_input *input = &r->shape->inputs[i];
        fields[i] = (mr_field){input->name, input->type, input->measure};
        types[i] = input->type;
    }
    mr_status status = ok ? MR_OK : mr_fail(r->error, MR_NO_MEMORY, r->name, "out of memory");
    if (status == MR_OK) status = mr_schema_new(fields, count, &r->schema, r->error);
    if (status == MR_OK) status = mr_model_bind(model, r->schema, NULL, 0, &r->binding, r->error);
    if (status == MR_OK) status = mr_frame_new(types, count, rows, &r->in, r->error);
    if (status == MR_OK) status = mr_binding_new_output(r->binding, rows, &r->out, r->error);
    if (status == MR_OK) status = mr_scratch_new(0, &r->scratch, r->error);
    mr_free(fields);
    mr_free(types);
    return status;
}

static void close(runner *r) {
    mr_frame_free(r->in);
    mr_frame_free(r->out);
    mr_scratch_free(r->scratch);
    mr_binding_free(r->binding);
    mr_schema_release(r->schema);
    mr_free(r->inputs);
    mr_free(r->outputs);
    mr_free(r->rows);
}

static mr_status run_batch(runner *r, uint32_t first, uint32_t count) {
    set_rows(r, first, count);
    r->in->row_count = count;
    mr_scratch_reset(r->scratch);
    mr_status status = mr_score_all(r->binding, r->in, r->out, r->rows, r->scratch, r->error);
    for (uint32_t i = 0; i < count && status == MR_OK; i++) status = compare_row(r, first + i, i);
    return status;
}

static mr_status run_groups(runner *r) {
    uint32_t *memory = mr_alloc(mr_groups_size(r->v->row_count));
    mr_groups groups;
    if (!memory) return mr_fail(r->error, MR_NO_MEMORY, r->name, "out of memory");
    set_rows(r, 0, r->v->row_count);
    r->in->row_count = r->v->row_count;
    mr_status status = mr_score_all(r->binding, r->in, r->out, r->rows, r->scratch, r->error);
    if (status == MR_OK)
        mr_groups_find(&r->in->columns[r->shape->group_input], r->v->row_count, 0, memory, &groups);
    for (uint32_t group = 0; status == MR_OK && group < groups.count; group++) {
        const mr_row_result *result = &r->rows[group];
        if (result->status != MR_OK)
            status = refuse(r, groups.first[group], result->message ? result->message : "", NULL, NULL, NULL);
        for (uint32_t i = 0; i < r->v->field_count && status == MR_OK; i++)
            if (r->outputs[i] != MR_NO_FIELD) status = compare_group(r, &groups, group, i);
    }
    mr_free(memory);
    return status;
}

mr_status mr_verification_run(const mr_verification *v, mr_model *model, const char *name, mr_error *error) {
    runner r = {.v = v, .shape = mr_model_get_shape(model), .name = name ? name : "model", .error = error};
    if (v->row_count == 0) return MR_OK;
    mr_status status = open(&r, model);
    bool groups = r.shape->arity == MR_SCORES_GROUPS;
    if (status == MR_OK && groups) status = run_groups(&r);
    for (uint32_t row = 0; row < v->row_count && status == MR_OK && !groups; row += BATCH)
        status = run_batch(&r, row, v->row_count - row < BATCH ? v->row_count - row : BATCH);
    close(&r);
    return status;
}
