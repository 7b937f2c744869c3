/* Association rules, compiled: items to fields, itemsets, rules. Their outputs: association_output.c. */
#include "pmml/rule/association.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"

/* What one item is known by. */
typedef struct item_key {
    uint32_t slot, item;
    bool flag;
    double key;
} item_key;

typedef struct rules_builder {
    mr_builder *b;
    mr_scope *scope;
    mr_association *model;
    uint32_t active;    /* MiningField of the only active field, of a model over groups */
    mr_map items, sets; /* id -> index */
    double *numbers[RULE_NUMBERS];
    item_key *keys;
    size_t key_count, key_capacity;
} rules_builder;

static mr_status put_id(rules_builder *r, mr_map *map, uint32_t element, uint32_t index) {
    const char *id;
    mr_status status = mr_build_must(r->b, element, A_id, &id);
    if (status != MR_OK) return status;
    if (mr_map_find(map, id, strlen(id)))
        return mr_build_fail(r->b, element, MR_INVALID_MODEL, "the id \"%.60s\" is there twice", id);
    return mr_map_put(map, id, strlen(id), index) ? MR_OK : mr_build_no_memory(r->b);
}

static mr_status find_id(rules_builder *r, const mr_map *map, uint32_t element, mr_attribute_name attribute,
                         uint32_t *index) {
    const char *id;
    mr_status status = mr_build_must(r->b, element, attribute, &id);
    mr_map_item *item = status == MR_OK ? mr_map_find(map, id, strlen(id)) : NULL;
    if (item) *index = item->value;
    if (status != MR_OK || item) return status;
    return mr_build_fail(r->b, element, MR_INVALID_MODEL, "%s=\"%.60s\" is no id of this model",
                         mr_attribute_text(attribute), id);
}

/* ---- Items ---- */

/* The texts and numbers that are true, or false, of a flag. */
static const char *const true_texts[] = {"T", "true", "True", "TRUE", "1", NULL};
static const char *const false_texts[] = {"F", "false", "False", "FALSE", "0", NULL};

static mr_status add_key(rules_builder *r, uint32_t slot, uint32_t item, bool flag, double key) {
    if (!MR_GROW(r->keys, r->key_count, r->key_capacity)) return mr_build_no_memory(r->b);
    r->keys[r->key_count++] = (item_key){slot, item, flag, key};
    return MR_OK;
}

static mr_status add_flag(rules_builder *r, uint32_t slot, uint32_t item) {
    if (r->b->slots[slot].type != T_STRING) return add_key(r, slot, item, true, 1);
    mr_status status = MR_OK;
    for (int i = 0; true_texts[i] && status == MR_OK; i++) {
        uint32_t text = 0;
        status = mr_build_intern(r->b, true_texts[i], &text);
        if (status == MR_OK) status = add_key(r, slot, item, true, text);
    }
    return status;
}

static mr_status add_category(rules_builder *r, uint32_t element, uint32_t slot, uint32_t item,
                              const char *category) {
    mr_slot value;
    mr_data_type type = r->b->slots[slot].type;
    mr_status status = mr_build_literal(r->b, element, category, type, &value);
    return status == MR_OK ? add_key(r, slot, item, false, type == T_STRING ? value.text : value.number)
                           : status;
}

static bool is_field(const rules_builder *r, const char *name, size_t size) {
    return mr_map_find(&r->scope->names, name, size) || mr_map_find(&r->b->global_derived, name, size);
}

