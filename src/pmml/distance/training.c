/* Training instances: rows of a table, brought to the model's inputs the way a record is.
 *
 * A column is a mining field (treated by the mining schema), a derived field (then it is given and not
 * computed), a target, the identifier, or none of the model's business. The steps of the scopes then compute
 * what the inputs need.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "core/model.h"
#include "pmml/distance/nearest_neighbor.h"

enum { TRAINING_STEPS_MAX = 200000000 }; /* instances times fields, derived ones too */

typedef enum column_kind { COLUMN_FIELD, COLUMN_TARGET, COLUMN_ID } column_kind;

typedef struct column {
    column_kind kind;
    uint32_t index; /* slot, or target */
    mr_data_type type;
    const mr_treatment *treatment;
    uint32_t next; /* another field from the same column of the table, or MR_NONE */
    uint32_t rows; /* that have a target or identifier here */
} column;

typedef struct training {
    mr_builder *b;
    mr_scope *scope;
    mr_neighbors *neighbors;
    uint32_t inputs; /* element */
    const uint32_t *slots;
    uint32_t input_count, count;
    mr_map names; /* column of the table -> first of `columns` */
    column *columns;
    uint32_t column_count;
    const char *id_field;
    bool has_id, *given; /* [slots]: from the table */
    const mr_step *const *steps;
    uint32_t step_count;
    mr_slot *base; /* [slots]: without an instance */
    mr_work work;
    double *values;
    uint32_t *ids;
    mr_classes *classes; /* of each target */
    bool *has_target;
    mr_arena arena; /* of all this but the values */
} training;

static void *take(training *t, size_t count, size_t size) {
    void *memory = mr_arena_alloc_zero(&t->arena, count + 1, size);
    if (!memory) mr_build_no_memory(t->b);
    return memory;
}

static const char *input_name(const training *t, uint32_t input) {
    uint32_t element = t->inputs + 1;
    while (input-- > 0) element = t->b->document->elements[element].end;
    return mr_build_text(t->b, element, A_field);
}

/* ---- Columns ---- */

/* How the mining schema treats the field in this slot; NULL: not at all. */
static const mr_treatment *treatment_of(const training *t, uint32_t slot) {
    for (size_t i = 0; i < t->b->input_count; i++)
        if (t->b->inputs[i].slot == slot) return t->b->inputs[i].treatment;
    for (size_t i = 0; i < t->scope->step_count; i++)
        if (t->scope->steps[i].to == slot && t->scope->steps[i].treatment)
            return t->scope->steps[i].treatment;
    return NULL;
}

static uint32_t target_named(const training *t, const char *name) {
    for (uint32_t i = 0; i < t->neighbors->target_count; i++)
        if (strcmp(t->neighbors->targets[i].name, name) == 0) return i;
    return MR_NONE;
}

/* What the model does with a field, and the mark that it is there; NULL: nothing. */
static bool *find_use(training *t, const char *field, column *c) {
    *c = (column){.kind = COLUMN_ID, .next = MR_NONE};
    if (t->id_field && strcmp(t->id_field, field) == 0) return &t->has_id;
    c->kind = COLUMN_TARGET;
    c->index = target_named(t, field);
    if (c->index != MR_NONE) return &t->has_target[c->index];
    c->kind = COLUMN_FIELD;
    return mr_scope_find_slot(t->scope, field, &c->index) ? &t->given[c->index] : NULL;
}

static mr_status read_column(training *t, uint32_t element) {
    const char *field, *name = mr_build_text(t->b, element, A_column);
    column c;
    mr_status status = mr_build_must(t->b, element, A_field, &field);
    bool *there = status == MR_OK ? find_use(t, field, &c) : NULL;
    if (!there) return status;
    if (*there)
        return mr_build_fail(t->b, element, MR_INVALID_MODEL, "the instance field \"%.60s\" is there twice",
                             field);
    *there = true;
    if (c.kind == COLUMN_FIELD) {
        c.type = t->b->slots[c.index].type;
        c.treatment = treatment_of(t, c.index);
    }
    if (!name) name = field;
    mr_map_item *item = mr_map_find(&t->names, name, strlen(name));
    if (item) {
        c.next = item->value;
        item->value = t->column_count;
    } else if (!mr_map_put(&t->names, name, strlen(name), t->column_count)) {
        return mr_build_no_memory(t->b);
    }
    t->columns[t->column_count++] = c;
    return MR_OK;
}

