/* Nearest, compiled: room for a row, and the outputs that name points or say how near they are. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "pmml/distance/nearest.h"

/* The most neighbours that an output asks for. A rank that is no number is refused with its output. */
static double most_asked(const mr_builder *b, uint32_t model) {
    double most = 1;
    MR_EACH_CHILD(b->document, model, output) {
        if (mr_build_name(b, output) != E_Output) continue;
        MR_EACH_CHILD(b->document, output, field) {
            const char *text = mr_build_text(b, field, A_rank);
            double rank = 1;
            if (text && mr_parse_double(text, strlen(text), &rank) && rank > most) most = rank;
        }
    }
    return most;
}

mr_status mr_build_search(mr_builder *b, uint32_t model, uint32_t keep, const uint32_t *ids,
                          mr_search *search) {
    const mr_comparison *c = &search->comparison;
    uint32_t blocks = mr_comparison_blocks(c);
    double most = most_asked(b, model);
    if (blocks > MR_CHUNK_BLOCKS) blocks = MR_CHUNK_BLOCKS;
    if (most > keep) keep = most < c->point_count ? (uint32_t)most : c->point_count;
    search->ids = ids;
    search->keep = keep;
    search->nearest = (uint32_t)b->number_count;
    b->number_count += keep * (sizeof(mr_near) / sizeof(double));
    search->row = (uint32_t)b->number_count;
    b->number_count += 1 + mr_comparison_numbers(c);
    search->raw = (uint32_t)b->number_count;
    b->number_count += blocks * MR_LANES;
    search->names = mr_build_alloc(b, 1, sizeof *search->names);
    return search->names ? MR_OK : MR_NO_MEMORY;
}

mr_status mr_build_check_room(mr_builder *b, uint32_t fields, uint32_t points) {
    double bytes = (double)fields * points * sizeof(double);
    if (b->arena->limit && bytes > (double)b->arena->limit) return mr_build_no_memory(b);
    return MR_OK;
}

/* An identifier as another type than string: each has to be of it. */
static mr_status build_typed(mr_builder *b, uint32_t element, const mr_search *search, mr_data_type type) {
    uint32_t count = search->comparison.point_count;
    if (search->names->typed[type]) return MR_OK;
    mr_slot *typed = mr_build_alloc(b, count, sizeof *typed);
    if (!typed) return MR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        mr_status status = mr_build_literal(b, element, b->text_list[search->ids[i]].data, type, &typed[i]);
        if (status != MR_OK) return status;
    }
    search->names->typed[type] = typed;
    return MR_OK;
}

typedef struct named {
    uint32_t id, point;
} named;

static int by_id(const void *a, const void *b) {
    const named *x = a, *y = b;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return (x->point > y->point) - (x->point < y->point);
}

static mr_status sort_points(mr_builder *b, const mr_search *search) {
    uint32_t count = search->comparison.point_count;
    if (search->names->by_id) return MR_OK;
    named *list = mr_alloc_zero(count, sizeof *list);
    uint32_t *points = list ? mr_build_alloc(b, count, sizeof *points) : NULL;
    if (!points) {
        mr_free(list);
        return mr_build_no_memory(b);
    }
    for (uint32_t i = 0; i < count; i++) list[i] = (named){search->ids[i], i};
    qsort(list, count, sizeof *list, by_id);
    for (uint32_t i = 0; i < count; i++) points[i] = list[i].point;
    mr_free(list);
    search->names->by_id = points;
    return MR_OK;
}

/* The first point with this identifier. */
static mr_status find_point(mr_builder *b, uint32_t element, const char *id, const mr_search *search,
                            uint32_t *point) {
    mr_map_item *item = mr_map_find(&b->texts, id, strlen(id));
    uint32_t low = 0, high = search->comparison.point_count;
    mr_status status = sort_points(b, search);
    if (status != MR_OK) return status;
    const uint32_t *points = search->names->by_id;
    while (item && low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (search->ids[points[middle]] < item->value) low = middle + 1;
        else high = middle;
    }
    if (!item || low == search->comparison.point_count || search->ids[points[low]] != item->value)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "nothing of this model has the identifier \"%.60s\"", id);
    *point = points[low];
    return MR_OK;
}

mr_status mr_build_search_feature(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                  mr_output_step *output) {
    const mr_search *search = evaluator->model;
    mr_status status;
    const char *value = mr_build_text(b, element, A_value);
    bool typed = mr_build_text(b, element, A_dataType) || mr_build_text(b, element, A_datatype);
    (void)scope;
    output->detail = MR_NONE;
    if (output->rank == 0)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "rank=\"0\" of <OutputField> is not supported here");
    if (output->rank > search->keep && search->keep < search->comparison.point_count)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "rank=\"%u\" of a segment's output is not supported",
                             output->rank);
    switch (output->feature) {
    case F_ENTITY_ID:
    case F_CLUSTER_ID:
        if (!typed) output->type = T_STRING;
        if (value) return mr_output_refuse(b, element);
        return output->type == T_STRING ? MR_OK : build_typed(b, element, search, output->type);
    case F_AFFINITY:
    case F_ENTITY_AFFINITY:
    case F_CLUSTER_AFFINITY:
        status = mr_output_real(b, element, output);
        if (status != MR_OK) return status;
        return value ? find_point(b, element, value, search, &output->detail) : MR_OK;
    default:
        return mr_output_refuse(b, element);
    }
}
