/* General regression, compiled: what kind it is, and the weights of its parameters. */
#include "pmml/regression/general_build.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/field/values.h"

static const char *const link_words[] = {"identity", "log",    "logc",      "logit", "probit", "cloglog",
                                         "loglog",   "negbin", "oddspower", "power", NULL};

/* ---- Lists ---- */

/* Names -> place in the list, or the element. */
static mr_status put_names(mr_builder *b, uint32_t list, mr_map *map, bool parameters) {
    if (list == MR_NONE) return MR_OK;
    uint32_t next = 0;
    MR_EACH_CHILD(b->document, list, child) {
        const char *name;
        mr_status status = mr_build_must(b, child, A_name, &name);
        if (status != MR_OK) return status;
        uint32_t value = parameters ? next++ : child;
        if (mr_map_find(map, name, strlen(name))) {
            if (parameters)
                return mr_build_fail(b, child, MR_INVALID_MODEL, "\"%.100s\" is there twice", name);
        } else if (!mr_map_put(map, name, strlen(name), value)) {
            return mr_build_no_memory(b);
        }
    }
    return MR_OK;
}

mr_status mr_general_find_parameter(mr_builder *b, const mr_general_lists *l, uint32_t element,
                                    mr_attribute_name attribute, uint32_t *parameter) {
    const char *name;
    mr_status status = mr_build_must(b, element, attribute, &name);
    if (status != MR_OK) return status;
    mr_map_item *item = mr_map_find(&l->parameters, name, strlen(name));
    if (!item)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "the parameter \"%.100s\" is not in the ParameterList", name);
    *parameter = item->value;
    return MR_OK;
}

/* ---- Weights ---- */

typedef struct weights {
    mr_builder *b;
    mr_scope *scope;
    const mr_general_lists *lists;
    uint32_t matrix; /* element */
    mr_general *g;
    mr_classes *classes;
    double *values; /* NULL: only the categories are gathered */
} weights;

/* The class that a cell is for; MR_NONE: none, or all. */
static mr_status class_of(const weights *w, uint32_t element, uint32_t *row) {
    const char *category = mr_build_text(w->b, element, A_targetCategory);
    uint32_t label;
    *row = MR_NONE;
    if (!category || !w->classes) return MR_OK;
    mr_status status = mr_build_label(w->b, element, category, w->scope->label_type, &label);
    return status == MR_OK ? mr_classes_add(w->b, w->classes, label, row) : status;
}

/* A cell without a category is for all ordinal classes; else for the one that is not the reference. */
static mr_status put_weight(weights *w, uint32_t element, uint32_t row, uint32_t parameter, double beta) {
    mr_general *g = w->g;
    size_t count = g->parameter_count;
    if (g->row_count == 1) {
        w->values[parameter] = beta;
    } else if (row != MR_NONE) {
        w->values[row * count + parameter] = beta;
    } else if (g->type == ORDINAL_MULTINOMIAL) {
        for (uint32_t i = 0; i < g->row_count; i++) w->values[i * count + parameter] = beta;
    } else if (g->row_count == 2) {
        w->values[(1 - g->reference) * count + parameter] = beta;
    } else {
        return mr_build_fail(w->b, element, MR_INVALID_MODEL,
                             "<PCell> without targetCategory, and more than 2 categories");
    }
    return MR_OK;
}

