/* What producers write beside the standard, and how it is taken: outputs that are there twice, targets that
 * say more than their model can use, shares of nothing, several targets.
 */
#include "pmml_helper.h"

#define FIELDS                                                                                               \
    "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"double\"/>"                      \
    "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/>"                                      \
    "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/></DataDictionary>\n"
#define SCHEMA(target)                                                                                       \
    "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"" target "\" usageType=\"target\"/>"         \
    "</MiningSchema>"
#define CLASSES(normalization, more)                                                                         \
    "<RegressionModel functionName=\"classification\" normalizationMethod=\"" normalization                  \
    "\">" SCHEMA("c") more                                                                                   \
        "<RegressionTable intercept=\"0\" targetCategory=\"a\">"                                             \
        "<NumericPredictor name=\"x\" coefficient=\"1\"/></RegressionTable>"                                 \
        "<RegressionTable intercept=\"0\" targetCategory=\"b\">"                                             \
        "<NumericPredictor name=\"x\" coefficient=\"3\"/></RegressionTable></RegressionModel>"
#define LINE(more)                                                                                           \
    "<RegressionModel functionName=\"regression\">" SCHEMA("y") more                                         \
        "<RegressionTable intercept=\"1\"><NumericPredictor name=\"x\" coefficient=\"2\"/>"                  \
        "</RegressionTable></RegressionModel>"
#define MODEL(model) XML_HEAD FIELDS model XML_TAIL

static void outputs_twice(void **state) {
    (void)state;
#define SHOWN "<OutputField name=\"shown\" feature=\"predictedValue\"/>\n"
    scorer s = scorer_must(MODEL(LINE("<Output>" SHOWN SHOWN SHOWN
                                      "<OutputField name=\"other\" feature=\"predictedValue\"/></Output>")));
    const mr_model_shape *shape = mr_model_get_shape(s.model);
    assert_int_equal(shape->output_count, 3);
    assert_string_equal(shape->outputs[1].name, "shown");
    assert_string_equal(shape->outputs[2].name, "other");
    assert_int_equal(score_cells(&s, "4"), MR_OK);
    for (uint32_t i = 0; i < 3; i++) assert_near(out_number(&s, i), 9);
    scorer_free(&s);
    assert_refused(MODEL(LINE("<Output>" SHOWN
                              "<OutputField name=\"shown\" feature=\"predictedValue\" optype=\"continuous\"/>"
                              "</Output>")),
                   MR_INVALID_MODEL, ":6", "\"shown\" is there twice");
    assert_refused(
        MODEL(LINE("<Output>" SHOWN "<OutputField name=\"other\" feature=\"predictedValue\"/>\n" SHOWN
                   "</Output>")),
        MR_INVALID_MODEL, ":7", "\"shown\" is there twice");
}

/* One against the rest of boosted trees: a chain in a chain, and both call their output "d(a)". The one
 * behind them is to see the outer one, 1 / (1 + exp(-(2x + 1))), not the 2x + 1 inside. */
