/* Rule sets: the three criteria and their ties, nested rules, defaults, ranks; worked out by hand. */
#include "pmml_helper.h"

#define RULES(function, type, methods, attributes, rules, outputs)                                           \
    XML_HEAD "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"double\"/>" type        \
             "</DataDictionary><RuleSetModel functionName=\"" function "\"><MiningSchema>"                   \
             "<MiningField name=\"x\"/><MiningField name=\"y\" usageType=\"target\"/></MiningSchema>"        \
             "<Output>" outputs "</Output><RuleSet " attributes ">" methods rules                            \
             "</RuleSet></RuleSetModel>" XML_TAIL
#define METHOD(criterion) "<RuleSelectionMethod criterion=\"" criterion "\"/>"
#define LABELS                                                                                               \
    "<DataField name=\"y\" optype=\"categorical\" dataType=\"string\"><Value value=\"c\"/>"                  \
    "<Value value=\"a\"/><Value value=\"b\"/></DataField>"
#define WHEN(operator, value) "<SimplePredicate field=\"x\" operator=\"" operator"\" value=\"" value "\"/>"
#define CLASSES                                                                                              \
    "<SimpleRule score=\"a\" confidence=\"0.2\" weight=\"0.7\">" WHEN(                                       \
        "lessThan",                                                                                          \
        "10") "<ScoreDistribution value=\"a\" recordCount=\"3\"/>"                                           \
              "<ScoreDistribution value=\"b\" recordCount=\"1\"/></SimpleRule>"                              \
              "<CompoundRule>" WHEN(                                                                         \
                  "lessThan",                                                                                \
                  "20") "<CompoundRule><True/>"                                                              \
                        "<SimpleRule id=\"r2\" score=\"b\" "                                                 \
                        "confidence=\"0.9\" weight=\"0.4\">" WHEN(                                           \
                            "greaterThan",                                                                   \
                            "0") "</SimpleRule></CompoundRule><SimpleRule score=\"b\" confidence=\"0.8\" "   \
                                 "weight=\"0.5\">" WHEN("greaterThan",                                       \
                                                        "1") "</SimpleRule></CompoundRule>"                  \
                                                             "<SimpleRule score=\"c\" confidence=\"0.5\" "   \
                                                             "weight=\"0.7\">" WHEN("lessThan",              \
                                                                                    "3") "</SimpleRule>"
#define OUTPUTS                                                                                              \
    "<OutputField name=\"confidence\" feature=\"confidence\" dataType=\"double\"/>"                          \
    "<OutputField name=\"a\" feature=\"confidence\" value=\"a\" dataType=\"double\"/>"                       \
    "<OutputField name=\"id\" feature=\"entityId\"/>"                                                        \
    "<OutputField name=\"second\" feature=\"predictedValue\" rank=\"2\"/>"                                   \
    "<OutputField name=\"second_confidence\" feature=\"confidence\" rank=\"2\" dataType=\"double\"/>"        \
    "<OutputField name=\"second_id\" feature=\"entityId\" rank=\"2\"/>"                                      \
    "<OutputField name=\"p\" feature=\"probability\" value=\"a\" dataType=\"double\"/>"
#define DEFAULT           "defaultScore=\"c\" defaultConfidence=\"0.3\""
#define CLASSIFY(methods) RULES("classification", LABELS, methods, DEFAULT, CLASSES, OUTPUTS)

typedef struct expected {
    const char *x, *label;
    double confidence, confidence_of_a;
    const char *id, *second;
    double second_confidence;
    const char *second_id;
} expected;

static void assert_maybe_text(const scorer *s, uint32_t i, const char *text) {
    if (text) assert_text(s, i, text);
    else assert_false(out_present(s, i));
}

static void check(const char *xml, const expected *rows, size_t count) {
    scorer s = scorer_must(xml);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(score_cells(&s, rows[i].x), MR_OK);
        assert_text(&s, 0, rows[i].label);
        assert_near(out_number(&s, 1), rows[i].confidence);
        assert_near(out_number(&s, 2), rows[i].confidence_of_a);
        assert_maybe_text(&s, 3, rows[i].id);
        assert_maybe_text(&s, 4, rows[i].second);
        if (rows[i].second) assert_near(out_number(&s, 5), rows[i].second_confidence);
        else assert_false(out_present(&s, 5));
        assert_maybe_text(&s, 6, rows[i].second_id);
    }
    scorer_free(&s);
}

static void first_hit(void **state) {
    (void)state;
    static const expected rows[] = {{"-1", "a", 0.2, 0.2, "1", "c", 0.5, "4"},
                                    {"0.5", "a", 0.2, 0.2, "1", "b", 0.9, "r2"},
                                    {"15", "b", 0.9, 0, "r2", NULL, 0, NULL},
                                    {"25", "c", 0.3, 0, NULL, NULL, 0, NULL},
                                    {NULL, "c", 0.3, 0, NULL, NULL, 0, NULL}};
    check(CLASSIFY(METHOD("firstHit") METHOD("weightedMax")), rows, sizeof rows / sizeof rows[0]);
    scorer s = scorer_must(CLASSIFY(METHOD("firstHit")));
    score_cells(&s, "5");
    assert_near(out_number(&s, 7), 0.75);
    score_cells(&s, "15"); /* a rule without a distribution */
    assert_false(out_present(&s, 7));
    scorer_free(&s);
}

