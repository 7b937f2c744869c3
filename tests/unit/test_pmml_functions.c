/* The built-in functions, with the standard's own examples where it has one, and values at the edges. */
#include "pmml_expressions.h"

typedef struct check {
    const char *type, *expression, *expected;
} check;

#define I(value) CONSTANT("integer", value)
#define D(value) CONSTANT("double", value)
#define F(value) CONSTANT("float", value)
#define S(value) CONSTANT("string", value)
#define B(value) CONSTANT("boolean", value)

static void check_all(const check *checks, size_t count, const test_record *record) {
    for (size_t i = 0; i < count; i++)
        check_expression(checks[i].type, "", checks[i].expression, record, checks[i].expected);
}
#define CHECK_ALL(checks, record) check_all(checks, sizeof checks / sizeof checks[0], record)

static void arithmetic(void **state) {
    (void)state;
    static const check checks[] = {
        {"integer", APPLY("+", I("1") I("3")), "4"},
        {"double", APPLY("-", D("2.5") I("4")), "-1.5"},
        {"double", APPLY("+", REF("x") D("1")), "missing"},
        {"double", APPLY("/", D("1") D("3")), "0.33333333333333331"},
        {"integer", APPLY("/", I("7") I("2")), "3"}, /* integers are cut off */
        {"integer", APPLY("/", I("-7") I("2")), "-3"},
        {"double", APPLY("/", D("7") I("2")), "3.5"},
        {"double", APPLY("/", I("1") I("0")), "invalid"},
        {"double", APPLY("/", D("1") I("0")), "inf"},
        {"double", APPLY("/", D("0") I("0")), "invalid"},
        {"float", APPLY("/", F("1") I("3")), "0.3333333432674408"},
        {"integer", APPLY("modulo", I("-10") I("3")), "2"}, /* the divisor's sign */
        {"integer", APPLY("modulo", I("10") I("-3")), "-2"},
        {"integer", APPLY("modulo", I("-4") I("-9")), "-4"},
        {"double", APPLY("modulo", D("-4.5") D("1.5")), "0"},
        {"integer", APPLY("modulo", I("7") I("0")), "invalid"},
        {"integer", APPLY("*", I("94906267") I("94906267")), "invalid"}, /* beyond 2^53 */
        {"double", APPLY("pow", D("2") D("0.5")), "1.4142135623730951"},
        {"integer", APPLY("pow", I("-2") I("3")), "-8"},
        {"integer", APPLY("pow", I("2") I("-1")), "invalid"},
        {"double", APPLY("pow", D("-8") D("0.5")), "invalid"},
        {"integer", APPLY("threshold", I("3") I("3")), "0"},
        {"integer", APPLY("threshold", D("3.5") I("3")), "1"},
        {"double", APPLY("sqrt", I("-1")), "invalid"},
        {"double", APPLY("ln", I("0")), "-inf"},
        {"double", APPLY("abs", D("-2.5")), "2.5"},
        {"integer", APPLY("floor", D("-1.5")), "-2"},
        {"integer", APPLY("ceil", D("-1.5")), "-1"},
        {"integer", APPLY("round", D("-2.5")), "-2"},
        {"integer", APPLY("round", D("2.5")), "3"},
        {"double", APPLY("rint", D("2.5")), "2"},
        {"string", APPLY("rint", D("-0.4")), "0.0"},
        {"double", APPLY("hypot", I("3") I("4")), "5"},
        {"double", APPLY("asin", I("2")), "invalid"},
        {"double", APPLY("floor", S("1.5")), "1"}, /* a text that is a number */
        {"double", APPLY("floor", REF("s")), "invalid"},
    };
    CHECK_ALL(checks, &((test_record){.s = "abc"}));
    refuse_expression("double", "", APPLY("+", REF("s") I("1")), MR_UNSUPPORTED, "type string");
    refuse_expression("double", "", APPLY("+", REF("b") I("1")), MR_UNSUPPORTED, "type boolean");
    refuse_expression("double", "", APPLY("+", I("1") I("1") I("1")), MR_UNSUPPORTED, "3 arguments");
    check_expression("double", "", APPLY("x-expm1", I("0")), &(test_record){0},
                     "0"); /* as older exporters write it */
    refuse_expression("double", "", APPLY("cbrt", I("1")), MR_UNSUPPORTED, "\"cbrt\"");
}

