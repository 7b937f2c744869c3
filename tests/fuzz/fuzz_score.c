/* Records against models: whatever cells hold, a row gets a result or a reason, and the same one whether it
 * is scored alone or in a batch.
 *
 * The models are those of corpus/pmml that load, in the order of their names. The first byte of an input
 * chooses one; then each cell takes a byte that says of which kind it is, and as many as its value has.
 */
#include <dirent.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "millrace/model.h"

enum { ROWS = 8, MODELS = 64, TEXT_MAX = 24 };

typedef struct subject {
    mr_model *model;
    mr_schema *schema;
    mr_binding *binding;
    mr_frame *in, *single, *out, *alone;
    mr_scratch *scratch, *own;
} subject;

static subject subjects[MODELS];
static unsigned subject_count;

static void must(mr_status status) {
    if (status != MR_OK) abort();
}

static void open_subject(mr_model *model) {
    const mr_model_shape *shape = mr_model_get_shape(model);
    subject *s = &subjects[subject_count];
    mr_field *fields = calloc(shape->input_count + 1, sizeof *fields);
    mr_type *types = calloc(shape->input_count + 1, sizeof *types);
    for (uint32_t i = 0; i < shape->input_count; i++) {
        fields[i] = (mr_field){shape->inputs[i].name, shape->inputs[i].type, shape->inputs[i].measure};
        types[i] = shape->inputs[i].type;
    }
    s->model = model;
    must(mr_schema_new(fields, shape->input_count, &s->schema, NULL));
    must(mr_model_bind(model, s->schema, NULL, 0, &s->binding, NULL));
    must(mr_frame_new(types, shape->input_count, ROWS, &s->in, NULL));
    must(mr_frame_new(types, shape->input_count, 1, &s->single, NULL));
    must(mr_binding_new_output(s->binding, ROWS, &s->out, NULL));
    must(mr_binding_new_output(s->binding, 1, &s->alone, NULL));
    must(mr_scratch_new(0, &s->scratch, NULL));
    must(mr_scratch_new(0, &s->own, NULL));
    free(fields);
    free(types);
    subject_count++;
}

static int by_name(const struct dirent *entry) {
    return strstr(entry->d_name, ".pmml") != NULL;
}

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    struct dirent **entries;
    int found = scandir(MODELS_FOLDER, &entries, by_name, alphasort);
    for (int i = 0; i < found; i++) {
        char path[4096];
        mr_model *model;
        snprintf(path, sizeof path, "%s/%s", MODELS_FOLDER, entries[i]->d_name);
        if (subject_count < MODELS && mr_model_load_file(path, NULL, NULL, &model, NULL) == MR_OK) {
            if (mr_model_get_shape(model)->arity == MR_SCORES_ROWS) open_subject(model);
            else mr_model_release(model);
        }
        free(entries[i]);
    }
    free(entries);
    if (subject_count == 0) abort(); /* the folder got lost */
    return 0;
}

typedef struct bytes {
    const uint8_t *at, *end;
} bytes;

static uint8_t take_byte(bytes *b) {
    return b->at < b->end ? *b->at++ : 0;
}

static double take_number(bytes *b, uint8_t kind) {
    static const double odd[] = {0, -0.0, 1, -1, 0.5, NAN, INFINITY, -INFINITY, 5e-324, 1e308, 3, 100};
    if (kind % 2) return odd[take_byte(b) % (sizeof odd / sizeof odd[0])];
    double number = 0;
    uint8_t raw[sizeof number];
    for (size_t i = 0; i < sizeof raw; i++) raw[i] = take_byte(b);
    memcpy(&number, raw, sizeof number);
    return number;
}

static void take_text(bytes *b, const mr_schema *schema, mr_text *text) {
    uint32_t size = take_byte(b) % TEXT_MAX;
    if (size > (size_t)(b->end - b->at)) size = (uint32_t)(b->end - b->at);
    *text = (mr_text){(const char *)b->at, size, mr_schema_code(schema, (const char *)b->at, size)};
    b->at += size;
}

