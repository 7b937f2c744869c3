/* What goes wrong around a lane, each by a hook of the doubles: nothing is lost, nothing is doubled but after
 * a failed sink or a lost partition, and an offset never passes what is not delivered. */
#include "lane_fixture.h"

#include "base/log.h"

/* Decides deliveries: fails those that match, `times` times. */
typedef struct refusal {
    const char *key; /* NULL: any */
    int destination; /* -1: any */
    mr_status status;
    int times;
    bool only_with_value;
    int every; /* 0 or 1: each that matches */
    int seen;
} refusal;

static mr_status refuse(void *context, const double_message *message) {
    refusal *rule = context;
    if (rule->times == 0 || (rule->destination >= 0 && (int)message->destination != rule->destination))
        return MR_OK;
    if (rule->key != NULL && (message->key == NULL || strcmp(message->key, rule->key) != 0)) return MR_OK;
    if (rule->only_with_value && message->value == NULL) return MR_OK;
    if (rule->every > 1 && rule->seen++ % rule->every != 0) return MR_OK;
    rule->times--;
    return rule->status;
}

static const double_message *find(server *s, mr_destination destination, const char *key) {
    for (size_t i = 0; i < double_deliveries_count(s->deliveries); i++) {
        const double_message *message = double_deliveries_get(s->deliveries, i);
        if (message->destination == destination && message->key && strcmp(message->key, key) == 0)
            return message;
    }
    return NULL;
}

static void begin(server *s, refusal *rule) {
    server_open(s);
    s->sink.hook = rule ? refuse : NULL;
    s->sink.hook_context = rule;
    server_publish(s, "wine|forest|1|sum 1 a b");
}

static void end(server *s, pipeline *p) {
    pipeline_stop(p);
    pipeline_free(p);
    server_close(s);
}

static void sends_again_what_failed_in_passing(void **state) {
    (void)state;
    server s;
    pipeline p;
    refusal rule = {.destination = -1, .status = MR_TIMEOUT, .times = 60, .every = 3};
    begin(&s, &rule);
    pipeline_open(&p, &s, 0, 2, 32);
    pipeline_feed(&p, 0, "wine", 0, 100);
    pipeline_feed(&p, 1, "wine", 0, 100);
    pipeline_run(&p, 200);
    assert_delivered(&s, 0, 0, 100, 1);
    assert_delivered(&s, 1, 0, 100, 1);
    assert_int_equal(rule.times, 0);
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_RESENT), 60);
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_SCORED), 200);
    assert_int_equal(atomic_load(&s.current->served[0]->shards[0].rows), 200);
    pipeline_step(&p);
    end(&s, &p);
}

static void offsets_wait_for_receipts(void **state) {
    (void)state;
    server s;
    pipeline p;
    refusal rule = {.key = "0-5", .destination = -1, .status = MR_UNAVAILABLE, .times = 1000000};
    begin(&s, &rule);
    pipeline_open(&p, &s, 0, 1, 4);
    pipeline_feed(&p, 0, "wine", 0, 20);
    pipeline_run(&p, 19);
    for (int i = 0; i < 20; i++) pipeline_step(&p);
    assert_int_equal(double_source_committed(p.source, 0), 4); /* the batch 4..7 does not pass */
    server_publish(&s, "wine|forest|2|sum 100 a b");
    rule.times = 0;
    pipeline_run(&p, 20);
    /* Sent again, it is scored by the model in service then, and says so. */
    assert_string_equal(find(&s, MR_TO_RESULTS, "0-5")->value, "wine|forest|2|600|in|0|5");
    end(&s, &p);
}

static void result_too_large_becomes_a_dead_letter(void **state) {
    (void)state;
    server s;
    pipeline p;
    refusal rule = {.key = "0-1", .destination = MR_TO_RESULTS, .status = MR_TOO_LARGE, .times = 1};
    begin(&s, &rule);
    pipeline_open(&p, &s, 0, 1, 8);
    pipeline_feed(&p, 0, "wine", 0, 3);
    pipeline_run(&p, 3);
    const double_message *letter = find(&s, MR_TO_ERRORS, "0-1");
    assert_non_null(letter);
    assert_string_equal(letter->value, "wine a=1 b=1");
    assert_non_null(strstr(letter->headers, "stage=send"));
    assert_non_null(strstr(letter->headers, "exception.class.name=too_large"));
    assert_non_null(strstr(letter->headers, "exception.message=refused on purpose"));
    assert_delivered(&s, 0, 0, 3, 1);
    end(&s, &p);
}