static mr_status read_columns(training *t, uint32_t list, uint32_t model) {
    uint32_t count = 0;
    MR_EACH_CHILD(t->b->document, list, child) count++;
    t->columns = take(t, count, sizeof *t->columns);
    t->given = take(t, t->b->slot_count, sizeof *t->given);
    t->has_target = take(t, t->neighbors->target_count, sizeof *t->has_target);
    t->classes = take(t, t->neighbors->target_count, sizeof *t->classes);
    if (!t->columns || !t->given || !t->has_target || !t->classes) return MR_NO_MEMORY;
    MR_EACH_CHILD(t->b->document, list, child) {
        mr_status status = read_column(t, child);
        if (status != MR_OK) return status;
    }
    if (t->id_field && !t->has_id)
        return mr_build_fail(t->b, model, MR_INVALID_MODEL,
                             "instanceIdVariable=\"%.60s\" is not among the <InstanceFields>", t->id_field);
    for (uint32_t i = 0; i < t->neighbors->target_count; i++)
        if (!t->has_target[i])
            return mr_build_fail(t->b, list, MR_INVALID_MODEL,
                                 "the target \"%.60s\" is not among the <InstanceFields>",
                                 t->neighbors->targets[i].name);
    return MR_OK;
}

/* Transformed instances bring the inputs themselves: what is computed would be transformed twice. */
static mr_status check_transformed(training *t, uint32_t instances) {
    static const char *const words[] = {"false", "true", NULL};
    unsigned word = 0;
    mr_status status = mr_build_word(t->b, instances, A_isTransformed, words, &word);
    for (uint32_t i = 0; i < t->input_count && word && status == MR_OK; i++)
        if (!t->given[t->slots[i]])
            status =
                mr_build_fail(t->b, instances, MR_INVALID_MODEL,
                              "isTransformed=\"true\" without the input \"%.60s\" among the <InstanceFields>",
                              input_name(t, i));
    return status;
}

/* ---- Steps ---- */

/* Those of the outermost scope first, without the fields that the table gives. */
static mr_status collect_steps(training *t) {
    size_t room = 0;
    uint32_t depth = 0;
    for (const mr_scope *s = t->scope; s; s = s->parent) room += s->step_count, depth++;
    const mr_step **steps = take(t, room, sizeof *steps);
    if (!steps) return MR_NO_MEMORY;
    t->steps = steps;
    while (depth-- > 0) {
        const mr_scope *s = t->scope;
        for (uint32_t i = 0; i < depth; i++) s = s->parent;
        for (size_t i = 0; i < s->step_count; i++)
            if (!t->given[s->steps[i].to]) steps[t->step_count++] = &s->steps[i];
    }
    if (((double)t->step_count + t->column_count) * t->count > TRAINING_STEPS_MAX)
        return mr_build_fail(t->b, t->inputs, MR_LIMIT,
                             "%u training instances with %u fields and %u derived ones: more than %d values",
                             t->count, t->column_count, t->step_count, (int)TRAINING_STEPS_MAX);
    return MR_OK;
}

/* Slots before an instance is read: all missing, or what the mining schema puts in place of that. */
static mr_status open_work(training *t) {
    mr_builder *b = t->b;
    t->base = take(t, b->slot_count, sizeof *t->base);
    t->work.slots = take(t, b->slot_count, sizeof *t->work.slots);
    if (!t->base || !t->work.slots) return MR_NO_MEMORY;
    for (size_t i = 0; i < b->slot_count; i++) t->base[i].missing = 1;
    for (size_t i = 0; i < b->input_count; i++) {
        mr_slot *slot = &t->base[b->inputs[i].slot];
        if (!mr_treatment_apply(b->inputs[i].treatment, slot, false)) *slot = (mr_slot){.missing = 1};
    }
    memcpy(t->work.slots, t->base, b->slot_count * sizeof *t->base);
    t->work.text_map = &b->texts;
    return mr_scratch_new(0, &t->work.scratch, b->error);
}

static void run_steps(training *t) {
    mr_work *work = &t->work;
    mr_scratch_reset(work->scratch);
    work->texts = t->b->text_list;
    work->text_count = (uint32_t)t->b->text_count;
    work->row_texts = NULL;
    work->row_buckets = NULL;
    work->row_text_count = work->row_text_capacity = 0;
    work->taken = 0;
    work->exhausted = false;
    work->failure = NULL;
    for (uint32_t i = 0; i < t->step_count; i++)
        if (!mr_step_run(t->steps[i], work)) work->slots[t->steps[i]->to] = (mr_slot){.missing = 1};
}

/* ---- Rows ---- */

