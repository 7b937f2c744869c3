/* Tree, evaluated: the standard's words, one predicate after the other. */
#include "pmml/tree/tree.h"

#include <math.h>
#include <string.h>

#include "pmml/regression/regression.h"

mr_truth mr_tree_test(const mr_tree_node *node, const mr_slot *slots, uint32_t *detours) {
    const mr_predicate *p = &node->predicate;
    if (p->op != P_SURROGATE) return mr_predicate_test(p, slots);
    for (uint32_t i = 0; i < p->count; i++) {
        mr_truth truth = mr_predicate_test(&p->with.parts[i], slots);
        if (truth == TRUTH_UNKNOWN) continue;
        *detours += i > 0;
        return truth;
    }
    return TRUTH_UNKNOWN;
}

static uint32_t last_prediction(const mr_tree *tree, uint32_t node) {
    const mr_tree_node *n = &tree->nodes[node];
    return n->has_score || n->distribution != MR_NONE ? node : MR_NONE;
}

/* A child's predicate is unknown: the child to go on with; MR_NONE: *result is the end. */
static uint32_t pass_unknown(const mr_tree *tree, uint32_t node, mr_tree_trail *trail, uint32_t *result) {
    *result = MR_NONE;
    if (tree->missing == MISSING_LAST_PREDICTION) *result = last_prediction(tree, node);
    if (mr_tree_follows_several(tree)) trail->split = node;
    if (tree->missing != MISSING_DEFAULT_CHILD) return MR_NONE;
    if (tree->nodes[node].default_child == MR_NONE)
        trail->failure = "a value is missing at a tree node without defaultChild";
    trail->detours++;
    return tree->nodes[node].default_child;
}

/* The child to go on with; MR_NONE: *result is the end. */
static uint32_t choose_child(const mr_tree *tree, uint32_t node, const mr_slot *slots, mr_tree_trail *trail,
                             uint32_t *result) {
    const mr_tree_node *nodes = tree->nodes;
    for (uint32_t child = node + 1; child < nodes[node].end; child = nodes[child].end) {
        mr_truth truth = mr_tree_test(&nodes[child], slots, &trail->detours);
        if (truth == TRUTH_TRUE) return child;
        if (truth == TRUTH_UNKNOWN && tree->missing != MISSING_NONE)
            return pass_unknown(tree, node, trail, result);
    }
    *result = tree->last_when_none && nodes[node].has_score ? node : MR_NONE;
    return MR_NONE;
}

/* The node that a row ends in, MR_NONE: no prediction, or several paths. */
static uint32_t walk(const mr_tree *tree, const mr_slot *slots, mr_tree_trail *trail) {
    uint32_t node = 0, result = MR_NONE;
    *trail = (mr_tree_trail){.split = MR_NONE};
    if (mr_tree_test(&tree->nodes[0], slots, &trail->detours) != TRUTH_TRUE) return MR_NONE;
    while (node + 1 < tree->nodes[node].end) {
        uint32_t child = choose_child(tree, node, slots, trail, &result);
        if (child == MR_NONE) return result;
        node = child;
    }
    return node;
}

/* Those of the node, less for each detour; NaN where the node gives none. */
static void leave_confidences(const mr_tree *tree, const mr_tree_node *node, uint32_t detours, double *out) {
    double factor = detours ? pow(tree->penalty, detours) : 1;
    for (uint32_t i = 0; i < tree->class_count; i++)
        out[i] = node->distribution == MR_NONE
                     ? NAN
                     : factor * tree->confidences[(size_t)node->distribution * tree->class_count + i];
}

static void predict_class(const mr_evaluator *evaluator, const mr_tree_node *node, uint32_t detours,
                          mr_work *work, mr_prediction *prediction) {
    const mr_tree *tree = evaluator->model;
    prediction->label = node->label;
    if (tree->confidences) leave_confidences(tree, node, detours, work->numbers + evaluator->numbers);
    if (node->distribution == MR_NONE) return;
    const double *from = tree->distributions + (size_t)node->distribution * tree->class_count;
    prediction->probabilities = work->numbers + evaluator->probabilities;
    memcpy(prediction->probabilities, from, tree->class_count * sizeof *from);
    if (node->label == MR_NONE) prediction->label = mr_most_probable(from, tree->class_count);
}

/* The node that a row ends in; MR_NONE: none. */
static uint32_t find_end(const mr_evaluator *evaluator, mr_work *work, mr_tree_trail *trail,
                         mr_prediction *prediction) {
    uint32_t index = walk(evaluator->model, work->slots, trail);
    if (trail->failure) work->failure = trail->failure;
    if (trail->split != MR_NONE) mr_tree_follow(evaluator, trail, work, prediction);
    return index;
}

void mr_tree_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_tree *tree = evaluator->model;
    mr_tree_trail trail;
    uint32_t index = find_end(evaluator, work, &trail, prediction);
    if (index == MR_NONE) return;
    const mr_tree_node *node = &tree->nodes[index];
    if (!node->has_score && (!tree->classification || node->distribution == MR_NONE)) return;
    if (tree->classification) predict_class(evaluator, node, trail.detours, work, prediction);
    else prediction->number = node->score;
    prediction->entity = node->entity;
    prediction->missing = false;
}

void mr_tree_regress(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_tree *tree = evaluator->model;
    mr_tree_trail trail;
    uint32_t index = find_end(evaluator, work, &trail, prediction);
    if (index == MR_NONE) return;
    const mr_tree_node *node = &tree->nodes[index];
    prediction->entity = node->entity;
    if (tree->regressions[index]) mr_regression_number(tree->regressions[index], work, prediction);
    if (!prediction->missing || !node->has_score) return;
    prediction->number = node->score;
    prediction->missing = false;
}

void mr_tree_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                   const mr_prediction *prediction, mr_slot *value) {
    if (output->feature == F_ENTITY_ID) {
        mr_entity_value(evaluator, output, work, prediction, value);
        return;
    }
    uint32_t index = output->detail == 0 ? prediction->label : 0;
    while (output->detail && index < evaluator->class_count && evaluator->classes[index] != output->detail)
        index++;
    value->number = index < evaluator->class_count ? work->numbers[evaluator->numbers + index] : 0;
    value->missing = isnan(value->number) ? 1u : 0u;
}
