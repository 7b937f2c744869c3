/* Outputs and targets, compiled. An output may read those before it, and the predicted target. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"

static uint32_t child_named(const mr_builder *b, uint32_t element, mr_element_name name) {
    MR_EACH_CHILD(b->document, element, child)
    if (b->document->elements[child].name == name) return child;
    return MR_NONE;
}

static bool find_class(const mr_evaluator *evaluator, uint32_t label, uint32_t *index) {
    for (*index = 0; *index < evaluator->class_count; ++*index)
        if (evaluator->classes[*index] == label) return true;
    return false;
}

/* ---- Targets ---- */

static mr_status read_class_value(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                  uint32_t *displays, double *priors) {
    const char *text = mr_build_text(b, element, A_value),
               *display = mr_build_text(b, element, A_displayValue);
    uint32_t label;
    if (mr_build_text(b, element, A_defaultValue))
        return mr_build_fail(b, element, MR_UNSUPPORTED, "defaultValue of a classification is not supported");
    mr_status status = mr_build_must(b, element, A_value, &text);
    if (status == MR_OK) status = mr_build_label(b, element, text, scope->label_type, &label);
    if (status != MR_OK) return status;
    uint32_t index;
    if (!find_class(evaluator, label, &index)) return MR_OK; /* never predicted */
    if (display) status = mr_build_intern(b, display, &displays[index]);
    if (status == MR_OK) status = mr_build_number(b, element, A_priorProbability, false, &priors[index]);
    return status;
}

static mr_status build_class_target(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                    mr_target *target) {
    bool all = true;
    if (target->has_minimum || target->has_maximum || target->cast || target->factor != 1 ||
        target->constant != 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "<Target> rescales the target of a classification");
    uint32_t *displays =
        mr_build_keep(b, evaluator->class_displays, evaluator->class_count, sizeof *displays);
    double *priors = mr_build_alloc(b, evaluator->class_count, sizeof *priors);
    if (!displays || !priors) return MR_NO_MEMORY;
    for (uint32_t i = 0; i < evaluator->class_count; i++) priors[i] = -1;
    MR_EACH_CHILD(b->document, element, child) {
        mr_status status = read_class_value(b, scope, child, evaluator, displays, priors);
        if (status != MR_OK) return status;
    }
    evaluator->class_displays = displays;
    for (uint32_t i = 0; i < evaluator->class_count; i++) all &= priors[i] >= 0;
    if (all) target->priors = priors;
    return MR_OK;
}

