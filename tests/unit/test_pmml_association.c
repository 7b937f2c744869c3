/* Association rules: baskets of groups and of rows, algorithms, ranks, every feature; by hand. */
#include "pmml_helper.h"

#include <stdio.h>

#define ATTRIBUTES                                                                                           \
    "functionName=\"associationRules\" numberOfTransactions=\"4\" minimumSupport=\"0.1\" "                   \
    "minimumConfidence=\"0.1\" numberOfItems=\"3\" numberOfItemsets=\"4\" numberOfRules=\"4\""
#define BASKETS(schema, outputs, inside)                                                                     \
    XML_HEAD "<DataDictionary><DataField name=\"t\" optype=\"categorical\" dataType=\"string\"/>"            \
             "<DataField name=\"item\" optype=\"categorical\" dataType=\"string\"/></DataDictionary>"        \
             "<AssociationModel " ATTRIBUTES "><MiningSchema>" schema "</MiningSchema><Output>" outputs      \
             "</Output>" inside "</AssociationModel>" XML_TAIL
/* clang-format off */
#define GROUPED         "<MiningField name=\"t\" usageType=\"group\"/><MiningField name=\"item\"/>"
#define ITEM(id, value) "<Item id=\"" id "\" value=\"" value "\"/>"
#define SET(id, refs)   "<Itemset id=\"" id "\">" refs "</Itemset>"
#define REF(id)         "<ItemRef itemRef=\"" id "\"/>"
#define RULE(attributes, antecedent, consequent) \
    "<AssociationRule " attributes " antecedent=\"" antecedent "\" consequent=\"" consequent "\"/>"
#define RULES \
    ITEM("1", "a") ITEM("2", "b") ITEM("3", "c") \
    SET("none", "") SET("A", REF("1")) SET("AB", REF("1") REF("2")) SET("C", REF("3")) \
    RULE("id=\"7\" support=\"0.5\" confidence=\"0.6\" lift=\"1.1\" leverage=\"0.2\" affinity=\"0.9\"", "A", "C") \
    RULE("support=\"0.4\" confidence=\"0.8\" lift=\"1.5\"", "AB", "C") \
    RULE("support=\"0.3\" confidence=\"0.8\" lift=\"1.2\"", "C", "A") \
    RULE("support=\"0.2\" confidence=\"0.1\" lift=\"9\"", "none", "A")
#define OUT(name, attributes) "<OutputField name=\"" name "\" " attributes "/>"
#define ALL_IDS(name, algorithm)                                                                             \
    OUT(name, "feature=\"ruleValue\" ruleFeature=\"ruleId\" algorithm=\"" algorithm "\" rank=\"0\" "         \
              "isMultiValued=\"1\"")
#define EVERY_FEATURE                                                                                        \
    OUT("1", "feature=\"rule\"")                                                                             \
    OUT("2", "feature=\"antecedent\" algorithm=\"recommendation\"")                                          \
    OUT("3", "feature=\"ruleValue\" rank=\"2\"")                                                             \
    OUT("4", "feature=\"ruleId\" rank=\"2\"")                                                                \
    OUT("5", "feature=\"entityId\" rank=\"2\" dataType=\"double\" optype=\"continuous\"")                    \
    OUT("6", "feature=\"confidence\"")                                                                       \
    OUT("7", "feature=\"support\" rankOrder=\"ascending\"")                                                  \
    OUT("8", "feature=\"lift\" algorithm=\"recommendation\" rankBasis=\"lift\"")                             \
    OUT("9", "feature=\"ruleValue\" ruleFeature=\"leverage\" rank=\"2\"")                                    \
    OUT("10", "feature=\"affinity\"")                                                                        \
    OUT("11", "feature=\"rule\" rank=\"3\"")                                                                 \
    OUT("12", "feature=\"rule\" isMultiValued=\"1\" rank=\"2\" algorithm=\"recommendation\"")                \
    OUT("13", "feature=\"consequent\" isMultiValued=\"1\" rank=\"0\"")                                       \
    OUT("14", "feature=\"ruleId\" isMultiValued=\"1\" rank=\"0\" dataType=\"integer\"")                      \
    OUT("15", "feature=\"affinity\" isMultiValued=\"1\" rank=\"0\" dataType=\"double\"")
