/* Forest as bytes, made from the general form: see forest_quick.c. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"
#include "pmml/tree/forest.h"

/* Keys are looked up for every row, so there must be trees enough, and enough for each slot. */
enum { TREES_LEAST = 32, TREES_OF_SLOT = 3 };

typedef struct test {
    uint64_t pay;
    uint16_t slot;
    uint8_t leaves;  /* of the left side */
    uint32_t number; /* among the slot's thresholds */
} test;

typedef struct making {
    const mr_forest *forest;
    test *tests; /* [trees][7], in any order within a tree; without leaves: none */
    double *values;
    uint32_t test_count, leaf_count; /* of the tree that is gathered */
} making;

/* The node at `word` and all below; their leaves from the left. False: there are too many. */
static bool gather(making *m, test *tests, double *values, uint32_t word) {
    const mr_forest *f = m->forest;
    mr_forest_link link;
    memcpy(&link, &f->nodes[word + 2], sizeof link);
    if (link.slot == f->slot_count) {
        if (m->leaf_count == MR_QUICK_LEAVES) return false;
        values[m->leaf_count++] = f->values[f->nodes[word]];
        return true;
    }
    if (m->test_count == MR_QUICK_TESTS) return false;
    test *own = &tests[m->test_count++];
    uint32_t first = m->leaf_count;
    if (!gather(m, tests, values, link.child)) return false;
    *own = (test){f->nodes[word], link.slot, (uint8_t)((1u << m->leaf_count) - (1u << first)), 0};
    return gather(m, tests, values, link.child + 1);
}

static bool gather_all(making *m) {
    const mr_forest *f = m->forest;
    for (uint32_t i = 0; i < f->tree_count; i++) {
        size_t at = f->order[i];
        m->test_count = m->leaf_count = 0;
        if (!gather(m, m->tests + at * MR_QUICK_TESTS, m->values + at * MR_QUICK_LEAVES, f->roots[i]))
            return false;
    }
    return true;
}

/* ---- Thresholds ---- */

static int by_slot(const void *a, const void *b) {
    const test *x = a, *y = b;
    if (x->slot != y->slot) return x->slot < y->slot ? -1 : 1;
    return (x->pay > y->pay) - (x->pay < y->pay);
}

/* Each test once, in order. */
static size_t sort(const test *tests, size_t count, test *sorted) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (tests[i].leaves) sorted[kept++] = tests[i];
    qsort(sorted, kept, sizeof *sorted, by_slot);
    count = kept, kept = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_slot(&sorted[i], &sorted[kept - 1]) != 0) sorted[kept++] = sorted[i];
    return kept;
}

/* Where each slot's thresholds are. False: too many bytes. */
static bool place(test *sorted, size_t count, mr_forest_quick *q, mr_quick_slot *slots, size_t *words) {
    size_t at = 0;
    *words = 0;
    for (uint32_t k = 0; k < q->slot_count; k++) {
        size_t first = at;
        for (; at < count && sorted[at].slot == k; at++) sorted[at].number = (uint32_t)(at - first);
        size_t bytes = (at - first + MR_QUICK_THRESHOLDS - 1) / MR_QUICK_THRESHOLDS;
        if (bytes > MR_QUICK_BYTES - q->byte_count) return false;
        slots[k] = (mr_quick_slot){
            .first = (uint32_t)*words, .byte = (uint8_t)q->byte_count, .bytes = (uint8_t)bytes};
        while ((size_t)1 << slots[k].depth <= at - first) slots[k].depth++;
        q->byte_count += (uint32_t)bytes;
        *words += (size_t)1 << slots[k].depth;
    }
    return true;
}

/* Node i of a heap of sorted thresholds, and all below; beyond the last stand some that no key is above. */
static void fill_heap(uint64_t *heap, size_t size, size_t i, const test *sorted, size_t count, size_t *next) {
    if (i >= size) return;
    fill_heap(heap, size, 2 * i, sorted, count, next);
    heap[i] = *next < count ? sorted[*next].pay : UINT64_MAX;
    ++*next;
    fill_heap(heap, size, 2 * i + 1, sorted, count, next);
}

