/* Parse: expat's events into the flat document.
 *
 * One pass, no recursion, everything bounded while it is read. A document type declaration is
 * refused, so no entity is ever expanded. A value that repeats the last one of the same attribute
 * (operator="lessOrEqual") shares its text.
 */
#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/document/document.h"
#include "pmml/expression/token.h"

enum { CHUNK = 1 << 20, DEPTH_MAX = 4096 };

typedef struct parser {
    XML_Parser xml;
    mr_document *document;
    const mr_model_limits *limits;
    mr_error *error;
    mr_status status;
    uint32_t depth;
    uint32_t skip;        /* depth inside a skipped element */
    uint32_t transparent; /* elements that are open and looked through */
    uint32_t last[A_COUNT];
    uint32_t *open; /* index of each open element */
    size_t open_capacity;
    char *text; /* of the open element, where it matters */
    size_t text_size, text_capacity;
    bool collecting;
} parser;

MR_PRINTF(3, 4) static void fail(parser *p, mr_status status, const char *format, ...) {
    if (p->status != MR_OK) return;
    char where[128], message[256];
    const char *name = p->document->name ? p->document->name : "model";
    size_t length = strlen(name);
    snprintf(where, sizeof where, "%s:%lu", length > 100 ? name + length - 100 : name,
             (unsigned long)XML_GetCurrentLineNumber(p->xml));
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    p->status = mr_fail(p->error, status, where, "%s", message);
    XML_StopParser(p->xml, XML_FALSE);
}

/* False after a failure. */
static bool held(parser *p) {
    const mr_document *d = p->document;
    size_t bytes = d->count * sizeof *d->elements + d->attribute_count * sizeof *d->attributes +
                   d->text_size + p->text_size;
    if (bytes <= p->limits->memory) return true;
    fail(p, MR_LIMIT, "the document needs more than %zu bytes of memory (limit `memory`)", p->limits->memory);
    return false;
}

static bool put_text(parser *p, const char *text, size_t size, uint32_t *offset) {
    mr_document *d = p->document;
    if (d->text_size + size + 1 > UINT32_MAX) {
        fail(p, MR_LIMIT, "the document holds more than 4 GiB of text");
        return false;
    }
    while (d->text_capacity - d->text_size < size + 1) {
        if (!mr_grow_array((void **)&d->texts, &d->text_capacity, 1)) {
            fail(p, MR_NO_MEMORY, "out of memory");
            return false;
        }
    }
    *offset = (uint32_t)d->text_size;
    memcpy(d->texts + d->text_size, text, size);
    d->texts[d->text_size + size] = 0;
    d->text_size += size + 1;
    return held(p);
}

static bool put_attribute(parser *p, mr_attribute_name name, const char *text, size_t size) {
    mr_document *d = p->document;
    if (!MR_GROW(d->attributes, d->attribute_count, d->attribute_capacity)) {
        fail(p, MR_NO_MEMORY, "out of memory");
        return false;
    }
    uint32_t offset = p->last[name];
    bool repeated =
        offset != UINT32_MAX && strncmp(d->texts + offset, text, size) == 0 && d->texts[offset + size] == 0;
    if (!repeated && !put_text(p, text, size, &offset)) return false;
    p->last[name] = offset;
    d->attributes[d->attribute_count++] = (mr_attribute){.text = offset, .name = (uint16_t)name};
    d->elements[d->count - 1].attribute_count++;
    return true;
}

