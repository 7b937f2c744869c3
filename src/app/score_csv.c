/* Rows are read into a block (a batch of them; of a model of groups all), scored, written, in order. */
#include "app/score_csv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "app/progress.h"
#include "base/memory.h"

enum { GROUP_ROWS_MAX = 50000000 };

typedef struct scorer {
    const mr_score_csv_options *options;
    mr_score_csv_count *count;
    FILE *out;
    char delimiter;
    mr_model *model;
    const mr_model_shape *shape;
    mr_csv_input input;
    mr_scratch *scratch;
    /* Of `room` rows. */
    mr_frame *results;
    mr_row_result *outcomes;
    uint32_t room;
    mr_progress progress;
    mr_csv_input_options
        input_options; /* the caller's, with a report that first takes the progress line away */
} scorer;

static void report(void *context, const char *line) {
    scorer *s = context;
    mr_progress_clear(&s->progress);
    s->options->input.report(s->options->input.context, line);
}

static mr_status fail_write(const scorer *s, mr_error *error) {
    const char *path = s->out == stdout ? "standard output" : s->options->output;
    if (errno == EPIPE) return mr_fail(error, MR_CANCELLED, path, "its reader went away");
    return mr_fail(error, MR_IO, path, "cannot be written: %s", strerror(errno));
}

static mr_status open_output(scorer *s, mr_error *error) {
    const char *path = s->options->output;
    struct stat in, out;
    if (path != NULL && fstat(fileno(s->input.file), &in) == 0 && stat(path, &out) == 0 &&
        in.st_dev == out.st_dev && in.st_ino == out.st_ino && S_ISREG(in.st_mode))
        return mr_fail(error, MR_CONFLICT, path, "is the input too; write to another file");
    s->out = path == NULL || strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
    return s->out != NULL ? MR_OK : fail_write(s, error);
}

/* ---- Score ---- */

