/* Tile, see tile.h: the plan of a binding, and the way of a block of rows. */
#include "pmml/tile/direct.h"
#include "pmml/tile/tile.h"

#include <math.h>

#include "base/memory.h"
#include "pmml/distance/kernels.h"
#include "pmml/tile/tile_build.h"

enum { TILE_BYTES = 24576 }; /* of registers and what the family has beside them: the first cache's */

/* ---- Inputs ---- */

static bool treat_text(const mr_treatment *t, uint32_t text, bool missing, bool invalid, mr_tile_text *to) {
    mr_slot value = {.text = missing ? 0 : text, .missing = missing};
    bool valid = mr_treatment_apply(t, &value, invalid);
    *to = (mr_tile_text){.number = value.text, .missing = value.missing, .invalid = !valid};
    return true;
}

/* What becomes of each string of the dictionary, of a missing one, and of an invalid one. */
static bool load_texts(const mr_pmml_binding *binding, const mr_treatment *t, mr_arena *arena,
                       mr_tile_load *load) {
    uint32_t count = binding->code_count ? binding->code_count : 1;
    mr_tile_text *texts = mr_arena_alloc(arena, (count + 2) * sizeof *texts);
    if (!texts) return false;
    for (uint32_t i = 0; i < count; i++)
        treat_text(t, i < binding->code_count ? binding->texts[i] : 0, false, false, &texts[i]);
    treat_text(t, 0, true, false, &texts[count]);
    treat_text(t, 0, false, true, &texts[count + 1]);
    load->texts = texts;
    load->code_count = count;
    return true;
}

/* Bounds within which a number needs no treatment. */
static void load_bounds(const mr_treatment *t, mr_tile_load *load) {
    load->low = -INFINITY, load->high = INFINITY;
    const mr_domain *d = t->domain;
    load->checks = d->valid.count || d->invalid.count || d->missing.count || d->interval_count > 1;
    if (d->interval_count == 1) {
        const mr_interval *i = d->intervals;
        load->low = i->low_open ? nextafter(i->low, INFINITY) : i->low;
        load->high = i->high_open ? nextafter(i->high, -INFINITY) : i->high;
    }
    if (t->outliers == OUTLIERS_AS_IS) return;
    if (t->change->low > load->low) load->low = t->change->low;
    if (t->change->high < load->high) load->high = t->change->high;
}

/* False: the general way, or out of memory (*ok is false). */
static bool plan_load(const mr_pmml_binding *binding, const mr_schema *schema, uint32_t i, mr_arena *arena,
                      mr_tile_load *load, bool *ok) {
    const mr_input_field *input = &binding->model->inputs[i];
    uint32_t field = binding->fields[i];
    if (field == MR_NO_FIELD) return false;
    mr_type type = mr_schema_field(schema, field)->type;
    *load = (mr_tile_load){.field = field, .type = type, .treatment = input->treatment};
    if ((type == MR_TYPE_STRING) != (input->type == T_STRING)) return false;
    if (type == MR_TYPE_STRING) {
        load->kind = LOAD_TEXT;
        *ok = load_texts(binding, input->treatment, arena, load);
        return *ok;
    }
    if (type != MR_TYPE_DOUBLE && type != MR_TYPE_FLOAT && type != MR_TYPE_INTEGER && type != MR_TYPE_BOOLEAN)
        return false;
    if (input->type != T_DOUBLE && input->type != T_FLOAT && input->type != T_INTEGER &&
        input->type != T_BOOLEAN)
        return false;
    load_bounds(input->treatment, load);
    load->single = input->type == T_FLOAT;
    load->whole = input->type == T_INTEGER;
    load->boolean = input->type == T_BOOLEAN;
    bool plain = type == MR_TYPE_DOUBLE && !load->whole && !load->boolean && !load->checks;
    load->kind = plain ? LOAD_PLAIN : LOAD_NUMBER;
    return true;
}

/* ---- Outputs ---- */

