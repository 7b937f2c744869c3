/* Naive Bayes: counts, densities, the threshold, what is left out; expected values by the formula itself. */
#include "pmml_helper.h"

#define MODEL(attributes, inputs, output)                                                                    \
    XML_HEAD "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"double\"/>"             \
             "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/>"                            \
             "<DataField name=\"y\" optype=\"categorical\" dataType=\"string\"/></DataDictionary>"           \
             "<NaiveBayesModel functionName=\"classification\" " attributes                                  \
             "><MiningSchema><MiningField name=\"x\"/><MiningField name=\"c\"/>"                             \
             "<MiningField name=\"y\" usageType=\"target\"/></MiningSchema><Output>"                         \
             "<OutputField name=\"p\" feature=\"probability\" value=\"a\" dataType=\"double\"/></Output>"    \
             "<BayesInputs>" inputs "</BayesInputs>" output "</NaiveBayesModel>" XML_TAIL
#define COUNT(value, count)       "<TargetValueCount value=\"" value "\" count=\"" count "\"/>"
#define COUNTS(counts)            "<TargetValueCounts>" counts "</TargetValueCounts>"
#define PAIR(value, counts)       "<PairCounts value=\"" value "\">" COUNTS(counts) "</PairCounts>"
#define STAT(value, distribution) "<TargetValueStat value=\"" value "\">" distribution "</TargetValueStat>"
#define STATS(stats)              "<BayesInput fieldName=\"x\"><TargetValueStats>" stats "</TargetValueStats></BayesInput>"
#define GAUSSIAN(mean, variance)  "<GaussianDistribution mean=\"" mean "\" variance=\"" variance "\"/>"
#define POISSON(mean)             "<PoissonDistribution mean=\"" mean "\"/>"
/* b has no count of v: as good as a count of 0 */
#define LETTERS                                                                                              \
    "<BayesInput fieldName=\"c\">" PAIR("u", COUNT("a", "3") COUNT("b", "1"))                                \
        PAIR("v", COUNT("a", "5")) "</BayesInput>"
#define OUTPUT "<BayesOutput fieldName=\"y\">" COUNTS(COUNT("a", "8") COUNT("b", "2")) "</BayesOutput>"
#define BOTH                                                                                                 \
    MODEL("threshold=\"0.001\"", STATS(STAT("a", GAUSSIAN("1", "2")) STAT("b", POISSON("2.5"))) LETTERS,     \
          OUTPUT)

static void formula(void **state) {
    (void)state;
    static const struct {
        const char *x, *c;
        double a;
    } rows[] = {{"1", "u", 0.6734129597294231},
                {"3", "v", 0.9991767451577709},
                {"1.5", "w", 0.9990575054824313},
                {NULL, "u", 0.6},
                {"100", NULL, 0.8},
                {NULL, NULL, 0.8}};
    scorer s = scorer_must(BOTH);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(score_cells(&s, rows[i].x, rows[i].c), MR_OK);
        assert_text(&s, 0, "a");
        assert_near(out_number(&s, 1), rows[i].a);
    }
    scorer_free(&s);
}

