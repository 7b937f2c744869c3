/* Type slots: a small number for each data type, for tables that lanes write.
 *
 * Append-only and bounded: only the models topic adds to it, so no record can. Slot 0 is for
 * records whose type is not known.
 */
#ifndef MR_SERVING_TYPES_H
#define MR_SERVING_TYPES_H

#include <stdatomic.h>

#include "core/counters.h"
#include "millrace/status.h"

typedef struct mr_type_slots {
    _Atomic uint32_t count;         /* used slots; those below it never change */
    char *names[MR_DATA_TYPES_MAX]; /* owned; [0] is "" */
} mr_type_slots;

void mr_type_slots_init(mr_type_slots *slots); /* main thread, as the next */
void mr_type_slots_free(mr_type_slots *slots);
/* The slot of a data type, a new one if it has none. MR_LIMIT, MR_NO_MEMORY. Control thread. */
mr_status mr_type_slots_add(mr_type_slots *slots, const char *name, uint16_t *slot, mr_error *error);
/* How many slots are used, the first included, and the name of one of them (borrows). Any thread. */
uint32_t mr_type_slots_count(const mr_type_slots *slots);
const char *mr_type_slots_name(const mr_type_slots *slots, uint32_t slot);

#endif
