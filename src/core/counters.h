/* Counters of a lane: what became of the records.
 *
 * Each lane owns one table and is its only writer (relaxed atomics, no locked instruction); readers
 * sum over the lanes. Rows of the table are data types, by the slot that a data type got when its
 * first model was published; slot 0 is for records whose type is unknown, so no record can make the
 * table grow.
 */
#ifndef MR_CORE_COUNTERS_H
#define MR_CORE_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

enum { MR_DATA_TYPES_MAX = 256, MR_BUCKETS = 40 }; /* buckets: of every histogram */

/*    outcome            name              what was counted */
#define MR_OUTCOME_TABLE(X)                                                                                  \
    X(SCORED, "scored")               /* result handed to the sink */                                        \
    X(DROPPED, "dropped")             /* no model for the data type */                                       \
    X(DEAD_LETTERED, "dead_lettered") /* dead letter handed to the sink */                                   \
    X(LOST, "lost")                   /* deleted by the broker before it was read */                         \
    X(REDECODED, "redecoded")         /* decoded again with another data type's plan; not an end */          \
    X(RETIMED, "retimed")             /* timestamp replaced by now; not an end */                            \
    X(RESENT, "resent")               /* handed to the sink again after a failed delivery; not an end */

typedef enum mr_outcome {
#define MR_OUTCOME_ENUM(outcome, name) MR_OUTCOME_##outcome,
    MR_OUTCOME_TABLE(MR_OUTCOME_ENUM)
#undef MR_OUTCOME_ENUM
        MR_OUTCOME_COUNT
} mr_outcome;

const char *mr_outcome_name(mr_outcome outcome); /* static; any thread */

typedef struct mr_type_counters {
    _Atomic uint64_t outcomes[MR_OUTCOME_COUNT];
    /* Record timestamp to result handed to the sink; bucket i: below 2^i microseconds. */
    _Atomic uint64_t latency_buckets[MR_BUCKETS];
    _Atomic uint64_t latency_microseconds;
} mr_type_counters;

typedef struct mr_lane_counters {
    _Alignas(128) mr_type_counters types[MR_DATA_TYPES_MAX];
} mr_lane_counters;

/* Adds to a counter that only this thread writes. */
static inline void mr_count(_Atomic uint64_t *counter, uint64_t n) {
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

/* Bucket of a value: the number of bits in it, so bucket i holds what is below 2^i; the last all the rest. */
static inline unsigned mr_bucket(uint64_t value) {
    unsigned bits = value ? 64u - (unsigned)__builtin_clzll(value) : 0;
    return bits < MR_BUCKETS ? bits : MR_BUCKETS - 1;
}

#endif
