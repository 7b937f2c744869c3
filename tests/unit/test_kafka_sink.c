/* The Kafka sink on an embedded broker: a receipt for each accepted message, what arrives, what is too
 * large, replaced timestamps, and a broker that goes away. */
#include "unit/kafka_broker.h"

enum { ROWS = 200 };

static uint32_t receipts[2][ROWS];
static uint32_t received;
static mr_status last_status;

static void on_received(void *context, const mr_receipt *receipt) {
    assert_ptr_equal(context, &received);
    assert_ptr_equal(receipt->ticket, receipts);
    assert_in_range(receipt->row, 0, ROWS - 1);
    receipts[receipt->destination][receipt->row]++;
    last_status = receipt->status;
    received++;
}

static mr_sink *open_sink(int64_t max_message_bytes) {
    mr_kafka_sink_options options = {.results = {"results", max_message_bytes},
                                     .errors = {"errors", max_message_bytes}};
    mr_sink *sink;
    mr_error error;
    require_ok(mr_kafka_sink_new(&config, &options, &sink, &error), &error);
    sink->listener = (mr_sink_listener){&received, on_received};
    memset(receipts, 0, sizeof receipts);
    received = 0;
    return sink;
}

static mr_outgoing messages[ROWS];
static char values[ROWS][16];

static void make_messages(uint32_t header_count, int64_t timestamp) {
    static const mr_header header = {"h", {"x", 1}};
    for (uint16_t i = 0; i < ROWS; i++) {
        snprintf(values[i], sizeof values[i], "%d", i);
        messages[i] = (mr_outgoing){.destination = i % 10 == 9 ? MR_TO_ERRORS : MR_TO_RESULTS,
                                    .partition = i % 10 == 9 ? -1 : i / 100,
                                    .timestamp = timestamp,
                                    .key = i % 2 ? text(values[i]) : (mr_bytes){NULL, 0},
                                    .value = text(values[i]),
                                    .headers = &header,
                                    .header_count = header_count,
                                    .row = i};
    }
}

static void send_all(mr_sink *sink) {
    uint32_t done = 0;
    while (done < ROWS) {
        uint32_t accepted;
        mr_error error;
        mr_status status = sink->ops->send(sink, messages + done, ROWS - done, receipts, &accepted, &error);
        if (status != MR_FULL) require_ok(status, &error);
        done += accepted;
        if (status == MR_FULL) sink->ops->poll(sink, 10);
    }
    memset(values, 'z', sizeof values); /* the sink has its own copy */
    assert_int_equal(sink->ops->flush(sink, PATIENCE_MS), MR_OK);
    assert_int_equal(received, ROWS);
    for (uint32_t i = 0; i < ROWS; i++) {
        assert_int_equal(receipts[MR_TO_RESULTS][i], i % 10 != 9);
        assert_int_equal(receipts[MR_TO_ERRORS][i], i % 10 == 9);
    }
}

/* Reads `count` messages of a topic and checks each. */
static void read_back(const char *topic, uint32_t count,
                      void (*check)(const mr_model_message *message, int number)) {
    mr_kafka_reader *reader;
    mr_model_message message;
    mr_error error;
    int64_t end = mr_monotonic_ns() + PATIENCE_MS * 1000000LL;
    int last[2] = {-1, -1};
    require_ok(mr_kafka_reader_new(&config, "test", topic, true, &reader, &error), &error);
    while (count > 0) {
        assert_true(mr_monotonic_ns() < end);
        require_ok(mr_kafka_reader_poll(reader, 100, &message, &error), &error);
        if (message.topic == NULL) continue;
        int number = atoi(message.record.value.data);
        assert_true(number > last[message.partition]); /* in order */
        last[message.partition] = number;
        check(&message, number);
        count--;
    }
    mr_kafka_reader_free(reader);
}

static void check_result(const mr_model_message *message, int number) {
    assert_int_equal(message->partition, number / 100);
    assert_int_equal(message->record.key.data != NULL, number % 2);
    assert_int_equal(message->record.timestamp_type, MR_TIMESTAMP_CREATE);
}

static void check_passed_on(const mr_model_message *message, int number) {
    check_result(message, number);
    assert_int_equal(message->record.timestamp, 86400000);
    assert_int_equal(message->record.header_count, 1);
    assert_string_equal(message->record.headers[0].name, "h");
}

static void check_now(const mr_model_message *message, int number) {
    check_result(message, number);
    assert_true(message->record.timestamp > mr_wall_ms() - PATIENCE_MS);
    assert_int_equal(message->record.header_count, 0);
}