static mr_status read_field(training *t, uint32_t cell, const column *c, const char *text) {
    mr_slot *slot = &t->work.slots[c->index];
    bool ok = true;
    *slot = (mr_slot){.missing = 1};
    mr_status status = text ? mr_build_value(t->b, text, c->type, slot, &ok) : MR_OK;
    if (status != MR_OK) return status;
    if (c->treatment ? mr_treatment_apply(c->treatment, slot, !ok) : ok) return MR_OK;
    return mr_build_fail(t->b, cell, MR_INVALID_MODEL, "\"%.60s\" in a training instance is not valid",
                         text ? text : "");
}

static mr_status read_target(training *t, uint32_t cell, const column *c, const char *text, uint32_t row) {
    const mr_neighbor_target *target = &t->neighbors->targets[c->index];
    if (target->categorical) {
        uint32_t label;
        mr_status status = mr_build_label(t->b, cell, text, target->type, &label);
        if (status != MR_OK) return status;
        return mr_classes_add(t->b, &t->classes[c->index], label, &target->classes[row]);
    }
    mr_slot value;
    mr_status status = mr_build_literal(t->b, cell, text, target->type, &value);
    target->numbers[row] = value.number;
    return status;
}

static mr_status read_cell(training *t, uint32_t cell, uint32_t row, uint32_t *seen) {
    const char *name = mr_build_text(t->b, cell, A_NAME), *text = mr_build_text(t->b, cell, A_TEXT);
    if (!name) name = mr_element_text(mr_build_name(t->b, cell));
    const char *local = strchr(name, ':');
    mr_map_item *item = mr_map_find(&t->names, name, strlen(name));
    if (!item && local) item = mr_map_find(&t->names, local + 1, strlen(local + 1));
    if (text && !*text) text = NULL;
    for (uint32_t i = item ? item->value : MR_NONE; i != MR_NONE; i = t->columns[i].next) {
        column *c = &t->columns[i];
        mr_status status = MR_OK;
        if (c->kind == COLUMN_FIELD) status = read_field(t, cell, c, text);
        else if (!text) continue;
        else if (c->kind == COLUMN_TARGET) status = read_target(t, cell, c, text, row);
        else if (t->ids) status = mr_build_intern(t->b, text, &t->ids[row]);
        if (status != MR_OK) return status;
        *seen += c->kind != COLUMN_FIELD && c->rows == row;
        c->rows = row + 1;
    }
    return MR_OK;
}

static mr_status lacks(training *t, uint32_t row, uint32_t input) {
    return mr_build_fail(t->b, row, MR_UNSUPPORTED,
                         "a training instance without a value of \"%.60s\" is not supported",
                         input_name(t, input));
}

/* The inputs of the row, strings as numbers of the model's texts. */
static mr_status take_inputs(training *t, uint32_t element, uint32_t row) {
    double *values = t->values + (size_t)row * t->input_count;
    for (uint32_t i = 0; i < t->input_count; i++) {
        const mr_slot *slot = &t->work.slots[t->slots[i]];
        if (slot->missing) return lacks(t, element, i);
        values[i] = slot->number;
        if (t->b->slots[t->slots[i]].type != T_STRING) continue;
        uint32_t number = slot->text;
        if (number >= t->work.text_count) { /* made by a derived field */
            mr_text text = mr_work_text(&t->work, number);
            char *copy = mr_arena_copy(&t->arena, text.data, text.size);
            if (!copy) return mr_build_no_memory(t->b);
            mr_status status = mr_build_intern(t->b, copy, &number);
            if (status != MR_OK) return status;
        }
        values[i] = number;
    }
    return MR_OK;
}

static mr_status read_row(training *t, uint32_t element, uint32_t row, uint32_t expected) {
    uint32_t seen = 0;
    for (uint32_t i = 0; i < t->column_count; i++)
        if (t->columns[i].kind == COLUMN_FIELD)
            t->work.slots[t->columns[i].index] = t->base[t->columns[i].index];
    MR_EACH_CHILD(t->b->document, element, cell) {
        mr_status status = read_cell(t, cell, row, &seen);
        if (status != MR_OK) return status;
    }
    if (seen != expected)
        return mr_build_fail(t->b, element, MR_UNSUPPORTED,
                             "a training instance without its targets or identifier is not supported");
    run_steps(t);
    while (t->work.exhausted) {
        mr_status status = mr_scratch_grow(t->work.scratch, 2 * t->work.taken, t->b->error);
        if (status != MR_OK) return status;
        run_steps(t);
    }
    if (t->work.failure)
        return mr_build_fail(t->b, element, MR_INVALID_MODEL, "%s, in a training instance", t->work.failure);
    return take_inputs(t, element, row);
}

