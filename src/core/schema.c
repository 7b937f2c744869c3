/* Immutable field lists that share a dictionary and, with their extensions, a prefix; see
 * millrace/schema.h. Two hash tables, built once with the schema, find a field by its name and by its
 * normalised name (field_name.h). */
#include "millrace/schema.h"

#include <stdatomic.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "core/dictionary.h"
#include "core/field_name.h"

struct mr_schema {
    _Atomic uint32_t references;
    uint32_t count;
    mr_field *fields; /* names owned */
    mr_dictionary *dictionary;
    uint64_t seed;
    uint32_t mask;
    uint32_t *by_name;       /* slots of field indexes + 1, by hash of the name */
    uint32_t *by_normalised; /* the same by hash of the normalised name */
};

const char *mr_type_name(mr_type type) {
    static const char *const names[MR_TYPE_COUNT] = {"double",  "float",  "integer",
                                                     "boolean", "string", "list"};
    return (unsigned)type < MR_TYPE_COUNT ? names[type] : "unknown";
}

/* Of at most MR_FIELD_NAME_MAX bytes. */
static uint32_t hash_normalised(const mr_schema *schema, const char *name) {
    unsigned char text[MR_FIELD_NAME_MAX];
    size_t size = 0;
    for (; *name; name++) {
        unsigned char c = mr_name_byte((unsigned char)*name);
        if (c) text[size++] = c;
    }
    return (uint32_t)mr_hash(schema->seed, text, size);
}

static void insert(uint32_t *slots, uint32_t mask, uint32_t hash, uint32_t index) {
    uint32_t i = hash & mask;
    while (slots[i] != 0) i = (i + 1) & mask;
    slots[i] = index + 1;
}

/* Copies a field to the end. The arrays have room. */
static mr_status append(mr_schema *schema, const mr_field *field, mr_error *error) {
    size_t size = field->name ? strlen(field->name) : 0;
    if (size == 0 || size > MR_FIELD_NAME_MAX) {
        return mr_fail(error, MR_LIMIT, "schema", "field %u: a name has 1 to %d bytes, this one %zu",
                       schema->count, MR_FIELD_NAME_MAX, size);
    }
    if ((unsigned)field->type >= MR_TYPE_COUNT) {
        return mr_fail(error, MR_INVALID_ARGUMENT, field->name, "unknown field type %d", (int)field->type);
    }
    char *name = mr_copy_string(field->name);
    if (name == NULL) return mr_fail(error, MR_NO_MEMORY, "schema", "out of memory");
    schema->fields[schema->count] = (mr_field){.name = name, .type = field->type, .measure = field->measure};
    insert(schema->by_name, schema->mask, (uint32_t)mr_hash(schema->seed, name, size), schema->count);
    insert(schema->by_normalised, schema->mask, hash_normalised(schema, name), schema->count);
    schema->count++;
    return MR_OK;
}

static void destroy(mr_schema *schema) {
    if (schema == NULL) return;
    for (uint32_t i = 0; i < schema->count; i++) mr_free((void *)(uintptr_t)schema->fields[i].name);
    mr_free(schema->fields);
    mr_free(schema->by_name);
    mr_free(schema->by_normalised);
    mr_dictionary_release(schema->dictionary);
    mr_free(schema);
}

/* An empty schema with room for `capacity` fields. Takes one reference of the dictionary. */
static mr_schema *allocate(uint32_t capacity, mr_dictionary *dictionary) {
    mr_schema *schema = mr_alloc_zero(1, sizeof *schema);
    if (schema == NULL) {
        mr_dictionary_release(dictionary);
        return NULL;
    }
    uint32_t slots = 8;
    while (slots < capacity * 2) slots *= 2;
    atomic_init(&schema->references, 1);
    schema->dictionary = dictionary;
    schema->seed = mr_hash_seed();
    schema->mask = slots - 1;
    schema->fields = mr_alloc_zero(capacity, sizeof *schema->fields);
    schema->by_name = mr_alloc_zero(slots, sizeof *schema->by_name);
    schema->by_normalised = mr_alloc_zero(slots, sizeof *schema->by_normalised);
    if (schema->fields == NULL || schema->by_name == NULL || schema->by_normalised == NULL) {
        destroy(schema);
        return NULL;
    }
    return schema;
}

static bool holds(const mr_schema *schema, const mr_field *field) {
    if (field->name == NULL) return false;
    uint32_t index = mr_schema_find(schema, field->name, field->type);
    return index != MR_NO_FIELD && schema->fields[index].type == field->type;
}

mr_status mr_schema_new(const mr_field *fields, uint32_t count, mr_schema **schema, mr_error *error) {
    if (count > MR_SCHEMA_FIELDS_MAX) {
        return mr_fail(error, MR_LIMIT, "schema", "%u fields; at most %d are possible", count,
                       MR_SCHEMA_FIELDS_MAX);
    }
    mr_dictionary *dictionary;
    mr_status status = mr_dictionary_new(MR_DICTIONARY_MAX, &dictionary, error);
    if (status != MR_OK) return status;
    mr_schema *made = allocate(count, dictionary);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "schema", "out of memory");
    for (uint32_t i = 0; i < count && status == MR_OK; i++) {
        if (holds(made, &fields[i])) {
            status = mr_fail(error, MR_CONFLICT, "schema", "field \"%.100s\" is there twice", fields[i].name);
        } else {
            status = append(made, &fields[i], error);
        }
    }
    if (status != MR_OK) {
        destroy(made);
        return status;
    }
    *schema = made;
    return MR_OK;
}

