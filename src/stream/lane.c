/* The loop: one step asks for receipts, sends what waits, repairs, runs what waits, and only when there is
 * nothing of that asks the source for more. See lane.h for what it promises.
 */
#include "stream/lane.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "stream/lane_state.h"

mr_status mr_lane_new(const mr_lane_options *options, mr_lane **lane, mr_error *error) {
    mr_lane *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "lane", "no memory for lane %u", options->index);
    made->options = *options;
    if (made->options.in_flight_bytes == 0) made->options.in_flight_bytes = (size_t)16 << 20;
    if (made->options.in_flight_batches == 0) made->options.in_flight_batches = 1024;
    if (made->options.shutdown_timeout_ms == 0) made->options.shutdown_timeout_ms = 30000;
    if (made->options.revoke_timeout_ms == 0) made->options.revoke_timeout_ms = 5000;
    if (made->options.poll_timeout_ms == 0) made->options.poll_timeout_ms = MR_LANE_WAIT_MS;
    snprintf(made->name, sizeof made->name, "lane %u", options->index);
    mr_arena_init(&made->run.arena, 64 * 1024, 0);
    *lane = made;
    return MR_OK;
}

void mr_lane_free(mr_lane *lane) {
    if (lane == NULL) return;
    mr_arena_free(&lane->run.arena);
    mr_inflight_pool_free(&lane->pool);
    mr_free(lane->tasks);
    mr_free(lane);
}

void mr_lane_stop(mr_lane *lane) {
    atomic_store(&lane->stop, true);
}

void mr_lane_abort(mr_lane *lane) {
    atomic_store(&lane->abort, true);
    atomic_store(&lane->stop, true);
}

mr_status mr_lane_open(mr_lane *lane, mr_error *error) {
    const mr_lane_options *options = &lane->options;
    mr_status status = options->open_source(options->context, options->index, &lane->source, error);
    if (status != MR_OK) return status;
    status = options->open_committer(options->context, options->index, lane->source, &lane->committer, error);
    if (status != MR_OK) goto close_source;
    status = options->open_sink(options->context, options->index, &lane->sink, error);
    if (status != MR_OK) goto close_committer;
    mr_lane_listen(lane);
    mr_lane_status_phase(options->status, MR_LANE_SUBSCRIBED, NULL);
    return MR_OK;

close_committer:
    lane->committer->ops->close(lane->committer);
    lane->committer = NULL;
close_source:
    lane->source->ops->close(lane->source);
    lane->source = NULL;
    return status;
}

static bool is_full(const mr_lane *lane) {
    return lane->pool.bytes >= lane->options.in_flight_bytes ||
           lane->pool.used >= lane->options.in_flight_batches;
}

static void hold_all(mr_lane *lane, bool held) {
    if (lane->held == held) return;
    lane->held = held;
    for (size_t i = 0; i < lane->task_count; i++) {
        mr_task *task = lane->tasks[i];
        mr_lane_pause(lane, task, held || task->rewind_due || mr_task_next_run(task) != NULL);
    }
}

/* Takes what the source lends into the queue of its partition. */
static void take_batch(mr_lane *lane, mr_batch *batch) {
    mr_task *task = mr_lane_task(lane, batch->partition);
    mr_error error;
    if (task == NULL && mr_lane_add_task(lane, batch->topic, batch->partition, &task, &error) != MR_OK) {
        mr_log_error(MR_LOG_WARN, lane->name, "reading", &error);
        lane->source->ops->rewind(lane->source, batch->partition, batch->records[0].offset, NULL);
        lane->source->ops->release(lane->source, batch);
        return;
    }
    mr_inflight *flight = NULL;
    if (!mr_task_stopped(task) && !task->rewind_due) flight = mr_inflight_take(&lane->pool, task, batch);
    if (flight == NULL) {
        lane->source->ops->release(lane->source, batch);
        return;
    }
    mr_task_append(task, flight, batch);
}

/* Asks the source; also keeps the lane in its group. What it lends runs at once. */
static mr_status poll_source(mr_lane *lane, int timeout_ms, mr_error *error) {
    if (!mr_inflight_reserve(&lane->pool)) return MR_OK; /* no memory: later */
    lane->polled_at = lane->now;
    lane->settle_until = 0;
    mr_batch *batch = NULL;
    mr_status status = lane->source->ops->poll(lane->source, timeout_ms, &batch, error);
    if (status != MR_OK) {
        if (mr_status_action(status) != MR_ACTION_RETRY) return status;
        mr_log_limited(&lane->poll_limit, MR_LOG_WARN, lane->name, "no records: %s", error->message);
        return MR_OK;
    }
    if (batch != NULL) take_batch(lane, batch);
    return MR_OK;
}

