/* Forest: trees as arrays of words, two a node, walked without a branch that depends on the data.
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
 * the processor overlaps their loads. Siblings are one block, first their pays, then their links (child and
 * slot), so that the next sibling is the next word and an address needs no arithmetic. The two forms are two
 * arrays: rows without missing values take the first. The siblings of a missing exit are copies that share
 * their children, so the second is at most 1.5 times as large.
 */
#ifndef MR_PMML_FOREST_H
#define MR_PMML_FOREST_H

#include <string.h>

#include "pmml/mining/mining.h"
#include "pmml/program.h"
#include "pmml/tree/forest_perfect.h"
#include "pmml/tree/forest_quick.h"
#include "pmml/tree/tree.h"

/* The second word of a node, `exits` (2 or 3) words behind its pay. */
typedef struct mr_forest_link {
    uint32_t child; /* word of the first child's pay */
    uint16_t slot;
} mr_forest_link;
_Static_assert(sizeof(mr_forest_link) == sizeof(uint64_t), "a link is a word");

/* What a row is to the kernels; slot `slot_count` is the leaves', the one behind it nobody's. */
typedef struct mr_forest_row {
    uint64_t *keys;  /* [slot_count + 2] */
    uint8_t *shifts; /* the same */
    uint8_t *gaps;   /* 2: missing */
} mr_forest_row;

/* Trees that step together. */
typedef struct mr_forest_group {
    uint32_t first; /* in `roots`, `roots_missing` and `order` */
    uint32_t width; /* 1 to MR_FOREST_WIDTH */
    uint32_t depth; /* of the deepest */
} mr_forest_group;

typedef struct mr_forest_slot {
    uint32_t slot;        /* of the row's values */
    const uint8_t *codes; /* text -> category; NULL: a number */
    uint32_t code_count;
} mr_forest_slot;
enum { MR_FOREST_OTHER = 255, MR_FOREST_CATEGORIES = 63, MR_FOREST_SLOTS = 1024, MR_FOREST_WIDTH = 10 };

enum { MR_FOREST_VOTES_MAX = 8 }; /* classes, so that votes are added up as probabilities are */

struct mr_forest {
    const uint64_t *nodes, *nodes_missing; /* nodes_missing: NULL where a missing value ends every walk */
    const uint32_t *roots, *roots_missing; /* [tree_count], deepest first */
    const uint32_t *order;                 /* position in the document of each */
    uint32_t tree_count, group_count, slot_count;
    const mr_forest_group *groups;
    const mr_forest_slot *slots;
    bool categories; /* a slot has categories */

    /* Values of leaf i; leaf 0 is "no prediction". */
    uint32_t value_count;     /* doubles a leaf: 1, or one for each class */
    uint32_t value_stride;    /* doubles from a leaf to the next: even where pairs are added */
    const double *values;     /* scores, or probabilities, times the tree's weight */
    const uint32_t *labels;   /* votes, and the label of a single tree */
    const uint32_t *entities; /* single tree, as the next */
    const bool *bare;         /* a label without probabilities */
    uint32_t leaf_count;
    const double *weights; /* of each tree, in document order */
    double weight;         /* their sum */
    bool single;           /* one tree: its prediction as it is */
    bool classification, votes, divides;
    bool sums;     /* rows without missing values have a sum of numbers or the average of probabilities, or of
                      votes: then a leaf has the tree's weight for its label */
    bool rounds;   /* sums are of floats, each rounded; of a regression */
    bool positive; /* no value of a leaf is negative, infinite or NaN */
    bool may_miss; /* leaf 0 can be reached by rows without missing values */
    mr_missing_prediction missing;
    uint32_t leaves; /* offset in work->numbers: leaf of each tree, then keys, shifts and gaps */
    const mr_forest_perfect *perfect; /* for rows without missing values, of shallow trees; else NULL */
    const mr_forest_quick *quick;     /* the same, of small ones, before it */
};

/* Order-preserving, of anything but NaN: mr_forest_order(x) <= mr_forest_order(y) as x <= y, and -0.0 < 0.0.
 */
static inline uint64_t mr_forest_order(double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits ^ ((uint64_t)((int64_t)bits >> 63) | 0x8000000000000000u);
}
/* The same with one NaN, above all others, as Java's Double.compare has it. */
static inline uint64_t mr_forest_key(double number) {
    return mr_forest_order(number != number ? (double)__builtin_nan("") : number);
}

mr_forest_row mr_forest_row_of(const mr_forest *forest, const mr_work *work);

/* Leaf of each tree, in document order. */
void mr_forest_walk(const mr_forest *forest, const mr_forest_row *row, uint32_t *leaves);
void mr_forest_walk_missing(const mr_forest *forest, const mr_forest_row *row, uint32_t *leaves);

/* The prediction of a row of keys; `missing`: shifts and gaps are filled too. */
void mr_forest_predict(const mr_evaluator *evaluator, const mr_forest_row *row, bool missing, mr_work *work,
                       mr_prediction *prediction);
/* Rows of keys of which none is missing. */
typedef struct mr_forest_rows {
    uint64_t *keys;  /* [rows][stride], as in mr_forest_row */
    uint8_t *shifts; /* the same, with categories; else anything */
    uint32_t stride;
    const uint8_t *rows; /* [count]: those that are asked for */
    uint32_t count;
} mr_forest_rows;

/* Of row r, value_stride averages from numbers[r * value_stride] on, and the label; or one number. Only of a
 * forest with `sums`. `ends` has room for the trees and
 * for ten more; four times that for four rows or more. */
void mr_forest_predict_rows(const mr_forest *forest, const mr_forest_rows *rows, uint32_t *leaves,
                            double *numbers, uint32_t *labels);
/* The same of one row with missing values: keys[MR_FOREST_GAPS + slot] is 1 for these, and 0 for the others.
 * False: nothing is predicted. Only of numbers in less than MR_FOREST_GAPS - 1 slots, and no votes. Writes to
 * `keys`. */
bool mr_forest_predict_gaps(const mr_forest *forest, uint64_t *keys, uint32_t *ends, double *numbers,
                            uint32_t *label);
extern const struct mr_tile_family mr_forest_tiles;
void mr_forest_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);

#endif
