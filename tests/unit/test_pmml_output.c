/* Outputs and targets: each feature, whose prediction it is of, and the types it comes in. */
#include "pmml_helper.h"

#define NUMBER(name) "<DataField name=\"" name "\" optype=\"continuous\" dataType=\"double\"/>"
#define CLASSES(name, type)                                                                                  \
    "<DataField name=\"" name "\" optype=\"categorical\" dataType=\"" type                                   \
    "\"><Value value=\"1\" displayValue=\"one\"/><Value value=\"2\"/></DataField>"
#define DICTIONARY(type) "<DataDictionary>" NUMBER("x") NUMBER("y") CLASSES("c", type) "</DataDictionary>"
#define SCHEMA(target)                                                                                       \
    "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"" target                                     \
    "\" usageType=\"target\"/></MiningSchema>"
#define LINEAR(outputs)                                                                                      \
    XML_HEAD DICTIONARY("string") "<RegressionModel functionName=\"regression\">" SCHEMA("y") outputs        \
        "<RegressionTable intercept=\"0.5\"><NumericPredictor name=\"x\" coefficient=\"2\"/>"                \
        "</RegressionTable></RegressionModel>" XML_TAIL
/* Of two classes, the first one with probability x. */
#define BINARY(type, outputs)                                                                                \
    XML_HEAD DICTIONARY(type) "<RegressionModel functionName=\"classification\">" SCHEMA("c") outputs        \
        "<RegressionTable intercept=\"0\" targetCategory=\"1\"><NumericPredictor name=\"x\" "                \
        "coefficient=\"1\"/></RegressionTable><RegressionTable intercept=\"0\" targetCategory=\"2\"/>"       \
        "</RegressionModel>" XML_TAIL
#define OUTPUT(name, feature, more) "<OutputField name=\"" name "\" feature=\"" feature "\" " more "/>"

static void residuals(void **state) {
    (void)state;
    scorer s = scorer_must(LINEAR("<Output>" OUTPUT("r", "residual", "") "</Output>"));
    assert_int_equal(score_cells(&s, "1", "4"), MR_OK); /* the record's own y is an input */
    assert_near(out_number(&s, 1), 4 - 2.5);
    assert_int_equal(score_cells(&s, "1", NULL), MR_OK);
    assert_near(out_number(&s, 0), 2.5);
    assert_false(out_present(&s, 1));
    scorer_free(&s);
    s = scorer_must(BINARY("string",
                           "<Output>" OUTPUT("r", "residual", "") OUTPUT("r1", "residual", "value=\"1\"")
                               OUTPUT("r3", "residual", "value=\"3\"") "</Output>"));
    assert_int_equal(score_cells(&s, "0.75", "1"), MR_OK);
    assert_near(out_number(&s, 1), 1 - 0.75); /* of the predicted category */
    assert_near(out_number(&s, 2), 1 - 0.75);
    assert_near(out_number(&s, 3), 0); /* never predicted, and not the actual one */
    assert_int_equal(score_cells(&s, "0.25", "1"), MR_OK);
    assert_near(out_number(&s, 1), 0 - 0.75);
    assert_near(out_number(&s, 2), 1 - 0.25);
    assert_int_equal(score_cells(&s, "0.25", NULL), MR_OK);
    assert_false(out_present(&s, 1));
    scorer_free(&s);
}

