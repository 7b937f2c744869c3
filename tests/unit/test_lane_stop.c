/* Stops of a lane: what was sent is waited for, and nothing else. */
#include "lane_fixture.h"

#include "base/log.h"
#include "stream/lane_state.h"

static void begin(server *s) {
    server_open(s);
    server_publish(s, "wine|forest|1|sum 1 a b");
}

static void stop_drains_and_abort_does_not(void **state) {
    (void)state;
    for (int abort_it = 0; abort_it < 2; abort_it++) {
        server s;
        pipeline p;
        begin(&s);
        pipeline_open(&p, &s, 0, 1, 32);
        pipeline_feed(&p, 0, "wine", 0, 320);
        pipeline_step(&p);
        pipeline_step(&p);
        if (abort_it) {
            mr_lane_abort(p.lane);
            assert_int_equal(pipeline_step(&p), MR_CANCELLED);
            mr_lane_close(p.lane, MR_CANCELLED, &p.error);
            assert_int_equal(double_source_committed(p.source, 0), -1);
        } else {
            pipeline_stop(&p);
            size_t count = double_deliveries_count(s.deliveries);
            assert_true(count >= 64 && count < 320);
            assert_int_equal(double_source_committed(p.source, 0), count);
        }
        assert_int_equal(p.status.phase, MR_LANE_STOPPED);
        pipeline_free(&p);
        server_close(&s);
    }
}

static const mr_sink_ops *real_ops;

static mr_status send_but_to_1(mr_sink *sink, const mr_outgoing *messages, uint32_t count, void *ticket,
                               uint32_t *accepted, mr_error *error) {
    if (messages[0].partition != 1) return real_ops->send(sink, messages, count, ticket, accepted, error);
    *accepted = 0;
    return mr_fail(error, MR_UNAVAILABLE, NULL, "there is no partition 1");
}

static void a_partition_that_waits_does_not_hold_up_a_stop(void **state) {
    (void)state;
    server s;
    pipeline p;
    begin(&s);
    pipeline_open(&p, &s, 0, 2, 32);
    real_ops = p.lane->sink->ops;
    mr_sink_ops ops = *real_ops;
    ops.send = send_but_to_1;
    p.lane->sink->ops = &ops;
    pipeline_feed(&p, 0, "wine", 0, 40);
    pipeline_feed(&p, 1, "wine", 0, 40);
    pipeline_run(&p, 40);
    for (int i = 0; i < 20; i++) pipeline_step(&p);
    int64_t asked = p.now;
    pipeline_stop(&p);
    assert_in_range(p.now - asked, 0, 1000); /* not shutdown_timeout_ms */
    assert_int_equal(double_source_committed(p.source, 0), 40);
    assert_int_equal(double_source_committed(p.source, 1), -1);
    pipeline_free(&p);
    server_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_drains_and_abort_does_not),
        cmocka_unit_test(a_partition_that_waits_does_not_hold_up_a_stop),
    };
    mr_log_configure(MR_LOG_ERROR, MR_LOG_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
