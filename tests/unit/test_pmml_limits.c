/* Limits: a model, or a text, beyond one is refused by an error that says which limit it is and where. */
#include "pmml_expressions.h"

/* A document as it is written. */
typedef struct writer {
    char *text;
    size_t size, room;
} writer;

__attribute__((format(printf, 2, 3))) static void put(writer *w, const char *format, ...) {
    for (;;) {
        va_list arguments;
        va_start(arguments, format);
        int size = vsnprintf(w->text + w->size, w->room - w->size, format, arguments);
        va_end(arguments);
        if ((size_t)size < w->room - w->size) {
            w->size += (size_t)size;
            return;
        }
        w->room = w->room * 2 + 65536;
        w->text = realloc(w->text, w->room);
        assert_non_null(w->text);
    }
}

static writer begin(void) {
    writer w = {malloc(65536), 0, 65536};
    assert_non_null(w.text);
    return w;
}

static void refused(writer *w, const char *where, const char *what) {
    put(w, "%s", XML_TAIL);
    assert_refused(w->text, MR_LIMIT, where, what);
    free(w->text);
}

/* The limits that the caller sets, by way of the library. */
static void of_the_caller(void **state) {
    (void)state;
    const char *xml = expression_model("double", "continuous", "", REF("x"));
    const struct {
        mr_model_limits limits;
        const char *what;
    } cases[] = {
        {{sizeof(mr_model_limits), 100, 0, 0, 0}, "`bytes`"},
        {{sizeof(mr_model_limits), 0, 3, 0, 0}, "`depth`"},
        {{sizeof(mr_model_limits), 0, 0, 5, 0}, "`nodes`"},
        {{sizeof(mr_model_limits), 0, 0, 0, 100}, "`memory`"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mr_model *model = NULL;
        mr_error error = {0};
        mr_status status =
            mr_model_load(xml, strlen(xml), NULL, "limits.pmml", &cases[i].limits, &model, &error);
        assert_int_equal(status, MR_LIMIT);
        assert_non_null(strstr(error.where, "limits.pmml"));
        assert_non_null(strstr(error.message, cases[i].what));
    }
}

static void attributes(void **state) {
    (void)state;
    writer w = begin();
    put(&w, XML_HEAD "<DataDictionary");
    for (int i = 0; i < 65; i++) put(&w, " a%d=\"\"", i);
    put(&w, "/>");
    refused(&w, "test:", "more than 64 attributes");
    w = begin();
    put(&w, XML_HEAD "<DataDictionary numberOfFields=\"%*d\"/>", (1 << 20) + 1, 1);
    refused(&w, "test:", "one of more than 1048576 bytes");
}

#define TREE                                                                                                 \
    TEST_HEAD "<TreeModel functionName=\"classification\" missingValueStrategy=\"weightedConfidence\">"      \
              "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"s\"/></MiningSchema>"

/* Categories, as members of a set. */
static void strings(void **state) {
    (void)state;
    writer w = begin();
    put(&w, TREE "<Node score=\"a\"><SimpleSetPredicate field=\"s\" booleanOperator=\"isIn\"><Array "
                 "type=\"string\">");
    for (int i = 0; i <= 1 << 20; i++) put(&w, "%x ", (unsigned)i);
    put(&w, "</Array></SimpleSetPredicate></Node></TreeModel>");
    refused(&w, "test", "more than 1048576 different strings");
}

static void classes_of_a_deep_tree(void **state) {
    (void)state;
    writer w = begin();
    put(&w, TREE);
    for (int i = 0; i < 300; i++) put(&w, "<Node score=\"c1\" recordCount=\"9\"><True/>");
    put(&w, "<Node score=\"c1\" recordCount=\"9\"><True/>");
    for (int i = 0; i < 8000; i++) put(&w, "<ScoreDistribution value=\"c%d\" recordCount=\"1\"/>", i);
    for (int i = 0; i < 301; i++) put(&w, "</Node>");
    put(&w, "</TreeModel>");
    refused(&w, "test:", "8000 classes");
}

static void segments_and_classes(void **state) {
    (void)state;
    writer w = begin();
    put(&w, TEST_HEAD "<MiningModel functionName=\"classification\"><MiningSchema><MiningField name=\"x\"/>"
                      "</MiningSchema><Segmentation multipleModelMethod=\"median\">");
    for (int i = 0; i < 3000; i++) {
        put(&w, "<Segment><True/><TreeModel functionName=\"classification\"><MiningSchema><MiningField "
                "name=\"x\"/></MiningSchema><Node score=\"c1\" recordCount=\"9\"><True/>");
        for (int k = 0; k < (i ? 2 : 6000); k++)
            put(&w, "<ScoreDistribution value=\"c%d\" recordCount=\"1\"/>", k);
        put(&w, "</Node></TreeModel></Segment>");
    }
    put(&w, "</Segmentation></MiningModel>");
    refused(&w, "test:", "3000 segments");
}

static void targets_and_training_instances(void **state) {
    (void)state;
    static const char *const head = "</DataDictionary><NearestNeighborModel functionName=\"regression\" "
                                    "numberOfNeighbors=\"1\"><MiningSchema>";
    static const char *const tail =
        "<ComparisonMeasure kind=\"distance\"><euclidean/></ComparisonMeasure><KNNInputs><KNNInput "
        "field=\"f1\"/></KNNInputs></NearestNeighborModel>";
    writer w = begin();
    put(&w, XML_HEAD "<DataDictionary>");
    for (int i = 0; i < 300; i++)
        put(&w, "<DataField name=\"f%d\" optype=\"continuous\" dataType=\"double\"/>", i);
    put(&w, "%s", head);
    for (int i = 0; i < 300; i++) put(&w, "<MiningField name=\"f%d\" usageType=\"target\"/>", i);
    put(&w, "</MiningSchema><TrainingInstances><InstanceFields/><InlineTable/></TrainingInstances>%s", tail);
    refused(&w, "test:", "more than 256 targets");
    w = begin();
    put(&w, XML_HEAD "<DataDictionary>");
    for (int i = 0; i < 4000; i++)
        put(&w, "<DataField name=\"f%d\" optype=\"continuous\" dataType=\"double\"/>", i);
    put(&w, "%s", head);
    for (int i = 0; i < 4000; i++)
        put(&w, "<MiningField name=\"f%d\"%s/>", i, i ? "" : " usageType=\"target\"");
    put(&w, "</MiningSchema><TrainingInstances><InstanceFields>");
    for (int i = 0; i < 4000; i++) put(&w, "<InstanceField field=\"f%d\"/>", i);
    put(&w, "</InstanceFields><InlineTable>");
    for (int i = 0; i < 50001; i++) put(&w, "<row/>");
    put(&w, "</InlineTable></TrainingInstances>%s", tail);
    refused(&w, "test:", "50001 training instances with 4000 fields");
}

static void fields_of_a_product(void **state) {
    (void)state;
    writer w = begin();
    put(&w, TEST_HEAD TEST_MODEL "<RegressionTable intercept=\"0\"><PredictorTerm coefficient=\"1\">");
    for (int i = 0; i < 65536; i++) put(&w, REF("x"));
    put(&w, "</PredictorTerm></RegressionTable></RegressionModel>");
    refused(&w, "test:", "more than 65535 fields");
}

static void refuse(writer *w, const char *extra, const char *what) {
    refuse_expression("string", extra, w->text, MR_LIMIT, what);
    w->size = 0;
}

static void expressions(void **state) {
    (void)state;
    writer w = begin(), define = begin();
    put(&w, APPLY("replace", REF("s") CONSTANT("string", "%0*d") CONSTANT("string", "b")), 4097, 1);
    refuse(&w, "", "more than 4096 bytes");
    put(&w, "<Apply function=\"replace\">" REF("s") "<Constant>");
    for (int i = 0; i < 65; i++) put(&w, "(a)");
    put(&w, "</Constant>" CONSTANT("string", "b") "</Apply>");
    refuse(&w, "", "more than 64 groups");
    put(&w, "<MapValues outputColumn=\"out\">");
    for (int i = 0; i < 17; i++) put(&w, "<FieldColumnPair field=\"s\" column=\"c%d\"/>", i);
    put(&w, "<InlineTable><row><out>a</out></row></InlineTable></MapValues>");
    refuse(&w, "", "more than 16 columns");
    put(&w, "<TextIndex textField=\"s\"><Constant>");
    for (int i = 0; i < 257; i++) put(&w, "word ");
    put(&w, "</Constant></TextIndex>");
    refuse(&w, "", "more than 256 words");
    for (int i = 0; i < 65; i++)
        put(&define,
            "<DefineFunction name=\"f%d\" optype=\"categorical\"><ParameterField name=\"p\"/><Apply "
            "function=\"f%d\">" REF("p") "</Apply></DefineFunction>",
            i, i + 1);
    put(&define, "<DefineFunction name=\"f65\" optype=\"categorical\"><ParameterField name=\"p\"/>" REF(
                     "p") "</DefineFunction>");
    put(&w, "%s", APPLY("f1", REF("s")));
    check_expression("string", define.text, APPLY("f2", REF("s")), &(test_record){.s = "a"}, "a");
    refuse(&w, define.text, "more than 64 deep");
    free(define.text);
    free(w.text);
}

/* Of rows: the model stays as it was. */
static void texts_of_rows(void **state) {
    (void)state;
    static char text[65538];
    memset(text, 'a', sizeof text - 1);
    scorer s = scorer_must(expression_model("integer", "continuous", "",
                                            "<TextIndex textField=\"s\"><Constant>a</Constant></TextIndex>"));
    assert_int_equal(score_cells(&s, NULL, NULL, NULL, NULL, text, NULL, NULL, NULL), MR_INVALID_VALUE);
    assert_non_null(strstr(s.result.message, "line "));
    assert_non_null(strstr(s.result.message, "too long (65,536 bytes)"));
    text[65536] = 0;
    assert_int_equal(score_cells(&s, NULL, NULL, NULL, NULL, text, NULL, NULL, NULL), MR_OK);
    assert_int_equal(score_cells(&s, NULL, NULL, NULL, NULL, "b a", NULL, NULL, NULL), MR_OK);
    assert_near(out_number(&s, 1), 1);
    scorer_free(&s);
    s = scorer_must(expression_model("boolean", "categorical", "",
                                     APPLY("matches", REF("s") CONSTANT("string", "^(a|aa)+$"))));
    text[3000] = 0, text[2999] = 'b';
    assert_int_equal(score_cells(&s, NULL, NULL, NULL, NULL, text, NULL, NULL, NULL), MR_INVALID_VALUE);
    assert_non_null(strstr(s.result.message, "a regular expression needs too many steps for a text"));
    scorer_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_caller),
        cmocka_unit_test(attributes),
        cmocka_unit_test(strings),
        cmocka_unit_test(classes_of_a_deep_tree),
        cmocka_unit_test(segments_and_classes),
        cmocka_unit_test(targets_and_training_instances),
        cmocka_unit_test(fields_of_a_product),
        cmocka_unit_test(expressions),
        cmocka_unit_test(texts_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
