/* Mining, compiled: segments in document order; later ones of a chain see the outputs of earlier ones. */
#include "pmml/mining/mining.h"

#include <stdio.h>
#include <string.h>

#include "pmml/build.h"
#include "pmml/field/values.h"
#include "pmml/tile/tile.h"

typedef struct parts {
    uint32_t predicate, model, weight; /* elements */
} parts;

static mr_status find_parts(mr_builder *b, uint32_t element, parts *p) {
    *p = (parts){MR_NONE, MR_NONE, MR_NONE};
    MR_EACH_CHILD(b->document, element, child) {
        mr_element_name name = mr_build_name(b, child);
        uint32_t *place = mr_is_predicate(name) ? &p->predicate : mr_is_model(name) ? &p->model : &p->weight;
        if (*place != MR_NONE)
            return mr_build_fail(b, child, MR_INVALID_MODEL, "<Segment> takes one predicate and one model");
        *place = child;
    }
    if (p->predicate != MR_NONE && p->model != MR_NONE) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL, "<Segment> lacks its predicate or model");
}

/* The field of a <VariableWeight>: an output of the segment, or any other. */
static mr_status find_weight(mr_builder *b, mr_scope *scope, uint32_t element, mr_segment *segment) {
    mr_status status;
    scope->reads_chain = true;
    status = mr_scope_find_attribute(b, scope, element, A_field, &segment->weight_slot);
    scope->reads_chain = false;
    if (status == MR_OK && !mr_data_type_calculates(b->slots[segment->weight_slot].type))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<VariableWeight> of a field that is no number");
    return status;
}

/* Its id, or its place from 1 on. */
static mr_status keep_id(mr_builder *b, uint32_t element, uint32_t place, mr_segment *segment) {
    const char *id = mr_build_text(b, element, A_id);
    char number[16];
    snprintf(number, sizeof number, "%u", place + 1);
    return mr_build_intern(b, id ? id : number, &segment->entity);
}

static mr_status build_segment(mr_builder *b, mr_scope *scope, uint32_t element, mr_segment *segment) {
    parts p;
    segment->weight = 1;
    segment->weight_slot = MR_NONE;
    mr_status status = mr_build_number(b, element, A_weight, false, &segment->weight);
    if (status == MR_OK && !(segment->weight >= 0))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "a segment with a negative weight");
    if (status == MR_OK) status = find_parts(b, element, &p);
    if (status != MR_OK) return status;
    scope->reads_chain = true;
    status = mr_build_predicate(b, b->arena, scope, p.predicate, &segment->predicate);
    scope->reads_chain = false;
    mr_evaluator *evaluator = NULL;
    if (status == MR_OK) status = mr_build_model(b, scope, p.model, &evaluator);
    segment->evaluator = evaluator;
    if (status == MR_OK && p.weight != MR_NONE) status = find_weight(b, scope, p.weight, segment);
    return status;
}

/* Classes of a segment as classes of the ensemble. */
static mr_status map_classes(mr_builder *b, mr_classes *classes, mr_segment *segment) {
    const mr_evaluator *inner = segment->evaluator;
    if (!inner->classification) return MR_OK;
    uint32_t *map = mr_build_alloc(b, inner->class_count, sizeof *map);
    if (!map) return MR_NO_MEMORY;
    segment->classes = map;
    for (uint32_t i = 0; i < inner->class_count; i++) {
        mr_status status = mr_classes_add(b, classes, inner->classes[i], &map[i]);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* Can the method be used with such predictions? */
static mr_status check_method(mr_builder *b, uint32_t element, const mr_mining *m, bool classification,
                              bool probabilistic) {
    mr_method method = m->method;
    if (method >= METHOD_SELECT_ALL) return MR_OK;
    bool sums = method == METHOD_SUM || method == METHOD_WEIGHTED_SUM || method == METHOD_WEIGHTED_MEDIAN;
    if (classification ? sums : mr_mining_votes(m))
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "this multipleModelMethod for this functionName is not supported");
    if (classification && !mr_mining_votes(m) && !probabilistic)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "multipleModelMethod=\"%s\" of models without probabilities is not supported",
                             mr_build_text(b, element, A_multipleModelMethod));
    return MR_OK;
}

/* The last segment of a chain decides what it predicts; of an ensemble, each. */
static mr_status check_segments(mr_builder *b, uint32_t element, const mr_mining *m,
                                mr_evaluator *evaluator) {
    bool probabilistic = true;
    for (uint32_t i = 0; i < m->segment_count; i++) {
        const mr_evaluator *inner = m->segments[i].evaluator;
        if (m->method == METHOD_MULTI_MODEL_CHAIN && i > 0) continue;
        if (m->method == METHOD_MODEL_CHAIN && i + 1 < m->segment_count) continue;
        if (inner->classification != evaluator->classification)
            return mr_build_fail(b, element, MR_UNSUPPORTED,
                                 "segments whose functionName differs from the model's are not supported");
        if (inner->list != MR_NONE)
            return mr_build_fail(b, element, MR_UNSUPPORTED, "segments that predict lists are not supported");
        probabilistic &= inner->probabilistic;
    }
    evaluator->probabilistic = evaluator->classification && (probabilistic || mr_mining_votes(m));
    return check_method(b, element, m, evaluator->classification, probabilistic);
}

