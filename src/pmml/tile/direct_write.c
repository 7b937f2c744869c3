/* Direct, out: predictions to columns. */
#include "pmml/tile/direct.h"

void mr_direct_write_one(const mr_pmml_model *model, mr_work *work, const mr_prediction *p, mr_frame *out,
                         uint32_t row) {
    const mr_evaluator *root = model->root;
    mr_slot value = {.number = p->number, .missing = p->missing};
    if (root->classification && !p->missing) value = root->class_values[p->label];
    mr_pmml_write(model, work, &out->columns[0], row, &value);
    for (uint32_t i = 1; i < model->base.shape.output_count; i++) {
        mr_output_value(root, model->outputs[i], work, p, &value);
        mr_pmml_write(model, work, &out->columns[i], row, &value);
    }
}

/* Rows of the block that stand in the frame one behind the other: all complete. */
static bool in_a_row(const mr_direct_block *b, uint32_t complete) {
    return b->complete[0] == 0 && b->complete[complete - 1] == complete - 1;
}

static void write_labels(const mr_pmml_model *model, const mr_direct_block *b, uint32_t complete,
                         mr_column *column, uint32_t row) {
    for (uint32_t i = 0; i < complete; i++)
        mr_direct_write_label(model, b->labels[b->complete[i]], column, row + b->complete[i]);
}

static void write_numbers(const double *numbers, size_t stride, const mr_direct_block *b, uint32_t complete,
                          const mr_column *column, uint32_t row) {
    for (uint32_t i = 0; i < complete; i++) {
        uint32_t to = row + b->complete[i];
        *(double *)mr_cell(column, to) = numbers[b->complete[i] * stride];
        *mr_cell_state_at(column, to) = MR_CELL_PRESENT;
    }
}

/* Do the probabilities lie side by side in a row of the frame, in the order of the classes? */
static bool side_by_side(const mr_pmml_model *model, const mr_column *columns, uint32_t count) {
    for (uint32_t i = 2; i < count; i++) {
        if ((char *)columns[i].data != (char *)columns[i - 1].data + sizeof(double)) return false;
        if (columns[i].state != columns[i - 1].state + 1) return false;
        if (columns[i].stride != columns[1].stride || columns[i].state_stride != columns[1].state_stride)
            return false;
        if (model->outputs[i]->label != model->outputs[i - 1]->label + 1) return false;
    }
    return count > 1;
}

static void write_side_by_side(const double *numbers, size_t stride, uint32_t complete, uint32_t count,
                               const mr_column *first, uint32_t row) {
    char *cell = mr_cell(first, row);
    uint8_t *state = mr_cell_state_at(first, row);
    for (uint32_t i = 0; i < complete; i++, numbers += stride) {
        uint32_t k = 0;
        for (; k + 2 <= count; k += 2) memcpy(cell + k * sizeof(double), numbers + k, 2 * sizeof(double));
        if (k < count) memcpy(cell + k * sizeof(double), numbers + k, sizeof(double));
        if (count >= 4) {
            memset(state, MR_CELL_PRESENT, 4);
            memset(state + count - 4, MR_CELL_PRESENT, 4);
            for (k = 4; k + 4 < count; k += 4) memset(state + k, MR_CELL_PRESENT, 4);
        } else {
            for (k = 0; k < count; k++) state[k] = MR_CELL_PRESENT;
        }
        cell += first->stride;
        state += first->state_stride;
    }
}

void mr_direct_write(const mr_pmml_binding *binding, const mr_direct_block *b, uint32_t complete,
                     mr_frame *out, uint32_t row) {
    const mr_pmml_model *model = binding->model;
    const mr_forest *f = model->root->model;
    uint32_t count = model->base.shape.output_count;
    if (!model->root->classification) {
        write_numbers(b->numbers, f->value_stride, b, complete, &out->columns[0], row);
        return;
    }
    write_labels(model, b, complete, &out->columns[0], row);
    if (complete > 1 && in_a_row(b, complete) && side_by_side(model, out->columns, count)) {
        write_side_by_side(b->numbers + model->outputs[1]->label, f->value_stride, complete, count - 1,
                           &out->columns[1], row);
        return;
    }
    for (uint32_t i = 1; i < count; i++)
        write_numbers(b->numbers + model->outputs[i]->label, f->value_stride, b, complete, &out->columns[i],
                      row);
}

void mr_direct_write_row(const mr_pmml_binding *binding, const double *numbers, uint32_t label, mr_frame *out,
                         uint32_t row) {
    mr_column *column = out->columns, *end = column + binding->direct->outputs;
    const uint32_t *from = binding->direct->labels;
    if (binding->direct->classification) mr_direct_write_label(binding->model, label, column++, row);
    size_t cell = row * column->stride, state = row * column->state_stride;
    for (size_t stride = column->stride, state_stride = column->state_stride; column < end;
         column++, from++) {
        if (column->stride != stride) cell = row * (stride = column->stride);
        if (column->state_stride != state_stride) state = row * (state_stride = column->state_stride);
        memcpy((char *)column->data + cell, &numbers[*from], sizeof(double));
        column->state[state] = MR_CELL_PRESENT;
    }
}
