/* Regression: tables of linear terms, then a normalization.
 *
 * A missing number makes the prediction missing; a missing category adds nothing.
 */
#include <math.h>
#include <string.h>

#include "pmml/build.h"
#include "pmml/link.h"

typedef struct term {
    enum { NUMERIC, NUMERIC_POWER, CATEGORY_NUMBER, CATEGORY_TEXT, PRODUCT } kind;
    uint32_t slot;
    uint32_t factor_count;   /* PRODUCT */
    const uint32_t *factors; /* slots */
    double coefficient;
    double exponent; /* NUMERIC_POWER; CATEGORY_NUMBER: the value */
    uint32_t text;   /* CATEGORY_TEXT */
} term;

typedef struct table {
    double intercept;
    uint32_t term_count;
    const term *terms;
} table;

typedef struct regression {
    uint32_t table_count;
    const table *tables;
    mr_normalization normalization;
    bool ordinal;
} regression;

/* False: a number is missing. */
static bool add_term(const term *t, const mr_slot *slots, double *sum) {
    const mr_slot *x = &slots[t->slot];
    switch (t->kind) {
    case NUMERIC:
        if (x->missing) return false;
        *sum += t->coefficient * x->number;
        return true;
    case NUMERIC_POWER:
        if (x->missing) return false;
        *sum += t->coefficient * pow(x->number, t->exponent);
        return true;
    case CATEGORY_NUMBER:
        if (!x->missing && x->number == t->exponent) *sum += t->coefficient;
        return true;
    case CATEGORY_TEXT:
        if (!x->missing && x->text == t->text) *sum += t->coefficient;
        return true;
    case PRODUCT:
        break;
    }
    double product = t->coefficient;
    for (uint32_t i = 0; i < t->factor_count; i++) {
        if (slots[t->factors[i]].missing) return false;
        product *= slots[t->factors[i]].number;
    }
    *sum += product;
    return true;
}

static bool table_value(const table *t, const mr_slot *slots, double *value) {
    double sum = t->intercept;
    for (uint32_t i = 0; i < t->term_count; i++)
        if (!add_term(&t->terms[i], slots, &sum)) return false;
    *value = sum;
    return true;
}

static void evaluate_number(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const regression *r = evaluator->model;
    double value;
    if (!table_value(&r->tables[0], work->slots, &value)) return;
    mr_normalization n = r->normalization == NORM_SOFTMAX ? NORM_LOGIT : r->normalization;
    prediction->number = mr_normalize(n, value);
    prediction->missing = false;
}

/* Two classes: the first from its own table, the second is the rest. */
static void two_classes(const regression *r, double *p) {
    if (r->normalization == NORM_SOFTMAX) {
        mr_softmax(p, 2);
        return;
    }
    if (r->normalization == NORM_SIMPLEMAX) {
        mr_simplemax(p, 2);
        return;
    }
    p[0] = mr_normalize(r->normalization, p[0]);
    if (r->normalization == NORM_NONE) p[0] = p[0] < 0 ? 0 : p[0] > 1 ? 1 : p[0];
    p[1] = 1 - p[0];
}

/* Without a normalization the tables give probabilities, the last class gets the rest. */
static void the_rest(double *p, uint32_t count) {
    double sum = 0;
    for (uint32_t i = 0; i + 1 < count; i++) sum += p[i];
    p[count - 1] = 1 - sum;
}

static void ordinal_classes(const regression *r, double *p, uint32_t count) {
    double below = 0;
    for (uint32_t i = 0; i < count; i++) {
        double upto = i + 1 < count ? mr_normalize(r->normalization, p[i]) : 1;
        p[i] = upto - below;
        below = upto;
    }
}

static void evaluate_classes(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const regression *r = evaluator->model;
    double *p = work->numbers + evaluator->probabilities;
    uint32_t count = r->table_count, best = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!table_value(&r->tables[i], work->slots, &p[i])) return;
    if (r->ordinal) ordinal_classes(r, p, count);
    else if (count == 2) two_classes(r, p);
    else if (r->normalization == NORM_SOFTMAX) mr_softmax(p, count);
    else if (r->normalization == NORM_SIMPLEMAX) mr_simplemax(p, count);
    else the_rest(p, count);
    for (uint32_t i = 1; i < count; i++)
        if (p[i] > p[best]) best = i;
    prediction->label = best;
    prediction->probabilities = p;
    prediction->missing = false;
}

static mr_status build_product(mr_builder *b, mr_scope *scope, uint32_t element, term *t) {
    MR_EACH_CHILD(b->document, element, child) t->factor_count++;
    uint32_t *slots = mr_build_alloc(b, t->factor_count, sizeof *slots);
    if (!slots) return MR_NO_MEMORY;
    t->factors = slots;
    MR_EACH_CHILD(b->document, element, child) {
        mr_status status = mr_scope_find_attribute(b, scope, child, A_field, slots);
        if (status == MR_OK && b->slots[*slots].type == T_STRING)
            status = mr_build_fail(b, child, MR_UNSUPPORTED, "a string in <PredictorTerm> is not supported");
        if (status == MR_OK && mr_build_text(b, child, A_mapMissingTo))
            status =
                mr_build_fail(b, child, MR_UNSUPPORTED, "mapMissingTo in <PredictorTerm> is not supported");
        if (status != MR_OK) return status;
        slots++;
    }
    return MR_OK;
}

