/* Reader: all partitions of a topic, without a group.
 *
 * Each partition is assigned once its watermarks are known: the high one of that moment is its start-time
 * end. It is caught up when the position reaches that end, or when librdkafka says that the partition
 * ends there or later (the last messages before the end may be compacted away, or be marks of
 * transactions). The latter alone would not do: it never comes while somebody writes.
 *
 * Every half minute the topic is looked at again, and partitions that are new are read from their beginning.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "kafka/client.h"
#include "kafka/lent.h"

enum { ASK_MS = 2000 }; /* longest wait for one answer of a broker */
static const int64_t look_every_ns = 30000000000, retry_every_ns = 500000000;
static const int64_t propagation_ns = 2000000000; /* a new topic is not known to all brokers at once */

typedef struct reading {
    bool assigned;
    bool done;        /* read to its start-time end */
    int64_t end;      /* high watermark at the start */
    int64_t position; /* next offset */
} reading;

struct mr_kafka_reader {
    mr_kafka_trouble trouble; /* first: the handle's opaque */
    rd_kafka_t *handle;
    rd_kafka_topic_t *topic;
    const char *name; /* of the topic */
    bool from_beginning;
    bool started; /* every partition of the start is assigned; those that come later are all news */
    bool caught_up;
    bool found; /* the topic was seen once */
    reading *partitions;
    int32_t count;
    int32_t assigned;
    int32_t done;
    uint64_t read;
    uint64_t total;
    int64_t looked;              /* monotonic nanoseconds */
    int64_t missing_since;       /* the same; 0: the topic was never missing */
    rd_kafka_message_t *message; /* lent until the next poll */
    mr_header *headers;
    size_t header_capacity;
};

/* ---- Which partitions there are ---- */

static mr_status grow(mr_kafka_reader *reader, int32_t count, mr_error *error) {
    reading *grown;
    if (count <= reader->count) return MR_OK;
    grown = mr_realloc(reader->partitions, (size_t)count * sizeof *grown);
    if (grown == NULL) return mr_fail(error, MR_NO_MEMORY, reader->name, "out of memory");
    memset(grown + reader->count, 0, (size_t)(count - reader->count) * sizeof *grown);
    if (reader->found && reader->count > 0)
        mr_log(MR_LOG_INFO, "kafka", "topic %s has grown from %" PRId32 " to %" PRId32 " partitions",
               reader->name, reader->count, count);
    reader->partitions = grown;
    reader->count = count;
    return MR_OK;
}

static mr_status missing(mr_kafka_reader *reader, mr_error *error) {
    if (reader->missing_since == 0) reader->missing_since = reader->looked;
    return mr_fail(error,
                   reader->looked - reader->missing_since < propagation_ns ? MR_UNAVAILABLE : MR_NOT_FOUND,
                   NULL, "topic %s does not exist: create it, or start with --create-topics", reader->name);
}

static mr_status look(mr_kafka_reader *reader, int timeout_ms, mr_error *error) {
    const struct rd_kafka_metadata *metadata;
    const rd_kafka_metadata_topic_t *topic;
    mr_status status;
    rd_kafka_resp_err_t code = rd_kafka_metadata(reader->handle, 0, reader->topic, &metadata, timeout_ms);
    reader->looked = mr_monotonic_ns();
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return mr_kafka_no_answer(error, &reader->trouble, code, reader->name);
    topic = metadata->topic_cnt > 0 ? &metadata->topics[0] : NULL;
    code = topic ? topic->err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && !reader->found) status = missing(reader, error);
    else if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        status = mr_kafka_fail(error, code, reader->name, "cannot read the topic", NULL);
    else status = grow(reader, topic->partition_cnt, error);
    rd_kafka_metadata_destroy(metadata);
    if (status == MR_OK) reader->found = true;
    return status;
}

/* ---- Taking a partition ---- */

