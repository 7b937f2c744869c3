/* The built-in messages, and what the kinds of fields are on the wire and in a column. */
#include "codec/message.h"

#include <string.h>

#include "codec/wire.h"
#include "core/field_name.h"

static const mr_message_field wine_fields[] = {
    {1, "fixed_acidity", MR_KIND_DOUBLE, false, false},
    {2, "volatile_acidity", MR_KIND_DOUBLE, false, false},
    {3, "citric_acid", MR_KIND_DOUBLE, false, false},
    {4, "residual_sugar", MR_KIND_DOUBLE, false, false},
    {5, "chlorides", MR_KIND_DOUBLE, false, false},
    {6, "free_sulfur_dioxide", MR_KIND_DOUBLE, false, false},
    {7, "total_sulfur_dioxide", MR_KIND_DOUBLE, false, false},
    {8, "density", MR_KIND_DOUBLE, false, false},
    {9, "pH", MR_KIND_DOUBLE, false, false},
    {10, "sulphates", MR_KIND_DOUBLE, false, false},
    {11, "alcohol", MR_KIND_DOUBLE, false, false},
    {12, "dataType", MR_KIND_STRING, false, false},
};

static const mr_message messages[] = {
    {"WineRecord", wine_fields, sizeof wine_fields / sizeof *wine_fields},
};

const mr_message *mr_message_find(const char *name) {
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (strcmp(messages[i].name, name) == 0) return &messages[i];
    }
    return NULL;
}

const mr_message_field *mr_message_field_find(const mr_message *message, const char *name) {
    const mr_message_field *found = NULL;
    uint32_t candidates = 0;
    for (uint32_t i = 0; i < message->count; i++) {
        const mr_message_field *field = &message->fields[i];
        if (strcmp(field->name, name) == 0) return field;
        if (mr_names_alike(field->name, strlen(field->name), name, strlen(name))) {
            found = field;
            candidates++;
        }
    }
    return candidates == 1 ? found : NULL;
}

uint32_t mr_message_wire_type(mr_message_kind kind) {
    switch (kind) {
    case MR_KIND_DOUBLE:
    case MR_KIND_FIXED64:
    case MR_KIND_SFIXED64:
        return MR_WIRE_FIXED64;
    case MR_KIND_FLOAT:
    case MR_KIND_FIXED32:
    case MR_KIND_SFIXED32:
        return MR_WIRE_FIXED32;
    case MR_KIND_STRING:
    case MR_KIND_BYTES:
    case MR_KIND_MESSAGE:
        return MR_WIRE_BYTES;
    case MR_KIND_GROUP:
        return MR_WIRE_GROUP;
    default:
        return MR_WIRE_VARINT;
    }
}

mr_type mr_message_column_type(mr_message_kind kind) {
    switch (kind) {
    case MR_KIND_DOUBLE:
        return MR_TYPE_DOUBLE;
    case MR_KIND_FLOAT:
        return MR_TYPE_FLOAT;
    case MR_KIND_BOOL:
        return MR_TYPE_BOOLEAN;
    case MR_KIND_STRING:
        return MR_TYPE_STRING;
    case MR_KIND_GROUP:
    case MR_KIND_MESSAGE:
    case MR_KIND_BYTES:
        return MR_TYPE_COUNT;
    default:
        return MR_TYPE_INTEGER;
    }
}
