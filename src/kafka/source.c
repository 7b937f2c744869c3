/* Source: from librdkafka's queue to batches of one partition.
 *
 * Waits for the first message with consumer_poll, then drains what has arrived without waiting: the rate
 * of the batch call without its latency. Messages go to the backlog, sorted by partition, and batches
 * are cut from there; librdkafka is asked again only when the backlog has nothing to lend.
 *
 * A pause is soft at first. Telling librdkafka throws away all that it fetched ahead, so a pause of a
 * few milliseconds (a full sink) just leaves the messages where they are. Only when it lasts, or the
 * backlog fills, is librdkafka told, and the partition begins anew at what was not lent.
 */
#include "kafka/consumer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

enum { PULL = 512, NAP_MS = 10, CLOSE_MS = 5000 };
static const int64_t pause_is_long_ns = 1000000000;

/* ---- From librdkafka to the backlog ---- */

/* What passes by itself is only reported; the rest stops the lane. */
static void take_error(mr_consumer *consumer, const rd_kafka_message_t *message) {
    const char *reason = rd_kafka_message_errstr(message);
    mr_status status = mr_kafka_status(message->err);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
        mr_consumer_out_of_range(consumer, message->partition, message->offset);
        return;
    }
    if (message->err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED || status == MR_UNAVAILABLE ||
        status == MR_TIMEOUT || status == MR_NOT_FOUND) {
        consumer->trouble.code = message->err;
        snprintf(consumer->trouble.reason, sizeof consumer->trouble.reason, "%s", reason);
        return;
    }
    mr_kafka_fail(&consumer->failure, message->err,
                  mr_consumer_where(consumer, message->partition, message->offset), "cannot read", reason);
}

static void take_message(mr_consumer *consumer, rd_kafka_message_t *message) {
    mr_partition *p = mr_backlog_at(&consumer->backlog, message->partition);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        take_error(consumer, message);
        rd_kafka_message_destroy(message);
        return;
    }
    /* Of a partition that went while the queue was drained, or from before a seek. */
    if (p == NULL || !p->owned || (p->pulled != MR_NO_OFFSET && message->offset < p->pulled)) {
        rd_kafka_message_destroy(message);
        return;
    }
    if (p->missing_from != MR_NO_OFFSET)
        mr_consumer_count_missing(consumer, message->partition, message->offset);
    p->active = true;
    p->pulled = message->offset + 1;
    if (p->stopped) { /* was under way when librdkafka was told to pause; resume reads it again */
        if (p->resume_at == MR_NO_OFFSET) p->resume_at = message->offset;
        rd_kafka_message_destroy(message);
    } else {
        mr_backlog_push(&consumer->backlog, message->partition, message);
    }
}

static void stop_paused(mr_consumer *consumer) {
    for (size_t i = 0; i < consumer->backlog.partition_count; i++) {
        mr_partition *p = &consumer->backlog.partitions[i];
        if (!p->owned || !p->paused || p->stopped) continue;
        if (mr_consumer_tell_pause(consumer, (int32_t)i, true) != MR_OK) continue;
        p->resume_at = p->count ? mr_backlog_first(&consumer->backlog, p) : p->pulled;
        p->stopped = true;
        mr_backlog_discard(&consumer->backlog, (int32_t)i);
    }
}

/* True when nothing may be pulled now: all is paused, but not for long. */
static bool hold_still(mr_consumer *consumer, int timeout_ms) {
    bool all = consumer->owned > 0 && consumer->paused == consumer->owned;
    if (all && mr_monotonic_ns() - consumer->last_pull < pause_is_long_ns) {
        int nap = timeout_ms < NAP_MS ? timeout_ms : NAP_MS;
        if (nap > 0) nanosleep(&(struct timespec){.tv_nsec = nap * 1000000L}, NULL);
        return true;
    }
    if (all || consumer->backlog.used > MR_BACKLOG_SLOTS / 2) stop_paused(consumer);
    return false;
}

static void pull(mr_consumer *consumer, int timeout_ms) {
    rd_kafka_message_t *messages[PULL];
    ssize_t more;
    uint32_t room;
    if (consumer->paused > 0 && hold_still(consumer, timeout_ms)) return;
    room = MR_BACKLOG_SLOTS - consumer->backlog.used;
    if (room == 0) return;
    if (consumer->restart) mr_consumer_restart(consumer);
    mr_consumer_repeat_commits(consumer);
    if (consumer->paused > 0) consumer->last_pull = mr_monotonic_ns();
    messages[0] = rd_kafka_consumer_poll(consumer->handle, timeout_ms);
    if (messages[0] == NULL) return;
    more = rd_kafka_consume_batch_queue(consumer->queue, 0, messages + 1, (room < PULL ? room : PULL) - 1);
    for (ssize_t i = 0; i <= (more > 0 ? more : 0); i++) take_message(consumer, messages[i]);
}

/* ---- The contract ---- */