static void a_name_inside_and_outside(void **state) {
    (void)state;
#define SEGMENT(model) "<Segment><True/>" model "</Segment>"
#define CHAIN(function, schema, output, segments)                                                            \
    "<MiningModel functionName=\"" function "\">" schema output                                              \
    "<Segmentation multipleModelMethod=\"modelChain\">" segments "</Segmentation></MiningModel>"
#define READS(field, target)                                                                                 \
    "<MiningSchema><MiningField name=\"" field "\"/><MiningField name=\"" target "\" usageType=\"target\"/>" \
    "</MiningSchema>"
#define INSIDE                                                                                               \
    SEGMENT("<RegressionModel functionName=\"regression\">" SCHEMA(                                          \
        "y") "<Output><OutputField name=\"d(a)\" dataType=\"double\" isFinalResult=\"false\"/></Output>"     \
             "<RegressionTable intercept=\"1\"><NumericPredictor name=\"x\" coefficient=\"2\"/>"             \
             "</RegressionTable></RegressionModel>")                                                         \
    SEGMENT("<RegressionModel functionName=\"classification\" normalizationMethod=\"logit\">" READS(         \
        "d(a)", "c") "<RegressionTable intercept=\"0\" targetCategory=\"a\">"                                \
                     "<NumericPredictor name=\"d(a)\" coefficient=\"1\"/></RegressionTable>"                 \
                     "<RegressionTable intercept=\"0\" targetCategory=\"b\"/></RegressionModel>")
    scorer s = scorer_must(MODEL(CHAIN(
        "regression", SCHEMA("y"), "",
        SEGMENT(CHAIN("classification", SCHEMA("c"),
                      "<Output><OutputField name=\"d(a)\" dataType=\"double\" feature=\"probability\" "
                      "value=\"a\"/></Output>",
                      INSIDE))
            SEGMENT("<RegressionModel functionName=\"regression\">" READS(
                "d(a)",
                "y") "<RegressionTable intercept=\"0\"><NumericPredictor name=\"d(a)\" coefficient=\"1\"/>"
                     "</RegressionTable></RegressionModel>"))));
    assert_int_equal(score_cells(&s, "0.5"), MR_OK);
    assert_near(out_number(&s, 0), 0.8807970779778823); /* 1 / (1 + exp(-2)) */
    assert_int_equal(score_cells(&s, NULL), MR_OK);
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

static void targets_that_say_more(void **state) {
    (void)state;
    scorer s = scorer_must(
        MODEL(CLASSES("simplemax", "<Targets><Target field=\"c\" rescaleConstant=\"10\" "
                                   "rescaleFactor=\"2\" min=\"0\" castInteger=\"round\"/></Targets>")));
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_text(&s, 0, "b");
    scorer_free(&s);
    s = scorer_must(
        MODEL(LINE("<Targets><Target field=\"y\" rescaleConstant=\"10\"><TargetValue value=\"1\" "
                   "displayValue=\"one\"/><TargetValue defaultValue=\"3\"/></Target></Targets>")));
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_near(out_number(&s, 0), 13);
    assert_int_equal(score_cells(&s, NULL), MR_OK);
    assert_near(out_number(&s, 0), 13);
    scorer_free(&s);
    assert_refused(MODEL(LINE("<Targets><Target field=\"y\"><TargetValue defaultValue=\"2\"/>\n<TargetValue "
                              "defaultValue=\"3\"/></Target></Targets>")),
                   MR_UNSUPPORTED, ":6", "this <TargetValue> of a regression");
}

static void shares_of_nothing(void **state) {
    (void)state;
#define CHANCES                                                                                              \
    "<Output><OutputField name=\"a\" feature=\"probability\" value=\"a\" dataType=\"double\"/>"              \
    "<OutputField name=\"b\" feature=\"probability\" value=\"b\" dataType=\"double\"/></Output>"
    scorer s = scorer_must(MODEL(CLASSES("simplemax", CHANCES)));
    assert_int_equal(score_cells(&s, "2"), MR_OK);
    assert_text(&s, 0, "b");
    assert_near(out_number(&s, 1), 0.25);
    assert_near(out_number(&s, 2), 0.75);
    assert_int_equal(score_cells(&s, "0"), MR_OK);
    for (uint32_t i = 0; i < 3; i++) assert_false(out_present(&s, i));
    scorer_free(&s);
}

static void two_targets_of_one_result(void **state) {
    (void)state;
    assert_refused(MODEL("<TreeModel functionName=\"regression\"><MiningSchema><MiningField name=\"x\"/>"
                         "<MiningField name=\"y\" usageType=\"target\"/><MiningField name=\"c\" "
                         "usageType=\"target\"/></MiningSchema><Node score=\"1\"><True/></Node></TreeModel>"),
                   MR_UNSUPPORTED, ":5", "<TreeModel> with 2 targets");
}

/* The chain of the standard's example of composition: two targets, of which the last segment predicts the
 * second. The first segment is a network with two outputs, which the model names by their targets. */
static void a_chain_of_targets(void **state) {
    (void)state;
#define BOTH                                                                                                 \
    "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"y\" usageType=\"target\"/>"                  \
    "<MiningField name=\"z\" usageType=\"target\"/></MiningSchema>"
#define OUTPUT(target)                                                                                       \
    "<NeuralOutput outputNeuron=\"" target "\"><DerivedField optype=\"continuous\" dataType=\"double\">"     \
    "<FieldRef field=\"" target "\"/></DerivedField></NeuralOutput>"
#define NETWORK                                                                                              \
    "<NeuralNetwork functionName=\"regression\" activationFunction=\"identity\">" BOTH                       \
    "<Output><OutputField name=\"p(y)\" targetField=\"y\" isFinalResult=\"false\"/>"                         \
    "<OutputField name=\"p(z)\" targetField=\"z\" isFinalResult=\"false\"/></Output>"                        \
    "<NeuralInputs><NeuralInput id=\"0\"><DerivedField optype=\"continuous\" dataType=\"double\">"           \
    "<FieldRef field=\"x\"/></DerivedField></NeuralInput></NeuralInputs><NeuralLayer>"                       \
    "<Neuron id=\"y\" bias=\"1\"><Con from=\"0\" weight=\"2\"/></Neuron>"                                    \
    "<Neuron id=\"z\" bias=\"0\"><Con from=\"0\" weight=\"3\"/></Neuron></NeuralLayer>"                      \
    "<NeuralOutputs>" OUTPUT("y") OUTPUT("z") "</NeuralOutputs></NeuralNetwork>"
#define SUM(target, predicate)                                                                               \
    "<Segment>" predicate "<RegressionModel functionName=\"regression\"><MiningSchema>"                      \
    "<MiningField name=\"p(y)\"/><MiningField name=\"p(z)\"/><MiningField name=\"" target                    \
    "\" usageType=\"target\"/></MiningSchema><RegressionTable intercept=\"0\">"                              \
    "<NumericPredictor name=\"p(y)\" coefficient=\"100\"/><NumericPredictor name=\"p(z)\" "                  \
    "coefficient=\"1\"/>"                                                                                    \
    "</RegressionTable></RegressionModel></Segment>"
#define NUMBER(name) "<DataField name=\"" name "\" optype=\"continuous\" dataType=\"double\"/>"
#define CHAINED(segments)                                                                                    \
    XML_HEAD "<DataDictionary>" NUMBER("x") NUMBER("y")                                                      \
        NUMBER("z") "</DataDictionary>" CHAIN("regression", BOTH, "", SEGMENT(NETWORK) segments) XML_TAIL
    scorer s = scorer_must(CHAINED(SUM("z", "<True/>")));
    assert_string_equal(mr_model_get_shape(s.model)->outputs[0].name, "z");
    assert_int_equal(score_cells(&s, "2"), MR_OK);
    assert_near(out_number(&s, 0), 506);
    scorer_free(&s);
    /* Which target it is depends on the record: it has no name. */
    s = scorer_must(CHAINED(
        SUM("y", "<True/>") SUM("z", "<SimplePredicate field=\"x\" operator=\"greaterThan\" value=\"0\"/>")));
    assert_string_equal(mr_model_get_shape(s.model)->outputs[0].name, "_target");
    scorer_free(&s);
}

/* 3.88 as a float is above 3.88 as a double, 0.98 as a float below. */
static void ranges_of_floats(void **state) {
    (void)state;
    scorer s = scorer_must(
        XML_HEAD "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"float\">"
                 "<Interval closure=\"closedClosed\" leftMargin=\"0.98\" rightMargin=\"3.88\"/></DataField>"
                 "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/></DataDictionary>" LINE("")
                     XML_TAIL);
    static const char *const inside[] = {"3.88", "0.98", "2"}, *const outside[] = {"3.8801", "0.9799", "-1"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(score_cells(&s, inside[i]), MR_OK);
        assert_int_equal(score_cells(&s, outside[i]), MR_INVALID_VALUE);
    }
    scorer_free(&s);
}

static void failing_allocations(void **state) {
    (void)state;
    assert_survives_failing_allocations(MODEL(LINE("<Output>" SHOWN SHOWN "</Output>")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_twice),
        cmocka_unit_test(a_name_inside_and_outside),
        cmocka_unit_test(targets_that_say_more),
        cmocka_unit_test(shares_of_nothing),
        cmocka_unit_test(two_targets_of_one_result),
        cmocka_unit_test(a_chain_of_targets),
        cmocka_unit_test(ranges_of_floats),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
