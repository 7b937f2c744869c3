/* Encode: the last processor. Every row that was not dropped becomes one message, in record order: a
 * result for a scored row, a dead letter for a failed one.
 *
 * Key, headers and partition pass through. So does the timestamp, unless the target topic would refuse
 * it or delete the message at once: then it is now, the record's own stands in header
 * `millrace.timestamp`, and that is counted. Outcomes and latencies are counted here, once per batch.
 */
#ifndef MR_STREAM_ENCODE_H
#define MR_STREAM_ENCODE_H

#include "core/processor.h"

/* Which timestamps a topic takes: at most so many milliseconds before and after now; -1: no bound. */
typedef struct mr_timestamp_bounds {
    int64_t before;
    int64_t after;
} mr_timestamp_bounds;

typedef struct mr_encode_options {
    mr_timestamp_bounds bounds[2]; /* by mr_destination */
    bool now;                      /* results bear the time of sending, no header, not counted */
} mr_encode_options;

/* mr_node_open; `options` (a mr_encode_options) is borrowed for the node's life. Lane thread. */
mr_status mr_encode_open(void *options, const mr_processor_context *of, mr_processor **made, mr_error *error);

#endif
