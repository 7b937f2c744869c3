/* A lane over doubles, step by step: order, types, drops, dead letters, swaps, holding, commits. */
#include "lane_fixture.h"

#include "base/log.h"

static void scores_in_order_and_commits(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 2 a b");
    pipeline_open(&p, &s, 0, 2, 16);
    pipeline_feed(&p, 0, "wine", 0, 100);
    pipeline_feed(&p, 1, "wine", 0, 100);
    pipeline_run(&p, 200);
    int next[2] = {0, 0};
    for (size_t i = 0; i < 200; i++) {
        const double_message *message = double_deliveries_get(s.deliveries, i);
        char expected[128];
        int row = next[message->partition]++;
        snprintf(expected, sizeof expected, "wine|forest|1|%d|in|%d|%d", 2 * (row + 1),
                 (int)message->partition, row);
        assert_string_equal(message->value, expected);
        assert_int_equal(message->timestamp, 1000 + row);
    }
    for (int i = 0; i < 5; i++) pipeline_step(&p);
    assert_int_equal(double_source_committed(p.source, 0), 100);
    assert_int_equal(double_source_committed(p.source, 1), 100);
    assert_int_equal(double_source_lent(p.source), 0);
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_SCORED), 200);
    pipeline_stop(&p);
    pipeline_free(&p);
    server_close(&s);
}

static void counts_what_the_source_lost(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    pipeline_open(&p, &s, 0, 1, 64);
    double_source_lose(p.source, 40);
    p.now += 10000; /* the next report is due */
    pipeline_step(&p);
    double_source_lose(p.source, 2);
    for (int i = 0; i < 3; i++) {
        p.now += 10000;
        pipeline_step(&p);
    }
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_LOST), 42);
    pipeline_stop(&p);
    pipeline_free(&p);
    server_close(&s);
}

static void tells_types_apart(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 2 a b");
    server_publish(&s, "beer|line|7|sum 10 b");
    pipeline_open(&p, &s, 0, 1, 64);
    pipeline_feed(&p, 0, "wine", 0, 3);
    pipeline_feed(&p, 0, "beer", 3, 6);
    pipeline_feed(&p, 0, "wine", 6, 7);
    pipeline_feed(&p, 0, "milk", 7, 9); /* nobody serves it */
    pipeline_run(&p, 7);
    assert_string_equal(double_deliveries_get(s.deliveries, 3)->value, "beer|line|7|10|in|0|3");
    assert_string_equal(double_deliveries_get(s.deliveries, 6)->value, "wine|forest|1|14|in|0|6");
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_DROPPED), 2);
    assert_int_equal(atomic_load(&p.counters->types[0].outcomes[MR_OUTCOME_DROPPED]), 2);
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_REDECODED), 3); /* first guess, beer, wine again */
    pipeline_stop(&p);
    assert_int_equal(double_source_committed(p.source, 0), 9); /* drops pass */
    pipeline_free(&p);
    server_close(&s);
}

static void runs_more_types_than_groups(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    for (int i = 0; i < 40; i++) {
        char text[64];
        snprintf(text, sizeof text, "t%02d|m%d|1|sum %d b", i, i, i);
        server_publish(&s, text);
    }
    pipeline_open(&p, &s, 0, 1, 256);
    for (int i = 0; i < 200; i++) {
        char type[16];
        snprintf(type, sizeof type, "t%02d", i * 7 % 40);
        pipeline_feed(&p, 0, type, i, i + 1);
    }
    pipeline_run(&p, 200);
    for (int i = 0; i < 200; i++) {
        char expected[64];
        int type = i * 7 % 40;
        snprintf(expected, sizeof expected, "t%02d|m%d|1|%d|in|0|%d", type, type, type, i);
        assert_string_equal(double_deliveries_get(s.deliveries, (size_t)i)->value, expected);
    }
    pipeline_stop(&p);
    pipeline_free(&p);
    server_close(&s);
}

