/* General regression: parameters are products of predictors, predictions are sums over parameters.
 *
 * The predictor-to-parameter matrix says what a parameter is: a product of covariates raised to a power
 * and of factors, which are 1 where the field has the value and else 0. The parameter matrix gives the
 * weights. A missing predictor makes the prediction missing.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"
#include "pmml/link.h"

typedef enum model_type { REGRESSION, GENERAL_LINEAR, GENERALIZED_LINEAR, MULTINOMIAL } model_type;
typedef enum link_function {
    LINK_IDENTITY,
    LINK_LOG,
    LINK_LOGC,
    LINK_LOGIT,
    LINK_PROBIT,
    LINK_CLOGLOG,
    LINK_LOGLOG,
    LINK_NEGBIN,
    LINK_ODDSPOWER,
    LINK_POWER
} link_function;
static const char *const link_words[] = {"identity", "log",    "logc",      "logit", "probit", "cloglog",
                                         "loglog",   "negbin", "oddspower", "power", NULL};

typedef struct cell {
    uint32_t parameter, slot;
    enum { COVARIATE, FACTOR_NUMBER, FACTOR_TEXT } kind;
    uint32_t text;
    double number; /* exponent of a covariate, value of a factor */
} cell;

typedef struct general_regression {
    model_type type;
    link_function link;
    double link_parameter, dist_parameter, offset, trials;
    uint32_t offset_slot, trials_slot; /* MR_NONE */
    uint32_t parameter_count, cell_count;
    const cell *cells;
    uint32_t row_count;    /* of weights: 1, or one a class */
    const double *weights; /* [row_count][parameter_count] */
    uint32_t reference;    /* class without weights */
} general_regression;

static double inverse_link(const general_regression *g, double eta) {
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

/* Value of each parameter. False: a predictor is missing. */
static bool parameters_of(const general_regression *g, const mr_slot *slots, double *values) {
    for (uint32_t i = 0; i < g->parameter_count; i++) values[i] = 1;
    for (uint32_t i = 0; i < g->cell_count; i++) {
        const cell *c = &g->cells[i];
        const mr_slot *x = &slots[c->slot];
        if (x->missing) return false;
        switch (c->kind) {
        case COVARIATE:
            values[c->parameter] *= c->number == 1 ? x->number : pow(x->number, c->number);
            break;
        case FACTOR_NUMBER:
            values[c->parameter] *= x->number == c->number;
            break;
        case FACTOR_TEXT:
            values[c->parameter] *= x->text == c->text;
            break;
        }
    }
    return true;
}

static double row_sum(const general_regression *g, uint32_t row, const double *values) {
    const double *weights = g->weights + (size_t)row * g->parameter_count;
    double sum = 0;
    for (uint32_t i = 0; i < g->parameter_count; i++) sum += weights[i] * values[i];
    return sum;
}

/* Linear predictor of a one-row model with its offset, and the trials. False: something is missing. */
static bool predictor_of(const general_regression *g, const mr_slot *slots, const double *values, double *eta,
                         double *trials) {
    *eta = row_sum(g, 0, values) + g->offset;
    *trials = g->trials;
    if (g->offset_slot != MR_NONE) {
        if (slots[g->offset_slot].missing) return false;
        *eta += slots[g->offset_slot].number;
    }
    if (g->trials_slot != MR_NONE) {
        if (slots[g->trials_slot].missing) return false;
        *trials = slots[g->trials_slot].number;
    }
    return true;
}

static void evaluate_number(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const general_regression *g = evaluator->model;
    double *values = work->numbers + evaluator->numbers, eta, trials;
    if (!parameters_of(g, work->slots, values)) return;
    if (!predictor_of(g, work->slots, values, &eta, &trials)) return;
    prediction->number = inverse_link(g, eta) * trials;
    prediction->missing = false;
}

static void evaluate_classes(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const general_regression *g = evaluator->model;
    double *values = work->numbers + evaluator->numbers, *p = work->numbers + evaluator->probabilities,
           trials;
    uint32_t count = evaluator->class_count, best = 0;
    if (!parameters_of(g, work->slots, values)) return;
    if (g->type == MULTINOMIAL) {
        for (uint32_t i = 0; i < count; i++) p[i] = i == g->reference ? 0 : row_sum(g, i, values);
        mr_softmax(p, count, false);
    } else {
        double eta;
        if (!predictor_of(g, work->slots, values, &eta, &trials)) return;
        p[1 - g->reference] = inverse_link(g, eta);
        p[g->reference] = 1 - p[1 - g->reference];
    }
    for (uint32_t i = 1; i < count; i++)
        if (p[i] > p[best]) best = i;
    prediction->label = best;
    prediction->probabilities = p;
    prediction->missing = false;
}

/* ---- Compile ---- */

static mr_status names_of(mr_builder *b, uint32_t list, mr_map *map, bool unique) {
    if (list == MR_NONE) return MR_OK;
    uint32_t next = 0;
    MR_EACH_CHILD(b->document, list, child) {
        const char *name;
        mr_status status = mr_build_must(b, child, A_name, &name);
        if (status != MR_OK) return status;
        if (mr_build_text(b, child,
                          A_referencePoint)) { /* centres of a Cox regression; here without effect */
            double point = 0;
            status = mr_build_number(b, child, A_referencePoint, true, &point);
            if (status == MR_OK && point != 0)
                status =
                    mr_build_fail(b, child, MR_UNSUPPORTED, "a referencePoint other than 0 is not supported");
            if (status != MR_OK) return status;
        }
        if (mr_map_find(map, name, strlen(name))) {
            if (unique) return mr_build_fail(b, child, MR_INVALID_MODEL, "\"%.100s\" is there twice", name);
        } else if (!mr_map_put(map, name, strlen(name), next)) {
            return mr_build_no_memory(b);
        }
        next++;
    }
    return MR_OK;
}

typedef struct lists {
    mr_map parameters, factors, covariates;
} lists;

static mr_status find_parameter(mr_builder *b, const lists *l, uint32_t element, uint32_t *parameter) {
    const char *name;
    mr_status status = mr_build_must(b, element, A_parameterName, &name);
    if (status != MR_OK) return status;
    mr_map_item *item = mr_map_find(&l->parameters, name, strlen(name));
    if (!item)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "the parameter \"%.100s\" is not in the ParameterList", name);
    *parameter = item->value;
    return MR_OK;
}

