/* Forest, compiled: the trees in their general form become tests with two or three exits.
 *
 * The children of a node are a chain of tests: the first true one is entered; at its end stands what
 * noTrueChildStrategy says. A missing value goes where missingValueStrategy says: on in the chain, to a
 * leaf, or into the default child. Two tests of which exactly one is true of any value are one. Every
 * test has one block of children, whoever leads there, so nothing is built twice. What a test cannot
 * express (compounds, isMissing, sets of numbers) leaves the ensemble in its general form.
 */
#include "pmml/tree/forest_build.h"

#include "pmml/tree/forest.h"

#include <stdlib.h>

#include "base/memory.h"

enum { LEAF_NONE = 0, CODES_MAX = 1 << 22 };

/* A test yet to be laid out: child `child` of node `parent`; its exits go to `block`. */
typedef struct test {
    uint32_t parent, child, block, level;
} test;

typedef struct layout {
    mr_builder *b;
    mr_forest *forest;
    const mr_tree *tree;
    uint32_t exits; /* 2 or 3 */
    uint64_t *nodes;
    size_t node_count, node_capacity;
    test *queue;
    size_t queue_count, queue_capacity;
    uint32_t *block_of; /* of each general node of the tree, as a test */
    uint32_t depth;
    uint32_t tree_number;
    uint32_t *leaf_of; /* number of each general node of the tree as a leaf; 0: none yet */
    mr_forest_leaves *leaves;
    uint32_t *slot_map; /* model slot -> forest slot, MR_NONE */
    mr_forest_slot *slots;
    uint8_t **codes;
} layout;

static bool is_number_test(uint8_t op) {
    return op >= P_LESS && op <= P_GREATER_OR_EQUAL;
}

static bool is_text_test(uint8_t op) {
    return op == P_TEXT_EQUAL || op == P_TEXT_NOT_EQUAL || op == P_TEXT_IN || op == P_TEXT_NOT_IN;
}

/* Can the tree be laid out at all? */
static bool expressible(const mr_tree *tree) {
    if (tree->nodes[0].predicate.op != P_TRUE || tree->confidences) return false;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        const mr_tree_node *n = &tree->nodes[i];
        uint8_t op = n->predicate.op;
        if (op > P_FALSE && !is_number_test(op) && !is_text_test(op)) return false;
        bool inner = i + 1 < n->end;
        if (inner && tree->missing == MISSING_DEFAULT_CHILD && n->default_child == MR_NONE) return false;
    }
    return true;
}

/* ---- Slots and categories ---- */

static bool add_code(layout *l, uint32_t slot, uint32_t text, uint32_t *next) {
    if (l->codes[slot][text] != MR_FOREST_OTHER) return true;
    if (next[slot] >= MR_FOREST_CATEGORIES) return false;
    l->codes[slot][text] = (uint8_t)next[slot]++;
    return true;
}

/* Forest slots of one tree's tests. False, and no error: too many, or too many categories. */
static bool add_slots(layout *l, const mr_tree *tree, uint32_t *next, mr_status *status) {
    mr_builder *b = l->b;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        const mr_predicate *p = &tree->nodes[i].predicate;
        if (p->op <= P_FALSE) continue;
        uint32_t *slot = &l->slot_map[p->slot];
        if (*slot == MR_NONE) {
            if (l->forest->slot_count >= MR_FOREST_SLOTS) return false;
            *slot = l->forest->slot_count++;
            l->slots[*slot].slot = p->slot;
        }
        if (!is_text_test(p->op)) continue;
        if (!l->codes[*slot]) {
            if (b->text_count * l->forest->slot_count > CODES_MAX) return false;
            l->codes[*slot] = mr_build_alloc(b, b->text_count, 1);
            if (!l->codes[*slot]) {
                *status = MR_NO_MEMORY;
                return false;
            }
            memset(l->codes[*slot], MR_FOREST_OTHER, b->text_count);
            l->slots[*slot].codes = l->codes[*slot];
            l->slots[*slot].code_count = (uint32_t)b->text_count;
            l->forest->categories = true;
        }
        bool one = p->op == P_TEXT_EQUAL || p->op == P_TEXT_NOT_EQUAL;
        for (uint32_t k = 0; k < (one ? 1 : p->count); k++)
            if (!add_code(l, *slot, one ? p->with.text : p->with.texts[k], next)) return false;
    }
    return true;
}