/* Without groups: "field" is a flag, "field=category" a category. */
static mr_status place_value(rules_builder *r, uint32_t element, uint32_t item, const char *value) {
    uint32_t slot;
    const char *equal = strchr(value, '=');
    if (is_field(r, value, strlen(value))) {
        mr_status status = mr_scope_find(r->b, r->scope, element, value, &slot);
        return status == MR_OK ? add_flag(r, slot, item) : status;
    }
    if (!equal || !is_field(r, value, (size_t)(equal - value)))
        return mr_build_fail(r->b, element, MR_INVALID_MODEL,
                             "value=\"%.60s\" of <Item> names no active field", value);
    char *name = mr_arena_copy(r->b->arena, value, (size_t)(equal - value));
    if (!name) return mr_build_no_memory(r->b);
    mr_status status = mr_scope_find(r->b, r->scope, element, name, &slot);
    return status == MR_OK ? add_category(r, element, slot, item, equal + 1) : status;
}

static mr_status place_item(rules_builder *r, uint32_t element, uint32_t item, const char *value) {
    mr_builder *b = r->b;
    const char *field = mr_build_text(b, element, A_field), *category = mr_build_text(b, element, A_category);
    const char *active = r->model->groups ? mr_build_text(b, r->active, A_name) : NULL;
    uint32_t slot;
    if (!field && !active) return place_value(r, element, item, value);
    if (field && !category) return mr_build_must(b, element, A_category, &category);
    if (field && active && strcmp(field, active) != 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "field=\"%.60s\" of <Item> is not the active field", field);
    mr_status status = mr_scope_find(b, r->scope, element, field ? field : active, &slot);
    return status == MR_OK ? add_category(r, element, slot, item, field ? category : value) : status;
}

static mr_status read_items(rules_builder *r, uint32_t element) {
    mr_builder *b = r->b;
    uint32_t count = 0;
    MR_EACH_CHILD(b->document, element, child) count += mr_build_name(r->b, child) == E_Item;
    mr_text *items = mr_build_alloc(b, count, sizeof *items);
    if (!items) return MR_NO_MEMORY;
    r->model->items = items;
    r->model->item_count = count;
    count = 0;
    MR_EACH_CHILD(b->document, element, child) {
        const char *value;
        uint32_t text = 0;
        if (mr_build_name(r->b, child) != E_Item) continue;
        mr_status status = put_id(r, &r->items, child, count);
        if (status == MR_OK) status = mr_build_must(b, child, A_value, &value);
        if (status == MR_OK) status = mr_build_intern(b, value, &text);
        if (status == MR_OK) status = place_item(r, child, count, value);
        if (status != MR_OK) return status;
        items[count++] = b->text_list[text];
    }
    return MR_OK;
}

