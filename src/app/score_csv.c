/* Rows are read into a block (a batch of them; of a model of groups all), scored, written, in order.
 *
 * A row's cells are copied into the block's arena, because the reader keeps one row only and `--all` writes
 * them again. All memory is reused from block to block.
 */
#include "app/score_csv.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "codec/csv.h"

enum { GROUP_ROWS_MAX = 50000000 };

typedef struct scorer {
    const mr_score_csv_options *options;
    mr_score_csv_count *count;
    const char *name; /* of the input, for messages */
    FILE *in, *out;
    mr_model *model;
    const mr_model_shape *shape;
    mr_csv_reader *reader;
    mr_name_mapping *mapping;
    mr_schema *schema;
    mr_binding *binding;
    mr_scratch *scratch;
    uint32_t *columns;
    uint32_t cell_count; /* of a row */
    /* The block. */
    mr_bytes **cells; /* of each row */
    size_t capacity;
    uint64_t *numbers; /* of each row, in the file */
    size_t number_capacity;
    uint32_t rows;
    mr_arena arena;
    /* Frames for `room` rows. */
    mr_frame *features, *results;
    mr_row_result *outcomes;
    uint32_t room;
} scorer;

static void report_row(scorer *s, const char *what, uint64_t row, mr_status status, const char *message) {
    char line[1024];
    snprintf(line, sizeof line, "%s: %s %" PRIu64 ": %s", s->name, what, row,
             message && *message ? message : mr_status_meaning(status));
    s->options->report(s->options->context, line);
    s->count->failed++;
}

/* ---- Open ---- */

static mr_status open_input(scorer *s, mr_error *error) {
    const mr_score_csv_options *o = s->options;
    bool standard = strcmp(o->input, "-") == 0;
    s->name = standard ? "standard input" : o->input;
    s->in = standard ? stdin : fopen(o->input, "re");
    if (s->in == NULL) return mr_fail(error, MR_IO, s->name, "cannot be opened: %s", strerror(errno));
    mr_csv_options csv = {.delimiter = o->delimiter,
                          .fields = o->fields.count ? o->fields.items : NULL,
                          .field_count = (uint32_t)o->fields.count,
                          .missing = o->missing.count ? o->missing.items : NULL,
                          .missing_count = (uint32_t)o->missing.count};
    mr_status status = mr_csv_reader_new(s->in, s->name, &csv, &s->reader, error);
    if (status == MR_OK) s->cell_count = mr_csv_field_count(s->reader);
    return status;
}

static mr_status fail_write(const scorer *s, mr_error *error) {
    const char *path = s->out == stdout ? "standard output" : s->options->output;
    if (errno == EPIPE) return mr_fail(error, MR_CANCELLED, path, "its reader went away");
    return mr_fail(error, MR_IO, path, "cannot be written: %s", strerror(errno));
}

static mr_status open_output(scorer *s, mr_error *error) {
    const char *path = s->options->output;
    struct stat in, out;
    if (path != NULL && fstat(fileno(s->in), &in) == 0 && stat(path, &out) == 0 && in.st_dev == out.st_dev &&
        in.st_ino == out.st_ino && S_ISREG(in.st_mode))
        return mr_fail(error, MR_CONFLICT, path, "is the input too; write to another file");
    s->out = path == NULL || strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
    return s->out != NULL ? MR_OK : fail_write(s, error);
}

