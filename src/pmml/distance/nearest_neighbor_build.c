/* Nearest neighbours, compiled: methods, targets, inputs; the instances are read by training.c. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/distance/nearest_neighbor.h"

static mr_status read_methods(mr_builder *b, uint32_t element, mr_neighbors *n, double *k) {
    static const char *const numbers[] = {"average", "median", "weightedAverage", NULL};
    static const char *const labels[] = {"majorityVote", "weightedMajorityVote", NULL};
    unsigned number = 0, label = 0;
    n->threshold = 0.001;
    mr_status status = mr_build_number(b, element, A_numberOfNeighbors, true, k);
    if (status == MR_OK) status = mr_build_number(b, element, A_threshold, false, &n->threshold);
    if (status == MR_OK) status = mr_build_word(b, element, A_continuousScoringMethod, numbers, &number);
    if (status == MR_OK) status = mr_build_word(b, element, A_categoricalScoringMethod, labels, &label);
    if (status == MR_OK && !(n->threshold >= 0))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "threshold=\"%s\" is below 0",
                               mr_build_text(b, element, A_threshold));
    n->scoring = (mr_scoring)number;
    n->weighted = label == 1;
    return status;
}

enum { TARGETS_MAX = 256 };

static mr_status add_target(mr_builder *b, uint32_t field, const char *name, mr_neighbors *n) {
    if (n->target_count == TARGETS_MAX)
        return mr_build_fail(b, field, MR_LIMIT, "more than %d targets", (int)TARGETS_MAX);
    mr_map_item *item = mr_map_find(&b->data_fields, name, strlen(name));
    mr_measure measure = MR_CONTINUOUS;
    mr_neighbor_target *t = &n->targets[n->target_count++];
    t->type = T_DOUBLE;
    if (!item)
        return mr_build_fail(b, field, MR_INVALID_MODEL, "the target \"%.100s\" is not in the DataDictionary",
                             name);
    mr_status status = mr_build_type(b, item->value, &t->type, &measure);
    bool own = mr_build_text(b, field, A_optype) != NULL;
    mr_data_type same = t->type;
    if (status == MR_OK && own) status = mr_build_type(b, field, &same, &measure);
    t->categorical = measure != MR_CONTINUOUS || t->type == T_STRING || t->type == T_BOOLEAN;
    t->name = mr_arena_copy(b->arena, name, strlen(name));
    return status != MR_OK || t->name ? status : mr_build_no_memory(b);
}

typedef struct place {
    const mr_text *text; /* NULL: a number */
    double number;
    uint32_t class, count;
} place;

/* More instances first, then the smaller value. */
static int by_place(const void *a, const void *b) {
    const place *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    if (!x->text) return (x->number > y->number) - (x->number < y->number);
    return strcmp(x->text->data, y->text->data);
}

static mr_status rank_classes(mr_builder *b, uint32_t count, mr_neighbor_target *target) {
    place *places = mr_alloc_zero(target->class_count + 1, sizeof *places);
    uint32_t *kept = places ? mr_build_alloc(b, target->class_count, sizeof *kept) : NULL;
    if (!kept) {
        mr_free(places);
        return mr_build_no_memory(b);
    }
    for (uint32_t i = 0; i < target->class_count; i++) {
        places[i] = (place){.number = target->class_values[i].number, .class = i};
        if (target->type == T_STRING) places[i].text = &b->text_list[target->labels[i]];
    }
    for (uint32_t i = 0; i < count; i++) places[target->classes[i]].count++;
    qsort(places, target->class_count, sizeof *places, by_place);
    for (uint32_t i = 0; i < target->class_count; i++) kept[places[i].class] = i;
    mr_free(places);
    target->places = kept;
    return MR_OK;
}

mr_status mr_build_neighbor_target(mr_builder *b, uint32_t element, const mr_classes *classes, uint32_t count,
                                   mr_neighbor_target *target) {
    if (!target->categorical) return MR_OK;
    mr_slot *values = mr_build_alloc(b, classes->count, sizeof *values);
    target->labels = mr_build_keep(b, classes->labels, classes->count, sizeof *target->labels);
    if (!values || !target->labels) return MR_NO_MEMORY;
    for (size_t i = 0; i < classes->count; i++) {
        mr_status status =
            mr_build_literal(b, element, b->text_list[target->labels[i]].data, target->type, &values[i]);
        if (status != MR_OK) return status;
    }
    target->class_values = values;
    target->class_count = (uint32_t)classes->count;
    return rank_classes(b, count, target);
}

