/* Regression over rows, the body of regression_tile.c: included once for each width of vectors.
 *
 * Nothing is fused, so both widths and a row by itself have the same bits.
 */
#include "pmml/tile/lanes.h"

/* The numeric terms that stand first. */
ALWAYS void LANES(add_numeric)(const mr_table *table, const uint32_t *from, mr_tile *tile, double *sums) {
    for (uint32_t i = 0; i < table->numeric_count; i++) tile->absent |= tile->missing[from[i]];
    for (uint32_t r = 0; r < tile->rows; r += WIDTH) {
        lanes sum = EACH(table->intercept);
        for (uint32_t i = 0; i < table->numeric_count; i++)
            sum += EACH(table->terms[i].coefficient) * LANES(get)(mr_tile_values(tile, from[i]) + r);
        LANES(put)(sums + r, sum);
    }
}

/* The coefficient where x is the category. */
ALWAYS void LANES(add_category)(const mr_term *t, const double *x, uint32_t rows, double *sums) {
    const lanes is = EACH(category_of(t)), coefficient = EACH(t->coefficient);
    for (uint32_t r = 0; r < rows; r += WIDTH) {
        marks same = LANES(get)(x + r) == is;
        LANES(put)(sums + r, LANES(get)(sums + r) + (lanes)((marks)coefficient & same));
    }
}

ALWAYS void LANES(add_tables)(const mr_regression *r, const uint32_t *registers, mr_tile *t) {
    for (const mr_table *table = r->tables, *end = table + r->table_count; table < end; table++) {
        double *sums = t->numbers + (size_t)(table - r->tables) * t->class_step;
        LANES(add_numeric)(table, registers, t, sums);
        registers += table->numeric_count;
        for (uint32_t i = table->numeric_count; i < table->term_count; i++) {
            const mr_term *term = &table->terms[i];
            if (is_category(term) && !t->missing[*registers])
                LANES(add_category)(term, mr_tile_values(t, *registers++), t->rows, sums);
            else registers = add_term(term, registers, t, sums);
        }
    }
}

ALWAYS lanes LANES(logistic)(lanes x) {
    return EACH(1) / (EACH(1) + LANES(exponentials)(-x));
}

/* The first of the most probable classes. */
ALWAYS void LANES(choose)(const double *p, size_t stride, uint32_t count, uint32_t *labels) {
    lanes most = LANES(get)(p);
    marks best = {0};
    for (uint32_t k = 1; k < count; k++) {
        lanes x = LANES(get)(p + k * stride);
        marks more = x > most, at = (marks){0} + k;
        best = (at & more) | (best & ~more);
        most = (lanes)(((marks)x & more) | ((marks)most & ~more));
    }
    for (int i = 0; i < WIDTH; i++) labels[i] = (uint32_t)best[i];
}

/* WIDTH rows of what `way` is. */
ALWAYS void LANES(finish_some)(finish_way way, double *p, size_t stride, uint32_t count, uint32_t *labels) {
    if (way == FINISH_EXP) LANES(put)(p, LANES(exponentials)(LANES(get)(p)));
    if (way == FINISH_LOGISTIC) LANES(put)(p, LANES(logistic)(LANES(get)(p)));
    if (way == FINISH_EXP || way == FINISH_LOGISTIC) return;
    if (way == FINISH_TWO) {
        lanes first = LANES(logistic)(LANES(get)(p));
        LANES(put)(p, first);
        LANES(put)(p + stride, EACH(1) - first);
    } else {
        LANES(softmax)(p, count, stride);
    }
    LANES(choose)(p, stride, count, labels);
}

TARGET static void LANES(run_rows)(const mr_regression *r, finish_way way, const uint32_t *registers,
                                   mr_tile *t) {
    LANES(add_tables)(r, registers, t);
    if (way == FINISH_NONE || way == FINISH_SLOWLY) return;
    for (uint32_t i = 0; i < t->rows; i += WIDTH)
        LANES(finish_some)(way, t->numbers + i, t->class_step, r->table_count, t->labels + i);
}

#include "pmml/tile/lanes_end.h"
