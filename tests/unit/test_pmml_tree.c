/* Trees: confidences, the penalty for detours, and the strategies that follow several paths, on the
 * standard's own example (TreeModel, "Missing Value Strategies"). */
#include "pmml_helper.h"

#define SCORES(will, c1, may, c2, no, c3)                                                                    \
    "<ScoreDistribution value=\"will play\" recordCount=\"" will "\" confidence=\"" c1 "\"/>"                \
    "<ScoreDistribution value=\"may play\" recordCount=\"" may "\" confidence=\"" c2 "\"/>"                  \
    "<ScoreDistribution value=\"no play\" recordCount=\"" no "\" confidence=\"" c3 "\"/>"
#define TEST(field, operator, value)                                                                         \
    "<SimplePredicate field=\"" field "\" operator=\"" operator"\" value=\"" value "\"/>"
#define EITHER(word, a, b) "<CompoundPredicate booleanOperator=\"" word "\">" a b "</CompoundPredicate>"
#define DICTIONARY                                                                                           \
    "<DataDictionary><DataField name=\"temperature\" optype=\"continuous\" dataType=\"double\"/>"            \
    "<DataField name=\"humidity\" optype=\"continuous\" dataType=\"double\"/>"                               \
    "<DataField name=\"outlook\" optype=\"categorical\" dataType=\"string\"/>"                               \
    "<DataField name=\"whatIdo\" optype=\"categorical\" dataType=\"string\"/></DataDictionary>"
#define SCHEMA                                                                                               \
    "<MiningSchema><MiningField name=\"temperature\"/><MiningField name=\"humidity\"/>"                      \
    "<MiningField name=\"outlook\"/><MiningField name=\"whatIdo\" usageType=\"target\"/></MiningSchema>"
#define OUTPUTS                                                                                              \
    "<Output><OutputField name=\"c\" feature=\"confidence\"/>"                                               \
    "<OutputField name=\"c_no\" feature=\"confidence\" value=\"no play\"/>"                                  \
    "<OutputField name=\"p\" feature=\"probability\"/>"                                                      \
    "<OutputField name=\"id\" feature=\"entityId\"/>"                                                        \
    "<OutputField name=\"c_never\" feature=\"confidence\" value=\"never\"/></Output>"
#define NODES                                                                                                \
    "<Node id=\"1\" score=\"will play\" recordCount=\"100\" defaultChild=\"2\"><True/>" SCORES(              \
        "60", "0.6", "30", "0.3", "10",                                                                      \
        "0.1") "<Node id=\"2\" score=\"will play\" recordCount=\"50\" defaultChild=\"3\">" TEST("outlook",   \
                                                                                                "equal",     \
                                                                                                "sunny")     \
        SCORES(                                                                                              \
            "40", "0.8", "2", "0.04", "8",                                                                   \
            "0.16") "<Node id=\"3\" score=\"will play\" "                                                    \
                    "recordCount=\"40\">" EITHER("surrogate", TEST("temperature", "greaterOrEqual", "50"),   \
                                                 TEST("humidity", "lessThan", "80"))                         \
                        SCORES("36", "0.9", "2", "0.05", "2",                                                \
                               "0.05") "</Node><Node id=\"4\" score=\"no play\" "                            \
                                       "recordCount=\"10\">" EITHER(                                         \
                                           "surrogate", TEST("temperature", "lessThan", "50"),               \
                                           TEST("humidity", "greaterOrEqual", "80"))                         \
                                           SCORES("4", "0.4", "0", "0", "6",                                 \
                                                  "0.6") "</Node></Node><Node id=\"5\" score=\"may play\" "  \
                                                         "recordCount=\"50\">" EITHER(                       \
                                                             "or", TEST("outlook", "equal", "overcast"),     \
                                                             TEST("outlook", "equal", "rain"))               \
                                                             SCORES("20", "0.4", "28", "0.56", "2",          \
                                                                    "0.04") "</Node></Node>"
#define GOLF(attributes)                                                                                     \
    XML_HEAD DICTIONARY "<TreeModel functionName=\"classification\" " attributes ">" SCHEMA OUTPUTS NODES    \
                        "</TreeModel>" XML_TAIL

enum { LABEL, CONFIDENCE, OF_NO, PROBABILITY, ENTITY, OF_NEVER };

