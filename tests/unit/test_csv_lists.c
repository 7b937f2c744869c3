/* JSON lists in CSV cells: what is one, what its items are, and that memory may run out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/csv_lists.h"
#include "base/memory.h"

/* The items, "|" between them, "-" a missing one; "none": no list. */
static const char *items_of(const char *text) {
    static char result[256];
    mr_arena arena;
    mr_arena_init(&arena, 1024, 0);
    mr_bytes cell = {text, strlen(text)}, *items;
    uint32_t count;
    bool failed, list = mr_csv_list(&cell, &arena, &items, &count, &failed);
    assert_false(failed);
    char *at = result;
    for (uint32_t i = 0; list && i < count; i++) {
        if (i) *at++ = '|';
        if (!items[i].data) *at++ = '-';
        else memcpy(at, items[i].data, items[i].size), at += items[i].size;
    }
    *at = 0;
    mr_arena_free(&arena);
    return list ? result : "none";
}

static void lists(void **state) {
    (void)state;
    assert_string_equal(items_of("[\"a\", \"b c\",\"\"]"), "a|b c|");
    assert_string_equal(items_of(" [ 1 , -2.50,true,false,null ] "), "1|-2.50|true|false|-");
    assert_string_equal(items_of("[\"\\u00e9\\\"\"]"), "\xc3\xa9\"");
    assert_string_equal(items_of("[]"), "-");
}

static void other_cells(void **state) {
    (void)state;
    static const char *const cells[] = {"",      "a",     "\"a\"", "[",           "[a]",           "[1,]",
                                        "[1 2]", "[1] x", "[[1]]", "[{\"a\":1}]", "[\"\\ud800\"]", "[\"a]",
                                        "{}"};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        assert_string_equal(items_of(cells[i]), "none");
    mr_bytes missing = {0}, *items;
    uint32_t count;
    bool failed;
    assert_false(mr_csv_list(&missing, NULL, &items, &count, &failed));
}

static _Bool allow_some(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    const char *text = "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]";
    bool list = false;
    for (int n = 0; !list; n++) {
        int left = n;
        mr_arena arena;
        mr_arena_init(&arena, 16, 0);
        mr_bytes cell = {text, strlen(text)}, *items;
        uint32_t count;
        bool failed;
        mr_set_alloc_hook(allow_some, &left);
        list = mr_csv_list(&cell, &arena, &items, &count, &failed);
        mr_set_alloc_hook(NULL, NULL);
        assert_int_equal(failed, !list);
        if (list) assert_int_equal(count, 9);
        mr_arena_free(&arena);
        assert_true(n < 100);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(other_cells),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
