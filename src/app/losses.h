/* Losses: a line of the log for records that became no result, so that nobody has to look at a metric to
 * learn that a data type has no model. The first is told at once, then at most one line in 30 s.
 */
#ifndef MR_APP_LOSSES_H
#define MR_APP_LOSSES_H

#include "app/configuration.h"
#include "core/counters.h"

typedef struct mr_losses {
    uint64_t dropped, dead_lettered; /* that were told */
    int64_t told_at;                 /* monotonic ms; 0: never */
} mr_losses;

/* Logs what is new in the counters, if it is time. Main thread. */
void mr_losses_report(mr_losses *losses, const mr_configuration *configuration,
                      mr_lane_counters *const *lanes, uint32_t lane_count, int64_t now_ms);

#endif
