/* Small trees by bytes (forest_quick.c) against the walk over nodes, which test_pmml_forest.c holds to the
 * standard's words: random forests of one to eight leaves, thresholds that repeat, more of them than a byte
 * counts, more fields than a table of 16 bytes holds, and rows with missing values, -0.0, infinities,
 * subnormals and NaN. Bit-equal, in any batch. */
#include <math.h>
#include <stdio.h>

#include "pmml/distance/kernels.h"
#include "pmml/pmml_model.h"
#include "pmml/tree/forest.h"
#include "pmml_helper.h"

enum { ROWS = 150, TREES = 700, FIELDS = 40, POINTS = 1200, TEXT = 1 << 22 };

static uint64_t seed = 88172645463325252u;
static int pick(int below) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (int)(seed % (uint64_t)below);
}

static double points[POINTS] = {-INFINITY,          -2.5, -5e-324, -0.0, 0, 5e-324, 1,
                                1.0000000000000002, 7.25, INFINITY};
static int point_count, field_count;
static const char *const texts[] = {"-INF", "INF"};

static char *print_number(char *at, double x) {
    if (isinf(x)) return stpcpy(at, texts[x > 0]);
    return at + sprintf(at, "%.17g", x);
}

static char *print_node(char *at, int leaves, const char *operator, int field, double point) {
    at += sprintf(at, "<Node score=\"");
    at = print_number(at, pick(20) ? ldexp(pick(2000) - 1000, pick(60) - 30) / 7 : -0.0);
    if (!operator) at += sprintf(at, "\"><True/>");
    else {
        at += sprintf(at, "\"><SimplePredicate field=\"f%d\" operator=\"%s\" value=\"", field, operator);
        at = print_number(at, point);
        at += sprintf(at, "\"/>");
    }
    if (leaves > 1) {
        static const char *const pairs[][2] = {{"lessOrEqual", "greaterThan"},
                                               {"lessThan", "greaterOrEqual"}};
        int left = 1 + pick(leaves - 1), pair = pick(2), swap = pick(2), of = pick(field_count);
        double at_point = points[pick(point_count)];
        at = print_node(at, left, pairs[pair][swap], of, at_point);
        at = print_node(at, leaves - left, pairs[pair][!swap], of, at_point);
    }
    return at + sprintf(at, "</Node>");
}

static void print_forest(char *at, int trees, int most) {
    static const char *const methods[] = {"sum", "average", "weightedAverage"}, *const missing[] = {
                                                                                    "nullPrediction",
                                                                                    "lastPrediction", "none"};
    const char *strategy = missing[pick(3)];
    bool full = trees == TREES;
    at += sprintf(at, "%s<DataDictionary>", XML_HEAD);
    for (int i = 0; i < field_count; i++)
        at += sprintf(at, "<DataField name=\"f%d\" optype=\"continuous\" dataType=\"%s\"/>", i,
                      pick(4) ? "double" : "float");
    at += sprintf(at, "</DataDictionary><MiningModel functionName=\"regression\"><MiningSchema>");
    for (int i = 0; i < field_count; i++) at += sprintf(at, "<MiningField name=\"f%d\"/>", i);
    at += sprintf(at, "</MiningSchema><Segmentation multipleModelMethod=\"%s\">", methods[pick(3)]);
    for (int i = 0; i < trees; i++) {
        at +=
            sprintf(at,
                    "<Segment weight=\"%d\"><True/><TreeModel functionName=\"regression\" "
                    "missingValueStrategy=\"%s\" noTrueChildStrategy=\"returnLastPrediction\"><MiningSchema>",
                    i % 3 + 1, strategy);
        for (int k = 0; k < field_count; k++) at += sprintf(at, "<MiningField name=\"f%d\"/>", k);
        at += sprintf(at, "</MiningSchema>");
        at = print_node(at, i == 0 || full ? most : 1 + pick(most), NULL, 0, 0);
        at += sprintf(at, "</TreeModel></Segment>");
    }
    strcpy(at, "</Segmentation></MiningModel>" XML_TAIL);
}

static void open_with(scorer *s, const char *xml, unsigned kernels) {
    mr_error error = {0};
    mr_kernels = kernels;
    mr_status status = scorer_open_as(s, xml, ROWS, true, &error);
    mr_kernels = ~0u;
    if (status != MR_OK) print_error("%s: %s\n", error.where, error.message);
    assert_int_equal(status, MR_OK);
}

static const mr_forest_quick *quick_of(const scorer *s) {
    const mr_pmml_model *model = ((const mr_pmml_binding *)s->binding)->model;
    assert_ptr_equal(model->root->tiles, &mr_forest_tiles);
    return ((const mr_forest *)model->root->model)->quick;
}

