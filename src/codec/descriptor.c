/* The tutorial's ModelDescriptor, read and written.
 *
 * Its enum of model types was published with two numberings: the tutorial "Model Serving with Akka
 * Streams and Kafka Streams" has TENSORFLOW = 0, PMML = 1; its successor, "model-serving-tutorial", has
 * TENSORFLOW = 0, TENSORFLOWSAVED = 1, PMML = 2. A 2 is clear, a 1 is not: AUTO looks at the model, and XML
 * is PMML whatever the number says. Our field 18 names the format in words and beats the number.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "codec/codec.h"
#include "codec/wire.h"

enum {
    FIELD_NAME = 1,
    FIELD_DESCRIPTION = 2,
    FIELD_DATA_TYPE = 3,
    FIELD_MODEL_TYPE = 4,
    FIELD_DATA = 5,
    FIELD_LOCATION = 6,
    FIELD_VERSION = 16,
    FIELD_SHA256 = 17,
    FIELD_FORMAT = 18,
    /* Longest texts, in bytes. */
    NAME_MAX_BYTES = 1024,
    DESCRIPTION_MAX_BYTES = 65536,
    SHA256_BYTES = 64
};

static const char pmml[] = "pmml";
static const char onnx[] = "onnx";
static const char graph[] = "tensorflow-graph";
static const char saved[] = "tensorflow-saved-model";
static const char *const formats[] = {pmml, onnx, graph, saved};

/* One of these, as told by the first bytes; NULL when they say nothing. */
static const char *format_of(mr_bytes data) {
    const unsigned char *at = data.data;
    const unsigned char *end = at + data.size;
    if (data.size >= 4 && (memcmp(at, "\xff\xfe<", 4) == 0 || memcmp(at, "\xfe\xff\0<", 4) == 0)) return pmml;
    if (data.size >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) at += 3;
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
    if (at < end && *at == '<') return pmml;
    at = data.data;
    if (data.size < 3) return NULL;
    /* SavedModel: schema version 1, then a graph. ONNX: its IR version, 3 and up. GraphDef: a node. */
    if (at[0] == 0x08 && at[1] == 1 && at[2] == 0x12) return saved;
    if (at[0] == 0x08 && at[1] >= 3 && at[1] < 32) return onnx;
    if (at[0] == 0x0A) return graph;
    return NULL;
}

typedef struct parser {
    const uint8_t *start, *at, *end;
    mr_descriptor *descriptor;
    mr_error *error;
    uint64_t model_type;
    char *format;
    bool has_location; /* it was the last of the oneof */
} parser;

static mr_status fail(const parser *p, mr_status status, const char *field, const char *what) {
    char where[64];
    snprintf(where, sizeof where, "descriptor, byte %zu%s%s", (size_t)(p->at - p->start), field ? ", " : "",
             field ? field : "");
    return mr_fail(p->error, status, where, "%s", what);
}

/* A text field; of several the last counts. Texts end where C strings do, so they hold no zero. */
static mr_status read_text(parser *p, const char *field, size_t limit, char **text) {
    const uint8_t *data;
    size_t size;
    const uint8_t *next = mr_wire_bytes(p->at, p->end, &data, &size);
    if (next == NULL) return fail(p, MR_SYNTAX, field, "the text ends beyond the message");
    if (size > limit) {
        return mr_fail(p->error, MR_LIMIT, field, "%zu bytes; a descriptor's %s has at most %zu", size, field,
                       limit);
    }
    if (!mr_utf8_valid((const char *)data, size) || memchr(data, 0, size) != NULL) {
        return fail(p, MR_SYNTAX, field, "the text is not valid UTF-8, or holds a zero byte");
    }
    char *copy = mr_copy_bytes(data, size);
    if (copy == NULL) return mr_fail(p->error, MR_NO_MEMORY, field, "out of memory");
    mr_free(*text);
    *text = copy;
    p->at = next;
    return MR_OK;
}

static mr_status read_content(parser *p, uint32_t number) {
    const uint8_t *data;
    size_t size;
    const uint8_t *next = mr_wire_bytes(p->at, p->end, &data, &size);
    if (next == NULL) {
        return fail(p, MR_SYNTAX, number == FIELD_DATA ? "data" : "location", "it ends beyond the message");
    }
    p->has_location = number == FIELD_LOCATION;
    p->descriptor->data = number == FIELD_DATA ? (mr_bytes){data, size} : (mr_bytes){NULL, 0};
    p->at = next;
    return MR_OK;
}

