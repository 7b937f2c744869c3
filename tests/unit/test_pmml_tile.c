/* Many rows at once (tiles) against row by row (the general way): the same models, the same random rows with
 * missing, invalid and extreme values, the same bits, or nearly (exponentials). */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "pmml/distance/kernels.h"
#include "pmml/pmml_model.h"
#include "pmml/tile/tile.h"
#include "pmml_helper.h"
#include "pmml_tile_models.h"

enum { ROWS = 200 };

static uint64_t seed = 88172645463325252u;
static int pick(int below) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (int)(seed % (uint64_t)below);
}

static void set_number(scorer *s, uint32_t row, uint32_t i, double number) {
    mr_column *column = &s->in->columns[i];
    void *cell = mr_cell(column, row);
    if (column->type == MR_TYPE_FLOAT) *(float *)cell = (float)number;
    else if (column->type == MR_TYPE_INTEGER) *(int64_t *)cell = (int64_t)number;
    else if (column->type == MR_TYPE_BOOLEAN) *(uint8_t *)cell = number > 0;
    else *(double *)cell = number;
    *mr_cell_state_at(column, row) = MR_CELL_PRESENT;
}

/* Ordinary rows most of the time; else holes, strings that nobody knows, and numbers from the edges. */
static void set_row(scorer *s, uint32_t row, uint32_t inputs) {
    static const char *const words[] = {"red", "green", "none", "x", "blue"};
    static const double edges[] = {
        -3, 2, -1, 2.5, 0, -0.0, 0.3, 0.81, 1e300, INFINITY, -INFINITY, NAN, 2.0000000000000004, 1, 9};
    bool odd = pick(2);
    for (uint32_t i = 0; i < inputs; i++) {
        mr_type type = s->in->columns[i].type;
        int what = odd ? pick(8) : 7;
        if (type == MR_TYPE_STRING) set_cell(s, row, i, words[pick(odd ? 5 : 2)]);
        else if (what == 2)
            set_number(s, row, i,
                       edges[pick(type == MR_TYPE_INTEGER ? 6 : (int)(sizeof edges / sizeof *edges))]);
        else set_number(s, row, i, type == MR_TYPE_INTEGER ? 1 + pick(2) : (pick(4000) - 2000) / 1000.0);
        if (what == 0) *mr_cell_state_at(&s->in->columns[i], row) = MR_CELL_MISSING;
        if (what == 1 && pick(4) == 0) *mr_cell_state_at(&s->in->columns[i], row) = MR_CELL_INVALID;
    }
}

static void score(scorer *s, mr_row_result *results, uint32_t first, uint32_t count) {
    mr_score_progress progress = {.row = first};
    s->in->row_count = first + count;
    mr_scratch_reset(s->scratch);
    while (mr_score(s->binding, s->in, s->out, results, s->scratch, &progress) == MR_MORE_MEMORY)
        assert_int_equal(mr_scratch_grow(s->scratch, progress.needed, NULL), MR_OK);
}

/* `close`: to 1e-12. */
static void assert_same_cell(const mr_column *a, const mr_column *b, uint32_t row, bool close) {
    assert_int_equal(mr_cell_present(a, row), mr_cell_present(b, row));
    if (!mr_cell_present(a, row)) return;
    if (a->type == MR_TYPE_STRING) {
        const mr_text *x = mr_cell(a, row), *y = mr_cell(b, row);
        assert_int_equal(x->size, y->size);
        assert_memory_equal(x->data, y->data, x->size);
        return;
    }
    double x = *(const double *)mr_cell(a, row), y = *(const double *)mr_cell(b, row);
    if (x != x && y != y) return;
    if (x == y || (close && fabs(x - y) <= 1e-12 * fabs(y))) return;
    print_error("row %u: %.17g, not %.17g\n", row, x, y);
    fail();
}

static void open_with(scorer *s, const char *xml, bool wide, unsigned kernels) {
    mr_error error = {0};
    mr_kernels = kernels;
    mr_status status = scorer_open_as(s, xml, ROWS, wide, &error);
    mr_kernels = ~0u;
    if (status != MR_OK) print_error("%s: %s\n", error.where, error.message);
    assert_int_equal(status, MR_OK);
}

/* Rows one by one have the same bits as in a block. */
static void assert_alone_as_together(scorer *s, const mr_row_result *together, uint32_t first,
                                     uint32_t count) {
    static mr_row_result alone[ROWS];
    for (uint32_t row = first; row < first + count; row++) {
        char before[8][sizeof(mr_text)];
        uint8_t states[8];
        mr_status status = together[row].status;
        for (uint32_t i = 0; i < s->out->column_count; i++) {
            mr_column *column = &s->out->columns[i];
            size_t size = column->type == MR_TYPE_STRING ? sizeof(mr_text) : sizeof(double);
            memcpy(before[i], mr_cell(column, row), size);
            memset(mr_cell(column, row), 0x55, size);
            states[i] = *mr_cell_state_at(column, row);
            *mr_cell_state_at(column, row) = 77;
        }
        score(s, alone, row, 1);
        assert_int_equal(alone[row].status, status);
        for (uint32_t i = 0; i < s->out->column_count && status == MR_OK; i++) {
            const mr_column *column = &s->out->columns[i];
            size_t size = column->type == MR_TYPE_STRING ? sizeof(mr_text) : sizeof(double);
            assert_int_equal(states[i], *mr_cell_state_at(column, row));
            if (states[i] == MR_CELL_PRESENT) assert_memory_equal(before[i], mr_cell(column, row), size);
        }
    }
}

