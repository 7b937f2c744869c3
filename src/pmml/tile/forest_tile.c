/* Forest over a tile: registers to rows of keys, then row by row as forest.c does. */
#include "pmml/tile/pair.h"
#include "pmml/tile/tile.h"
#include "pmml/tree/forest.h"

/* What `run` has beside the registers. */
typedef struct rows {
    uint64_t *keys;  /* [rows][stride] */
    uint8_t *shifts; /* the same; with categories */
    uint32_t *leaves;
    double *numbers; /* [rows][value_stride] */
    uint32_t stride;
} rows;

static bool plan(const mr_evaluator *e, mr_tile_builder *b) {
    const mr_forest *f = e->model;
    if (f->single)
        for (uint32_t i = 1; i < f->leaf_count; i++)
            if (f->bare[i]) return false; /* a label without probabilities */
    for (uint32_t i = 0; i < f->slot_count; i++)
        if (!mr_tile_need(b, f->slots[i].slot)) return false;
    return true;
}

static size_t memory(const mr_evaluator *e, uint32_t count) {
    const mr_forest *f = e->model;
    size_t stride = f->slot_count + 2;
    return count * (stride * (sizeof(uint64_t) + 1) + f->value_stride * sizeof(double)) +
           4 * ((size_t)f->tree_count + 10) * sizeof(uint32_t) + 64;
}

static rows lay_out(const mr_forest *f, const mr_tile *t) {
    rows r = {.stride = f->slot_count + 2};
    r.numbers = (double *)(((uintptr_t)t->memory + 15) & ~(uintptr_t)15);
    r.keys = (uint64_t *)(r.numbers + (size_t)t->stride * f->value_stride);
    r.leaves = (uint32_t *)(r.keys + (size_t)t->stride * r.stride);
    r.shifts = (uint8_t *)(r.leaves + 4 * ((size_t)f->tree_count + 10));
    return r;
}

/* Keys of numbers. An odd row behind the last has room. */
static void put_numbers(const double *values, uint32_t count, uint64_t *restrict keys, size_t stride) {
    for (uint32_t i = 0; i < count; i += 2, keys += 2 * stride) {
        mr_pair_bits key = mr_pair_order(mr_pair_get(values, i));
        keys[0] = (uint64_t)key[0];
        keys[stride] = (uint64_t)key[1];
    }
}

static void put_categories(const mr_forest_slot *s, const double *values, uint32_t count,
                           uint64_t *restrict keys, uint8_t *restrict shifts, size_t stride) {
    for (uint32_t i = 0; i < count; i++, keys += stride, shifts += stride) {
        uint32_t text = (uint32_t)values[i];
        uint8_t code = text < s->code_count ? s->codes[text] : MR_FOREST_OTHER;
        *keys = code == MR_FOREST_OTHER ? UINT64_MAX : (uint64_t)1 << 63;
        *shifts = code == MR_FOREST_OTHER ? 63 : (uint8_t)(63 - code);
    }
}

/* Rows with a NaN, which has a key of its own. */
static void put_nan(const mr_tile *t, const double *values, uint64_t *keys, size_t stride) {
    for (uint32_t i = 0; i < t->rows; i++)
        if (values[i] != values[i]) keys[i * stride] = mr_forest_key(values[i]);
}

static uint64_t put_rows(const mr_forest *f, const uint32_t *registers, const mr_tile *t, const rows *to) {
    uint64_t missing = 0;
    for (uint32_t i = 0; i < t->rows; i++) to->keys[(size_t)i * to->stride + f->slot_count] = 0;
    if (f->categories) memset(to->shifts, 0, (size_t)t->stride * to->stride);
    for (uint32_t k = 0; k < f->slot_count; k++) {
        const double *values = mr_tile_values(t, registers[k]);
        missing |= t->missing[registers[k]];
        if (f->slots[k].codes) {
            put_categories(&f->slots[k], values, t->rows, to->keys + k, to->shifts + k, to->stride);
            continue;
        }
        put_numbers(values, t->rows, to->keys + k, to->stride);
        put_nan(t, values, to->keys + k, to->stride);
    }
    return missing;
}

