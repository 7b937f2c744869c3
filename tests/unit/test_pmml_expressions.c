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

/* Where an `orig` repeats: halfway within, the first and the last at the ends. */
static void a_norm_that_jumps(void **state) {
    (void)state;
#define POINT(orig, norm) "<LinearNorm orig=\"" orig "\" norm=\"" norm "\"/>"
    const char *jumps = "<NormContinuous field=\"x\" outliers=\"asExtremeValues\">" POINT("1", "0")
        POINT("1", "2") POINT("2", "3") POINT("2", "4") POINT("2", "6") POINT("3", "7")
            POINT("3", "9") "</NormContinuous>";
    check_expression("double", "", jumps, &(test_record){.x = "1"}, "0");
    check_expression("double", "", jumps, &(test_record){.x = "1.5"}, "2.5");
    check_expression("double", "", jumps, &(test_record){.x = "2"}, "4.5");
    check_expression("double", "", jumps, &(test_record){.x = "2.5"}, "6.5");
    check_expression("double", "", jumps, &(test_record){.x = "3"}, "9");
    check_expression("double", "", jumps, &(test_record){.x = "4"}, "9");
    refuse_expression("double", "",
                      "<NormContinuous field=\"x\">" POINT("1", "0") POINT("1", "2")
                          POINT("2", "3") "</NormContinuous>",
                      MR_UNSUPPORTED, "upright");
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

#define DEFINE(name, type, parameters, body)                                                                 \
    "<DefineFunction name=\"" name "\" optype=\"continuous\"" type ">" parameters body "</DefineFunction>"
#define PARAMETER(name) "<ParameterField name=\"" name "\"/>"
#define DOUBLE          " dataType=\"double\""

static void functions_of_the_model(void **state) {
    (void)state;
    test_record r = {.x = "3", .i = "7", .s = "a", .c = "low"};
    static const char *half =
        DEFINE("half", "", PARAMETER("p"), APPLY("/", REF("p") CONSTANT("integer", "2")));
    check_expression("double", half, APPLY("half", REF("x")), &r, "1.5");
    check_expression("double", half, APPLY("half", REF("i")), &r, "3"); /* its types are those of the call */
    check_expression("double", half, APPLY("half", APPLY("half", REF("x"))), &r, "0.75");
    static const char *typed = DEFINE("half", DOUBLE, "<ParameterField name=\"p\" dataType=\"double\"/>",
                                      APPLY("/", REF("p") CONSTANT("integer", "2")));
    check_expression("double", typed, APPLY("half", REF("i")), &r, "3.5");
    static const char *chain = DEFINE("g", DOUBLE, PARAMETER("p") PARAMETER("q"),
                                      APPLY("-", APPLY("f", REF("q")) APPLY("f", REF("p"))))
        DEFINE("f", DOUBLE, PARAMETER("p"), APPLY("*", REF("p") REF("p")));
    check_expression("double", chain, APPLY("g", REF("x") REF("i")), &r, "40");
    check_expression("boolean",
                     DEFINE("f", " dataType=\"boolean\"", PARAMETER("p"),
                            APPLY("lessThan", REF("p") CONSTANT("string", "high"))),
                     APPLY("f", REF("c")), &r, "true");
    check_expression("double", DEFINE("f", DOUBLE, PARAMETER("p"), APPLY("sqrt", REF("p"))),
                     APPLY("f", CONSTANT("double", "-1")), &r, "invalid");
    r.x = NULL;
    check_expression("double", half,
                     "<Apply function=\"half\" mapMissingTo=\"5\"><FieldRef field=\"x\"/></Apply>", &r, "5");
    check_expression("boolean", DEFINE("f", "", PARAMETER("p"), APPLY("isMissing", REF("p"))),
                     APPLY("f", REF("x")), &r, "true");
}

static void functions_that_cannot_be(void **state) {
    (void)state;
    /* a constant is one in the body, too: the pattern is looked at when the model is loaded */
    refuse_expression("boolean",
                      DEFINE("f", "", PARAMETER("p") PARAMETER("q"), APPLY("matches", REF("p") REF("q"))),
                      APPLY("f", REF("s") CONSTANT("string", "(")), MR_INVALID_MODEL, "is wrong at byte 1");
#define REFUSE(define, expression, status, what) refuse_expression("double", define, expression, status, what)
    REFUSE(DEFINE("f", "", PARAMETER("p"), APPLY("f", REF("p"))), APPLY("f", REF("x")), MR_INVALID_MODEL,
           "by way of itself");
    REFUSE(DEFINE("f", "", PARAMETER("p"), APPLY("g", REF("p")))
               DEFINE("g", "", PARAMETER("p"), APPLY("f", REF("p"))),
           APPLY("f", REF("x")), MR_INVALID_MODEL, "by way of itself");
    REFUSE(DEFINE("f", "", PARAMETER("p"), REF("x")), APPLY("f", REF("x")), MR_INVALID_MODEL, "no parameter");
    REFUSE(DEFINE("f", "", PARAMETER("p"), REF("p")), APPLY("f", REF("x") REF("x")), MR_INVALID_MODEL,
           "takes 1 arguments, not 2");
    REFUSE(DEFINE("f", "", PARAMETER("p"), APPLY("+", REF("p") CONSTANT("integer", "1"))),
           APPLY("f", REF("s")), MR_UNSUPPORTED, "type string");
    REFUSE(DEFINE("f", "", PARAMETER("p"), REF("p")) DEFINE("f", "", PARAMETER("p"), REF("p")),
           APPLY("f", REF("x")), MR_INVALID_MODEL, "twice");
}

/* Twenty functions, each of which calls the one before twice: a million bodies. */
static void functions_that_explode(void **state) {
    (void)state;
    static char define[16384];
    size_t size = (size_t)sprintf(define, "%s", DEFINE("f0", "", PARAMETER("p"), REF("p")));
    for (int i = 1; i <= 20; i++)
        size += (size_t)sprintf(
            define + size,
            "<DefineFunction name=\"f%d\" optype=\"continuous\">" PARAMETER(
                "p") "<Apply "
                     "function=\"+\"><Apply function=\"f%d\">" REF(
                         "p") "</Apply><Apply "
                              "function=\"f%d\">" REF("p") "</Apply></Apply></DefineFunction>",
            i, i - 1, i - 1);
    check_expression("double", define, APPLY("f10", REF("x")), &(test_record){.x = "1"}, "1024");
    refuse_expression("double", define, APPLY("f20", REF("x")), MR_LIMIT, "functions that call one another");
}

#define MAP(attributes, pairs, rows)                                                                         \
    "<MapValues outputColumn=\"out\" " attributes ">" pairs "<InlineTable>" rows "</InlineTable></"          \
    "MapValues>"
#define PAIR(field, column) "<FieldColumnPair field=\"" field "\" column=\"" column "\"/>"

static void tables(void **state) {
    (void)state;
    static const char *two =
        MAP("defaultValue=\"D\" mapMissingTo=\"M\"", PAIR("s", "k") PAIR("i", "n"),
            "<row><k>a</k><n>1</n><out>A1</out></row><row><k>a</k><n>2</n><out>A2</out></row>"
            "<row><k>a</k><n>1</n><out>again</out></row><row><k>b</k><out>B</out></row>"
            "<row><k>c</k><n>3</n></row>");
    static const struct {
        const char *s, *i, *expected;
    } checks[] = {{"a", "1", "A1"}, {"a", "2", "A2"}, {"b", "1", "D"},      {"zz", "1", "D"},
                  {NULL, "1", "M"}, {"a", NULL, "M"}, {"c", "3", "missing"}};
    for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++)
        check_expression("string", "", two, &(test_record){.s = checks[k].s, .i = checks[k].i},
                         checks[k].expected);
    /* Many rows: each key finds its own. */
    static char rows[60000];
    size_t size = (size_t)sprintf(
        rows, "<MapValues outputColumn=\"d:out\" dataType=\"integer\">" PAIR("x", "d:k") "<InlineTable>");
    for (int k = 0; k < 1000; k++)
        size += (size_t)sprintf(rows + size, "<row><d:k>%d.5</d:k><d:out>%d</d:out></row>", k, k * k);
    sprintf(rows + size, "</InlineTable></MapValues>");
    check_expression("integer", "", rows, &(test_record){.x = "0.5"}, "0");
    check_expression("integer", "", rows, &(test_record){.x = "999.5"}, "998001");
    check_expression("integer", "", rows, &(test_record){.x = "999.25"}, "missing");
    refuse_expression("string", "", MAP("", PAIR("i", "n"), "<row><n>a</n><out>b</out></row>"),
                      MR_INVALID_MODEL, "not of type integer");
    refuse_expression("string", "", MAP("", "", "<row><n>a</n></row>"), MR_INVALID_MODEL, "FieldColumnPair");
}

