/* TextIndex: words, hits, weights, normalizations. */
#include "pmml_expressions.h"

#define INDEX(attributes, inside, term)                                                                      \
    "<TextIndex textField=\"s\" " attributes ">" inside CONSTANT("string", term) "</TextIndex>"
#define TABLE(attributes, rows)                                                                              \
    "<TextIndexNormalization " attributes "><InlineTable>" rows "</InlineTable></TextIndexNormalization>"
#define ROW(string, stem)   "<row><string>" string "</string><stem>" stem "</stem></row>"
#define REGEX(string, stem) "<row><string>" string "</string><stem>" stem "</stem><regex>true</regex></row>"

typedef struct check {
    const char *text, *expression, *expected;
} check;

static void check_all(const check *checks, size_t count) {
    for (size_t i = 0; i < count; i++)
        check_expression("double", "", checks[i].expression, &(test_record){.s = checks[i].text},
                         checks[i].expected);
}
#define CHECK_ALL(checks) check_all(checks, sizeof checks / sizeof checks[0])

static void words(void **state) {
    (void)state;
    static const check checks[] = {
        {"Hello, World! hello", INDEX("", "", "hello"), "2"},
        {"Hello, World! hello", INDEX("isCaseSensitive=\"true\"", "", "hello"), "1"},
        {"ÉTÉ été", INDEX("", "", "Été"), "2"},
        {"a - b", INDEX("", "", "a b"), "1"}, /* punctuation alone is no word */
        {"\"(a)\" a.b ¿a?", INDEX("", "", "a"), "2"},
        {"$a$ a", INDEX("", "", "$a$"), "1"}, /* symbols are not punctuation */
        {"a a a a", INDEX("", "", "a a"), "3"},
        {"user-friendly", INDEX("wordSeparatorCharacterRE=\"[\\s\\-]\"", "", "user friendly"), "1"},
        {"a,b a.b", INDEX("x-wordRE=\"\\w+\"", "", "a b"), "2"},
        {"x Überfluß a-überfluß überflu", INDEX("x-wordRE=\"(?u)\\b\\w\\w+\\b\"", "", "überfluß"), "2"},
        {"", INDEX("", "", "a"), "0"},
        {"a", INDEX("", "", "..."), "0"},
        {NULL, INDEX("", "", "a"), "missing"},
    };
    CHECK_ALL(checks);
    test_record r = {.s = "one two", .t = "two"};
    check_expression("double", "", "<TextIndex textField=\"s\">" REF("t") "</TextIndex>", &r, "1");
    r.t = NULL;
    check_expression("double", "", "<TextIndex textField=\"s\">" REF("t") "</TextIndex>", &r, "missing");
}

/* The standard's examples. */
static void distances(void **state) {
    (void)state;
#define SUN                                                                                                  \
    "The Sun was setting while the captain's son reached the bounty island, minutes after their ship had "   \
    "sunk"
#define DOOG "I have a doog. My dog is white. The doog is friendly."
    static const check checks[] = {
        {SUN, INDEX("", "", "sun"), "1"},
        {SUN, INDEX("maxLevenshteinDistance=\"1\"", "", "sun"), "3"},
        {SUN, INDEX("maxLevenshteinDistance=\"1\" isCaseSensitive=\"true\"", "", "sun"), "3"},
        {DOOG, INDEX("maxLevenshteinDistance=\"1\"", "", "dog"), "3"},
        {DOOG, INDEX("maxLevenshteinDistance=\"1\" countHits=\"bestHits\"", "", "dog"), "1"},
        {"browny foxy, brown fox, brown foxy", INDEX("maxLevenshteinDistance=\"1\"", "", "brown fox"), "2"},
        {"browny foxy, brown fox, brown foxy", INDEX("maxLevenshteinDistance=\"2\"", "", "brown fox"), "3"},
        {"kitten", INDEX("maxLevenshteinDistance=\"3\"", "", "sitting"), "1"},
        {"kitten", INDEX("maxLevenshteinDistance=\"2\"", "", "sitting"), "0"},
    };
    CHECK_ALL(checks);
}

