/* Clustering: a row belongs to the cluster whose centre is nearest (PMML 4.4, "Clustering Models").
 *
 * Its label is the cluster's id, else its number from 1; its display value is the cluster's name.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/distance/nearest.h"

static void evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_near *nearest = mr_search_run(evaluator->model, work);
    if (!nearest) return;
    prediction->label = nearest->point;
    prediction->missing = false;
}

/* ---- Compile ---- */

typedef struct clustering_builder {
    mr_builder *b;
    mr_scope *scope;
    uint32_t element, measure, fields_inside; /* of <CenterFields>, or MR_NONE */
    mr_search *search;
    uint32_t field_count, cluster_count;
    mr_compared_field *fields;
    double *weights, *missing_weights, *centers;
} clustering_builder;

/* The array of numbers inside, or MR_NONE. */
static uint32_t array_of(const clustering_builder *k, uint32_t element) {
    MR_EACH_CHILD(k->b->document, element, child)
    if (mr_is_number_array(mr_build_name(k->b, child))) return child;
    return MR_NONE;
}

/* *center: its values stand in the centres. */
static mr_status is_center(const clustering_builder *k, uint32_t element, bool *center) {
    static const char *const words[] = {"false", "true", NULL};
    unsigned word = 1;
    mr_status status = mr_build_word(k->b, element, A_isCenterField, words, &word);
    *center = word == 1;
    return status;
}

static mr_status build_fields(clustering_builder *k) {
    MR_EACH_CHILD(k->b->document, k->element, child) {
        bool center;
        uint32_t slot;
        if (mr_build_name(k->b, child) != E_ClusteringField) continue;
        mr_status status = is_center(k, child, &center);
        if (status == MR_OK && !center) continue;
        if (status == MR_OK) status = mr_scope_find_attribute(k->b, k->scope, child, A_field, &slot);
        if (status == MR_OK)
            status = mr_build_compared(k->b, &k->search->comparison, k->measure, child, slot,
                                       &k->fields[k->field_count], &k->weights[k->field_count]);
        if (status != MR_OK) return status;
        k->field_count++;
    }
    return MR_OK;
}

/* The <ClusteringField>s by name, the first of each. */
static mr_status map_fields(clustering_builder *k, mr_map *fields) {
    MR_EACH_CHILD(k->b->document, k->element, child) {
        const char *name =
            mr_build_name(k->b, child) == E_ClusteringField ? mr_build_text(k->b, child, A_field) : NULL;
        if (name && !mr_map_find(fields, name, strlen(name)) &&
            !mr_map_put(fields, name, strlen(name), child))
            return mr_build_no_memory(k->b);
    }
    return MR_OK;
}

/* What is said of a centre field of PMML 3: of itself, else of the only field that it is made from; else the
 * measure speaks for it. */
static uint32_t field_of_center(const clustering_builder *k, const mr_map *fields, uint32_t derived) {
    const char *names[2] = {mr_build_text(k->b, derived, A_name), NULL};
    if (derived + 1 < k->b->document->elements[derived].end)
        names[1] = mr_build_text(k->b, derived + 1, A_field);
    for (int i = 0; i < 2; i++) {
        const mr_map_item *item = names[i] ? mr_map_find(fields, names[i], strlen(names[i])) : NULL;
        if (item) return item->value;
    }
    return k->measure;
}

static mr_status build_center_fields(clustering_builder *k, const mr_map *fields) {
    MR_EACH_CHILD(k->b->document, k->fields_inside, child) {
        uint32_t slot;
        mr_status status = mr_build_derived(k->b, k->scope, child, &slot);
        if (status == MR_OK)
            status =
                mr_build_compared(k->b, &k->search->comparison, k->measure, field_of_center(k, fields, child),
                                  slot, &k->fields[k->field_count], &k->weights[k->field_count]);
        if (status != MR_OK) return status;
        k->field_count++;
    }
    return MR_OK;
}

static mr_status build_all_center_fields(clustering_builder *k) {
    mr_map fields = {0};
    mr_status status = map_fields(k, &fields);
    if (status == MR_OK) status = build_center_fields(k, &fields);
    mr_map_free(&fields);
    return status;
}

static mr_status build_missing_weights(clustering_builder *k) {
    uint32_t list = mr_build_child(k->b, k->element, E_MissingValueWeights);
    uint32_t array = list == MR_NONE ? MR_NONE : array_of(k, list);
    if (list == MR_NONE) return MR_OK;
    if (array == MR_NONE)
        return mr_build_fail(k->b, list, MR_INVALID_MODEL, "<MissingValueWeights> lacks its <Array>");
    k->missing_weights = mr_build_alloc(k->b, k->field_count, sizeof *k->missing_weights);
    if (!k->missing_weights) return MR_NO_MEMORY;
    mr_status status = mr_build_numbers(k->b, array, k->field_count, 1, k->missing_weights);
    for (uint32_t i = 0; i < k->field_count && status == MR_OK; i++)
        if (!(k->missing_weights[i] >= 0 && isfinite(k->missing_weights[i])))
            status =
                mr_build_fail(k->b, array, MR_INVALID_MODEL, "a weight below 0 in <MissingValueWeights>");
    return status;
}

/* Coordinates of which some are strings. */
static mr_status read_mixed(clustering_builder *k, uint32_t array, double *center) {
    uint32_t count;
    const char **items;
    mr_status status = mr_build_array(k->b, array, &items, &count);
    if (status == MR_OK && count != k->field_count)
        status = mr_build_fail(k->b, array, MR_INVALID_MODEL, "a center of %u coordinates for %u fields",
                               count, k->field_count);
    for (uint32_t i = 0; i < k->field_count && status == MR_OK; i++) {
        mr_slot value;
        bool text = k->fields[i].text;
        status = mr_build_literal(k->b, array, items[i], text ? T_STRING : T_DOUBLE, &value);
        center[i] = text ? (double)value.text : value.number;
    }
    return status;
}

