/* What brokers refuse, injected into a mock cluster of this process: which status the lane sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/clock.h"
#include "kafka/kafka.h"

enum { PRODUCE = 0, OFFSET_COMMIT = 8, ROWS = 10, PATIENCE_MS = 30000 };

static rd_kafka_t *host;
static rd_kafka_mock_cluster_t *cluster;
static mr_kafka_config config;
static mr_sink *sink;

static uint32_t by_action[4];
static uint32_t by_status[MR_STATUS_COUNT];
static uint32_t received;
static bool again[ROWS];

static void on_received(void *context, const mr_receipt *receipt) {
    (void)context;
    received++;
    by_status[receipt->status]++;
    by_action[mr_status_action(receipt->status)]++;
    again[receipt->row] = mr_status_action(receipt->status) == MR_ACTION_RETRY;
}

static void forget(void) {
    memset(by_action, 0, sizeof by_action);
    memset(by_status, 0, sizeof by_status);
    memset(again, 0, sizeof again);
    received = 0;
}

static int open_cluster(void **state) {
    static const mr_kafka_setting settings[] = {{"log_level", "2"}, {"session.timeout.ms", "4000"}};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char reason[256];
    mr_error error;
    mr_kafka_sink_options options = {.results = {"results", 1000000}};
    (void)state;
    rd_kafka_conf_set(conf, "log_level", "2", reason, sizeof reason);
    host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    cluster = host ? rd_kafka_mock_cluster_new(host, 1) : NULL;
    if (cluster == NULL) return -1;
    rd_kafka_mock_topic_create(cluster, "results", 1, 1);
    config = (mr_kafka_config){
        .bootstrap = rd_kafka_mock_cluster_bootstraps(cluster), .settings = settings, .setting_count = 2};
    if (mr_kafka_sink_new(&config, &options, &sink, &error) != MR_OK) return -1;
    sink->listener = (mr_sink_listener){NULL, on_received};
    forget();
    return 0;
}

static int close_cluster(void **state) {
    (void)state;
    sink->ops->close(sink);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
    return 0;
}

static void send_rows(uint32_t count) {
    mr_outgoing messages[ROWS];
    uint32_t done = 0;
    int64_t end = mr_monotonic_ns() + PATIENCE_MS * 1000000LL;
    for (uint16_t i = 0; i < count; i++)
        messages[i] = (mr_outgoing){.partition = 0, .timestamp = mr_wall_ms(), .value = {"x", 1}, .row = i};
    while (done < count && mr_monotonic_ns() < end) {
        uint32_t accepted;
        mr_error error;
        mr_status status = sink->ops->send(sink, messages + done, count - done, NULL, &accepted, &error);
        done += accepted;
        if (status == MR_FULL) sink->ops->poll(sink, 10);
        else assert_int_equal(status, MR_OK);
    }
    assert_int_equal(done, count);
    sink->ops->flush(sink, PATIENCE_MS);
    assert_int_equal(received, count);
}

/* All go in one request, which is refused as a whole. */
static void inject(int16_t api, rd_kafka_resp_err_t code) {
    rd_kafka_mock_push_request_errors(cluster, api, 1, code);
}

