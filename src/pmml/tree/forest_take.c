/* Forest, put in place: which evaluators it can stand for, and the values of its leaves. */
#include "base/memory.h"
#include "pmml/regression/link.h"
#include "pmml/tree/forest_build.h"

/* What each tree brings to the forest. */
typedef struct member {
    const mr_tree *tree;
    double weight;
    const uint32_t *classes; /* of the tree -> of the ensemble; NULL: the same */
    bool single_precision;   /* its own predictions are cast, before they are put together */
} member;

static const double *row_of(const mr_tree *tree, const mr_tree_node *node) {
    return node->distribution == MR_NONE
               ? NULL
               : tree->distributions + (size_t)node->distribution * tree->class_count;
}

static void fill_leaf(const mr_forest *f, const member *m, const mr_tree_node *node, double *values,
                      uint32_t *label) {
    const mr_tree *tree = m->tree;
    const double *row = row_of(tree, node);
    if (!f->classification) {
        double score = mr_rounded(m->single_precision || f->rounds, node->score);
        values[0] = m->weight == 1 ? score : mr_rounded(f->rounds, m->weight * score);
        return;
    }
    *label = node->label;
    if (*label == MR_NONE && row) *label = mr_most_probable(row, tree->class_count);
    if (m->classes) *label = m->classes[*label];
    if (f->votes) {
        if (f->sums) values[*label] = m->weight;
        return;
    }
    for (uint32_t k = 0; row && k < tree->class_count; k++)
        values[m->classes ? m->classes[k] : k] = m->weight == 1 ? row[k] : m->weight * row[k];
}

static mr_status fill_leaves(mr_builder *b, mr_forest *f, const member *members,
                             const mr_forest_leaves *leaves) {
    if (leaves->count > UINT32_MAX / f->value_stride)
        return mr_fail(b->error, MR_LIMIT, "model", "too many leaves of so many classes");
    double *values = mr_build_alloc(b, leaves->count * f->value_stride, sizeof *values);
    uint32_t *labels = mr_build_alloc(b, f->classification ? leaves->count : 1, sizeof *labels);
    uint32_t *entities = mr_build_alloc(b, f->single ? leaves->count : 1, sizeof *entities);
    bool *bare = mr_build_alloc(b, f->single ? leaves->count : 1, sizeof *bare);
    if (!values || !labels || !entities || !bare) return MR_NO_MEMORY;
    for (size_t i = 1; i < leaves->count; i++) {
        const member *m = &members[leaves->list[i].tree];
        const mr_tree_node *node = &m->tree->nodes[leaves->list[i].node];
        fill_leaf(f, m, node, values + i * f->value_stride, &labels[f->classification ? i : 0]);
        if (!f->single) continue;
        entities[i] = node->entity;
        bare[i] = row_of(m->tree, node) == NULL;
    }
    f->positive = true;
    for (size_t i = 0; i < leaves->count * f->value_stride; i++)
        f->positive &= values[i] >= 0 && values[i] <= 1e100;
    f->leaf_count = (uint32_t)leaves->count;
    f->values = values, f->labels = labels, f->entities = entities, f->bare = bare;
    return MR_OK;
}

/* Working memory: leaves, then keys, shifts and gaps. */
static void reserve(mr_builder *b, mr_forest *f) {
    f->leaves = (uint32_t)b->number_count;
    b->number_count +=
        (f->tree_count + 1) / 2 + f->slot_count + 2 + (2 * ((size_t)f->slot_count + 2) + 7) / 8;
}

/* What the perfect form may take: half as much again as its leaves and their tests need. */
static size_t perfect_bytes(const mr_forest *f, size_t leaves) {
    return 4096 + (leaves + leaves / 2) * (9 + f->value_stride * sizeof(double));
}

