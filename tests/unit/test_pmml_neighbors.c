/* Nearest neighbours: scoring methods, ties, several targets, identifiers, transformed instances; worked out
 * by hand (the same as JPMML gives), and what is refused. */
#include "pmml_helper.h"

#include <math.h>

#define NUMBER(name) "<DataField name=\"" name "\" optype=\"continuous\" dataType=\"double\"/>"
#define DICTIONARY                                                                                           \
    "<DataDictionary>" NUMBER("x") NUMBER("y")                                                               \
        NUMBER("t") "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/>"                     \
                    "<DataField name=\"n\" optype=\"categorical\" dataType=\"integer\"/></DataDictionary>\n"
#define FIELD(name)  "<MiningField name=\"" name "\"/>"
#define TARGET(name) "<MiningField name=\"" name "\" usageType=\"target\"/>"
#define ROW(id, x, y, t, c, n)                                                                               \
    "<row><id>" id "</id><x>" x "</x><y>" y "</y><t>" t "</t><c>" c "</c><n>" n "</n></row>\n"
#define INSTANCES                                                                                            \
    ROW("p", "1", "1", "10", "lo", "3")                                                                      \
    ROW("q", "2", "1", "20", "hi", "1")                                                                      \
    ROW("r", "3", "4", "30", "hi", "2")                                                                      \
    ROW("s", "8", "8", "40", "mid", "3")                                                                     \
    ROW("u", "9", "9", "55", "lo", "1")                                                                      \
    ROW("v", "1", "2", "11", "mid", "2")
#define COLUMN(name) "<InstanceField field=\"" name "\" column=\"" name "\"/>"
#define N            "<InstanceField field=\"n\"/>"
#define COLUMNS      COLUMN("id") COLUMN("x") COLUMN("y") COLUMN("t") COLUMN("c") N COLUMN("none")
#define TABLE(columns, rows)                                                                                 \
    "<TrainingInstances isTransformed=\"false\"><InstanceFields>" columns                                    \
    "</InstanceFields><InlineTable>\n" rows "</InlineTable></TrainingInstances>"
#define SQUARED "<ComparisonMeasure kind=\"distance\"><squaredEuclidean/></ComparisonMeasure>"
#define INPUTS  "<KNNInputs><KNNInput field=\"x\"/><KNNInput field=\"y\"/></KNNInputs>"
#define NEIGHBORS(attributes, targets, outputs, inside)                                                      \
    XML_HEAD DICTIONARY "<NearestNeighborModel " attributes "><MiningSchema>" FIELD("x") FIELD("y") targets  \
        "</MiningSchema><Output>" outputs "</Output>" inside "</NearestNeighborModel>" XML_TAIL
#define ALL                         TABLE(COLUMNS, INSTANCES) SQUARED INPUTS
#define OUTPUT(name, feature, more) "<OutputField name=\"" name "\" feature=\"" feature "\" " more "/>"

typedef struct row {
    const char *x, *y;
    double number;
    const char *label;
} row;

static void check_numbers(const char *xml, const row *rows, size_t count) {
    scorer s = scorer_must(xml);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(score_cells(&s, rows[i].x, rows[i].y), MR_OK);
        assert_near(out_number(&s, 0), rows[i].number);
    }
    score_cells(&s, NULL, NULL);
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