/* All fields that the mining schema calls a target. */
static mr_status read_targets(mr_builder *b, uint32_t element, mr_neighbors *n, uint32_t targets) {
    n->targets = mr_build_alloc(b, targets, sizeof *n->targets);
    if (!n->targets) return MR_NO_MEMORY;
    MR_EACH_CHILD(b->document, element, schema) {
        if (mr_build_name(b, schema) != E_MiningSchema) continue;
        MR_EACH_CHILD(b->document, schema, field) {
            const char *usage = mr_build_text(b, field, A_usageType), *name;
            if (!usage || (strcmp(usage, "predicted") != 0 && strcmp(usage, "target") != 0)) continue;
            mr_status status = mr_build_must(b, field, A_name, &name);
            if (status == MR_OK) status = add_target(b, field, name, n);
            if (status != MR_OK) return status;
        }
    }
    return MR_OK;
}

/* The first target is the evaluator's own, those behind it stand beside it; without one, the instances are
 * what is predicted. */
static mr_status present_targets(mr_builder *b, mr_scope *scope, mr_neighbors *n, mr_evaluator *evaluator) {
    const mr_neighbor_target *first = n->targets;
    if (n->target_count == 0) {
        uint32_t count = n->search.comparison.point_count;
        mr_slot *values = mr_build_alloc(b, count, sizeof *values);
        if (!values) return MR_NO_MEMORY;
        for (uint32_t i = 0; i < count; i++) values[i] = (mr_slot){.text = n->search.ids[i]};
        evaluator->classes = evaluator->class_displays = n->search.ids;
        evaluator->class_values = values;
        evaluator->class_count = count;
        return MR_OK;
    }
    scope->target = first->name;
    scope->target_count = 1; /* the others are no business of the model's own outputs */
    evaluator->target_name = first->name;
    evaluator->single_precision = !first->categorical && first->type == T_FLOAT;
    evaluator->classes = evaluator->class_displays = first->labels;
    evaluator->class_values = first->class_values;
    evaluator->class_count = first->class_count;
    if (n->target_count == 1) return MR_OK;
    mr_output_step *others = mr_build_alloc(b, n->target_count - 1, sizeof *others);
    if (!others) return MR_NO_MEMORY;
    evaluator->other_targets = others;
    evaluator->other_target_count = n->target_count - 1;
    for (uint32_t i = 1; i < n->target_count; i++, others++) {
        const mr_neighbor_target *t = &n->targets[i];
        *others = (mr_output_step){.name = t->name,
                                   .feature = F_OTHER_TARGET,
                                   .evaluator = evaluator->index,
                                   .rank = 1,
                                   .detail = i,
                                   .type = t->categorical       ? t->type
                                           : t->type == T_FLOAT ? T_FLOAT
                                                                : T_DOUBLE,
                                   .final = true};
        mr_status status =
            mr_build_slot(b, others->type, t->categorical ? MR_CATEGORICAL : MR_CONTINUOUS, &others->slot);
        if (status != MR_OK) return status;
        b->slots[others->slot].closed = true;
    }
    return MR_OK;
}

static mr_status check_methods(mr_builder *b, uint32_t element, const mr_neighbors *n, double k) {
    bool weighs = false;
    uint32_t count = n->search.comparison.point_count;
    for (uint32_t i = 0; i < n->target_count; i++)
        weighs |= n->targets[i].categorical ? n->weighted : n->scoring == SCORING_WEIGHTED_AVERAGE;
    if (weighs && n->search.comparison.similarity)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "neighbours that weigh by the inverse of a similarity are not supported");
    if (!(k >= 1 && k <= count && k == (uint32_t)k))
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "numberOfNeighbors=\"%s\" of %u training instances",
                             mr_build_text(b, element, A_numberOfNeighbors), count);
    return MR_OK;
}

static mr_status build_inputs(mr_builder *b, mr_scope *scope, uint32_t list, uint32_t measure,
                              const mr_comparison *c, mr_compared_field *fields, double *weights,
                              uint32_t *slots) {
    MR_EACH_CHILD(b->document, list, child) {
        mr_status status = mr_scope_find_attribute(b, scope, child, A_field, slots);
        if (status == MR_OK) status = mr_build_compared(b, c, measure, child, *slots, fields, weights);
        if (status != MR_OK) return status;
        slots++, fields++, weights++;
    }
    return MR_OK;
}

