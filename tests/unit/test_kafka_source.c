/* The Kafka source on an embedded broker: batches of one partition in offset order, several lent at a
 * time, rewind, pause, commit, and what happens when messages are gone or the broker is. */
#include "unit/kafka_broker.h"

static int32_t owned[8];
static uint32_t owned_count;
static uint32_t revoked_count;
static bool last_lost;

static void on_assigned(void *context, const char *topic, int32_t partition) {
    (void)context;
    assert_string_equal(topic, "data");
    owned[owned_count++ % 8] = partition;
}

static void on_revoked(void *context, int32_t partition, bool lost) {
    (void)context;
    (void)partition;
    revoked_count++;
    last_lost = lost;
}

static mr_source *open_source(mr_kafka_start start) {
    mr_kafka_source_options options = {.group = "test", .topic = "data", .start = start};
    mr_source *source;
    mr_error error;
    require_ok(mr_kafka_source_new(&config, &options, &source, &error), &error);
    source->listener = (mr_source_listener){.assigned = on_assigned, .revoked = on_revoked};
    owned_count = revoked_count = 0;
    return source;
}

/* The next batch; NULL when none comes within the time. */
static mr_batch *next(mr_source *source, int timeout_ms) {
    int64_t end = mr_monotonic_ns() + timeout_ms * 1000000LL;
    mr_batch *batch = NULL;
    mr_error error;
    while (batch == NULL && mr_monotonic_ns() < end) {
        mr_status status = source->ops->poll(source, 100, &batch, &error);
        if (status != MR_UNAVAILABLE && status != MR_TIMEOUT) require_ok(status, &error);
    }
    return batch;
}

static void publish(int32_t partition, int from, int to, size_t size) {
    mr_kafka_producer *producer;
    mr_error error;
    char *value = mr_alloc_zero(1, size + 16);
    require_ok(mr_kafka_producer_new(&config, &producer, &error), &error);
    for (int i = from; i < to; i++) {
        snprintf(value, 16, "%d", i);
        mr_header headers[] = {{"number", text(value)}, {"none", {NULL, 0}}};
        mr_kafka_message message = {.topic = "data",
                                    .partition = partition,
                                    .timestamp = 1000000 + i,
                                    .key = i % 2 ? text("odd") : (mr_bytes){NULL, 0},
                                    .value = {value, size},
                                    .headers = headers,
                                    .header_count = i % 3 == 0 ? 2 : 0};
        mr_status status;
        while ((status = mr_kafka_producer_send(producer, &message, &error)) == MR_FULL)
            mr_kafka_producer_poll(producer, 10);
        require_ok(status, &error);
    }
    assert_int_equal(mr_kafka_producer_flush(producer, PATIENCE_MS), MR_OK);
    assert_int_equal(mr_kafka_producer_delivery(producer)->delivered, to - from);
    mr_kafka_producer_free(producer);
    mr_free(value);
}

static void check_record(const mr_record *record) {
    char expected[16];
    int i = atoi(record->value.data);
    snprintf(expected, sizeof expected, "%d", i);
    assert_int_equal(record->timestamp, 1000000 + i);
    assert_int_equal(record->timestamp_type, MR_TIMESTAMP_CREATE);
    if (i % 2) assert_memory_equal(record->key.data, "odd", 3);
    else assert_null(record->key.data);
    assert_int_equal(record->header_count, i % 3 == 0 ? 2 : 0);
    if (record->header_count == 0) return;
    assert_string_equal(record->headers[0].name, "number");
    assert_int_equal(record->headers[0].value.size, strlen(expected));
    assert_memory_equal(record->headers[0].value.data, expected, strlen(expected));
    assert_string_equal(record->headers[1].name, "none");
    assert_null(record->headers[1].value.data);
}

static void batches_are_of_one_partition_in_order(void **state) {
    mr_source *source;
    int64_t expected[2] = {0, 0};
    (void)state;
    publish(0, 0, 700, 32);
    publish(1, 0, 700, 32);
    source = open_source(MR_KAFKA_EARLIEST);
    while (expected[0] < 700 || expected[1] < 700) {
        mr_batch *batch = next(source, PATIENCE_MS);
        assert_non_null(batch);
        assert_in_range(batch->count, 1, MR_BATCH_ROWS);
        assert_in_range(batch->partition, 0, 1);
        assert_string_equal(batch->topic, "data");
        for (uint32_t i = 0; i < batch->count; i++) {
            assert_int_equal(batch->records[i].offset, expected[batch->partition]++);
            check_record(&batch->records[i]);
        }
        assert_int_equal(batch->next_offset, expected[batch->partition]);
        source->ops->release(source, batch);
    }
    assert_int_equal(owned_count, 2);
    assert_int_equal(source->ops->end(source, 0), 700);
    source->ops->close(source);
    assert_int_equal(revoked_count, 2);
    assert_false(last_lost);
}

