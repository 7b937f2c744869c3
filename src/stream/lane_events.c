/* Events: receipts, partitions that come and go, a sink that fails.
 *
 * Receipts come only while the sink is polled or flushed, changes of ownership only while the source is
 * polled or closed; so nothing here runs in the middle of a chain.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "stream/lane_state.h"

mr_task *mr_lane_task(mr_lane *lane, int32_t partition) {
    for (size_t i = 0; i < lane->task_count; i++) {
        if (lane->tasks[i]->context.partition == partition) return lane->tasks[i];
    }
    return NULL;
}

void mr_lane_report(mr_lane *lane, const mr_task *task) {
    const mr_source_ops *ops = lane->source->ops;
    int32_t partition = task->context.partition;
    int64_t end = ops->end ? ops->end(lane->source, partition) : -1;
    int64_t position = task->position;
    if (position < 0 && ops->position) position = ops->position(lane->source, partition);
    /* Without memory for it the partition is missing in the answer; the next report tries again. */
    mr_lane_status_partition(lane->options.status, task->context.topic, partition, position, end,
                             task->stopped);
}

void mr_lane_pause(mr_lane *lane, mr_task *task, bool paused) {
    if (task->paused == paused || (!paused && mr_task_stopped(task))) return;
    const mr_source_ops *ops = lane->source->ops;
    mr_status status = paused ? ops->pause(lane->source, task->context.partition)
                              : ops->resume(lane->source, task->context.partition);
    if (status == MR_OK) task->paused = paused;
}

/* What has not ended is given back and forgotten: it will be read again, by us or by the next owner. */
static void abandon(mr_lane *lane, mr_task *task) {
    if (lane->run.flight != NULL && lane->run.flight->task == task) lane->run.flight = NULL;
    mr_task_abandon(task, &lane->pool, lane->source);
}

void mr_lane_stop_task(mr_lane *lane, mr_task *task, const char *format, ...) {
    if (mr_task_stopped(task)) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(task->stopped, sizeof task->stopped, format, arguments);
    va_end(arguments);
    mr_log(MR_LOG_ERROR, lane->name, "%s[%d] stopped at offset %lld: %s", task->context.topic,
           (int)task->context.partition, (long long)task->acknowledged, task->stopped);
    mr_lane_pause(lane, task, true);
    abandon(lane, task);
    mr_lane_report(lane, task);
}

void mr_lane_advance(mr_lane *lane, mr_task *task) {
    if (!mr_task_advance(task, &lane->pool, lane->source)) return;
    lane->committer->ops->acknowledged(lane->committer, task->context.partition, task->acknowledged);
}

/* A result or dead letter was not delivered: what is done about it follows from the status alone. */
static void refused(mr_lane *lane, mr_task *task, mr_inflight *flight, const mr_receipt *receipt) {
    uint16_t row = receipt->row;
    mr_action action = mr_status_action(receipt->status);
    bool dead_letter = receipt->destination == MR_TO_ERRORS;
    long long offset = (long long)flight->batch->records[row].offset;
    lane->repair_at = lane->now + MR_LANE_RETRY_MS;
    /* Lost: the sink has failed and will say so. */
    if (action == MR_ACTION_RETRY || receipt->status == MR_LOST ||
        (receipt->status == MR_TOO_LARGE && dead_letter && !flight->bare[row])) {
        if (receipt->status == MR_TOO_LARGE) flight->bare[row] = true;
        /* What was a dead letter of stage `send` is made as one again. */
        mr_inflight_set(&lane->pool, flight, row, flight->statuses[row] ? MR_FLIGHT_DEAD : MR_FLIGHT_RERUN);
        mr_log_limited(&lane->repair_limit, MR_LOG_WARN, lane->name, "offset %lld is sent again: %s", offset,
                       receipt->reason);
    } else if (action == MR_ACTION_DEAD_LETTER && !dead_letter) {
        flight->statuses[row] = (uint8_t)receipt->status;
        snprintf(flight->reason, sizeof flight->reason, "%s", receipt->reason);
        mr_inflight_set(&lane->pool, flight, row, MR_FLIGHT_DEAD);
    } else {
        mr_lane_stop_task(lane, task, "the %s of offset %lld is refused: %.150s",
                          dead_letter ? "dead letter" : "result", offset, receipt->reason);
    }
}

static void received(void *context, const mr_receipt *receipt) {
    mr_lane *lane = context;
    mr_inflight *flight = receipt->ticket;
    mr_task *task = flight->task;
    mr_inflight_answered(&lane->pool, flight);
    if (lane->pushed > 0) lane->pushed--;
    if (task == NULL) return; /* abandoned: somebody reads its records again */
    if (receipt->status != MR_OK) {
        refused(lane, task, flight, receipt);
        return;
    }
    mr_inflight_set(&lane->pool, flight, receipt->row, MR_FLIGHT_ENDED);
    if (flight->open == 0) mr_lane_advance(lane, task);
}

mr_status mr_lane_add_task(mr_lane *lane, const char *topic, int32_t partition, mr_task **task,
                           mr_error *error) {
    if (!MR_GROW(lane->tasks, lane->task_count, lane->task_capacity)) {
        return mr_fail(error, MR_NO_MEMORY, topic, "no memory for partition %d", (int)partition);
    }
    mr_status status =
        mr_task_new(topic, partition, lane->options.index, lane->options.counters, task, error);
    if (status != MR_OK) return status;
    lane->tasks[lane->task_count++] = *task;
    lane->committer->ops->assigned(lane->committer, partition);
    if (lane->held || lane->drain_until > 0) mr_lane_pause(lane, *task, true);
    mr_lane_report(lane, *task);
    return MR_OK;
}

