/* Sink: an idempotent producer whose delivery reports become receipts.
 *
 * Two roads into librdkafka. Messages without headers and with the timestamp "now" go in runs of one
 * partition by produce_batch, which is about twice as cheap and can carry neither; all others one by
 * one. Sizes are checked here, against what each topic takes, before either.
 *
 * A broker refuses a whole batch for one message that is too large. When that happens all the same (the
 * topic's limit was lowered since the start), nobody is condemned yet: the receipts say "again", and
 * the next messages are sent alone, so that the verdict hits the right one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "kafka/client.h"
#include "kafka/produce.h"
#include "kafka/tickets.h"

enum { TARGETS = 2, BATCH_HEADER = 128, REFRESH_MS = 500, LINGER_MIN_MS = 5, LINGER_MAX_MS = 1000 };

typedef struct target {
    rd_kafka_topic_t *topic; /* NULL: nothing goes there */
    size_t max_bytes;
    bool always_now;   /* the broker refused a timestamp that its limits seemed to allow */
    int64_t refreshed; /* when its partitions were last looked for: monotonic nanoseconds */
} target;

typedef struct kafka_sink {
    mr_kafka_trouble trouble; /* first: the handle's opaque */
    mr_sink sink;
    rd_kafka_t *handle;
    target targets[TARGETS]; /* by mr_destination */
    mr_tickets tickets;
    bool embedded;
    uint32_t alone; /* messages still to be sent alone */
    rd_kafka_message_t run[MR_BATCH_ROWS];
} kafka_sink;

static kafka_sink *of(mr_sink *sink) {
    return (kafka_sink *)(void *)((char *)sink - offsetof(kafka_sink, sink));
}

/* ---- Receipts ---- */

/* After a fatal error librdkafka gives all messages back, each with some error. A topic that is not there may
 * come: a broker that is just starting does not know it yet. */
