/* One lock, held for a copy. */
#include "core/lane_status.h"

#include <stdio.h>

#include "base/memory.h"

mr_status mr_lane_status_init(mr_lane_status *status, mr_error *error) {
    *status = (mr_lane_status){.phase = MR_LANE_STARTING};
    if (pthread_mutex_init(&status->mutex, NULL) == 0) return MR_OK;
    return mr_fail(error, MR_NO_MEMORY, "lane status", "cannot make a mutex");
}

void mr_lane_status_destroy(mr_lane_status *status) {
    pthread_mutex_destroy(&status->mutex);
    mr_free(status->partitions);
}

void mr_lane_status_phase(mr_lane_status *status, mr_lane_phase phase, const char *failure) {
    pthread_mutex_lock(&status->mutex);
    status->phase = phase;
    snprintf(status->failure, sizeof status->failure, "%s", failure ? failure : "");
    pthread_mutex_unlock(&status->mutex);
}

/* Under the lock. NULL when it is not there. */
static mr_lane_partition *find(mr_lane_status *status, int32_t partition) {
    for (size_t i = 0; i < status->count; i++) {
        if (status->partitions[i].partition == partition) return &status->partitions[i];
    }
    return NULL;
}

mr_status mr_lane_status_partition(mr_lane_status *status, const char *topic, int32_t partition,
                                   int64_t position, int64_t end, const char *stopped) {
    pthread_mutex_lock(&status->mutex);
    mr_lane_partition *entry = find(status, partition);
    if (entry == NULL && MR_GROW(status->partitions, status->count, status->capacity)) {
        entry = &status->partitions[status->count++];
        *entry = (mr_lane_partition){.partition = partition};
        snprintf(entry->topic, sizeof entry->topic, "%s", topic);
    }
    if (entry != NULL) {
        entry->position = position;
        entry->end = end;
        snprintf(entry->stopped, sizeof entry->stopped, "%s", stopped ? stopped : "");
    }
    pthread_mutex_unlock(&status->mutex);
    return entry != NULL ? MR_OK : MR_NO_MEMORY;
}

void mr_lane_status_forget(mr_lane_status *status, int32_t partition) {
    pthread_mutex_lock(&status->mutex);
    mr_lane_partition *entry = find(status, partition);
    if (entry != NULL) *entry = status->partitions[--status->count];
    pthread_mutex_unlock(&status->mutex);
}
