/* General regression over a tile: the product that a parameter is, of all rows; then the sums; the same
 * operations in the same order as in general_regression.c, so the same bits. A row by itself is a tile of
 * one.
 */
#include <math.h>

#include "pmml/regression/general_regression.h"
#include "pmml/tile/tile.h"

enum { PRODUCTS_MOST = 128, CLASSES_MOST = 64 };

static uint32_t product_count(const mr_general *g) {
    return g->matrix_count * g->parameter_count;
}

static bool plan(const mr_evaluator *e, mr_tile_builder *b) {
    const mr_general *g = e->model;
    if (g->matrix_count > PRODUCTS_MOST || g->parameter_count > PRODUCTS_MOST ||
        product_count(g) > PRODUCTS_MOST || e->class_count > CLASSES_MOST)
        return false;
    for (uint32_t i = 0; i < g->cell_count; i++)
        if (!mr_tile_need(b, g->cells[i].slot)) return false;
    if (g->offset_slot != MR_NONE && !mr_tile_need(b, g->offset_slot)) return false;
    return g->trials_slot == MR_NONE || mr_tile_need(b, g->trials_slot);
}

static size_t memory(const mr_evaluator *e, uint32_t rows) {
    return (size_t)product_count(e->model) * rows * sizeof(double);
}

/* False: the category is none of the matrix's. */
static bool multiply_contrast(const mr_general_cell *c, double x, double *value) {
    const mr_contrast *m = c->contrast;
    for (uint32_t i = 0; i < m->count; i++) {
        double is = c->kind == CELL_CONTRAST_TEXT ? m->categories[i].text : m->categories[i].number;
        if (is != x) continue;
        *value *= m->values[(size_t)i * m->columns + c->text];
        return true;
    }
    return false;
}

#define ALWAYS static inline __attribute__((always_inline)) /* one row is a case of its own */

/* Rows of which there is no product, a bit each. */
ALWAYS uint64_t multiply(const mr_general_cell *c, const double *x, double *values, uint32_t rows) {
    uint64_t none = 0;
    switch (c->kind) {
    case CELL_COVARIATE:
        for (uint32_t r = 0; r < rows; r++) values[r] *= c->number == 1 ? x[r] : pow(x[r], c->number);
        break;
    case CELL_NUMBER:
        for (uint32_t r = 0; r < rows; r++) values[r] *= x[r] == c->number;
        break;
    case CELL_TEXT:
        for (uint32_t r = 0; r < rows; r++) values[r] *= x[r] == c->text;
        break;
    default:
        for (uint32_t r = 0; r < rows; r++) none |= (uint64_t)!multiply_contrast(c, x[r], &values[r]) << r;
    }
    return none;
}

/* `values` are those of a parameter each, `stride` apart. */
ALWAYS void add_up(const mr_general *g, uint32_t row, const double *values, size_t stride, uint32_t rows,
                   double *sums) {
    const double *weights = g->weights + (size_t)row * g->parameter_count;
    if (g->matrix_count > 1) values += row * g->parameter_count * stride;
    for (uint32_t r = 0; r < rows; r++) sums[r] = 0;
    for (uint32_t i = 0; i < g->parameter_count; i++, values += stride)
        for (uint32_t r = 0; !isnan(weights[i]) && r < rows; r++) sums[r] += weights[i] * values[r];
}

static void finish(const mr_evaluator *e, const double *offsets, const double *trials, mr_tile *t) {
    const mr_general *g = e->model;
    double p[CLASSES_MOST];
    for (uint32_t r = 0; r < t->rows; r++) {
        double offset = offsets ? offsets[r] : g->offset;
        if (!e->classification) {
            t->numbers[r] = mr_general_finish(g, t->numbers[r], offset, trials ? trials[r] : g->trials);
            continue;
        }
        for (uint32_t k = 0; k < e->class_count; k++) p[k] = t->numbers[(size_t)k * t->class_step + r];
        t->labels[r] = mr_general_finish_classes(g, offset, p, e->class_count);
        for (uint32_t k = 0; k < e->class_count; k++) t->numbers[(size_t)k * t->class_step + r] = p[k];
    }
}

static void run(const mr_evaluator *e, const uint32_t *registers, mr_tile *t) {
    const mr_general *g = e->model;
    double *values = t->memory;
    const double *offsets = NULL, *trials = NULL;
    for (size_t i = 0; i < (size_t)product_count(g) * t->stride; i++) values[i] = 1;
    for (uint32_t i = 0; i < g->cell_count; i++, registers++) {
        const mr_general_cell *c = &g->cells[i];
        t->absent |= t->missing[*registers];
        t->absent |= multiply(c, mr_tile_values(t, *registers), values + c->value * t->stride, t->rows);
    }
    if (g->offset_slot != MR_NONE) {
        t->absent |= t->missing[*registers];
        offsets = mr_tile_values(t, *registers++);
    }
    if (g->trials_slot != MR_NONE && !e->classification) {
        t->absent |= t->missing[*registers];
        trials = mr_tile_values(t, *registers);
    }
    uint32_t sums = e->classification ? mr_general_sum_count(g, e->class_count) : 1;
    for (uint32_t k = 0; k < sums; k++)
        add_up(g, k, values, t->stride, t->rows, t->numbers + (size_t)k * t->class_step);
    for (uint32_t k = sums; k < e->class_count && e->classification; k++)
        memset(t->numbers + (size_t)k * t->class_step, 0, t->rows * sizeof(double));
    finish(e, offsets, trials, t);
}

static size_t row_numbers(const mr_evaluator *e) {
    return product_count(e->model) + (e->classification ? e->class_count : 1);
}

static double *run_row(const mr_evaluator *e, const uint32_t *registers, const double *values, double *room,
                       uint32_t *label, unsigned kernels) {
    const mr_general *g = e->model;
    double *p = room + product_count(g), offset = g->offset, trials = g->trials;
    (void)kernels;
    for (uint32_t i = 0; i < product_count(g); i++) room[i] = 1;
    for (uint32_t i = 0; i < g->cell_count; i++, registers++)
        if (multiply(&g->cells[i], &values[*registers], &room[g->cells[i].value], 1)) return NULL;
    if (g->offset_slot != MR_NONE) offset = values[*registers++];
    if (g->trials_slot != MR_NONE) trials = values[*registers];
    uint32_t sums = e->classification ? mr_general_sum_count(g, e->class_count) : 1;
    for (uint32_t k = 0; k < sums; k++) add_up(g, k, room, 1, 1, &p[k]);
    if (e->classification) *label = mr_general_finish_classes(g, offset, p, e->class_count);
    else p[0] = mr_general_finish(g, p[0], offset, trials);
    return p;
}

const mr_tile_family mr_general_tiles = {plan, memory, run, row_numbers, run_row, true};
