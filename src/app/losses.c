/* Counters only grow, so what is new is a difference of sums. */
#include "app/losses.h"

#include <inttypes.h>

#include "base/log.h"

enum { QUIET_MS = 30000 };

static uint64_t total(mr_lane_counters *const *lanes, uint32_t lane_count, mr_outcome outcome) {
    uint64_t sum = 0;
    for (uint32_t lane = 0; lane < lane_count; lane++)
        for (int type = 0; type < MR_DATA_TYPES_MAX; type++)
            sum += atomic_load_explicit(&lanes[lane]->types[type].outcomes[outcome], memory_order_relaxed);
    return sum;
}

void mr_losses_report(mr_losses *losses, const mr_configuration *configuration,
                      mr_lane_counters *const *lanes, uint32_t lane_count, int64_t now_ms) {
    if (losses->told_at != 0 && now_ms - losses->told_at < QUIET_MS) return;
    uint64_t dropped = total(lanes, lane_count, MR_OUTCOME_DROPPED) - losses->dropped;
    uint64_t letters = total(lanes, lane_count, MR_OUTCOME_DEAD_LETTERED) - losses->dead_lettered;
    if (dropped > 0)
        mr_log(MR_LOG_WARN, "records",
               "%" PRIu64
               " dropped: no model serves their data type; publish one, or set serving.no_model to hold "
               "or dead-letter",
               dropped);
    if (letters > 0)
        mr_log(MR_LOG_WARN, "records", "%" PRIu64 " could not be scored: the reasons stand in %s", letters,
               configuration->errors_topic);
    if (dropped + letters > 0) losses->told_at = now_ms;
    losses->dropped += dropped;
    losses->dead_lettered += letters;
}