#define BIN(value, closure, margins)                                                                         \
    "<DiscretizeBin binValue=\"" value "\"><Interval closure=\"" closure "\" " margins "/></DiscretizeBin>"

static void bins(void **state) {
    (void)state;
    static const char *in_order =
        "<Discretize field=\"x\" defaultValue=\"d\">" BIN("a", "openOpen", "rightMargin=\"0\"")
            BIN("b", "closedOpen", "leftMargin=\"0\" rightMargin=\"1\"")
                BIN("c", "openClosed", "leftMargin=\"1\" rightMargin=\"2\"")
                    BIN("d2", "openClosed", "leftMargin=\"2\" rightMargin=\"3\"") "</Discretize>";
    static const char *overlapping =
        "<Discretize field=\"x\">" BIN("a", "closedClosed", "leftMargin=\"0\" rightMargin=\"5\"")
            BIN("b", "closedClosed", "leftMargin=\"5\" rightMargin=\"9\"") "</Discretize>";
    static const char *const checks[][3] = {
        {"-1e300", "a", "missing"}, {"0", "b", "a"},   {"1", "d", "a"}, {"2", "c", "a"},
        {"3", "d2", "a"},           {"3.5", "d", "a"}, {"5", "d", "b"}, {"9", "d", "b"}};
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        check_expression("string", "", in_order, &(test_record){.x = checks[i][0]}, checks[i][1]);
        check_expression("string", "", overlapping, &(test_record){.x = checks[i][0]}, checks[i][2]);
    }
}