static const char *local_name(const char *name) {
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static bool put_attributes(parser *p, const XML_Char **attributes) {
    unsigned count = 0;
    for (; attributes[0]; attributes += 2) {
        const char *name = attributes[0], *value = attributes[1];
        size_t size = strlen(value);
        if (strncmp(name, "xmlns", 5) == 0 || strchr(name, ':')) continue; /* namespaces, schema locations */
        if (++count > MR_PMML_ATTRIBUTES_MAX || size > MR_PMML_ATTRIBUTE_BYTES_MAX) {
            fail(p, MR_LIMIT, "an element has more than %d attributes or one of more than %d bytes",
                 MR_PMML_ATTRIBUTES_MAX, MR_PMML_ATTRIBUTE_BYTES_MAX);
            return false;
        }
        mr_attribute_name number = mr_names_attribute(&p->document->names, name, strlen(name));
        if (number == A_UNKNOWN) { /* the check names it */
            value = name;
            size = strlen(name);
        }
        if (!put_attribute(p, number, value, size)) return false;
    }
    return true;
}

/* False after a failure. Skipped elements count too: expat remembers each open one. */
static bool within_depth(parser *p) {
    uint64_t depth = (uint64_t)p->depth + p->transparent + p->skip;
    if (depth <= p->limits->depth && depth <= DEPTH_MAX) return true;
    fail(p, MR_LIMIT, "elements are nested more than %u deep (limit `depth`)",
         p->limits->depth < DEPTH_MAX ? p->limits->depth : DEPTH_MAX);
    return false;
}

/* May the next element open? Says what forbids it. */
static bool may_open(parser *p) {
    if (!within_depth(p)) return false;
    if (p->document->count >= p->limits->nodes)
        fail(p, MR_LIMIT, "more than %u elements (limit `nodes`)", p->limits->nodes);
    else if (!MR_GROW(p->document->elements, p->document->count, p->document->capacity) ||
             !MR_GROW(p->open, (size_t)p->depth, p->open_capacity))
        fail(p, MR_NO_MEMORY, "out of memory");
    return p->status == MR_OK;
}

static bool has_text(mr_element_name name) {
    return name == E_Array || name == E_Constant || name == E_CELL || name == E_Indices ||
           name == E_REAL_Entries || name == E_INT_Entries || name == E_MatCell;
}

/* Older R writes the inputs of <BayesInputs> that are continuous into an <Extension> there: it is looked
 * through. */
static bool is_transparent(const parser *p, const char *name) {
    return !p->skip && p->depth && p->document->elements[p->open[p->depth - 1]].name == E_BayesInputs &&
           strcmp(name, "Extension") == 0;
}

static void XMLCALL on_start(void *context, const XML_Char *raw, const XML_Char **attributes) {
    parser *p = context;
    if (p->status != MR_OK) return;
    const char *name = local_name(raw);
    mr_document *d = p->document;
    uint16_t parent = p->depth ? d->elements[p->open[p->depth - 1]].name : (uint16_t)E_NONE;
    mr_element_name number = parent == E_row ? E_CELL : mr_names_element(&d->names, name, strlen(name));
    if (is_transparent(p, name)) {
        if (within_depth(p)) p->transparent++;
        return;
    }
    if (p->skip || (number == E_NONE && p->depth)) {
        if (within_depth(p)) p->skip++;
        return;
    }
    if (number == E_NONE) number = E_UNKNOWN;
    if (!may_open(p)) return;
    uint32_t index = (uint32_t)d->count++;
    d->elements[index] = (mr_element){.line = (uint32_t)XML_GetCurrentLineNumber(p->xml),
                                      .attributes = (uint32_t)d->attribute_count,
                                      .name = (uint16_t)number};
    p->open[p->depth++] = index;
    if (d->attribute_count > UINT32_MAX - 128) fail(p, MR_LIMIT, "too many attributes");
    if ((number == E_CELL || number == E_UNKNOWN) && !put_attribute(p, A_NAME, raw, strlen(raw))) return;
    if (number == E_CELL) attributes += XML_GetSpecifiedAttributeCount(p->xml);
    if (!put_attributes(p, attributes)) return;
    p->collecting = has_text(number);
    p->text_size = 0;
}

static void XMLCALL on_end(void *context, const XML_Char *name) {
    parser *p = context;
    if (p->status != MR_OK) return;
    if (p->skip) {
        p->skip--;
        return;
    }
    if (is_transparent(p, local_name(name))) {
        p->transparent--;
        return;
    }
    mr_document *d = p->document;
    uint32_t index = p->open[--p->depth];
    /* Only the element opened last may still take attributes: its text is one. */
    if (p->collecting && index == d->count - 1)
        put_attribute(p, A_TEXT, p->text ? p->text : "", p->text_size);
    p->collecting = false;
    d->elements[index].end = (uint32_t)d->count;
}

static void XMLCALL on_text(void *context, const XML_Char *text, int size) {
    parser *p = context;
    if (p->status != MR_OK || !p->collecting || p->skip || size < 0) return;
    while (p->text_capacity - p->text_size < (size_t)size)
        if (!mr_grow_array((void **)&p->text, &p->text_capacity, 1)) {
            fail(p, MR_NO_MEMORY, "out of memory");
            return;
        }
    memcpy(p->text + p->text_size, text, (size_t)size);
    p->text_size += (size_t)size;
    held(p);
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public_id, int has_internal) {
    (void)name, (void)system, (void)public_id, (void)has_internal;
    fail(context, MR_UNSUPPORTED, "a document type declaration (<!DOCTYPE>) is refused: remove it");
}

static mr_status run(parser *p, const char *data, size_t size) {
    size_t given = 0, begin = 0;
    while (p->status == MR_OK) {
        int part = size > CHUNK ? CHUNK : (int)size;
        size -= (size_t)part;
        enum XML_Status status = XML_Parse(p->xml, data, part, size == 0);
        data += part;
        given += (size_t)part;
        if (p->status != MR_OK) break;
        if (status == XML_STATUS_OK) {
            if (size == 0) break;
            if (mr_token_too_long(p->xml, given, &begin))
                fail(p, MR_LIMIT,
                     "a tag (with its attributes) or a comment is longer than the limit of %d bytes",
                     (int)MR_TOKEN_MAX);
            continue;
        }
        enum XML_Error code = XML_GetErrorCode(p->xml);
        if (code == XML_ERROR_NO_MEMORY) fail(p, MR_NO_MEMORY, "out of memory");
        else fail(p, MR_SYNTAX, "not well-formed XML: %s", XML_ErrorString(code));
    }
    return p->status;
}

mr_status mr_document_parse(mr_document *document, const void *data, size_t size, const char *name,
                            const mr_model_limits *limits, mr_error *error) {
    memset(document, 0, sizeof *document);
    document->name = name;
    mr_names_init(&document->names);
    if (size > limits->bytes)
        return mr_document_fail(document, 0, error, MR_LIMIT, "%zu bytes are more than %zu (limit `bytes`)",
                                size, limits->bytes);
    XML_Memory_Handling_Suite memory = {mr_alloc, mr_realloc, mr_free};
    parser p = {.document = document, .limits = limits, .error = error};
    memset(p.last, 0xff, sizeof p.last);
    p.xml = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (!p.xml) return mr_document_fail(document, 0, error, MR_NO_MEMORY, "out of memory");
    XML_SetUserData(p.xml, &p);
    XML_SetElementHandler(p.xml, on_start, on_end);
    XML_SetCharacterDataHandler(p.xml, on_text);
    XML_SetStartDoctypeDeclHandler(p.xml, on_doctype);
    mr_status status = run(&p, data, size);
    XML_ParserFree(p.xml);
    mr_free(p.open);
    mr_free(p.text);
    return status;
}
