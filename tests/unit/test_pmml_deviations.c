/* What documents hold beside what the standard asks for, and what they leave out: names of a producer's own,
 * taxonomies, settings that belong to another kind of model, types that nobody declared. Expected values by
 * hand; each is also what the reference implementation gives. */
#include "pmml_helper.h"

#include <math.h>

#define CONTINUOUS(name) "<DataField name=\"" name "\" optype=\"continuous\" dataType=\"double\"/>"
#define DICTIONARY                                                                                           \
    "<DataDictionary>" CONTINUOUS("x") CONTINUOUS("z") CONTINUOUS(                                           \
        "y") "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"><Value value=\"a\"/>"         \
             "<Value value=\"b\"/></DataField>"
#define SCHEMA(target, field)                                                                                \
    "<MiningSchema><MiningField name=\"" target "\" usageType=\"target\"/>" field "</MiningSchema>"
#define X       "<MiningField name=\"x\"/>"
#define OUT(of) "<Output><OutputField name=\"o\" " of "</Output>"
#define ONE(field, parts)                                                                                    \
    XML_HEAD DICTIONARY "</DataDictionary><RegressionModel functionName=\"regression\">" SCHEMA("y", field)  \
        parts "</RegressionModel>" XML_TAIL
#define TABLE                                                                                                \
    "<RegressionTable intercept=\"1\"><NumericPredictor name=\"x\" coefficient=\"2\"/></RegressionTable>"
#define TWO(parts)                                                                                           \
    DICTIONARY "</DataDictionary><RegressionModel functionName=\"classification\" "                          \
               "normalizationMethod=\"logit\">" SCHEMA("c", X) parts                                         \
        "<RegressionTable targetCategory=\"a\" intercept=\"0\"><NumericPredictor name=\"x\" "                \
        "coefficient=\"1\"/></RegressionTable><RegressionTable targetCategory=\"b\" "                        \
        "intercept=\"0\"/></RegressionModel>" XML_TAIL
#define OLD_HEAD "<PMML version=\"3.1\"><Header/>"

static double of_one(const char *xml, const char *x, uint32_t output) {
    scorer s = scorer_must(xml);
    assert_int_equal(score_cells(&s, x), MR_OK);
    double number = out_number(&s, output);
    scorer_free(&s);
    return number;
}

static void names_of_a_producer(void **state) {
    (void)state;
    assert_near(of_one(ONE("<MiningField name=\"x\" x-note=\"1\"/>",
                           "<RegressionTable x-any=\"2\" intercept=\"1\"><NumericPredictor name=\"x\" "
                           "coefficient=\"2\"/></RegressionTable>"),
                       "3", 0),
                7);
    assert_near(
        of_one(
            XML_HEAD DICTIONARY
            "<Taxonomy name=\"t\"><ChildParent childField=\"c\" parentField=\"p\"><TableLocator/>"
            "</ChildParent></Taxonomy></DataDictionary><RegressionModel functionName=\"regression\">" SCHEMA(
                "y", X) TABLE "</RegressionModel>" XML_TAIL,
            "3", 0),
        7);
    assert_refused(ONE("<MiningField name=\"x\" note=\"1\"/>", TABLE), MR_UNSUPPORTED, "test:", "\"note\"");
    assert_refused(ONE("<MiningField name=\"x\" x-mathContext=\"float\"/>", TABLE), MR_UNSUPPORTED,
                   "test:", "x-mathContext"); /* one that means something elsewhere */
}

