/* Ensembles, selections and chains: the methods over probabilities, weights that are fields, missing
 * predictions, lists, several targets, and what a selection passes on of the segment that decides. */
#include "pmml_helper.h"

#define NUMBER(name) "<DataField name=\"" name "\" optype=\"continuous\" dataType=\"double\"/>"
#define DICTIONARY                                                                                           \
    "<DataDictionary>" NUMBER("x") NUMBER("n") NUMBER("y")                                                   \
        NUMBER("z") "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"><Value "               \
                    "value=\"A\"/><Value value=\"B\"/>"                                                      \
                    "<Value value=\"C\"/></DataField></DataDictionary>"
#define SCHEMA(target)                                                                                       \
    "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"n\"/><MiningField name=\"" target            \
    "\" usageType=\"target\"/></MiningSchema>"
#define MINING(function, target, outputs, attributes, segments)                                              \
    XML_HEAD DICTIONARY "<MiningModel functionName=\"" function "\">" SCHEMA(target) outputs                 \
        "<Segmentation " attributes ">" segments "</Segmentation></MiningModel>" XML_TAIL
#define OUTPUT(name, feature, more) "<OutputField name=\"" name "\" feature=\"" feature "\" " more "/>"
#define P(name)                     OUTPUT("p" name, "probability", "value=\"" name "\"")

/* A tree of one leaf, with these records of A, B and C. */
#define LEAF(score, a, b, c)                                                                                 \
    "<TreeModel functionName=\"classification\">" SCHEMA(                                                    \
        "c") "<Node score=\"" score "\"><True/><ScoreDistribution value=\"A\" recordCount=\"" a              \
             "\" confidence=\"0." a "\"/><ScoreDistribution value=\"B\" recordCount=\"" b                    \
             "\"/><ScoreDistribution value=\"C\" "                                                           \
             "recordCount=\"" c "\"/></Node></TreeModel>"
#define CLASS(attributes, score, a, b, c) "<Segment " attributes "><True/>" LEAF(score, a, b, c) "</Segment>"

static void probabilities_side_by_side(void **state) {
    (void)state;
#define THREE_OF_FIVE                                                                                        \
    CLASS("", "B", "2", "5", "3")                                                                            \
    CLASS("", "B", "1", "5", "4")                                                                            \
    CLASS("", "B", "2", "7", "1") CLASS("", "C", "3", "3", "4") CLASS("", "C", "2", "6", "2")
#define FOUR                                                                                                 \
    CLASS("", "B", "2", "6", "2")                                                                            \
    CLASS("", "A", "6", "3", "1") CLASS("", "B", "1", "6", "3") CLASS("", "C", "1", "1", "8")
    scorer s = scorer_must(MINING("classification", "c", "<Output>" P("A") P("B") P("C") "</Output>",
                                  "multipleModelMethod=\"max\"", FOUR));
    assert_int_equal(score_cells(&s, "1", "1"), MR_OK);
    assert_text(&s, 0, "C"); /* the highest of all probabilities, and the distribution it is in */
    assert_near(out_number(&s, 1), 0.1);
    assert_near(out_number(&s, 3), 0.8);
    scorer_free(&s);
    /* Medians: A 0.2, B 0.5, C 0.3. Two segments have the 0.5. */
    s = scorer_must(MINING("classification", "c", "<Output>" P("A") P("B") P("C") "</Output>",
                           "multipleModelMethod=\"median\"", THREE_OF_FIVE));
    assert_int_equal(score_cells(&s, "1", "1"), MR_OK);
    assert_text(&s, 0, "B");
    assert_near(out_number(&s, 1), (0.2 + 0.1) / 2);
    assert_near(out_number(&s, 2), 0.5);
    assert_near(out_number(&s, 3), (0.3 + 0.4) / 2);
    scorer_free(&s);
}