static void numbers(void **state) {
    (void)state;
    static const row averages[] = {{"1", "1", 41.0 / 3, NULL},
                                   {"8", "8.5", 125.0 / 3, NULL},
                                   {NULL, "2", 41.0 / 3, NULL},
                                   {"5", "5", 30, NULL}};
    check_numbers(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"3\"", TARGET("t"), "", ALL),
                  averages, 4);
    static const row medians[] = {{"1", "1", 11, NULL}, {"8", "8.5", 40, NULL}};
    check_numbers(
        NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"3\" continuousScoringMethod=\"median\"",
                  TARGET("t"), "", ALL),
        medians, 2);
    static const row even[] = {{"1", "1", 15.5, NULL}}; /* p and q, r and v: 10, 11, 20, 30 */
    check_numbers(
        NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"4\" continuousScoringMethod=\"median\"",
                  TARGET("t"), "", ALL),
        even, 1);
    /* Of (8, 8.5): s 0.25, u 1.25, r 45.25 away; weights 1 / (distance + 0.5) */
    double s = 1 / 0.75, u = 1 / 1.75, r = 1 / 45.75;
    const row weighted[] = {{"8", "8.5", (40 * s + 55 * u + 30 * r) / (s + u + r), NULL}};
    check_numbers(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"3\" threshold=\"0.5\" "
                            "continuousScoringMethod=\"weightedAverage\"",
                            TARGET("t"), "", ALL),
                  weighted, 1);
    /* With threshold 0 a neighbour that is met is the only one that counts; else weights 1 / distance. */
    const row met[] = {{"8", "8", 40, NULL},
                       {"8", "8.5", (40 / 0.25 + 55 / 1.25 + 30 / 45.25) / (4 + 0.8 + 1 / 45.25), NULL}};
    check_numbers(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"3\" threshold=\"0.0\" "
                            "continuousScoringMethod=\"weightedAverage\"",
                            TARGET("t"), "", ALL),
                  met, 2);
    scorer far = scorer_must(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"3\" "
                                       "continuousScoringMethod=\"weightedAverage\"",
                                       TARGET("t"), "", ALL));
    assert_int_equal(score_cells(&far, "1e200", "0"), MR_OK); /* no neighbour has any weight */
    assert_false(out_present(&far, 0));
    scorer_free(&far);
}

static void labels(void **state) {
    (void)state;
    /* Each label has two instances: ties go to the first in the alphabet. */
    static const row votes[] = {{"1", "1", 0, "hi"}, {"5", "5", 0, "hi"}, {"8", "8.5", 0, "hi"}};
    scorer s = scorer_must(
        NEIGHBORS("functionName=\"classification\" numberOfNeighbors=\"3\"", TARGET("c"), "", ALL));
    for (size_t i = 0; i < 2; i++) {
        score_cells(&s, votes[i].x, votes[i].y);
        assert_text(&s, 0, votes[i].label);
    }
    scorer_free(&s);
    s = scorer_must(NEIGHBORS("functionName=\"classification\" numberOfNeighbors=\"3\" "
                              "categoricalScoringMethod=\"weightedMajorityVote\"",
                              TARGET("c"), "", ALL));
    score_cells(&s, "1", "1");
    assert_text(&s, 0, "lo");
    score_cells(&s, NULL, "2"); /* v at 0, then p, q at 2 */
    assert_text(&s, 0, "mid");
    scorer_free(&s);
    /* Of tied labels the one with more instances: "z" has two, "a" one. */
    s = scorer_must(
        NEIGHBORS("functionName=\"classification\" numberOfNeighbors=\"2\"", TARGET("c"), "",
                  TABLE(COLUMNS, ROW("1", "0", "0", "1", "a", "1") ROW("2", "1", "0", "1", "z", "1")
                                     ROW("3", "9", "0", "1", "z", "1")) SQUARED INPUTS));
    score_cells(&s, "0.5", "0");
    assert_text(&s, 0, "z");
    scorer_free(&s);
    s = scorer_must(
        NEIGHBORS("functionName=\"classification\" numberOfNeighbors=\"2\"", TARGET("n"), "", ALL));
    score_cells(&s, "5", "5"); /* r: 2, s: 3, tied everywhere; as numbers 2 is first */
    assert_near(out_number(&s, 0), 2);
    scorer_free(&s);
}

#define KINDS                                                                                                \
    OUTPUT("t1", "predictedValue", "targetField=\"t\" dataType=\"double\"")                                  \
    OUTPUT("c1", "predictedValue", "targetField=\"c\" dataType=\"string\"")                                  \
    OUTPUT("n1", "predictedValue", "targetField=\"n\"")                                                      \
    OUTPUT("first", "entityId", "")                                                                          \
    OUTPUT("fourth", "entityId", "rank=\"4\"")                                                               \
    OUTPUT("ninth", "entityId", "rank=\"9\"")                                                                \
    OUTPUT("near", "affinity", "")                                                                           \
    OUTPUT("fifth", "affinity", "rank=\"5\"") OUTPUT("of_u", "affinity", "value=\"u\" dataType=\"float\"")