static bool has_avx2(void) {
#if defined __x86_64__
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

static void set_row(scorer *const *all, int count, uint32_t row) {
    bool holes = pick(8) == 0;
    for (int i = 0; i < field_count; i++) {
        double x = points[pick(point_count)];
        if (pick(3) == 0) x = nextafter(x, pick(2) ? INFINITY : -INFINITY);
        if (pick(9) == 0) x = -0.0;
        if (pick(1500) == 0) x = pick(2) ? (double)NAN : -(double)NAN;
        bool missing = holes && pick(field_count) == 0;
        for (int k = 0; k < count; k++) {
            mr_column *column = &all[k]->in->columns[i];
            *(double *)mr_cell(column, row) = x;
            *mr_cell_state_at(column, row) = missing ? MR_CELL_MISSING : MR_CELL_PRESENT;
        }
    }
}

static void score(scorer *s, mr_row_result *results, uint32_t first, uint32_t count) {
    mr_score_progress progress = {.row = first};
    memset(s->out->columns[0].data, 0x55, s->out->columns[0].stride * ROWS);
    s->in->row_count = first + count;
    mr_scratch_reset(s->scratch);
    while (mr_score(s->binding, s->in, s->out, results, s->scratch, &progress) == MR_MORE_MEMORY)
        assert_int_equal(mr_scratch_grow(s->scratch, progress.needed, NULL), MR_OK);
}

static void assert_same(const scorer *a, const scorer *b, const mr_row_result *x, const mr_row_result *y,
                        uint32_t row) {
    const mr_column *p = &a->out->columns[0], *q = &b->out->columns[0];
    assert_int_equal(x[row].status, y[row].status);
    if (y[row].status != MR_OK) return;
    assert_int_equal(mr_cell_present(p, row), mr_cell_present(q, row));
    if (mr_cell_present(q, row)) assert_memory_equal(mr_cell(p, row), mr_cell(q, row), sizeof(double));
}

static void rows_agree(scorer *const *all, int count) {
    static mr_row_result results[3][ROWS];
    for (int k = 0; k < 12; k++) {
        uint32_t first = (uint32_t)pick(4), rows = 1 + (uint32_t)pick(k < 6 ? 40 : ROWS - 4);
        for (uint32_t row = first; row < first + rows; row++) set_row(all, count, row);
        for (int i = 0; i < count; i++) score(all[i], results[i], first, rows);
        for (int i = 0; i + 1 < count; i++)
            for (uint32_t row = first; row < first + rows; row++)
                assert_same(all[i], all[count - 1], results[i], results[count - 1], row);
        for (uint32_t row = first; row < first + rows && row < first + 9; row++)
            for (int i = 0; i + 1 < count; i++) {
                score(all[i], results[i], row, 1);
                assert_same(all[i], all[count - 1], results[i], results[count - 1], row);
            }
    }
}

/* Forests of few and of many trees, fields and thresholds: whole as they are, as tiles, and walked. */
static void bytes_agree_with_the_walk(void **state) {
    (void)state;
    char *text = malloc(TEXT);
    assert_non_null(text);
    uint32_t most_bytes = 0;
    for (int i = 10; i < POINTS; i++) points[i] = ldexp(pick(1 << 20) - (1 << 19), -10);
    for (int round = 0; round < 120; round++) {
        bool many = round % 20 == 0;
        field_count = many ? 1 + pick(3) : 1 + pick(round % 2 ? 6 : FIELDS);
        point_count = many ? POINTS : 10 + pick(200);
        scorer direct, tiles, walk;
        int least = field_count > 10 ? 3 * field_count : 32;
        print_forest(text, many ? TREES : least + pick(60), 2 + pick(7));
        open_with(&direct, text, ~0u);
        open_with(&tiles, text, ~(unsigned)MR_KERNEL_DIRECT);
        open_with(&walk, text, 0);
        assert_int_equal(quick_of(&direct) != NULL, has_avx2());
        assert_int_equal(quick_of(&tiles) != NULL, has_avx2());
        assert_null(quick_of(&walk));
        if (has_avx2() && quick_of(&tiles)->byte_count > most_bytes)
            most_bytes = quick_of(&tiles)->byte_count;
        rows_agree((scorer *const[]){&direct, &tiles, &walk}, 3);
        scorer_free(&direct);
        scorer_free(&tiles);
        scorer_free(&walk);
    }
    if (has_avx2()) assert_true(most_bytes > 16);
    free(text);
}

/* Nine leaves are a walk's, and so are few trees, also beside the fields. */
static void others_are_walked(void **state) {
    (void)state;
    char *text = malloc(TEXT);
    assert_non_null(text);
    point_count = 10;
    static const int shapes[][3] = {{3, 40, 9}, {3, 31, 8}, {20, 59, 8}};
    for (int i = 0; i < 3; i++) {
        scorer s, walk;
        field_count = shapes[i][0];
        print_forest(text, shapes[i][1], shapes[i][2]);
        open_with(&s, text, ~0u);
        open_with(&walk, text, 0);
        assert_null(quick_of(&s));
        rows_agree((scorer *const[]){&s, &walk}, 2);
        scorer_free(&s);
        scorer_free(&walk);
    }
    free(text);
}

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

/* Of loading: no memory is an error, not a slower way, and leaves nothing behind. */
static void any_allocation_may_fail(void **state) {
    (void)state;
    char *text = malloc(TEXT);
    assert_non_null(text);
    field_count = 3, point_count = 10;
    print_forest(text, 33, 8);
    mr_status status = MR_NO_MEMORY;
    for (int n = 0; status != MR_OK; n++) {
        int left = n;
        mr_model *model = NULL;
        mr_error error = {0};
        mr_set_alloc_hook(count_down, &left);
        status = mr_pmml_loader.load(
            text, strlen(text), "test",
            &(mr_model_limits){sizeof(mr_model_limits), 1 << 30, 512, 1000000, (size_t)1 << 30}, &model,
            &error);
        mr_set_alloc_hook(NULL, NULL);
        if (status != MR_OK) assert_int_equal(status, MR_NO_MEMORY);
        else mr_model_release(model);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_agree_with_the_walk),
                                       cmocka_unit_test(others_are_walked),
                                       cmocka_unit_test(any_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
