/* Frame: rows of feature values, or of results, as typed columns.
 *
 * A column is an address, and the distance in bytes from one row to the next. So an array per field
 * (columnar) and an array of structs (row-major) are both frames without a copy: point the columns
 * at what you have. A frame belongs to a schema, never to one model: column i is field i, and
 * several models read the same frame. A column whose `data` is NULL was not decoded, because nobody
 * asked for it.
 *
 *   type             cell at data + row * stride
 *   double           double
 *   float            float
 *   integer          int64_t
 *   boolean          uint8_t, 0 or 1
 *   string           mr_text
 *   list             mr_list (outputs only)
 */
#ifndef MILLRACE_FRAME_H
#define MILLRACE_FRAME_H

#include "millrace/schema.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A string: a view, with its code in the schema's dictionary (0: not in it; inputs only). Not
 * terminated by zero. */
typedef struct mr_text {
    const char *data;
    uint32_t size;
    uint32_t code;
} mr_text;

typedef struct mr_list {
    const struct mr_value *items;
    uint32_t count;
} mr_list;

/* A value that carries its type: an item of a list, an input or an output of mr_row_scorer_score. */
typedef struct mr_value {
    mr_type type; /* not MR_TYPE_FLOAT: it is a double here; an item of a list is no list */
    bool missing;
    union {
        double number;
        int64_t integer;
        bool boolean;
        mr_text text;
        mr_list list;
    } as;
} mr_value;

/* State of a cell. Invalid: there is a value, but not one of the column's type ("abc" in a column
 * of doubles); a PMML model treats it by its invalidValueTreatment. */
typedef enum mr_cell_state { MR_CELL_PRESENT = 0, MR_CELL_MISSING = 1, MR_CELL_INVALID = 2 } mr_cell_state;

typedef struct mr_column {
    mr_type type;
    void *data;          /* cell of row 0; NULL: not decoded */
    size_t stride;       /* bytes from a row to the next */
    uint8_t *state;      /* mr_cell_state of row 0; NULL (inputs only): every cell is present */
    size_t state_stride; /* bytes from a row to the next */
} mr_column;

typedef struct mr_frame {
    mr_column *columns;
    uint32_t column_count;
    uint32_t row_count;
} mr_frame;

/* Allocates a row-major frame: `rows` rows with a cell and a state for each of `count` types, all
 * missing. Borrows the types during the call. *frame: returns owned, free with mr_frame_free.
 * MR_INVALID_ARGUMENT (an unknown type), MR_LIMIT, MR_NO_MEMORY. Any thread. */
MR_API mr_status mr_frame_new(const mr_type *types, uint32_t count, uint32_t rows, mr_frame **frame,
                              mr_error *error);
MR_API void mr_frame_free(mr_frame *frame); /* one of mr_frame_new; NULL is allowed */

/* Address of a cell (of a column with `data`) and of its state (of a column with `state`), and whether a
 * cell is present. Nothing is checked. Borrow; any thread that may use the frame. */
static inline void *mr_cell(const mr_column *column, uint32_t row) {
    return (char *)column->data + (size_t)row * column->stride;
}
static inline uint8_t *mr_cell_state_at(const mr_column *column, uint32_t row) {
    return column->state + (size_t)row * column->state_stride;
}
static inline bool mr_cell_present(const mr_column *column, uint32_t row) {
    return column->state == NULL || *mr_cell_state_at(column, row) == MR_CELL_PRESENT;
}

#ifdef __cplusplus
}
#endif
#endif
