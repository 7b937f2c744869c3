/* PMML: any bytes are refused with a reason or give a model that binds to its own inputs and scores rows of
 * present, missing and odd values; and can be described. The first byte chooses which allocation fails, if
 * any. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/model.h"
#include "pmml/document/describe.h"
#include "pmml/pmml.h"

enum { ROWS = 4, INPUTS = 32 };

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void fill(mr_frame *frame, const mr_schema *schema) {
    static const double numbers[ROWS] = {0, 1.5, -1e300, NAN};
    static const char *const texts[ROWS] = {"a", "1", "setosa", ""};
    for (uint32_t row = 0; row < ROWS; row++)
        for (uint32_t i = 0; i < frame->column_count; i++) {
            mr_column *column = &frame->columns[i];
            void *cell = mr_cell(column, row);
            double number = numbers[(row + i) % ROWS];
            const char *text = texts[(row + i) % ROWS];
            uint32_t size = (uint32_t)strlen(text);
            *mr_cell_state_at(column, row) = row == 3 && i % 2 ? MR_CELL_MISSING : MR_CELL_PRESENT;
            switch (column->type) {
            case MR_TYPE_DOUBLE:
                *(double *)cell = number;
                break;
            case MR_TYPE_FLOAT:
                *(float *)cell = (float)fmax(number, -1e30);
                break;
            case MR_TYPE_INTEGER:
                *(int64_t *)cell = (int64_t)row - 1;
                break;
            case MR_TYPE_BOOLEAN:
                *(uint8_t *)cell = row & 1;
                break;
            case MR_TYPE_STRING:
                *(mr_text *)cell = (mr_text){text, size, mr_schema_code(schema, text, size)};
                break;
            default:
                abort();
            }
        }
}

/* Everything that is made is freed, whatever failed. */
static mr_status score(mr_model *model, mr_error *error) {
    const mr_model_shape *shape = mr_model_get_shape(model);
    mr_field fields[INPUTS];
    mr_type types[INPUTS];
    uint32_t count = shape->input_count < INPUTS ? shape->input_count : INPUTS;
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = (mr_field){shape->inputs[i].name, shape->inputs[i].type, shape->inputs[i].measure};
        types[i] = shape->inputs[i].type;
    }
    mr_schema *schema = NULL;
    mr_binding *binding = NULL;
    mr_frame *in = NULL, *out = NULL;
    mr_scratch *scratch = NULL;
    mr_row_result rows[ROWS];
    mr_status status = mr_schema_new(fields, count, &schema, error);
    if (status == MR_OK) status = mr_model_bind(model, schema, NULL, 0, &binding, error);
    if (status == MR_OK) status = mr_frame_new(types, count, ROWS, &in, error);
    if (status == MR_OK) status = mr_binding_new_output(binding, ROWS, &out, error);
    if (status == MR_OK) status = mr_scratch_new(0, &scratch, error);
    if (status == MR_OK) {
        fill(in, schema);
        status = mr_score_all(binding, in, out, rows, scratch, error);
    }
    for (uint32_t row = 0; status == MR_OK && row < ROWS; row++)
        if (rows[row].status != MR_OK && (rows[row].status != MR_INVALID_VALUE || !rows[row].message))
            abort();
    mr_scratch_free(scratch);
    mr_frame_free(out);
    mr_frame_free(in);
    mr_binding_free(binding);
    mr_schema_release(schema);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const mr_model_limits limits = {sizeof limits, 1 << 20, 64, 10000, 1 << 26};
    if (size == 0) return 0;
    int left = data[0] >= 128 ? data[0] - 128 : INT32_MAX; /* text begins with "<", far below */
    mr_model *model = NULL;
    mr_error error = {.message = ""};
    mr_set_alloc_hook(count_down, &left);
    const uint8_t *text = data[0] >= 128 ? data + 1 : data;
    mr_status status =
        mr_pmml_loader.load(text, size - (size_t)(text - data), "fuzz", &limits, &model, &error);
    if (status == MR_OK) {
        status = score(model, &error);
        mr_model_release(model);
    }
    mr_description description;
    mr_error problem = {.message = ""};
    if (mr_describe(&description, text, size - (size_t)(text - data), "fuzz", &problem) != MR_OK &&
        problem.message[0] == 0)
        abort();
    mr_description_free(&description);
    mr_set_alloc_hook(NULL, NULL);
    if (status != MR_OK && error.message[0] == 0) abort(); /* refused without a reason */
    if (status == MR_INTERNAL || status == MR_INVALID_ARGUMENT) abort();
    return 0;
}