static void aggregates(void **state) {
    (void)state;
    static const check checks[] = {
        {"integer", APPLY("sum", REF("i") I("1") I("2") I("3")), "6"},
        {"integer", APPLY("product", REF("i") I("2") I("3")), "6"},
        {"integer", APPLY("min", I("2") REF("i") I("1")), "1"},
        {"integer", APPLY("max", I("2") REF("i") I("1")), "2"},
        {"double", APPLY("avg", REF("i") I("1") I("2")), "1.5"},
        {"double", APPLY("median", I("1") REF("i") I("4") I("2")), "2"},
        {"double", APPLY("median", D("1") D("4")), "2.5"},
        {"double", APPLY("sum", REF("i") REF("j")), "missing"},
        {"double", APPLY("median", REF("i")), "missing"},
        {"float", APPLY("sum", F("0.1") F("0.2")), "0.30000001192092896"},
    };
    CHECK_ALL(checks, &((test_record){0}));
}

/* Values of the normal distribution from its tables (Abramowitz and Stegun, 26.1). */
static void distributions(void **state) {
    (void)state;
    static const check checks[] = {
        {"double", APPLY("stdNormalPDF", I("0")), "0.39894228040143267"},
        {"double", APPLY("stdNormalCDF", D("1.96")), "0.9750021048517795"},
        {"double", APPLY("stdNormalCDF", I("-40")), "0"},
        {"double", APPLY("stdNormalIDF", D("0.975")), "1.9599639845400545"},
        {"double", APPLY("stdNormalIDF", D("0.5")), "0"},
        {"double", APPLY("stdNormalIDF", D("1e-300")), "-37.0471"},
        {"double", APPLY("stdNormalIDF", D("5e-324")), "-38.4674"},
        {"double", APPLY("stdNormalIDF", I("1")), "inf"},
        {"double", APPLY("stdNormalIDF", D("1.5")), "invalid"},
        {"double", APPLY("normalCDF", D("0") D("1") D("2")), "0.3085375387259869"},
        {"double", APPLY("normalPDF", D("0") D("1") D("2")), "0.17603266338214976"},
        {"double", APPLY("normalIDF", D("0.975") D("1") D("2")), "4.919927969080109"},
        {"double", APPLY("normalCDF", D("0") D("1") D("0")), "invalid"},
        {"double", APPLY("erf", D("2")), "0.99532226501895271"},
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        char text[256];
        double value, expected;
        evaluate_in("double", "", checks[i].expression, &(test_record){0}, text);
        if (!mr_parse_double(text, strlen(text), &value)) {
            assert_string_equal(text, checks[i].expected);
            continue;
        }
        assert_true(mr_parse_double(checks[i].expected, strlen(checks[i].expected), &expected));
        double tolerance = strlen(checks[i].expected) < 10 ? 1e-5 : 1e-13;
        if (value != expected && fabs(value - expected) > tolerance * fabs(expected))
            fail_msg("%s: %s, not %s", checks[i].expression, text, checks[i].expected);
    }
}