enum { UNLIMITED = 1000000 };

static void headers_and_timestamps_pass_through(void **state) {
    mr_sink *sink = open_sink(UNLIMITED);
    (void)state;
    make_messages(1, 86400000);
    send_all(sink);
    sink->ops->close(sink);
    read_back("results", ROWS * 9 / 10, check_passed_on);
}

static void plain_messages_go_in_runs(void **state) {
    mr_sink *sink = open_sink(UNLIMITED);
    (void)state;
    make_messages(0, -1);
    send_all(sink);
    sink->ops->close(sink);
    read_back("results", ROWS * 9 / 10, check_now);
}

static void a_message_too_large_is_refused_where_it_stands(void **state) {
    uint32_t accepted;
    mr_error error;
    char *large = mr_alloc_zero(1, 20001);
    mr_sink *sink;
    (void)state;
    for (uint32_t headers = 0; headers < 2; headers++) { /* both roads */
        sink = open_sink(20000);
        make_messages(headers, -1);
        for (int i = 0; i < 10; i++) messages[i].destination = MR_TO_RESULTS;
        messages[3].value = (mr_bytes){large, 20001};
        assert_int_equal(sink->ops->send(sink, messages, 10, receipts, &accepted, &error), MR_TOO_LARGE);
        assert_int_equal(accepted, 3);
        assert_int_equal(mr_status_action(MR_TOO_LARGE), MR_ACTION_DEAD_LETTER);
        assert_non_null(strstr(error.message, "max.message.bytes"));
        require_ok(sink->ops->send(sink, messages + 4, 6, receipts, &accepted, &error), &error);
        assert_int_equal(sink->ops->flush(sink, PATIENCE_MS), MR_OK);
        assert_int_equal(received, 9);
        assert_int_equal(receipts[MR_TO_RESULTS][3], 0);
        sink->ops->close(sink);
    }
    mr_free(large);
}

static void a_missing_partition_may_come_later(void **state) {
    mr_sink *sink = open_sink(UNLIMITED);
    uint32_t accepted;
    mr_error error;
    (void)state;
    make_messages(0, -1);
    send_all(sink); /* the topic is known now */
    messages[0].partition = 5;
    assert_int_equal(sink->ops->send(sink, messages, 1, receipts, &accepted, &error), MR_UNAVAILABLE);
    assert_int_equal(accepted, 0);
    assert_non_null(strstr(error.message, "--partitions 6"));
    sink->ops->close(sink);
}

static void what_the_broker_does_not_take_is_tried_again(void **state) {
    static const mr_kafka_setting settings[] = {{"message.timeout.ms", "2000"}, {"log_level", "2"}};
    uint32_t accepted;
    mr_error error;
    mr_sink *sink;
    (void)state;
    config.settings = settings;
    sink = open_sink(UNLIMITED);
    make_messages(1, -1);
    stop_broker(NULL);
    require_ok(sink->ops->send(sink, messages, 1, receipts, &accepted, &error), &error);
    assert_int_equal(sink->ops->flush(sink, 100), MR_TIMEOUT);
    assert_int_equal(received, 0);
    for (int i = 0; i < 300 && received == 0; i++) sink->ops->poll(sink, 100);
    assert_int_equal(received, 1);
    assert_int_equal(mr_status_action(last_status), MR_ACTION_RETRY);
    assert_false(sink->ops->failed(sink, &error));
    sink->ops->close(sink);
}

/* Closing with messages under way calls nobody. */
static void close_does_not_wait(void **state) {
    mr_sink *sink = open_sink(UNLIMITED);
    uint32_t accepted;
    mr_error error;
    (void)state;
    make_messages(1, -1);
    stop_broker(NULL);
    require_ok(sink->ops->send(sink, messages, ROWS, receipts, &accepted, &error), &error);
    sink->ops->close(sink);
    assert_int_equal(received, 0);
}

#define ON_A_BROKER(test) cmocka_unit_test_setup_teardown(test, start_broker, stop_broker)

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        ON_A_BROKER(headers_and_timestamps_pass_through),
        ON_A_BROKER(plain_messages_go_in_runs),
        ON_A_BROKER(a_message_too_large_is_refused_where_it_stands),
        ON_A_BROKER(a_missing_partition_may_come_later),
        ON_A_BROKER(what_the_broker_does_not_take_is_tried_again),
        ON_A_BROKER(close_does_not_wait),
    };
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
