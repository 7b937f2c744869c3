/* The only place that knows what a lane is made of. Built in order, freed in reverse; whatever was not made
 * is NULL. */
#include "app/lanes.h"

#include "app/components.h"
#include "base/memory.h"
#include "serving/score.h"
#include "stream/chain.h"
#include "stream/committer.h"
#include "stream/decode.h"
#include "stream/encode.h"
#include "stream/lane.h"

enum { LEAVING_MS = 5000 };

typedef struct lane_parts {
    mr_lanes *all;
    mr_lane_counters *counters;
    mr_lane_status status;
    bool has_status;
    mr_workspace *workspace;
    mr_scorer *scorer;
    mr_decode_options decode;
    mr_encode_options encode;
    mr_chain chain;
    mr_lane *lane;
    bool started;
} lane_parts;

struct mr_lanes {
    mr_lanes_options options;
    uint32_t count;
    lane_parts *parts;
    mr_lane_counters **counters;
    mr_lane_status **statuses;
};

/* ---- What a lane opens on its own thread ---- */

/* The part of shutdown.timeout that is kept for the last commit and for leaving the group. */
static int64_t leaving_ms(const mr_configuration *c) {
    int64_t half = c->shutdown_timeout / 2;
    return half < LEAVING_MS ? half : LEAVING_MS;
}

static mr_status open_source(void *context, uint32_t lane, mr_source **source, mr_error *error) {
    const mr_lanes *lanes = context;
    const mr_configuration *c = lanes->options.configuration;
    mr_kafka_source_options options = {.group = c->application_id,
                                       .topic = c->records_topic,
                                       .start = (mr_kafka_start)c->records_start,
                                       .lane = lane,
                                       .close_timeout_ms = (int)leaving_ms(c)};
    return mr_kafka_source_new(lanes->options.kafka, &options, source, error);
}

static mr_kafka_target target(const mr_topics *topics, int which) {
    const mr_kafka_topic *topic = &topics->items[which];
    return (mr_kafka_target){.topic = topic->name, .max_message_bytes = topic->limits.max_message_bytes};
}

static mr_status open_sink(void *context, uint32_t lane, mr_sink **sink, mr_error *error) {
    const mr_lanes *lanes = context;
    mr_kafka_sink_options options = {.results = target(lanes->options.topics, MR_TOPIC_RESULTS),
                                     .errors = target(lanes->options.topics, MR_TOPIC_ERRORS),
                                     .lane = lane,
                                     .longest_wait_ms = lanes->options.configuration->commit_interval};
    return mr_kafka_sink_new(lanes->options.kafka, &options, sink, error);
}

static mr_status open_committer(void *context, uint32_t lane, mr_source *source, mr_committer **committer,
                                mr_error *error) {
    (void)lane;
    const mr_lanes *lanes = context;
    return mr_at_least_once_new(source, lanes->options.configuration->commit_interval, committer, error);
}

/* ---- Chain ---- */

static void describe_decode(const mr_configuration *c, mr_decode_options *decode) {
    static const mr_type_source sources[] = {MR_TYPE_FIELD, MR_TYPE_HEADER, MR_TYPE_CONSTANT};
    static const mr_no_model without[] = {MR_NO_MODEL_DROP, MR_NO_MODEL_HOLD, MR_NO_MODEL_DEAD_LETTER};
    mr_type_place place;
    mr_configuration_record_type(c, &place, &decode->type);
    decode->type_source = sources[place];
    decode->no_model = without[c->serving_no_model];
}

static void describe_encode(const mr_lanes_options *options, mr_encode_options *encode) {
    const mr_kafka_topic *topics = options->topics->items;
    encode->bounds[MR_TO_RESULTS] = mr_make_timestamp_bounds(&topics[MR_TOPIC_RESULTS].limits);
    encode->bounds[MR_TO_ERRORS] = mr_make_timestamp_bounds(&topics[MR_TOPIC_ERRORS].limits);
    encode->now = options->configuration->results_timestamp == MR_RESULT_TIME_NOW;
}

static mr_status build_chain(lane_parts *part, mr_error *error) {
    mr_status status = mr_workspace_new(&part->workspace, error);
    if (status == MR_OK) status = mr_scorer_new(&part->scorer, error);
    if (status != MR_OK) return status;
    part->decode.workspace = part->workspace;
    describe_decode(part->all->options.configuration, &part->decode);
    describe_encode(&part->all->options, &part->encode);
    mr_chain_init(&part->chain);
    bool built = mr_chain_add(&part->chain, mr_decode_open, &part->decode) &&
                 mr_chain_add(&part->chain, mr_score_open, part->scorer) &&
                 mr_chain_add(&part->chain, mr_encode_open, &part->encode);
    return built ? MR_OK : mr_fail(error, MR_INTERNAL, "lanes", "the chain is full");
}

/* ---- Life ---- */

