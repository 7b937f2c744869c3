/* Document: PMML as it was written, flat.
 *
 * Elements stand in document order in one array; `end` is the index behind an element's last
 * descendant, so its first child is index + 1 and its next sibling is `end`. Attributes stand in a second
 * array, their texts (each closed by a zero) in one block. 16 bytes an element, 8 an attribute: a
 * document takes about as much memory as its text. Elements that never change a score are not kept.
 */
#ifndef MR_PMML_DOCUMENT_H
#define MR_PMML_DOCUMENT_H

#include "millrace/model.h"
#include "pmml/document/names.h"

typedef struct mr_element {
    uint32_t line;
    uint32_t end;
    uint32_t attributes; /* index of the first */
    uint16_t name;       /* mr_element_name */
    uint16_t attribute_count;
} mr_element;

typedef struct mr_attribute {
    uint32_t text; /* offset in `texts` */
    uint16_t name; /* mr_attribute_name */
} mr_attribute;

typedef struct mr_document {
    const char *name; /* borrows: stands in errors before the line */
    mr_element *elements;
    size_t count, capacity;
    mr_attribute *attributes;
    size_t attribute_count, attribute_capacity;
    char *texts;
    size_t text_size, text_capacity;
    mr_names names;
} mr_document;

/* Limits that are not in mr_model_limits. */
enum { MR_PMML_ATTRIBUTES_MAX = 64, MR_PMML_ATTRIBUTE_BYTES_MAX = 1 << 20 };

/* Parses and checks. `limits` has no zeros. *document is to be freed in any case. Errors: MR_SYNTAX,
 * MR_LIMIT, MR_UNSUPPORTED, MR_NO_MEMORY. Any thread. */
mr_status mr_document_parse(mr_document *document, const void *data, size_t size, const char *name,
                            const mr_model_limits *limits, mr_error *error);
mr_status mr_document_check(const mr_document *document, mr_error *error);
void mr_document_free(mr_document *document); /* errors then name line 1 */

/* Text of an attribute, or NULL. Borrows; valid until the document is freed. */
static inline const char *mr_document_attribute(const mr_document *document, uint32_t element,
                                                mr_attribute_name name) {
    const mr_element *e = &document->elements[element];
    const mr_attribute *attribute = &document->attributes[e->attributes];
    for (unsigned i = 0; i < e->attribute_count; i++)
        if (attribute[i].name == name) return document->texts + attribute[i].text;
    return NULL;
}

/* The first child of this name; UINT32_MAX: there is none. */
uint32_t mr_document_child(const mr_document *document, uint32_t element, mr_element_name name);

/* Fills `error` with "name:line" of the element. Returns `status`. */
mr_status mr_document_fail(const mr_document *document, uint32_t element, mr_error *error, mr_status status,
                           const char *format, ...) MR_PRINTF(5, 6);

/* For each child `c` of element `e`. */
#define MR_EACH_CHILD(document, e, c)                                                                        \
    for (uint32_t c = (e) + 1; c < (document)->elements[e].end; c = (document)->elements[c].end)

#endif
