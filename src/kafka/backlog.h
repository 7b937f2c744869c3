/* Backlog: messages that librdkafka handed over and the lane has not got yet, by partition.
 *
 * librdkafka gives messages of all partitions mixed; the lane wants runs of one. Each partition has
 * a list of slots of one fixed pool, and partitions with messages stand in a queue, so that sorting
 * costs the same for one partition as for a thousand. Nothing is allocated per message.
 */
#ifndef MR_KAFKA_BACKLOG_H
#define MR_KAFKA_BACKLOG_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

enum { MR_BACKLOG_SLOTS = 2048 };
#define MR_NO_OFFSET INT64_MIN

/* What the source knows of a partition. */
typedef struct mr_partition {
    bool owned;
    bool paused;       /* by the lane; its messages wait in the backlog */
    bool stopped;      /* and librdkafka was told as well: nothing comes, nothing waits */
    bool ready;        /* stands in the queue */
    bool active;       /* a message came since it was begun, so a seek works */
    int64_t pulled;    /* next offset to come from librdkafka; MR_NO_OFFSET: any */
    int64_t next;      /* next offset to lend, or MR_NO_OFFSET: not known */
    int64_t first;     /* where this lane began when the partition was assigned, or MR_NO_OFFSET: not known */
    int64_t resume_at; /* stopped: where to begin again (may be logical), or MR_NO_OFFSET */
    int64_t begin_at;  /* where it was told to begin: may be logical, or MR_NO_OFFSET: at the committed one */
    bool restart;      /* and still has to be told */
    int64_t missing_from; /* messages from here on were gone; how many, the next message tells */
    int64_t handed;       /* last position given to librdkafka to commit; -1: none */
    int64_t committed;    /* last one that the broker took; -1: none */
    uint32_t head;        /* waiting messages: slots, head to tail */
    uint32_t tail;
    uint32_t count;
    int32_t next_ready; /* partition behind this one in the queue; -1: last */
} mr_partition;

typedef struct mr_backlog {
    mr_partition *partitions; /* by number */
    size_t partition_count;
    int32_t first_ready; /* -1: none */
    int32_t last_ready;
    uint32_t used;
    uint32_t free_slot;
    struct {
        rd_kafka_message_t *message;
        uint32_t next;
    } slots[MR_BACKLOG_SLOTS];
} mr_backlog;

void mr_backlog_init(mr_backlog *backlog);
void mr_backlog_free(mr_backlog *backlog); /* destroys what waits */

/* The partition, or NULL when it was never owned. Valid until the next mr_backlog_own. */
mr_partition *mr_backlog_at(mr_backlog *backlog, int32_t partition);
/* Makes it owned, as new. NULL: out of memory. */
mr_partition *mr_backlog_own(mr_backlog *backlog, int32_t partition);
/* Takes the message. There must be a free slot. */
void mr_backlog_push(mr_backlog *backlog, int32_t partition, rd_kafka_message_t *message);
/* The partition whose turn it is, or -1. It goes to the end of the queue when it is not emptied. */
int32_t mr_backlog_turn(mr_backlog *backlog);
/* Up to max messages in offset order; the caller owns them. */
uint32_t mr_backlog_take(mr_backlog *backlog, int32_t partition, rd_kafka_message_t **messages, uint32_t max);
void mr_backlog_discard(mr_backlog *backlog, int32_t partition); /* destroys what waits */
/* Stands in the queue again, when it has messages and is not paused. */
void mr_backlog_requeue(mr_backlog *backlog, int32_t partition);
/* Offset of the first waiting message, or MR_NO_OFFSET. */
int64_t mr_backlog_first(const mr_backlog *backlog, const mr_partition *partition);

#endif
