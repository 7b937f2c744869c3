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

static unsigned look_at(const mr_column *column, uint32_t row) {
    uint8_t state = column->state ? *mr_cell_state_at(column, row) : MR_CELL_PRESENT;
    double number = mr_double_at(mr_cell(column, row));
    if (state == MR_CELL_PRESENT) return number != number ? MR_DIRECT_INVALID : MR_DIRECT_COMPLETE;
    return state == MR_CELL_MISSING ? MR_DIRECT_INCOMPLETE : MR_DIRECT_INVALID;
}

static void flag(const mr_column *column, uint32_t row, uint32_t count, uint32_t key,
                 mr_direct_block *block) {
    for (uint32_t i = 0; i < count; i++) {
        unsigned seen = look_at(column, row + i);
        block->flags[i] |= (uint8_t)seen;
        block->gaps[i] |= (uint64_t)(seen & MR_DIRECT_INCOMPLETE) << (key & 63);
    }
}

/* Where a row's cells lie in the columns, when it is the same in all. */
typedef struct place {
    size_t cell, state; /* bytes from row 0 */
    size_t stride, state_stride;
} place;

static inline __attribute__((always_inline)) place place_of(const mr_column *column, uint32_t row) {
    return (place){row * column->stride, row * column->state_stride, column->stride, column->state_stride};
}

static inline __attribute__((always_inline)) const mr_column *column_of(const mr_column *columns,
                                                                        const mr_direct_input *input) {
    return (const mr_column *)(const void *)((const char *)columns + input->column);
}

/* Are both of doubles with states, whose rows lie there? */
static inline __attribute__((always_inline)) bool lie_at(const mr_column *a, const mr_column *b,
                                                         const place *at) {
    _Static_assert(MR_TYPE_DOUBLE == 0, "two types are looked at together");
    return (a->type | b->type) == MR_TYPE_DOUBLE && a->data && a->state && b->data && b->state &&
           a->stride == at->stride && a->state_stride == at->state_stride && b->stride == at->stride &&
           b->state_stride == at->state_stride;
}

static inline __attribute__((always_inline)) mr_direct_row read_row(const mr_direct *d,
                                                                    const mr_column *columns, const place *at,
                                                                    uint64_t *restrict keys, bool singles) {
    mr_pair sum = {0, 0}; /* NaN, if a number is; or if two of them are infinite, and then it is no harm */
    unsigned states = 0;
    const mr_direct_input *input = d->inputs, *end = input + d->count;
    /* Two inputs at a time; behind an odd number stands the last one again. */
    do {
        const mr_column *a = column_of(columns, &input[0]), *b = column_of(columns, &input[1]);
        if (!lie_at(a, b, at)) return MR_DIRECT_UNREADABLE;
        mr_pair x = {mr_double_at((const char *)a->data + at->cell),
                     mr_double_at((const char *)b->data + at->cell)};
        if (singles) {
            mr_pair single = mr_pair_as_floats(x);
            if (input[0].single) x[0] = single[0];
            if (input[1].single) x[1] = single[1];
        }
        states |= (unsigned)a->state[at->state] | (unsigned)b->state[at->state];
        sum += x;
        mr_pair_bits key = mr_pair_order(x);
        keys[input[0].key] = (uint64_t)key[0];
        keys[input[1].key] = (uint64_t)key[1];
        input += 2;
    } while (input < end);
    sum[0] += sum[1];
    return states || sum[0] != sum[0] ? MR_DIRECT_INCOMPLETE : MR_DIRECT_COMPLETE;
}

/* Of `count` bytes, is one not 0? */
static inline __attribute__((always_inline)) bool any_of(const uint8_t *bytes, uint32_t count) {
    uint64_t eight, last;
    if (count >= 8) {
        memcpy(&last, bytes + count - 8, sizeof last);
        for (; count > 8; count -= 8, bytes += 8) {
            memcpy(&eight, bytes, sizeof eight);
            last |= eight;
        }
        return last != 0;
    }
    for (last = 0; count; count--) last |= *bytes++;
    return last != 0;
}

