/* Shape: what a caller sees of a model, its inputs and its outputs.
 *
 * Outputs are the target, other targets, the model's own OutputFields, then the final results of the
 * segments of a chain or selection. A name stands there once: the model's own goes over its segments'.
 */
#include <string.h>

#include "base/memory.h"
#include "pmml/field/values.h"
#include "pmml/mining/mining.h"
#include "pmml/pmml_model.h"

/* An input that calls texts such as "N/A" missing must see the text, and one that is a date or counted since
 * one may come as a date or as a number. */
static mr_type input_type(const mr_input_field *field) {
    bool text = field->treatment->domain->missing_text_count || mr_data_type_is_temporal(field->type);
    return text ? MR_TYPE_STRING : mr_data_type_outside(field->type);
}

/* Strings that a number may feed are continuous; no others are. */
static mr_measure input_measure(const mr_input_field *field) {
    if (mr_data_type_is_temporal(field->type) && mr_data_type_is_number(field->type)) return MR_CONTINUOUS;
    bool text = !mr_data_type_calculates(field->type);
    return text && field->measure == MR_CONTINUOUS ? MR_ORDINAL : field->measure;
}

static mr_status shape_inputs(mr_builder *b, mr_pmml_model *model) {
    mr_input *inputs = mr_build_alloc(b, b->input_count, sizeof *inputs);
    model->inputs = mr_build_keep(b, b->inputs, b->input_count, sizeof *b->inputs);
    if (!inputs || !model->inputs) return MR_NO_MEMORY;
    for (size_t i = 0; i < b->input_count; i++) {
        inputs[i] = (mr_input){b->inputs[i].name, input_type(&b->inputs[i]), input_measure(&b->inputs[i])};
    }
    model->base.shape.inputs = inputs;
    model->base.shape.input_count = (uint32_t)b->input_count;
    return MR_OK;
}

typedef struct columns {
    mr_builder *b;
    mr_map names; /* -> index in `steps` */
    const mr_output_step **steps;
    size_t count, capacity;
} columns;

/* A column that is there already stays; the model's own output goes over the target (index 0). */
static bool add_column(columns *c, const char *name, const mr_output_step *step, bool own) {
    size_t size = strlen(name);
    mr_map_item *item = mr_map_find(&c->names, name, size);
    if (item && item->value == 0 && own) c->steps[0] = step;
    if (item) return true;
    if (!MR_GROW(c->steps, c->count, c->capacity) || !mr_map_put(&c->names, name, size, (uint32_t)c->count))
        return false;
    c->steps[c->count++] = step;
    return true;
}

static bool add_outputs(columns *c, const mr_evaluator *evaluator, bool own) {
    for (uint32_t i = 0; i < evaluator->output_count; i++) {
        const mr_output_step *step = &evaluator->outputs[i];
        if ((own || step->final) && !add_column(c, step->name, step, own)) return false;
    }
    if (evaluator->evaluate != mr_mining_evaluate) return true;
    const mr_mining *m = evaluator->model;
    for (uint32_t i = 0; i < m->segment_count && mr_mining_selects(m); i++)
        if (!add_outputs(c, m->segments[i].evaluator, false)) return false;
    return true;
}

static bool add_all(columns *c, const mr_evaluator *root, const char *name) {
    bool ok = add_column(c, name, NULL, false);
    for (uint32_t i = 0; i < root->other_target_count && ok; i++)
        ok = add_column(c, root->other_targets[i].name, &root->other_targets[i], false);
    return ok && add_outputs(c, root, true);
}

/* The first column; NULL: it is the prediction as it is. */
static mr_output target_column(const mr_evaluator *root, const char *name, const mr_output_step **step) {
    mr_type type = root->classification ? mr_data_type_outside(root->label_type) : MR_TYPE_DOUBLE;
    const mr_output_step *s = *step;
    if (root->list != MR_NONE) type = MR_TYPE_LIST;
    if (s && s->feature == F_PREDICTED_VALUE && !s->of && !s->values && mr_data_type_outside(s->type) == type)
        *step = NULL;
    return (mr_output){name, MR_ROLE_TARGET, s ? mr_data_type_outside(s->type) : type};
}

static mr_status shape_outputs(mr_builder *b, mr_pmml_model *model) {
    const mr_evaluator *root = model->root;
    const char *name = root->target_name ? root->target_name : "_target";
    columns c = {.b = b};
    mr_status status = add_all(&c, root, name) ? MR_OK : mr_build_no_memory(b);
    const mr_output_step **steps = NULL;
    mr_output *outputs = NULL;
    if (status == MR_OK) {
        steps = mr_build_keep(b, c.steps, c.count, sizeof *c.steps);
        outputs = mr_build_alloc(b, c.count, sizeof *outputs);
        if (!steps || !outputs) status = MR_NO_MEMORY;
    }
    mr_map_free(&c.names);
    mr_free(c.steps);
    if (status != MR_OK) return status;
    outputs[0] = target_column(root, name, &steps[0]);
    for (uint32_t i = 1; i < c.count; i++) {
        mr_role role = steps[i]->feature == F_PROBABILITY ? MR_ROLE_PROBABILITY : MR_ROLE_OUTPUT;
        if (i <= root->other_target_count) role = MR_ROLE_TARGET;
        outputs[i] = (mr_output){steps[i]->name, role, mr_data_type_outside(steps[i]->type)};
    }
    model->outputs = steps;
    model->base.shape.outputs = outputs;
    model->base.shape.output_count = (uint32_t)c.count;
    return MR_OK;
}

mr_status mr_pmml_shape(mr_builder *b, mr_pmml_model *model) {
    mr_status status = shape_inputs(b, model);
    return status == MR_OK ? shape_outputs(b, model) : status;
}
