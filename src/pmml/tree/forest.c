/* Forest, evaluated: slots to keys, keys to leaves, leaves to a prediction, always in document order. */
#include "pmml/tree/forest.h"

#include "pmml/tree/forest_step.h"

mr_forest_row mr_forest_row_of(const mr_forest *f, const mr_work *work) {
    char *memory = (char *)(work->numbers + f->leaves) + (f->tree_count + 1) / 2 * sizeof(double);
    mr_forest_row row = {.keys = (uint64_t *)(void *)memory};
    row.shifts = (uint8_t *)(row.keys + f->slot_count + 2);
    row.gaps = row.shifts + f->slot_count + 2;
    return row;
}

/* Key and shift of a category. */
static void put_category(const mr_forest_slot *s, const mr_slot *value, uint64_t *key, uint8_t *shift) {
    uint8_t code = value->text < s->code_count ? s->codes[value->text] : MR_FOREST_OTHER;
    *key = code == MR_FOREST_OTHER ? UINT64_MAX : (uint64_t)1 << 63;
    *shift = code == MR_FOREST_OTHER ? 63 : (uint8_t)(63 - code);
}

/* Keys, and shifts where there are categories. Is a value missing? Then also the gaps. */
static bool fill_row(const mr_forest *f, const mr_slot *slots, const mr_forest_row *row) {
    uint32_t missing = 0, count = f->slot_count;
    row->keys[count] = 0;
    if (!f->categories) {
        for (uint32_t i = 0; i < count; i++) {
            const mr_slot *value = &slots[f->slots[i].slot];
            missing |= value->missing;
            row->keys[i] = mr_forest_key(value->number);
        }
    } else {
        row->shifts[count] = 0;
        for (uint32_t i = 0; i < count; i++) {
            const mr_slot *value = &slots[f->slots[i].slot];
            missing |= value->missing;
            row->shifts[i] = 0;
            if (f->slots[i].codes) put_category(&f->slots[i], value, &row->keys[i], &row->shifts[i]);
            else row->keys[i] = mr_forest_key(value->number);
        }
    }
    if (!missing) return false;
    if (!f->categories) memset(row->shifts, 0, count + 1);
    row->gaps[count] = 0;
    for (uint32_t i = 0; i < count; i++) {
        row->gaps[i] = slots[f->slots[i].slot].missing ? 2 : 0;
        if (!row->gaps[i]) continue;
        row->keys[i] = 0;
        row->shifts[i] = 0;
    }
    return true;
}

/* Index of the first greatest. The value is kept beside it, so that no load waits for the index. */
static inline uint32_t greatest(const double *values, uint32_t count) {
    uint32_t best = 0;
    double most = values[0];
    for (uint32_t i = 1; i < count; i++) {
        bool more = values[i] > most;
        best = more ? i : best;
        most = more ? values[i] : most;
    }
    return best;
}

static void predict_single(const mr_evaluator *e, const mr_forest *f, uint32_t leaf, mr_work *work,
                           mr_prediction *p) {
    if (leaf == 0) return;
    const double *values = f->values + (size_t)leaf * f->value_stride;
    p->missing = false;
    p->entity = f->entities[leaf];
    p->number = values[0];
    if (!f->classification) return;
    p->label = f->labels[leaf];
    if (f->bare[leaf]) return;
    p->probabilities = work->numbers + e->probabilities;
    memcpy(p->probabilities, values, f->value_count * sizeof *values);
}

/* Weight of the trees that predict; 0: the prediction is missing. */
static double present_weight(const mr_forest *f, const uint32_t *leaves) {
    double weight = 0;
    for (uint32_t i = 0; i < f->tree_count; i++) {
        if (leaves[i] != 0) weight += f->weights[i];
        else if (f->missing != PREDICTION_SKIP_SEGMENT) return 0;
    }
    return weight;
}

