/* Mining: the predictions of the segments whose predicates are true, put together in document order.
 *
 * A missing prediction makes sums and averages missing and is a vote of its own in a vote, unless
 * missingPredictionTreatment says otherwise. In floats (x-mathContext) every sum is rounded.
 */
#include "pmml/mining/mining.h"

#include <string.h>

#include "pmml/field/values.h"
#include "pmml/regression/link.h"

/* A segment that does not run predicts nothing and has no outputs, nor have those inside it. */
static void forget(const mr_evaluator *evaluator, mr_work *work) {
    work->predictions[evaluator->index].missing = true;
    for (uint32_t i = 0; i < evaluator->output_count; i++)
        work->slots[evaluator->outputs[i].slot] = (mr_slot){.missing = 1};
    if (evaluator->evaluate != mr_mining_evaluate) return;
    const mr_mining *m = evaluator->model;
    for (uint32_t i = 0; i < m->segment_count; i++) forget(m->segments[i].evaluator, work);
}

/* ---- Chains and selections ---- */

/* Takes over the prediction of one segment: its label and probabilities in the ensemble's classes. */
static void adopt(const mr_evaluator *evaluator, const mr_segment *segment, const mr_prediction *from,
                  mr_work *work, mr_prediction *to) {
    *to = *from;
    to->entity = segment->entity;
    if (!evaluator->classification || from->missing) return;
    to->label = segment->classes[from->label];
    if (!from->probabilities) return;
    to->probabilities = work->numbers + evaluator->probabilities;
    memset(to->probabilities, 0, evaluator->class_count * sizeof *to->probabilities);
    for (uint32_t i = 0; i < segment->evaluator->class_count; i++)
        to->probabilities[segment->classes[i]] = from->probabilities[i];
}

/* Runs one segment of a chain. True: the chain goes on. */
static bool run_link(const mr_evaluator *evaluator, const mr_segment *segment, mr_work *work,
                     mr_prediction *prediction) {
    const mr_mining *m = evaluator->model;
    mr_evaluator_run(segment->evaluator, work);
    if (work->invalid || work->failure || work->exhausted) return false;
    const mr_prediction *p = &work->predictions[segment->evaluator->index];
    if (m->method == METHOD_MULTI_MODEL_CHAIN && segment != m->segments) return true;
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

/* ---- Lists ---- */

static mr_value as_item(const mr_evaluator *e, const mr_prediction *p, mr_work *work) {
    if (p->missing) return (mr_value){.type = MR_TYPE_DOUBLE, .missing = true};
    if (!e->classification) return (mr_value){.type = MR_TYPE_DOUBLE, .as.number = p->number};
    const mr_slot *value = &e->class_values[p->label];
    switch (e->label_type) {
    case T_STRING:
        return (mr_value){.type = MR_TYPE_STRING, .as.text = mr_work_text(work, value->text)};
    case T_INTEGER:
        if (!mr_fits_integer(value->number)) return (mr_value){.type = MR_TYPE_INTEGER, .missing = true};
        return (mr_value){.type = MR_TYPE_INTEGER, .as.integer = (int64_t)value->number};
    case T_BOOLEAN:
        return (mr_value){.type = MR_TYPE_BOOLEAN, .as.boolean = value->number != 0};
    default:
        return (mr_value){.type = MR_TYPE_DOUBLE, .as.number = value->number};
    }
}

/* What each segment predicts that runs. */
static void run_all(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_mining *m = evaluator->model;
    mr_value *items = mr_work_take(work, m->segment_count * sizeof *items);
    uint32_t count = 0;
    if (!items) return;
    for (uint32_t i = 0; i < m->segment_count; i++) {
        const mr_segment *segment = &m->segments[i];
        if (mr_predicate_test(&segment->predicate, work->slots) != TRUTH_TRUE) continue;
        mr_evaluator_run(segment->evaluator, work);
        if (work->invalid || work->failure || work->exhausted) return;
        items[count++] = as_item(segment->evaluator, &work->predictions[segment->evaluator->index], work);
    }
    work->lists[evaluator->list] = (mr_list){items, count};
    prediction->missing = count == 0;
}

/* ---- Ensembles ---- */

static void add_classes(const mr_evaluator *evaluator, const mr_segment *segment, const mr_prediction *p,
                        double weight, mr_tally *t) {
    const mr_mining *m = evaluator->model;
    bool single = evaluator->single_math, orders = mr_mining_orders(m);
    if (mr_mining_votes(m)) {
        uint32_t class = segment->classes[p->label];
        t->classes[class] = mr_rounded(single, t->classes[class] + weight);
        t->rows[t->count] = class;
        return;
    }
    double *to = orders ? t->rows + (size_t)t->count * evaluator->class_count : t->classes;
    if (orders) memset(to, 0, evaluator->class_count * sizeof *to);
    for (uint32_t i = 0; i < segment->evaluator->class_count; i++) {
        double *sum = &to[segment->classes[i]], probability = mr_rounded(single, p->probabilities[i]);
        if (weight != 1 && !orders) probability = mr_rounded(single, weight * probability);
        *sum = mr_rounded(single, *sum + probability);
    }
}

static void add_number(const mr_evaluator *evaluator, double number, double weight, mr_tally *t) {
    bool single = evaluator->single_math;
    number = mr_rounded(single, number);
    if (mr_mining_orders(evaluator->model)) {
        t->rows[t->count] = number;
        return;
    }
    if (weight != 1) number = mr_rounded(single, weight * number);
    t->sum = mr_rounded(single, t->sum + number);
}

static void add_prediction(const mr_evaluator *evaluator, const mr_segment *segment, const mr_prediction *p,
                           double weight, mr_tally *t) {
    double factor = mr_mining_weighs(evaluator->model) ? mr_rounded(evaluator->single_math, weight) : 1;
    if (evaluator->classification) add_classes(evaluator, segment, p, factor, t);
    else add_number(evaluator, p->number, factor, t);
    if (t->weights) t->weights[t->count] = factor;
    t->count++;
    t->weight = mr_rounded(evaluator->single_math, t->weight + factor);
}

/* False: the weight is missing. */
static bool weight_of(const mr_segment *segment, const mr_work *work, double *weight) {
    *weight = segment->weight;
    if (segment->weight_slot == MR_NONE) return true;
    const mr_slot *slot = &work->slots[segment->weight_slot];
    *weight = slot->number;
    return !slot->missing && slot->number >= 0;
}

/* False: the row ends here. `total`: the weight of all that ran. */
static bool run_segments(const mr_evaluator *evaluator, mr_work *work, mr_tally *t, double *total) {
    const mr_mining *m = evaluator->model;
    for (uint32_t i = 0; i < m->segment_count && evaluator->names_segments; i++)
        work->predictions[m->segments[i].evaluator->index].missing = true;
    for (uint32_t i = 0; i < m->segment_count; i++) {
        const mr_segment *segment = &m->segments[i];
        if (mr_predicate_test(&segment->predicate, work->slots) != TRUTH_TRUE) continue;
        mr_evaluator_run(segment->evaluator, work);
        if (work->invalid || work->failure || work->exhausted) return false;
        const mr_prediction *p = &work->predictions[segment->evaluator->index];
        double weight;
        bool known = weight_of(segment, work, &weight);
        bool bare = evaluator->classification && !mr_mining_votes(m) && !p->missing && !p->probabilities;
        t->missing |= !known || bare;
        if (!known || bare) continue;
        *total += weight;
        if (!p->missing) add_prediction(evaluator, segment, p, weight, t);
        if (!p->missing) continue;
        t->absent += weight;
        t->votes += mr_mining_weighs(m) ? weight : 1;
    }
    return true;
}

/* Do missing predictions make the result missing? In a vote, their votes are left to be compared. */
static bool absent_decides(const mr_mining *m, const mr_tally *t, double total) {
    if (t->votes == 0) return false;
    if (m->missing == PREDICTION_RETURN_MISSING) return true;
    if (m->missing == PREDICTION_CONTINUE && !mr_mining_votes(m)) return true;
    return t->absent / total > m->threshold;
}

/* Of classes with as many votes, the one that was voted for first. */
static uint32_t first_voted(const mr_tally *t, uint32_t best) {
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t class = (uint32_t)t->rows[i];
        if (t->classes[class] == t->classes[best]) return class;
    }
    return best;
}

