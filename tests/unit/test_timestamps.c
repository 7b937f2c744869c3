/* Which timestamps of records pass through: the topic's settings decide, once, in the last processor. */
#include "lane_fixture.h"

#include "app/components.h"
#include "base/clock.h"

static const int64_t day = 86400000;

static void settings_become_bounds(void **state) {
    (void)state;
    mr_kafka_topic_limits limits = mr_kafka_default_limits;
    mr_timestamp_bounds bounds = mr_make_timestamp_bounds(&limits);
    assert_int_equal(bounds.before, 7 * day);        /* retention */
    assert_int_equal(bounds.after, 3600000 - 10000); /* the broker's clock may be behind */
    limits.before_max_ms = day;
    assert_int_equal(mr_make_timestamp_bounds(&limits).before, day - 10000);
    limits.before_max_ms = 5000;
    assert_int_equal(mr_make_timestamp_bounds(&limits).before, 0);
    limits.before_max_ms = INT64_MAX;
    limits.retention_ms = -1;
    assert_int_equal(mr_make_timestamp_bounds(&limits).before, -1);
    limits.append_time = true;
    assert_int_equal(mr_make_timestamp_bounds(&limits).after, -1);
}

static const double_message *only_result(server *s, int64_t timestamp, bool now) {
    static const mr_header header = {"h", {"x", 1}};
    pipeline p;
    size_t before = double_deliveries_count(s->deliveries);
    pipeline_open(&p, s, 0, 1, 8);
    p.encode.bounds[MR_TO_RESULTS] = mr_make_timestamp_bounds(&mr_kafka_default_limits);
    p.encode.now = now;
    double_source_append(p.source, 0, "k", "wine a=1 b=1", timestamp, &header);
    pipeline_run(&p, before + 1);
    const double_message *message = double_deliveries_get(s->deliveries, before);
    bool replaced = strstr(message->headers, "millrace.timestamp") != NULL;
    assert_int_equal(pipeline_outcome(&p, MR_OUTCOME_RETIMED), replaced);
    assert_non_null(strstr(message->headers, "h=x\n")); /* headers pass in any case */
    pipeline_stop(&p);
    pipeline_free(&p);
    return message;
}

static void assert_passes(server *s, int64_t timestamp) {
    const double_message *message = only_result(s, timestamp, false);
    assert_int_equal(message->timestamp, timestamp);
    assert_int_equal(message->header_count, 1);
}

static void assert_replaced(server *s, int64_t timestamp) {
    char header[64];
    const double_message *message = only_result(s, timestamp, false);
    assert_int_equal(message->timestamp, -1);
    snprintf(header, sizeof header, "millrace.timestamp=%lld\n", (long long)timestamp);
    assert_non_null(strstr(message->headers, header));
}

static void what_a_topic_would_not_keep_is_now(void **state) {
    (void)state;
    server s;
    int64_t now = mr_wall_ms();
    server_open(&s);
    server_publish(&s, "wine|forest|1|sum 1 a b");
    assert_passes(&s, now);
    assert_passes(&s, now - 6 * day);
    assert_replaced(&s, now - 7 * day - 1);
    assert_replaced(&s, 0);
    assert_passes(&s, now + 1800000);
    assert_replaced(&s, now + 3600000);
    assert_replaced(&s, INT64_MAX);
    const double_message *message = only_result(&s, 0, true);
    assert_int_equal(message->timestamp, -1);
    assert_int_equal(message->header_count, 1); /* the record's own: nothing was replaced */
    server_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_become_bounds),
        cmocka_unit_test(what_a_topic_would_not_keep_is_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
