/* Results from protobuf to the JSON of result_json.c, for `millrace read`. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "codec/codec.h"
#include "codec/result_fields.h"
#include "codec/text.h"
#include "codec/wire.h"

/* A message within the message: what is left of it. */
typedef struct part {
    const uint8_t *start, *at, *end; /* start: of the whole result, to say where an error is */
    mr_error *error;
} part;

/* A field: its value as varint, as fixed value, or as bytes. */
typedef struct field {
    uint32_t number;
    uint32_t type;
    uint64_t number_value;
    const uint8_t *data;
    size_t size;
} field;

static mr_status fail(const part *p, const char *what) {
    char where[64];
    snprintf(where, sizeof where, "result, byte %zu", (size_t)(p->at - p->start));
    return mr_fail(p->error, MR_SYNTAX, where, "%s", what);
}

static mr_status next_field(part *p, field *f) {
    const uint8_t *next = mr_wire_tag(p->at, p->end, &f->number, &f->type);
    if (next == NULL) return fail(p, "no field begins here: is it a ScoringResult?");
    const uint8_t *value = next;
    f->number_value = 0;
    if (f->type == MR_WIRE_BYTES) next = mr_wire_bytes(value, p->end, &f->data, &f->size);
    else if (f->type == MR_WIRE_VARINT) next = mr_wire_varint(value, p->end, &f->number_value);
    else next = mr_wire_skip(value, p->end, f->number, f->type);
    if (next == NULL) return fail(p, "the field that begins here is malformed or truncated");
    if (f->type == MR_WIRE_FIXED64) memcpy(&f->number_value, value, 8);
    p->at = next;
    return MR_OK;
}

static part inside(const part *p, const field *f) {
    return (part){p->start, f->data, f->data + f->size, p->error};
}

static bool is(const field *f, uint32_t number, uint32_t type) {
    return f->number == number && f->type == type;
}

static mr_status add_string(const part *p, mr_text_builder *text, const char *name, const field *f) {
    if (!mr_utf8_valid((const char *)f->data, f->size)) return fail(p, "a text is not valid UTF-8");
    mr_text_add_member(text, name);
    mr_text_add_json(text, (const char *)f->data, f->size);
    return MR_OK;
}

static mr_status add_list(part p, mr_text_builder *text);

/* The members of the oneof of Output and Value; *known says whether the field is one. */
static mr_status add_value(const part *p, mr_text_builder *text, const field *f, bool may_be_list) {
    double number;
    memcpy(&number, &f->number_value, sizeof number);
    if (is(f, MR_VALUE_DOUBLE, MR_WIRE_FIXED64)) {
        mr_text_add_member(text, "double_value");
        mr_text_add_double(text, number);
    } else if (is(f, MR_VALUE_INT64, MR_WIRE_VARINT)) {
        mr_text_add_member(text, "int64_value");
        mr_text_add_integer(text, (int64_t)f->number_value);
    } else if (is(f, MR_VALUE_STRING, MR_WIRE_BYTES)) {
        return add_string(p, text, "string_value", f);
    } else if (is(f, MR_VALUE_BOOL, MR_WIRE_VARINT) || is(f, MR_VALUE_MISSING, MR_WIRE_VARINT)) {
        mr_text_add_member(text, f->number == MR_VALUE_BOOL ? "bool_value" : "missing");
        mr_text_add_literal(text, f->number_value ? "true" : "false");
    } else if (is(f, MR_VALUE_LIST, MR_WIRE_BYTES) && may_be_list) {
        mr_text_add_member(text, "list_value");
        return add_list(inside(p, f), text);
    }
    return MR_OK;
}

static mr_status add_item(part p, mr_text_builder *text) {
    mr_text_add_separator(text);
    mr_text_add(text, "{", 1);
    while (p.at < p.end) {
        field f;
        mr_status status = next_field(&p, &f);
        if (status == MR_OK) status = add_value(&p, text, &f, false);
        if (status != MR_OK) return status;
    }
    mr_text_add(text, "}", 1);
    return MR_OK;
}

static mr_status add_list(part p, mr_text_builder *text) {
    mr_text_add_literal(text, "{\"value\":[");
    while (p.at < p.end) {
        field f;
        mr_status status = next_field(&p, &f);
        if (status == MR_OK && is(&f, MR_LIST_VALUE, MR_WIRE_BYTES)) status = add_item(inside(&p, &f), text);
        if (status != MR_OK) return status;
    }
    mr_text_add_literal(text, "]}");
    return MR_OK;
}

/* An output's name, when it is given by a category. */
static mr_status add_category(const part *p, mr_text_builder *text, const field *f) {
    const size_t before = sizeof MR_PROBABILITY_OF - 1;
    char *name = mr_arena_alloc(text->arena, before + f->size + 1);
    if (!mr_utf8_valid((const char *)f->data, f->size)) return fail(p, "a text is not valid UTF-8");
    if (name == NULL) return mr_fail(p->error, MR_NO_MEMORY, "result", "out of memory");
    memcpy(name, MR_PROBABILITY_OF, before);
    memcpy(name + before, f->data, f->size);
    name[before + f->size] = ')';
    mr_text_add_member(text, "name");
    mr_text_add_json(text, name, before + f->size + 1);
    return MR_OK;
}

