/* The arena: alignment, reuse after a reset, the limit, and what happens when memory is out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/memory.h"

static _Bool count_and_refuse(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void blocks_never_move(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 64, 0);
    char *first = mr_arena_copy(&arena, "first", 5);
    for (int i = 0; i < 100; i++) assert_non_null(mr_arena_alloc(&arena, 33));
    assert_string_equal(first, "first");
    assert_int_equal((uintptr_t)mr_arena_alloc(&arena, 1) % 16, 0);
    mr_arena_free(&arena);
}

static void reset_reuses_without_allocating(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 128, 0);
    for (int i = 0; i < 50; i++) assert_non_null(mr_arena_alloc(&arena, 100));
    int none = 0;
    mr_set_alloc_hook(count_and_refuse, &none);
    for (int round = 0; round < 3; round++) {
        mr_arena_reset(&arena, SIZE_MAX);
        for (int i = 0; i < 50; i++) assert_non_null(mr_arena_alloc(&arena, 100));
    }
    mr_set_alloc_hook(NULL, NULL);
    mr_arena_reset(&arena, 0);
    assert_int_equal(arena.held, 0);
    mr_arena_free(&arena);
}

static void limit_and_take_are_kept(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 64, 256);
    assert_null(mr_arena_take(&arena, 8)); /* take never allocates */
    assert_true(mr_arena_reserve(&arena, 128));
    assert_non_null(mr_arena_take(&arena, 128));
    assert_null(mr_arena_take(&arena, 1));
    assert_null(mr_arena_alloc(&arena, 200)); /* 128 held + 200 > 256 */
    assert_null(mr_arena_alloc(&arena, SIZE_MAX));
    assert_non_null(mr_arena_alloc(&arena, 64));
    mr_arena_free(&arena);
}

static void the_end_of_the_last_is_given_back(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 256, 0);
    char *first = mr_arena_alloc(&arena, 10), *last = mr_arena_alloc(&arena, 200);
    size_t used = arena.used;
    mr_arena_shrink(&arena, last, 20);
    assert_int_equal(arena.used, used - 208 + 32);
    assert_ptr_equal(mr_arena_alloc(&arena, 1), last + 32);
    mr_arena_shrink(&arena, last + 32, 0); /* still an address of its own */
    assert_ptr_equal(mr_arena_alloc(&arena, 1), last + 48);
    assert_ptr_equal(first + 16, last);
    mr_arena_free(&arena);
}

/* A large piece has a block of its own, and the rest of the current one is not lost. */
static void large_pieces_waste_nothing(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 256, 0);
    char *first = mr_arena_alloc(&arena, 16), *large = mr_arena_alloc(&arena, 1000);
    assert_ptr_equal(mr_arena_alloc(&arena, 16), first + 16);
    size_t held = arena.held;
    mr_arena_shrink(&arena, large, 500);
    assert_int_equal(arena.used, 32 + 512);
    mr_arena_reset(&arena, SIZE_MAX);
    for (int round = 0; round < 2; round++) { /* a loop finds the same room in each round */
        mr_arena_alloc(&arena, 16);
        mr_arena_alloc(&arena, 1000);
        mr_arena_alloc(&arena, 240);
        assert_int_equal(arena.held, held);
        mr_arena_reset(&arena, SIZE_MAX);
    }
    mr_arena_free(&arena);
}

static void large_may_be_less_than_a_block(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 256, 0);
    arena.large = 64;
    char *first = mr_arena_alloc(&arena, 16);
    assert_ptr_equal(mr_arena_alloc(&arena, 192), first + 16);
    assert_non_null(mr_arena_alloc(&arena, 112)); /* 48 bytes are left */
    assert_int_equal(arena.held, 256 + 112);
    assert_ptr_equal(mr_arena_alloc(&arena, 48), first + 208);
    mr_arena_free(&arena);
}

static void strings_leave_no_gaps(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 256, 0);
    char *first = mr_arena_copy(&arena, "one", 3), *second = mr_arena_print(&arena, "%s", "two");
    assert_ptr_equal(second, first + 4);
    assert_ptr_equal(mr_arena_alloc(&arena, 1), first + 16); /* aligned, as ever */
    assert_string_equal(first, "one");
    assert_string_equal(second, "two");
    mr_arena_free(&arena);
}

static void failed_allocation_leaves_it_usable(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 64, 0);
    int none = 0;
    mr_set_alloc_hook(count_and_refuse, &none);
    assert_null(mr_arena_print(&arena, "%d", 42));
    mr_set_alloc_hook(NULL, NULL);
    assert_string_equal(mr_arena_print(&arena, "%d", 42), "42");
    mr_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_never_move),          cmocka_unit_test(reset_reuses_without_allocating),
        cmocka_unit_test(limit_and_take_are_kept),    cmocka_unit_test(the_end_of_the_last_is_given_back),
        cmocka_unit_test(large_pieces_waste_nothing), cmocka_unit_test(large_may_be_less_than_a_block),
        cmocka_unit_test(strings_leave_no_gaps),      cmocka_unit_test(failed_allocation_leaves_it_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
