/* Mining, compiled: segments in document order; later ones of a chain see the outputs of earlier ones. */
#include "pmml/mining.h"

#include <string.h>

#include "pmml/build.h"

static mr_status build_segment(mr_builder *b, mr_scope *scope, uint32_t element, mr_segment *segment) {
    uint32_t predicate = MR_NONE, model = MR_NONE;
    segment->weight = 1;
    mr_status status = mr_build_number(b, element, A_weight, false, &segment->weight);
    MR_EACH_CHILD(b->document, element, child) {
        mr_element_name name = (mr_element_name)b->document->elements[child].name;
        uint32_t *place = mr_is_predicate(name) ? &predicate : &model;
        if (*place != MR_NONE && status == MR_OK)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "<Segment> takes one predicate and one model");
        *place = child;
    }
    if (status == MR_OK && !(segment->weight >= 0))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "a segment with a negative weight");
    if (status == MR_OK && (predicate == MR_NONE || model == MR_NONE))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<Segment> lacks its predicate or model");
    scope->reads_chain = true;
    if (status == MR_OK) status = mr_build_predicate(b, b->arena, scope, predicate, &segment->predicate);
    scope->reads_chain = false;
    mr_evaluator *evaluator = NULL;
    if (status == MR_OK) status = mr_build_model(b, scope, model, &evaluator);
    segment->evaluator = evaluator;
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

/* The last segment of a chain decides what it predicts; of an ensemble, each. */
static mr_status check_segments(mr_builder *b, uint32_t element, const mr_mining *m,
                                mr_evaluator *evaluator) {
    bool chain = m->method == METHOD_MODEL_CHAIN, probabilistic = true;
    for (uint32_t i = 0; i < m->segment_count; i++) {
        const mr_evaluator *inner = m->segments[i].evaluator;
        if (chain && i + 1 < m->segment_count) continue;
        if (inner->classification != evaluator->classification)
            return mr_build_fail(b, element, MR_UNSUPPORTED,
                                 "segments whose functionName differs from the model's are not supported");
        probabilistic &= inner->probabilistic;
    }
    evaluator->probabilistic =
        evaluator->classification && (probabilistic || m->method <= METHOD_WEIGHTED_MAJORITY_VOTE);
    bool averages = m->method == METHOD_AVERAGE || m->method == METHOD_WEIGHTED_AVERAGE;
    if (evaluator->classification && averages && !probabilistic)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "an average of models without probabilities is not supported");
    bool numeric = m->method == METHOD_MEDIAN || m->method == METHOD_MAX || m->method == METHOD_SUM;
    if (evaluator->classification ? numeric : m->method <= METHOD_WEIGHTED_MAJORITY_VOTE)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "this multipleModelMethod for this functionName is not supported");
    if (m->method <= METHOD_WEIGHTED_MAJORITY_VOTE && m->missing == PREDICTION_RETURN_MISSING)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "missingPredictionTreatment=\"returnMissing\" of a vote is not supported");
    return MR_OK;
}

static mr_status read_methods(mr_builder *b, uint32_t element, mr_mining *m) {
    static const char *const methods[] = {
        "majorityVote", "weightedMajorityVote", "average", "weightedAverage", "median", "max", "sum",
        "selectFirst",  "modelChain",           NULL};
    static const char *const missings[] = {"continue", "skipSegment", "returnMissing", NULL};
    unsigned method = 0, missing = 0;
    const char *text;
    mr_status status = mr_build_must(b, element, A_multipleModelMethod, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_multipleModelMethod, methods, &method);
    if (status == MR_OK) status = mr_build_word(b, element, A_missingPredictionTreatment, missings, &missing);
    if (status == MR_OK)
        status = mr_build_word(b, element, A_x_missingPredictionTreatment, missings, &missing);
    if (status == MR_OK && mr_build_text(b, element, A_missingThreshold))
        status = mr_build_fail(b, element, MR_UNSUPPORTED, "missingThreshold is not supported");
    m->method = (mr_method)method;
    m->missing = (mr_missing_prediction)missing;
    return status;
}

static mr_status build_segments(mr_builder *b, mr_scope *scope, uint32_t element, mr_mining *m,
                                mr_classes *classes, mr_evaluator *evaluator) {
    mr_status status = read_methods(b, element, m);
    MR_EACH_CHILD(b->document, element, child) m->segment_count++;
    if (status == MR_OK && m->segment_count == 0)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<Segmentation> has no segments");
    mr_segment *segments = status == MR_OK ? mr_build_alloc(b, m->segment_count, sizeof *segments) : NULL;
    if (!segments) return status != MR_OK ? status : MR_NO_MEMORY;
    m->segments = segments;
    MR_EACH_CHILD(b->document, element, child) {
        status = build_segment(b, scope, child, segments);
        if (status == MR_OK && evaluator->classification) status = map_classes(b, classes, segments);
        if (status != MR_OK) return status;
        if (m->method != METHOD_MODEL_CHAIN) mr_map_free(&scope->chain); /* only chains hand outputs on */
        if (m->method < METHOD_SELECT_FIRST) mr_map_free(&scope->shown);
        segments++;
    }
    return check_segments(b, element, m, evaluator);
}

mr_status mr_build_mining(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    mr_mining *m = mr_build_alloc(b, 1, sizeof *m);
    if (!m) return MR_NO_MEMORY;
    uint32_t segmentation = MR_NONE;
    MR_EACH_CHILD(b->document, element, child)
    if (b->document->elements[child].name == E_Segmentation) segmentation = child;
    if (segmentation == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<MiningModel> lacks its <Segmentation>");
    mr_classes classes = {0};
    evaluator->model = m;
    evaluator->evaluate = mr_mining_evaluate;
    mr_status status = build_segments(b, scope, segmentation, m, &classes, evaluator);
    if (status == MR_OK && evaluator->classification)
        status = mr_classes_keep(b, &classes, evaluator, element);
    mr_classes_free(&classes);
    evaluator->numbers = (uint32_t)b->number_count;
    if (m->method == METHOD_MEDIAN) b->number_count += m->segment_count;
    return status;
}
