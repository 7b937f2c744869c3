/* Nearest: the few points that are nearest to a row, what clusters and neighbours have in common.
 *
 * Points are compared some hundred at a time; a heap keeps the nearest so far, the farthest on top, so most
 * points cost one comparison with the top and nothing is sorted but what is kept.
 */
#ifndef MR_PMML_NEAREST_H
#define MR_PMML_NEAREST_H

#include "pmml/build.h"
#include "pmml/distance/comparison.h"

enum { MR_CHUNK_BLOCKS = 64 };

typedef struct mr_near {
    double number; /* distance or similarity; in the heap, smaller the nearer */
    double raw;
    uint32_t point;
} mr_near;

/* Made when an output first asks for it. */
typedef struct mr_point_names {
    mr_slot *typed[T_LIST]; /* identifiers as values of another type than string */
    uint32_t *by_id;        /* points in the order of their identifiers' numbers */
} mr_point_names;

/* The first member of a family's model. */
typedef struct mr_search {
    mr_comparison comparison;
    uint32_t keep;       /* nearest points kept for each row: 1 to point_count */
    uint32_t nearest;    /* offset in work->numbers: mr_near [keep] */
    uint32_t row;        /* the adjustment, the values, the weights */
    uint32_t raw;        /* of the chunk that was compared last */
    const uint32_t *ids; /* text of each point */
    mr_point_names *names;
} mr_search;

/* The kept points of a row, nearest first; NULL: it has none. Valid until the next row. */
const mr_near *mr_search_run(const mr_search *search, mr_work *work);
const mr_near *mr_search_nearest(const mr_search *search, const mr_work *work); /* of the row that ran last */
/* Identifiers, distances and similarities: mr_evaluator.value of families that search. */
void mr_search_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                     const mr_prediction *prediction, mr_slot *value);

/* ---- Compile ---- */

/* What a <ComparisonMeasure> says; `c` is empty. */
mr_status mr_build_measure(mr_builder *b, uint32_t element, mr_comparison *c);
/* One field that is compared, in slot `slot`: what a <ClusteringField> or <KNNInput> says of it. */
mr_status mr_build_compared(mr_builder *b, const mr_comparison *c, uint32_t measure, uint32_t element,
                            uint32_t slot, mr_compared_field *field, double *weight);
/* Fields and points: `fields`, `weights` and `missing_weights` (NULL: all 1) are the arena's and stay;
 * `values` [point_count][field_count] is read. `element`: whose points they are. */
mr_status mr_build_points(mr_builder *b, uint32_t element, mr_comparison *c, const mr_compared_field *fields,
                          const double *weights, const double *missing_weights, uint32_t field_count,
                          const double *values, uint32_t point_count);
/* Would the values of so many points be more than the limit on memory? Asked before they are taken. */
mr_status mr_build_check_room(mr_builder *b, uint32_t fields, uint32_t points);
/* Makes room for a row, keeping at least `keep` points and as many as the outputs of `model` ask for. */
mr_status mr_build_search(mr_builder *b, uint32_t model, uint32_t keep, const uint32_t *ids,
                          mr_search *search);

#endif
