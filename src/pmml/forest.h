/* Forest: trees as arrays of 16-byte nodes, walked without a branch that depends on the data.
 *
 * Every test is an unsigned comparison of 64-bit keys. A number becomes a key of the same order
 * (mr_forest_key), so `x <= t` is `key <= pay`. A category c of at most 63 becomes the key 2^63 and the
 * shift 63-c, so that membership in a set, one bit a category, is the same comparison:
 *
 *     next = child + ((pay << shift[slot]) < key[slot])               true: +0, false: +1
 *     next = child + ((pay << shift[slot]) < key[slot]) + gap[slot]   and missing: +2
 *
 * A leaf is its own child and asks the last slot, whose key is 0, so a walk that goes on stands still;
 * its `pay` is the number of its value. So several trees step together a fixed number of times, and
 * the processor overlaps their loads. The two forms are two arrays: rows without missing values take
 * the first. The siblings of a missing exit are copies that share their children, so the second is
 * at most 1.5 times as large.
 */
#ifndef MR_PMML_FOREST_H
#define MR_PMML_FOREST_H

#include <string.h>

#include "pmml/mining.h"
#include "pmml/program.h"
#include "pmml/tree.h"

typedef struct mr_forest_node {
    uint64_t pay;
    uint32_t child;
    uint16_t slot;
} mr_forest_node;

/* What a row is to the kernels; the last slot is the leaves'. */
typedef struct mr_forest_row {
    uint64_t *keys;  /* [slot_count + 1] */
    uint8_t *shifts; /* the same */
    uint8_t *gaps;   /* 2: missing */
} mr_forest_row;

/* Trees that step together. */
typedef struct mr_forest_group {
    uint32_t first; /* in `roots`, `roots_missing` and `order` */
    uint32_t width; /* 1, 2, 4 or 8 */
    uint32_t depth; /* of the deepest */
} mr_forest_group;

typedef struct mr_forest_slot {
    uint32_t slot;        /* of the row's values */
    const uint8_t *codes; /* text -> category; NULL: a number */
    uint32_t code_count;
} mr_forest_slot;
enum { MR_FOREST_OTHER = 255, MR_FOREST_CATEGORIES = 63, MR_FOREST_SLOTS = 1024, MR_FOREST_WIDTH = 8 };

typedef struct mr_forest {
    const mr_forest_node *nodes, *nodes_missing;
    const uint32_t *roots, *roots_missing; /* [tree_count], deepest first */
    const uint32_t *order;                 /* position in the document of each */
    uint32_t tree_count, group_count, slot_count;
    const mr_forest_group *groups;
    const mr_forest_slot *slots;
    bool categories; /* a slot has categories */

    /* Values of leaf i; leaf 0 is "no prediction". */
    uint32_t value_count;     /* doubles a leaf: 1, or one for each class */
    const double *values;     /* scores, or probabilities, times the tree's weight */
    const uint32_t *labels;   /* votes, and the label of a single tree */
    const uint32_t *entities; /* single tree, as the next */
    const bool *bare;         /* a label without probabilities */
    const double *weights;    /* of each tree, in document order */
    double weight;            /* their sum */
    bool single;              /* one tree: its prediction as it is */
    bool classification, votes, divides;
    bool may_miss; /* leaf 0 can be reached by rows without missing values */
    mr_missing_prediction missing;
    uint32_t leaves; /* offset in work->numbers: leaf of each tree, then keys, shifts and gaps */
} mr_forest;

/* Order-preserving: mr_forest_key(x) <= mr_forest_key(y) as Java's Double.compare(x, y) <= 0. */
static inline uint64_t mr_forest_key(double number) {
    uint64_t bits;
    if (number != number) number = (double)__builtin_nan("");
    memcpy(&bits, &number, sizeof bits);
    return bits ^ ((uint64_t)((int64_t)bits >> 63) | 0x8000000000000000u);
}

/* Leaf of each tree, in document order. */
void mr_forest_walk(const mr_forest *forest, const mr_forest_row *row, uint32_t *leaves);
void mr_forest_walk_missing(const mr_forest *forest, const mr_forest_row *row, uint32_t *leaves);

void mr_forest_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);

#endif
