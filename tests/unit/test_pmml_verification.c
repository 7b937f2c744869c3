/* Models that verify themselves: with which values they load, and how they are refused. */
#include <stdio.h>

#include "pmml_helper.h"

#define MODEL(fields, rows)                                                                                  \
    XML_HEAD "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"double\"/>"             \
             "<DataField name=\"n\" optype=\"continuous\" dataType=\"integer\"/>"                            \
             "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"><Value value=\"yes\"/>"       \
             "<Value value=\"no\"/></DataField></DataDictionary>"                                            \
             "<RegressionModel functionName=\"classification\" normalizationMethod=\"logit\"><MiningSchema>" \
             "<MiningField name=\"x\"/><MiningField name=\"n\" missingValueReplacement=\"0\"/>"              \
             "<MiningField name=\"c\" usageType=\"target\"/></MiningSchema><Output><OutputField "            \
             "name=\"p yes\" feature=\"probability\" value=\"yes\"/></Output><RegressionTable "              \
             "intercept=\"0\" targetCategory=\"yes\"><NumericPredictor name=\"x\" coefficient=\"1\"/>"       \
             "<NumericPredictor name=\"n\" coefficient=\"100\"/></RegressionTable><RegressionTable "         \
             "intercept=\"0\" targetCategory=\"no\"/>\n<ModelVerification "                                  \
             "recordCount=\"9\"><VerificationFields>" fields "</VerificationFields><InlineTable>\n" rows     \
             "\n</InlineTable></ModelVerification></RegressionModel>" XML_TAIL
#define FIELDS                                                                                               \
    "<VerificationField field=\"x\"/><VerificationField field=\"n\" column=\"d:count\"/><VerificationField " \
    "field=\"c\"/><VerificationField field=\"p yes\" column=\"p_x0020_yes\" precision=\"0.01\" "             \
    "zeroThreshold=\"0.001\"/><VerificationField field=\"nobody\"/>"

static void passes(const char *xml) {
    scorer s = scorer_must(xml);
    scorer_free(&s);
}

static void models_that_pass(void **state) {
    (void)state;
    passes(MODEL(FIELDS,
                 "<row><x>0.5</x><c>yes</c><p_x0020_yes>0.6224</p_x0020_yes><nobody>7</nobody></row>"
                 "<row><x>-2</x><d:count>0</d:count><c>no</c></row>"
                 "<row><x>-20</x><count>1</count><p_x0020_yes>1</p_x0020_yes></row>"
                 "<row><x>-20</x><p_x0020_yes>0.0009</p_x0020_yes></row>" /* both are as good as zero */
                 "<row><x/></row>"                                        /* nothing is expected */
                 "<row><x>abc</x></row>")); /* an invalid record of which nothing is expected */
    passes(MODEL(FIELDS, ""));
}

static void models_that_fail(void **state) {
    (void)state;
    assert_refused(
        MODEL(FIELDS, "<row><x>0.5</x><c>yes</c></row>\n<row><x>0.5</x><p_x0020_yes>0.7</p_x0020_yes></row>"),
        MR_INVALID_MODEL, ":7", "of record 2, \"p yes\" should be 0.7, and is 0.622459");
    assert_refused(MODEL(FIELDS, "<row><x>0.5</x><c>no</c></row>"), MR_INVALID_MODEL, ":6",
                   "\"c\" should be no, and is yes");
    assert_refused(MODEL(FIELDS, "<row><c>no</c></row>"), MR_INVALID_MODEL, ":6",
                   "should be no, and is missing");
    assert_refused(MODEL(FIELDS, "<row><x>abc</x><c>no</c></row>"), MR_INVALID_MODEL, ":6",
                   "record 1 has no result: field \"x\"");
    assert_refused(MODEL(FIELDS, "<row><x>-20</x><p_x0020_yes>0.002</p_x0020_yes></row>"), MR_INVALID_MODEL,
                   ":6", "0.002");
    assert_refused(MODEL(FIELDS, "<row><x>0.5</x><p_x0020_yes>0.6</p_x0020_yes></row>"), MR_INVALID_MODEL,
                   ":6", "should be 0.6, and is 0.622459");
}

static void blocks_that_are_not_whole(void **state) {
    (void)state;
    assert_refused(MODEL("<VerificationField field=\"x\" precision=\"-1\"/>", "<row><x>1</x></row>"),
                   MR_INVALID_MODEL, ":5", "precision=\"-1\"");
    assert_refused(MODEL("<VerificationField column=\"x\"/>", "<row><x>1</x></row>"), MR_INVALID_MODEL, ":5",
                   "\"field\"");
}