static void treatments(void **state) {
    (void)state;
    const char *field = ONE("<MiningField name=\"x\" invalidValueTreatment=\"asValue\" "
                            "x-invalidValueReplacement=\"4\"/>",
                            TABLE);
    scorer s = scorer_must(field);
    assert_int_equal(score_cells(&s, "nan"), MR_OK);
    assert_near(out_number(&s, 0), 9);
    scorer_free(&s);
    s = scorer_must(XML_HEAD
                    "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"double\">"
                    "<Interval closure=\"closedClosed\" leftMargin=\"0\" "
                    "rightMargin=\"1\"/></DataField>" CONTINUOUS(
                        "y") "</DataDictionary><RegressionModel "
                             "functionName=\"regression\">" SCHEMA("y", "<MiningField name=\"x\" "
                                                                        "invalidValueTreatment=\"asValue\"/>")
                                 TABLE "</RegressionModel>" XML_TAIL);
    assert_int_equal(score_cells(&s, "5"), MR_OK); /* nothing to replace it with: as it is */
    assert_near(out_number(&s, 0), 11);
    scorer_free(&s);
    s = scorer_must(ONE(X "<MiningField name=\"z\" usageType=\"group\"/>", TABLE));
    assert_int_equal(mr_model_get_shape(s.model)->input_count, 1);
    scorer_free(&s);
}

static void targets_of_the_other_kind(void **state) {
    (void)state;
    assert_near(of_one(ONE(X, "<Targets><Target field=\"y\"><TargetValue value=\"7\" displayValue=\"seven\"/>"
                              "<TargetValue value=\"8\" defaultValue=\"9\"/></Target></Targets>" TABLE),
                       NULL, 0),
                9);
    scorer s =
        scorer_must(XML_HEAD TWO("<Targets><Target field=\"c\" min=\"3\" castInteger=\"round\"><TargetValue "
                                 "defaultValue=\"1\"/><TargetValue value=\"b\" priorProbability=\"0.4\"/>"
                                 "</Target></Targets>" OUT("feature=\"probability\" value=\"b\"/>")));
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_text(&s, 0, "a");
    assert_int_equal(score_cells(&s, NULL), MR_OK); /* the only prior is all of them */
    assert_text(&s, 0, "b");
    assert_near(out_number(&s, 1), 1);
    scorer_free(&s);
    s = scorer_must(
        OLD_HEAD TWO("<Targets><Target field=\"c\"><TargetValue value=\"a\" rawDataValue=\"A!\"/></Target>"
                     "</Targets>" OUT("feature=\"predictedDisplayValue\"/>")));
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_text(&s, 1, "A!");
    scorer_free(&s);
    s = scorer_must(
        XML_HEAD TWO("<Targets><Target field=\"c\"><TargetValue value=\"a\" rawDataValue=\"A!\"/></Target>"
                     "</Targets>" OUT("feature=\"predictedDisplayValue\"/>")));
    assert_int_equal(score_cells(&s, "1"), MR_OK);
    assert_text(&s, 1, "a");
    scorer_free(&s);
}

static void outputs(void **state) {
    (void)state;
    double a = 1 / (1 + exp(-1));
    assert_near(of_one(XML_HEAD TWO(OUT("feature=\"confidence\"/>")), "1", 1), a);
    assert_near(of_one(XML_HEAD TWO(OUT("feature=\"confidence\" value=\"b\"/>")), "1", 1), 1 - a);
    scorer s = scorer_must(XML_HEAD TWO(OUT("feature=\"probability\" dataType=\"string\"/>")));
    assert_int_equal(score_cells(&s, "0"), MR_OK);
    assert_text(&s, 1, "0.5");
    assert_int_equal(score_cells(&s, NULL), MR_OK);
    assert_false(out_present(&s, 1));
    scorer_free(&s);
    s = scorer_must(XML_HEAD TWO(OUT("feature=\"probability\" value=\"q\" dataType=\"string\"/>")));
    assert_int_equal(score_cells(&s, "0"), MR_OK);
    assert_text(&s, 1, "0.0"); /* of a category that there is not */
    scorer_free(&s);
    assert_near(
        of_one(ONE(X, OUT("feature=\"predictedValue\"><FieldRef field=\"x\"/></OutputField>") TABLE), "3", 1),
        7);
    assert_refused(XML_HEAD TWO(OUT("feature=\"probability\" dataType=\"boolean\"/>")), MR_UNSUPPORTED,
                   "test:", "probability");
    assert_refused(ONE(X, OUT("feature=\"confidence\"/>") TABLE), MR_UNSUPPORTED, "test:", "confidence");
}

