/* Lent batches: records that view librdkafka's messages, which are kept until the lane gives the
 * batch back. Objects are recycled, so lending allocates only when more batches than ever before
 * are lent at the same time, or when a batch has more headers than any before it. */
#ifndef MR_KAFKA_LENT_H
#define MR_KAFKA_LENT_H

#include <librdkafka/rdkafka.h>

#include "core/batch.h"

typedef struct mr_lent {
    mr_batch batch; /* first: the lane holds its address */
    rd_kafka_message_t *messages[MR_BATCH_ROWS];
    mr_record records[MR_BATCH_ROWS];
    mr_header *headers; /* of all records together */
    size_t header_capacity;
    struct mr_lent *next_free;
    struct mr_lent *next_made;
} mr_lent;

typedef struct mr_lent_pool {
    mr_lent *free;
    mr_lent *made; /* all */
} mr_lent_pool;

/* An object without messages; NULL: out of memory. */
mr_lent *mr_lent_take(mr_lent_pool *pool);
/* Fills the records from the first `count` of lent->messages, all of one partition. MR_NO_MEMORY. */
mr_status mr_lent_fill(mr_lent *lent, uint32_t count);
/* Destroys the messages and makes the object free again. */
void mr_lent_give_back(mr_lent_pool *pool, mr_lent *lent);
void mr_lent_pool_free(mr_lent_pool *pool);

/* Record that views a message; headers not included. Also for readers. */
void mr_record_of_message(mr_record *record, const rd_kafka_message_t *message);
/* Views of all headers of a message in a growing array, from index `at` on; returns how many.
 * UINT32_MAX: out of memory. */
uint32_t mr_headers_of_message(const rd_kafka_message_t *message, mr_header **headers, size_t at,
                               size_t *capacity);

#endif