static mr_status build_term(mr_builder *b, mr_scope *scope, uint32_t element, term *t) {
    unsigned name = b->document->elements[element].name;
    mr_status status = mr_build_number(b, element, A_coefficient, true, &t->coefficient);
    if (status != MR_OK) return status;
    if (name == E_PredictorTerm) {
        t->kind = PRODUCT;
        return build_product(b, scope, element, t);
    }
    status = mr_scope_find_attribute(b, scope, element, A_name, &t->slot);
    if (status != MR_OK) return status;
    mr_data_type type = b->slots[t->slot].type;
    if (name == E_NumericPredictor) {
        t->exponent = 1;
        if (type == T_STRING)
            return mr_build_fail(b, element, MR_INVALID_MODEL, "<NumericPredictor> of a field of strings");
        status = mr_build_number(b, element, A_exponent, false, &t->exponent);
        t->kind = t->exponent == 1 ? NUMERIC : NUMERIC_POWER;
        return status;
    }
    const char *text;
    mr_slot value;
    status = mr_build_must(b, element, A_value, &text);
    if (status == MR_OK) status = mr_build_literal(b, element, text, type, &value);
    if (status != MR_OK) return status;
    t->kind = type == T_STRING ? CATEGORY_TEXT : CATEGORY_NUMBER;
    t->exponent = value.number;
    t->text = value.text;
    return MR_OK;
}

static mr_status build_table(mr_builder *b, mr_scope *scope, uint32_t element, table *t) {
    MR_EACH_CHILD(b->document, element, child) t->term_count++;
    term *terms = mr_build_alloc(b, t->term_count, sizeof *terms);
    if (!terms) return MR_NO_MEMORY;
    t->terms = terms;
    mr_status status = mr_build_number(b, element, A_intercept, false, &t->intercept);
    MR_EACH_CHILD(b->document, element, child) {
        if (status != MR_OK) return status;
        status = build_term(b, scope, child, terms++);
    }
    return status;
}

/* Which normalizations mean something for so many classes. */
static mr_status check_classes(mr_builder *b, uint32_t element, const regression *r) {
    mr_normalization n = r->normalization;
    bool ok = true;
    if (r->ordinal)
        ok =
            n == NORM_LOGIT || n == NORM_PROBIT || n == NORM_CLOGLOG || n == NORM_LOGLOG || n == NORM_CAUCHIT;
    else if (r->table_count == 2) ok = n != NORM_EXP;
    else ok = n == NORM_NONE || n == NORM_SOFTMAX || n == NORM_SIMPLEMAX;
    if (ok && r->table_count >= 2) return MR_OK;
    return mr_build_fail(b, element, MR_UNSUPPORTED,
                         "this normalizationMethod for %u target categories is not supported",
                         r->table_count);
}

static mr_status build_classes(mr_builder *b, mr_scope *scope, uint32_t element, regression *r,
                               mr_evaluator *evaluator) {
    mr_classes classes = {0};
    mr_status status = check_classes(b, element, r);
    MR_EACH_CHILD(b->document, element, child) {
        const char *text;
        uint32_t label, index;
        size_t before = classes.count;
        if (status != MR_OK) break;
        if (b->document->elements[child].name != E_RegressionTable) continue;
        status = mr_build_must(b, child, A_targetCategory, &text);
        if (status == MR_OK) status = mr_build_label(b, child, text, scope->label_type, &label);
        if (status == MR_OK) status = mr_classes_add(b, &classes, label, &index);
        if (status == MR_OK && classes.count == before)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "targetCategory=\"%.60s\" twice", text);
    }
    evaluator->probabilistic = true;
    if (status == MR_OK) status = mr_classes_keep(b, &classes, evaluator, element);
    mr_classes_free(&classes);
    return status;
}

mr_status mr_build_regression(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    unsigned normalization = NORM_NONE;
    regression *r = mr_build_alloc(b, 1, sizeof *r);
    if (!r) return MR_NO_MEMORY;
    mr_status status =
        mr_build_word(b, element, A_normalizationMethod, mr_normalization_words, &normalization);
    if (status != MR_OK) return status;
    r->normalization = (mr_normalization)normalization;
    MR_EACH_CHILD(b->document, element, child)
    r->table_count += b->document->elements[child].name == E_RegressionTable;
    table *tables = mr_build_alloc(b, r->table_count, sizeof *tables);
    if (!tables) return MR_NO_MEMORY;
    r->tables = tables;
    MR_EACH_CHILD(b->document, element, child) {
        if (b->document->elements[child].name != E_RegressionTable) continue;
        status = build_table(b, scope, child, tables++);
        if (status != MR_OK) return status;
    }
    evaluator->model = r;
    evaluator->evaluate = evaluator->classification ? evaluate_classes : evaluate_number;
    if (evaluator->classification) {
        r->ordinal = mr_scope_target_measure(b, scope) == MR_ORDINAL;
        return build_classes(b, scope, element, r, evaluator);
    }
    if (r->table_count != 1)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "regression takes one <RegressionTable>, here are %u", r->table_count);
    if (r->normalization == NORM_SIMPLEMAX)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "normalizationMethod=\"simplemax\" of a regression");
    return MR_OK;
}
