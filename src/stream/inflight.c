/* Counts of rows by state, and two lists. */
#include "stream/inflight.h"

#include <string.h>

#include "base/memory.h"

bool mr_inflight_reserve(mr_inflight_pool *pool) {
    if (pool->free == NULL) pool->free = mr_alloc_zero(1, sizeof *pool->free);
    return pool->free != NULL;
}

static size_t record_bytes(const mr_batch *batch) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        const mr_record *record = &batch->records[i];
        bytes += record->key.size + record->value.size;
        for (uint32_t h = 0; h < record->header_count; h++) bytes += record->headers[h].value.size;
    }
    return bytes;
}

mr_inflight *mr_inflight_take(mr_inflight_pool *pool, struct mr_task *task, mr_batch *batch) {
    if (!mr_inflight_reserve(pool)) return NULL;
    mr_inflight *flight = pool->free;
    pool->free = flight->next;
    memset(flight, 0, sizeof *flight);
    flight->task = task;
    flight->batch = batch;
    flight->open = batch->count;
    flight->bytes = record_bytes(batch);
    pool->bytes += flight->bytes;
    pool->used++;
    return flight;
}

void mr_inflight_drop(mr_inflight_pool *pool, mr_inflight *flight) {
    pool->bytes -= flight->bytes;
    pool->used--;
    pool->repairs -= flight->repairs;
    flight->bytes = 0;
    flight->task = NULL;
    flight->batch = NULL;
    mr_inflight **list = flight->waiting > 0 ? &pool->abandoned : &pool->free;
    flight->next = *list;
    *list = flight;
}

static bool is_repair(uint8_t state) {
    return state == MR_FLIGHT_RERUN || state == MR_FLIGHT_DEAD;
}

void mr_inflight_set(mr_inflight_pool *pool, mr_inflight *flight, uint32_t row, mr_flight state) {
    uint8_t old = flight->rows[row];
    if (old == MR_FLIGHT_ENDED) return;
    uint32_t more = (uint32_t)is_repair((uint8_t)state) - (uint32_t)is_repair(old); /* may be -1 */
    flight->repairs += more;
    pool->repairs += more;
    if (state == MR_FLIGHT_ENDED) flight->open--;
    flight->rows[row] = (uint8_t)state;
}

void mr_inflight_accepted(mr_inflight_pool *pool, mr_inflight *flight, uint32_t row, size_t size) {
    bool first = flight->rows[row] == MR_FLIGHT_UNSENT;
    mr_inflight_set(pool, flight, row, MR_FLIGHT_WAITING);
    flight->waiting++;
    pool->waiting++;
    if (!first) return; /* what is sent again takes the place of what was refused */
    flight->bytes += size;
    pool->bytes += size;
}

/* Moves it from the abandoned ones to the free ones. */
static void recycle(mr_inflight_pool *pool, mr_inflight *flight) {
    mr_inflight **link = &pool->abandoned;
    while (*link != flight) link = &(*link)->next;
    *link = flight->next;
    flight->next = pool->free;
    pool->free = flight;
}

void mr_inflight_answered(mr_inflight_pool *pool, mr_inflight *flight) {
    flight->waiting--;
    pool->waiting--;
    if (flight->task == NULL && flight->waiting == 0) recycle(pool, flight);
}

void mr_inflight_sink_closed(mr_inflight_pool *pool) {
    pool->waiting = 0;
    while (pool->abandoned != NULL) {
        pool->abandoned->waiting = 0;
        recycle(pool, pool->abandoned);
    }
}

void mr_inflight_pool_free(mr_inflight_pool *pool) {
    mr_inflight_sink_closed(pool);
    while (pool->free != NULL) {
        mr_inflight *next = pool->free->next;
        mr_free(pool->free);
        pool->free = next;
    }
}
