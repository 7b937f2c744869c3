/* Chains of processors. */
#include "core/processor.h"

void mr_processor_close_chain(mr_processor *first) {
    while (first != NULL) {
        mr_processor *child = first->child;
        first->ops->close(first);
        first = child;
    }
}
