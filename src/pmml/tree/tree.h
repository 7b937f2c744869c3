/* Tree: a decision tree in its general form, one struct a node in document order.
 *
 * A node's first child is the next node, its next sibling is `end`. Every predicate and strategy that
 * is supported runs here; forest.h is the fast form of those that it can express, compiled from this.
 * Confidences are kept only where an output or the strategy asks for them: such a tree keeps this form.
 */
#ifndef MR_PMML_TREE_H
#define MR_PMML_TREE_H

#include "pmml/program.h"

typedef enum mr_missing_strategy {
    MISSING_NONE,
    MISSING_LAST_PREDICTION,
    MISSING_NULL_PREDICTION,
    MISSING_DEFAULT_CHILD,
    MISSING_WEIGHTED_CONFIDENCE, /* these two follow several paths: tree_paths.c */
    MISSING_AGGREGATE_NODES
} mr_missing_strategy;

typedef struct mr_tree_node {
    mr_predicate predicate;
    double score; /* regression */
    uint32_t end; /* index behind the last node below */
    uint32_t default_child;
    uint32_t label;        /* classification: MR_NONE: no score */
    uint32_t distribution; /* MR_NONE, or the number of its row in `distributions` */
    uint32_t entity;
    bool has_score;
} mr_tree_node;

typedef struct mr_tree {
    mr_tree_node *nodes;
    uint32_t node_count;
    uint32_t class_count;
    double *distributions;            /* [rows][class_count] probabilities */
    double *confidences;              /* [rows][class_count]; NULL: nobody asks */
    double *counts;                   /* MISSING_AGGREGATE_NODES: [rows][class_count] records */
    double *weights;                  /* MISSING_WEIGHTED_CONFIDENCE: [node_count] records */
    const mr_evaluator **regressions; /* [node_count] that score in a node's place, some NULL; NULL: none */
    double penalty; /* missingValuePenalty: of a confidence, for each default child and surrogate taken */
    mr_missing_strategy missing;
    bool last_when_none; /* noTrueChildStrategy="returnLastPrediction" */
    bool classification;
} mr_tree;

/* May a row end in this node? Leaves, and inner ones that give a last prediction. */
static inline bool mr_tree_may_end(const mr_tree *tree, uint32_t node) {
    return tree->nodes[node].end == node + 1 || tree->last_when_none ||
           tree->missing == MISSING_LAST_PREDICTION;
}

static inline bool mr_tree_follows_several(const mr_tree *tree) {
    return tree->missing >= MISSING_WEIGHTED_CONFIDENCE;
}

/* How a row went through the tree. */
typedef struct mr_tree_trail {
    uint32_t split;      /* the node below which several paths are to be followed; MR_NONE: none */
    uint32_t detours;    /* default children and surrogates taken */
    const char *failure; /* NULL, or what ends the row */
} mr_tree_trail;

/* A node's predicate; counts a surrogate that decides. */
mr_truth mr_tree_test(const mr_tree_node *node, const mr_slot *slots, uint32_t *detours);
/* The prediction of a row that several paths are followed for, below trail->split. */
void mr_tree_follow(const mr_evaluator *evaluator, const mr_tree_trail *trail, mr_work *work,
                    mr_prediction *prediction);
/* Doubles of work->numbers, from evaluator->numbers on: the row's confidences, then room for the paths. */
size_t mr_tree_numbers(const mr_tree *tree);
void mr_tree_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
/* The same of a tree whose nodes hold regressions. */
void mr_tree_regress(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
void mr_tree_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                   const mr_prediction *prediction, mr_slot *value);

#endif
