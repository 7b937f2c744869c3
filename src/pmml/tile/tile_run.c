/* Tile, run: one operation after the other, each over all rows.
 *
 * Numbers are computed in missing rows too, two rows at a time; nobody reads what comes out there.
 */
#include "core/model.h"
#include "pmml/distance/kernels.h"
#include "pmml/expression/expression.h"
#include "pmml/tile/pair.h"
#include "pmml/tile/tile.h"

/* Operands that are constants do not change from row to row. */
#define LOOP(formula)                                                                                        \
    for (uint32_t r = 0; r < rows; r += 2) {                                                                 \
        if (a) x = mr_pair_get(a, r);                                                                        \
        if (b) y = mr_pair_get(b, r);                                                                        \
        mr_pair_put(to, r, formula);                                                                         \
    }

static void arithmetic(const mr_tile_op *op, const double *restrict a, const double *restrict b,
                       double *restrict to, uint32_t rows) {
    mr_pair x = {op->x, op->x}, y = {op->y, op->y};
    switch (op->kind) {
    case TILE_ADD:
        LOOP(x + y)
        break;
    case TILE_SUBTRACT:
        LOOP(x - y)
        break;
    case TILE_MULTIPLY:
        LOOP(x * y)
        break;
    default:
        LOOP(x / y)
        break;
    }
}

#define SCALE(name, lanes, TARGET)                                                                           \
    TARGET static bool name(const mr_tile_op *op, const double *a, double *to, uint32_t rows) {              \
        typedef double numbers __attribute__((vector_size(lanes * sizeof(double))));                         \
        typedef int64_t marks __attribute__((vector_size(lanes * sizeof(int64_t))));                         \
        marks nan = {0};                                                                                     \
        for (uint32_t r = 0; r < rows; r += lanes) {                                                         \
            numbers x;                                                                                       \
            memcpy(&x, a + r, sizeof x);                                                                     \
            x = (x - op->x) / op->y;                                                                         \
            nan |= x != x;                                                                                   \
            memcpy(to + r, &x, sizeof x);                                                                    \
        }                                                                                                    \
        int64_t any = 0;                                                                                     \
        for (int i = 0; i < lanes; i++) any |= nan[i];                                                       \
        return any != 0;                                                                                     \
    }
SCALE(scale_2, 2, )
#if defined __x86_64__
SCALE(scale_4, 4, __attribute__((target("avx2"))))
#endif

/* A division of four takes as long as one of two. True: some result is no number, or what is behind the rows
 * is none. */
static bool scale(const mr_tile_op *op, const double *a, double *to, const mr_tile *tile) {
#if defined __x86_64__
    if ((tile->kernels & MR_KERNEL_AVX2) && __builtin_cpu_supports("avx2"))
        return scale_4(op, a, to, tile->rows);
#endif
    return scale_2(op, a, to, tile->rows);
}

/* Between or beyond two points. */
static void norm(const mr_tile_op *op, const double *restrict a, double *restrict to, uint32_t rows) {
    const mr_norm_point *p = ((const mr_expression *)op->of)->points;
    const mr_pair from = {p[0].from, p[0].from}, base = {p[0].to, p[0].to};
    const double width = p[1].from - p[0].from, height = p[1].to - p[0].to;
    const mr_pair across = {width, width}, up = {height, height};
    for (uint32_t r = 0; r < rows; r += 2)
        mr_pair_put(to, r, base + (mr_pair_get(a, r) - from) / across * up);
}

static void is(const mr_tile_op *op, const double *a, double *to, uint32_t rows) {
    for (uint32_t r = 0; r < rows; r++) to[r] = a[r] == op->x;
}

/* What needs memory of the row is left to the general way, which asks for more when it must. */
static void call(const mr_tile_plan *plan, const mr_tile_op *op, mr_tile *tile) {
    const mr_expression *x = op->of;
    mr_scratch none = {0}, *scratch = tile->work->scratch;
    tile->work->scratch = &none;
    double *to = mr_tile_values(tile, op->to);
    uint64_t missing = 0;
    for (uint32_t r = 0; r < tile->rows; r++) {
        for (uint32_t i = 0; i < op->count; i++) {
            const mr_tile_read *read = &plan->reads[op->first + i];
            double number = mr_tile_values(tile, read->from)[r];
            mr_slot *slot = &tile->work->slots[read->slot];
            *slot = (mr_slot){.missing = tile->missing[read->from] >> r & 1};
            if (slot->missing) continue;
            if (read->text) slot->text = (uint32_t)number;
            else slot->number = number;
        }
        mr_slot result = mr_expression_evaluate(x, tile->work);
        to[r] = x->type == T_STRING ? result.text : result.number;
        missing |= (uint64_t)(result.missing != 0) << r;
        if (!tile->work->failure && !tile->work->exhausted) continue;
        tile->left |= (uint64_t)1 << r; /* the general way will fail again, and say so */
        tile->work->failure = NULL;
        tile->work->exhausted = false;
    }
    tile->missing[op->to] = missing;
    tile->work->scratch = scratch;
}

