/* A forest of shallow trees of numbers in the order of heaps; see forest_perfect.c. */
#ifndef MR_PMML_FOREST_PERFECT_H
#define MR_PMML_FOREST_PERFECT_H

#include <stddef.h>
#include <stdint.h>

typedef struct mr_forest mr_forest;
typedef struct mr_builder mr_builder;

typedef struct mr_forest_perfect {
    void (*walk)(const uint8_t *nodes, uint32_t groups, const uint64_t *restrict keys,
                 uint32_t *restrict leaves);
    const uint8_t *nodes;
    uint32_t groups, tree_count; /* tree_count: with those that fill the last group */
    const double *values;        /* of each end of each tree: forest->value_stride doubles */
} mr_forest_perfect;

/* Makes forest->perfect where the forest has that shape, which does not go beyond `bytes`. False: out of
 * memory, said in b->error. */
_Bool mr_forest_make_perfect(mr_builder *b, mr_forest *forest, size_t bytes);

/* The end of each tree that a row without missing values comes to, `tree_count` of them, in document order:
 * numbers of values. `keys`: as in mr_forest_row. */
static inline void mr_forest_walk_perfect(const mr_forest_perfect *perfect, const uint64_t *keys,
                                          uint32_t *leaves) {
    perfect->walk(perfect->nodes, perfect->groups, keys, leaves);
}

#endif