/* Of classes with as many votes, the one that was voted for first. */
static uint32_t first_voted(const mr_forest *f, const uint32_t *leaves, const double *votes, uint32_t best) {
    for (uint32_t i = 0; i < f->tree_count; i++) {
        if (leaves[i] != 0 && votes[f->labels[leaves[i]]] == votes[best]) return f->labels[leaves[i]];
    }
    return best;
}

static void predict_votes(const mr_evaluator *e, const mr_forest *f, const uint32_t *leaves, double *sums,
                          mr_prediction *p) {
    double absent = 0, weight = 0;
    memset(sums, 0, e->class_count * sizeof *sums);
    for (uint32_t i = 0; i < f->tree_count; i++) {
        if (leaves[i] != 0) {
            sums[f->labels[leaves[i]]] += f->weights[i];
            weight += f->weights[i];
        } else if (f->missing != PREDICTION_SKIP_SEGMENT) {
            absent += f->weights[i];
        }
    }
    p->label = first_voted(f, leaves, sums, greatest(sums, e->class_count));
    if (weight == 0 || absent > sums[p->label]) return;
    for (uint32_t i = 0; i < e->class_count; i++) sums[i] /= weight;
    p->probabilities = sums;
    p->missing = false;
}

#ifdef __SSE2__
/* Sums of a fixed number of pairs stay in registers. Writes an even number of averages; behind an odd number
 * of values stands 0. `ends`: where each tree's values begin. */
static inline __attribute__((always_inline)) uint32_t average_pairs(const mr_forest *f, const double *values,
                                                                    const uint32_t *ends, double weight,
                                                                    double *restrict averages,
                                                                    uint32_t pairs) {
    __m128d sums[4], all = _mm_set1_pd(weight);
#pragma GCC unroll 4
    for (uint32_t k = 0; k < pairs; k++) sums[k] = _mm_setzero_pd();
#pragma GCC unroll 2
    for (uint32_t t = 0; t < f->tree_count; t++) {
        const double *from = values + ends[t];
#pragma GCC unroll 4
        for (uint32_t k = 0; k < pairs; k++) sums[k] = _mm_add_pd(sums[k], _mm_load_pd(from + 2 * k));
    }
#pragma GCC unroll 4
    for (uint32_t k = 0; k < pairs; k++) _mm_storeu_pd(averages + 2 * k, _mm_div_pd(sums[k], all));
    return mr_greatest_pair(sums, pairs);
}
#endif

static uint32_t average_rows(const mr_forest *f, const double *values, const uint32_t *ends, double weight,
                             double *restrict sums) {
    memset(sums, 0, f->value_count * sizeof *sums);
    for (uint32_t t = 0; t < f->tree_count; t++) {
        const double *from = values + ends[t];
        for (uint32_t k = 0; k < f->value_count; k++) sums[k] += from[k];
    }
    uint32_t best = greatest(sums, f->value_count);
    for (uint32_t k = 0; k < f->value_count; k++) sums[k] /= weight;
    return best;
}

/* Averages of the classes of the leaves' values; the label is the first of the greatest. */
static inline __attribute__((always_inline)) uint32_t average(const mr_forest *f, const double *values,
                                                              const uint32_t *ends, double weight,
                                                              double *averages) {
#ifdef __SSE2__
    switch (f->positive ? f->value_stride : 0) {
    case 2:
        return average_pairs(f, values, ends, weight, averages, 1);
    case 4:
        return average_pairs(f, values, ends, weight, averages, 2);
    case 6:
        return average_pairs(f, values, ends, weight, averages, 3);
    case 8:
        return average_pairs(f, values, ends, weight, averages, 4);
    default:
        break;
    }
#endif
    return average_rows(f, values, ends, weight, averages);
}

/* In floats: each sum is rounded. */
static double add_up_single(const mr_forest *f, const double *values, const uint32_t *ends, double weight) {
    float sum = 0;
    for (uint32_t i = 0; i < f->tree_count; i++) sum += (float)values[ends[i]];
    return f->divides ? (double)(sum / (float)weight) : (double)sum;
}