/* Where no segment predicts, the priors do: of a category, too, that none of them mentions. */
static void priors_of_other_categories(void **state) {
    (void)state;
#define SOME(score, value)                                                                                   \
    "<Segment><SimplePredicate field=\"n\" operator=\"lessThan\" value=\"" value                             \
    "\"/>" LEAF(score, "3", "1", "0") "</Segment>"
    scorer s = scorer_must(MINING(
        "classification", "c",
        "<Output>" P("A") P("D") "</Output><Targets><Target field=\"c\">"
                                 "<TargetValue value=\"A\" priorProbability=\"0.25\"/>"
                                 "<TargetValue value=\"B\" priorProbability=\"0.125\"/>"
                                 "<TargetValue value=\"C\" priorProbability=\"0.125\"/>"
                                 "<TargetValue value=\"D\" priorProbability=\"0.5\"/></Target></Targets>",
        "multipleModelMethod=\"average\"", SOME("A", "2") SOME("B", "2")));
    assert_int_equal(score_cells(&s, "1", "1"), MR_OK);
    assert_text(&s, 0, "A");
    assert_near(out_number(&s, 1), 0.75);
    assert_near(out_number(&s, 2), 0);
    assert_int_equal(score_cells(&s, "1", "3"), MR_OK);
    assert_text(&s, 0, "D");
    assert_near(out_number(&s, 2), 0.5);
    scorer_free(&s);
}

/* A regression that predicts `value` where n is above `above`, else nothing. */
#define STEP(attributes, above, value, more)                                                                 \
    "<Segment " attributes "><True/><TreeModel functionName=\"regression\">" SCHEMA(                         \
        "y") "<Node><True/><Node score=\"" value                                                             \
             "\"><SimplePredicate field=\"n\" operator=\"greaterThan\" value=\"" above                       \
             "\"/></Node></Node></TreeModel>" more "</Segment>"

