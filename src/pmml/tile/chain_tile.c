/* Chain over a tile: regressions, each of which becomes an operation of the plan, before a classification.
 *
 * So exporters write boosted classifiers: an ensemble of trees gives a number, an output transforms it, a
 * regression makes probabilities of it. A row of which any of the models predicts nothing is left to the
 * general way.
 */
#include "base/memory.h"
#include "pmml/mining/mining.h"
#include "pmml/tile/direct.h"
#include "pmml/tile/tile_build.h"

enum { INPUTS_MOST = 1024 }; /* registers of a regression */

static const mr_evaluator *last_of(const mr_evaluator *chain) {
    const mr_mining *m = chain->model;
    return m->segments[m->segment_count - 1].evaluator;
}

uint32_t mr_tile_answers(const mr_evaluator *root) {
    return root->tiles == &mr_chain_tiles ? last_of(root)->index : root->index;
}

/* ---- The plan ---- */

/* The family's registers, and what may end a row. */
static bool plan_model(mr_tile_builder *b, const mr_evaluator *e) {
    uint32_t number;
    if (!e->tiles || e->tiles == &mr_chain_tiles || e->list != MR_NONE || e->other_target_count) return false;
    for (uint32_t i = 0; i < e->step_count; i++) b->steps_of[e->steps[i].to] = &e->steps[i];
    for (uint32_t i = 0; i < e->step_count; i++)
        if (e->steps[i].treatment && !mr_tile_slot(b, e->steps[i].to, &number)) return false;
    return e->tiles->plan(e, b);
}

/* Registers of a regression's outputs, which later models read. */
static bool plan_outputs(mr_tile_builder *b, const mr_evaluator *e, uint32_t predicted) {
    for (uint32_t i = 0; i < e->output_count; i++) {
        const mr_output_step *o = &e->outputs[i];
        uint32_t number = predicted;
        if (o->of || o->prints || o->reads || (o->type != T_DOUBLE && o->type != T_FLOAT)) return false;
        if (o->feature == F_TRANSFORMED_VALUE) {
            if (!mr_tile_need_expression(b, o->expression, false)) return false;
            number = b->needed[--b->needed_count];
        } else if (o->feature != F_PREDICTED_VALUE || o->type != T_DOUBLE) {
            return false;
        }
        b->registers_of[o->slot] = number;
    }
    return true;
}

static bool plan_regression(mr_tile_builder *b, const mr_evaluator *e) {
    size_t first = b->needed_count;
    if (e->classification || !plan_model(b, e) || b->needed_count - first > INPUTS_MOST) return false;
    mr_tile_op *op = mr_tile_add_op(b, TILE_MODEL);
    if (!op) return false;
    op->of = e;
    op->first = (uint32_t)b->read_count;
    op->count = (uint32_t)(b->needed_count - first);
    uint32_t predicted = op->to;
    for (size_t i = first; i < b->needed_count; i++) {
        if (!MR_GROW(b->reads, b->read_count, b->read_capacity)) {
            b->no_memory = true;
            return false;
        }
        b->reads[b->read_count++] = (mr_tile_read){.from = b->needed[i]};
    }
    b->needed_count = first;
    return plan_outputs(b, e, predicted);
}

/* Is what the last model says what the chain says? */
static bool answers(const mr_evaluator *chain) {
    const mr_mining *m = chain->model;
    const mr_segment *last = &m->segments[m->segment_count - 1];
    const mr_evaluator *e = last->evaluator;
    if (!chain->classification || !e->classification || chain->class_count != e->class_count) return false;
    if (!last->classes || chain->target || e->target) return false;
    for (uint32_t k = 0; k < e->class_count; k++)
        if (last->classes[k] != k) return false;
    for (uint32_t i = 0; i < e->output_count; i++)
        if (mr_output_reads_row(&e->outputs[i])) return false;
    return true;
}

static bool plan(const mr_evaluator *e, mr_tile_builder *b) {
    const mr_mining *m = e->model;
    if (m->segment_count < 2 || !answers(e) || !mr_direct_gives_simple(b->model)) return false;
    for (uint32_t i = 0; i < m->segment_count; i++) {
        if (m->segments[i].predicate.op != P_TRUE) return false;
        if (i + 1 < m->segment_count && !plan_regression(b, m->segments[i].evaluator)) return false;
    }
    return plan_model(b, last_of(e));
}

/* ---- A block of rows ---- */

static size_t memory(const mr_evaluator *e, uint32_t rows) {
    const mr_mining *m = e->model;
    size_t most = 0;
    for (uint32_t i = 0; i < m->segment_count; i++) {
        const mr_evaluator *of = m->segments[i].evaluator;
        size_t bytes = of->tiles->memory ? of->tiles->memory(of, rows) : 0;
        if (bytes > most) most = bytes;
    }
    return most;
}

static void leave_absent(mr_tile *t) {
    t->left |= t->absent;
    t->absent = 0;
}

void mr_tile_run_model(const mr_tile_plan *p, const mr_tile_op *op, mr_tile *t) {
    const mr_evaluator *e = op->of;
    uint32_t registers[INPUTS_MOST];
    double *numbers = t->numbers, *to = mr_tile_values(t, op->to);
    for (uint32_t i = 0; i < op->count; i++) registers[i] = p->reads[op->first + i].from;
    e->tiles->run(e, registers, t);
    leave_absent(t);
    for (uint32_t r = 0; r < t->rows; r++) {
        mr_prediction one = {.number = t->numbers[(size_t)r * t->row_step], .source = e};
        mr_evaluator_settle(e, t->work, &one);
        to[r] = one.number;
    }
    t->numbers = numbers;
    t->class_step = t->stride, t->row_step = 1;
}

static void run(const mr_evaluator *e, const uint32_t *registers, mr_tile *t) {
    const mr_evaluator *last = last_of(e);
    last->tiles->run(last, registers, t);
    leave_absent(t);
}

const mr_tile_family mr_chain_tiles = {plan, memory, run, NULL, NULL, false};
