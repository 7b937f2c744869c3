/* Tile, in: columns of the frame to registers, each value treated as its mining field says.
 *
 * A whole column is read and looked at at once; only values that are missing, invalid or outside of what
 * needs no treatment go through mr_treatment_apply, one by one.
 */
#include <math.h>

#include "pmml/distance/kernels.h"
#include "pmml/field/values.h"
#include "pmml/tile/pair.h"
#include "pmml/tile/tile.h"

static inline uint64_t bit(uint32_t row) {
    return (uint64_t)1 << row;
}

/* Rows whose cells are not present. */
static uint64_t absent_rows(const mr_column *column, uint32_t row, uint32_t count) {
    if (!column->state) return 0;
    const uint8_t *state = mr_cell_state_at(column, row), *at = state;
    size_t step = column->state_stride;
    unsigned any = 0;
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4, at += 4 * step)
        any |= (unsigned)(at[0] | at[step]) | (unsigned)(at[2 * step] | at[3 * step]);
    for (; i < count; i++, at += step) any |= *at;
    if (!any) return 0;
    uint64_t rows = 0;
    for (i = 0; i < count; i++) rows |= (uint64_t)(state[i * step] != MR_CELL_PRESENT) << i;
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

/* The same for four rows at a time where the processor has AVX2; those that are left as above. */
#if defined __x86_64__
__attribute__((target("avx2"))) static bool copy_wide(const mr_tile_load *load, const mr_column *column,
                                                      uint32_t row, uint32_t count, double *restrict values) {
    typedef double numbers __attribute__((vector_size(32)));
    typedef int64_t words __attribute__((vector_size(32)));
    const char *cell = mr_cell(column, row);
    size_t step = column->stride;
    words within = {-1, -1, -1, -1};
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4, cell += 4 * step) {
        numbers x = {mr_double_at(cell), mr_double_at(cell + step), mr_double_at(cell + 2 * step),
                     mr_double_at(cell + 3 * step)};
        x += 0.0;
        within &= (x >= load->low) & (x <= load->high);
        memcpy(values + i, &x, sizeof x);
    }
    bool all = (within[0] & within[1] & within[2] & within[3]) != 0;
    return copy_doubles(load, column, row + i, count - i, false, values + i) && all;
}
#endif

static bool copy_column(const mr_tile_load *load, const mr_column *column, uint32_t row, mr_tile *tile,
                        double *values) {
    if (load->single) return copy_doubles(load, column, row, tile->rows, true, values);
#if defined __x86_64__
    if ((tile->kernels & MR_KERNEL_AVX2) && __builtin_cpu_supports("avx2"))
        return copy_wide(load, column, row, tile->rows, values);
#endif
    return copy_doubles(load, column, row, tile->rows, false, values);
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
        bool all = copy_column(load, column, row, tile, values);
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
    const char *cell = mr_cell(column, row);
    uint64_t missing = 0, left = 0, absent = absent_rows(column, row, tile->rows);
    for (uint32_t i = 0; i < tile->rows; i++, cell += column->stride) {
        uint32_t code = ((const mr_text *)(const void *)cell)->code;
        if (code >= load->code_count) code = 0;
        if (__builtin_expect(absent >> i & 1, 0)) /* missing, invalid */
            code = load->code_count + *mr_cell_state_at(column, row + i) - 1;
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
