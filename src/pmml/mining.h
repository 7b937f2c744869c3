/* Mining: the segments of an ensemble or chain, compiled. */
#ifndef MR_PMML_MINING_H
#define MR_PMML_MINING_H

#include "pmml/program.h"

typedef enum mr_method {
    METHOD_MAJORITY_VOTE,
    METHOD_WEIGHTED_MAJORITY_VOTE,
    METHOD_AVERAGE,
    METHOD_WEIGHTED_AVERAGE,
    METHOD_MEDIAN,
    METHOD_MAX,
    METHOD_SUM,
    METHOD_SELECT_FIRST,
    METHOD_MODEL_CHAIN
} mr_method;

typedef enum mr_missing_prediction {
    PREDICTION_CONTINUE,
    PREDICTION_SKIP_SEGMENT,
    PREDICTION_RETURN_MISSING
} mr_missing_prediction;

typedef struct mr_segment {
    mr_predicate predicate;
    double weight;
    const mr_evaluator *evaluator;
    const uint32_t *classes; /* class of the segment -> class of the ensemble */
} mr_segment;

typedef struct mr_mining {
    mr_method method;
    mr_missing_prediction missing;
    uint32_t segment_count;
    const mr_segment *segments;
} mr_mining;

void mr_mining_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);

#endif
