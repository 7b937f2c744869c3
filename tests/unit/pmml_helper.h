/* What the PMML tests share: a model from text, and rows of it scored from text cells. */
#ifndef PMML_HELPER_H
#define PMML_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/number.h"
#include "core/cell.h"
#include "core/model.h"
#include "pmml/pmml.h"

#define XML_HEAD                                                                                             \
    "<?xml version=\"1.0\"?>\n<PMML xmlns=\"http://www.dmg.org/PMML-4_4\" version=\"4.4\">\n<Header/>\n"
#define XML_TAIL "</PMML>\n"

typedef struct scorer {
    mr_model *model;
    mr_schema *schema;
    mr_binding *binding;
    mr_frame *in, *out;
    mr_scratch *scratch;
    mr_row_result result;
} scorer;

static inline void scorer_free(scorer *s) {
    mr_frame_free(s->in);
    mr_frame_free(s->out);
    mr_scratch_free(s->scratch);
    mr_binding_free(s->binding);
    mr_schema_release(s->schema);
    mr_model_release(s->model);
}

/* A schema of exactly the model's inputs (`wide`: with doubles for floats), and frames of `rows`. Half-made
 * on failure: free it in any case. */
static inline mr_status scorer_open_as(scorer *s, const char *xml, uint32_t rows, bool wide,
                                       mr_error *error) {
    *s = (scorer){0};
    mr_status status = mr_pmml_loader.load(
        xml, strlen(xml), "test",
        &(mr_model_limits){sizeof(mr_model_limits), 1 << 30, 512, 1000000, (size_t)1 << 30}, &s->model,
        error);
    if (status != MR_OK) return status;
    const mr_model_shape *shape = mr_model_get_shape(s->model);
    mr_field fields[64];
    mr_type types[64];
    for (uint32_t i = 0; i < shape->input_count; i++) {
        types[i] = shape->inputs[i].type;
        if (wide && types[i] == MR_TYPE_FLOAT) types[i] = MR_TYPE_DOUBLE;
        fields[i] = (mr_field){shape->inputs[i].name, types[i], shape->inputs[i].measure};
    }
    status = mr_schema_new(fields, shape->input_count, &s->schema, error);
    if (status == MR_OK) status = mr_model_bind(s->model, s->schema, NULL, 0, &s->binding, error);
    if (status == MR_OK) status = mr_frame_new(types, shape->input_count, rows, &s->in, error);
    if (status == MR_OK) status = mr_binding_new_output(s->binding, rows, &s->out, error);
    if (status == MR_OK) status = mr_scratch_new(0, &s->scratch, error);
    return status;
}

static inline mr_status scorer_open(scorer *s, const char *xml, uint32_t rows, mr_error *error) {
    return scorer_open_as(s, xml, rows, false, error);
}

static inline scorer scorer_must(const char *xml) {
    scorer s;
    mr_error error = {0};
    mr_status status = scorer_open(&s, xml, 1, &error);
    if (status != MR_OK) print_error("%s: %s\n", error.where, error.message);
    assert_int_equal(status, MR_OK);
    return s;
}

/* Sets input `i` of a row; NULL: missing. */
static inline void set_cell(scorer *s, uint32_t row, uint32_t i, const char *text) {
    const mr_column *column = &s->in->columns[i];
    if (text) mr_cell_from_text(column, row, text, strlen(text), s->schema);
    else mr_cell_set_state(column, row, MR_CELL_MISSING);
}

/* Scores one row of as many cells as the model has inputs. */
static inline mr_status score_cells(scorer *s, ...) {
    va_list cells;
    va_start(cells, s);
    for (uint32_t i = 0; i < mr_model_get_shape(s->model)->input_count; i++)
        set_cell(s, 0, i, va_arg(cells, const char *));
    va_end(cells);
    mr_scratch_reset(s->scratch);
    assert_int_equal(mr_score_all(s->binding, s->in, s->out, &s->result, s->scratch, NULL), MR_OK);
    return s->result.status;
}

static inline bool out_present(const scorer *s, uint32_t i) {
    return mr_cell_present(&s->out->columns[i], 0);
}
static inline double out_number(const scorer *s, uint32_t i) {
    assert_true(out_present(s, i));
    const void *cell = mr_cell(&s->out->columns[i], 0);
    switch (s->out->columns[i].type) {
    case MR_TYPE_DOUBLE:
        return *(const double *)cell;
    case MR_TYPE_FLOAT:
        return (double)*(const float *)cell;
    case MR_TYPE_INTEGER:
        return (double)*(const int64_t *)cell;
    case MR_TYPE_BOOLEAN:
        return *(const uint8_t *)cell;
    default:
        fail_msg("output %u is no number", i);
        return 0;
    }
}
static inline void assert_text(const scorer *s, uint32_t i, const char *text) {
    assert_true(out_present(s, i));
    const mr_text *cell = mr_cell(&s->out->columns[i], 0);
    assert_int_equal(cell->size, strlen(text));
    assert_memory_equal(cell->data, text, cell->size);
}
static inline void assert_near(double value, double expected) {
    double distance = value > expected ? value - expected : expected - value;
    if (!(distance <= 1e-12 * (expected < 0 ? -expected : expected) + 1e-15)) {
        print_error("%.17g is not %.17g\n", value, expected);
        fail();
    }
}

/* The model must be refused with this status; `where` and `what` must be in the error. */
static inline void assert_refused(const char *xml, mr_status expected, const char *where, const char *what) {
    scorer s;
    mr_error error = {0};
    mr_status status = scorer_open(&s, xml, 1, &error);
    scorer_free(&s);
    if (status != expected || !strstr(error.where, where) || !strstr(error.message, what))
        print_error("%d, not %d: %s: %s\n", (int)status, (int)expected, error.where, error.message);
    assert_int_equal(status, expected);
    assert_non_null(strstr(error.where, where));
    assert_non_null(strstr(error.message, what));
}

static inline _Bool allocations_left(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

/* Loads and scores one row of `cells` with the first, second, ... allocation failing: each time an error,
 * nothing leaks. */
static inline void assert_survives(const char *xml, const char *const *cells) {
    for (int n = 0;; n++) {
        int left = n;
        scorer s;
        mr_error error = {0};
        mr_set_alloc_hook(allocations_left, &left);
        mr_status status = scorer_open(&s, xml, 1, &error);
        for (uint32_t i = 0; status == MR_OK && i < mr_model_get_shape(s.model)->input_count; i++)
            set_cell(&s, 0, i, cells ? cells[i] : NULL);
        if (status == MR_OK) status = mr_score_all(s.binding, s.in, s.out, &s.result, s.scratch, &error);
        mr_set_alloc_hook(NULL, NULL);
        scorer_free(&s);
        if (status == MR_OK) return;
        assert_int_equal(status, MR_NO_MEMORY);
        assert_true(n < 5000);
    }
}
static inline void assert_survives_failing_allocations(const char *xml) {
    assert_survives(xml, NULL);
}

#endif
