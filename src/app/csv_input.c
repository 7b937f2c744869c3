/* A row's cells are copied into the block's arena, because the reader keeps one row only and a caller may
 * write them again. All memory is reused from block to block, so a file of any length takes that of one
 * block.
 */
#include "app/csv_input.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "app/csv_lists.h"
#include "base/memory.h"

void mr_csv_input_report(mr_csv_input *input, const char *what, uint64_t number, mr_status status,
                         const char *message) {
    char line[1024];
    snprintf(line, sizeof line, "%s: %s %" PRIu64 ": %s", input->name, what, number,
             message && *message ? message : mr_status_meaning(status));
    input->options->report(input->options->context, line);
    input->failed++;
}

/* ---- Open ---- */

static mr_status open_file(mr_csv_input *input, mr_error *error) {
    const mr_csv_input_options *o = input->options;
    bool standard = strcmp(o->path, "-") == 0;
    input->name = standard ? "standard input" : o->path;
    input->file = standard ? stdin : fopen(o->path, "re");
    if (input->file == NULL)
        return mr_fail(error, MR_IO, input->name, "cannot be opened: %s", strerror(errno));
    mr_csv_options csv = {.delimiter = o->delimiter,
                          .fields = o->fields.count ? o->fields.items : NULL,
                          .field_count = (uint32_t)o->fields.count,
                          .missing = o->missing.count ? o->missing.items : NULL,
                          .missing_count = (uint32_t)o->missing.count};
    mr_status status = mr_csv_reader_new(input->file, input->name, &csv, &input->reader, error);
    if (status == MR_OK) input->cell_count = mr_csv_field_count(input->reader);
    return status;
}

/* Both sides of --mapping must be there: a misspelt one would be a column that is always missing. */
static mr_status check_mapping(const mr_csv_input *input, const mr_model_shape *shape, mr_error *error) {
    const mr_pairs *pairs = &input->options->mapping;
    for (size_t i = 0; i < pairs->count; i++) {
        bool known = false, column = false;
        for (uint32_t j = 0; j < shape->input_count; j++)
            known |= strcmp(shape->inputs[j].name, pairs->items[i].name) == 0;
        for (uint32_t j = 0; j < input->cell_count; j++)
            column |= strcmp(mr_csv_field_name(input->reader, j), pairs->items[i].value) == 0;
        if (!known)
            return mr_fail(error, MR_NOT_FOUND, "--mapping", "the model has no input \"%.100s\"",
                           pairs->items[i].name);
        if (!column)
            return mr_fail(error, MR_NOT_FOUND, "--mapping", "%s has no column \"%.100s\"", input->name,
                           pairs->items[i].value);
    }
    return MR_OK;
}

