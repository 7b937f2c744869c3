/* Tile, one row: a complete, ordinary row by itself, its registers plain doubles.
 *
 * Nothing is missing, so an operation is one calculation with the same result as tile_run.c has; there is no
 * working memory to lay out. Anything else about the row (a missing value, one that needs its treatment, a
 * result that is no number) makes the whole row go the way of blocks, from the start.
 */
#include <math.h>

#include "pmml/expression/expression.h"
#include "pmml/field/values.h"
#include "pmml/tile/direct.h"
#include "pmml/tile/pair.h"
#include "pmml/tile/tile.h"

enum { REGISTERS_MOST = 128, NUMBERS_MOST = 256 }; /* on the stack */

bool mr_tile_row_serves(const mr_tile_plan *p) {
    const mr_tile_family *family = p->model->root->tiles;
    if (!p->simple || !family->run_row || p->register_count > REGISTERS_MOST) return false;
    size_t numbers = family->row_numbers(p->model->root);
    if (numbers == 0 || numbers > NUMBERS_MOST) return false;
    for (uint32_t i = 0; i < p->load_count; i++)
        if (p->loads[i].kind != LOAD_TEXT && p->loads[i].checks) return false;
    for (uint32_t i = 0; i < p->op_count; i++)
        if (p->ops[i].kind == TILE_CALL || p->ops[i].kind == TILE_TREAT) return false;
    return true;
}

static inline const mr_column *column_of(const mr_tile_load *load, const mr_frame *in) {
    return (const mr_column *)(const void *)((const char *)in->columns + load->column);
}

/* A number as tile_read.c has it. False: it is not ordinary. */
static bool read_number(const mr_tile_load *load, const void *cell, double *to) {
    double x;
    if (load->type == MR_TYPE_DOUBLE) memcpy(&x, cell, sizeof x);
    else if (load->type == MR_TYPE_FLOAT) x = (double)*(const float *)cell;
    else if (load->type == MR_TYPE_INTEGER) x = (double)*(const int64_t *)cell;
    else x = *(const uint8_t *)cell != 0;
    x += 0.0; /* -0.0 is 0.0 */
    if (load->single) x = (double)(float)x + 0.0;
    *to = x;
    if (load->whole && (x != floor(x) || fabs(x) > MR_INTEGER_MAX)) return false;
    if (load->boolean && x != 0 && x != 1) return false;
    return x >= load->low && x <= load->high;
}

static inline bool read_text(const mr_tile_load *load, const void *cell, double *to) {
    uint32_t code = ((const mr_text *)cell)->code;
    const mr_tile_text *text = &load->texts[code < load->code_count ? code : 0];
    *to = text->number;
    return !text->missing && !text->invalid;
}

/* Plain doubles, which come first. */
static inline __attribute__((always_inline)) bool read_plain(const mr_tile_plan *p, const mr_frame *in,
                                                             size_t row, double *restrict values,
                                                             bool bounded) {
    unsigned states = 0;
    for (const mr_tile_load *load = p->loads, *end = load + p->plain_count; load < end; load++) {
        const mr_column *column = column_of(load, in);
        if (column->type != MR_TYPE_DOUBLE || !column->data) return false;
        double x = mr_double_at((const char *)column->data + row * column->stride) + 0.0;
        if (column->state) states |= column->state[row * column->state_stride];
        values[load->to] = x;
        if (bounded ? !(x >= load->low) || !(x <= load->high) : x != x) return false;
    }
    return states == MR_CELL_PRESENT;
}

static bool read_row(const mr_tile_plan *p, const mr_frame *in, uint32_t row, double *restrict values) {
    if (p->most >= in->column_count) return false;
    if (p->bounded ? !read_plain(p, in, row, values, true) : !read_plain(p, in, row, values, false))
        return false;
    for (const mr_tile_load *load = p->loads + p->plain_count, *end = p->loads + p->load_count; load < end;
         load++) {
        const mr_column *column = column_of(load, in);
        if (column->type != load->type || !column->data || !mr_cell_present(column, row)) return false;
        const void *cell = mr_cell(column, row);
        double *to = &values[load->to];
        if (load->kind == LOAD_TEXT ? !read_text(load, cell, to) : !read_number(load, cell, to)) return false;
    }
    return true;
}

