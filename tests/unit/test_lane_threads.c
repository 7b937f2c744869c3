/* Lanes, control and view as they run: each on its own thread, models swapped while records flow. */
#include "lane_fixture.h"

#include <malloc.h>
#include <pthread.h>
#include <time.h>

#include "base/log.h"
#include "doubles/model_source.h"
#include "serving/stats.h"

enum { RECORDS = 4000, SWAPS = 200 };

typedef struct world {
    server server;
    pipeline lanes[LANES];
    mr_model_source *models;
    mr_control *control;
    mr_lane_counters *counters[LANES];
    mr_lane_status *statuses[LANES];
    mr_stats stats;
} world;

static void nap(void) {
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static void world_open(world *w) {
    server_open(&w->server);
    w->models = double_model_source_new();
    double_model_source_append(w->models, 0, NULL, "wine|m|1|sum 1 a b", 1);
    mr_control_options options = {.install = w->server.install,
                                  .published = &w->server.published,
                                  .source = w->models,
                                  .parse = double_descriptor_parse,
                                  .instance_id = "one"};
    assert_int_equal(mr_control_new(&options, &w->control, NULL), MR_OK);
    assert_int_equal(mr_control_start(w->control, NULL), MR_OK);
    while (!mr_control_ready(w->control)) nap();
    for (uint32_t i = 0; i < LANES; i++) {
        pipeline_make(&w->lanes[i], &w->server, i, 2, 64, 0);
        w->counters[i] = w->lanes[i].counters;
        w->statuses[i] = &w->lanes[i].status;
        assert_int_equal(mr_lane_start(w->lanes[i].lane, NULL), MR_OK);
        for (int32_t partition = 0; partition < 2; partition++)
            double_source_assign(w->lanes[i].source, partition);
    }
    w->stats = (mr_stats){.application_id = "app",
                          .instance_id = "one",
                          .published = &w->server.published,
                          .control = w->control,
                          .slots = &w->server.slots,
                          .counters = w->counters,
                          .lanes = w->statuses,
                          .lane_count = LANES};
}

static void world_close(world *w) {
    for (uint32_t i = 0; i < LANES; i++) mr_lane_stop(w->lanes[i].lane);
    for (uint32_t i = 0; i < LANES; i++) assert_int_equal(mr_lane_join(w->lanes[i].lane, NULL), MR_OK);
    mr_control_stop(w->control);
    assert_int_equal(mr_control_join(w->control, NULL), MR_OK);
    for (uint32_t i = 0; i < LANES; i++) pipeline_free(&w->lanes[i]);
    mr_control_free(w->control);
    server_close(&w->server);
}

static void swap_to(world *w, int version) {
    char text[64];
    snprintf(text, sizeof text, "wine|m|%d|sum %d a b", version, version);
    double_model_source_append(w->models, 0, NULL, text, version);
}

/* Every result is what the model that it names gives for its record: VERSION * (offset + 1). */
static void check_results(world *w) {
    size_t count = double_deliveries_count(w->server.deliveries);
    int last = 0, changes = 0;
    for (size_t i = 0; i < count; i++) {
        int version, target, partition, offset;
        const double_message *message = double_deliveries_get(w->server.deliveries, i);
        assert_int_equal(
            sscanf(message->value, "wine|m|%d|%d|in|%d|%d", &version, &target, &partition, &offset), 4);
        assert_int_equal(target, version * (offset + 1));
        changes += version != last;
        last = version;
    }
    assert_true(changes > 3);
}

static void swaps_while_records_flow(void **state) {
    (void)state;
    world w;
    world_open(&w);
    mr_view view = mr_stats_view(&w.stats);
    for (int i = 0; i < RECORDS; i += 20) {
        for (uint32_t lane = 0; lane < LANES; lane++) {
            for (int32_t partition = 0; partition < 2; partition++) {
                pipeline_feed(&w.lanes[lane], partition, "wine", i, i + 20);
            }
        }
        if (i / 20 < SWAPS) swap_to(&w, i / 20 + 2);
        mr_snapshot snapshot;
        assert_int_equal(view.snapshot(view.context, &snapshot, NULL), MR_OK);
        assert_true(snapshot.states[0].usage == 0 || snapshot.states[0].max >= snapshot.states[0].min);
        mr_snapshot_free(&snapshot);
        if (i % 200 == 0) nap();
    }
    enum { ALL = RECORDS * LANES * 2 };
    assert_true(double_deliveries_wait(w.server.deliveries, ALL, 60000));
    assert_int_equal(double_deliveries_count(w.server.deliveries), ALL);
    check_results(&w);
    mr_snapshot snapshot;
    assert_int_equal(view.snapshot(view.context, &snapshot, NULL), MR_OK);
    uint64_t scored = 0;
    for (size_t i = 0; i < snapshot.counter_count; i++) {
        if (strcmp(snapshot.counters[i].outcome, "scored") == 0) scored += snapshot.counters[i].value;
    }
    assert_int_equal(scored, ALL);
    mr_snapshot_free(&snapshot);
    world_close(&w);
}

/* Waits (as long as it takes, within reason) until both idle lanes let go of all models but the last. */
static bool only_one_model_left(void) {
    for (int i = 0; i < 15000; i++) {
        if (double_models_alive() == 1) return true;
        nap();
    }
    return false;
}

static void idle_lanes_take_new_sets_and_memory_stays_flat(void **state) {
    (void)state;
    world w;
    world_open(&w);
    size_t before = 0;
    for (int version = 2; version <= 1000; version++) {
        swap_to(&w, version);
        if (version % 100 != 0) continue;
        while (mr_control_updates(w.control, MR_UPDATE_PUBLISHED) < (uint64_t)version) nap();
        assert_true(only_one_model_left());
        assert_int_equal(double_bindings_alive(), 1);
        if (version == 300) before = mallinfo2().uordblks;
    }
    /* Messages of the double's own topic stay: some 300 bytes each. The models would be far more. */
    size_t after = mallinfo2().uordblks;
    assert_true(after < before + 700 * 512);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swaps_while_records_flow),
        cmocka_unit_test(idle_lanes_take_new_sets_and_memory_stays_flat),
    };
    mr_log_configure(MR_LOG_ERROR, MR_LOG_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