static void several_targets_and_identifiers(void **state) {
    (void)state;
    scorer s =
        scorer_must(NEIGHBORS("functionName=\"mixed\" numberOfNeighbors=\"3\" instanceIdVariable=\"id\"",
                              TARGET("t") TARGET("c") TARGET("n"), KINDS, ALL));
    const mr_model_shape *shape = mr_model_get_shape(s.model);
    static const char *const names[] = {"t", "c", "n", "t1", "c1", "n1"};
    for (uint32_t i = 0; i < 6; i++) assert_string_equal(shape->outputs[i].name, names[i]);
    for (uint32_t i = 0; i < 3; i++) assert_int_equal(shape->outputs[i].role, MR_ROLE_TARGET);
    score_cells(&s, "2", "2"); /* q and v at 1, p at 2, r at 5, s at 72 */
    assert_near(out_number(&s, 0), 41.0 / 3);
    assert_text(&s, 1, "hi");
    assert_near(out_number(&s, 2), 1);
    assert_near(out_number(&s, 3), 41.0 / 3);
    assert_text(&s, 4, "hi");
    assert_near(out_number(&s, 5), 1);
    assert_text(&s, 6, "q");
    assert_text(&s, 7, "r");
    assert_false(out_present(&s, 8));
    assert_near(out_number(&s, 9), 1);
    assert_near(out_number(&s, 10), 72);
    assert_near(out_number(&s, 11), 98);
    score_cells(&s, NULL, NULL);
    for (uint32_t i = 0; i < 12; i++) assert_false(out_present(&s, i));
    scorer_free(&s);
    s = scorer_must(NEIGHBORS("functionName=\"classification\" numberOfNeighbors=\"1\"", TARGET("c"),
                              OUTPUT("row", "entityId", "dataType=\"integer\""), ALL));
    score_cells(&s, "9", "9"); /* without identifiers, the number of the row */
    assert_text(&s, 0, "lo");
    assert_near(out_number(&s, 1), 5);
    scorer_free(&s);
}

static void without_target_the_nearest(void **state) {
    (void)state;
    scorer s =
        scorer_must(NEIGHBORS("functionName=\"clustering\" numberOfNeighbors=\"2\" instanceIdVariable=\"id\"",
                              "", OUTPUT("second", "entityId", "rank=\"2\""), ALL));
    assert_string_equal(mr_model_get_shape(s.model)->outputs[0].name, "_target");
    score_cells(&s, "8", "8.5");
    assert_text(&s, 0, "s");
    assert_text(&s, 1, "u");
    scorer_free(&s);
}

#define DERIVED                                                                                              \
    "<LocalTransformations><DerivedField name=\"half\" optype=\"continuous\" dataType=\"double\">"           \
    "<Apply function=\"/\"><FieldRef field=\"x\"/><Constant>2</Constant></Apply></DerivedField>"             \
    "<DerivedField name=\"big\" optype=\"categorical\" dataType=\"string\"><Discretize field=\"half\">"      \
    "<DiscretizeBin binValue=\"big\"><Interval closure=\"closedOpen\" leftMargin=\"2\"/></DiscretizeBin>"    \
    "<DiscretizeBin binValue=\"small\"><Interval closure=\"openOpen\" rightMargin=\"2\"/></DiscretizeBin>"   \
    "</Discretize></DerivedField></LocalTransformations>"
#define CITY "<ComparisonMeasure kind=\"distance\"><cityBlock/></ComparisonMeasure>"
#define DERIVED_INPUTS                                                                                       \
    "<KNNInputs><KNNInput field=\"half\"/><KNNInput field=\"big\" compareFunction=\"delta\" "                \
    "fieldWeight=\"10\"/></KNNInputs>"
#define DISTANCES OUTPUT("near", "affinity", "") OUTPUT("last", "affinity", "rank=\"6\"")

