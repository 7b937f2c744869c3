/* CSV in: a state machine over the bytes of a file that gathers the cells of one row, unquoted, in one
 * block. A row that is wrong is read to its end all the same, so the next one is right again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "codec/csv.h"

enum { INPUT_SIZE = 65536, DEFAULT_ROW_BYTES = 1 << 20 };

struct mr_csv_reader {
    FILE *file;
    const char *name;
    mr_arena arena; /* owns names and missing texts */
    char delimiter;
    size_t row_bytes;
    const char **fields;
    uint32_t field_count;
    mr_bytes *missing;
    uint32_t missing_count;
    uint64_t rows;  /* read so far, without the header */
    uint64_t lines; /* line ends seen */

    char *row; /* the cells of the row, one behind the other */
    size_t row_size, row_capacity;
    size_t *ends; /* of each cell in the row */
    size_t cell_count, end_capacity;
    mr_bytes *cells;

    size_t at, filled; /* of input */
    char input[INPUT_SIZE];
};

typedef enum row_state { CELL_START, PLAIN, QUOTED, QUOTE_SEEN } row_state;

/* The next byte, or EOF. */
static inline int next_byte(mr_csv_reader *r) {
    if (r->at == r->filled) {
        r->at = 0;
        r->filled = fread(r->input, 1, INPUT_SIZE, r->file);
        if (r->filled == 0) return EOF;
    }
    return (unsigned char)r->input[r->at++];
}

/* About the row that was read last; its line is the one that it ends in. */
static mr_status fail_row(const mr_csv_reader *r, mr_status status, mr_error *error, const char *what) {
    char where[128];
    bool ended = r->filled > 0 && r->at > 0 && r->input[r->at - 1] == '\n';
    snprintf(where, sizeof where, "%.90s:%llu", r->name, (unsigned long long)r->lines + !ended);
    return mr_fail(error, status, where, "%s", what);
}

static mr_status fail_limit(const mr_csv_reader *r, mr_error *error) {
    char what[96];
    if (r->cell_count >= MR_CSV_FIELDS_MAX)
        snprintf(what, sizeof what, "the row has more than %d cells", MR_CSV_FIELDS_MAX);
    else snprintf(what, sizeof what, "the row is longer than %zu bytes", r->row_bytes);
    return fail_row(r, MR_LIMIT, error, what);
}

static mr_status add_byte(mr_csv_reader *r, int c) {
    if (r->row_size >= r->row_bytes) return MR_LIMIT;
    if (!MR_GROW(r->row, r->row_size, r->row_capacity)) return MR_NO_MEMORY;
    r->row[r->row_size++] = (char)c;
    return MR_OK;
}

static mr_status end_cell(mr_csv_reader *r) {
    if (r->cell_count >= MR_CSV_FIELDS_MAX) return MR_LIMIT;
    if (!MR_GROW(r->ends, r->cell_count, r->end_capacity)) return MR_NO_MEMORY;
    r->ends[r->cell_count++] = r->row_size;
    return MR_OK;
}

static row_state step(mr_csv_reader *r, row_state state, int c, mr_status *status) {
    if (c == r->delimiter && state != QUOTED) {
        *status = end_cell(r);
        return CELL_START;
    }
    switch (state) {
    case CELL_START:
        if (c == '"') return QUOTED;
        *status = add_byte(r, c);
        return PLAIN;
    case PLAIN:
        *status = add_byte(r, c);
        return PLAIN;
    case QUOTED:
        if (c == '"') return QUOTE_SEEN;
        *status = add_byte(r, c);
        return QUOTED;
    default:
        if (c == '"') {
            *status = add_byte(r, c);
            return QUOTED;
        }
        if (c != '\r') *status = MR_SYNTAX;
        return QUOTE_SEEN;
    }
}

