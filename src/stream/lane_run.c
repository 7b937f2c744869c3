/* Running: rows of one batch go through the chain as a batch of their own and to the sink.
 *
 * A run is either the rows from `ran` on, in place, or the rows that need repair, gathered. Rows whose
 * result was refused go in as failed already, so the chain's last node makes their dead letter; all
 * others go in as new. So a repair is scored by the set in force now, and its result names that model.
 *
 * Nothing is sent before the whole chain has succeeded. A run that fails leaves the batch as it was.
 */
#include <stdio.h>

#include "base/clock.h"
#include "core/dead_letter.h"
#include "stream/lane_state.h"

static int64_t pause_after(uint32_t failures) {
    int64_t pause = MR_LANE_RETRY_MS;
    while (failures-- > 1 && pause < MR_LANE_RETRY_MAX_MS) pause *= 2;
    return pause < MR_LANE_RETRY_MAX_MS ? pause : MR_LANE_RETRY_MAX_MS;
}

/* The batch stays; the partition gets no other until it went through. */
static void put_off(mr_lane *lane, mr_task *task, const mr_error *error) {
    task->failures++;
    task->retry_at = lane->now + pause_after(task->failures);
    mr_lane_pause(lane, task, true);
    mr_log_limited(&lane->run_limit, error->status == MR_NO_MODEL ? MR_LOG_INFO : MR_LOG_WARN, lane->name,
                   "%s[%d] waits: %s", task->context.topic, (int)task->context.partition, error->message);
}

static void begin(mr_lane *lane, mr_inflight *flight, bool again) {
    mr_run *run = &lane->run;
    mr_arena_reset(&run->arena, MR_LANE_KEEP_ARENA);
    run->flight = flight;
    run->sent = 0;
    run->batch = *flight->batch;
    run->batch.rows = run->rows;
    run->batch.models = lane->models;
    run->batch.groups = run->groups;
    run->batch.group_count = 0;
    run->batch.outgoing = run->outgoing;
    run->batch.outgoing_count = 0;
    run->batch.arena = &run->arena;
    run->batch.again = again;
}

static void choose_new(mr_run *run) {
    mr_inflight *flight = run->flight;
    run->batch.records = flight->batch->records + flight->ran;
    run->batch.count = flight->batch->count - flight->ran;
    for (uint32_t i = 0; i < run->batch.count; i++) {
        run->row_of[i] = (uint16_t)(flight->ran + i);
        run->rows[i] = (mr_row){.state = MR_ROW_NEW};
    }
}

static void choose_repairs(mr_run *run) {
    mr_inflight *flight = run->flight;
    uint32_t count = 0;
    for (uint32_t row = 0; row < flight->batch->count; row++) {
        if (flight->rows[row] != MR_FLIGHT_RERUN && flight->rows[row] != MR_FLIGHT_DEAD) continue;
        run->gathered[count] = flight->batch->records[row];
        run->row_of[count] = (uint16_t)row;
        run->rows[count] = (mr_row){.state = MR_ROW_NEW};
        if (flight->rows[row] == MR_FLIGHT_DEAD) {
            run->rows[count] = (mr_row){.state = MR_ROW_FAILED,
                                        .stage = MR_STAGE_SEND,
                                        .status = (mr_status)flight->statuses[row],
                                        .message = flight->reason};
        }
        count++;
    }
    run->batch.records = run->gathered;
    run->batch.count = count;
}

static mr_status run_chain(mr_lane *lane, mr_task *task, mr_error *error) {
    if (task->chain == NULL) {
        const mr_topology *topology = lane->options.topology;
        mr_status status = topology->open(topology, &task->context, &task->chain, error);
        if (status != MR_OK) return status;
    }
    return task->chain->ops->process(task->chain, &task->context, &lane->run.batch, error);
}

/* Messages get the rows of the batch in flight; dead letters that were too large lose their value. */
static mr_status address(mr_run *run) {
    for (uint32_t i = 0; i < run->batch.outgoing_count; i++) {
        mr_outgoing *message = &run->outgoing[i];
        message->row = run->row_of[message->row];
        if (message->destination != MR_TO_ERRORS || !run->flight->bare[message->row]) continue;
        if (mr_dead_letter_bare(&run->arena, message) != MR_OK) return MR_NO_MEMORY;
    }
    return MR_OK;
}

/* Rows that ended in the chain end; one that has neither a message nor an end would be lost: a bug of a
 * processor, dead-lettered as such. */
static void take_states(mr_lane *lane, bool repair) {
    mr_run *run = &lane->run;
    mr_inflight *flight = run->flight;
    uint32_t next = 0, ran = 0;
    for (; ran < run->batch.count && run->rows[ran].state != MR_ROW_NEW; ran++) {
        uint16_t row = run->row_of[ran];
        bool has_message = next < run->batch.outgoing_count && run->outgoing[next].row == row;
        next += has_message;
        if (run->rows[ran].state == MR_ROW_DROPPED) {
            mr_inflight_set(&lane->pool, flight, row, MR_FLIGHT_ENDED);
        } else if (!has_message) {
            flight->statuses[row] = MR_INTERNAL;
            snprintf(flight->reason, sizeof flight->reason, "the topology gave no message for the record");
            mr_inflight_set(&lane->pool, flight, row, MR_FLIGHT_DEAD);
        }
    }
    if (!repair) flight->ran += ran;
}

