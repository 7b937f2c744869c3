/* Tile plans: derived fields become operations over columns, those alone that the model needs.
 *
 * Sums, products and scalings of numbers have operations of their own; any other expression of known kinds
 * runs row by row through expression.c. Inputs are all loaded, because each may be invalid.
 */
#include "pmml/tile/tile_build.h"

#include "base/memory.h"
#include "pmml/expression/functions.h"

enum { DEPTH_MAX = 200, OPS_MAX = 4096 };

static uint32_t new_register(mr_tile_builder *b) {
    return b->register_count++;
}

mr_tile_op *mr_tile_add_op(mr_tile_builder *b, mr_tile_op_kind kind) {
    if (b->op_count >= OPS_MAX) return NULL;
    if (!MR_GROW(b->ops, b->op_count, b->op_capacity)) {
        b->no_memory = true;
        return NULL;
    }
    mr_tile_op *op = &b->ops[b->op_count++];
    *op = (mr_tile_op){.kind = (uint8_t)kind, .to = new_register(b), .a = MR_NONE, .b = MR_NONE};
    return op;
}

static double number_of(const mr_slot *value, bool text) {
    return text ? value->text : value->number;
}

static bool compile(mr_tile_builder *b, const mr_expression *x, uint32_t *to);

/* What a missing result becomes. False: nothing that an operation can say. */
static bool set_filling(const mr_expression *x, mr_tile_op *op) {
    bool applies = x->op == X_FUNCTION;
    const mr_slot *value = mr_maps_missing(x)             ? &x->fallback->on_missing
                           : applies && mr_has_default(x) ? &x->fallback->otherwise
                                                          : NULL;
    if (!value) return true;
    if (value->missing) return false;
    op->fills = true;
    op->filling = number_of(value, x->type == T_STRING);
    return true;
}

/* ---- Slots ---- */

static bool run_step(mr_tile_builder *b, const mr_step *step, uint32_t *to) {
    uint32_t from;
    if (!step->expression) {
        if (!mr_tile_slot(b, step->from, &from)) return false;
        mr_tile_op *op = mr_tile_add_op(b, TILE_TREAT);
        if (!op) return false;
        op->a = from;
        op->of = step->treatment;
        op->text = step->type == T_STRING;
        *to = op->to;
        return true;
    }
    return compile(b, step->expression, to);
}

bool mr_tile_slot(mr_tile_builder *b, uint32_t slot, uint32_t *to) {
    if (b->registers_of[slot] != MR_NONE) {
        *to = b->registers_of[slot];
        return true;
    }
    const mr_step *step = b->steps_of[slot];
    if (!step || ++b->depth > DEPTH_MAX) return false;
    bool done = run_step(b, step, to);
    b->depth--;
    if (!done) return false;
    b->texts[slot] = step->type == T_STRING;
    b->registers_of[slot] = *to;
    return true;
}

/* ---- Expressions ---- */

/* A call whose result is a double, or a float. */
static bool is_function(const mr_expression *x, const char *name) {
    bool number = x->calculated == T_DOUBLE || x->calculated == T_FLOAT;
    bool same = x->type == x->calculated || (x->type == T_FLOAT && x->calculated == T_DOUBLE);
    return x->op == X_FUNCTION && strcmp(x->function->name, name) == 0 && !x->texts && number && same;
}

static bool is_number(const mr_expression *x) {
    return x->op == X_CONSTANT && !x->constant.missing && x->type != T_STRING;
}

static bool plain_numbers(const mr_expression *x) {
    return !x->fallback && x->type != T_FLOAT;
}

/* A register, or a constant: then *of is MR_NONE. */
static bool operand(mr_tile_builder *b, const mr_expression *x, uint32_t *of, double *constant) {
    *of = MR_NONE;
    *constant = 0;
    if (!is_number(x)) return compile(b, x, of);
    *constant = x->constant.number;
    return true;
}

/* (from - less) / by. */
static bool is_scaling(const mr_expression *x) {
    const mr_expression *inner = x->arguments[0];
    return is_number(x->arguments[1]) && is_function(inner, "-") && plain_numbers(inner) &&
           is_number(inner->arguments[1]) && !is_number(inner->arguments[0]);
}

