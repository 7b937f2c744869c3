/* In-flight batch: one that was lent and is not acknowledged yet.
 *
 * A batch is the unit of acknowledgement: it passes when each of its rows has ended. Row states:
 *
 *   UNSENT   its message is not accepted by the sink yet (or the row did not run yet)
 *   WAITING  accepted, the receipt will come
 *   RERUN    delivery failed in passing: the row runs through the chain again
 *   DEAD     its result was refused: a dead letter of stage `send` is to be made
 *   ENDED    delivered, dead letter delivered, or dropped
 *
 * The sink holds the address of this struct as its ticket. So one whose partition is gone lives on
 * without a batch (`task` NULL) until its last receipt came or the sink was closed.
 * Structs are recycled, so a batch costs no allocation. Lane thread only.
 */
#ifndef MR_STREAM_INFLIGHT_H
#define MR_STREAM_INFLIGHT_H

#include "core/lane_status.h"

struct mr_task;

typedef enum mr_flight {
    MR_FLIGHT_UNSENT,
    MR_FLIGHT_WAITING,
    MR_FLIGHT_RERUN,
    MR_FLIGHT_DEAD,
    MR_FLIGHT_ENDED
} mr_flight;

typedef struct mr_inflight {
    struct mr_task *task;            /* NULL: abandoned */
    mr_batch *batch;                 /* lent by the source; NULL: given back */
    struct mr_inflight *next;        /* in the task's queue, by offset; or in the pool */
    size_t bytes;                    /* counted against the lane's limit */
    uint32_t ran;                    /* rows below it went through the chain */
    uint32_t open;                   /* rows that have not ended */
    uint32_t waiting;                /* messages without a receipt */
    uint32_t repairs;                /* rows in RERUN or DEAD */
    uint8_t rows[MR_BATCH_ROWS];     /* mr_flight */
    bool bare[MR_BATCH_ROWS];        /* its dead letter was too large: without value */
    uint8_t statuses[MR_BATCH_ROWS]; /* of a refused result; MR_OK: it was not */
    char reason[MR_REASON_MAX];      /* of the last refused result */
} mr_inflight;

/* All that a lane has: in use or free. */
typedef struct mr_inflight_pool {
    mr_inflight *free;
    mr_inflight *abandoned; /* waiting for receipts */
    size_t bytes;           /* of those in use, with their messages */
    uint32_t used;          /* with a batch */
    uint32_t waiting;       /* messages without a receipt, of all */
    uint32_t repairs;       /* rows to repair, of all of those: mostly none, so nobody need look for them */
} mr_inflight_pool;

/* Makes sure that one can be taken. False: no memory. */
bool mr_inflight_reserve(mr_inflight_pool *pool);
/* Takes one for a lent batch; NULL only without reserve. */
mr_inflight *mr_inflight_take(mr_inflight_pool *pool, struct mr_task *task, mr_batch *batch);
/* Its batch was given back and no task holds it: to the free ones, or, while receipts are due, aside. */
void mr_inflight_drop(mr_inflight_pool *pool, mr_inflight *flight);

/* Changes the state of a row, keeping the counts. */
void mr_inflight_set(mr_inflight_pool *pool, mr_inflight *flight, uint32_t row, mr_flight state);
/* A message of `size` bytes was accepted for the row. */
void mr_inflight_accepted(mr_inflight_pool *pool, mr_inflight *flight, uint32_t row, size_t size);
/* A receipt came (whatever it says); an abandoned one goes back to the free ones with its last. */
void mr_inflight_answered(mr_inflight_pool *pool, mr_inflight *flight);
/* No receipts will come any more: the sink was closed. Only abandoned ones may be there. */
void mr_inflight_sink_closed(mr_inflight_pool *pool);
void mr_inflight_pool_free(mr_inflight_pool *pool);

#endif