static mr_status read_field(parser *p, uint32_t number, uint32_t type) {
    mr_descriptor *d = p->descriptor;
    switch (number) {
    case FIELD_NAME:
        return read_text(p, "name", NAME_MAX_BYTES, &d->name);
    case FIELD_DESCRIPTION:
        return read_text(p, "description", DESCRIPTION_MAX_BYTES, &d->description);
    case FIELD_DATA_TYPE:
        return read_text(p, "dataType", NAME_MAX_BYTES, &d->data_type);
    case FIELD_VERSION:
        return read_text(p, "version", NAME_MAX_BYTES, &d->version);
    case FIELD_SHA256:
        return read_text(p, "sha256", SHA256_BYTES, &d->sha256);
    case FIELD_FORMAT:
        return read_text(p, "format", NAME_MAX_BYTES, &p->format);
    case FIELD_DATA:
    case FIELD_LOCATION:
        return read_content(p, number);
    case FIELD_MODEL_TYPE: {
        const uint8_t *next = mr_wire_varint(p->at, p->end, &p->model_type);
        if (next == NULL) return fail(p, MR_SYNTAX, "modeltype", "the number is malformed");
        p->at = next;
        return MR_OK;
    }
    default: {
        const uint8_t *next = mr_wire_skip(p->at, p->end, number, type);
        if (next == NULL)
            return fail(p, MR_SYNTAX, NULL, "the field that begins here is malformed or truncated");
        p->at = next;
        return MR_OK;
    }
    }
}

static bool is_known(uint32_t number) {
    return (number >= FIELD_NAME && number <= FIELD_LOCATION) ||
           (number >= FIELD_VERSION && number <= FIELD_FORMAT);
}

static mr_status read_fields(parser *p) {
    while (p->at < p->end) {
        uint32_t number, type;
        const uint8_t *next = mr_wire_tag(p->at, p->end, &number, &type);
        if (next == NULL) return fail(p, MR_SYNTAX, NULL, "no field begins here: is it a ModelDescriptor?");
        uint32_t expected = number == FIELD_MODEL_TYPE ? MR_WIRE_VARINT : MR_WIRE_BYTES;
        if (is_known(number) && type != expected) {
            return fail(p, MR_SYNTAX, NULL, "a known field has another type here: is it a ModelDescriptor?");
        }
        p->at = next;
        mr_status status = read_field(p, number, type);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* Format by the number of the enum; NULL: the numbering has no such number. */
static const char *format_of_number(uint64_t number, mr_numbering numbering, mr_bytes data) {
    static const char *const tutorial[] = {graph, pmml};
    static const char *const successor[] = {graph, saved, pmml};
    if (numbering == MR_NUMBERING_TUTORIAL) return number < 2 ? tutorial[number] : NULL;
    const char *told = numbering == MR_NUMBERING_AUTO ? format_of(data) : NULL;
    if (told == pmml && number < 3) return pmml;
    return number < 3 ? successor[number] : NULL;
}

static mr_status decide_format(parser *p, mr_numbering numbering) {
    mr_descriptor *d = p->descriptor;
    if (p->format != NULL && *p->format != '\0') {
        for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
            if (strcmp(p->format, formats[i]) == 0) d->format = formats[i];
        }
        if (d->format == NULL) {
            return mr_fail(p->error, MR_UNSUPPORTED, "descriptor, format",
                           "unknown format \"%.60s\": pmml, onnx, tensorflow-graph, tensorflow-saved-model",
                           p->format);
        }
        return MR_OK;
    }
    d->format = format_of_number(p->model_type, numbering, d->data);
    if (d->format == NULL) {
        return mr_fail(p->error, MR_UNSUPPORTED, "descriptor, modeltype",
                       "model type %llu has no meaning in this numbering; see models.descriptor",
                       (unsigned long long)p->model_type);
    }
    return MR_OK;
}

static mr_status check_sha256(parser *p) {
    char *digest = p->descriptor->sha256;
    if (digest == NULL || *digest == '\0') {
        mr_free(digest);
        p->descriptor->sha256 = NULL;
        return MR_OK;
    }
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        char c = digest[i];
        if (c >= 'A' && c <= 'F') digest[i] = c = (char)(c | 0x20);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return mr_fail(p->error, MR_SYNTAX, "descriptor, sha256", "a digest has 64 hexadecimal digits");
        }
    }
    return MR_OK;
}