static void weighted_sum(void **state) {
    (void)state;
    /* of equal sums, the label that the data dictionary has first: c before a */
    static const expected rows[] = {{"-1", "c", 0.35, 0.35, "4", "a", 0.35, "1"},
                                    {"2", "b", 0.9 / 4, 0.7 / 4, "3", "c", 0.7 / 4, "4"},
                                    {"5", "b", 0.3, 0.7 / 3, "3", "a", 0.7 / 3, "1"},
                                    {"15", "b", 0.45, 0, "3", NULL, 0, NULL},
                                    {"25", "c", 0.3, 0, NULL, NULL, 0, NULL}};
    check(CLASSIFY(METHOD("weightedSum")), rows, sizeof rows / sizeof rows[0]);
}

static void weighted_max(void **state) {
    (void)state;
    /* of equal weights, the earlier rule */
    static const expected rows[] = {{"-1", "a", 0.2, 0.2, "1", "c", 0.5, "4"},
                                    {"5", "a", 0.2, 0.2, "1", "b", 0.8, "3"},
                                    {"15", "b", 0.8, 0, "3", NULL, 0, NULL}};
    check(CLASSIFY(METHOD("weightedMax")), rows, sizeof rows / sizeof rows[0]);
}

#define NUMBER "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/>"
#define NUMBERS                                                                                              \
    "<SimpleRule score=\"10\" weight=\"2\">" WHEN(                                                           \
        "lessThan", "5") "</SimpleRule><SimpleRule score=\"20\">"                                            \
                         "<True/></SimpleRule><SimpleRule score=\"20.0\" weight=\"1.5\">" WHEN(              \
                             "lessThan", "1") "</SimpleRule>"

static void regression(void **state) {
    (void)state;
    static const struct {
        const char *criterion;
        double at_0, at_3, at_9;
    } cases[] = {{METHOD("firstHit"), 10, 10, 20}, {METHOD("weightedSum"), 20, 10, 20}};
    scorer s = scorer_must(RULES("regression", NUMBER, METHOD("firstHit"), "", NUMBERS, ""));
    scorer t = scorer_must(RULES("regression", NUMBER, METHOD("weightedSum"), "", NUMBERS, ""));
    for (int i = 0; i < 2; i++) {
        scorer *which = i ? &t : &s;
        score_cells(which, "0");
        assert_near(out_number(which, 0), cases[i].at_0);
        score_cells(which, "3");
        assert_near(out_number(which, 0), cases[i].at_3);
        score_cells(which, "9");
        assert_near(out_number(which, 0), cases[i].at_9);
    }
    scorer_free(&s);
    scorer_free(&t);
    s = scorer_must(RULES("regression", NUMBER, METHOD("firstHit"), "",
                          "<SimpleRule score=\"1\">" WHEN("lessThan", "5") "</SimpleRule>", ""));
    assert_int_equal(score_cells(&s, "7"), MR_OK);
    assert_false(out_present(&s, 0)); /* no rule and no default */
    scorer_free(&s);
}

#define ONE(inside) RULES("regression", NUMBER, METHOD("firstHit"), "", inside, "")

static void refusals(void **state) {
    (void)state;
    assert_refused(RULES("regression", NUMBER, "", "", NUMBERS, ""), MR_INVALID_MODEL,
                   "test:", "RuleSelectionMethod");
    assert_refused(RULES("regression", NUMBER, METHOD("lastHit"), "", NUMBERS, ""), MR_UNSUPPORTED,
                   "test:", "lastHit");
    assert_refused(ONE("<SimpleRule><True/></SimpleRule>"), MR_INVALID_MODEL, "test:", "score");
    assert_refused(ONE("<SimpleRule score=\"1\"/>"), MR_INVALID_MODEL, "test:", "predicate");
    assert_refused(ONE("<SimpleRule score=\"a\"><True/></SimpleRule>"), MR_INVALID_MODEL, "test:", "\"a\"");
    assert_refused(RULES("classification", LABELS, METHOD("firstHit"), "", CLASSES,
                         "<OutputField name=\"o\" feature=\"affinity\"/>"),
                   MR_UNSUPPORTED, "test:", "affinity");
    assert_refused(RULES("classification", LABELS, METHOD("firstHit"), "", CLASSES,
                         "<OutputField name=\"o\" feature=\"entityId\" rank=\"0\"/>"),
                   MR_UNSUPPORTED, "test:", "rank");
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    assert_survives(CLASSIFY(METHOD("weightedSum")), (const char *const[]){"0.5"});
    assert_survives(ONE(NUMBERS), (const char *const[]){"0.5"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_hit),    cmocka_unit_test(weighted_sum),
        cmocka_unit_test(weighted_max), cmocka_unit_test(regression),
        cmocka_unit_test(refusals),     cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
