/* Sums. A shard is read field by field while its lane writes: a count may be one batch ahead of a duration,
 * nothing else can be seen. */
#include "serving/stats.h"

#include <string.h>

static uint64_t read(const _Atomic uint64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void sum_shards(const mr_served *served, mr_state *state) {
    uint64_t nanoseconds = 0, least = UINT64_MAX, most = 0;
    for (uint32_t lane = 0; lane < served->lane_count; lane++) {
        const mr_score_shard *shard = &served->shards[lane];
        uint64_t min = read(&shard->min), max = read(&shard->max);
        state->usage += read(&shard->rows);
        nanoseconds += read(&shard->nanoseconds);
        if (min < least) least = min;
        if (max > most) most = max;
        for (uint32_t i = 0; i < MR_BUCKETS; i++) state->buckets[i] += read(&shard->buckets[i]);
    }
    state->duration = (double)nanoseconds / 1e6;
    state->min = least == UINT64_MAX ? 0 : (double)least / 1e6;
    state->max = (double)most / 1e6;
}

static char *copy(mr_arena *arena, const char *text) {
    return mr_arena_copy(arena, text, strlen(text));
}

static bool fill_state(mr_arena *arena, const mr_served *served, mr_state *state) {
    const mr_model_identity *identity = &served->identity;
    *state = (mr_state){.since = served->since,
                        .load = (double)served->load_nanoseconds / 1e6,
                        .source_partition = served->source_partition,
                        .source_offset = served->source_offset};
    state->data_type = copy(arena, identity->data_type);
    state->name = copy(arena, identity->name);
    state->description = copy(arena, identity->description);
    state->version = copy(arena, identity->version);
    memcpy(state->sha256, identity->sha256, sizeof state->sha256);
    sum_shards(served, state);
    return state->data_type && state->name && state->description && state->version;
}

static bool fill_states(mr_stats *stats, mr_snapshot *to) {
    mr_model_set *set = NULL;
    mr_published_refresh(stats->published, &set);
    if (set == NULL) return true;
    to->states = mr_arena_alloc_zero(&to->arena, set->count + 1, sizeof *to->states);
    bool done = to->states != NULL;
    for (uint32_t i = 0; done && i < set->count; i++) {
        done = fill_state(&to->arena, set->served[i], &to->states[i]);
        to->state_count++;
    }
    mr_published_release(stats->published, set);
    return done;
}

static bool fill_partition(mr_arena *arena, const mr_lane_partition *from, uint32_t lane,
                           mr_partition_state *to) {
    bool known = from->position >= 0 && from->end >= from->position;
    *to = (mr_partition_state){.topic = copy(arena, from->topic),
                               .partition = from->partition,
                               .lane = lane,
                               .position = from->position,
                               .lag = known ? from->end - from->position : -1};
    if (from->stopped[0] != '\0') to->stopped_because = copy(arena, from->stopped);
    return to->topic != NULL && (from->stopped[0] == '\0' || to->stopped_because != NULL);
}

/* Copies a lane's partitions under its lock, each lane into an array of its own. */
static mr_lane_partition *copy_partitions(mr_arena *arena, mr_lane_status *lane, size_t *count,
                                          mr_lane_phase *phase) {
    pthread_mutex_lock(&lane->mutex);
    mr_lane_partition *copied = mr_arena_alloc(arena, (lane->count + 1) * sizeof *copied);
    *count = lane->count;
    *phase = lane->phase;
    if (copied != NULL && lane->count > 0) memcpy(copied, lane->partitions, lane->count * sizeof *copied);
    pthread_mutex_unlock(&lane->mutex);
    return copied;
}

/* What keeps a lane from being ready, or NULL. */
static const char *lane_trouble(mr_lane_phase phase, const mr_lane_partition *partitions, size_t count) {
    static const char *const texts[] = {
        [MR_LANE_STARTING] = "a lane has not subscribed yet",
        [MR_LANE_SUBSCRIBED] = NULL,
        [MR_LANE_DRAINING] = "the server is stopping",
        [MR_LANE_STOPPED] = "the server has stopped",
        [MR_LANE_FAILED] = "a lane has failed",
    };
    for (size_t i = 0; i < count && phase == MR_LANE_SUBSCRIBED; i++) {
        if (partitions[i].stopped[0] != '\0') return "a partition has stopped";
    }
    return texts[phase];
}

static bool fill_partitions(mr_stats *stats, mr_snapshot *to) {
    size_t room = 0;
    for (uint32_t lane = 0; lane < stats->lane_count; lane++) {
        size_t count;
        mr_lane_phase phase;
        mr_lane_partition *from = copy_partitions(&to->arena, stats->lanes[lane], &count, &phase);
        mr_partition_state *grown = mr_arena_alloc(&to->arena, (room + count + 1) * sizeof *grown);
        if (from == NULL || grown == NULL) return false;
        if (room > 0) memcpy(grown, to->partitions, room * sizeof *grown);
        to->partitions = grown;
        for (size_t i = 0; i < count; i++) {
            if (!fill_partition(&to->arena, &from[i], lane, &grown[room + i])) return false;
        }
        room += count;
        to->partition_count = room;
        if (phase == MR_LANE_FAILED) to->live = false;
        if (to->not_ready_because == NULL) to->not_ready_because = lane_trouble(phase, from, count);
    }
    return true;
}

static uint64_t sum_outcome(const mr_stats *stats, uint32_t slot, mr_outcome outcome) {
    uint64_t sum = 0;
    for (uint32_t lane = 0; lane < stats->lane_count; lane++)
        sum += read(&stats->counters[lane]->types[slot].outcomes[outcome]);
    return sum;
}

static void add_counter(mr_snapshot *to, const char *name, const char *outcome, char *data_type,
                        uint64_t value) {
    to->counters[to->counter_count++] = (mr_counter){name, outcome, data_type, value};
}

static bool fill_counters(mr_stats *stats, mr_snapshot *to) {
    uint32_t types = mr_type_slots_count(stats->slots);
    size_t most = (size_t)types * MR_OUTCOME_COUNT + MR_UPDATE_COUNT;
    to->counters = mr_arena_alloc(&to->arena, most * sizeof *to->counters);
    if (to->counters == NULL) return false;
    for (uint32_t slot = 0; slot < types; slot++) {
        char *data_type = copy(&to->arena, mr_type_slots_name(stats->slots, slot));
        if (data_type == NULL) return false;
        for (mr_outcome o = 0; o < MR_OUTCOME_COUNT; o++)
            add_counter(to, "records", mr_outcome_name(o), data_type, sum_outcome(stats, slot, o));
    }
    char *all = copy(&to->arena, "");
    for (mr_update u = 0; all != NULL && u < MR_UPDATE_COUNT; u++)
        add_counter(to, "model_updates", mr_update_name(u), all, mr_control_updates(stats->control, u));
    return all != NULL;
}

static bool fill_latencies(mr_stats *stats, mr_snapshot *to) {
    uint32_t types = mr_type_slots_count(stats->slots);
    to->latencies = mr_arena_alloc_zero(&to->arena, types, sizeof *to->latencies);
    if (to->latencies == NULL) return false;
    for (uint32_t slot = 1; slot < types; slot++) {
        mr_latency *latency = &to->latencies[to->latency_count++];
        latency->data_type = copy(&to->arena, mr_type_slots_name(stats->slots, slot));
        if (latency->data_type == NULL) return false;
        for (uint32_t lane = 0; lane < stats->lane_count; lane++) {
            const mr_type_counters *from = &stats->counters[lane]->types[slot];
            latency->seconds += (double)read(&from->latency_microseconds) / 1e6;
            for (uint32_t i = 0; i < MR_BUCKETS; i++) {
                uint64_t value = read(&from->latency_buckets[i]);
                latency->buckets[i] += value;
                latency->count += value;
            }
        }
    }
    return true;
}

static mr_status snapshot(void *context, mr_snapshot *to, mr_error *error) {
    mr_stats *stats = context;
    *to = (mr_snapshot){.application_id = stats->application_id, .instance_id = stats->instance_id};
    mr_arena_init(&to->arena, 16 * 1024, 0);
    to->live = !mr_control_failed(stats->control);
    if (!mr_control_ready(stats->control)) to->not_ready_because = "the models topic is still being read";
    if (!to->live) to->not_ready_because = "the models topic cannot be read";
    if (!fill_states(stats, to) || !fill_partitions(stats, to) || !fill_counters(stats, to) ||
        !fill_latencies(stats, to)) {
        mr_snapshot_free(to);
        return mr_fail(error, MR_NO_MEMORY, "state", "no memory for the answer");
    }
    to->ready = to->not_ready_because == NULL;
    return MR_OK;
}

mr_view mr_stats_view(mr_stats *stats) {
    return (mr_view){stats, snapshot};
}