static void finish_classes(const mr_evaluator *evaluator, const mr_tally *t, mr_prediction *prediction) {
    const mr_mining *m = evaluator->model;
    uint32_t best = mr_most_probable(t->classes, evaluator->class_count);
    if (mr_mining_votes(m)) best = first_voted(t, best);
    if (mr_mining_votes(m) && m->missing == PREDICTION_CONTINUE && t->votes > t->classes[best]) return;
    for (uint32_t i = 0; i < evaluator->class_count; i++)
        t->classes[i] = mr_rounded(evaluator->single_math, t->classes[i] / t->weight);
    prediction->label = best;
    prediction->probabilities = t->classes;
    prediction->missing = false;
}

void mr_mining_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_mining *m = evaluator->model;
    if (m->method == METHOD_SELECT_ALL) {
        run_all(evaluator, work, prediction);
        return;
    }
    if (mr_mining_selects(m)) {
        run_chain(evaluator, work, prediction);
        return;
    }
    mr_tally t = {.classes = work->numbers + evaluator->probabilities};
    double total = 0;
    mr_mining_lay_out(evaluator, work->numbers + evaluator->numbers, &t);
    if (evaluator->classification) memset(t.classes, 0, evaluator->class_count * sizeof *t.classes);
    if (!run_segments(evaluator, work, &t, &total) || t.missing || t.count == 0) return;
    if (absent_decides(m, &t, total) || (t.weight == 0 && m->method != METHOD_WEIGHTED_SUM)) return;
    if (mr_mining_orders(m)) {
        mr_mining_order(evaluator, &t, prediction);
    } else if (evaluator->classification) {
        finish_classes(evaluator, &t, prediction);
    } else {
        double sum = t.sum;
        prediction->number = mr_mining_divides(m) ? mr_rounded(evaluator->single_math, sum / t.weight) : sum;
        prediction->missing = false;
    }
}

void mr_mining_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                     const mr_prediction *prediction, mr_slot *value) {
    mr_entity_value(evaluator, output, work, prediction, value);
}
