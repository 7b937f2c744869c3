/* Produce: by rd_kafka_produceva, the only call that takes headers and a timestamp. */
#include "kafka/produce.h"

#include <string.h>

/* A record of a batch: length, attributes, timestamp and offset deltas, lengths of key and value,
 * number of headers, all as varints; and for each header two lengths. */
enum { RECORD_OVERHEAD = 48, HEADER_OVERHEAD = 10 };

size_t mr_wire_size(const mr_outgoing *message) {
    size_t size = RECORD_OVERHEAD + message->key.size + message->value.size;
    for (uint32_t i = 0; i < message->header_count; i++)
        size += HEADER_OVERHEAD + strlen(message->headers[i].name) + message->headers[i].value.size;
    return size;
}

static rd_kafka_headers_t *copy_headers(const mr_outgoing *message, const mr_header *extra) {
    size_t count = message->header_count + (extra != NULL);
    rd_kafka_headers_t *headers = count ? rd_kafka_headers_new(count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        const mr_header *header = i < message->header_count ? &message->headers[i] : extra;
        rd_kafka_header_add(headers, header->name, -1, header->value.data, (ssize_t)header->value.size);
    }
    return headers;
}

static void set_bytes(rd_kafka_vu_t *field, rd_kafka_vtype_t type, mr_bytes bytes) {
    field->vtype = type;
    field->u.mem.ptr = mr_unconst(bytes.data);
    field->u.mem.size = bytes.size;
}

rd_kafka_resp_err_t mr_produce(rd_kafka_t *handle, rd_kafka_topic_t *topic, const mr_outgoing *message,
                               int64_t timestamp, const mr_header *extra, void *opaque) {
    rd_kafka_headers_t *headers =
        message->header_count > 0 || extra != NULL ? copy_headers(message, extra) : NULL;
    rd_kafka_vu_t fields[8]; /* set one by one: an initialiser would clear 576 bytes for each message */
    fields[0].vtype = RD_KAFKA_VTYPE_RKT;
    fields[0].u.rkt = topic;
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = message->partition < 0 ? RD_KAFKA_PARTITION_UA : message->partition;
    set_bytes(&fields[2], RD_KAFKA_VTYPE_VALUE, message->value);
    set_bytes(&fields[3], RD_KAFKA_VTYPE_KEY, message->key);
    fields[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[4].u.i = RD_KAFKA_MSG_F_COPY;
    fields[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    fields[5].u.ptr = opaque;
    fields[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[6].u.i64 = timestamp < 0 ? 0 : timestamp; /* 0: now */
    fields[7].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[7].u.headers = headers;
    rd_kafka_error_t *failed = rd_kafka_produceva(handle, fields, headers ? 8 : 7);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (failed == NULL) return code; /* the headers are librdkafka's now */
    code = rd_kafka_error_code(failed);
    rd_kafka_error_destroy(failed);
    if (headers != NULL) rd_kafka_headers_destroy(headers);
    return code;
}
