/* Evaluator, compiled: what all models have in common, around what each family builds. */
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"

/* Values of functionName, as bits of a family's `functions`. */
enum { REGRESSION = 1, CLASSIFICATION = 2, CLUSTERING = 4, ASSOCIATION_RULES = 8, MIXED = 16 };
static const char *const function_words[] = {"regression",       "classification", "clustering",
                                             "associationRules", "mixed",          NULL};

static const struct {
    mr_element_name name;
    unsigned functions;
    mr_family_build *build;
    mr_family_feature *feature; /* NULL: no features of its own */
} families[] = {
    {E_TreeModel, REGRESSION | CLASSIFICATION, mr_build_tree, mr_build_tree_feature},
    {E_MiningModel, REGRESSION | CLASSIFICATION | CLUSTERING | MIXED, mr_build_mining,
     mr_build_mining_feature},
    {E_RegressionModel, REGRESSION | CLASSIFICATION, mr_build_regression, NULL},
    {E_GeneralRegressionModel, REGRESSION | CLASSIFICATION, mr_build_general_regression,
     mr_build_general_feature},
    {E_NeuralNetwork, REGRESSION | CLASSIFICATION, mr_build_neural, mr_build_neural_feature},
    {E_RuleSetModel, REGRESSION | CLASSIFICATION, mr_build_rule_set, mr_build_rule_set_feature},
    {E_SupportVectorMachineModel, REGRESSION | CLASSIFICATION, mr_build_support_vectors, NULL},
    {E_NaiveBayesModel, CLASSIFICATION, mr_build_naive_bayes, NULL},
    {E_Scorecard, REGRESSION, mr_build_scorecard, mr_build_scorecard_feature},
    {E_AssociationModel, ASSOCIATION_RULES, mr_build_association, mr_build_association_feature},
    {E_ClusteringModel, CLUSTERING, mr_build_clustering, mr_build_search_feature},
    {E_NearestNeighborModel, REGRESSION | CLASSIFICATION | CLUSTERING | MIXED, mr_build_nearest_neighbor,
     mr_build_nearest_neighbor_feature},
    {E_AnomalyDetectionModel, REGRESSION, mr_build_anomaly, NULL},
};
enum { FAMILY_COUNT = sizeof families / sizeof families[0] };

static unsigned family_of(mr_element_name name) {
    unsigned i = 0;
    while (i < FAMILY_COUNT && families[i].name != name) i++;
    return i;
}

bool mr_is_model(mr_element_name name) {
    return family_of(name) < FAMILY_COUNT;
}

static unsigned family_at(const mr_builder *b, uint32_t element) {
    return family_of(mr_build_name(b, element));
}

mr_family_feature *mr_family_feature_of(mr_element_name model) {
    return families[family_of(model)].feature;
}

/* Which families can compute in floats, for x-mathContext="float". */
static bool takes_floats(mr_element_name model) {
    return model == E_TreeModel || model == E_MiningModel || model == E_RegressionModel ||
           model == E_NeuralNetwork;
}

static mr_status read_head(mr_builder *b, uint32_t element, mr_evaluator *evaluator) {
    static const char *const contexts[] = {"double", "float", NULL};
    unsigned function = 0, context = 0;
    const char *text, *scorable = mr_build_text(b, element, A_isScorable);
    if (scorable && (strcmp(scorable, "false") == 0 || strcmp(scorable, "0") == 0))
        return mr_build_fail(b, element, MR_INVALID_MODEL, "the model says isScorable=\"%s\"", scorable);
    mr_status status = mr_build_must(b, element, A_functionName, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_functionName, function_words, &function);
    if (status == MR_OK && !(families[family_at(b, element)].functions & (1u << function)))
        status = mr_build_fail(b, element, MR_UNSUPPORTED, "functionName=\"%s\" of <%s> is not supported",
                               text, mr_element_text(mr_build_name(b, element)));
    if (status == MR_OK) status = mr_build_word(b, element, A_x_mathContext, contexts, &context);
    if (status == MR_OK && context && !takes_floats(mr_build_name(b, element)))
        status = mr_build_fail(b, element, MR_UNSUPPORTED, "x-mathContext=\"float\" of <%s> is not supported",
                               mr_element_text(mr_build_name(b, element)));
    evaluator->single_math = context == 1;
    evaluator->classification = 1u << function != REGRESSION; /* all others predict labels */
    evaluator->list = MR_NONE;
    return status;
}

/* Does an output of this model ask for this feature? */
static bool wants(const mr_builder *b, uint32_t element, const char *wanted) {
    MR_EACH_CHILD(b->document, element, output) {
        if (mr_build_name(b, output) != E_Output) continue;
        MR_EACH_CHILD(b->document, output, field) {
            const char *feature = mr_build_text(b, field, A_feature);
            if (feature && strcmp(feature, wanted) == 0) return true;
        }
    }
    return false;
}

/* Of the other families one result is one target's, and which one nobody says. */
static mr_status check_targets(mr_builder *b, const mr_scope *scope, uint32_t element) {
    bool several = scope->family == E_MiningModel || scope->family == E_NearestNeighborModel ||
                   scope->family == E_NeuralNetwork;
    if (several || scope->target_count < 2) return MR_OK;
    return mr_build_fail(b, element, MR_UNSUPPORTED, "<%s> with %u targets is not supported",
                         mr_element_text(scope->family), scope->target_count);
}

/* Does an output of the model around ask its segments? */
static bool named_in(const mr_builder *b, const mr_scope *parent, const char *wanted) {
    return parent && parent->family == E_MiningModel && wants(b, parent->model, wanted);
}

static mr_status build_in_scope(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    scope->classification = evaluator->classification;
    scope->family = mr_build_name(b, element);
    if (strcmp(mr_build_text(b, element, A_functionName), "clustering") == 0) scope->label_type = T_STRING;
    evaluator->label_type = scope->label_type;
    /* Of several targets only the segments know which one they predict: the result is nobody's. */
    evaluator->target_name = scope->target_count == 1 ? scope->target : NULL;
    evaluator->single_precision = !evaluator->classification && scope->target_count == 1 &&
                                  mr_map_find(&b->data_fields, scope->target, strlen(scope->target)) &&
                                  scope->label_type == T_FLOAT;
    scope->wants_entities = wants(b, element, "entityId") || named_in(b, scope->parent, "entityId");
    scope->wants_confidences = wants(b, element, "confidence") || named_in(b, scope->parent, "confidence");
    mr_status status = check_targets(b, scope, element);
    if (status == MR_OK) status = families[family_at(b, element)].build(b, scope, element, evaluator);
    if (status == MR_OK) status = mr_build_targets(b, scope, element, evaluator);
    if (status == MR_OK) status = mr_build_outputs(b, scope, element, evaluator);
    if (status != MR_OK) return status;
    evaluator->step_count = (uint32_t)scope->step_count;
    evaluator->steps = mr_build_keep(b, scope->steps, scope->step_count, sizeof *scope->steps);
    return evaluator->steps ? MR_OK : MR_NO_MEMORY;
}

mr_status mr_build_model(mr_builder *b, mr_scope *parent, uint32_t element, mr_evaluator **result) {
    mr_evaluator *evaluator = mr_build_name(b, element) == E_TreeModel
                                  ? mr_build_alloc_member(b, parent, sizeof *evaluator)
                                  : mr_build_alloc(b, 1, sizeof *evaluator);
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