/* The bytes of one row. *end: there is none. The carriage return of a CRLF is dropped with the line end. */
static mr_status read_bytes(mr_csv_reader *r, bool *end, mr_error *error) {
    row_state state = CELL_START;
    mr_status status = MR_OK;
    bool any = false, quoted_end = false;
    int c;
    r->row_size = 0;
    r->cell_count = 0;
    while ((c = next_byte(r)) != EOF) {
        if (c == '\n') r->lines++;
        if (c == '\n' && state != QUOTED) break;
        any = true;
        mr_status failed = MR_OK;
        row_state next = step(r, state, c, &failed);
        quoted_end = next == QUOTE_SEEN;
        state = next;
        if (status == MR_OK) status = failed;
        if (status == MR_NO_MEMORY) return fail_row(r, status, error, "out of memory");
    }
    if (c == EOF && ferror(r->file))
        return mr_fail(error, MR_IO, r->name, "cannot be read: %s", strerror(errno));
    *end = c == EOF && !any;
    if (!quoted_end && state == PLAIN && r->row[r->row_size - 1] == '\r') r->row_size--;
    if (c == EOF && state == QUOTED) return fail_row(r, MR_SYNTAX, error, "a quoted cell has no end");
    if (status == MR_SYNTAX)
        return fail_row(r, status, error, "text follows a closing quote; quotes in a cell are doubled");
    if (status == MR_LIMIT) return fail_limit(r, error);
    if (r->row_size > 0 || r->cell_count > 0 || quoted_end) status = end_cell(r);
    if (status == MR_LIMIT) return fail_limit(r, error);
    return status == MR_OK ? MR_OK : fail_row(r, status, error, "out of memory");
}

/* The next row that is not empty. */
static mr_status read_row(mr_csv_reader *r, bool *end, mr_error *error) {
    mr_status status;
    do status = read_bytes(r, end, error);
    while (status == MR_OK && !*end && r->cell_count == 0);
    return status;
}

static mr_bytes cell(const mr_csv_reader *r, size_t index) {
    size_t start = index ? r->ends[index - 1] : 0;
    return (mr_bytes){r->row_size ? r->row + start : "", r->ends[index] - start};
}

static bool is_missing(const mr_csv_reader *r, mr_bytes text) {
    for (uint32_t i = 0; i < r->missing_count; i++) {
        if (r->missing[i].size == text.size && memcmp(r->missing[i].data, text.data, text.size) == 0)
            return true;
    }
    return false;
}

mr_status mr_csv_read(mr_csv_reader *r, const mr_bytes **cells, mr_error *error) {
    bool end = false;
    *cells = NULL;
    r->rows++;
    mr_status status = read_row(r, &end, error);
    if (status != MR_OK) return status;
    if (end) {
        r->rows--;
        return MR_OK;
    }
    if (r->cell_count != r->field_count) {
        char what[96];
        snprintf(what, sizeof what, "the row has %zu cells, but there are %u columns", r->cell_count,
                 r->field_count);
        return fail_row(r, MR_SYNTAX, error, what);
    }
    for (uint32_t i = 0; i < r->field_count; i++) {
        mr_bytes text = cell(r, i);
        r->cells[i] = is_missing(r, text) ? (mr_bytes){NULL, 0} : text;
    }
    *cells = r->cells;
    return MR_OK;
}

/* ---- Opening ---- */

static mr_status no_memory(mr_error *error) {
    return mr_fail(error, MR_NO_MEMORY, "csv", "out of memory");
}

