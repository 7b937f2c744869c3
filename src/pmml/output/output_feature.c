/* Outputs, feature by feature. Those that a family answers itself are built by the family. */
#include "pmml/expression/expression.h"
#include "pmml/output/output_build.h"

/* The class that `value` names. */
static mr_status find_value(mr_builder *b, const mr_output_source *s, uint32_t element,
                            mr_output_step *output) {
    const char *value = mr_build_text(b, element, A_value);
    uint32_t label;
    output->label = MR_NONE;
    if (!value) return MR_OK;
    mr_status status = mr_build_label(b, element, value, s->evaluator->label_type, &label);
    if (status == MR_OK) output->zero = !mr_evaluator_class(s->evaluator, label, &output->label);
    return status;
}

mr_status mr_output_real(mr_builder *b, uint32_t element, mr_output_step *output) {
    if (output->type == T_DOUBLE || output->type == T_FLOAT) return MR_OK;
    if (output->type != T_STRING)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "a %s that is not a double, float or string",
                             mr_build_text(b, element, A_feature));
    output->prints = true;
    b->row_texts = true;
    return MR_OK;
}

/* A classification without confidences has its probabilities for them. */
static bool lacks_confidences(const mr_output_source *s) {
    mr_element_name family = s->scope->family;
    if (!s->evaluator->classification || !s->evaluator->probabilistic) return false;
    if (family == E_MiningModel) return !mr_build_mining_passes_on(s->evaluator);
    return family != E_TreeModel && family != E_RuleSetModel;
}

static mr_status build_probability(mr_builder *b, const mr_output_source *s, uint32_t element,
                                   mr_output_step *output) {
    if (!s->evaluator->classification || !s->evaluator->probabilistic)
        return mr_build_fail(
            b, element, MR_UNSUPPORTED,
            "feature=\"probability\" of a model that gives no probabilities is not supported");
    mr_status status = mr_output_real(b, element, output);
    return status == MR_OK ? find_value(b, s, element, output) : status;
}

/* Type of a transformed value: as declared, else as it comes. */
static mr_status build_transformed(mr_builder *b, const mr_output_source *s, uint32_t element,
                                   mr_output_step *output) {
    mr_status status = s->typed
                           ? mr_build_expression(b, s->outputs, element, output->type, &output->expression)
                           : mr_build_untyped_expression(b, s->outputs, element, &output->expression);
    if (status != MR_OK) return status;
    bool widened = s->typed && output->type == T_DOUBLE && output->expression->type == T_FLOAT;
    if (!widened) output->type = output->expression->type;
    if (!mr_expression_is_closed(b, output->expression)) b->row_texts = true;
    return MR_OK;
}

/* The labels as values of the output's type. */
static mr_status convert_labels(mr_builder *b, const mr_evaluator *e, uint32_t element,
                                mr_output_step *output) {
    mr_slot *values = mr_build_alloc(b, e->class_count, sizeof *values);
    if (!values) return MR_NO_MEMORY;
    output->values = values;
    for (uint32_t i = 0; i < e->class_count; i++) {
        bool ok;
        const char *label = b->text_list[e->classes[i]].data;
        mr_status status = mr_build_value(b, label, output->type, &values[i], &ok);
        if (status == MR_OK && !ok)
            status = mr_build_fail(b, element, MR_UNSUPPORTED,
                                   "the category \"%.60s\" as a value of the output's dataType", label);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* A predicted number; as an integer only where the target makes it one. */
static mr_status build_number(mr_builder *b, const mr_output_source *s, uint32_t element,
                              mr_output_step *output) {
    const mr_target *target = s->evaluator->target;
    if (!s->typed || (output->type == T_INTEGER && !(target && target->cast))) output->type = T_DOUBLE;
    if (output->type == T_DOUBLE || output->type == T_FLOAT || output->type == T_INTEGER) return MR_OK;
    if (output->type != T_STRING)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "a predicted number of this dataType");
    output->prints = true;
    b->row_texts = true;
    return MR_OK;
}

static mr_status build_predicted(mr_builder *b, const mr_output_source *s, uint32_t element,
                                 mr_output_step *output) {
    const mr_evaluator *e = s->evaluator;
    if (e->list != MR_NONE) {
        output->type = T_LIST;
        return MR_OK;
    }
    if (!e->classification) return build_number(b, s, element, output);
    if (!s->typed) output->type = e->label_type;
    return output->type == e->label_type ? MR_OK : convert_labels(b, e, element, output);
}

/* The actual value of the target less the predicted one; of a category, 1 or 0 less its probability. */
static mr_status build_residual(mr_builder *b, const mr_output_source *s, uint32_t element,
                                mr_output_step *output) {
    const mr_evaluator *e = s->evaluator;
    const char *value = mr_build_text(b, element, A_value);
    if (e->list != MR_NONE || (e->classification && !e->probabilistic) || s->scope != s->outputs->parent)
        return mr_output_refuse(b, element);
    mr_status status = mr_scope_find_actual(b, s->scope, element, &output->detail);
    output->type = T_DOUBLE;
    output->label = MR_NONE;
    if (status != MR_OK || !e->classification) return status;
    status = find_value(b, s, element, output);
    if (status != MR_OK || !value) return status;
    mr_slot *one = mr_build_alloc(b, 1, sizeof *one);
    output->values = one;
    return one ? mr_build_literal(b, element, value, e->label_type, one) : MR_NO_MEMORY;
}

mr_status mr_output_refuse(mr_builder *b, uint32_t element) {
    const char *feature = mr_build_text(b, element, A_feature);
    uint32_t model = element;
    while (model > 0 && !mr_is_model(mr_build_name(b, model))) model--;
    return mr_build_fail(b, element, MR_UNSUPPORTED, "feature=\"%.40s\" of <%s> is not supported",
                         feature ? feature : "predictedValue", mr_element_text(mr_build_name(b, model)));
}

mr_status mr_build_feature(mr_builder *b, const mr_output_source *s, uint32_t element,
                           mr_output_step *output) {
    mr_family_feature *of_family = mr_family_feature_of(s->scope->family);
    bool ranked = output->rank > 1 && output->feature <= F_PROBABILITY;
    if (output->feature == F_CONFIDENCE && output->rank == 1 && lacks_confidences(s))
        output->feature = F_PROBABILITY;
    switch (ranked ? F_ENTITY_ID : output->feature) {
    case F_PREDICTED_VALUE:
        return build_predicted(b, s, element, output);
    case F_PROBABILITY:
        return build_probability(b, s, element, output);
    case F_TRANSFORMED_VALUE:
    case F_DECISION:
        return build_transformed(b, s, element, output);
    case F_DISPLAY_VALUE:
        if (s->evaluator->list != MR_NONE) return mr_output_refuse(b, element);
        if (!s->evaluator->classification) {
            output->feature = F_PREDICTED_VALUE;
            return build_number(b, s, element, output);
        }
        output->type = T_STRING;
        return MR_OK;
    case F_RESIDUAL:
        return build_residual(b, s, element, output);
    case F_WARNING: /* there are none */
        output->type = T_STRING;
        return MR_OK;
    default:
        if (!of_family) return mr_output_refuse(b, element);
        return of_family(b, s->scope, element, s->evaluator, output);
    }
}