static void take_cell(bytes *b, const mr_schema *schema, mr_column *column, uint32_t row) {
    uint8_t kind = take_byte(b);
    void *cell = mr_cell(column, row);
    *mr_cell_state_at(column, row) = kind >= 240   ? MR_CELL_INVALID
                                     : kind >= 200 ? MR_CELL_MISSING
                                                   : MR_CELL_PRESENT;
    if (column->type == MR_TYPE_DOUBLE) *(double *)cell = take_number(b, kind);
    if (column->type == MR_TYPE_FLOAT) *(float *)cell = (float)fmin(fmax(take_number(b, kind), -3e38), 3e38);
    if (column->type == MR_TYPE_INTEGER) *(int64_t *)cell = (int8_t)take_byte(b);
    if (column->type == MR_TYPE_BOOLEAN) *(uint8_t *)cell = kind & 1;
    if (column->type == MR_TYPE_STRING) take_text(b, schema, cell);
}

static size_t cell_size(mr_type type) {
    static const size_t sizes[] = {[MR_TYPE_DOUBLE] = sizeof(double),   [MR_TYPE_FLOAT] = sizeof(float),
                                   [MR_TYPE_INTEGER] = sizeof(int64_t), [MR_TYPE_BOOLEAN] = 1,
                                   [MR_TYPE_STRING] = sizeof(mr_text),  [MR_TYPE_LIST] = sizeof(mr_list)};
    return sizes[type];
}

/* Numbers by their bits, NaN as NaN; strings by their bytes; of lists the length. */
static void compare(const mr_column *a, uint32_t row, const mr_column *b) {
    if (*mr_cell_state_at(a, row) != *mr_cell_state_at(b, 0)) abort();
    if (!mr_cell_present(a, row)) return;
    const void *x = mr_cell(a, row), *y = mr_cell(b, 0);
    if (a->type == MR_TYPE_STRING) {
        const mr_text *s = x, *t = y;
        if (s->size != t->size || (s->size && memcmp(s->data, t->data, s->size) != 0)) abort();
    } else if (a->type == MR_TYPE_LIST) {
        if (((const mr_list *)x)->count != ((const mr_list *)y)->count) abort();
    } else if (a->type == MR_TYPE_DOUBLE && isnan(*(const double *)x) && isnan(*(const double *)y)) {
        return;
    } else if (memcmp(x, y, cell_size(a->type)) != 0) {
        abort();
    }
}

static void score_alone(subject *s, uint32_t row, const mr_row_result *expected) {
    mr_row_result result;
    for (uint32_t i = 0; i < s->in->column_count; i++) {
        const mr_column *from = &s->in->columns[i], *to = &s->single->columns[i];
        memcpy(mr_cell(to, 0), mr_cell(from, row), cell_size(from->type));
        *mr_cell_state_at(to, 0) = *mr_cell_state_at(from, row);
    }
    mr_scratch_reset(s->own);
    must(mr_score_all(s->binding, s->single, s->alone, &result, s->own, NULL));
    if (result.status != expected->status || (result.status == MR_OK) != (result.message == NULL)) abort();
    for (uint32_t i = 0; i < s->out->column_count && result.status == MR_OK; i++)
        compare(&s->out->columns[i], row, &s->alone->columns[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (subject_count == 0) LLVMFuzzerInitialize(NULL, NULL);
    bytes b = {data, data + size};
    subject *s = &subjects[take_byte(&b) % subject_count];
    mr_row_result rows[ROWS];
    for (uint32_t row = 0; row < ROWS; row++)
        for (uint32_t i = 0; i < s->in->column_count; i++) take_cell(&b, s->schema, &s->in->columns[i], row);
    mr_scratch_reset(s->scratch);
    must(mr_score_all(s->binding, s->in, s->out, rows, s->scratch, NULL));
    for (uint32_t row = 0; row < ROWS; row++) score_alone(s, row, &rows[row]);
    return 0;
}