static void what_the_client_refuses_is_a_dead_letter_without_value(void **state) {
    (void)state;
    server s;
    pipeline p;
    begin(&s, NULL);
    s.sink.largest = 30;
    pipeline_open(&p, &s, 0, 1, 8);
    double_source_append(p.source, 0, "small", "wine a=1 b=1", 1, NULL);
    double_source_append(p.source, 0, "big", "!..................................................", 1, NULL);
    double_source_append(p.source, 0, "long", "wine a=0.12345678901 b=1", 1,
                         NULL); /* its result is over 30 bytes */
    pipeline_run(&p, 3);
    assert_string_equal(find(&s, MR_TO_RESULTS, "small")->value, "wine|forest|1|2|in|0|0");
    assert_null(find(&s, MR_TO_ERRORS, "big")->value);
    assert_non_null(strstr(find(&s, MR_TO_ERRORS, "big")->headers, "millrace.value.size=51\n"));
    assert_string_equal(find(&s, MR_TO_ERRORS, "long")->value, "wine a=0.12345678901 b=1");
    end(&s, &p);
}

static void what_the_broker_refuses_is_sent_without_value(void **state) {
    (void)state;
    server s;
    pipeline p;
    refusal rule = {.key = "bad",
                    .destination = MR_TO_ERRORS,
                    .status = MR_TOO_LARGE,
                    .times = 9,
                    .only_with_value = true};
    begin(&s, &rule);
    pipeline_open(&p, &s, 0, 1, 8);
    double_source_append(p.source, 0, "bad", "!12", 1, NULL);
    pipeline_run(&p, 1);
    assert_null(find(&s, MR_TO_ERRORS, "bad")->value);
    assert_non_null(strstr(find(&s, MR_TO_ERRORS, "bad")->headers, "millrace.value.size=3\n"));
    assert_int_equal(rule.times, 8);
    end(&s, &p);
}

static void partition_stops_and_says_so(void **state) {
    (void)state;
    static const struct {
        refusal rule;
        const char *says;
    } cases[] = {
        {{.key = "0-1", .destination = MR_TO_RESULTS, .status = MR_IO, .times = 1}, "the result of offset 1"},
        {{.key = "0-1", .destination = -1, .status = MR_TOO_LARGE, .times = 9},
         "the dead letter of offset 1"},
    };
    for (size_t i = 0; i < 2; i++) {
        server s;
        pipeline p;
        refusal rule = cases[i].rule;
        begin(&s, &rule);
        pipeline_open(&p, &s, 0, 2, 1);
        pipeline_feed(&p, 0, "wine", 0, 4);
        pipeline_feed(&p, 1, "wine", 0, 4);
        for (int step = 0; step < 100; step++) assert_int_equal(pipeline_step(&p), MR_OK);
        assert_int_equal(double_source_committed(p.source, 0), 1);
        assert_int_equal(double_source_committed(p.source, 1), 4);
        assert_int_equal(double_source_lent(p.source), 0);
        assert_int_equal(p.status.count, 2);
        for (size_t k = 0; k < 2; k++) {
            const char *stopped = p.status.partitions[k].stopped;
            assert_true((stopped[0] != '\0') == (p.status.partitions[k].partition == 0));
            if (stopped[0] != '\0') assert_non_null(strstr(stopped, cases[i].says));
        }
        end(&s, &p);
    }
}

static void full_queue_keeps_order(void **state) {
    (void)state;
    server s;
    pipeline p;
    begin(&s, NULL);
    s.sink.capacity = 7;
    pipeline_open(&p, &s, 0, 2, 64);
    pipeline_feed(&p, 0, "wine", 0, 200);
    pipeline_feed(&p, 1, "wine", 0, 200);
    pipeline_run(&p, 400);
    int next[2] = {0, 0};
    for (size_t i = 0; i < 400; i++) {
        const double_message *message = double_deliveries_get(s.deliveries, i);
        assert_int_equal(message->timestamp, 1000 + next[message->partition]++);
    }
    end(&s, &p);
}

static void failed_sink_is_replaced(void **state) {
    (void)state;
    server s;
    pipeline p;
    _Atomic bool fail = false;
    begin(&s, NULL);
    s.sink.fail = &fail;
    s.sink.capacity = 10;
    pipeline_open(&p, &s, 0, 2, 16);
    pipeline_feed(&p, 0, "wine", 0, 300);
    pipeline_feed(&p, 1, "wine", 0, 300);
    for (int i = 0; i < 2000 && double_deliveries_count(s.deliveries) < 600; i++) {
        atomic_store(&fail, i % 11 == 10);
        pipeline_step(&p);
    }
    atomic_store(&fail, false);
    for (int i = 0; i < 200; i++) pipeline_step(&p);
    assert_true(s.sinks_opened > 3);
    for (int32_t partition = 0; partition < 2; partition++) {
        for (int i = 0; i < 300; i++) {
            char key[32];
            snprintf(key, sizeof key, "%d-%d", (int)partition, i);
            assert_true(delivered(&s, MR_TO_RESULTS, key) >= 1);
        }
        assert_int_equal(double_source_committed(p.source, partition), 300);
    }
    end(&s, &p);
}

