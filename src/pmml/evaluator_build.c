/* Evaluator, compiled: what all models have in common, around what each family builds. */
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"

static const struct {
    mr_element_name name;
    mr_family_build *build;
} families[] = {
    {E_TreeModel, mr_build_tree},
    {E_MiningModel, mr_build_mining},
    {E_RegressionModel, mr_build_regression},
    {E_GeneralRegressionModel, mr_build_general_regression},
    {E_NeuralNetwork, mr_build_neural},
};
enum { FAMILY_COUNT = sizeof families / sizeof families[0] };

static mr_family_build *family_of(mr_element_name name) {
    for (unsigned i = 0; i < FAMILY_COUNT; i++)
        if (families[i].name == name) return families[i].build;
    return NULL;
}

bool mr_is_model(mr_element_name name) {
    return family_of(name) != NULL;
}

/* Labels are numbers of texts: their map is keyed by the text itself. */
bool mr_classes_find(const mr_builder *b, const mr_classes *classes, uint32_t label, uint32_t *index) {
    mr_map_item *item = mr_map_find(&classes->map, b->text_list[label].data, b->text_list[label].size);
    if (item) *index = item->value;
    return item != NULL;
}

mr_status mr_classes_add(mr_builder *b, mr_classes *classes, uint32_t label, uint32_t *index) {
    if (mr_classes_find(b, classes, label, index)) return MR_OK;
    const mr_text *text = &b->text_list[label];
    if (!MR_GROW(classes->labels, classes->count, classes->capacity) ||
        !mr_map_put(&classes->map, text->data, text->size, (uint32_t)classes->count))
        return mr_build_no_memory(b);
    *index = (uint32_t)classes->count;
    classes->labels[classes->count++] = label;
    return MR_OK;
}

void mr_classes_free(mr_classes *classes) {
    mr_map_free(&classes->map);
    mr_free(classes->labels);
    *classes = (mr_classes){0};
}

mr_status mr_classes_keep(mr_builder *b, mr_classes *classes, mr_evaluator *evaluator, uint32_t element) {
    if (classes->count == 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "a classification without classes");
    uint32_t *labels = mr_build_keep(b, classes->labels, classes->count, sizeof *labels);
    mr_slot *values = mr_build_alloc(b, classes->count, sizeof *values);
    if (!labels || !values) return MR_NO_MEMORY;
    for (size_t i = 0; i < classes->count; i++) {
        mr_status status =
            mr_build_literal(b, element, b->text_list[labels[i]].data, evaluator->label_type, &values[i]);
        if (status != MR_OK) return status;
    }
    evaluator->classes = labels;
    evaluator->class_displays = labels;
    evaluator->class_values = values;
    evaluator->class_count = (uint32_t)classes->count;
    evaluator->probabilities = (uint32_t)b->number_count;
    b->number_count += classes->count + 1; /* one more, for sums of pairs */
    return MR_OK;
}

static uint32_t target_field(const mr_builder *b, const mr_scope *scope) {
    for (const mr_scope *s = scope; s; s = s->parent) {
        mr_map_item *item = s->target ? mr_map_find(&b->data_fields, s->target, strlen(s->target)) : NULL;
        if (item) return item->value;
    }
    return MR_NONE;
}

mr_measure mr_scope_target_measure(mr_builder *b, const mr_scope *scope) {
    uint32_t field = target_field(b, scope);
    mr_data_type type = T_STRING;
    mr_measure measure = MR_CATEGORICAL;
    if (field != MR_NONE && mr_build_type(b, field, &type, &measure) != MR_OK) return MR_CATEGORICAL;
    return measure;
}

mr_status mr_scope_target_classes(mr_builder *b, const mr_scope *scope, mr_classes *classes) {
    uint32_t field = target_field(b, scope);
    if (field == MR_NONE) return MR_OK;
    MR_EACH_CHILD(b->document, field, child) {
        const char *text, *property = mr_build_text(b, child, A_property);
        uint32_t label, index;
        if (b->document->elements[child].name != E_Value || (property && strcmp(property, "valid") != 0))
            continue;
        mr_status status = mr_build_must(b, child, A_value, &text);
        if (status == MR_OK) status = mr_build_label(b, child, text, scope->label_type, &label);
        if (status == MR_OK) status = mr_classes_add(b, classes, label, &index);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status read_head(mr_builder *b, uint32_t element, mr_evaluator *evaluator) {
    static const char *const functions[] = {"regression", "classification", NULL};
    unsigned function = 0;
    const char *text, *scorable = mr_build_text(b, element, A_isScorable);
    if (scorable && (strcmp(scorable, "false") == 0 || strcmp(scorable, "0") == 0))
        return mr_build_fail(b, element, MR_INVALID_MODEL, "the model says isScorable=\"%s\"", scorable);
    mr_status status = mr_build_must(b, element, A_functionName, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_functionName, functions, &function);
    evaluator->classification = function == 1;
    return status;
}

/* Does an output of this model ask for the id of the tree's node? */
static bool wants_entities(const mr_builder *b, uint32_t element) {
    for (uint32_t i = element; i < b->document->elements[element].end; i++) {
        const char *feature =
            b->document->elements[i].name == E_OutputField ? mr_build_text(b, i, A_feature) : NULL;
        if (feature && strcmp(feature, "entityId") == 0) return true;
        if (b->document->elements[i].name == E_Node || b->document->elements[i].name == E_Segmentation)
            return false;
    }
    return false;
}

static mr_status build_in_scope(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    scope->classification = evaluator->classification;
    evaluator->label_type = scope->label_type;
    /* Of several targets only the segments know which one they predict: the result is nobody's. */
    evaluator->target_name = scope->target_count == 1 ? scope->target : NULL;
    evaluator->single_precision = !evaluator->classification && scope->target_count == 1 &&
                                  mr_map_find(&b->data_fields, scope->target, strlen(scope->target)) &&
                                  scope->label_type == T_FLOAT;
    scope->wants_entities = wants_entities(b, element);
    mr_family_build *build = family_of((mr_element_name)b->document->elements[element].name);
    mr_status status = build(b, scope, element, evaluator);
    if (status == MR_OK) status = mr_build_targets(b, scope, element, evaluator);
    if (status == MR_OK) status = mr_build_outputs(b, scope, element, evaluator);
    if (status != MR_OK) return status;
    evaluator->step_count = (uint32_t)scope->step_count;
    evaluator->steps = mr_build_keep(b, scope->steps, scope->step_count, sizeof *scope->steps);
    return evaluator->steps ? MR_OK : MR_NO_MEMORY;
}

mr_status mr_build_model(mr_builder *b, mr_scope *parent, uint32_t element, mr_evaluator **result) {
    mr_evaluator *evaluator = mr_build_alloc(b, 1, sizeof *evaluator);
    if (!evaluator) return MR_NO_MEMORY;
    if (!MR_GROW(b->evaluators, b->evaluator_count, b->evaluator_capacity)) return mr_build_no_memory(b);
    evaluator->index = (uint32_t)b->evaluator_count;
    b->evaluators[b->evaluator_count++] = evaluator;
    *result = evaluator;
    mr_scope scope = {0};
    mr_status status = read_head(b, element, evaluator);
    if (status == MR_OK) status = mr_scope_open(b, &scope, parent, element);
    if (status == MR_OK) status = build_in_scope(b, &scope, element, evaluator);
    mr_scope_close(&scope);
    return status;
}
