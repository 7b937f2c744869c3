/* Delivered messages in memory; see sink.h. */
#include "doubles/sink.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct double_deliveries {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    double_message **messages;
    size_t count, capacity;
};

typedef struct pending {
    double_message *message;
    void *ticket;
    uint16_t row;
} pending;

typedef struct memory_sink {
    mr_sink base;
    double_deliveries *deliveries;
    double_sink_options options;
    pending *queue;
    size_t count, capacity;
} memory_sink;

static void free_message(double_message *message) {
    free(message->key);
    free(message->value);
    free(message->headers);
    free(message);
}

double_deliveries *double_deliveries_new(void) {
    double_deliveries *made = calloc(1, sizeof *made);
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->changed, NULL);
    return made;
}

void double_deliveries_free(double_deliveries *deliveries) {
    for (size_t i = 0; i < deliveries->count; i++) free_message(deliveries->messages[i]);
    free(deliveries->messages);
    pthread_mutex_destroy(&deliveries->mutex);
    pthread_cond_destroy(&deliveries->changed);
    free(deliveries);
}

size_t double_deliveries_count(double_deliveries *deliveries) {
    pthread_mutex_lock(&deliveries->mutex);
    size_t count = deliveries->count;
    pthread_mutex_unlock(&deliveries->mutex);
    return count;
}

bool double_deliveries_wait(double_deliveries *deliveries, size_t count, int timeout_ms) {
    double_deliveries *state = deliveries;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000 + 1;
    pthread_mutex_lock(&state->mutex);
    int rc = 0;
    while (state->count < count && rc == 0)
        rc = pthread_cond_timedwait(&state->changed, &state->mutex, &until);
    bool there = state->count >= count;
    pthread_mutex_unlock(&state->mutex);
    return there;
}

const double_message *double_deliveries_get(double_deliveries *deliveries, size_t index) {
    pthread_mutex_lock(&deliveries->mutex);
    const double_message *message = deliveries->messages[index];
    pthread_mutex_unlock(&deliveries->mutex);
    return message;
}

static void deliver(double_deliveries *deliveries, double_message *message) {
    double_deliveries *state = deliveries;
    pthread_mutex_lock(&state->mutex);
    if (state->count == state->capacity) {
        state->capacity = state->capacity ? state->capacity * 2 : 256;
        state->messages = realloc(state->messages, state->capacity * sizeof *state->messages);
    }
    state->messages[state->count++] = message;
    pthread_cond_broadcast(&state->changed);
    pthread_mutex_unlock(&state->mutex);
}

static char *copy(mr_bytes bytes) {
    if (bytes.data == NULL) return NULL;
    char *made = malloc(bytes.size + 1);
    memcpy(made, bytes.data, bytes.size);
    made[bytes.size] = '\0';
    return made;
}

static double_message *copy_message(const mr_outgoing *from) {
    double_message *made = calloc(1, sizeof *made);
    size_t size = 0;
    *made = (double_message){from->destination,
                             from->partition,
                             from->timestamp,
                             copy(from->key),
                             copy(from->value),
                             from->header_count,
                             NULL};
    FILE *text = open_memstream(&made->headers, &size);
    for (uint32_t i = 0; i < from->header_count; i++) {
        fprintf(text, "%s=%.*s\n", from->headers[i].name, (int)from->headers[i].value.size,
                (const char *)from->headers[i].value.data);
    }
    fclose(text);
    return made;
}

static mr_status send_messages(mr_sink *sink, const mr_outgoing *messages, uint32_t count, void *ticket,
                               uint32_t *accepted, mr_error *error) {
    memory_sink *self = (memory_sink *)sink;
    for (*accepted = 0; *accepted < count; ++*accepted) {
        const mr_outgoing *message = &messages[*accepted];
        if (self->options.fail && atomic_load(self->options.fail))
            return mr_fail(error, MR_LOST, "double", "failed");
        if (self->options.capacity && self->count >= self->options.capacity) return MR_FULL;
        if (self->options.largest && message->value.size > self->options.largest) {
            return mr_fail(error, MR_TOO_LARGE, "double", "message too large");
        }
        if (self->count == self->capacity) {
            self->capacity = self->capacity ? self->capacity * 2 : 256;
            self->queue = realloc(self->queue, self->capacity * sizeof *self->queue);
        }
        self->queue[self->count++] = (pending){copy_message(message), ticket, message->row};
    }
    return MR_OK;
}

static void poll_sink(mr_sink *sink, int timeout_ms) {
    (void)timeout_ms;
    memory_sink *self = (memory_sink *)sink;
    if (self->options.fail && atomic_load(self->options.fail)) return;
    pending *queue = self->queue; /* the listener may send again */
    size_t count = self->count;
    self->queue = NULL;
    self->count = self->capacity = 0;
    for (size_t i = 0; i < count; i++) {
        double_message *message = queue[i].message;
        mr_status status =
            self->options.hook ? self->options.hook(self->options.hook_context, message) : MR_OK;
        mr_receipt receipt = {queue[i].ticket, queue[i].row, message->destination, status,
                              status == MR_OK ? "" : "refused on purpose"};
        if (status == MR_OK) {
            deliver(self->deliveries, message);
        } else {
            free_message(message);
        }
        self->base.listener.received(self->base.listener.context, &receipt);
    }
    free(queue);
}

static mr_status flush(mr_sink *sink, int timeout_ms) {
    memory_sink *self = (memory_sink *)sink;
    for (int i = 0; i < 1000 && self->count > 0; i++) poll_sink(sink, timeout_ms);
    return self->count > 0 ? MR_TIMEOUT : MR_OK;
}

static bool failed(mr_sink *sink, mr_error *error) {
    memory_sink *self = (memory_sink *)sink;
    if (self->options.fail == NULL || !atomic_load(self->options.fail)) return false;
    mr_fail(error, MR_LOST, "double", "fails on purpose");
    return true;
}

static void close_sink(mr_sink *sink) {
    memory_sink *self = (memory_sink *)sink;
    for (size_t i = 0; i < self->count; i++) free_message(self->queue[i].message);
    free(self->queue);
    free(self);
}

static const mr_sink_ops sink_ops = {"memory", send_messages, poll_sink, flush, failed, close_sink};

mr_sink *double_sink_new(double_deliveries *deliveries, const double_sink_options *options) {
    memory_sink *self = calloc(1, sizeof *self);
    self->base.ops = &sink_ops;
    self->deliveries = deliveries;
    if (options != NULL) self->options = *options;
    return &self->base;
}
