/* Naive Bayes, compiled: the logarithm of each conditional probability that counts can give, in tables.
 *
 * Sums of logarithms do not underflow, so a record with many inputs, or one far from every mean, still has
 * its probabilities.
 */
#ifndef MR_PMML_NAIVE_BAYES_H
#define MR_PMML_NAIVE_BAYES_H

#include "pmml/program.h"

/* Of one class: log density = constant - (x - mean)^2 * scale; of Poisson x * scale - mean - log x!. */
typedef struct mr_bayes_density {
    enum { DENSITY_NONE, DENSITY_GAUSSIAN, DENSITY_POISSON } kind;
    double mean, scale, constant;
} mr_bayes_density;

typedef struct mr_bayes_input {
    uint32_t slot;
    uint32_t value_count;
    bool texts;
    const double *values;              /* sorted; of texts their numbers */
    const double *logarithms;          /* [value_count][class_count]: log P(value | class) */
    const mr_bayes_density *densities; /* [class_count]: a continuous input; NULL: a discrete one */
} mr_bayes_input;

typedef struct mr_naive_bayes {
    uint32_t input_count;
    double threshold; /* its logarithm; no density is below it */
    const mr_bayes_input *inputs;
    const double *priors; /* [class_count]: log count */
} mr_naive_bayes;

void mr_naive_bayes_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);

#endif
