/* Group: partitions come and go, offsets are committed.
 *
 * The rebalance callback runs inside of a poll (or of close), on the lane's thread. On revoked the lane
 * commits from within it, so a commit that waits has its own queue and a bound, which all partitions
 * that go together share: the broker may be away.
 */
#include "kafka/consumer.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

static const int64_t commit_timeout_ns = 10000000000;
static const int64_t commit_repeat_ns = 2000000000;

static void assigned(mr_consumer *consumer, const rd_kafka_topic_partition_list_t *list) {
    for (int i = 0; i < list->cnt; i++) {
        if (mr_backlog_own(&consumer->backlog, list->elems[i].partition) != NULL) consumer->owned++;
        else
            mr_fail(&consumer->failure, MR_NO_MEMORY, NULL, "out of memory for partition %" PRId32,
                    list->elems[i].partition);
    }
}

static void tell_assigned(mr_consumer *consumer, const rd_kafka_topic_partition_list_t *list) {
    const mr_source_listener *listener = &consumer->source.listener;
    for (int i = 0; i < list->cnt; i++) {
        mr_partition *p = mr_backlog_at(&consumer->backlog, list->elems[i].partition);
        if (p != NULL && p->owned && listener->assigned != NULL)
            listener->assigned(listener->context, consumer->topic, list->elems[i].partition);
    }
}

static void revoke(mr_consumer *consumer, int32_t partition, bool lost) {
    const mr_source_listener *listener = &consumer->source.listener;
    mr_partition *p = mr_backlog_at(&consumer->backlog, partition);
    if (p == NULL || !p->owned) return;
    mr_backlog_discard(&consumer->backlog, partition);
    if (listener->revoked != NULL) listener->revoked(listener->context, partition, lost);
    if (p->paused) consumer->paused--;
    p->owned = p->paused = p->stopped = false;
    consumer->owned--;
}

void mr_consumer_rebalance(rd_kafka_t *handle, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t *list, void *opaque) {
    mr_consumer *consumer = opaque;
    bool cooperative = strcmp(rd_kafka_rebalance_protocol(handle), "COOPERATIVE") == 0;
    rd_kafka_error_t *failed = NULL;
    rd_kafka_resp_err_t eager = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        mr_consumer_note_partitions(consumer);
        assigned(consumer, list);
        mr_consumer_find_places(consumer, list);
        if (cooperative) failed = rd_kafka_incremental_assign(handle, list);
        else eager = rd_kafka_assign(handle, list);
        tell_assigned(consumer, list);
    } else {
        consumer->commit_until = mr_monotonic_ns() + commit_timeout_ns;
        bool lost = code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS || rd_kafka_assignment_lost(handle);
        for (int i = 0; i < list->cnt; i++) revoke(consumer, list->elems[i].partition, lost);
        consumer->commit_until = 0;
        if (cooperative) failed = rd_kafka_incremental_unassign(handle, list);
        else eager = rd_kafka_assign(handle, NULL);
    }
    if (failed != NULL) {
        mr_kafka_fail(&consumer->failure, rd_kafka_error_code(failed), consumer->topic,
                      "cannot take partitions", rd_kafka_error_string(failed));
        rd_kafka_error_destroy(failed);
    } else if (eager != RD_KAFKA_RESP_ERR_NO_ERROR) {
        mr_kafka_fail(&consumer->failure, eager, consumer->topic, "cannot take partitions", NULL);
    }
}

static void note_committed(mr_consumer *consumer, const rd_kafka_topic_partition_list_t *list) {
    for (int i = 0; list != NULL && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *elem = &list->elems[i];
        mr_partition *p = mr_backlog_at(&consumer->backlog, elem->partition);
        if (p != NULL && p->owned && elem->err == RD_KAFKA_RESP_ERR_NO_ERROR && elem->offset > p->committed)
            p->committed = elem->offset;
    }
}