static void logic(void **state) {
    (void)state;
    static const check checks[] = {
        {"boolean", APPLY("and", B("true") REF("b")), "missing"},
        {"boolean", APPLY("and", B("false") REF("b")), "false"},
        {"boolean", APPLY("or", B("true") REF("b")), "true"},
        {"boolean", APPLY("or", B("false") REF("b")), "missing"},
        {"boolean", APPLY("not", S("false")), "true"},
        {"boolean", APPLY("and", REF("i") B("true")), "invalid"},
        {"boolean", APPLY("equal", REF("x") D("1")), "missing"},
        {"boolean", APPLY("equal", I("1") D("1.0")), "true"},
        {"boolean", APPLY("equal", F("0.1") D("0.1")), "true"},  /* the first one decides: as floats */
        {"boolean", APPLY("equal", D("0.1") F("0.1")), "false"}, /* as doubles */
        {"boolean", APPLY("equal", S("1.0") I("1")), "false"},   /* as strings */
        {"boolean", APPLY("equal", I("1") S("1.0")), "true"},
        {"boolean", APPLY("lessThan", B("false") D("0.5")), "true"},
        {"boolean", APPLY("isIn", REF("x") D("1")), "false"},
        {"boolean", APPLY("isNotIn", REF("x") D("1")), "true"},
        {"boolean", APPLY("isIn", S("b") S("a") S("b")), "true"},
        {"boolean", APPLY("isMissing", REF("x")), "true"},
        {"boolean", APPLY("isValid", REF("x")), "false"},
        {"boolean", APPLY("isNotValid", REF("x")), "false"},
        {"boolean", APPLY("isValid", S("value")), "true"},
        {"string", APPLY("if", B("false") S("a") D("1")), "1.0"},
        {"string", APPLY("if", REF("b") S("a") S("c")), "missing"},
        {"string", APPLY("if", B("false") S("a")), "missing"},
        {"double", APPLY("if", B("true") D("2") APPLY("sqrt", I("-1"))),
         "2"}, /* the other branch does not run */
    };
    CHECK_ALL(checks, &((test_record){.i = "2"}));
    refuse_expression("boolean", "", APPLY("and", I("1") I("2")), MR_INVALID_MODEL, "not of type boolean");
}

/* low < middle < high, though "high" comes first in the alphabet. */
static void order(void **state) {
    (void)state;
    test_record r = {.c = "middle", .s = "s"};
    check_expression("boolean", "", APPLY("lessThan", REF("c") S("high")), &r, "true");
    check_expression("boolean", "", APPLY("greaterOrEqual", REF("c") S("low")), &r, "true");
    check_expression("boolean", "", APPLY("greaterThan", REF("c") S("nowhere")), &r, "invalid");
    refuse_expression("boolean", "", APPLY("lessThan", REF("s") S("a")), MR_UNSUPPORTED, "without an order");
}

static void texts(void **state) {
    (void)state;
    static const check checks[] = {
        {"string", APPLY("uppercase", S("Value")), "VALUE"},
        {"string", APPLY("uppercase", S("straße é ǆ ﬁ")), "STRASSE É Ǆ FI"},
        {"string", APPLY("lowercase", S("ÀÉ ΑΣ Ⅷ")), "àé ασ ⅷ"},
        {"string", APPLY("uppercase", REF("s")), "UNSEEN"},
        {"integer", APPLY("stringLength", S("aBc9x")), "5"},
        {"integer", APPLY("stringLength", S("né😀")), "3"}, /* characters, not bytes */
        {"string", APPLY("substring", S("aBc9x") I("2") I("3")), "Bc9"},
        {"string", APPLY("substring", S("né😀x") I("3") I("1")), "😀"},
        {"string", APPLY("substring", S("value") I("6") I("2147483647")), ""},
        {"string", APPLY("substring", S("value") I("1") I("0")), ""},
        {"string", APPLY("substring", S("value") I("0") I("1")), "invalid"},
        {"string", APPLY("substring", S("value") I("1") I("-1")), "invalid"},
        {"string", APPLY("trimBlanks", S("\t a b \n")), "a b"},
        {"string", APPLY("concat", I("2") S("-") I("2000")), "2-2000"},
        {"string", APPLY("concat", REF("t") S("x") D("2") D("1e10") D("0.0001") B("true")),
         "x2.01.0E101.0E-4true"},
        {"string", APPLY("concat", REF("t") REF("t")), ""},
        {"boolean", APPLY("equal", APPLY("lowercase", S("UNSEEN")) REF("s")), "true"},
        {"boolean", APPLY("equal", APPLY("concat", S("lo") S("w")) S("low")),
         "true"}, /* a text of the model */
        {"string", APPLY("formatNumber", I("2") S("%3d")), "  2"},
        {"string", APPLY("formatNumber", D("3.14159") S("%.2f|%8.3e")), "3.14|3.142e+00"},
        {"string", APPLY("formatNumber", I("1234567") S("%,d %% %x")), "1,234,567 % 12d687"},
        {"string", APPLY("formatNumber", D("-1234567.5") S("%,.2f")), "-1,234,567.50"},
        {"string", APPLY("formatNumber", I("42") S("%05d%-5d|")), "0004242   |"},
        {"string", APPLY("formatNumber", D("2") S("%s")), "2.0"},
    };
    CHECK_ALL(checks, &((test_record){.s = "unseen"}));
    refuse_expression("string", "", APPLY("formatNumber", D("2") S("%d")), MR_INVALID_MODEL, "does not suit");
    refuse_expression("string", "", APPLY("formatNumber", I("2") S("%n")), MR_INVALID_MODEL, "does not suit");
    refuse_expression("string", "", APPLY("formatNumber", I("2") S("%9999d")), MR_INVALID_MODEL,
                      "does not suit");
    refuse_expression("string", "", APPLY("substring", S("a") I("1")), MR_UNSUPPORTED, "2 arguments");
}