static void whole_records(void **state) {
    (void)state;
    static const char *const models[] = {GOLF(""), GOLF("missingValueStrategy=\"weightedConfidence\""),
                                         GOLF("missingValueStrategy=\"aggregateNodes\""),
                                         GOLF("missingValueStrategy=\"defaultChild\"")};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        scorer s = scorer_must(models[i]);
        assert_int_equal(score_cells(&s, "45", "60", "sunny"), MR_OK);
        assert_text(&s, LABEL, "no play");
        assert_near(out_number(&s, CONFIDENCE), 0.6);
        assert_near(out_number(&s, OF_NO), 0.6);
        assert_near(out_number(&s, PROBABILITY), 0.6);
        assert_text(&s, ENTITY, "4");
        assert_near(out_number(&s, OF_NEVER), 0);
        assert_int_equal(score_cells(&s, "45", "60", "hail"), MR_OK); /* no true child */
        assert_false(out_present(&s, LABEL));
        assert_false(out_present(&s, CONFIDENCE));
        scorer_free(&s);
    }
}

static void penalty_for_each_detour(void **state) {
    (void)state;
    scorer s = scorer_must(GOLF("missingValueStrategy=\"defaultChild\" missingValuePenalty=\"0.8\""));
    assert_int_equal(score_cells(&s, "40", "70", NULL), MR_OK); /* default child */
    assert_text(&s, LABEL, "no play");
    assert_near(out_number(&s, CONFIDENCE), 0.8 * 0.6);
    assert_near(out_number(&s, PROBABILITY), 0.6);
    assert_int_equal(score_cells(&s, NULL, "70", NULL), MR_OK); /* and a surrogate */
    assert_text(&s, LABEL, "will play");
    assert_near(out_number(&s, CONFIDENCE), 0.8 * 0.8 * 0.9);
    assert_int_equal(score_cells(&s, NULL, NULL, NULL), MR_OK); /* default children all the way */
    assert_text(&s, ENTITY, "3");
    assert_near(out_number(&s, CONFIDENCE), 0.8 * 0.8 * 0.9);
    scorer_free(&s);
}

static void weighted_confidence(void **state) {
    (void)state;
    scorer s = scorer_must(GOLF("missingValueStrategy=\"weightedConfidence\" missingValuePenalty=\"0.5\""));
    assert_int_equal(score_cells(&s, NULL, NULL, "sunny"), MR_OK); /* 40 of node 3, 10 of node 4 */
    assert_text(&s, LABEL, "will play");
    assert_near(out_number(&s, CONFIDENCE), (0.9 * 40 + 0.4 * 10) / 50);
    assert_near(out_number(&s, OF_NO), (0.05 * 40 + 0.6 * 10) / 50);
    assert_near(out_number(&s, PROBABILITY), (0.9 * 40 + 0.4 * 10) / 50);
    assert_false(out_present(&s, ENTITY));
    assert_int_equal(score_cells(&s, NULL, NULL, NULL), MR_OK); /* splits below a split */
    assert_near(out_number(&s, CONFIDENCE), 0.5 * 0.8 + 0.5 * 0.4);
    assert_int_equal(score_cells(&s, "40", NULL, NULL), MR_OK); /* node 4 and node 5 */
    assert_text(&s, LABEL, "will play");
    assert_near(out_number(&s, CONFIDENCE), 0.4);
    assert_near(out_number(&s, OF_NO), 0.5 * 0.6 + 0.5 * 0.04);
    assert_int_equal(score_cells(&s, NULL, "70", NULL), MR_OK); /* the surrogate to node 3 costs half of it */
    assert_near(out_number(&s, CONFIDENCE), 0.5 * 0.9 * 0.5 + 0.5 * 0.4);
    scorer_free(&s);
}

static void aggregated_nodes(void **state) {
    (void)state;
    scorer s = scorer_must(GOLF("missingValueStrategy=\"aggregateNodes\""));
    assert_int_equal(score_cells(&s, "45", "60", NULL), MR_OK); /* nodes 4 and 5: 24, 28, 8 */
    assert_text(&s, LABEL, "may play");
    assert_near(out_number(&s, CONFIDENCE), 28 / 60.0);
    assert_near(out_number(&s, OF_NO), 8 / 60.0);
    assert_int_equal(score_cells(&s, NULL, NULL, NULL), MR_OK); /* nodes 3, 4 and 5: 60, 30, 10 */
    assert_text(&s, LABEL, "will play");
    assert_near(out_number(&s, PROBABILITY), 0.6);
    scorer_free(&s);
}

#define SMALL(attributes, node)                                                                              \
    XML_HEAD DICTIONARY "<TreeModel functionName=\"classification\" " attributes ">" SCHEMA                  \
                        "<Output><OutputField name=\"c\" feature=\"confidence\"/></Output>" node             \
                        "</TreeModel>" XML_TAIL

