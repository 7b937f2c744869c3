/* A regression's forest of trees of at most eight leaves, as bytes: for processors with AVX2; see
 * forest_quick.c.
 */
#ifndef MR_PMML_FOREST_QUICK_H
#define MR_PMML_FOREST_QUICK_H

#include <stddef.h>
#include <stdint.h>

typedef struct mr_forest mr_forest;
typedef struct mr_builder mr_builder;

enum {
    MR_QUICK_TREES = 32,
    MR_QUICK_TESTS = 7,
    MR_QUICK_LEAVES = 8,
    MR_QUICK_THRESHOLDS = 255,
    MR_QUICK_BYTES = 128
};

/* A slot's thresholds, and the bytes that say where among them a key stands. */
typedef struct mr_quick_slot {
    uint32_t first;      /* of its heap in `thresholds` */
    uint8_t depth;       /* steps down the heap */
    uint8_t byte, bytes; /* the first, and how many */
} mr_quick_slot;

/* The same test of 32 trees. */
typedef struct mr_quick_tests {
    int8_t threshold[MR_QUICK_TREES]; /* not below it: nothing. Below: the leaves are out */
    uint8_t byte[MR_QUICK_TREES];
    uint8_t leaves[MR_QUICK_TREES];
} mr_quick_tests;

typedef struct mr_forest_quick {
    /* Sums of rows without missing values, bit for bit those of a walk. `keys`: [rows][stride], as in
     * mr_forest_row; row rows[i] goes to sums[rows[i]]. Fewer than 8 rows are faster one by one. */
    void (*rows)(const struct mr_forest_quick *quick, const uint64_t *keys, size_t stride,
                 const uint8_t *rows, uint32_t count, double *sums);
    double (*row)(const struct mr_forest_quick *quick, const uint64_t *keys);
    const uint64_t *thresholds; /* heaps */
    const mr_quick_slot *slots; /* [slot_count] */
    uint32_t slot_count, byte_count, tree_count;
    const mr_quick_tests *tests; /* [trees / 32][7] */
    const double *values;        /* [trees][8]: of the leaves, from the left */
} mr_forest_quick;

/* Sets rows and row. False: this processor has none. */
_Bool mr_forest_quick_choose(mr_forest_quick *quick);

/* Makes forest->quick where the forest has that shape and the processor the instructions. False: out of
 * memory, said in b->error. */
_Bool mr_forest_make_quick(mr_builder *b, mr_forest *forest);

#endif
