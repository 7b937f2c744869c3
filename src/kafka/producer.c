/* Producer for commands: sends to any topic, counts what was delivered. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kafka/client.h"
#include "kafka/produce.h"

enum { TOPICS_MAX = 64, ID_TIMEOUT_MS = 1000 };

struct mr_kafka_producer {
    mr_kafka_trouble trouble; /* first: the handle's opaque */
    rd_kafka_t *handle;
    rd_kafka_topic_t *topics[TOPICS_MAX]; /* those that were sent to */
    uint32_t topic_count;
    size_t max_bytes;
    int embedded; /* 1: yes, 0: no, -1: not asked yet */
    mr_kafka_delivery delivery;
};

static void delivered(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque) {
    mr_kafka_producer *producer = opaque;
    (void)handle;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        producer->delivery.delivered++;
        return;
    }
    producer->delivery.failed++;
    mr_kafka_fail(&producer->delivery.last_error, message->err, rd_kafka_topic_name(message->rkt),
                  "a message was not delivered",
                  message->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT ? producer->trouble.reason : NULL);
}

/* Another process may be our embedded broker as well: the mock cluster's identity tells. */
static bool is_embedded(mr_kafka_producer *producer) {
    if (producer->embedded < 0) {
        char *id = rd_kafka_clusterid(producer->handle, ID_TIMEOUT_MS);
        if (id == NULL) return false;
        producer->embedded = strncmp(id, "mockCluster", 11) == 0;
        rd_kafka_mem_free(producer->handle, id);
    }
    return producer->embedded == 1;
}

static rd_kafka_topic_t *find_topic(mr_kafka_producer *producer, const char *name) {
    rd_kafka_topic_t *topic;
    for (uint32_t i = 0; i < producer->topic_count; i++)
        if (strcmp(rd_kafka_topic_name(producer->topics[i]), name) == 0) return producer->topics[i];
    if (producer->topic_count == TOPICS_MAX) return NULL;
    topic = rd_kafka_topic_new(producer->handle, name, NULL);
    if (topic != NULL) producer->topics[producer->topic_count++] = topic;
    return topic;
}

static mr_status check_size(mr_kafka_producer *producer, const char *topic, const mr_outgoing *message,
                            mr_error *error) {
    size_t size = mr_wire_size(message);
    if (size > MR_EMBEDDED_MESSAGE_MAX && is_embedded(producer))
        return mr_fail(
            error, MR_TOO_LARGE, topic,
            "embedded broker: the message has %.1f MB, it keeps up to 2 MB: use a real broker, or a "
            "smaller model",
            (double)size / 1e6);
    if (size > producer->max_bytes)
        return mr_fail(
            error, MR_TOO_LARGE, topic,
            "the message has %zu bytes, the client sends up to %zu: raise kafka.message.max.bytes, and "
            "the topic's max.message.bytes with it",
            size, producer->max_bytes);
    return MR_OK;
}

mr_status mr_kafka_producer_send(mr_kafka_producer *producer, const mr_kafka_message *message,
                                 mr_error *error) {
    mr_outgoing outgoing = {.partition = message->partition,
                            .key = message->key,
                            .value = message->value,
                            .headers = message->headers,
                            .header_count = message->header_count};
    rd_kafka_topic_t *topic = find_topic(producer, message->topic);
    rd_kafka_resp_err_t code;
    mr_status status;
    if (topic == NULL)
        return mr_fail(error, MR_LIMIT, message->topic, "too many topics for one producer (%d)", TOPICS_MAX);
    status = check_size(producer, message->topic, &outgoing, error);
    if (status != MR_OK) return status;
    code = mr_produce(producer->handle, topic, &outgoing, message->timestamp, NULL, NULL);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return MR_OK;
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return MR_FULL;
    return mr_kafka_fail(error, code, message->topic, "cannot send", NULL);
}

void mr_kafka_producer_poll(mr_kafka_producer *producer, int timeout_ms) {
    rd_kafka_poll(producer->handle, timeout_ms);
}

mr_status mr_kafka_producer_flush(mr_kafka_producer *producer, int timeout_ms) {
    return rd_kafka_flush(producer->handle, timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR ? MR_OK : MR_TIMEOUT;
}

const mr_kafka_delivery *mr_kafka_producer_delivery(const mr_kafka_producer *producer) {
    return &producer->delivery;
}

static mr_status open_producer(mr_kafka_producer *producer, const mr_kafka_config *config, mr_error *error) {
    const char *users = mr_kafka_find_setting(config, "message.max.bytes");
    rd_kafka_conf_t *conf;
    mr_status status = mr_kafka_conf_new(config, MR_KAFKA_PRODUCER, &producer->trouble, &conf, error);
    if (status != MR_OK) return status;
    if (users == NULL && config->embedded) users = "4000000";
    producer->max_bytes = users ? (size_t)strtoull(users, NULL, 10) : 1000000;
    status = mr_kafka_conf_set(conf, "message.max.bytes", users ? users : "1000000", error);
    if (status != MR_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    return mr_kafka_open(conf, MR_KAFKA_PRODUCER, &producer->handle, error);
}

mr_status mr_kafka_producer_new(const mr_kafka_config *config, mr_kafka_producer **producer,
                                mr_error *error) {
    mr_kafka_producer *made = mr_alloc_zero(1, sizeof *made);
    mr_status status;
    *producer = NULL;
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    made->embedded = config->embedded ? 1 : -1;
    status = open_producer(made, config, error);
    if (status != MR_OK) {
        mr_kafka_producer_free(made);
        return status;
    }
    *producer = made;
    return MR_OK;
}

void mr_kafka_producer_free(mr_kafka_producer *producer) {
    if (producer == NULL) return;
    for (uint32_t i = 0; i < producer->topic_count; i++) rd_kafka_topic_destroy(producer->topics[i]);
    if (producer->handle != NULL) rd_kafka_destroy(producer->handle);
    mr_free(producer);
}