static mr_status read_center(clustering_builder *k, uint32_t element, double *center) {
    uint32_t array = array_of(k, element);
    if (array == MR_NONE)
        return mr_build_fail(k->b, element, MR_INVALID_MODEL, "<Cluster> lacks the <Array> of its center");
    for (uint32_t i = 0; i < k->field_count; i++)
        if (k->fields[i].text) return read_mixed(k, array, center);
    return mr_build_numbers(k->b, array, k->field_count, 1, center);
}

static mr_status read_clusters(clustering_builder *k, mr_evaluator *evaluator) {
    uint32_t *ids = mr_build_alloc(k->b, k->cluster_count, sizeof *ids), i = 0;
    uint32_t *names = mr_build_alloc(k->b, k->cluster_count, sizeof *names);
    mr_slot *values = mr_build_alloc(k->b, k->cluster_count, sizeof *values);
    if (!ids || !names || !values) return MR_NO_MEMORY;
    MR_EACH_CHILD(k->b->document, k->element, child) {
        if (mr_build_name(k->b, child) != E_Cluster) continue;
        char number[16];
        const char *id = mr_build_text(k->b, child, A_id), *name = mr_build_text(k->b, child, A_name);
        snprintf(number, sizeof number, "%u", i + 1);
        mr_status status = mr_build_intern(k->b, id ? id : number, &ids[i]);
        if (status == MR_OK) status = mr_build_intern(k->b, name ? name : id ? id : number, &names[i]);
        if (status == MR_OK) status = read_center(k, child, k->centers + (size_t)i * k->field_count);
        if (status != MR_OK) return status;
        values[i] = (mr_slot){.text = ids[i]};
        i++;
    }
    evaluator->classes = ids;
    evaluator->class_displays = names;
    evaluator->class_values = values;
    evaluator->class_count = k->cluster_count;
    return MR_OK;
}

static mr_status build_clusters(clustering_builder *k, mr_evaluator *evaluator) {
    mr_status status = mr_build_check_room(k->b, k->field_count, k->cluster_count);
    if (status != MR_OK) return status;
    k->centers = mr_alloc_zero((size_t)k->cluster_count * k->field_count, sizeof *k->centers);
    status = k->centers ? read_clusters(k, evaluator) : mr_build_no_memory(k->b);
    if (status == MR_OK)
        status = mr_build_points(k->b, k->element, &k->search->comparison, k->fields, k->weights,
                                 k->missing_weights, k->field_count, k->centers, k->cluster_count);
    mr_free(k->centers);
    if (status != MR_OK) return status;
    return mr_build_search(k->b, k->element, 1, evaluator->classes, k->search);
}

static mr_status count_children(clustering_builder *k, uint32_t *fields) {
    *fields = 0;
    MR_EACH_CHILD(k->b->document, k->element, child) {
        if (mr_build_name(k->b, child) == E_ClusteringField) ++*fields;
        if (mr_build_name(k->b, child) == E_Cluster) k->cluster_count++;
        if (mr_build_name(k->b, child) == E_ComparisonMeasure) k->measure = child;
        if (mr_build_name(k->b, child) == E_CenterFields) k->fields_inside = child;
    }
    if (k->fields_inside != MR_NONE) {
        *fields = 0;
        MR_EACH_CHILD(k->b->document, k->fields_inside, child)++ *fields;
    }
    if (k->measure == MR_NONE || *fields == 0 || k->cluster_count == 0)
        return mr_build_fail(k->b, k->element, MR_INVALID_MODEL, "<ClusteringModel> lacks its %s",
                             k->measure == MR_NONE ? "<ComparisonMeasure>"
                             : *fields == 0        ? "fields"
                                                   : "clusters");
    return MR_OK;
}

static mr_status build_all(clustering_builder *k, mr_evaluator *evaluator) {
    uint32_t fields;
    mr_status status = count_children(k, &fields);
    if (status == MR_OK) status = mr_build_measure(k->b, k->measure, &k->search->comparison);
    if (status != MR_OK) return status;
    k->fields = mr_build_alloc(k->b, fields, sizeof *k->fields);
    k->weights = mr_build_alloc(k->b, fields, sizeof *k->weights);
    if (!k->fields || !k->weights) return MR_NO_MEMORY;
    status = k->fields_inside == MR_NONE ? build_fields(k) : build_all_center_fields(k);
    if (status == MR_OK && k->field_count == 0)
        status = mr_build_fail(k->b, k->element, MR_INVALID_MODEL, "<ClusteringModel> has no center fields");
    if (status == MR_OK) status = build_missing_weights(k);
    return status == MR_OK ? build_clusters(k, evaluator) : status;
}

mr_status mr_build_clustering(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    static const char *const classes[] = {"centerBased", NULL};
    unsigned class = 0;
    const char *text;
    clustering_builder k = {
        .b = b, .scope = scope, .element = element, .measure = MR_NONE, .fields_inside = MR_NONE};
    k.search = mr_build_alloc(b, 1, sizeof *k.search);
    if (!k.search) return MR_NO_MEMORY;
    mr_status status = mr_build_must(b, element, A_modelClass, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_modelClass, classes, &class);
    if (status != MR_OK) return status;
    evaluator->model = k.search;
    evaluator->evaluate = evaluate;
    evaluator->value = mr_search_value;
    return build_all(&k, evaluator);
}
