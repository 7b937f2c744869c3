/* A model that is a weighted sum; see model.h. */
#include "doubles/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { INPUTS_MAX = 16 };

typedef struct sum_model {
    mr_model base;
    double factor;
    char text[256];
    mr_input inputs[INPUTS_MAX];
    mr_output output;
} sum_model;

typedef struct sum_binding {
    mr_binding base;
    uint32_t fields[INPUTS_MAX];
} sum_binding;

static _Atomic int models_alive;
static _Atomic int bindings_alive;

int double_models_alive(void) {
    return atomic_load(&models_alive);
}

int double_bindings_alive(void) {
    return atomic_load(&bindings_alive);
}

static void free_model(mr_model *model) {
    atomic_fetch_sub(&models_alive, 1);
    mr_free(model);
}

static mr_status bind_model(const mr_model *model, mr_schema *schema, const uint32_t *fields,
                            mr_binding **binding, mr_error *error) {
    (void)schema;
    sum_binding *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "sum", "out of memory");
    memcpy(made->fields, fields, model->shape.input_count * sizeof *fields);
    atomic_fetch_add(&bindings_alive, 1);
    *binding = &made->base;
    return MR_OK;
}

static void free_binding(mr_binding *binding) {
    atomic_fetch_sub(&bindings_alive, 1);
    mr_free(binding);
}

static bool add_input(const mr_frame *in, uint32_t field, uint32_t row, double *sum, mr_row_result *result) {
    if (field == MR_NO_FIELD || in->columns[field].data == NULL) return false;
    const mr_column *column = &in->columns[field];
    uint8_t state = column->state ? *mr_cell_state_at(column, row) : MR_CELL_PRESENT;
    if (state == MR_CELL_INVALID) *result = (mr_row_result){MR_INVALID_VALUE, "an input is invalid"};
    if (state != MR_CELL_PRESENT) return false;
    *sum += *(const double *)mr_cell(column, row);
    return true;
}

static mr_status score(const mr_binding *binding, const mr_frame *in, mr_frame *out, mr_row_result *rows,
                       mr_scratch *scratch, mr_score_progress *progress) {
    const sum_binding *bound = (const sum_binding *)binding;
    const sum_model *model = (const sum_model *)binding->model;
    for (; progress->row < in->row_count; progress->row++) {
        uint32_t row = progress->row;
        if (mr_scratch_take(scratch, SUM_ROW_SCRATCH) == NULL) {
            progress->needed = SUM_ROW_SCRATCH;
            return MR_MORE_MEMORY;
        }
        double sum = 0;
        bool complete = true;
        rows[row] = (mr_row_result){MR_OK, NULL};
        for (uint32_t i = 0; i < model->base.shape.input_count; i++) {
            if (!add_input(in, bound->fields[i], row, &sum, &rows[row])) complete = false;
        }
        *(double *)mr_cell(&out->columns[0], row) = model->factor * sum;
        *mr_cell_state_at(&out->columns[0], row) = complete ? MR_CELL_PRESENT : MR_CELL_MISSING;
    }
    return MR_OK;
}

static const mr_model_ops sum_ops = {"sum", free_model, bind_model, free_binding, score};

static bool detect(const void *data, size_t size) {
    return size >= 4 && (memcmp(data, "sum ", 4) == 0 || memcmp(data, "grou", 4) == 0);
}

static mr_status load(const void *data, size_t size, const char *name, const mr_model_limits *limits,
                      mr_model **model, mr_error *error) {
    (void)limits;
    sum_model *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, name, "out of memory");
    if (size >= sizeof made->text || !detect(data, size)) {
        mr_free(made);
        return mr_fail(error, MR_SYNTAX, name, "not a sum model");
    }
    memcpy(made->text, data, size);
    mr_model_shape *shape = &made->base.shape;
    char *rest = made->text;
    shape->arity = strcmp(strsep(&rest, " "), "group") == 0 ? MR_SCORES_GROUPS : MR_SCORES_ROWS;
    made->factor = strtod(rest ? strsep(&rest, " ") : "0", NULL);
    while (rest != NULL && shape->input_count < INPUTS_MAX) {
        made->inputs[shape->input_count++] = (mr_input){strsep(&rest, " "), MR_TYPE_DOUBLE, MR_CONTINUOUS};
    }
    made->output = (mr_output){"sum", MR_ROLE_TARGET, MR_TYPE_DOUBLE};
    shape->inputs = made->inputs;
    shape->outputs = &made->output;
    shape->output_count = 1;
    shape->memory = sizeof *made;
    made->base.ops = &sum_ops;
    atomic_init(&made->base.references, 1);
    atomic_fetch_add(&models_alive, 1);
    *model = &made->base;
    return MR_OK;
}

const mr_model_loader double_model_loader = {"sum", detect, load};
