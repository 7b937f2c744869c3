/* Forest kernel for shallow trees of numbers: every tree is a perfect one, its nodes in the order of a heap.
 *
 * Node i has its children at 2i and 2i + 1, so a step needs no link: i = 2i + (pay[i] < key[slot[i]]), one
 * comparison and one addition with carry. A path that ends early goes on through tests that are never true,
 * and its leaf stands at every end of them. All trees are as deep as the deepest and stand in document order;
 * five or ten step together, and the last group is filled up with trees whose values are all 0.
 */
#include "pmml/tree/forest_perfect.h"

#include <string.h>

#include "pmml/build.h"
#include "pmml/distance/kernels.h"
#include "pmml/tree/forest.h"
#include "pmml/tree/forest_step.h"

unsigned mr_kernels = ~0u;

enum { ROOM_LEAST = 8, ROOM_MOST = 256, SLOTS_MOST = 256 };

/* ---- The walk ---- */

/* `room` nodes a tree: their pays, then their slots, a byte each. Node 0 is nobody's. */
#define STEP(i)                                                                                              \
    pays = (const uint64_t *)(const void *)(at + (i) * (9 * ROOM)) + a##i;                                   \
    a##i = mr_forest_step(a##i, pays, keys[at[(i) * (9 * ROOM) + 8 * ROOM + a##i]]);
#define EACH_5(X)  X(0) X(1) X(2) X(3) X(4)
#define EACH_10(X) EACH_5(X) X(5) X(6) X(7) X(8) X(9)
#define START(i)   size_t a##i = 1;
#define FINISH(i)  ends[i] = ((uint32_t)a##i + (i) * ROOM) * stride + first;

#define WALK(width, room)                                                                                    \
    static void walk_##width##_##room(const mr_forest_perfect *perfect, const uint64_t *restrict keys,       \
                                      uint32_t *restrict ends) {                                             \
        enum { ROOM = room, DEPTH = __builtin_ctz(room) };                                                   \
        const uint8_t *at = perfect->nodes;                                                                  \
        const uint64_t *pays;                                                                                \
        const uint32_t stride = perfect->value_stride;                                                       \
        uint32_t groups = perfect->groups, first = -stride * ROOM;                                           \
        do {                                                                                                 \
            EACH_##width(START) for (uint32_t level = 0; level < DEPTH; level++){                            \
                EACH_##width(STEP)} EACH_##width(FINISH) at += width * 9 * ROOM;                             \
            first += width * ROOM * stride;                                                                  \
            ends += width;                                                                                   \
        } while (--groups);                                                                                  \
    }
#define WALKS(room)                                                                                          \
    WALK(5, room)                                                                                            \
    WALK(10, room)
WALKS(8)
WALKS(16)
WALKS(32)
WALKS(64)
WALKS(128)
WALKS(256)

/* The same where some values are missing: `seen` is not 0 when a test asked for one. What the walk makes of
 * their keys is no matter then. */
#define STEP_GAPS(i)                                                                                         \
    slot = at[(i) * (9 * ROOM) + 8 * ROOM + a##i];                                                           \
    pays = (const uint64_t *)(const void *)(at + (i) * (9 * ROOM)) + a##i;                                   \
    seen |= keys[MR_FOREST_GAPS + slot];                                                                     \
    a##i = mr_forest_step(a##i, pays, keys[slot]);
#define WALK_GAPS(width, room)                                                                               \
    static bool gaps_##width##_##room(const mr_forest_perfect *perfect, const uint64_t *restrict keys,       \
                                      uint32_t *restrict ends) {                                             \
        enum { ROOM = room, DEPTH = __builtin_ctz(room) };                                                   \
        const uint8_t *at = perfect->nodes;                                                                  \
        const uint64_t *pays;                                                                                \
        const uint32_t stride = perfect->value_stride;                                                       \
        uint32_t groups = perfect->groups, first = -stride * ROOM;                                           \
        uint64_t seen = 0;                                                                                   \
        size_t slot;                                                                                         \
        do {                                                                                                 \
            EACH_##width(START) for (uint32_t level = 0; level < DEPTH; level++){                            \
                EACH_##width(STEP_GAPS)} EACH_##width(FINISH) at += width * 9 * ROOM;                        \
            first += width * ROOM * stride;                                                                  \
            ends += width;                                                                                   \
        } while (--groups && !seen);                                                                         \
        return seen != 0;                                                                                    \
    }
#define ALL_GAPS(room)                                                                                       \
    WALK_GAPS(5, room)                                                                                       \
    WALK_GAPS(10, room)