static void instances_are_transformed(void **state) {
    (void)state;
    scorer s = scorer_must(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"1\"", TARGET("t"),
                                     DISTANCES, DERIVED TABLE(COLUMNS, INSTANCES) CITY DERIVED_INPUTS));
    score_cells(&s, "5", "0"); /* halves: s 4 and u 4.5 are big as 2.5 is; p and v 0.5, small */
    assert_near(out_number(&s, 0), 40);
    assert_near(out_number(&s, 1), 1.5);
    assert_near(out_number(&s, 2), 12);
    scorer_free(&s);
    /* The table gives `half` itself, and `big` is computed from that; `x` is not there. */
    s = scorer_must(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"1\"", TARGET("t"), DISTANCES,
                              DERIVED TABLE("<InstanceField field=\"half\" column=\"x\"/>" COLUMN("t"),
                                            ROW("1", "1", "1", "10", "", "") ROW("1", "3", "1", "20", "", ""))
                                  CITY DERIVED_INPUTS));
    score_cells(&s, "4", "0"); /* half 2: big, as 3 is */
    assert_near(out_number(&s, 0), 20);
    assert_near(out_number(&s, 1), 1);
    scorer_free(&s);
}

static void instances_are_treated(void **state) {
    (void)state;
    scorer s = scorer_must(
        XML_HEAD DICTIONARY
        "<NearestNeighborModel functionName=\"regression\" numberOfNeighbors=\"1\">"
        "<MiningSchema><MiningField name=\"x\" missingValueReplacement=\"4\" "
        "outliers=\"asExtremeValues\" lowValue=\"0\" highValue=\"6\"/>" TARGET(
            "t") "</MiningSchema><Output>" OUTPUT("near", "affinity",
                                                  "") "</Output>" TABLE(COLUMN("x") COLUMN("t"),
                                                                        "<row><t>1</t></row><row><x/><t>2</"
                                                                        "t></row>"
                                                                        "<row><x>8</x><t>3</t></row>") CITY
        "<KNNInputs><KNNInput field=\"x\"/></KNNInputs></NearestNeighborModel>" XML_TAIL);
    score_cells(&s, "4.5");
    assert_near(out_number(&s, 0), 1);
    assert_near(out_number(&s, 1), 0.5);
    score_cells(&s, "7");
    assert_near(out_number(&s, 0), 3);
    assert_near(out_number(&s, 1), 0);
    scorer_free(&s);
}

static void similar_neighbors(void **state) {
    (void)state;
    scorer s = scorer_must(NEIGHBORS(
        "functionName=\"regression\" numberOfNeighbors=\"2\"", TARGET("t"),
        OUTPUT("near", "affinity", "") OUTPUT("next", "affinity", "rank=\"2\""),
        TABLE(
            COLUMNS,
            ROW("1", "1", "1", "10", "a", "1") ROW("2", "0", "0", "20", "a", "1") ROW(
                "3", "0", "1", "40", "a",
                "1")) "<ComparisonMeasure kind=\"similarity\"><simpleMatching/></ComparisonMeasure>" INPUTS));
    score_cells(&s, "0", "1");
    assert_near(out_number(&s, 0), 25);
    assert_near(out_number(&s, 1), 1);
    assert_near(out_number(&s, 2), 0.5);
    scorer_free(&s);
}

#define REGRESSION "functionName=\"regression\" numberOfNeighbors=\"2\""

