/* Loading PMML: what is wrong or not supported is refused by name and line, within limits, at any
 * failing allocation. */
#include <stdio.h>

#include "pmml_helper.h"

#define DICTIONARY                                                                                           \
    "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"double\"/>"                      \
    "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"><Value value=\"a\"/>"                  \
    "<Value value=\"b\"/></DataField>"                                                                       \
    "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/></DataDictionary>\n"
#define SCHEMA                                                                                               \
    "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"c\"/>"                                       \
    "<MiningField name=\"y\" usageType=\"target\"/></MiningSchema>\n"
#define REGRESSION(inside)                                                                                   \
    XML_HEAD DICTIONARY "<RegressionModel functionName=\"regression\">\n" SCHEMA inside                      \
                        "</RegressionModel>" XML_TAIL
#define TABLE                                                                                                \
    "<RegressionTable intercept=\"1\"><NumericPredictor name=\"x\" coefficient=\"2\"/></RegressionTable>"

static void not_xml_and_not_pmml(void **state) {
    (void)state;
    assert_refused("", MR_SYNTAX, "test:1", "no element");
    assert_refused("hello", MR_SYNTAX, "test:1", "not well-formed");
    assert_refused("<PMML version=\"4.4\">\n<DataDictionary>", MR_SYNTAX, "test:2", "not well-formed");
    assert_refused("<html><body/></html>", MR_SYNTAX, "test:1", "<html>");
    assert_refused("<PMML version=\"4.4\"/>", MR_INVALID_MODEL, "test:1", "no model");
    assert_refused("<PMML version=\"9.0\"/>", MR_UNSUPPORTED, "test:1", "9.0");
}

static void entity_bomb(void **state) {
    (void)state;
    assert_refused("<!DOCTYPE PMML [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\n"
                   "<PMML version=\"4.4\"><Header description=\"&b;\"/></PMML>",
                   MR_UNSUPPORTED, "test:1", "DOCTYPE");
}

static void unknown_parts_are_named(void **state) {
    (void)state;
    assert_refused(XML_HEAD DICTIONARY "<TimeSeriesModel/>" XML_TAIL, MR_UNSUPPORTED, "test:5",
                   "<TimeSeriesModel>");
    assert_refused(
        REGRESSION("<RegressionTable intercept=\"1\"><PredictorTerm coefficient=\"2\"/></RegressionTable>"),
        MR_INVALID_MODEL, "test:7", "<PredictorTerm>");
    assert_refused(REGRESSION("<Surprise/>" TABLE), MR_UNSUPPORTED, "test:7", "<Surprise>");
    assert_refused(REGRESSION("<RegressionTable intercept=\"1\" mystery=\"1\"/>"), MR_UNSUPPORTED, "test:7",
                   "mystery");
    assert_refused(REGRESSION("<True/>" TABLE), MR_UNSUPPORTED, "test:7", "<True> is not supported inside");
    assert_refused(REGRESSION("\n\n<RegressionTable intercept=\"one\"/>"), MR_INVALID_MODEL, "test:9",
                   "not a number");
    assert_refused(XML_HEAD DICTIONARY "<TreeModel functionName=\"regression\" "
                                       "missingValueStrategy=\"weightedConfidence\">" SCHEMA
                                       "<Node score=\"1\"><True/></Node></TreeModel>" XML_TAIL,
                   MR_UNSUPPORTED, "test:5", "missingValueStrategy=\"weightedConfidence\"");
}