/* A tree over one predicate: "yes", "no", or missing where it is unknown. */
static void check_predicate(const char *fields, const char *predicate, const char *value,
                            const char *expected) {
    char xml[4096];
    snprintf(xml, sizeof xml,
             XML_HEAD
             "<DataDictionary>%s</DataDictionary><TreeModel functionName=\"classification\" "
             "missingValueStrategy=\"nullPrediction\"><MiningSchema><MiningField name=\"v\"/></MiningSchema>"
             "<Node><True/><Node score=\"yes\">%s</Node><Node "
             "score=\"no\"><True/></Node></Node></TreeModel>" XML_TAIL,
             fields, predicate);
    scorer s = scorer_must(xml);
    assert_int_equal(score_cells(&s, value), MR_OK);
    if (strcmp(expected, "missing") == 0) assert_false(out_present(&s, 0));
    else assert_text(&s, 0, expected);
    scorer_free(&s);
}

static void predicates_of_order(void **state) {
    (void)state;
#define ORDINAL(type, values)                                                                                \
    "<DataField name=\"v\" optype=\"ordinal\" dataType=\"" type "\">" values "</DataField>"
#define VALUES(a, b, c)     "<Value value=\"" a "\"/><Value value=\"" b "\"/><Value value=\"" c "\"/>"
#define IS(operator, value) "<SimplePredicate field=\"v\" operator=\"" operator"\" value=\"" value "\"/>"
    static const char *words = ORDINAL("string", VALUES("low", "middle", "high"));
    check_predicate(words, IS("lessThan", "middle"), "low", "yes");
    check_predicate(words, IS("lessThan", "middle"), "middle", "no");
    check_predicate(words, IS("lessOrEqual", "middle"), "middle", "yes");
    check_predicate(words, IS("greaterThan", "low"), "high", "yes");
    check_predicate(words, IS("greaterOrEqual", "high"), "middle", "no");
    check_predicate(words, IS("greaterOrEqual", "high"), NULL, "missing");
    static const char *falling = ORDINAL("integer", VALUES("3", "2", "1"));
    check_predicate(falling, IS("lessThan", "2"), "3", "yes");
    check_predicate(falling, IS("lessThan", "2"), "1", "no");
    static const char *open = ORDINAL("string", "");
    check_predicate(open, IS("lessThan", "b"), "abc", "yes");
    check_predicate(open, IS("lessThan", "b"), "ba", "no");
    check_predicate(open, IS("lessThan", "b"), NULL, "missing");
    static const char *dates = ORDINAL("date", "");
    check_predicate(dates, IS("lessThan", "2004-08-20"), "2004-08-19", "yes");
    check_predicate(dates, IS("equal", "2004-08-20"), "2004-08-20", "yes");
}