/* The standard's examples, and those of XQuery that it refers to. */
static void regular_expressions(void **state) {
    (void)state;
    static const check checks[] = {
        {"string", APPLY("replace", S("BBBB") S("B+") S("c")), "c"},
        {"string", APPLY("replace", S("BBBB") S("B+?") S("c")), "cccc"},
        {"string", APPLY("replace", S("abracadabra") S("bra") S("*")), "a*cada*"},
        {"string", APPLY("replace", S("abracadabra") S("a.*?a") S("*")), "*c*bra"},
        {"string", APPLY("replace", S("abracadabra") S("a") S("")), "brcdbr"},
        {"string", APPLY("replace", S("abracadabra") S("a(.)") S("a$1$1")), "abbraccaddabbra"},
        {"string", APPLY("replace", S("abc") S("b") S("\\$\\\\")), "a$\\c"},
        {"string", APPLY("replace", S("abc") S("") S("-")), "-a-b-c-"},
        {"string", APPLY("replace", S("né") S("") S("-")), "-n-é-"},
        {"string", APPLY("replace", S("ab") S("(a)") S("$12")), "a2b"}, /* there is no group 12 */
        {"string", APPLY("replace", S("abc") S("(?&lt;x&gt;b)") S("${x}!")), "ab!c"},
        {"string", APPLY("replace", S("abc") REF("s") S("-")), "a-c"}, /* a pattern of the record */
        {"string", APPLY("replace", S("abc") REF("t") S("-")), "invalid"},
        {"string", APPLY("replace", S("abc") S("b") REF("t")), "a(c"},
        {"string", APPLY("replace", REF("c") S("o") S("-")), "l-w"},
        {"boolean", APPLY("matches", S("May") S("ar?y")), "true"},
        {"boolean", APPLY("matches", S("June") S("ar?y")), "false"},
        {"boolean", APPLY("matches", S("é") S("^\\w$")), "false"}, /* as PCRE has it, unless asked for */
        {"boolean", APPLY("matches", S("é") S("(?u)^\\w$")), "true"},
        {"boolean", APPLY("matches", S("É") S("(?iu)^é$")), "true"},
        {"boolean", APPLY("matches", S("abracadabra") S("^a.*a$")), "true"},
        {"boolean", APPLY("matches", S("abracadabra") S("^bra")), "false"},
        {"boolean", APPLY("matches", S("Hello Hello") S("(\\w+)\\s+\\1")), "true"},
    };
    CHECK_ALL(checks, &((test_record){.s = "b", .t = "(", .c = "low"}));
    check_expression("string", "", APPLY("replace", REF("s") S("a") S("b")), &(test_record){.s = "\xff a"},
                     "\xef\xbf\xbd b"); /* a byte that is no UTF-8 */
    refuse_expression("string", "", APPLY("replace", S("a") S("(") S("b")), MR_INVALID_MODEL, "byte 1");
    refuse_expression("string", "", APPLY("replace", S("a") S("a") S("$1")), MR_INVALID_MODEL,
                      "names a group");
    refuse_expression("boolean", "", APPLY("matches", S("a") S("[a-z-[b]]")), MR_UNSUPPORTED, "differences");
    refuse_expression("boolean", "", APPLY("matches", S("a") S("[a-z&amp;&amp;[^b]]")), MR_UNSUPPORTED,
                      "intersections");
}

