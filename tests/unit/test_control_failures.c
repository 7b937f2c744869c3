/* What goes wrong around the control: dead letters that are not delivered, memory that is not there. */
#include "base/log.h"
#include "control_desk.h"

static mr_status too_large(void *context, const double_message *message) {
    (void)context;
    return message->value != NULL ? MR_TOO_LARGE : MR_OK;
}

static mr_status never(void *context, const double_message *message) {
    (void)context;
    (void)message;
    return MR_IO;
}

static void dead_letters_that_are_refused(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    d.server.sink.hook = too_large;
    desk_start(&d);
    desk_read(&d);
    publish(&d, 0, "wine|bad|2|nonsense", 20);
    desk_read(&d);
    assert_int_equal(double_deliveries_count(d.server.deliveries), 1);
    assert_null(double_deliveries_get(d.server.deliveries, 0)->value);
    assert_non_null(
        strstr(double_deliveries_get(d.server.deliveries, 0)->headers, "millrace.value.size=19\n"));
    desk_close(&d);
    desk_open(&d);
    d.server.sink.hook = never;
    desk_start(&d);
    desk_read(&d);
    publish(&d, 0, "wine|bad|2|nonsense", 20);
    publish(&d, 0, "wine|good|3|sum 1 a", 21);
    desk_read(&d);
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_UNDELIVERED), 1);
    assert_string_equal(serving(&d, "wine"), "good 3");
    desk_close(&d);
}

/* No fault of the model: no dead letter, and it serves once there is memory. */
static void want_of_memory_passes(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    publish(&d, 0, "wine|old|1|sum 1 a", 10);
    publish(&d, 0, "wine|new|2|sum 1 a", 20);
    desk_start(&d);
    loads_without_memory = 1;
    steps(&d, 5);
    assert_string_equal(serving(&d, "wine"), "old 1"); /* meanwhile */
    steps(&d, 10);
    assert_string_equal(serving(&d, "wine"), "new 2");
    publish(&d, 0, "wine|newer|3|sum 1 a", 30);
    loads_without_memory = 3;
    steps(&d, 4);
    assert_int_equal(loads_without_memory, 2); /* not at each step */
    steps(&d, 400);
    assert_string_equal(serving(&d, "wine"), "newer 3");
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_REJECTED), 0);
    desk_close(&d);
}

/* A message that there is no memory to keep is taken again, not dead-lettered, but not for ever. */
static void want_of_memory_for_a_message_passes(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    publish(&d, 0, "wine|first|1|sum 1 a", 10);
    parses_without_memory = 2;
    desk_start(&d);
    steps(&d, 25);
    assert_false(mr_control_ready(d.control)); /* a message of the start waits */
    steps(&d, 50);
    assert_true(mr_control_ready(d.control));
    assert_string_equal(serving(&d, "wine"), "first 1");
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_REJECTED), 0);
    parses_without_memory = 7;
    publish(&d, 0, "wine|large|2|sum 1 a", 20);
    publish(&d, 0, "wine|next|3|sum 1 a", 30);
    steps(&d, 700);
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_REJECTED), 1);
    assert_int_equal(double_deliveries_count(d.server.deliveries), 1);
    assert_string_equal(serving(&d, "wine"), "next 3");
    desk_close(&d);
}

static int flushes;
static mr_sink_ops mute_ops;

static mr_status flush_in_vain(mr_sink *sink, int timeout_ms) {
    (void)sink;
    (void)timeout_ms;
    flushes++;
    return MR_TIMEOUT;
}

static mr_status open_mute(void *context, mr_sink **sink, mr_error *error) {
    mr_status status = open_errors(context, sink, error);
    mute_ops = *(*sink)->ops;
    mute_ops.flush = flush_in_vain;
    (*sink)->ops = &mute_ops;
    return status;
}

static void a_stop_does_not_wait_for_a_dead_letter(void **state) {
    (void)state;
    for (int stop = 0; stop < 2; stop++) {
        desk d;
        desk_open(&d);
        d.options.open_sink = open_mute;
        desk_start(&d);
        desk_read(&d);
        flushes = 0;
        if (stop) mr_control_stop(d.control);
        publish(&d, 0, "wine|bad|2|nonsense", 20);
        desk_read(&d);
        assert_int_equal(flushes, stop ? 5 : 50);
        assert_int_equal(mr_control_updates(d.control, MR_UPDATE_UNDELIVERED), 1);
        desk_close(&d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dead_letters_that_are_refused),
        cmocka_unit_test(want_of_memory_passes),
        cmocka_unit_test(want_of_memory_for_a_message_passes),
        cmocka_unit_test(a_stop_does_not_wait_for_a_dead_letter),
    };
    mr_log_configure(MR_LOG_ERROR, MR_LOG_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
