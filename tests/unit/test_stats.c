/* The view: sums over lanes, readiness, and three defects that are easily made: a minimum that stays at 0,
 * name and description exchanged, types that share one table. */
#include "lane_fixture.h"

#include "base/log.h"
#include "doubles/model_source.h"
#include "serving/stats.h"

typedef struct scene {
    server server;
    pipeline lanes[LANES];
    mr_model_source *models;
    mr_control *control;
    mr_lane_counters *counters[LANES];
    mr_lane_status *statuses[LANES];
    mr_stats stats;
    mr_view view;
} scene;

static void scene_open(scene *s) {
    server_open(&s->server);
    s->models = double_model_source_new();
    mr_control_options options = {.install = s->server.install,
                                  .published = &s->server.published,
                                  .source = s->models,
                                  .parse = double_descriptor_parse,
                                  .instance_id = "one"};
    assert_int_equal(mr_control_new(&options, &s->control, NULL), MR_OK);
    for (uint32_t i = 0; i < LANES; i++) {
        pipeline_make(&s->lanes[i], &s->server, i, 2, 16, 0);
        s->counters[i] = s->lanes[i].counters;
        s->statuses[i] = &s->lanes[i].status;
    }
    s->stats = (mr_stats){.application_id = "app",
                          .instance_id = "one",
                          .published = &s->server.published,
                          .control = s->control,
                          .slots = &s->server.slots,
                          .counters = s->counters,
                          .lanes = s->statuses,
                          .lane_count = LANES};
    s->view = mr_stats_view(&s->stats);
}

static void read_models(scene *s) {
    mr_error error;
    for (int i = 0; i < 20; i++) assert_int_equal(mr_control_step(s->control, 0, i, &error), MR_OK);
}

static void scene_close(scene *s) {
    for (uint32_t i = 0; i < LANES; i++) pipeline_free(&s->lanes[i]);
    mr_control_free(s->control);
    server_close(&s->server);
}

static mr_snapshot look(scene *s) {
    mr_snapshot snapshot;
    mr_error error;
    assert_int_equal(s->view.snapshot(s->view.context, &snapshot, &error), MR_OK);
    return snapshot;
}

static const mr_state *state_of(const mr_snapshot *snapshot, const char *type) {
    for (size_t i = 0; i < snapshot->state_count; i++) {
        if (strcmp(snapshot->states[i].data_type, type) == 0) return &snapshot->states[i];
    }
    return NULL;
}

static uint64_t counter(const mr_snapshot *snapshot, const char *name, const char *type,
                        const char *outcome) {
    for (size_t i = 0; i < snapshot->counter_count; i++) {
        const mr_counter *c = &snapshot->counters[i];
        if (!strcmp(c->name, name) && !strcmp(c->data_type, type) && !strcmp(c->outcome, outcome))
            return c->value;
    }
    return UINT64_MAX;
}

static void assert_not_ready(scene *s, const char *because) {
    mr_snapshot snapshot = look(s);
    assert_false(snapshot.ready);
    assert_string_equal(snapshot.not_ready_because, because);
    mr_snapshot_free(&snapshot);
}

static void ready_when_models_and_lanes_are(void **state) {
    (void)state;
    scene s;
    scene_open(&s);
    assert_not_ready(&s, "the models topic is still being read");
    read_models(&s);
    assert_not_ready(&s, "a lane has not subscribed yet");
    for (uint32_t i = 0; i < LANES; i++) pipeline_start(&s.lanes[i], 1);
    mr_snapshot snapshot = look(&s);
    assert_true(snapshot.ready);
    assert_true(snapshot.live);
    assert_null(snapshot.not_ready_because);
    assert_string_equal(snapshot.application_id, "app");
    mr_snapshot_free(&snapshot);
    for (int i = 0; i < 3; i++) pipeline_step(&s.lanes[1]);
    mr_lane_status_partition(&s.lanes[1].status, "in", 0, 7, 9, "the result of offset 6 is refused");
    assert_not_ready(&s, "a partition has stopped");
    snapshot = look(&s);
    assert_true(snapshot.live);
    assert_int_equal(snapshot.partition_count, 1);
    assert_int_equal(snapshot.partitions[0].lane, 1);
    assert_int_equal(snapshot.partitions[0].lag, 2);
    assert_string_equal(snapshot.partitions[0].stopped_because, "the result of offset 6 is refused");
    mr_snapshot_free(&snapshot);
    pipeline_stop(&s.lanes[0]);
    assert_not_ready(&s, "the server has stopped");
    mr_lane_status_phase(&s.lanes[0].status, MR_LANE_FAILED, "why");
    snapshot = look(&s);
    assert_false(snapshot.live);
    mr_snapshot_free(&snapshot);
    pipeline_stop(&s.lanes[1]);
    scene_close(&s);
}

