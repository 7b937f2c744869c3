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