static void expressions(void **state) {
    (void)state;
    scorer s = scorer_must(LINEAR("<Output>" OUTPUT(
        "p", "predictedValue",
        "") "<OutputField name=\"t\" feature=\"transformedValue\"><Apply function=\"*\"><FieldRef "
            "field=\"p\"/>"
            "<Constant>2</Constant></Apply></OutputField>"
            "<OutputField name=\"n\"><Apply function=\"-\"><FieldRef field=\"t\"/><FieldRef "
            "field=\"x\"/></Apply>"
            "</OutputField>"
            "<OutputField name=\"d\" feature=\"decision\" dataType=\"string\"><Decisions "
            "businessProblem=\"b\">"
            "<Decision value=\"yes\" description=\"d\"/><Decision value=\"no\"/></Decisions><Apply "
            "function=\"if\">"
            "<Apply function=\"greaterThan\"><FieldRef field=\"t\"/><Constant>4</Constant></Apply>"
            "<Constant>yes</Constant><Constant>no</Constant></Apply></OutputField></Output>"));
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_near(out_number(&s, 2), 5);
    assert_near(out_number(&s, 3), 4); /* an expression, and no feature: a transformed value */
    assert_text(&s, 4, "yes");
    assert_int_equal(score_cells(&s, "0"), MR_OK);
    assert_text(&s, 4, "no");
    scorer_free(&s);
}

static void types_of_predictions(void **state) {
    (void)state;
    scorer s = scorer_must(LINEAR("<Output>" OUTPUT("s", "predictedValue", "dataType=\"string\"") OUTPUT(
        "i", "predictedValue", "dataType=\"integer\"") OUTPUT("d", "predictedDisplayValue", "")
                                      OUTPUT("w", "warning", "") "</Output>"));
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_text(&s, 1, "2.5");
    assert_near(out_number(&s, 2), 2.5); /* nothing rounds it */
    assert_near(out_number(&s, 3), 2.5);
    assert_false(out_present(&s, 4));
    scorer_free(&s);
    s = scorer_must(BINARY("string", "<Output>" OUTPUT("i", "predictedValue", "dataType=\"integer\"")
                                         OUTPUT("d", "predictedDisplayValue", "") OUTPUT(
                                             "p", "predictedValue", "dataType=\"string\"") "</Output>"));
    assert_int_equal(score_cells(&s, "0.75"), MR_OK);
    assert_int_equal(mr_model_get_shape(s.model)->outputs[1].type, MR_TYPE_INTEGER);
    assert_near(out_number(&s, 1), 1);
    assert_text(&s, 2, "one");
    assert_text(&s, 3, "1");
    scorer_free(&s);
    s = scorer_must(
        BINARY("integer", "<Output>" OUTPUT("s", "predictedValue", "dataType=\"string\"") "</Output>"));
    assert_int_equal(score_cells(&s, "0.75"), MR_OK);
    assert_near(out_number(&s, 0), 1);
    assert_text(&s, 1, "1"); /* the category, not how it is displayed */
    scorer_free(&s);
}

#define STEP(predicate, id, factor, outputs)                                                                 \
    "<Segment " id ">" predicate "<RegressionModel functionName=\"regression\">" SCHEMA("y") outputs         \
        "<RegressionTable intercept=\"0\"><NumericPredictor name=\"x\" coefficient=\"" factor "\"/>"         \
        "</RegressionTable></RegressionModel></Segment>"
#define ABOVE(value) "<SimplePredicate field=\"x\" operator=\"greaterThan\" value=\"" value "\"/>"
#define SEGMENTS(method, outputs, segments)                                                                  \
    XML_HEAD DICTIONARY("string") "<MiningModel functionName=\"regression\">" SCHEMA("y") outputs            \
        "<Segmentation multipleModelMethod=\"" method "\">" segments                                         \
        "</Segmentation></MiningModel>" XML_TAIL

