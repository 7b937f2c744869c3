/* Backlog: a list of slots for each partition, a queue of the partitions that have any. */
#include "kafka/backlog.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

#define NONE UINT32_MAX

void mr_backlog_init(mr_backlog *backlog) {
    memset(backlog, 0, sizeof *backlog);
    backlog->first_ready = backlog->last_ready = -1;
    for (uint32_t i = 0; i < MR_BACKLOG_SLOTS; i++)
        backlog->slots[i].next = i + 1 < MR_BACKLOG_SLOTS ? i + 1 : NONE;
}

void mr_backlog_free(mr_backlog *backlog) {
    for (size_t i = 0; i < backlog->partition_count; i++) mr_backlog_discard(backlog, (int32_t)i);
    mr_free(backlog->partitions);
    backlog->partitions = NULL;
    backlog->partition_count = 0;
}

mr_partition *mr_backlog_at(mr_backlog *backlog, int32_t partition) {
    if (partition < 0 || (size_t)partition >= backlog->partition_count) return NULL;
    return &backlog->partitions[partition];
}

mr_partition *mr_backlog_own(mr_backlog *backlog, int32_t partition) {
    size_t needed = (size_t)partition + 1;
    if (partition < 0) return NULL;
    if (needed > backlog->partition_count) {
        mr_partition *grown = mr_realloc(backlog->partitions, needed * sizeof *grown);
        if (grown == NULL) return NULL;
        memset(grown + backlog->partition_count, 0, (needed - backlog->partition_count) * sizeof *grown);
        backlog->partitions = grown;
        backlog->partition_count = needed;
    }
    mr_backlog_discard(backlog, partition);
    mr_partition *p = &backlog->partitions[partition];
    bool ready = p->ready; /* it may still stand in the queue: mr_backlog_turn takes it out */
    int32_t next_ready = p->next_ready;
    *p = (mr_partition){.owned = true,
                        .ready = ready,
                        .next_ready = next_ready,
                        .pulled = MR_NO_OFFSET,
                        .next = MR_NO_OFFSET,
                        .first = MR_NO_OFFSET,
                        .resume_at = MR_NO_OFFSET,
                        .begin_at = MR_NO_OFFSET,
                        .missing_from = MR_NO_OFFSET,
                        .handed = -1,
                        .committed = -1};
    return p;
}

void mr_backlog_requeue(mr_backlog *backlog, int32_t partition) {
    mr_partition *p = &backlog->partitions[partition];
    if (p->ready || p->paused || p->count == 0) return;
    p->ready = true;
    p->next_ready = -1;
    if (backlog->last_ready >= 0) backlog->partitions[backlog->last_ready].next_ready = partition;
    else backlog->first_ready = partition;
    backlog->last_ready = partition;
}

void mr_backlog_push(mr_backlog *backlog, int32_t partition, rd_kafka_message_t *message) {
    mr_partition *p = &backlog->partitions[partition];
    uint32_t slot = backlog->free_slot;
    assert(backlog->used < MR_BACKLOG_SLOTS);
    backlog->free_slot = backlog->slots[slot].next;
    backlog->used++;
    backlog->slots[slot].message = message;
    backlog->slots[slot].next = NONE;
    if (p->count++ > 0) backlog->slots[p->tail].next = slot;
    else p->head = slot;
    p->tail = slot;
    mr_backlog_requeue(backlog, partition);
}

int32_t mr_backlog_turn(mr_backlog *backlog) {
    while (backlog->first_ready >= 0) {
        int32_t partition = backlog->first_ready;
        mr_partition *p = &backlog->partitions[partition];
        backlog->first_ready = p->next_ready;
        if (backlog->first_ready < 0) backlog->last_ready = -1;
        p->ready = false;
        if (p->owned && !p->paused && p->count > 0) return partition;
    }
    return -1;
}

uint32_t mr_backlog_take(mr_backlog *backlog, int32_t partition, rd_kafka_message_t **messages,
                         uint32_t max) {
    mr_partition *p = &backlog->partitions[partition];
    uint32_t count = p->count < max ? p->count : max;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = p->head;
        messages[i] = backlog->slots[slot].message;
        p->head = backlog->slots[slot].next;
        backlog->slots[slot].next = backlog->free_slot;
        backlog->free_slot = slot;
    }
    p->count -= count;
    backlog->used -= count;
    mr_backlog_requeue(backlog, partition);
    return count;
}

void mr_backlog_discard(mr_backlog *backlog, int32_t partition) {
    rd_kafka_message_t *message;
    while (backlog->partitions[partition].count > 0) {
        mr_backlog_take(backlog, partition, &message, 1);
        rd_kafka_message_destroy(message);
    }
}

int64_t mr_backlog_first(const mr_backlog *backlog, const mr_partition *partition) {
    return partition->count ? backlog->slots[partition->head].message->offset : MR_NO_OFFSET;
}
