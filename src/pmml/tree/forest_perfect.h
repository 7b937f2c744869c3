/* A forest of shallow trees of numbers in the order of heaps; see forest_perfect.c. */
#ifndef MR_PMML_FOREST_PERFECT_H
#define MR_PMML_FOREST_PERFECT_H

#include <stddef.h>
#include <stdint.h>

typedef struct mr_forest mr_forest;
typedef struct mr_builder mr_builder;

enum { MR_FOREST_GAPS = 64 };

struct mr_forest_perfect;
typedef uint32_t mr_forest_average(const struct mr_forest_perfect *perfect, const uint64_t *restrict keys,
                                   double weight, double *restrict averages);

typedef struct mr_forest_perfect {
    /* Where the values of each tree begin that a row without missing values comes to, `tree_count` of them,
     * in document order. `keys`: as in mr_forest_row. */
    void (*walk)(const struct mr_forest_perfect *perfect, const uint64_t *restrict keys,
                 uint32_t *restrict ends);
    /* The same, and at once the averages of value_stride numbers, none of them negative, and which is the
     * first of the greatest; NULL: not of this shape. */
    mr_forest_average *average;
    /* `walk` for mr_forest_predict_gaps. True: a tree asks for a missing value, and so nothing is predicted;
     * there are no ends. NULL: the forest may predict something even so. */
    _Bool (*walk_gaps)(const struct mr_forest_perfect *perfect, const uint64_t *restrict keys,
                       uint32_t *restrict ends);
    const uint8_t *nodes;
    uint32_t groups, tree_count; /* tree_count: with those that fill the last group */
    uint32_t value_stride;
    const double *values; /* of each end of each tree */
} mr_forest_perfect;

/* forest_average.c: for groups of ten trees of `room` nodes. NULL: there is none. */
mr_forest_average *mr_forest_average_of(uint32_t room, uint32_t value_stride);

/* Makes forest->perfect where the forest has that shape, which does not go beyond `bytes`. False: out of
 * memory, said in b->error. */
_Bool mr_forest_make_perfect(mr_builder *b, mr_forest *forest, size_t bytes);

#endif