static void weights_that_are_fields(void **state) {
    (void)state;
    scorer s = scorer_must(MINING("regression", "y", "", "multipleModelMethod=\"weightedAverage\"",
                                  STEP("", "0", "10", "<VariableWeight field=\"x\"/>")
                                      STEP("weight=\"2\"", "0", "40", "")));
    assert_int_equal(score_cells(&s, "4", "1"), MR_OK);
    assert_near(out_number(&s, 0), (4 * 10 + 2 * 40) / 6.0);
    assert_int_equal(score_cells(&s, NULL, "1"), MR_OK);
    assert_false(out_present(&s, 0));
    assert_int_equal(score_cells(&s, "-1", "1"), MR_OK);
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

static void missing_predictions(void **state) {
    (void)state;
#define THREE                                                                                                \
    STEP("weight=\"1\"", "0", "10", "")                                                                      \
    STEP("weight=\"1\"", "1", "20", "") STEP("weight=\"2\"", "2", "60", "")
    static const struct {
        const char *attributes, *n;
        double expected; /* negative: missing */
    } cases[] = {
        {"multipleModelMethod=\"average\"", "3", 30},
        {"multipleModelMethod=\"average\"", "2", -1},
        {"multipleModelMethod=\"average\" missingPredictionTreatment=\"skipSegment\"", "2", 15},
        {"multipleModelMethod=\"average\" missingPredictionTreatment=\"skipSegment\"", "0", -1},
        {"multipleModelMethod=\"average\" missingPredictionTreatment=\"skipSegment\" "
         "missingThreshold=\"0.5\"",
         "2", 15},
        {"multipleModelMethod=\"average\" missingPredictionTreatment=\"skipSegment\" "
         "missingThreshold=\"0.5\"",
         "1", -1},
        {"multipleModelMethod=\"average\" missingPredictionTreatment=\"returnMissing\"", "2", -1},
        {"multipleModelMethod=\"median\" x-missingPredictionTreatment=\"skipSegment\" "
         "x-missingThreshold=\"0.75\"",
         "1", 10},
        {"multipleModelMethod=\"weightedSum\" missingPredictionTreatment=\"skipSegment\"", "2", 30},
        {"multipleModelMethod=\"weightedMedian\" missingPredictionTreatment=\"skipSegment\"", "3", 20},
    };
    static const char *const models[] = {
#define MODEL(a) MINING("regression", "y", "", a, THREE)
        MODEL("multipleModelMethod=\"average\""),
        MODEL("multipleModelMethod=\"average\""),
        MODEL("multipleModelMethod=\"average\" missingPredictionTreatment=\"skipSegment\""),
        MODEL("multipleModelMethod=\"average\" missingPredictionTreatment=\"skipSegment\""),
        MODEL("multipleModelMethod=\"average\" missingPredictionTreatment=\"skipSegment\" "
              "missingThreshold=\"0.5\""),
        MODEL("multipleModelMethod=\"average\" missingPredictionTreatment=\"skipSegment\" "
              "missingThreshold=\"0.5\""),
        MODEL("multipleModelMethod=\"average\" missingPredictionTreatment=\"returnMissing\""),
        MODEL("multipleModelMethod=\"median\" x-missingPredictionTreatment=\"skipSegment\" "
              "x-missingThreshold=\"0.75\""),
        MODEL("multipleModelMethod=\"weightedSum\" missingPredictionTreatment=\"skipSegment\""),
        MODEL("multipleModelMethod=\"weightedMedian\" missingPredictionTreatment=\"skipSegment\""),
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scorer s = scorer_must(models[i]);
        assert_int_equal(score_cells(&s, "0", cases[i].n), MR_OK);
        if (cases[i].expected < 0) assert_false(out_present(&s, 0));
        else assert_near(out_number(&s, 0), cases[i].expected);
        scorer_free(&s);
    }
}

#define VOTER(score, above)                                                                                  \
    "<Segment><True/><TreeModel functionName=\"classification\">" SCHEMA(                                    \
        "c") "<Node><True/><Node score=\"" score                                                             \
             "\"><SimplePredicate field=\"n\" operator=\"greaterThan\" value=\"" above                       \
             "\"/></Node></Node></TreeModel></Segment>"

static void missing_votes(void **state) {
    (void)state;
#define VOTES VOTER("A", "0") VOTER("B", "1") VOTER("B", "2")
    scorer s = scorer_must(
        MINING("classification", "c", "",
               "multipleModelMethod=\"majorityVote\" missingPredictionTreatment=\"returnMissing\"", VOTES));
    assert_int_equal(score_cells(&s, "0", "3"), MR_OK);
    assert_text(&s, 0, "B");
    assert_int_equal(score_cells(&s, "0", "2"), MR_OK);
    assert_false(out_present(&s, 0));
    scorer_free(&s);
    s = scorer_must(MINING("classification", "c", "",
                           "multipleModelMethod=\"majorityVote\" missingThreshold=\"0.3\"", VOTES));
    assert_int_equal(score_cells(&s, "0", "3"), MR_OK);
    assert_text(&s, 0, "B");
    assert_int_equal(score_cells(&s, "0", "2"), MR_OK); /* a third is missing */
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

static void lists(void **state) {
    (void)state;
    scorer s = scorer_must(MINING(
        "regression", "y", "", "multipleModelMethod=\"selectAll\"",
        STEP("", "0", "10", "") STEP(
            "", "1", "20", "") "<Segment><SimplePredicate field=\"x\" operator=\"greaterThan\" value=\"0\"/>"
                               "<RegressionModel functionName=\"regression\">" SCHEMA(
                                   "y") "<RegressionTable intercept=\"7\"/></RegressionModel></Segment>"));
    assert_int_equal(mr_model_get_shape(s.model)->outputs[0].type, MR_TYPE_LIST);
    assert_int_equal(score_cells(&s, "1", "1"), MR_OK);
    const mr_list *list = mr_cell(&s.out->columns[0], 0);
    assert_int_equal(list->count, 3);
    assert_near(list->items[0].as.number, 10);
    assert_true(list->items[1].missing);
    assert_near(list->items[2].as.number, 7);
    assert_int_equal(score_cells(&s, "-1", "2"), MR_OK);
    assert_int_equal(list->count, 2);
    scorer_free(&s);
}

static void several_targets(void **state) {
    (void)state;
    scorer s =
        scorer_must(XML_HEAD DICTIONARY
                    "<MiningModel functionName=\"mixed\"><MiningSchema><MiningField name=\"x\"/>"
                    "<MiningField name=\"n\"/><MiningField name=\"c\" usageType=\"target\"/><MiningField "
                    "name=\"y\" usageType=\"target\"/>"
                    "<MiningField name=\"z\" usageType=\"target\"/></MiningSchema><Segmentation "
                    "multipleModelMethod=\"x-multiModelChain\">"
                    "<Segment><SimplePredicate field=\"n\" operator=\"isNotMissing\"/>" LEAF(
                        "B", "1", "8",
                        "1") "</Segment>"
                             "<Segment><True/><RegressionModel functionName=\"regression\">" SCHEMA(
                                 "y") "<RegressionTable intercept=\"1\">"
                                      "<NumericPredictor name=\"x\" "
                                      "coefficient=\"2\"/></RegressionTable></RegressionModel></Segment>"
                                      "<Segment><True/><RegressionModel functionName=\"regression\">" SCHEMA(
                                          "z") "<RegressionTable "
                                               "intercept=\"0.5\"/></RegressionModel></Segment></"
                                               "Segmentation></MiningModel>" XML_TAIL);
    assert_int_equal(mr_model_get_shape(s.model)->output_count, 3);
    assert_string_equal(mr_model_get_shape(s.model)->outputs[2].name, "z");
    assert_int_equal(score_cells(&s, "3", "1"), MR_OK);
    assert_text(&s, 0, "B");
    assert_near(out_number(&s, 1), 7);
    assert_near(out_number(&s, 2), 0.5);
    assert_int_equal(score_cells(&s, NULL, NULL), MR_OK);
    assert_false(out_present(&s, 0));
    assert_false(out_present(&s, 1));
    assert_near(out_number(&s, 2), 0.5);
    scorer_free(&s);
}

static void what_decides_answers(void **state) {
    (void)state;
    scorer s = scorer_must(
        MINING("classification", "c",
               "<Output>" OUTPUT("id", "entityId", "") OUTPUT("conf", "confidence", "value=\"A\"")
                   OUTPUT("p", "probability", "value=\"A\"") "</Output>",
               "multipleModelMethod=\"selectFirst\"",
               "<Segment id=\"one\"><SimplePredicate field=\"n\" operator=\"greaterThan\" value=\"0\"/>" LEAF(
                   "B", "2", "6", "2") "</Segment>"
                                       "<Segment><True/>" LEAF("A", "7", "2", "1") "</Segment>"));
    assert_int_equal(score_cells(&s, "0", "1"), MR_OK);
    assert_text(&s, 1, "one");
    assert_near(out_number(&s, 2), 0.2);
    assert_near(out_number(&s, 3), 0.2);
    assert_int_equal(score_cells(&s, "0", "0"), MR_OK);
    assert_text(&s, 1, "2"); /* without an id, its place */
    assert_near(out_number(&s, 2), 0.7);
    scorer_free(&s);
}

static void refusals(void **state) {
    (void)state;
    assert_refused(
        MINING("classification", "c", "", "\nmultipleModelMethod=\"sum\"", CLASS("", "B", "2", "6", "2")),
        MR_UNSUPPORTED, ":4", "functionName");
    assert_refused(MINING("classification", "c", "", "multipleModelMethod=\"median\"", VOTER("A", "0")),
                   MR_UNSUPPORTED, ":4", "without probabilities");
    assert_refused(MINING("regression", "y", "", "multipleModelMethod=\"weightedSum\"",
                          STEP("", "0", "1", "\n<VariableWeight field=\"c\"/>")),
                   MR_INVALID_MODEL, ":5", "\"c\"");
    assert_refused(MINING("regression", "y", "<Output>\n" OUTPUT("id", "entityId", "") "</Output>",
                          "multipleModelMethod=\"sum\"", STEP("", "0", "1", "")),
                   MR_UNSUPPORTED, ":5", "entityId");
}

static void failing_allocations(void **state) {
    (void)state;
    assert_survives_failing_allocations(
        MINING("classification", "c", "<Output>" P("A") "</Output>", "multipleModelMethod=\"median\"", FOUR));
    assert_survives_failing_allocations(
        MINING("regression", "y", "", "multipleModelMethod=\"selectAll\"", STEP("", "0", "10", "")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_side_by_side),
        cmocka_unit_test(priors_of_other_categories),
        cmocka_unit_test(weights_that_are_fields),
        cmocka_unit_test(missing_predictions),
        cmocka_unit_test(missing_votes),
        cmocka_unit_test(lists),
        cmocka_unit_test(several_targets),
        cmocka_unit_test(what_decides_answers),
        cmocka_unit_test(refusals),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