/* A pattern that would take forever ends, and says so; so does a text that is too long. */
static void regular_expressions_are_bounded(void **state) {
    (void)state;
    static char text[70001];
    memset(text, 'a', sizeof text - 1);
    scorer s = scorer_must(
        expression_model("boolean", "categorical", "", APPLY("matches", REF("s") S("^(a|aa)+$"))));
    text[3000] = 0, text[2999] = 'b';
    assert_int_equal(score_cells(&s, NULL, NULL, NULL, NULL, text, NULL, NULL, NULL), MR_INVALID_VALUE);
    assert_non_null(strstr(s.result.message, "regular expression"));
    text[3000] = 'a';
    assert_int_equal(score_cells(&s, NULL, NULL, NULL, NULL, text, NULL, NULL, NULL), MR_INVALID_VALUE);
    assert_non_null(strstr(s.result.message, "too long"));
    assert_int_equal(score_cells(&s, NULL, NULL, NULL, NULL, "aaa", NULL, NULL, NULL), MR_OK);
    assert_true(out_number(&s, 1) != 0);
    scorer_free(&s);
}

static void dates(void **state) {
    (void)state;
#define DATE(value)      CONSTANT("date", value)
#define TIME(value)      CONSTANT("time", value)
#define DATE_TIME(value) CONSTANT("dateTime", value)
    static const check checks[] = {
        {"integer", APPLY("dateDaysSinceYear", DATE("2003-04-01") I("1960")), "15796"},
        {"integer", APPLY("dateDaysSinceYear", DATE_TIME("1959-12-31T23:00:00") I("1960")), "-1"},
        {"integer", APPLY("dateDaysSinceYear", REF("s") I("2000")), "59"},
        {"integer", APPLY("dateDaysSinceYear", REF("t") I("2000")), "invalid"},
        {"integer", APPLY("dateSecondsSinceYear", DATE_TIME("1960-01-03T03:30:03") I("1960")), "185403"},
        {"integer", APPLY("dateSecondsSinceYear", DATE_TIME("1960-01-01T00:00:01.9") I("1960")), "1"},
        {"integer", APPLY("dateSecondsSinceMidnight", TIME("05:23:30")), "19410"},
        {"integer", APPLY("dateSecondsSinceMidnight", DATE_TIME("1960-01-01T05:23:30")), "19410"},
        {"string", APPLY("formatDatetime", DATE("2004-08-20") S("%m/%d/%y")), "08/20/04"},
        {"string",
         APPLY("formatDatetime",
               DATE_TIME("2005-01-01T17:05:09.25") S("%a %b %e %I:%M:%S.%L %p %j %G-W%V-%u %U %W %s")),
         "Sat Jan  1 05:05:09.250 PM 001 2004-W53-6 00 00 1104599109"},
        {"string", APPLY("formatDatetime", TIME("05:23:30") S("%H.%M")), "05.23"},
        {"date", DATE("2000-02-29"), "2000-02-29"},
        {"date", DATE_TIME("1969-12-31T23:59:59"), "1969-12-31"},
        {"time", DATE_TIME("1969-12-31T23:59:59"), "23:59:59"},
        {"dateTime", DATE("-0001-01-01"), "-0001-01-01T00:00:00"},
        {"dateTime", S("1960-01-03T03:30:03.5"), "1960-01-03T03:30:03.5"},
        {"dateDaysSince[1960]", DATE("1960-01-03"), "2"},
        {"dateDaysSince[1970]", S("5"), "5"},
        {"dateDaysSince[1980]", CONSTANT("dateDaysSince[1970]", "1980-01-02"), "1"},
        {"dateDaysSince[0]", DATE("0000-01-02"), "1"},
        {"timeSeconds", S("100:00:05"), "360005"},
        {"timeSeconds", S("-00:00:05"), "-5"},
        {"dateTimeSecondsSince[1970]", DATE_TIME("1970-01-01T00:01:00"), "60"},
        {"dateTimeSecondsSince[1980]", S("1980-01-01T00:00:09"), "9"},
        {"double", APPLY("*", CONSTANT("dateDaysSince[1960]", "1960-01-03") D("1.5")), "3"},
        {"boolean", APPLY("lessThan", DATE("1960-01-03") S("1960-01-04")), "true"},
        {"boolean", APPLY("equal", DATE("1960-01-03") DATE_TIME("1960-01-03T01:00:00")), "true"},
    };
    CHECK_ALL(checks, &((test_record){.s = "2000-02-29", .t = "1900-02-29"}));
    refuse_expression("date", "", DATE("2001-02-29"), MR_INVALID_MODEL, "not of type date");
    refuse_expression("time", "", TIME("24:00:00"), MR_INVALID_MODEL, "not of type time");
    refuse_expression("dateTime", "", DATE_TIME("2001-02-01T00:00:00Z"), MR_INVALID_MODEL,
                      "not of type dateTime");
    refuse_expression("integer", "", DATE("2001-02-01"), MR_UNSUPPORTED, "converting a value of type date");
    refuse_expression("integer", "", APPLY("dateSecondsSinceMidnight", DATE("2001-02-01")), MR_UNSUPPORTED,
                      "type date");
    refuse_expression("string", "", APPLY("formatDatetime", DATE("2001-02-01") S("%Q")), MR_INVALID_MODEL,
                      "%Q");
}