static mr_status build_cell(mr_builder *b, mr_scope *scope, const lists *l, uint32_t element, cell *c) {
    const char *name, *text;
    mr_slot value;
    mr_status status = find_parameter(b, l, element, &c->parameter);
    if (status == MR_OK && mr_build_text(b, element, A_targetCategory))
        status = mr_build_fail(b, element, MR_UNSUPPORTED, "targetCategory of <PPCell> is not supported");
    if (status == MR_OK) status = mr_build_must(b, element, A_predictorName, &name);
    if (status == MR_OK) status = mr_build_must(b, element, A_value, &text);
    if (status == MR_OK) status = mr_scope_find(b, scope, element, name, &c->slot);
    if (status != MR_OK) return status;
    mr_data_type type = b->slots[c->slot].type;
    if (mr_map_find(&l->factors, name, strlen(name))) {
        status = mr_build_literal(b, element, text, type, &value);
        c->kind = type == T_STRING ? FACTOR_TEXT : FACTOR_NUMBER;
        c->text = value.text;
        c->number = value.number;
        return status;
    }
    if (!mr_map_find(&l->covariates, name, strlen(name)) || type == T_STRING)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "the predictor \"%.100s\" is neither a factor nor a numeric covariate", name);
    c->kind = COVARIATE;
    return mr_build_number(b, element, A_value, true, &c->number);
}

