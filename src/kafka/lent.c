/* Lent batches: taking, filling, giving back. */
#include "kafka/lent.h"

#include "base/memory.h"

mr_lent *mr_lent_take(mr_lent_pool *pool) {
    mr_lent *lent = pool->free;
    if (lent != NULL) {
        pool->free = lent->next_free;
        lent->batch = (mr_batch){.records = lent->records};
        return lent;
    }
    lent = mr_alloc(sizeof *lent);
    if (lent == NULL) return NULL;
    lent->batch = (mr_batch){.records = lent->records};
    lent->headers = NULL;
    lent->header_capacity = 0;
    lent->next_free = NULL;
    lent->next_made = pool->made;
    pool->made = lent;
    return lent;
}

static mr_bytes view(const void *data, size_t size) {
    return (mr_bytes){.data = data, .size = data ? size : 0};
}

void mr_record_of_message(mr_record *record, const rd_kafka_message_t *message) {
    rd_kafka_timestamp_type_t type;
    record->key = view(message->key, message->key_len);
    record->value = view(message->payload, message->len);
    record->offset = message->offset;
    record->timestamp = rd_kafka_message_timestamp(message, &type);
    record->timestamp_type = type == RD_KAFKA_TIMESTAMP_CREATE_TIME       ? MR_TIMESTAMP_CREATE
                             : type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? MR_TIMESTAMP_APPEND
                                                                          : MR_TIMESTAMP_NONE;
    record->headers = NULL;
    record->header_count = 0;
    record->leader_epoch = -1;
}

uint32_t mr_headers_of_message(const rd_kafka_message_t *message, mr_header **headers, size_t at,
                               size_t *capacity) {
    rd_kafka_headers_t *parsed;
    size_t count;
    if (rd_kafka_message_headers(message, &parsed) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
    count = rd_kafka_header_cnt(parsed);
    if (at + count > *capacity) {
        mr_header *grown = mr_realloc(*headers, 2 * (at + count) * sizeof **headers);
        if (grown == NULL) return UINT32_MAX;
        *headers = grown;
        *capacity = 2 * (at + count);
    }
    for (size_t i = 0; i < count; i++) {
        mr_header *header = &(*headers)[at + i];
        const void *data = NULL;
        size_t size = 0;
        rd_kafka_header_get_all(parsed, i, &header->name, &data, &size);
        header->value = view(data, size);
    }
    return (uint32_t)count;
}

/* The array may move while it grows: first how many each record has, then where they begin. */
static mr_status fill_headers(mr_lent *lent, uint32_t count) {
    size_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t found =
            mr_headers_of_message(lent->messages[i], &lent->headers, total, &lent->header_capacity);
        if (found == UINT32_MAX) return MR_NO_MEMORY;
        lent->records[i].header_count = found;
        total += found;
    }
    if (total == 0) return MR_OK;
    for (uint32_t i = 0, at = 0; i < count; at += lent->records[i++].header_count)
        if (lent->records[i].header_count) lent->records[i].headers = &lent->headers[at];
    return MR_OK;
}

mr_status mr_lent_fill(mr_lent *lent, uint32_t count) {
    lent->batch.count = count;
    for (uint32_t i = 0; i < count; i++) {
        mr_record_of_message(&lent->records[i], lent->messages[i]);
        __builtin_prefetch(lent->messages[i]->payload); /* another thread has written it */
    }
    lent->batch.partition = lent->messages[0]->partition;
    lent->batch.next_offset = lent->messages[count - 1]->offset + 1;
    return fill_headers(lent, count);
}

void mr_lent_give_back(mr_lent_pool *pool, mr_lent *lent) {
    for (uint32_t i = 0; i < lent->batch.count; i++) rd_kafka_message_destroy(lent->messages[i]);
    lent->batch.count = 0;
    lent->next_free = pool->free;
    pool->free = lent;
}

void mr_lent_pool_free(mr_lent_pool *pool) {
    while (pool->made != NULL) {
        mr_lent *lent = pool->made;
        pool->made = lent->next_made;
        for (uint32_t i = 0; i < lent->batch.count; i++) rd_kafka_message_destroy(lent->messages[i]);
        mr_free(lent->headers);
        mr_free(lent);
    }
    pool->free = NULL;
}