static mr_status build_number_target(mr_builder *b, uint32_t element, mr_target *target) {
    MR_EACH_CHILD(b->document, element, child) {
        target->has_default = mr_build_text(b, child, A_defaultValue) != NULL;
        if (!target->has_default || mr_build_text(b, child, A_value))
            return mr_build_fail(b, child, MR_UNSUPPORTED,
                                 "this <TargetValue> of a regression is not supported");
        mr_status status = mr_build_number(b, child, A_defaultValue, true, &target->fallback);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status build_target(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    static const char *const casts[] = {"round", "ceiling", "floor", NULL};
    unsigned cast = 3;
    const char *field = mr_build_text(b, element, A_field);
    if (field && scope->target && strcmp(field, scope->target) != 0)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "<Target> of \"%.60s\", which is not the predicted field", field);
    mr_target *target = mr_build_alloc(b, 1, sizeof *target);
    if (!target) return MR_NO_MEMORY;
    target->factor = 1;
    target->has_minimum = mr_build_text(b, element, A_min) != NULL;
    target->has_maximum = mr_build_text(b, element, A_max) != NULL;
    mr_status status = mr_build_number(b, element, A_min, false, &target->minimum);
    if (status == MR_OK) status = mr_build_number(b, element, A_max, false, &target->maximum);
    if (status == MR_OK) status = mr_build_number(b, element, A_rescaleFactor, false, &target->factor);
    if (status == MR_OK) status = mr_build_number(b, element, A_rescaleConstant, false, &target->constant);
    if (status == MR_OK) status = mr_build_word(b, element, A_castInteger, casts, &cast);
    if (status != MR_OK) return status;
    target->cast = (uint8_t)"rcf"[cast];
    evaluator->target = target;
    return evaluator->classification ? build_class_target(b, scope, element, evaluator, target)
                                     : build_number_target(b, element, target);
}

/* Display values of the DataField; those of <Target> go over them. */
static mr_status field_displays(mr_builder *b, mr_scope *scope, mr_evaluator *evaluator) {
    mr_map_item *item =
        scope->target ? mr_map_find(&b->data_fields, scope->target, strlen(scope->target)) : NULL;
    if (!item || !evaluator->classification) return MR_OK;
    uint32_t *displays = mr_build_keep(b, evaluator->classes, evaluator->class_count, sizeof *displays);
    if (!displays) return MR_NO_MEMORY;
    evaluator->class_displays = displays;
    MR_EACH_CHILD(b->document, item->value, child) {
        const char *text = mr_build_text(b, child, A_value),
                   *display = mr_build_text(b, child, A_displayValue);
        uint32_t label, index;
        if (!text || !display || b->document->elements[child].name != E_Value) continue;
        mr_status status = mr_build_label(b, child, text, scope->label_type, &label);
        if (status == MR_OK && find_class(evaluator, label, &index))
            status = mr_build_intern(b, display, &displays[index]);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

mr_status mr_build_targets(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    uint32_t list = child_named(b, element, E_Targets);
    mr_status shown = field_displays(b, scope, evaluator);
    if (shown != MR_OK || list == MR_NONE) return shown;
    MR_EACH_CHILD(b->document, list, child) {
        if (evaluator->target)
            return mr_build_fail(b, child, MR_UNSUPPORTED, "a second <Target> is not supported");
        mr_status status = build_target(b, scope, child, evaluator);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* ---- Outputs ---- */

static mr_status build_probability(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                   mr_output_step *output) {
    const char *value = mr_build_text(b, element, A_value);
    uint32_t label;
    if (!evaluator->classification || !evaluator->probabilistic)
        return mr_build_fail(
            b, element, MR_UNSUPPORTED,
            "feature=\"probability\" of a model that gives no probabilities is not supported");
    output->label = MR_NONE;
    if (output->type != T_DOUBLE && output->type != T_FLOAT)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "a probability that is not a double or float");
    if (!value) return MR_OK;
    mr_status status = mr_build_label(b, element, value, scope->label_type, &label);
    if (status != MR_OK) return status;
    output->zero = !find_class(evaluator, label, &output->label);
    return MR_OK;
}

/* Type of a transformed value: as declared, else that of the field that it repeats. */
static mr_status build_transformed(mr_builder *b, mr_scope *scope, uint32_t element, bool typed,
                                   mr_output_step *output) {
    uint32_t reference = child_named(b, element, E_FieldRef), slot;
    mr_status status = MR_OK;
    if (!typed && reference == MR_NONE)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "a transformedValue without dataType is not supported");
    if (!typed) status = mr_scope_find_attribute(b, scope, reference, A_field, &slot);
    if (status == MR_OK && !typed) output->type = b->slots[slot].type;
    if (status == MR_OK) status = mr_build_expression(b, scope, element, output->type, &output->expression);
    if (status == MR_OK && !mr_expression_is_closed(b, output->expression)) b->row_texts = true;
    return status;
}

static mr_status build_predicted(mr_builder *b, uint32_t element, bool typed, mr_evaluator *evaluator,
                                 mr_output_step *output) {
    mr_data_type own = evaluator->classification ? evaluator->label_type : T_DOUBLE;
    bool number = own == T_DOUBLE || own == T_INTEGER || own == T_FLOAT;
    if (!typed || output->type == own) output->type = own;
    else if (number && output->type == T_DOUBLE) output->type = T_DOUBLE;
    else if (!evaluator->classification && output->type == T_FLOAT) output->type = T_FLOAT;
    else if (evaluator->classification && output->type == T_STRING) output->feature = F_DISPLAY_VALUE;
    else
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "a predictedValue of another dataType than the target's is not supported");
    return MR_OK;
}

mr_status mr_output_refuse(mr_builder *b, uint32_t element) {
    const char *feature = mr_build_text(b, element, A_feature);
    uint32_t model = element;
    while (model > 0 && !mr_is_model((mr_element_name)b->document->elements[model].name)) model--;
    return mr_build_fail(b, element, MR_UNSUPPORTED, "feature=\"%.40s\" of <%s> is not supported",
                         feature ? feature : "predictedValue",
                         mr_element_text((mr_element_name)b->document->elements[model].name));
}

static mr_status build_feature(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                               mr_output_step *output) {
    bool typed = mr_build_text(b, element, A_dataType) != NULL;
    mr_family_feature *feature_of_family = mr_family_feature_of(scope->family);
    if (output->rank > 1 && output->feature <= F_PROBABILITY && output->feature != F_TRANSFORMED_VALUE) {
        if (!feature_of_family) return mr_output_refuse(b, element);
        return feature_of_family(b, scope, element, evaluator, output);
    }
    switch (output->feature) {
    case F_PREDICTED_VALUE:
        return build_predicted(b, element, typed, evaluator, output);
    case F_PROBABILITY:
        return build_probability(b, scope, element, evaluator, output);
    case F_TRANSFORMED_VALUE:
        return build_transformed(b, scope, element, typed, output);
    case F_DISPLAY_VALUE:
        output->type = T_STRING;
        if (evaluator->classification) return MR_OK;
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "predictedDisplayValue of a regression is not supported");
    case F_DECISION:
    case F_RESIDUAL:
    case F_STANDARD_ERROR:
    case F_STANDARD_DEVIATION:
    case F_WARNING:
        return mr_output_refuse(b, element);
    default:
        if (!feature_of_family) return mr_output_refuse(b, element);
        return feature_of_family(b, scope, element, evaluator, output);
    }
}

static mr_status read_rank(mr_builder *b, uint32_t element, mr_output_step *output) {
    double rank = 1;
    mr_status status = mr_build_number(b, element, A_rank, false, &rank);
    if (status == MR_OK && !(rank >= 0 && rank <= 1e6 && rank == floor(rank)))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "rank=\"%s\" is not a whole number from 0",
                               mr_build_text(b, element, A_rank));
    if (status == MR_OK) output->rank = (uint32_t)rank;
    return status;
}