/* Should what waits in the sink for company go now? A sink gathers messages until they fill a request, which
 * takes the least time of all threads under load. When there is nothing else to do, waiting longer
 * would only delay results. One push at a time: until all of the last one has arrived, what is new gathers.
 */
static bool should_push(const mr_lane *lane) {
    return lane->sink != NULL && lane->pool.waiting > 0 &&
           (lane->pushed == 0 || lane->now - lane->pushed_at >= MR_LANE_PUSH_AGAIN_MS);
}

static void push(mr_lane *lane) {
    lane->pushed = lane->pool.waiting;
    lane->pushed_at = lane->now;
    lane->sink->ops->flush(lane->sink, MR_LANE_PUSH_MS);
}

/* How long the source may be waited for: not at all before a push, short while receipts are due, and not
 * beyond the next retry. */
static int patience(const mr_lane *lane) {
    int64_t wait = lane->options.poll_timeout_ms;
    if (lane->pool.waiting > 0) return should_push(lane) ? 0 : MR_LANE_WAIT_PENDING_MS;
    for (size_t i = 0; i < lane->task_count; i++) {
        const mr_task *task = lane->tasks[i];
        if (task->head == NULL) continue;
        int64_t until_retry = task->retry_at - lane->now;
        if (until_retry < MR_LANE_WAIT_PENDING_MS) until_retry = MR_LANE_WAIT_PENDING_MS;
        if (until_retry < wait) wait = until_retry;
    }
    return (int)wait;
}

/* Repairs what may be repaired, else runs what is queued. False: nothing to do. */
static bool work(mr_lane *lane) {
    bool repairs = lane->pool.repairs > 0 && lane->now >= lane->repair_at;
    for (size_t i = 0; repairs && i < lane->task_count; i++) {
        mr_task *task = lane->tasks[i];
        mr_inflight *flight = lane->now >= task->retry_at ? mr_task_next_repair(task) : NULL;
        if (flight == NULL) continue;
        mr_lane_run(lane, flight, true);
        return true;
    }
    for (size_t i = 0; i < lane->task_count && lane->drain_until == 0; i++) {
        mr_task *task = lane->tasks[i];
        mr_inflight *flight = lane->now >= task->retry_at ? mr_task_next_run(task) : NULL;
        if (flight == NULL) continue;
        mr_lane_run(lane, flight, false);
        return true;
    }
    return false;
}

/* Nothing can be taken in: waits for receipts, and asks the source only so that the group keeps us. Without
 * a sink there is nothing else to wait for. */
static mr_status wait_blocked(mr_lane *lane, mr_error *error) {
    bool no_sink = lane->sink == NULL;
    if (no_sink || lane->held || lane->now - lane->polled_at >= MR_LANE_BLOCKED_MS) {
        hold_all(lane, true);
        mr_status status = poll_source(lane, no_sink ? MR_LANE_WAIT_PENDING_MS : 0, error);
        if (status != MR_OK) return status;
    }
    if (lane->sink == NULL) return MR_OK;
    /* Under load receipts come all the time, and what waits gathers behind the requests under way. */
    uint32_t waiting = lane->pool.waiting;
    lane->sink->ops->poll(lane->sink, MR_LANE_WAIT_PENDING_MS);
    if (lane->pool.waiting == waiting && should_push(lane)) push(lane);
    return MR_OK;
}

/* What the source says in all, less what was counted before. Of unknown data type: nobody read them. */
static void count_lost(mr_lane *lane) {
    if (lane->source->ops->lost == NULL) return;
    uint64_t lost = lane->source->ops->lost(lane->source);
    mr_count(&lane->options.counters->types[0].outcomes[MR_OUTCOME_LOST], lost - lane->lost);
    lane->lost = lost;
}

static void report(mr_lane *lane) {
    if (lane->now < lane->reported_at + MR_LANE_REPORT_MS) return;
    lane->reported_at = lane->now;
    for (size_t i = 0; i < lane->task_count; i++) mr_lane_report(lane, lane->tasks[i]);
    count_lost(lane);
}

static void begin_drain(mr_lane *lane) {
    mr_log(MR_LOG_INFO, lane->name, "stopping: waiting for %u batches in flight", lane->pool.used);
    lane->drain_until = lane->now + lane->options.shutdown_timeout_ms;
    mr_lane_status_phase(lane->options.status, MR_LANE_DRAINING, NULL);
    hold_all(lane, true);
}

