/* Partitions in memory; see source.h. One mutex guards everything but the listener calls. */
#include "doubles/source.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "doubles/wait.h"

typedef struct stored {
    char *key;
    char *value;
    int64_t timestamp;
    mr_header header;
    bool has_header;
} stored;

typedef struct partition {
    stored **records;
    size_t count, capacity;
    int64_t position;  /* next offset to lend */
    int64_t committed; /* -1: never */
    bool assigned, paused, assign_due, revoke_due, revoke_lost;
} partition;

typedef struct memory_source {
    mr_source base;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint32_t count, batch_rows, next, lent;
    uint32_t commit_failures, poll_failures;
    uint64_t lost_records;
    mr_status commit_failure, poll_failure;
    bool keep;
    partition partitions[DOUBLE_PARTITIONS];
} memory_source;

typedef struct memory_batch {
    mr_batch base;
    mr_record records[];
} memory_batch;

int64_t double_source_append(mr_source *source, int32_t index, const char *key, const char *value,
                             int64_t timestamp, const mr_header *header) {
    memory_source *self = (memory_source *)source;
    stored *made = calloc(1, sizeof *made);
    made->key = key ? strdup(key) : NULL;
    made->value = value ? strdup(value) : NULL;
    made->timestamp = timestamp;
    if (header != NULL) {
        made->has_header = true;
        made->header = (mr_header){strdup(header->name), {strdup(header->value.data), header->value.size}};
    }
    pthread_mutex_lock(&self->mutex);
    partition *to = &self->partitions[index];
    if (to->count == to->capacity) {
        to->capacity = to->capacity ? to->capacity * 2 : 64;
        to->records = realloc(to->records, to->capacity * sizeof *to->records);
    }
    to->records[to->count] = made;
    int64_t offset = (int64_t)to->count++;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    return offset;
}

void double_source_assign(mr_source *source, int32_t index) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    self->partitions[index].assign_due = true;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

void double_source_revoke(mr_source *source, int32_t index, bool lost) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    self->partitions[index].revoke_due = true;
    self->partitions[index].revoke_lost = lost;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

int64_t double_source_committed(mr_source *source, int32_t index) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    int64_t committed = self->partitions[index].committed;
    pthread_mutex_unlock(&self->mutex);
    return committed;
}

void double_source_fail_commits(mr_source *source, mr_status status, uint32_t times) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    self->commit_failure = status;
    self->commit_failures = times;
    pthread_mutex_unlock(&self->mutex);
}

void double_source_fail_polls(mr_source *source, mr_status status, uint32_t times) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    self->poll_failure = status;
    self->poll_failures = times;
    pthread_mutex_unlock(&self->mutex);
}

uint32_t double_source_lent(mr_source *source) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    uint32_t lent = self->lent;
    pthread_mutex_unlock(&self->mutex);
    return lent;
}

/* Tells the listener of changes of ownership; the mutex is held only between the calls. */
static void change_ownership(memory_source *self) {
    mr_source_listener *listener = &self->base.listener;
    for (uint32_t i = 0; i < self->count; i++) {
        pthread_mutex_lock(&self->mutex);
        partition *of = &self->partitions[i];
        bool revoke = of->revoke_due && of->assigned, assign = of->assign_due, lost = of->revoke_lost;
        of->revoke_due = of->assign_due = false;
        pthread_mutex_unlock(&self->mutex);
        if (revoke && listener->revoked) listener->revoked(listener->context, (int32_t)i, lost);
        pthread_mutex_lock(&self->mutex);
        if (revoke) of->assigned = false;
        if (assign) {
            of->assigned = true;
            of->paused = false;
            of->position = of->committed < 0 ? 0 : of->committed;
        }
        pthread_mutex_unlock(&self->mutex);
        if (assign && listener->assigned) listener->assigned(listener->context, "in", (int32_t)i);
    }
}

/* A batch of the next partition that has records, or NULL. The mutex is held. */
static mr_batch *lend(memory_source *self) {
    for (uint32_t tried = 0; tried < self->count; tried++) {
        uint32_t index = self->next++ % self->count;
        partition *from = &self->partitions[index];
        if (!from->assigned || from->paused || from->position >= (int64_t)from->count) continue;
        uint32_t rows = (uint32_t)((int64_t)from->count - from->position);
        if (rows > self->batch_rows) rows = self->batch_rows;
        memory_batch *made = calloc(1, sizeof *made + rows * sizeof *made->records);
        for (uint32_t i = 0; i < rows; i++) {
            const stored *record = from->records[from->position + i];
            made->records[i] =
                (mr_record){.key = {record->key, record->key ? strlen(record->key) : 0},
                            .value = {record->value, record->value ? strlen(record->value) : 0},
                            .offset = from->position + i,
                            .timestamp = record->timestamp,
                            .timestamp_type = MR_TIMESTAMP_CREATE,
                            .leader_epoch = -1,
                            .headers = record->has_header ? &record->header : NULL,
                            .header_count = record->has_header};
        }
        from->position += rows;
        self->lent++;
        made->base = (mr_batch){.topic = "in",
                                .partition = (int32_t)index,
                                .count = rows,
                                .records = made->records,
                                .next_offset = from->position};
        return &made->base;
    }
    return NULL;
}

