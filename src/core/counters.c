/* Names of outcomes, from their table. */
#include "core/counters.h"

#include <stddef.h>

const char *mr_outcome_name(mr_outcome outcome) {
    static const char *const names[] = {
#define NAME(outcome, name) name,
        MR_OUTCOME_TABLE(NAME)
#undef NAME
    };
    return (size_t)outcome < MR_OUTCOME_COUNT ? names[outcome] : "unknown";
}
