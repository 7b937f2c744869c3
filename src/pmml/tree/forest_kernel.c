/* Forest kernels: the same step for 1 to 10 trees, in four forms (numbers only; with categories; with
 * missing values; with missing values that end a walk). Macros, because the steps of the trees must be
 * independent variables to overlap. */
#include <stddef.h>

#include "pmml/tree/forest.h"

/* The two halves of a link are loads of their own, so that the child waits for nothing. */
static inline uint32_t child_of(const uint64_t *link) {
    uint32_t child;
    memcpy(&child, (const char *)link + offsetof(mr_forest_link, child), sizeof child);
    return child;
}
static inline uint16_t slot_of(const uint64_t *link) {
    uint16_t slot;
    memcpy(&slot, (const char *)link + offsetof(mr_forest_link, slot), sizeof slot);
    return slot;
}

/* One address for all of a node: without the barrier gcc makes three of it. */
#define NODE(i)                                                                                              \
    n = nodes + a##i;                                                                                        \
    __asm__("" : "+r"(n));
#define STEP_NUMBERS(i)                                                                                      \
    NODE(i)                                                                                                  \
    a##i = child_of(n + 2) + (n[0] < keys[slot_of(n + 2)]);
#define STEP_CATEGORIES(i)                                                                                   \
    NODE(i)                                                                                                  \
    slot = slot_of(n + 2);                                                                                   \
    a##i = child_of(n + 2) + ((n[0] << shifts[slot]) < keys[slot]);
#define STEP_MISSING(i)                                                                                      \
    NODE(i)                                                                                                  \
    slot = slot_of(n + 3);                                                                                   \
    a##i = child_of(n + 3) + ((n[0] << shifts[slot]) < keys[slot]) + gaps[slot];

/* A missing value leads to one of the first two nodes, which predict nothing: 0 - 1 keeps all bits, 2 - 1
 * one. */
#define STEP_ENDING(i)                                                                                       \
    NODE(i)                                                                                                  \
    slot = slot_of(n + 2);                                                                                   \
    a##i = (child_of(n + 2) + ((n[0] << shifts[slot]) < keys[slot])) & ((size_t)gaps[slot] - 1);

#define EACH_1(X)  X(0)
#define EACH_2(X)  EACH_1(X) X(1)
#define EACH_3(X)  EACH_2(X) X(2)
#define EACH_4(X)  EACH_3(X) X(3)
#define EACH_5(X)  EACH_4(X) X(4)
#define EACH_6(X)  EACH_5(X) X(5)
#define EACH_7(X)  EACH_6(X) X(6)
#define EACH_8(X)  EACH_7(X) X(7)
#define EACH_9(X)  EACH_8(X) X(8)
#define EACH_10(X) EACH_9(X) X(9)
#define START(i)   size_t a##i = roots[i];
#define FINISH(i)  leaves[order[i]] = (uint32_t)nodes[a##i];
#define INNER(i)   inner |= slot_of(nodes + a##i + exits) != end;

/* Shallow groups take their depth in steps; in deep ones most trees end early, so they look now and then. */
#define WALK(name, EACH, STEP, EXITS)                                                                        \
    static void name(const uint64_t *restrict nodes, const mr_forest_row *row, uint32_t end,                 \
                     const uint32_t *restrict roots, const uint32_t *restrict order, uint32_t depth,         \
                     uint32_t *restrict leaves) {                                                            \
        const uint64_t *restrict keys = row->keys;                                                           \
        const uint8_t *restrict shifts = row->shifts, *restrict gaps = row->gaps;                            \
        enum { exits = EXITS };                                                                              \
        const uint64_t *n;                                                                                   \
        uint16_t slot;                                                                                       \
        (void)shifts, (void)gaps, (void)slot;                                                                \
        EACH(START)                                                                                          \
        int inner = exits == 3; /* missing values may lead deeper than the depth says */                     \
        if (depth <= FIXED_DEPTH) {                                                                          \
            for (uint32_t level = 0; level < depth; level++) {                                               \
                EACH(STEP)                                                                                   \
            }                                                                                                \
            while (inner) {                                                                                  \
                inner = 0;                                                                                   \
                EACH(INNER)                                                                                  \
                if (inner) {                                                                                 \
                    EACH(STEP)                                                                               \
                }                                                                                            \
            }                                                                                                \
        } else {                                                                                             \
            do {                                                                                             \
                inner = 0;                                                                                   \
                EACH(STEP) EACH(STEP) EACH(INNER)                                                            \
            } while (inner);                                                                                 \
        }                                                                                                    \
        EACH(FINISH)                                                                                         \
    }

enum { FIXED_DEPTH = 8 };

typedef void walk(const uint64_t *restrict nodes, const mr_forest_row *row, uint32_t end,
                  const uint32_t *restrict roots, const uint32_t *restrict order, uint32_t depth,
                  uint32_t *restrict leaves);

#define WALKS(form, STEP, exits)                                                                             \
    WALK(form##_1, EACH_1, STEP, exits)                                                                      \
    WALK(form##_2, EACH_2, STEP, exits)                                                                      \
    WALK(form##_3, EACH_3, STEP, exits)                                                                      \
    WALK(form##_4, EACH_4, STEP, exits)                                                                      \
    WALK(form##_5, EACH_5, STEP, exits)                                                                      \
    WALK(form##_6, EACH_6, STEP, exits)                                                                      \
    WALK(form##_7, EACH_7, STEP, exits)                                                                      \
    WALK(form##_8, EACH_8, STEP, exits)                                                                      \
    WALK(form##_9, EACH_9, STEP, exits)                                                                      \
    WALK(form##_10, EACH_10, STEP, exits)                                                                    \
    static walk *const form[MR_FOREST_WIDTH] = {form##_1, form##_2, form##_3, form##_4, form##_5,            \
                                                form##_6, form##_7, form##_8, form##_9, form##_10};

WALKS(numbers, STEP_NUMBERS, 2)
WALKS(categories, STEP_CATEGORIES, 2)
WALKS(missing, STEP_MISSING, 3)
WALKS(ending, STEP_ENDING, 2)

void mr_forest_walk(const mr_forest *f, const mr_forest_row *row, uint32_t *leaves) {
    walk *const *walks = f->categories ? categories : numbers;
    for (uint32_t i = 0; i < f->group_count; i++) {
        const mr_forest_group *g = &f->groups[i];
        walks[g->width - 1](f->nodes, row, f->slot_count, f->roots + g->first, f->order + g->first, g->depth,
                            leaves);
    }
}

void mr_forest_walk_missing(const mr_forest *f, const mr_forest_row *row, uint32_t *leaves) {
    walk *const *walks = f->nodes_missing ? missing : ending;
    const uint64_t *nodes = f->nodes_missing ? f->nodes_missing : f->nodes;
    const uint32_t *roots = f->nodes_missing ? f->roots_missing : f->roots;
    for (uint32_t i = 0; i < f->group_count; i++) {
        const mr_forest_group *g = &f->groups[i];
        walks[g->width - 1](nodes, row, f->slot_count, roots + g->first, f->order + g->first, g->depth,
                            leaves);
    }
}
