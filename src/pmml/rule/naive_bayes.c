/* Naive Bayes, evaluated: log P(class) + sum of log P(input | class), then normalized.
 *
 * A missing input is left out; so is a value that the counts do not mention, which says the same of every
 * class. (PMML 4.4, Naive Bayes.)
 */
#include "pmml/rule/naive_bayes.h"

#include <math.h>
#include <string.h>

#include "pmml/regression/link.h"

/* Row of the table, or MR_NONE. */
static uint32_t find_value(const mr_bayes_input *input, double value) {
    uint32_t low = 0, high = input->value_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (input->values[middle] < value) low = middle + 1;
        else high = middle;
    }
    return low < input->value_count && input->values[low] == value ? low : MR_NONE;
}

/* A Poisson distribution gives no probability to what is no count. */
static double log_density(const mr_bayes_density *density, double x) {
    int sign;
    if (density->kind == DENSITY_GAUSSIAN) {
        double distance = x - density->mean;
        return density->constant - distance * distance * density->scale;
    }
    if (!(x >= 0) || x != floor(x)) return -INFINITY;
    return x * density->scale - density->mean - lgamma_r(x + 1, &sign);
}

static void add_continuous(const mr_naive_bayes *model, const mr_bayes_input *input, double x,
                           uint32_t classes, double *sums) {
    for (uint32_t i = 0; i < classes; i++) {
        if (input->densities[i].kind == DENSITY_NONE) continue;
        double logarithm = log_density(&input->densities[i], x);
        sums[i] += logarithm < model->threshold ? model->threshold : logarithm;
    }
}

static void add_discrete(const mr_bayes_input *input, const mr_slot *value, uint32_t classes, double *sums) {
    uint32_t row = find_value(input, input->texts ? value->text : value->number);
    if (row == MR_NONE) return;
    const double *logarithms = input->logarithms + (size_t)row * classes;
    for (uint32_t i = 0; i < classes; i++) sums[i] += logarithms[i];
}

void mr_naive_bayes_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_naive_bayes *model = evaluator->model;
    double *sums = work->numbers + evaluator->probabilities;
    uint32_t classes = evaluator->class_count;
    memcpy(sums, model->priors, classes * sizeof *sums);
    for (uint32_t i = 0; i < model->input_count; i++) {
        const mr_bayes_input *input = &model->inputs[i];
        const mr_slot *value = &work->slots[input->slot];
        if (value->missing) continue;
        if (input->densities) add_continuous(model, input, value->number, classes, sums);
        else add_discrete(input, value, classes, sums);
    }
    uint32_t best = mr_most_probable(sums, classes);
    if (!(sums[best] > -INFINITY)) return; /* no class can have such a record */
    mr_softmax(sums, classes, false);
    prediction->label = best;
    prediction->probabilities = sums;
    prediction->missing = false;
}
