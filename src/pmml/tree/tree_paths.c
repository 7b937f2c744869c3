/* Tree, several paths: what a missing value leaves open is followed, and the ends are put together.
 *
 * weightedConfidence: below a node with a child of unknown predicate, each child that is not false is
 * scored; the confidences (and probabilities) of the children are added, each weighted with its share of
 * their records. aggregateNodes: the record counts of all leaves that the row may reach are added up.
 * Depth is bounded by the document's, each node is visited once (TreeModel of the standard, "Missing Value
 * Strategies").
 */
#include <math.h>
#include <string.h>

#include "pmml/tree/tree.h"

typedef struct paths {
    const mr_tree *tree;
    const mr_slot *slots;
} paths;

static uint32_t depth_below(const mr_tree *tree, uint32_t node) {
    uint32_t deepest = 0;
    for (uint32_t child = node + 1; child < tree->nodes[node].end; child = tree->nodes[child].end) {
        uint32_t depth = 1 + depth_below(tree, child);
        if (depth > deepest) deepest = depth;
    }
    return deepest;
}

size_t mr_tree_numbers(const mr_tree *tree) {
    if (!tree->confidences) return 0;
    if (tree->missing != MISSING_WEIGHTED_CONFIDENCE) return tree->class_count;
    return tree->class_count * (1 + 2 * (1 + (size_t)depth_below(tree, 0)));
}

/* A node's own row: confidences, then probabilities. False: it has none. */
static bool take_row(const mr_tree *tree, uint32_t node, double *out) {
    uint32_t row = tree->nodes[node].distribution, count = tree->class_count;
    if (row == MR_NONE) return false;
    memcpy(out, tree->confidences + (size_t)row * count, count * sizeof *out);
    memcpy(out + count, tree->distributions + (size_t)row * count, count * sizeof *out);
    return true;
}

static bool weigh_node(const paths *p, uint32_t node, double *out);

/* A child's rows, its confidences less for the surrogates that led there. */
static bool weigh_child(const paths *p, uint32_t child, uint32_t detours, double *out) {
    if (!weigh_node(p, child, out)) return false;
    for (uint32_t i = 0; i < p->tree->class_count && detours; i++) out[i] *= pow(p->tree->penalty, detours);
    return true;
}

/* All children that are not false, weighted with their records. */
static bool weigh_children(const paths *p, uint32_t node, double *out) {
    const mr_tree *tree = p->tree;
    uint32_t count = 2 * tree->class_count;
    double total = 0, *part = out + count;
    memset(out, 0, count * sizeof *out);
    for (uint32_t child = node + 1; child < tree->nodes[node].end; child = tree->nodes[child].end) {
        uint32_t detours = 0;
        if (mr_tree_test(&tree->nodes[child], p->slots, &detours) == TRUTH_FALSE) continue;
        if (!weigh_child(p, child, detours, part)) continue;
        total += tree->weights[child];
        for (uint32_t i = 0; i < count; i++) out[i] += tree->weights[child] * part[i];
    }
    for (uint32_t i = 0; i < count; i++) out[i] /= total;
    return total > 0;
}

/* False: no way below the node leads to a prediction. */
static bool weigh_node(const paths *p, uint32_t node, double *out) {
    const mr_tree *tree = p->tree;
    if (node + 1 == tree->nodes[node].end) return take_row(tree, node, out);
    uint32_t detours = 0;
    for (uint32_t child = node + 1; child < tree->nodes[node].end; child = tree->nodes[child].end) {
        mr_truth truth = mr_tree_test(&tree->nodes[child], p->slots, &detours);
        if (truth == TRUTH_TRUE) return weigh_child(p, child, detours, out);
        if (truth == TRUTH_UNKNOWN) return weigh_children(p, node, out);
    }
    return tree->last_when_none && tree->nodes[node].has_score && take_row(tree, node, out);
}

static void add_counts(const mr_tree *tree, uint32_t node, double *sums) {
    if (tree->nodes[node].distribution == MR_NONE) return;
    const double *counts = tree->counts + (size_t)tree->nodes[node].distribution * tree->class_count;
    for (uint32_t i = 0; i < tree->class_count; i++) sums[i] += counts[i];
}

/* Leaves that the row may reach: a child that is surely true is the last one to be looked at. */
static void aggregate(const paths *p, uint32_t node, double *sums) {
    const mr_tree *tree = p->tree;
    if (node + 1 == tree->nodes[node].end) {
        add_counts(tree, node, sums);
        return;
    }
    bool entered = false;
    for (uint32_t child = node + 1; child < tree->nodes[node].end; child = tree->nodes[child].end) {
        uint32_t detours = 0;
        mr_truth truth = mr_tree_test(&tree->nodes[child], p->slots, &detours);
        if (truth == TRUTH_FALSE) continue;
        aggregate(p, child, sums);
        entered = true;
        if (truth == TRUTH_TRUE) break;
    }
    if (!entered && tree->last_when_none && tree->nodes[node].has_score) add_counts(tree, node, sums);
}

/* Shares of the sum. False: it is 0. */
static bool make_shares(double *values, uint32_t count) {
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += values[i];
    for (uint32_t i = 0; i < count; i++) values[i] /= sum;
    return sum > 0;
}

void mr_tree_follow(const mr_evaluator *evaluator, const mr_tree_trail *trail, mr_work *work,
                    mr_prediction *prediction) {
    const mr_tree *tree = evaluator->model;
    uint32_t count = tree->class_count;
    double *confidences = work->numbers + evaluator->numbers, *rows = confidences + count;
    double *probabilities = work->numbers + evaluator->probabilities;
    paths p = {tree, work->slots};
    if (tree->missing == MISSING_WEIGHTED_CONFIDENCE) {
        if (!weigh_node(&p, trail->split, rows)) return;
        memcpy(confidences, rows, count * sizeof *confidences);
        memcpy(probabilities, rows + count, count * sizeof *probabilities);
    } else {
        memset(probabilities, 0, count * sizeof *probabilities);
        aggregate(&p, trail->split, probabilities);
        if (!make_shares(probabilities, count)) return;
        memcpy(confidences, probabilities, count * sizeof *confidences);
    }
    for (uint32_t i = 0; i < count; i++) confidences[i] *= pow(tree->penalty, trail->detours);
    prediction->label = mr_most_probable(confidences, count);
    prediction->probabilities = probabilities;
    prediction->missing = false;
}