/* ---- Tests ---- */

/* The payload; *swapped: the first exit is the false one. */
static uint64_t payload(const layout *l, const mr_predicate *p, bool *swapped) {
    *swapped = p->op == P_GREATER || p->op == P_GREATER_OR_EQUAL || p->op == P_TEXT_NOT_EQUAL ||
               p->op == P_TEXT_NOT_IN;
    /* Both zeros lie between the keys of their neighbours, so a row's -0.0 goes where 0.0 does. */
    bool zero = p->with.number == 0;
    if (p->op == P_LESS_OR_EQUAL || p->op == P_GREATER) return mr_forest_key(zero ? 0.0 : p->with.number);
    if (p->op == P_LESS || p->op == P_GREATER_OR_EQUAL)
        return mr_forest_key(zero ? -0.0 : p->with.number) - 1;
    const uint8_t *codes = l->slots[l->slot_map[p->slot]].codes;
    if (p->op == P_TEXT_EQUAL || p->op == P_TEXT_NOT_EQUAL) return (uint64_t)1 << codes[p->with.text];
    uint64_t set = 0;
    for (uint32_t k = 0; k < p->count; k++) set |= (uint64_t)1 << codes[p->with.texts[k]];
    return set;
}

/* Is exactly one of the two true of any value that is not missing? */
static bool complementary(const mr_predicate *a, const mr_predicate *b) {
    static const uint8_t other[] = {
        [P_LESS] = P_GREATER_OR_EQUAL, [P_LESS_OR_EQUAL] = P_GREATER,     [P_GREATER] = P_LESS_OR_EQUAL,
        [P_GREATER_OR_EQUAL] = P_LESS, [P_TEXT_EQUAL] = P_TEXT_NOT_EQUAL, [P_TEXT_NOT_EQUAL] = P_TEXT_EQUAL,
        [P_TEXT_IN] = P_TEXT_NOT_IN,   [P_TEXT_NOT_IN] = P_TEXT_IN};
    if (a->op >= sizeof other || other[a->op] == 0 || other[a->op] != b->op || a->slot != b->slot)
        return false;
    if (a->op == P_TEXT_IN || a->op == P_TEXT_NOT_IN)
        return a->count == b->count &&
               memcmp(a->with.texts, b->with.texts, a->count * sizeof *a->with.texts) == 0;
    return is_text_test(a->op) ? a->with.text == b->with.text : a->with.number == b->with.number;
}

/* A block of siblings: the word of the first one. */
static bool room(layout *l, uint32_t *index) {
    uint32_t count = 2 * l->exits;
    while (l->node_capacity - l->node_count < count)
        if (!mr_grow_array((void **)&l->nodes, &l->node_capacity, sizeof *l->nodes)) return false;
    if (l->node_count + count > UINT32_MAX) return false;
    *index = (uint32_t)l->node_count;
    l->node_count += count;
    return true;
}

static void put_node(layout *l, uint32_t at, uint64_t pay, uint32_t child, uint32_t slot) {
    mr_forest_link link = {.child = child, .slot = (uint16_t)slot};
    l->nodes[at] = pay;
    memcpy(&l->nodes[at + l->exits], &link, sizeof link);
}

static void put_leaf(layout *l, uint32_t at, uint32_t leaf) {
    put_node(l, at, leaf, at, l->forest->slot_count);
}

