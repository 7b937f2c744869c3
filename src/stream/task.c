/* A queue of batches; see task.h for its invariant. */
#include "stream/task.h"

#include "base/memory.h"

mr_status mr_task_new(const char *topic, int32_t partition, uint32_t lane, mr_lane_counters *counters,
                      mr_task **task, mr_error *error) {
    mr_task *made = mr_alloc_zero(1, sizeof *made);
    char *name = mr_copy_string(topic);
    if (made == NULL || name == NULL) {
        mr_free(made);
        mr_free(name);
        return mr_fail(error, MR_NO_MEMORY, topic, "no memory for partition %d", (int)partition);
    }
    made->context = (mr_processor_context){
        .topic = name, .partition = partition, .lane = lane, .counters = counters, .stream_time = -1};
    made->position = made->acknowledged = -1;
    *task = made;
    return MR_OK;
}

void mr_task_free(mr_task *task) {
    if (task == NULL) return;
    mr_processor_close_chain(task->chain);
    mr_free((void *)(uintptr_t)task->context.topic);
    mr_free(task);
}

void mr_task_append(mr_task *task, mr_inflight *flight, const mr_batch *batch) {
    flight->next = NULL;
    if (task->tail != NULL) {
        task->tail->next = flight;
    } else {
        task->head = flight;
    }
    task->tail = flight;
    task->position = batch->next_offset;
    for (uint32_t i = 0; i < batch->count; i++) {
        int64_t timestamp = batch->records[i].timestamp;
        if (timestamp > task->context.stream_time) task->context.stream_time = timestamp;
    }
}

mr_inflight *mr_task_next_run(mr_task *task) {
    /* Batches run in order, so those that have not run are at the end: usually the last alone. */
    if (task->tail == NULL || task->tail->ran == task->tail->batch->count) return NULL;
    mr_inflight *flight = task->head;
    while (flight->ran == flight->batch->count) flight = flight->next;
    return flight;
}

mr_inflight *mr_task_next_repair(mr_task *task) {
    mr_inflight *flight = task->head;
    while (flight != NULL && flight->repairs == 0) flight = flight->next;
    return flight;
}

static void give_back_head(mr_task *task, mr_inflight_pool *pool, mr_source *source) {
    mr_inflight *flight = task->head;
    task->head = flight->next;
    if (task->head == NULL) task->tail = NULL;
    source->ops->release(source, flight->batch);
    mr_inflight_drop(pool, flight);
}

bool mr_task_advance(mr_task *task, mr_inflight_pool *pool, mr_source *source) {
    bool moved = false;
    while (task->head != NULL && task->head->open == 0) {
        task->acknowledged = task->head->batch->next_offset;
        give_back_head(task, pool, source);
        moved = true;
    }
    return moved;
}

void mr_task_abandon(mr_task *task, mr_inflight_pool *pool, mr_source *source) {
    while (task->head != NULL) give_back_head(task, pool, source);
}