static void fields_that_lead_nowhere(void **state) {
    (void)state;
    assert_refused(
        REGRESSION("<RegressionTable intercept=\"1\"><NumericPredictor name=\"z\" coefficient=\"2\"/>"
                   "</RegressionTable>"),
        MR_INVALID_MODEL, "test:7", "\"z\"");
    assert_refused(XML_HEAD DICTIONARY "<RegressionModel functionName=\"regression\"><MiningSchema>\n"
                                       "<MiningField name=\"q\"/></MiningSchema>" TABLE
                                       "</RegressionModel>" XML_TAIL,
                   MR_INVALID_MODEL, "test:6", "\"q\" is not in the DataDictionary");
    assert_refused(REGRESSION("<LocalTransformations>"
                              "<DerivedField name=\"p\" dataType=\"double\" optype=\"continuous\"><FieldRef "
                              "field=\"q\"/></DerivedField>\n"
                              "<DerivedField name=\"q\" dataType=\"double\" optype=\"continuous\"><FieldRef "
                              "field=\"p\"/></DerivedField>"
                              "</LocalTransformations><RegressionTable intercept=\"1\">"
                              "<NumericPredictor name=\"p\" coefficient=\"2\"/></RegressionTable>"),
                   MR_INVALID_MODEL, "test:7", "by way of itself");
}

/* A document of `count` nested or repeated pieces. */
static char *repeated(const char *head, const char *piece, const char *middle, const char *close,
                      const char *tail, size_t count) {
    char *text =
        malloc(strlen(head) + count * (strlen(piece) + strlen(close)) + strlen(middle) + strlen(tail) + 1);
    char *at = text;
    assert_non_null(text);
    at = stpcpy(at, head);
    for (size_t i = 0; i < count; i++) at = stpcpy(at, piece);
    at = stpcpy(at, middle);
    for (size_t i = 0; i < count; i++) at = stpcpy(at, close);
    stpcpy(at, tail);
    return text;
}

#define TREE_HEAD XML_HEAD DICTIONARY "<TreeModel functionName=\"regression\">" SCHEMA

static void depth_is_limited(void **state) {
    (void)state;
    char *deep = repeated(TREE_HEAD, "<Node score=\"7\"><True/>", "<Node score=\"8\"><True/></Node>",
                          "</Node>", "</TreeModel>" XML_TAIL, 100);
    scorer s = scorer_must(deep); /* 100 levels are a model */
    score_cells(&s, "1", "a");
    assert_near(out_number(&s, 0), 8);
    scorer_free(&s);
    free(deep);
    deep = repeated(TREE_HEAD, "<Node score=\"7\"><True/>", "", "</Node>", "</TreeModel>" XML_TAIL, 100000);
    assert_refused(deep, MR_LIMIT, "test:", "limit `depth`");
    free(deep);
    deep = repeated(XML_HEAD "<Extension>", "<a>", "", "</a>", "</Extension>" XML_TAIL, 100000);
    assert_refused(deep, MR_LIMIT, "test:", "limit `depth`"); /* what is skipped counts too */
    free(deep);
}

static void endless_tags_and_many_fields(void **state) {
    (void)state;
    char *text =
        repeated(XML_HEAD "<DataDictionary x=\"", "0123456789abcdef", "", "", "\"/>" XML_TAIL, 700000);
    assert_refused(text, MR_LIMIT, "test:", "a tag");
    free(text);
    size_t room = 5000 * 120 + 4096;
    char *at = text = malloc(room);
    assert_non_null(text);
    at = stpcpy(at, XML_HEAD "<DataDictionary>");
    for (int i = 0; i < 5000; i++)
        at += sprintf(at, "<DataField name=\"f%d\" optype=\"continuous\" dataType=\"double\"/>", i);
    at = stpcpy(at, "</DataDictionary><RegressionModel functionName=\"regression\"><MiningSchema>\n");
    for (int i = 0; i < 5000; i++) at += sprintf(at, "<MiningField name=\"f%d\"/>\n", i);
    stpcpy(at, "</MiningSchema><RegressionTable/></RegressionModel>" XML_TAIL);
    assert_refused(text, MR_LIMIT, "test:4101", "4096 active fields");
    free(text);
}

