/* Row scorer: a frame of one row, filled from values and read back as values. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "millrace/model.h"

struct mr_row_scorer {
    mr_model *model; /* retained */
    const mr_model_shape *shape;
    mr_schema *schema;
    mr_binding *binding;
    mr_frame *in, *out;
    mr_scratch *scratch;
    mr_row_result result;
};

static mr_status open_frames(mr_row_scorer *s, mr_error *error) {
    uint32_t count = s->shape->input_count;
    mr_field *fields = mr_alloc_zero(count, sizeof *fields);
    mr_type *types = mr_alloc_zero(count, sizeof *types);
    mr_status status = MR_OK;
    if (fields == NULL || types == NULL) status = mr_fail(error, MR_NO_MEMORY, "row scorer", "out of memory");
    for (uint32_t i = 0; status == MR_OK && i < count; i++) {
        const mr_input *input = &s->shape->inputs[i];
        fields[i] = (mr_field){input->name, input->type, input->measure};
        types[i] = input->type;
    }
    if (status == MR_OK) status = mr_schema_new(fields, count, &s->schema, error);
    if (status == MR_OK) status = mr_model_bind(s->model, s->schema, NULL, 0, &s->binding, error);
    if (status == MR_OK) status = mr_frame_new(types, count, 1, &s->in, error);
    if (status == MR_OK) status = mr_binding_new_output(s->binding, 1, &s->out, error);
    if (status == MR_OK) status = mr_scratch_new(4096, &s->scratch, error);
    mr_free(fields);
    mr_free(types);
    return status;
}

mr_status mr_row_scorer_new(mr_model *model, mr_row_scorer **made, mr_error *error) {
    const mr_model_shape *shape = mr_model_get_shape(model);
    if (shape->arity == MR_SCORES_GROUPS)
        return mr_fail(error, MR_UNSUPPORTED, "row scorer",
                       "the model gives one result for many rows: bind it and score a frame");
    mr_row_scorer *s = mr_alloc_zero(1, sizeof *s);
    if (s == NULL) return mr_fail(error, MR_NO_MEMORY, "row scorer", "out of memory");
    s->model = mr_model_retain(model);
    s->shape = shape;
    mr_status status = open_frames(s, error);
    if (status == MR_OK) *made = s;
    else mr_row_scorer_free(s);
    return status;
}

void mr_row_scorer_free(mr_row_scorer *s) {
    if (s == NULL) return;
    mr_scratch_free(s->scratch);
    mr_frame_free(s->out);
    mr_frame_free(s->in);
    mr_binding_free(s->binding);
    mr_schema_release(s->schema);
    mr_model_release(s->model);
    mr_free(s);
}

uint32_t mr_row_scorer_input(const mr_row_scorer *s, const char *name) {
    return mr_schema_resolve(s->schema, name, MR_TYPE_DOUBLE, NULL, 0, NULL);
}

uint32_t mr_row_scorer_output(const mr_row_scorer *s, const char *name) {
    for (uint32_t i = 0; i < s->shape->output_count; i++)
        if (strcmp(s->shape->outputs[i].name, name) == 0) return i;
    return MR_NO_FIELD;
}

/* ---- Values into cells; false: the value is none of the cell's type ---- */

static bool is_text(const mr_text *text, const char *word) {
    return text->size == strlen(word) && memcmp(text->data, word, text->size) == 0;
}

static bool to_number(const mr_value *value, double *number) {
    switch (value->type) {
    case MR_TYPE_DOUBLE:
        *number = value->as.number;
        return true;
    case MR_TYPE_INTEGER:
        *number = (double)value->as.integer;
        return true;
    case MR_TYPE_BOOLEAN:
        *number = value->as.boolean;
        return true;
    case MR_TYPE_STRING:
        return mr_parse_double(value->as.text.data, value->as.text.size, number);
    default:
        return false;
    }
}