static inline double add_up(const mr_forest *f, const double *values, const uint32_t *ends, double weight) {
    if (f->rounds) return add_up_single(f, values, ends, weight);
    double sum = 0;
    for (uint32_t i = 0; i < f->tree_count; i++) sum += values[ends[i]]; /* leaf 0 adds 0 */
    return f->divides ? sum / weight : sum;
}

/* Leaves' numbers become where their values begin. */
static void find_values(const mr_forest *f, uint32_t *leaves) {
    for (uint32_t i = 0; f->value_stride != 1 && i < f->tree_count; i++) leaves[i] *= f->value_stride;
}

/* Where the values begin that each tree gives to a complete row. */
static void find_ends(const mr_forest *f, const mr_forest_rows *rows, uint32_t at, uint32_t *ends) {
    mr_forest_row row = {.keys = rows->keys + (size_t)at * rows->stride,
                         .shifts = rows->shifts + (size_t)at * rows->stride};
    if (f->perfect) {
        f->perfect->walk(f->perfect, row.keys, ends);
    } else {
        mr_forest_walk(f, &row, ends);
        find_values(f, ends);
    }
}

/* The label of a vote, `best` being the first of the greatest shares: when another is as great, the votes are
 * counted again, one by one. */
static uint32_t settle_vote(const mr_forest *f, const mr_forest_rows *rows, uint32_t at, uint32_t *leaves,
                            const double *shares, uint32_t best) {
    uint32_t equals = 0;
    for (uint32_t k = 0; k < f->value_count; k++) equals += shares[k] == shares[best];
    if (equals == 1) return best;
    double votes[MR_FOREST_VOTES_MAX] = {0};
    const mr_forest_row row = {.keys = rows->keys + (size_t)at * rows->stride,
                               .shifts = rows->shifts + (size_t)at * rows->stride};
    mr_forest_walk(f, &row, leaves);
    for (uint32_t i = 0; i < f->tree_count; i++) votes[f->labels[leaves[i]]] += f->weights[i];
    return first_voted(f, leaves, votes, greatest(votes, f->value_count));
}

enum { ABREAST = 4, QUICK_LEAST = 8 };

/* Sums of four rows: an addition waits for the one before it in its row, not for those of other rows. */
static void predict_abreast(const mr_forest *f, const mr_forest_rows *rows, uint32_t first,
                            const double *values, uint32_t *ends, double *numbers) {
    uint32_t *a = ends, *b = a + f->tree_count + 10, *c = b + f->tree_count + 10, *d = c + f->tree_count + 10;
    const uint8_t *at = rows->rows + first;
    double sums[ABREAST] = {0};
    find_ends(f, rows, at[0], a);
    find_ends(f, rows, at[1], b);
    find_ends(f, rows, at[2], c);
    find_ends(f, rows, at[3], d);
    for (uint32_t i = 0; i < f->tree_count; i++) {
        sums[0] += values[a[i]];
        sums[1] += values[b[i]];
        sums[2] += values[c[i]];
        sums[3] += values[d[i]];
    }
    for (int i = 0; i < ABREAST; i++) numbers[at[i]] = f->divides ? sums[i] / f->weight : sums[i];
}

/* Sums of small trees; a few rows one by one. */
static void predict_quick(const mr_forest *f, const mr_forest_rows *rows, double *numbers) {
    const mr_forest_quick *quick = f->quick;
    bool together = rows->count >= QUICK_LEAST;
    if (together) quick->rows(quick, rows->keys, rows->stride, rows->rows, rows->count, numbers);
    for (uint32_t i = 0; i < rows->count; i++) {
        uint32_t at = rows->rows[i];
        if (!together) numbers[at] = quick->row(quick, rows->keys + (size_t)at * rows->stride);
        if (f->divides) numbers[at] /= f->weight;
    }
}

