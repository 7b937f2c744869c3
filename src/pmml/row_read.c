/* Row, in: cells of the frame to slots, as values of their fields' types, each treated as its mining field
 * says.
 *
 * Doubles that need no treatment, the most frequent, are only looked at for NaN.
 */
#include <math.h>
#include <string.h>

#include "pmml/field/values.h"
#include "pmml/row.h"

static bool read_text(const mr_pmml_binding *binding, mr_work *work, const mr_treatment *t,
                      const mr_text *text, mr_slot *value) {
    uint32_t number = text->code < binding->code_count ? binding->texts[text->code] : 0;
    if (t->type == T_STRING) {
        if (!number && work->text_map) number = mr_work_intern(work, text->data, text->size, true);
        value->text = number;
        return true;
    }
    for (uint32_t i = 0; i < t->domain->missing_text_count; i++)
        value->missing |= number && number == t->domain->missing_texts[i];
    return value->missing || mr_value_read(text->data, text->size, t->type, &value->number);
}

/* The cell as a value of the field's type. False: it is none. */
static bool read_cell(const mr_pmml_binding *binding, mr_work *work, const mr_treatment *t,
                      const mr_column *column, uint32_t row, mr_slot *value) {
    const void *cell = mr_cell(column, row);
    *value = (mr_slot){0};
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        value->number = *(const double *)cell;
        break;
    case MR_TYPE_FLOAT:
        value->number = (double)*(const float *)cell;
        break;
    case MR_TYPE_INTEGER:
        value->number = (double)*(const int64_t *)cell;
        break;
    case MR_TYPE_BOOLEAN:
        value->number = *(const uint8_t *)cell != 0;
        break;
    case MR_TYPE_STRING:
        if (!read_text(binding, work, t, cell, value)) return false;
        break;
    default:
        return false;
    }
    if (t->type == T_STRING || value->missing) return true;
    if (value->number == 0) value->number = 0; /* -0.0 is 0.0 */
    if (t->type == T_FLOAT) value->number = (double)(float)value->number;
    if (t->type == T_DOUBLE || t->type == T_FLOAT) return true;
    if (t->type == T_BOOLEAN) return value->number == 0 || value->number == 1;
    /* a date is not a number; an integer is exact */
    bool counts = mr_data_type_is_number(t->type) || column->type == MR_TYPE_STRING;
    return counts && (t->type != T_INTEGER ||
                      (value->number == floor(value->number) && fabs(value->number) <= MR_INTEGER_MAX));
}

void mr_row_open(const mr_pmml_binding *binding, const mr_frame *in, mr_row_reader *readers) {
    for (uint32_t i = 0; i < binding->model->base.shape.input_count; i++) {
        const mr_input_field *input = &binding->model->inputs[i];
        uint32_t field = binding->fields[i];
        const mr_column *column = field < in->column_count ? &in->columns[field] : NULL;
        readers[i] = (mr_row_reader){.treatment = input->treatment, .slot = input->slot};
        if (!column || !column->data) continue;
        readers[i].column = column;
        readers[i].data = column->data;
        readers[i].stride = column->stride;
        readers[i].state = column->state;
        readers[i].state_stride = column->state_stride;
        readers[i].plain = input->treatment->plain && column->type == MR_TYPE_DOUBLE;
        readers[i].single = input->type == T_FLOAT;
    }
}

/* False: the row is invalid. */
static bool read_treated(const mr_pmml_binding *binding, mr_work *work, const mr_row_reader *r, uint32_t row,
                         mr_slot *value) {
    mr_cell_state state = r->state ? (mr_cell_state)r->state[row * r->state_stride] : MR_CELL_PRESENT;
    bool invalid = false;
    *value = (mr_slot){.missing = 1};
    if (r->data && state == MR_CELL_PRESENT)
        invalid = !read_cell(binding, work, r->treatment, r->column, row, value);
    if (r->data && state == MR_CELL_INVALID) {
        invalid = true;
        value->missing = 0;
    }
    return mr_treatment_apply(r->treatment, value, invalid);
}

static inline bool read_input(const mr_pmml_binding *binding, mr_work *work, const mr_row_reader *r,
                              uint32_t row, mr_slot *value) {
    if (r->plain && (!r->state || r->state[row * r->state_stride] == MR_CELL_PRESENT)) {
        double number;
        memcpy(&number, r->data + row * r->stride, sizeof number);
        if (r->single) number = (double)(float)number;
        *value = (mr_slot){.number = number + 0.0}; /* -0.0 + 0.0 is 0.0 */
        if (number == number) return true;
    }
    return read_treated(binding, work, r, row, value);
}

uint32_t mr_row_read(const mr_pmml_binding *binding, uint32_t row, const mr_row_reader *readers,
                     mr_work *work) {
    const mr_pmml_model *model = binding->model;
    for (uint32_t i = 0; i < model->base.shape.input_count; i++) {
        if (read_input(binding, work, &readers[i], row, &work->slots[readers[i].slot])) continue;
        work->invalid = model->inputs[i].name;
        return i;
    }
    return MR_NONE;
}
