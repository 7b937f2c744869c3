/* Regression: tables of linear terms, then a normalization.
 *
 * A missing number makes the prediction missing; a missing category adds nothing. With `single`, every step
 * is rounded to a float, and the intercept comes last, as the reference implementation has it.
 */
#include "pmml/regression/regression.h"

#include <math.h>

/* False: a number is missing. */
static inline bool add_term(const mr_term *t, const mr_slot *slots, bool single, double *sum) {
    const mr_slot *x = &slots[t->slot];
    double product = mr_rounded(single, t->coefficient);
    switch (t->kind) {
    case TERM_NUMERIC:
        if (x->missing) return false;
        product = mr_rounded(single, product * mr_rounded(single, x->number));
        break;
    case TERM_NUMERIC_POWER:
        if (x->missing) return false;
        product = mr_rounded(single, pow(mr_rounded(single, x->number), t->exponent)) * product;
        break;
    case TERM_CATEGORY_NUMBER:
        if (x->missing || x->number != t->exponent) return true;
        break;
    case TERM_CATEGORY_TEXT:
        if (x->missing || x->text != t->text) return true;
        break;
    case TERM_PRODUCT:
        for (uint32_t i = 0; i < t->factor_count; i++) {
            if (slots[t->factors[i]].missing) return false;
            product = mr_rounded(single, product * mr_rounded(single, slots[t->factors[i]].number));
        }
        break;
    }
    *sum = mr_rounded(single, *sum + mr_rounded(single, product));
    return true;
}

static bool table_value(const mr_table *t, const mr_slot *slots, double *value) {
    double sum = t->intercept;
    for (uint32_t i = 0; i < t->term_count; i++)
        if (!add_term(&t->terms[i], slots, false, &sum)) return false;
    *value = sum;
    return true;
}

static bool single_value(const mr_table *t, const mr_slot *slots, double *value) {
    double sum = 0;
    for (uint32_t i = 0; i < t->term_count; i++)
        if (!add_term(&t->terms[i], slots, true, &sum)) return false;
    *value = mr_rounded(true, sum + mr_rounded(true, t->intercept));
    return true;
}

static double normalize(const mr_regression *r, mr_normalization n, double value) {
    return r->single ? mr_normalize_single(n, value) : mr_normalize(n, value);
}

void mr_regression_number(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_regression *r = evaluator->model;
    double value;
    if (!(r->single ? single_value : table_value)(&r->tables[0], work->slots, &value)) return;
    prediction->number =
        normalize(r, r->normalization == NORM_SOFTMAX ? NORM_LOGIT : r->normalization, value);
    prediction->missing = false;
}

/* Two classes: the first from its own table, the second is the rest. */
static void two_classes(const mr_regression *r, double *p) {
    p[0] = normalize(r, r->normalization, p[0]);
    if (r->normalization == NORM_NONE) p[0] = p[0] < 0 ? 0 : p[0] > 1 ? 1 : p[0];
    p[1] = mr_rounded(r->single, 1 - p[0]);
}

/* Without a normalization the tables give probabilities, the last class gets the rest. */
static void the_rest(const mr_regression *r, double *p, uint32_t count) {
    double sum = 0;
    for (uint32_t i = 0; i + 1 < count; i++) sum = mr_rounded(r->single, sum + p[i]);
    p[count - 1] = mr_rounded(r->single, 1 - sum);
}

static void ordinal_classes(const mr_regression *r, double *p, uint32_t count) {
    double below = 0;
    for (uint32_t i = 0; i < count; i++) {
        double upto = i + 1 < count ? normalize(r, r->normalization, p[i]) : 1;
        if (r->normalization == NORM_NONE) upto = upto < 0 ? 0 : upto > 1 ? 1 : upto;
        p[i] = mr_rounded(r->single, upto - below);
        below = upto;
    }
}

/* One table against the rest for each class: the logistic values, over their sum. */
static void one_against_rest(const mr_regression *r, double *p, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) p[i] = normalize(r, NORM_LOGIT, p[i]);
    mr_simplemax(p, count, r->single);
}

static void to_probabilities(const mr_regression *r, double *p, uint32_t count) {
    if (r->ordinal) ordinal_classes(r, p, count);
    else if (r->normalization == NORM_SOFTMAX) mr_softmax(p, count, r->single);
    else if (r->normalization == NORM_SIMPLEMAX) mr_simplemax(p, count, r->single);
    else if (count == 2) two_classes(r, p);
    else if (r->normalization == NORM_LOGIT) one_against_rest(r, p, count);
    else the_rest(r, p, count);
}

uint32_t mr_regression_finish(const mr_regression *r, double *p) {
    to_probabilities(r, p, r->table_count);
    return mr_most_probable(p, r->table_count);
}

/* Then there are no shares. */
static bool sums_up_to_zero(const double *p, uint32_t count, bool single) {
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum = mr_rounded(single, sum + p[i]);
    return sum == 0;
}

void mr_regression_classes(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_regression *r = evaluator->model;
    double *p = work->numbers + evaluator->probabilities;
    for (uint32_t i = 0; i < r->table_count; i++)
        if (!(r->single ? single_value : table_value)(&r->tables[i], work->slots, &p[i])) return;
    if (r->normalization == NORM_SIMPLEMAX && sums_up_to_zero(p, r->table_count, r->single)) return;
    prediction->label = mr_regression_finish(r, p);
    prediction->probabilities = p;
    prediction->missing = false;
}