static mr_status poll_source(mr_source *source, int timeout_ms, mr_batch **batch, mr_error *error) {
    memory_source *self = (memory_source *)source;
    change_ownership(self);
    pthread_mutex_lock(&self->mutex);
    mr_status status = MR_OK;
    *batch = NULL;
    if (self->poll_failures > 0) {
        self->poll_failures--;
        status = mr_fail(error, self->poll_failure, "double", "poll fails on purpose");
    } else if ((*batch = lend(self)) == NULL && timeout_ms > 0) {
        double_wait(&self->changed, &self->mutex, timeout_ms);
        *batch = lend(self);
    }
    pthread_mutex_unlock(&self->mutex);
    return status;
}

static void release(mr_source *source, mr_batch *batch) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    self->lent--;
    pthread_mutex_unlock(&self->mutex);
    free(batch);
}

static mr_status set_paused(memory_source *self, int32_t index, bool paused) {
    pthread_mutex_lock(&self->mutex);
    self->partitions[index].paused = paused;
    pthread_mutex_unlock(&self->mutex);
    return MR_OK;
}

static mr_status pause_source(mr_source *source, int32_t index) {
    return set_paused((memory_source *)source, index, true);
}

static mr_status resume(mr_source *source, int32_t index) {
    return set_paused((memory_source *)source, index, false);
}

static mr_status rewind_source(mr_source *source, int32_t index, int64_t offset, mr_error *error) {
    (void)error;
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    partition *of = &self->partitions[index];
    of->position = offset >= 0 ? offset : of->committed >= 0 ? of->committed : 0;
    pthread_mutex_unlock(&self->mutex);
    return MR_OK;
}

static mr_status commit(mr_source *source, const mr_position *positions, uint32_t count, bool wait,
                        mr_error *error) {
    (void)wait;
    memory_source *self = (memory_source *)source;
    mr_status status = MR_OK;
    pthread_mutex_lock(&self->mutex);
    if (self->commit_failures > 0) {
        self->commit_failures--;
        status = mr_fail(error, self->commit_failure, "double", "commit fails on purpose");
    } else {
        for (uint32_t i = 0; i < count; i++)
            self->partitions[positions[i].partition].committed = positions[i].offset;
    }
    pthread_mutex_unlock(&self->mutex);
    return status;
}

void double_source_keep(mr_source *source) {
    ((memory_source *)source)->keep = true;
}

void double_source_free(mr_source *source) {
    memory_source *self = (memory_source *)source;
    for (uint32_t i = 0; i < self->count; i++) {
        partition *of = &self->partitions[i];
        for (size_t r = 0; r < of->count; r++) {
            free((void *)(uintptr_t)of->records[r]->header.name);
            free((void *)(uintptr_t)of->records[r]->header.value.data);
            free(of->records[r]->key);
            free(of->records[r]->value);
            free(of->records[r]);
        }
        free(of->records);
    }
    pthread_mutex_destroy(&self->mutex);
    pthread_cond_destroy(&self->changed);
    free(self);
}

static void close_source(mr_source *source) {
    memory_source *self = (memory_source *)source;
    for (uint32_t i = 0; i < self->count; i++) double_source_revoke(source, (int32_t)i, false);
    change_ownership(self);
    if (!self->keep) double_source_free(source);
}

static int64_t end(mr_source *source, int32_t index) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    int64_t next = (int64_t)self->partitions[index].count;
    pthread_mutex_unlock(&self->mutex);
    return next;
}

static uint64_t lost_records(mr_source *source) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    uint64_t records = self->lost_records;
    pthread_mutex_unlock(&self->mutex);
    return records;
}

void double_source_lose(mr_source *source, uint64_t records) {
    memory_source *self = (memory_source *)source;
    pthread_mutex_lock(&self->mutex);
    self->lost_records += records;
    pthread_mutex_unlock(&self->mutex);
}

static const mr_source_ops source_ops = {.name = "memory",
                                         .lost = lost_records,
                                         .poll = poll_source,
                                         .release = release,
                                         .pause = pause_source,
                                         .resume = resume,
                                         .rewind = rewind_source,
                                         .commit = commit,
                                         .close = close_source,
                                         .end = end};

mr_source *double_source_new(uint32_t partitions, uint32_t batch_rows) {
    memory_source *self = calloc(1, sizeof *self);
    self->base.ops = &source_ops;
    self->count = partitions;
    self->batch_rows = batch_rows;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->changed, NULL);
    for (uint32_t i = 0; i < partitions; i++) self->partitions[i].committed = -1;
    return &self->base;
}