static mr_status read_methods(mr_builder *b, uint32_t element, mr_mining *m) {
    static const char *const methods[] = {"majorityVote",
                                          "weightedMajorityVote",
                                          "average",
                                          "weightedAverage",
                                          "sum",
                                          "weightedSum",
                                          "median",
                                          "weightedMedian",
                                          "max",
                                          "selectAll",
                                          "selectFirst",
                                          "modelChain",
                                          "multiModelChain",
                                          "x-weightedSum",
                                          "x-weightedMedian",
                                          "x-multiModelChain",
                                          NULL};
    static const uint8_t meant[] = {METHOD_WEIGHTED_SUM, METHOD_WEIGHTED_MEDIAN, METHOD_MULTI_MODEL_CHAIN};
    static const char *const missings[] = {"continue", "skipSegment", "returnMissing", NULL};
    unsigned method = 0, missing = 0;
    const char *text;
    m->threshold = 1;
    mr_status status = mr_build_must(b, element, A_multipleModelMethod, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_multipleModelMethod, methods, &method);
    if (status == MR_OK) status = mr_build_word(b, element, A_missingPredictionTreatment, missings, &missing);
    if (status == MR_OK)
        status = mr_build_word(b, element, A_x_missingPredictionTreatment, missings, &missing);
    if (status == MR_OK) status = mr_build_number(b, element, A_missingThreshold, false, &m->threshold);
    if (status == MR_OK) status = mr_build_number(b, element, A_x_missingThreshold, false, &m->threshold);
    m->method = (mr_method)(method > METHOD_MULTI_MODEL_CHAIN ? meant[method - METHOD_MULTI_MODEL_CHAIN - 1]
                                                              : method);
    m->missing = (mr_missing_prediction)missing;
    return status;
}

static mr_status build_segments(mr_builder *b, mr_scope *scope, uint32_t element, mr_mining *m,
                                mr_classes *classes, mr_evaluator *evaluator) {
    mr_status status = read_methods(b, element, m);
    uint32_t place = 0;
    scope->selects = mr_mining_selects(m);
    MR_EACH_CHILD(b->document, element, child) m->segment_count++;
    if (status == MR_OK && m->segment_count == 0)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<Segmentation> has no segments");
    if (status != MR_OK) return status;
    mr_segment *segments = mr_arena_alloc_zero(b->members, m->segment_count, sizeof *segments);
    if (!segments) return mr_build_no_memory(b);
    m->segments = segments;
    MR_EACH_CHILD(b->document, element, child) {
        status = build_segment(b, scope, child, segments);
        if (status == MR_OK && scope->wants_entities) status = keep_id(b, child, place++, segments);
        if (m->method == METHOD_MULTI_MODEL_CHAIN && status == MR_OK && segments == m->segments)
            evaluator->classification = segments->evaluator->classification;
        bool maps = evaluator->classification && m->method != METHOD_SELECT_ALL;
        if (status == MR_OK && maps) status = map_classes(b, classes, segments);
        if (status != MR_OK) return status;
        m->varies |= segments->weight_slot != MR_NONE;
        if (m->method < METHOD_MODEL_CHAIN) mr_map_free(&scope->chain); /* only chains hand outputs on */
        if (!mr_mining_selects(m)) mr_map_free(&scope->shown);
        segments++;
    }
    return check_segments(b, element, m, evaluator);
}

/* What the segments behind the first one predict, as targets of their own. */
static mr_status add_targets(mr_builder *b, const mr_mining *m, mr_evaluator *evaluator) {
    mr_output_step *steps = mr_build_alloc(b, m->segment_count, sizeof *steps);
    if (!steps) return MR_NO_MEMORY;
    evaluator->other_targets = steps;
    evaluator->target_name = m->segments[0].evaluator->target_name;
    evaluator->label_type = m->segments[0].evaluator->label_type;
    for (uint32_t i = 1; i < m->segment_count; i++) {
        const mr_evaluator *inner = m->segments[i].evaluator;
        if (!inner->target_name) continue;
        size_t size = strlen(inner->target_name);
        mr_output_step *step = &steps[evaluator->other_target_count++];
        *step = (mr_output_step){.name = mr_arena_copy(b->arena, inner->target_name, size),
                                 .feature = F_PREDICTED_VALUE,
                                 .type = inner->classification ? inner->label_type : T_DOUBLE,
                                 .evaluator = inner->index,
                                 .of = inner,
                                 .rank = 1};
        if (!step->name) return mr_build_no_memory(b);
        mr_status status = mr_build_slot(b, step->type, MR_CONTINUOUS, &step->slot);
        if (status != MR_OK) return status;
        b->evaluators[inner->index]->named = true;
    }
    return MR_OK;
}