static mr_status add_name(mr_builder *b, mr_scope *scope, uint32_t element, const char *name, uint32_t slot) {
    if (!MR_GROW(scope->entries, scope->entry_count, scope->entry_capacity) ||
        !mr_map_put(&scope->names, name, strlen(name), (uint32_t)scope->entry_count))
        return mr_build_no_memory(b);
    scope->entries[scope->entry_count++] = (mr_name_entry){NAME_SLOT, slot, element};
    return MR_OK;
}

/* In the order of mr_feature. */
static const char *const feature_words[] = {"predictedValue",
                                            "predictedDisplayValue",
                                            "transformedValue",
                                            "decision",
                                            "probability",
                                            "residual",
                                            "standardError",
                                            "standardDeviation",
                                            "warning",
                                            "entityId",
                                            "clusterId",
                                            "affinity",
                                            "entityAffinity",
                                            "clusterAffinity",
                                            "confidence",
                                            "reasonCode",
                                            "ruleValue",
                                            "ruleId",
                                            "antecedent",
                                            "consequent",
                                            "rule",
                                            "support",
                                            "lift",
                                            "leverage",
                                            NULL};

static mr_status build_output(mr_builder *b, mr_scope *outputs, mr_scope *scope, uint32_t element,
                              mr_evaluator *evaluator, mr_output_step *output) {
    unsigned feature = F_PREDICTED_VALUE;
    const char *name, *target = mr_build_text(b, element, A_targetField), *final;
    mr_measure measure = MR_CONTINUOUS;
    output->type = T_DOUBLE;
    mr_status status = mr_build_must(b, element, A_name, &name);
    if (status == MR_OK) status = mr_build_word(b, element, A_feature, feature_words, &feature);
    if (status == MR_OK) status = mr_build_type(b, element, &output->type, &measure);
    if (status == MR_OK && target && scope->target && strcmp(target, scope->target) != 0)
        status = mr_build_fail(b, element, MR_UNSUPPORTED, "targetField=\"%.60s\" is not the predicted field",
                               target);
    if (status == MR_OK && feature != F_TRANSFORMED_VALUE && element + 1 < b->document->elements[element].end)
        status = mr_build_fail(b, element, MR_UNSUPPORTED,
                               "an expression inside an output with feature=\"%s\"", feature_words[feature]);
    if (status == MR_OK && feature <= F_PROBABILITY && feature != F_PROBABILITY &&
        mr_build_text(b, element, A_value))
        status = mr_build_fail(b, element, MR_UNSUPPORTED, "value of an output with feature=\"%s\"",
                               feature_words[feature]);
    if (status == MR_OK) status = read_rank(b, element, output);
    if (status != MR_OK) return status;
    output->feature = (mr_feature)feature;
    output->evaluator = evaluator->index;
    status = build_feature(b, feature == F_TRANSFORMED_VALUE ? outputs : scope, element, evaluator, output);
    if (status == MR_OK) status = mr_build_slot(b, output->type, measure, &output->slot);
    if (status != MR_OK) return status;
    b->slots[output->slot].closed =
        output->feature != F_TRANSFORMED_VALUE || mr_expression_is_closed(b, output->expression);
    final = mr_build_text(b, element, A_isFinalResult);
    output->final = !final || (strcmp(final, "false") != 0 && strcmp(final, "0") != 0);
    output->name = mr_arena_copy(b->arena, name, strlen(name));
    return output->name ? add_name(b, outputs, element, name, output->slot) : mr_build_no_memory(b);
}

