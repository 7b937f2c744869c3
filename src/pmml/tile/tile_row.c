/* Tile, one row: a complete, ordinary row by itself, its registers plain doubles.
 *
 * Nothing is missing, so an operation is one calculation with the same result as tile_run.c has; there is no
 * working memory to lay out. Anything else about the row (a missing value, one that needs its treatment, a
 * result that is no number) makes the whole row go the way of blocks, from the start.
 */
#include <math.h>

#include "pmml/tile/tile.h"
#include "pmml/expression/expression.h"
#include "pmml/field/values.h"

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

/* A number as tile_read.c has it. False: it is not ordinary. */
static inline bool read_number(const mr_tile_load *load, const mr_column *column, uint32_t row, double *to) {
    const void *cell = mr_cell(column, row);
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

static inline bool read_text(const mr_tile_load *load, const mr_column *column, uint32_t row, double *to) {
    const mr_text *cell = mr_cell(column, row);
    const mr_tile_text *text = &load->texts[cell->code < load->code_count ? cell->code : 0];
    *to = text->number;
    return !text->missing && !text->invalid;
}

/* Inputs are the first registers, in order. */
static bool read_row(const mr_tile_plan *p, const mr_frame *in, uint32_t row, double *restrict values) {
    for (const mr_tile_load *load = p->loads, *end = load + p->load_count; load < end; load++, values++) {
        if (load->field >= in->column_count) return false;
        const mr_column *column = &in->columns[load->field];
        if (column->type != load->type || !column->data || !mr_cell_present(column, row)) return false;
        if (load->kind == LOAD_PLAIN) {
            double x;
            memcpy(&x, mr_cell(column, row), sizeof x);
            x += 0.0;
            if (load->single) x = (double)(float)x + 0.0;
            if (!(x >= load->low && x <= load->high)) return false;
            *values = x;
        } else if (load->kind == LOAD_TEXT ? !read_text(load, column, row, values)
                                           : !read_number(load, column, row, values)) {
            return false;
        }
    }
    return true;
}

static inline double norm(const mr_norm_point *p, double x) {
    return p[0].to + (x - p[0].from) / (p[1].from - p[0].from) * (p[1].to - p[0].to);
}

/* False: a result is no number. */
static bool run_ops(const mr_tile_plan *p, double *values) {
    for (const mr_tile_op *op = p->ops, *end = op + p->op_count; op < end; op++) {
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
    return true;
}

static void write_number(mr_column *column, uint32_t row, double number) {
    memcpy(mr_cell(column, row), &number, sizeof number);
    *mr_cell_state_at(column, row) = MR_CELL_PRESENT;
}

static void write_row(const mr_tile_plan *p, double *numbers, uint32_t label, mr_frame *out, uint32_t row) {
    const mr_evaluator *root = p->model->root;
    mr_column *column = out->columns;
    if (!root->classification) {
        mr_prediction one = {.number = numbers[0], .source = root};
        if (root->target || root->single_precision) mr_evaluator_settle(root, NULL, &one);
        write_number(column, row, one.number);
        return;
    }
    const mr_slot *value = &root->class_values[label];
    if (column->type == MR_TYPE_STRING) {
        *(mr_text *)mr_cell(column, row) = p->model->texts[value->text];
        *mr_cell_state_at(column, row) = MR_CELL_PRESENT;
    } else {
        mr_pmml_write(p->model, NULL, column, row, value);
    }
    for (uint32_t i = 1, count = p->model->base.shape.output_count; i < count; i++)
        write_number(&out->columns[i], row, numbers[p->labels[i]]);
}

bool mr_tile_score_row(const mr_tile_plan *p, const mr_frame *in, mr_frame *out, mr_row_result *results,
                       uint32_t row) {
    double values[REGISTERS_MOST], room[NUMBERS_MOST + 4], *numbers;
    const mr_evaluator *root = p->model->root;
    uint32_t label = 0;
    if (!read_row(p, in, row, values) || !run_ops(p, values)) return false;
    numbers = root->tiles->run_row(root, p->registers, values, room, &label, p->kernels);
    if (!numbers) return false;
    write_row(p, numbers, label, out, row);
    results[row] = (mr_row_result){MR_OK, NULL};
    return true;
}