/* Does the column stand at this place of its record, as a double? */
static inline __attribute__((always_inline)) bool stands(const mr_column *column, const char *data,
                                                         const uint8_t *state, const place *at) {
    return column->data == data && column->state == state && column->stride == at->stride &&
           column->state_stride == at->state_stride;
}

/* The same of inputs that are neighbours in the schema, when they are so in the record too, as mr_frame_new
 * has them: the record is read as it lies. */
static inline __attribute__((always_inline)) mr_direct_row read_record(const mr_direct *d,
                                                                       const mr_column *column, uint32_t row,
                                                                       uint64_t *restrict keys) {
    const place at = place_of(column, row);
    mr_pair sum = {0, 0};
    const mr_direct_input *input = d->inputs;
    const char *data = column->data;
    const uint8_t *state = column->state, *states = state + at.state;
    if (!data || !state) return MR_DIRECT_UNREADABLE;
    uint32_t left = d->count;
    for (; left > 1; left -= 2, column += 2, input += 2, data += 2 * sizeof(double), state += 2) {
        if ((column[0].type | column[1].type) != MR_TYPE_DOUBLE || !stands(&column[0], data, state, &at) ||
            !stands(&column[1], data + sizeof(double), state + 1, &at))
            return MR_DIRECT_UNREADABLE;
        mr_pair x;
        memcpy(&x, data + at.cell, sizeof x);
        sum += x;
        mr_pair_bits key = mr_pair_order(x);
        keys[input[0].key] = (uint64_t)key[0];
        keys[input[1].key] = (uint64_t)key[1];
    }
    if (left) {
        if (column->type != MR_TYPE_DOUBLE || !stands(column, data, state, &at)) return MR_DIRECT_UNREADABLE;
        double x = mr_double_at(data + at.cell);
        sum[0] += x;
        keys[input->key] = mr_forest_order(x);
    }
    sum[0] += sum[1];
    return sum[0] != sum[0] || any_of(states, d->count) ? MR_DIRECT_INCOMPLETE : MR_DIRECT_COMPLETE;
}

static __attribute__((noinline)) mr_direct_row read_scattered(const mr_direct *d, const mr_frame *in,
                                                              uint32_t row, uint64_t *restrict keys) {
    const place at = place_of(&in->columns[d->inputs[0].field], row);
    return d->singles ? read_row(d, in->columns, &at, keys, true)
                      : read_row(d, in->columns, &at, keys, false);
}

mr_direct_row mr_direct_read_row(const mr_direct *d, const mr_frame *in, uint32_t row,
                                 uint64_t *restrict keys) {
    if (d->most >= in->column_count) return MR_DIRECT_UNREADABLE;
    if (d->neighbours) {
        mr_direct_row read = read_record(d, &in->columns[d->inputs[0].field], row, keys);
        if (read != MR_DIRECT_UNREADABLE) return read;
    }
    return read_scattered(d, in, row, keys);
}

bool mr_direct_find_gaps(const mr_direct *d, const mr_frame *in, uint32_t row, uint64_t *keys) {
    unsigned all = 0;
    memset(keys + MR_FOREST_GAPS, 0, MR_FOREST_GAPS * sizeof *keys);
    for (uint32_t i = 0; i < d->count; i++) {
        unsigned seen = look_at(&in->columns[d->inputs[i].field], row);
        all |= seen;
        keys[MR_FOREST_GAPS + d->inputs[i].key] |= seen;
    }
    return !(all & MR_DIRECT_INVALID);
}

bool mr_direct_read(const mr_direct *d, const mr_frame *in, uint32_t row, uint32_t count,
                    mr_direct_block *block) {
    if (d->most >= in->column_count) return false;
    memset(block->flags, 0, count);
    memset(block->gaps, 0, count * sizeof *block->gaps);
    for (uint32_t i = 0; i < d->count; i++) {
        const mr_direct_input *input = &d->inputs[i];
        const mr_column *column = &in->columns[input->field];
        uint64_t *keys = block->keys + input->key;
        if (column->type != MR_TYPE_DOUBLE || !column->data) return false;
        bool numbers = input->single ? read_numbers(column, row, count, true, keys, block->stride)
                                     : read_numbers(column, row, count, false, keys, block->stride);
        if (!numbers || !all_present(column, row, count)) flag(column, row, count, input->key, block);
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