/* Results for at least the rows of the block. */
static mr_status make_room(scorer *s, mr_error *error) {
    uint32_t rows = s->input.rows;
    if (rows <= s->room) return MR_OK;
    mr_frame_free(s->results);
    mr_free(s->outcomes);
    s->results = NULL;
    s->room = 0;
    s->outcomes = mr_alloc_zero(rows, sizeof *s->outcomes);
    if (s->outcomes == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_status status = mr_binding_new_output(s->input.binding, rows, &s->results, error);
    if (status == MR_OK) s->room = rows;
    return status;
}

static mr_status score_block(scorer *s, mr_error *error) {
    mr_status status = mr_csv_input_fill(&s->input, error);
    if (status == MR_OK) status = make_room(s, error);
    if (status != MR_OK) return status;
    s->results->row_count = s->input.rows;
    mr_scratch_reset(s->scratch);
    return mr_score_all(s->input.binding, s->input.features, s->results, s->outcomes, s->scratch, error);
}

/* ---- Write ---- */

static void write_delimiter(scorer *s, bool *first) {
    if (!*first) fputc(s->delimiter, s->out);
    *first = false;
}

static void write_header(scorer *s) {
    bool first = true;
    for (uint32_t i = 0; s->options->all && i < s->input.cell_count; i++) {
        const char *name = mr_csv_field_name(s->input.reader, i);
        write_delimiter(s, &first);
        mr_csv_write_text(s->out, name, strlen(name), s->delimiter);
    }
    for (uint32_t i = 0; i < s->shape->output_count; i++) {
        const char *name = s->shape->outputs[i].name;
        write_delimiter(s, &first);
        mr_csv_write_text(s->out, name, strlen(name), s->delimiter);
    }
    fputc('\n', s->out);
}

static mr_status write_row(scorer *s, uint32_t row, mr_error *error) {
    bool first = true;
    for (uint32_t i = 0; s->options->all && i < s->input.cell_count; i++) {
        write_delimiter(s, &first);
        const mr_bytes *cell = &s->input.cells[row][i];
        if (cell->data != NULL) mr_csv_write_text(s->out, cell->data, cell->size, s->delimiter);
    }
    for (uint32_t i = 0; i < s->results->column_count; i++) {
        write_delimiter(s, &first);
        mr_status status = mr_csv_write_cell(s->out, &s->results->columns[i], row, s->delimiter, error);
        if (status != MR_OK) return status;
    }
    fputc('\n', s->out);
    s->count->written++;
    return MR_OK;
}

static mr_status write_block(scorer *s, mr_error *error) {
    bool groups = s->shape->arity == MR_SCORES_GROUPS;
    for (uint32_t row = 0; row < s->results->row_count; row++) {
        const mr_row_result *outcome = &s->outcomes[row];
        if (outcome->status != MR_OK)
            mr_csv_input_report(&s->input, groups ? "group" : "row", groups ? row + 1 : s->input.numbers[row],
                                outcome->status, outcome->message);
        else if (write_row(s, row, error) != MR_OK) return error->status;
    }
    return ferror(s->out) ? fail_write(s, error) : MR_OK;
}

/* ---- All ---- */

static mr_status score_rows(scorer *s, mr_error *error) {
    bool ended = false, groups = s->shape->arity == MR_SCORES_GROUPS;
    uint64_t rows = 0;
    mr_progress_start(&s->progress, s->input.file, s->out);
    while (!ended) {
        mr_status status =
            mr_csv_input_read(&s->input, groups ? GROUP_ROWS_MAX : s->options->batch, &ended, error);
        if (status == MR_OK && groups && !ended)
            status = mr_fail(error, MR_LIMIT, s->input.name,
                             "has more than %d rows, the most that are grouped", GROUP_ROWS_MAX);
        if (status == MR_OK && s->input.rows > 0) status = score_block(s, error);
        if (status == MR_OK && s->input.rows > 0) status = write_block(s, error);
        if (status != MR_OK) return status;
        mr_progress_show(&s->progress, rows += s->input.rows, s->input.file);
    }
    mr_progress_end(&s->progress, rows);
    return fflush(s->out) != 0 ? fail_write(s, error) : MR_OK;
}

static mr_status run(scorer *s, mr_error *error) {
    const mr_score_csv_options *o = s->options;
    mr_status status = mr_model_load_file(o->model, NULL, &o->limits, &s->model, error);
    if (status != MR_OK) return status;
    s->shape = mr_model_get_shape(s->model);
    if (s->shape->arity == MR_SCORES_GROUPS && o->all)
        return mr_fail(
            error, MR_INVALID_ARGUMENT, o->model,
            "the model gives one result for many rows, so --all has no rows to keep; leave it out");
    status = mr_csv_input_open(&s->input, &s->input_options, s->model, error);
    if (status == MR_OK) status = mr_scratch_new(64 * 1024, &s->scratch, error);
    if (status == MR_OK) status = open_output(s, error);
    if (status != MR_OK) return status;
    write_header(s);
    return score_rows(s, error);
}

mr_status mr_score_csv(const mr_score_csv_options *options, mr_score_csv_count *count, mr_error *error) {
    scorer s = {.options = options, .count = count};
    s.delimiter = options->input.delimiter;
    s.input_options = options->input;
    s.input_options.report = report;
    s.input_options.context = &s;
    *count = (mr_score_csv_count){0};
    mr_status status = run(&s, error);
    count->failed = s.input.failed;
    mr_progress_clear(&s.progress);
    mr_free(s.outcomes);
    mr_frame_free(s.results);
    mr_scratch_free(s.scratch);
    mr_csv_input_close(&s.input);
    mr_model_release(s.model);
    if (s.out != NULL && s.out != stdout && fclose(s.out) != 0 && status == MR_OK)
        status = mr_fail(error, MR_IO, options->output, "cannot be written: %s", strerror(errno));
    return status;
}
