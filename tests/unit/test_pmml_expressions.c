/* Expressions: the strings of a row, which no model mentions and every row may hold; ends of intervals. */
#include "pmml_expressions.h"

static void strings_of_a_row(void **state) {
    (void)state;
    test_record r = {.s = "unseen", .t = "unseen"};
    check_expression("string", "", REF("s"), &r, "unseen");
    check_expression("boolean", "", APPLY("equal", REF("s") REF("t")), &r, "true");
    check_expression("boolean", "", APPLY("notEqual", REF("s") REF("t")), &r, "false");
    check_expression("boolean", "", APPLY("isIn", REF("s") REF("c") REF("t")), &r, "true");
    r.t = "other", r.c = "low";
    check_expression("boolean", "", APPLY("equal", REF("s") REF("t")), &r, "false");
    check_expression("boolean", "", APPLY("isIn", REF("s") REF("c") REF("t")), &r, "false");
    r.t = "low"; /* a text of the model in a field without declared values */
    check_expression("boolean", "", APPLY("equal", REF("t") REF("c")), &r, "true");
    check_expression("string", "", REF("t"), &r, "low");
    r.s = "";
    check_expression("string", "", REF("s"), &r, "");
    r.s = NULL;
    check_expression("string", "", REF("s"), &r, "missing");
}

static void an_open_end_without_a_margin_holds_infinity(void **state) {
    (void)state;
    const char *below = "<Discretize field=\"x\" defaultValue=\"9\"><DiscretizeBin binValue=\"1\">"
                        "<Interval closure=\"openOpen\" rightMargin=\"5\"/></DiscretizeBin></Discretize>";
    check_expression("integer", "", below, &(test_record){.x = "-Infinity"}, "1");
    check_expression("integer", "", below, &(test_record){.x = "5"}, "9");
}

/* Many rows in one call: each has its own strings, and all of them last. */
static void strings_of_many_rows(void **state) {
    (void)state;
    enum { ROWS = 100 };
    const char *xml = expression_model("string", "categorical", "", REF("s"));
    scorer s;
    mr_error error;
    assert_int_equal(scorer_open(&s, xml, ROWS, &error), MR_OK);
    char texts[ROWS][16];
    mr_row_result results[ROWS];
    for (uint32_t row = 0; row < ROWS; row++) {
        for (uint32_t i = 0; i < 8; i++) set_cell(&s, row, i, NULL);
        snprintf(texts[row], sizeof texts[row], "text %u", row / 2);
        set_cell(&s, row, 4, texts[row]);
    }
    s.in->row_count = s.out->row_count = ROWS;
    assert_int_equal(mr_score_all(s.binding, s.in, s.out, results, s.scratch, NULL), MR_OK);
    memset(texts, 'x', sizeof texts); /* results do not point into the record */
    for (uint32_t row = 0; row < ROWS; row++) {
        char expected[16];
        int size = snprintf(expected, sizeof expected, "text %u", row / 2);
        assert_int_equal(results[row].status, MR_OK);
        const mr_text *cell = mr_cell(&s.out->columns[1], row);
        assert_int_equal(cell->size, size);
        assert_memory_equal(cell->data, expected, (size_t)size);
    }
    scorer_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_of_a_row),
        cmocka_unit_test(an_open_end_without_a_margin_holds_infinity),
        cmocka_unit_test(strings_of_many_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
