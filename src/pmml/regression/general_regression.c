/* General regression: parameters are products of predictors, predictions are sums over parameters.
 *
 * The predictor-to-parameter matrix says what a parameter is: a product of covariates raised to a power and
 * of factors, which are 1 where the field has the value and else 0, or what a contrast matrix says. The
 * parameter matrix gives the weights. A missing predictor makes the prediction missing.
 */
#include "pmml/regression/general_regression.h"

#include <math.h>

static double inverse_link(const mr_general *g, double eta) {
    const double d = g->link_parameter;
    switch (g->link) {
    case LINK_IDENTITY:
        return eta;
    case LINK_LOG:
        return exp(eta);
    case LINK_LOGC:
        return 1 - exp(eta);
    case LINK_LOGIT:
        return mr_normalize(NORM_LOGIT, eta);
    case LINK_PROBIT:
        return mr_normalize(NORM_PROBIT, eta);
    case LINK_CLOGLOG:
        return mr_normalize(NORM_CLOGLOG, eta);
    case LINK_LOGLOG:
        return mr_normalize(NORM_LOGLOG, eta);
    case LINK_NEGBIN:
        return 1 / (g->dist_parameter * (exp(-eta) - 1));
    case LINK_ODDSPOWER:
        return d == 0 ? mr_normalize(NORM_LOGIT, eta) : 1 / (1 + pow(1 + d * eta, -1 / d));
    case LINK_POWER:
        return d == 0 ? exp(eta) : pow(eta, 1 / d);
    }
    return eta;
}

/* False: the category is none of the matrix's. */
static bool multiply_contrast(const mr_general_cell *c, const mr_slot *x, double *value) {
    const mr_contrast *m = c->contrast;
    for (uint32_t i = 0; i < m->count; i++) {
        bool same = c->kind == CELL_CONTRAST_TEXT ? m->categories[i].text == x->text
                                                  : m->categories[i].number == x->number;
        if (!same) continue;
        *value *= m->values[(size_t)i * m->columns + c->text];
        return true;
    }
    return false;
}

static bool multiply(const mr_general_cell *c, const mr_slot *x, double *value) {
    if (x->missing) return false;
    switch (c->kind) {
    case CELL_COVARIATE:
        *value *= c->number == 1 ? x->number : pow(x->number, c->number);
        return true;
    case CELL_NUMBER:
        *value *= x->number == c->number;
        return true;
    case CELL_TEXT:
        *value *= x->text == c->text;
        return true;
    default:
        return multiply_contrast(c, x, value);
    }
}

bool mr_general_products(const mr_general *g, const mr_slot *slots, double *values) {
    for (size_t i = 0; i < (size_t)g->matrix_count * g->parameter_count; i++) values[i] = 1;
    for (uint32_t i = 0; i < g->cell_count; i++)
        if (!multiply(&g->cells[i], &slots[g->cells[i].slot], &values[g->cells[i].value])) return false;
    return true;
}

double mr_general_row(const mr_general *g, uint32_t row, const double *values) {
    const double *weights = g->weights + (size_t)row * g->parameter_count;
    if (g->matrix_count > 1) values += (size_t)row * g->parameter_count;
    double sum = 0;
    for (uint32_t i = 0; i < g->parameter_count; i++)
        if (!isnan(weights[i])) sum += weights[i] * values[i];
    return sum;
}

/* An offset or trials: the number, or the field's. False: it is missing. */
static bool number_of(const mr_slot *slots, uint32_t slot, double *number) {
    if (slot == MR_NONE) return true;
    *number = slots[slot].number;
    return !slots[slot].missing;
}

double mr_general_finish(const mr_general *g, double sum, double offset, double trials) {
    return inverse_link(g, sum + offset) * trials;
}

void mr_general_number(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_general *g = evaluator->model;
    double *values = work->numbers + evaluator->numbers, offset = g->offset, trials = g->trials;
    if (!mr_general_products(g, work->slots, values)) return;
    if (!number_of(work->slots, g->offset_slot, &offset)) return;
    if (!number_of(work->slots, g->trials_slot, &trials)) return;
    prediction->number = mr_general_finish(g, mr_general_row(g, 0, values), offset, trials);
    prediction->missing = false;
}

/* Of each class, in order, the share up to it; the last takes what is left. */
static void ordinal_classes(const mr_general *g, double offset, double *p, uint32_t count) {
    double below = 0;
    for (uint32_t i = 0; i < count; i++) {
        double upto = i + 1 < count ? mr_normalize(g->cumulative, p[i] + offset) : 1;
        p[i] = upto - below;
        below = upto;
    }
}

uint32_t mr_general_sum_count(const mr_general *g, uint32_t class_count) {
    return g->type == MULTINOMIAL_LOGISTIC  ? class_count
           : g->type == ORDINAL_MULTINOMIAL ? class_count - 1
                                            : 1;
}

uint32_t mr_general_finish_classes(const mr_general *g, double offset, double *p, uint32_t count) {
    if (g->type == MULTINOMIAL_LOGISTIC) {
        p[g->reference] = 0;
        mr_softmax(p, count, false);
    } else if (g->type == ORDINAL_MULTINOMIAL) {
        ordinal_classes(g, offset, p, count);
    } else {
        p[1 - g->reference] = inverse_link(g, p[0] + offset);
        p[g->reference] = 1 - p[1 - g->reference];
    }
    return mr_most_probable(p, count);
}

void mr_general_classes(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_general *g = evaluator->model;
    double *values = work->numbers + evaluator->numbers, *p = work->numbers + evaluator->probabilities;
    double offset = g->offset;
    uint32_t count = evaluator->class_count;
    if (!mr_general_products(g, work->slots, values)) return;
    if (!number_of(work->slots, g->offset_slot, &offset)) return;
    for (uint32_t i = 0, sums = mr_general_sum_count(g, count); i < sums; i++)
        p[i] = mr_general_row(g, i, values);
    prediction->label = mr_general_finish_classes(g, offset, p, count);
    prediction->probabilities = p;
    prediction->missing = false;
}

/* The standard error of the predicted value: of the sum of the products, by the covariances of their weights.
 */
void mr_general_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                      const mr_prediction *prediction, mr_slot *value) {
    const mr_general *g = evaluator->model;
    const double *x = work->numbers + evaluator->numbers;
    double variance = 0;
    (void)output, (void)prediction;
    for (uint32_t i = 0; i < g->parameter_count; i++)
        for (uint32_t k = 0; k < g->parameter_count; k++)
            variance += x[i] * g->covariances[(size_t)i * g->parameter_count + k] * x[k];
    value->number = sqrt(variance);
    value->missing = isnan(value->number) ? 1u : 0u;
}
