/* Chain: a topology of nodes one after the other.
 *
 * A lane has a chain of its own; the nodes of its partitions share what their contexts hold (frames,
 * scratch memory), because only one of them runs at a time.
 */
#ifndef MR_STREAM_CHAIN_H
#define MR_STREAM_CHAIN_H

#include "core/processor.h"

/* How a node is made for one partition. `context` is borrowed: the node's settings and shared memory. */
typedef mr_status mr_node_open(void *context, const mr_processor_context *of, mr_processor **made,
                               mr_error *error);

enum { MR_CHAIN_MAX = 16 };

typedef struct mr_chain {
    mr_topology topology; /* what a lane is given */
    uint32_t count;
    struct {
        mr_node_open *open;
        void *context;
    } nodes[MR_CHAIN_MAX];
} mr_chain;

/* An empty chain. Main thread, as the next. */
void mr_chain_init(mr_chain *chain);
/* Adds a node behind the last; false when the chain is full. */
bool mr_chain_add(mr_chain *chain, mr_node_open *open, void *context);

#endif