static bool compile_arithmetic(mr_tile_builder *b, const mr_expression *x, mr_tile_op_kind kind,
                               uint32_t *to) {
    mr_tile_op made = {.kind = (uint8_t)kind, .single = x->type == T_FLOAT, .calculates = true};
    if (!set_filling(x, &made)) return false;
    if (kind == TILE_DIVIDE && is_scaling(x)) {
        made.kind = TILE_SCALE;
        made.b = MR_NONE;
        made.x = x->arguments[0]->arguments[1]->constant.number;
        made.y = x->arguments[1]->constant.number;
        if (!compile(b, x->arguments[0]->arguments[0], &made.a)) return false;
    } else if (!operand(b, x->arguments[0], &made.a, &made.x) ||
               !operand(b, x->arguments[1], &made.b, &made.y)) {
        return false;
    }
    mr_tile_op *op = mr_tile_add_op(b, kind);
    if (!op) return false;
    made.to = *to = op->to;
    made.scales = made.kind == TILE_SCALE && !made.single;
    *op = made;
    return true;
}

/* (from - less) * times, or only one of the two, or neither. */
static bool compile_term(mr_tile_builder *b, const mr_expression *x, mr_tile_term *term) {
    *term = (mr_tile_term){.times = 1};
    if (is_function(x, "*") && plain_numbers(x) && is_number(x->arguments[1]) &&
        !is_number(x->arguments[0])) {
        term->times = x->arguments[1]->constant.number;
        x = x->arguments[0];
    }
    if (is_function(x, "-") && plain_numbers(x) && is_number(x->arguments[1]) &&
        !is_number(x->arguments[0])) {
        term->less = x->arguments[1]->constant.number;
        x = x->arguments[0];
    }
    return compile(b, x, &term->from);
}

static bool compile_sum(mr_tile_builder *b, const mr_expression *x, uint32_t *to) {
    mr_tile_term terms[MR_TILE_TERMS_MAX];
    mr_tile_op made = {.single = x->type == T_FLOAT, .calculates = true};
    if (!set_filling(x, &made)) return false;
    for (uint32_t i = 0; i < x->count; i++)
        if (!compile_term(b, x->arguments[i], &terms[i])) return false;
    mr_tile_op *op = mr_tile_add_op(b, TILE_SUM);
    if (!op) return false;
    op->single = made.single, op->calculates = true, op->fills = made.fills, op->filling = made.filling;
    op->first = (uint32_t)b->term_count;
    op->count = x->count;
    *to = op->to;
    for (uint32_t i = 0; i < x->count; i++) {
        if (!MR_GROW(b->terms, b->term_count, b->term_capacity)) {
            b->no_memory = true;
            return false;
        }
        b->terms[b->term_count++] = terms[i];
    }
    return true;
}

static bool add_read(mr_tile_builder *b, uint32_t slot) {
    mr_tile_read read = {.slot = slot};
    if (!mr_tile_slot(b, slot, &read.from)) return false;
    if (!MR_GROW(b->reads, b->read_count, b->read_capacity)) {
        b->no_memory = true;
        return false;
    }
    read.text = b->texts[slot];
    b->reads[b->read_count++] = read;
    return true;
}

static bool add_slot(mr_tile_builder *b, uint32_t slot, bool collects) {
    uint32_t ignored;
    return collects ? add_read(b, slot) : mr_tile_slot(b, slot, &ignored);
}

/* The registers of all slots that an expression reads. What a <DefineFunction> reads are its parameters. */
static bool add_reads(mr_tile_builder *b, const mr_expression *x, bool collects) {
    bool done = true;
    switch (x->op) {
    case X_CONSTANT:
        return true;
    case X_FIELD:
    case X_NORM_CONTINUOUS:
    case X_NORM_DISCRETE:
    case X_DISCRETIZE:
        return add_slot(b, x->slot, collects);
    case X_MAP: {
        const mr_value_map *map = x->detail;
        for (uint32_t k = 0; k < map->key_count && done; k++) done = add_slot(b, map->slots[k], collects);
        return done;
    }
    case X_CONVERT:
        return add_reads(b, x->arguments[0], collects);
    case X_IF:
    case X_FUNCTION:
        for (uint32_t i = 0; i < x->count && done; i++) done = add_reads(b, x->arguments[i], collects);
        return done;
    default:
        return false;
    }
}