static bool to_float(const mr_value *value, float *number) {
    double wide;
    if (value->type == MR_TYPE_STRING)
        return mr_parse_float(value->as.text.data, value->as.text.size, number);
    if (!to_number(value, &wide)) return false;
    *number = (float)wide;
    return true;
}

static bool to_integer(const mr_value *value, int64_t *number) {
    double wide;
    if (value->type == MR_TYPE_INTEGER) {
        *number = value->as.integer;
        return true;
    }
    if (value->type == MR_TYPE_STRING && mr_parse_integer(value->as.text.data, value->as.text.size, number))
        return true;
    if (!to_number(value, &wide) || !(fabs(wide) < 9.2e18) || wide != floor(wide)) return false;
    *number = (int64_t)wide;
    return true;
}

static bool to_boolean(const mr_value *value, uint8_t *truth) {
    double number;
    if (value->type == MR_TYPE_STRING &&
        (is_text(&value->as.text, "true") || is_text(&value->as.text, "false"))) {
        *truth = value->as.text.data[0] == 't';
        return true;
    }
    if (!to_number(value, &number) || (number != 0 && number != 1)) return false;
    *truth = number != 0;
    return true;
}

static bool to_text(const mr_row_scorer *s, const mr_value *value, mr_text *text) {
    if (value->type != MR_TYPE_STRING) return false;
    *text = value->as.text;
    text->code = mr_schema_code(s->schema, text->data, text->size);
    return true;
}

static bool fill_cell(const mr_row_scorer *s, const mr_value *value, mr_type type, void *cell) {
    switch (type) {
    case MR_TYPE_DOUBLE:
        return to_number(value, cell);
    case MR_TYPE_FLOAT:
        return to_float(value, cell);
    case MR_TYPE_INTEGER:
        return to_integer(value, cell);
    case MR_TYPE_BOOLEAN:
        return to_boolean(value, cell);
    case MR_TYPE_STRING:
        return to_text(s, value, cell);
    default:
        return false;
    }
}

/* ---- Cells into values ---- */

static void read_cell(const mr_column *column, mr_value *value) {
    const void *cell = mr_cell(column, 0);
    *value = (mr_value){.type = column->type == MR_TYPE_FLOAT ? MR_TYPE_DOUBLE : column->type};
    value->missing = !mr_cell_present(column, 0);
    if (value->missing) return;
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        value->as.number = *(const double *)cell;
        break;
    case MR_TYPE_FLOAT:
        value->as.number = (double)*(const float *)cell;
        break;
    case MR_TYPE_INTEGER:
        value->as.integer = *(const int64_t *)cell;
        break;
    case MR_TYPE_BOOLEAN:
        value->as.boolean = *(const uint8_t *)cell != 0;
        break;
    case MR_TYPE_STRING:
        value->as.text = *(const mr_text *)cell;
        break;
    case MR_TYPE_LIST:
        value->as.list = *(const mr_list *)cell;
        break;
    default:
        value->missing = true;
    }
}

mr_status mr_row_scorer_score(mr_row_scorer *s, const mr_value *inputs, mr_value *outputs, mr_error *error) {
    for (uint32_t i = 0; i < s->shape->input_count; i++) {
        const mr_column *column = &s->in->columns[i];
        uint8_t *state = mr_cell_state_at(column, 0);
        *state = MR_CELL_MISSING;
        if (inputs[i].missing) continue;
        *state =
            fill_cell(s, &inputs[i], column->type, mr_cell(column, 0)) ? MR_CELL_PRESENT : MR_CELL_INVALID;
    }
    s->in->row_count = s->out->row_count = 1;
    mr_scratch_reset(s->scratch);
    mr_status status = mr_score_all(s->binding, s->in, s->out, &s->result, s->scratch, error);
    if (status != MR_OK) return status;
    if (s->result.status != MR_OK)
        return mr_fail(error, s->result.status, NULL, "%s",
                       s->result.message ? s->result.message : mr_status_meaning(s->result.status));
    for (uint32_t i = 0; i < s->shape->output_count; i++) read_cell(&s->out->columns[i], &outputs[i]);
    return MR_OK;
}