static int by_slot_and_key(const void *a, const void *b) {
    const item_key *x = a, *y = b;
    if (x->slot != y->slot) return x->slot < y->slot ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

static mr_status read_falses(rules_builder *r, mr_item_field *field) {
    bool texts = field->texts;
    double *falses = mr_build_alloc(r->b, sizeof false_texts / sizeof false_texts[0], sizeof *falses);
    if (!falses) return MR_NO_MEMORY;
    field->falses = falses;
    field->false_count = 1; /* the number 0 */
    for (uint32_t i = 0; texts && false_texts[i]; i++) {
        uint32_t text = 0;
        mr_status status = mr_build_intern(r->b, false_texts[i], &text);
        if (status != MR_OK) return status;
        falses[i] = text;
        field->false_count = i + 1;
    }
    return MR_OK;
}

static const char *name_of_slot(const rules_builder *r, uint32_t slot) {
    for (size_t i = 0; i < r->b->input_count; i++)
        if (r->b->inputs[i].slot == slot) return r->b->inputs[i].name;
    return "derived";
}

/* The keys of one field, which stand side by side. */
static mr_status fill_field(rules_builder *r, const item_key *keys, uint32_t count, mr_item_field *field) {
    double *values = mr_build_alloc(r->b, count, sizeof *values);
    uint32_t *items = mr_build_alloc(r->b, count, sizeof *items);
    if (!values || !items) return MR_NO_MEMORY;
    *field = (mr_item_field){.name = name_of_slot(r, keys->slot),
                             .slot = keys->slot,
                             .texts = r->b->slots[keys->slot].type == T_STRING,
                             .flag = true,
                             .key_count = count,
                             .keys = values,
                             .items = items};
    for (uint32_t i = 0; i < count; i++) {
        values[i] = keys[i].key;
        items[i] = keys[i].item;
        field->flag &= keys[i].flag;
    }
    return field->flag ? read_falses(r, field) : MR_OK;
}

static mr_status fill_fields(rules_builder *r) {
    if (r->key_count) qsort(r->keys, r->key_count, sizeof *r->keys, by_slot_and_key);
    uint32_t count = 0;
    for (size_t i = 0; i < r->key_count; i++) count += i == 0 || r->keys[i].slot != r->keys[i - 1].slot;
    mr_item_field *fields = mr_build_alloc(r->b, count, sizeof *fields);
    if (!fields) return MR_NO_MEMORY;
    r->model->fields = fields;
    r->model->field_count = count;
    for (size_t first = 0, behind; first < r->key_count; first = behind) {
        for (behind = first; behind < r->key_count && r->keys[behind].slot == r->keys[first].slot;) behind++;
        mr_status status = fill_field(r, r->keys + first, (uint32_t)(behind - first), fields++);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* ---- Itemsets ---- */

/* Itemsets of each item, from the items of each itemset. */
static mr_status invert_sets(rules_builder *r) {
    mr_association *m = r->model;
    uint32_t ref_count = m->first_item[m->set_count];
    uint32_t *first = mr_build_alloc(r->b, (size_t)m->item_count + 2, sizeof *first);
    uint32_t *sets = mr_build_alloc(r->b, ref_count, sizeof *sets);
    if (!first || !sets) return MR_NO_MEMORY;
    for (uint32_t i = 0; i < ref_count; i++) first[m->refs[i] + 2]++;
    for (uint32_t i = 2; i < m->item_count + 2; i++) first[i] += first[i - 1];
    for (uint32_t set = 0; set < m->set_count; set++)
        for (uint32_t i = m->first_item[set]; i < m->first_item[set + 1]; i++)
            sets[first[m->refs[i] + 1]++] = set;
    m->first_set = first;
    m->sets = sets;
    return MR_OK;
}

static mr_status build_sets(rules_builder *r, uint32_t element) {
    mr_association *m = r->model;
    size_t count = 0;
    MR_EACH_CHILD(r->b->document, element, child) {
        if (mr_build_name(r->b, child) != E_Itemset) continue;
        m->set_count++;
        MR_EACH_CHILD(r->b->document, child, ref) count++;
    }
    uint32_t *refs = mr_build_alloc(r->b, count, sizeof *refs);
    uint32_t *first = mr_build_alloc(r->b, (size_t)m->set_count + 1, sizeof *first), set = 0, at = 0;
    if (!refs || !first) return MR_NO_MEMORY;
    m->refs = refs;
    m->first_item = first;
    MR_EACH_CHILD(r->b->document, element, child) {
        if (mr_build_name(r->b, child) != E_Itemset) continue;
        mr_status status = put_id(r, &r->sets, child, set);
        MR_EACH_CHILD(r->b->document, child, ref) {
            if (status == MR_OK) status = find_id(r, &r->items, ref, A_itemRef, &refs[at++]);
        }
        if (status != MR_OK) return status;
        first[++set] = at;
    }
    return invert_sets(r);
}

/* ---- Rules ---- */

static mr_status read_rule(rules_builder *r, uint32_t element, uint32_t number, mr_association_rule *rule) {
    char text[16];
    const char *id = mr_build_text(r->b, element, A_id);
    snprintf(text, sizeof text, "%u", number);
    mr_status status = mr_build_intern(r->b, id ? id : text, &rule->id);
    if (status == MR_OK) status = find_id(r, &r->sets, element, A_antecedent, &rule->antecedent);
    if (status == MR_OK) status = find_id(r, &r->sets, element, A_consequent, &rule->consequent);
    return status;
}

/* Lift, leverage and affinity are kept where some rule has one. */
static mr_status read_numbers(rules_builder *r, uint32_t element, uint32_t rule) {
    static const mr_attribute_name attributes[] = {A_confidence, A_support, A_lift, A_leverage, A_affinity};
    mr_association *m = r->model;
    for (int i = 0; i < RULE_NUMBERS; i++) {
        double value = NAN, *numbers = r->numbers[i];
        mr_status status = mr_build_number(r->b, element, attributes[i], i <= RULE_SUPPORT, &value);
        if (status != MR_OK) return status;
        if (!numbers && isnan(value)) continue;
        if (!numbers) {
            numbers = mr_build_alloc(r->b, m->rule_count, sizeof *numbers);
            if (!numbers) return MR_NO_MEMORY;
            for (uint32_t k = 0; k < m->rule_count; k++) numbers[k] = NAN;
            m->numbers[i] = r->numbers[i] = numbers;
        }
        numbers[rule] = value;
    }
    return MR_OK;
}

static mr_status read_rules(rules_builder *r, uint32_t element) {
    mr_association *m = r->model;
    MR_EACH_CHILD(r->b->document, element, child)
    m->rule_count += mr_build_name(r->b, child) == E_AssociationRule;
    mr_association_rule *rules = mr_build_alloc(r->b, m->rule_count, sizeof *rules);
    if (!rules) return MR_NO_MEMORY;
    m->rules = rules;
    uint32_t number = 0;
    MR_EACH_CHILD(r->b->document, element, child) {
        if (mr_build_name(r->b, child) != E_AssociationRule) continue;
        mr_status status = read_rule(r, child, number + 1, &rules[number]);
        if (status == MR_OK) status = read_numbers(r, child, number);
        if (status != MR_OK) return status;
        number++;
    }
    return MR_OK;
}

/* ---- The model ---- */

/* A model over groups has one active field: the item. */
static mr_status read_schema(rules_builder *r, uint32_t element) {
    mr_builder *b = r->b;
    uint32_t schema = mr_build_child(b, element, E_MiningSchema), count = 0;
    if (r->scope->parent)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "<AssociationModel> in a segment is not supported");
    if (r->scope->target)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<AssociationModel> takes no target field");
    r->model->groups = b->group_input != MR_NONE;
    if (!r->model->groups) return MR_OK;
    MR_EACH_CHILD(b->document, schema, child) {
        const char *usage = mr_build_text(b, child, A_usageType);
        if (usage && strcmp(usage, "active") != 0) continue;
        r->active = child;
        count++;
    }
    if (count == 1) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL,
                         "a model with a group field takes one active field, the item; here are %u", count);
}

static mr_status build(rules_builder *r, uint32_t element, mr_evaluator *evaluator) {
    mr_builder *b = r->b;
    mr_association *m = r->model;
    mr_status status = read_schema(r, element);
    if (status == MR_OK) status = read_items(r, element);
    if (status == MR_OK) status = fill_fields(r);
    if (status == MR_OK) status = build_sets(r, element);
    if (status == MR_OK) status = read_rules(r, element);
    if (status != MR_OK) return status;
    evaluator->numbers = (uint32_t)b->number_count;
    b->number_count += (m->set_count * sizeof(uint32_t) + m->item_count) / sizeof(double) + 1;
    return mr_build_rule_views(b, element, evaluator, m);
}

mr_status mr_build_association(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    mr_association *model = mr_build_alloc(b, 1, sizeof *model);
    if (!model) return MR_NO_MEMORY;
    rules_builder r = {.b = b, .scope = scope, .model = model};
    evaluator->model = model;
    evaluator->evaluate = mr_association_evaluate;
    evaluator->value = mr_association_value;
    evaluator->begin = mr_association_begin;
    evaluator->add = mr_association_add;
    mr_status status = build(&r, element, evaluator);
    mr_map_free(&r.items);
    mr_map_free(&r.sets);
    mr_free(r.keys);
    return status;
}
