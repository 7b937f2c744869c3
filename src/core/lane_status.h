/* Lane status: what a lane says of itself, for others to read.
 *
 * The lane writes when a partition comes, goes or stops, and twice a second; readers copy. A small lock of
 * its own keeps both whole. It lives apart from the lane, so that readers (the view) know no lane.
 */
#ifndef MR_CORE_LANE_STATUS_H
#define MR_CORE_LANE_STATUS_H

#include <pthread.h>

#include "core/batch.h"

typedef enum mr_lane_phase {
    MR_LANE_STARTING,   /* not subscribed yet */
    MR_LANE_SUBSCRIBED, /* asks its source for records */
    MR_LANE_DRAINING,   /* was told to stop */
    MR_LANE_STOPPED,    /* ended as it was told to */
    MR_LANE_FAILED      /* ended by an error */
} mr_lane_phase;

enum { MR_REASON_MAX = 256 };

typedef struct mr_lane_partition {
    char topic[256];
    int32_t partition;
    int64_t position;            /* next offset to read; -1: unknown */
    int64_t end;                 /* high watermark; -1: unknown */
    char stopped[MR_REASON_MAX]; /* why it is processed no more; empty: it is */
} mr_lane_partition;

typedef struct mr_lane_status {
    pthread_mutex_t mutex; /* guards all below */
    mr_lane_phase phase;
    char failure[MR_REASON_MAX]; /* MR_LANE_FAILED: why */
    mr_lane_partition *partitions;
    size_t count;
    size_t capacity;
} mr_lane_status;

/* Main thread. */
mr_status mr_lane_status_init(mr_lane_status *status, mr_error *error);
void mr_lane_status_destroy(mr_lane_status *status);

/* Lane thread. */
void mr_lane_status_phase(mr_lane_status *status, mr_lane_phase phase, const char *failure);
/* Adds the partition or changes what is known of it; `stopped` NULL or empty: it goes on. MR_NO_MEMORY. */
mr_status mr_lane_status_partition(mr_lane_status *status, const char *topic, int32_t partition,
                                   int64_t position, int64_t end, const char *stopped);
void mr_lane_status_forget(mr_lane_status *status, int32_t partition);

#endif