typedef struct fatal {
    _Atomic bool fail;
    int after; /* messages */
} fatal;

static mr_status fail_for_good(void *context, const double_message *message) {
    fatal *rule = context;
    (void)message;
    if (rule->after-- > 0) return MR_OK;
    atomic_store(&rule->fail, true);
    return MR_LOST;
}

/* Its receipts say so before it does: no reason to stop a partition. */
static void receipts_of_a_failed_sink_stop_nothing(void **state) {
    (void)state;
    server s;
    pipeline p;
    fatal rule = {.after = 5};
    server_open(&s);
    s.sink.hook = fail_for_good;
    s.sink.hook_context = &rule;
    s.sink.fail = &rule.fail;
    server_publish(&s, "wine|forest|1|sum 1 a b");
    pipeline_open(&p, &s, 0, 1, 8);
    pipeline_feed(&p, 0, "wine", 0, 20);
    for (int i = 0; i < 10; i++) pipeline_step(&p);
    rule.after = 1000;
    atomic_store(&rule.fail, false);
    for (int i = 0; i < 100; i++) pipeline_step(&p);
    assert_int_equal(p.status.partitions[0].stopped[0], '\0');
    assert_int_equal(double_source_committed(p.source, 0), 20);
    assert_int_equal(s.sinks_opened > 1, true);
    end(&s, &p);
}

static void waits_for_a_new_sink(void **state) {
    (void)state;
    server s;
    pipeline p;
    _Atomic bool fail = false;
    begin(&s, NULL);
    s.sink.fail = &fail;
    pipeline_open(&p, &s, 0, 1, 16);
    pipeline_feed(&p, 0, "wine", 0, 100);
    pipeline_step(&p);
    pipeline_step(&p);
    atomic_store(&fail, true);
    s.sink_failures = 3;
    for (int i = 0; i < 10; i++) pipeline_step(&p);
    assert_int_equal(double_source_lent(p.source), 0);
    assert_int_equal(s.sinks_opened, 1);
    atomic_store(&fail, false);
    for (int i = 0; i < 300; i++) pipeline_step(&p);
    assert_int_equal(s.sinks_opened, 2);
    assert_int_equal(s.sink_failures, 0);
    assert_int_equal(double_source_committed(p.source, 0), 100);
    for (int i = 0; i < 100; i++) {
        char key[32];
        snprintf(key, sizeof key, "0-%d", i);
        assert_true(delivered(&s, MR_TO_RESULTS, key) >= 1);
    }
    end(&s, &p);
}

static void revoked_partition_is_settled(void **state) {
    (void)state;
    server s;
    pipeline p;
    begin(&s, NULL);
    s.sink.capacity = 8;
    pipeline_open(&p, &s, 0, 2, 32);
    pipeline_feed(&p, 0, "wine", 0, 400);
    pipeline_feed(&p, 1, "wine", 0, 400);
    for (int i = 0; i < 300; i++) {
        pipeline_step(&p);
        if (i % 17 == 5) double_source_revoke(p.source, 0, false);
        if (i % 17 == 7) double_source_assign(p.source, 0);
    }
    double_source_assign(p.source, 0);
    pipeline_run(&p, 800);
    assert_delivered(&s, 0, 0, 400, 1);
    assert_delivered(&s, 1, 0, 400, 1);
    end(&s, &p);
}

static void lost_partition_is_not_committed(void **state) {
    (void)state;
    server s;
    pipeline p;
    begin(&s, NULL);
    pipeline_open(&p, &s, 0, 1, 32);
    pipeline_feed(&p, 0, "wine", 0, 64);
    while (double_deliveries_count(s.deliveries) < 32) pipeline_step(&p);
    int64_t committed = double_source_committed(p.source, 0);
    double_source_revoke(p.source, 0, true);
    p.now -= 50; /* no interval passes */
    pipeline_step(&p);
    assert_int_equal(double_source_committed(p.source, 0), committed);
    assert_int_equal(double_source_lent(p.source), 0);
    assert_int_equal(p.status.count, 0);
    double_source_assign(p.source, 0);
    for (int i = 0; i < 20; i++) pipeline_step(&p);
    for (int i = 0; i < 64; i++) {
        char key[32];
        snprintf(key, sizeof key, "0-%d", i);
        assert_true(delivered(&s, MR_TO_RESULTS, key) >= 1);
    }
    end(&s, &p);
}