static mr_status assign(mr_kafka_reader *reader, int32_t partition, int64_t offset, mr_error *error) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_error_t *failed;
    mr_status status = MR_OK;
    rd_kafka_topic_partition_list_add(list, reader->name, partition)->offset = offset;
    failed = rd_kafka_incremental_assign(reader->handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (failed == NULL) return MR_OK;
    status = mr_kafka_fail(error, rd_kafka_error_code(failed), reader->name, "cannot assign",
                           rd_kafka_error_string(failed));
    rd_kafka_error_destroy(failed);
    return status;
}

static void check_done(mr_kafka_reader *reader, reading *partition, int64_t position) {
    if (position > partition->position) partition->position = position;
    if (partition->done || partition->position < partition->end) return;
    partition->done = true;
    reader->done++;
}

/* First offset and end of a partition. */
static rd_kafka_resp_err_t ask_bounds(mr_kafka_reader *reader, int32_t number, int timeout_ms, int64_t *low,
                                      int64_t *high) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, reader->name, number);
    rd_kafka_resp_err_t code =
        mr_kafka_list_offsets(reader->handle, list, RD_KAFKA_OFFSET_BEGINNING, timeout_ms);
    *low = list->elems[0].offset;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = mr_kafka_list_offsets(reader->handle, list, RD_KAFKA_OFFSET_END, timeout_ms);
    *high = list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

static mr_status begin(mr_kafka_reader *reader, int32_t number, int timeout_ms, mr_error *error) {
    reading *partition = &reader->partitions[number];
    int64_t low, high, from;
    char where[300];
    mr_status status;
    rd_kafka_resp_err_t code = ask_bounds(reader, number, timeout_ms, &low, &high);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        snprintf(where, sizeof where, "%s[%" PRId32 "]", reader->name, number);
        status = mr_kafka_fail(error, code, where, "the partition does not answer", reader->trouble.reason);
        /* Not known to a broker that is just starting. */
        return status == MR_NOT_FOUND ? MR_UNAVAILABLE : status;
    }
    from = reader->from_beginning || reader->started ? low : high;
    status = assign(reader, number, from, error);
    if (status != MR_OK) return status;
    partition->assigned = true;
    partition->end = reader->started ? from : high;
    partition->position = from;
    reader->assigned++;
    reader->total += (uint64_t)(partition->end - from);
    check_done(reader, partition, from);
    return MR_OK;
}

/* Looks at the topic when it is time, and takes what is not assigned yet. Partitions that come
 * after the start are read from their beginning in any case. */
static mr_status look_around(mr_kafka_reader *reader, int timeout_ms, mr_error *error) {
    bool complete = reader->found && reader->assigned == reader->count;
    int64_t since = mr_monotonic_ns() - reader->looked;
    mr_status status;
    int wait = timeout_ms < ASK_MS ? timeout_ms : ASK_MS;
    if (wait < 100) wait = 100;
    if (reader->looked != 0 && since < (complete ? look_every_ns : retry_every_ns)) return MR_OK;
    status = look(reader, wait, error);
    if (status != MR_OK)
        return complete && status != MR_NO_MEMORY ? MR_OK : status; /* the next look will tell */
    for (int32_t i = 0; i < reader->count && status == MR_OK; i++)
        if (!reader->partitions[i].assigned) status = begin(reader, i, wait, error);
    if (status == MR_OK) reader->started = true;
    return status;
}

/* ---- Messages ---- */

static mr_status take_error(mr_kafka_reader *reader, const rd_kafka_message_t *message, mr_error *error) {
    char where[300];
    mr_status status;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        if (message->partition < reader->count)
            check_done(reader, &reader->partitions[message->partition], message->offset);
        return MR_OK;
    }
    snprintf(where, sizeof where, "%s[%" PRId32 "]", reader->name, message->partition);
    status = mr_kafka_fail(error, message->err, where, "cannot read", rd_kafka_message_errstr(message));
    return status == MR_NOT_FOUND ? MR_UNAVAILABLE : status; /* it was there at the start */
}