/* clang-format on */

/* Rows (group, item) up to a NULL group; "" is a missing cell. */
static void score_baskets(scorer *s, const char *const (*rows)[2]) {
    uint32_t count = 0;
    for (; rows[count][0]; count++) {
        set_cell(s, count, 0, *rows[count][0] ? rows[count][0] : NULL);
        set_cell(s, count, 1, *rows[count][1] ? rows[count][1] : NULL);
    }
    s->in->row_count = count;
    mr_row_result results[64];
    mr_scratch_reset(s->scratch);
    assert_int_equal(mr_score_all(s->binding, s->in, s->out, results, s->scratch, NULL), MR_OK);
    for (uint32_t i = 0; i < s->out->row_count; i++) assert_int_equal(results[i].status, MR_OK);
}

/* A cell as text: lists as a,b and missing values as -. */
static void assert_cell(const scorer *s, uint32_t row, uint32_t column, const char *expected) {
    char text[256] = "-", *at = text;
    const mr_column *c = &s->out->columns[column];
    const void *cell = mr_cell(c, row);
    if (mr_cell_present(c, row)) *text = 0;
    if (mr_cell_present(c, row) && c->type == MR_TYPE_STRING)
        sprintf(text, "%.*s", (int)((const mr_text *)cell)->size, ((const mr_text *)cell)->data);
    if (mr_cell_present(c, row) && c->type == MR_TYPE_DOUBLE) sprintf(text, "%g", *(const double *)cell);
    for (uint32_t i = 0;
         mr_cell_present(c, row) && c->type == MR_TYPE_LIST && i < ((const mr_list *)cell)->count; i++) {
        const mr_value *item = &((const mr_list *)cell)->items[i];
        if (i) *at++ = ',';
        if (item->missing) at += sprintf(at, "-");
        else if (item->type == MR_TYPE_STRING)
            at += sprintf(at, "%.*s", (int)item->as.text.size, item->as.text.data);
        else if (item->type == MR_TYPE_INTEGER) at += sprintf(at, "%d", (int)item->as.integer);
        else at += sprintf(at, "%g", item->as.number);
    }
    assert_string_equal(text, expected);
}

static scorer open_rows(const char *xml, uint32_t rows) {
    scorer s;
    mr_error error = {0};
    mr_status status = scorer_open(&s, xml, rows, &error);
    if (status != MR_OK) print_error("%s: %s\n", error.where, error.message);
    assert_int_equal(status, MR_OK);
    return s;
}

static const char *const baskets[][2] = {{"1", "a"}, {"2", "b"}, {"1", "b"}, {"3", "zz"}, {"1", "a"},
                                         {"", "c"},  {"4", ""},  {"2", "c"}, {"2", "a"},  {NULL, NULL}};

/* Groups in order of first appearance: 1 {a,b}, 2 {a,b,c}, 3 {}, missing {c}, 4 {}. */
static void groups_and_algorithms(void **state) {
    (void)state;
    scorer s = open_rows(BASKETS(GROUPED,
                                 ALL_IDS("r", "recommendation") ALL_IDS("e", "exclusiveRecommendation")
                                     ALL_IDS("a", "ruleAssociation"),
                                 RULES),
                         16);
    const mr_model_shape *shape = mr_model_get_shape(s.model);
    assert_int_equal(shape->arity, MR_SCORES_GROUPS);
    assert_int_equal(shape->group_input, 0);
    score_baskets(&s, baskets);
    assert_int_equal(s.out->row_count, 5);
    static const char *const expected[5][3] = {{"2,7,4", "2,7", "4"},
                                               {"2,3,7,4", "", "2,3,7,4"},
                                               {"4", "4", ""},
                                               {"3,4", "3,4", ""},
                                               {"4", "4", ""}};
    for (uint32_t row = 0; row < 5; row++) {
        for (uint32_t i = 0; i < 3; i++) assert_cell(&s, row, 1 + i, expected[row][i]);
        assert_cell(&s, row, 0, expected[row][1]); /* the prediction: the exclusive recommendations */
    }
    scorer_free(&s);
}

