/* The models topic in memory; see model_source.h. */
#include "doubles/model_source.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "doubles/wait.h"

enum { PARTITIONS = 8 };

typedef struct memory_models {
    mr_model_source base;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    mr_model_message *messages; /* in order of appending, over all partitions */
    size_t count, capacity, next, at_start;
    bool polled;
    int64_t offsets[PARTITIONS];
} memory_models;

int64_t double_model_source_append(mr_model_source *source, int32_t partition, const char *key,
                                   const char *value, int64_t timestamp) {
    memory_models *self = (memory_models *)source;
    pthread_mutex_lock(&self->mutex);
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 16;
        self->messages = realloc(self->messages, self->capacity * sizeof *self->messages);
    }
    int64_t offset = self->offsets[partition]++;
    self->messages[self->count++] = (mr_model_message){
        .topic = "models",
        .partition = partition,
        .record = {.key = {key ? strdup(key) : NULL, key ? strlen(key) : 0},
                   .value = {value ? strdup(value) : NULL, value ? strlen(value) : 0},
                   .offset = offset,
                   .timestamp = timestamp,
                   .leader_epoch = -1},
    };
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    return offset;
}

static mr_status poll_models(mr_model_source *source, int timeout_ms, mr_model_message *message,
                             mr_error *error) {
    (void)error;
    memory_models *self = (memory_models *)source;
    pthread_mutex_lock(&self->mutex);
    if (!self->polled) self->at_start = self->count;
    self->polled = true;
    if (self->next == self->count && timeout_ms > 0) {
        double_wait(&self->changed, &self->mutex, timeout_ms);
    }
    *message = (mr_model_message){0};
    if (self->next < self->count) {
        *message = self->messages[self->next];
        message->at_start = self->next++ < self->at_start;
    }
    pthread_mutex_unlock(&self->mutex);
    return MR_OK;
}

static bool caught_up(mr_model_source *source, uint64_t *read, uint64_t *total) {
    memory_models *self = (memory_models *)source;
    pthread_mutex_lock(&self->mutex);
    bool there = self->polled && self->next >= self->at_start;
    if (read) *read = self->next;
    if (total) *total = self->at_start;
    pthread_mutex_unlock(&self->mutex);
    return there;
}

static void close_models(mr_model_source *source) {
    memory_models *self = (memory_models *)source;
    for (size_t i = 0; i < self->count; i++) {
        free((void *)(uintptr_t)self->messages[i].record.key.data);
        free((void *)(uintptr_t)self->messages[i].record.value.data);
    }
    free(self->messages);
    pthread_mutex_destroy(&self->mutex);
    pthread_cond_destroy(&self->changed);
    free(self);
}

static const mr_model_source_ops ops = {"memory", poll_models, caught_up, close_models};

mr_model_source *double_model_source_new(void) {
    memory_models *self = calloc(1, sizeof *self);
    self->base.ops = &ops;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->changed, NULL);
    return &self->base;
}
