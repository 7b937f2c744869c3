/* Cells that hold a JSON list: of a model over groups, a row for each of its items. */
#ifndef MR_APP_CSV_LISTS_H
#define MR_APP_CSV_LISTS_H

#include "base/arena.h"
#include "codec/csv.h"

/* The items of a cell as cells (`data` NULL: null), in the arena. False, with *count 0, when the cell holds
 * no list of plain values; *failed: memory is out. An empty list is one missing item. */
bool mr_csv_list(const mr_bytes *cell, mr_arena *arena, mr_bytes **items, uint32_t *count, bool *failed);

#endif
