/* General regression: contrasts, ordinal classes, Cox regression with strata, standard errors, and predictors
 * that differ between categories. Expected values worked out by hand. */
#include "pmml_helper.h"

#include <math.h>

#define NUMBER(name) "<DataField name=\"" name "\" optype=\"continuous\" dataType=\"double\"/>"
#define STRINGS(name, values)                                                                                \
    "<DataField name=\"" name "\" optype=\"categorical\" dataType=\"string\">" values "</DataField>"
#define DICTIONARY                                                                                           \
    "<DataDictionary>" NUMBER("x") NUMBER("t") STRINGS("f", "") NUMBER("y")                                  \
        STRINGS("c", "<Value value=\"low\"/><Value value=\"mid\"/><Value value=\"high\"/>")                  \
            STRINGS("k", "<Value value=\"no\"/><Value value=\"yes\"/>") "</DataDictionary>"
#define SCHEMA(target)                                                                                       \
    "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"t\"/><MiningField name=\"f\"/>"              \
    "<MiningField name=\"" target "\" usageType=\"target\"/></MiningSchema>"
#define MODEL(function, target, attributes, outputs, inside)                                                 \
    XML_HEAD DICTIONARY "<GeneralRegressionModel functionName=\"" function "\" " attributes                  \
                        ">" SCHEMA(target) outputs inside "</GeneralRegressionModel>" XML_TAIL
#define PARAMETERS(more)                                                                                     \
    "<ParameterList><Parameter name=\"p0\"/><Parameter name=\"p1\" referencePoint=\"2\"/>"                   \
    "<Parameter name=\"p2\"/>" more "</ParameterList>"
#define FACTOR(inside) "<FactorList><Predictor name=\"f\">" inside "</Predictor></FactorList>"
#define COVARIATE      "<CovariateList><Predictor name=\"x\"/></CovariateList>"
#define X(parameter)   "<PPCell value=\"1\" predictorName=\"x\" parameterName=\"" parameter "\"/>"
#define F(parameter, value)                                                                                  \
    "<PPCell value=\"" value "\" predictorName=\"f\" parameterName=\"" parameter "\"/>"
#define B(parameter, beta) "<PCell parameterName=\"" parameter "\" beta=\"" beta "\"/>"
#define BC(category, parameter, beta)                                                                        \
    "<PCell targetCategory=\"" category "\" parameterName=\"" parameter "\" beta=\"" beta "\"/>"
#define OUTPUT(name, feature, more)                                                                          \
    "<Output><OutputField name=\"" name "\" feature=\"" feature "\" " more "/></Output>"

