/* Nearest neighbours: PMML 4.4, "k-Nearest Neighbors". What the k nearest training instances have as targets
 * is put together; without a target the nearest instance itself is the prediction. */
#ifndef MR_PMML_NEAREST_NEIGHBOR_H
#define MR_PMML_NEAREST_NEIGHBOR_H

#include "pmml/distance/nearest.h"

typedef enum mr_scoring { SCORING_AVERAGE, SCORING_MEDIAN, SCORING_WEIGHTED_AVERAGE } mr_scoring;

typedef struct mr_neighbor_target {
    const char *name;
    mr_data_type type;
    bool categorical;
    double *numbers;             /* [instances]; continuous */
    uint32_t *classes;           /* [instances]; categorical */
    const uint32_t *labels;      /* text of each class */
    const mr_slot *class_values; /* [class_count] */
    const uint32_t *places;      /* [class_count]: of tied ones the lowest wins */
    uint32_t class_count;
    uint32_t votes; /* offset in work->numbers: [class_count] */
} mr_neighbor_target;

typedef struct mr_neighbors {
    mr_search search;
    uint32_t k;
    double threshold;
    mr_scoring scoring; /* continuous targets */
    bool weighted;      /* categorical targets: votes weigh by nearness */
    uint32_t target_count;
    mr_neighbor_target *targets;
    uint32_t values; /* offset in work->numbers: [k], for the median */
} mr_neighbors;

void mr_neighbors_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
void mr_neighbors_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                        const mr_prediction *prediction, mr_slot *value);

/* training.c: the instances, as the record would be: *values [*count][input_count] (free with mr_free, also
 * on failure), targets, and *ids when something asks for them. `slots`: of the inputs, which are the
 * children of `inputs`. */
mr_status mr_build_training(mr_builder *b, mr_scope *scope, uint32_t model, uint32_t inputs,
                            const uint32_t *slots, uint32_t input_count, mr_neighbors *neighbors,
                            double **values, uint32_t *count, const uint32_t **ids);
/* nearest_neighbor_build.c: what a target of `count` instances, whose classes are known, needs for a vote. */
mr_status mr_build_neighbor_target(mr_builder *b, uint32_t element, const mr_classes *classes, uint32_t count,
                                   mr_neighbor_target *target);

#endif
