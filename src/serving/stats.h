/* Statistics: the answer to every question about the live state (core/view.h).
 *
 * Lanes write into their own shards and tables; here they are read and summed, never reset or locked. The
 * snapshot holds the published set only while it copies from it.
 */
#ifndef MR_SERVING_STATS_H
#define MR_SERVING_STATS_H

#include "core/lane_status.h"
#include "core/view.h"
#include "serving/control.h"

typedef struct mr_stats {
    const char *application_id; /* all borrowed */
    const char *instance_id;
    mr_published *published;
    const mr_control *control;
    const mr_type_slots *slots;
    mr_lane_counters *const *counters; /* [lane_count] */
    mr_lane_status *const *lanes;      /* [lane_count] */
    uint32_t lane_count;
} mr_stats;

/* A view of it; `stats` must live as long. Any thread. */
mr_view mr_stats_view(mr_stats *stats);

#endif