static mr_status read_weights(weights *w) {
    MR_EACH_CHILD(w->b->document, w->matrix, child) {
        uint32_t parameter = 0, row;
        double beta = 0;
        mr_status status = mr_general_find_parameter(w->b, w->lists, child, A_parameterName, &parameter);
        if (status == MR_OK) status = mr_build_number(w->b, child, A_beta, true, &beta);
        if (status == MR_OK && isnan(beta))
            status = mr_build_fail(w->b, child, MR_INVALID_MODEL, "beta=\"NaN\" of <PCell>");
        if (status == MR_OK) status = class_of(w, child, &row);
        if (status == MR_OK && w->values && row != MR_NONE && row == w->g->reference)
            status = mr_build_fail(w->b, child, MR_INVALID_MODEL, "a weight of the reference category");
        if (status == MR_OK && w->values) status = put_weight(w, child, row, parameter, beta);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* Which classes have cells of their own. */
static mr_status mark_weights(const weights *w, bool *marks) {
    MR_EACH_CHILD(w->b->document, w->matrix, child) {
        uint32_t row;
        mr_status status = class_of(w, child, &row);
        if (status != MR_OK) return status;
        if (row != MR_NONE) marks[row] = true;
    }
    return MR_OK;
}

/* The one class without weights: named, or the only one; of two without names the first. */
static mr_status find_reference(weights *w, uint32_t element) {
    mr_builder *b = w->b;
    mr_general *g = w->g;
    const char *named = mr_build_text(b, element, A_targetReferenceCategory);
    uint32_t label, found = 0;
    if (named) {
        mr_status status = mr_build_label(b, element, named, w->scope->label_type, &label);
        if (status == MR_OK) status = mr_classes_add(b, w->classes, label, &g->reference);
        bool last = g->reference + 1 == w->classes->count;
        if (status == MR_OK && g->type == ORDINAL_MULTINOMIAL && !last)
            status = mr_build_fail(b, element, MR_UNSUPPORTED,
                                   "targetReferenceCategory that is not the last ordinal category");
        return status;
    }
    if (g->type == ORDINAL_MULTINOMIAL) {
        g->reference = (uint32_t)w->classes->count - 1;
        return MR_OK;
    }
    bool *marks = mr_alloc_zero(w->classes->count + 1, sizeof *marks);
    mr_status status = marks ? mark_weights(w, marks) : mr_build_no_memory(b);
    for (uint32_t i = 0; i < w->classes->count && status == MR_OK; i++) {
        if (marks[i]) continue;
        if (found++ == 0) g->reference = i;
    }
    mr_free(marks);
    if (status != MR_OK) return status;
    bool unnamed = found == w->classes->count && w->classes->count == 2;
    if (found == 1 || unnamed) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL,
                         "the reference category is not clear: %u categories have no weights", found);
}

static mr_status find_classes(weights *w, uint32_t element) {
    mr_status status = mr_scope_target_classes(w->b, w->scope, w->classes);
    if (status == MR_OK) status = read_weights(w);
    if (status == MR_OK) status = find_reference(w, element);
    if (status != MR_OK) return status;
    size_t count = w->classes->count;
    if (w->g->type == GENERALIZED_LINEAR ? count == 2 : count >= 2) return MR_OK;
    return mr_build_fail(w->b, element, MR_UNSUPPORTED, "this modelType for %zu target categories", count);
}

static mr_status build_weights(weights *w, uint32_t element, mr_evaluator *evaluator) {
    mr_builder *b = w->b;
    mr_general *g = w->g;
    w->matrix = mr_build_child(b, element, E_ParamMatrix);
    if (w->matrix == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "<GeneralRegressionModel> lacks its <ParamMatrix>");
    g->row_count = 1;
    g->reference = MR_NONE;
    mr_status status = w->classes ? find_classes(w, element) : MR_OK;
    if (status != MR_OK) return status;
    if (w->classes && g->type != GENERALIZED_LINEAR) g->row_count = (uint32_t)w->classes->count;
    w->values = mr_build_alloc(b, (size_t)g->row_count * g->parameter_count, sizeof *w->values);
    if (!w->values) return MR_NO_MEMORY;
    for (size_t i = 0; i < (size_t)g->row_count * g->parameter_count; i++) w->values[i] = NAN;
    g->weights = w->values;
    status = read_weights(w);
    return status == MR_OK && w->classes ? mr_classes_keep(b, w->classes, evaluator, element) : status;
}

/* ---- Covariances ---- */

static bool wants_errors(const mr_builder *b, uint32_t element) {
    uint32_t list = mr_build_child(b, element, E_Output);
    if (list == MR_NONE) return false;
    MR_EACH_CHILD(b->document, list, child) {
        const char *feature = mr_build_text(b, child, A_feature);
        if (feature && strcmp(feature, "standardError") == 0) return true;
    }
    return false;
}

/* Each pair may be there once or twice. */
static mr_status build_covariances(mr_builder *b, const mr_general_lists *l, uint32_t element,
                                   mr_general *g) {
    uint32_t matrix = mr_build_child(b, element, E_PCovMatrix);
    if (matrix == MR_NONE || !wants_errors(b, element)) return MR_OK;
    size_t count = g->parameter_count;
    double *values = mr_build_alloc(b, count * count, sizeof *values);
    if (!values) return MR_NO_MEMORY;
    g->covariances = values;
    MR_EACH_CHILD(b->document, matrix, child) {
        uint32_t row = 0, column = 0;
        double value = 0;
        mr_status status = mr_general_find_parameter(b, l, child, A_pRow, &row);
        if (status == MR_OK) status = mr_general_find_parameter(b, l, child, A_pCol, &column);
        if (status == MR_OK) status = mr_build_number(b, child, A_value, true, &value);
        if (status != MR_OK) return status;
        values[row * count + column] = values[column * count + row] = value;
    }
    return MR_OK;
}

/* ---- The whole ---- */

static mr_status read_slot(mr_builder *b, mr_scope *scope, uint32_t element, mr_attribute_name name,
                           uint32_t *slot) {
    *slot = MR_NONE;
    if (!mr_build_text(b, element, name)) return MR_OK;
    mr_status status = mr_scope_find_attribute(b, scope, element, name, slot);
    if (status == MR_OK && !mr_data_type_calculates(b->slots[*slot].type))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "%s is a field that is no number",
                               mr_attribute_text(name));
    return status;
}