/* Far from both means, where the densities themselves are 0: the nearer mean still wins. */
static void no_underflow(void **state) {
    (void)state;
    scorer s = scorer_must(
        MODEL("threshold=\"0\"", STATS(STAT("a", GAUSSIAN("0", "1")) STAT("b", GAUSSIAN("1", "1"))), OUTPUT));
    score_cells(&s, "1e3", NULL);
    assert_text(&s, 0, "b");
    score_cells(&s, "-1e3", NULL);
    assert_text(&s, 0, "a");
    assert_near(out_number(&s, 1), 1);
    scorer_free(&s);
    s = scorer_must(MODEL("threshold=\"0\"",
                          "<BayesInput fieldName=\"c\">" PAIR("u", COUNT("a", "3") COUNT("b", "0"))
                              PAIR("v", COUNT("a", "0") COUNT("b", "0")) "</BayesInput>",
                          OUTPUT));
    score_cells(&s, NULL, "u");
    assert_near(out_number(&s, 1), 1);
    score_cells(&s, NULL, "v"); /* neither class was ever seen with it */
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

#define BINS                                                                                                 \
    "<BayesInput fieldName=\"x\"><DerivedField optype=\"categorical\" dataType=\"integer\"><Discretize "     \
    "field=\"x\"><DiscretizeBin binValue=\"0\"><Interval closure=\"openOpen\" rightMargin=\"5\"/>"           \
    "</DiscretizeBin><DiscretizeBin binValue=\"1\"><Interval closure=\"closedOpen\" leftMargin=\"5\"/>"      \
    "</DiscretizeBin></Discretize></DerivedField>" PAIR("1", COUNT("a", "1") COUNT("b", "2"))                \
        PAIR("0", COUNT("a", "9") COUNT("b", "2")) "</BayesInput>"

static void discretized_and_inside_an_extension(void **state) {
    (void)state;
    scorer s = scorer_must(MODEL("threshold=\"0.1\"", BINS, OUTPUT));
    score_cells(&s, "4", NULL);
    assert_near(out_number(&s, 1), 7.2 / (7.2 + 1));
    score_cells(&s, "5", NULL);
    assert_near(out_number(&s, 1), 0.8 / (0.8 + 1));
    scorer_free(&s);
    s = scorer_must(
        MODEL("threshold=\"0.1\"", LETTERS "<Extension name=\"continuous\">" BINS "</Extension>", OUTPUT));
    score_cells(&s, "5", "u");
    assert_near(out_number(&s, 1), 8 * 0.1 * 0.375 / (8 * 0.1 * 0.375 + 2 * 0.5 * 1));
    scorer_free(&s);
}

static void refusals(void **state) {
    (void)state;
    assert_refused(MODEL("", LETTERS, OUTPUT), MR_INVALID_MODEL, "test:", "threshold");
    assert_refused(MODEL("threshold=\"0.1\"", LETTERS, ""), MR_INVALID_MODEL, "test:", "BayesOutput");
    assert_refused(MODEL("threshold=\"0.1\"", STATS(STAT("a", GAUSSIAN("0", "0"))), OUTPUT), MR_INVALID_MODEL,
                   "test:", "variance");
    assert_refused(MODEL("threshold=\"0.1\"", STATS(STAT("a", POISSON("0"))), OUTPUT), MR_INVALID_MODEL,
                   "test:", "mean");
    assert_refused(MODEL("threshold=\"0.1\"", STATS(STAT("a", "<UniformDistribution/>")), OUTPUT),
                   MR_UNSUPPORTED, "test:", "UniformDistribution");
    assert_refused(MODEL("threshold=\"0.1\"", LETTERS,
                         "<BayesOutput fieldName=\"z\">" COUNTS(COUNT("a", "8")) "</BayesOutput>"),
                   MR_INVALID_MODEL, "test:", "\"z\"");
    assert_refused(MODEL("threshold=\"0.1\"",
                         "<BayesInput fieldName=\"c\">" PAIR("u", COUNT("a", "-3")) "</BayesInput>", OUTPUT),
                   MR_INVALID_MODEL, "test:", "negative");
    assert_refused(MODEL("threshold=\"0.1\"",
                         "<BayesInput fieldName=\"c\">" PAIR("u", "") PAIR("u", "") "</BayesInput>", OUTPUT),
                   MR_INVALID_MODEL, "test:", "two <PairCounts>");
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    assert_survives(BOTH, (const char *const[]){"1", "u"});
    assert_survives(MODEL("threshold=\"0.1\"", BINS, OUTPUT), (const char *const[]){"1", "u"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formula),
        cmocka_unit_test(no_underflow),
        cmocka_unit_test(refusals),
        cmocka_unit_test(discretized_and_inside_an_extension),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