/* Sums that are computed together; trees read none. */
static uint32_t sums_together(const mr_tile_plan *plan) {
    for (uint32_t i = 0; i < plan->op_count; i++)
        if (plan->ops[i].kind == TILE_SUM) return ((const mr_tile_sums *)plan->ops[i].of)->width;
    return 0;
}

static void copy_row(const scorer *from_scorer, scorer *to_scorer, uint32_t inputs, uint32_t row) {
    for (uint32_t i = 0; i < inputs; i++) {
        mr_column *from = &from_scorer->in->columns[i], *to = &to_scorer->in->columns[i];
        memcpy(mr_cell(to, row), mr_cell(from, row), from->type == MR_TYPE_STRING ? sizeof(mr_text) : 8);
        *mr_cell_state_at(to, row) = *mr_cell_state_at(from, row);
        if (from->type != MR_TYPE_STRING) continue;
        mr_text *text = mr_cell(to, row);
        text->code = mr_schema_code(to_scorer->schema, text->data, text->size);
    }
}

static void assert_same_results(const scorer *a, const mr_row_result *of_a, const scorer *b,
                                const mr_row_result *of_b, uint32_t row, bool close) {
    assert_int_equal(of_a[row].status, of_b[row].status);
    if (of_b[row].message) assert_string_equal(of_a[row].message, of_b[row].message);
    for (uint32_t i = 0; of_b[row].status == MR_OK && i < a->out->column_count; i++)
        assert_same_cell(&a->out->columns[i], &b->out->columns[i], row, close);
}

/* The general way has libm's exponential; with AVX2 or without, but for networks, the bits are the same. */
static void ways_agree(void **state) {
    (void)state;
    static mr_row_result many[ROWS], each[ROWS], narrow[ROWS];
    for (int model = 0; model < MODELS; model++) {
        for (int round = 0; round < 60; round++) {
            scorer tiles, general, other;
            bool wide = pick(2);
            uint32_t first = (uint32_t)pick(5), count = pick(3) ? 1 + (uint32_t)pick(ROWS - 5) : 1;
            open_with(&tiles, models[model], wide, pick(2) ? ~0u : ~(unsigned)MR_KERNEL_AVX2);
            open_with(&general, models[model], wide, 0);
            open_with(&other, models[model], wide, ~(unsigned)MR_KERNEL_AVX2);
            assert_non_null(((const mr_pmml_binding *)tiles.binding)->tiles);
            assert_null(((const mr_pmml_binding *)general.binding)->tiles);
            assert_int_equal(((const mr_pmml_binding *)tiles.binding)->tiles->alone,
                             model < 2 || model >= PLAIN);
            if (model >= NETWORKS && model != TREES && model != PLAIN && model < CHAINS)
                assert_int_equal(sums_together(((const mr_pmml_binding *)tiles.binding)->tiles), 3);
            uint32_t inputs = mr_model_get_shape(tiles.model)->input_count;
            for (uint32_t row = first; row < first + count; row++) {
                set_row(&tiles, row, inputs);
                copy_row(&tiles, &general, inputs, row);
                copy_row(&tiles, &other, inputs, row);
            }
            score(&tiles, many, first, count);
            score(&general, each, first, count);
            score(&other, narrow, first, count);
            for (uint32_t row = first; row < first + count; row++) {
                assert_same_results(&tiles, many, &general, each, row, model != TREES);
                assert_same_results(&tiles, many, &other, narrow, row, model < NETWORKS);
            }
            assert_alone_as_together(&tiles, many, first, count);
            scorer_free(&tiles);
            scorer_free(&general);
            scorer_free(&other);
        }
    }
}

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

/* Of binding: a plan that finds no memory is an error, not a slower way, and leaves nothing behind. */
static void any_allocation_of_a_plan_may_fail(void **state) {
    (void)state;
    for (int model = 0; model < MODELS; model++) {
        scorer s;
        mr_error error = {0};
        open_with(&s, models[model], false, ~0u);
        mr_status status = MR_NO_MEMORY;
        int n = 0;
        for (; status != MR_OK; n++) {
            int left = n;
            mr_binding *binding = NULL;
            mr_set_alloc_hook(count_down, &left);
            status = mr_model_bind(s.model, s.schema, NULL, 0, &binding, &error);
            mr_set_alloc_hook(NULL, NULL);
            assert_int_equal(status == MR_OK, binding != NULL);
            if (status != MR_OK) assert_int_equal(status, MR_NO_MEMORY);
            else assert_non_null(((const mr_pmml_binding *)binding)->tiles);
            mr_binding_free(binding);
        }
        assert_true(n > 5);
        scorer_free(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(ways_agree),
                                       cmocka_unit_test(any_allocation_of_a_plan_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