/* ---- Tests ---- */

static void put_tests(const making *m, const test *sorted, size_t count, const mr_quick_slot *slots,
                      mr_quick_tests *to) {
    for (uint32_t t = 0; t < m->forest->tree_count; t++) {
        const test *tests = m->tests + (size_t)t * MR_QUICK_TESTS;
        mr_quick_tests *of = to + t / MR_QUICK_TREES * MR_QUICK_TESTS;
        for (uint32_t i = 0; i < MR_QUICK_TESTS; i++) {
            uint32_t lane = t % MR_QUICK_TREES;
            of[i].threshold[lane] = INT8_MIN; /* no byte is less */
            if (!tests[i].leaves) continue;
            const test *found = bsearch(&tests[i], sorted, count, sizeof *sorted, by_slot);
            of[i].threshold[lane] = (int8_t)(127 - (int)(found->number % MR_QUICK_THRESHOLDS));
            of[i].byte[lane] = (uint8_t)(slots[found->slot].byte + found->number / MR_QUICK_THRESHOLDS);
            of[i].leaves[lane] = tests[i].leaves;
        }
    }
}

static bool make(mr_builder *b, making *m, test *sorted, mr_forest_quick *q) {
    const mr_forest *f = m->forest;
    size_t count = sort(m->tests, (size_t)f->tree_count * MR_QUICK_TESTS, sorted), words, at = 0;
    mr_quick_slot *slots = mr_build_alloc(b, f->slot_count, sizeof *slots);
    if (!slots) return false;
    q->slots = slots, q->slot_count = f->slot_count, q->tree_count = f->tree_count;
    if (!place(sorted, count, q, slots, &words)) return true;
    size_t blocks = (f->tree_count + MR_QUICK_TREES - 1) / MR_QUICK_TREES;
    uint64_t *thresholds = mr_build_alloc(b, words, sizeof *thresholds);
    mr_quick_tests *tests = mr_build_alloc(b, blocks * MR_QUICK_TESTS, sizeof *tests);
    q->values = mr_build_keep(b, m->values, (size_t)f->tree_count * MR_QUICK_LEAVES, sizeof *m->values);
    if (!thresholds || !tests || !q->values) return false;
    for (uint32_t k = 0; k < f->slot_count; k++) {
        size_t first = at, next = 0;
        while (at < count && sorted[at].slot == k) at++;
        fill_heap(thresholds + slots[k].first, (size_t)1 << slots[k].depth, 1, sorted + first, at - first,
                  &next);
    }
    put_tests(m, sorted, count, slots, tests);
    q->thresholds = thresholds;
    q->tests = tests;
    return true;
}

bool mr_forest_make_quick(mr_builder *b, mr_forest *f) {
    mr_forest_quick chosen = {0};
    if (!f->sums || f->classification || f->rounds || f->categories || f->tree_count < TREES_LEAST ||
        f->tree_count < TREES_OF_SLOT * f->slot_count || !mr_forest_quick_choose(&chosen))
        return true;
    size_t tests = (size_t)f->tree_count * MR_QUICK_TESTS;
    making m = {.forest = f};
    m.tests = mr_alloc_zero(tests, sizeof *m.tests);
    m.values = mr_alloc_zero((size_t)f->tree_count * MR_QUICK_LEAVES, sizeof *m.values);
    test *sorted = mr_alloc(tests * sizeof *sorted);
    mr_forest_quick *q = mr_build_alloc(b, 1, sizeof *q);
    bool done = q && m.tests && m.values && sorted;
    if (!done && q) mr_build_no_memory(b);
    if (done) *q = chosen;
    if (done && gather_all(&m)) done = make(b, &m, sorted, q);
    if (done && q->tests) f->quick = q;
    mr_free(m.tests);
    mr_free(m.values);
    mr_free(sorted);
    return done;
}