/* What every descriptor must hold; texts that are absent are empty. */
static mr_status complete(parser *p, mr_numbering numbering) {
    mr_descriptor *d = p->descriptor;
    if (d->data_type == NULL || *d->data_type == '\0') {
        return mr_fail(p->error, MR_SYNTAX, "descriptor, dataType",
                       "it does not say which data type the model is for");
    }
    if (p->has_location) {
        return mr_fail(p->error, MR_UNSUPPORTED, "descriptor, location",
                       "models by location are not supported: send the model's bytes in `data`");
    }
    if (d->data.data == NULL || d->data.size == 0) {
        return mr_fail(p->error, MR_SYNTAX, "descriptor, data", "it holds no model");
    }
    if (d->version != NULL && *d->version == '\0') {
        mr_free(d->version);
        d->version = NULL;
    }
    if (d->name == NULL) d->name = mr_copy_string("");
    if (d->description == NULL) d->description = mr_copy_string("");
    if (d->name == NULL || d->description == NULL) {
        return mr_fail(p->error, MR_NO_MEMORY, "descriptor", "out of memory");
    }
    mr_status status = check_sha256(p);
    return status == MR_OK ? decide_format(p, numbering) : status;
}

mr_status mr_descriptor_parse(mr_bytes message, mr_numbering numbering, mr_descriptor *descriptor,
                              mr_error *error) {
    const uint8_t *start = message.data;
    parser p = {
        .start = start, .at = start, .end = start + message.size, .descriptor = descriptor, .error = error};
    *descriptor = (mr_descriptor){0};
    if (start == NULL) return mr_fail(error, MR_SYNTAX, "descriptor", "the message has no value");
    mr_status status = read_fields(&p);
    if (status == MR_OK) status = complete(&p, numbering);
    mr_free(p.format);
    if (status != MR_OK) mr_descriptor_free(descriptor);
    return status;
}

/* ---- Writing ---- */

static mr_status number_of_format(const char *format, mr_numbering numbering, uint64_t *number,
                                  mr_error *error) {
    bool successor = numbering == MR_NUMBERING_SUCCESSOR;
    if (strcmp(format, graph) == 0) *number = 0;
    else if (strcmp(format, pmml) == 0) *number = successor ? 2 : 1;
    else if (strcmp(format, saved) == 0 && numbering != MR_NUMBERING_TUTORIAL) *number = 1;
    else if (strcmp(format, onnx) == 0 && numbering == MR_NUMBERING_AUTO) *number = 0;
    else {
        return mr_fail(error, MR_UNSUPPORTED, "descriptor, format",
                       "\"%.60s\" has no number in this numbering; see "
                       "models.descriptor",
                       format);
    }
    return MR_OK;
}

static uint8_t *put_text(uint8_t *at, uint32_t number, const char *text) {
    return text && *text ? mr_wire_put_bytes(at, number, text, strlen(text)) : at;
}

mr_status mr_descriptor_encode(const mr_descriptor *d, mr_numbering numbering, mr_arena *arena,
                               mr_bytes *message, mr_error *error) {
    const char *format = d->format ? d->format : format_of(d->data);
    if (format == NULL) {
        return mr_fail(error, MR_UNSUPPORTED, "descriptor, format",
                       "the content does not tell the model's format: "
                       "name it");
    }
    uint64_t type = 0;
    mr_status status = number_of_format(format, numbering, &type, error);
    if (status != MR_OK) return status;
    const char *const texts[] = {d->name, d->description, d->data_type, d->version, d->sha256, format};
    size_t size = d->data.size + 32;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) size += texts[i] ? strlen(texts[i]) + 16 : 0;
    if (size > INT32_MAX) return mr_fail(error, MR_TOO_LARGE, "descriptor", "a message has at most 2 GiB");
    uint8_t *start = mr_arena_alloc(arena, size);
    if (start == NULL) return mr_fail(error, MR_NO_MEMORY, "descriptor", "out of memory for %zu bytes", size);
    uint8_t *at = put_text(start, FIELD_NAME, d->name);
    at = put_text(at, FIELD_DESCRIPTION, d->description);
    at = put_text(at, FIELD_DATA_TYPE, d->data_type);
    if (type != 0) at = mr_wire_put_varint(mr_wire_put_tag(at, FIELD_MODEL_TYPE, MR_WIRE_VARINT), type);
    at = mr_wire_put_bytes(at, FIELD_DATA, d->data.data, d->data.size);
    at = put_text(at, FIELD_VERSION, d->version);
    at = put_text(at, FIELD_SHA256, d->sha256);
    at = put_text(at, FIELD_FORMAT, format);
    *message = (mr_bytes){start, (size_t)(at - start)};
    return MR_OK;
}