/* The name of column `index`; a column without one is called by its place. */
static mr_status set_name(mr_csv_reader *r, uint32_t index, mr_bytes name, mr_error *error) {
    if (name.size > MR_FIELD_NAME_MAX)
        return fail_row(r, MR_LIMIT, error, "the name of a column is too long");
    const char *copy = name.size ? mr_arena_copy(&r->arena, name.data, name.size)
                                 : mr_arena_print(&r->arena, "column %u", index + 1);
    if (copy == NULL) return no_memory(error);
    r->fields[index] = copy;
    return MR_OK;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static mr_status refuse_twins(mr_csv_reader *r, mr_error *error) {
    const char **sorted = mr_alloc_zero(r->field_count, sizeof *sorted);
    if (sorted == NULL) return no_memory(error);
    memcpy(sorted, r->fields, r->field_count * sizeof *sorted);
    qsort(sorted, r->field_count, sizeof *sorted, compare_names);
    mr_status status = MR_OK;
    for (uint32_t i = 1; i < r->field_count && status == MR_OK; i++) {
        if (strcmp(sorted[i - 1], sorted[i]) != 0) continue;
        status = mr_fail(error, MR_CONFLICT, r->name, "two columns are named \"%.200s\"", sorted[i]);
    }
    mr_free(sorted);
    return status;
}

static mr_status read_names(mr_csv_reader *r, const mr_csv_options *options, mr_error *error) {
    bool given = options->fields != NULL, end = false;
    mr_status status = given ? MR_OK : read_row(r, &end, error);
    if (status != MR_OK) return status;
    if (end || (given && options->field_count == 0)) {
        return mr_fail(error, MR_SYNTAX, r->name, "the file is empty: its first row must name the columns");
    }
    size_t count = given ? options->field_count : r->cell_count;
    if (count > MR_CSV_FIELDS_MAX)
        return mr_fail(error, MR_LIMIT, r->name, "more than %d columns", MR_CSV_FIELDS_MAX);
    r->field_count = (uint32_t)count;
    r->fields = mr_arena_alloc_zero(&r->arena, count, sizeof *r->fields);
    r->cells = mr_arena_alloc_zero(&r->arena, count, sizeof *r->cells);
    if (r->fields == NULL || r->cells == NULL) return no_memory(error);
    for (uint32_t i = 0; i < count && status == MR_OK; i++) {
        mr_bytes name = given ? (mr_bytes){options->fields[i], strlen(options->fields[i])} : cell(r, i);
        status = set_name(r, i, name, error);
    }
    return status == MR_OK ? refuse_twins(r, error) : status;
}

static mr_status copy_missing(mr_csv_reader *r, const mr_csv_options *options, mr_error *error) {
    static const char *const empty[] = {""};
    const char *const *texts = options->missing ? options->missing : empty;
    r->missing_count = options->missing ? options->missing_count : 1;
    r->missing = mr_arena_alloc_zero(&r->arena, r->missing_count + 1, sizeof *r->missing);
    if (r->missing == NULL) return no_memory(error);
    for (uint32_t i = 0; i < r->missing_count; i++) {
        size_t size = strlen(texts[i]);
        r->missing[i] = (mr_bytes){mr_arena_copy(&r->arena, texts[i], size), size};
        if (r->missing[i].data == NULL) return no_memory(error);
    }
    return MR_OK;
}

static void skip_byte_order_mark(mr_csv_reader *r) {
    r->filled = fread(r->input, 1, INPUT_SIZE, r->file);
    if (r->filled >= 3 && memcmp(r->input, "\xef\xbb\xbf", 3) == 0) r->at = 3;
}

mr_status mr_csv_reader_new(FILE *file, const char *name, const mr_csv_options *options,
                            mr_csv_reader **reader, mr_error *error) {
    static const mr_csv_options defaults = {0};
    if (options == NULL) options = &defaults;
    char delimiter = options->delimiter ? options->delimiter : ',';
    if (delimiter == '"' || delimiter == '\n' || delimiter == '\r') {
        return mr_fail(error, MR_INVALID_ARGUMENT, "delimiter", "quotes and line ends cannot be delimiters");
    }
    mr_csv_reader *made = mr_alloc(sizeof *made);
    if (made == NULL) return no_memory(error);
    memset(made, 0, offsetof(mr_csv_reader, input));
    made->file = file;
    made->name = name;
    made->delimiter = delimiter;
    made->row_bytes = options->row_bytes ? options->row_bytes : DEFAULT_ROW_BYTES;
    mr_arena_init(&made->arena, 4096, 0);
    skip_byte_order_mark(made);
    mr_status status = copy_missing(made, options, error);
    if (status == MR_OK) status = read_names(made, options, error);
    if (status != MR_OK) {
        mr_csv_reader_free(made);
        return status;
    }
    *reader = made;
    return MR_OK;
}

void mr_csv_reader_free(mr_csv_reader *reader) {
    if (reader == NULL) return;
    mr_arena_free(&reader->arena);
    mr_free(reader->row);
    mr_free(reader->ends);
    mr_free(reader);
}

uint32_t mr_csv_field_count(const mr_csv_reader *reader) {
    return reader->field_count;
}

const char *mr_csv_field_name(const mr_csv_reader *reader, uint32_t field) {
    return field < reader->field_count ? reader->fields[field] : NULL;
}

uint64_t mr_csv_row_number(const mr_csv_reader *reader) {
    return reader->rows;
}