static mr_status lend(mr_consumer *consumer, int32_t partition, mr_batch **batch, mr_error *error) {
    mr_partition *p = mr_backlog_at(&consumer->backlog, partition);
    mr_lent *lent = mr_lent_take(&consumer->pool);
    mr_status status = MR_NO_MEMORY;
    int64_t first = mr_backlog_first(&consumer->backlog, p);
    if (lent != NULL) {
        uint32_t count = mr_backlog_take(&consumer->backlog, partition, lent->messages, MR_BATCH_ROWS);
        status = mr_lent_fill(lent, count);
    }
    if (status != MR_OK) {
        if (lent != NULL) mr_lent_give_back(&consumer->pool, lent);
        mr_consumer_rewind(consumer, partition, first, NULL);
        return mr_fail(error, status, mr_consumer_where(consumer, partition, first),
                       "out of memory for a batch");
    }
    lent->batch.topic = consumer->topic;
    if (p->first == MR_NO_OFFSET) p->first = first;
    p->next = lent->batch.next_offset;
    *batch = &lent->batch;
    return MR_OK;
}

static mr_status poll_batch(mr_source *source, int timeout_ms, mr_batch **batch, mr_error *error) {
    mr_consumer *consumer = mr_consumer_of(source);
    int32_t partition = mr_backlog_turn(&consumer->backlog);
    *batch = NULL;
    if (partition < 0) {
        pull(consumer, timeout_ms);
        partition = mr_backlog_turn(&consumer->backlog);
    }
    if (consumer->failure.status != MR_OK) {
        if (error) *error = consumer->failure;
        if (partition >= 0) mr_backlog_requeue(&consumer->backlog, partition);
        return consumer->failure.status;
    }
    if (partition >= 0) return lend(consumer, partition, batch, error);
    if (consumer->trouble.code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        mr_kafka_fail(error, consumer->trouble.code, consumer->topic, "reading records",
                      consumer->trouble.reason);
        consumer->trouble.code = RD_KAFKA_RESP_ERR_NO_ERROR;
        if (error) error->status = MR_UNAVAILABLE;
        return MR_UNAVAILABLE;
    }
    return MR_OK;
}

static void release(mr_source *source, mr_batch *batch) {
    mr_lent_give_back(&mr_consumer_of(source)->pool, (mr_lent *)(void *)batch);
}

static mr_status pause_partition(mr_source *source, int32_t partition) {
    mr_consumer *consumer = mr_consumer_of(source);
    mr_partition *p = mr_backlog_at(&consumer->backlog, partition);
    if (p == NULL || !p->owned) return MR_LOST;
    if (p->paused) return MR_OK;
    p->paused = true;
    if (consumer->paused++ == 0) consumer->last_pull = mr_monotonic_ns();
    return MR_OK;
}

static mr_status resume_partition(mr_source *source, int32_t partition) {
    mr_consumer *consumer = mr_consumer_of(source);
    mr_partition *p = mr_backlog_at(&consumer->backlog, partition);
    if (p == NULL || !p->owned) return MR_LOST;
    if (!p->paused) return MR_OK;
    p->paused = false;
    consumer->paused--;
    mr_backlog_requeue(&consumer->backlog, partition);
    if (!p->stopped) return MR_OK;
    p->stopped = false;
    mr_status status = mr_consumer_tell_pause(consumer, partition, false);
    if (status == MR_OK && p->resume_at != MR_NO_OFFSET)
        status = mr_consumer_go_to(consumer, partition, p->resume_at, NULL);
    p->resume_at = MR_NO_OFFSET;
    return status;
}

static mr_status rewind_partition(mr_source *source, int32_t partition, int64_t offset, mr_error *error) {
    return mr_consumer_rewind(mr_consumer_of(source), partition, offset, error);
}

static mr_status commit(mr_source *source, const mr_position *positions, uint32_t count, bool wait,
                        mr_error *error) {
    return mr_consumer_commit(mr_consumer_of(source), positions, count, wait, error);
}

static int64_t end_of_partition(mr_source *source, int32_t partition) {
    mr_consumer *consumer = mr_consumer_of(source);
    int64_t low, high;
    if (rd_kafka_get_watermark_offsets(consumer->handle, consumer->topic, partition, &low, &high) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return -1;
    return high < 0 ? -1 : high;
}

static int64_t position_of_partition(mr_source *source, int32_t partition) {
    const mr_partition *p = mr_backlog_at(&mr_consumer_of(source)->backlog, partition);
    return p != NULL && p->owned && p->next >= 0 ? p->next : -1;
}

static void free_consumer(mr_consumer *consumer) {
    if (consumer == NULL) return;
    mr_backlog_free(&consumer->backlog);
    mr_lent_pool_free(&consumer->pool);
    if (consumer->queue != NULL) rd_kafka_queue_destroy(consumer->queue);
    if (consumer->handle != NULL)
        rd_kafka_destroy_flags(consumer->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    mr_free(consumer->topic);
    mr_free(consumer);
}

/* Leaves the group. rd_kafka_consumer_close() waits for ever for a broker that keeps its connections and
 * answers nothing; this gives up, and the group misses us after session.timeout.ms. */
static bool leave_group(mr_consumer *consumer) {
    int64_t until = mr_monotonic_ns() + consumer->close_timeout_ms * 1000000;
    consumer->close_until = until;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(consumer->handle);
    rd_kafka_error_t *failed = rd_kafka_consumer_close_queue(consumer->handle, queue);
    bool closed = failed != NULL;
    while (!closed && mr_monotonic_ns() < until) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, NAP_MS); /* NULL: nothing came */
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE)
            mr_consumer_rebalance(consumer->handle, rd_kafka_event_error(event),
                                  rd_kafka_event_topic_partition_list(event), consumer);
        rd_kafka_event_destroy(event);
        closed = rd_kafka_consumer_closed(consumer->handle);
    }
    if (failed != NULL) rd_kafka_error_destroy(failed);
    rd_kafka_queue_destroy(queue);
    return closed;
}