static mr_status take(mr_builder *b, mr_evaluator *e, const member *members, uint32_t count,
                      const mr_mining *m, bool *done) {
    mr_forest *f = mr_build_alloc(b, 1, sizeof *f);
    const mr_tree **trees = mr_alloc(count * sizeof(mr_tree *));
    double *weights = mr_build_alloc(b, count, sizeof *weights);
    mr_forest_leaves leaves = {0};
    mr_status status = f && weights ? MR_OK : MR_NO_MEMORY;
    if (status == MR_OK && !trees) status = mr_build_no_memory(b);
    for (uint32_t i = 0; i < count && status == MR_OK; i++) trees[i] = members[i].tree;
    if (status == MR_OK) status = mr_forest_build(b, trees, count, f, &leaves, done);
    if (status == MR_OK && *done) {
        f->single = m == NULL;
        f->classification = e->classification;
        f->votes = m && mr_mining_votes(m);
        for (uint32_t i = 0; i < count; i++) f->weight += weights[i] = members[i].weight;
        f->sums = !f->single && !f->may_miss && f->weight != 0 &&
                  !(f->votes && e->class_count > MR_FOREST_VOTES_MAX);
        f->value_count = e->classification && (!f->votes || f->sums) ? e->class_count : 1;
        f->value_stride = f->value_count == 1 ? 1 : (f->value_count + 1) & ~1u;
        f->divides = m && mr_mining_divides(m);
        f->missing = m ? m->missing : PREDICTION_CONTINUE;
        f->rounds = m && e->single_math;
        f->weights = weights;
        status = fill_leaves(b, f, members, &leaves);
        if (status == MR_OK && !mr_forest_make_quick(b, f)) status = MR_NO_MEMORY;
        /* Beside the bytes, heaps are for rows with missing values that end every walk: direct.c asks them.
         */
        bool heaps = !f->quick || (!f->nodes_missing && e->step_count == 0);
        if (status == MR_OK && heaps && !mr_forest_make_perfect(b, f, perfect_bytes(f, leaves.count)))
            status = MR_NO_MEMORY;
        reserve(b, f);
        e->model = f;
        e->evaluate = mr_forest_evaluate;
        e->tiles = &mr_forest_tiles;
    }
    mr_free(leaves.list);
    mr_free(trees);
    return status;
}

/* Trees with nothing around them, whose sum, average or vote is wanted. */
static bool is_forest(const mr_evaluator *e) {
    const mr_mining *m = e->model;
    if (!mr_mining_is_plain(m)) return false;
    for (uint32_t i = 0; i < m->segment_count; i++) {
        const mr_evaluator *s = m->segments[i].evaluator;
        if (e->single_math && e->classification) return false;
        if (m->segments[i].predicate.op != P_TRUE || s->evaluate != mr_tree_evaluate) return false;
        if (s->step_count || s->output_count || s->target || s->named) return false;
        if (!e->classification || mr_mining_votes(m)) continue;
        const mr_tree *tree = s->model;
        for (uint32_t k = 0; k < tree->node_count; k++)
            if (tree->nodes[k].has_score && tree->nodes[k].distribution == MR_NONE &&
                mr_tree_may_end(tree, k))
                return false;
    }
    return true;
}

static mr_status take_ensemble(mr_builder *b, mr_evaluator *e) {
    const mr_mining *m = e->model;
    bool done = false;
    member *members = mr_alloc_zero(m->segment_count, sizeof *members);
    if (!members) return mr_build_no_memory(b);
    for (uint32_t i = 0; i < m->segment_count; i++) {
        const mr_segment *s = &m->segments[i];
        members[i] = (member){.tree = s->evaluator->model,
                              .weight = mr_mining_weighs(m) ? mr_rounded(e->single_math, s->weight) : 1,
                              .classes = s->classes,
                              .single_precision = s->evaluator->single_precision};
    }
    mr_status status = take(b, e, members, m->segment_count, m, &done);
    mr_free(members);
    for (uint32_t i = 0; i < m->segment_count && done; i++)
        b->evaluators[m->segments[i].evaluator->index]->evaluate = NULL; /* absorbed: never run again */
    return status;
}

static mr_status take_tree(mr_builder *b, mr_evaluator *e) {
    bool done = false;
    member one = {.tree = e->model, .weight = 1};
    return take(b, e, &one, 1, NULL, &done);
}

mr_status mr_forest_take_all(mr_builder *b) {
    mr_status status = MR_OK;
    for (size_t i = 0; i < b->evaluator_count && status == MR_OK; i++) {
        mr_evaluator *e = b->evaluators[i];
        if (e->evaluate == mr_mining_evaluate && is_forest(e)) status = take_ensemble(b, e);
    }
    for (size_t i = 0; i < b->evaluator_count && status == MR_OK; i++)
        if (b->evaluators[i]->evaluate == mr_tree_evaluate) status = take_tree(b, b->evaluators[i]);
    b->keeps_general = b->keeps_members = false;
    for (size_t i = 0; i < b->evaluator_count; i++) {
        b->keeps_general |=
            b->evaluators[i]->evaluate == mr_tree_evaluate || b->evaluators[i]->evaluate == mr_tree_regress;
        b->keeps_members |= b->evaluators[i]->evaluate == mr_mining_evaluate;
    }
    return status;
}
