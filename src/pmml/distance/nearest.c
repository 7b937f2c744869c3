/* Nearest, run: see nearest.h. */
#include "pmml/distance/nearest.h"

#include <math.h>

static inline bool farther(const mr_near *a, const mr_near *b) {
    return (a->number > b->number) | ((a->number == b->number) & (a->point > b->point)); /* no branches */
}

static void sink(mr_near *heap, uint32_t count, uint32_t at) {
    mr_near item = heap[at];
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && farther(&heap[child + 1], &heap[child]);
        if (!farther(&heap[child], &item)) break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

static void rise(mr_near *heap, uint32_t at) {
    mr_near item = heap[at];
    for (; at > 0 && farther(&item, &heap[(at - 1) / 2]); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = item;
}

typedef double pair __attribute__((vector_size(16), aligned(8)));
typedef int64_t pair_mask __attribute__((vector_size(16)));

/* Is one of eight below the limit? */
static inline bool any_below(const double *raw, double limit) {
    const pair *p = (const pair *)(const void *)raw, limits = {limit, limit};
    pair_mask below = (p[0] < limits) | (p[1] < limits) | (p[2] < limits) | (p[3] < limits);
    return (below[0] | below[1]) != 0;
}

static mr_near near_of(const mr_comparison *c, const mr_compared *row, double raw, uint32_t point) {
    double number = mr_comparison_finish(c, row, raw);
    return (mr_near){c->similarity ? -number : number, raw, point};
}

/* Puts in `points` points from number `first` on; `raw` is whole blocks. Most blocks hold none that is nearer
 * than those kept, and cost one question. Of equal distances the first stays: what is farther in raw numbers
 * may be as far as another once its root is taken, but never nearer. */
static void add(const mr_search *s, const mr_compared *row, mr_near *heap, uint32_t *count, const double *raw,
                uint32_t points, uint32_t first) {
    const mr_comparison *c = &s->comparison;
    uint32_t i = 0;
    for (; i < points && *count < s->keep; i++) {
        heap[*count] = near_of(c, row, raw[i], first + i);
        rise(heap, (*count)++);
    }
    for (; i < points; i++) {
        if (i % MR_LANES == 0 && !any_below(raw + i, heap[0].raw)) {
            i += MR_LANES - 1;
            continue;
        }
        if (raw[i] >= heap[0].raw) continue;
        mr_near near = near_of(c, row, raw[i], first + i);
        if (near.number >= heap[0].number) continue;
        heap[0] = near;
        sink(heap, s->keep, 0);
    }
}

static void sort(mr_near *heap, uint32_t count) {
    while (count > 1) {
        mr_near last = heap[--count];
        heap[count] = heap[0];
        heap[0] = last;
        sink(heap, count, 0);
    }
}

static mr_near *nearest_of(const mr_search *s, const mr_work *work) {
    return (mr_near *)(void *)(work->numbers + s->nearest);
}

const mr_near *mr_search_nearest(const mr_search *s, const mr_work *work) {
    return nearest_of(s, work);
}

const mr_near *mr_search_run(const mr_search *s, mr_work *work) {
    const mr_comparison *c = &s->comparison;
    mr_near *nearest = nearest_of(s, work);
    double *raw = work->numbers + s->raw;
    uint32_t count = 0, blocks = mr_comparison_blocks(c);
    mr_compared row;
    if (!mr_comparison_open(c, work, work->numbers + s->row + 1, &row)) return NULL;
    for (uint32_t block = 0; block < blocks; block += MR_CHUNK_BLOCKS) {
        uint32_t some = blocks - block < MR_CHUNK_BLOCKS ? blocks - block : MR_CHUNK_BLOCKS;
        uint32_t first = block * MR_LANES, points = some * MR_LANES;
        if (points > c->point_count - first) points = c->point_count - first;
        if (!mr_comparison_run(c, &row, block, some, raw)) return NULL;
        add(s, &row, nearest, &count, raw, points, first);
    }
    sort(nearest, s->keep);
    work->numbers[s->row] = row.adjustment;
    for (uint32_t i = 0; i < s->keep && c->similarity; i++) nearest[i].number = -nearest[i].number;
    return nearest;
}

/* The distance of any point: from the last chunk when it holds all points, else computed again. */
static double distance_of(const mr_search *s, mr_work *work, uint32_t point) {
    const mr_comparison *c = &s->comparison;
    mr_compared row = {.adjustment = work->numbers[s->row]};
    double raw[MR_LANES];
    if (mr_comparison_blocks(c) <= MR_CHUNK_BLOCKS)
        return mr_comparison_finish(c, &row, work->numbers[s->raw + point]);
    if (!mr_comparison_open(c, work, work->numbers + s->row + 1, &row)) return NAN;
    mr_comparison_run(c, &row, point / MR_LANES, 1, raw);
    return mr_comparison_finish(c, &row, raw[point % MR_LANES]);
}

void mr_search_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                     const mr_prediction *prediction, mr_slot *value) {
    const mr_search *s = evaluator->model;
    (void)prediction;
    value->missing = 0;
    if (output->detail != MR_NONE) {
        value->number = distance_of(s, work, output->detail);
    } else if (output->rank > s->comparison.point_count) {
        value->missing = 1;
        return;
    } else {
        const mr_near *near = &nearest_of(s, work)[output->rank - 1];
        if (output->feature == F_ENTITY_ID || output->feature == F_CLUSTER_ID) {
            if (output->type == T_STRING) value->text = s->ids[near->point];
            else *value = s->names->typed[output->type][near->point];
            return;
        }
        value->number = near->number;
    }
    if (output->type == T_FLOAT) value->number = (double)(float)value->number;
}