/* A derived field declares its values, and so their order. */
static void derived_order(void **state) {
    (void)state;
    check_expression(
        "boolean",
        "<DerivedField name=\"size\" optype=\"ordinal\" dataType=\"string\"><Value value=\"small\"/>"
        "<Value value=\"big\"/><Discretize field=\"x\">" BIN("big", "openOpen", "leftMargin=\"5\"")
            BIN("small", "openClosed", "rightMargin=\"5\"") "</Discretize></DerivedField>",
        APPLY("lessThan", REF("size") CONSTANT("string", "big")), &(test_record){.x = "2"}, "true");
}

/* Mining schemas: what is valid, and what becomes of what is not. */
static void mining_fields(void **state) {
    (void)state;
#define SHOW_FIELD(field, attributes)                                                                        \
    XML_HEAD "<DataDictionary>" field "</DataDictionary><RegressionModel functionName=\"regression\">"       \
             "<MiningSchema><MiningField name=\"v\" " attributes "/></MiningSchema><Output><OutputField "    \
             "name=\"v2\" feature=\"transformedValue\"><FieldRef field=\"v\"/></OutputField><OutputField "   \
             "name=\"valid\" dataType=\"boolean\" feature=\"transformedValue\">" APPLY(                      \
                 "isValid", REF("v")) "</OutputField></Output><RegressionTable "                             \
                                      "intercept=\"0\"/></RegressionModel>" XML_TAIL
#define RANGE                                                                                                \
    "<DataField name=\"v\" optype=\"continuous\" dataType=\"double\"><Interval closure=\"closedOpen\" "      \
    "leftMargin=\"0\" rightMargin=\"10\"/><Value value=\"-1\"/><Value value=\"5\" "                          \
    "property=\"invalid\"/></DataField>"
    scorer s = scorer_must(SHOW_FIELD(RANGE, "invalidValueTreatment=\"asIs\""));
    static const struct {
        const char *cell;
        double valid;
    } checks[] = {{"0", 1}, {"-1", 1}, {"10", 0}, {"5", 0}, {"NaN", 0}};
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        assert_int_equal(score_cells(&s, checks[i].cell), MR_OK);
        assert_true(out_number(&s, 2) == checks[i].valid);
    }
    scorer_free(&s);
    s = scorer_must(SHOW_FIELD(RANGE, "invalidValueTreatment=\"asIs\" invalidValueReplacement=\"7\""));
    assert_int_equal(score_cells(&s, "12"), MR_OK);
    assert_near(out_number(&s, 1), 7);
    assert_int_equal(score_cells(&s, "abc"), MR_OK);
    assert_near(out_number(&s, 1), 7);
    scorer_free(&s);
    s = scorer_must(SHOW_FIELD(RANGE, "usageType=\"supplementary\"")); /* read all the same */
    assert_int_equal(score_cells(&s, "3"), MR_OK);
    assert_near(out_number(&s, 1), 3);
    scorer_free(&s);
    s = scorer_must(SHOW_FIELD(RANGE, "missingValueTreatment=\"x-returnInvalid\""));
    assert_int_equal(score_cells(&s, NULL), MR_INVALID_VALUE);
    scorer_free(&s);
    assert_refused(SHOW_FIELD(RANGE, "usageType=\"frequencyWeight\""), MR_INVALID_MODEL,
                   "test:", "neither an active");
    s = scorer_must(SHOW_FIELD(
        "<DataField name=\"v\" optype=\"continuous\" dataType=\"date\"><Interval closure=\"closedOpen\" "
        "leftMargin=\"2004-01-01\" rightMargin=\"2005-01-01\"/></DataField>",
        ""));
    assert_int_equal(score_cells(&s, "2004-12-31"), MR_OK);
    assert_text(&s, 1, "2004-12-31");
    assert_int_equal(score_cells(&s, "2005-01-01"), MR_INVALID_VALUE);
    assert_int_equal(score_cells(&s, "2004-02-30"), MR_INVALID_VALUE);
    scorer_free(&s);
    s = scorer_must(SHOW_FIELD(TEST_FIELD("v", "continuous", "integer"), ""));
    assert_int_equal(score_cells(&s, "9007199254740993"), MR_INVALID_VALUE); /* beyond 2^53 */
    scorer_free(&s);
    s = scorer_must(SHOW_FIELD(TEST_FIELD("v", "continuous", "dateDaysSince[1970]"), ""));
    assert_int_equal(score_cells(&s, "1970-02-01"), MR_OK);
    assert_near(out_number(&s, 1), 31);
    assert_int_equal(score_cells(&s, "40"), MR_OK);
    assert_near(out_number(&s, 1), 40);
    assert_int_equal(score_cells(&s, "1.5"), MR_INVALID_VALUE);
    scorer_free(&s);
}