static void a_batch_too_large_condemns_nobody(void **state) {
    mr_error error;
    (void)state;
    inject(PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    send_rows(ROWS);
    assert_int_equal(by_action[MR_ACTION_RETRY], ROWS);
    /* Now each goes alone, and the next refusal is a verdict on one. */
    forget();
    inject(PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    send_rows(ROWS);
    assert_int_equal(by_status[MR_TOO_LARGE], 1);
    assert_int_equal(by_status[MR_OK], ROWS - 1);
    assert_false(sink->ops->failed(sink, &error));
}

static void a_refused_timestamp_is_sent_again_as_now(void **state) {
    (void)state;
    inject(PRODUCE, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
    send_rows(ROWS);
    assert_int_equal(by_action[MR_ACTION_RETRY], ROWS);
    forget();
    send_rows(ROWS);
    assert_int_equal(by_status[MR_OK], ROWS);
}

static void what_passes_by_itself_is_delivered(void **state) {
    (void)state;
    inject(PRODUCE, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    inject(PRODUCE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    send_rows(ROWS);
    assert_int_equal(by_status[MR_OK], ROWS);
}

static void what_all_would_meet_stops(void **state) {
    (void)state;
    inject(PRODUCE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    send_rows(1);
    assert_int_equal(by_action[MR_ACTION_STOP], 1);
}

static void what_one_message_causes_is_dead_lettered(void **state) {
    (void)state;
    inject(PRODUCE, RD_KAFKA_RESP_ERR_INVALID_RECORD);
    send_rows(1);
    assert_int_equal(by_action[MR_ACTION_DEAD_LETTER], 1);
}

static void a_fatal_error_ends_the_sink(void **state) {
    mr_outgoing message = {.partition = 0, .timestamp = -1, .value = {"x", 1}};
    uint32_t accepted;
    mr_error error;
    (void)state;
    assert_false(sink->ops->failed(sink, &error));
    inject(PRODUCE, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    send_rows(1);
    assert_int_equal(by_action[MR_ACTION_STOP], 1);
    assert_true(sink->ops->failed(sink, &error));
    assert_int_equal(error.status, MR_LOST);
    assert_int_equal(sink->ops->send(sink, &message, 1, NULL, &accepted, &error), MR_LOST);
    assert_int_equal(accepted, 0);
}

static void a_commit_says_why_it_failed(void **state) {
    mr_kafka_source_options options = {.group = "g", .topic = "results"};
    mr_source *source;
    mr_batch *batch = NULL;
    mr_error error;
    int64_t end = mr_monotonic_ns() + PATIENCE_MS * 1000000LL;
    (void)state;
    send_rows(ROWS);
    assert_int_equal(mr_kafka_source_new(&config, &options, &source, &error), MR_OK);
    while (batch == NULL && mr_monotonic_ns() < end) source->ops->poll(source, 100, &batch, &error);
    assert_non_null(batch);
    source->ops->release(source, batch);
    inject(OFFSET_COMMIT, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
    assert_int_equal(source->ops->commit(source, &(mr_position){0, 5}, 1, true, &error), MR_LOST);
    source->ops->close(source);
}

/* Offset that the group has committed for partition 0 of "results". */
static int64_t committed_offset(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char reason[256];
    rd_kafka_conf_set(conf, "bootstrap.servers", config.bootstrap, reason, sizeof reason);
    rd_kafka_conf_set(conf, "group.id", "group", reason, sizeof reason);
    rd_kafka_t *reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "results", 0);
    rd_kafka_committed(reader, list, PATIENCE_MS);
    int64_t offset = list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(reader);
    return offset;
}

static void a_commit_that_failed_is_repeated(void **state) {
    mr_kafka_source_options options = {.topic = "results", .group = "group"};
    mr_source *source;
    mr_batch *batch = NULL;
    mr_error error;
    int64_t end = mr_monotonic_ns() + PATIENCE_MS * 1000000LL;
    (void)state;
    send_rows(ROWS);
    assert_int_equal(mr_kafka_source_new(&config, &options, &source, &error), MR_OK);
    while (batch == NULL && mr_monotonic_ns() < end) source->ops->poll(source, 100, &batch, &error);
    assert_non_null(batch);
    source->ops->release(source, batch);
    inject(OFFSET_COMMIT, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
    assert_int_equal(source->ops->commit(source, &(mr_position){0, 5}, 1, false, &error), MR_OK);
    while (committed_offset() != 5 && mr_monotonic_ns() < end) { /* no record comes, and no other commit */
        for (int i = 0; i < 10; i++) source->ops->poll(source, 50, &batch, &error);
    }
    assert_int_equal(committed_offset(), 5);
    source->ops->close(source);
}

#define ON_A_CLUSTER(test) cmocka_unit_test_setup_teardown(test, open_cluster, close_cluster)

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        ON_A_CLUSTER(a_batch_too_large_condemns_nobody),
        ON_A_CLUSTER(a_refused_timestamp_is_sent_again_as_now),
        ON_A_CLUSTER(what_passes_by_itself_is_delivered),
        ON_A_CLUSTER(what_all_would_meet_stops),
        ON_A_CLUSTER(what_one_message_causes_is_dead_lettered),
        ON_A_CLUSTER(a_fatal_error_ends_the_sink),
        ON_A_CLUSTER(a_commit_says_why_it_failed),
        ON_A_CLUSTER(a_commit_that_failed_is_repeated),
    };
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
