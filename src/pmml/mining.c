/* Mining: the predictions of the segments whose predicates are true, put together in document order.
 *
 * A missing prediction makes sums and averages missing and is a vote of its own in a vote, unless
 * missingPredictionTreatment says otherwise.
 */
#include "pmml/mining.h"

#include <stdlib.h>
#include <string.h>

typedef struct tally {
    uint32_t count;  /* of predictions put in */
    double weight;   /* of these */
    double sum;      /* regression */
    double absent;   /* votes for a missing prediction */
    bool missing;    /* one prediction was missing, and that decides */
    double *classes; /* [class_count] */
    double *values;  /* [segment_count] */
} tally;

static double weight_of(const mr_mining *m, const mr_segment *segment) {
    return m->method == METHOD_WEIGHTED_AVERAGE || m->method == METHOD_WEIGHTED_MAJORITY_VOTE
               ? segment->weight
               : 1;
}

static bool votes(const mr_mining *m) {
    return m->method == METHOD_MAJORITY_VOTE || m->method == METHOD_WEIGHTED_MAJORITY_VOTE;
}

/* Takes over the prediction of one segment: its label and probabilities in the ensemble's classes. */
static void adopt(const mr_evaluator *evaluator, const mr_segment *segment, const mr_prediction *from,
                  mr_work *work, mr_prediction *to) {
    *to = *from;
    if (!evaluator->classification || from->missing) return;
    to->label = segment->classes[from->label];
    if (!from->probabilities) return;
    to->probabilities = work->numbers + evaluator->probabilities;
    memset(to->probabilities, 0, evaluator->class_count * sizeof *to->probabilities);
    for (uint32_t i = 0; i < segment->evaluator->class_count; i++)
        to->probabilities[segment->classes[i]] = from->probabilities[i];
}

/* A segment that does not run predicts nothing and has no outputs, nor have those inside it. */
static void forget(const mr_evaluator *evaluator, mr_work *work) {
    work->predictions[evaluator->index].missing = true;
    for (uint32_t i = 0; i < evaluator->output_count; i++)
        work->slots[evaluator->outputs[i].slot] = (mr_slot){.missing = 1};
    if (evaluator->evaluate != mr_mining_evaluate) return;
    const mr_mining *m = evaluator->model;
    for (uint32_t i = 0; i < m->segment_count; i++) forget(m->segments[i].evaluator, work);
}

/* Runs one segment of a chain. True: the chain goes on. */
static bool run_link(const mr_evaluator *evaluator, const mr_segment *segment, mr_work *work,
                     mr_prediction *prediction) {
    const mr_mining *m = evaluator->model;
    mr_evaluator_run(segment->evaluator, work);
    if (work->invalid || work->failure) return false;
    const mr_prediction *p = &work->predictions[segment->evaluator->index];
    if (p->missing && m->missing == PREDICTION_SKIP_SEGMENT) return true;
    if (segment->classes || !evaluator->classification) adopt(evaluator, segment, p, work, prediction);
    else *prediction = (mr_prediction){.missing = true}; /* a regression before the classification */
    if (p->missing && m->missing == PREDICTION_RETURN_MISSING) {
        *prediction = (mr_prediction){.missing = true};
        return false;
    }
    return m->method != METHOD_SELECT_FIRST;
}

static void run_chain(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_mining *m = evaluator->model;
    bool goes_on = true;
    for (uint32_t i = 0; i < m->segment_count; i++) forget(m->segments[i].evaluator, work);
    for (uint32_t i = 0; i < m->segment_count && goes_on; i++) {
        const mr_segment *segment = &m->segments[i];
        if (mr_predicate_test(&segment->predicate, work->slots) != TRUTH_TRUE) continue;
        goes_on = run_link(evaluator, segment, work, prediction);
    }
}

static void add_classes(const mr_evaluator *evaluator, const mr_segment *segment, const mr_prediction *p,
                        tally *t) {
    const mr_mining *m = evaluator->model;
    double weight = weight_of(m, segment);
    if (votes(m)) {
        t->classes[segment->classes[p->label]] += weight;
        return;
    }
    for (uint32_t i = 0; i < segment->evaluator->class_count; i++)
        t->classes[segment->classes[i]] += weight == 1 ? p->probabilities[i] : weight * p->probabilities[i];
}

static void add_number(const mr_mining *m, double number, double weight, tally *t) {
    if (m->method == METHOD_MAX) t->sum = t->count == 0 || number > t->sum ? number : t->sum;
    else if (m->method == METHOD_MEDIAN) t->values[t->count] = number;
    else t->sum += weight == 1 ? number : weight * number;
}

/* False: the row ends here. */
static bool run_segments(const mr_evaluator *evaluator, mr_work *work, tally *t) {
    const mr_mining *m = evaluator->model;
    for (uint32_t i = 0; i < m->segment_count && evaluator->names_segments; i++)
        work->predictions[m->segments[i].evaluator->index].missing = true;
    for (uint32_t i = 0; i < m->segment_count; i++) {
        const mr_segment *segment = &m->segments[i];
        if (mr_predicate_test(&segment->predicate, work->slots) != TRUTH_TRUE) continue;
        mr_evaluator_run(segment->evaluator, work);
        if (work->invalid || work->failure) return false;
        const mr_prediction *p = &work->predictions[segment->evaluator->index];
        double weight = weight_of(m, segment);
        if (p->missing) {
            if (m->missing == PREDICTION_SKIP_SEGMENT) continue;
            if (!votes(m)) t->missing = true;
            t->absent += weight;
            continue;
        }
        if (evaluator->classification && !votes(m) && !p->probabilities) {
            t->missing = true;
            continue;
        }
        if (evaluator->classification) add_classes(evaluator, segment, p, t);
        else add_number(m, p->number, weight, t);
        t->count++;
        t->weight += weight;
    }
    return true;
}

static int by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void finish_number(const mr_mining *m, tally *t, mr_prediction *prediction) {
    double number = t->sum;
    if (m->method == METHOD_AVERAGE || m->method == METHOD_WEIGHTED_AVERAGE) number /= t->weight;
    if (m->method == METHOD_MEDIAN) {
        qsort(t->values, t->count, sizeof *t->values, by_number);
        uint32_t middle = t->count / 2;
        number = t->count % 2 ? t->values[middle] : (t->values[middle - 1] + t->values[middle]) / 2;
    }
    prediction->number = number;
    prediction->missing = false;
}

static void finish_classes(const mr_evaluator *evaluator, const tally *t, mr_prediction *prediction) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < evaluator->class_count; i++)
        if (t->classes[i] > t->classes[best]) best = i;
    if (t->absent > t->classes[best]) return;
    for (uint32_t i = 0; i < evaluator->class_count; i++) t->classes[i] /= t->weight;
    prediction->label = best;
    prediction->probabilities = t->classes;
    prediction->missing = false;
}

void mr_mining_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_mining *m = evaluator->model;
    if (m->method >= METHOD_SELECT_FIRST) {
        run_chain(evaluator, work, prediction);
        return;
    }
    tally t = {.classes = work->numbers + evaluator->probabilities,
               .values = work->numbers + evaluator->numbers};
    if (evaluator->classification) memset(t.classes, 0, evaluator->class_count * sizeof *t.classes);
    if (!run_segments(evaluator, work, &t) || t.missing || t.count == 0 || t.weight == 0) return;
    if (evaluator->classification) finish_classes(evaluator, &t, prediction);
    else finish_number(m, &t, prediction);
}
