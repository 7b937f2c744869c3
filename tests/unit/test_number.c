/* Numbers: exact reading against the C library, shortest writing against every shorter candidate, and
 * what is no number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/number.h"

static uint64_t seed = 88172645463325252u;
static uint64_t next_random(void) { /* xorshift64 */
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void expect_like_libc(const char *text) {
    double value = -1;
    float single = -1;
    if (!mr_parse_double(text, strlen(text), &value)) fail_msg("%s is no double", text);
    if (bits_of(value) != bits_of(strtod(text, NULL))) fail_msg("%s gives %.17g", text, value);
    if (!mr_parse_float(text, strlen(text), &single)) fail_msg("%s is no float", text);
    if (float_bits(single) != float_bits(strtof(text, NULL))) fail_msg("%s gives %.9g", text, (double)single);
}

static void reads_hard_cases(void **state) {
    (void)state;
    static const char *const cases[] = {
        "0",
        "-0",
        "0.0",
        "-0e5",
        "1",
        "+1",
        "1.",
        ".5",
        "00012",
        "1e22",
        "1e23",
        "8.5e22",
        "9007199254740993",
        "9007199254740992",
        "9007199254740991.5",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e309",
        "1e400",
        "-1e999999999999999999999",
        "1e-999999999999999999999",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "2.2250738585072014e-308",
        "1e-400",
        "0e1000",
        "6929495644600919.5",
        "3.1415926535897932384626433832795028841971693993751",
        "1.00000005960464477539062499999999999999999",
        "1.00000005960464477539062500000000000000001",
        "1.000000059604644775390625",
        "16777217",
        "3.4028236e38",
        "3.4028235677973366e38",
        "3.4028235677973367e38",
        "7.006492321624085e-46",
        "7.006492321624086e-46",
        "1.4e-45",
        "1.1754943508222875e-38",
        "8589973000",
        "1090544144181609348671888949248",
        "1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775872070"
        "96330",
        "0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
        "100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000e-"
        "90"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) expect_like_libc(cases[i]);
}

/* Exactly half way between two numbers, then one digit far behind that decides. */
static void reads_half_way_with_many_digits(void **state) {
    (void)state;
    char text[1300];
    for (int i = 0; i < 2000; i++) {
        double value = double_of(next_random() % (UINT64_C(0x7FE) << 52));
        if (i % 4 == 0) value = double_of(next_random() % (UINT64_C(1) << 53)); /* subnormal */
        long double half = ((long double)value + (long double)double_of(bits_of(value) + 1)) / 2;
        int size = snprintf(text, sizeof text, "%.*Le", 1100, half);
        assert_in_range(size, 1, 1200);
        char *end = strchr(text, 'e');
        expect_like_libc(text);
        end[-1] = '1'; /* a little above */
        expect_like_libc(text);
    }
}

static void reads_random_decimals(void **state) {
    (void)state;
    char text[80];
    for (int i = 0; i < 200000; i++) {
        int digits = (int)(next_random() % 24) + 1;
        int size = 0;
        int point = (int)(next_random() % 25);
        for (int d = 0; d < digits; d++) {
            if (d == point) text[size++] = '.';
            text[size++] = (char)('0' + next_random() % 10);
        }
        sprintf(text + size, "e%d", (int)(next_random() % 100) * (i % 8 ? 1 : 7) - (i % 8 ? 50 : 350));
        expect_like_libc(text);
    }
}

static void refuses_what_is_no_number(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",   "-",   "+",     ".",   "e5",  "1e",  "1e+",   "1e5.",    "0x10",  "1f",    "1d",      " 1",
        "1 ", "1,5", "1.2.3", "--1", "nan", "inf", "-NaN1", "Infinit", "1_000", "1e5e5", "\xd9\xa1"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 42;
        float single = 42;
        if (mr_parse_double(cases[i], strlen(cases[i]), &value)) fail_msg("'%s' was read", cases[i]);
        assert_true(value == 42);
        assert_false(mr_parse_float(cases[i], strlen(cases[i]), &single));
    }
    double value;
    assert_true(mr_parse_double("-Infinity", 9, &value) && value == -__builtin_inf());
    assert_true(mr_parse_double("INF", 3, &value) && value == __builtin_inf());
    assert_true(mr_parse_double("NaN", 3, &value) && value != value);
    assert_true(mr_parse_double("12345", 2, &value) && value == 12); /* never beyond the size */
}

static void integers(void **state) {
    (void)state;
    int64_t value = 7;
    char text[MR_NUMBER_MAX];
    static const int64_t cases[] = {0, 1, -1, 9, 10, 99, 100, 9999, 10000, 99999, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = mr_print_integer(text, cases[i]);
        assert_true(mr_parse_integer(text, size, &value));
        assert_int_equal(value, cases[i]);
    }
    assert_memory_equal(text, "-9223372036854775808", 20);
    value = 7;
    assert_false(mr_parse_integer("9223372036854775808", 19, &value));
    assert_false(mr_parse_integer("-9223372036854775809", 20, &value));
    assert_false(mr_parse_integer("99999999999999999999999", 23, &value));
    assert_false(mr_parse_integer("", 0, &value));
    assert_false(mr_parse_integer("-", 1, &value));
    assert_false(mr_parse_integer("1.0", 3, &value));
    assert_int_equal(value, 7);
}