/* A row by itself, as forest.c has it. */
static void predict_one(const mr_evaluator *e, const uint32_t *registers, mr_tile *t, const rows *from,
                        uint32_t i, bool missing) {
    const mr_forest *f = e->model;
    mr_forest_row own = mr_forest_row_of(f, t->work),
                  row = {.keys = from->keys + (size_t)i * from->stride,
                         .shifts = from->shifts + (size_t)i * from->stride,
                         .gaps = own.gaps};
    mr_prediction p = {.missing = true, .source = e};
    if (missing) {
        if (!f->categories) {
            row.shifts = own.shifts;
            memset(row.shifts, 0, from->stride);
        }
        row.gaps[f->slot_count] = 0;
        for (uint32_t k = 0; k < f->slot_count; k++) {
            bool gap = t->missing[registers[k]] >> i & 1;
            row.gaps[k] = gap ? 2 : 0;
            if (!gap) continue;
            row.keys[k] = 0;
            row.shifts[k] = 0;
        }
    }
    mr_forest_predict(e, &row, missing, t->work, &p);
    double *to = t->numbers + (size_t)i * t->row_step;
    t->labels[i] = p.label;
    if (p.missing) t->absent |= (uint64_t)1 << i;
    else if (f->classification) memcpy(to, p.probabilities, e->class_count * sizeof *to);
    else *to = p.number;
}

static void run(const mr_evaluator *e, const uint32_t *registers, mr_tile *t) {
    const mr_forest *f = e->model;
    rows r = lay_out(f, t);
    uint64_t missing = put_rows(f, registers, t, &r), singly = f->sums ? missing : t->all;
    uint8_t complete[MR_TILE_ROWS];
    mr_forest_rows all = {.keys = r.keys, .shifts = r.shifts, .stride = r.stride, .rows = complete};
    t->class_step = 1;
    t->row_step = f->classification ? e->class_count : 1;
    if (f->sums) {
        t->numbers = r.numbers;
        t->row_step = f->value_stride;
    }
    for (uint32_t i = 0; i < t->rows; i++)
        if (!(singly >> i & 1)) complete[all.count++] = (uint8_t)i;
    if (all.count) mr_forest_predict_rows(f, &all, r.leaves, r.numbers, t->labels);
    for (; singly; singly &= singly - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(singly);
        predict_one(e, registers, t, &r, i, missing >> i & 1);
    }
}

/* A row by itself: its numbers, its keys, their shifts, and where each tree ends. */
static size_t row_numbers(const mr_evaluator *e) {
    const mr_forest *f = e->model;
    size_t slots = f->slot_count + 2, shifts = f->categories ? (slots + 7) / 8 : 0;
    return f->sums ? f->value_stride + slots + shifts + ((size_t)f->tree_count + 11) / 2 : 0;
}

static double *run_row(const mr_evaluator *e, const uint32_t *registers, const double *values,
                       double *numbers, uint32_t *label, unsigned kernels) {
    static const uint8_t first = 0;
    const mr_forest *f = e->model;
    uint32_t count = f->slot_count;
    uint64_t *keys = (uint64_t *)(void *)(numbers + f->value_stride);
    uint8_t *shifts = (uint8_t *)(keys + count + 2);
    uint32_t *ends = (uint32_t *)(void *)(shifts + (f->categories ? (count + 2 + 7) / 8 * 8 : 0));
    (void)kernels;
    if (f->categories) memset(shifts, 0, count + 2);
    for (uint32_t k = 0; k < count; k++) {
        const double *value = &values[registers[k]];
        if (f->slots[k].codes) put_categories(&f->slots[k], value, 1, &keys[k], &shifts[k], 0);
        else keys[k] = mr_forest_key(*value);
    }
    keys[count] = 0;
    mr_forest_rows row = {.keys = keys, .shifts = shifts, .rows = &first, .count = 1};
    mr_forest_predict_rows(f, &row, ends, numbers, label);
    return numbers;
}

const mr_tile_family mr_forest_tiles = {plan, memory, run, row_numbers, run_row, false};