static void refusals(void **state) {
    (void)state;
    assert_refused(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"7\"", TARGET("t"), "", ALL),
                   MR_INVALID_MODEL, "test:5", "6 training instances");
    assert_refused(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"1e300\"", TARGET("t"), "", ALL),
                   MR_INVALID_MODEL, "test:5", "1e300");
    assert_refused(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"0\"", TARGET("t"), "", ALL),
                   MR_INVALID_MODEL, "test:5", "\"0\"");
    assert_refused(NEIGHBORS("functionName=\"clustering\" numberOfNeighbors=\"2\"", TARGET("t"), "", ALL),
                   MR_INVALID_MODEL, "test:5", "clustering");
    assert_refused(NEIGHBORS(REGRESSION, "", "", ALL), MR_INVALID_MODEL, "test:5", "0 targets");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), "", TABLE(COLUMNS, "") SQUARED INPUTS),
                   MR_INVALID_MODEL, "test:5", "no training instances");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), "", TABLE(COLUMN("x"), INSTANCES) SQUARED INPUTS),
                   MR_INVALID_MODEL, "test:5", "\"t\"");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), "",
                             TABLE(COLUMNS, ROW("", "1", "1", "1", "", "") ROW("", "", "1", "1", "", ""))
                                 SQUARED INPUTS),
                   MR_UNSUPPORTED, "test:7", "without a value of \"x\"");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), "",
                             TABLE(COLUMNS, ROW("", "1", "1", "", "", "") ROW("", "", "1", "1", "", ""))
                                 SQUARED INPUTS),
                   MR_UNSUPPORTED, "test:6", "without its targets");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), "",
                             TABLE(COLUMNS, ROW("", "1", "1", "ten", "", "")) SQUARED INPUTS),
                   MR_INVALID_MODEL, "test:6", "\"ten\"");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), "",
                             TABLE(COLUMNS, ROW("", "one", "1", "1", "", "")) SQUARED INPUTS),
                   MR_INVALID_MODEL, "test:6", "\"one\"");
    assert_refused(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"1\"", TARGET("t"), "",
                             DERIVED "<TrainingInstances isTransformed=\"true\"><InstanceFields>" COLUMNS
                                     "</InstanceFields><InlineTable>" INSTANCES
                                     "</InlineTable></TrainingInstances>" CITY DERIVED_INPUTS),
                   MR_INVALID_MODEL, "test:5", "\"half\"");
    assert_refused(
        NEIGHBORS(REGRESSION, TARGET("t"), "", TABLE(COLUMNS COLUMN("y"), INSTANCES) SQUARED INPUTS),
        MR_INVALID_MODEL, "test:5", "twice");
    assert_refused(NEIGHBORS(REGRESSION " instanceIdVariable=\"key\"", TARGET("t"), "", ALL),
                   MR_INVALID_MODEL, "test:5", "\"key\"");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), OUTPUT("p", "probability", "value=\"a\""), ALL),
                   MR_UNSUPPORTED, "test:5", "probability");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), OUTPUT("p", "affinity", "value=\"7\""), ALL),
                   MR_INVALID_MODEL, "test:5", "\"7\"");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), OUTPUT("p", "predictedValue", "rank=\"2\""), ALL),
                   MR_UNSUPPORTED, "test:5", "predictedValue");
    assert_refused(
        NEIGHBORS(
            REGRESSION " continuousScoringMethod=\"weightedAverage\"", TARGET("t"), "",
            TABLE(COLUMNS,
                  ROW("1", "1", "1", "10", "a", "1") ROW(
                      "2", "0", "0", "20", "a",
                      "1")) "<ComparisonMeasure kind=\"similarity\"><jaccard/></ComparisonMeasure>" INPUTS),
        MR_UNSUPPORTED, "test:5", "inverse of a similarity");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), "",
                             TABLE(COLUMNS, INSTANCES) SQUARED
                             "<KNNInputs><KNNInput field=\"x\" compareFunction=\"gaussSim\"/></KNNInputs>"),
                   MR_INVALID_MODEL, "test:12", "similarityScale");
    assert_refused(NEIGHBORS(REGRESSION, TARGET("t"), "",
                             "<TrainingInstances><InstanceFields>" COLUMNS "</InstanceFields><TableLocator/>"
                             "</TrainingInstances>" SQUARED INPUTS),
                   MR_UNSUPPORTED, "test:5", "TableLocator");
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    assert_survives(NEIGHBORS("functionName=\"mixed\" numberOfNeighbors=\"3\" instanceIdVariable=\"id\" "
                              "continuousScoringMethod=\"median\"",
                              TARGET("t") TARGET("c") TARGET("n"), KINDS, ALL),
                    (const char *const[]){"1", "2"});
    assert_survives(NEIGHBORS("functionName=\"regression\" numberOfNeighbors=\"1\"", TARGET("t"), DISTANCES,
                              DERIVED TABLE(COLUMNS, INSTANCES) CITY DERIVED_INPUTS),
                    (const char *const[]){"1", "2"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(labels),
        cmocka_unit_test(several_targets_and_identifiers),
        cmocka_unit_test(without_target_the_nearest),
        cmocka_unit_test(instances_are_transformed),
        cmocka_unit_test(instances_are_treated),
        cmocka_unit_test(similar_neighbors),
        cmocka_unit_test(refusals),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