ALL_GAPS(8)
ALL_GAPS(16)
ALL_GAPS(32)
ALL_GAPS(64)
ALL_GAPS(128)
ALL_GAPS(256)

typedef void walk(const mr_forest_perfect *perfect, const uint64_t *restrict keys, uint32_t *restrict ends);
static walk *const walks[][2] = {{walk_5_8, walk_10_8},     {walk_5_16, walk_10_16},
                                 {walk_5_32, walk_10_32},   {walk_5_64, walk_10_64},
                                 {walk_5_128, walk_10_128}, {walk_5_256, walk_10_256}};

typedef bool walk_gaps(const mr_forest_perfect *perfect, const uint64_t *restrict keys,
                       uint32_t *restrict ends);
static walk_gaps *const gaps[][2] = {{gaps_5_8, gaps_10_8},     {gaps_5_16, gaps_10_16},
                                     {gaps_5_32, gaps_10_32},   {gaps_5_64, gaps_10_64},
                                     {gaps_5_128, gaps_10_128}, {gaps_5_256, gaps_10_256}};

/* ---- Made from the general form ---- */

typedef struct making {
    const mr_forest *forest;
    uint32_t room;
    uint64_t *pays; /* of the tree that is filled */
    uint8_t *slots;
    double *values;
} making;

/* The node at word `word` of the forest as node `i`, and all below. At most eight deep. */
static void fill(making *m, uint32_t i, uint32_t word) {
    const mr_forest *f = m->forest;
    mr_forest_link link;
    memcpy(&link, &f->nodes[word + 2], sizeof link);
    bool leaf = link.slot == f->slot_count;
    if (i >= m->room) {
        memcpy(m->values + (size_t)(i - m->room) * f->value_stride,
               f->values + f->nodes[word] * f->value_stride, f->value_stride * sizeof *f->values);
        return;
    }
    m->pays[i] = leaf ? UINT64_MAX : f->nodes[word];
    m->slots[i] = (uint8_t)link.slot; /* a leaf's is never missing */
    fill(m, 2 * i, leaf ? word : link.child);
    fill(m, 2 * i + 1, leaf ? word : link.child + 1);
}

static uint32_t deepest(const mr_forest *f) {
    uint32_t depth = 0;
    for (uint32_t i = 0; i < f->group_count; i++)
        if (f->groups[i].depth > depth) depth = f->groups[i].depth;
    return depth;
}

bool mr_forest_make_perfect(mr_builder *b, mr_forest *f, size_t bytes) {
    uint32_t depth = deepest(f), room = ROOM_LEAST, shape = 0;
    if (!(mr_kernels & MR_KERNEL_PERFECT) || !f->sums || f->categories || f->slot_count >= SLOTS_MOST)
        return true;
    while (room < 1u << depth && room < ROOM_MOST) room *= 2, shape++;
    if (depth > 8) return true;
    uint32_t width = f->tree_count % 10 == 0 || f->tree_count > 40 || f->tree_count % 10 > 5 ? 10 : 5;
    uint32_t groups = (f->tree_count + width - 1) / width, trees = groups * width;
    size_t values = (size_t)trees * room * f->value_stride;
    if ((size_t)trees * room * 9 + values * sizeof(double) > bytes) return true;
    mr_forest_perfect *p = mr_build_alloc(b, 1, sizeof *p);
    uint8_t *nodes = mr_build_alloc(b, (size_t)trees * room, 9);
    double *ends = mr_build_alloc(b, values, sizeof *ends);
    if (!p || !nodes || !ends) return false;
    for (uint32_t i = 0; i < f->tree_count; i++) {
        uint8_t *at = nodes + (size_t)f->order[i] * room * 9;
        making m = {.forest = f, .room = room, .pays = (uint64_t *)(void *)at, .slots = at + 8 * room};
        m.values = ends + (size_t)f->order[i] * room * f->value_stride;
        fill(&m, 1, f->roots[i]);
    }
    for (uint32_t i = f->tree_count; i < trees; i++)
        memset(nodes + ((size_t)i * 9 + 8) * room, (int)f->slot_count, room);
    *p = (mr_forest_perfect){.walk = walks[shape][width == 10],
                             .nodes = nodes,
                             .groups = groups,
                             .tree_count = trees,
                             .value_stride = f->value_stride,
                             .values = ends};
    if (f->classification && f->positive && width == 10)
        p->average = mr_forest_average_of(room, f->value_stride);
    bool ends_all = !f->nodes_missing && !f->votes && f->missing != PREDICTION_SKIP_SEGMENT;
    if (ends_all && f->slot_count + 2 <= MR_FOREST_GAPS) p->walk_gaps = gaps[shape][width == 10];
    f->perfect = p;
    return true;
}
