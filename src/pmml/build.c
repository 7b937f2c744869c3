/* Build: attributes read with their faults named by line, literals, the table of texts. */
#include "pmml/build.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "pmml/field/values.h"

enum { PASSING_BYTES = 1 << 20 }; /* kept from one <Array> to the next */

mr_status mr_build_no_memory(mr_builder *b) {
    return mr_fail(b->error, MR_NO_MEMORY, b->document->name,
                   "out of memory, or more than the limit `memory`");
}

void *mr_build_alloc(mr_builder *b, size_t count, size_t size) {
    void *memory = mr_arena_alloc_zero(b->arena, count ? count : 1, size);
    if (!memory) mr_build_no_memory(b);
    return memory;
}

void *mr_build_alloc_member(mr_builder *b, const mr_scope *parent, size_t size) {
    bool member = parent && parent->family == E_MiningModel;
    void *memory = mr_arena_alloc_zero(member ? b->members : b->arena, 1, size);
    if (!memory) mr_build_no_memory(b);
    return memory;
}

void *mr_build_keep(mr_builder *b, const void *items, size_t count, size_t size) {
    void *copy = mr_build_alloc(b, count, size);
    if (copy && count) memcpy(copy, items, count * size);
    return copy;
}

mr_status mr_build_own(mr_builder *b, void *items, size_t count, size_t size, const void **kept) {
    size_t bytes = (count ? count : 1) * size, held = b->arena->held + bytes;
    for (const mr_owned *o = *b->owned; o; o = o->next) held += o->size;
    mr_owned *owned = mr_build_alloc(b, 1, sizeof *owned);
    void *exact = owned ? mr_realloc(items, bytes) : NULL;
    if (!exact || (b->arena->limit && held > b->arena->limit)) {
        mr_free(exact ? exact : items);
        return mr_build_no_memory(b);
    }
    *owned = (mr_owned){*b->owned, exact, bytes, NULL};
    *b->owned = owned;
    *kept = exact;
    return MR_OK;
}

mr_status mr_build_adopt(mr_builder *b, void *memory, size_t size, void (*destroy)(void *memory)) {
    mr_owned *owned = mr_build_alloc(b, 1, sizeof *owned);
    if (!owned) {
        destroy(memory);
        return MR_NO_MEMORY;
    }
    *owned = (mr_owned){*b->owned, memory, size, destroy};
    *b->owned = owned;
    return MR_OK;
}

const char *mr_build_text(const mr_builder *b, uint32_t element, mr_attribute_name name) {
    return mr_document_attribute(b->document, element, name);
}

static const char *element_name(const mr_builder *b, uint32_t element) {
    return mr_element_text(mr_build_name(b, element));
}

mr_status mr_build_must(mr_builder *b, uint32_t element, mr_attribute_name name, const char **value) {
    *value = mr_build_text(b, element, name);
    if (*value) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL, "<%s> lacks its attribute \"%s\"",
                         element_name(b, element), mr_attribute_text(name));
}

static void trim(const char **text, size_t *size) {
    while (*size && strchr(" \t\r\n", **text)) (*text)++, (*size)--;
    while (*size && strchr(" \t\r\n", (*text)[*size - 1])) (*size)--;
}

mr_status mr_build_number(mr_builder *b, uint32_t element, mr_attribute_name name, bool must, double *value) {
    const char *text = mr_build_text(b, element, name);
    if (!text) {
        if (must) return mr_build_must(b, element, name, &text);
        return MR_OK;
    }
    size_t size = strlen(text);
    const char *start = text;
    trim(&start, &size);
    if (mr_parse_double(start, size, value)) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL, "%s=\"%.60s\" of <%s> is not a number",
                         mr_attribute_text(name), text, element_name(b, element));
}

mr_status mr_build_word(mr_builder *b, uint32_t element, mr_attribute_name name, const char *const *words,
                        unsigned *value) {
    const char *text = mr_build_text(b, element, name);
    if (!text) return MR_OK;
    for (unsigned i = 0; words[i]; i++) {
        if (strcmp(words[i], text) != 0) continue;
        *value = i;
        return MR_OK;
    }
    return mr_build_fail(b, element, MR_UNSUPPORTED, "%s=\"%.60s\" of <%s> is not supported",
                         mr_attribute_text(name), text, element_name(b, element));
}

mr_status mr_build_type(mr_builder *b, uint32_t element, mr_data_type *type, mr_measure *measure) {
    const char *types[T_COUNT + 1];
    static const char *const measures[] = {"continuous", "categorical", "ordinal", NULL};
    unsigned number = *type, measured = MR_CONTINUOUS;
    for (unsigned i = 0; i < T_COUNT; i++)
        types[i] = mr_data_type_name(i == T_LIST ? T_STRING : (mr_data_type)i);
    types[T_COUNT] = NULL;
    mr_status status = mr_build_word(b, element, A_dataType, types, &number);
    if (status == MR_OK && !mr_build_text(b, element, A_dataType))
        status = mr_build_word(b, element, A_datatype, types, &number); /* as KNIME writes it */
    if (status != MR_OK) return status;
    *type = (mr_data_type)number;
    if (number == T_COUNT) return MR_OK;
    measured = *type == T_STRING || *type == T_BOOLEAN ? MR_CATEGORICAL : MR_CONTINUOUS;
    status = mr_build_word(b, element, A_optype, measures, &measured);
    *measure = (mr_measure)measured;
    return status;
}

