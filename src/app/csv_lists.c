/* Lists in cells: the items as the texts that they would be in cells of their own. */
#include "app/csv_lists.h"

#include "base/memory.h"
#include "codec/json_scan.h"

/* False: it is nested, or no text can say it. */
static bool copy_item(const mr_json_value *value, mr_arena *arena, mr_bytes *item, bool *failed) {
    *item = (mr_bytes){0};
    if (value->kind == MR_JSON_NESTED) return false;
    if (value->kind == MR_JSON_NULL) return true;
    const char *text = value->kind == MR_JSON_TRUE    ? "true"
                       : value->kind == MR_JSON_FALSE ? "false"
                                                      : value->text;
    size_t size = value->kind == MR_JSON_TRUE ? 4 : value->kind == MR_JSON_FALSE ? 5 : value->size;
    char *copy = mr_arena_copy(arena, text, size);
    *failed |= copy == NULL;
    if (copy == NULL) return false;
    if (value->kind == MR_JSON_STRING && value->escaped) size = mr_json_unescape(copy, text, size);
    *item = (mr_bytes){copy, size};
    return size != SIZE_MAX;
}

static bool read_items(mr_json_scanner *scanner, mr_arena *arena, mr_bytes **list, size_t *count,
                       bool *failed) {
    size_t capacity = 0;
    mr_json_skip_blanks(scanner);
    if (!mr_json_take(scanner, '[')) return false;
    if (mr_json_take(scanner, ']')) return true;
    do {
        mr_json_value value;
        *failed |= !MR_GROW(*list, *count, capacity);
        if (*failed || !mr_json_scan_value(scanner, &value)) return false;
        if (!copy_item(&value, arena, &(*list)[(*count)++], failed)) return false;
    } while (mr_json_take(scanner, ','));
    return mr_json_take(scanner, ']');
}

bool mr_csv_list(const mr_bytes *cell, mr_arena *arena, mr_bytes **items, uint32_t *count, bool *failed) {
    *count = 0;
    *failed = false;
    if (cell->data == NULL || cell->size < 2 || cell->size > UINT32_MAX) return false;
    const char *text = cell->data;
    mr_json_scanner scanner = {.at = text, .end = text + cell->size};
    mr_bytes *list = NULL;
    size_t found = 0;
    bool is_list = read_items(&scanner, arena, &list, &found, failed);
    mr_json_skip_blanks(&scanner);
    is_list = is_list && scanner.at == scanner.end;
    if (is_list) {
        *items = mr_arena_alloc_zero(arena, found ? found : 1, sizeof **items);
        *failed = *items == NULL;
        for (size_t i = 0; *items != NULL && i < found; i++) (*items)[i] = list[i];
        *count = *failed ? 0 : found ? (uint32_t)found : 1;
    }
    mr_free(list);
    return is_list && !*failed;
}
