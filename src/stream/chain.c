/* Opens nodes from the first to the last, each hung on the one before it. */
#include "stream/chain.h"

static mr_status open_chain(const mr_topology *topology, const mr_processor_context *context,
                            mr_processor **first, mr_error *error) {
    const mr_chain *chain = (const mr_chain *)topology;
    mr_processor **link = first;
    *first = NULL;
    for (uint32_t i = 0; i < chain->count; i++) {
        mr_status status = chain->nodes[i].open(chain->nodes[i].context, context, link, error);
        if (status != MR_OK) {
            *link = NULL;
            mr_processor_close_chain(*first);
            *first = NULL;
            return status;
        }
        link = &(*link)->child;
    }
    return MR_OK;
}

void mr_chain_init(mr_chain *chain) {
    *chain = (mr_chain){.topology = {.open = open_chain}};
}

bool mr_chain_add(mr_chain *chain, mr_node_open *open, void *context) {
    if (chain->count == MR_CHAIN_MAX) return false;
    chain->nodes[chain->count].open = open;
    chain->nodes[chain->count].context = context;
    chain->count++;
    return true;
}