mr_status mr_build_intern(mr_builder *b, const char *text, uint32_t *number) {
    size_t size = strlen(text);
    mr_map_item *item = mr_map_find(&b->texts, text, size);
    if (item) {
        *number = item->value;
        return MR_OK;
    }
    if (size > MR_PMML_ATTRIBUTE_BYTES_MAX || b->text_count >= MR_DICTIONARY_MAX)
        return mr_fail(b->error, MR_LIMIT, b->document->name,
                       "more than %d different strings (categories, labels, identifiers)",
                       (int)MR_DICTIONARY_MAX);
    char *copy = mr_arena_copy(b->arena, text, size);
    if (!copy || !MR_GROW(b->text_list, b->text_count, b->text_capacity) ||
        !mr_map_put(&b->texts, copy, size, (uint32_t)b->text_count))
        return mr_build_no_memory(b);
    *number = (uint32_t)b->text_count;
    b->text_list[b->text_count++] = (mr_text){.data = copy, .size = (uint32_t)size};
    return MR_OK;
}

mr_status mr_build_value(mr_builder *b, const char *text, mr_data_type type, mr_slot *value, bool *ok) {
    *value = (mr_slot){0};
    *ok = true;
    if (type == T_STRING) return mr_build_intern(b, text, &value->text);
    *ok = mr_value_read(text, strlen(text), type, &value->number);
    return MR_OK;
}

mr_status mr_build_literal(mr_builder *b, uint32_t element, const char *text, mr_data_type type,
                           mr_slot *value) {
    bool ok;
    mr_status status = mr_build_value(b, text, type, value, &ok);
    if (status == MR_OK && !ok)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "\"%.60s\" in <%s> is not of type %s", text,
                               element_name(b, element), mr_data_type_name(type));
    return status;
}

mr_status mr_build_label(mr_builder *b, uint32_t element, const char *text, mr_data_type type,
                         uint32_t *number) {
    if (type == T_STRING) return mr_build_intern(b, text, number);
    mr_slot value;
    mr_status status = mr_build_literal(b, element, text, type, &value);
    if (status != MR_OK) return status;
    char printed[MR_VALUE_MAX + 1];
    bool plain = mr_data_type_is_number(type); /* 2, not 2.0 */
    printed[plain ? mr_print_double(printed, value.number) : mr_value_print(printed, type, value.number)] = 0;
    return mr_build_intern(b, printed, number);
}

mr_status mr_build_slot(mr_builder *b, mr_data_type type, mr_measure measure, uint32_t *slot) {
    if (b->slot_count >= UINT32_MAX || !MR_GROW(b->slots, b->slot_count, b->slot_capacity))
        return mr_build_no_memory(b);
    *slot = (uint32_t)b->slot_count;
    b->slots[b->slot_count++] =
        (mr_slot_info){.type = type, .measure = measure, .data_field = MR_NONE, .closed = type != T_STRING};
    return MR_OK;
}

uint32_t mr_build_child(const mr_builder *b, uint32_t element, mr_element_name name) {
    return mr_document_child(b->document, element, name);
}

/* The next item from `*at` on: bare, or in quotes; \" is a quote in either. NULL at the end, or when out of
 * memory. */
static char *next_item(mr_builder *b, const char **at, mr_status *status) {
    const char *text = *at + strspn(*at, " \t\r\n");
    if (!*text) return NULL;
    size_t size, written = 0;
    bool quoted = *text == '"';
    if (quoted) {
        text++;
        for (size = 0; text[size] && text[size] != '"'; size++)
            if (text[size] == '\\' && text[size + 1]) size++;
    } else {
        size = strcspn(text, " \t\r\n");
    }
    char *item = mr_arena_copy(&b->passing, text, size);
    if (!item) {
        *status = mr_build_no_memory(b);
        return NULL;
    }
    *at = text + size + (quoted && text[size] == '"');
    for (size_t i = 0; i < size; i++) {
        if (item[i] == '\\' && (item[i + 1] == '"' || (quoted && item[i + 1] == '\\'))) i++;
        item[written++] = item[i];
    }
    item[written] = 0;
    return item;
}

mr_status mr_build_array(mr_builder *b, uint32_t element, const char ***items, uint32_t *count) {
    const char *text = mr_build_text(b, element, A_TEXT);
    size_t found = 0, capacity = 0;
    const char **list = NULL;
    mr_status status = MR_OK;
    mr_arena_reset(&b->passing, PASSING_BYTES);
    for (const char *item, *at = text ? text : ""; (item = next_item(b, &at, &status)) != NULL;) {
        if (!MR_GROW(list, found, capacity)) {
            status = mr_build_no_memory(b);
            break;
        }
        list[found++] = item;
    }
    double n = (double)found;
    if (status == MR_OK) status = mr_build_number(b, element, A_n, false, &n);
    if (status == MR_OK && n != (double)found)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "n=\"%.0f\" of <Array>, which holds %zu items",
                               n, found);
    *count = (uint32_t)found;
    if (status == MR_OK && !(*items = mr_arena_alloc(&b->passing, (found + 1) * sizeof *list)))
        status = mr_build_no_memory(b);
    if (status == MR_OK && found) memcpy(*items, list, found * sizeof *list);
    mr_free(list);
    return status;
}
