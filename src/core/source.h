/* Source: where batches come from, and who owns which partitions.
 *
 * The source lends batches; the lane gives each back once all its rows are acknowledged, so the
 * record is at hand when its result is refused and a dead letter must hold it. Several batches
 * may be lent at the same time.
 *
 * Everything here runs on the lane's thread; listeners are called only from inside `poll` and `close`.
 */
#ifndef MR_CORE_SOURCE_H
#define MR_CORE_SOURCE_H

#include "core/batch.h"

typedef struct mr_source mr_source;

/* Ownership of partitions. On revoked the lane has its last chance to commit; when `lost` is true
 * somebody else owns the partition already, so it must not. */
typedef struct mr_source_listener {
    void *context;
    void (*assigned)(void *context, const char *topic, int32_t partition);
    void (*revoked)(void *context, int32_t partition, bool lost);
} mr_source_listener;

typedef struct mr_position {
    int32_t partition;
    int64_t offset; /* the next one to read: what Kafka commits */
} mr_position;

typedef struct mr_source_ops {
    const char *name;
    /* Waits up to timeout_ms for records and lends one batch of one partition, or *batch = NULL when there is
     * none. MR_OK; MR_UNAVAILABLE and MR_TIMEOUT pass by themselves; anything else stops the lane. */
    mr_status (*poll)(mr_source *source, int timeout_ms, mr_batch **batch, mr_error *error);
    /* Takes a batch back; records and everything they view are gone. */
    void (*release)(mr_source *source, mr_batch *batch);
    /* No more batches of a partition until resume; those lent stay lent. */
    mr_status (*pause)(mr_source *source, int32_t partition);
    mr_status (*resume)(mr_source *source, int32_t partition);
    /* The next batch of the partition begins at `offset`; offset -1: at the committed one. Batches
     * that are not lent yet are discarded. */
    mr_status (*rewind)(mr_source *source, int32_t partition, int64_t offset, mr_error *error);
    /* Stores positions. wait: until the broker answered. MR_LOST: not ours any more, only duplicates follow.
     */
    mr_status (*commit)(mr_source *source, const mr_position *positions, uint32_t count, bool wait,
                        mr_error *error);
    /* Revokes all (not lost) through the listener, leaves the group, frees the source. All batches
     * must have been released, except those that the listener releases. */
    void (*close)(mr_source *source);
    /* High watermark of a partition as last heard (never asks the broker); -1: unknown. May be NULL. */
    int64_t (*end)(mr_source *source, int32_t partition);
    /* Where a partition of ours goes on, before its first batch also; -1: not known yet. May be NULL. */
    int64_t (*position)(mr_source *source, int32_t partition);
    /* Records deleted before they could be read (retention), since the source was made. May be NULL. */
    uint64_t (*lost)(mr_source *source);
} mr_source_ops;

struct mr_source {
    const mr_source_ops *ops;
    mr_source_listener listener; /* set by the lane before the first poll */
};

#endif
