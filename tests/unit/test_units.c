/* Durations and sizes: units, overflow, and that printing reads back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/units.h"

static void durations_have_units(void **state) {
    (void)state;
    int64_t value = -1;
    assert_true(mr_parse_duration("100ms", &value) && value == 100);
    assert_true(mr_parse_duration("30s", &value) && value == 30000);
    assert_true(mr_parse_duration("5m", &value) && value == 300000);
    assert_true(mr_parse_duration("2h", &value) && value == 7200000);
    assert_true(mr_parse_duration("1d", &value) && value == 86400000);
    assert_true(mr_parse_duration("0", &value) && value == 0);
    value = 7;
    const char *const wrong[] = {
        "", "30", "s", "-1s", "1.5s", "30 s", "30S", "9223372036854775807s", "99999999999999999999ms"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(mr_parse_duration(wrong[i], &value));
    assert_int_equal(value, 7);
}

static void sizes_have_units(void **state) {
    (void)state;
    int64_t value = -1;
    assert_true(mr_parse_size("64MiB", &value) && value == 67108864);
    assert_true(mr_parse_size("1GB", &value) && value == 1000000000);
    assert_true(mr_parse_size("512", &value) && value == 512);
    assert_true(mr_parse_size("3kB", &value) && value == 3000);
    value = 7;
    const char *const wrong[] = {"", "MiB", "1 MiB", "1mib", "-5B", "9223372036854775807KiB"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) assert_false(mr_parse_size(wrong[i], &value));
    assert_int_equal(value, 7);
}

static void printing_reads_back(void **state) {
    (void)state;
    const int64_t values[] = {0, 1, 999, 1000, 1024, 1500, 60000, 64000, 90000, 67108864, 3600000, INT64_MAX};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[MR_UNITS_MAX];
        int64_t value = -1;
        mr_print_duration(text, values[i]);
        assert_true(mr_parse_duration(text, &value) && value == values[i]);
        mr_print_size(text, values[i]);
        assert_true(mr_parse_size(text, &value) && value == values[i]);
    }
    char text[MR_UNITS_MAX];
    mr_print_duration(text, 300000);
    assert_string_equal(text, "5m");
    mr_print_size(text, 65536);
    assert_string_equal(text, "64KiB");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(printing_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
