/* Groups: the rows of a frame that have the same value in one column, in order of first appearance. */
#ifndef MR_PMML_GROUPS_H
#define MR_PMML_GROUPS_H

#include "millrace/model.h"

typedef struct mr_groups {
    uint32_t count;
    const uint32_t *first; /* [count]: first row of each */
    const uint32_t *next;  /* [rows]: next row of the same group; UINT32_MAX: none */
} mr_groups;

/* Bytes that mr_groups_find wants for so many rows. */
size_t mr_groups_size(uint32_t rows);
/* All missing values are one group; so are all invalid ones, and all rows without a column (NULL). `memory`:
 * mr_groups_size bytes, aligned for integers, that the groups live in. */
void mr_groups_find(const mr_column *column, uint32_t rows, uint64_t seed, void *memory, mr_groups *groups);

#endif