/* A leaf that predicts what the general node does; `predicts` false: nothing. */
static bool place_leaf(layout *l, uint32_t at, uint32_t node, bool predicts) {
    if (!predicts) {
        l->forest->may_miss |= l->exits == 2;
        put_leaf(l, at, LEAF_NONE);
        return true;
    }
    mr_forest_leaves *leaves = l->leaves;
    if (l->leaf_of[node] == 0) {
        if (!MR_GROW(leaves->list, leaves->count, leaves->capacity)) return false;
        l->leaf_of[node] = (uint32_t)leaves->count;
        leaves->list[leaves->count++] = (mr_forest_leaf){l->tree_number, node};
    }
    put_leaf(l, at, l->leaf_of[node]);
    return true;
}

static bool place_chain(layout *l, uint32_t at, uint32_t parent, uint32_t child, uint32_t level);

static bool place_node(layout *l, uint32_t at, uint32_t node, uint32_t level) {
    const mr_tree_node *n = &l->tree->nodes[node];
    if (node + 1 < n->end) return place_chain(l, at, node, node + 1, level);
    return place_leaf(l, at, node, n->has_score || n->distribution != MR_NONE);
}

/* The chain of `parent`'s tests from `child` on, as the node at `at`. */
static bool place_chain(layout *l, uint32_t at, uint32_t parent, uint32_t child, uint32_t level) {
    const mr_tree_node *nodes = l->tree->nodes;
    while (child < nodes[parent].end && nodes[child].predicate.op == P_FALSE) child = nodes[child].end;
    if (child >= nodes[parent].end) {
        return place_leaf(l, at, parent, l->tree->last_when_none && nodes[parent].has_score);
    }
    if (nodes[child].predicate.op == P_TRUE) return place_node(l, at, child, level);
    if (level >= l->depth) l->depth = level + 1; /* steps to the leaves below this test */
    if (l->block_of[child] == MR_NONE) {
        uint32_t block;
        if (!room(l, &block) || !MR_GROW(l->queue, l->queue_count, l->queue_capacity)) return false;
        l->block_of[child] = block;
        l->queue[l->queue_count++] = (test){parent, child, block, level};
    }
    bool swapped;
    put_node(l, at, payload(l, &nodes[child].predicate, &swapped), l->block_of[child],
             l->slot_map[nodes[child].predicate.slot]);
    return true;
}

static bool place_missing(layout *l, const test *t, uint32_t next, uint32_t level) {
    const mr_tree_node *parent = &l->tree->nodes[t->parent];
    uint32_t at = t->block + 2;
    switch (l->tree->missing) {
    case MISSING_NONE:
        return place_chain(l, at, t->parent, next, level);
    case MISSING_DEFAULT_CHILD:
        return place_node(l, at, parent->default_child, level);
    case MISSING_LAST_PREDICTION:
        return place_leaf(l, at, t->parent, parent->has_score || parent->distribution != MR_NONE);
    default:
        break;
    }
    return place_leaf(l, at, t->parent, false);
}

static bool place_exits(layout *l, const test *t) {
    const mr_tree_node *nodes = l->tree->nodes;
    bool swapped;
    payload(l, &nodes[t->child].predicate, &swapped);
    uint32_t yes = t->block + swapped, no = t->block + !swapped, level = t->level + 1;
    uint32_t next = nodes[t->child].end, after = next;
    bool folds =
        next < nodes[t->parent].end && complementary(&nodes[t->child].predicate, &nodes[next].predicate);
    if (folds) after = nodes[next].end;
    if (!place_node(l, yes, t->child, level)) return false;
    if (folds ? !place_node(l, no, next, level) : !place_chain(l, no, t->parent, next, level)) return false;
    return l->exits == 2 || place_missing(l, t, after, level);
}

