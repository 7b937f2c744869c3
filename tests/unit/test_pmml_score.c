/* PMML semantics on small models: mining schemas, expressions, each family, outputs, targets. */
#include "pmml_helper.h"

#include <math.h>

#define FIELD(name) "<DataField name=\"" name "\" optype=\"continuous\" dataType=\"double\"/>"
#define STRINGS(name, values)                                                                                \
    "<DataField name=\"" name "\" optype=\"categorical\" dataType=\"string\">" values "</DataField>"
#define LINEAR(dictionary, schema, inside)                                                                   \
    XML_HEAD "<DataDictionary>" dictionary "</DataDictionary><RegressionModel functionName=\"regression\">"  \
             "<MiningSchema>" schema "</MiningSchema>" inside "</RegressionModel>" XML_TAIL
#define ECHO                                                                                                 \
    "<RegressionTable intercept=\"0\"><NumericPredictor name=\"x\" coefficient=\"1\"/></RegressionTable>"

static void treatments(void **state) {
    (void)state;
    scorer s = scorer_must(LINEAR(FIELD("x"), "<MiningField name=\"x\"/>", ECHO));
    assert_int_equal(score_cells(&s, "2.5"), MR_OK);
    assert_near(out_number(&s, 0), 2.5);
    assert_string_equal(mr_model_get_shape(s.model)->outputs[0].name, "_target");
    assert_int_equal(score_cells(&s, NULL), MR_OK);
    assert_false(out_present(&s, 0));
    assert_int_equal(score_cells(&s, "abc"), MR_INVALID_VALUE);
    assert_non_null(strstr(s.result.message, "\"x\""));
    assert_int_equal(score_cells(&s, "NaN"), MR_INVALID_VALUE); /* invalid, not missing */
    assert_int_equal(score_cells(&s, "-0"), MR_OK);
    assert_false(signbit(out_number(&s, 0)));
    scorer_free(&s);

    s = scorer_must(
        LINEAR("<DataField name=\"x\" optype=\"continuous\" dataType=\"double\">"
               "<Interval closure=\"closedOpen\" leftMargin=\"0\" rightMargin=\"10\"/>"
               "<Value value=\"-1\" property=\"missing\"/></DataField>",
               "<MiningField name=\"x\" missingValueReplacement=\"5\" invalidValueTreatment=\"asMissing\" "
               "outliers=\"asExtremeValues\" lowValue=\"1\" highValue=\"8\"/>",
               ECHO));
    static const struct {
        const char *cell;
        double expected;
    } cases[] = {{NULL, 5}, {"-1", 5}, {"10", 5}, {"abc", 5}, {"0", 1}, {"9", 8}, {"3", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(score_cells(&s, cases[i].cell), MR_OK);
        assert_near(out_number(&s, 0), cases[i].expected);
    }
    scorer_free(&s);

    s = scorer_must(
        LINEAR(FIELD("x"), "<MiningField name=\"x\" missingValueTreatment=\"returnInvalid\"/>", ECHO));
    assert_int_equal(score_cells(&s, NULL), MR_INVALID_VALUE);
    assert_non_null(strstr(s.result.message, "missing"));
    scorer_free(&s);
}

static void missing_texts_of_numbers(void **state) {
    (void)state;
    scorer s = scorer_must(LINEAR("<DataField name=\"x\" optype=\"continuous\" dataType=\"double\">"
                                  "<Value value=\"N/A\" property=\"missing\"/></DataField>",
                                  "<MiningField name=\"x\"/>", ECHO));
    assert_int_equal(mr_model_get_shape(s.model)->inputs[0].type, MR_TYPE_STRING);
    assert_int_equal(score_cells(&s, "N/A"), MR_OK);
    assert_false(out_present(&s, 0));
    assert_int_equal(score_cells(&s, "1.5"), MR_OK);
    assert_near(out_number(&s, 0), 1.5);
    assert_int_equal(score_cells(&s, "abc"), MR_INVALID_VALUE);
    scorer_free(&s);
}

#define DERIVED(name, type, expression)                                                                      \
    "<DerivedField name=\"" name "\" optype=\"continuous\" dataType=\"" type "\">" expression                \
    "</DerivedField>"
#define SHOW(name)                                                                                           \
    "<OutputField name=\"o_" name "\" feature=\"transformedValue\"><FieldRef field=\"" name                  \
    "\"/></OutputField>"

static void expressions(void **state) {
    (void)state;
    scorer s = scorer_must(LINEAR(
        FIELD("x") STRINGS("c", "<Value value=\"a\"/><Value value=\"b\"/>"),
        "<MiningField name=\"x\"/><MiningField name=\"c\"/>",
        "<Output>" SHOW("norm") SHOW("bin") SHOW("map") SHOW("hot") SHOW("if") SHOW("max") SHOW(
            "narrow") "</Output>"
                      "<LocalTransformations>" DERIVED(
                          "norm", "double",
                          "<NormContinuous field=\"x\" outliers=\"asExtremeValues\"><LinearNorm orig=\"0\" "
                          "norm=\"0\"/>"
                          "<LinearNorm orig=\"10\" norm=\"1\"/><LinearNorm orig=\"20\" "
                          "norm=\"4\"/></NormContinuous>")
                          DERIVED("bin", "integer",
                                  "<Discretize field=\"x\" defaultValue=\"9\"><DiscretizeBin binValue=\"1\">"
                                  "<Interval closure=\"openClosed\" leftMargin=\"0\" "
                                  "rightMargin=\"5\"/></DiscretizeBin></Discretize>")
                              DERIVED("map", "double",
                                      "<MapValues outputColumn=\"to\" mapMissingTo=\"-1\"><FieldColumnPair "
                                      "field=\"c\" column=\"from\"/>"
                                      "<InlineTable><row><from>a</from><to>1.5</to></row></InlineTable></"
                                      "MapValues>")
                                  DERIVED("hot", "double", "<NormDiscrete field=\"c\" value=\"b\"/>") DERIVED(
                                      "if", "double",
                                      "<Apply function=\"if\"><Apply function=\"and\"><Apply "
                                      "function=\"greaterThan\"><FieldRef field=\"x\"/>"
                                      "<Constant>1</Constant></Apply><Apply function=\"equal\"><FieldRef "
                                      "field=\"c\"/><Constant>a</Constant></Apply></Apply>"
                                      "<Apply function=\"pow\"><FieldRef "
                                      "field=\"x\"/><Constant>2</Constant></Apply><Constant>-1</Constant></"
                                      "Apply>") DERIVED("max", "double",
                                                        "<Apply function=\"max\"><FieldRef "
                                                        "field=\"x\"/><FieldRef field=\"hot\"/></Apply>")
                                      DERIVED("narrow", "float",
                                              "<FieldRef field=\"x\"/>") "</LocalTransformations>" ECHO));
    score_cells(&s, "15.1", "a");
    assert_near(out_number(&s, 1), 2.53);
    assert_near(out_number(&s, 2), 9);
    assert_near(out_number(&s, 3), 1.5);
    assert_near(out_number(&s, 4), 0);
    assert_near(out_number(&s, 5), 15.1 * 15.1);
    assert_near(out_number(&s, 6), 15.1);
    assert_near(out_number(&s, 7), (double)15.1f);
    score_cells(&s, "5", "b");
    assert_near(out_number(&s, 1), 0.5);
    assert_near(out_number(&s, 2), 1);
    assert_false(out_present(&s, 3)); /* not in the table */
    assert_near(out_number(&s, 4), 1);
    assert_near(out_number(&s, 5), -1);
    score_cells(&s, NULL, NULL);
    assert_false(out_present(&s, 1));
    assert_near(out_number(&s, 3), -1);
    assert_false(out_present(&s, 5));
    assert_false(out_present(&s, 6)); /* both are missing */
    score_cells(&s, NULL, "b");
    assert_near(out_number(&s, 6), 1); /* max leaves the missing one out */
    scorer_free(&s);
}

#define TREE(attributes)                                                                                     \
    XML_HEAD "<DataDictionary>" FIELD("x") STRINGS("c", "")                                                  \
        STRINGS("y", "") "</DataDictionary><TreeModel functionName=\"classification\" " attributes           \
                         "><MiningSchema>"                                                                   \
                         "<MiningField name=\"x\"/><MiningField name=\"c\"/><MiningField name=\"y\" "        \
                         "usageType=\"target\"/></MiningSchema>"                                             \
                         "<Output><OutputField name=\"p\" feature=\"probability\" value=\"no\"/>"            \
                         "<OutputField name=\"id\" feature=\"entityId\"/></Output>"                          \
                         "<Node id=\"1\" score=\"yes\" recordCount=\"10\" defaultChild=\"3\"><True/>"        \
                         "<ScoreDistribution value=\"yes\" recordCount=\"6\"/><ScoreDistribution "           \
                         "value=\"no\" recordCount=\"4\"/>"                                                  \
                         "<Node id=\"2\" score=\"no\" recordCount=\"4\"><SimplePredicate field=\"x\" "       \
                         "operator=\"lessThan\" value=\"1\"/>"                                               \
                         "<ScoreDistribution value=\"yes\" recordCount=\"1\"/><ScoreDistribution "           \
                         "value=\"no\" recordCount=\"3\"/></Node>"                                           \
                         "<Node id=\"3\" score=\"yes\" recordCount=\"5\"><SimpleSetPredicate field=\"c\" "   \
                         "booleanOperator=\"isIn\">"                                                         \
                         "<Array n=\"2\" type=\"string\">a \"b c\"</Array></SimpleSetPredicate>"             \
                         "<ScoreDistribution value=\"yes\" recordCount=\"5\"/><ScoreDistribution "           \
                         "value=\"no\" recordCount=\"0\"/></Node>"                                           \
                         "</Node></TreeModel>" XML_TAIL

static void tree_strategies(void **state) {
    (void)state;
    static const struct {
        const char *xml, *x, *c, *id; /* id NULL: no prediction */
    } cases[] = {
        {TREE(""), "0", NULL, "2"},
        {TREE(""), "1", "b c", "3"},
        {TREE(""), "1", "d", NULL},
        {TREE(""), NULL, "a", "3"}, /* unknown counts as not true */
        {TREE("noTrueChildStrategy=\"returnLastPrediction\""), "1", "d", "1"},
        {TREE("missingValueStrategy=\"nullPrediction\""), NULL, "a", NULL},
        {TREE("missingValueStrategy=\"lastPrediction\""), NULL, "a", "1"},
        {TREE("missingValueStrategy=\"lastPrediction\""), "1", NULL, "1"},
        {TREE("missingValueStrategy=\"defaultChild\""), NULL, "d", "3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scorer s = scorer_must(cases[i].xml);
        assert_int_equal(score_cells(&s, cases[i].x, cases[i].c), MR_OK);
        assert_int_equal(out_present(&s, 0), cases[i].id != NULL);
        if (cases[i].id) {
            assert_text(&s, 2, cases[i].id);
            assert_text(&s, 0, cases[i].id[0] == '2' ? "no" : "yes");
            assert_near(out_number(&s, 1), cases[i].id[0] == '2' ? 0.75 : cases[i].id[0] == '1' ? 0.4 : 0);
        }
        scorer_free(&s);
    }
}

static void compound_predicates(void **state) {
    (void)state;
    scorer s = scorer_must(XML_HEAD "<DataDictionary>" FIELD("x") FIELD(
        "z") "</DataDictionary><TreeModel functionName=\"regression\">"
             "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"z\"/></MiningSchema><Node><True/>"
             "<Node score=\"1\"><CompoundPredicate booleanOperator=\"and\"><SimplePredicate field=\"x\" "
             "operator=\"greaterThan\" value=\"0\"/>"
             "<SimplePredicate field=\"z\" operator=\"equal\" value=\"1\"/></CompoundPredicate></Node>"
             "<Node score=\"2\"><CompoundPredicate booleanOperator=\"xor\"><SimplePredicate field=\"x\" "
             "operator=\"lessThan\" value=\"0\"/>"
             "<SimplePredicate field=\"z\" operator=\"notEqual\" value=\"2\"/></CompoundPredicate></Node>"
             "<Node score=\"3\"><CompoundPredicate booleanOperator=\"surrogate\"><SimplePredicate "
             "field=\"x\" operator=\"greaterOrEqual\" value=\"5\"/>"
             "<SimplePredicate field=\"z\" operator=\"isMissing\"/></CompoundPredicate></Node>"
             "<Node score=\"4\"><True/></Node></Node></TreeModel>" XML_TAIL);
    static const struct {
        const char *x, *z;
        double expected;
    } cases[] = {{"1", "1", 1}, {"1", "3", 2},   {"-1", "3", 4}, {"-1", "2", 2},
                 {"6", "2", 3}, {NULL, NULL, 3}, {"1", "2", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        score_cells(&s, cases[i].x, cases[i].z);
        assert_near(out_number(&s, 0), cases[i].expected);
    }
    scorer_free(&s);
}

#define LOGIT(normalization)                                                                                 \
    XML_HEAD "<DataDictionary>" FIELD("x") STRINGS("c", "") STRINGS(                                         \
        "y", "") "</DataDictionary><RegressionModel functionName=\"classification\" "                        \
                 "normalizationMethod=\"" normalization "\">"                                                \
                 "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"c\"/><MiningField name=\"y\" "  \
                 "usageType=\"target\"/></MiningSchema>"                                                     \
                 "<Output><OutputField name=\"p\" feature=\"probability\" value=\"A\"/></Output>"            \
                 "<RegressionTable intercept=\"0.5\" targetCategory=\"A\"><NumericPredictor name=\"x\" "     \
                 "exponent=\"2\" coefficient=\"-1\"/>"                                                       \
                 "<CategoricalPredictor name=\"c\" value=\"k\" coefficient=\"2\"/></RegressionTable>"        \
                 "<RegressionTable intercept=\"0\" targetCategory=\"B\"/></RegressionModel>" XML_TAIL

static void classifying_regressions(void **state) {
    (void)state;
    scorer s = scorer_must(LOGIT("logit"));
    score_cells(&s, "1", "k");
    assert_near(out_number(&s, 1), 1 / (1 + exp(-1.5)));
    assert_text(&s, 0, "A");
    score_cells(&s, "1", NULL); /* a missing category adds nothing */
    assert_near(out_number(&s, 1), 1 / (1 + exp(0.5)));
    assert_text(&s, 0, "B");
    score_cells(&s, NULL, "k");
    assert_false(out_present(&s, 0));
    scorer_free(&s);
    s = scorer_must(LOGIT("softmax"));
    score_cells(&s, "1", "k");
    assert_near(out_number(&s, 1), exp(1.5) / (exp(1.5) + 1));
    scorer_free(&s);
    assert_refused(LOGIT("exp"), MR_UNSUPPORTED, "test:4", "normalizationMethod");
}

static void general_regression_and_targets(void **state) {
    (void)state;
    scorer s = scorer_must(XML_HEAD "<DataDictionary>" FIELD("x") STRINGS("c", "") FIELD(
        "y") "</DataDictionary><GeneralRegressionModel functionName=\"regression\" "
             "modelType=\"generalizedLinear\" linkFunction=\"log\">"
             "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"c\"/><MiningField name=\"y\" "
             "usageType=\"predicted\"/></MiningSchema>"
             "<Targets><Target field=\"y\" rescaleFactor=\"10\" rescaleConstant=\"0.5\" "
             "castInteger=\"round\" max=\"30\"/></Targets>"
             "<ParameterList><Parameter name=\"p0\"/><Parameter name=\"p1\"/><Parameter "
             "name=\"p2\"/></ParameterList>"
             "<FactorList><Predictor name=\"c\"/></FactorList><CovariateList><Predictor "
             "name=\"x\"/></CovariateList>"
             "<PPMatrix><PPCell value=\"2\" predictorName=\"x\" parameterName=\"p1\"/><PPCell value=\"1\" "
             "predictorName=\"x\" parameterName=\"p2\"/>"
             "<PPCell value=\"k\" predictorName=\"c\" parameterName=\"p2\"/></PPMatrix>"
             "<ParamMatrix><PCell parameterName=\"p0\" beta=\"0.1\"/><PCell parameterName=\"p1\" "
             "beta=\"0.2\"/>"
             "<PCell parameterName=\"p2\" beta=\"0.3\"/></ParamMatrix></GeneralRegressionModel>" XML_TAIL);
    score_cells(&s, "2", "k");
    assert_near(out_number(&s, 0), floor(10 * exp(0.1 + 0.8 + 0.6) + 1)); /* + 0.5, then a half goes up */
    score_cells(&s, "2", "z");
    assert_near(out_number(&s, 0), floor(10 * exp(0.9) + 1));
    score_cells(&s, "9", "k");
    assert_near(out_number(&s, 0), 301); /* 30 at most, before it is rescaled */
    score_cells(&s, "2", NULL);
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

static void neural_network(void **state) {
    (void)state;
    scorer s = scorer_must(XML_HEAD "<DataDictionary>" FIELD("x") STRINGS(
        "y",
        "<Value value=\"n\"/><Value value=\"p\"/>") "</DataDictionary><NeuralNetwork "
                                                    "functionName=\"classification\" "
                                                    "activationFunction=\"tanh\">"
                                                    "<MiningSchema><MiningField name=\"x\"/><MiningField "
                                                    "name=\"y\" usageType=\"target\"/></MiningSchema>"
                                                    "<Output><OutputField name=\"q\" feature=\"probability\" "
                                                    "value=\"p\"/></Output>"
                                                    "<NeuralInputs><NeuralInput id=\"i\"><DerivedField "
                                                    "optype=\"continuous\" "
                                                    "dataType=\"double\"><NormContinuous field=\"x\">"
                                                    "<LinearNorm orig=\"0\" norm=\"-1\"/><LinearNorm "
                                                    "orig=\"2\" "
                                                    "norm=\"1\"/></NormContinuous></DerivedField></"
                                                    "NeuralInput></NeuralInputs>"
                                                    "<NeuralLayer><Neuron id=\"h\" bias=\"0.25\"><Con "
                                                    "from=\"i\" weight=\"0.5\"/></Neuron></NeuralLayer>"
                                                    "<NeuralLayer activationFunction=\"identity\" "
                                                    "normalizationMethod=\"softmax\"><Neuron id=\"a\"><Con "
                                                    "from=\"h\" weight=\"1\"/></Neuron>"
                                                    "<Neuron id=\"b\" bias=\"0.1\"><Con from=\"h\" "
                                                    "weight=\"-1\"/></Neuron></NeuralLayer>"
                                                    "<NeuralOutputs><NeuralOutput "
                                                    "outputNeuron=\"a\"><DerivedField optype=\"categorical\" "
                                                    "dataType=\"string\"><NormDiscrete field=\"y\" "
                                                    "value=\"p\"/></DerivedField></NeuralOutput>"
                                                    "<NeuralOutput outputNeuron=\"b\"><DerivedField "
                                                    "optype=\"categorical\" "
                                                    "dataType=\"string\"><NormDiscrete field=\"y\" "
                                                    "value=\"n\"/></DerivedField></NeuralOutput></"
                                                    "NeuralOutputs>"
                                                    "</NeuralNetwork>" XML_TAIL);
    score_cells(&s, "1.5");
    double h = tanh(0.25 + 0.25), a = exp(h), b = exp(0.1 - h);
    assert_near(out_number(&s, 1), a / (a + b));
    assert_text(&s, 0, "p");
    scorer_free(&s);
}

#define SEGMENT(predicate, attributes, y)                                                                    \
    "<Segment " attributes ">" predicate "<RegressionModel functionName=\"regression\"><MiningSchema>"       \
    "<MiningField name=\"x\"/></MiningSchema><RegressionTable intercept=\"" y                                \
    "\"><NumericPredictor name=\"x\" coefficient=\"1\"/>"                                                    \
    "</RegressionTable></RegressionModel></Segment>"
#define ENSEMBLE(method)                                                                                     \
    XML_HEAD "<DataDictionary>" FIELD(                                                                       \
        "x") "</DataDictionary><MiningModel functionName=\"regression\">"                                    \
             "<MiningSchema><MiningField name=\"x\"/></MiningSchema><Segmentation "                          \
             "multipleModelMethod=\"" method "\">" SEGMENT("<True/>", "weight=\"1\"", "1")                   \
                 SEGMENT("<True/>", "weight=\"3\"", "5")                                                     \
                     SEGMENT("<SimplePredicate field=\"x\" operator=\"greaterThan\" value=\"10\"/>",         \
                             "weight=\"4\"", "100") "</Segmentation></MiningModel>" XML_TAIL

static void ensembles(void **state) {
    (void)state;
    static const struct {
        const char *xml;
        double low, high; /* at x = 0 and 20 */
    } cases[] = {
        {ENSEMBLE("sum"), 6, 166},
        {ENSEMBLE("average"), 3, 166.0 / 3},
        {ENSEMBLE("weightedAverage"), 4, (21 + 75 + 480) / 8.0},
        {ENSEMBLE("median"), 3, 25},
        {ENSEMBLE("max"), 5, 120},
        {ENSEMBLE("weightedSum"), 16, 21 + 75 + 480},
        {ENSEMBLE("weightedMedian"), 5, 25}, /* half of the weight is reached with the second one */
        {ENSEMBLE("selectFirst"), 1, 21},
        {ENSEMBLE("modelChain"), 5, 120},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scorer s = scorer_must(cases[i].xml);
        score_cells(&s, "0");
        assert_near(out_number(&s, 0), cases[i].low);
        score_cells(&s, "20");
        assert_near(out_number(&s, 0), cases[i].high);
        score_cells(&s, NULL);
        assert_false(out_present(&s, 0));
        scorer_free(&s);
    }
    assert_refused(ENSEMBLE("selectAny"), MR_UNSUPPORTED, "test:4", "selectAny");
}

#define VOTER(score)                                                                                         \
    "<Segment><True/><TreeModel functionName=\"classification\"><MiningSchema><MiningField name=\"x\"/>"     \
    "</MiningSchema><Node><True/><Node score=\"" score "\"><SimplePredicate field=\"x\" "                    \
    "operator=\"greaterThan\" value=\"" score "\"/></Node></Node></TreeModel></Segment>"
#define VOTE(other)                                                                                          \
    XML_HEAD "<DataDictionary>" FIELD(                                                                       \
        "x") "<DataField name=\"y\" optype=\"categorical\" "                                                 \
             "dataType=\"integer\"/></DataDictionary><MiningModel functionName=\"classification\">"          \
             "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"y\" usageType=\"target\"/>"         \
             "</MiningSchema><Output><OutputField name=\"p\" feature=\"probability\" value=\"1\"/></Output>" \
             "<Segmentation multipleModelMethod=\"majorityVote\">" VOTER("1") VOTER("1") VOTER("2")          \
                 VOTER("3") other "</Segmentation></MiningModel>" XML_TAIL

/* A tree without a true child votes for "missing": it may win, but takes no share. In both forms of trees. */
static void votes_for_nothing(void **state) {
    (void)state;
    static const char *const forms[] = {
        VOTE(""), VOTE("<Segment><False/><RegressionModel functionName=\"classification\"><MiningSchema/>"
                       "<RegressionTable targetCategory=\"1\"/><RegressionTable targetCategory=\"2\"/>"
                       "</RegressionModel></Segment>")};
    for (size_t i = 0; i < 2; i++) {
        scorer s = scorer_must(forms[i]);
        score_cells(&s, "5");
        assert_near(out_number(&s, 0), 1);
        assert_near(out_number(&s, 1), 0.5);
        score_cells(&s, "2.5"); /* 1 1 2 and one for nothing */
        assert_near(out_number(&s, 0), 1);
        assert_near(out_number(&s, 1), 2.0 / 3);
        score_cells(&s, "0");
        assert_false(out_present(&s, 0));
        scorer_free(&s);
    }
}

static void float_targets_predict_floats(void **state) {
    (void)state;
#define FLOAT_TARGET "<DataField name=\"y\" optype=\"continuous\" dataType=\"float\"/>"
#define TARGET       "<MiningField name=\"y\" usageType=\"target\"/>"
    scorer s = scorer_must(LINEAR(FIELD("x") FLOAT_TARGET, "<MiningField name=\"x\"/>" TARGET, ECHO));
    score_cells(&s, "0.1");
    assert_true(out_number(&s, 0) == (double)0.1f);
    scorer_free(&s);
#define FLOAT_TREE(score)                                                                                    \
    "<Segment><True/><TreeModel functionName=\"regression\"><MiningSchema><MiningField name=\"x\"/>" TARGET  \
    "</MiningSchema><Node score=\"" score "\"><True/></Node></TreeModel></Segment>"
    s = scorer_must(XML_HEAD "<DataDictionary>" FIELD("x") FLOAT_TARGET
                    "</DataDictionary><MiningModel functionName=\"regression\"><MiningSchema><MiningField "
                    "name=\"x\"/></MiningSchema><Segmentation multipleModelMethod=\"sum\">" FLOAT_TREE("0.1")
                        FLOAT_TREE("0.2") "</Segmentation></MiningModel>" XML_TAIL);
    score_cells(&s, "0"); /* each tree's prediction is a float; the ensemble, without a target, is not */
    assert_true(out_number(&s, 0) == (double)0.1f + (double)0.2f);
    scorer_free(&s);
}

static void chains_hand_outputs_on(void **state) {
    (void)state;
    scorer s = scorer_must(XML_HEAD "<DataDictionary>" FIELD("x") FIELD(
        "y") "</DataDictionary><MiningModel functionName=\"regression\">"
             "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"y\" "
             "usageType=\"target\"/></MiningSchema>"
             "<Segmentation multipleModelMethod=\"modelChain\">"
             "<Segment><SimplePredicate field=\"x\" operator=\"lessThan\" value=\"10\"/><RegressionModel "
             "functionName=\"regression\">"
             "<MiningSchema><MiningField name=\"x\"/></MiningSchema><Output><OutputField name=\"first\" "
             "feature=\"predictedValue\"/></Output>"
             "<RegressionTable intercept=\"1\"><NumericPredictor name=\"x\" "
             "coefficient=\"2\"/></RegressionTable></RegressionModel></Segment>"
             "<Segment><True/><RegressionModel functionName=\"regression\"><MiningSchema>"
             "<MiningField name=\"first\" missingValueReplacement=\"-7\"/></MiningSchema><RegressionTable "
             "intercept=\"0\">"
             "<NumericPredictor name=\"first\" "
             "coefficient=\"10\"/></RegressionTable></RegressionModel></Segment>"
             "</Segmentation></MiningModel>" XML_TAIL);
    score_cells(&s, "1");
    assert_near(out_number(&s, 0), 30);
    score_cells(&s, "11"); /* the first does not run: its output is missing, not that of the row before */
    assert_near(out_number(&s, 0), -70);
    scorer_free(&s);
}

/* The second segment's output must not be that of an earlier row. */
static void selected_segments_show_their_outputs(void **state) {
    (void)state;
#define SELECTED(predicate, name)                                                                            \
    "<Segment>" predicate                                                                                    \
    "<RegressionModel functionName=\"regression\"><MiningSchema><MiningField name=\"x\"/></MiningSchema>"    \
    "<Output><OutputField name=\"" name "\" feature=\"predictedValue\"/></Output>" ECHO                      \
    "</RegressionModel></Segment>"
    scorer s = scorer_must(XML_HEAD "<DataDictionary>" FIELD(
        "x") "</DataDictionary><MiningModel functionName=\"regression\">"
             "<MiningSchema><MiningField name=\"x\"/></MiningSchema><Segmentation "
             "multipleModelMethod=\"selectFirst\">" SELECTED(
                 "<SimplePredicate field=\"x\" operator=\"lessThan\" value=\"0\"/>", "low")
                               SELECTED("<True/>", "high") "</Segmentation></MiningModel>" XML_TAIL);
    score_cells(&s, "5");
    assert_false(out_present(&s, 1));
    assert_near(out_number(&s, 2), 5);
    score_cells(&s, "-5");
    assert_near(out_number(&s, 0), -5);
    assert_near(out_number(&s, 1), -5);
    assert_false(out_present(&s, 2));
    scorer_free(&s);
}

static void scratch_grows_on_demand(void **state) {
    (void)state;
    scorer s;
    mr_error error;
    assert_int_equal(scorer_open(&s, ENSEMBLE("sum"), 3, &error), MR_OK);
    for (uint32_t r = 0; r < 3; r++) set_cell(&s, r, 0, r == 1 ? "abc" : "1");
    mr_row_result rows[3];
    mr_score_progress progress = {0};
    mr_status status;
    int calls = 0;
    while ((status = mr_score(s.binding, s.in, s.out, rows, s.scratch, &progress)) == MR_MORE_MEMORY) {
        assert_true(progress.needed > 0 && ++calls < 10);
        assert_int_equal(mr_scratch_grow(s.scratch, progress.needed, &error), MR_OK);
    }
    assert_int_equal(status, MR_OK);
    assert_true(calls > 0);
    assert_int_equal(rows[1].status, MR_INVALID_VALUE);
    assert_int_equal(rows[2].status, MR_OK);
    scorer_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(treatments),
        cmocka_unit_test(missing_texts_of_numbers),
        cmocka_unit_test(expressions),
        cmocka_unit_test(tree_strategies),
        cmocka_unit_test(compound_predicates),
        cmocka_unit_test(classifying_regressions),
        cmocka_unit_test(general_regression_and_targets),
        cmocka_unit_test(neural_network),
        cmocka_unit_test(ensembles),
        cmocka_unit_test(votes_for_nothing),
        cmocka_unit_test(float_targets_predict_floats),
        cmocka_unit_test(chains_hand_outputs_on),
        cmocka_unit_test(selected_segments_show_their_outputs),
        cmocka_unit_test(scratch_grows_on_demand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
