/* Consumer: the inside of the source, shared by its three parts.
 *
 *   source.c   poll, release, pause, resume: messages from librdkafka to the backlog, batches to the lane
 *   group.c    ownership and commits: what the group does to us, what we tell it
 *   offsets.c  whether and where to read: pauses, rewinds, starts without a committed offset, messages that
 * are gone
 */
#ifndef MR_KAFKA_CONSUMER_H
#define MR_KAFKA_CONSUMER_H

#include "base/log.h"
#include "kafka/backlog.h"
#include "kafka/client.h"
#include "kafka/lent.h"

typedef struct mr_consumer {
    mr_kafka_trouble trouble; /* first: the handle's opaque */
    mr_source source;
    rd_kafka_t *handle;
    rd_kafka_queue_t *queue;
    char *topic;
    mr_kafka_start start;
    bool embedded;
    bool restart;     /* of some partition */
    mr_error failure; /* the lane must stop; status MR_OK: no */
    mr_backlog backlog;
    mr_lent_pool pool;
    int32_t partitions_at_start; /* of the topic; 0: not known */
    uint32_t owned;
    uint32_t paused;
    int64_t last_pull;    /* monotonic nanoseconds, as the next three */
    int64_t last_commit;  /* when one was handed over */
    int64_t commit_until; /* end of all waits for commits in a revocation; 0: there is none */
    int64_t close_until;  /* the same, of closing; 0: not closing */
    int64_t close_timeout_ms;
    uint64_t lost;
    mr_log_limit commit_log;
    char where[160]; /* "data[2]@4711", for the message being made */
} mr_consumer;

static inline mr_consumer *mr_consumer_of(mr_source *source) {
    return (mr_consumer *)(void *)((char *)source - offsetof(mr_consumer, source));
}

/* "topic[partition]@offset" in consumer->where; a negative offset is left out. */
const char *mr_consumer_where(mr_consumer *consumer, int32_t partition, int64_t offset);

/* group.c */
void mr_consumer_rebalance(rd_kafka_t *handle, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t *list, void *opaque);
void mr_consumer_committed(rd_kafka_t *handle, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t *list, void *opaque);
mr_status mr_consumer_commit(mr_consumer *consumer, const mr_position *positions, uint32_t count, bool wait,
                             mr_error *error);
/* Commits again what the broker has not taken. Before each pull. */
void mr_consumer_repeat_commits(mr_consumer *consumer);

/* offsets.c */
/* Tells librdkafka whether to fetch the partition; what it has fetched ahead is gone. */
mr_status mr_consumer_tell_pause(mr_consumer *consumer, int32_t partition, bool pause);
/* Next message of the partition: `offset`, which may be logical. Does not wait. */
mr_status mr_consumer_go_to(mr_consumer *consumer, int32_t partition, int64_t offset, mr_error *error);
mr_status mr_consumer_rewind(mr_consumer *consumer, int32_t partition, int64_t offset, mr_error *error);
/* Partitions that are there now; those that come later are read from their beginning. */
void mr_consumer_note_partitions(mr_consumer *consumer);
/* Where the partitions that are being assigned begin: written into `list`, so that lag is known before the
 * first record. What the broker does not say within two seconds librdkafka finds itself. */
void mr_consumer_find_places(mr_consumer *consumer, rd_kafka_topic_partition_list_t *list);
/* Begins anew where mr_consumer_go_to could not just seek. Before each pull. */
void mr_consumer_restart(mr_consumer *consumer);
/* librdkafka has no place to read from: no committed offset (offset < 0), or messages are gone. */
void mr_consumer_out_of_range(mr_consumer *consumer, int32_t partition, int64_t offset);
/* The first message after that came. */
void mr_consumer_count_missing(mr_consumer *consumer, int32_t partition, int64_t offset);

#endif