static inline double norm(const mr_norm_point *p, double x) {
    return p[0].to + (x - p[0].from) / (p[1].from - p[0].from) * (p[1].to - p[0].to);
}

/* Scalings that follow one another, two at a time: a division of two takes as long as one. */
static inline const mr_tile_op *scale(const mr_tile_op *op, const mr_tile_op *end, double *values,
                                      mr_pair_bits *nan) {
    for (; end - op > 1 && op[0].scales && op[1].scales; op += 2) {
        const mr_pair less = {op[0].x, op[1].x}, by = {op[0].y, op[1].y};
        mr_pair x = {values[op[0].a], values[op[1].a]};
        x = (x - less) / by;
        *nan |= x != x;
        values[op[0].to] = x[0];
        values[op[1].to] = x[1];
    }
    return op;
}

/* False: a result is no number. */
static bool run_ops(const mr_tile_plan *p, double *values) {
    mr_pair_bits nan = {0, 0};
    for (const mr_tile_op *op = p->ops, *end = op + p->op_count; op < end; op++) {
        op = scale(op, end, values, &nan);
        if (op == end) break;
        double x = op->a == MR_NONE ? op->x : values[op->a], y = op->b == MR_NONE ? op->y : values[op->b];
        switch ((mr_tile_op_kind)op->kind) {
        case TILE_FILL:
            x = op->x;
            break;
        case TILE_ADD:
            x += y;
            break;
        case TILE_SUBTRACT:
            x -= y;
            break;
        case TILE_MULTIPLY:
            x *= y;
            break;
        case TILE_DIVIDE:
            x /= y;
            break;
        case TILE_SCALE:
            x = (x - op->x) / op->y;
            break;
        case TILE_NORM:
            x = norm(((const mr_expression *)op->of)->points, x);
            break;
        case TILE_IS:
            x = x == op->x;
            break;
        case TILE_SUM:
            if (op->of) mr_tile_sum_row(op->of, values);
            x = values[op->to];
            break;
        default: /* TILE_MOVE; mr_tile_row_serves knows of no other */
            break;
        }
        if (op->single) x = (double)(float)x;
        if (op->calculates && x != x) return false;
        values[op->to] = x;
    }
    return (nan[0] | nan[1]) == 0;
}

static inline void write_number(mr_column *column, size_t row, double number) {
    memcpy((char *)column->data + row * column->stride, &number, sizeof number);
    column->state[row * column->state_stride] = MR_CELL_PRESENT;
}

static __attribute__((noinline)) void settle(const mr_evaluator *root, double *number) {
    mr_prediction one = {.number = *number, .source = root};
    mr_evaluator_settle(root, NULL, &one);
    *number = one.number;
}

static inline void write_row(const mr_tile_plan *p, double *numbers, uint32_t label, mr_frame *out,
                             uint32_t row) {
    const mr_evaluator *root = p->model->root;
    mr_column *column = out->columns;
    if (!root->classification) {
        if (root->target || root->single_precision) settle(root, &numbers[0]);
        write_number(column, row, numbers[0]);
        return;
    }
    mr_direct_write_label(p->model, label, column, row);
    for (uint32_t i = 1; i < p->output_count; i++) write_number(&column[i], row, numbers[p->labels[i]]);
}

bool mr_tile_score_row(const mr_tile_plan *p, const mr_frame *in, mr_frame *out, mr_row_result *results,
                       uint32_t row) {
    double values[REGISTERS_MOST], *numbers;
    _Alignas(32) double room[NUMBERS_MOST];
    const mr_evaluator *root = p->model->root;
    uint32_t label = 0;
    if (!read_row(p, in, row, values) || !run_ops(p, values)) return false;
    numbers = root->tiles->run_row(root, p->registers, values, room, &label, p->kernels);
    if (!numbers) return false;
    write_row(p, numbers, label, out, row);
    results[row] = (mr_row_result){MR_OK, NULL};
    return true;
}
