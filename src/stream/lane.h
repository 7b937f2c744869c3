/* Lane: one thread that owns whole partitions: consume, run the chain, send, acknowledge, commit.
 *
 * The lane polls its source for one batch, takes the published model set, runs the partition's chain and
 * hands what comes out to its sink, in order. Receipts end rows; a partition's offset passes when all
 * rows before it have ended. What is in flight is bounded; when it is full, or the sink's queue is, the
 * lane only asks for receipts, and pauses its partitions before the group would throw it out.
 *
 * What goes wrong:
 *   no memory, or a batch held for a model   the batch stays and runs again after a pause
 *   delivery failed in passing               the row runs again, with the set in force then
 *   result refused (too large)               dead letter of stage `send`, made from the lent record
 *   dead letter refused as too large         the same without its value; refused again: partition stops
 *   delivery refused for good                partition stops, and its state says why
 *   sink failed                              a new one; every partition rewinds to what was acknowledged
 *   partition revoked                        what is sent gets its receipts, is committed; the rest is the
 *                                            next owner's
 */
#ifndef MR_STREAM_LANE_H
#define MR_STREAM_LANE_H

#include "core/committer.h"
#include "core/counters.h"
#include "core/lane_status.h"
#include "core/model_set.h"
#include "core/processor.h"

typedef struct mr_lane mr_lane;

typedef struct mr_lane_options {
    uint32_t index;              /* 0 .. MR_LANES_MAX - 1 */
    mr_published *published;     /* all borrowed, for the lane's life */
    mr_lane_counters *counters;  /* this lane is their only writer */
    mr_lane_status *status;      /* likewise */
    const mr_topology *topology; /* of this lane alone */
    /* Make what the lane works with; called on its thread, open_sink again after each failure. */
    mr_status (*open_source)(void *context, uint32_t lane, mr_source **source, mr_error *error);
    mr_status (*open_sink)(void *context, uint32_t lane, mr_sink **sink, mr_error *error);
    mr_status (*open_committer)(void *context, uint32_t lane, mr_source *source, mr_committer **committer,
                                mr_error *error);
    void *context;
    size_t in_flight_bytes;      /* records and their messages; 0: 16 MiB */
    uint32_t in_flight_batches;  /* 0: 1024 */
    int64_t shutdown_timeout_ms; /* for the drain; 0: 30 s */
    int poll_timeout_ms;         /* longest wait for records, and so for a swap; 0: 500 */
    int64_t revoke_timeout_ms;   /* for receipts when a partition goes; 0: 5 s */
} mr_lane_options;

/* *lane: returns owned. Main thread, as start, join and free. */
mr_status mr_lane_new(const mr_lane_options *options, mr_lane **lane, mr_error *error);
mr_status mr_lane_start(mr_lane *lane, mr_error *error); /* starts its thread */
/* Waits for the thread; what it ended with. */
mr_status mr_lane_join(mr_lane *lane, mr_error *error);
void mr_lane_free(mr_lane *lane); /* after join; NULL is allowed */

/* First: take no more records, wait for receipts, commit, end. Then (abort): end at once, without commit.
 * Any thread, also a signal handler. */
void mr_lane_stop(mr_lane *lane);
void mr_lane_abort(mr_lane *lane);

/* What the thread does, for tests without one: open, then steps until one answers otherwise than MR_OK
 * (MR_CANCELLED: stopped and drained), then close. `now`: monotonic milliseconds. */
mr_status mr_lane_open(mr_lane *lane, mr_error *error);
mr_status mr_lane_step(mr_lane *lane, int64_t now, mr_error *error);
void mr_lane_close(mr_lane *lane, mr_status ended, const mr_error *error);

#endif
