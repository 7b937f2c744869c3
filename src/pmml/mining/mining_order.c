/* Mining, medians and maxima: all predictions side by side.
 *
 * Of numbers it is the median, the weighted median (the first in order with which half of the weight is
 * reached) or the greatest. Of probabilities, the class with the highest median or maximum is looked for, and
 * the result is the average over the segments whose probability of it is nearest to that (MultipleModels of
 * the standard; what is nearest, and that the most probable class of the result is predicted, is the
 * reference implementation's).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pmml/field/values.h"
#include "pmml/mining/mining.h"
#include "pmml/regression/link.h"

size_t mr_mining_numbers(const mr_mining *m, const mr_evaluator *evaluator) {
    if (mr_mining_votes(m)) return m->segment_count;
    if (!mr_mining_orders(m)) return 0;
    size_t columns = evaluator->classification ? evaluator->class_count : 1;
    return m->segment_count * (columns + 3);
}

void mr_mining_lay_out(const mr_evaluator *evaluator, double *numbers, mr_tally *t) {
    const mr_mining *m = evaluator->model;
    if (mr_mining_votes(m)) t->rows = numbers;
    if (!mr_mining_orders(m)) return;
    t->weights = numbers;
    t->column = t->weights + m->segment_count; /* pairs: a number and its weight */
    t->rows = t->column + 2 * (size_t)m->segment_count;
}

/* The one or two values of a column that decide. */
typedef struct middle {
    double low, high;
} middle;

/* Pairs are sorted: a number before its weight. */
static middle find_middle(const mr_evaluator *e, const mr_tally *t, uint32_t columns, uint32_t column) {
    const mr_mining *m = e->model;
    double *pairs = t->column, half = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        pairs[2 * i] = t->rows[(size_t)i * columns + column];
        pairs[2 * i + 1] = t->weights[i];
        half += t->weights[i] / 2;
    }
    qsort(pairs, t->count, 2 * sizeof *pairs, mr_by_number);
    uint32_t at = t->count / 2;
    if (m->method == METHOD_MEDIAN && t->count % 2 == 0) return (middle){pairs[2 * at - 2], pairs[2 * at]};
    if (m->method == METHOD_MAX) at = t->count - 1;
    if (m->method == METHOD_WEIGHTED_MEDIAN) {
        double weight = pairs[1];
        for (at = 0; at + 1 < t->count && weight < half; weight += pairs[2 * at + 1]) at++;
    }
    return (middle){pairs[2 * at], pairs[2 * at]};
}

/* Average of the rows that come nearest to `value` in the winner's column. */
static void average_nearest(const mr_evaluator *e, const mr_tally *t, uint32_t winner, double value) {
    uint32_t columns = e->class_count, count = 0;
    double nearest = INFINITY;
    for (uint32_t i = 0; i < t->count; i++)
        nearest = fmin(nearest, fabs(value - t->rows[(size_t)i * columns + winner]));
    memset(t->classes, 0, columns * sizeof *t->classes);
    for (uint32_t i = 0; i < t->count; i++) {
        const double *row = t->rows + (size_t)i * columns;
        if (fabs(value - row[winner]) > nearest) continue;
        for (uint32_t k = 0; k < columns; k++)
            t->classes[k] = mr_rounded(e->single_math, t->classes[k] + row[k]);
        count++;
    }
    for (uint32_t k = 0; k < columns; k++) t->classes[k] = mr_rounded(e->single_math, t->classes[k] / count);
}

void mr_mining_order(const mr_evaluator *e, mr_tally *t, mr_prediction *prediction) {
    if (!e->classification) {
        middle m = find_middle(e, t, 1, 0);
        prediction->number = m.low == m.high ? m.low : mr_rounded(e->single_math, (m.low + m.high) / 2);
        prediction->missing = false;
        return;
    }
    uint32_t winner = 0, label = 0;
    double highest = -1;
    for (uint32_t i = 0; i < e->class_count; i++) {
        middle m = find_middle(e, t, e->class_count, i);
        double value = m.low + (m.high - m.low) / 2;
        if (value > highest) winner = i, highest = value;
    }
    average_nearest(e, t, winner, highest);
    for (uint32_t i = 1; i < e->class_count; i++)
        if (t->classes[i] > t->classes[label]) label = i;
    prediction->label = label;
    prediction->probabilities = t->classes;
    prediction->missing = false;
}