static void several_batches_are_lent_at_once(void **state) {
    mr_source *source;
    mr_batch *lent[64];
    uint32_t count = 0;
    int seen = 0;
    (void)state;
    publish(0, 0, 1000, 32);
    source = open_source(MR_KAFKA_EARLIEST);
    while (seen < 1000) {
        assert_in_range(count, 0, 63);
        lent[count] = next(source, PATIENCE_MS);
        assert_non_null(lent[count]);
        seen += (int)lent[count++]->count;
    }
    for (uint32_t i = count; i-- > 0;) { /* all are still there, whatever the order they go back in */
        for (uint32_t k = 0; k < lent[i]->count; k++) check_record(&lent[i]->records[k]);
        source->ops->release(source, lent[i]);
    }
    source->ops->close(source);
}

static void a_committed_group_goes_on_there(void **state) {
    mr_source *source;
    mr_batch *batch;
    mr_error error;
    (void)state;
    publish(0, 0, 100, 32);
    source = open_source(MR_KAFKA_EARLIEST);
    batch = next(source, PATIENCE_MS);
    assert_non_null(batch);
    require_ok(source->ops->commit(source, &(mr_position){0, 40}, 1, true, &error), &error);
    source->ops->release(source, batch);
    source->ops->close(source);

    source = open_source(MR_KAFKA_LATEST);
    batch = next(source, PATIENCE_MS);
    assert_non_null(batch);
    assert_int_equal(batch->records[0].offset, 40);
    source->ops->release(source, batch);
    require_ok(source->ops->rewind(source, 0, -1, &error), &error);
    batch = next(source, PATIENCE_MS);
    assert_non_null(batch);
    assert_int_equal(batch->records[0].offset, 40);
    source->ops->release(source, batch);
    source->ops->close(source);
}

/* Until the places are known, and no record ever comes. */
static void wait_for_places(mr_source *source, int64_t position, int64_t end) {
    for (int i = 0; i < 300 && source->ops->end(source, 0) < 0; i++) assert_null(next(source, 50));
    assert_int_equal(source->ops->position(source, 0), position);
    assert_int_equal(source->ops->end(source, 0), end);
}

static void lag_is_known_without_records(void **state) {
    mr_source *source = open_source(MR_KAFKA_EARLIEST);
    mr_error error;
    (void)state;
    assert_int_equal(source->ops->position(source, 0), -1); /* not ours */
    wait_for_places(source, 0, 0);
    publish(0, 0, 100, 32);
    mr_batch *batch = next(source, PATIENCE_MS);
    assert_non_null(batch);
    require_ok(source->ops->commit(source, &(mr_position){0, 100}, 1, true, &error), &error);
    source->ops->release(source, batch);
    source->ops->close(source);
    source = open_source(MR_KAFKA_EARLIEST);
    wait_for_places(source, 100, 100);
    source->ops->close(source);
}

static void rewind_discards_what_waits(void **state) {
    mr_source *source;
    mr_batch *batch, *kept;
    mr_error error;
    (void)state;
    publish(0, 0, 1000, 32);
    source = open_source(MR_KAFKA_EARLIEST);
    kept = next(source, PATIENCE_MS);
    assert_non_null(kept);
    for (int round = 0; round < 3; round++) {
        int64_t expected = 17 + round;
        require_ok(source->ops->rewind(source, 0, expected, &error), &error);
        while (expected < 1000) {
            batch = next(source, PATIENCE_MS);
            assert_non_null(batch);
            for (uint32_t i = 0; i < batch->count; i++)
                assert_int_equal(batch->records[i].offset, expected++);
            source->ops->release(source, batch);
        }
    }
    check_record(&kept->records[0]); /* lent ones stay lent */
    source->ops->release(source, kept);
    assert_int_equal(source->ops->rewind(source, 7, 0, &error), MR_LOST);
    source->ops->close(source);
}

