/* Direct, in: columns of doubles to keys, two rows at a time. */
#include "pmml/tile/direct.h"
#include "pmml/tile/pair.h"

/* Keys of one column's rows, `stride` apart. True: all are numbers. */
static inline __attribute__((always_inline)) bool read_numbers(const mr_column *column, uint32_t row,
                                                               uint32_t count, bool single,
                                                               uint64_t *restrict keys, size_t stride) {
    const char *cell = mr_cell(column, row);
    size_t step = column->stride;
    mr_pair_bits nan = {0, 0};
    for (; count > 1; count -= 2, cell += 2 * step, keys += 2 * stride) {
        mr_pair x = {mr_double_at(cell), mr_double_at(cell + step)};
        if (single) x = mr_pair_as_floats(x);
        nan |= x != x;
        mr_pair_bits key = mr_pair_order(x);
        keys[0] = (uint64_t)key[0];
        keys[stride] = (uint64_t)key[1];
    }
    if (count) {
        double x = mr_double_at(cell);
        if (single) x = (double)(float)x;
        nan[0] |= x != x;
        keys[0] = mr_forest_order(x);
    }
    return (nan[0] | nan[1]) == 0;
}

static bool all_present(const mr_column *column, uint32_t row, uint32_t count) {
    const uint8_t *state = column->state;
    if (!state) return true;
    size_t step = column->state_stride;
    unsigned states = 0;
    state += row * step;
    for (; count >= 4; count -= 4, state += 4 * step)
        states |= (unsigned)(state[0] | state[step]) | (unsigned)(state[2 * step] | state[3 * step]);
    for (; count; count--, state += step) states |= *state;
    return states == 0;
}

static void flag(const mr_column *column, uint32_t row, uint32_t count, uint8_t *flags) {
    for (uint32_t i = 0; i < count; i++) {
        double number = mr_double_at(mr_cell(column, row + i));
        flags[i] |= !mr_cell_present(column, row + i) || number != number;
    }
}

/* Where a row's cells lie in the columns, when it is the same in all. */
typedef struct place {
    size_t cell, state; /* bytes from row 0 */
    size_t stride, state_stride;
} place;

/* Column of an input; NULL: it is not of doubles with states, or its rows lie elsewhere. */
static inline __attribute__((always_inline)) const mr_column *find(const mr_column *columns,
                                                                   const mr_direct_input *input,
                                                                   const place *at) {
    const mr_column *column = (const mr_column *)(const void *)((const char *)columns + input->column);
    bool fits = column->type == MR_TYPE_DOUBLE && column->data && column->state &&
                column->stride == at->stride && column->state_stride == at->state_stride;
    return fits ? column : NULL;
}

static inline __attribute__((always_inline)) mr_direct_row read_row(const mr_direct *d,
                                                                    const mr_column *columns, const place *at,
                                                                    uint64_t *restrict keys, bool singles) {
    mr_pair_bits nan = {0, 0};
    unsigned states = 0;
    const mr_direct_input *input = d->inputs, *end = input + d->count;
    /* Two inputs at a time; behind an odd number stands the last one again. */
    do {
        const mr_column *a = find(columns, &input[0], at), *b = find(columns, &input[1], at);
        if (!a || !b) return MR_DIRECT_UNREADABLE;
        mr_pair x = {mr_double_at((const char *)a->data + at->cell),
                     mr_double_at((const char *)b->data + at->cell)};
        if (singles) {
            mr_pair single = mr_pair_as_floats(x);
            if (input[0].single) x[0] = single[0];
            if (input[1].single) x[1] = single[1];
        }
        states |= (unsigned)a->state[at->state] | (unsigned)b->state[at->state];
        nan |= x != x;
        mr_pair_bits key = mr_pair_order(x);
        keys[input[0].key] = (uint64_t)key[0];
        keys[input[1].key] = (uint64_t)key[1];
        input += 2;
    } while (input < end);
    return states | (uint64_t)(nan[0] | nan[1]) ? MR_DIRECT_INCOMPLETE : MR_DIRECT_COMPLETE;
}

mr_direct_row mr_direct_read_row(const mr_direct *d, const mr_frame *in, uint32_t row,
                                 uint64_t *restrict keys) {
    if (d->most >= in->column_count) return MR_DIRECT_UNREADABLE;
    const mr_column *first = &in->columns[d->inputs[0].field];
    const place at = {row * first->stride, row * first->state_stride, first->stride, first->state_stride};
    return d->singles ? read_row(d, in->columns, &at, keys, true)
                      : read_row(d, in->columns, &at, keys, false);
}

bool mr_direct_read(const mr_direct *d, const mr_frame *in, uint32_t row, uint32_t count,
                    mr_direct_block *block) {
    if (d->most >= in->column_count) return false;
    memset(block->flags, 0, count);
    for (uint32_t i = 0; i < d->count; i++) {
        const mr_direct_input *input = &d->inputs[i];
        const mr_column *column = &in->columns[input->field];
        uint64_t *keys = block->keys + input->key;
        if (column->type != MR_TYPE_DOUBLE || !column->data) return false;
        bool numbers = input->single ? read_numbers(column, row, count, true, keys, block->stride)
                                     : read_numbers(column, row, count, false, keys, block->stride);
        if (!numbers || !all_present(column, row, count)) flag(column, row, count, block->flags);
    }
    return true;
}

bool mr_direct_read_gaps(const mr_direct *d, const mr_column *columns, uint32_t row, const mr_forest *f,
                         const mr_forest_row *to, bool *missing) {
    memset(to->shifts, 0, f->slot_count + 2);
    memset(to->gaps, 0, f->slot_count + 2);
    to->keys[f->slot_count] = 0;
    *missing = false;
    for (uint32_t i = 0; i < d->count; i++) {
        const mr_direct_input *input = &d->inputs[i];
        const mr_column *column = &columns[input->field];
        uint8_t state = column->state ? *mr_cell_state_at(column, row) : MR_CELL_PRESENT;
        bool present = state == MR_CELL_PRESENT;
        double number = present ? mr_double_at(mr_cell(column, row)) : 0;
        if (input->single) number = (double)(float)number;
        if ((!present && state != MR_CELL_MISSING) || number != number) return false;
        to->keys[input->key] = present ? mr_forest_order(number) : 0;
        to->gaps[input->key] = present ? 0 : 2;
        *missing |= !present && input->key < f->slot_count;
    }
    return true;
}
