/* Tree, compiled: two passes over its nodes, the first to know the classes, the second to fill. */
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"
#include "pmml/regression/link.h"
#include "pmml/tree/tree.h"

typedef struct tree_builder {
    mr_builder *b;
    mr_scope *scope;
    mr_tree *tree;
    mr_classes classes;
    uint32_t distribution_count;
    bool probabilistic;
    bool single; /* x-mathContext="float" */
} tree_builder;

static mr_status add_class(tree_builder *t, uint32_t element, mr_attribute_name name, uint32_t *index) {
    const char *text;
    uint32_t label;
    mr_status status = mr_build_must(t->b, element, name, &text);
    if (status == MR_OK) status = mr_build_label(t->b, element, text, t->scope->label_type, &label);
    return status == MR_OK ? mr_classes_add(t->b, &t->classes, label, index) : status;
}

static bool has_distribution(const mr_builder *b, uint32_t node) {
    MR_EACH_CHILD(b->document, node, child) {
        if (mr_build_name(b, child) == E_ScoreDistribution) return true;
    }
    return false;
}

/* Classes in the order of the distributions, which decides ties; counts nodes and distributions. */
static mr_status count_all(tree_builder *t, uint32_t root) {
    const mr_document *document = t->b->document;
    for (uint32_t i = root; i < document->elements[root].end; i++) {
        mr_element_name name = mr_build_name(t->b, i);
        uint32_t index;
        mr_status status = MR_OK;
        if (name == E_Node) t->tree->node_count++;
        if (!t->tree->classification) continue;
        if (name == E_Node && has_distribution(t->b, i)) t->distribution_count++;
        if (name == E_ScoreDistribution) status = add_class(t, i, A_value, &index);
        if (status != MR_OK) return status;
    }
    for (uint32_t i = root; i < document->elements[root].end && t->tree->classification; i++) {
        uint32_t index;
        if (mr_build_name(t->b, i) != E_Node || !mr_build_text(t->b, i, A_score)) continue;
        mr_status status = add_class(t, i, A_score, &index);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* Weight of a class in one distribution. */
static mr_status read_weight(tree_builder *t, uint32_t element, bool probability, double *row, double *sum) {
    uint32_t index;
    double weight = 0;
    mr_status status = add_class(t, element, A_value, &index);
    if (status == MR_OK)
        status = mr_build_number(t->b, element, probability ? A_probability : A_recordCount, true, &weight);
    if (status == MR_OK && !(weight >= 0))
        status = mr_build_fail(t->b, element, MR_INVALID_MODEL, "a negative weight in <ScoreDistribution>");
    if (status != MR_OK) return status;
    row[index] = mr_rounded(t->single, weight);
    *sum = mr_rounded(t->single, *sum + row[index]);
    return MR_OK;
}

/* Confidences of a node: as they stand there, without any its probabilities. Records, where they are added.
 */
static mr_status read_confidences(tree_builder *t, uint32_t element, uint32_t row) {
    mr_tree *tree = t->tree;
    size_t at = (size_t)row * tree->class_count;
    bool any = false;
    MR_EACH_CHILD(t->b->document, element, child) {
        uint32_t index = 0;
        double confidence = 0, records = 0;
        if (mr_build_name(t->b, child) != E_ScoreDistribution) continue;
        any |= mr_build_text(t->b, child, A_confidence) != NULL;
        mr_status status = add_class(t, child, A_value, &index);
        if (status == MR_OK) status = mr_build_number(t->b, child, A_confidence, false, &confidence);
        if (status == MR_OK && tree->counts)
            status = mr_build_number(t->b, child, A_recordCount, true, &records);
        if (status != MR_OK) return status;
        tree->confidences[at + index] = confidence;
        if (tree->counts) tree->counts[at + index] = records;
    }
    if (!any) memcpy(tree->confidences + at, tree->distributions + at, tree->class_count * sizeof(double));
    return MR_OK;
}

/* What the strategies that follow several paths need of each node. */
static mr_status check_paths(tree_builder *t, uint32_t element, const mr_tree_node *node) {
    uint32_t index = (uint32_t)(node - t->tree->nodes);
    if (node->distribution == MR_NONE && mr_tree_may_end(t->tree, index))
        return mr_build_fail(t->b, element, MR_UNSUPPORTED,
                             "this missingValueStrategy for a <Node> without <ScoreDistribution>s is not "
                             "supported");
    if (t->tree->missing != MISSING_WEIGHTED_CONFIDENCE || index == 0) return MR_OK;
    double *weight = &t->tree->weights[index];
    mr_status status = mr_build_number(t->b, element, A_recordCount, true, weight);
    if (status == MR_OK && !(*weight >= 0))
        status = mr_build_fail(t->b, element, MR_INVALID_MODEL, "a negative recordCount of <Node>");
    return status;
}

/* Probabilities of a node: as they stand there, else its record counts over their sum. */
static mr_status read_distribution(tree_builder *t, uint32_t element, mr_tree_node *node) {
    uint32_t first = MR_NONE, row = t->distribution_count;
    double sum = 0;
    bool probability = false;
    double *weights = t->tree->distributions + (size_t)row * t->tree->class_count;
    MR_EACH_CHILD(t->b->document, element, child) {
        if (mr_build_name(t->b, child) != E_ScoreDistribution) continue;
        if (first == MR_NONE) probability = mr_build_text(t->b, child, A_probability) != NULL;
        if (first == MR_NONE) first = child;
        mr_status status = read_weight(t, child, probability, weights, &sum);
        if (status != MR_OK) return status;
    }
    if (first == MR_NONE) return MR_OK;
    if (!probability && !(sum > 0)) return MR_OK; /* nobody came here: no probabilities */
    for (uint32_t i = 0; i < t->tree->class_count && !probability && sum != 1; i++)
        weights[i] = mr_rounded(t->single, weights[i] / sum);
    node->distribution = t->distribution_count++;
    return t->tree->confidences ? read_confidences(t, element, row) : MR_OK;
}

static mr_status read_predicate(tree_builder *t, uint32_t element, mr_tree_node *node) {
    uint32_t found = MR_NONE;
    MR_EACH_CHILD(t->b->document, element, child) {
        if (!mr_is_predicate((mr_element_name)mr_build_name(t->b, child))) continue;
        if (found != MR_NONE)
            return mr_build_fail(t->b, child, MR_INVALID_MODEL, "a second predicate in one <Node>");
        found = child;
    }
    if (found == MR_NONE) return mr_build_fail(t->b, element, MR_INVALID_MODEL, "<Node> lacks its predicate");
    return mr_build_predicate(t->b, t->b->general, t->scope, found, &node->predicate);
}

/* Read as a float where the tree computes in floats: a decimal is rounded once. */
static mr_status read_number(tree_builder *t, uint32_t element, const char *score, mr_tree_node *node) {
    mr_slot value = {0};
    if (!t->single) return mr_build_number(t->b, element, A_score, true, &node->score);
    mr_status status = mr_build_literal(t->b, element, score, T_FLOAT, &value);
    node->score = value.number;
    return status;
}

static mr_status read_score(tree_builder *t, uint32_t element, mr_tree_node *node) {
    const char *score = mr_build_text(t->b, element, A_score), *id = mr_build_text(t->b, element, A_id);
    mr_status status = MR_OK;
    node->has_score = score != NULL;
    if (score && t->tree->classification) status = add_class(t, element, A_score, &node->label);
    if (score && !t->tree->classification) status = read_number(t, element, score, node);
    if (status == MR_OK && id && t->scope->wants_entities) status = mr_build_intern(t->b, id, &node->entity);
    if (status == MR_OK && t->tree->classification) status = read_distribution(t, element, node);
    bool ends = mr_tree_may_end(t->tree, (uint32_t)(node - t->tree->nodes));
    if (score && node->distribution == MR_NONE && ends) t->probabilistic = false;
    return status;
}

/* The node's own default child, by id. `child` elements and nodes run side by side. */
static mr_status read_default(tree_builder *t, uint32_t element, mr_tree_node *node,
                              const uint32_t *node_of) {
    const char *wanted = mr_build_text(t->b, element, A_defaultChild);
    if (!wanted) return MR_OK;
    MR_EACH_CHILD(t->b->document, element, child) {
        const char *id = mr_build_name(t->b, child) == E_Node ? mr_build_text(t->b, child, A_id) : NULL;
        if (!id || strcmp(id, wanted) != 0) continue;
        node->default_child = node_of[child - t->scope->tree_root];
        return MR_OK;
    }
    return mr_build_fail(t->b, element, MR_INVALID_MODEL, "defaultChild=\"%.60s\" is no child of its node",
                         wanted);
}

/* Nodes stand in document order, so one sweep fills them; `ends` close when the sweep passes them. */
static mr_status fill_nodes(tree_builder *t, uint32_t root, uint32_t *node_of) {
    const mr_document *document = t->b->document;
    uint32_t end = document->elements[root].end, next = 0;
    for (uint32_t i = root; i < end; i++) {
        node_of[i - root] = next;
        if (mr_build_name(t->b, i) == E_Node) next++;
    }
    for (uint32_t i = root; i < end; i++) {
        if (mr_build_name(t->b, i) != E_Node) continue;
        mr_tree_node *node = &t->tree->nodes[node_of[i - root]];
        uint32_t behind = document->elements[i].end;
        *node = (mr_tree_node){.default_child = MR_NONE,
                               .label = MR_NONE,
                               .distribution = MR_NONE,
                               .end = behind < end ? node_of[behind - root] : t->tree->node_count};
        mr_status status = read_predicate(t, i, node);
        if (status == MR_OK) status = read_score(t, i, node);
        if (status == MR_OK)
            status = mr_build_tree_regression(t->b, t->scope, i, t->single, t->tree, node_of[i - root]);
        if (status == MR_OK && t->tree->missing == MISSING_DEFAULT_CHILD)
            status = read_default(t, i, node, node_of);
        if (status == MR_OK && mr_tree_follows_several(t->tree)) status = check_paths(t, i, node);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status read_strategies(mr_builder *b, uint32_t element, mr_tree *tree) {
    static const char *const missings[] = {
        "none", "lastPrediction", "nullPrediction", "defaultChild", "weightedConfidence", "aggregateNodes",
        NULL};
    static const char *const no_trues[] = {"returnNullPrediction", "returnLastPrediction", NULL};
    unsigned missing = 0, no_true = 0;
    mr_status status = mr_build_word(b, element, A_missingValueStrategy, missings, &missing);
    if (status == MR_OK) status = mr_build_word(b, element, A_noTrueChildStrategy, no_trues, &no_true);
    if (status == MR_OK) status = mr_build_number(b, element, A_missingValuePenalty, false, &tree->penalty);
    tree->missing = (mr_missing_strategy)missing;
    tree->last_when_none = no_true == 1;
    if (status == MR_OK && mr_tree_follows_several(tree) && !tree->classification)
        status =
            mr_build_fail(b, element, MR_UNSUPPORTED,
                          "missingValueStrategy=\"%s\" of a regression is not supported", missings[missing]);
    return status;
}

static double *take_rows(mr_builder *b, size_t rows, size_t columns, mr_status *status) {
    double *memory = mr_arena_alloc_zero(b->general, rows * columns + 1, sizeof *memory);
    if (!memory && *status == MR_OK) *status = mr_build_no_memory(b);
    return memory;
}

static mr_status take_memory(tree_builder *t, size_t rows, bool confidences) {
    mr_builder *b = t->b;
    mr_tree *tree = t->tree;
    mr_status status = MR_OK;
    tree->nodes = mr_arena_alloc(b->general, tree->node_count * sizeof *tree->nodes);
    tree->distributions = take_rows(b, rows, tree->class_count, &status);
    if (confidences) tree->confidences = take_rows(b, rows, tree->class_count, &status);
    if (tree->missing == MISSING_AGGREGATE_NODES)
        tree->counts = take_rows(b, rows, tree->class_count, &status);
    if (tree->missing == MISSING_WEIGHTED_CONFIDENCE)
        tree->weights = take_rows(b, tree->node_count, 1, &status);
    return status == MR_OK && !tree->nodes ? mr_build_no_memory(b) : status;
}

/* Working memory of the confidences. */
static mr_status reserve(tree_builder *t, uint32_t element, mr_evaluator *evaluator) {
    size_t numbers = mr_tree_numbers(t->tree);
    if (numbers > 1 << 22)
        return mr_build_fail(
            t->b, element, MR_LIMIT,
            "%u classes in a tree of this depth, of which every path is followed, are too many",
            t->tree->class_count);
    evaluator->numbers = (uint32_t)t->b->number_count;
    t->b->number_count += numbers;
    return MR_OK;
}

static mr_status build_nodes(tree_builder *t, uint32_t root, mr_evaluator *evaluator) {
    mr_builder *b = t->b;
    mr_tree *tree = t->tree;
    mr_status status = count_all(t, root);
    if (status == MR_OK && tree->classification) status = mr_build_prior_classes(b, t->scope, &t->classes);
    if (status != MR_OK) return status;
    size_t elements = b->document->elements[root].end - root;
    size_t rows = t->distribution_count;
    tree->class_count = (uint32_t)t->classes.count;
    t->distribution_count = 0;
    t->probabilistic = rows > 0;
    t->scope->tree_root = root;
    status = take_memory(t, rows, t->scope->wants_confidences || mr_tree_follows_several(tree));
    uint32_t *node_of = mr_alloc(elements * sizeof *node_of);
    if (status == MR_OK) status = node_of ? fill_nodes(t, root, node_of) : mr_build_no_memory(b);
    mr_free(node_of);
    if (status == MR_OK) status = reserve(t, root, evaluator);
    if (status != MR_OK || !tree->classification) return status;
    evaluator->probabilistic = t->probabilistic;
    return mr_classes_keep(b, &t->classes, evaluator, root);
}

mr_status mr_build_tree(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    uint32_t root = MR_NONE;
    mr_tree *tree = mr_build_alloc_member(b, scope->parent, sizeof *tree);
    if (!tree) return MR_NO_MEMORY;
    tree->classification = evaluator->classification;
    tree->penalty = 1;
    mr_status status = read_strategies(b, element, tree);
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(b, child) != E_Node) continue;
        if (root != MR_NONE && status == MR_OK)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "a second root <Node>");
        root = child;
    }
    if (root == MR_NONE && status == MR_OK)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<TreeModel> lacks its <Node>");
    if (status != MR_OK) return status;
    tree_builder t = {.b = b, .scope = scope, .tree = tree, .single = evaluator->single_math};
    status = build_nodes(&t, root, evaluator);
    mr_classes_free(&t.classes);
    evaluator->model = tree;
    evaluator->evaluate = tree->regressions ? mr_tree_regress : mr_tree_evaluate;
    evaluator->value = mr_tree_value;
    return status;
}

mr_status mr_build_tree_feature(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                mr_output_step *output) {
    if (output->rank > 1) return mr_output_refuse(b, element);
    if (output->feature == F_ENTITY_ID && scope->wants_entities) {
        output->type = T_STRING;
        return MR_OK;
    }
    if (output->feature != F_CONFIDENCE || !evaluator->classification || !scope->wants_confidences)
        return mr_output_refuse(b, element);
    const char *value = mr_build_text(b, element, A_value);
    if (value) return mr_build_label(b, element, value, scope->label_type, &output->detail);
    output->detail = 0;
    return MR_OK;
}
