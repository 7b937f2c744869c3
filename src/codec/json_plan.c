/* Members of a JSON record and the columns they feed: a hash table over normalised names. Only binding
 * fills it, so what a record says can fill nothing and lengthen no chain. */
#include "codec/json_plan.h"

#include <string.h>

#include "base/memory.h"
#include "core/field_name.h"

const mr_json_group *mr_json_find(const mr_json_plan *plan, const char *name, size_t size) {
    uint32_t hash = mr_name_hash(name, size);
    for (uint32_t i = hash & plan->mask;; i = (i + 1) & plan->mask) {
        if (plan->slots[i] == 0) return NULL;
        const mr_json_group *group = &plan->groups[plan->slots[i] - 1];
        if (group->hash != hash) continue;
        const mr_json_target *target = &plan->targets[group->first];
        if (mr_names_alike(target->name, target->name_size, name, size)) return group;
    }
}

static bool is_plain(const char *name, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == '"' || name[i] == '\\') return false;
    }
    return true;
}

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

/* Writes spelling number `way` of a name; returns its size. */
static size_t spell(char *to, const char *name, size_t size, int way) {
    static const char separators[MR_JSON_SPELLINGS] = {0, '_', ' ', '_', 0};
    size_t length = 0;
    bool capital = false;
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        bool separator = mr_name_byte((unsigned char)c) == 0;
        if (way == 3) c = separator ? '_' : (char)mr_name_byte((unsigned char)c);
        if (way == 4 && separator) {
            capital = length > 0;
            continue;
        }
        if (separator && separators[way]) c = separators[way];
        to[length++] = capital ? upper(c) : c;
        capital = false;
    }
    return length;
}

/* The ways to write the name of a group's first target. */
static bool add_spellings(mr_json_plan *plan, uint32_t group) {
    uint32_t index = plan->groups[group].first;
    const mr_json_target *target = &plan->targets[index];
    size_t name_size = target->name_size;
    bool is_double =
        target->type == MR_TYPE_DOUBLE && target->column != MR_NO_FIELD && target->next == MR_JSON_NO_TARGET;
    if (!is_plain(target->name, name_size)) return true;
    for (int way = 0; way < MR_JSON_SPELLINGS; way++) {
        char *text = mr_arena_alloc_zero(&plan->arena, name_size + sizeof "\"\":" + 8, 1);
        if (text == NULL) return false;
        text[0] = '"';
        size_t length = spell(text + 1, target->name, name_size, way);
        bool exact = length == name_size && memcmp(text + 1, target->name, name_size) == 0;
        memcpy(text + 1 + length, "\":", 2);
        size_t size = length + 3;
        mr_json_spelling *spelling = mr_json_spelling_of(plan, group, (uint32_t)way);
        memset(&spelling->mask, 0xFF, size < 8 ? size : 8);
        spelling->text = text;
        spelling->size = (uint32_t)size;
        spelling->room = is_double ? (ptrdiff_t)size + MR_JSON_MEMBER_ROOM : PTRDIFF_MAX;
        spelling->column = target->column;
        spelling->target = index;
        spelling->feeds = exact ? MR_JSON_FED_EXACTLY : MR_JSON_FED;
    }
    return true;
}

static bool add_all_spellings(mr_json_plan *plan) {
    size_t count = (size_t)MR_JSON_SPELLINGS * (plan->group_count + 1);
    plan->spellings = mr_alloc_zero(count, sizeof *plan->spellings);
    if (plan->spellings == NULL) return false;
    for (size_t i = 0; i < count; i++) plan->spellings[i].room = PTRDIFF_MAX;
    for (uint32_t group = 0; group < plan->group_count; group++) {
        if (!add_spellings(plan, group)) return false;
    }
    return true;
}