static void features_and_ranks(void **state) {
    (void)state;
    scorer s = open_rows(BASKETS(GROUPED, EVERY_FEATURE, RULES), 16);
    score_baskets(&s, baskets);
    static const char *const first[] = {"{a,b}->{c}", "a,b", "c",    "7", "7", "0.8",
                                        "0.5",        "9",   "0.2",  "-", "-", "{a,b}->{c},{a}->{c}",
                                        "{c},{c}",    "2,7", "-,0.9"};
    for (uint32_t i = 0; i < 15; i++) assert_cell(&s, 0, 1 + i, first[i]);
    assert_cell(&s, 1, 1, "-"); /* nothing is left to recommend */
    assert_cell(&s, 1, 3, "-");
    assert_cell(&s, 1, 13, "");
    assert_cell(&s, 2, 2, ""); /* the antecedent of the rule that always applies */
    scorer_free(&s);
}

/* The scratch grows from nothing while groups fill their lists, and what was done stays. */
static void memory_comes_in_steps(void **state) {
    (void)state;
    enum { ROWS = 3000 };
    scorer s = open_rows(BASKETS(GROUPED, ALL_IDS("r", "recommendation"), RULES), ROWS);
    static char names[ROWS][8];
    for (uint32_t i = 0; i < ROWS; i++) {
        sprintf(names[i], "g%u", i / 2);
        set_cell(&s, i, 0, names[i]);
        set_cell(&s, i, 1, i & 1 ? "c" : i & 2 ? "a" : "b");
    }
    mr_row_result *results = calloc(ROWS, sizeof *results);
    assert_int_equal(mr_score_all(s.binding, s.in, s.out, results, s.scratch, NULL), MR_OK);
    assert_int_equal(s.out->row_count, ROWS / 2);
    for (uint32_t i = 0; i < ROWS / 2; i++) assert_cell(&s, i, 1, i & 1 ? "3,7,4" : "3,4");
    free(results);
    scorer_free(&s);
}

/* clang-format off */
#define FLAGS \
    XML_HEAD "<DataDictionary><DataField name=\"a\" optype=\"categorical\" dataType=\"string\"/>" \
    "<DataField name=\"n\" optype=\"categorical\" dataType=\"integer\"/>" \
    "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/></DataDictionary>" \
    "<AssociationModel " ATTRIBUTES "><MiningSchema><MiningField name=\"a\"/><MiningField name=\"n\"/>" \
    "<MiningField name=\"c\"/></MiningSchema>" ITEM("1", "a") ITEM("2", "n") ITEM("3", "c=x") \
    "<Item id=\"4\" value=\"why\" field=\"c\" category=\"y\"/>" \
    SET("A", REF("1")) SET("N", REF("2")) SET("X", REF("3")) SET("Y", REF("4")) \
    SET("Z", REF("1") REF("2") REF("3") REF("4")) \
    RULE("id=\"fa\" support=\"1\" confidence=\"0.4\"", "A", "Z") \
    RULE("id=\"fn\" support=\"1\" confidence=\"0.3\"", "N", "Z") \
    RULE("id=\"cx\" support=\"1\" confidence=\"0.2\"", "X", "Z") \
    RULE("id=\"cy\" support=\"1\" confidence=\"0.1\"", "Y", "Z") "</AssociationModel>" XML_TAIL
/* clang-format on */

