/* Targets, compiled: what is done to a prediction before anyone sees it, and how its categories are called.
 */
#include <string.h>

#include "pmml/build.h"

/* What a category is called stood in rawDataValue then. */
static bool is_before_3_2(const mr_builder *b) {
    const char *version = mr_build_text(b, 0, A_version);
    return version && strncmp(version, "3.", 2) == 0 && (version[2] == '0' || version[2] == '1');
}

static mr_status read_class_value(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                  uint32_t *displays, double *priors) {
    const char *text = mr_build_text(b, element, A_value),
               *display = mr_build_text(b, element, A_displayValue);
    uint32_t label;
    if (!display && is_before_3_2(b)) display = mr_build_text(b, element, A_rawDataValue);
    if (!text && mr_build_text(b, element, A_defaultValue)) return MR_OK; /* of a continuous target */
    mr_status status = mr_build_must(b, element, A_value, &text);
    if (status == MR_OK) status = mr_build_label(b, element, text, scope->label_type, &label);
    if (status != MR_OK) return status;
    uint32_t index;
    if (!mr_evaluator_class(evaluator, label, &index)) {
        double prior = 0;
        status = mr_build_number(b, element, A_priorProbability, false, &prior);
        if (status == MR_OK && prior != 0)
            status = mr_build_fail(b, element, MR_UNSUPPORTED,
                                   "a priorProbability of a category that the model never predicts");
        return status;
    }
    if (display) status = mr_build_intern(b, display, &displays[index]);
    priors[index] = -1; /* without one there are no priors at all */
    if (status == MR_OK) status = mr_build_number(b, element, A_priorProbability, false, &priors[index]);
    return status;
}

static mr_status build_class_target(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                    mr_target *target) {
    bool all = true;
    target->has_minimum = target->has_maximum = false; /* these are of a continuous target */
    target->factor = 1, target->constant = 0, target->cast = 0;
    uint32_t *displays =
        mr_build_keep(b, evaluator->class_displays, evaluator->class_count, sizeof *displays);
    double *priors = mr_build_alloc(b, evaluator->class_count, sizeof *priors);
    if (!displays || !priors) return MR_NO_MEMORY;
    MR_EACH_CHILD(b->document, element, child) {
        mr_status status = read_class_value(b, scope, child, evaluator, displays, priors);
        if (status != MR_OK) return status;
    }
    evaluator->class_displays = displays;
    double sum = 0;
    for (uint32_t i = 0; i < evaluator->class_count; i++) {
        all &= priors[i] >= 0;
        sum += priors[i];
    }
    if (!all || !(sum > 0)) return MR_OK;
    for (uint32_t i = 0; i < evaluator->class_count && sum != 1; i++) priors[i] /= sum;
    target->priors = priors;
    return MR_OK;
}

static mr_status build_number_target(mr_builder *b, uint32_t element, mr_target *target) {
    MR_EACH_CHILD(b->document, element, child) {
        if (!mr_build_text(b, child, A_defaultValue)) continue; /* of categories: a number has none */
        if (target->has_default)
            return mr_build_fail(b, child, MR_UNSUPPORTED,
                                 "this <TargetValue> of a regression is not supported");
        target->has_default = true;
        mr_status status = mr_build_number(b, child, A_defaultValue, true, &target->fallback);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status build_target(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    static const char *const casts[] = {"round", "ceiling", "floor", NULL};
    unsigned cast = 3;
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
        if (!text || !display || mr_build_name(b, child) != E_Value) continue;
        mr_status status = mr_build_label(b, child, text, scope->label_type, &label);
        if (status == MR_OK && mr_evaluator_class(evaluator, label, &index))
            status = mr_build_intern(b, display, &displays[index]);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* Is it about the predicted field? One about a field that the model does not predict has no effect. */
static mr_status is_own(mr_builder *b, const mr_scope *scope, uint32_t model, uint32_t element, bool *own) {
    const char *field = mr_build_text(b, element, A_field), *usage, *name;
    *own = !field || !scope->target || strcmp(field, scope->target) == 0;
    if (*own) return MR_OK;
    uint32_t schema = mr_build_child(b, model, E_MiningSchema);
    MR_EACH_CHILD(b->document, schema, child) {
        usage = mr_build_text(b, child, A_usageType), name = mr_build_text(b, child, A_name);
        bool predicted = usage && (strcmp(usage, "target") == 0 || strcmp(usage, "predicted") == 0);
        if (predicted && name && strcmp(name, field) == 0)
            return mr_build_fail(b, element, MR_UNSUPPORTED,
                                 "<Target> of \"%.60s\", which is not the first predicted field", field);
    }
    return MR_OK;
}

mr_status mr_build_prior_classes(mr_builder *b, mr_scope *scope, mr_classes *classes) {
    uint32_t list = mr_build_child(b, scope->model, E_Targets), label, index;
    if (list == MR_NONE) return MR_OK;
    MR_EACH_CHILD(b->document, list, target) {
        bool own;
        mr_status status = is_own(b, scope, scope->model, target, &own);
        if (status != MR_OK) return status;
        if (!own) continue;
        MR_EACH_CHILD(b->document, target, child) {
            const char *text = mr_build_text(b, child, A_value);
            double prior = 0;
            status = mr_build_number(b, child, A_priorProbability, false, &prior);
            if (status == MR_OK && (!text || !(prior > 0))) continue;
            if (status == MR_OK) status = mr_build_label(b, child, text, scope->label_type, &label);
            if (status == MR_OK) status = mr_classes_add(b, classes, label, &index);
            if (status != MR_OK) return status;
        }
    }
    return MR_OK;
}

mr_status mr_build_targets(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    uint32_t list = mr_build_child(b, element, E_Targets);
    mr_status shown = field_displays(b, scope, evaluator);
    if (shown != MR_OK || list == MR_NONE) return shown;
    MR_EACH_CHILD(b->document, list, child) {
        bool own;
        mr_status status = is_own(b, scope, element, child, &own);
        if (status == MR_OK && own && evaluator->target)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "a second <Target> of the predicted field");
        if (status == MR_OK && own) status = build_target(b, scope, child, evaluator);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}