static void expect_text(double value, const char *expected) {
    char text[MR_NUMBER_MAX + 1];
    text[mr_print_double(text, value)] = '\0';
    assert_string_equal(text, expected);
}

static void writes_as_javascript(void **state) {
    (void)state;
    expect_text(0, "0");
    expect_text(-0.0, "-0");
    expect_text(0.1, "0.1");
    expect_text(1e-6, "0.000001");
    expect_text(1e-7, "1e-7");
    expect_text(1.5e-7, "1.5e-7");
    expect_text(123456.789, "123456.789");
    expect_text(1e20, "100000000000000000000");
    expect_text(1e21, "1e+21");
    expect_text(1.25e21, "1.25e+21");
    expect_text(9007199254740992, "9007199254740992");
    expect_text(1e23, "1e+23");
    expect_text(2e-44, "2e-44");
    expect_text(5e-324, "5e-324");
    expect_text(1.7976931348623157e308, "1.7976931348623157e+308");
    expect_text(-2.2250738585072014e-308, "-2.2250738585072014e-308");
    expect_text(__builtin_inf(), "Infinity");
    expect_text(-__builtin_inf(), "-Infinity");
    expect_text(-__builtin_nan(""), "NaN");
    char text[MR_NUMBER_MAX + 1];
    text[mr_print_float(text, 0.1f)] = '\0';
    assert_string_equal(text, "0.1");
    text[mr_print_float(text, 16777216.0f)] = '\0';
    assert_string_equal(text, "16777216");
    text[mr_print_float(text, 1e-45f)] = '\0';
    assert_string_equal(text, "1e-45");
}

static void every_double_reads_back(void **state) {
    (void)state;
    for (int i = 0; i < 2000000; i++) {
        uint64_t bits = next_random();
        if (i % 8 == 0) bits &= ~((UINT64_C(1) << 52) - 1); /* the bound below is closer */
        if (i % 16 == 1) bits &= UINT64_C(0x801FFFFFFFFFFFFF);
        double value = double_of(bits);
        if (value != value) continue;
        char text[MR_NUMBER_MAX];
        double again = 0;
        size_t size = mr_print_double(text, value);
        if (!mr_parse_double(text, size, &again) || bits_of(again) != bits)
            fail_msg("%.17g: %.*s", value, (int)size, text);
    }
    for (uint32_t i = 0; i < 2000000; i++) {
        uint32_t bits = (uint32_t)next_random();
        if (i % 8 == 0) bits &= 0xFF800000;
        float value;
        memcpy(&value, &bits, sizeof value);
        if (value != value) continue;
        char text[MR_NUMBER_MAX];
        float again = 0;
        size_t size = mr_print_float(text, value);
        if (!mr_parse_float(text, size, &again) || float_bits(again) != bits)
            fail_msg("%.9g: %.*s", (double)value, (int)size, text);
    }
}

/* Digits of a printed number, without sign, point, exponent and the zeros at both ends. */
static int significant_digits(const char *text, size_t size, char *digits) {
    int count = 0;
    for (size_t i = 0; i < size && text[i] != 'e'; i++) {
        if (text[i] < '0' || text[i] > '9' || (count == 0 && text[i] == '0')) continue;
        digits[count++] = text[i];
    }
    while (count > 1 && digits[count - 1] == '0') count--;
    return count;
}

/* %.Ne is the nearest decimal of N+1 digits: when it reads back it is a candidate. The first N that
 * does gives the length, and, as it is nearest, mostly the digits. */
static void no_shorter_text_reads_back(void **state) {
    (void)state;
    for (int i = 0; i < 50000; i++) {
        uint64_t bits = next_random() & INT64_MAX;
        if (i % 4 == 0) bits &= ~((UINT64_C(1) << 52) - 1);
        double value = i % 4 == 1 ? (double)(next_random() % 100000) / 1000 : double_of(bits);
        if (value != value || value == __builtin_inf() || value == 0) continue;
        char text[MR_NUMBER_MAX];
        char digits[64];
        int count = significant_digits(text, mr_print_double(text, value), digits);
        char other[64];
        int precision = 0;
        do sprintf(other, "%.*e", precision, value);
        while (strtod(other, NULL) != value && ++precision < 17);
        if (count > precision + 1) fail_msg("%s is shorter than %.*s", other, count, digits);
        char expected[64];
        int expected_count = significant_digits(other, strlen(other), expected);
        if (count == expected_count && i % 4 != 0) assert_memory_equal(digits, expected, (size_t)count);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_hard_cases),
        cmocka_unit_test(reads_half_way_with_many_digits),
        cmocka_unit_test(reads_random_decimals),
        cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(integers),
        cmocka_unit_test(writes_as_javascript),
        cmocka_unit_test(every_double_reads_back),
        cmocka_unit_test(no_shorter_text_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