static void types_left_open(void **state) {
    (void)state;
    const char *xml = ONE(
        X, OUT("feature=\"transformedValue\"><FieldRef field=\"d\"/></OutputField>") "<LocalTransformations><"
                                                                                     "DerivedField "
                                                                                     "name=\"d\"><Discretize "
                                                                                     "field=\"x\" "
                                                                                     "defaultValue=\"low\">"
                                                                                     "<DiscretizeBin "
                                                                                     "binValue=\"high\"><"
                                                                                     "Interval "
                                                                                     "closure=\"openOpen\" "
                                                                                     "leftMargin=\"2\"/></"
                                                                                     "DiscretizeBin>"
                                                                                     "</Discretize></"
                                                                                     "DerivedField></"
                                                                                     "LocalTransformations"
                                                                                     ">" TABLE);
    scorer s = scorer_must(xml);
    assert_int_equal(score_cells(&s, "3"), MR_OK);
    assert_text(&s, 1, "high");
    scorer_free(&s);
    s = scorer_must(
        ONE(X, OUT("feature=\"transformedValue\" dataType=\"double\"><Apply function=\"max\"><FieldRef "
                   "field=\"x\"/><Constant missing=\"true\"/></Apply></OutputField>") TABLE));
    assert_int_equal(score_cells(&s, "3"), MR_OK);
    assert_near(out_number(&s, 1), 3);
    scorer_free(&s);
    s = scorer_must(
        ONE(X, OUT("feature=\"transformedValue\" dataType=\"double\"><Apply function=\"+\"><FieldRef "
                   "field=\"x\"/><Constant missing=\"true\"/></Apply></OutputField>") TABLE));
    assert_int_equal(score_cells(&s, "3"), MR_OK);
    assert_false(out_present(&s, 1));
    scorer_free(&s);
    assert_near(
        of_one(ONE(X,
                   "<RegressionTable intercept=\"1\"><PredictorTerm coefficient=\"3\"><FieldRef field=\"x\" "
                   "mapMissingTo=\"4\"/></PredictorTerm></RegressionTable>"),
               NULL, 0),
        13);
}

static void booleans_and_years(void **state) {
    (void)state;
    const char *tree = XML_HEAD
        "<DataDictionary><DataField name=\"f\" optype=\"categorical\" dataType=\"boolean\"/>" CONTINUOUS(
            "y") "<DataField name=\"d\" optype=\"continuous\" "
                 "dataType=\"x-dateDaysSince[2000]\"/></DataDictionary><TreeModel "
                 "functionName=\"regression\">" SCHEMA(
                     "y",
                     "<MiningField name=\"f\"/><MiningField name=\"d\"/>") "<Node score=\"0\"><True/><Node "
                                                                           "score=\"1\"><CompoundPredicate "
                                                                           "booleanOperator=\"and\"><"
                                                                           "SimplePredicate "
                                                                           "field=\"f\" "
                                                                           "operator=\"greaterOrEqual\" "
                                                                           "value=\"true\"/><SimplePredicate "
                                                                           "field=\"d\" operator=\"equal\" "
                                                                           "value=\"366\"/></"
                                                                           "CompoundPredicate></Node><Node "
                                                                           "score=\"2\"><True/></Node></"
                                                                           "Node></TreeModel>" XML_TAIL;
    scorer s = scorer_must(tree);
    assert_int_equal(score_cells(&s, "true", "366"), MR_OK); /* 2001-01-01: 2000 was a leap year */
    assert_near(out_number(&s, 0), 1);
    assert_int_equal(score_cells(&s, "false", "366"), MR_OK);
    assert_near(out_number(&s, 0), 2);
    scorer_free(&s);
}