static mr_status add_output(part p, mr_text_builder *text) {
    static const char *const roles[] = {"unspecified", "target", "probability", "output"};
    mr_text_add_separator(text);
    mr_text_add(text, "{", 1);
    while (p.at < p.end) {
        field f;
        mr_status status = next_field(&p, &f);
        if (status == MR_OK && is(&f, MR_OUTPUT_NAME, MR_WIRE_BYTES)) {
            status = add_string(&p, text, "name", &f);
        } else if (status == MR_OK && is(&f, MR_OUTPUT_CATEGORY, MR_WIRE_BYTES)) {
            status = add_category(&p, text, &f);
        } else if (status == MR_OK && is(&f, MR_OUTPUT_ROLE, MR_WIRE_VARINT)) {
            const char *role = roles[f.number_value < 4 ? f.number_value : 0];
            mr_text_add_member(text, "role");
            mr_text_add_json(text, role, strlen(role));
        } else if (status == MR_OK) {
            status = add_value(&p, text, &f, true);
        }
        if (status != MR_OK) return status;
    }
    mr_text_add(text, "}", 1);
    return MR_OK;
}

static void add_digest(mr_text_builder *text, const field *f) {
    mr_text_add_member(text, "sha256");
    mr_text_add(text, "\"", 1);
    for (size_t i = 0; i < f->size; i++) {
        const char digits[2] = {"0123456789abcdef"[f->data[i] >> 4], "0123456789abcdef"[f->data[i] & 15]};
        mr_text_add(text, digits, 2);
    }
    mr_text_add(text, "\"", 1);
}

static mr_status add_model(part p, mr_text_builder *text) {
    static const char *const names[] = {NULL, "name", "version", "sha256"};
    mr_text_add_member(text, "model");
    mr_text_add(text, "{", 1);
    while (p.at < p.end) {
        field f;
        mr_status status = next_field(&p, &f);
        if (status == MR_OK && f.number <= MR_MODEL_SHA256 && f.type == MR_WIRE_BYTES) {
            status = add_string(&p, text, names[f.number], &f);
        } else if (status == MR_OK && is(&f, MR_MODEL_SHA256_BYTES, MR_WIRE_BYTES)) {
            add_digest(text, &f);
        }
        if (status != MR_OK) return status;
    }
    mr_text_add(text, "}", 1);
    return MR_OK;
}

/* Partition and offset 0 are not on the wire, but readers want to see them. */
static mr_status add_source(part p, mr_text_builder *text) {
    int64_t position[2] = {0, 0};
    mr_text_add_member(text, "source");
    mr_text_add(text, "{", 1);
    while (p.at < p.end) {
        field f;
        mr_status status = next_field(&p, &f);
        if (status == MR_OK && is(&f, MR_SOURCE_TOPIC, MR_WIRE_BYTES))
            status = add_string(&p, text, "topic", &f);
        if (status != MR_OK) return status;
        if (is(&f, MR_SOURCE_PARTITION, MR_WIRE_VARINT)) position[0] = (int64_t)f.number_value;
        if (is(&f, MR_SOURCE_OFFSET, MR_WIRE_VARINT)) position[1] = (int64_t)f.number_value;
    }
    mr_text_add_member(text, "partition");
    mr_text_add_integer(text, position[0]);
    mr_text_add_member(text, "offset");
    mr_text_add_integer(text, position[1]);
    mr_text_add(text, "}", 1);
    return MR_OK;
}

mr_status mr_result_to_json(mr_bytes value, mr_arena *arena, mr_bytes *view, mr_error *error) {
    mr_text_builder text = {.arena = arena};
    const uint8_t *start = value.data ? value.data : (const void *)"";
    part p = {start, start, start + value.size, error};
    bool outputs = false;
    mr_text_add(&text, "{", 1);
    while (p.at < p.end) {
        field f;
        mr_status status = next_field(&p, &f);
        if (status != MR_OK) return status;
        if (outputs && f.number != MR_RESULT_OUTPUT) {
            mr_text_add(&text, "]", 1);
            outputs = false;
        }
        if (f.type != MR_WIRE_BYTES) continue;
        switch (f.number) {
        case MR_RESULT_DATA_TYPE:
            status = add_string(&p, &text, "data_type", &f);
            break;
        case MR_RESULT_MODEL:
            status = add_model(inside(&p, &f), &text);
            break;
        case MR_RESULT_SOURCE:
            status = add_source(inside(&p, &f), &text);
            break;
        case MR_RESULT_OUTPUT:
            if (!outputs) {
                mr_text_add_member(&text, "output");
                mr_text_add(&text, "[", 1);
            }
            outputs = true;
            status = add_output(inside(&p, &f), &text);
            break;
        default:
            break;
        }
        if (status != MR_OK) return status;
    }
    if (outputs) mr_text_add(&text, "]", 1);
    mr_text_add(&text, "}", 1);
    return mr_text_done(&text, view, error);
}