static mr_status status_of(rd_kafka_t *handle, rd_kafka_resp_err_t code) {
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return MR_OK;
    if (rd_kafka_fatal_error(handle, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) return MR_LOST;
    mr_status status = mr_kafka_status(code);
    return status == MR_NOT_FOUND ? MR_UNAVAILABLE : status;
}

/* Thread: the lane's, from inside poll and flush. */
static void delivered(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque) {
    kafka_sink *sink = opaque;
    const void *packed = message->_private;
    mr_destination destination = mr_ticket_destination(packed);
    mr_receipt receipt = {.row = mr_ticket_row(packed), .destination = destination};
    receipt.ticket = mr_tickets_arrived(&sink->tickets, mr_ticket_slot_of(packed));
    receipt.status = status_of(handle, message->err);
    receipt.reason = message->err ? rd_kafka_err2str(message->err) : "";
    if (message->err == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP && !sink->targets[destination].always_now) {
        sink->targets[destination].always_now = true;
        mr_log(MR_LOG_WARN, "kafka",
               "topic %s refuses timestamps of records: they are replaced by now from here on "
               "(the original stands in the header millrace.timestamp)",
               rd_kafka_topic_name(sink->targets[destination].topic));
    }
    /* Sent before the switch above: the next time it goes with another timestamp. */
    if (message->err == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP) receipt.status = MR_UNAVAILABLE;
    if (receipt.status == MR_TOO_LARGE && !mr_ticket_alone(packed)) {
        sink->alone += 2; /* itself, and room for one that comes between */
        receipt.status = MR_UNAVAILABLE;
    }
    if (sink->sink.listener.received != NULL)
        sink->sink.listener.received(sink->sink.listener.context, &receipt);
}

/* ---- Sending ---- */

static bool is_plain(const kafka_sink *sink, const mr_outgoing *message) {
    return message->timestamp < 0 && message->header_count == 0 && sink->alone == 0;
}

static mr_status too_large(const kafka_sink *sink, const mr_outgoing *message, mr_error *error) {
    const target *to = &sink->targets[message->destination];
    return mr_fail(error, MR_TOO_LARGE, rd_kafka_topic_name(to->topic),
                   "%sthe message has %zu bytes, the topic takes %zu: raise max.message.bytes of the topic",
                   sink->embedded ? "embedded broker: " : "", mr_wire_size(message), to->max_bytes);
}

/* The result topic may have grown since librdkafka last looked: looks again, once a second. */
static mr_status unknown_partition(kafka_sink *sink, target *to, int32_t partition, mr_error *error) {
    const struct rd_kafka_metadata *metadata;
    int64_t now = mr_monotonic_ns();
    if (now - to->refreshed > 1000000000) {
        to->refreshed = now;
        if (rd_kafka_metadata(sink->handle, 0, to->topic, &metadata, REFRESH_MS) ==
            RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_metadata_destroy(metadata);
    }
    const char *topic = rd_kafka_topic_name(to->topic);
    return mr_fail(
        error, MR_UNAVAILABLE, topic,
        "topic %s has no partition %d, the records have: kafka-topics --alter --topic %s --partitions %d "
        "or more",
        topic, partition, topic, partition + 1);
}

static mr_status refused(kafka_sink *sink, const mr_outgoing *message, rd_kafka_resp_err_t code,
                         mr_error *error) {
    target *to = &sink->targets[message->destination];
    mr_status status = status_of(sink->handle, code);
    switch (code) {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return MR_FULL;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        return too_large(sink, message, error);
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return unknown_partition(sink, to, message->partition, error);
    default:
        mr_kafka_fail(error, code, rd_kafka_topic_name(to->topic), "cannot send", NULL);
        if (error) error->status = status;
        return status;
    }
}

static mr_status send_one(kafka_sink *sink, const mr_outgoing *message, uint32_t slot, mr_error *error) {
    target *to = &sink->targets[message->destination];
    bool alone = sink->alone > 0, replaced = to->always_now && message->timestamp >= 0;
    char text[MR_NUMBER_MAX];
    mr_header original;
    rd_kafka_resp_err_t code;
    if (alone && rd_kafka_outq_len(sink->handle) > 0) return MR_FULL;
    if (replaced)
        original = (mr_header){"millrace.timestamp", {text, mr_print_integer(text, message->timestamp)}};
    code = mr_produce(sink->handle, to->topic, message, replaced ? -1 : message->timestamp,
                      replaced ? &original : NULL,
                      mr_ticket_pack(slot, alone, message->destination, message->row));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return refused(sink, message, code, error);
    if (alone) sink->alone--;
    return MR_OK;
}

/* Messages from the first on that can go together. */
static uint32_t find_run(const kafka_sink *sink, const mr_outgoing *messages, uint32_t count) {
    uint32_t n = 0;
    while (n < count && n < MR_BATCH_ROWS && is_plain(sink, &messages[n]) &&
           messages[n].destination == messages[0].destination &&
           messages[n].partition == messages[0].partition &&
           mr_wire_size(&messages[n]) <= sink->targets[messages[n].destination].max_bytes)
        n++;
    return n;
}

/* All are small enough, so only a full queue (of all that follow) or the partition (of all) refuses. */
static mr_status send_run(kafka_sink *sink, const mr_outgoing *messages, uint32_t count, uint32_t slot,
                          uint32_t *sent, mr_error *error) {
    int32_t partition = messages[0].partition < 0 ? RD_KAFKA_PARTITION_UA : messages[0].partition;
    for (uint32_t i = 0; i < count; i++)
        sink->run[i] = (rd_kafka_message_t){
            .payload = mr_unconst(messages[i].value.data),
            .len = messages[i].value.size,
            .key = mr_unconst(messages[i].key.data),
            .key_len = messages[i].key.size,
            ._private = mr_ticket_pack(slot, false, messages[i].destination, messages[i].row),
        };
    *sent = (uint32_t)rd_kafka_produce_batch(sink->targets[messages[0].destination].topic, partition,
                                             RD_KAFKA_MSG_F_COPY, sink->run, (int)count);
    if (*sent == count) return MR_OK;
    return refused(sink, &messages[*sent], sink->run[*sent].err, error);
}

static mr_status send_next(kafka_sink *sink, const mr_outgoing *messages, uint32_t count, uint32_t slot,
                           uint32_t *sent, mr_error *error) {
    const target *to = &sink->targets[messages[0].destination];
    uint32_t run;
    mr_status status;
    *sent = 0;
    if (to->topic == NULL)
        return mr_fail(error, MR_NOT_FOUND, NULL, "there is no topic for %s",
                       messages[0].destination == MR_TO_RESULTS ? "results" : "dead letters");
    run = find_run(sink, messages, count);
    if (run > 1) return send_run(sink, messages, run, slot, sent, error);
    if (mr_wire_size(&messages[0]) > to->max_bytes) return too_large(sink, &messages[0], error);
    status = send_one(sink, &messages[0], slot, error);
    *sent = status == MR_OK;
    return status;
}

static bool has_failed(mr_sink *sink, mr_error *error) {
    char reason[256];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(of(sink)->handle, reason, sizeof reason);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    mr_fail(error, MR_LOST, NULL, "the producer cannot go on: %s (%s)", rd_kafka_err2str(code), reason);
    return true;
}

static mr_status send_messages(mr_sink *base, const mr_outgoing *messages, uint32_t count, void *ticket,
                               uint32_t *accepted, mr_error *error) {
    kafka_sink *sink = of(base);
    mr_status status = MR_OK;
    uint32_t slot, sent;
    *accepted = 0;
    if (count == 0) return MR_OK;
    if (has_failed(base, error)) return MR_LOST;
    slot = mr_tickets_take(&sink->tickets, ticket);
    if (slot == UINT32_MAX) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory for a ticket");
    while (*accepted < count && status == MR_OK) {
        status = send_next(sink, messages + *accepted, count - *accepted, slot, &sent, error);
        *accepted += sent;
    }
    mr_tickets_add(&sink->tickets, slot, *accepted);
    return status;
}

static void poll_receipts(mr_sink *sink, int timeout_ms) {
    rd_kafka_poll(of(sink)->handle, timeout_ms);
}

static mr_status flush(mr_sink *sink, int timeout_ms) {
    return rd_kafka_flush(of(sink)->handle, timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR ? MR_OK : MR_TIMEOUT;
}

static void free_sink(kafka_sink *sink) {
    for (int i = 0; i < TARGETS; i++)
        if (sink->targets[i].topic != NULL) rd_kafka_topic_destroy(sink->targets[i].topic);
    if (sink->handle != NULL) rd_kafka_destroy(sink->handle); /* serves no delivery reports */
    mr_tickets_free(&sink->tickets);
    mr_free(sink);
}

static void close_sink(mr_sink *sink) {
    sink->listener = (mr_sink_listener){.context = NULL};
    free_sink(of(sink));
}

static const mr_sink_ops sink_ops = {
    .name = "kafka",
    .send = send_messages,
    .poll = poll_receipts,
    .flush = flush,
    .failed = has_failed,
    .close = close_sink,
};

/* ---- Making it ---- */

/* The client's limits follow the topics', unless the user set them: a message up to what the larger takes,
 * batches up to what the smaller takes. */
static mr_status set_sizes(rd_kafka_conf_t *conf, const mr_kafka_config *config, int64_t smaller,
                           int64_t larger, mr_error *error) {
    char text[32];
    mr_status status = MR_OK;
    if (mr_kafka_find_setting(config, "message.max.bytes") == NULL) {
        snprintf(text, sizeof text, "%lld", (long long)(larger > 1000000000 ? 1000000000 : larger));
        status = mr_kafka_conf_set(conf, "message.max.bytes", text, error);
    }
    if (status == MR_OK && mr_kafka_find_setting(config, "batch.size") == NULL) {
        snprintf(text, sizeof text, "%lld",
                 (long long)(smaller > 1000000 ? 1000000 : smaller - BATCH_HEADER));
        status = mr_kafka_conf_set(conf, "batch.size", text, error);
    }
    return status;
}

/* Until librdkafka 2.0.2 at least, a broker thread spins while a message older than linger.ms waits for the
 * request before it. So the linger is longer than requests take under load. The lane pushes what waits when
 * it has nothing else to do, so that delays nothing; and a lane that always has something to do sends after
 * this long. */
static mr_status set_linger(rd_kafka_conf_t *conf, const mr_kafka_config *config, int64_t wanted,
                            mr_error *error) {
    bool users = mr_kafka_find_setting(config, "linger.ms") != NULL ||
                 mr_kafka_find_setting(config, "queue.buffering.max.ms") != NULL;
    char text[32];
    if (wanted <= 0 || wanted > LINGER_MAX_MS) wanted = LINGER_MAX_MS;
    snprintf(text, sizeof text, "%d", wanted < LINGER_MIN_MS ? LINGER_MIN_MS : (int)wanted);
    return users ? MR_OK : mr_kafka_conf_set(conf, "linger.ms", text, error);
}

static mr_status open_sink(kafka_sink *sink, const mr_kafka_config *config,
                           const mr_kafka_sink_options *options, mr_error *error) {
    int64_t smaller = INT64_MAX, larger = 0;
    char name[256];
    rd_kafka_conf_t *conf;
    mr_status status = mr_kafka_conf_new(config, MR_KAFKA_PRODUCER, &sink->trouble, &conf, error);
    if (status != MR_OK) return status;
    for (int i = 0; i < TARGETS; i++) {
        const mr_kafka_target *to = i == MR_TO_RESULTS ? &options->results : &options->errors;
        int64_t limit = to->max_message_bytes < 1024 ? 1024 : to->max_message_bytes;
        if (to->topic == NULL) continue;
        if (limit < smaller) smaller = limit;
        if (limit > larger) larger = limit;
    }
    snprintf(name, sizeof name, "%s-lane%u", config->client_id ? config->client_id : "millrace",
             options->lane);
    status = set_sizes(conf, config, smaller, larger, error);
    if (status == MR_OK) status = set_linger(conf, config, options->longest_wait_ms, error);
    if (status == MR_OK) status = mr_kafka_conf_set(conf, "client.id", name, error);
    if (status != MR_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    return mr_kafka_open(conf, MR_KAFKA_PRODUCER, &sink->handle, error);
}

static mr_status open_target(kafka_sink *sink, target *to, const mr_kafka_target *wanted,
                             const mr_kafka_config *config, mr_error *error) {
    const char *users = mr_kafka_find_setting(config, "message.max.bytes");
    int64_t limit = wanted->max_message_bytes;
    if (wanted->topic == NULL) return MR_OK;
    if (users != NULL && strtoll(users, NULL, 10) < limit) limit = strtoll(users, NULL, 10);
    to->max_bytes = limit > BATCH_HEADER ? (size_t)limit - BATCH_HEADER : 0;
    to->topic = rd_kafka_topic_new(sink->handle, wanted->topic, NULL);
    if (to->topic != NULL) return MR_OK;
    return mr_kafka_fail(error, rd_kafka_last_error(), wanted->topic, "cannot open the topic", NULL);
}

mr_status mr_kafka_sink_new(const mr_kafka_config *config, const mr_kafka_sink_options *options,
                            mr_sink **made, mr_error *error) {
    kafka_sink *sink = mr_alloc_zero(1, sizeof *sink);
    mr_status status;
    *made = NULL;
    if (sink == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_tickets_init(&sink->tickets);
    sink->sink.ops = &sink_ops;
    sink->embedded = config->embedded;
    status = open_sink(sink, config, options, error);
    if (status == MR_OK)
        status = open_target(sink, &sink->targets[MR_TO_RESULTS], &options->results, config, error);
    if (status == MR_OK)
        status = open_target(sink, &sink->targets[MR_TO_ERRORS], &options->errors, config, error);
    if (status != MR_OK) {
        free_sink(sink);
        return status;
    }
    *made = &sink->sink;
    return MR_OK;
}
