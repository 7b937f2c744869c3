/* Document: errors with their line, and the check against the table of names.h. */
#include "pmml/document/document.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"

void mr_document_free(mr_document *document) {
    mr_free(document->elements);
    mr_free(document->attributes);
    mr_free(document->texts);
    document->elements = NULL;
    document->attributes = NULL;
    document->texts = NULL;
    document->count = 0;
}

mr_status mr_document_fail(const mr_document *document, uint32_t element, mr_error *error, mr_status status,
                           const char *format, ...) {
    char where[128], message[512];
    unsigned line = element < document->count ? document->elements[element].line : 1;
    const char *name = document->name ? document->name : "model";
    size_t length = 0;
    while (name[length]) length++;
    if (length > 100) name += length - 100; /* the end of a path says more than its start */
    snprintf(where, sizeof where, "%s:%u", name, line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return mr_fail(error, status, where, "%s", message);
}

uint32_t mr_document_child(const mr_document *document, uint32_t element, mr_element_name name) {
    MR_EACH_CHILD(document, element, child)
    if (document->elements[child].name == name) return child;
    return UINT32_MAX;
}

static const char *name_of(const mr_document *document, uint32_t element) {
    const char *name = mr_document_attribute(document, element, A_NAME);
    return name ? name : mr_element_text((mr_element_name)document->elements[element].name);
}

static mr_status check_attributes(const mr_document *document, uint32_t index, mr_error *error) {
    const mr_element *element = &document->elements[index];
    const mr_element_rule *rule = &document->names.rules[element->name];
    for (uint32_t i = 0; i < element->attribute_count; i++) {
        const mr_attribute *attribute = &document->attributes[element->attributes + i];
        if (attribute->name == A_TEXT || attribute->name == A_NAME) continue;
        if (mr_bit(rule->used, attribute->name) || mr_bit(rule->ignored, attribute->name)) continue;
        if (attribute->name == A_UNKNOWN && mr_is_own_attribute(document->texts + attribute->text)) continue;
        const char *name = attribute->name == A_UNKNOWN
                               ? document->texts + attribute->text
                               : mr_attribute_text((mr_attribute_name)attribute->name);
        return mr_document_fail(document, index, error, MR_UNSUPPORTED,
                                "attribute \"%.100s\" of <%s> is not supported", name, rule->text);
    }
    return MR_OK;
}

static mr_status check_children(const mr_document *document, uint32_t index, mr_error *error) {
    const mr_element_rule *rule = &document->names.rules[document->elements[index].name];
    if (rule->any_child) return MR_OK;
    MR_EACH_CHILD(document, index, child) {
        unsigned name = document->elements[child].name;
        if (name < E_CELL && mr_bit(rule->children, name)) continue;
        return mr_document_fail(document, child, error, MR_UNSUPPORTED,
                                "element <%.100s> is not supported%s%s%s", name_of(document, child),
                                name == E_UNKNOWN ? "" : " inside <", name == E_UNKNOWN ? "" : rule->text,
                                name == E_UNKNOWN ? "" : ">");
    }
    return MR_OK;
}

mr_status mr_document_check(const mr_document *document, mr_error *error) {
    if (document->count == 0 || document->elements[0].name != E_PMML)
        return mr_document_fail(document, 0, error, MR_SYNTAX,
                                "the root element is <%.100s>, not <PMML>: this is not a PMML document",
                                document->count ? name_of(document, 0) : "");
    for (uint32_t i = 0; i < document->count; i++) {
        if (document->elements[i].name == E_CELL) continue;
        mr_status status = check_attributes(document, i, error);
        if (status == MR_OK) status = check_children(document, i, error);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}
