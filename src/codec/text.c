/* Doubling in an arena: the old bytes stay behind until its reset, at most as many as the new ones. */
#include "codec/text.h"

#include <string.h>

#include "base/json_text.h"
#include "base/number.h"

/* Room for `size` more bytes at data + size; NULL when memory is out. The caller adds to size. */
static char *reserve(mr_text_builder *text, size_t size) {
    if (text->failed) return NULL;
    if (size <= text->capacity - text->size) return text->data + text->size;
    size_t capacity = text->capacity < 128 ? 256 : text->capacity * 2;
    if (capacity - text->size < size) capacity = text->size + size;
    char *bigger = capacity > text->size ? mr_arena_alloc(text->arena, capacity) : NULL;
    if (bigger == NULL) {
        text->failed = true;
        return NULL;
    }
    if (text->size > 0) memcpy(bigger, text->data, text->size);
    text->data = bigger;
    text->capacity = capacity;
    return text->data + text->size;
}

void mr_text_add(mr_text_builder *text, const char *data, size_t size) {
    char *to = reserve(text, size);
    if (to == NULL || size == 0) return;
    memcpy(to, data, size);
    text->size += size;
}

void mr_text_add_literal(mr_text_builder *text, const char *literal) {
    mr_text_add(text, literal, strlen(literal));
}

void mr_text_add_json(mr_text_builder *text, const char *data, size_t size) {
    if (size > (SIZE_MAX - 2) / 6) text->failed = true;
    char *to = reserve(text, MR_JSON_STRING_MAX(size));
    if (to != NULL) text->size += mr_json_write_string(to, data, size);
}

void mr_text_add_double(mr_text_builder *text, double value) {
    char *to = reserve(text, MR_NUMBER_MAX + 2);
    if (to != NULL) text->size += mr_json_write_double(to, value);
}

void mr_text_add_integer(mr_text_builder *text, int64_t value) {
    char *to = reserve(text, MR_NUMBER_MAX);
    if (to != NULL) text->size += mr_print_integer(to, value);
}

void mr_text_add_separator(mr_text_builder *text) {
    if (text->size > 0 && text->data[text->size - 1] != '{' && text->data[text->size - 1] != '[') {
        mr_text_add(text, ",", 1);
    }
}

void mr_text_add_member(mr_text_builder *text, const char *name) {
    mr_text_add_separator(text);
    mr_text_add_json(text, name, strlen(name));
    mr_text_add(text, ":", 1);
}

void mr_text_add_text_member(mr_text_builder *text, const char *name, const char *value) {
    if (value == NULL) return;
    mr_text_add_member(text, name);
    mr_text_add_json(text, value, strlen(value));
}

static void add_value(mr_text_builder *text, const mr_value *value) {
    if (value->missing) {
        mr_text_add_literal(text, "null");
        return;
    }
    switch (value->type) {
    case MR_TYPE_INTEGER:
        mr_text_add_integer(text, value->as.integer);
        break;
    case MR_TYPE_BOOLEAN:
        mr_text_add_literal(text, value->as.boolean ? "true" : "false");
        break;
    case MR_TYPE_STRING:
        mr_text_add_json(text, value->as.text.data, value->as.text.size);
        break;
    default:
        mr_text_add_double(text, value->as.number);
        break;
    }
}

static void add_float(mr_text_builder *text, float value) {
    if (!__builtin_isfinite(value)) {
        mr_text_add_double(text, (double)value);
        return;
    }
    char *to = reserve(text, MR_NUMBER_MAX);
    if (to != NULL) text->size += mr_print_float(to, value);
}

void mr_text_add_cell(mr_text_builder *text, const mr_column *column, uint32_t row) {
    const void *cell = mr_cell(column, row);
    if (!mr_cell_present(column, row)) {
        mr_text_add_literal(text, "null");
        return;
    }
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        mr_text_add_double(text, *(const double *)cell);
        break;
    case MR_TYPE_FLOAT:
        add_float(text, *(const float *)cell);
        break;
    case MR_TYPE_INTEGER:
        mr_text_add_integer(text, *(const int64_t *)cell);
        break;
    case MR_TYPE_BOOLEAN:
        mr_text_add_literal(text, *(const uint8_t *)cell ? "true" : "false");
        break;
    case MR_TYPE_STRING: {
        const mr_text *string = cell;
        mr_text_add_json(text, string->data, string->size);
        break;
    }
    default: {
        const mr_list *list = cell;
        mr_text_add(text, "[", 1);
        for (uint32_t i = 0; i < list->count; i++) {
            mr_text_add_separator(text);
            add_value(text, &list->items[i]);
        }
        mr_text_add(text, "]", 1);
        break;
    }
    }
}

mr_status mr_text_done(const mr_text_builder *text, mr_bytes *view, mr_error *error) {
    if (text->failed)
        return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory for %zu bytes of text", text->size);
    *view = (mr_bytes){text->data ? text->data : "", text->size};
    return MR_OK;
}
