/* Classes of a model while it is built: its labels in the order in which they are met, each once. */
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"

/* Labels are numbers of texts: their map is keyed by the text itself. */
bool mr_classes_find(const mr_builder *b, const mr_classes *classes, uint32_t label, uint32_t *index) {
    mr_map_item *item = mr_map_find(&classes->map, b->text_list[label].data, b->text_list[label].size);
    if (item) *index = item->value;
    return item != NULL;
}

mr_status mr_classes_add(mr_builder *b, mr_classes *classes, uint32_t label, uint32_t *index) {
    if (mr_classes_find(b, classes, label, index)) return MR_OK;
    const mr_text *text = &b->text_list[label];
    if (!MR_GROW(classes->labels, classes->count, classes->capacity) ||
        !mr_map_put(&classes->map, text->data, text->size, (uint32_t)classes->count))
        return mr_build_no_memory(b);
    *index = (uint32_t)classes->count;
    classes->labels[classes->count++] = label;
    return MR_OK;
}

void mr_classes_free(mr_classes *classes) {
    mr_map_free(&classes->map);
    mr_free(classes->labels);
    *classes = (mr_classes){0};
}

mr_status mr_classes_keep(mr_builder *b, mr_classes *classes, mr_evaluator *evaluator, uint32_t element) {
    if (classes->count == 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "a classification without classes");
    uint32_t *labels = mr_build_keep(b, classes->labels, classes->count, sizeof *labels);
    mr_slot *values = mr_build_alloc(b, classes->count, sizeof *values);
    if (!labels || !values) return MR_NO_MEMORY;
    for (size_t i = 0; i < classes->count; i++) {
        mr_status status =
            mr_build_literal(b, element, b->text_list[labels[i]].data, evaluator->label_type, &values[i]);
        if (status != MR_OK) return status;
        if (evaluator->label_type > T_LIST) values[i].text = labels[i]; /* a date is a string outside */
    }
    evaluator->classes = labels;
    evaluator->class_displays = labels;
    evaluator->class_values = values;
    evaluator->class_count = (uint32_t)classes->count;
    evaluator->probabilities = (uint32_t)b->number_count;
    b->number_count += classes->count + 1; /* one more, for sums of pairs */
    return MR_OK;
}

static uint32_t target_field(const mr_builder *b, const mr_scope *scope) {
    for (const mr_scope *s = scope; s; s = s->parent) {
        mr_map_item *item = s->target ? mr_map_find(&b->data_fields, s->target, strlen(s->target)) : NULL;
        if (item) return item->value;
    }
    return MR_NONE;
}

mr_measure mr_scope_target_measure(mr_builder *b, const mr_scope *scope) {
    uint32_t field = target_field(b, scope);
    mr_data_type type = T_STRING;
    mr_measure measure = MR_CATEGORICAL;
    if (field != MR_NONE && mr_build_type(b, field, &type, &measure) != MR_OK) return MR_CATEGORICAL;
    return measure;
}

mr_status mr_scope_target_classes(mr_builder *b, const mr_scope *scope, mr_classes *classes) {
    uint32_t field = target_field(b, scope);
    if (field == MR_NONE) return MR_OK;
    MR_EACH_CHILD(b->document, field, child) {
        const char *text, *property = mr_build_text(b, child, A_property);
        uint32_t label, index;
        if (mr_build_name(b, child) != E_Value || (property && strcmp(property, "valid") != 0)) continue;
        mr_status status = mr_build_must(b, child, A_value, &text);
        if (status == MR_OK) status = mr_build_label(b, child, text, scope->label_type, &label);
        if (status == MR_OK) status = mr_classes_add(b, classes, label, &index);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}
