/* Produce: one message with everything (headers, timestamp, key, partition) into librdkafka's queue. */
#ifndef MR_KAFKA_PRODUCE_H
#define MR_KAFKA_PRODUCE_H

#include <librdkafka/rdkafka.h>

#include "core/batch.h"

/* Copies all. timestamp -1: now. `extra` (may be NULL) is one more header. */
rd_kafka_resp_err_t mr_produce(rd_kafka_t *handle, rd_kafka_topic_t *topic, const mr_outgoing *message,
                               int64_t timestamp, const mr_header *extra, void *opaque);

/* Upper bound of the bytes that the message takes in a batch. */
size_t mr_wire_size(const mr_outgoing *message);

/* librdkafka's structs take void pointers that it only reads. */
static inline void *mr_unconst(const void *data) {
    return (void *)(uintptr_t)data;
}

#endif
