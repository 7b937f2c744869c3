/* Lanes: each with its chain (decode, score, encode), its memory, its counters, its clients. */
#ifndef MR_APP_LANES_H
#define MR_APP_LANES_H

#include "app/topics.h"
#include "core/counters.h"
#include "core/lane_status.h"
#include "core/model_set.h"

typedef struct mr_lanes mr_lanes;

/* All borrowed for the lanes' life. */
typedef struct mr_lanes_options {
    const mr_configuration *configuration;
    const mr_kafka_config *kafka;
    const mr_topics *topics;
    mr_published *published;
} mr_lanes_options;

/* *lanes: returns owned. Main thread, as start, join, free. */
mr_status mr_lanes_new(const mr_lanes_options *options, mr_lanes **lanes, mr_error *error);
mr_status mr_lanes_start(mr_lanes *lanes, mr_error *error);
/* The first lane that ended by an error, or MR_OK. */
mr_status mr_lanes_check(mr_lanes *lanes, mr_error *error);
/* All: take no more records, drain, commit. Then (abort): end at once. Any thread, also a signal handler. */
void mr_lanes_stop(mr_lanes *lanes);
void mr_lanes_abort(mr_lanes *lanes);
mr_status mr_lanes_join(mr_lanes *lanes, mr_error *error); /* waits for all; the first error */
void mr_lanes_free(mr_lanes *lanes);                       /* after join; NULL is allowed */

/* Borrow; valid while the lanes are. [count] pointers. */
mr_lane_counters **mr_lanes_counters(mr_lanes *lanes);
mr_lane_status **mr_lanes_statuses(mr_lanes *lanes);

#endif