/* A handle that could not leave is not freed: that would wait for the same broker. It happens in a process
 * that stops while its broker is frozen. */
static void close_source(mr_source *source) {
    mr_consumer *consumer = mr_consumer_of(source);
    if (leave_group(consumer)) {
        free_consumer(consumer);
        return;
    }
    mr_log(MR_LOG_WARN, "kafka", "%s: the broker does not answer: left the group without saying so",
           consumer->topic);
}

static uint64_t lost_records(mr_source *source) {
    return mr_consumer_of(source)->lost;
}

static const mr_source_ops source_ops = {
    .name = "kafka",
    .poll = poll_batch,
    .release = release,
    .pause = pause_partition,
    .resume = resume_partition,
    .rewind = rewind_partition,
    .commit = commit,
    .close = close_source,
    .end = end_of_partition,
    .position = position_of_partition,
    .lost = lost_records,
};

/* ---- Making it ---- */

/* Each lane is a member of its own: a static member's name and the client's end in the lane. */
static mr_status name_lane(rd_kafka_conf_t *conf, const mr_kafka_config *config, uint32_t lane,
                           mr_error *error) {
    char name[256];
    const char *instance = mr_kafka_find_setting(config, "group.instance.id");
    mr_status status;
    snprintf(name, sizeof name, "%s-lane%u", config->client_id ? config->client_id : "millrace", lane);
    status = mr_kafka_conf_set(conf, "client.id", name, error);
    if (status != MR_OK || instance == NULL || *instance == '\0') return status;
    snprintf(name, sizeof name, "%s-lane%u", instance, lane);
    return mr_kafka_conf_set(conf, "group.instance.id", name, error);
}

static mr_status open_consumer(mr_consumer *consumer, const mr_kafka_config *config,
                               const mr_kafka_source_options *options, mr_error *error) {
    rd_kafka_conf_t *conf;
    mr_status status = mr_kafka_conf_new(config, MR_KAFKA_SOURCE, &consumer->trouble, &conf, error);
    if (status != MR_OK) return status;
    status = mr_kafka_conf_set(conf, "group.id", options->group, error);
    if (status == MR_OK) status = name_lane(conf, config, options->lane, error);
    if (status != MR_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    rd_kafka_conf_set_rebalance_cb(conf, mr_consumer_rebalance);
    rd_kafka_conf_set_offset_commit_cb(conf, mr_consumer_committed);
    status = mr_kafka_open(conf, MR_KAFKA_SOURCE, &consumer->handle, error);
    if (status != MR_OK) return status;
    rd_kafka_poll_set_consumer(consumer->handle);
    consumer->queue = rd_kafka_queue_get_consumer(consumer->handle);
    return MR_OK;
}

static mr_status subscribe(mr_consumer *consumer, mr_error *error) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_resp_err_t code;
    rd_kafka_topic_partition_list_add(list, consumer->topic, RD_KAFKA_PARTITION_UA);
    code = rd_kafka_subscribe(consumer->handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return MR_OK;
    return mr_kafka_fail(error, code, consumer->topic, "cannot subscribe", NULL);
}

mr_status mr_kafka_source_new(const mr_kafka_config *config, const mr_kafka_source_options *options,
                              mr_source **source, mr_error *error) {
    mr_consumer *consumer = mr_alloc_zero(1, sizeof *consumer);
    mr_status status;
    *source = NULL;
    if (consumer == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_backlog_init(&consumer->backlog);
    consumer->source.ops = &source_ops;
    consumer->start = options->start;
    consumer->close_timeout_ms = options->close_timeout_ms > 0 ? options->close_timeout_ms : CLOSE_MS;
    consumer->embedded = config->embedded;
    consumer->topic = mr_copy_string(options->topic);
    status = consumer->topic ? MR_OK : mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    if (status == MR_OK) status = open_consumer(consumer, config, options, error);
    if (status == MR_OK) status = subscribe(consumer, error);
    if (status != MR_OK) {
        free_consumer(consumer);
        return status;
    }
    *source = &consumer->source;
    return MR_OK;
}