mr_status mr_schema_extend(mr_schema *base, const mr_field *fields, uint32_t count, mr_schema **schema,
                           mr_error *error) {
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < count; i++) fresh += !holds(base, &fields[i]);
    if (fresh == 0) {
        *schema = mr_schema_retain(base);
        return MR_OK;
    }
    if (fresh > MR_SCHEMA_FIELDS_MAX - base->count) {
        return mr_fail(error, MR_LIMIT, "schema", "%u fields and %u new ones; at most %d are possible",
                       base->count, fresh, MR_SCHEMA_FIELDS_MAX);
    }
    mr_schema *made = allocate(base->count + fresh, mr_dictionary_retain(base->dictionary));
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "schema", "out of memory");
    mr_status status = MR_OK;
    for (uint32_t i = 0; i < base->count && status == MR_OK; i++)
        status = append(made, &base->fields[i], error);
    for (uint32_t i = 0; i < count && status == MR_OK; i++) {
        if (!holds(made, &fields[i])) status = append(made, &fields[i], error);
    }
    if (status != MR_OK) {
        destroy(made);
        return status;
    }
    *schema = made;
    return MR_OK;
}

mr_schema *mr_schema_retain(mr_schema *schema) {
    atomic_fetch_add_explicit(&schema->references, 1, memory_order_relaxed);
    return schema;
}

void mr_schema_release(mr_schema *schema) {
    if (schema != NULL && atomic_fetch_sub(&schema->references, 1) == 1) destroy(schema);
}

uint32_t mr_schema_count(const mr_schema *schema) {
    return schema->count;
}

const mr_field *mr_schema_field(const mr_schema *schema, uint32_t index) {
    return index < schema->count ? &schema->fields[index] : NULL;
}

uint32_t mr_schema_find(const mr_schema *schema, const char *name, mr_type type) {
    uint32_t first = MR_NO_FIELD;
    uint32_t hash = (uint32_t)mr_hash(schema->seed, name, strlen(name));
    for (uint32_t i = hash & schema->mask; schema->by_name[i] != 0; i = (i + 1) & schema->mask) {
        uint32_t index = schema->by_name[i] - 1;
        if (strcmp(schema->fields[index].name, name) != 0) continue;
        if (schema->fields[index].type == type) return index;
        if (index < first) first = index;
    }
    return first;
}

/* The field with the same normalised name. Several names: *ambiguous. Of one name with several types, the one
 * of `type`, else the first. */
static uint32_t find_normalised(const mr_schema *schema, const char *name, mr_type type, bool *ambiguous) {
    uint32_t found = MR_NO_FIELD;
    uint32_t hash = hash_normalised(schema, name);
    size_t size = strlen(name);
    for (uint32_t i = hash & schema->mask; schema->by_normalised[i] != 0; i = (i + 1) & schema->mask) {
        uint32_t index = schema->by_normalised[i] - 1;
        const char *candidate = schema->fields[index].name;
        if (!mr_names_alike(candidate, strlen(candidate), name, size)) continue;
        if (found != MR_NO_FIELD && strcmp(candidate, schema->fields[found].name) != 0) {
            *ambiguous = true;
            return MR_NO_FIELD;
        }
        if (found == MR_NO_FIELD || schema->fields[index].type == type) found = index;
    }
    return found;
}

uint32_t mr_schema_resolve(const mr_schema *schema, const char *name, mr_type type,
                           const mr_name_mapping *mapping, size_t mapping_count, mr_match *match) {
    mr_match ignored;
    if (match == NULL) match = &ignored;
    for (size_t i = 0; i < mapping_count; i++) {
        if (strcmp(mapping[i].model_name, name) != 0) continue;
        uint32_t mapped = mr_schema_find(schema, mapping[i].record_name, type);
        *match = mapped == MR_NO_FIELD ? MR_MATCH_NONE : MR_MATCH_MAPPED;
        return mapped;
    }
    uint32_t index = mr_schema_find(schema, name, type);
    *match = MR_MATCH_EXACT;
    if (index != MR_NO_FIELD) return index;
    bool ambiguous = false;
    if (strlen(name) <= MR_FIELD_NAME_MAX) index = find_normalised(schema, name, type, &ambiguous);
    *match = ambiguous ? MR_MATCH_AMBIGUOUS : index == MR_NO_FIELD ? MR_MATCH_NONE : MR_MATCH_NORMALISED;
    return index;
}

uint32_t mr_schema_code(const mr_schema *schema, const char *data, size_t size) {
    return mr_dictionary_find(schema->dictionary, data, size);
}

mr_status mr_schema_add_code(mr_schema *schema, const char *data, size_t size, uint32_t *code,
                             mr_error *error) {
    return mr_dictionary_add(schema->dictionary, data, size, code, error);
}

uint32_t mr_schema_codes(const mr_schema *schema) {
    return mr_dictionary_end(schema->dictionary);
}
