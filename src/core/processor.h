/* Processor: a node of a topology.
 *
 * The lane hands a batch to the first; each forwards it to its child when it is done. The main job is
 * a chain, decode > score > encode, between a source and a sink; filters, branches and stores come as further
 * processors without touching lane or neighbours.
 *
 * One instance serves one partition (a task) in one lane, so its state needs no lock. All functions
 * run on the lane's thread.
 */
#ifndef MR_CORE_PROCESSOR_H
#define MR_CORE_PROCESSOR_H

#include "core/batch.h"
#include "core/counters.h"

typedef struct mr_processor mr_processor;
typedef struct mr_processor_context mr_processor_context;

/* What a processor may ask its lane for. */
struct mr_processor_context {
    const char *topic;
    int32_t partition;
    uint32_t lane;
    int64_t wall_time;          /* milliseconds since 1970, read once per batch */
    mr_lane_counters *counters; /* of the lane */
    int64_t stream_time;        /* highest timestamp seen in the partition; -1: none */
};

/* An error means that the whole batch cannot go on (out of memory): the lane keeps the batch and
 * calls again from the first processor, after a pause. What is wrong with one record is written into its row.
 */
typedef struct mr_processor_ops {
    const char *name; /* "decode" */
    mr_status (*process)(mr_processor *self, mr_processor_context *context, mr_batch *batch, mr_error *error);
    void (*close)(mr_processor *self); /* frees it */
} mr_processor_ops;

struct mr_processor {
    const mr_processor_ops *ops;
    mr_processor *child; /* NULL at the end of the chain */
};

static inline mr_status mr_forward(mr_processor *self, mr_processor_context *context, mr_batch *batch,
                                   mr_error *error) {
    return self->child ? self->child->ops->process(self->child, context, batch, error) : MR_OK;
}

/* Makes the chain for one partition: `open(context)` is its init. *first: returns owned, closed from
 * the first to the last. Lane thread. */
typedef struct mr_topology {
    mr_status (*open)(const struct mr_topology *self, const mr_processor_context *context,
                      mr_processor **first, mr_error *error);
} mr_topology;

void mr_processor_close_chain(mr_processor *first); /* NULL is allowed */

#endif
