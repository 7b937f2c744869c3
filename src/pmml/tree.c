/* Tree, evaluated: the standard's words, one predicate after the other. */
#include "pmml/tree.h"

#include <string.h>

static uint32_t last_prediction(const mr_tree *tree, uint32_t node) {
    const mr_tree_node *n = &tree->nodes[node];
    return n->has_score || n->distribution != MR_NONE ? node : MR_NONE;
}

/* The child to go on with; MR_NONE: *result is the end. */
static uint32_t choose_child(const mr_tree *tree, uint32_t node, const mr_slot *slots, uint32_t *result,
                             const char **failure) {
    const mr_tree_node *nodes = tree->nodes;
    for (uint32_t child = node + 1; child < nodes[node].end; child = nodes[child].end) {
        mr_truth truth = mr_predicate_test(&nodes[child].predicate, slots);
        if (truth == TRUTH_TRUE) return child;
        if (truth == TRUTH_FALSE || tree->missing == MISSING_NONE) continue;
        *result = MR_NONE;
        if (tree->missing == MISSING_LAST_PREDICTION) *result = last_prediction(tree, node);
        if (tree->missing != MISSING_DEFAULT_CHILD) return MR_NONE;
        if (nodes[node].default_child == MR_NONE)
            *failure = "a value is missing at a tree node without defaultChild";
        return nodes[node].default_child;
    }
    *result = tree->last_when_none && nodes[node].has_score ? node : MR_NONE;
    return MR_NONE;
}

uint32_t mr_tree_walk(const mr_tree *tree, const mr_slot *slots, const char **failure) {
    uint32_t node = 0, result = MR_NONE;
    if (mr_predicate_test(&tree->nodes[0].predicate, slots) != TRUTH_TRUE) return MR_NONE;
    while (node + 1 < tree->nodes[node].end) {
        uint32_t child = choose_child(tree, node, slots, &result, failure);
        if (child == MR_NONE) return result;
        node = child;
    }
    return node;
}

static uint32_t most_probable(const double *probabilities, uint32_t count) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (probabilities[i] > probabilities[best]) best = i;
    return best;
}

void mr_tree_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_tree *tree = evaluator->model;
    uint32_t index = mr_tree_walk(tree, work->slots, &work->failure);
    if (index == MR_NONE) return;
    const mr_tree_node *node = &tree->nodes[index];
    if (!tree->classification) {
        if (!node->has_score) return;
        prediction->number = node->score;
    } else {
        if (node->label == MR_NONE && node->distribution == MR_NONE) return;
        prediction->label = node->label;
        if (node->distribution != MR_NONE) {
            const double *from = tree->distributions + (size_t)node->distribution * tree->class_count;
            prediction->probabilities = work->numbers + evaluator->probabilities;
            memcpy(prediction->probabilities, from, tree->class_count * sizeof *from);
            if (node->label == MR_NONE) prediction->label = most_probable(from, tree->class_count);
        }
    }
    prediction->entity = node->entity;
    prediction->missing = false;
}

void mr_tree_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                   const mr_prediction *prediction, mr_slot *value) {
    (void)evaluator, (void)output, (void)work;
    value->text = prediction->entity;
    value->missing = prediction->entity == 0;
}