static mr_status build_cells(mr_builder *b, mr_scope *scope, const lists *l, uint32_t element,
                             general_regression *g) {
    uint32_t matrix = mr_build_child(b, element, E_PPMatrix);
    if (matrix == MR_NONE) return MR_OK;
    MR_EACH_CHILD(b->document, matrix, child) g->cell_count++;
    cell *cells = mr_build_alloc(b, g->cell_count, sizeof *cells);
    if (!cells) return MR_NO_MEMORY;
    g->cells = cells;
    MR_EACH_CHILD(b->document, matrix, child) {
        mr_status status = build_cell(b, scope, l, child, cells++);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* The classes: the target's declared values, then those of the cells; weights of each. */
static mr_status build_rows(mr_builder *b, mr_scope *scope, const lists *l, uint32_t matrix,
                            general_regression *g, mr_classes *classes, bool classify, double *weights) {
    MR_EACH_CHILD(b->document, matrix, child) {
        const char *category = mr_build_text(b, child, A_targetCategory);
        uint32_t parameter = 0, label, row = 0;
        double beta = 0;
        mr_status status = find_parameter(b, l, child, &parameter);
        if (status == MR_OK) status = mr_build_number(b, child, A_beta, true, &beta);
        if (status == MR_OK && classify && category) {
            status = mr_build_label(b, child, category, scope->label_type, &label);
            if (status == MR_OK) status = mr_classes_add(b, classes, label, &row);
        }
        if (status == MR_OK && classify && !category && g->type == MULTINOMIAL)
            status = mr_build_fail(b, child, MR_UNSUPPORTED,
                                   "<PCell> without targetCategory is not supported here");
        if (status != MR_OK) return status;
        if (!weights) continue;
        double *weight =
            &weights[(g->type == MULTINOMIAL ? (size_t)row * g->parameter_count : 0) + parameter];
        if (classify && category && row == g->reference)
            return mr_build_fail(b, child, MR_INVALID_MODEL, "a weight of the reference category");
        *weight = beta;
    }
    return MR_OK;
}

/* Which classes have cells of their own. */
static mr_status mark_weights(mr_builder *b, mr_scope *scope, uint32_t matrix, const mr_classes *classes,
                              bool *marks) {
    MR_EACH_CHILD(b->document, matrix, child) {
        const char *category = mr_build_text(b, child, A_targetCategory);
        uint32_t label, index;
        if (!category) continue;
        mr_status status = mr_build_label(b, child, category, scope->label_type, &label);
        if (status != MR_OK) return status;
        if (mr_classes_find(b, classes, label, &index)) marks[index] = true;
    }
    return MR_OK;
}

/* The one class without weights: named, or the only one; of two without names the first. */
static mr_status find_reference(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t matrix,
                                general_regression *g, mr_classes *classes) {
    const char *named = mr_build_text(b, element, A_targetReferenceCategory);
    uint32_t label, found = 0;
    g->reference = MR_NONE;
    if (named) {
        mr_status status = mr_build_label(b, element, named, scope->label_type, &label);
        return status == MR_OK ? mr_classes_add(b, classes, label, &g->reference) : status;
    }
    bool *marks = mr_alloc_zero(classes->count + 1, sizeof *marks);
    mr_status status = marks ? mark_weights(b, scope, matrix, classes, marks) : mr_build_no_memory(b);
    for (uint32_t i = 0; i < classes->count && status == MR_OK; i++) {
        if (marks[i]) continue;
        if (found++ == 0) g->reference = i;
    }
    mr_free(marks);
    if (status != MR_OK) return status;
    bool unnamed = found == classes->count && classes->count == 2 && g->type == GENERALIZED_LINEAR;
    if (found == 1 || unnamed) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL,
                         "the reference category is not clear: %u categories have no weights", found);
}

static mr_status build_weights(mr_builder *b, mr_scope *scope, const lists *l, uint32_t element,
                               general_regression *g, mr_classes *classes, mr_evaluator *evaluator) {
    bool classify = evaluator->classification;
    uint32_t matrix = mr_build_child(b, element, E_ParamMatrix);
    if (matrix == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "<GeneralRegressionModel> lacks its <ParamMatrix>");
    mr_status status = classify ? mr_scope_target_classes(b, scope, classes) : MR_OK;
    if (status == MR_OK) status = build_rows(b, scope, l, matrix, g, classes, classify, NULL);
    if (status == MR_OK && classify) status = find_reference(b, scope, element, matrix, g, classes);
    if (status == MR_OK && classify && g->type == GENERALIZED_LINEAR && classes->count != 2)
        status = mr_build_fail(b, element, MR_UNSUPPORTED,
                               "generalizedLinear takes 2 target categories, not %zu", classes->count);
    if (status != MR_OK) return status;
    g->row_count = g->type == MULTINOMIAL ? (uint32_t)classes->count : 1;
    double *weights = mr_build_alloc(b, (size_t)g->row_count * g->parameter_count, sizeof *weights);
    if (!weights) return MR_NO_MEMORY;
    g->weights = weights;
    status = build_rows(b, scope, l, matrix, g, classes, classify, weights);
    if (status == MR_OK && classify) status = mr_classes_keep(b, classes, evaluator, element);
    return status;
}

static mr_status read_slot(mr_builder *b, mr_scope *scope, uint32_t element, mr_attribute_name name,
                           uint32_t *slot) {
    *slot = MR_NONE;
    if (!mr_build_text(b, element, name)) return MR_OK;
    mr_status status = mr_scope_find_attribute(b, scope, element, name, slot);
    if (status == MR_OK && b->slots[*slot].type == T_STRING)
        status =
            mr_build_fail(b, element, MR_INVALID_MODEL, "%s is a field of strings", mr_attribute_text(name));
    return status;
}

static mr_status read_head(mr_builder *b, mr_scope *scope, uint32_t element, general_regression *g,
                           bool classify) {
    static const char *const types[] = {"regression", "generalLinear", "generalizedLinear",
                                        "multinomialLogistic", NULL};
    static const char *const distributions[] = {"binomial", "gamma",   "igauss",  "negbin",
                                                "normal",   "poisson", "tweedie", NULL};
    unsigned type = 0, link = LINK_IDENTITY, distribution = 4;
    const char *text;
    g->trials = 1;
    mr_status status = mr_build_must(b, element, A_modelType, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_modelType, types, &type);
    if (status == MR_OK) status = mr_build_word(b, element, A_linkFunction, link_words, &link);
    if (status == MR_OK) status = mr_build_word(b, element, A_distribution, distributions, &distribution);
    g->type = (model_type)type;
    g->link = (link_function)link;
    bool needs = g->link == LINK_ODDSPOWER || g->link == LINK_POWER;
    if (status == MR_OK) status = mr_build_number(b, element, A_linkParameter, needs, &g->link_parameter);
    needs = g->link == LINK_NEGBIN;
    if (status == MR_OK) status = mr_build_number(b, element, A_distParameter, needs, &g->dist_parameter);
    if (status == MR_OK) status = mr_build_number(b, element, A_offsetValue, false, &g->offset);
    if (status == MR_OK) status = mr_build_number(b, element, A_trialsValue, false, &g->trials);
    if (status == MR_OK) status = read_slot(b, scope, element, A_offsetVariable, &g->offset_slot);
    if (status == MR_OK) status = read_slot(b, scope, element, A_trialsVariable, &g->trials_slot);
    if (status != MR_OK) return status;
    bool extras = g->offset != 0 || g->trials != 1 || g->offset_slot != MR_NONE || g->trials_slot != MR_NONE;
    if (g->type == GENERALIZED_LINEAR && !mr_build_text(b, element, A_linkFunction))
        return mr_build_must(b, element, A_linkFunction, &text);
    if (g->type != GENERALIZED_LINEAR && (g->link != LINK_IDENTITY || extras))
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "link, offset or trials of modelType=\"%s\" are not supported", types[type]);
    if (classify != (g->type == MULTINOMIAL) && g->type != GENERALIZED_LINEAR)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "modelType=\"%s\" with this functionName is not supported", types[type]);
    return MR_OK;
}

