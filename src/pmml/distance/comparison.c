/* Comparison, run: a row's fields as numbers or bits. */
#include "pmml/distance/comparison.h"

#include <math.h>
#include <string.h>

uint32_t mr_table_find(const mr_table *table, double value) {
    for (uint32_t i = 0; i < table->count; i++)
        if (table->values ? table->values[i] == value : mr_interval_holds(&table->intervals[i], value))
            return i;
    return MR_NONE;
}

static bool open_bits(const mr_comparison *c, mr_work *work, uint64_t *bits) {
    memset(bits, 0, c->words * sizeof *bits);
    for (uint32_t i = 0; i < c->field_count; i++) {
        const mr_slot *slot = &work->slots[c->fields[i].slot];
        if (slot->missing) return false;
        if (slot->number != 0 && slot->number != 1) {
            work->failure = "a binary similarity of a value that is neither 0 nor 1";
            return false;
        }
        bits[i / 64] |= (uint64_t)(slot->number != 0) << (i % 64);
    }
    return true;
}

/* A value as the kernels take it. False: the field's table does not know it. */
static inline bool read_value(const mr_compared_field *field, const mr_slot *slot, double *value) {
    *value = field->text ? (double)slot->text : slot->number;
    if (field->compare != COMPARE_TABLE) return true;
    uint32_t index = mr_table_find(field->table, *value);
    *value = index;
    return index != MR_NONE;
}

/* A missing field counts as equal, without weight; the others make up for it. */
static void open_gaps(const mr_comparison *c, const mr_work *work, double *values, double *weights,
                      mr_compared *row) {
    double present = 0;
    for (uint32_t i = 0; i < c->field_count; i++) {
        bool missing = work->slots[c->fields[i].slot].missing;
        weights[i] = missing ? 0 : c->weights[i];
        if (missing) values[i] = 0;
        else present += c->missing_weights[i];
    }
    row->weights = weights;
    row->kernel = c->gaps;
    row->adjustment = c->missing_sum / present;
}

bool mr_comparison_open(const mr_comparison *c, mr_work *work, double *numbers, mr_compared *row) {
    bool missing = false;
    *row = (mr_compared){numbers, c->weights, c->complete, 1};
    if (c->metric == METRIC_BINARY) return open_bits(c, work, (uint64_t *)(void *)numbers);
    for (uint32_t i = 0; i < c->field_count; i++) {
        const mr_slot *slot = &work->slots[c->fields[i].slot];
        missing |= slot->missing != 0;
        if (!slot->missing && !read_value(&c->fields[i], slot, &numbers[i])) {
            work->failure = "a value that the table of its comparisons does not hold";
            return false;
        }
    }
    if (!missing) return true;
    open_gaps(c, work, numbers, numbers + c->field_count, row);
    return isfinite(row->adjustment); /* else all that counts is missing */
}

bool mr_comparison_run(const mr_comparison *c, const mr_compared *row, uint32_t first, uint32_t blocks,
                       double *raw) {
    if (c->metric == METRIC_BINARY) {
        uint32_t point = first * MR_LANES, end = point + blocks * MR_LANES;
        if (end > c->point_count) end = c->point_count;
        return mr_comparison_bits(c, (const uint64_t *)(const void *)row->values, point, end - point, raw);
    }
    const double *points = c->points + (size_t)first * c->field_count * MR_LANES;
    row->kernel(c, row->values, row->weights, points, blocks, raw);
    for (uint32_t i = 0; i < blocks * MR_LANES && c->similarity; i++) raw[i] = -raw[i];
    return true;
}

double mr_comparison_finish(const mr_comparison *c, const mr_compared *row, double raw) {
    double number = c->similarity ? -raw : raw;
    if (c->metric == METRIC_BINARY) return number;
    number *= row->adjustment;
    if (c->metric == METRIC_EUCLIDEAN) return sqrt(number);
    if (c->metric == METRIC_MINKOWSKI) return pow(number, 1 / c->power);
    return number;
}
