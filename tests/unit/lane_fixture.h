/* A whole pipeline over memory doubles: what tests of lanes, control and statistics start from. */
#ifndef MR_TEST_LANE_FIXTURE_H
#define MR_TEST_LANE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "doubles/codec.h"
#include "doubles/model.h"
#include "doubles/sink.h"
#include "doubles/source.h"
#include "serving/install.h"
#include "serving/score.h"
#include "stream/chain.h"
#include "stream/committer.h"
#include "stream/decode.h"
#include "stream/encode.h"
#include "stream/lane.h"

enum { LANES = 2 };

/* What all lanes share. */
typedef struct server {
    mr_decoder *decoder;
    mr_encoder *encoder;
    mr_type_slots slots;
    mr_published published;
    mr_install_options install;
    mr_model_set *current;
    int64_t offset; /* of the next published model */
    double_deliveries *deliveries;
    double_sink_options sink;
    _Atomic uint32_t sinks_opened;
    uint32_t sink_failures; /* openings that fail next */
} server;

/* One lane with its source. */
typedef struct pipeline {
    server *server;
    mr_source *source;
    mr_workspace *workspace;
    mr_scorer *scorer;
    mr_decode_options decode;
    mr_encode_options encode;
    mr_chain chain;
    mr_lane_counters *counters;
    mr_lane_status status;
    mr_lane *lane;
    int64_t now;
    mr_error error;
} pipeline;

static inline mr_status load_double(const void *data, size_t size, const char *format, const char *name,
                                    const mr_model_limits *limits, mr_model **model, mr_error *error) {
    (void)format;
    return double_model_loader.load(data, size, name, limits, model, error);
}