static void lanes_add_up(void **state) {
    (void)state;
    scene s;
    scene_open(&s);
    double_model_source_append(s.models, 0, NULL, "wine|forest|3|sum 1 a b", 1);
    double_model_source_append(s.models, 0, NULL, "beer|line|4|sum 2 a b", 1);
    read_models(&s);
    mr_snapshot snapshot = look(&s);
    const mr_state *wine = state_of(&snapshot, "wine");
    assert_string_equal(wine->name, "forest");
    assert_string_equal(wine->description, "a double");
    assert_string_equal(wine->version, "3");
    assert_int_equal(wine->usage, 0);
    assert_true(wine->min == 0 && wine->max == 0 && wine->duration == 0);
    assert_int_equal(wine->source_offset, 0);
    assert_true(wine->since > 0);
    mr_snapshot_free(&snapshot);
    for (uint32_t i = 0; i < LANES; i++) {
        pipeline_start(&s.lanes[i], 2);
        pipeline_feed(&s.lanes[i], 0, "wine", 0, 50);
        pipeline_feed(&s.lanes[i], 1, "beer", 0, 20);
        pipeline_feed(&s.lanes[i], 1, "milk", 20, 25);
        double_source_append(s.lanes[i].source, 1, NULL, "!", 1, NULL);
    }
    for (int i = 0; i < 60; i++) {
        for (uint32_t k = 0; k < LANES; k++) pipeline_step(&s.lanes[k]);
    }
    snapshot = look(&s);
    wine = state_of(&snapshot, "wine");
    assert_int_equal(wine->usage, 100);
    assert_int_equal(state_of(&snapshot, "beer")->usage, 40);
    assert_true(wine->min > 0 && wine->min <= wine->max && wine->duration >= 50 * wine->min);
    uint64_t in_buckets = 0;
    for (int i = 0; i < MR_BUCKETS; i++) in_buckets += wine->buckets[i];
    assert_int_equal(in_buckets, 100);
    assert_int_equal(counter(&snapshot, "records", "wine", "scored"), 100);
    assert_int_equal(counter(&snapshot, "records", "beer", "scored"), 40);
    assert_int_equal(counter(&snapshot, "records", "", "dropped"), 10);
    assert_int_equal(counter(&snapshot, "records", "", "dead_lettered"), 2);
    assert_int_equal(counter(&snapshot, "model_updates", "", "published"), 2);
    assert_int_equal(snapshot.latency_count, 2);
    assert_int_equal(snapshot.latencies[0].count + snapshot.latencies[1].count, 140);
    assert_int_equal(snapshot.partition_count, 4);
    mr_snapshot_free(&snapshot);
    for (uint32_t i = 0; i < LANES; i++) pipeline_stop(&s.lanes[i]);
    scene_close(&s);
}

static void begins_anew_with_each_model(void **state) {
    (void)state;
    scene s;
    scene_open(&s);
    double_model_source_append(s.models, 0, NULL, "wine|forest|3|sum 1 a b", 1);
    read_models(&s);
    pipeline_start(&s.lanes[0], 1);
    pipeline_feed(&s.lanes[0], 0, "wine", 0, 50);
    pipeline_run(&s.lanes[0], 50);
    double_model_source_append(s.models, 0, NULL, "wine|tree|5|sum 1 a b", 2);
    read_models(&s);
    pipeline_feed(&s.lanes[0], 0, "wine", 50, 53);
    pipeline_run(&s.lanes[0], 53);
    mr_snapshot snapshot = look(&s);
    assert_int_equal(snapshot.state_count, 1);
    assert_string_equal(snapshot.states[0].name, "tree");
    assert_int_equal(snapshot.states[0].usage, 3);
    assert_int_equal(counter(&snapshot, "records", "wine", "scored"), 53);
    mr_snapshot_free(&snapshot);
    pipeline_stop(&s.lanes[0]);
    scene_close(&s);
}

static _Bool nth(void *context) {
    return (*(int *)context)-- != 0;
}

static void says_when_memory_is_out(void **state) {
    (void)state;
    scene s;
    scene_open(&s);
    double_model_source_append(s.models, 0, NULL, "wine|forest|3|sum 1 a b", 1);
    read_models(&s);
    mr_status status = MR_NO_MEMORY;
    int failed = 0;
    for (int n = 0; status != MR_OK; n++) {
        mr_snapshot snapshot;
        mr_error error;
        int left = n;
        mr_set_alloc_hook(nth, &left);
        status = s.view.snapshot(s.view.context, &snapshot, &error);
        mr_set_alloc_hook(NULL, NULL);
        if (status == MR_OK) {
            mr_snapshot_free(&snapshot);
        } else {
            assert_int_equal(status, MR_NO_MEMORY);
            failed++;
        }
    }
    assert_true(failed > 0);
    scene_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_when_models_and_lanes_are),
        cmocka_unit_test(lanes_add_up),
        cmocka_unit_test(begins_anew_with_each_model),
        cmocka_unit_test(says_when_memory_is_out),
    };
    mr_log_configure(MR_LOG_ERROR, MR_LOG_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