static mr_status read_links(mr_builder *b, uint32_t element, mr_general *g) {
    static const char *const distributions[] = {"binomial", "gamma",   "igauss",  "negbin",
                                                "normal",   "poisson", "tweedie", NULL};
    unsigned link = LINK_IDENTITY, distribution = 4, cumulative = NORM_LOGIT;
    const char *text;
    mr_status status = mr_build_word(b, element, A_linkFunction, link_words, &link);
    if (status == MR_OK) status = mr_build_word(b, element, A_distribution, distributions, &distribution);
    if (status == MR_OK)
        status = mr_build_word(b, element, A_cumulativeLink, mr_normalization_words, &cumulative);
    g->link = (mr_link_function)link;
    g->cumulative = (mr_normalization)cumulative;
    bool needs = g->link == LINK_ODDSPOWER || g->link == LINK_POWER;
    if (status == MR_OK) status = mr_build_number(b, element, A_linkParameter, needs, &g->link_parameter);
    needs = g->link == LINK_NEGBIN;
    if (status == MR_OK) status = mr_build_number(b, element, A_distParameter, needs, &g->dist_parameter);
    if (status == MR_OK && g->type == GENERALIZED_LINEAR)
        status = mr_build_must(b, element, A_linkFunction, &text);
    if (status == MR_OK && g->type == ORDINAL_MULTINOMIAL)
        status = mr_build_must(b, element, A_cumulativeLink, &text);
    if (status == MR_OK && (g->cumulative <= NORM_SOFTMAX || g->cumulative == NORM_EXP))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "cumulativeLink=\"%.40s\"",
                               mr_build_text(b, element, A_cumulativeLink));
    return status;
}

