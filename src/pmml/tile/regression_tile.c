/* Regression over a tile: a table is a sum of registers times numbers, two rows at a time and term by term,
 * as in regression.c; then the normalization, row by row. */
#include "pmml/regression/regression.h"

#include <math.h>

#include "pmml/tile/pair.h"
#include "pmml/tile/tile.h"

enum { CLASSES_MOST = 256 };

static bool plan_term(const mr_term *t, mr_tile_builder *b) {
    if (t->kind != TERM_PRODUCT) return mr_tile_need(b, t->slot);
    for (uint32_t i = 0; i < t->factor_count; i++)
        if (!mr_tile_need(b, t->factors[i])) return false;
    return true;
}

static bool plan(const mr_evaluator *e, mr_tile_builder *b) {
    const mr_regression *r = e->model;
    if (r->single || r->table_count > CLASSES_MOST || r->normalization == NORM_SIMPLEMAX) return false;
    for (uint32_t i = 0; i < r->table_count; i++)
        for (uint32_t k = 0; k < r->tables[i].term_count; k++)
            if (!plan_term(&r->tables[i].terms[k], b)) return false;
    return true;
}

/* Adds one term to the sums; the answer is the register behind its own. */
static const uint32_t *add_term(const mr_term *t, const uint32_t *from, mr_tile *tile, double *sums) {
    const double *x = mr_tile_values(tile, *from);
    const mr_pair times = {t->coefficient, t->coefficient};
    uint64_t missing = tile->missing[*from];
    switch (t->kind) {
    case TERM_NUMERIC:
        for (uint32_t r = 0; r < tile->rows; r += 2)
            mr_pair_put(sums, r, mr_pair_get(sums, r) + times * mr_pair_get(x, r));
        break;
    case TERM_NUMERIC_POWER:
        for (uint32_t r = 0; r < tile->rows; r++) sums[r] += t->coefficient * pow(x[r], t->exponent);
        break;
    case TERM_CATEGORY_NUMBER:
    case TERM_CATEGORY_TEXT: {
        double is = t->kind == TERM_CATEGORY_TEXT ? t->text : t->exponent;
        for (uint32_t r = 0; r < tile->rows; r++)
            if (x[r] == is && !(missing >> r & 1)) sums[r] += t->coefficient;
        return from + 1;
    }
    case TERM_PRODUCT:
        for (uint32_t i = 0; i < t->factor_count; i++) tile->absent |= tile->missing[from[i]];
        for (uint32_t r = 0; r < tile->rows; r++) {
            double product = t->coefficient;
            for (uint32_t i = 0; i < t->factor_count; i++) product *= mr_tile_values(tile, from[i])[r];
            sums[r] += product;
        }
        return from + t->factor_count;
    }
    tile->absent |= missing;
    return from + 1;
}

/* Of a regression. */
static mr_normalization number_normalization(const mr_regression *r) {
    return r->normalization == NORM_SOFTMAX ? NORM_LOGIT : r->normalization;
}

static void normalize(const mr_regression *r, const mr_evaluator *e, mr_tile *t) {
    if (!e->classification) {
        mr_normalization n = number_normalization(r);
        for (uint32_t i = 0; n != NORM_NONE && i < t->rows; i++)
            t->numbers[i] = mr_normalize(n, t->numbers[i]);
        return;
    }
    double p[CLASSES_MOST];
    for (uint32_t i = 0; i < t->rows; i++) {
        for (uint32_t k = 0; k < r->table_count; k++) p[k] = t->numbers[(size_t)k * t->class_step + i];
        t->labels[i] = mr_regression_finish(r, p);
        for (uint32_t k = 0; k < r->table_count; k++) t->numbers[(size_t)k * t->class_step + i] = p[k];
    }
}

static void run(const mr_evaluator *e, const uint32_t *registers, mr_tile *t) {
    const mr_regression *r = e->model;
    for (uint32_t k = 0; k < r->table_count; k++) {
        const mr_table *table = &r->tables[k];
        double *sums = t->numbers + (size_t)k * t->class_step;
        for (uint32_t i = 0; i < t->rows; i++) sums[i] = table->intercept;
        for (uint32_t i = 0; i < table->term_count; i++)
            registers = add_term(&table->terms[i], registers, t, sums);
    }
    normalize(r, e, t);
}

/* The coefficient, or 0: without a branch that nothing foretells. */
static inline double where_same(double x, double is, double coefficient) {
    mr_pair a = {x, 0}, b = {is, 0}, c = {coefficient, 0};
    return ((mr_pair)((mr_pair_bits)c & (a == b)))[0];
}

static size_t row_numbers(const mr_evaluator *e) {
    return ((const mr_regression *)e->model)->table_count;
}

/* What a term of the rarer kinds adds. */
static __attribute__((noinline)) double rare_term(const mr_term *t, const uint32_t *from,
                                                  const double *values) {
    double product = t->coefficient;
    if (t->kind == TERM_NUMERIC_POWER) return product * pow(values[*from], t->exponent);
    if (t->kind == TERM_CATEGORY_NUMBER) return where_same(values[*from], t->exponent, product);
    for (uint32_t i = 0; i < t->factor_count; i++) product *= values[from[i]];
    return product;
}

/* Terms behind the first, numeric ones. */
static __attribute__((noinline)) double add_others(const mr_table *table, double sum, const uint32_t *from,
                                                   const double *values) {
    const mr_term *end = table->terms + table->term_count;
    for (const mr_term *t = table->terms + table->numeric_count; t < end; t++) {
        if (t->kind == TERM_NUMERIC) {
            sum += t->coefficient * values[*from++];
        } else if (t->kind == TERM_CATEGORY_TEXT) {
            sum += where_same(values[*from++], t->text, t->coefficient);
        } else {
            sum += rare_term(t, from, values);
            from += t->kind == TERM_PRODUCT ? t->factor_count : 1;
        }
    }
    return sum;
}

static inline double table_value(const mr_table *table, const uint32_t *from, const double *values) {
    double sum = table->intercept;
    for (const mr_term *t = table->terms, *end = t + table->numeric_count; t < end; t++)
        sum += t->coefficient * values[*from++];
    return table->numeric_count < table->term_count ? add_others(table, sum, from, values) : sum;
}

static __attribute__((noinline)) double *run_classes(const mr_regression *r, const uint32_t *registers,
                                                     const double *values, double *numbers, uint32_t *label) {
    for (uint32_t k = 0; k < r->table_count; k++) {
        numbers[k] = table_value(&r->tables[k], registers, values);
        registers += r->tables[k].register_count;
    }
    *label = mr_regression_finish(r, numbers);
    return numbers;
}

static double *run_row(const mr_evaluator *e, const uint32_t *registers, const double *values,
                       double *numbers, uint32_t *label, unsigned kernels) {
    const mr_regression *r = e->model;
    (void)kernels;
    if (e->classification) return run_classes(r, registers, values, numbers, label);
    numbers[0] = table_value(&r->tables[0], registers, values);
    if (r->normalization != NORM_NONE) numbers[0] = mr_normalize(number_normalization(r), numbers[0]);
    return numbers;
}

const mr_tile_family mr_regression_tiles = {plan, NULL, run, row_numbers, run_row};