static void contrasts(void **state) {
    (void)state;
#define HELMERT                                                                                              \
    "<Categories><Category value=\"a\"/><Category value=\"b\"/><Category value=\"c\"/></Categories>"         \
    "<Matrix nbRows=\"3\" nbCols=\"2\"><Array n=\"2\" type=\"real\">0.5 0</Array>"                           \
    "<Array n=\"2\" type=\"real\">-0.25 2</Array><Array n=\"2\" type=\"real\">-0.25 -2</Array></Matrix>"
    scorer s = scorer_must(MODEL("regression", "y", "modelType=\"generalLinear\"", "",
                                 PARAMETERS("") FACTOR(HELMERT) COVARIATE "<PPMatrix>" F("p1", "a")
                                     F("p2", "b") X("p2") "</PPMatrix><ParamMatrix>" B("p0", "1") B("p1", "4")
                                         B("p2", "3") "</ParamMatrix>"));
    assert_int_equal(score_cells(&s, "5", NULL, "a"), MR_OK);
    assert_near(out_number(&s, 0), 1 + 4 * 0.5 + 3 * 0 * 5);
    assert_int_equal(score_cells(&s, "5", NULL, "c"), MR_OK);
    assert_near(out_number(&s, 0), 1 + 4 * -0.25 + 3 * -2 * 5);
    assert_int_equal(score_cells(&s, "5", NULL, "z"), MR_OK); /* the matrix says nothing of it */
    assert_false(out_present(&s, 0));
    assert_int_equal(score_cells(&s, NULL, NULL, "a"), MR_OK);
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

static void ordinal_classes(void **state) {
    (void)state;
    scorer s =
        scorer_must(MODEL("classification", "c",
                          "modelType=\"ordinalMultinomial\" cumulativeLink=\"logit\" offsetValue=\"0.5\"",
                          OUTPUT("p", "probability", "value=\"mid\""),
                          PARAMETERS("") FACTOR("") COVARIATE "<PPMatrix>" X("p1")
                              F("p2", "a") "</PPMatrix><ParamMatrix>" BC("low", "p0", "-1")
                                  BC("mid", "p0", "1") B("p1", "0.25") B("p2", "2") "</ParamMatrix>"));
    assert_int_equal(score_cells(&s, "-4", NULL, "b"), MR_OK); /* sums -1.5 and 0.5 */
    assert_text(&s, 0, "mid");
    assert_near(out_number(&s, 1), logistic(0.5) - logistic(-1.5));
    assert_int_equal(score_cells(&s, "4", NULL, "a"), MR_OK);
    assert_text(&s, 0, "low");
    assert_int_equal(score_cells(&s, "-20", NULL, "b"), MR_OK);
    assert_text(&s, 0, "high");
    scorer_free(&s);
}

static void cox(void **state) {
    (void)state;
#define STRATUM(value, most, cells)                                                                          \
    "<BaselineStratum value=\"" value "\" maxTime=\"" most "\">" cells "</BaselineStratum>"
#define AT(time, hazard) "<BaselineCell time=\"" time "\" cumHazard=\"" hazard "\"/>"
#define COX(strata, tables)                                                                                  \
    MODEL("regression", "y", "modelType=\"CoxRegression\" endTimeVariable=\"t\" " strata, "",                \
          PARAMETERS("") COVARIATE "<PPMatrix>" X("p1") "</PPMatrix><ParamMatrix>" B("p1", "0.5")            \
              B("p0", "0") "</ParamMatrix>" tables)
    scorer s = scorer_must(COX("baselineStrataVariable=\"f\"",
                               "<BaseCumHazardTables>" STRATUM("b", "9", AT("4", "0.5") AT("1", "0.25"))
                                   STRATUM("a", "3", AT("2", "0.125")) "</BaseCumHazardTables>"));
    static const struct {
        const char *x, *t, *f;
        double expected; /* negative: missing */
    } cases[] = {
        {"4", "4", "b", 2.718281828459045 * 0.5}, /* exp(0.5 * (4 - 2)), its reference point is 2 */
        {"2", "3.9", "b", 0.25},                  /* the last step before */
        {"2", "0.5", "b", 0},                     /* before all */
        {NULL, "0.5", "b", 0},
        {"2", "9.5", "b", -1}, /* beyond maxTime */
        {"2", "3", "a", 0.125},
        {"2", "1", "z", -1}, /* no such stratum */
        {"2", "1", NULL, -1},
        {"2", NULL, "a", -1},
        {NULL, "3", "a", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(score_cells(&s, cases[i].x, cases[i].t, cases[i].f), MR_OK);
        if (cases[i].expected < 0) assert_false(out_present(&s, 0));
        else assert_near(out_number(&s, 0), cases[i].expected);
    }
    scorer_free(&s);
    s = scorer_must(COX("", "<BaseCumHazardTables maxTime=\"5\">" AT("1", "2") "</BaseCumHazardTables>"));
    assert_int_equal(score_cells(&s, "2", "1", NULL), MR_OK);
    assert_near(out_number(&s, 0), 2);
    scorer_free(&s);
}

/* A parameter without a weight is not in the sum: not even as 0 times infinity, nor when it is missing. */
static void parameters_without_weight(void **state) {
    (void)state;
    scorer s = scorer_must(MODEL("regression", "y", "modelType=\"generalLinear\"", "",
                                 PARAMETERS("") FACTOR("") COVARIATE "<PPMatrix>" X("p1")
                                     F("p2", "a") "</PPMatrix><ParamMatrix>" B("p0", "1")
                                         B("p2", "3") "</ParamMatrix>"));
    assert_int_equal(score_cells(&s, "Infinity", NULL, "a"), MR_OK);
    assert_near(out_number(&s, 0), 4);
    assert_int_equal(score_cells(&s, NULL, NULL, "b"), MR_OK);
    assert_near(out_number(&s, 0), 1);
    scorer_free(&s);
    /* One class weighs x, the other does not. */
    s = scorer_must(MODEL("classification", "c", "modelType=\"multinomialLogistic\"",
                          OUTPUT("p", "probability", "value=\"low\""),
                          PARAMETERS("") COVARIATE "<PPMatrix>" X("p1") "</PPMatrix><ParamMatrix>" BC(
                              "low", "p0", "1") BC("mid", "p0", "2") BC("mid", "p1", "1") "</ParamMatrix>"));
    assert_int_equal(score_cells(&s, "-Infinity", NULL, NULL), MR_OK);
    assert_near(out_number(&s, 1), logistic(1));
    scorer_free(&s);
    assert_refused(MODEL("regression", "y", "modelType=\"generalLinear\"", "",
                         PARAMETERS("") "<PPMatrix/><ParamMatrix>" B("p0", "NaN") "</ParamMatrix>"),
                   MR_INVALID_MODEL, "test:4", "NaN");
}

static void standard_errors(void **state) {
    (void)state;
    scorer s = scorer_must(MODEL(
        "regression", "y", "modelType=\"regression\"", OUTPUT("e", "standardError", ""),
        PARAMETERS("") COVARIATE "<PPMatrix>" X("p1") X("p2")
            X("p2") "</PPMatrix><PCovMatrix type=\"model\">"
                    "<PCovCell pRow=\"p0\" pCol=\"p0\" value=\"4\"/><PCovCell pRow=\"p0\" pCol=\"p1\" "
                    "value=\"-1\"/>"
                    "<PCovCell pRow=\"p1\" pCol=\"p1\" value=\"1\"/></PCovMatrix><ParamMatrix>" B("p0", "1")
                        B("p1", "2") "</ParamMatrix>"));
    assert_int_equal(score_cells(&s, "3", NULL, NULL), MR_OK);
    assert_near(out_number(&s, 0), 7);
    assert_near(out_number(&s, 1), sqrt(4 - 2 * 3 + 9));
    scorer_free(&s);
}

static void predictors_of_a_category(void **state) {
    (void)state;
    scorer s = scorer_must(MODEL(
        "classification", "c", "modelType=\"multinomialLogistic\" targetReferenceCategory=\"high\"",
        OUTPUT("p", "probability", "value=\"mid\""),
        PARAMETERS("") COVARIATE
        "<PPMatrix><PPCell value=\"2\" predictorName=\"x\" parameterName=\"p1\" targetCategory=\"mid\"/>"
        "<PPCell value=\"1\" predictorName=\"x\" parameterName=\"p1\" "
        "targetCategory=\"low\"/></PPMatrix><ParamMatrix>" BC("low", "p1", "1")
            BC("mid", "p1", "1") "</ParamMatrix>"));
    assert_int_equal(score_cells(&s, "2", NULL, NULL), MR_OK);
    assert_near(out_number(&s, 1), exp(4) / (exp(2) + exp(4) + 1));
    scorer_free(&s);
    s = scorer_must(MODEL("classification", "k",
                          "modelType=\"multinomialLogistic\" targetReferenceCategory=\"no\"",
                          OUTPUT("p", "probability", "value=\"yes\""),
                          PARAMETERS("") COVARIATE
                          "<PPMatrix>" X("p1") "</PPMatrix><ParamMatrix>" B("p1", "0.5") "</ParamMatrix>"));
    assert_int_equal(score_cells(&s, "2", NULL, NULL), MR_OK);
    assert_near(out_number(&s, 1), logistic(1)); /* of two categories, the weights are the other one's */
    scorer_free(&s);
}

static void refusals(void **state) {
    (void)state;
#define SMALL(attributes, inside) MODEL("regression", "y", attributes, "", PARAMETERS("") inside)
    assert_refused(SMALL("modelType=\"CoxRegression\" endTimeVariable=\"t\"", "<ParamMatrix/>"),
                   MR_INVALID_MODEL, ":4", "BaseCumHazardTables");
    assert_refused(
        SMALL("modelType=\"CoxRegression\"",
              "<ParamMatrix/><BaseCumHazardTables maxTime=\"1\">" AT("1", "1") "</BaseCumHazardTables>"),
        MR_INVALID_MODEL, ":4", "endTimeVariable");
    assert_refused(SMALL("modelType=\"generalLinear\"",
                         FACTOR(HELMERT) "<PPMatrix>\n" F("p1", "c") "</PPMatrix><ParamMatrix/>"),
                   MR_INVALID_MODEL, ":5", "no column");
    assert_refused(SMALL("modelType=\"generalLinear\"",
                         FACTOR(HELMERT) "<PPMatrix>\n" F("p1", "z") "</PPMatrix><ParamMatrix/>"),
                   MR_INVALID_MODEL, ":5", "none of the factor's categories");
    assert_refused(
        MODEL("classification", "c", "modelType=\"ordinalMultinomial\"", "", PARAMETERS("") "<ParamMatrix/>"),
        MR_INVALID_MODEL, ":4", "cumulativeLink");
    assert_refused(MODEL("classification", "c", "modelType=\"ordinalMultinomial\" cumulativeLink=\"logit\"",
                         "", PARAMETERS("") "<ParamMatrix>\n" BC("high", "p0", "1") "</ParamMatrix>"),
                   MR_INVALID_MODEL, ":5", "reference category");
    assert_refused(MODEL("classification", "c",
                         "modelType=\"multinomialLogistic\" targetReferenceCategory=\"low\"", "",
                         PARAMETERS("") "<ParamMatrix>\n" B("p0", "1") "</ParamMatrix>"),
                   MR_INVALID_MODEL, ":5", "without targetCategory");
}

static void failing_allocations(void **state) {
    (void)state;
    assert_survives_failing_allocations(COX("baselineStrataVariable=\"f\"",
                                            "<BaseCumHazardTables>" STRATUM("b", "9", AT("4", "0.5"))
                                                STRATUM("a", "3", AT("2", "1")) "</BaseCumHazardTables>"));
    assert_survives_failing_allocations(
        SMALL("modelType=\"generalLinear\"",
              FACTOR(HELMERT) "<PPMatrix>" F("p1", "a") "</PPMatrix><ParamMatrix/>"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contrasts),
        cmocka_unit_test(ordinal_classes),
        cmocka_unit_test(cox),
        cmocka_unit_test(parameters_without_weight),
        cmocka_unit_test(standard_errors),
        cmocka_unit_test(predictors_of_a_category),
        cmocka_unit_test(refusals),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
