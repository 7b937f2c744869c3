/* The name is written before the count that makes it visible. */
#include "serving/types.h"

#include <string.h>

#include "base/memory.h"

void mr_type_slots_init(mr_type_slots *slots) {
    *slots = (mr_type_slots){.count = 1};
}

void mr_type_slots_free(mr_type_slots *slots) {
    for (uint32_t i = 1; i < mr_type_slots_count(slots); i++) mr_free(slots->names[i]);
    mr_type_slots_init(slots);
}

uint32_t mr_type_slots_count(const mr_type_slots *slots) {
    return atomic_load_explicit(&slots->count, memory_order_acquire);
}

const char *mr_type_slots_name(const mr_type_slots *slots, uint32_t slot) {
    return slot == 0 ? "" : slots->names[slot];
}

mr_status mr_type_slots_add(mr_type_slots *slots, const char *name, uint16_t *slot, mr_error *error) {
    uint32_t count = mr_type_slots_count(slots);
    for (uint32_t i = 1; i < count; i++) {
        if (strcmp(slots->names[i], name) != 0) continue;
        *slot = (uint16_t)i;
        return MR_OK;
    }
    if (count == MR_DATA_TYPES_MAX) {
        return mr_fail(error, MR_LIMIT, name,
                       "this server serves %d data types already: serve this one with another application",
                       MR_DATA_TYPES_MAX - 1);
    }
    slots->names[count] = mr_copy_string(name);
    if (slots->names[count] == NULL) return mr_fail(error, MR_NO_MEMORY, name, "no memory for a data type");
    atomic_store_explicit(&slots->count, count + 1, memory_order_release);
    *slot = (uint16_t)count;
    return MR_OK;
}
