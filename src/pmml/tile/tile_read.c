/* Tile, in: columns of the frame to registers, each value treated as its mining field says.
 *
 * A whole column is read and looked at at once; only values that are missing, invalid or outside of what
 * needs no treatment go through mr_treatment_apply, one by one.
 */
#include <math.h>

#include "pmml/field/values.h"
#include "pmml/tile/pair.h"
#include "pmml/tile/tile.h"

static inline uint64_t bit(uint32_t row) {
    return (uint64_t)1 << row;
}

/* Rows whose cells are not present. */
static uint64_t absent_rows(const mr_column *column, uint32_t row, uint32_t count) {
    if (!column->state) return 0;
    const uint8_t *state = mr_cell_state_at(column, row);
    size_t step = column->state_stride;
    unsigned any = 0;
    for (uint32_t i = 0; i < count; i++) any |= state[i * step];
    if (!any) return 0;
    uint64_t rows = 0;
    for (uint32_t i = 0; i < count; i++) rows |= (uint64_t)(state[i * step] != MR_CELL_PRESENT) << i;
    return rows;
}

/* The cell as a number, before what the field's type does to it. */
static inline double cell_number(const mr_column *column, uint32_t row) {
    const void *cell = mr_cell(column, row);
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        return mr_double_at(cell);
    case MR_TYPE_FLOAT:
        return (double)*(const float *)cell;
    case MR_TYPE_INTEGER:
        return (double)*(const int64_t *)cell;
    default:
        return *(const uint8_t *)cell != 0;
    }
}

/* Rows with a number outside of what needs no treatment. */
static uint64_t odd_rows(const mr_tile_load *load, const double *values, uint32_t count) {
    uint64_t rows = 0;
    for (uint32_t i = 0; i < count; i++) {
        double x = values[i];
        bool odd = !(x >= load->low && x <= load->high);
        if (load->whole) odd |= x != floor(x) || fabs(x) > MR_INTEGER_MAX;
        if (load->boolean) odd |= x != 0 && x != 1;
        rows |= (uint64_t)odd << i;
    }
    return rows;
}

/* Doubles to a register, -0.0 as 0.0. True: all are within the bounds. */
static inline __attribute__((always_inline)) bool copy_doubles(const mr_tile_load *load,
                                                               const mr_column *column, uint32_t row,
                                                               uint32_t count, bool single,
                                                               double *restrict values) {
    const char *cell = mr_cell(column, row);
    size_t step = column->stride;
    const mr_pair low = {load->low, load->low}, high = {load->high, load->high};
    mr_pair_bits within = {-1, -1};
    for (; count > 1; count -= 2, cell += 2 * step, values += 2) {
        mr_pair x = {mr_double_at(cell), mr_double_at(cell + step)};
        if (single) x = mr_pair_as_floats(x);
        x += 0.0;
        within &= (x >= low) & (x <= high);
        memcpy(values, &x, sizeof x);
    }
    bool all = (within[0] & within[1]) != 0;
    if (count) {
        double x = mr_double_at(cell) + 0.0;
        if (single) x = (double)(float)x + 0.0;
        *values = x;
        all &= x >= load->low && x <= load->high;
    }
    return all;
}

/* A value that may need its treatment. */
static void treat(const mr_tile_load *load, const mr_column *column, uint32_t row, uint32_t at,
                  mr_tile *tile) {
    uint8_t state = column->state ? *mr_cell_state_at(column, row + at) : MR_CELL_PRESENT;
    double *to = &mr_tile_values(tile, load->to)[at], x = *to;
    mr_slot value = {.number = x, .missing = state == MR_CELL_MISSING};
    bool invalid = state == MR_CELL_INVALID;
    if (state == MR_CELL_PRESENT)
        invalid = (load->whole && (x != floor(x) || fabs(x) > MR_INTEGER_MAX)) ||
                  (load->boolean && x != 0 && x != 1);
    if (!mr_treatment_apply(load->treatment, &value, invalid)) tile->left |= bit(at);
    *to = value.number;
    if (value.missing) tile->missing[load->to] |= bit(at);
}

static void load_numbers(const mr_tile_load *load, const mr_column *column, uint32_t row, mr_tile *tile) {
    double *values = mr_tile_values(tile, load->to);
    uint32_t count = tile->rows;
    uint64_t odd = load->checks ? tile->all : 0, absent = absent_rows(column, row, count);
    if (column->type == MR_TYPE_DOUBLE) {
        bool all = load->single ? copy_doubles(load, column, row, count, true, values)
                                : copy_doubles(load, column, row, count, false, values);
        if (!all || load->whole || load->boolean) odd |= odd_rows(load, values, count);
    } else {
        for (uint32_t i = 0; i < count; i++) {
            double x = cell_number(column, row + i) + 0.0;
            values[i] = load->single ? (double)(float)x : x;
        }
        odd |= odd_rows(load, values, count);
    }
    tile->missing[load->to] = 0;
    for (odd |= absent; odd; odd &= odd - 1) treat(load, column, row, (uint32_t)__builtin_ctzll(odd), tile);
}

static void load_texts(const mr_tile_load *load, const mr_column *column, uint32_t row, mr_tile *tile) {
    double *values = mr_tile_values(tile, load->to);
    uint64_t missing = 0, left = 0;
    for (uint32_t i = 0; i < tile->rows; i++) {
        const mr_text *cell = mr_cell(column, row + i);
        uint8_t state = column->state ? *mr_cell_state_at(column, row + i) : MR_CELL_PRESENT;
        uint32_t code = load->code_count + state - 1; /* missing, invalid */
        if (state == MR_CELL_PRESENT) code = cell->code < load->code_count ? cell->code : 0;
        const mr_tile_text *text = &load->texts[code];
        values[i] = text->number;
        missing |= (uint64_t)text->missing << i;
        left |= (uint64_t)text->invalid << i;
    }
    tile->missing[load->to] = missing;
    tile->left |= left;
}

/* One row of an ordinary input. False: it is not ordinary. */
static inline __attribute__((always_inline)) bool load_one(const mr_tile_load *load, const mr_column *column,
                                                           uint32_t row, mr_tile *tile) {
    if (load->kind != LOAD_PLAIN || !column->state || *mr_cell_state_at(column, row) != MR_CELL_PRESENT)
        return false;
    double x = mr_double_at(mr_cell(column, row)) + 0.0;
    if (load->single) x = (double)(float)x + 0.0;
    if (!(x >= load->low && x <= load->high)) return false;
    *mr_tile_values(tile, load->to) = x;
    tile->missing[load->to] = 0;
    return true;
}

bool mr_tile_load_all(const mr_tile_plan *plan, const mr_frame *in, uint32_t row, mr_tile *tile) {
    bool one = tile->rows == 1;
    for (const mr_tile_load *load = plan->loads, *end = load + plan->load_count; load < end; load++) {
        if (load->field >= in->column_count) return false;
        const mr_column *column = &in->columns[load->field];
        if (!column->data || column->type != load->type) return false;
        if (one && load_one(load, column, row, tile)) continue;
        if (load->kind == LOAD_TEXT) load_texts(load, column, row, tile);
        else load_numbers(load, column, row, tile);
    }
    return true;
}