static mr_status bind_model(scorer *s, mr_error *error) {
    const mr_pairs *pairs = &s->options->mapping;
    s->mapping = mr_alloc_zero(pairs->count, sizeof *s->mapping);
    if (s->mapping == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    for (size_t i = 0; i < pairs->count; i++)
        s->mapping[i] = (mr_name_mapping){pairs->items[i].name, pairs->items[i].value};
    mr_status status = mr_csv_schema(s->reader, s->shape->inputs, s->shape->input_count, s->mapping,
                                     pairs->count, &s->schema, error);
    if (status != MR_OK) return status;
    status = mr_model_bind(s->model, s->schema, s->mapping, pairs->count, &s->binding, error);
    if (status != MR_OK) return status;
    s->columns = mr_alloc_zero(mr_schema_count(s->schema), sizeof *s->columns);
    if (s->columns == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_csv_bind(s->reader, s->schema, s->columns);
    return mr_scratch_new(64 * 1024, &s->scratch, error);
}

/* Both sides of --mapping must be there: a misspelt one would be a column that is always missing. */
static mr_status check_mapping(const scorer *s, mr_error *error) {
    const mr_pairs *pairs = &s->options->mapping;
    for (size_t i = 0; i < pairs->count; i++) {
        bool input = false, column = false;
        for (uint32_t j = 0; j < s->shape->input_count; j++)
            input |= strcmp(s->shape->inputs[j].name, pairs->items[i].name) == 0;
        for (uint32_t j = 0; j < s->cell_count; j++)
            column |= strcmp(mr_csv_field_name(s->reader, j), pairs->items[i].value) == 0;
        if (!input)
            return mr_fail(error, MR_NOT_FOUND, "--mapping", "the model has no input \"%.100s\"",
                           pairs->items[i].name);
        if (!column)
            return mr_fail(error, MR_NOT_FOUND, "--mapping", "%s has no column \"%.100s\"", s->name,
                           pairs->items[i].value);
    }
    return MR_OK;
}

static mr_status check_inputs(scorer *s, mr_error *error) {
    uint32_t fed = 0;
    for (uint32_t i = 0; i < s->shape->input_count; i++)
        fed += mr_binding_field(s->binding, i, NULL) != MR_NO_FIELD;
    if (fed == 0 && s->shape->input_count > 0)
        return mr_fail(error, MR_NOT_FOUND, s->name,
                       "no column feeds any input of the model; its first input is \"%.80s\", the first "
                       "column \"%.80s\". "
                       "Name the columns with --fields, or say which feeds which with --mapping",
                       s->shape->inputs[0].name, mr_csv_field_name(s->reader, 0));
    for (uint32_t i = 0; i < s->shape->input_count; i++) {
        mr_match match;
        if (mr_binding_field(s->binding, i, &match) != MR_NO_FIELD) continue;
        char line[1536];
        snprintf(line, sizeof line, "%s: %s column for the model's input \"%s\": it is missing in every row",
                 s->name, match == MR_MATCH_AMBIGUOUS ? "more than one" : "no", s->shape->inputs[i].name);
        s->options->report(s->options->context, line);
    }
    return MR_OK;
}

/* ---- Read ---- */

/* Copies a row into the block. */
static mr_status keep_row(scorer *s, const mr_bytes *cells, mr_error *error) {
    size_t rows = s->rows;
    mr_bytes *kept = NULL;
    if (MR_GROW(s->cells, rows, s->capacity) && MR_GROW(s->numbers, rows, s->number_capacity))
        kept = mr_arena_alloc_zero(&s->arena, s->cell_count, sizeof *kept);
    for (uint32_t i = 0; kept != NULL && i < s->cell_count; i++) {
        if (cells[i].data == NULL) continue;
        kept[i].data = mr_arena_copy(&s->arena, cells[i].data, cells[i].size);
        kept[i].size = cells[i].size;
        if (kept[i].data == NULL) kept = NULL;
    }
    if (kept == NULL) return mr_fail(error, MR_NO_MEMORY, s->name, "out of memory");
    s->cells[rows] = kept;
    s->numbers[rows] = mr_csv_row_number(s->reader);
    s->rows++;
    return MR_OK;
}

/* Fills the block; *ended: the file has no more. */
static mr_status read_block(scorer *s, uint32_t most, bool *ended, mr_error *error) {
    s->rows = 0;
    mr_arena_reset(&s->arena, SIZE_MAX);
    while (s->rows < most && !*ended) {
        const mr_bytes *cells;
        mr_error row_error;
        mr_status status = mr_csv_read(s->reader, &cells, &row_error);
        if (status == MR_SYNTAX || status == MR_LIMIT) {
            report_row(s, "row", mr_csv_row_number(s->reader), status, row_error.message);
            continue;
        }
        if (status != MR_OK) {
            *error = row_error;
            return status;
        }
        *ended = cells == NULL;
        if (cells != NULL && (status = keep_row(s, cells, error)) != MR_OK) return status;
    }
    return MR_OK;
}

/* ---- Score ---- */

/* Frames for at least `rows` rows. */
static mr_status make_room(scorer *s, uint32_t rows, mr_error *error) {
    if (rows <= s->room) return MR_OK;
    mr_frame_free(s->features);
    mr_frame_free(s->results);
    mr_free(s->outcomes);
    s->features = s->results = NULL;
    s->room = 0;
    uint32_t fields = mr_schema_count(s->schema);
    mr_type *types = mr_alloc_zero(fields, sizeof *types);
    s->outcomes = mr_alloc_zero(rows, sizeof *s->outcomes);
    if (types == NULL || s->outcomes == NULL) {
        mr_free(types);
        return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    }
    for (uint32_t i = 0; i < fields; i++) types[i] = mr_schema_field(s->schema, i)->type;
    mr_status status = mr_frame_new(types, fields, rows, &s->features, error);
    mr_free(types);
    if (status == MR_OK) status = mr_binding_new_output(s->binding, rows, &s->results, error);
    if (status == MR_OK) s->room = rows;
    return status;
}

static mr_status score_block(scorer *s, mr_error *error) {
    mr_status status = make_room(s, s->rows, error);
    for (uint32_t row = 0; status == MR_OK && row < s->rows; row++)
        status = mr_csv_fill(s->schema, s->columns, s->cells[row], s->features, row, &s->arena, error);
    if (status != MR_OK) return status;
    s->features->row_count = s->rows;
    s->results->row_count = s->rows;
    mr_scratch_reset(s->scratch);
    return mr_score_all(s->binding, s->features, s->results, s->outcomes, s->scratch, error);
}

/* ---- Write ---- */

static void write_delimiter(scorer *s, bool *first) {
    if (!*first) fputc(s->options->delimiter, s->out);
    *first = false;
}

static void write_header(scorer *s) {
    bool first = true;
    for (uint32_t i = 0; s->options->all && i < s->cell_count; i++) {
        const char *name = mr_csv_field_name(s->reader, i);
        write_delimiter(s, &first);
        mr_csv_write_text(s->out, name, strlen(name), s->options->delimiter);
    }
    for (uint32_t i = 0; i < s->shape->output_count; i++) {
        const char *name = s->shape->outputs[i].name;
        write_delimiter(s, &first);
        mr_csv_write_text(s->out, name, strlen(name), s->options->delimiter);
    }
    fputc('\n', s->out);
}

static mr_status write_row(scorer *s, uint32_t row, mr_error *error) {
    bool first = true;
    for (uint32_t i = 0; s->options->all && i < s->cell_count; i++) {
        write_delimiter(s, &first);
        const mr_bytes *cell = &s->cells[row][i];
        if (cell->data != NULL) mr_csv_write_text(s->out, cell->data, cell->size, s->options->delimiter);
    }
    for (uint32_t i = 0; i < s->results->column_count; i++) {
        write_delimiter(s, &first);
        mr_status status =
            mr_csv_write_cell(s->out, &s->results->columns[i], row, s->options->delimiter, error);
        if (status != MR_OK) return status;
    }
    fputc('\n', s->out);
    s->count->written++;
    return MR_OK;
}

static mr_status write_block(scorer *s, mr_error *error) {
    for (uint32_t row = 0; row < s->results->row_count; row++) {
        const mr_row_result *outcome = &s->outcomes[row];
        bool groups = s->shape->arity == MR_SCORES_GROUPS;
        if (outcome->status != MR_OK)
            report_row(s, groups ? "group" : "row", groups ? row + 1 : s->numbers[row], outcome->status,
                       outcome->message);
        else if (write_row(s, row, error) != MR_OK) return error->status;
    }
    return ferror(s->out) ? fail_write(s, error) : MR_OK;
}

/* ---- All ---- */

static mr_status run(scorer *s, mr_error *error) {
    mr_status status = mr_model_load_file(s->options->model, NULL, &s->options->limits, &s->model, error);
    if (status != MR_OK) return status;
    s->shape = mr_model_get_shape(s->model);
    bool groups = s->shape->arity == MR_SCORES_GROUPS;
    if (groups && s->options->all)
        return mr_fail(
            error, MR_INVALID_ARGUMENT, s->options->model,
            "the model gives one result for many rows, so --all has no rows to keep; leave it out");
    if ((status = open_input(s, error)) != MR_OK) return status;
    if ((status = check_mapping(s, error)) != MR_OK) return status;
    if ((status = bind_model(s, error)) != MR_OK) return status;
    if ((status = check_inputs(s, error)) != MR_OK) return status;
    if ((status = open_output(s, error)) != MR_OK) return status;
    write_header(s);
    bool ended = false;
    while (!ended) {
        status = read_block(s, groups ? GROUP_ROWS_MAX : s->options->batch, &ended, error);
        if (status == MR_OK && groups && !ended)
            status = mr_fail(error, MR_LIMIT, s->name, "has more than %d rows, the most that are grouped",
                             GROUP_ROWS_MAX);
        if (status == MR_OK && s->rows > 0) status = score_block(s, error);
        if (status == MR_OK && s->rows > 0) status = write_block(s, error);
        if (status != MR_OK) return status;
    }
    return fflush(s->out) != 0 ? fail_write(s, error) : MR_OK;
}

mr_status mr_score_csv(const mr_score_csv_options *options, mr_score_csv_count *count, mr_error *error) {
    scorer s = {.options = options, .count = count};
    *count = (mr_score_csv_count){0};
    mr_arena_init(&s.arena, 256 * 1024, 0);
    mr_status status = run(&s, error);
    mr_free(s.outcomes);
    mr_frame_free(s.results);
    mr_frame_free(s.features);
    mr_arena_free(&s.arena);
    mr_free(s.numbers);
    mr_free(s.cells);
    mr_free(s.columns);
    mr_scratch_free(s.scratch);
    mr_binding_free(s.binding);
    mr_schema_release(s.schema);
    mr_free(s.mapping);
    mr_csv_reader_free(s.reader);
    mr_model_release(s.model);
    if (s.out != NULL && s.out != stdout && fclose(s.out) != 0 && status == MR_OK)
        status = mr_fail(error, MR_IO, options->output, "cannot be written: %s", strerror(errno));
    if (s.in != NULL && s.in != stdin) fclose(s.in);
    return status;
}