static bool can_write(const mr_pmml_model *model) {
    uint32_t answers = mr_tile_answers(model->root);
    if (model->outputs[0] || model->root->other_target_count || model->root->list != MR_NONE) return false;
    for (uint32_t i = 1; i < model->base.shape.output_count; i++) {
        const mr_output_step *o = model->outputs[i];
        bool known =
            o->feature == F_PREDICTED_VALUE || o->feature == F_DISPLAY_VALUE || o->feature == F_PROBABILITY;
        if (!known || mr_output_reads_row(o) ||
            (o->evaluator != answers && o->evaluator != model->root->index))
            return false;
    }
    for (uint32_t i = 0; i < model->root->output_count; i++)
        if (mr_output_reads_row(&model->root->outputs[i])) return false;
    return true;
}

/* ---- The plan ---- */

static bool open_builder(mr_tile_builder *b, const mr_pmml_model *model) {
    uint32_t slots = model->slot_count;
    *b = (mr_tile_builder){.model = model};
    b->registers_of = mr_alloc((slots + 1) * sizeof *b->registers_of);
    b->steps_of = mr_alloc_zero(slots + 1, sizeof *b->steps_of);
    b->texts = mr_alloc_zero(slots + 1, sizeof *b->texts);
    if (!b->registers_of || !b->steps_of || !b->texts) return false;
    memset(b->registers_of, 0xff, slots * sizeof *b->registers_of);
    for (uint32_t i = 0; i < model->base.shape.input_count; i++) {
        b->registers_of[model->inputs[i].slot] = b->register_count++;
        b->texts[model->inputs[i].slot] = model->inputs[i].type == T_STRING;
    }
    for (uint32_t i = 0; i < model->root->step_count; i++)
        b->steps_of[model->root->steps[i].to] = &model->root->steps[i];
    return true;
}

static void close_builder(mr_tile_builder *b) {
    mr_free(b->registers_of);
    mr_free(b->steps_of);
    mr_free(b->texts);
    mr_free(b->ops);
    mr_free(b->reads);
    mr_free(b->terms);
    mr_free(b->needed);
}

/* Operations and registers. False: the general way, or no_memory. A treatment may end a row, so it runs also
 * when nobody needs its value. */
static bool plan_steps(mr_tile_builder *b) {
    const mr_evaluator *root = b->model->root;
    uint32_t number;
    if (!root->tiles->plan(root, b)) return false;
    for (uint32_t i = 0; i < root->step_count; i++)
        if (root->steps[i].treatment && !mr_tile_slot(b, root->steps[i].to, &number)) return false;
    return true;
}

static const void *keep(mr_arena *arena, const void *items, size_t count, size_t size) {
    void *copy = mr_arena_alloc(arena, count * size + 1);
    if (copy && count) memcpy(copy, items, count * size);
    return copy;
}

static size_t tile_bytes(const mr_tile_plan *p, uint32_t rows) {
    const mr_evaluator *root = p->model->root;
    uint32_t classes = root->classification ? root->class_count : 1, stride = (rows + 3) & ~3u;
    size_t family = root->tiles->memory ? root->tiles->memory(root, stride) : 0;
    return sizeof(mr_tile) + 64 + p->register_count * (stride * sizeof(double) + sizeof(uint64_t)) +
           ((size_t)classes + 1) * stride * sizeof(double) + family;
}

static bool finish(mr_tile_builder *b, mr_tile_plan *p) {
    const mr_pmml_model *model = b->model;
    uint32_t outputs = model->base.shape.output_count;
    uint32_t *labels = mr_arena_alloc(&p->arena, outputs * sizeof *labels);
    if (!labels) return false;
    labels[0] = 0;
    for (uint32_t i = 1; i < outputs; i++) labels[i] = model->outputs[i]->label;
    p->labels = labels;
    if (!mr_tile_join_sums(b, &p->arena)) return false;
    p->ops = keep(&p->arena, b->ops, b->op_count, sizeof *b->ops);
    p->reads = keep(&p->arena, b->reads, b->read_count, sizeof *b->reads);
    p->registers = keep(&p->arena, b->needed, b->needed_count, sizeof *b->needed);
    if (!p->ops || !p->reads || !p->registers) return false;
    p->op_count = (uint32_t)b->op_count;
    p->register_count = b->register_count;
    p->output_count = outputs;
    p->simple = mr_direct_gives_simple(model);
    p->rows = MR_TILE_ROWS;
    while (p->rows > 16 && tile_bytes(p, p->rows) > TILE_BYTES) p->rows /= 2;
    p->memory = tile_bytes(p, p->rows);
    p->alone = mr_tile_row_serves(p);
    return true;
}

