/* Outputs, compiled. An output may read those before it, and in a chain those of its segments. */
#include "pmml/output/output_build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/expression/expression.h"
#include "pmml/expression/expression_build.h"
#include "pmml/mining/mining.h"

bool mr_evaluator_class(const mr_evaluator *evaluator, uint32_t label, uint32_t *index) {
    for (*index = 0; *index < evaluator->class_count; ++*index)
        if (evaluator->classes[*index] == label) return true;
    return false;
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

/* ---- Whose prediction ---- */

/* Is this the segment's id? Without one, its place from 1 on. */
static bool has_id(const mr_builder *b, uint32_t segment, uint32_t place, const char *id) {
    char number[16];
    const char *own = mr_build_text(b, segment, A_id);
    if (!own) snprintf(number, sizeof number, "%u", place + 1);
    return strcmp(own ? own : number, id) == 0;
}

/* The segment with this id; MR_NONE: none. *model: its model's element. */
static uint32_t find_segment(const mr_builder *b, const mr_scope *scope, const char *id, uint32_t *model) {
    uint32_t segmentation = mr_build_child(b, scope->model, E_Segmentation), place = 0;
    MR_EACH_CHILD(b->document, segmentation, segment) {
        if (has_id(b, segment, place, id)) {
            MR_EACH_CHILD(b->document, segment, child)
            if (mr_is_model(mr_build_name(b, child))) *model = child;
            return place;
        }
        place++;
    }
    return MR_NONE;
}

/* The last segment that predicts this field. */
static uint32_t find_predictor(const mr_mining *m, const char *target) {
    for (uint32_t i = m->segment_count; i-- > 0;) {
        const char *name = m->segments[i].evaluator->target_name;
        if (name && strcmp(name, target) == 0) return i;
    }
    return MR_NONE;
}

/* The output repeats a slot. */
static mr_status repeat(mr_builder *b, uint32_t slot, bool typed, mr_output_step *output) {
    mr_expression *x = mr_build_alloc(b, 1, sizeof *x);
    if (!x) return MR_NO_MEMORY;
    mr_data_type type = b->slots[slot].type;
    *x = (mr_expression){.op = X_FIELD, .type = type, .slot = slot};
    output->of = NULL;
    output->feature = F_TRANSFORMED_VALUE;
    output->expression = x;
    if (!typed || output->type != T_FLOAT || type != T_DOUBLE) output->type = type;
    return MR_OK;
}

/* The value of an output of the segment, by its name. */
static mr_status repeat_output(mr_builder *b, const mr_output_source *s, uint32_t element,
                               mr_output_step *output) {
    const char *name;
    mr_status status = mr_build_must(b, element, A_value, &name);
    if (status != MR_OK) return status;
    for (uint32_t i = 0; i < s->evaluator->output_count; i++)
        if (strcmp(s->evaluator->outputs[i].name, name) == 0)
            return repeat(b, s->evaluator->outputs[i].slot, s->typed, output);
    return mr_build_fail(b, element, MR_INVALID_MODEL, "the segment has no output \"%.60s\"", name);
}

/* An output of a segment's prediction. */
static mr_status build_of_segment(mr_builder *b, const mr_output_source *outer, uint32_t element,
                                  uint32_t place, uint32_t model, mr_output_step *output) {
    const mr_mining *m = outer->evaluator->model;
    mr_evaluator *segment = b->evaluators[m->segments[place].evaluator->index];
    mr_scope scope = {.parent = outer->scope,
                      .label_type = segment->label_type,
                      .family = mr_build_name(b, model),
                      .classification = segment->classification,
                      .wants_entities = true,
                      .wants_confidences = true,
                      .model = model};
    mr_output_source inner = {outer->outputs, &scope, segment, outer->typed};
    segment->named = true;
    outer->evaluator->names_segments = true;
    output->of = segment;
    if (output->feature == F_TRANSFORMED_VALUE || output->feature == F_DECISION)
        return repeat_output(b, &inner, element, output);
    return mr_build_feature(b, &inner, element, output);
}

static mr_status build_by_id(mr_builder *b, const mr_output_source *s, uint32_t element, const char *id,
                             mr_output_step *output) {
    if (s->evaluator->evaluate != mr_mining_evaluate)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "segmentId=\"%.60s\" of a model without segments",
                             id);
    uint32_t model = MR_NONE, place = find_segment(b, s->scope, id, &model);
    if (place != MR_NONE) return build_of_segment(b, s, element, place, model, output);
    output->feature = F_WARNING; /* "the result is missing" */
    return MR_OK;
}

