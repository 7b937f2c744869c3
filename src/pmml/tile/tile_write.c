/* Tile, out: predictions to columns. Rows that are left to the general way may be written too: it writes them
 * again. */
#include "pmml/tile/direct.h"
#include "pmml/tile/tile.h"

static void write_numbers(const double *numbers, uint32_t step, uint32_t rows, const mr_column *column,
                          uint32_t row) {
    char *cell = mr_cell(column, row);
    uint8_t *state = mr_cell_state_at(column, row);
    for (uint32_t r = 0; r < rows; r++, cell += column->stride, state += column->state_stride) {
        memcpy(cell, &numbers[(size_t)r * step], sizeof(double));
        *state = MR_CELL_PRESENT;
    }
}

static void write_labels(const mr_tile_plan *p, mr_tile *t, mr_column *column, uint32_t row) {
    const mr_slot *values = p->model->root->class_values;
    if (column->type == MR_TYPE_BOOLEAN) {
        char *cell = mr_cell(column, row);
        uint8_t *state = mr_cell_state_at(column, row);
        for (uint32_t r = 0; r < t->rows; r++, cell += column->stride, state += column->state_stride) {
            *(uint8_t *)cell = values[t->labels[r]].number != 0;
            *state = MR_CELL_PRESENT;
        }
        return;
    }
    for (uint32_t r = 0; r < t->rows; r++) mr_direct_write_label(p->model, t->labels[r], column, row + r);
}

/* The row's prediction as the general way has it. */
static void write_one(const mr_tile_plan *p, mr_tile *t, uint32_t r, mr_frame *out, uint32_t row) {
    const mr_evaluator *root = p->model->root;
    mr_prediction one = {.missing = t->absent >> r & 1, .source = root};
    if (!one.missing && root->classification) {
        one.label = t->labels[r];
        one.probabilities = t->work->numbers + root->probabilities;
        for (uint32_t k = 0; k < root->class_count; k++)
            one.probabilities[k] = t->numbers[(size_t)k * t->class_step + (size_t)r * t->row_step];
    } else if (!one.missing) {
        one.number = t->numbers[(size_t)r * t->row_step];
    }
    mr_evaluator_settle(root, t->work, &one);
    mr_direct_write_one(p->model, t->work, &one, out, row + r);
}

void mr_tile_write(const mr_tile_plan *p, mr_tile *t, mr_frame *out, uint32_t row) {
    const mr_evaluator *root = p->model->root;
    uint64_t singly = p->simple ? t->absent : t->all;
    if (p->simple) {
        if (root->classification) {
            for (uint64_t absent = t->absent; absent; absent &= absent - 1)
                t->labels[__builtin_ctzll(absent)] = 0;
            write_labels(p, t, &out->columns[0], row);
            for (uint32_t i = 1; i < p->model->base.shape.output_count; i++)
                write_numbers(t->numbers + (size_t)p->labels[i] * t->class_step, t->row_step, t->rows,
                              &out->columns[i], row);
        } else {
            for (uint32_t r = 0; (root->target || root->single_precision) && r < t->rows; r++) {
                mr_prediction one = {.number = t->numbers[(size_t)r * t->row_step], .source = root};
                mr_evaluator_settle(root, t->work, &one);
                t->numbers[(size_t)r * t->row_step] = one.number;
            }
            write_numbers(t->numbers, t->row_step, t->rows, &out->columns[0], row);
        }
    }
    for (singly &= ~t->left; singly; singly &= singly - 1)
        write_one(p, t, (uint32_t)__builtin_ctzll(singly), out, row);
}