static void assigned(void *context, const char *topic, int32_t partition) {
    mr_lane *lane = context;
    mr_task *task = mr_lane_task(lane, partition);
    mr_error error;
    if (task != NULL) return;
    mr_log(MR_LOG_INFO, lane->name, "assigned %s[%d]", topic, (int)partition);
    /* Without memory it is made with the partition's first batch. */
    if (mr_lane_add_task(lane, topic, partition, &task, &error) != MR_OK) {
        mr_log_error(MR_LOG_WARN, lane->name, "assigning", &error);
    }
}

static bool is_waiting(const mr_lane *lane, const mr_task *task) {
    if (lane->run.flight != NULL && lane->run.flight->task == task) return true;
    for (const mr_inflight *flight = task->head; flight != NULL; flight = flight->next) {
        if (flight->waiting > 0) return true;
    }
    return false;
}

/* Waits for the receipts of what was sent. All partitions that go at the same time share one wait: the group,
 * or who stops us, does not wait for each. */
static void settle(mr_lane *lane, const mr_task *task) {
    int64_t now = mr_monotonic_ns() / 1000000;
    if (lane->settle_until == 0) {
        lane->settle_until = now + lane->options.revoke_timeout_ms;
        if (lane->drain_until > 0 && lane->drain_until < lane->settle_until)
            lane->settle_until = lane->drain_until;
    }
    while (now < lane->settle_until && lane->sink != NULL && is_waiting(lane, task) &&
           !atomic_load(&lane->abort)) {
        mr_lane_send(lane);
        if (lane->sink != NULL) lane->sink->ops->flush(lane->sink, MR_LANE_WAIT_PENDING_MS);
        now = mr_monotonic_ns() / 1000000;
    }
}

static void revoked(void *context, int32_t partition, bool lost) {
    mr_lane *lane = context;
    mr_task *task = mr_lane_task(lane, partition);
    lost = lost || atomic_load(&lane->abort);
    if (task != NULL && !lost) settle(lane, task);
    lane->committer->ops->revoked(lane->committer, partition, lost);
    if (task == NULL) return;
    mr_log(MR_LOG_INFO, lane->name, "%s %s[%d]", lost ? "lost" : "gave up", task->context.topic,
           (int)partition);
    abandon(lane, task);
    for (size_t i = 0; i < lane->task_count; i++) {
        if (lane->tasks[i] == task) lane->tasks[i] = lane->tasks[--lane->task_count];
    }
    mr_task_free(task);
    mr_lane_status_forget(lane->options.status, partition);
}

static void listen_sink(mr_lane *lane) {
    lane->sink->listener = (mr_sink_listener){lane, received};
}

void mr_lane_listen(mr_lane *lane) {
    lane->source->listener = (mr_source_listener){lane, assigned, revoked};
    listen_sink(lane);
}

void mr_lane_drop_sink(mr_lane *lane, const char *why) {
    mr_log(MR_LOG_WARN, lane->name,
           "the sink failed (%s): opening another and going back to what was delivered", why);
    lane->run.flight = NULL;
    for (size_t i = 0; i < lane->task_count; i++) {
        mr_task *task = lane->tasks[i];
        abandon(lane, task);
        mr_processor_close_chain(task->chain);
        task->chain = NULL;
        task->rewind_due = !mr_task_stopped(task);
    }
    lane->sink->ops->close(lane->sink);
    lane->sink = NULL;
    lane->pushed = 0;
    lane->reopen_at = lane->now;
    mr_inflight_sink_closed(&lane->pool);
}

static void rewind_task(mr_lane *lane, mr_task *task) {
    mr_error error;
    if (lane->source->ops->rewind(lane->source, task->context.partition, task->acknowledged, &error) ==
        MR_OK) {
        task->rewind_due = false;
        task->position = task->acknowledged;
        if (!lane->held) mr_lane_pause(lane, task, false);
    } else if (mr_status_action(error.status) == MR_ACTION_RETRY) {
        mr_log_limited(&lane->sink_limit, MR_LOG_WARN, lane->name, "cannot go back yet: %s", error.message);
    } else {
        mr_lane_stop_task(lane, task, "cannot go back to offset %lld: %.150s", (long long)task->acknowledged,
                          error.message);
    }
}

void mr_lane_recover(mr_lane *lane) {
    if (lane->sink == NULL) {
        if (lane->now < lane->reopen_at) return;
        mr_error error;
        if (lane->options.open_sink(lane->options.context, lane->options.index, &lane->sink, &error) !=
            MR_OK) {
            lane->sink = NULL;
            lane->reopen_at = lane->now + MR_LANE_RETRY_MAX_MS;
            mr_log_limited(&lane->sink_limit, MR_LOG_WARN, lane->name, "no sink yet: %s", error.message);
            return;
        }
        listen_sink(lane);
    }
    for (size_t i = 0; i < lane->task_count; i++) {
        if (lane->tasks[i]->rewind_due) rewind_task(lane, lane->tasks[i]);
    }
}