static mr_status number_instance(training *t, uint32_t row) {
    char number[16];
    snprintf(number, sizeof number, "%u", row + 1);
    return mr_build_intern(t->b, number, &t->ids[row]);
}

static mr_status read_rows(training *t, uint32_t table) {
    uint32_t row = 0, expected = 0;
    for (uint32_t i = 0; i < t->column_count; i++) expected += t->columns[i].kind != COLUMN_FIELD;
    MR_EACH_CHILD(t->b->document, table, child) {
        mr_status status = read_row(t, child, row, expected);
        if (status == MR_OK && t->ids && !t->id_field) status = number_instance(t, row);
        if (status != MR_OK) return status;
        row++;
    }
    return MR_OK;
}

/* ---- All ---- */

/* Does something show which instance is near? */
static bool shows_instances(const training *t, uint32_t model) {
    uint32_t output = mr_build_child(t->b, model, E_Output);
    if (t->neighbors->target_count == 0) return true;
    if (output == MR_NONE) return false;
    MR_EACH_CHILD(t->b->document, output, field) {
        const char *feature = mr_build_text(t->b, field, A_feature);
        if (feature && (strstr(feature, "Id") || strstr(feature, "ffinity"))) return true;
    }
    return false;
}

static mr_status make_room(training *t, uint32_t model) {
    mr_builder *b = t->b;
    mr_status status = mr_build_check_room(b, t->input_count, t->count);
    if (status != MR_OK) return status;
    t->values = mr_alloc_zero((size_t)t->count * t->input_count, sizeof *t->values);
    if (!t->values) return mr_build_no_memory(b);
    if (shows_instances(t, model) && !(t->ids = mr_build_alloc(b, t->count, sizeof *t->ids)))
        return MR_NO_MEMORY;
    for (uint32_t i = 0; i < t->neighbors->target_count; i++) {
        mr_neighbor_target *target = &t->neighbors->targets[i];
        if (target->categorical) target->classes = mr_build_alloc(b, t->count, sizeof *target->classes);
        else target->numbers = mr_build_alloc(b, t->count, sizeof *target->numbers);
        if (!target->classes && !target->numbers) return MR_NO_MEMORY;
    }
    return MR_OK;
}

static mr_status build(training *t, uint32_t model) {
    mr_builder *b = t->b;
    uint32_t instances = mr_build_child(t->b, model, E_TrainingInstances);
    uint32_t fields = instances == MR_NONE ? MR_NONE : mr_build_child(t->b, instances, E_InstanceFields);
    uint32_t table = instances == MR_NONE ? MR_NONE : mr_build_child(t->b, instances, E_InlineTable);
    if (fields == MR_NONE || table == MR_NONE)
        return mr_build_fail(
            b, instances == MR_NONE ? model : instances, MR_INVALID_MODEL,
            "<NearestNeighborModel> lacks its <TrainingInstances>, their <InstanceFields> or "
            "<InlineTable>");
    MR_EACH_CHILD(b->document, table, child) t->count++;
    if (t->count == 0) return mr_build_fail(b, table, MR_INVALID_MODEL, "no training instances");
    t->id_field = mr_build_text(b, model, A_instanceIdVariable);
    mr_status status = read_columns(t, fields, model);
    if (status == MR_OK) status = check_transformed(t, instances);
    if (status == MR_OK) status = collect_steps(t);
    if (status == MR_OK) status = open_work(t);
    if (status == MR_OK) status = make_room(t, model);
    if (status == MR_OK) status = read_rows(t, table);
    for (uint32_t i = 0; i < t->neighbors->target_count && status == MR_OK; i++)
        status = mr_build_neighbor_target(b, table, &t->classes[i], t->count, &t->neighbors->targets[i]);
    return status;
}

mr_status mr_build_training(mr_builder *b, mr_scope *scope, uint32_t model, uint32_t inputs,
                            const uint32_t *slots, uint32_t input_count, mr_neighbors *neighbors,
                            double **values, uint32_t *count, const uint32_t **ids) {
    training t = {.b = b,
                  .scope = scope,
                  .neighbors = neighbors,
                  .inputs = inputs,
                  .slots = slots,
                  .input_count = input_count};
    mr_arena_init(&t.arena, 1 << 14, b->arena->limit);
    mr_status status = build(&t, model);
    for (uint32_t i = 0; i < neighbors->target_count && t.classes; i++) mr_classes_free(&t.classes[i]);
    mr_map_free(&t.names);
    mr_scratch_free(t.work.scratch);
    mr_arena_free(&t.arena);
    *values = t.values;
    *count = t.count;
    *ids = t.ids;
    return status;
}