#define NET(attributes, layer, neuron)                                                                       \
    XML_HEAD DICTIONARY                                                                                      \
        "</DataDictionary><NeuralNetwork functionName=\"regression\" " attributes ">" SCHEMA(                \
            "y", X) "<NeuralInputs><NeuralInput id=\"0\"><DerivedField optype=\"continuous\" "               \
                    "dataType=\"double\">"                                                                   \
                    "<FieldRef field=\"x\"/></DerivedField></NeuralInput></NeuralInputs><NeuralLayer " layer \
                    ">"                                                                                      \
                    "<Neuron id=\"1\" " neuron                                                               \
                    "><Con from=\"0\" weight=\"0.1\"/></Neuron></NeuralLayer><NeuralOutputs>"                \
                    "<NeuralOutput outputNeuron=\"1\"><DerivedField optype=\"continuous\" "                  \
                    "dataType=\"double\"><FieldRef "                                                         \
                    "field=\"y\"/></DerivedField></NeuralOutput></NeuralOutputs></NeuralNetwork>" XML_TAIL

static void networks(void **state) {
    (void)state;
    const char *leaky = NET("activationFunction=\"rectifier\" x-leakage=\"0.5\"", "", "bias=\"1\"");
    assert_near(of_one(leaky, "10", 0), 2);
    assert_near(of_one(leaky, "-30", 0), -1);
    assert_near(of_one(NET("", "activationFunction=\"rectifier\" x-leakage=\"0.25\"", ""), "-40", 0), -1);
    float product = 0.1F * 3, sum = product + 0.7F;
    const char *single = NET("activationFunction=\"identity\" x-mathContext=\"float\"", "", "bias=\"0.7\"");
    assert_true(of_one(single, "3", 0) == (double)sum);
    assert_near(
        of_one(NET("activationFunction=\"Elliott\" x-mathContext=\"float\"", "", "bias=\"0.7\""), "3", 0),
        (double)(float)(sum / (1 + sum)));
    assert_refused(NET("", "", ""), MR_INVALID_MODEL, "test:", "activationFunction");
    assert_refused(NET("activationFunction=\"radialBasis\" x-mathContext=\"float\"", "", "width=\"1\""),
                   MR_UNSUPPORTED, "test:", "in floats");
    assert_survives_failing_allocations(single);
}

#define GENERAL(attributes)                                                                                  \
    XML_HEAD DICTIONARY                                                                                      \
        "</DataDictionary><GeneralRegressionModel functionName=\"regression\" " attributes ">" SCHEMA(       \
            "y",                                                                                             \
            X) "<ParameterList><Parameter name=\"p0\"/><Parameter "                                          \
               "name=\"p1\"/></ParameterList><CovariateList>"                                                \
               "<Predictor name=\"x\"/></CovariateList><PPMatrix><PPCell value=\"1\" predictorName=\"x\" "   \
               "parameterName=\"p1\"/></PPMatrix><ParamMatrix><PCell parameterName=\"p0\" "                  \
               "beta=\"1\"/><PCell "                                                                         \
               "parameterName=\"p1\" beta=\"2\"/></ParamMatrix></GeneralRegressionModel>" XML_TAIL

static void settings_of_another_model_type(void **state) {
    (void)state;
    assert_near(
        of_one(GENERAL("modelType=\"regression\" linkFunction=\"log\" offsetValue=\"9\" trialsValue=\"5\""),
               "3", 0),
        7);
    assert_near(of_one(GENERAL("modelType=\"generalLinear\" linkFunction=\"power\""), "3", 0), 7);
    assert_near(of_one(GENERAL("modelType=\"generalizedLinear\" linkFunction=\"identity\" offsetValue=\"9\""),
                       "3", 0),
                16);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_a_producer),
        cmocka_unit_test(treatments),
        cmocka_unit_test(targets_of_the_other_kind),
        cmocka_unit_test(outputs),
        cmocka_unit_test(types_left_open),
        cmocka_unit_test(booleans_and_years),
        cmocka_unit_test(networks),
        cmocka_unit_test(settings_of_another_model_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
