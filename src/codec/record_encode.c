/* Text rows to records, for `millrace provide`: each cell goes to the field of its name. Protobuf fields are
 * written in the order of their numbers and left out when they have their default, as every proto3 writer
 * does.
 */
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/utf8.h"
#include "codec/codec.h"
#include "codec/json_scan.h"
#include "codec/message.h"
#include "codec/text.h"
#include "codec/wire.h"

/* A field and where its text comes from: a cell, or the fixed data type. */
typedef struct source {
    const mr_message_field *field; /* protobuf only */
    const char *name;
    uint32_t cell; /* MR_NO_FIELD: the data type */
} source;

struct mr_record_encoder {
    mr_arena arena; /* owns names and type */
    bool json;
    uint32_t count; /* cells of a row */
    const char *type;
    source *sources;
    uint32_t source_count;
};

static mr_status no_memory(mr_error *error) {
    return mr_fail(error, MR_NO_MEMORY, "record", "out of memory");
}

bool mr_record_encoder_uses(const mr_record_encoder *encoder, uint32_t cell) {
    for (uint32_t i = 0; i < encoder->source_count; i++) {
        if (encoder->sources[i].cell == cell) return true;
    }
    return false;
}

/* Keeps the sources in the order of their field numbers. */
static mr_status add_source(mr_record_encoder *encoder, const mr_message_field *field, const char *name,
                            uint32_t cell, mr_error *error) {
    const char *copy = mr_arena_copy(&encoder->arena, name, strlen(name));
    if (copy == NULL) return no_memory(error);
    uint32_t at = encoder->source_count++;
    for (; field && at > 0 && encoder->sources[at - 1].field->number >= field->number; at--) {
        if (encoder->sources[at - 1].field == field) {
            encoder->source_count--;
            return mr_fail(error, MR_CONFLICT, name, "two columns are field %s", field->name);
        }
        encoder->sources[at] = encoder->sources[at - 1];
    }
    encoder->sources[at] = (source){field, copy, cell};
    return MR_OK;
}

static mr_status fill_protobuf(mr_record_encoder *encoder, const mr_record_encoder_options *options,
                               mr_error *error) {
    const char *name = options->message ? options->message : "";
    const mr_message *message = mr_message_find(name);
    if (message == NULL) {
        return mr_fail(error, MR_NOT_FOUND, "message", "unknown message \"%.100s\": WineRecord is built in",
                       name);
    }
    const mr_message_field *type =
        options->type_field ? mr_message_field_find(message, options->type_field) : NULL;
    if (options->type_field && (type == NULL || type->kind != MR_KIND_STRING)) {
        return mr_fail(error, MR_NOT_FOUND, "type", "message %s has no string field \"%.100s\"", name,
                       options->type_field);
    }
    mr_status status = MR_OK;
    bool fixed = type && options->type;
    if (fixed) status = add_source(encoder, type, type->name, MR_NO_FIELD, error);
    for (uint32_t i = 0; i < options->count && status == MR_OK; i++) {
        const mr_message_field *field = mr_message_field_find(message, options->names[i]);
        bool usable = field && mr_message_column_type(field->kind) != MR_TYPE_COUNT && !field->repeated;
        if (!usable || (fixed && field == type)) continue;
        status = add_source(encoder, field, options->names[i], i, error);
    }
    return status;
}

static mr_status fill_json(mr_record_encoder *encoder, const mr_record_encoder_options *options,
                           mr_error *error) {
    const char *type = options->type_field && options->type ? options->type_field : NULL;
    mr_status status = MR_OK;
    for (uint32_t i = 0; i < options->count && status == MR_OK; i++) {
        if (type && strcmp(options->names[i], type) == 0) continue;
        status = add_source(encoder, NULL, options->names[i], i, error);
    }
    return status == MR_OK && type ? add_source(encoder, NULL, type, MR_NO_FIELD, error) : status;
}

static mr_status fill(mr_record_encoder *encoder, const mr_record_encoder_options *options, mr_error *error) {
    mr_arena_init(&encoder->arena, 1024, 0);
    encoder->count = options->count;
    encoder->json = strcmp(options->format, "json") == 0;
    if (!encoder->json && strcmp(options->format, "protobuf") != 0) {
        return mr_fail(error, MR_INVALID_ARGUMENT, "format", "unknown format \"%.60s\": protobuf or json",
                       options->format);
    }
    encoder->sources =
        mr_arena_alloc_zero(&encoder->arena, (size_t)options->count + 2, sizeof *encoder->sources);
    const char *type = options->type ? options->type : "";
    encoder->type = mr_arena_copy(&encoder->arena, type, strlen(type));
    if (encoder->sources == NULL || encoder->type == NULL) return no_memory(error);
    return encoder->json ? fill_json(encoder, options, error) : fill_protobuf(encoder, options, error);
}

mr_status mr_record_encoder_new(const mr_record_encoder_options *options, mr_record_encoder **encoder,
                                mr_error *error) {
    mr_record_encoder *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return no_memory(error);
    mr_status status = fill(made, options, error);
    if (status != MR_OK) {
        mr_record_encoder_free(made);
        return status;
    }
    *encoder = made;
    return MR_OK;
}

void mr_record_encoder_free(mr_record_encoder *encoder) {
    if (encoder == NULL) return;
    mr_arena_free(&encoder->arena);
    mr_free(encoder);
}

/* ---- Protobuf ---- */

static mr_bytes text_of(const mr_record_encoder *encoder, const source *from, const mr_bytes *cells) {
    return from->cell == MR_NO_FIELD ? (mr_bytes){encoder->type, strlen(encoder->type)} : cells[from->cell];
}