static void outputs_of_segments(void **state) {
    (void)state;
#define TWO                                                                                                  \
    STEP(ABOVE("0"), "id=\"a\"", "2",                                                                        \
         "<Output>" OUTPUT("inner", "predictedValue", "isFinalResult=\"false\"") "</Output>")                \
    STEP("<True/>", "", "10", "")
    scorer s =
        scorer_must(SEGMENTS("sum",
                             "<Output>" OUTPUT("of_a", "predictedValue", "segmentId=\"a\"")
                                 OUTPUT("of_2", "predictedValue", "segmentId=\"2\"")
                                     OUTPUT("named", "transformedValue", "segmentId=\"a\" value=\"inner\"")
                                         OUTPUT("none", "predictedValue", "segmentId=\"z\"") "</Output>",
                             TWO));
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_near(out_number(&s, 0), 12);
    assert_near(out_number(&s, 1), 2);
    assert_near(out_number(&s, 2), 10); /* without an id, by its place */
    assert_near(out_number(&s, 3), 2);
    assert_false(out_present(&s, 4));
    assert_int_equal(score_cells(&s, "-1"), MR_OK); /* the first one does not run */
    assert_near(out_number(&s, 0), -10);
    assert_false(out_present(&s, 1));
    assert_near(out_number(&s, 2), -10);
    scorer_free(&s);
}

static void a_float_declared_as_double(void **state) {
    (void)state;
    scorer s =
        scorer_must(LINEAR("<Output><OutputField name=\"d\" feature=\"transformedValue\" dataType=\"double\">"
                           "<Constant dataType=\"float\">0.1</Constant></OutputField></Output>"));
    assert_int_equal(mr_model_get_shape(s.model)->outputs[1].type, MR_TYPE_DOUBLE);
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_true(out_number(&s, 1) == (double)0.1F);
    scorer_free(&s);
}

/* Both branches put out `p`, which is one column; frees the scorer. */
static void assert_one_output(scorer *s) {
    assert_int_equal(mr_model_get_shape(s->model)->output_count, 2);
    assert_int_equal(score_cells(s, "1"), MR_OK);
    assert_near(out_number(s, 1), 2);
    assert_int_equal(score_cells(s, "-1"), MR_OK);
    assert_near(out_number(s, 1), -3);
    scorer_free(s);
}

static void one_name_in_several_segments(void **state) {
    (void)state;
    scorer s = scorer_must(
        SEGMENTS("selectFirst", "",
                 STEP(ABOVE("0"), "", "2", "<Output>" OUTPUT("p", "predictedValue", "") "</Output>")
                     STEP("<True/>", "", "3", "<Output>" OUTPUT("p", "predictedValue", "") "</Output>")));
    assert_one_output(&s);
}

/* An identifier is a string; an output may declare another type, which the one of the row must be of. */
static void identifiers_as_numbers(void **state) {
    (void)state;
#define NODE_ABOVE(id, value)                                                                                \
    "<Node id=\"" id "\" score=\"1\"><SimplePredicate field=\"x\" operator=\"greaterThan\" value=\"" value   \
    "\"/></Node>"
    scorer s = scorer_must(
        XML_HEAD DICTIONARY("string") "<TreeModel functionName=\"regression\">" SCHEMA("y") "<Output>" OUTPUT(
            "id", "entityId",
            "dataType=\"integer\" optype=\"categorical\"") "<OutputField name=\"twice\" dataType=\"integer\" "
                                                           "feature=\"transformedValue\"><Apply "
                                                           "function=\"*\"><FieldRef "
                                                           "field=\"id\"/><Constant>2</Constant></Apply></"
                                                           "OutputField></Output>"
                                                           "<Node id=\"0\"><True/>" NODE_ABOVE("a", "7")
                                                               NODE_ABOVE(
                                                                   "12", "3") "</Node></TreeModel>" XML_TAIL);
    assert_int_equal(s.out->columns[1].type, MR_TYPE_INTEGER);
    assert_int_equal(score_cells(&s, "5"), MR_OK);
    assert_near(out_number(&s, 1), 12);
    assert_near(out_number(&s, 2), 24);
    assert_int_equal(score_cells(&s, "8"), MR_INVALID_VALUE);
    assert_non_null(strstr(s.result.message, "\"id\": the entityId \"a\" is not of type integer"));
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_false(out_present(&s, 1));
    scorer_free(&s);
}

