/* Nearest neighbours, run: see nearest_neighbor.h. */
#include "pmml/distance/nearest_neighbor.h"

#include <math.h>
#include <stdlib.h>

#include "pmml/field/values.h"

/* With threshold 0 a neighbour at distance 0 weighs infinitely much: then only such ones count, and alike. */
static bool some_meet(const mr_neighbors *n, const mr_near *nearest) {
    bool meet = false;
    for (uint32_t i = 0; i < n->k; i++) meet |= isinf(1 / (nearest[i].number + n->threshold)) != 0;
    return meet;
}

static double weight_of(const mr_neighbors *n, const mr_near *near, bool some_meet) {
    double weight = 1 / (near->number + n->threshold);
    return some_meet ? isinf(weight) != 0 : weight;
}

static double median(const mr_neighbors *n, const mr_neighbor_target *t, const mr_near *nearest,
                     mr_work *work) {
    double *values = work->numbers + n->values;
    for (uint32_t i = 0; i < n->k; i++) values[i] = t->numbers[nearest[i].point];
    qsort(values, n->k, sizeof *values, mr_by_number);
    uint32_t middle = n->k / 2;
    return n->k % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

static double average(const mr_neighbors *n, const mr_neighbor_target *t, const mr_near *nearest,
                      mr_work *work) {
    double sum = 0, weights = 0;
    if (n->scoring == SCORING_MEDIAN) return median(n, t, nearest, work);
    bool weighted = n->scoring == SCORING_WEIGHTED_AVERAGE, meet = weighted && some_meet(n, nearest);
    for (uint32_t i = 0; i < n->k; i++) {
        double weight = weighted ? weight_of(n, &nearest[i], meet) : 1;
        sum += weight * t->numbers[nearest[i].point];
        weights += weight;
    }
    return sum / weights;
}

static uint32_t vote(const mr_neighbors *n, const mr_neighbor_target *t, const mr_near *nearest,
                     mr_work *work) {
    double *votes = work->numbers + t->votes;
    bool meet = n->weighted && some_meet(n, nearest);
    for (uint32_t i = 0; i < n->k; i++) votes[t->classes[nearest[i].point]] = 0;
    for (uint32_t i = 0; i < n->k; i++)
        votes[t->classes[nearest[i].point]] += n->weighted ? weight_of(n, &nearest[i], meet) : 1;
    uint32_t best = t->classes[nearest[0].point];
    for (uint32_t i = 1; i < n->k; i++) {
        uint32_t class = t->classes[nearest[i].point];
        if (votes[class] > votes[best] || (votes[class] == votes[best] && t->places[class] < t->places[best]))
            best = class;
    }
    return best;
}

void mr_neighbors_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_neighbors *n = evaluator->model;
    const mr_near *nearest = mr_search_run(&n->search, work);
    if (!nearest) return;
    prediction->missing = false;
    if (n->target_count == 0) prediction->label = nearest->point;
    else if (n->targets[0].categorical) prediction->label = vote(n, &n->targets[0], nearest, work);
    else prediction->number = average(n, &n->targets[0], nearest, work);
    prediction->missing = isnan(prediction->number); /* all are infinitely far */
}

/* The targets behind the first, and what all that search give. */
void mr_neighbors_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                        const mr_prediction *prediction, mr_slot *to) {
    const mr_neighbors *n = evaluator->model;
    const mr_near *nearest = mr_search_nearest(&n->search, work);
    if (output->feature != F_OTHER_TARGET) {
        mr_search_value(evaluator, output, work, prediction, to);
        return;
    }
    const mr_neighbor_target *t = &n->targets[output->detail];
    if (t->categorical) {
        uint32_t class = vote(n, t, nearest, work);
        if (output->type == T_STRING) *to = (mr_slot){.text = t->labels[class]};
        else *to = t->class_values[class];
        return;
    }
    *to = (mr_slot){.number = average(n, t, nearest, work)};
    if (isnan(to->number)) to->missing = 1;
    if (output->type == T_FLOAT) to->number = (double)(float)to->number;
}
