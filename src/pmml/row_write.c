/* Row, out: results to the cells of the frame, or why there are none. */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "pmml/field/values.h"
#include "pmml/row.h"

void mr_pmml_write(const mr_pmml_model *model, mr_work *work, mr_column *column, uint32_t row,
                   const mr_slot *value) {
    void *cell = mr_cell(column, row);
    *mr_cell_state_at(column, row) = value->missing ? MR_CELL_MISSING : MR_CELL_PRESENT;
    if (value->missing) return;
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        *(double *)cell = value->number;
        break;
    case MR_TYPE_FLOAT:
        *(float *)cell = (float)value->number;
        break;
    case MR_TYPE_INTEGER:
        if (mr_fits_integer(value->number)) *(int64_t *)cell = (int64_t)value->number;
        else *mr_cell_state_at(column, row) = MR_CELL_MISSING;
        break;
    case MR_TYPE_BOOLEAN:
        *(uint8_t *)cell = value->number != 0;
        break;
    case MR_TYPE_STRING:
        *(mr_text *)cell = value->text < model->text_count ? model->texts[value->text]
                                                           : mr_work_lasting_text(work, value->text);
        break;
    case MR_TYPE_LIST:
        *(mr_list *)cell = work->lists[value->text];
        break;
    default:
        break;
    }
}

/* Dates are strings outside. */
static void write_temporal(mr_data_type type, mr_work *work, mr_column *column, uint32_t row,
                           const mr_slot *value) {
    char *text = value->missing ? NULL : mr_work_take(work, MR_VALUE_MAX);
    *mr_cell_state_at(column, row) = text ? MR_CELL_PRESENT : MR_CELL_MISSING;
    if (!text) return;
    size_t size = mr_value_print(text, type, value->number);
    *(mr_text *)mr_cell(column, row) = (mr_text){.data = text, .size = (uint32_t)size};
}

void mr_row_write(const mr_pmml_model *model, mr_work *work, mr_frame *out, uint32_t row) {
    const mr_evaluator *root = model->root;
    const mr_prediction *p = &work->predictions[root->index];
    mr_slot target = {.missing = 1};
    if (model->outputs[0]) target = work->slots[model->outputs[0]->slot];
    else if (!p->missing && root->list != MR_NONE) target = (mr_slot){.text = root->list};
    else if (!p->missing && root->classification) target = root->class_values[p->label];
    else if (!p->missing) target = (mr_slot){.number = p->number};
    mr_pmml_write(model, work, &out->columns[0], row, &target);
    for (uint32_t i = 1; i < model->base.shape.output_count; i++) {
        const mr_output_step *output = model->outputs[i];
        const mr_slot *value = &work->slots[output->slot];
        if (output->type > T_LIST && out->columns[i].type == MR_TYPE_STRING)
            write_temporal(output->type, work, &out->columns[i], row, value);
        else mr_pmml_write(model, work, &out->columns[i], row, value);
    }
}

void mr_row_clear(const mr_pmml_model *model, mr_frame *out, uint32_t row) {
    for (uint32_t i = 0; i < model->base.shape.output_count; i++)
        *mr_cell_state_at(&out->columns[i], row) = MR_CELL_MISSING;
}

static size_t print_cell(const mr_column *column, uint32_t row, char *text) {
    if (!column || !column->data || !mr_cell_present(column, row)) return 0;
    const void *cell = mr_cell(column, row);
    const mr_text *string = cell;
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        return mr_print_double(text, *(const double *)cell);
    case MR_TYPE_FLOAT:
        return mr_print_float(text, *(const float *)cell);
    case MR_TYPE_INTEGER:
        return mr_print_integer(text, *(const int64_t *)cell);
    case MR_TYPE_BOOLEAN:
        return mr_print_integer(text, *(const uint8_t *)cell);
    case MR_TYPE_STRING: {
        size_t size = string->size < 60 ? string->size : 60;
        memcpy(text, string->data, size);
        return size;
    }
    default:
        return 0;
    }
}

bool mr_row_explain(const mr_pmml_binding *binding, const mr_frame *in, uint32_t row, const mr_work *work,
                    uint32_t input, mr_scratch *scratch, mr_row_result *result) {
    char *message = mr_scratch_take(scratch, MR_ROW_MESSAGE_BYTES), cell[64] = "";
    if (!message) return false;
    *result = (mr_row_result){MR_INVALID_VALUE, message};
    if (work->failure) {
        snprintf(message, MR_ROW_MESSAGE_BYTES, "%s", work->failure);
        return true;
    }
    uint32_t field = input == MR_NONE ? MR_NO_FIELD : binding->fields[input];
    const mr_column *column = field < in->column_count ? &in->columns[field] : NULL;
    size_t size = print_cell(column, row, cell);
    bool absent = input != MR_NONE && (!column || !column->data ||
                                       (column->state && *mr_cell_state_at(column, row) == MR_CELL_MISSING));
    const char *what =
        absent ? "a value is missing, which the model does not allow" : "the value is invalid for the model";
    snprintf(message, MR_ROW_MESSAGE_BYTES, "field \"%.100s\": %s%s%.*s%s", work->invalid, what,
             size ? ": \"" : "", (int)size, cell, size ? "\"" : "");
    return true;
}
