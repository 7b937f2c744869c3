/* Scorecards: points, complex points, undefined scores, reason codes and their ties; by hand. */
#include "pmml_helper.h"

#define CARD(attributes, outputs, characteristics)                                                           \
    XML_HEAD "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"double\"/>"             \
             "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/></DataDictionary>"            \
             "<Scorecard functionName=\"regression\" " attributes "><MiningSchema>"                          \
             "<MiningField name=\"x\"/><MiningField name=\"y\" usageType=\"target\"/></MiningSchema>"        \
             "<Output>" outputs "</Output><Characteristics>" characteristics                                 \
             "</Characteristics></Scorecard>" XML_TAIL
#define REASON(name, rank)                                                                                   \
    "<OutputField name=\"" name "\" feature=\"reasonCode\" rank=\"" rank "\" dataType=\"string\"/>"
#define OF(attributes, inside)        "<Characteristic " attributes ">" inside "</Characteristic>"
#define ATTRIBUTE(attributes, inside) "<Attribute " attributes ">" inside "</Attribute>"
#define BELOW(value)                  "<SimplePredicate field=\"x\" operator=\"lessThan\" value=\"" value "\"/>"
#define POINTS(points)                ATTRIBUTE("partialScore=\"" points "\"", "<True/>")

static void points(void **state) {
    (void)state;
    scorer s = scorer_must(CARD(
        "initialScore=\"1\" useReasonCodes=\"false\"", "",
        OF("", ATTRIBUTE("partialScore=\"2\"", BELOW("5")) ATTRIBUTE("partialScore=\"4\"", BELOW("10")))
            OF("", ATTRIBUTE("partialScore=\"99\"",
                             BELOW("3") "<ComplexPartialScore><Apply function=\"*\"><FieldRef field=\"x\"/>"
                                        "<Constant>10</Constant></Apply></ComplexPartialScore>")
                       ATTRIBUTE("partialScore=\"-1\"", "<CompoundPredicate booleanOperator=\"or\">" BELOW(
                                                            "9") BELOW("8") "</CompoundPredicate>"))));
    score_cells(&s, "2");
    assert_near(out_number(&s, 0), 1 + 2 + 20);
    score_cells(&s, "6");
    assert_near(out_number(&s, 0), 1 + 4 - 1);
    assert_int_equal(score_cells(&s, "9.5"), MR_OK); /* no attribute of the second is true */
    assert_false(out_present(&s, 0));
    score_cells(&s, NULL);
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

#define CODES                                                                                                \
    OF("reasonCode=\"B\"", POINTS("3"))                                                                      \
    OF("reasonCode=\"A\"", ATTRIBUTE("partialScore=\"3\"", BELOW("10"))                                      \
                               ATTRIBUTE("partialScore=\"5\" reasonCode=\"Z\"", "<True/>"))                  \
    OF("reasonCode=\"C\"", POINTS("2.5"))                                                                    \
    OF("reasonCode=\"C\"", POINTS("2.75"))                                                                   \
    OF("reasonCode=\"D\"", POINTS("2")) OF("reasonCode=\"E\" baselineScore=\"9\"", POINTS("1"))
#define ALL                                                                                                  \
    REASON("1", "1") REASON("2", "2") REASON("3", "3") REASON("4", "4") REASON("5", "5") REASON("first", "1")

static void reason_codes(void **state) {
    (void)state;
    /* above the baseline of 2: C 1.25 from two, B and A 1, D 0; E is below and no reason */
    scorer s = scorer_must(CARD("reasonCodeAlgorithm=\"pointsAbove\" baselineScore=\"2\"", ALL, CODES));
    score_cells(&s, "1");
    assert_text(&s, 1, "C");
    assert_text(&s, 2, "B");
    assert_text(&s, 3, "A");
    assert_text(&s, 4, "D");
    assert_false(out_present(&s, 5));
    assert_text(&s, 6, "C");
    score_cells(&s, "20"); /* Z 3, C 1.25, B 1, D 0 */
    assert_text(&s, 1, "Z");
    assert_text(&s, 2, "C");
    assert_text(&s, 3, "B");
    assert_text(&s, 4, "D");
    score_cells(&s, NULL);
    assert_text(&s, 1, "Z"); /* unknown is not true */
    scorer_free(&s);
    /* below: E 8, D 0; the others have negative points */
    s = scorer_must(CARD("baselineScore=\"2\"", ALL, CODES));
    score_cells(&s, "1");
    assert_text(&s, 1, "E");
    assert_text(&s, 2, "D");
    assert_false(out_present(&s, 3));
    assert_text(&s, 6, "E");
    scorer_free(&s);
}

static void refusals(void **state) {
    (void)state;
    assert_refused(CARD("", "", ""), MR_INVALID_MODEL, "test:", "Characteristic");
    assert_refused(CARD("", "", OF("", ATTRIBUTE("", "<True/>"))), MR_INVALID_MODEL, "test:", "partialScore");
    assert_refused(CARD("", "", OF("", ATTRIBUTE("partialScore=\"1\"", ""))), MR_INVALID_MODEL,
                   "test:", "predicate");
    assert_refused(CARD("useReasonCodes=\"false\"", ALL, CODES), MR_UNSUPPORTED, "test:", "reasonCode");
    assert_refused(CARD("", ALL, CODES), MR_INVALID_MODEL, "test:", "baselineScore");
    assert_refused(CARD("baselineScore=\"1\"", ALL, OF("", POINTS("1"))), MR_INVALID_MODEL,
                   "test:", "lacks a reasonCode");
    assert_refused(CARD("baselineScore=\"1\" reasonCodeAlgorithm=\"x\"", "", CODES), MR_UNSUPPORTED,
                   "test:", "reasonCodeAlgorithm");
    assert_refused(CARD("baselineScore=\"1\"", REASON("r", "0"), CODES), MR_UNSUPPORTED, "test:", "rank");
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    assert_survives(CARD("baselineScore=\"2\"", ALL, CODES), (const char *const[]){"1"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points),
        cmocka_unit_test(reason_codes),
        cmocka_unit_test(refusals),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