static bool compile_call(mr_tile_builder *b, const mr_expression *x, uint32_t *to) {
    if (!add_reads(b, x, false)) return false; /* first what it needs, then its own list in one piece */
    size_t first = b->read_count;
    if (!add_reads(b, x, true)) return false;
    mr_tile_op *op = mr_tile_add_op(b, TILE_CALL);
    if (!op) return false;
    op->of = x;
    op->first = (uint32_t)first;
    op->count = (uint32_t)(b->read_count - first);
    *to = op->to;
    return true;
}

/* Operations that take one register. */
static bool compile_field(mr_tile_builder *b, const mr_expression *x, mr_tile_op_kind kind, uint32_t *to) {
    uint32_t from;
    mr_tile_op made = {0};
    if (!mr_tile_slot(b, x->slot, &from) || !set_filling(x, &made)) return false;
    if (kind == TILE_MOVE && !made.fills) {
        *to = from;
        return true;
    }
    mr_tile_op *op = mr_tile_add_op(b, kind);
    if (!op) return false;
    op->a = from;
    op->of = x;
    if (kind == TILE_IS) op->x = number_of(&x->constant, x->texts);
    op->fills = made.fills, op->filling = made.filling;
    *to = op->to;
    return true;
}

/* Any number is a double, and a double becomes a float by rounding. */
static bool compile_convert(mr_tile_builder *b, const mr_expression *x, uint32_t *to) {
    mr_data_type from = x->arguments[0]->type;
    bool widens = x->type == T_DOUBLE && (from == T_INTEGER || from == T_FLOAT);
    bool rounds = x->type == T_FLOAT && from == T_DOUBLE;
    mr_tile_op made = {0};
    if ((!widens && !rounds) || mr_maps_missing(x)) return compile_call(b, x, to);
    if (!compile(b, x->arguments[0], &made.a)) return false;
    *to = made.a;
    if (widens) return true;
    mr_tile_op *op = mr_tile_add_op(b, TILE_MOVE);
    if (!op) return false;
    op->a = made.a;
    op->single = true;
    *to = op->to;
    return true;
}

static bool compile(mr_tile_builder *b, const mr_expression *x, uint32_t *to) {
    mr_tile_op *op;
    switch (x->op) {
    case X_CONSTANT:
        if (x->constant.missing || !(op = mr_tile_add_op(b, TILE_FILL))) return false;
        op->x = number_of(&x->constant, x->type == T_STRING);
        *to = op->to;
        return true;
    case X_FIELD:
        return compile_field(b, x, TILE_MOVE, to);
    case X_CONVERT:
        return compile_convert(b, x, to);
    case X_NORM_CONTINUOUS:
        if (x->count == 2 && x->outliers == OUTLIERS_AS_IS) return compile_field(b, x, TILE_NORM, to);
        return compile_call(b, x, to);
    case X_NORM_DISCRETE:
        return compile_field(b, x, TILE_IS, to);
    case X_FUNCTION:
        if (is_function(x, "+")) return compile_arithmetic(b, x, TILE_ADD, to);
        if (is_function(x, "-")) return compile_arithmetic(b, x, TILE_SUBTRACT, to);
        if (is_function(x, "*")) return compile_arithmetic(b, x, TILE_MULTIPLY, to);
        if (is_function(x, "/")) return compile_arithmetic(b, x, TILE_DIVIDE, to);
        if (is_function(x, "sum") && !mr_maps_missing(x) && x->count <= MR_TILE_TERMS_MAX)
            return compile_sum(b, x, to);
        return compile_call(b, x, to);
    default:
        return compile_call(b, x, to);
    }
}

/* ---- What the family needs ---- */

static bool add_register(mr_tile_builder *b, uint32_t number) {
    if (!MR_GROW(b->needed, b->needed_count, b->needed_capacity)) {
        b->no_memory = true;
        return false;
    }
    b->needed[b->needed_count++] = number;
    return true;
}

bool mr_tile_need(mr_tile_builder *b, uint32_t slot) {
    uint32_t number;
    return mr_tile_slot(b, slot, &number) && add_register(b, number);
}

bool mr_tile_need_expression(mr_tile_builder *b, const mr_expression *x, bool single) {
    uint32_t number;
    if (!compile(b, x, &number)) return false;
    if (single) {
        mr_tile_op *op = mr_tile_add_op(b, TILE_MOVE);
        if (!op) return false;
        op->a = number;
        op->single = true;
        number = op->to;
    }
    return add_register(b, number);
}