/* Breadth first, so that the nodes near the root lie together. */
static bool lay_out_tree(layout *l, const mr_tree *tree, uint32_t *root) {
    l->tree = tree;
    l->depth = 0;
    l->queue_count = 0;
    for (uint32_t i = 0; i < tree->node_count; i++) l->block_of[i] = MR_NONE;
    if (!room(l, root)) return false; /* the root is alone in its block */
    for (uint32_t i = 1; i < l->exits; i++) put_leaf(l, *root + i, LEAF_NONE);
    if (!place_node(l, *root, 0, 0)) return false;
    for (size_t i = 0; i < l->queue_count; i++) {
        test t = l->queue[i];
        if (!place_exits(l, &t)) return false;
    }
    return true;
}

/* ---- The whole ---- */

typedef struct ranked {
    uint32_t tree, depth, root, root_missing;
} ranked;

static int by_depth(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->depth != y->depth) return x->depth > y->depth ? -1 : 1;
    return (x->tree > y->tree) - (x->tree < y->tree);
}

static mr_status keep_order(mr_builder *b, mr_forest *f, ranked *trees) {
    qsort(trees, f->tree_count, sizeof *trees, by_depth);
    uint32_t *roots = mr_build_alloc(b, f->tree_count, sizeof *roots);
    uint32_t *missing = mr_build_alloc(b, f->tree_count, sizeof *missing);
    uint32_t *order = mr_build_alloc(b, f->tree_count, sizeof *order);
    mr_forest_group *groups = mr_build_alloc(b, f->tree_count, sizeof *groups);
    if (!roots || !missing || !order || !groups) return MR_NO_MEMORY;
    for (uint32_t i = 0; i < f->tree_count; i++) {
        roots[i] = trees[i].root;
        missing[i] = trees[i].root_missing;
        order[i] = trees[i].tree;
    }
    /* As few groups as may be, and none with few trees: a walk takes as long as its slowest chain of loads.
     */
    uint32_t most = (f->tree_count + MR_FOREST_WIDTH - 1) / MR_FOREST_WIDTH;
    for (uint32_t i = 0; i < f->tree_count;) {
        uint32_t left = most - f->group_count, width = (f->tree_count - i + left - 1) / left;
        groups[f->group_count++] = (mr_forest_group){.first = i, .width = width, .depth = trees[i].depth};
        i += width;
    }
    f->roots = roots, f->roots_missing = missing, f->order = order, f->groups = groups;
    return MR_OK;
}

static mr_status lay_out(layout *l, const mr_tree *const *trees, uint32_t exits, ranked *ranks,
                         const uint64_t **nodes) {
    mr_builder *b = l->b;
    uint32_t *leaf_of = l->leaf_of;
    l->exits = exits;
    l->node_count = 0;
    uint32_t nowhere; /* the first block: where rows end that predict nothing */
    if (!room(l, &nowhere)) return mr_build_no_memory(b);
    for (uint32_t i = 0; i < exits; i++) put_leaf(l, nowhere + i, LEAF_NONE);
    for (uint32_t i = 0; i < l->forest->tree_count; i++) {
        l->tree_number = i;
        if (!lay_out_tree(l, trees[i], exits == 2 ? &ranks[i].root : &ranks[i].root_missing)) {
            l->leaf_of = leaf_of;
            return mr_build_no_memory(b);
        }
        if (exits == 2) ranks[i].depth = l->depth;
        ranks[i].tree = i;
        l->leaf_of += trees[i]->node_count;
    }
    l->leaf_of = leaf_of;
    const void *kept = NULL;
    mr_status status = mr_build_own(b, l->nodes, l->node_count, sizeof *l->nodes, &kept);
    l->nodes = NULL;
    l->node_capacity = 0;
    *nodes = kept;
    return status;
}

/* Does a missing value end the walk without a prediction, at this node's tests? Second halves of folded pairs
 * are looked at too, which may only deny it. */