/* Reads partition 1 to its end while 0 is paused, short or long, then 0: nothing is missing. */
static void pause_once(int pause_ms) {
    mr_source *source = open_source(MR_KAFKA_EARLIEST);
    int64_t expected[2] = {0, 0};
    mr_batch *batch = next(source, PATIENCE_MS);
    mr_error error;
    assert_non_null(batch);
    expected[batch->partition] = batch->next_offset;
    source->ops->release(source, batch);
    for (int32_t p = 0; p < 2; p++) assert_int_equal(source->ops->pause(source, p), MR_OK);
    assert_null(next(source, pause_ms));
    assert_int_equal(source->ops->resume(source, 1), MR_OK);
    while (expected[1] < 3000) {
        batch = next(source, PATIENCE_MS);
        assert_non_null(batch);
        assert_int_equal(batch->partition, 1);
        assert_int_equal(batch->records[0].offset, expected[1]);
        expected[1] = batch->next_offset;
        source->ops->release(source, batch);
    }
    assert_int_equal(source->ops->resume(source, 0), MR_OK);
    while (expected[0] < 3000) {
        batch = next(source, PATIENCE_MS);
        assert_non_null(batch);
        assert_int_equal(batch->records[0].offset, expected[0]);
        expected[0] = batch->next_offset;
        source->ops->release(source, batch);
    }
    require_ok(source->ops->commit(source, (mr_position[]){{0, 0}, {1, 0}}, 2, true, &error), &error);
    source->ops->close(source);
}

static void a_pause_loses_nothing(void **state) {
    (void)state;
    publish(0, 0, 3000, 32);
    publish(1, 0, 3000, 32);
    pause_once(50);
    pause_once(1500);
}

static void start_error_names_the_partition(void **state) {
    mr_source *source = open_source(MR_KAFKA_START_ERROR);
    mr_batch *batch = NULL;
    mr_error error;
    mr_status status = MR_OK;
    (void)state;
    for (int i = 0; i < 600 && status == MR_OK; i++) status = source->ops->poll(source, 100, &batch, &error);
    assert_int_equal(status, MR_NOT_FOUND);
    assert_non_null(strstr(error.where, "data["));
    assert_non_null(strstr(error.message, "records.start"));
    source->ops->close(source);
}

static void lost_messages_are_counted(void **state) {
    mr_source *source;
    mr_batch *batch;
    mr_error error;
    int64_t first;
    (void)state;
    publish(0, 0, 400, 32);
    source = open_source(MR_KAFKA_EARLIEST);
    batch = next(source, PATIENCE_MS);
    assert_non_null(batch);
    require_ok(source->ops->commit(source, &(mr_position){0, 10}, 1, true, &error), &error);
    source->ops->release(source, batch);
    source->ops->close(source);
    publish(0, 400, 600, 100000); /* 20 MB: the broker keeps 5 */

    source = open_source(MR_KAFKA_EARLIEST);
    batch = next(source, PATIENCE_MS);
    assert_non_null(batch);
    first = batch->records[0].offset;
    assert_in_range(first, 11, 599);
    assert_int_equal(source->ops->lost(source), first - 10);
    source->ops->release(source, batch);
    source->ops->close(source);
}

static void a_broker_that_is_gone_is_said_and_survived(void **state) {
    mr_source *source;
    mr_batch *batch;
    mr_error error;
    mr_status status = MR_OK;
    (void)state;
    publish(0, 0, 10, 32);
    source = open_source(MR_KAFKA_EARLIEST);
    batch = next(source, PATIENCE_MS);
    assert_non_null(batch);
    stop_broker(NULL);
    check_record(&batch->records[0]);
    source->ops->release(source, batch);
    for (int i = 0; i < 300 && status == MR_OK; i++) status = source->ops->poll(source, 100, &batch, &error);
    assert_int_equal(status, MR_UNAVAILABLE);
    status = source->ops->commit(source, &(mr_position){0, 10}, 1, true, &error);
    assert_int_not_equal(status, MR_OK);
    assert_int_not_equal(mr_status_action(status), MR_ACTION_DEAD_LETTER);
    source->ops->close(source);
}

#define ON_A_BROKER(test) cmocka_unit_test_setup_teardown(test, start_broker, stop_broker)

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        ON_A_BROKER(batches_are_of_one_partition_in_order),
        ON_A_BROKER(several_batches_are_lent_at_once),
        ON_A_BROKER(a_committed_group_goes_on_there),
        ON_A_BROKER(lag_is_known_without_records),
        ON_A_BROKER(rewind_discards_what_waits),
        ON_A_BROKER(a_pause_loses_nothing),
        ON_A_BROKER(start_error_names_the_partition),
        ON_A_BROKER(lost_messages_are_counted),
        ON_A_BROKER(a_broker_that_is_gone_is_said_and_survived),
    };
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