static mr_status take_message(mr_kafka_reader *reader, rd_kafka_message_t *message, mr_model_message *out,
                              mr_error *error) {
    reading *partition = &reader->partitions[message->partition];
    uint32_t headers = mr_headers_of_message(message, &reader->headers, 0, &reader->header_capacity);
    reader->message = message;
    if (headers == UINT32_MAX) return mr_fail(error, MR_NO_MEMORY, reader->name, "out of memory for headers");
    mr_record_of_message(&out->record, message);
    out->record.headers = headers ? reader->headers : NULL;
    out->record.header_count = headers;
    out->topic = reader->name;
    out->partition = message->partition;
    out->at_start = message->offset < partition->end;
    if (out->at_start) reader->read++;
    check_done(reader, partition, message->offset + 1);
    return MR_OK;
}

mr_status mr_kafka_reader_poll(mr_kafka_reader *reader, int timeout_ms, mr_model_message *message,
                               mr_error *error) {
    rd_kafka_message_t *polled;
    mr_status status;
    memset(message, 0, sizeof *message);
    if (reader->message != NULL) rd_kafka_message_destroy(reader->message);
    reader->message = NULL;
    status = look_around(reader, timeout_ms, error);
    if (status != MR_OK) return status;
    polled = rd_kafka_consumer_poll(reader->handle, timeout_ms);
    if (polled == NULL) return MR_OK;
    if (polled->err == RD_KAFKA_RESP_ERR_NO_ERROR) return take_message(reader, polled, message, error);
    status = take_error(reader, polled, error);
    rd_kafka_message_destroy(polled);
    return status;
}

bool mr_kafka_reader_caught_up(mr_kafka_reader *reader, uint64_t *read, uint64_t *total) {
    if (read) *read = reader->read;
    if (total) *total = reader->total;
    if (reader->started && reader->done == reader->count) reader->caught_up = true;
    return reader->caught_up;
}

/* ---- Making it ---- */

static mr_status open_reader(mr_kafka_reader *reader, const mr_kafka_config *config, const char *group,
                             const char *topic, mr_error *error) {
    rd_kafka_conf_t *conf;
    mr_status status = mr_kafka_conf_new(config, MR_KAFKA_READER, &reader->trouble, &conf, error);
    if (status != MR_OK) return status;
    status = mr_kafka_conf_set(conf, "group.id", group, error); /* assign needs one */
    if (status == MR_OK && mr_kafka_find_setting(config, "group.instance.id"))
        status = mr_kafka_conf_set(conf, "group.instance.id", "", error);
    if (status != MR_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    status = mr_kafka_open(conf, MR_KAFKA_READER, &reader->handle, error);
    if (status != MR_OK) return status;
    rd_kafka_poll_set_consumer(reader->handle);
    reader->topic = rd_kafka_topic_new(reader->handle, topic, NULL);
    if (reader->topic == NULL)
        return mr_kafka_fail(error, rd_kafka_last_error(), topic, "cannot open the topic", NULL);
    reader->name = rd_kafka_topic_name(reader->topic);
    return MR_OK;
}

mr_status mr_kafka_reader_new(const mr_kafka_config *config, const char *group, const char *topic,
                              bool from_beginning, mr_kafka_reader **reader, mr_error *error) {
    mr_kafka_reader *made = mr_alloc_zero(1, sizeof *made);
    mr_status status;
    *reader = NULL;
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    made->from_beginning = from_beginning;
    status = open_reader(made, config, group, topic, error);
    if (status != MR_OK) {
        mr_kafka_reader_free(made);
        return status;
    }
    *reader = made;
    return MR_OK;
}

void mr_kafka_reader_free(mr_kafka_reader *reader) {
    if (reader == NULL) return;
    if (reader->message != NULL) rd_kafka_message_destroy(reader->message);
    if (reader->topic != NULL) rd_kafka_topic_destroy(reader->topic);
    if (reader->handle != NULL) {
        rd_kafka_consumer_close(reader->handle);
        rd_kafka_destroy(reader->handle);
    }
    mr_free(reader->partitions);
    mr_free(reader->headers);
    mr_free(reader);
}
