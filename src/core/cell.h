/* Text into cells: one place decides what fits into which type, for records and for what a model is verified
 * with. Any thread that may write the frame. */
#ifndef MR_CORE_CELL_H
#define MR_CORE_CELL_H

#include "millrace/frame.h"

/* Reads text by the column's type, blanks at its ends aside; text that is none of the type makes the
 * cell invalid. A string column gets the view itself, with its code. */
void mr_cell_from_text(const mr_column *column, uint32_t row, const char *text, size_t size,
                       const mr_schema *schema);

static inline void mr_cell_set_state(const mr_column *column, uint32_t row, mr_cell_state state) {
    *mr_cell_state_at(column, row) = (uint8_t)state;
}

#endif