/* What the wrong type's model asks for is nothing to the record. */
static void a_bad_field_counts_only_for_its_own_type(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 2 a b");
    server_publish(&s, "beer|line|7|sum 10 b");
    pipeline_open(&p, &s, 0, 1, 64);
    double_source_append(p.source, 0, "k", "wine a=1 b=3", 1, NULL);
    double_source_append(p.source, 0, "k", "beer a=~ b=3", 1, NULL);
    double_source_append(p.source, 0, "k", "wine a=1 b=3", 1, NULL);
    double_source_append(p.source, 0, "k", "wine a=~ b=3", 1, NULL);
    double_source_append(p.source, 0, "k", "beer a=1 b=~", 1, NULL);
    double_source_append(p.source, 0, "k", "milk a=~ b=~", 1, NULL);
    pipeline_run(&p, 5);
    assert_string_equal(double_deliveries_get(s.deliveries, 1)->value, "beer|line|7|30|in|0|1");
    assert_string_equal(double_deliveries_get(s.deliveries, 2)->value, "wine|forest|1|8|in|0|2");
    for (size_t i = 3; i < 5; i++) {
        const double_message *letter = double_deliveries_get(s.deliveries, i);
        assert_int_equal(letter->destination, MR_TO_ERRORS);
        assert_non_null(strstr(letter->headers, "exception.class.name=wrong_type"));
    }
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_DROPPED), 1);
    pipeline_stop(&p);
    pipeline_free(&p);
    server_close(&s);
}

static void takes_types_from_headers_and_constants(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 2 a b");
    server_publish(&s, "beer|line|7|sum 10 b");
    pipeline_open(&p, &s, 0, 1, 64);
    p.decode.type_source = MR_TYPE_HEADER;
    p.decode.type = "type";
    mr_header beer = {"type", {"beer", 4}}, other = {"kind", {"beer", 4}};
    double_source_append(p.source, 0, "k", "x a=1 b=3", 1, &beer);
    double_source_append(p.source, 0, "k", "x a=1 b=3", 1, &other); /* no type: dropped */
    pipeline_run(&p, 1);
    assert_string_equal(double_deliveries_get(s.deliveries, 0)->value, "beer|line|7|30|in|0|0");
    assert_string_equal(double_deliveries_get(s.deliveries, 0)->headers, "type=beer\n");
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_DROPPED), 1);
    p.decode.type_source = MR_TYPE_CONSTANT;
    p.decode.type = "wine";
    double_source_append(p.source, 0, NULL, "x a=1 b=3", 1, NULL);
    pipeline_run(&p, 2);
    assert_string_equal(double_deliveries_get(s.deliveries, 1)->value, "wine|forest|1|8|in|0|2");
    assert_null(double_deliveries_get(s.deliveries, 1)->key);
    pipeline_stop(&p);
    pipeline_free(&p);
    server_close(&s);
}

static void dead_letters_say_why(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 2 a b");
    pipeline_open(&p, &s, 0, 1, 64);
    p.decode.no_model = MR_NO_MODEL_DEAD_LETTER;
    mr_header header = {"trace", {"7", 1}};
    double_source_append(p.source, 0, "bad", "!", 5, &header);
    double_source_append(p.source, 0, "invalid", "wine a=? b=1", 6, NULL);
    double_source_append(p.source, 0, "null", NULL, 7, NULL);
    double_source_append(p.source, 0, "milk", "milk a=1 b=1", 8, NULL);
    double_source_append(p.source, 0, "missing", "wine a=1", 9, NULL);
    pipeline_run(&p, 5);
    const double_message *bad = double_deliveries_get(s.deliveries, 0);
    assert_int_equal(bad->destination, MR_TO_ERRORS);
    assert_string_equal(bad->key, "bad");
    assert_string_equal(bad->value, "!");
    assert_int_equal(bad->timestamp, 5);
    assert_string_equal(bad->headers,
                        "trace=7\n__connect.errors.topic=in\n__connect.errors.partition=0\n"
                        "__connect.errors.offset=0\n__connect.errors.stage=decode\n"
                        "__connect.errors.class.name=millrace\n__connect.errors.exception.class.name=syntax\n"
                        "__connect.errors.exception.message=byte 0: cannot be decoded\n");
    const double_message *invalid = double_deliveries_get(s.deliveries, 1);
    assert_non_null(strstr(invalid->headers, "stage=score"));
    assert_non_null(strstr(invalid->headers, "exception.class.name=invalid_value"));
    assert_null(double_deliveries_get(s.deliveries, 2)->value);
    assert_non_null(
        strstr(double_deliveries_get(s.deliveries, 3)->headers, "no model serves data type \"milk\""));
    assert_string_equal(double_deliveries_get(s.deliveries, 4)->value, "wine|forest|1||in|0|4");
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_DEAD_LETTERED), 4);
    pipeline_stop(&p);
    assert_int_equal(double_source_committed(p.source, 0), 5);
    pipeline_free(&p);
    server_close(&s);
}

