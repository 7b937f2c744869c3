/* Task: one partition in one lane: its chain of processors and its batches in flight.
 *
 * Invariant: the queue is in offset order and only its head passes, so `acknowledged` means that every
 * record below it has ended. A task that stopped keeps its partition but reads no more of it.
 * Lane thread only.
 */
#ifndef MR_STREAM_TASK_H
#define MR_STREAM_TASK_H

#include "core/committer.h"
#include "core/processor.h"
#include "stream/inflight.h"

typedef struct mr_task {
    mr_processor_context context; /* what its processors see; topic is owned */
    mr_processor *chain;          /* NULL: to be opened with the next batch */
    mr_inflight *head, *tail;     /* in flight, by offset */
    int64_t position;             /* next offset to be lent; -1: unknown */
    int64_t acknowledged;         /* every record below has ended; -1: none yet */
    int64_t retry_at;             /* monotonic ms; no run before it */
    uint32_t failures;            /* runs that failed in a row */
    bool paused;                  /* at the source */
    bool rewind_due;              /* what is lent is discarded until the source has gone back */
    char stopped[MR_REASON_MAX];  /* why it reads no more; empty: it does */
} mr_task;

/* *task: returns owned, free with mr_task_free, which gives no batch back: mr_task_abandon does. */
mr_status mr_task_new(const char *topic, int32_t partition, uint32_t lane, mr_lane_counters *counters,
                      mr_task **task, mr_error *error);
void mr_task_free(mr_task *task); /* NULL is allowed */

/* Puts a lent batch behind the others. */
void mr_task_append(mr_task *task, mr_inflight *flight, const mr_batch *batch);
/* The first batch with rows that never ran, or (repair) with rows to repair; NULL: none. */
mr_inflight *mr_task_next_run(mr_task *task);
mr_inflight *mr_task_next_repair(mr_task *task);
/* Gives back every batch at the head that has ended. True when `acknowledged` moved. */
bool mr_task_advance(mr_task *task, mr_inflight_pool *pool, mr_source *source);
/* Gives back all batches, ended or not; receipts still to come are ignored. */
void mr_task_abandon(mr_task *task, mr_inflight_pool *pool, mr_source *source);

static inline bool mr_task_stopped(const mr_task *task) {
    return task->stopped[0] != '\0';
}

#endif
