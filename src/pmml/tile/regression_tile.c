/* Regression over a tile: a table is a sum of registers times numbers, several rows at a time and term by
 * term, as in regression.c; then the normalization, the usual ones for several rows at a time as well, with
 * the exponential of lanes.h. */
#include "pmml/regression/regression.h"

#include <math.h>
#include <string.h>

#include "pmml/distance/kernels.h"
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

static inline bool is_category(const mr_term *t) {
    return t->kind == TERM_CATEGORY_TEXT || t->kind == TERM_CATEGORY_NUMBER;
}
static inline double category_of(const mr_term *t) {
    return t->kind == TERM_CATEGORY_TEXT ? t->text : t->exponent;
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
    case TERM_CATEGORY_TEXT:
        for (uint32_t r = 0; r < tile->rows; r++)
            if (x[r] == category_of(t) && !(missing >> r & 1)) sums[r] += t->coefficient;
        return from + 1;
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

/* How sums become numbers or probabilities. */
typedef enum finish_way {
    FINISH_NONE,
    FINISH_EXP,
    FINISH_LOGISTIC,
    FINISH_TWO, /* classes, the first by its logistic value */
    FINISH_SOFTMAX,
    FINISH_SLOWLY /* by link.h and regression.c */
} finish_way;

/* Of a regression. */
static mr_normalization number_normalization(const mr_regression *r) {
    return r->normalization == NORM_SOFTMAX ? NORM_LOGIT : r->normalization;
}

static inline finish_way way_of(const mr_regression *r, bool classification) {
    mr_normalization n = classification ? r->normalization : number_normalization(r);
    if (!classification && n == NORM_NONE) return FINISH_NONE;
    if (!classification && n == NORM_EXP) return FINISH_EXP;
    if (!classification) return n == NORM_LOGIT ? FINISH_LOGISTIC : FINISH_SLOWLY;
    if (r->ordinal) return FINISH_SLOWLY;
    if (n == NORM_SOFTMAX) return FINISH_SOFTMAX;
    return n == NORM_LOGIT && r->table_count == 2 ? FINISH_TWO : FINISH_SLOWLY;
}

#define WIDTH 2
#define TARGET
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "pmml/regression/regression_rows.h"

#if defined __x86_64__
#include <immintrin.h>
#define WIDTH                 4
#define TARGET                __attribute__((target("avx2")))
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "pmml/regression/regression_rows.h"
#endif

static void finish_slowly(const mr_regression *r, const mr_evaluator *e, mr_tile *t) {
    if (!e->classification) {
        for (uint32_t i = 0; i < t->rows; i++)
            t->numbers[i] = mr_normalize(number_normalization(r), t->numbers[i]);
        return;
    }
    double p[CLASSES_MOST];
    for (uint32_t i = 0; i < t->rows; i++) {
        for (uint32_t k = 0; k < r->table_count; k++) p[k] = t->numbers[(size_t)k * t->class_step + i];
        t->labels[i] = mr_regression_finish(r, p);
        for (uint32_t k = 0; k < r->table_count; k++) t->numbers[(size_t)k * t->class_step + i] = p[k];
    }
}

static void run_tables(const mr_regression *r, finish_way way, const uint32_t *registers, mr_tile *t) {
#if defined __x86_64__
    if ((t->kernels & MR_KERNEL_AVX2) && __builtin_cpu_supports("avx2")) {
        run_rows_4(r, way, registers, t);
        return;
    }
#endif
    run_rows_2(r, way, registers, t);
}

static void run(const mr_evaluator *e, const uint32_t *registers, mr_tile *t) {
    const mr_regression *r = e->model;
    finish_way way = way_of(r, e->classification);
    run_tables(r, way, registers, t);
    if (way == FINISH_SLOWLY) finish_slowly(r, e, t);
}

/* ---- A row by itself ---- */

/* The coefficient, or 0: without a branch that nothing foretells. */
static inline double where_same(double x, double is, double coefficient) {
    mr_pair a = {x, 0}, b = {is, 0}, c = {coefficient, 0};
    return ((mr_pair)((mr_pair_bits)c & (a == b)))[0];
}

/* An even number. */
static size_t row_numbers(const mr_evaluator *e) {
    return (((const mr_regression *)e->model)->table_count + 1) & ~(size_t)1;
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
                                                     const double *values, double *p, uint32_t *label) {
    for (uint32_t k = 0; k < r->table_count; k++) {
        p[k] = table_value(&r->tables[k], registers, values);
        registers += r->tables[k].register_count;
    }
    finish_way way = way_of(r, true);
    if (way == FINISH_TWO) {
        p[0] = logistic_2((lanes_2){p[0], p[0]})[0];
        p[1] = 1 - p[0];
        *label = p[1] > p[0];
    } else if (way == FINISH_SOFTMAX) {
        softmax_one_2(p, r->table_count);
        *label = mr_most_probable(p, r->table_count);
    } else {
        *label = mr_regression_finish(r, p);
    }
    return p;
}

static double normalized(const mr_regression *r, double x) {
    finish_way way = way_of(r, false);
    if (way == FINISH_EXP) return exponentials_2((lanes_2){x, x})[0];
    if (way == FINISH_LOGISTIC) return logistic_2((lanes_2){x, x})[0];
    return mr_normalize(number_normalization(r), x);
}

static double *run_row(const mr_evaluator *e, const uint32_t *registers, const double *values,
                       double *numbers, uint32_t *label, unsigned kernels) {
    const mr_regression *r = e->model;
    (void)kernels;
    if (e->classification) return run_classes(r, registers, values, numbers, label);
    numbers[0] = table_value(&r->tables[0], registers, values);
    if (r->normalization != NORM_NONE) numbers[0] = normalized(r, numbers[0]);
    return numbers;
}

const mr_tile_family mr_regression_tiles = {plan, NULL, run, row_numbers, run_row, false};
