/* Targets, compiled: what is done to a prediction before anyone sees it, and how its categories are called.
 */
#include <string.h>

#include "pmml/build.h"

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
    if (!mr_evaluator_class(evaluator, label, &index)) return MR_OK; /* never predicted */
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
        if (status == MR_OK && mr_evaluator_class(evaluator, label, &index))
            status = mr_build_intern(b, display, &displays[index]);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

mr_status mr_build_targets(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    uint32_t list = mr_build_child(b, element, E_Targets);
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
