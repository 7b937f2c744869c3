/* Support vector machines, evaluated: inputs, kernel values, each machine's sum, the decision.
 *
 * f(x) = sum of coefficient * K(x, vector) + constant (PMML 4.4, Support Vector Machine).
 */
#include "pmml/vector/support_vector.h"

#include <math.h>
#include <string.h>

/* Whole powers up to 4 are what producers write; pow takes the others. */
static double power(double x, double degree) {
    if (degree == 1) return x;
    if (degree == 2) return x * x;
    if (degree == 3) return x * x * x;
    return degree == 4 ? (x * x) * (x * x) : pow(x, degree);
}

static void finish_kernel(const mr_kernel *k, uint32_t count, double *values) {
    switch (k->type) {
    case KERNEL_LINEAR:
    case KERNEL_RADIAL_BASIS:
        return;
    case KERNEL_POLYNOMIAL:
        for (uint32_t i = 0; i < count; i++) values[i] = power(k->gamma * values[i] + k->coef0, k->degree);
        return;
    case KERNEL_SIGMOID:
        for (uint32_t i = 0; i < count; i++) values[i] = tanh(k->gamma * values[i] + k->coef0);
        return;
    }
}

/* False: an input is missing. */
static bool read_inputs(const mr_support_vectors *s, const mr_slot *slots, double *inputs) {
    for (uint32_t i = 0; i < s->field_count; i++) {
        const mr_vector_field *field = &s->fields[i];
        const mr_slot *value = &slots[field->slot];
        if (value->missing && !field->maps_missing) return false;
        if (field->kind == VECTOR_NUMBER) inputs[i] = value->missing ? field->with.number : value->number;
        else if (field->kind == VECTOR_EQUAL_TEXT) inputs[i] = value->text == field->with.text;
        else inputs[i] = value->number == field->with.number;
    }
    return true;
}

/* Four sums, so that an addition need not wait for the one before. */
static double machine_value(const mr_machine *m, const double *values) {
    double sums[4] = {0};
    uint32_t i = 0;
    for (; i + 4 <= m->term_count; i += 4)
        for (uint32_t j = 0; j < 4; j++) sums[j] += m->coefficients[i + j] * values[m->places[i + j]];
    for (; i < m->term_count; i++) sums[0] += m->coefficients[i] * values[m->places[i]];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + m->constant;
}

/* One against all: of equal values the first machine's class. */
static uint32_t extreme_class(const mr_support_vectors *s, const double *values) {
    double best = machine_value(&s->machines[0], values);
    uint32_t class = s->machines[0].target;
    for (uint32_t i = 1; i < s->machine_count; i++) {
        double value = machine_value(&s->machines[i], values);
        if (s->decision == DECISION_GREATEST ? value > best : value < best) {
            best = value;
            class = s->machines[i].target;
        }
    }
    return class;
}

static uint32_t voted_class(const mr_support_vectors *s, const mr_machine *m, double value, mr_work *work) {
    if (s->decision == DECISION_VOTES_ABOVE) return value > m->threshold ? m->target : m->alternate;
    if (s->decision == DECISION_VOTES_BELOW) return value < m->threshold ? m->target : m->alternate;
    double rounded = floor(value + 0.5);
    if (rounded != 0 && rounded != 1)
        work->failure = "a support vector machine's value is not between 0 and 1";
    return rounded == 1 ? m->target : m->alternate;
}

/* Shares of the votes; of equal shares the class that the target's values, else the machines, name first. */
static void vote(const mr_evaluator *evaluator, const double *values, mr_work *work,
                 mr_prediction *prediction) {
    const mr_support_vectors *s = evaluator->model;
    double *shares = work->numbers + evaluator->probabilities;
    memset(shares, 0, evaluator->class_count * sizeof *shares);
    for (uint32_t i = 0; i < s->machine_count; i++) {
        const mr_machine *m = &s->machines[i];
        shares[voted_class(s, m, machine_value(m, values), work)]++;
    }
    prediction->label = mr_most_probable(shares, evaluator->class_count);
    for (uint32_t i = 0; i < evaluator->class_count; i++) shares[i] /= s->machine_count;
    prediction->probabilities = shares;
}

void mr_support_vectors_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_support_vectors *s = evaluator->model;
    double *inputs = work->numbers + evaluator->numbers, *values = inputs;
    if (!read_inputs(s, work->slots, inputs)) return;
    if (s->vectors) {
        values = inputs + s->field_count;
        s->pass(&s->kernel, inputs, s->field_count, s->vectors, s->block_count, values);
        finish_kernel(&s->kernel, s->block_count * MR_VECTOR_LANES, values);
    }
    prediction->missing = false;
    if (s->decision == DECISION_NUMBER) prediction->number = machine_value(&s->machines[0], values);
    else if (s->decision <= DECISION_GREATEST) prediction->label = extreme_class(s, values);
    else vote(evaluator, values, work, prediction);
}