static mr_status build_points(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t list,
                              uint32_t measure, mr_neighbors *n) {
    uint32_t count = 0, instances = 0;
    MR_EACH_CHILD(b->document, list, child) count++;
    mr_compared_field *fields = mr_build_alloc(b, count, sizeof *fields);
    double *weights = mr_build_alloc(b, count, sizeof *weights), *values = NULL, k = 0;
    uint32_t *slots = mr_build_alloc(b, count, sizeof *slots);
    const uint32_t *ids = NULL;
    mr_comparison *c = &n->search.comparison;
    if (!fields || !weights || !slots) return MR_NO_MEMORY;
    mr_status status = mr_build_measure(b, measure, c);
    if (status == MR_OK) status = build_inputs(b, scope, list, measure, c, fields, weights, slots);
    if (status == MR_OK) status = read_methods(b, element, n, &k);
    if (status == MR_OK)
        status = mr_build_training(b, scope, element, list, slots, count, n, &values, &instances, &ids);
    if (status == MR_OK)
        status = mr_build_points(b, element, c, fields, weights, NULL, count, values, instances);
    mr_free(values);
    if (status == MR_OK) status = check_methods(b, element, n, k);
    if (status != MR_OK) return status;
    n->k = (uint32_t)k;
    return mr_build_search(b, element, n->k, ids, &n->search);
}

static uint32_t count_targets(const mr_builder *b, uint32_t element) {
    uint32_t count = 0;
    MR_EACH_CHILD(b->document, element, schema) {
        if (mr_build_name(b, schema) != E_MiningSchema) continue;
        MR_EACH_CHILD(b->document, schema, field) count++;
    }
    return count;
}

/* What the function says must be what the targets are. */
static mr_status check_function(mr_builder *b, uint32_t element, const mr_neighbors *n) {
    const char *function = mr_build_text(b, element, A_functionName);
    if ((strcmp(function, "clustering") == 0) == (n->target_count == 0)) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL,
                         "functionName=\"%s\" of <NearestNeighborModel> with %u targets", function,
                         n->target_count);
}

mr_status mr_build_nearest_neighbor(mr_builder *b, mr_scope *scope, uint32_t element,
                                    mr_evaluator *evaluator) {
    uint32_t measure = MR_NONE, inputs = MR_NONE;
    mr_neighbors *n = mr_build_alloc(b, 1, sizeof *n);
    if (!n) return MR_NO_MEMORY;
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(b, child) == E_ComparisonMeasure) measure = child;
        if (mr_build_name(b, child) == E_KNNInputs) inputs = child;
    }
    if (measure == MR_NONE || inputs == MR_NONE || inputs + 1 == b->document->elements[inputs].end)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<NearestNeighborModel> lacks its %s",
                             measure == MR_NONE ? "<ComparisonMeasure>" : "inputs");
    evaluator->model = n;
    evaluator->evaluate = mr_neighbors_evaluate;
    evaluator->value = mr_neighbors_value;
    mr_status status = read_targets(b, element, n, count_targets(b, element));
    if (status == MR_OK) status = check_function(b, element, n);
    if (status != MR_OK) return status;
    evaluator->classification = scope->classification = n->target_count == 0 || n->targets[0].categorical;
    scope->label_type = evaluator->label_type = n->target_count ? n->targets[0].type : T_STRING;
    status = build_points(b, scope, element, inputs, measure, n);
    if (status != MR_OK) return status;
    n->values = (uint32_t)b->number_count;
    if (n->scoring == SCORING_MEDIAN) b->number_count += n->k;
    for (uint32_t i = 0; i < n->target_count; i++) {
        n->targets[i].votes = (uint32_t)b->number_count;
        b->number_count += n->targets[i].class_count;
    }
    return present_targets(b, scope, n, evaluator);
}

mr_status mr_build_nearest_neighbor_feature(mr_builder *b, mr_scope *scope, uint32_t element,
                                            mr_evaluator *evaluator, mr_output_step *output) {
    if (output->feature < F_ENTITY_ID) return mr_output_refuse(b, element);
    return mr_build_search_feature(b, scope, element, evaluator, output);
}