/* Names of outputs also go to the chain of the model around, for the segments behind. */
static mr_status build_list(mr_builder *b, mr_scope *outputs, mr_scope *scope, uint32_t list,
                            mr_evaluator *evaluator, mr_output_step *steps) {
    MR_EACH_CHILD(b->document, list, child) {
        const char *name = mr_build_text(b, child, A_name);
        if (name && mr_map_find(&outputs->names, name, strlen(name)))
            return mr_build_fail(b, child, MR_INVALID_MODEL, "the output \"%.100s\" is there twice", name);
        mr_status status = build_output(b, outputs, scope, child, evaluator, steps);
        if (status != MR_OK) return status;
        mr_scope *parent = scope->parent;
        mr_map_item *item = parent ? mr_map_find(&parent->chain, name, strlen(name)) : NULL;
        if (item)
            return mr_build_fail(b, child, MR_UNSUPPORTED,
                                 "the output \"%.100s\" of several segments is not supported", name);
        if (parent && !mr_map_put(&parent->chain, name, strlen(name), steps->slot))
            return mr_build_no_memory(b);
        steps++;
    }
    return MR_OK;
}

mr_status mr_build_outputs(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    uint32_t list = child_named(b, element, E_Output), count = 0;
    if (list == MR_NONE) return MR_OK;
    MR_EACH_CHILD(b->document, list, child) count++;
    mr_output_step *steps = mr_build_alloc(b, count, sizeof *steps);
    if (!steps) return MR_NO_MEMORY;
    evaluator->outputs = steps;
    evaluator->output_count = count;
    mr_scope outputs = {.parent = scope, .label_type = scope->label_type, .target = scope->target};
    scope->reads_chain = true; /* those of a chain see what its segments put out */
    mr_status status = build_list(b, &outputs, scope, list, evaluator, steps);
    scope->reads_chain = false;
    mr_scope_close(&outputs);
    return status;
}
