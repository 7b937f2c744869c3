/* Protobuf messages as tables: what decoders and encoders know of a message type.
 *
 * The built-in messages are such tables; messages described by a descriptor set become the same.
 */
#ifndef MR_CODEC_MESSAGE_H
#define MR_CODEC_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "millrace/schema.h"

/* In the order of FieldDescriptorProto.Type of the protobuf language, and with its numbers. */
typedef enum mr_message_kind {
    MR_KIND_DOUBLE = 1,
    MR_KIND_FLOAT,
    MR_KIND_INT64,
    MR_KIND_UINT64,
    MR_KIND_INT32,
    MR_KIND_FIXED64,
    MR_KIND_FIXED32,
    MR_KIND_BOOL,
    MR_KIND_STRING,
    MR_KIND_GROUP,
    MR_KIND_MESSAGE,
    MR_KIND_BYTES,
    MR_KIND_UINT32,
    MR_KIND_ENUM,
    MR_KIND_SFIXED32,
    MR_KIND_SFIXED64,
    MR_KIND_SINT32,
    MR_KIND_SINT64
} mr_message_kind;

/* Presence: a field that is not on the wire is missing; without, it has its default value (proto3). */
typedef struct mr_message_field {
    uint32_t number;
    const char *name;
    mr_message_kind kind;
    bool presence;
    bool repeated;
} mr_message_field;

/* Fields in ascending order of their numbers. */
typedef struct mr_message {
    const char *name;
    const mr_message_field *fields;
    uint32_t count;
} mr_message;

/* A built-in message; NULL: there is none of this name. Static; any thread. */
const mr_message *mr_message_find(const char *name);

/* The field of this name, by the rule of names (codec.h); NULL: none, or not the only one. */
const mr_message_field *mr_message_field_find(const mr_message *message, const char *name);

/* Wire type of a kind, 0 to 5. */
uint32_t mr_message_wire_type(mr_message_kind kind);

/* Type of the column for a kind; MR_TYPE_COUNT: such fields cannot be columns. */
mr_type mr_message_column_type(mr_message_kind kind);

#endif