static mr_status read_head(mr_builder *b, mr_scope *scope, uint32_t element, mr_general *g, bool classify) {
    static const char *const types[] = {"regression",
                                        "generalLinear",
                                        "generalizedLinear",
                                        "multinomialLogistic",
                                        "ordinalMultinomial",
                                        "CoxRegression",
                                        NULL};
    unsigned type = 0;
    const char *text;
    g->trials = 1, g->link = LINK_IDENTITY, g->offset_slot = g->trials_slot = MR_NONE;
    mr_status status = mr_build_must(b, element, A_modelType, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_modelType, types, &type);
    g->type = (mr_general_type)type;
    /* These two have no link, offset and trials: the standard gives them to the others. */
    if (status == MR_OK && !classify && (g->type == GENERAL_REGRESSION || g->type == GENERAL_LINEAR))
        return MR_OK;
    if (status == MR_OK) status = read_links(b, element, g);
    if (status == MR_OK) status = mr_build_number(b, element, A_offsetValue, false, &g->offset);
    if (status == MR_OK) status = mr_build_number(b, element, A_trialsValue, false, &g->trials);
    if (status == MR_OK) status = read_slot(b, scope, element, A_offsetVariable, &g->offset_slot);
    if (status == MR_OK) status = read_slot(b, scope, element, A_trialsVariable, &g->trials_slot);
    if (status != MR_OK) return status;
    bool offset = g->offset != 0 || g->offset_slot != MR_NONE;
    bool trials = g->trials != 1 || g->trials_slot != MR_NONE;
    bool generalized = g->type == GENERALIZED_LINEAR, ordinal = g->type == ORDINAL_MULTINOMIAL;
    if ((g->link != LINK_IDENTITY && !generalized) || (offset && !generalized && !ordinal) ||
        (trials && (!generalized || classify)))
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "link, offset or trials of modelType=\"%s\" with this functionName are not "
                             "supported",
                             types[type]);
    bool classifies = ordinal || g->type == MULTINOMIAL_LOGISTIC;
    if (classify != classifies && !generalized)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "modelType=\"%s\" with this functionName is not supported", types[type]);
    return MR_OK;
}

static mr_status build_parts(mr_builder *b, mr_scope *scope, uint32_t element, mr_general_lists *l,
                             mr_general *g, mr_evaluator *evaluator) {
    mr_classes classes = {0};
    weights w = {b, scope, l, MR_NONE, g, evaluator->classification ? &classes : NULL, NULL};
    mr_status status = put_names(b, mr_build_child(b, element, E_ParameterList), &l->parameters, true);
    if (status == MR_OK) status = put_names(b, mr_build_child(b, element, E_FactorList), &l->factors, false);
    if (status == MR_OK)
        status = put_names(b, mr_build_child(b, element, E_CovariateList), &l->covariates, false);
    g->parameter_count = (uint32_t)l->parameters.count;
    if (status == MR_OK) status = build_weights(&w, element, evaluator);
    if (status == MR_OK) status = build_covariances(b, l, element, g);
    if (status == MR_OK) status = mr_general_build_cells(b, scope, l, element, &classes, g);
    if (status == MR_OK && g->type == COX_REGRESSION) status = mr_general_build_cox(b, scope, l, element, g);
    mr_classes_free(&classes);
    return status;
}

mr_status mr_build_general_regression(mr_builder *b, mr_scope *scope, uint32_t element,
                                      mr_evaluator *evaluator) {
    mr_general *g = mr_build_alloc(b, 1, sizeof *g);
    if (!g) return MR_NO_MEMORY;
    mr_general_lists l = {0};
    mr_status status = read_head(b, scope, element, g, evaluator->classification);
    if (status == MR_OK) status = build_parts(b, scope, element, &l, g, evaluator);
    mr_map_free(&l.parameters);
    mr_map_free(&l.factors);
    mr_map_free(&l.covariates);
    evaluator->model = g;
    evaluator->probabilistic = evaluator->classification;
    evaluator->evaluate = g->type == COX_REGRESSION   ? mr_general_cox
                          : evaluator->classification ? mr_general_classes
                                                      : mr_general_number;
    if (g->type != COX_REGRESSION) evaluator->tiles = &mr_general_tiles;
    evaluator->value = mr_general_value;
    evaluator->numbers = (uint32_t)b->number_count;
    b->number_count += (size_t)g->matrix_count * g->parameter_count;
    return status;
}

/* Where the prediction is the sum itself, its standard error is known. */
mr_status mr_build_general_feature(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                   mr_output_step *output) {
    const mr_general *g = evaluator->model;
    (void)scope;
    bool linear = !evaluator->classification && g->type <= GENERALIZED_LINEAR && g->link == LINK_IDENTITY &&
                  g->trials == 1 && g->trials_slot == MR_NONE;
    if (output->feature != F_STANDARD_ERROR || !linear || !g->covariances)
        return mr_output_refuse(b, element);
    output->type = T_DOUBLE;
    return MR_OK;
}
