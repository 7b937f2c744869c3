/* Forest kernels: the same step for 1, 2, 4 and 8 trees, in three forms (numbers only; with categories; with
 * missing values). Macros, because the steps of the trees must be independent variables to overlap. */
#include "pmml/forest.h"

#define STEP_NUMBERS(i)                                                                                      \
    n = &nodes[a##i];                                                                                        \
    a##i = n->child + (n->pay < keys[n->slot]);
#define STEP_CATEGORIES(i)                                                                                   \
    n = &nodes[a##i];                                                                                        \
    a##i = n->child + ((n->pay << shifts[n->slot]) < keys[n->slot]);
#define STEP_MISSING(i)                                                                                      \
    n = &nodes[a##i];                                                                                        \
    a##i = n->child + ((n->pay << shifts[n->slot]) < keys[n->slot]) + gaps[n->slot];

#define EACH_1(X) X(0)
#define EACH_2(X) X(0) X(1)
#define EACH_4(X) X(0) X(1) X(2) X(3)
#define EACH_8(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define START(i)  uint32_t a##i = roots[i];
#define FINISH(i) leaves[order[i]] = (uint32_t)nodes[a##i].pay;
#define INNER(i)  inner |= nodes[a##i].slot != end;

/* Shallow groups take their depth in steps; in deep ones most trees end early, so they look now and then. */
#define WALK(name, EACH, STEP)                                                                               \
    static void name(const mr_forest_node *restrict nodes, const mr_forest_row *row, uint32_t end,           \
                     const uint32_t *restrict roots, const uint32_t *restrict order, uint32_t depth,         \
                     uint32_t *restrict leaves) {                                                            \
        const uint64_t *restrict keys = row->keys;                                                           \
        const uint8_t *restrict shifts = row->shifts, *restrict gaps = row->gaps;                            \
        const mr_forest_node *n;                                                                             \
        (void)shifts, (void)gaps;                                                                            \
        EACH(START)                                                                                          \
        if (depth <= FIXED_DEPTH) {                                                                          \
            for (uint32_t level = 0; level < depth; level++) {                                               \
                EACH(STEP)                                                                                   \
            }                                                                                                \
        } else {                                                                                             \
            int inner;                                                                                       \
            do {                                                                                             \
                inner = 0;                                                                                   \
                EACH(STEP) EACH(STEP) EACH(INNER)                                                            \
            } while (inner);                                                                                 \
        }                                                                                                    \
        EACH(FINISH)                                                                                         \
    }

enum { FIXED_DEPTH = 8 };

WALK(numbers_1, EACH_1, STEP_NUMBERS)
WALK(numbers_2, EACH_2, STEP_NUMBERS)
WALK(numbers_4, EACH_4, STEP_NUMBERS)
WALK(numbers_8, EACH_8, STEP_NUMBERS)
WALK(categories_1, EACH_1, STEP_CATEGORIES)
WALK(categories_2, EACH_2, STEP_CATEGORIES)
WALK(categories_4, EACH_4, STEP_CATEGORIES)
WALK(categories_8, EACH_8, STEP_CATEGORIES)
WALK(missing_1, EACH_1, STEP_MISSING)
WALK(missing_2, EACH_2, STEP_MISSING)
WALK(missing_4, EACH_4, STEP_MISSING)
WALK(missing_8, EACH_8, STEP_MISSING)

#define RUN(form, nodes, roots, depth)                                                                       \
    for (uint32_t i = 0; i < f->group_count; i++) {                                                          \
        const mr_forest_group *g = &f->groups[i];                                                            \
        const uint32_t *from = roots + g->first, *order = f->order + g->first;                               \
        switch (g->width) {                                                                                  \
        case 8:                                                                                              \
            form##_8(nodes, row, f->slot_count, from, order, depth, leaves);                                 \
            break;                                                                                           \
        case 4:                                                                                              \
            form##_4(nodes, row, f->slot_count, from, order, depth, leaves);                                 \
            break;                                                                                           \
        case 2:                                                                                              \
            form##_2(nodes, row, f->slot_count, from, order, depth, leaves);                                 \
            break;                                                                                           \
        default:                                                                                             \
            form##_1(nodes, row, f->slot_count, from, order, depth, leaves);                                 \
            break;                                                                                           \
        }                                                                                                    \
    }

void mr_forest_walk(const mr_forest *f, const mr_forest_row *row, uint32_t *leaves) {
    if (f->categories) {
        RUN(categories, f->nodes, f->roots, g->depth)
    } else {
        RUN(numbers, f->nodes, f->roots, g->depth)
    }
}

void mr_forest_walk_missing(const mr_forest *f, const mr_forest_row *row, uint32_t *leaves) {
    RUN(missing, f->nodes_missing, f->roots_missing, UINT32_MAX)
}