static bool parse_bool(mr_bytes text, uint64_t *raw) {
    *raw = text.size == 4 && memcmp(text.data, "true", 4) == 0;
    return *raw || (text.size == 5 && memcmp(text.data, "false", 5) == 0);
}

/* The bits of an integer field; false: no integer, or not one of this kind. */
static bool parse_integer(mr_message_kind kind, mr_bytes text, uint64_t *raw) {
    int64_t value;
    if (!mr_parse_integer(text.data, text.size, &value)) return false;
    *raw = (uint64_t)value;
    switch (kind) {
    case MR_KIND_UINT32:
    case MR_KIND_FIXED32:
        return value >= 0 && value <= UINT32_MAX;
    case MR_KIND_UINT64:
    case MR_KIND_FIXED64:
        return value >= 0;
    case MR_KIND_INT64:
    case MR_KIND_SFIXED64:
        return true;
    case MR_KIND_SINT32:
    case MR_KIND_SINT64:
        *raw = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
        return kind == MR_KIND_SINT64 || (value >= INT32_MIN && value <= INT32_MAX);
    default:
        return value >= INT32_MIN && value <= INT32_MAX;
    }
}

/* The bits of a field's value. */
static bool parse_scalar(mr_message_kind kind, mr_bytes text, uint64_t *raw) {
    *raw = 0;
    if (kind == MR_KIND_DOUBLE) {
        double value;
        bool ok = mr_parse_double(text.data, text.size, &value);
        if (ok) memcpy(raw, &value, sizeof value);
        return ok;
    }
    if (kind == MR_KIND_FLOAT) {
        float value;
        bool ok = mr_parse_float(text.data, text.size, &value);
        if (ok) memcpy(raw, &value, sizeof value);
        return ok;
    }
    return kind == MR_KIND_BOOL ? parse_bool(text, raw) : parse_integer(kind, text, raw);
}

static uint8_t *put_scalar(uint8_t *at, const mr_message_field *field, uint64_t raw) {
    uint32_t wire = mr_message_wire_type(field->kind);
    at = mr_wire_put_tag(at, field->number, wire);
    if (wire == MR_WIRE_VARINT) return mr_wire_put_varint(at, raw);
    size_t width = wire == MR_WIRE_FIXED64 ? 8 : 4;
    memcpy(at, &raw, width);
    return at + width;
}

static mr_status encode_protobuf(const mr_record_encoder *encoder, const mr_bytes *cells, mr_arena *arena,
                                 mr_bytes *value, mr_error *error) {
    size_t size = 1;
    for (uint32_t i = 0; i < encoder->source_count; i++)
        size += text_of(encoder, &encoder->sources[i], cells).size + 24;
    uint8_t *start = mr_arena_alloc(arena, size);
    if (start == NULL) return no_memory(error);
    uint8_t *at = start;
    for (uint32_t i = 0; i < encoder->source_count; i++) {
        const source *from = &encoder->sources[i];
        mr_bytes text = text_of(encoder, from, cells);
        if (text.data == NULL || text.size == 0) continue;
        if (from->field->kind == MR_KIND_STRING) {
            if (!mr_utf8_valid(text.data, text.size)) {
                return mr_fail(error, MR_WRONG_TYPE, from->name, "the text is not valid UTF-8");
            }
            at = mr_wire_put_bytes(at, from->field->number, text.data, text.size);
            continue;
        }
        uint64_t raw;
        if (!parse_scalar(from->field->kind, text, &raw)) {
            return mr_fail(error, MR_WRONG_TYPE, from->name, "\"%.*s\" is no value for field %s",
                           text.size < 60 ? (int)text.size : 60, (const char *)text.data, from->field->name);
        }
        if (raw != 0 || from->field->presence) at = put_scalar(at, from->field, raw);
    }
    *value = (mr_bytes){start, (size_t)(at - start)};
    return MR_OK;
}

/* ---- JSON ---- */

/* A text that is a JSON number, true or false stands for itself. */
static bool is_json_literal(mr_bytes text) {
    mr_json_scanner scanner = {text.data, (const char *)text.data + text.size, NULL, false};
    mr_json_value value;
    if (*scanner.at == '"' || *scanner.at == '[' || *scanner.at == '{') return false;
    return mr_json_scan_value(&scanner, &value) && scanner.at == scanner.end && value.kind != MR_JSON_NULL;
}

static mr_status encode_json(const mr_record_encoder *encoder, const mr_bytes *cells, mr_arena *arena,
                             mr_bytes *value, mr_error *error) {
    mr_text_builder text = {.arena = arena};
    mr_text_add(&text, "{", 1);
    for (uint32_t i = 0; i < encoder->source_count; i++) {
        const source *from = &encoder->sources[i];
        mr_bytes cell = text_of(encoder, from, cells);
        if (cell.data == NULL || cell.size == 0) continue;
        mr_text_add_member(&text, from->name);
        if (from->cell != MR_NO_FIELD && is_json_literal(cell)) {
            mr_text_add(&text, cell.data, cell.size);
        } else {
            mr_text_add_json(&text, cell.data, cell.size);
        }
    }
    mr_text_add(&text, "}", 1);
    return mr_text_done(&text, value, error);
}

mr_status mr_record_encode(const mr_record_encoder *encoder, const mr_bytes *cells, mr_arena *arena,
                           mr_bytes *value, mr_error *error) {
    return encoder->json ? encode_json(encoder, cells, arena, value, error)
                         : encode_protobuf(encoder, cells, arena, value, error);
}