void mr_lane_run(mr_lane *lane, mr_inflight *flight, bool repair) {
    mr_run *run = &lane->run;
    mr_task *task = flight->task;
    begin(lane, flight, repair);
    if (repair) {
        choose_repairs(run);
    } else {
        choose_new(run);
    }
    task->context.wall_time = mr_wall_ms();
    mr_error error;
    mr_status status = run_chain(lane, task, &error);
    if (status == MR_OK && (status = address(run)) != MR_OK)
        mr_fail(&error, status, lane->name, "out of memory");
    if (status != MR_OK) {
        run->flight = NULL;
        if (mr_status_action(status) == MR_ACTION_RETRY || status == MR_NO_MODEL) {
            put_off(lane, task, &error);
        } else {
            mr_lane_stop_task(lane, task, "its topology failed: %s", error.message);
        }
        return;
    }
    take_states(lane, repair);
    mr_lane_send(lane);
}

/* The sink does not take the message at run->sent: too large for its topic. False: the partition stopped. */
static bool refuse_message(mr_lane *lane, const mr_error *error) {
    mr_run *run = &lane->run;
    mr_outgoing *message = &run->outgoing[run->sent];
    mr_inflight *flight = run->flight;
    if (message->destination == MR_TO_RESULTS) {
        flight->statuses[message->row] = (uint8_t)error->status;
        snprintf(flight->reason, sizeof flight->reason, "%.*s", MR_REASON_MAX - 1, error->message);
        mr_inflight_set(&lane->pool, flight, message->row, MR_FLIGHT_DEAD);
        run->sent++;
        return true;
    }
    if (!flight->bare[message->row]) {
        flight->bare[message->row] = true;
        if (mr_dead_letter_bare(&run->arena, message) == MR_OK) return true;
        mr_inflight_set(&lane->pool, flight, message->row,
                        flight->statuses[message->row] ? MR_FLIGHT_DEAD : MR_FLIGHT_RERUN);
        run->sent++;
        return true;
    }
    mr_lane_stop_task(lane, flight->task,
                      "the dead letter of offset %lld is refused even without its value: %.150s",
                      (long long)flight->batch->records[message->row].offset, error->message);
    return false;
}

static void take_accepted(mr_lane *lane, uint32_t accepted) {
    mr_run *run = &lane->run;
    for (uint32_t i = 0; i < accepted; i++, run->sent++) {
        const mr_outgoing *message = &run->outgoing[run->sent];
        mr_inflight_accepted(&lane->pool, run->flight, message->row, message->key.size + message->value.size);
    }
}

static void finish(mr_lane *lane) {
    mr_task *task = lane->run.flight->task;
    lane->run.flight = NULL;
    task->failures = 0;
    mr_lane_advance(lane, task); /* a batch of drops alone ends here */
    if (mr_task_next_run(task) == NULL && !lane->held) mr_lane_pause(lane, task, false);
}

/* The sink cannot take messages of this partition for now: they are made again later, and the lane's other
 * partitions go on. */
static void put_back(mr_lane *lane, const mr_error *error) {
    mr_run *run = &lane->run;
    mr_inflight *flight = run->flight;
    for (uint32_t i = run->sent; i < run->batch.outgoing_count; i++) {
        uint16_t row = run->outgoing[i].row;
        mr_inflight_set(&lane->pool, flight, row, flight->statuses[row] ? MR_FLIGHT_DEAD : MR_FLIGHT_RERUN);
    }
    run->flight = NULL;
    put_off(lane, flight->task, error);
}

bool mr_lane_send(mr_lane *lane) {
    mr_run *run = &lane->run;
    while (run->flight != NULL && lane->sink != NULL) {
        uint32_t left = run->batch.outgoing_count - run->sent, accepted = 0;
        mr_error error = {.status = MR_OK};
        mr_status status = left == 0 ? MR_OK
                                     : lane->sink->ops->send(lane->sink, run->outgoing + run->sent, left,
                                                             run->flight, &accepted, &error);
        take_accepted(lane, accepted);
        if (status == MR_OK) {
            finish(lane);
        } else if (status == MR_TOO_LARGE) {
            if (!refuse_message(lane, &error)) return true;
        } else if (status == MR_LOST) {
            mr_lane_drop_sink(lane, error.message);
        } else if (status == MR_FULL) {
            return false;
        } else if (mr_status_action(status) == MR_ACTION_RETRY) {
            put_back(lane, &error);
        } else {
            mr_lane_stop_task(lane, run->flight->task, "its messages are refused: %.180s", error.message);
        }
    }
    return run->flight == NULL;
}