static void weights(void **state) {
    (void)state;
    static const check checks[] = {
        {"a b a", INDEX("localTermWeights=\"binary\"", "", "a"), "1"},
        {"a b a", INDEX("localTermWeights=\"logarithmic\"", "", "a"), "0.47712125471966244"}, /* log10(3) */
        {"a b a c c c c", INDEX("localTermWeights=\"augmentedNormalizedTermFrequency\"", "", "a"), "0.75"},
        {"b", INDEX("localTermWeights=\"augmentedNormalizedTermFrequency\"", "", "a"), "0"},
    };
    CHECK_ALL(checks);
}

static void normalizations(void **state) {
    (void)state;
    static const check checks[] = {
        {"the interfaces are excellent",
         INDEX("localTermWeights=\"binary\"",
               TABLE("", REGEX("interfaces?", "interface") REGEX("is|are|seem(ed|s?)|were", "be"))
                   TABLE("inField=\"re\" outField=\"feature\"",
                         "<row><re>interface be (user_friendly|excellent)</re><feature>ui_good</feature>"
                         "<regex>true</regex></row>"),
               "ui_good"),
         "1"},
        {"a a a a", INDEX("", TABLE("", ROW("a a", "a")), "a"), "2"},
        {"a a a a", INDEX("", TABLE("recursive=\"true\"", ROW("a a", "a")), "a"), "1"},
        {"b c", INDEX("", TABLE("", ROW("b", "c") ROW("c", "a")), "a"), "2"},
        {"A.B", INDEX("", TABLE("", ROW("a.b", "x")), "x"), "1"},
        {"AxB", INDEX("", TABLE("", ROW("a.b", "x")), "x"), "0"}, /* no pattern */
        {"A", INDEX("", TABLE("isCaseSensitive=\"true\"", ROW("a", "x")), "x"), "0"},
        {"doog dog", INDEX("", TABLE("maxLevenshteinDistance=\"1\"", ROW("dog", "x $1")), "x"), "2"},
        {"doog", INDEX("", TABLE("", REGEX("d(o+)g", "[$1]")), "oo"), "1"},
        {"a", INDEX("", TABLE("recursive=\"true\"", ROW("a", "a a")), "a"), "invalid"}, /* without end */
    };
    CHECK_ALL(checks);
#define REFUSE(attributes, inside, status, what)                                                             \
    refuse_expression("double", "", INDEX(attributes, inside, "a"), status, what)
    REFUSE("tokenize=\"false\"", "", MR_UNSUPPORTED, "tokenize");
    REFUSE("maxLevenshteinDistance=\"-1\"", "", MR_INVALID_MODEL, "maxLevenshteinDistance");
    REFUSE("wordSeparatorCharacterRE=\"[\"", "", MR_INVALID_MODEL, "byte 1");
    REFUSE("", TABLE("", "<row><string>a</string></row>"), MR_INVALID_MODEL, "\"stem\"");
    REFUSE("", TABLE("", REGEX("a", "$1")), MR_INVALID_MODEL, "names a group");
    REFUSE("", "<TextIndexNormalization/>", MR_INVALID_MODEL, "InlineTable");
}

/* A function that counts terms, as TF-IDF is written: calls share the cut text. */
static void in_functions(void **state) {
    (void)state;
    static const char *define =
        "<DefineFunction name=\"tf\" optype=\"continuous\" dataType=\"double\"><ParameterField "
        "name=\"text\"/>"
        "<ParameterField name=\"term\"/><ParameterField name=\"weight\"/>" APPLY(
            "*", "<TextIndex textField=\"text\"><FieldRef field=\"term\"/></TextIndex>" REF(
                     "weight")) "</DefineFunction>";
    check_expression("double", define,
                     APPLY("+", APPLY("tf", REF("s") CONSTANT("string", "b") CONSTANT("double", "0.5"))
                                    APPLY("tf", REF("s") CONSTANT("string", "a") CONSTANT("double", "10"))),
                     &(test_record){.s = "a b a b b"}, "21.5");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),          cmocka_unit_test(distances),    cmocka_unit_test(weights),
        cmocka_unit_test(normalizations), cmocka_unit_test(in_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