/* An output of another target than the first one. */
static mr_status build_by_target(mr_builder *b, const mr_output_source *s, uint32_t element,
                                 const char *target, mr_output_step *output) {
    mr_evaluator *e = s->evaluator;
    if (e->evaluate == mr_mining_evaluate) {
        uint32_t place = find_predictor(e->model, target), at = 0, model = MR_NONE;
        uint32_t segmentation = mr_build_child(b, s->scope->model, E_Segmentation);
        MR_EACH_CHILD(b->document, segmentation, segment) {
            if (at++ != place) continue;
            MR_EACH_CHILD(b->document, segment, child)
            if (mr_is_model(mr_build_name(b, child))) model = child;
        }
        if (place != MR_NONE) return build_of_segment(b, s, element, place, model, output);
    }
    for (uint32_t i = 0; i < e->other_target_count && output->feature == F_PREDICTED_VALUE; i++)
        if (strcmp(e->other_targets[i].name, target) == 0)
            return repeat(b, e->other_targets[i].slot, s->typed, output);
    return mr_build_fail(b, element, MR_UNSUPPORTED,
                         "feature=\"%s\" of targetField=\"%.60s\" is not supported",
                         feature_words[output->feature], target);
}

/* ---- One output ---- */

static mr_status read_head(mr_builder *b, uint32_t element, mr_output_step *output, mr_measure *measure) {
    unsigned feature = F_PREDICTED_VALUE;
    bool expression = false; /* beside one there may be decisions, and the values that the output can have */
    const char *final = mr_build_text(b, element, A_isFinalResult);
    MR_EACH_CHILD(b->document, element, child)
    expression |= mr_is_expression(mr_build_name(b, child));
    output->type = T_DOUBLE;
    mr_status status = mr_build_word(b, element, A_feature, feature_words, &feature);
    if (expression && !mr_build_text(b, element, A_feature)) feature = F_TRANSFORMED_VALUE;
    if (status == MR_OK) status = mr_build_type(b, element, &output->type, measure);
    if (status == MR_OK) status = read_rank(b, element, output);
    output->feature = (mr_feature)feature;
    output->final = !final || (strcmp(final, "false") != 0 && strcmp(final, "0") != 0);
    return status;
}

static mr_status build_output(mr_builder *b, mr_output_source *s, uint32_t element, mr_output_step *output) {
    const char *name, *target = mr_build_text(b, element, A_targetField),
                      *segment = mr_build_text(b, element, A_segmentId);
    mr_measure measure = MR_CONTINUOUS;
    mr_status status = mr_build_must(b, element, A_name, &name);
    if (status == MR_OK) status = read_head(b, element, output, &measure);
    if (status != MR_OK) return status;
    const mr_data_type declared = output->type;
    s->typed = mr_build_text(b, element, A_dataType) != NULL;
    output->evaluator = s->evaluator->index;
    const char *first = s->evaluator->evaluate == mr_mining_evaluate && s->scope->target_count > 1
                            ? NULL /* the segments know */
                            : s->evaluator->target_name;
    bool own = !target || !s->scope->target || (first && strcmp(target, first) == 0);
    if (segment) status = build_by_id(b, s, element, segment, output);
    else if (own) status = mr_build_feature(b, s, element, output);
    else status = build_by_target(b, s, element, target, output);
    output->reads =
        output->feature == F_ENTITY_ID && s->typed && output->type == T_STRING && declared != T_STRING;
    if (output->reads) output->type = declared;
    if (status == MR_OK) status = mr_build_slot(b, output->type, measure, &output->slot);
    if (status != MR_OK) return status;
    b->slots[output->slot].closed =
        !output->prints && (!output->expression || mr_expression_is_closed(b, output->expression));
    output->name = mr_arena_copy(b->arena, name, strlen(name));
    return output->name ? add_name(b, s->outputs, element, name, output->slot) : mr_build_no_memory(b);
}

