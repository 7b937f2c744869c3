/* Numbers in JSON records: exact, of every length, and the same whichever way the walk takes them. */
#include "json_helper.h"

static void numbers_are_exact(void **state) {
    (void)state;
    static const char *const numbers[] = {"0.1",
                                          "7.400000000000000355",
                                          "123456789012345678901234567890",
                                          "1e-5",
                                          "5E+3",
                                          "1.7976931348623157e308",
                                          "4.9e-324",
                                          "9007199254740993",
                                          "0.000000000000000000000000000123",
                                          "-0.0",
                                          "1e23",
                                          "3.14159265358979323846"};
    fixture f;
    open_all(&f);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"fixed acidity\":%s,\"f\":%s}", numbers[i], numbers[i]);
        expect(&f, text, MR_OK);
        double wanted = strtod(numbers[i], NULL);
        float single = strtof(numbers[i], NULL);
        assert_memory_equal(mr_cell(&f.frame->columns[D], 1), &wanted, 8);
        assert_memory_equal(mr_cell(&f.frame->columns[F], 1), &single, 4);
    }
    close_fixture(&f);
}

/* Plain numbers of every length, and members in an order that changes from record to record: what is expected
 * of the next record is only a guess. */
static void orders_and_lengths(void **state) {
    (void)state;
    static const mr_field doubles[] = {{"a", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                       {"bb long name", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                       {"eight888", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                       {"d", MR_TYPE_DOUBLE, MR_CONTINUOUS}};
    static const char *const names[] = {"a", "bb long name", "eight888", "d"};
    static const char *const numbers[] = {"0",
                                          "7",
                                          "7.4",
                                          "0.9978",
                                          "12.345",
                                          "1234567",
                                          "12345678",
                                          "123456789",
                                          "1.234567",
                                          "0.000001",
                                          "-3.5",
                                          "1e3",
                                          "1.5E-2",
                                          "100000.25",
                                          "0.1",
                                          "99999999.9",
                                          "0.8414709848078965",
                                          "-0.8414709848078965",
                                          "9007199254740993",
                                          "123456789012345678901",
                                          "-1",
                                          "-12345.6"};
    enum { NUMBERS = sizeof numbers / sizeof *numbers };
    fixture f;
    open_with(&f, doubles, 4, NULL, NULL, 0);
    uint32_t random = 12345;
    for (int round = 0; round < 2000; round++) {
        int order[] = {0, 1, 2, 3}, chosen[4];
        char text[256] = "{", *at = text + 1;
        for (int i = 3; i > 0 && round % 5 == 0; i--) {
            random = random * 1664525 + 1013904223;
            int k = (int)(random >> 8) % (i + 1), other = order[i];
            order[i] = order[k], order[k] = other;
        }
        for (int i = 0; i < 4; i++) {
            random = random * 1664525 + 1013904223;
            chosen[i] = (int)(random >> 8) % NUMBERS;
            at += sprintf(at, "%s\"%s\":%s%s", i ? (round % 3 ? "," : ", ") : "", names[order[i]],
                          round % 2 ? "" : " ", numbers[chosen[i]]);
        }
        strcpy(at, "}");
        expect(&f, text, MR_OK);
        for (int i = 0; i < 4; i++)
            assert_true(number_of(&f, (uint32_t)order[i]) == strtod(numbers[chosen[i]], NULL));
    }
    static const char *const wrong[] = {
        "{\"a\":01,\"d\":1}", "{\"a\":1.,\"d\":1}", "{\"a\":.5,\"d\":1}", "{\"a\":1.5.2,\"d\":1}",
        "{\"a\":1x,\"d\":1}", "{\"a\":1,,\"d\":1}", "{\"a\":1,}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) expect(&f, wrong[i], MR_SYNTAX);
    close_fixture(&f);
}

/* What the loop over expected doubles does with these bytes is what the walk of any member does: a string of
 * the same name beside the double keeps it from the former. */
static void expect_alike(fixture *fast, fixture *plain, const char *text) {
    mr_status one = decode(fast, text, strlen(text)), other = decode(plain, text, strlen(text));
    if (one != other)
        fail_msg("%s: %s, not %s (%s)", text, mr_status_name(one), mr_status_name(other),
                 fast->error.message);
    for (uint32_t i = 0; i < 2 && one == MR_OK; i++) {
        if (state_of(fast, i) != state_of(plain, i)) fail_msg("%s: state of %u", text, i);
        if (state_of(fast, i) != MR_CELL_PRESENT) continue;
        double a = number_of(fast, i), b = number_of(plain, i);
        if (memcmp(&a, &b, sizeof a) != 0) fail_msg("%s: %.17g, not %.17g", text, a, b);
    }
}

static void short_and_long_numbers_alike(void **state) {
    (void)state;
    static const mr_field names[] = {{"a name of 24 bytes more", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                     {"b", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                     {"a_name_of_24_bytes_more", MR_TYPE_STRING, MR_CATEGORICAL},
                                     {"B", MR_TYPE_STRING, MR_CATEGORICAL}};
    static const char digits[] = "92233720368547758079007199254740993";
    static const char others[] = "0.,-+eE \"}\n:\x80\xFF";
    fixture fast, plain;
    open_with(&fast, names, 2, NULL, NULL, 0);
    open_with(&plain, names, 4, NULL, NULL, 0);
    for (int whole = 0; whole <= 21; whole++) {
        for (int fraction = -1; fraction <= 21; fraction++) {
            char number[64], text[256];
            int size = sprintf(number, "%.*s%s%.*s", whole, digits, fraction < 0 ? "" : ".",
                               fraction < 0 ? 0 : fraction, digits + 7);
            for (int form = 0; form < 8; form++) {
                sprintf(text, "{\"a name of 24 bytes more\":%s%s%s,\"b\":%s%s,\"c\":1}", form & 1 ? " " : "",
                        form & 2 ? "-" : "", number, number, form & 4 ? "e-3" : "");
                expect_alike(&fast, &plain, text);
            }
            if (whole > 8 || fraction > 8) continue;
            int start = sprintf(text, "{\"b\":");
            sprintf(text + start, "%s,\"a name of 24 bytes more\":1}", number);
            for (int at = start; at <= start + size; at++) {
                char kept = text[at];
                for (size_t i = 0; i < sizeof others - 1; i++) {
                    text[at] = others[i];
                    expect_alike(&fast, &plain, text);
                }
                text[at] = kept;
            }
        }
    }
    close_fixture(&fast);
    close_fixture(&plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(orders_and_lengths),
        cmocka_unit_test(short_and_long_numbers_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
