/* Regression, compiled. */
#include "pmml/build.h"
#include "pmml/expression/expression_build.h"
#include "pmml/field/values.h"
#include "pmml/regression/regression.h"

/* A factor with mapMissingTo is a derived field. */
static mr_status build_mapped(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t *slot) {
    mr_expression *x = NULL;
    mr_status status = mr_build_one(b, scope, element, T_DOUBLE, &x);
    if (status == MR_OK) status = mr_build_conversion(b, element, T_DOUBLE, &x);
    if (status == MR_OK) status = mr_build_slot(b, T_DOUBLE, MR_CONTINUOUS, slot);
    if (status != MR_OK) return status;
    return mr_scope_add_step(b, scope, (mr_step){.expression = x, .type = T_DOUBLE, .to = *slot});
}

static mr_status build_product(mr_builder *b, mr_scope *scope, uint32_t element, mr_term *t) {
    uint32_t count = 0;
    MR_EACH_CHILD(b->document, element, child) count++;
    if (count > UINT16_MAX)
        return mr_build_fail(b, element, MR_LIMIT, "<PredictorTerm> with more than %d fields", UINT16_MAX);
    uint32_t *slots = mr_build_alloc(b, count, sizeof *slots);
    if (!slots) return MR_NO_MEMORY;
    t->factors = slots;
    t->factor_count = (uint16_t)count;
    if (count == 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<PredictorTerm> lacks its <FieldRef>");
    MR_EACH_CHILD(b->document, element, child) {
        mr_status status = mr_scope_find_attribute(b, scope, child, A_field, slots);
        if (status == MR_OK && !mr_data_type_calculates(b->slots[*slots].type))
            status = mr_build_fail(b, child, MR_UNSUPPORTED, "a string in <PredictorTerm> is not supported");
        if (status == MR_OK && mr_build_text(b, child, A_mapMissingTo))
            status = build_mapped(b, scope, child, slots);
        if (status != MR_OK) return status;
        slots++;
    }
    return MR_OK;
}

static mr_status build_term(mr_builder *b, mr_scope *scope, uint32_t element, mr_term *t) {
    unsigned name = mr_build_name(b, element);
    mr_status status = mr_build_number(b, element, A_coefficient, true, &t->coefficient);
    if (status != MR_OK) return status;
    if (name == E_PredictorTerm) {
        t->kind = TERM_PRODUCT;
        return build_product(b, scope, element, t);
    }
    status = mr_scope_find_attribute(b, scope, element, A_name, &t->slot);
    if (status != MR_OK) return status;
    mr_data_type type = b->slots[t->slot].type;
    if (name == E_NumericPredictor) {
        t->exponent = 1;
        if (!mr_data_type_calculates(type))
            return mr_build_fail(b, element, MR_INVALID_MODEL,
                                 "<NumericPredictor> of a field that is no number");
        status = mr_build_number(b, element, A_exponent, false, &t->exponent);
        t->kind = t->exponent == 1 ? TERM_NUMERIC : TERM_NUMERIC_POWER;
        return status;
    }
    const char *text;
    mr_slot value;
    status = mr_build_must(b, element, A_value, &text);
    if (status == MR_OK) status = mr_build_literal(b, element, text, type, &value);
    if (status != MR_OK) return status;
    t->kind = type == T_STRING ? TERM_CATEGORY_TEXT : TERM_CATEGORY_NUMBER;
    if (type == T_STRING) t->text = value.text;
    else t->exponent = value.number;
    return MR_OK;
}

static mr_status build_table(mr_builder *b, mr_scope *scope, uint32_t element, mr_table *t) {
    MR_EACH_CHILD(b->document, element, child) t->term_count++;
    mr_term *terms = mr_build_alloc(b, t->term_count, sizeof *terms);
    if (!terms) return MR_NO_MEMORY;
    t->terms = terms;
    mr_status status = mr_build_number(b, element, A_intercept, false, &t->intercept);
    MR_EACH_CHILD(b->document, element, child) {
        if (status != MR_OK) return status;
        status = build_term(b, scope, child, terms++);
    }
    for (terms = terms - t->term_count; t->numeric_count < t->term_count; t->numeric_count++)
        if (terms[t->numeric_count].kind != TERM_NUMERIC) break;
    for (uint32_t i = 0; i < t->term_count; i++)
        t->register_count += terms[i].kind == TERM_PRODUCT ? terms[i].factor_count : 1;
    return status;
}

/* Which normalizations mean something for so many classes. */
static mr_status check_classes(mr_builder *b, uint32_t element, const mr_regression *r) {
    mr_normalization n = r->normalization;
    bool ok = true;
    if (r->ordinal) ok = n != NORM_SOFTMAX && n != NORM_SIMPLEMAX && n != NORM_EXP;
    else if (r->table_count == 2) ok = n != NORM_EXP;
    else ok = n == NORM_NONE || n == NORM_SOFTMAX || n == NORM_SIMPLEMAX || n == NORM_LOGIT;
    if (ok && r->table_count >= 2) return MR_OK;
    return mr_build_fail(b, element, MR_UNSUPPORTED,
                         "this normalizationMethod for %u target categories is not supported",
                         r->table_count);
}

static mr_status build_classes(mr_builder *b, mr_scope *scope, uint32_t element, mr_regression *r,
                               mr_evaluator *evaluator) {
    mr_classes classes = {0};
    mr_status status = check_classes(b, element, r);
    MR_EACH_CHILD(b->document, element, child) {
        const char *text;
        uint32_t label, index;
        size_t before = classes.count;
        if (status != MR_OK) break;
        if (mr_build_name(b, child) != E_RegressionTable) continue;
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
    mr_regression *r = mr_build_alloc(b, 1, sizeof *r);
    if (!r) return MR_NO_MEMORY;
    mr_status status =
        mr_build_word(b, element, A_normalizationMethod, mr_normalization_words, &normalization);
    if (status != MR_OK) return status;
    r->normalization = (mr_normalization)normalization;
    r->single = evaluator->single_math;
    if (r->single && r->normalization == NORM_PROBIT)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "normalizationMethod=\"probit\" in floats");
    MR_EACH_CHILD(b->document, element, child)
    r->table_count += mr_build_name(b, child) == E_RegressionTable;
    mr_table *tables = mr_build_alloc(b, r->table_count, sizeof *tables);
    if (!tables) return MR_NO_MEMORY;
    r->tables = tables;
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(b, child) != E_RegressionTable) continue;
        status = build_table(b, scope, child, tables++);
        if (status != MR_OK) return status;
    }
    evaluator->model = r;
    evaluator->tiles = &mr_regression_tiles;
    evaluator->evaluate = evaluator->classification ? mr_regression_classes : mr_regression_number;
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