static void derived_fields_are_not_recursed_forever(void **state) {
    (void)state;
    size_t room = 200 * 2000 + 4096;
    char *text = malloc(room), *at;
    assert_non_null(text);
    at = stpcpy(text, XML_HEAD DICTIONARY "<RegressionModel functionName=\"regression\">" SCHEMA
                                          "<LocalTransformations>");
    for (int i = 0; i < 2000; i++)
        at += snprintf(
            at, room - (size_t)(at - text),
            "<DerivedField name=\"d%d\" dataType=\"double\" optype=\"continuous\"><FieldRef field=\"d%d\"/>"
            "</DerivedField>",
            i, i + 1);
    stpcpy(at, "</LocalTransformations><RegressionTable><NumericPredictor name=\"d0\" coefficient=\"1\"/>"
               "</RegressionTable></RegressionModel>" XML_TAIL);
    assert_refused(text, MR_LIMIT, "test:", "deep");
    free(text);
}

static mr_status load_with(const char *xml, mr_model_limits limits, mr_error *error) {
    mr_model *model = NULL;
    mr_status status = mr_pmml_loader.load(xml, strlen(xml), "test", &limits, &model, error);
    if (status == MR_OK) mr_model_release(model);
    return status;
}

static void limits_are_named(void **state) {
    (void)state;
    const char *xml = REGRESSION(TABLE);
    mr_error error;
    mr_model_limits all = {sizeof all, 1 << 20, 512, 1000, 1 << 20};
    assert_int_equal(load_with(xml, all, &error), MR_OK);
    mr_model_limits limits = all;
    limits.bytes = 100;
    assert_int_equal(load_with(xml, limits, &error), MR_LIMIT);
    assert_non_null(strstr(error.message, "`bytes`"));
    limits = all;
    limits.nodes = 5;
    assert_int_equal(load_with(xml, limits, &error), MR_LIMIT);
    assert_non_null(strstr(error.message, "`nodes`"));
    limits = all;
    limits.memory = 100;
    assert_int_equal(load_with(xml, limits, &error), MR_LIMIT);
    assert_non_null(strstr(error.message, "`memory`"));
}