/* The outcome of a commit that nobody waited for; one that failed is repeated. */
void mr_consumer_committed(rd_kafka_t *handle, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t *list, void *opaque) {
    mr_consumer *consumer = opaque;
    (void)handle;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) note_committed(consumer, list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__NO_OFFSET) return;
    mr_log_limited(&consumer->commit_log, MR_LOG_WARN, "kafka",
                   "%s: a commit failed and will be repeated: %s", consumer->topic, rd_kafka_err2str(code));
}

typedef struct answer {
    bool there;
    rd_kafka_resp_err_t code;
} answer;

static void take_answer(rd_kafka_t *handle, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list,
                        void *opaque) {
    answer *taken = opaque;
    (void)handle;
    taken->there = true;
    taken->code = code;
    for (int i = 0; list != NULL && i < list->cnt && taken->code == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        taken->code = list->elems[i].err;
}

/* How long a commit may wait. */
static int patience_ms(const mr_consumer *consumer) {
    int64_t now = mr_monotonic_ns();
    int64_t until = consumer->commit_until ? consumer->commit_until : now + commit_timeout_ns;
    if (consumer->close_until != 0 && consumer->close_until < until) until = consumer->close_until;
    return until > now ? (int)((until - now) / 1000000) : 0;
}

/* When the queue is destroyed before the answer came, the callback is never called. */
static rd_kafka_resp_err_t commit_and_wait(mr_consumer *consumer,
                                           const rd_kafka_topic_partition_list_t *list) {
    answer taken = {.there = false};
    rd_kafka_queue_t *queue = rd_kafka_queue_new(consumer->handle);
    rd_kafka_resp_err_t code = rd_kafka_commit_queue(consumer->handle, list, queue, take_answer, &taken);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && !taken.there)
        rd_kafka_queue_poll_callback(queue, patience_ms(consumer));
    rd_kafka_queue_destroy(queue);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
    return taken.there ? taken.code : RD_KAFKA_RESP_ERR__TIMED_OUT;
}

/* When commits fail or are never answered (a coordinator that went away), the next one covers them; but after
 * the last record there is no next one. So what is still open when nothing new was committed for a while is
 * committed again. */
void mr_consumer_repeat_commits(mr_consumer *consumer) {
    int64_t now = mr_monotonic_ns();
    if (now - consumer->last_commit < commit_repeat_ns) return;
    consumer->last_commit = now;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)consumer->owned);
    for (size_t i = 0; i < consumer->backlog.partition_count; i++) {
        const mr_partition *p = &consumer->backlog.partitions[i];
        if (p->owned && p->handed > p->committed)
            rd_kafka_topic_partition_list_add(list, consumer->topic, (int32_t)i)->offset = p->handed;
    }
    if (list->cnt > 0) rd_kafka_commit(consumer->handle, list, 1);
    rd_kafka_topic_partition_list_destroy(list);
}

static void note_handed(mr_consumer *consumer, const mr_position *positions, uint32_t count) {
    consumer->last_commit = mr_monotonic_ns();
    for (uint32_t i = 0; i < count; i++) {
        mr_partition *p = mr_backlog_at(&consumer->backlog, positions[i].partition);
        if (p != NULL) p->handed = positions[i].offset;
    }
}

mr_status mr_consumer_commit(mr_consumer *consumer, const mr_position *positions, uint32_t count, bool wait,
                             mr_error *error) {
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t code;
    if (count == 0) return MR_OK;
    list = rd_kafka_topic_partition_list_new((int)count);
    for (uint32_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, consumer->topic, positions[i].partition)->offset =
            positions[i].offset;
    note_handed(consumer, positions, count);
    code = wait ? commit_and_wait(consumer, list) : rd_kafka_commit(consumer->handle, list, 1);
    if (wait && code == RD_KAFKA_RESP_ERR_NO_ERROR) note_committed(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__NO_OFFSET) return MR_OK;
    return mr_kafka_fail(error, code,
                         mr_consumer_where(consumer, positions[0].partition, positions[0].offset),
                         "cannot commit", NULL);
}