/* What becomes of missing arguments and of invalid results. */
static void fallbacks(void **state) {
    (void)state;
#define APPLY_WITH(function, attributes, arguments)                                                          \
    "<Apply function=\"" function "\" " attributes ">" arguments "</Apply>"
    static const check checks[] = {
        {"string", APPLY_WITH("/", "defaultValue=\"-1\"", REF("x") I("0")), "-1"},
        {"string", APPLY_WITH("/", "mapMissingTo=\"missing\" defaultValue=\"-1\"", REF("x") I("0")),
         "missing"},
        {"string", APPLY_WITH("+", "mapMissingTo=\"none\"", I("1") I("2")), "3"},
        {"double", APPLY_WITH("+", "defaultValue=\"0.5\"", REF("x") I("2")), "0.5"},
        {"string", APPLY_WITH("/", "invalidValueTreatment=\"asMissing\" defaultValue=\"d\"", I("1") I("0")),
         "d"},
        {"double", APPLY_WITH("/", "invalidValueTreatment=\"asMissing\"", I("1") I("0")), "missing"},
        {"double", APPLY_WITH("/", "invalidValueTreatment=\"asIs\"", I("1") I("0")), "invalid"},
        {"string", APPLY_WITH("sqrt", "invalidValueTreatment=\"asIs\"", I("-1")), "NaN"},
        {"string", APPLY_WITH("if", "mapMissingTo=\"m\"", REF("b") S("a") S("c")), "m"},
        {"string", APPLY_WITH("if", "defaultValue=\"m\"", B("true") REF("t") S("c")), "m"},
        {"string", APPLY_WITH("if", "mapMissingTo=\"m\"", B("false") REF("t") S("c")), "c"},
        {"string", APPLY("concat", APPLY_WITH("+", "mapMissingTo=\"7\"", REF("x") I("1")) S("|")), "7|"},
        {"string", "<FieldRef field=\"x\" mapMissingTo=\"unknown\"/>", "unknown"},
    };
    CHECK_ALL(checks, &((test_record){0}));
    char text[256];
    evaluate_in("double", "", APPLY("sqrt", REF("x")), &(test_record){.x = "-4"}, text);
    assert_string_equal(text, "invalid");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(aggregates),
        cmocka_unit_test(distributions),
        cmocka_unit_test(logic),
        cmocka_unit_test(order),
        cmocka_unit_test(texts),
        cmocka_unit_test(regular_expressions),
        cmocka_unit_test(dates),
        cmocka_unit_test(fallbacks),
        cmocka_unit_test(regular_expressions_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