/* More records than a batch, and all of them are looked at. */
static void many_records(void **state) {
    (void)state;
    static const char head[] = "<row><x>1</x><c>yes</c></row>", last[] = "<row><x>1</x><c>no</c></row>";
    static char rows[600 * sizeof head + sizeof last];
    rows[0] = 0;
    for (int i = 0; i < 600; i++) strcat(rows, head);
    static char xml[sizeof rows + 4096];
    const char *whole = MODEL(FIELDS, "@"), *at = strchr(whole, '@');
    snprintf(xml, sizeof xml, "%.*s%s%s", (int)(at - whole), whole, rows, at + 1);
    passes(xml);
    strcat(rows, last);
    snprintf(xml, sizeof xml, "%.*s%s%s", (int)(at - whole), whole, rows, at + 1);
    assert_refused(xml, MR_INVALID_MODEL, ":6", "record 601");
}

/* A group of records has one result: its list stands in the rows of the group. */
static void groups(void **state) {
    (void)state;
#define BASKETS(rows)                                                                                        \
    XML_HEAD                                                                                                 \
    "<DataDictionary><DataField name=\"id\" optype=\"categorical\" dataType=\"string\"/>"                    \
    "<DataField name=\"item\" optype=\"categorical\" dataType=\"string\"/></DataDictionary>"                 \
    "<AssociationModel functionName=\"associationRules\" numberOfTransactions=\"2\" "                        \
    "minimumSupport=\"0\" "                                                                                  \
    "minimumConfidence=\"0\" numberOfItems=\"2\" numberOfItemsets=\"2\" "                                    \
    "numberOfRules=\"2\"><MiningSchema>"                                                                     \
    "<MiningField name=\"id\" usageType=\"group\"/><MiningField name=\"item\"/></MiningSchema><Output>"      \
    "<OutputField name=\"rules\" feature=\"ruleValue\" ruleFeature=\"ruleId\" "                              \
    "algorithm=\"recommendation\" "                                                                          \
    "rank=\"0\" rankBasis=\"lift\" isMultiValued=\"1\"/></Output><Item id=\"1\" value=\"a\"/><Item "         \
    "id=\"2\" "                                                                                              \
    "value=\"b\"/><Itemset id=\"1\"><ItemRef itemRef=\"1\"/></Itemset><Itemset id=\"2\"><ItemRef "           \
    "itemRef=\"2\"/>"                                                                                        \
    "</Itemset><AssociationRule antecedent=\"1\" consequent=\"2\" support=\"1\" confidence=\"1\" "           \
    "lift=\"2\"/>"                                                                                           \
    "<AssociationRule antecedent=\"2\" consequent=\"1\" support=\"1\" confidence=\"1\" lift=\"1\"/>"         \
    "<ModelVerification><VerificationFields><VerificationField field=\"id\"/><VerificationField "            \
    "field=\"item\"/>"                                                                                       \
    "<VerificationField field=\"rules\"/></VerificationFields><InlineTable>\n" rows                          \
    "</InlineTable></ModelVerification></AssociationModel>" XML_TAIL
    passes(BASKETS("<row><id>x</id><item>a</item><rules>1</rules></row><row><id>y</id><item>a</"
                   "item><rules>1</rules></row>"
                   "<row><id>y</id><item>b</item><rules>2</rules></row>"));
    assert_refused(
        BASKETS("<row><id>x</id><item>a</item><rules>1</rules></row><row><id>y</id><item>a</item></row>"
                "<row><id>y</id><item>b</item><rules>1</rules></row>"),
        MR_INVALID_MODEL, ":5", "of record 3, \"rules\" should be the last of its list");
    assert_refused(
        BASKETS("<row><id>x</id><item>a</item><rules>1</rules></row>\n<row><id>x</id><rules>2</rules></row>"),
        MR_INVALID_MODEL, ":6", "of record 2, \"rules\" should be 2, and is missing");
    assert_refused(BASKETS("<row><id>x</id><item>a</item><rules>2</rules></row>"), MR_INVALID_MODEL, ":5",
                   "should be 2, and is 1");
}

static void failing_allocations(void **state) {
    (void)state;
    assert_survives_failing_allocations(
        MODEL(FIELDS, "<row><x>0.5</x><c>yes</c><p_x0020_yes>0.6224</p_x0020_yes></row>"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_that_pass),
        cmocka_unit_test(models_that_fail),
        cmocka_unit_test(blocks_that_are_not_whole),
        cmocka_unit_test(many_records),
        cmocka_unit_test(groups),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