/* What counts from a date comes as a number, too, from records whose fields are numbers. */
static void numbers_feed_what_counts(void **state) {
    (void)state;
    mr_error error;
    scorer s = scorer_must(SHOW_FIELD(TEST_FIELD("v", "continuous", "dateDaysSince[1970]"), ""));
    mr_field field = {"v", MR_TYPE_INTEGER, MR_CONTINUOUS};
    mr_schema *schema;
    mr_binding *binding;
    mr_frame *in;
    assert_int_equal(mr_schema_new(&field, 1, &schema, &error), MR_OK);
    assert_int_equal(mr_model_bind(s.model, schema, NULL, 0, &binding, &error), MR_OK);
    assert_int_equal(mr_frame_new(&field.type, 1, 1, &in, &error), MR_OK);
    *(int64_t *)mr_cell(&in->columns[0], 0) = 31;
    *mr_cell_state_at(&in->columns[0], 0) = MR_CELL_PRESENT;
    assert_int_equal(mr_score_all(binding, in, s.out, &s.result, s.scratch, &error), MR_OK);
    assert_int_equal(s.result.status, MR_OK);
    assert_near(out_number(&s, 1), 31);
    mr_frame_free(in);
    mr_binding_free(binding);
    scorer_free(&s);
    s = scorer_must(SHOW_FIELD(TEST_FIELD("v", "continuous", "date"), ""));
    assert_int_equal(mr_model_bind(s.model, schema, NULL, 0, &binding, &error), MR_WRONG_TYPE);
    scorer_free(&s);
    mr_schema_release(schema);
}