static void a_field_for_each_item(void **state) {
    (void)state;
    scorer s = scorer_must(FLAGS);
    assert_int_equal(mr_model_get_shape(s.model)->arity, MR_SCORES_ROWS);
    assert_int_equal(score_cells(&s, "T", "1", "x"), MR_OK);
    assert_cell(&s, 0, 0, "fa,fn,cx");
    assert_int_equal(score_cells(&s, "false", NULL, "y"), MR_OK);
    assert_cell(&s, 0, 0, "cy");
    assert_int_equal(score_cells(&s, NULL, "0", "z"), MR_OK);
    assert_cell(&s, 0, 0, "");
    assert_int_equal(score_cells(&s, "yes", "0", "x"), MR_INVALID_VALUE);
    assert_non_null(strstr(s.result.message, "\"a\""));
    assert_int_equal(score_cells(&s, "T", "2", "x"), MR_INVALID_VALUE);
    scorer_free(&s);
}

static void refusals(void **state) {
    (void)state;
#define RULED(outputs) BASKETS(GROUPED, outputs, RULES)
    assert_refused(RULED(OUT("o", "feature=\"rule\" rank=\"0\"")), MR_INVALID_MODEL, "test:", "rank");
    assert_refused(RULED(OUT("o", "feature=\"rule\" rankBasis=\"leverage\"")), MR_INVALID_MODEL,
                   "test:", "leverage");
    assert_refused(RULED(OUT("o", "feature=\"rule\" algorithm=\"none\"")), MR_UNSUPPORTED,
                   "test:", "algorithm");
    assert_refused(RULED(OUT("o", "feature=\"rule\" dataType=\"double\" optype=\"continuous\"")),
                   MR_UNSUPPORTED, "test:", "dataType");
    assert_refused(RULED(OUT("o", "feature=\"probability\"")), MR_UNSUPPORTED, "test:", "probability");
    assert_refused(RULED(OUT("o", "feature=\"predictedDisplayValue\"")), MR_UNSUPPORTED,
                   "test:", "DisplayValue");
    assert_refused(BASKETS(GROUPED, "", RULES RULE("support=\"1\" confidence=\"1\"", "A", "Q")),
                   MR_INVALID_MODEL, "test:", "\"Q\"");
    assert_refused(BASKETS(GROUPED, "", RULES SET("A", "")), MR_INVALID_MODEL, "test:", "twice");
    assert_refused(BASKETS(GROUPED, "", RULES SET("D", REF("4"))), MR_INVALID_MODEL, "test:", "\"4\"");
    assert_refused(BASKETS("<MiningField name=\"t\" usageType=\"group\"/>", "", RULES), MR_INVALID_MODEL,
                   "test:", "one active field");
    assert_refused(BASKETS("<MiningField name=\"item\"/>", "", RULES), MR_INVALID_MODEL, "test:", "\"a\"");
    assert_refused(XML_HEAD
                   "<DataDictionary><DataField name=\"t\" optype=\"categorical\" dataType=\"string\"/>"
                   "</DataDictionary><RegressionModel functionName=\"regression\"><MiningSchema>"
                   "<MiningField name=\"t\" usageType=\"group\"/></MiningSchema><RegressionTable "
                   "intercept=\"1\"><CategoricalPredictor name=\"t\" value=\"a\" coefficient=\"1\"/>"
                   "</RegressionTable></RegressionModel>" XML_TAIL,
                   MR_INVALID_MODEL, "test:", "\"t\" is neither an active field");
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    assert_survives(RULED(ALL_IDS("r", "recommendation") OUT("2", "feature=\"rule\"")
                              OUT("3", "feature=\"entityId\" dataType=\"double\" optype=\"continuous\"")
                                  OUT("4", "feature=\"consequent\" rank=\"0\" isMultiValued=\"1\"")),
                    (const char *const[]){"1", "a"});
    assert_survives(FLAGS, (const char *const[]){"T", "1", "x"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_and_algorithms),
        cmocka_unit_test(features_and_ranks),
        cmocka_unit_test(memory_comes_in_steps),
        cmocka_unit_test(a_field_for_each_item),
        cmocka_unit_test(refusals),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