static void swaps_between_batches(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 1 a b");
    pipeline_open(&p, &s, 0, 1, 10);
    for (int version = 2; version < 50; version++) {
        char text[64];
        pipeline_feed(&p, 0, "wine", (version - 2) * 10, (version - 1) * 10);
        pipeline_step(&p);
        snprintf(text, sizeof text, "wine|forest|%d|sum %d a b", version, version);
        server_publish(&s, text);
    }
    pipeline_run(&p, 480);
    int versions = 0, last = 0;
    for (int i = 0; i < 480; i++) {
        int version = 0, target = 0;
        const char *value = double_deliveries_get(s.deliveries, (size_t)i)->value;
        assert_int_equal(sscanf(value, "wine|forest|%d|%d|", &version, &target), 2);
        assert_int_equal(target, version * (i + 1));
        assert_true(version >= last);
        versions += version > last;
        last = version;
    }
    assert_true(versions > 10);
    pipeline_stop(&p);
    pipeline_free(&p);
    server_close(&s);
}

static void holds_until_a_model_comes(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 2 a b");
    pipeline_open(&p, &s, 0, 2, 4);
    p.decode.no_model = MR_NO_MODEL_HOLD;
    pipeline_feed(&p, 0, "beer", 0, 8);
    pipeline_feed(&p, 1, "wine", 0, 8);
    pipeline_run(&p, 8); /* the other partition goes on */
    for (int i = 0; i < 30; i++) pipeline_step(&p);
    assert_int_equal(double_deliveries_count(s.deliveries), 8);
    assert_int_equal(double_source_committed(p.source, 0), -1);
    server_publish(&s, "beer|line|7|sum 10 b");
    pipeline_run(&p, 16);
    assert_delivered(&s, 0, 0, 8, 1);
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_DROPPED), 0);
    pipeline_stop(&p);
    assert_int_equal(double_source_committed(p.source, 0), 8);
    pipeline_free(&p);
    server_close(&s);
}

static void bounds_timestamps(void **state) {
    (void)state;
    server s;
    pipeline p;
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 2 a b");
    pipeline_open(&p, &s, 0, 1, 4);
    p.encode.bounds[MR_TO_RESULTS] = (mr_timestamp_bounds){1000000, 1000};
    pipeline_feed(&p, 0, "wine", 0, 1); /* of 1970 */
    pipeline_run(&p, 1);
    assert_int_equal(double_deliveries_get(s.deliveries, 0)->timestamp, -1);
    assert_string_equal(double_deliveries_get(s.deliveries, 0)->headers, "millrace.timestamp=1000\n");
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_RETIMED), 1);
    pipeline_stop(&p);
    pipeline_free(&p);
    server_close(&s);
}

static _Bool count_allocation(void *context) {
    ++*(int *)context;
    return 1;
}

static void allocates_nothing_per_record(void **state) {
    (void)state;
    enum { WARM = 2000, RECORDS = 100000 };
    server s;
    pipeline p;
    int allocations = 0;
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 2 a b");
    server_publish(&s, "beer|line|7|sum 10 b");
    pipeline_open(&p, &s, 0, 2, 256);
    for (int32_t partition = 0; partition < 2; partition++) {
        for (int i = 0; i < (WARM + RECORDS) / 2; i += 5) {
            pipeline_feed(&p, partition, i % 7 ? "wine" : "beer", i, i + 5);
        }
    }
    while (double_deliveries_count(s.deliveries) < WARM) assert_int_equal(pipeline_step(&p), MR_OK);
    mr_set_alloc_hook(count_allocation, &allocations);
    while (double_deliveries_count(s.deliveries) < WARM + RECORDS) {
        assert_int_equal(mr_lane_step(p.lane, p.now += 50, &p.error), MR_OK);
    }
    mr_set_alloc_hook(NULL, NULL);
    assert_int_equal(allocations, 0);
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_SCORED), WARM + RECORDS);
    pipeline_stop(&p);
    pipeline_free(&p);
    server_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_in_order_and_commits),
        cmocka_unit_test(counts_what_the_source_lost),
        cmocka_unit_test(tells_types_apart),
        cmocka_unit_test(runs_more_types_than_groups),
        cmocka_unit_test(a_bad_field_counts_only_for_its_own_type),
        cmocka_unit_test(takes_types_from_headers_and_constants),
        cmocka_unit_test(dead_letters_say_why),
        cmocka_unit_test(swaps_between_batches),
        cmocka_unit_test(holds_until_a_model_comes),
        cmocka_unit_test(bounds_timestamps),
        cmocka_unit_test(allocates_nothing_per_record),
    };
    mr_log_configure(MR_LOG_ERROR, MR_LOG_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