static mr_status bind_model(mr_csv_input *input, mr_model *model, mr_error *error) {
    const mr_pairs *pairs = &input->options->mapping;
    const mr_model_shape *shape = mr_model_get_shape(model);
    input->mapping = mr_alloc_zero(pairs->count, sizeof *input->mapping);
    if (input->mapping == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    for (size_t i = 0; i < pairs->count; i++)
        input->mapping[i] = (mr_name_mapping){pairs->items[i].name, pairs->items[i].value};
    mr_status status = mr_csv_schema(input->reader, shape->inputs, shape->input_count, input->mapping,
                                     pairs->count, &input->schema, error);
    if (status != MR_OK) return status;
    status = mr_model_bind(model, input->schema, input->mapping, pairs->count, &input->binding, error);
    if (status != MR_OK) return status;
    input->columns = mr_alloc_zero(mr_schema_count(input->schema), sizeof *input->columns);
    if (input->columns == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_csv_bind(input->reader, input->schema, input->columns);
    input->list = UINT32_MAX;
    for (uint32_t i = 0; i < shape->input_count && shape->arity == MR_SCORES_GROUPS; i++) {
        uint32_t field = mr_binding_field(input->binding, i, NULL);
        if (i != shape->group_input && field != MR_NO_FIELD) input->list = input->columns[field];
    }
    return MR_OK;
}

static mr_status check_inputs(const mr_csv_input *input, const mr_model_shape *shape, mr_error *error) {
    uint32_t fed = 0;
    for (uint32_t i = 0; i < shape->input_count; i++)
        fed += mr_binding_field(input->binding, i, NULL) != MR_NO_FIELD;
    if (fed == 0 && shape->input_count > 0)
        return mr_fail(error, MR_NOT_FOUND, input->name,
                       "no column feeds any input of the model; its first input is \"%.80s\", the first "
                       "column \"%.80s\". "
                       "Name the columns with --fields, or say which feeds which with --mapping",
                       shape->inputs[0].name, mr_csv_field_name(input->reader, 0));
    for (uint32_t i = 0; i < shape->input_count; i++) {
        mr_match match;
        if (mr_binding_field(input->binding, i, &match) != MR_NO_FIELD) continue;
        char line[1536];
        snprintf(line, sizeof line, "%s: %s column for the model's input \"%s\": it is missing in every row",
                 input->name, match == MR_MATCH_AMBIGUOUS ? "more than one" : "no", shape->inputs[i].name);
        input->options->report(input->options->context, line);
    }
    return MR_OK;
}

mr_status mr_csv_input_open(mr_csv_input *input, const mr_csv_input_options *options, mr_model *model,
                            mr_error *error) {
    *input = (mr_csv_input){.options = options};
    mr_arena_init(&input->arena, 256 * 1024, 0);
    const mr_model_shape *shape = mr_model_get_shape(model);
    mr_status status = open_file(input, error);
    if (status == MR_OK) status = check_mapping(input, shape, error);
    if (status == MR_OK) status = bind_model(input, model, error);
    if (status == MR_OK) status = check_inputs(input, shape, error);
    return status;
}

void mr_csv_input_close(mr_csv_input *input) {
    mr_frame_free(input->features);
    mr_arena_free(&input->arena);
    mr_free(input->numbers);
    mr_free(input->cells);
    mr_free(input->columns);
    mr_binding_free(input->binding);
    mr_schema_release(input->schema);
    mr_free(input->mapping);
    mr_csv_reader_free(input->reader);
    if (input->file != NULL && input->file != stdin) fclose(input->file);
}

/* ---- Read ---- */

/* Copies a row into the block. */
static mr_status keep_row(mr_csv_input *input, const mr_bytes *cells, mr_error *error) {
    size_t rows = input->rows;
    mr_bytes *kept = NULL;
    if (MR_GROW(input->cells, rows, input->capacity) && MR_GROW(input->numbers, rows, input->number_capacity))
        kept = mr_arena_alloc_zero(&input->arena, input->cell_count, sizeof *kept);
    for (uint32_t i = 0; kept != NULL && i < input->cell_count; i++) {
        if (cells[i].data == NULL) continue;
        kept[i].data = mr_arena_copy(&input->arena, cells[i].data, cells[i].size);
        kept[i].size = cells[i].size;
        if (kept[i].data == NULL) kept = NULL;
    }
    if (kept == NULL) return mr_fail(error, MR_NO_MEMORY, input->name, "out of memory");
    input->cells[rows] = kept;
    input->numbers[rows] = mr_csv_row_number(input->reader);
    input->rows++;
    return MR_OK;
}

/* A row for each item of a list; the other cells are the same. */
static mr_status keep_items(mr_csv_input *input, const mr_bytes *cells, mr_error *error) {
    mr_bytes *items;
    uint32_t count = 0;
    bool failed = false;
    if (input->list >= input->cell_count ||
        (!mr_csv_list(&cells[input->list], &input->arena, &items, &count, &failed) && !failed))
        return keep_row(input, cells, error);
    mr_bytes *row = failed ? NULL : mr_arena_alloc_zero(&input->arena, input->cell_count, sizeof *row);
    if (row == NULL) return mr_fail(error, MR_NO_MEMORY, input->name, "out of memory");
    memcpy(row, cells, input->cell_count * sizeof *row);
    mr_status status = MR_OK;
    for (uint32_t i = 0; i < count && status == MR_OK; i++) {
        row[input->list] = items[i];
        status = keep_row(input, row, error);
    }
    return status;
}

mr_status mr_csv_input_read(mr_csv_input *input, uint32_t most, bool *ended, mr_error *error) {
    input->rows = 0;
    mr_arena_reset(&input->arena, SIZE_MAX);
    while (input->rows < most && !*ended) {
        const mr_bytes *cells;
        mr_error row_error;
        mr_status status = mr_csv_read(input->reader, &cells, &row_error);
        if (status == MR_SYNTAX || status == MR_LIMIT) {
            mr_csv_input_report(input, "row", mr_csv_row_number(input->reader), status, row_error.message);
            continue;
        }
        if (status != MR_OK) {
            *error = row_error;
            return status;
        }
        *ended = cells == NULL;
        if (cells != NULL && (status = keep_items(input, cells, error)) != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status make_room(mr_csv_input *input, mr_error *error) {
    if (input->rows <= input->room) return MR_OK;
    mr_frame_free(input->features);
    input->features = NULL;
    input->room = 0;
    uint32_t fields = mr_schema_count(input->schema);
    mr_type *types = mr_alloc_zero(fields, sizeof *types);
    if (types == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    for (uint32_t i = 0; i < fields; i++) types[i] = mr_schema_field(input->schema, i)->type;
    mr_status status = mr_frame_new(types, fields, input->rows, &input->features, error);
    mr_free(types);
    if (status == MR_OK) input->room = input->rows;
    return status;
}

mr_status mr_csv_input_fill(mr_csv_input *input, mr_error *error) {
    mr_status status = make_room(input, error);
    for (uint32_t row = 0; status == MR_OK && row < input->rows; row++)
        status = mr_csv_fill(input->schema, input->columns, input->cells[row], input->features, row,
                             &input->arena, error);
    if (status == MR_OK) input->features->row_count = input->rows;
    return status;
}