mr_status mr_build_general_regression(mr_builder *b, mr_scope *scope, uint32_t element,
                                      mr_evaluator *evaluator) {
    general_regression *g = mr_build_alloc(b, 1, sizeof *g);
    if (!g) return MR_NO_MEMORY;
    lists l = {0};
    mr_classes classes = {0};
    uint32_t parameters = mr_build_child(b, element, E_ParameterList);
    mr_status status = read_head(b, scope, element, g, evaluator->classification);
    if (status == MR_OK) status = names_of(b, parameters, &l.parameters, true);
    if (status == MR_OK) status = names_of(b, mr_build_child(b, element, E_FactorList), &l.factors, false);
    if (status == MR_OK)
        status = names_of(b, mr_build_child(b, element, E_CovariateList), &l.covariates, false);
    g->parameter_count = (uint32_t)l.parameters.count;
    if (status == MR_OK) status = build_cells(b, scope, &l, element, g);
    if (status == MR_OK) status = build_weights(b, scope, &l, element, g, &classes, evaluator);
    mr_map_free(&l.parameters);
    mr_map_free(&l.factors);
    mr_map_free(&l.covariates);
    mr_classes_free(&classes);
    evaluator->model = g;
    evaluator->probabilistic = evaluator->classification;
    evaluator->evaluate = evaluator->classification ? evaluate_classes : evaluate_number;
    evaluator->numbers = (uint32_t)b->number_count;
    b->number_count += g->parameter_count;
    return status;
}