/* Of 600 words every third is in a set that names them in an order of its own. */
static void large_sets(void **state) {
    (void)state;
    enum { WORDS = 600 };
    static char xml[32768], word[16];
    char *at =
        stpcpy(xml, XML_HEAD DICTIONARY
               "<TreeModel functionName=\"regression\"><MiningSchema><MiningField name=\"c\" "
               "invalidValueTreatment=\"asIs\"/></MiningSchema><Node score=\"0\"><True/><Node score=\"1\">"
               "<SimpleSetPredicate field=\"c\" booleanOperator=\"isIn\"><Array n=\"200\" "
               "type=\"string\">");
    for (int i = 0; i < WORDS; i++)
        if (i * 7 % WORDS % 3 == 0) at += sprintf(at, "w%d ", i * 7 % WORDS);
    at = stpcpy(at, "</Array></SimpleSetPredicate></Node><Node score=\"2\"><SimpleSetPredicate field=\"c\" "
                    "booleanOperator=\"isIn\"><Array n=\"600\" type=\"string\">");
    for (int i = 0; i < WORDS; i++) at += sprintf(at, "w%d ", i * 11 % WORDS);
    stpcpy(at, "</Array></SimpleSetPredicate></Node></Node></TreeModel>" XML_TAIL);
    scorer s = scorer_must(xml);
    for (int i = 0; i < WORDS; i++) {
        snprintf(word, sizeof word, "w%d", i);
        score_cells(&s, word);
        assert_near(out_number(&s, 0), i % 3 == 0 ? 1 : 2);
    }
    score_cells(&s, "w600");
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

/* ---- The Nth allocation fails ---- */

#define EVERYTHING                                                                                           \
    XML_HEAD DICTIONARY                                                                                      \
        "<MiningModel functionName=\"regression\">" SCHEMA                                                   \
        "<Output><OutputField name=\"o\" feature=\"transformedValue\" dataType=\"double\" "                  \
        "optype=\"continuous\">"                                                                             \
        "<Apply function=\"+\"><FieldRef field=\"x\"/><Constant>1</Constant></Apply></OutputField></Output>" \
        "<Targets><Target field=\"y\" rescaleFactor=\"2\"/></Targets>"                                       \
        "<LocalTransformations><DerivedField name=\"d\" optype=\"continuous\" dataType=\"double\">"          \
        "<MapValues outputColumn=\"to\" defaultValue=\"3\"><FieldColumnPair field=\"c\" column=\"from\"/>"   \
        "<InlineTable><row><from>a</from><to>1</to></row></InlineTable></MapValues></DerivedField></"        \
        "LocalTransformations>"                                                                              \
        "<Segmentation multipleModelMethod=\"sum\">"                                                         \
        "<Segment><True/><TreeModel functionName=\"regression\">" SCHEMA                                     \
        "<Node score=\"1\"><True/><Node score=\"2\"><SimplePredicate field=\"x\" operator=\"lessThan\" "     \
        "value=\"1\"/></Node>"                                                                               \
        "<Node score=\"3\"><SimpleSetPredicate field=\"c\" booleanOperator=\"isIn\"><Array n=\"1\" "         \
        "type=\"string\">\"a\"</Array>"                                                                      \
        "</SimpleSetPredicate></Node></Node></TreeModel></Segment>"                                          \
        "<Segment><True/><NeuralNetwork functionName=\"regression\" activationFunction=\"identity\">" SCHEMA \
        "<NeuralInputs><NeuralInput id=\"0\"><DerivedField optype=\"continuous\" dataType=\"double\">"       \
        "<FieldRef field=\"x\"/></DerivedField></NeuralInput></NeuralInputs><NeuralLayer><Neuron id=\"1\">"  \
        "<Con from=\"0\" weight=\"1\"/></Neuron></NeuralLayer><NeuralOutputs><NeuralOutput "                 \
        "outputNeuron=\"1\">"                                                                                \
        "<DerivedField optype=\"continuous\" dataType=\"double\"><FieldRef field=\"y\"/></DerivedField>"     \
        "</NeuralOutput></NeuralOutputs></NeuralNetwork></Segment>"                                          \
        "<Segment><True/><RegressionModel functionName=\"regression\">" SCHEMA                               \
        "<RegressionTable><NumericPredictor name=\"d\" "                                                     \
        "coefficient=\"1\"/></RegressionTable></RegressionModel></Segment>"                                  \
        "<Segment><True/><GeneralRegressionModel functionName=\"regression\" "                               \
        "modelType=\"generalLinear\">" SCHEMA                                                                \
        "<ParameterList><Parameter name=\"p\"/></ParameterList><CovariateList><Predictor "                   \
        "name=\"x\"/></CovariateList>"                                                                       \
        "<PPMatrix><PPCell value=\"1\" predictorName=\"x\" parameterName=\"p\"/></PPMatrix>"                 \
        "<ParamMatrix><PCell parameterName=\"p\" "                                                           \
        "beta=\"2\"/></ParamMatrix></GeneralRegressionModel></Segment>"                                      \
        "</Segmentation></MiningModel>" XML_TAIL

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    for (int n = 0;; n++) {
        int left = n;
        scorer s;
        mr_error error = {0};
        mr_set_alloc_hook(count_down, &left);
        mr_status status = scorer_open(&s, EVERYTHING, 1, &error);
        if (status == MR_OK) {
            set_cell(&s, 0, 0, "0.5");
            set_cell(&s, 0, 1, "a");
            status = mr_score_all(s.binding, s.in, s.out, &s.result, s.scratch, &error);
        }
        mr_set_alloc_hook(NULL, NULL);
        if (status == MR_OK) { /* tree 2, net 0.5, map 1, general 1; doubled by the target */
            assert_near(out_number(&s, 0), 9);
            assert_near(out_number(&s, 1), 1.5);
        }
        scorer_free(&s);
        if (status == MR_OK) break;
        assert_int_equal(status, MR_NO_MEMORY);
        assert_true(n < 5000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_sets),
        cmocka_unit_test(not_xml_and_not_pmml),
        cmocka_unit_test(entity_bomb),
        cmocka_unit_test(unknown_parts_are_named),
        cmocka_unit_test(fields_that_lead_nowhere),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(endless_tags_and_many_fields),
        cmocka_unit_test(derived_fields_are_not_recursed_forever),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