static void treat(const mr_tile_op *op, mr_tile *tile) {
    const double *from = mr_tile_values(tile, op->a);
    double *to = mr_tile_values(tile, op->to);
    tile->missing[op->to] = 0;
    for (uint32_t r = 0; r < tile->rows; r++) {
        mr_slot value = {.missing = tile->missing[op->a] >> r & 1};
        if (!value.missing && op->text) value.text = (uint32_t)from[r];
        if (!value.missing && !op->text) value.number = from[r];
        if (!mr_treatment_apply(op->of, &value, false)) tile->left |= (uint64_t)1 << r;
        to[r] = op->text ? value.text : value.number;
        tile->missing[op->to] |= (uint64_t)(value.missing != 0) << r;
    }
}

static void fill(double *to, double x, uint32_t rows) {
    for (uint32_t r = 0; r < rows; r++) to[r] = x;
}

/* A result that is no number may end the row: the general way knows. */
static void leave_nan(const mr_tile_op *op, mr_tile *tile) {
    const double *values = mr_tile_values(tile, op->to);
    mr_pair_bits nan = {0, 0};
    for (uint32_t r = 0; r < tile->rows; r += 2) {
        mr_pair x = mr_pair_get(values, r);
        nan |= x != x;
    }
    if ((nan[0] | nan[1]) == 0) return;
    for (uint32_t r = 0; r < tile->rows; r++)
        if (values[r] != values[r] && !(tile->missing[op->to] >> r & 1)) tile->left |= (uint64_t)1 << r;
}

static void finish(const mr_tile_op *op, mr_tile *tile) {
    double *to = mr_tile_values(tile, op->to);
    if (op->single) {
        for (uint32_t r = 0; r < tile->rows; r += 2)
            mr_pair_put(to, r, mr_pair_as_floats(mr_pair_get(to, r)));
    }
    uint64_t missing = tile->missing[op->to];
    if (!missing || !op->fills) return;
    for (; missing; missing &= missing - 1) to[__builtin_ctzll(missing)] = op->filling;
    tile->missing[op->to] = 0;
}

static void run_one(const mr_tile_plan *plan, const mr_tile_op *op, mr_tile *tile) {
    const double *a = op->a == MR_NONE ? NULL : mr_tile_values(tile, op->a);
    const double *b = op->b == MR_NONE ? NULL : mr_tile_values(tile, op->b);
    double *to = mr_tile_values(tile, op->to);
    if (op->kind != TILE_SUM)
        tile->missing[op->to] = (a ? tile->missing[op->a] : 0) | (b ? tile->missing[op->b] : 0);
    bool calculates = op->calculates;
    switch ((mr_tile_op_kind)op->kind) {
    case TILE_FILL:
        fill(to, op->x, tile->rows);
        break;
    case TILE_MOVE:
        memcpy(to, a, tile->rows * sizeof *to);
        break;
    case TILE_SCALE:
        calculates &= scale(op, a, to, tile);
        break;
    case TILE_NORM:
        norm(op, a, to, tile->rows);
        break;
    case TILE_IS:
        is(op, a, to, tile->rows);
        break;
    case TILE_SUM:
        if (op->of) mr_tile_sum(op->of, tile);
        break;
    case TILE_CALL:
        call(plan, op, tile);
        break;
    case TILE_TREAT:
        treat(op, tile);
        break;
    case TILE_MODEL:
        mr_tile_run_model(plan, op, tile);
        break;
    default:
        arithmetic(op, a, b, to, tile->rows);
        break;
    }
    if (op->single || op->fills) finish(op, tile);
    if (calculates) leave_nan(op, tile);
}

void mr_tile_run(const mr_tile_plan *plan, mr_tile *tile) {
    for (const mr_tile_op *op = plan->ops, *end = op + plan->op_count; op < end; op++)
        run_one(plan, op, tile);
}
