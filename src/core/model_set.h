/* Model set: which model serves each data type, as one immutable snapshot.
 *
 * The control thread builds a new set beside the old one and publishes it in one step; a lane takes
 * it at its next batch. So every batch is decoded and scored by one set, and a swap lies between two
 * batches.
 *
 * Invariant: a lane compares one atomic generation per batch and takes the publisher's lock only
 * when that changed. Sets are counted; the last release hands the set back to the control thread,
 * which frees it (and the models that only it held), so a lane never pays for a free.
 */
#ifndef MR_CORE_MODEL_SET_H
#define MR_CORE_MODEL_SET_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/codec.h"
#include "core/counters.h"

enum { MR_LANES_MAX = 256 };

/* Scores of one lane with one served model. Only that lane writes, with relaxed atomics; readers sum
 * over the lanes. Durations are nanoseconds; a row's share is batch time / rows. Padded, so that two lanes
 * never share a cache line. Bucket i of the histogram holds shares below 2^i ns. */
typedef struct mr_score_shard {
    _Alignas(128) _Atomic uint64_t rows;
    _Atomic uint64_t nanoseconds;
    _Atomic uint64_t min; /* UINT64_MAX: nothing scored yet */
    _Atomic uint64_t max;
    _Atomic uint64_t buckets[MR_BUCKETS];
} mr_score_shard;

/* One model in service for one data type. Shared by the sets that hold it. */
typedef struct mr_served {
    _Atomic uint32_t references;
    mr_model_identity identity; /* strings owned by it */
    int32_t source_partition;   /* of the models topic */
    int64_t source_offset;
    int64_t since;            /* milliseconds since 1970 when it was published */
    int64_t load_nanoseconds; /* parse, bind, warm-up */
    mr_model *model;          /* retained */
    mr_binding *binding;      /* owned */
    mr_decode_plan *decode;   /* owned: the fields that the model wants */
    mr_decode_plan *no_field; /* owned: none; tells the data type of records that `decode` cannot read */
    mr_encode_plan *encode;   /* owned */
    mr_score_shard *shards;   /* owned; [lane] */
    uint16_t type_slot;       /* of the data type, in every lane's counters */
    uint32_t lane_count;
} mr_served;

typedef struct mr_model_set {
    _Atomic uint32_t references;
    uint64_t generation;
    mr_schema *schema; /* retained: what frames of this set look like */
    uint32_t count;
    mr_served **served; /* [count], by data type in byte order; retained */
    struct mr_model_set *next_retired;
} mr_model_set;

/* The published set; one for each server. */
typedef struct mr_published {
    _Atomic uint64_t generation; /* of `current`; 0: nothing published */
    pthread_mutex_t mutex;       /* guards the two below */
    mr_model_set *current;
    mr_model_set *retired; /* sets without a reference, for the control thread to free */
} mr_published;

/* Main thread. */
mr_status mr_published_init(mr_published *published, mr_error *error);
/* Frees the current and the retired sets. Every reference must have been given back. */
void mr_published_destroy(mr_published *published);

/* Takes over `set` (one reference) as the current one, its generation set to the next. Control thread. */
void mr_publish(mr_published *published, mr_model_set *set);
/* Frees what was released since the last call. Returns how many sets. Control thread. */
uint32_t mr_published_reclaim(mr_published *published);

/* The current set in place of *held (a reference of the caller's or NULL), which is released; cheap when it
 * has not changed. After it *held is NULL only when nothing was ever published. Lanes, HTTP. */
void mr_published_refresh(mr_published *published, mr_model_set **held);
/* Gives a reference back. Never frees. NULL is allowed. Lanes, HTTP. */
void mr_published_release(mr_published *published, mr_model_set *set);

/* The model that serves a data type, or NULL. Borrows; valid while the set is. Any thread. */
mr_served *mr_model_set_find(const mr_model_set *set, const char *data_type, size_t size);

/* A set that holds those of `base` (may be NULL), with `served` (takes one reference; NULL: remove)
 * for `data_type`, and `schema` (retains). Returns owned; on an error nothing was taken. Control thread. */
mr_status mr_model_set_with(const mr_model_set *base, const char *data_type, mr_served *served,
                            mr_schema *schema, mr_model_set **set, mr_error *error);
void mr_served_release(mr_served *served); /* frees with the last reference; control thread */

#endif