static void confidences_that_are_not_written(void **state) {
    (void)state;
    scorer s =
        scorer_must(SMALL("", "<Node score=\"no\"><True/><ScoreDistribution value=\"no\" recordCount=\"3\"/>"
                              "<ScoreDistribution value=\"yes\" recordCount=\"1\"/></Node>"));
    assert_int_equal(score_cells(&s, NULL, NULL, NULL), MR_OK);
    assert_near(out_number(&s, 1), 0.75); /* the share of the records */
    scorer_free(&s);
    s = scorer_must(SMALL("", "<Node score=\"no\"><True/></Node>"));
    assert_int_equal(score_cells(&s, NULL, NULL, NULL), MR_OK);
    assert_text(&s, 0, "no");
    assert_false(out_present(&s, 1));
    scorer_free(&s);
}

/* The target's priors know no confidence; least of all that of the row before. */
static void confidence_of_a_default(void **state) {
    (void)state;
    scorer s = scorer_must(
        SMALL("missingValueStrategy=\"nullPrediction\"",
              "<Targets><Target><TargetValue value=\"yes\" priorProbability=\"0.9\"/>"
              "<TargetValue value=\"no\" priorProbability=\"0.1\"/></Target></Targets>"
              "<Node><True/><Node score=\"no\"><SimplePredicate field=\"humidity\" operator=\"lessThan\" "
              "value=\"5\"/><ScoreDistribution value=\"no\" recordCount=\"3\"/>"
              "<ScoreDistribution value=\"yes\" recordCount=\"1\"/></Node></Node>"));
    assert_int_equal(score_cells(&s, "1", "1", "1"), MR_OK);
    assert_near(out_number(&s, 1), 0.75);
    assert_int_equal(score_cells(&s, NULL, NULL, NULL), MR_OK);
    assert_text(&s, 0, "yes");
    assert_false(out_present(&s, 1));
    scorer_free(&s);
}

/* A category that no node mentions may be what is predicted where the tree predicts nothing. */
static void priors_of_other_categories(void **state) {
    (void)state;
#define PRIOR(value, share) "<TargetValue value=\"" value "\" priorProbability=\"" share "\"/>"
    scorer s = scorer_must(SMALL(
        "missingValueStrategy=\"nullPrediction\"",
        "<Targets><Target>" PRIOR("yes", "0.5") PRIOR("no", "0.25") PRIOR("maybe", "0.125") PRIOR(
            "never",
            "0") "</Target></Targets><Node><True/>"
                 "<Node score=\"maybe\"><SimplePredicate field=\"humidity\" operator=\"lessThan\" "
                 "value=\"5\"/>"
                 "</Node><Node score=\"no\"><SimplePredicate field=\"humidity\" operator=\"greaterOrEqual\" "
                 "value=\"5\"/></Node></Node>"));
    assert_int_equal(score_cells(&s, "1", "1", "1"), MR_OK);
    assert_text(&s, 0, "maybe");
    assert_int_equal(score_cells(&s, NULL, NULL, NULL), MR_OK);
    assert_text(&s, 0, "yes");
    scorer_free(&s);
}

/* Producers write a node's distributions behind its children as well; each node has its own all the same. */
static void distributions_behind_the_children(void **state) {
    (void)state;
#define SHARE(value, count) "<ScoreDistribution value=\"" value "\" recordCount=\"" count "\"/>"
    static const char *const model = XML_HEAD DICTIONARY
        "<TreeModel functionName=\"classification\" "
        "noTrueChildStrategy=\"returnLastPrediction\">" SCHEMA OUTPUTS "<Node id=\"0\" score=\"a\"><True/>"
        "<Node id=\"1\" score=\"b\">" TEST("humidity", "lessThan", "80") "<Node id=\"2\" score=\"b\">" TEST(
            "humidity", "lessThan", "40") SHARE("a", "1") SHARE("b", "3") "</Node>" SHARE("a", "2")
            SHARE("b", "3") "</Node>" SHARE("a", "3") SHARE("b", "2") "</Node>"
                                                                      "</TreeModel>" XML_TAIL;
#undef SHARE
    scorer s = scorer_must(model);
    assert_int_equal(score_cells(&s, NULL, "30", NULL), MR_OK);
    assert_near(out_number(&s, PROBABILITY), 0.75);
    assert_int_equal(score_cells(&s, NULL, "50", NULL), MR_OK);
    assert_near(out_number(&s, PROBABILITY), 0.6);
    assert_int_equal(score_cells(&s, NULL, "90", NULL), MR_OK);
    assert_near(out_number(&s, CONFIDENCE), 0.6);
    scorer_free(&s);
}

