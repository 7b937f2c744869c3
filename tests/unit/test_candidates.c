/* Which model message comes first: by partition, by timestamp, after bad ones, after tombstones, within
 * bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "serving/candidates.h"

static mr_candidate *add(mr_candidates *all, const char *type, int32_t partition, int64_t offset,
                         int64_t timestamp, const char *key) {
    mr_candidate *added;
    mr_record record = {.offset = offset, .timestamp = timestamp, .value = {"0123456789", 10}};
    if (key) record.key = (mr_bytes){key, strlen(key)};
    assert_int_equal(mr_candidates_add(all, type, partition, &record, &added), MR_OK);
    return added;
}

/* The order of trial when nothing loads: "partition:offset partition:offset ". */
static const char *order(mr_candidates *all, const char *type) {
    static char text[512];
    size_t used = 0;
    text[0] = '\0';
    mr_candidates_begin(all, type);
    mr_candidate *candidate;
    while ((candidate = mr_candidates_next(all, type)) != NULL) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%d:%d ", (int)candidate->partition,
                                 (int)candidate->offset);
    }
    return text;
}

static void offset_counts_within_a_partition(void **state) {
    (void)state;
    mr_candidates all;
    mr_candidates_init(&all, 1000000);
    add(&all, "wine", 0, 7, 100, NULL);
    add(&all, "wine", 0, 9, 50, NULL); /* an older clock, but later in the topic */
    add(&all, "beer", 0, 11, 500, NULL);
    assert_string_equal(order(&all, "wine"), "0:9 0:7 ");
    mr_candidates_bad(&all, add(&all, "wine", 0, 10, 60, NULL));
    assert_string_equal(order(&all, "wine"), "0:9 0:7 ");
    assert_null(add(&all, "wine", 0, 9, 50, NULL)); /* known */
    mr_candidates_free(&all);
}

static void timestamp_counts_across_partitions(void **state) {
    (void)state;
    mr_candidates all;
    mr_candidates_init(&all, 1000000);
    add(&all, "wine", 0, 1, 100, NULL);
    add(&all, "wine", 1, 1, 300, NULL);
    add(&all, "wine", 2, 1, 300, NULL);
    add(&all, "wine", 2, 2, 200, NULL);
    assert_string_equal(order(&all, "wine"), "1:1 2:2 2:1 0:1 ");
    add(&all, "wine", 3, 1, 300, NULL); /* the same time: the higher partition */
    assert_string_equal(order(&all, "wine"), "3:1 1:1 2:2 2:1 0:1 ");
    mr_candidates_free(&all);
}

static void choice_does_not_depend_on_history(void **state) {
    (void)state;
    mr_candidates live, again;
    mr_candidates_init(&live, 1000000);
    mr_candidates_init(&again, 1000000);
    add(&live, "wine", 1, 1, 100, NULL);
    mr_candidates_bad(&live,
                      add(&live, "wine", 1, 2, 5, NULL)); /* tried and found bad before the next came */
    add(&live, "wine", 0, 1, 50, NULL);
    add(&again, "wine", 0, 1, 50, NULL);
    add(&again, "wine", 1, 1, 100, NULL);
    add(&again, "wine", 1, 2, 5, NULL);
    mr_candidates_begin(&live, "wine");
    mr_candidates_begin(&again, "wine");
    mr_candidate *first = mr_candidates_next(&live, "wine"), *second = mr_candidates_next(&again, "wine");
    assert_int_equal(first->partition, 0);
    assert_int_equal(second->partition, 0);
    assert_int_equal(first->offset, second->offset);
    mr_candidates_free(&live);
    mr_candidates_free(&again);
}

static void tombstones_retire_a_key(void **state) {
    (void)state;
    mr_candidates all;
    mr_candidates_init(&all, 1000000);
    add(&all, "wine", 0, 1, 100, "wine/a");
    add(&all, "wine", 0, 2, 101, "wine/b");
    add(&all, "wine", 0, 4, 102, "wine/a");
    add(&all, "wine", 1, 1, 90, "wine/a"); /* another partition: compaction would leave it */
    assert_int_equal(mr_candidates_retire(&all, 0, (mr_bytes){"wine/a", 6}, 3), 1);
    assert_string_equal(order(&all, "wine"), "0:4 0:2 1:1 ");
    assert_int_equal(mr_candidates_retire(&all, 0, (mr_bytes){"wine/a", 6}, 5), 1);
    assert_int_equal(mr_candidates_retire(&all, 0, (mr_bytes){"wine", 4}, 9), 0);
    assert_string_equal(order(&all, "wine"), "0:2 1:1 ");
    mr_candidates_free(&all);
}

static void bytes_are_bounded(void **state) {
    (void)state;
    mr_candidates all;
    mr_candidates_init(&all, 35);
    add(&all, "wine", 0, 1, 100, NULL);
    mr_candidate *middle = add(&all, "wine", 0, 2, 101, NULL), *newest = add(&all, "wine", 0, 3, 102, NULL);
    assert_true(mr_candidates_trim(&all));
    mr_candidate *beer = add(&all, "beer", 0, 4, 1, NULL);
    assert_true(mr_candidates_trim(&all));
    assert_int_equal(all.bytes, 30);
    assert_non_null(middle->message);
    all.bytes_max = 15; /* two newest ones of 10 each, none tried yet */
    assert_false(mr_candidates_trim(&all));
    assert_null(middle->message);
    assert_non_null(newest->message);
    newest->state = MR_CANDIDATE_GOOD;
    assert_true(mr_candidates_trim(&all));
    assert_null(newest->message);
    assert_non_null(beer->message);
    mr_candidates_bad(&all, beer);
    assert_int_equal(all.bytes, 0);
    mr_candidates_free(&all);
}

static void lines_are_thinned_behind_one_that_loads(void **state) {
    (void)state;
    mr_candidates all;
    mr_candidates_init(&all, 1000000);
    for (int i = 0; i < MR_CANDIDATES_KEPT; i++) {
        assert_false(mr_candidates_full(&all, "wine", 0));
        add(&all, "wine", 0, i, i, NULL);
    }
    assert_true(mr_candidates_full(&all, "wine", 0));
    assert_false(mr_candidates_full(&all, "wine", 1));
    mr_candidate *untried;
    int tried = 0;
    while ((untried = mr_candidates_untried(&all, "wine", 0)) != NULL) {
        assert_int_equal(untried->offset, MR_CANDIDATES_KEPT - 1 - tried);
        if (++tried == 50) {
            untried->state = MR_CANDIDATE_GOOD;
        } else {
            mr_candidates_bad(&all, untried);
        }
    }
    assert_int_equal(tried, 50);
    mr_candidates_thin(&all, "wine", 0);
    mr_candidates_begin(&all, "wine");
    assert_int_equal(mr_candidates_next(&all, "wine")->offset, MR_CANDIDATES_KEPT - 50);
    assert_true(all.count <= MR_CANDIDATES_KEPT / 2);
    assert_false(all.items[0]->behind && all.count == 1);
    mr_candidates_free(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offset_counts_within_a_partition),
        cmocka_unit_test(timestamp_counts_across_partitions),
        cmocka_unit_test(choice_does_not_depend_on_history),
        cmocka_unit_test(tombstones_retire_a_key),
        cmocka_unit_test(bytes_are_bounded),
        cmocka_unit_test(lines_are_thinned_behind_one_that_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