/* Of several targets, the one that all segments predict which may decide; NULL: there is none. */
static const char *decided_target(const mr_mining *m, const mr_evaluator *evaluator) {
    const char *name = NULL;
    for (uint32_t i = 0; i < m->segment_count; i++) {
        const mr_segment *s = &m->segments[m->method == METHOD_SELECT_FIRST ? i : m->segment_count - 1 - i];
        const char *inner = s->evaluator->target_name;
        bool typed = !evaluator->classification || s->evaluator->label_type == evaluator->label_type;
        if (!inner || !typed || (name && strcmp(name, inner) != 0)) return NULL;
        name = inner;
        if (s->predicate.op == P_TRUE) break;
    }
    return name;
}

static mr_status finish(mr_builder *b, mr_scope *scope, uint32_t element, mr_mining *m, mr_classes *classes,
                        mr_evaluator *evaluator) {
    if (m->method == METHOD_SELECT_ALL) evaluator->list = b->list_count++;
    if (evaluator->classification && m->method != METHOD_SELECT_ALL) {
        mr_status status = mr_build_prior_classes(b, scope, classes);
        if (status == MR_OK) status = mr_classes_keep(b, classes, evaluator, element);
        if (status != MR_OK) return status;
    }
    size_t numbers = mr_mining_numbers(m, evaluator);
    if (numbers > 1 << 24)
        return mr_build_fail(b, element, MR_LIMIT,
                             "%u segments of %u classes are too many for a median (16,777,216 numbers)",
                             m->segment_count, evaluator->class_count);
    evaluator->numbers = (uint32_t)b->number_count;
    b->number_count += numbers;
    bool one = m->method == METHOD_MODEL_CHAIN || m->method == METHOD_SELECT_FIRST;
    if (one && scope->target_count > 1) evaluator->target_name = decided_target(m, evaluator);
    return m->method == METHOD_MULTI_MODEL_CHAIN ? add_targets(b, m, evaluator) : MR_OK;
}

mr_status mr_build_mining(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    mr_mining *m = mr_build_alloc(b, 1, sizeof *m);
    if (!m) return MR_NO_MEMORY;
    uint32_t segmentation = mr_build_child(b, element, E_Segmentation);
    if (segmentation == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<MiningModel> lacks its <Segmentation>");
    mr_classes classes = {0};
    evaluator->model = m;
    evaluator->evaluate = mr_mining_evaluate;
    evaluator->value = mr_mining_value;
    mr_status status = build_segments(b, scope, segmentation, m, &classes, evaluator);
    if (status == MR_OK) status = finish(b, scope, segmentation, m, &classes, evaluator);
    mr_classes_free(&classes);
    if (m->method == METHOD_MODEL_CHAIN && m->segment_count) evaluator->tiles = &mr_chain_tiles;
    return status;
}

/* ---- Features ---- */

bool mr_build_mining_passes_on(const mr_evaluator *evaluator) {
    const mr_mining *m = evaluator->model;
    return mr_mining_selects(m) && m->method != METHOD_MULTI_MODEL_CHAIN;
}

/* A feature of the segment that decides. All that may must answer it alike. */
static mr_status pass_on(mr_builder *b, mr_scope *scope, uint32_t element, const mr_mining *m,
                         mr_output_step *output) {
    uint32_t first = m->method == METHOD_SELECT_FIRST ? 0 : m->segment_count - 1, place = 0;
    mr_output_step asked = *output, answer = *output;
    uint32_t segmentation = mr_build_child(b, scope->model, E_Segmentation);
    MR_EACH_CHILD(b->document, segmentation, child) {
        uint32_t at = place++;
        parts p;
        if (at < first) continue;
        mr_status status = find_parts(b, child, &p);
        if (status != MR_OK) return status;
        mr_evaluator *inner = b->evaluators[m->segments[at].evaluator->index];
        mr_scope own = {.parent = scope,
                        .label_type = inner->label_type,
                        .family = mr_build_name(b, p.model),
                        .classification = inner->classification,
                        .wants_entities = true,
                        .wants_confidences = true,
                        .model = p.model};
        mr_family_feature *feature = mr_family_feature_of(own.family);
        if (!feature) return mr_output_refuse(b, element);
        answer = asked;
        status = feature(b, &own, element, inner, &answer);
        if (status == MR_OK && at > first && (answer.type != output->type || answer.detail != output->detail))
            status = mr_build_fail(b, element, MR_UNSUPPORTED,
                                   "an output that its segments answer in different ways");
        if (status != MR_OK) return status;
        *output = answer;
    }
    return MR_OK;
}

mr_status mr_build_mining_feature(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                  mr_output_step *output) {
    const mr_mining *m = evaluator->model;
    if (!mr_build_mining_passes_on(evaluator)) return mr_output_refuse(b, element);
    if (output->feature != F_ENTITY_ID) return pass_on(b, scope, element, m, output);
    if (output->rank > 1) return mr_output_refuse(b, element);
    output->own = true;
    output->type = T_STRING;
    return MR_OK;
}