/* A linear tree; the expected values are worked out by hand. */
#define LINEAR(function)                                                                                     \
    XML_HEAD DICTIONARY                                                                                      \
        "<TreeModel functionName=\"regression\" missingValueStrategy=\"lastPrediction\">"                    \
        "<MiningSchema><MiningField name=\"temperature\"/><MiningField name=\"humidity\"/>"                  \
        "</MiningSchema><Node score=\"5\"><True/><Node>" TEST(                                               \
            "temperature", "lessThan",                                                                       \
            "9") "<Regression functionName=\"" function "\" normalizationMethod=\"exp\">"                    \
                 "<RegressionTable intercept=\"1\"><NumericPredictor name=\"humidity\" "                     \
                 "coefficient=\"2\"/></RegressionTable></Regression></Node>"                                 \
                 "<Node score=\"7\">" TEST(                                                                  \
                     "temperature", "lessThan",                                                              \
                     "20") "</Node>"                                                                         \
                           "<Regression functionName=\"regression\"><RegressionTable intercept=\"3\">"       \
                           "<NumericPredictor name=\"humidity\" coefficient=\"4\"/></RegressionTable>"       \
                           "</Regression></Node></TreeModel>" XML_TAIL

static void regressions_in_nodes(void **state) {
    (void)state;
    scorer s = scorer_must(LINEAR("regression"));
    assert_int_equal(score_cells(&s, "8", "-0.5"), MR_OK);
    assert_near(out_number(&s, 0), 1); /* exp(1 - 2 * 0.5) */
    assert_int_equal(score_cells(&s, "10", "1"), MR_OK);
    assert_near(out_number(&s, 0), 7);
    assert_int_equal(score_cells(&s, NULL, "0.5"), MR_OK); /* the root's own */
    assert_near(out_number(&s, 0), 5);
    assert_int_equal(score_cells(&s, NULL, NULL), MR_OK); /* no number of it: the score */
    assert_near(out_number(&s, 0), 5);
    assert_int_equal(score_cells(&s, NULL, "1"), MR_OK);
    assert_near(out_number(&s, 0), 7);
    assert_int_equal(score_cells(&s, "8", NULL), MR_OK); /* neither of the two */
    assert_false(out_present(&s, 0));
    scorer_free(&s);
    assert_refused(LINEAR("classification"), MR_UNSUPPORTED, "", "<Regression> of a classification");
    assert_survives_failing_allocations(LINEAR("regression"));
}

static void refusals(void **state) {
    (void)state;
    assert_refused(SMALL("missingValueStrategy=\"weightedConfidence\"", "\n<Node score=\"a\"><True/></Node>"),
                   MR_UNSUPPORTED, ":5", "without <ScoreDistribution>s");
    assert_refused(
        SMALL("missingValueStrategy=\"aggregateNodes\"",
              "<Node score=\"a\"><True/>\n<ScoreDistribution value=\"a\" probability=\"1\"/></Node>"),
        MR_INVALID_MODEL, ":5", "recordCount");
    assert_refused(
        SMALL("missingValueStrategy=\"weightedConfidence\"",
              "<Node score=\"a\"><True/>\n<Node recordCount=\"-1\"><True/><ScoreDistribution value=\"a\" "
              "recordCount=\"1\"/></Node></Node>"),
        MR_INVALID_MODEL, ":5", "negative recordCount");
    assert_refused(XML_HEAD DICTIONARY
                   "<TreeModel functionName=\"regression\" missingValueStrategy=\"aggregateNodes\">"
                   "<MiningSchema/><Node score=\"1\"><True/></Node></TreeModel>" XML_TAIL,
                   MR_UNSUPPORTED, ":4", "of a regression");
}

static void failing_allocations(void **state) {
    (void)state;
    assert_survives_failing_allocations(GOLF("missingValueStrategy=\"weightedConfidence\""));
    assert_survives_failing_allocations(GOLF("missingValueStrategy=\"aggregateNodes\""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_records),
        cmocka_unit_test(penalty_for_each_detour),
        cmocka_unit_test(weighted_confidence),
        cmocka_unit_test(aggregated_nodes),
        cmocka_unit_test(confidences_that_are_not_written),
        cmocka_unit_test(confidence_of_a_default),
        cmocka_unit_test(priors_of_other_categories),
        cmocka_unit_test(distributions_behind_the_children),
        cmocka_unit_test(regressions_in_nodes),
        cmocka_unit_test(refusals),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
