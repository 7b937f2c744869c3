/* View: the live state as anybody may ask for it.
 *
 * A read-only table of functions, so that HTTP (and later queries between instances) knows neither
 * lanes nor models. Answers are copies: what a lane owns is never touched. Any thread.
 */
#ifndef MR_CORE_VIEW_H
#define MR_CORE_VIEW_H

#include "core/model_set.h"

/* The tutorial's statistics of one data type, summed over the lanes of this instance. They begin
 * anew with each model. Durations are milliseconds. */
typedef struct mr_state {
    char *data_type;
    char *name;
    char *description;
    char *version;
    char sha256[65];
    int64_t since; /* milliseconds since 1970 */
    double load;   /* parse, bind, warm-up */
    uint64_t usage;
    double duration; /* total */
    double min;      /* 0 when usage is 0 */
    double max;
    uint64_t buckets[MR_BUCKETS]; /* as in mr_score_shard */
    int32_t source_partition;
    int64_t source_offset;
} mr_state;

typedef struct mr_partition_state {
    char *topic;
    int32_t partition;
    uint32_t lane;
    int64_t position;      /* next offset to read */
    int64_t lag;           /* -1: unknown */
    char *stopped_because; /* NULL: it goes on; else why no record of it is processed any more */
} mr_partition_state;

/* How often something came out so. */
typedef struct mr_counter {
    const char *name;    /* static: "records" (counters.h), "model_updates" (over all data types) */
    const char *outcome; /* static: "scored", "dropped", "dead_lettered", "redecoded" ... */
    char *data_type;     /* "": not known, or all */
    uint64_t value;
} mr_counter;

/* Latency from record timestamp to encoded result; bucket i holds those below 2^i microseconds. */
typedef struct mr_latency {
    char *data_type;
    uint64_t count;
    double seconds;
    uint64_t buckets[MR_BUCKETS];
} mr_latency;

typedef struct mr_snapshot {
    const char *application_id; /* borrows, as the next: valid while the server is */
    const char *instance_id;
    bool live;
    bool ready;
    const char *not_ready_because; /* static text; NULL when ready */
    mr_state *states;
    size_t state_count;
    mr_partition_state *partitions;
    size_t partition_count;
    mr_counter *counters;
    size_t counter_count;
    mr_latency *latencies;
    size_t latency_count;
    mr_arena arena; /* owns all of the above */
} mr_snapshot;

typedef struct mr_view {
    void *context;
    /* *snapshot: returns owned, release with mr_snapshot_free. MR_NO_MEMORY. */
    mr_status (*snapshot)(void *context, mr_snapshot *snapshot, mr_error *error);
} mr_view;

static inline void mr_snapshot_free(mr_snapshot *snapshot) {
    mr_arena_free(&snapshot->arena);
}

#endif
