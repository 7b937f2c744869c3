/* From a model's inputs to fields of the records, and a first use of the binding. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "serving/install.h"

static const char *record_name(const mr_install_options *options, const char *input) {
    for (size_t i = 0; i < options->mapping_count; i++) {
        if (strcmp(options->mapping[i].model_name, input) == 0) return options->mapping[i].record_name;
    }
    return input;
}

/* Adds the fields that are not there yet. One field may feed two inputs of the same type, but is named once.
 */
static mr_status grow_schema(const mr_install_options *options, const mr_model_shape *shape, mr_schema *base,
                             mr_schema **extended, mr_error *error) {
    mr_field *fields = mr_alloc((shape->input_count + 1) * sizeof *fields);
    if (fields == NULL) return mr_fail(error, MR_NO_MEMORY, "schema", "no memory for a model's fields");
    uint32_t count = 0;
    for (uint32_t i = 0; i < shape->input_count; i++) {
        const mr_input *input = &shape->inputs[i];
        fields[count++] = (mr_field){record_name(options, input->name), input->type, input->measure};
        for (uint32_t k = 0; options->mapping_count > 0 && k + 1 < count; k++) {
            if (fields[k].type != input->type || strcmp(fields[k].name, fields[count - 1].name) != 0)
                continue;
            count--;
            break;
        }
    }
    mr_status status = base ? mr_schema_extend(base, fields, count, extended, error) : MR_LIMIT;
    if (status == MR_LIMIT) status = mr_schema_new(fields, count, extended, error);
    mr_free(fields);
    return status;
}

mr_status mr_install_bind(const mr_install_options *options, mr_model *model, mr_schema *schema,
                          mr_schema **extended, mr_binding **binding, mr_error *error) {
    const mr_model_shape *shape = mr_model_get_shape(model);
    mr_schema *fixed = options->decoder->schema;
    mr_status status = MR_OK;
    if (fixed != NULL) {
        *extended = mr_schema_retain(fixed);
    } else {
        status = grow_schema(options, shape, schema, extended, error);
    }
    if (status != MR_OK) return status;
    status = mr_model_bind(model, *extended, options->mapping, options->mapping_count, binding, error);
    if (status != MR_LIMIT || fixed != NULL || schema == NULL) return status;
    /* The old dictionary is full of categories of models that are gone. */
    mr_schema_release(*extended);
    *extended = NULL;
    status = grow_schema(options, shape, NULL, extended, error);
    if (status != MR_OK) return status;
    return mr_model_bind(model, *extended, options->mapping, options->mapping_count, binding, error);
}

mr_status mr_install_check_inputs(const mr_install_options *options, const mr_binding *binding,
                                  const char *where, mr_error *error) {
    const mr_model_shape *shape = mr_model_get_shape(mr_binding_model(binding));
    char names[300] = "";
    size_t used = 0;
    uint32_t unfed = 0;
    for (uint32_t i = 0; i < shape->input_count; i++) {
        mr_match match;
        if (mr_binding_field(binding, i, &match) != MR_NO_FIELD) continue;
        const char *note = match == MR_MATCH_AMBIGUOUS ? " (two fields could)" : "";
        int size = snprintf(names + used, sizeof names - used, "%s\"%.60s\"%s", unfed++ ? ", " : "",
                            shape->inputs[i].name, note);
        used += size > 0 && (size_t)size < sizeof names - used ? (size_t)size : 0;
        names[used] = '\0';
    }
    if (unfed == 0) return MR_OK;
    if (options->all_inputs || unfed == shape->input_count) {
        return mr_fail(error, MR_INVALID_MODEL, where,
                       "no field of the records feeds %u of the model's %u inputs: %s; name the fields in "
                       "records.mapping",
                       unfed, shape->input_count, names);
    }
    mr_log(MR_LOG_WARN, "control",
           "%s: no field of the records feeds %s: always missing; see `millrace lint --model`", where, names);
    return MR_OK;
}

enum { WARM_ROWS = 64 };

/* Row 0 is all missing; the others get numbers that differ from row to row. */
static void fill_row(const mr_frame *frame, uint32_t row, uint32_t codes) {
    for (uint32_t i = 0; row > 0 && i < frame->column_count; i++) {
        const mr_column *column = &frame->columns[i];
        double number = (double)row / 8 - 1 + (double)(i % 16);
        *mr_cell_state_at(column, row) = MR_CELL_PRESENT;
        switch (column->type) {
        case MR_TYPE_DOUBLE:
            *(double *)mr_cell(column, row) = number;
            break;
        case MR_TYPE_FLOAT:
            *(float *)mr_cell(column, row) = (float)number;
            break;
        case MR_TYPE_INTEGER:
            *(int64_t *)mr_cell(column, row) = (int64_t)row;
            break;
        case MR_TYPE_BOOLEAN:
            *(uint8_t *)mr_cell(column, row) = row % 2;
            break;
        case MR_TYPE_STRING:
            *(mr_text *)mr_cell(column, row) = (mr_text){"", 0, row % codes};
            break;
        default:
            *mr_cell_state_at(column, row) = MR_CELL_MISSING;
        }
    }
}

mr_status mr_install_warm_up(const mr_binding *binding, const mr_schema *schema, mr_error *error) {
    uint32_t count = mr_schema_count(schema), codes = mr_schema_codes(schema);
    if (codes == 0) codes = 1;
    mr_type *types = mr_alloc((count + 1) * sizeof *types);
    mr_frame *in = NULL, *out = NULL;
    mr_scratch *scratch = NULL;
    mr_row_result results[WARM_ROWS];
    mr_status status = MR_OK;
    if (types == NULL) return mr_fail(error, MR_NO_MEMORY, "warm-up", "no memory to try the model");
    for (uint32_t i = 0; i < count; i++) types[i] = mr_schema_field(schema, i)->type;
    status = mr_frame_new(types, count, WARM_ROWS, &in, error);
    if (status == MR_OK) status = mr_binding_new_output(binding, WARM_ROWS, &out, error);
    if (status == MR_OK) status = mr_scratch_new(64 * 1024, &scratch, error);
    if (status == MR_OK) {
        for (uint32_t row = 0; row < WARM_ROWS; row++) fill_row(in, row, codes);
        /* That a made-up row is invalid to the model says nothing about the model. */
        status = mr_score_all(binding, in, out, results, scratch, error);
    }
    mr_scratch_free(scratch);
    mr_frame_free(out);
    mr_frame_free(in);
    mr_free(types);
    return status;
}
