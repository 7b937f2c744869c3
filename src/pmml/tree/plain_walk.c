/* The model is loaded in its general form, run once over each row, and the values that its trees then read
 * are kept; the walk itself reads nothing else.
 */
#include "pmml/tree/plain_walk.h"

#include "base/memory.h"
#include "pmml/mining/mining.h"
#include "pmml/pmml.h"
#include "pmml/pmml_model.h"
#include "pmml/tree/tree.h"

enum { ROW_BYTES = 64 * 1024, SLOTS_MAX = 4 << 20 };

typedef struct node {
    const mr_predicate *predicate;
    const struct node *child, *sibling, *default_child;
    double score;
} node;

struct mr_plain_walk {
    mr_model *model;
    node **nodes; /* all, of all trees */
    size_t node_count, node_capacity;
    const node **roots;
    size_t root_count, root_capacity;
    mr_slot *slots; /* [row_count][slot_count] */
    uint32_t row_count, slot_count;
};

/* ---- Nodes ---- */

static mr_status add_tree(mr_plain_walk *w, const mr_tree *tree, mr_error *error) {
    size_t first = w->node_count;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        node *made = mr_alloc_zero(1, sizeof *made);
        if (!made || !MR_GROW(w->nodes, w->node_count, w->node_capacity)) {
            mr_free(made);
            return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
        }
        made->predicate = &tree->nodes[i].predicate;
        made->score = tree->classification ? (double)tree->nodes[i].label : tree->nodes[i].score;
        w->nodes[w->node_count++] = made;
    }
    node **nodes = w->nodes + first;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        const mr_tree_node *from = &tree->nodes[i];
        if (from->end > i + 1) nodes[i]->child = nodes[i + 1];
        if (from->default_child < tree->node_count) nodes[i]->default_child = nodes[from->default_child];
        for (uint32_t c = i + 1; c < from->end; c = tree->nodes[c].end)
            if (tree->nodes[c].end < from->end) nodes[c]->sibling = nodes[tree->nodes[c].end];
    }
    if (!MR_GROW(w->roots, w->root_count, w->root_capacity))
        return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    w->roots[w->root_count++] = nodes[0];
    return MR_OK;
}

static mr_status add_trees(mr_plain_walk *w, const mr_evaluator *e, mr_error *error) {
    if (e->evaluate == mr_tree_evaluate) return add_tree(w, e->model, error);
    mr_status status = MR_OK;
    if (e->evaluate != mr_mining_evaluate) return status;
    const mr_mining *m = e->model;
    for (uint32_t i = 0; i < m->segment_count && status == MR_OK; i++)
        status = add_trees(w, m->segments[i].evaluator, error);
    return status;
}

/* ---- Rows ---- */

/* Fills the slots of a row, in a scratch that grows as it must. */
static mr_status keep_row(const mr_pmml_binding *binding, const mr_frame *in, uint32_t row,
                          mr_scratch *scratch, mr_slot *slots, mr_error *error) {
    for (size_t more = ROW_BYTES;; more *= 2) {
        mr_scratch_reset(scratch);
        if (mr_pmml_evaluate(binding, in, row, scratch, slots)) return MR_OK;
        mr_status status = mr_scratch_grow(scratch, more, error);
        if (status != MR_OK) return status;
    }
}

/* Binds the general form as the other one is bound. */
static mr_status bind_general(mr_plain_walk *w, const mr_binding *like, mr_binding **binding,
                              mr_error *error) {
    mr_status status = w->model->ops->bind(w->model, like->schema, like->fields, binding, error);
    if (status != MR_OK) return status;
    (*binding)->model = mr_model_retain(w->model);
    (*binding)->schema = mr_schema_retain(like->schema);
    return MR_OK;
}

/* Runs the model over each row, for the derived fields that its trees read. */
static mr_status keep_rows(mr_plain_walk *w, const mr_binding *like, const mr_frame *in, mr_error *error) {
    mr_binding *binding;
    mr_scratch *scratch = NULL;
    w->slot_count = ((const mr_pmml_model *)w->model)->slot_count;
    w->row_count = SLOTS_MAX / (w->slot_count ? w->slot_count : 1) + 1;
    if (w->row_count > in->row_count) w->row_count = in->row_count;
    w->slots = mr_alloc_zero((size_t)w->row_count * w->slot_count, sizeof *w->slots);
    if (!w->slots) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_status status = bind_general(w, like, &binding, error);
    if (status != MR_OK) return status;
    status = mr_scratch_new(ROW_BYTES, &scratch, error);
    for (uint32_t row = 0; row < w->row_count && status == MR_OK; row++)
        status = keep_row((const mr_pmml_binding *)binding, in, row, scratch,
                          w->slots + (size_t)row * w->slot_count, error);
    mr_scratch_free(scratch);
    mr_binding_free(binding);
    return status;
}

mr_status mr_plain_walk_new(const char *path, const mr_model_limits *limits, const mr_binding *binding,
                            const mr_frame *in, mr_plain_walk **walk, mr_error *error) {
    *walk = NULL;
    mr_plain_walk *w = mr_alloc_zero(1, sizeof *w);
    if (!w) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_status status = mr_model_load_file(path, mr_pmml_general_loader.format, limits, &w->model, error);
    if (status == MR_OK) status = add_trees(w, ((const mr_pmml_model *)w->model)->root, error);
    if (status == MR_OK && w->root_count > 0) status = keep_rows(w, binding, in, error);
    if (status == MR_OK && w->root_count > 0) *walk = w;
    else mr_plain_walk_free(w);
    return status;
}

void mr_plain_walk_free(mr_plain_walk *w) {
    if (!w) return;
    for (size_t i = 0; i < w->node_count; i++) mr_free(w->nodes[i]);
    mr_free(w->nodes);
    mr_free(w->roots);
    mr_free(w->slots);
    mr_model_release(w->model);
    mr_free(w);
}

/* ---- The walk ---- */

static mr_truth test(const mr_predicate *p, const mr_slot *slots) {
    if (p->op < P_EQUAL || p->op > P_GREATER_OR_EQUAL) return mr_predicate_test(p, slots);
    if (slots[p->slot].missing) return TRUTH_UNKNOWN;
    double x = slots[p->slot].number, value = p->with.number;
    switch (p->op) {
    case P_EQUAL:
        return x == value;
    case P_NOT_EQUAL:
        return x != value;
    case P_LESS:
        return x < value;
    case P_LESS_OR_EQUAL:
        return x <= value;
    case P_GREATER:
        return x > value;
    default:
        return x >= value;
    }
}

double mr_plain_walk_run(const mr_plain_walk *w, uint32_t first, uint32_t count) {
    double sum = 0;
    for (uint32_t row = first; row < first + count; row++) {
        const mr_slot *slots = w->slots + (size_t)(row % w->row_count) * w->slot_count;
        for (size_t i = 0; i < w->root_count; i++) {
            const node *at = w->roots[i], *next = at;
            while (next) {
                at = next;
                next = at->child;
                mr_truth truth = TRUTH_FALSE;
                while (next && (truth = test(next->predicate, slots)) == TRUTH_FALSE) next = next->sibling;
                if (truth == TRUTH_UNKNOWN) next = at->default_child;
            }
            sum += at->score;
        }
    }
    return sum;
}