static void failing_commits_are_repeated(void **state) {
    (void)state;
    server s;
    pipeline p;
    begin(&s, NULL);
    pipeline_open(&p, &s, 0, 1, 32);
    double_source_fail_commits(p.source, MR_TIMEOUT, 5);
    pipeline_feed(&p, 0, "wine", 0, 64);
    pipeline_run(&p, 64);
    pipeline_step(&p);
    assert_int_equal(double_source_committed(p.source, 0), -1);
    for (int i = 0; i < 20; i++) pipeline_step(&p);
    assert_int_equal(double_source_committed(p.source, 0), 64);
    end(&s, &p);
}

typedef struct scarcity {
    unsigned calls, seed;
} scarcity;

static _Bool scarce(void *context) {
    scarcity *self = context;
    self->calls++;
    self->seed = self->seed * 1103515245u + 12345u;
    return self->seed >> 16 & 1;
}

static void loses_nothing_without_memory(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 30; seed++) {
        server s;
        pipeline p;
        scarcity context = {0, seed};
        refusal rule = {.destination = -1, .status = MR_TIMEOUT, .times = 10, .every = 5};
        begin(&s, &rule);
        server_publish(&s, "beer|line|7|sum 10 b");
        pipeline_open(&p, &s, 0, 3, 16);
        for (int32_t partition = 0; partition < 3; partition++) {
            pipeline_feed(&p, partition, "wine", 0, 30);
            pipeline_feed(&p, partition, "beer", 30, 60);
        }
        mr_set_alloc_hook(scarce, &context);
        for (int i = 0; i < 200; i++) assert_int_equal(mr_lane_step(p.lane, p.now += 500, &p.error), MR_OK);
        mr_set_alloc_hook(NULL, NULL);
        assert_true(context.calls > 10);
        pipeline_run(&p, 180);
        for (int32_t partition = 0; partition < 3; partition++) assert_delivered(&s, partition, 0, 60, 1);
        end(&s, &p);
    }
}

static void polls_that_fail(void **state) {
    (void)state;
    server s;
    pipeline p;
    begin(&s, NULL);
    pipeline_open(&p, &s, 0, 1, 32);
    double_source_fail_polls(p.source, MR_UNAVAILABLE, 5);
    pipeline_feed(&p, 0, "wine", 0, 10);
    pipeline_run(&p, 10);
    double_source_fail_polls(p.source, MR_IO, 1);
    mr_status status = MR_OK;
    for (int i = 0; i < 3 && status == MR_OK; i++) status = pipeline_step(&p);
    assert_int_equal(status, MR_IO);
    mr_lane_close(p.lane, status, &p.error);
    assert_int_equal(p.status.phase, MR_LANE_FAILED);
    assert_string_equal(p.status.failure, "poll fails on purpose");
    assert_int_equal(double_source_committed(p.source, 0), 10);
    pipeline_free(&p);
    server_close(&s);
}

static void in_flight_is_bounded_and_the_group_kept(void **state) {
    (void)state;
    server s;
    pipeline p;
    refusal rule = {.destination = -1, .status = MR_TIMEOUT, .times = 1000000};
    begin(&s, &rule);
    pipeline_make(&p, &s, 0, 2, 4, 3);
    pipeline_start(&p, 1);
    pipeline_feed(&p, 0, "wine", 0, 400);
    pipeline_feed(&p, 1, "wine", 0, 4);
    for (int i = 0; i < 100; i++) {
        pipeline_step(&p);
        assert_true(double_source_lent(p.source) <= 3);
        if (i == 50) double_source_assign(p.source, 1);
    }
    assert_int_equal(double_source_lent(p.source), 3);
    assert_int_equal(p.status.count, 2); /* the new partition was noticed while nothing could be taken */
    assert_int_equal(double_deliveries_count(s.deliveries), 0);
    rule.times = 0;
    pipeline_run(&p, 404);
    assert_delivered(&s, 0, 0, 400, 1);
    end(&s, &p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_again_what_failed_in_passing),
        cmocka_unit_test(offsets_wait_for_receipts),
        cmocka_unit_test(result_too_large_becomes_a_dead_letter),
        cmocka_unit_test(what_the_client_refuses_is_a_dead_letter_without_value),
        cmocka_unit_test(what_the_broker_refuses_is_sent_without_value),
        cmocka_unit_test(partition_stops_and_says_so),
        cmocka_unit_test(full_queue_keeps_order),
        cmocka_unit_test(failed_sink_is_replaced),
        cmocka_unit_test(receipts_of_a_failed_sink_stop_nothing),
        cmocka_unit_test(waits_for_a_new_sink),
        cmocka_unit_test(revoked_partition_is_settled),
        cmocka_unit_test(lost_partition_is_not_committed),
        cmocka_unit_test(failing_commits_are_repeated),
        cmocka_unit_test(loses_nothing_without_memory),
        cmocka_unit_test(polls_that_fail),
        cmocka_unit_test(in_flight_is_bounded_and_the_group_kept),
    };
    mr_log_configure(MR_LOG_ERROR, MR_LOG_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
