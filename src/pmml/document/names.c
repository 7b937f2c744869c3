/* Names: texts to numbers by a small hash table, and the rows of the table as bit sets. */
#include "pmml/document/names.h"

#include <string.h>

static const char *const element_texts[E_COUNT] = {
#define ELEMENT_TEXT(name, used, ignored, children) [E_##name] = #name,
    MR_ELEMENT_TABLE(ELEMENT_TEXT)
#undef ELEMENT_TEXT
#define HYPHENATED_TEXT(name, text, used, ignored, children) [E_##name] = text,
        MR_HYPHENATED_ELEMENT_TABLE(HYPHENATED_TEXT)
#undef HYPHENATED_TEXT
            [E_CELL] = "cell",
    [E_UNKNOWN] = "unknown",
};

static const char *const attribute_texts[A_COUNT] = {
#define ATTRIBUTE_TEXT(name) [A_##name] = #name,
    MR_ATTRIBUTE_TABLE(ATTRIBUTE_TEXT)
#undef ATTRIBUTE_TEXT
#define HYPHENATED_TEXT(name, text) [A_##name] = text,
        MR_HYPHENATED_ATTRIBUTE_TABLE(HYPHENATED_TEXT)
#undef HYPHENATED_TEXT
};

/* Elements that describe and never change a score: skipped with all that is in them. */
static const char *const skipped_texts[] = {"Extension",  "Header",           "MiningBuildTask",
                                            "ModelStats", "ModelExplanation", "EventValues",
                                            "Partition",  "Taxonomy"};
enum { SKIPPED_COUNT = sizeof skipped_texts / sizeof skipped_texts[0] };

const char *mr_names_skipped(size_t index) {
    return index < SKIPPED_COUNT ? skipped_texts[index] : NULL;
}

const char *mr_element_text(mr_element_name name) {
    return name < E_COUNT && element_texts[name] ? element_texts[name] : "?";
}

const char *mr_attribute_text(mr_attribute_name name) {
    return name < A_COUNT && attribute_texts[name] ? attribute_texts[name] : "?";
}

static uint32_t hash(const char *text, size_t size) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < size; i++) h = (h ^ (unsigned char)text[i]) * 16777619u;
    return h ^ (h >> 15);
}

/* Numbers from E_COUNT on stand for skipped_texts. */
static const char *element_key(unsigned number) {
    return number < E_COUNT ? element_texts[number] : skipped_texts[number - E_COUNT];
}

static void insert(uint16_t *table, const char *text, unsigned number) {
    uint32_t at = hash(text, strlen(text)) % MR_NAME_SLOTS;
    while (table[at]) at = (at + 1) % MR_NAME_SLOTS;
    table[at] = (uint16_t)number;
}

static bool same(const char *key, const char *text, size_t size) {
    return strncmp(key, text, size) == 0 && key[size] == 0;
}

mr_element_name mr_names_element(const mr_names *names, const char *text, size_t size) {
    for (uint32_t at = hash(text, size) % MR_NAME_SLOTS; names->elements[at]; at = (at + 1) % MR_NAME_SLOTS) {
        unsigned number = names->elements[at];
        if (same(element_key(number), text, size)) return number < E_COUNT ? (mr_element_name)number : E_NONE;
    }
    return E_UNKNOWN;
}

mr_attribute_name mr_names_attribute(const mr_names *names, const char *text, size_t size) {
    for (uint32_t at = hash(text, size) % MR_NAME_SLOTS; names->attributes[at];
         at = (at + 1) % MR_NAME_SLOTS) {
        unsigned number = names->attributes[at];
        if (same(attribute_texts[number], text, size)) return (mr_attribute_name)number;
    }
    return A_UNKNOWN;
}

static void set_attributes(const mr_names *names, const char *list, uint64_t *bits) {
    while (*list) {
        size_t size = strcspn(list, " ");
        unsigned number = mr_names_attribute(names, list, size);
        if (size > 0 && number < A_UNKNOWN) bits[number / 64] |= (uint64_t)1 << (number % 64);
        list += size;
        list += strspn(list, " ");
    }
}

static void set_children(const mr_names *names, const char *list, mr_element_rule *rule) {
    if (strcmp(list, "*") == 0) rule->any_child = true;
    while (*list) {
        size_t size = strcspn(list, " ");
        unsigned number = mr_names_element(names, list, size);
        if (size > 0 && number < E_CELL) rule->children[number / 64] |= (uint64_t)1 << (number % 64);
        list += size;
        list += strspn(list, " ");
    }
}

void mr_names_init(mr_names *names) {
    memset(names, 0, sizeof *names);
    for (unsigned i = 1; i < E_CELL; i++) insert(names->elements, element_texts[i], i);
    for (unsigned i = 0; i < SKIPPED_COUNT; i++) insert(names->elements, skipped_texts[i], E_COUNT + i);
    for (unsigned i = 1; i < A_TEXT; i++) insert(names->attributes, attribute_texts[i], i);
#define RULE(name, read, unread, inside) HYPHENATED_RULE(name, #name, read, unread, inside)
#define HYPHENATED_RULE(name, written, read, unread, inside)                                                 \
    names->rules[E_##name].text = written;                                                                   \
    set_attributes(names, read, names->rules[E_##name].used);                                                \
    set_attributes(names, unread, names->rules[E_##name].ignored);                                           \
    set_children(names, inside, &names->rules[E_##name]);
    MR_ELEMENT_TABLE(RULE)
    MR_HYPHENATED_ELEMENT_TABLE(HYPHENATED_RULE)
#undef RULE
#undef HYPHENATED_RULE
}
