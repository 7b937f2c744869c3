/* Names: texts of elements and attributes to numbers and back, and the rows of elements.h as bit sets. */
#ifndef MR_PMML_NAMES_H
#define MR_PMML_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pmml/document/elements.h"

typedef enum mr_element_name {
    E_NONE,
#define MR_ELEMENT_ENUM(name, used, ignored, children) E_##name,
    MR_ELEMENT_TABLE(MR_ELEMENT_ENUM)
#undef MR_ELEMENT_ENUM
#define MR_HYPHENATED_ENUM(name, text, used, ignored, children) E_##name,
        MR_HYPHENATED_ELEMENT_TABLE(MR_HYPHENATED_ENUM)
#undef MR_HYPHENATED_ENUM
            E_CELL, /* of a row of an inline table: any name */
    E_UNKNOWN,      /* not in the table */
    E_COUNT
} mr_element_name;

typedef enum mr_attribute_name {
    A_NONE,
#define MR_ATTRIBUTE_ENUM(name) A_##name,
    MR_ATTRIBUTE_TABLE(MR_ATTRIBUTE_ENUM)
#undef MR_ATTRIBUTE_ENUM
#define MR_HYPHENATED_ENUM(name, text) A_##name,
        MR_HYPHENATED_ATTRIBUTE_TABLE(MR_HYPHENATED_ENUM)
#undef MR_HYPHENATED_ENUM
            A_TEXT, /* the element's own text */
    A_NAME,         /* name of an E_CELL or E_UNKNOWN */
    A_UNKNOWN,      /* an attribute that is not in the table; its text is the attribute's name */
    A_COUNT
} mr_attribute_name;

enum { MR_ATTRIBUTE_WORDS = A_COUNT / 64 + 1, MR_ELEMENT_WORDS = E_COUNT / 64 + 1, MR_NAME_SLOTS = 1024 };

/* One row of the table, its lists as bits. */
typedef struct mr_element_rule {
    const char *text;
    uint64_t used[MR_ATTRIBUTE_WORDS];
    uint64_t ignored[MR_ATTRIBUTE_WORDS];
    uint64_t children[MR_ELEMENT_WORDS];
    bool any_child;
} mr_element_rule;
_Static_assert(A_COUNT <= MR_NAME_SLOTS / 2 && E_COUNT <= MR_NAME_SLOTS / 2,
               "the hash tables are at most half full");

/* The tables ready for look-up; made anew for each load, so that nothing is global. */
typedef struct mr_names {
    uint16_t elements[MR_NAME_SLOTS]; /* hash tables with open addressing; 0 is free */
    uint16_t attributes[MR_NAME_SLOTS];
    mr_element_rule rules[E_COUNT];
} mr_names;

void mr_names_init(mr_names *names);
/* E_UNKNOWN, A_UNKNOWN when not in the table; E_NONE for an element that is skipped. */
mr_element_name mr_names_element(const mr_names *names, const char *text, size_t size);
mr_attribute_name mr_names_attribute(const mr_names *names, const char *text, size_t size);
/* Texts of the elements that are skipped; NULL behind the last. */
const char *mr_names_skipped(size_t index);
const char *mr_element_text(mr_element_name name);
const char *mr_attribute_text(mr_attribute_name name);

/* Is an attribute that the table does not have a producer's own? Such have names with x- before them. */
static inline bool mr_is_own_attribute(const char *name) {
    return name[0] == 'x' && name[1] == '-';
}

static inline bool mr_bit(const uint64_t *bits, unsigned index) {
    return (bits[index / 64] >> (index % 64)) & 1;
}

#endif
