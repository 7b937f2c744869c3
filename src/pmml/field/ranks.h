/* Ranks: the order of an ordinal field is that in which its values are declared. */
#ifndef MR_PMML_RANKS_H
#define MR_PMML_RANKS_H

#include "pmml/build.h"

/* *ranks is NULL when the values order themselves: no ordinal field, none declared, or numbers that rise.
 * `info` may be NULL. The ranks are the model's. */
mr_status mr_ranks_build(mr_builder *b, const mr_slot_info *info, const void **ranks);

/* -1, 0, 1; 2: one of them is not declared. */
int mr_ranks_compare(const void *ranks, const mr_slot *a, const mr_slot *b);

/* The declared values in order; `*count` of them, in the arena. */
mr_status mr_ranks_values(mr_builder *b, const mr_slot_info *info, const mr_slot **values, uint32_t *count);

#endif
