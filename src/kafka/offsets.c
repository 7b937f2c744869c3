/* Where to read a partition.
 *
 * librdkafka runs with auto.offset.reset=error, so every question about a position comes here
 * instead of being answered silently: without a committed offset, records.start decides. When
 * messages are gone (retention was faster than we were), reading goes on with the oldest that is
 * kept, whatever records.start says unless it says error: that loses least. How many are gone is
 * known, and said, when the next message comes.
 */
#include "kafka/consumer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COMMITTED_TIMEOUT_MS = 10000, ASK_MS = 5000, PLACES_MS = 2000 };

const char *mr_consumer_where(mr_consumer *consumer, int32_t partition, int64_t offset) {
    int n = snprintf(consumer->where, sizeof consumer->where, "%s[%" PRId32 "]", consumer->topic, partition);
    if (offset >= 0 && n > 0 && (size_t)n < sizeof consumer->where)
        snprintf(consumer->where + n, sizeof consumer->where - (size_t)n, "@%" PRId64, offset);
    return consumer->where;
}

static rd_kafka_topic_partition_list_t *list_of_one(mr_consumer *consumer, int32_t partition,
                                                    int64_t offset) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, consumer->topic, partition)->offset = offset;
    return list;
}

mr_status mr_consumer_tell_pause(mr_consumer *consumer, int32_t partition, bool pause) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_resp_err_t code;
    rd_kafka_topic_partition_list_add(list, consumer->topic, partition);
    code = pause ? rd_kafka_pause_partitions(consumer->handle, list)
                 : rd_kafka_resume_partitions(consumer->handle, list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
    rd_kafka_topic_partition_list_destroy(list);
    return mr_kafka_status(code);
}

/* A seek is only heard by a partition that is being read: not before its start, not after an error
 * stopped it. Then it begins anew, which the group allows only for the assignment as a whole. */
mr_status mr_consumer_go_to(mr_consumer *consumer, int32_t partition, int64_t offset, mr_error *error) {
    mr_partition *p = mr_backlog_at(&consumer->backlog, partition);
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_error_t *failed;
    mr_status status = MR_OK;
    p->pulled = offset >= 0 ? offset : MR_NO_OFFSET;
    p->begin_at = offset;
    if (!p->active) {
        consumer->restart = true;
        return MR_OK;
    }
    list = list_of_one(consumer, partition, offset);
    failed = rd_kafka_seek_partitions(consumer->handle, list, 0);
    rd_kafka_topic_partition_list_destroy(list);
    if (failed == NULL) return MR_OK;
    status = mr_kafka_fail(error, rd_kafka_error_code(failed), mr_consumer_where(consumer, partition, offset),
                           "cannot seek", rd_kafka_error_string(failed));
    rd_kafka_error_destroy(failed);
    return status;
}

/* Where a partition goes on, as librdkafka wants it. */
static int64_t place_of(const mr_partition *p) {
    if (p->pulled != MR_NO_OFFSET) return p->pulled;
    return p->begin_at != MR_NO_OFFSET ? p->begin_at : RD_KAFKA_OFFSET_STORED;
}

static rd_kafka_error_t *assign_anew(mr_consumer *consumer, const rd_kafka_topic_partition_list_t *list) {
    rd_kafka_resp_err_t code;
    if (strcmp(rd_kafka_rebalance_protocol(consumer->handle), "COOPERATIVE") == 0) {
        rd_kafka_error_t *failed = rd_kafka_incremental_unassign(consumer->handle, list);
        return failed ? failed : rd_kafka_incremental_assign(consumer->handle, list);
    }
    code = rd_kafka_assign(consumer->handle, list);
    return code ? rd_kafka_error_new(code, "%s", rd_kafka_err2str(code)) : NULL;
}