static void dates_are_no_numbers(void **state) {
    (void)state;
    assert_refused(XML_HEAD "<DataDictionary>" TEST_FIELD(
                       "v", "continuous",
                       "date") "</DataDictionary>"
                               "<RegressionModel functionName=\"regression\"><MiningSchema><MiningField "
                               "name=\"v\"/></MiningSchema>"
                               "<RegressionTable intercept=\"0\"><NumericPredictor name=\"v\" "
                               "coefficient=\"1\"/></RegressionTable>"
                               "</RegressionModel>" XML_TAIL,
                   MR_INVALID_MODEL, "test:", "no number");
}

static bool count_down(void *left) {
    return (*(int *)left)-- > 0;
}

#define ALL_KINDS                                                                                            \
    APPLY("concat",                                                                                          \
          APPLY("replace", REF("s") CONSTANT("string", "(a)(b)?") CONSTANT("string", "[$1]"))                \
              APPLY("formatNumber", REF("x") CONSTANT("string", "%.1f"))                                     \
                  APPLY("formatDatetime", CONSTANT("date", "2004-08-20") CONSTANT("string", "%Y")) APPLY(    \
                      "twice", REF("i")) "<TextIndex textField=\"t\" wordSeparatorCharacterRE=\"[ "          \
                                         ",]\"><TextIndexNormalization><InlineTable><row>"                   \
                                         "<string>dogs?</string><stem>dog</stem><regex>true</regex></row></" \
                                         "InlineTable></TextIndexNormalization>" CONSTANT(                   \
                                             "string",                                                       \
                                             "dog") "</TextIndex>" MAP("", PAIR("c", "k"),                   \
                                                                       "<row><k>low</k><out>L</out></row>"))

static void any_allocation_may_fail(void **state) {
    (void)state;
    static char xml[65536];
    strcpy(xml, expression_model(
                    "string", "categorical",
                    DEFINE("twice", "", PARAMETER("p"), APPLY("*", REF("p") CONSTANT("integer", "2"))),
                    ALL_KINDS));
    for (int n = 0;; n++) {
        int left = n;
        scorer s;
        mr_error error = {0};
        mr_set_alloc_hook(count_down, &left);
        mr_status status = scorer_open(&s, xml, 1, &error);
        if (status == MR_OK) {
            static const char *const cells[] = {"1.25", NULL,           "21", NULL,
                                                "ab-a", "Dog,dogs cat", NULL, "low"};
            for (uint32_t i = 0; i < 8; i++) set_cell(&s, 0, i, cells[i]);
            status = mr_score_all(s.binding, s.in, s.out, &s.result, s.scratch, &error);
        }
        mr_set_alloc_hook(NULL, NULL);
        if (status == MR_OK) {
            assert_int_equal(s.result.status, MR_OK);
            assert_text(&s, 1, "[a]-[a]1.22004422L");
        }
        scorer_free(&s);
        if (status == MR_OK) break;
        assert_int_equal(status, MR_NO_MEMORY);
        assert_true(n < 5000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_of_a_row),
        cmocka_unit_test(an_open_end_without_a_margin_holds_infinity),
        cmocka_unit_test(a_norm_that_jumps),
        cmocka_unit_test(strings_of_many_rows),
        cmocka_unit_test(functions_of_the_model),
        cmocka_unit_test(functions_that_cannot_be),
        cmocka_unit_test(functions_that_explode),
        cmocka_unit_test(tables),
        cmocka_unit_test(bins),
        cmocka_unit_test(numbers_feed_what_counts),
        cmocka_unit_test(dates_are_no_numbers),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(derived_order),
        cmocka_unit_test(predicates_of_order),
        cmocka_unit_test(mining_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
