/* Verification, read: cells of the table by the columns of the fields, their texts copied. */
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "pmml/document/map.h"
#include "pmml/verification.h"

enum { CELLS_MAX = 1 << 20 };

typedef struct reader {
    const mr_document *document;
    mr_verification *v;
    mr_error *error;
    mr_map columns; /* -> index of the field */
    char *at;       /* in v->texts */
} reader;

void mr_verification_free(mr_verification *v) {
    mr_free(v->fields);
    mr_free(v->cells);
    mr_free(v->lines);
    mr_free(v->texts);
    *v = (mr_verification){0};
}

static const char *keep(reader *r, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = memcpy(r->at, text, size);
    r->at += size;
    return copy;
}

static mr_status read_number(reader *r, uint32_t element, mr_attribute_name name, double *number) {
    const char *text = mr_document_attribute(r->document, element, name);
    if (!text || (mr_parse_double(text, strlen(text), number) && *number >= 0)) return MR_OK;
    return mr_document_fail(r->document, element, r->error, MR_INVALID_MODEL,
                            "%s=\"%.60s\" of <VerificationField>", mr_attribute_text(name), text);
}

/* A cell's name may have the prefix of a namespace. */
static const char *bare_name(const char *name) {
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static mr_status read_fields(reader *r, uint32_t list) {
    MR_EACH_CHILD(r->document, list, child) {
        const char *field = mr_document_attribute(r->document, child, A_field);
        const char *column = mr_document_attribute(r->document, child, A_column);
        mr_verification_field *f = &r->v->fields[r->v->field_count];
        if (!field)
            return mr_document_fail(r->document, child, r->error, MR_INVALID_MODEL,
                                    "<VerificationField> lacks its attribute \"field\"");
        *f = (mr_verification_field){keep(r, field), 1e-6, 1e-16};
        mr_status status = read_number(r, child, A_precision, &f->precision);
        if (status == MR_OK) status = read_number(r, child, A_zeroThreshold, &f->zero);
        if (status != MR_OK) return status;
        const char *name = bare_name(column ? column : field);
        if (!mr_map_find(&r->columns, name, strlen(name)) &&
            !mr_map_put(&r->columns, name, strlen(name), r->v->field_count))
            return mr_fail(r->error, MR_NO_MEMORY, r->document->name, "out of memory");
        r->v->field_count++;
    }
    return MR_OK;
}

static void read_row(reader *r, uint32_t row) {
    mr_verification *v = r->v;
    const char **cells = v->cells + (size_t)v->row_count * v->field_count;
    v->lines[v->row_count++] = r->document->elements[row].line;
    MR_EACH_CHILD(r->document, row, child) {
        const char *name = mr_document_attribute(r->document, child, A_NAME);
        const char *text = mr_document_attribute(r->document, child, A_TEXT);
        if (name) name = bare_name(name);
        mr_map_item *item = name ? mr_map_find(&r->columns, name, strlen(name)) : NULL;
        if (item && text) cells[item->value] = keep(r, text);
    }
}

/* Bytes of all texts inside, and how many rows and fields there are. */
static size_t measure(const mr_document *document, uint32_t element, uint32_t *rows, uint32_t *fields) {
    size_t bytes = 1;
    for (uint32_t i = element; i < document->elements[element].end; i++) {
        const char *text = mr_document_attribute(document, i, A_TEXT);
        const char *field = mr_document_attribute(document, i, A_field);
        *rows += document->elements[i].name == E_row;
        *fields += document->elements[i].name == E_VerificationField;
        bytes += (text ? strlen(text) + 1 : 0) + (field ? strlen(field) + 1 : 0);
    }
    return bytes;
}

static mr_status read_table(reader *r, uint32_t element, uint32_t fields, uint32_t table) {
    uint32_t rows = 0, count = 0;
    mr_verification *v = r->v;
    size_t bytes = measure(r->document, element, &rows, &count);
    if (rows > MR_VERIFICATION_ROWS_MAX) rows = MR_VERIFICATION_ROWS_MAX;
    if (count && rows > CELLS_MAX / count) rows = CELLS_MAX / count;
    v->fields = mr_alloc_zero(count + 1, sizeof *v->fields);
    v->cells = mr_alloc_zero((size_t)rows * count + 1, sizeof *v->cells);
    v->lines = mr_alloc_zero(rows + 1, sizeof *v->lines);
    v->texts = r->at = mr_alloc(bytes);
    if (!v->fields || !v->cells || !v->lines || !v->texts)
        return mr_fail(r->error, MR_NO_MEMORY, r->document->name, "out of memory");
    mr_status status = read_fields(r, fields);
    if (status != MR_OK) return status;
    MR_EACH_CHILD(r->document, table, row)
    if (v->row_count < rows) read_row(r, row);
    return MR_OK;
}

mr_status mr_verification_read(const mr_document *document, uint32_t model, mr_verification *v,
                               mr_error *error) {
    *v = (mr_verification){0};
    uint32_t element = mr_document_child(document, model, E_ModelVerification);
    if (element == MR_NO_FIELD) return MR_OK;
    uint32_t fields = mr_document_child(document, element, E_VerificationFields);
    uint32_t table = mr_document_child(document, element, E_InlineTable);
    if (fields == MR_NO_FIELD || table == MR_NO_FIELD)
        return mr_document_fail(document, element, error, MR_INVALID_MODEL,
                                "<ModelVerification> lacks its <VerificationFields> or <InlineTable>");
    reader r = {.document = document, .v = v, .error = error};
    mr_status status = read_table(&r, element, fields, table);
    mr_map_free(&r.columns);
    return status;
}