void mr_consumer_restart(mr_consumer *consumer) {
    mr_backlog *backlog = &consumer->backlog;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)consumer->owned);
    rd_kafka_error_t *failed;
    consumer->restart = false;
    for (size_t i = 0; i < backlog->partition_count; i++) {
        mr_partition *p = &backlog->partitions[i];
        if (!p->owned) continue;
        rd_kafka_topic_partition_list_add(list, consumer->topic, (int32_t)i)->offset = place_of(p);
        p->active = false;
    }
    failed = assign_anew(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (failed != NULL) {
        mr_kafka_fail(&consumer->failure, rd_kafka_error_code(failed), consumer->topic, "cannot begin anew",
                      rd_kafka_error_string(failed));
        rd_kafka_error_destroy(failed);
        return;
    }
    for (size_t i = 0; i < backlog->partition_count; i++)
        if (backlog->partitions[i].owned && backlog->partitions[i].stopped)
            mr_consumer_tell_pause(consumer, (int32_t)i, true);
}

void mr_consumer_note_partitions(mr_consumer *consumer) {
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic;
    if (consumer->start != MR_KAFKA_LATEST || consumer->partitions_at_start > 0) return;
    topic = rd_kafka_topic_new(consumer->handle, consumer->topic, NULL);
    if (topic == NULL) return;
    if (rd_kafka_metadata(consumer->handle, 0, topic, &metadata, ASK_MS) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (metadata->topic_cnt > 0) consumer->partitions_at_start = metadata->topics[0].partition_cnt;
        rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_topic_destroy(topic);
}

/* Where a partition without a committed offset begins. One that came after the start: all of it was
 * written since. The end of now, as an offset: asked again later, "the end" would skip what came between. */
static int64_t beginning(mr_consumer *consumer, int32_t partition) {
    bool grown = consumer->partitions_at_start > 0 && partition >= consumer->partitions_at_start;
    if (consumer->start != MR_KAFKA_LATEST || grown) return RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_topic_partition_list_t *list = list_of_one(consumer, partition, RD_KAFKA_OFFSET_END);
    rd_kafka_resp_err_t code = mr_kafka_list_offsets(consumer->handle, list, RD_KAFKA_OFFSET_END, ASK_MS);
    int64_t end = code == RD_KAFKA_RESP_ERR_NO_ERROR ? list->elems[0].offset : RD_KAFKA_OFFSET_END;
    rd_kafka_topic_partition_list_destroy(list);
    return end;
}

/* Those of the list without a committed offset, asked for together. With records.start: error nobody asks:
 * that they have none stops the lane. */
static void find_beginnings(mr_consumer *consumer, rd_kafka_topic_partition_list_t *list) {
    rd_kafka_topic_partition_list_t *wanted = rd_kafka_topic_partition_list_new(list->cnt);
    if (consumer->start != MR_KAFKA_START_ERROR) {
        for (int i = 0; i < list->cnt; i++) {
            if (list->elems[i].offset == RD_KAFKA_OFFSET_INVALID && list->elems[i].err == 0)
                rd_kafka_topic_partition_list_add(wanted, consumer->topic, list->elems[i].partition);
        }
    }
    bool first = consumer->start == MR_KAFKA_EARLIEST;
    int64_t which = first ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END;
    if (wanted->cnt > 0 && mr_kafka_list_offsets(consumer->handle, wanted, which, PLACES_MS) == 0) {
        for (int i = 0; i < wanted->cnt; i++) {
            const rd_kafka_topic_partition_t *found = &wanted->elems[i];
            bool grown =
                consumer->partitions_at_start > 0 && found->partition >= consumer->partitions_at_start;
            if (!first && grown) continue; /* it begins where `beginning` says */
            rd_kafka_topic_partition_list_find(list, consumer->topic, found->partition)->offset =
                found->offset;
        }
    }
    rd_kafka_topic_partition_list_destroy(wanted);
}

void mr_consumer_find_places(mr_consumer *consumer, rd_kafka_topic_partition_list_t *list) {
    rd_kafka_topic_partition_list_t *found = rd_kafka_topic_partition_list_copy(list);
    if (rd_kafka_committed(consumer->handle, found, PLACES_MS) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        find_beginnings(consumer, found);
        for (int i = 0; i < found->cnt; i++) {
            mr_partition *p = mr_backlog_at(&consumer->backlog, found->elems[i].partition);
            if (p == NULL || !p->owned || found->elems[i].offset < 0) continue;
            list->elems[i].offset = p->begin_at = p->next = p->first = found->elems[i].offset;
        }
    }
    rd_kafka_topic_partition_list_destroy(found);
}

/* The committed offset; without one, where this lane began, or would. */
static mr_status find_committed(mr_consumer *consumer, int32_t partition, int64_t *offset, mr_error *error) {
    rd_kafka_topic_partition_list_t *list = list_of_one(consumer, partition, RD_KAFKA_OFFSET_INVALID);
    mr_partition *p = mr_backlog_at(&consumer->backlog, partition);
    rd_kafka_resp_err_t code = rd_kafka_committed(consumer->handle, list, COMMITTED_TIMEOUT_MS);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
    *offset = list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return mr_kafka_fail(error, code, mr_consumer_where(consumer, partition, -1),
                             "cannot read the committed offset", NULL);
    if (*offset < 0) *offset = p->first != MR_NO_OFFSET ? p->first : beginning(consumer, partition);
    return MR_OK;
}

mr_status mr_consumer_rewind(mr_consumer *consumer, int32_t partition, int64_t offset, mr_error *error) {
    mr_partition *p = mr_backlog_at(&consumer->backlog, partition);
    if (p == NULL || !p->owned)
        return mr_fail(error, MR_LOST, mr_consumer_where(consumer, partition, offset),
                       "cannot rewind: the partition is not this lane's any more");
    if (offset < 0) {
        mr_status status = find_committed(consumer, partition, &offset, error);
        if (status != MR_OK) return status;
    }
    mr_backlog_discard(&consumer->backlog, partition);
    p->next = offset >= 0 ? offset : MR_NO_OFFSET;
    if (p->stopped) {
        p->resume_at = offset;
        return MR_OK;
    }
    return mr_consumer_go_to(consumer, partition, offset, error);
}

static void stop_for_offset(mr_consumer *consumer, int32_t partition, int64_t offset) {
    const char *where = mr_consumer_where(consumer, partition, offset);
    if (offset < 0)
        mr_fail(&consumer->failure, MR_NOT_FOUND, where,
                "records.start: error: the group has no committed offset here: commit one "
                "(kafka-consumer-groups --reset-offsets), or set records.start to earliest or latest");
    else
        mr_fail(&consumer->failure, MR_NOT_FOUND, where,
                "records.start: error: the messages from offset %" PRId64
                " on are gone (the topic's retention "
                "deleted them, or it was made anew): commit another offset (kafka-consumer-groups "
                "--reset-offsets), or set records.start to earliest or latest",
                offset);
}

void mr_consumer_out_of_range(mr_consumer *consumer, int32_t partition, int64_t offset) {
    mr_partition *p = mr_backlog_at(&consumer->backlog, partition);
    mr_error error;
    mr_status status;
    if (p == NULL || !p->owned) return;
    if (consumer->start == MR_KAFKA_START_ERROR) {
        stop_for_offset(consumer, partition, offset);
        return;
    }
    if (offset >= 0) p->missing_from = offset;
    p->active = false;
    status = mr_consumer_go_to(
        consumer, partition, offset < 0 ? beginning(consumer, partition) : RD_KAFKA_OFFSET_BEGINNING, &error);
    if (status != MR_OK) consumer->failure = error;
}

void mr_consumer_count_missing(mr_consumer *consumer, int32_t partition, int64_t offset) {
    mr_partition *p = mr_backlog_at(&consumer->backlog, partition);
    int64_t from = p->missing_from;
    const char *where = mr_consumer_where(consumer, partition, -1);
    p->missing_from = MR_NO_OFFSET;
    if (offset <= from) {
        mr_log(MR_LOG_WARN, "kafka",
               "%s: offset %" PRId64 " is beyond the end (was the topic made anew?): "
               "goes on at %" PRId64,
               where, from, offset);
        return;
    }
    consumer->lost += (uint64_t)(offset - from);
    if (consumer->embedded)
        mr_log(MR_LOG_ERROR, "kafka",
               "embedded broker: keeps 5 MB per partition, lost %" PRId64 " messages of %s (offsets %" PRId64
               "..%" PRId64 "): slow the producer down or use a real broker",
               offset - from, where, from, offset - 1);
    else
        mr_log(MR_LOG_ERROR, "kafka",
               "%s: lost %" PRId64 " messages (offsets %" PRId64 "..%" PRId64 "): deleted "
               "by the topic's retention before they were read: raise retention.ms or retention.bytes, or "
               "add lanes",
               where, offset - from, from, offset - 1);
}