/* True when nothing that was sent waits for its end. What a sink did not even take for now (its topic has no
 * such partition) is not waited for: it was not sent, and is read again at the next start. */
static bool drained(const mr_lane *lane) {
    if (lane->run.flight != NULL) return false;
    for (size_t i = 0; i < lane->task_count; i++) {
        const mr_task *task = lane->tasks[i];
        for (const mr_inflight *flight = task->head; flight != NULL; flight = flight->next) {
            if (flight->waiting > 0 || (flight->repairs > 0 && task->failures == 0)) return false;
        }
    }
    return true;
}

static mr_status step_draining(mr_lane *lane, mr_error *error) {
    if (drained(lane)) return MR_CANCELLED;
    if (lane->now >= lane->drain_until) {
        mr_log(MR_LOG_WARN, lane->name, "%u batches are not delivered in time: they will be read again",
               lane->pool.used);
        return MR_CANCELLED;
    }
    return wait_blocked(lane, error);
}

mr_status mr_lane_step(mr_lane *lane, int64_t now, mr_error *error) {
    lane->now = now;
    if (atomic_load_explicit(&lane->abort, memory_order_relaxed)) return MR_CANCELLED;
    if (lane->drain_until == 0 && atomic_load_explicit(&lane->stop, memory_order_relaxed)) begin_drain(lane);
    mr_published_refresh(lane->options.published, &lane->models);
    if (lane->sink != NULL) {
        lane->sink->ops->poll(lane->sink, 0);
        mr_error why;
        if (lane->sink->ops->failed(lane->sink, &why)) mr_lane_drop_sink(lane, why.message);
    }
    mr_lane_recover(lane);
    report(lane);
    mr_error commit_error;
    if (lane->committer->ops->commit(lane->committer, now, false, &commit_error) != MR_OK) {
        mr_log_limited(&lane->commit_limit, MR_LOG_WARN, lane->name, "offsets are not committed yet: %s",
                       commit_error.message);
    }
    bool blocked = lane->sink == NULL || !mr_lane_send(lane);
    if (!blocked && work(lane)) return MR_OK;
    if (lane->drain_until > 0) return step_draining(lane, error);
    if (blocked || is_full(lane)) return wait_blocked(lane, error);
    hold_all(lane, false);
    mr_status status = poll_source(lane, patience(lane), error);
    if (status != MR_OK) return status;
    mr_published_refresh(lane->options.published, &lane->models);
    if (!work(lane) && should_push(lane)) push(lane);
    return MR_OK;
}

void mr_lane_close(mr_lane *lane, mr_status ended, const mr_error *error) {
    bool as_told = ended == MR_CANCELLED;
    lane->settle_until = 0;
    if (lane->source != NULL) lane->source->ops->close(lane->source); /* revokes all, which commits */
    while (lane->task_count > 0) mr_task_free(lane->tasks[--lane->task_count]);
    if (lane->committer != NULL) lane->committer->ops->close(lane->committer);
    if (lane->sink != NULL) lane->sink->ops->close(lane->sink);
    lane->source = NULL;
    lane->committer = NULL;
    lane->sink = NULL;
    mr_published_release(lane->options.published, lane->models);
    lane->models = NULL;
    mr_lane_status_phase(lane->options.status, as_told ? MR_LANE_STOPPED : MR_LANE_FAILED,
                         as_told ? NULL : error->message);
}

static void *run_lane(void *context) {
    mr_lane *lane = context;
    pthread_setname_np(pthread_self(), lane->name);
    mr_status status = mr_lane_open(lane, &lane->failure);
    while (status == MR_OK) status = mr_lane_step(lane, mr_monotonic_ns() / 1000000, &lane->failure);
    if (status != MR_CANCELLED) mr_log_error(MR_LOG_ERROR, lane->name, "ended", &lane->failure);
    mr_lane_close(lane, status, &lane->failure);
    lane->ended = status == MR_CANCELLED ? MR_OK : status;
    return NULL;
}

mr_status mr_lane_start(mr_lane *lane, mr_error *error) {
    if (pthread_create(&lane->thread, NULL, run_lane, lane) == 0) return MR_OK;
    return mr_fail(error, MR_NO_MEMORY, lane->name, "cannot start a thread");
}

mr_status mr_lane_join(mr_lane *lane, mr_error *error) {
    pthread_join(lane->thread, NULL);
    if (lane->ended != MR_OK && error != NULL) *error = lane->failure;
    return lane->ended;
}
