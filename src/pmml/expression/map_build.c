/* MapValues, compiled: its rows in a hash table by their keys. Of two rows with the same keys the first one
 * counts. */
#include <math.h>
#include <string.h>

#include "pmml/expression/expression_build.h"

enum { KEYS_MAX = 16 };

mr_status mr_build_table(mr_builder *b, uint32_t element, uint32_t *table) {
    *table = MR_NONE;
    MR_EACH_CHILD(b->document, element, child)
    if (mr_build_name(b, child) == E_InlineTable) *table = child;
    if (*table != MR_NONE) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL, "<%s> lacks its <InlineTable>",
                         mr_element_text(mr_build_name(b, element)));
}

/* Prefixes are compared as written, or left out. */
const char *mr_table_cell(const mr_builder *b, uint32_t row, const char *column) {
    MR_EACH_CHILD(b->document, row, cell) {
        const char *name = mr_build_text(b, cell, A_NAME), *text = mr_build_text(b, cell, A_TEXT);
        const char *local = name && strchr(name, ':') ? strchr(name, ':') + 1 : name;
        const char *bare = strchr(column, ':') ? strchr(column, ':') + 1 : column;
        if (name && (strcmp(name, column) == 0 || strcmp(local, column) == 0 || strcmp(name, bare) == 0))
            return text ? text : "";
    }
    return NULL;
}

static mr_status read_columns(mr_builder *b, mr_scope *scope, uint32_t element, const char **columns,
                              mr_value_map *map) {
    uint32_t slots[KEYS_MAX];
    bool texts[KEYS_MAX];
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(b, child) != E_FieldColumnPair) continue;
        if (map->key_count == KEYS_MAX)
            return mr_build_fail(b, child, MR_LIMIT, "<MapValues> with more than %d columns", KEYS_MAX);
        uint32_t *slot = &slots[map->key_count];
        mr_status status = mr_build_must(b, child, A_column, &columns[map->key_count]);
        if (status == MR_OK) status = mr_scope_find_attribute(b, scope, child, A_field, slot);
        if (status != MR_OK) return status;
        texts[map->key_count++] = b->slots[*slot].type == T_STRING;
    }
    if (map->key_count == 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<MapValues> lacks its <FieldColumnPair>");
    map->slots = mr_build_keep(b, slots, map->key_count, sizeof *slots);
    map->texts = mr_build_keep(b, texts, map->key_count, sizeof *texts);
    return map->slots && map->texts ? MR_OK : MR_NO_MEMORY;
}

/* The keys of a row. *complete false: a column is not there, or NaN, so the row matches nothing. */
static mr_status read_keys(mr_builder *b, uint32_t row, const char *const *columns, const mr_value_map *map,
                           uint64_t *keys, bool *complete) {
    *complete = true;
    for (uint32_t k = 0; k < map->key_count; k++) {
        const char *text = mr_table_cell(b, row, columns[k]);
        mr_slot value = {0};
        mr_status status =
            text ? mr_build_literal(b, row, text, b->slots[map->slots[k]].type, &value) : MR_OK;
        if (status != MR_OK) return status;
        if (!text || isnan(value.number)) *complete = false;
        keys[k] = mr_value_map_key(&value, map->texts[k]);
    }
    return MR_OK;
}

static bool same_keys(const mr_value_map *map, const uint64_t *a, const uint64_t *b) {
    for (uint32_t k = 0; k < map->key_count; k++)
        if (a[k] != b[k]) return false;
    return true;
}

static void put_row(const mr_value_map *map, uint32_t *rows, uint32_t row) {
    const uint64_t *keys = map->keys + (size_t)row * map->key_count;
    uint64_t hash = 0;
    for (uint32_t k = 0; k < map->key_count; k++) hash = mr_value_map_hash(keys[k], hash);
    uint32_t at = (uint32_t)hash & (map->capacity - 1);
    for (; rows[at]; at = (at + 1) & (map->capacity - 1))
        if (same_keys(map, map->keys + (size_t)(rows[at] - 1) * map->key_count, keys)) return;
    rows[at] = row + 1;
}

static mr_status build_rows(mr_builder *b, uint32_t table, const char *const *columns, const char *output,
                            mr_value_map *map, mr_expression *x) {
    bool lacks = false, *absent = NULL;
    MR_EACH_CHILD(b->document, table, row) {
        lacks |= !mr_table_cell(b, row, output);
        x->count++;
    }
    for (map->capacity = 16; 2 * (uint64_t)map->capacity < 3 * (uint64_t)x->count;) map->capacity *= 2;
    uint64_t *keys = mr_build_alloc(b, (size_t)x->count * map->key_count, sizeof *keys);
    double *results = mr_build_alloc(b, x->count, sizeof *results);
    uint32_t *rows = mr_build_alloc(b, map->capacity, sizeof *rows), i = 0;
    if (lacks) absent = mr_build_alloc(b, x->count, sizeof *absent);
    if (!keys || !results || !rows || (lacks && !absent)) return MR_NO_MEMORY;
    map->keys = keys;
    map->results = results;
    map->absent = absent;
    map->rows = rows;
    MR_EACH_CHILD(b->document, table, row) {
        bool complete;
        const char *text = mr_table_cell(b, row, output);
        mr_status status = read_keys(b, row, columns, map, keys + (size_t)i * map->key_count, &complete);
        mr_slot result = {0};
        if (status == MR_OK && text) status = mr_build_literal(b, row, text, x->type, &result);
        if (status != MR_OK) return status;
        if (!text) absent[i] = true;
        results[i] = x->type == T_STRING ? result.text : result.number;
        if (complete) put_row(map, rows, i);
        i++;
    }
    return MR_OK;
}

mr_status mr_build_map(mr_builder *b, mr_scope *scope, uint32_t element, int wanted, mr_expression *x) {
    const char *columns[KEYS_MAX], *output;
    uint32_t table;
    x->op = X_MAP;
    mr_value_map *map = mr_build_alloc(b, 1, sizeof *map);
    if (!map) return MR_NO_MEMORY;
    x->detail = map;
    mr_status status = mr_build_result_type(b, element, wanted, x);
    if (status == MR_OK) status = mr_build_must(b, element, A_outputColumn, &output);
    if (status == MR_OK) status = read_columns(b, scope, element, columns, map);
    if (status == MR_OK) status = mr_build_table(b, element, &table);
    return status == MR_OK ? build_rows(b, table, columns, output, map, x) : status;
}