void mr_tile_plan_free(mr_tile_plan *p) {
    if (!p) return;
    mr_arena_free(&p->arena);
    mr_free(p);
}

static bool make_plan(const mr_pmml_binding *binding, const mr_schema *schema, mr_tile_builder *b,
                      mr_tile_plan *p, bool *fits) {
    const mr_pmml_model *model = binding->model;
    uint32_t count = model->base.shape.input_count;
    mr_tile_load *loads = mr_arena_alloc(&p->arena, (count + 1) * sizeof *loads);
    if (!loads || !open_builder(b, model)) return false;
    p->loads = loads;
    p->load_count = count;
    for (uint32_t i = 0, last = count; i < count; i++) {
        bool ok = true;
        mr_tile_load load;
        *fits = plan_load(binding, schema, i, &p->arena, &load, &ok);
        if (!*fits) return ok;
        load.to = i;
        load.column = load.field * (uint32_t)sizeof(mr_column);
        if (load.field > p->most) p->most = load.field;
        p->bounded |= load.low > -INFINITY || load.high < INFINITY;
        loads[load.kind == LOAD_PLAIN && !load.single ? p->plain_count++ : --last] = load;
    }
    *fits = plan_steps(b);
    return *fits ? finish(b, p) : !b->no_memory;
}

bool mr_tile_plan_new(const mr_pmml_binding *binding, const mr_schema *schema, mr_tile_plan **result) {
    const mr_pmml_model *model = binding->model;
    *result = NULL;
    if (!(mr_kernels & MR_KERNEL_TILES) || !model->root->tiles || model->row_texts ||
        model->base.shape.input_count == 0 || !can_write(model))
        return true;
    mr_tile_plan *p = mr_alloc_zero(1, sizeof *p);
    if (!p) return false;
    p->model = model;
    p->kernels = mr_kernels;
    mr_arena_init(&p->arena, 4096, 0);
    mr_tile_builder b = {0};
    bool fits = false, done = make_plan(binding, schema, &b, p, &fits);
    close_builder(&b);
    if (done && fits) *result = p;
    else mr_tile_plan_free(p);
    return done;
}

/* ---- A block of rows ---- */

static mr_tile *lay_out(const mr_tile_plan *p, void *memory, uint32_t rows, mr_work *work) {
    const mr_evaluator *root = p->model->root;
    mr_tile *t = memory;
    t->rows = rows;
    t->stride = (rows + 3) & ~3u;
    t->all = rows == 64 ? UINT64_MAX : ((uint64_t)1 << rows) - 1;
    t->left = t->absent = 0;
    t->work = work;
    t->kernels = p->kernels;
    t->values = (double *)(((uintptr_t)(t + 1) + 31) & ~(uintptr_t)31);
    t->numbers = t->values + (size_t)p->register_count * t->stride;
    t->class_step = t->stride, t->row_step = 1;
    t->missing =
        (uint64_t *)(t->numbers + (size_t)((root->classification ? root->class_count : 1) + 1) * t->stride);
    t->memory = t->missing + p->register_count;
    return t;
}

uint64_t mr_tile_score(const mr_tile_plan *p, const mr_frame *in, mr_frame *out, mr_row_result *results,
                       uint32_t row, uint32_t count, mr_work *work, void *memory) {
    const mr_evaluator *root = p->model->root;
    if (count == 1 && root->tiles->many) return 1;
    mr_tile *t = lay_out(p, memory, count, work);
    if (!mr_tile_load_all(p, in, row, t)) return t->all;
    mr_tile_run(p, t);
    root->tiles->run(root, p->registers, t);
    mr_tile_write(p, t, out, row);
    for (uint32_t i = 0; i < count; i++)
        if (!(t->left >> i & 1)) results[row + i] = (mr_row_result){MR_OK, NULL};
    return t->left;
}
