/* Fields: the data dictionary, the fields of mining schemas, and where a name leads (build.h). */
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"

enum { DERIVED_DEPTH_MAX = 256 };

static mr_status put_unique(mr_builder *b, mr_map *map, uint32_t element, const char *name, uint32_t value) {
    size_t size = strlen(name);
    if (mr_map_find(map, name, size))
        return mr_build_fail(b, element, MR_INVALID_MODEL, "\"%.100s\" is defined twice", name);
    return mr_map_put(map, name, size, value) ? MR_OK : mr_build_no_memory(b);
}

static mr_status put_children(mr_builder *b, mr_map *map, uint32_t parent) {
    MR_EACH_CHILD(b->document, parent, child) {
        const char *name;
        bool function = mr_build_name(b, child) == E_DefineFunction;
        mr_status status = mr_build_must(b, child, A_name, &name);
        if (status == MR_OK) status = put_unique(b, function ? &b->functions : map, child, name, child);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

mr_status mr_build_dictionary(mr_builder *b) {
    mr_status status = MR_OK;
    MR_EACH_CHILD(b->document, 0, child) {
        unsigned name = mr_build_name(b, child);
        if (name == E_DataDictionary) status = put_children(b, &b->data_fields, child);
        if (name == E_TransformationDictionary) status = put_children(b, &b->global_derived, child);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status add_entry(mr_builder *b, mr_scope *scope, uint32_t element, const char *name,
                           mr_name_entry entry) {
    if (!MR_GROW(scope->entries, scope->entry_count, scope->entry_capacity)) return mr_build_no_memory(b);
    mr_status status = put_unique(b, &scope->names, element, name, (uint32_t)scope->entry_count);
    if (status == MR_OK) scope->entries[scope->entry_count++] = entry;
    return status;
}

/* An input of the outermost model: its own slot, filled from the record. */
static mr_status add_input(mr_builder *b, uint32_t element, const char *name, uint32_t *slot) {
    mr_map_item *item = mr_map_find(&b->data_fields, name, strlen(name));
    if (!item)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "the field \"%.100s\" is not in the DataDictionary", name);
    if (b->input_count >= MR_SCHEMA_FIELDS_MAX)
        return mr_build_fail(b, element, MR_LIMIT, "more than %d active fields", (int)MR_SCHEMA_FIELDS_MAX);
    uint32_t field = item->value;
    mr_data_type type = T_DOUBLE;
    mr_measure measure, own;
    const char *text;
    mr_treatment *t = mr_build_alloc(b, 1, sizeof *t);
    if (!t) return MR_NO_MEMORY;
    bool any = false;
    mr_status status = mr_build_must(b, field, A_dataType, &text);
    if (status == MR_OK) status = mr_build_type(b, field, &type, &measure);
    if (status == MR_OK && mr_build_text(b, element, A_optype)) {
        mr_data_type same = type;
        status = mr_build_type(b, element, &same, &own);
        measure = own;
    }
    if (status == MR_OK) status = mr_build_mining_field(b, element, type, t, &any);
    if (status == MR_OK) status = mr_build_domain(b, field, type, &t->domain);
    if (status == MR_OK) status = mr_build_slot(b, type, measure, slot);
    if (status != MR_OK) return status;
    b->slots[*slot].domain = t->domain;
    t->plain = (type == T_DOUBLE || type == T_FLOAT) && !any && t->invalid == INVALID_RETURN &&
               t->domain == &mr_any_value;
    b->slots[*slot].data_field = field;
    b->slots[*slot].closed |= t->domain->valid.count > 0 && t->invalid != INVALID_AS_IS;
    if (t->invalid == INVALID_AS_IS) b->slots[*slot].treatment = t;
    t->name = mr_arena_copy(b->arena, name, strlen(name));
    if (!t->name || !MR_GROW(b->inputs, b->input_count, b->input_capacity)) return mr_build_no_memory(b);
    b->inputs[b->input_count++] = (mr_input_field){*slot, t, t->name, type, measure};
    return MR_OK;
}

/* Does no model around know the name, neither as a field nor as what it predicts? */
static bool is_unfed(mr_builder *b, const mr_scope *scope, const char *name, size_t size) {
    for (const mr_scope *s = scope; s; s = s->parent)
        if (mr_map_find(&s->names, name, size) || (s->target && strcmp(s->target, name) == 0)) return false;
    return mr_map_find(&b->data_fields, name, size) && !mr_map_find(&b->global_derived, name, size);
}

/* A field of the DataDictionary that the outermost model does not take in: always missing. */
static mr_status add_unfed(mr_builder *b, const char *name, size_t size, uint32_t *slot) {
    uint32_t field = mr_map_find(&b->data_fields, name, size)->value;
    mr_data_type type = T_DOUBLE;
    mr_measure measure;
    mr_status status = mr_build_type(b, field, &type, &measure);
    if (status == MR_OK) status = mr_build_slot(b, type, measure, slot);
    if (status == MR_OK) b->slots[*slot].data_field = field;
    if (status == MR_OK) b->slots[*slot].closed = true;
    return status;
}

/* A mining field of a model in a segment: the outer slot, or one of its own when it is treated anew. */
static mr_status add_inner(mr_builder *b, mr_scope *scope, uint32_t element, const char *name,
                           uint32_t *slot) {
    uint32_t outer;
    size_t size = strlen(name);
    mr_map_item *item = NULL;
    for (mr_scope *s = scope->parent; s && !item; s = s->parent) item = mr_map_find(&s->chain, name, size);
    mr_status status = MR_OK;
    if (item) outer = item->value;
    else if (is_unfed(b, scope->parent, name, size)) status = add_unfed(b, name, size, &outer);
    else status = mr_scope_find(b, scope->parent, element, name, &outer);
    if (status != MR_OK) return status;
    bool any = false;
    mr_slot_info info = b->slots[outer];
    mr_treatment own = {0}, *t = &own;
    status = mr_build_mining_field(b, element, info.type, t, &any);
    if (status != MR_OK) return status;
    *slot = outer;
    if (!any) return MR_OK;
    t = mr_build_keep(b, &own, 1, sizeof own);
    if (!t) return MR_NO_MEMORY;
    scope->treats = true;
    t->domain = info.domain ? info.domain : &mr_any_value;
    if (!info.domain && info.data_field != MR_NONE)
        status = mr_build_domain(b, info.data_field, info.type, &t->domain);
    if (status == MR_OK) status = mr_build_slot(b, info.type, info.measure, slot);
    if (status != MR_OK) return status;
    b->slots[*slot].domain = t->domain;
    t->name = mr_arena_copy(b->arena, name, size);
    if (!t->name) return mr_build_no_memory(b);
    b->slots[*slot].data_field = info.data_field;
    b->slots[*slot].closed = info.closed;
    if (t->invalid == INVALID_AS_IS) b->slots[*slot].treatment = info.treatment;
    return mr_scope_add_step(b, scope,
                             (mr_step){.treatment = t, .type = info.type, .from = outer, .to = *slot});
}

/* Extra: an input when something reads it. None: of training alone. */
typedef enum field_usage { USAGE_ACTIVE, USAGE_TARGET, USAGE_EXTRA, USAGE_NONE, USAGE_GROUP } field_usage;

static mr_status usage_of(mr_builder *b, uint32_t element, field_usage *usage) {
    static const char *const words[] = {"active",          "predicted",      "target",
                                        "supplementary",   "group",          "order",
                                        "frequencyWeight", "analysisWeight", NULL};
    static const field_usage meanings[] = {USAGE_ACTIVE, USAGE_TARGET, USAGE_TARGET, USAGE_EXTRA,
                                           USAGE_GROUP,  USAGE_NONE,   USAGE_NONE,   USAGE_NONE};
    unsigned word = 0;
    mr_status status = mr_build_word(b, element, A_usageType, words, &word);
    *usage = meanings[word];
    return status;
}

/* An input, but no field that anything reads. */
static mr_status add_group(mr_builder *b, const mr_scope *scope, uint32_t element, const char *name) {
    uint32_t slot;
    if (mr_build_name(b, scope->model) != E_AssociationModel || scope->parent)
        return MR_OK; /* rows are single */
    if (b->group_input != MR_NONE) return mr_build_fail(b, element, MR_INVALID_MODEL, "a second group field");
    b->group_input = (uint32_t)b->input_count;
    return add_input(b, element, name, &slot);
}

static mr_status add_target(mr_builder *b, mr_scope *scope, uint32_t element, const char *name) {
    mr_map_item *item = mr_map_find(&b->data_fields, name, strlen(name));
    mr_measure measure;
    if (scope->target_count++) return MR_OK; /* counted: the evaluator decides */
    scope->target = name;
    scope->target_field = element;
    if (item) return mr_build_type(b, item->value, &scope->label_type, &measure);
    if (scope->parent) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL, "the target \"%.100s\" is not in the DataDictionary",
                         name);
}

static mr_status add_field(mr_builder *b, mr_scope *scope, uint32_t element, const char *name,
                           uint32_t *slot) {
    return scope->parent ? add_inner(b, scope, element, name, slot) : add_input(b, element, name, slot);
}

static mr_status open_schema(mr_builder *b, mr_scope *scope, uint32_t schema) {
    MR_EACH_CHILD(b->document, schema, child) {
        const char *name;
        field_usage usage = USAGE_ACTIVE;
        uint32_t slot = MR_NONE;
        mr_status status = mr_build_must(b, child, A_name, &name);
        if (status == MR_OK) status = usage_of(b, child, &usage);
        if (status == MR_OK && usage == USAGE_TARGET) status = add_target(b, scope, child, name);
        if (status == MR_OK && usage == USAGE_GROUP) status = add_group(b, scope, child, name);
        if (status == MR_OK && usage != USAGE_ACTIVE && usage != USAGE_EXTRA) continue;
        bool extra = usage == USAGE_EXTRA;
        if (status == MR_OK && !extra) status = add_field(b, scope, child, name, &slot);
        if (status == MR_OK)
            status = add_entry(b, scope, child, name,
                               (mr_name_entry){extra ? NAME_EXTRA : NAME_SLOT, slot, child});
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

mr_status mr_scope_open(mr_builder *b, mr_scope *scope, mr_scope *parent, uint32_t model) {
    *scope = (mr_scope){.parent = parent, .label_type = T_STRING, .model = model, .actual = MR_NONE};
    if (parent && parent->classification) scope->label_type = parent->label_type;
    mr_status status = MR_OK;
    MR_EACH_CHILD(b->document, model, child) {
        unsigned name = mr_build_name(b, child);
        if (name == E_MiningSchema) status = open_schema(b, scope, child);
        if (status != MR_OK) return status;
        if (name != E_LocalTransformations) continue;
        MR_EACH_CHILD(b->document, child, derived) {
            const char *field;
            status = mr_build_must(b, derived, A_name, &field);
            if (status == MR_OK)
                status = add_entry(b, scope, derived, field, (mr_name_entry){NAME_DERIVED, MR_NONE, derived});
            if (status != MR_OK) return status;
        }
    }
    return MR_OK;
}

mr_status mr_scope_find_actual(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t *slot) {
    const mr_scope *parent = scope->parent;
    if (!scope->target || scope->target_count > 1)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "the actual value of a model without one target");
    mr_status status = MR_OK;
    if (parent && parent->target && strcmp(parent->target, scope->target) == 0)
        status = mr_scope_find_actual(b, scope->parent, element, &scope->actual);
    else if (parent) status = mr_scope_find(b, scope->parent, element, scope->target, &scope->actual);
    else if (scope->actual == MR_NONE)
        status = add_input(b, scope->target_field, scope->target, &scope->actual);
    *slot = scope->actual;
    return status;
}

void mr_scope_close(mr_scope *scope) {
    mr_map_free(&scope->names);
    mr_map_free(&scope->chain);
    mr_map_free(&scope->shown);
    mr_free(scope->entries);
    mr_free(scope->steps);
    *scope = (mr_scope){0};
}

mr_status mr_scope_add_slot(mr_builder *b, mr_scope *scope, uint32_t element, const char *name,
                            uint32_t slot) {
    return add_entry(b, scope, element, name, (mr_name_entry){NAME_SLOT, slot, element});
}

mr_status mr_scope_add_step(mr_builder *b, mr_scope *scope, mr_step step) {
    if (!MR_GROW(scope->steps, scope->step_count, scope->step_capacity)) return mr_build_no_memory(b);
    scope->steps[scope->step_count++] = step;
    return MR_OK;
}

static mr_status find_entry(mr_builder *b, mr_scope *scope, uint32_t element, const char *name,
                            uint32_t index, uint32_t *slot) {
    mr_name_entry *entry = &scope->entries[index];
    if (entry->state == NAME_BUSY)
        return mr_build_fail(b, entry->element, MR_INVALID_MODEL,
                             "the derived field \"%.100s\" is defined by way of itself", name);
    if (entry->state == NAME_EXTRA) {
        entry->state = NAME_BUSY;
        mr_status status = add_field(b, scope, entry->element, name, slot);
        if (status != MR_OK) return status;
        scope->entries[index].state = NAME_SLOT;
        scope->entries[index].slot = *slot;
        return MR_OK;
    }
    if (entry->state == NAME_DERIVED) {
        if (b->depth >= DERIVED_DEPTH_MAX)
            return mr_build_fail(b, element, MR_LIMIT,
                                 "derived fields build on one another more than %d deep", DERIVED_DEPTH_MAX);
        entry->state = NAME_BUSY;
        bool reads_chain = scope->reads_chain;
        scope->reads_chain = false; /* derived fields run before the first segment */
        b->depth++;
        mr_status status = mr_build_derived(b, scope, entry->element, slot);
        b->depth--;
        scope->reads_chain = reads_chain;
        if (status != MR_OK) return status;
        entry = &scope->entries[index]; /* the list may have moved */
        entry->state = NAME_SLOT;
        entry->slot = *slot;
    }
    *slot = entry->slot;
    return MR_OK;
}

mr_status mr_scope_find(mr_builder *b, mr_scope *scope, uint32_t element, const char *name, uint32_t *slot) {
    size_t size = strlen(name);
    for (mr_scope *s = scope; s; s = s->parent) {
        mr_map_item *item = mr_map_find(&s->names, name, size);
        if (item) return find_entry(b, s, element, name, item->value, slot);
        if (s->function)
            return mr_build_fail(b, element, MR_INVALID_MODEL, "\"%.100s\" is no parameter of the function",
                                 name);
        item = s->reads_chain ? mr_map_find(&s->chain, name, size) : NULL;
        if (item) {
            *slot = item->value;
            return MR_OK;
        }
        /* A global derived field is computed from the fields as this mining schema treats them. */
        mr_map_item *derived = s->treats || !s->parent ? mr_map_find(&b->global_derived, name, size) : NULL;
        if (!derived) continue;
        mr_status status =
            add_entry(b, s, derived->value, name, (mr_name_entry){NAME_DERIVED, MR_NONE, derived->value});
        if (status != MR_OK) return status;
        return find_entry(b, s, element, name, (uint32_t)s->entry_count - 1, slot);
    }
    return mr_build_fail(b, element, MR_INVALID_MODEL,
                         "the field \"%.100s\" is neither an active field of the MiningSchema nor derived",
                         name);
}

bool mr_scope_find_slot(const mr_scope *scope, const char *name, uint32_t *slot) {
    size_t size = strlen(name);
    for (const mr_scope *s = scope; s; s = s->parent) {
        const mr_map_item *item = mr_map_find(&s->names, name, size);
        if (!item || s->entries[item->value].state != NAME_SLOT) continue;
        *slot = s->entries[item->value].slot;
        return true;
    }
    return false;
}

mr_status mr_scope_find_attribute(mr_builder *b, mr_scope *scope, uint32_t element, mr_attribute_name name,
                                  uint32_t *slot) {
    const char *field;
    mr_status status = mr_build_must(b, element, name, &field);
    return status == MR_OK ? mr_scope_find(b, scope, element, field, slot) : status;
}