static inline void server_open(server *s) {
    static const mr_field fields[] = {{"a", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                      {"b", MR_TYPE_DOUBLE, MR_CONTINUOUS}};
    *s = (server){.decoder = double_decoder_new(fields, 2), .encoder = double_encoder_new()};
    mr_type_slots_init(&s->slots);
    assert_int_equal(mr_published_init(&s->published, NULL), MR_OK);
    s->install = (mr_install_options){.decoder = s->decoder,
                                      .encoder = s->encoder,
                                      .slots = &s->slots,
                                      .lanes = LANES,
                                      .load = load_double};
    s->deliveries = double_deliveries_new();
}

/* descriptor: "TYPE|NAME|VERSION|MODEL" */
static inline void server_publish(server *s, const char *descriptor_text) {
    mr_descriptor descriptor;
    mr_error error = {0};
    mr_origin origin = {"models", 0, s->offset++};
    mr_served *served;
    mr_schema *schema;
    mr_model_set *set;
    mr_bytes message = {descriptor_text, strlen(descriptor_text)};
    assert_int_equal(double_descriptor_parse(message, MR_NUMBERING_AUTO, &descriptor, &error), MR_OK);
    mr_status status = mr_install(&s->install, &descriptor, &origin, NULL, &served, &schema, &error);
    if (status != MR_OK) print_message("%s\n", error.message);
    assert_int_equal(status, MR_OK);
    assert_int_equal(mr_model_set_with(s->current, descriptor.data_type, served, schema, &set, &error),
                     MR_OK);
    mr_publish(&s->published, set);
    mr_published_refresh(&s->published, &s->current);
    mr_published_reclaim(&s->published);
    mr_schema_release(schema);
    mr_descriptor_free(&descriptor);
}

static inline void server_close(server *s) {
    mr_published_release(&s->published, s->current);
    mr_published_destroy(&s->published);
    mr_type_slots_free(&s->slots);
    s->decoder->ops->free(s->decoder);
    s->encoder->ops->free(s->encoder);
    double_deliveries_free(s->deliveries);
    assert_int_equal(double_models_alive(), 0);
    assert_int_equal(double_bindings_alive(), 0);
}

static inline mr_status fixture_open_source(void *context, uint32_t lane, mr_source **source,
                                            mr_error *error) {
    (void)lane;
    (void)error;
    *source = ((pipeline *)context)->source;
    return MR_OK;
}

static inline mr_status fixture_open_sink(void *context, uint32_t lane, mr_sink **sink, mr_error *error) {
    (void)lane;
    server *s = ((pipeline *)context)->server;
    if (s->sink_failures > 0) {
        s->sink_failures--;
        return mr_fail(error, MR_UNAVAILABLE, "double", "no sink on purpose");
    }
    s->sinks_opened++;
    *sink = double_sink_new(s->deliveries, &s->sink);
    return MR_OK;
}

static inline mr_status fixture_open_committer(void *context, uint32_t lane, mr_source *source,
                                               mr_committer **committer, mr_error *error) {
    (void)context;
    (void)lane;
    return mr_at_least_once_new(source, 100, committer, error);
}

/* Makes the lane, not opened yet. batch_rows: most records of a batch. in_flight: batches, 0: the default. */
static inline void pipeline_make(pipeline *p, server *s, uint32_t index, uint32_t partitions,
                                 uint32_t batch_rows, uint32_t in_flight) {
    *p = (pipeline){.server = s, .source = double_source_new(partitions, batch_rows), .now = 1000};
    double_source_keep(p->source);
    assert_int_equal(mr_workspace_new(&p->workspace, NULL), MR_OK);
    assert_int_equal(mr_scorer_new(&p->scorer, NULL), MR_OK);
    assert_int_equal(mr_lane_status_init(&p->status, NULL), MR_OK);
    p->counters = mr_alloc_aligned(_Alignof(mr_lane_counters), sizeof *p->counters);
    p->decode = (mr_decode_options){.workspace = p->workspace, .type_source = MR_TYPE_FIELD};
    p->encode = (mr_encode_options){.bounds = {{-1, -1}, {-1, -1}}};
    mr_chain_init(&p->chain);
    mr_chain_add(&p->chain, mr_decode_open, &p->decode);
    mr_chain_add(&p->chain, mr_score_open, p->scorer);
    mr_chain_add(&p->chain, mr_encode_open, &p->encode);
    mr_lane_options options = {.index = index,
                               .published = &s->published,
                               .counters = p->counters,
                               .status = &p->status,
                               .topology = &p->chain.topology,
                               .open_source = fixture_open_source,
                               .open_sink = fixture_open_sink,
                               .open_committer = fixture_open_committer,
                               .context = p,
                               .poll_timeout_ms = 1,
                               .in_flight_batches = in_flight,
                               .revoke_timeout_ms = 100};
    assert_int_equal(mr_lane_new(&options, &p->lane, NULL), MR_OK);
}

static inline void pipeline_free(pipeline *p) {
    mr_lane_free(p->lane);
    mr_workspace_free(p->workspace);
    mr_scorer_free(p->scorer);
    mr_lane_status_destroy(&p->status);
    mr_free(p->counters);
    assert_int_equal(double_source_lent(p->source), 0);
    double_source_free(p->source);
}

static inline void pipeline_start(pipeline *p, uint32_t partitions) {
    assert_int_equal(mr_lane_open(p->lane, &p->error), MR_OK);
    for (uint32_t i = 0; i < partitions; i++) double_source_assign(p->source, (int32_t)i);
}

/* The same, opened, with its partitions assigned; steps are the test's. */
static inline void pipeline_open(pipeline *p, server *s, uint32_t index, uint32_t partitions,
                                 uint32_t batch_rows) {
    pipeline_make(p, s, index, partitions, batch_rows, 0);
    pipeline_start(p, partitions);
}

/* One step, 50 ms later than the one before. */
static inline mr_status pipeline_step(pipeline *p) {
    p->now += 50;
    return mr_lane_step(p->lane, p->now, &p->error);
}

/* Steps until `count` messages were delivered; fails after many. */
static inline void pipeline_run(pipeline *p, size_t count) {
    for (int i = 0; i < 2000 && double_deliveries_count(p->server->deliveries) < count; i++) {
        assert_int_equal(pipeline_step(p), MR_OK);
    }
    assert_int_equal(double_deliveries_count(p->server->deliveries), count);
}

static inline void pipeline_stop(pipeline *p) {
    mr_lane_stop(p->lane);
    mr_status status = MR_OK;
    for (int i = 0; i < 2000 && status == MR_OK; i++) status = pipeline_step(p);
    assert_int_equal(status, MR_CANCELLED);
    mr_lane_close(p->lane, status, &p->error);
}

static inline uint64_t pipeline_outcome(const pipeline *p, mr_outcome outcome) {
    uint64_t sum = 0;
    for (int i = 0; i < MR_DATA_TYPES_MAX; i++) sum += atomic_load(&p->counters->types[i].outcomes[outcome]);
    return sum;
}

/* Records "TYPE a=I b=1" with key "P-I"; timestamps 1000 + I. */
static inline void pipeline_feed(pipeline *p, int32_t partition, const char *type, int from, int to) {
    for (int i = from; i < to; i++) {
        char key[32], value[128];
        snprintf(key, sizeof key, "%d-%d", (int)partition, i);
        snprintf(value, sizeof value, "%s a=%d b=1", type, i);
        double_source_append(p->source, partition, key, value, 1000 + i, NULL);
    }
}

/* How many delivered messages of a destination bear a key. */
static inline int delivered(server *s, mr_destination destination, const char *key) {
    int count = 0;
    for (size_t i = 0; i < double_deliveries_count(s->deliveries); i++) {
        const double_message *message = double_deliveries_get(s->deliveries, i);
        count +=
            message->destination == destination && message->key != NULL && strcmp(message->key, key) == 0;
    }
    return count;
}

/* Every key P-I, I in [from, to), came out exactly `times` times in all. */
static inline void assert_delivered(server *s, int32_t partition, int from, int to, int times) {
    for (int i = from; i < to; i++) {
        char key[32];
        snprintf(key, sizeof key, "%d-%d", (int)partition, i);
        int count = delivered(s, MR_TO_RESULTS, key) + delivered(s, MR_TO_ERRORS, key);
        if (count != times) print_message("key %s: %d times\n", key, count);
        assert_int_equal(count, times);
    }
}

#endif