/* Names of outputs also go to the chain of the model around, for the segments behind. Segments of which one
 * runs may share a name: then they share the slot. */
static mr_status join_chain(mr_builder *b, mr_scope *parent, uint32_t element, mr_output_step *step) {
    if (!parent) return MR_OK;
    size_t size = strlen(step->name);
    const char *name = mr_build_text(b, element, A_name);
    mr_map_item *item = mr_map_find(&parent->shown, name, size);
    if (!item) {
        mr_scope *top = parent; /* branches of one selection share, too, however deep */
        while (top->selects && top->parent && top->parent->selects) top = top->parent;
        mr_map_item *other = top != parent ? mr_map_find(&top->shown, name, size) : NULL;
        bool shares = other && b->slots[other->value].type == step->type;
        if (shares) b->slots[other->value].closed &= b->slots[step->slot].closed;
        if (shares) step->slot = other->value;
        bool ok = (other || top == parent || mr_map_put(&top->shown, name, size, step->slot)) &&
                  mr_map_put(&parent->shown, name, size, step->slot) &&
                  mr_map_put(&parent->chain, name, size, step->slot);
        return ok ? MR_OK : mr_build_no_memory(b);
    }
    if (b->slots[item->value].type != step->type)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "the output \"%.100s\" of several segments, of different types", step->name);
    b->slots[item->value].closed &= b->slots[step->slot].closed;
    step->slot = item->value;
    /* A segment's output of the same name as one inside it is still one for the segments behind it. */
    bool ok = mr_map_find(&parent->chain, name, size) || mr_map_put(&parent->chain, name, size, step->slot);
    return ok ? MR_OK : mr_build_no_memory(b);
}

/* Rattle's exports were seen with an output twice in a row: one and the same. */
static bool repeats(const mr_document *d, uint32_t one, uint32_t other) {
    const mr_element *a = &d->elements[one], *c = &d->elements[other];
    bool same = c->end == other + 1 && a->end == one + 1 && a->attribute_count == c->attribute_count;
    for (unsigned i = 0; i < c->attribute_count && same; i++) {
        const mr_attribute *attribute = &d->attributes[c->attributes + i];
        const char *text = mr_document_attribute(d, one, (mr_attribute_name)attribute->name);
        same = text && strcmp(text, d->texts + attribute->text) == 0;
    }
    return same;
}

static mr_status build_list(mr_builder *b, mr_output_source *s, uint32_t list, mr_output_step *steps) {
    uint32_t last = MR_NONE;
    MR_EACH_CHILD(b->document, list, child) {
        bool again = last != MR_NONE && repeats(b->document, last, child);
        s->evaluator->output_count -= again;
        if (again) continue;
        last = child;
        const char *name = mr_build_text(b, child, A_name);
        if (name && mr_map_find(&s->outputs->names, name, strlen(name)))
            return mr_build_fail(b, child, MR_INVALID_MODEL, "the output \"%.100s\" is there twice", name);
        mr_status status = build_output(b, s, child, steps);
        if (status == MR_OK) status = join_chain(b, s->scope->parent, child, steps);
        if (status != MR_OK) return status;
        s->outputs->entries[s->outputs->entry_count - 1].slot = steps->slot;
        steps++;
    }
    return MR_OK;
}

mr_status mr_build_outputs(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    uint32_t list = mr_build_child(b, element, E_Output), count = 0;
    if (list == MR_NONE) return MR_OK;
    MR_EACH_CHILD(b->document, list, child) count++;
    mr_output_step *steps = mr_build_alloc(b, count, sizeof *steps);
    if (!steps) return MR_NO_MEMORY;
    evaluator->outputs = steps;
    evaluator->output_count = count;
    mr_scope outputs = {.parent = scope, .label_type = scope->label_type, .target = scope->target};
    mr_output_source source = {&outputs, scope, evaluator, false};
    scope->reads_chain = true; /* those of a chain see what its segments put out */
    mr_status status = build_list(b, &source, list, steps);
    scope->reads_chain = false;
    mr_scope_close(&outputs);
    return status;
}
