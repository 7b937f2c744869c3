/* Mining: the segments of an ensemble, a selection or a chain, compiled. */
#ifndef MR_PMML_MINING_H
#define MR_PMML_MINING_H

#include "pmml/program.h"

typedef enum mr_method {
    METHOD_MAJORITY_VOTE,
    METHOD_WEIGHTED_MAJORITY_VOTE,
    METHOD_AVERAGE,
    METHOD_WEIGHTED_AVERAGE,
    METHOD_SUM,
    METHOD_WEIGHTED_SUM,
    METHOD_MEDIAN, /* these three look at all predictions at once: mining_order.c */
    METHOD_WEIGHTED_MEDIAN,
    METHOD_MAX,
    METHOD_SELECT_ALL,
    METHOD_SELECT_FIRST,
    METHOD_MODEL_CHAIN,
    METHOD_MULTI_MODEL_CHAIN /* a chain of which each segment predicts a target of its own */
} mr_method;

typedef enum mr_missing_prediction {
    PREDICTION_CONTINUE,
    PREDICTION_SKIP_SEGMENT,
    PREDICTION_RETURN_MISSING
} mr_missing_prediction;

typedef struct mr_segment {
    mr_predicate predicate;
    double weight;
    uint32_t weight_slot; /* <VariableWeight>; MR_NONE: `weight` */
    uint32_t entity;      /* text of its id, where an output asks for it */
    const mr_evaluator *evaluator;
    const uint32_t *classes; /* class of the segment -> class of the ensemble */
} mr_segment;

typedef struct mr_mining {
    mr_method method;
    mr_missing_prediction missing;
    double threshold; /* missingThreshold: the greatest share of the weights that may be missing */
    bool varies;      /* a weight is a field */
    uint32_t segment_count;
    const mr_segment *segments;
} mr_mining;

static inline bool mr_mining_weighs(const mr_mining *m) {
    return m->method == METHOD_WEIGHTED_MAJORITY_VOTE || m->method == METHOD_WEIGHTED_AVERAGE ||
           m->method == METHOD_WEIGHTED_SUM || m->method == METHOD_WEIGHTED_MEDIAN;
}
static inline bool mr_mining_votes(const mr_mining *m) {
    return m->method <= METHOD_WEIGHTED_MAJORITY_VOTE;
}
static inline bool mr_mining_divides(const mr_mining *m) {
    return m->method == METHOD_AVERAGE || m->method == METHOD_WEIGHTED_AVERAGE;
}
static inline bool mr_mining_orders(const mr_mining *m) {
    return m->method >= METHOD_MEDIAN && m->method <= METHOD_MAX;
}
/* Does one segment decide what is predicted? Then a caller sees what the segments put out. */
static inline bool mr_mining_selects(const mr_mining *m) {
    return m->method >= METHOD_SELECT_FIRST;
}
/* A sum, average or vote with the usual treatment of missing predictions: forest.h can stand for it. */
static inline bool mr_mining_is_plain(const mr_mining *m) {
    return m->method <= METHOD_WEIGHTED_SUM && !m->varies && m->threshold >= 1 &&
           !(mr_mining_votes(m) && m->missing == PREDICTION_RETURN_MISSING);
}

void mr_mining_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
/* Value of an output about the ensemble itself: the id of the segment that decided. */
void mr_mining_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                     const mr_prediction *prediction, mr_slot *value);

/* What an ensemble gathers of one row. */
typedef struct mr_tally {
    uint32_t count;  /* of predictions put in */
    double weight;   /* of these */
    double absent;   /* weight of the missing ones */
    double votes;    /* of the missing ones */
    double sum;      /* regression */
    bool missing;    /* one prediction was missing, and that decides */
    double *classes; /* [class_count] sums, votes */
    /* mr_mining_orders: a row for each prediction: 1 number, or the probability of each class. Of a vote: the
     * class, without weights and column */
    double *rows, *weights, *column;
} mr_tally;

/* Doubles of work->numbers that `rows`, `weights` and `column` take. mining_order.c */
size_t mr_mining_numbers(const mr_mining *mining, const mr_evaluator *evaluator);
void mr_mining_lay_out(const mr_evaluator *evaluator, double *numbers, mr_tally *tally);
void mr_mining_order(const mr_evaluator *evaluator, mr_tally *tally, mr_prediction *prediction);

#endif