static mr_status build_lane(mr_lanes *lanes, uint32_t index, mr_error *error) {
    lane_parts *part = &lanes->parts[index];
    const mr_configuration *c = lanes->options.configuration;
    part->all = lanes;
    part->counters = mr_alloc_aligned(_Alignof(mr_lane_counters), sizeof *part->counters);
    if (part->counters == NULL) return mr_fail(error, MR_NO_MEMORY, "lanes", "out of memory");
    mr_status status = mr_lane_status_init(&part->status, error);
    part->has_status = status == MR_OK;
    if (status == MR_OK) status = build_chain(part, error);
    if (status != MR_OK) return status;
    lanes->counters[index] = part->counters;
    lanes->statuses[index] = &part->status;
    mr_lane_options options = {
        .index = index,
        .published = lanes->options.published,
        .counters = part->counters,
        .status = &part->status,
        .topology = &part->chain.topology,
        .open_source = open_source,
        .open_sink = open_sink,
        .open_committer = open_committer,
        .context = lanes,
        .in_flight_bytes = (size_t)c->in_flight_bytes,
        .in_flight_batches = (uint32_t)c->in_flight_batches,
        .shutdown_timeout_ms = c->shutdown_timeout > 1 ? c->shutdown_timeout - leaving_ms(c) : 1,
    };
    return mr_lane_new(&options, &part->lane, error);
}

mr_status mr_lanes_new(const mr_lanes_options *options, mr_lanes **made, mr_error *error) {
    uint32_t count = (uint32_t)options->configuration->lanes;
    mr_lanes *lanes = mr_alloc_zero(1, sizeof *lanes);
    if (lanes == NULL) return mr_fail(error, MR_NO_MEMORY, "lanes", "out of memory");
    lanes->options = *options;
    lanes->parts = mr_alloc_zero(count, sizeof *lanes->parts);
    lanes->counters = mr_alloc_zero(count, sizeof *lanes->counters);
    lanes->statuses = mr_alloc_zero(count, sizeof *lanes->statuses);
    mr_status status = MR_OK;
    if (lanes->parts == NULL || lanes->counters == NULL || lanes->statuses == NULL)
        status = mr_fail(error, MR_NO_MEMORY, "lanes", "out of memory");
    else lanes->count = count;
    for (uint32_t i = 0; status == MR_OK && i < count; i++) status = build_lane(lanes, i, error);
    if (status != MR_OK) {
        mr_lanes_free(lanes);
        return status;
    }
    *made = lanes;
    return MR_OK;
}

mr_status mr_lanes_start(mr_lanes *lanes, mr_error *error) {
    for (uint32_t i = 0; i < lanes->count; i++) {
        mr_status status = mr_lane_start(lanes->parts[i].lane, error);
        if (status != MR_OK) return status;
        lanes->parts[i].started = true;
    }
    return MR_OK;
}

mr_status mr_lanes_check(mr_lanes *lanes, mr_error *error) {
    for (uint32_t i = 0; i < lanes->count; i++) {
        mr_lane_status *lane = &lanes->parts[i].status;
        pthread_mutex_lock(&lane->mutex);
        bool failed = lane->phase == MR_LANE_FAILED;
        if (failed) mr_fail(error, MR_INTERNAL, "lane", "%u: %s", i, lane->failure);
        pthread_mutex_unlock(&lane->mutex);
        if (failed) return MR_INTERNAL;
    }
    return MR_OK;
}

void mr_lanes_stop(mr_lanes *lanes) {
    for (uint32_t i = 0; i < lanes->count; i++) mr_lane_stop(lanes->parts[i].lane);
}

void mr_lanes_abort(mr_lanes *lanes) {
    for (uint32_t i = 0; i < lanes->count; i++) mr_lane_abort(lanes->parts[i].lane);
}

mr_status mr_lanes_join(mr_lanes *lanes, mr_error *error) {
    mr_status first = MR_OK;
    for (uint32_t i = 0; i < lanes->count; i++) {
        if (!lanes->parts[i].started) continue;
        mr_error why;
        mr_status status = mr_lane_join(lanes->parts[i].lane, &why);
        lanes->parts[i].started = false;
        if (status == MR_OK || status == MR_CANCELLED || first != MR_OK) continue;
        first = status;
        *error = why;
    }
    return first;
}

void mr_lanes_free(mr_lanes *lanes) {
    if (lanes == NULL) return;
    for (uint32_t i = 0; i < lanes->count; i++) {
        lane_parts *part = &lanes->parts[i];
        mr_lane_free(part->lane);
        mr_scorer_free(part->scorer);
        mr_workspace_free(part->workspace);
        if (part->has_status) mr_lane_status_destroy(&part->status);
        mr_free(part->counters);
    }
    mr_free(lanes->statuses);
    mr_free(lanes->counters);
    mr_free(lanes->parts);
    mr_free(lanes);
}

mr_lane_counters **mr_lanes_counters(mr_lanes *lanes) {
    return lanes->counters;
}

mr_lane_status **mr_lanes_statuses(mr_lanes *lanes) {
    return lanes->statuses;
}