void mr_forest_predict_rows(const mr_forest *f, const mr_forest_rows *rows, uint32_t *ends, double *numbers,
                            uint32_t *labels) {
    if (f->quick) {
        predict_quick(f, rows, numbers);
        return;
    }
    const double *values = f->perfect ? f->perfect->values : f->values;
    uint32_t i = 0;
    for (; !f->classification && !f->rounds && i + ABREAST <= rows->count; i += ABREAST)
        predict_abreast(f, rows, i, values, ends, numbers);
    for (; i < rows->count; i++) {
        uint32_t at = rows->rows[i];
        double *to = numbers + (size_t)at * f->value_stride;
        if (f->perfect && f->perfect->average) {
            labels[at] =
                f->perfect->average(f->perfect, rows->keys + (size_t)at * rows->stride, f->weight, to);
        } else {
            find_ends(f, rows, at, ends);
            if (f->classification) labels[at] = average(f, values, ends, f->weight, to);
            else *to = add_up(f, values, ends, f->weight);
        }
        if (f->votes) labels[at] = settle_vote(f, rows, at, ends, to, labels[at]);
    }
}

/* Where the values begin that each tree gives to a row with missing values. The weight of the trees that
 * predict; 0: the prediction is missing. */
static double find_ends_missing(const mr_forest *f, uint64_t *keys, uint32_t *ends) {
    uint8_t shifts[MR_FOREST_GAPS] = {0}, gaps[MR_FOREST_GAPS];
    for (uint32_t k = 0; k <= f->slot_count; k++) {
        gaps[k] = keys[MR_FOREST_GAPS + k] ? 2 : 0;
        if (gaps[k]) keys[k] = 0;
    }
    const mr_forest_row row = {.keys = keys, .shifts = shifts, .gaps = gaps};
    mr_forest_walk_missing(f, &row, ends);
    double weight = present_weight(f, ends);
    if (weight != 0) find_values(f, ends);
    return weight;
}

bool mr_forest_predict_gaps(const mr_forest *f, uint64_t *keys, uint32_t *ends, double *numbers,
                            uint32_t *label) {
    const double *values = f->values;
    double weight = f->weight;
    if (f->perfect && f->perfect->walk_gaps) {
        values = f->perfect->values;
        if (f->perfect->walk_gaps(f->perfect, keys, ends)) return false;
    } else {
        weight = find_ends_missing(f, keys, ends);
        if (weight == 0) return false;
    }
    if (f->classification) *label = average(f, values, ends, weight, numbers);
    else *numbers = add_up(f, values, ends, weight);
    return true;
}

void mr_forest_predict(const mr_evaluator *e, const mr_forest_row *row, bool missing, mr_work *work,
                       mr_prediction *p) {
    const mr_forest *f = e->model;
    uint32_t *leaves = (uint32_t *)(void *)(work->numbers + f->leaves);
    double *sums = work->numbers + e->probabilities, weight = f->weight;
    if (missing) mr_forest_walk_missing(f, row, leaves);
    else mr_forest_walk(f, row, leaves);
    if (f->single) {
        predict_single(e, f, leaves[0], work, p);
        return;
    }
    if (f->votes) {
        predict_votes(e, f, leaves, sums, p);
        return;
    }
    if (missing || f->may_miss) weight = present_weight(f, leaves);
    if (weight == 0) return;
    p->missing = false;
    find_values(f, leaves);
    if (!f->classification) {
        p->number = add_up(f, f->values, leaves, weight);
        return;
    }
    p->label = average(f, f->values, leaves, weight, sums);
    p->probabilities = sums;
}

void mr_forest_evaluate(const mr_evaluator *e, mr_work *work, mr_prediction *p) {
    mr_forest_row row = mr_forest_row_of(e->model, work);
    bool missing = fill_row(e->model, work->slots, &row);
    mr_forest_predict(e, &row, missing, work, p);
}
