/* Batch: what travels through a lane.
 *
 * 1 to MR_BATCH_ROWS records of one partition in offset order, lent by a source until every one of
 * them is acknowledged. Batches, not records, so that overhead per record vanishes and tree kernels can
 * interleave rows; a batch of 1 must still be fast.
 *
 * Each row holds where its record stands: to decode, decoded (in which group, at which frame row),
 * scored, to be dropped, or failed with the reason. The rows of one data type form a group: one codec
 * plan decoded them into one frame, one model scores that. Outputs leave in record order.
 *
 * Life of the parts: records until the batch is released to its source; groups, row errors, outgoing
 * messages until the next batch of the same lane begins. All of it belongs to the lane's thread.
 */
#ifndef MR_CORE_BATCH_H
#define MR_CORE_BATCH_H

#include "core/model.h"

enum { MR_BATCH_ROWS = 256, MR_BATCH_GROUPS = 16 };

/* A view of bytes; data NULL: there are none (no key, a tombstone), which differs from empty. */
typedef struct mr_bytes {
    const void *data;
    size_t size;
} mr_bytes;

typedef struct mr_header {
    const char *name;
    mr_bytes value;
} mr_header;

typedef enum mr_timestamp_type {
    MR_TIMESTAMP_NONE,
    MR_TIMESTAMP_CREATE,
    MR_TIMESTAMP_APPEND
} mr_timestamp_type;

typedef struct mr_record {
    mr_bytes key;
    mr_bytes value;
    int64_t offset;
    int64_t timestamp; /* milliseconds since 1970; -1: none */
    const mr_header *headers;
    uint32_t header_count;
    int32_t leader_epoch; /* -1: unknown */
    mr_timestamp_type timestamp_type;
} mr_record;

/* Where a record failed; the dead letter says it. */
typedef enum mr_stage {
    MR_STAGE_DECODE,
    MR_STAGE_SCORE,
    MR_STAGE_ENCODE,
    MR_STAGE_SEND,
    MR_STAGE_COUNT
} mr_stage;
const char *mr_stage_name(mr_stage stage); /* "decode"; static; any thread */

typedef enum mr_row_state {
    MR_ROW_NEW,     /* not decoded yet */
    MR_ROW_DECODED, /* its features stand in groups[group].in at frame_row */
    MR_ROW_SCORED,  /* its results stand in groups[group].out at frame_row */
    MR_ROW_DROPPED, /* counted, no output (no model serves its data type) */
    MR_ROW_FAILED   /* becomes a dead letter: stage, status, message */
} mr_row_state;

typedef struct mr_row {
    mr_row_state state;
    uint16_t group;
    uint16_t frame_row;
    mr_stage stage; /* MR_ROW_FAILED only, as the two below */
    mr_status status;
    const char *message; /* valid until the next batch of the lane */
} mr_row;

struct mr_served;

/* The rows of one data type. */
typedef struct mr_group {
    const struct mr_served *served; /* borrows; of the batch's model set */
    mr_frame *in;                   /* row_count rows */
    mr_frame *out;
    mr_row_result *results;            /* of each frame row */
    uint16_t batch_row[MR_BATCH_ROWS]; /* of each frame row */
} mr_group;

typedef enum mr_destination { MR_TO_RESULTS, MR_TO_ERRORS } mr_destination;

/* A message for the sink. Views, valid until it is accepted. */
typedef struct mr_outgoing {
    mr_destination destination;
    int32_t partition; /* -1: by key */
    int64_t timestamp; /* milliseconds since 1970; -1: now */
    mr_bytes key;
    mr_bytes value;
    const mr_header *headers;
    uint32_t header_count;
    uint16_t row; /* of the batch, the receipt says it */
} mr_outgoing;

typedef struct mr_batch {
    const char *topic; /* borrows, from the source */
    int32_t partition;
    uint32_t count;
    mr_record *records;  /* [count], from the source */
    mr_row *rows;        /* [count], from the lane */
    int64_t next_offset; /* what may be committed when all rows are acknowledged */
    bool again;          /* these rows went through the chain before: they count as resent, nothing else */

    const struct mr_model_set *models; /* the snapshot that this batch is decoded and scored with */
    mr_group *groups;                  /* [MR_BATCH_GROUPS] */
    uint32_t group_count;
    mr_outgoing *outgoing; /* [count]; filled by the encode processor, in record order */
    uint32_t outgoing_count;
    mr_arena *arena; /* for messages, decoded strings and encoded bytes; reset before each batch */
} mr_batch;

/* Marks a row as failed. The message is copied into the batch's arena (when that is full, it is the
 * status's meaning). Lane thread. */
void mr_batch_fail(mr_batch *batch, uint32_t row, mr_stage stage, mr_status status, const char *format, ...)
    MR_PRINTF(5, 6);

#endif