/* Two models in a document: the first that may be scored is. */
static void several_models(void **state) {
    (void)state;
#define ONE(more, value)                                                                                     \
    "<RegressionModel functionName=\"regression\" " more                                                     \
    ">" SCHEMA("y") "<RegressionTable intercept=\"" value "\"/></RegressionModel>"
    scorer s = scorer_must(XML_HEAD DICTIONARY("string") ONE("isScorable=\"false\"", "1") ONE("", "2")
                               ONE("", "3") XML_TAIL);
    assert_int_equal(score_cells(&s, "0"), MR_OK);
    assert_near(out_number(&s, 0), 2);
    scorer_free(&s);
    assert_refused(XML_HEAD DICTIONARY("string") ONE("isScorable=\"false\"", "1") XML_TAIL, MR_INVALID_MODEL,
                   ":4", "isScorable");
}

/* The same, one level deeper. */
static void one_name_in_several_branches(void **state) {
    (void)state;
#define BRANCH(predicate, factor)                                                                            \
    "<Segment>" predicate "<MiningModel functionName=\"regression\">" SCHEMA(                                \
        "y") "<Segmentation multipleModelMethod=\"modelChain\">" STEP("<True/>", "", factor,                 \
                                                                      "<Output>" OUTPUT(                     \
                                                                          "p", "predictedValue",             \
                                                                          "") "</Output>") "</"              \
                                                                                           "Segmentation></" \
                                                                                           "MiningModel></"  \
                                                                                           "Segment>"
    scorer s = scorer_must(SEGMENTS("selectFirst", "", BRANCH(ABOVE("0"), "2") BRANCH("<True/>", "3")));
    assert_one_output(&s);
}

static void refusals(void **state) {
    (void)state;
    assert_refused(LINEAR("<Output>\n" OUTPUT("e", "standardError", "") "</Output>"), MR_UNSUPPORTED, ":5",
                   "standardError");
    assert_refused(LINEAR("<Output>\n" OUTPUT("e", "predictedValue", "segmentId=\"1\"") "</Output>"),
                   MR_INVALID_MODEL, ":5", "without segments");
    assert_refused(LINEAR("<Output>\n" OUTPUT("b", "predictedValue", "dataType=\"boolean\"") "</Output>"),
                   MR_UNSUPPORTED, ":5", "dataType");
    assert_refused(
        BINARY("string", "<Output>\n" OUTPUT("b", "predictedValue", "dataType=\"boolean\"") "</Output>"),
        MR_UNSUPPORTED, ":5", "\"2\"");
    assert_refused(
        SEGMENTS("selectFirst", "",
                 STEP("<True/>", "", "2", "<Output>" OUTPUT("p", "predictedValue", "") "</Output>")
                     STEP("<True/>", "", "2", "<Output>\n" OUTPUT("p", "warning", "") "</Output>")),
        MR_UNSUPPORTED, ":5", "different types");
    assert_refused(
        SEGMENTS("selectFirst",
                 "<Output>\n" OUTPUT("p", "transformedValue", "segmentId=\"1\" value=\"q\"") "</Output>",
                 STEP("<True/>", "", "2", "")),
        MR_INVALID_MODEL, ":5", "no output \"q\"");
}

static void failing_allocations(void **state) {
    (void)state;
    assert_survives_failing_allocations(SEGMENTS("sum",
                                                 "<Output>" OUTPUT("p", "predictedValue", "segmentId=\"a\"")
                                                     OUTPUT("s", "predictedValue", "dataType=\"string\"")
                                                         OUTPUT("r", "residual", "") "</Output>",
                                                 TWO));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(residuals),
        cmocka_unit_test(expressions),
        cmocka_unit_test(types_of_predictions),
        cmocka_unit_test(outputs_of_segments),
        cmocka_unit_test(a_float_declared_as_double),
        cmocka_unit_test(one_name_in_several_segments),
        cmocka_unit_test(identifiers_as_numbers),
        cmocka_unit_test(several_models),
        cmocka_unit_test(one_name_in_several_branches),
        cmocka_unit_test(refusals),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