static void add_target(mr_json_plan *plan, const char *name, uint32_t column, mr_type type) {
    size_t size = strlen(name);
    uint16_t index = (uint16_t)plan->target_count++;
    mr_json_target *target = &plan->targets[index];
    target->name = name;
    target->name_size = (uint32_t)size;
    target->column = column;
    target->next = MR_JSON_NO_TARGET;
    target->type = (uint8_t)type;
    const mr_json_group *known = mr_json_find(plan, name, size);
    if (known != NULL) {
        mr_json_group *group = &plan->groups[known - plan->groups];
        plan->targets[group->last].next = index;
        group->last = index;
        return;
    }
    uint32_t hash = mr_name_hash(name, size);
    uint32_t slot = hash & plan->mask;
    while (plan->slots[slot] != 0) slot = (slot + 1) & plan->mask;
    plan->groups[plan->group_count++] = (mr_json_group){hash, index, index};
    plan->slots[slot] = (uint16_t)plan->group_count;
}

static const char *record_name(const mr_json_decoder *decoder, const char *field) {
    for (size_t i = 0; i < decoder->mapping_count; i++) {
        if (strcmp(decoder->mapping[i].model_name, field) == 0) return decoder->mapping[i].record_name;
    }
    return field;
}

void mr_json_free_plan(mr_decode_plan *base) {
    mr_json_plan *plan = (mr_json_plan *)base;
    if (plan == NULL) return;
    mr_schema_release(plan->base.schema);
    mr_arena_free(&plan->arena);
    mr_free(plan->targets);
    mr_free(plan->groups);
    mr_free(plan->spellings);
    mr_free(plan->slots);
    mr_free(plan->successors);
    mr_free(plan);
}

static mr_json_plan *allocate(uint32_t targets) {
    mr_json_plan *plan = mr_alloc_zero(1, sizeof *plan);
    if (plan == NULL) return NULL;
    uint32_t slots = 8;
    while (slots < targets * 2) slots *= 2;
    plan->mask = slots - 1;
    mr_arena_init(&plan->arena, 4096, 0);
    plan->targets = mr_alloc_zero(targets, sizeof *plan->targets);
    plan->groups = mr_alloc_zero(targets, sizeof *plan->groups);
    plan->slots = mr_alloc_zero(slots, sizeof *plan->slots);
    plan->successors = mr_alloc_zero(targets + 2, sizeof *plan->successors);
    if (plan->successors) plan->way = &plan->successors[targets + 1];
    if (plan->targets == NULL || plan->groups == NULL || plan->slots == NULL || plan->successors == NULL) {
        mr_json_free_plan(&plan->base);
        return NULL;
    }
    return plan;
}

mr_status mr_json_bind(const mr_decoder *base, mr_schema *schema, const uint32_t *fields, uint32_t count,
                       mr_decode_plan **plan, mr_error *error) {
    const mr_json_decoder *decoder = (const mr_json_decoder *)base;
    if (count > MR_SCHEMA_FIELDS_MAX)
        return mr_fail(error, MR_LIMIT, "json", "%u fields are too many", count);
    for (uint32_t i = 0; i < count; i++) {
        const mr_field *field = mr_schema_field(schema, fields[i]);
        if (field == NULL) return mr_fail(error, MR_INVALID_ARGUMENT, "json", "no field %u", fields[i]);
        if (field->type == MR_TYPE_LIST) {
            return mr_fail(error, MR_WRONG_TYPE, field->name, "a list cannot be read from a record");
        }
    }
    mr_json_plan *made = allocate(count + 1);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "json", "out of memory");
    made->base = (mr_decode_plan){.decoder = base, .schema = mr_schema_retain(schema)};
    for (uint32_t i = 0; i < count; i++) {
        const mr_field *field = mr_schema_field(schema, fields[i]);
        add_target(made, record_name(decoder, field->name), fields[i], field->type);
    }
    if (decoder->type_field) add_target(made, decoder->type_field, MR_NO_FIELD, MR_TYPE_STRING);
    if (!add_all_spellings(made)) {
        mr_json_free_plan(&made->base);
        return mr_fail(error, MR_NO_MEMORY, "json", "out of memory");
    }
    for (uint32_t i = 0; i <= made->group_count; i++) atomic_init(&made->successors[i], (uint16_t)i);
    *plan = &made->base;
    return MR_OK;
}