static bool ends_at(const mr_tree *tree, uint32_t node) {
    const mr_tree_node *nodes = tree->nodes, *n = &nodes[node];
    bool last = tree->missing == MISSING_LAST_PREDICTION;
    if (last ? n->has_score || n->distribution != MR_NONE : tree->last_when_none && n->has_score)
        return false;
    for (uint32_t child = node + 1; child < n->end && !last; child = nodes[child].end) {
        uint32_t next = nodes[child].end;
        if (nodes[child].predicate.op <= P_FALSE) continue;
        if (next < n->end && complementary(&nodes[child].predicate, &nodes[next].predicate))
            next = nodes[next].end;
        if (next < n->end) return false; /* another test, which may be of another field */
    }
    return true;
}

/* Does a missing value end every walk without a prediction? Then two exits do. */
static bool all_end(const mr_tree *const *trees, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const mr_tree *tree = trees[i];
        if (tree->missing == MISSING_NULL_PREDICTION) continue;
        if (tree->missing != MISSING_NONE && tree->missing != MISSING_LAST_PREDICTION) return false;
        for (uint32_t node = 0; node < tree->node_count; node++)
            if (node + 1 < tree->nodes[node].end && !ends_at(tree, node)) return false;
    }
    return true;
}

static mr_status lay_out_both(layout *l, const mr_tree *const *trees) {
    mr_forest *f = l->forest;
    uint32_t most = 0;
    size_t all = 0;
    for (uint32_t i = 0; i < f->tree_count; i++) {
        if (trees[i]->node_count > most) most = trees[i]->node_count;
        all += trees[i]->node_count;
    }
    l->leaf_of = mr_alloc_zero(all, sizeof *l->leaf_of);
    ranked *ranks = mr_alloc_zero(f->tree_count, sizeof *ranks);
    l->block_of = mr_alloc_zero(most, sizeof *l->block_of);
    mr_status status = ranks && l->block_of && l->leaf_of ? MR_OK : mr_build_no_memory(l->b);
    if (status == MR_OK) status = lay_out(l, trees, 2, ranks, &f->nodes);
    if (status == MR_OK && !all_end(trees, f->tree_count))
        status = lay_out(l, trees, 3, ranks, &f->nodes_missing);
    if (status == MR_OK) status = keep_order(l->b, f, ranks);
    f->slots = mr_build_keep(l->b, l->slots, f->slot_count, sizeof *l->slots);
    mr_free(ranks);
    mr_free(l->block_of);
    mr_free(l->leaf_of);
    mr_free(l->nodes);
    mr_free(l->queue);
    return status == MR_OK && !f->slots ? MR_NO_MEMORY : status;
}

mr_status mr_forest_build(mr_builder *b, const mr_tree *const *trees, uint32_t count, mr_forest *forest,
                          mr_forest_leaves *leaves, bool *done) {
    mr_status status = MR_OK;
    layout l = {.b = b, .forest = forest, .leaves = leaves};
    *done = false;
    for (uint32_t i = 0; i < count; i++)
        if (!expressible(trees[i])) return MR_OK;
    *forest = (mr_forest){.tree_count = count};
    l.slot_map = mr_alloc(b->slot_count * sizeof *l.slot_map + 1);
    l.slots = mr_alloc_zero(MR_FOREST_SLOTS, sizeof *l.slots);
    l.codes = mr_alloc_zero(MR_FOREST_SLOTS, sizeof *l.codes);
    uint32_t *next = mr_alloc_zero(MR_FOREST_SLOTS, sizeof *next);
    if (MR_GROW(leaves->list, leaves->count, leaves->capacity))
        leaves->list[leaves->count++] = (mr_forest_leaf){0};
    bool fits = leaves->count && l.slot_map && l.slots && l.codes && next;
    if (!fits) status = mr_build_no_memory(b);
    else memset(l.slot_map, 0xff, b->slot_count * sizeof *l.slot_map);
    for (uint32_t i = 0; i < count && fits; i++) fits = add_slots(&l, trees[i], next, &status);
    if (fits) status = lay_out_both(&l, trees);
    *done = fits && status == MR_OK;
    mr_free(l.slot_map);
    mr_free(l.slots);
    mr_free(l.codes);
    mr_free(next);
    return status;
}
