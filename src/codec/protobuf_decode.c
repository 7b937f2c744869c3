/* Protobuf records to frame rows, in one walk over the wire.
 *
 * A plan holds one slot for each field number that counts, found by index (numbers below
 * DENSE) or by binary search. A slot says which column its value goes to; every other field is skipped by its
 * wire type alone. Of a field given more than once the last counts, as the language says. Fields that
 * were not on the wire get their default, or are missing if they have presence.
 */
#include <stdio.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "codec/codec.h"
#include "codec/message.h"
#include "codec/wire.h"

enum { DENSE = 128 };

typedef struct protobuf_decoder {
    mr_decoder base;
    const mr_message *message;
    const mr_message_field *type_field; /* NULL: none */
} protobuf_decoder;

typedef struct slot {
    const mr_message_field *field;
    uint32_t column; /* MR_NO_FIELD: not asked for, but it is the type field */
    uint32_t index;  /* of its bit in the set of fields seen */
    uint8_t wire;
    uint8_t kind; /* mr_message_kind */
    bool is_type;
} slot;

typedef struct protobuf_plan {
    mr_decode_plan base;
    uint32_t slot_count;
    uint64_t all;         /* bits of all slots, when they are at most 64 */
    uint8_t dense[DENSE]; /* field number -> slot + 1; only when all fit into a byte */
    bool use_dense;
    uint8_t double_count; /* the first slots that are doubles with a tag of one byte */
    uint8_t double_tags[16];
    slot slots[]; /* ascending field numbers */
} protobuf_plan;

typedef struct walk {
    const protobuf_plan *plan;
    mr_frame *frame;
    uint32_t row;
    mr_text *data_type;
    const uint8_t *start, *at, *end;
    mr_error *error;
} walk;

static mr_status fail(const walk *w, mr_status status, const char *field, const char *what) {
    char where[96];
    size_t byte = (size_t)(w->at - w->start);
    if (field) {
        snprintf(where, sizeof where, "byte %zu, field %.60s", byte, field);
    } else {
        snprintf(where, sizeof where, "byte %zu", byte);
    }
    return mr_fail(w->error, status, where, "%s", what);
}

static inline const slot *find_slot(const protobuf_plan *plan, uint32_t number) {
    if (plan->use_dense && number < DENSE) {
        uint32_t found = plan->dense[number];
        return found ? &plan->slots[found - 1] : NULL;
    }
    uint32_t low = 0, high = plan->slot_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (plan->slots[middle].field->number < number) low = middle + 1;
        else high = middle;
    }
    return low < plan->slot_count && plan->slots[low].field->number == number ? &plan->slots[low] : NULL;
}

/* The integer that a varint or fixed value of this kind means; false: it does not fit into 64 signed bits. */
static bool to_integer(mr_message_kind kind, uint64_t raw, int64_t *value) {
    switch (kind) {
    case MR_KIND_INT32:
    case MR_KIND_ENUM:
    case MR_KIND_SFIXED32:
        *value = (int32_t)(uint32_t)raw;
        return true;
    case MR_KIND_UINT32:
    case MR_KIND_FIXED32:
        *value = (uint32_t)raw;
        return true;
    case MR_KIND_SINT32:
        *value = (int32_t)mr_wire_zigzag((uint32_t)raw);
        return true;
    case MR_KIND_SINT64:
        *value = mr_wire_zigzag(raw);
        return true;
    case MR_KIND_UINT64:
    case MR_KIND_FIXED64:
        *value = (int64_t)raw;
        return raw <= INT64_MAX;
    default:
        *value = (int64_t)raw;
        return true;
    }
}

static mr_status store_string(walk *w, const slot *s) {
    const uint8_t *data;
    size_t size;
    const uint8_t *next = mr_wire_bytes(w->at, w->end, &data, &size);
    if (next == NULL) return fail(w, MR_SYNTAX, s->field->name, "the string ends beyond the record");
    if (size > UINT32_MAX) return fail(w, MR_LIMIT, s->field->name, "the string has more than 4 GiB");
    if (!mr_utf8_valid((const char *)data, size)) {
        return fail(w, MR_SYNTAX, s->field->name, "the string is not valid UTF-8");
    }
    mr_text text = {(const char *)data, (uint32_t)size, 0};
    if (s->is_type) *w->data_type = text;
    if (s->column != MR_NO_FIELD) {
        const mr_column *column = &w->frame->columns[s->column];
        text.code = mr_schema_code(w->plan->base.schema, text.data, text.size);
        *(mr_text *)mr_cell(column, w->row) = text;
        *mr_cell_state_at(column, w->row) = MR_CELL_PRESENT;
    }
    w->at = next;
    return MR_OK;
}

/* Booleans, floats and integers. */
static mr_status store_scalar(walk *w, const slot *s) {
    uint64_t raw = 0;
    const uint8_t *next;
    if (s->wire == MR_WIRE_VARINT) {
        next = mr_wire_varint(w->at, w->end, &raw);
    } else {
        size_t width = s->wire == MR_WIRE_FIXED64 ? 8 : 4;
        next = (size_t)(w->end - w->at) >= width ? w->at + width : NULL;
        if (next) memcpy(&raw, w->at, width);
    }
    if (next == NULL)
        return fail(w, MR_SYNTAX, s->field->name, "the value is malformed or ends beyond the record");
    w->at = next;
    const mr_column *column = &w->frame->columns[s->column];
    uint8_t state = MR_CELL_PRESENT;
    if (s->kind == MR_KIND_FLOAT) {
        memcpy(mr_cell(column, w->row), &raw, sizeof(float));
    } else if (s->kind == MR_KIND_BOOL) {
        *(uint8_t *)mr_cell(column, w->row) = raw != 0;
    } else if (!to_integer((mr_message_kind)s->kind, raw, mr_cell(column, w->row))) {
        state = MR_CELL_INVALID;
    }
    *mr_cell_state_at(column, w->row) = state;
    return MR_OK;
}

/* Defaults and missing cells of the fields that were not on the wire. */
static void fill_absent(const walk *w, const uint64_t *seen) {
    if (w->plan->slot_count <= 64 && seen[0] == w->plan->all) return;
    for (uint32_t i = 0; i < w->plan->slot_count; i++) {
        const slot *s = &w->plan->slots[i];
        if (s->column == MR_NO_FIELD || (seen[i / 64] >> (i % 64) & 1)) continue;
        const mr_column *column = &w->frame->columns[s->column];
        void *cell = mr_cell(column, w->row);
        *mr_cell_state_at(column, w->row) = s->field->presence ? MR_CELL_MISSING : MR_CELL_PRESENT;
        switch (column->type) {
        case MR_TYPE_DOUBLE:
            *(double *)cell = 0;
            break;
        case MR_TYPE_FLOAT:
            *(float *)cell = 0;
            break;
        case MR_TYPE_INTEGER:
            *(int64_t *)cell = 0;
            break;
        case MR_TYPE_BOOLEAN:
            *(uint8_t *)cell = 0;
            break;
        default:
            *(mr_text *)cell = (mr_text){"", 0, mr_schema_code(w->plan->base.schema, "", 0)};
            break;
        }
    }
}

/* A value that the plan wants, or one to skip. */
static mr_status read_value(walk *w, const slot *s, uint32_t number, uint32_t wire, uint64_t *seen) {
    if (s == NULL || wire == MR_WIRE_GROUP_END) {
        const uint8_t *next = mr_wire_skip(w->at, w->end, number, wire);
        if (next == NULL)
            return fail(w, MR_SYNTAX, NULL, "the field that begins here is malformed or truncated");
        w->at = next;
        return MR_OK;
    }
    if (s->wire != wire) {
        return fail(w, MR_WRONG_TYPE, s->field->name,
                    "the value is not of the field's wire type: was the record "
                    "written with another message type?");
    }
    seen[s->index / 64] |= (uint64_t)1 << (s->index % 64);
    return s->kind == MR_KIND_STRING ? store_string(w, s) : store_scalar(w, s);
}

/* Doubles in ascending order with tags of one byte: most of most records. Returns the set of slots that were
 * filled. All is local, so that stores into cells force nothing to be loaded again. */
static inline uint64_t walk_doubles(walk *w) {
    const protobuf_plan *plan = w->plan;
    const mr_column *columns = w->frame->columns;
    const uint8_t *at = w->at, *end = w->end;
    uint32_t row = w->row, count = plan->double_count;
    uint64_t seen = 0;
    for (uint32_t i = 0; end - at >= 9; i++, at += 9) {
        while (i < count && plan->double_tags[i] != *at) i++;
        if (i >= count) break;
        const mr_column *column = &columns[plan->slots[i].column];
        memcpy(mr_cell(column, row), at + 1, 8);
        *mr_cell_state_at(column, row) = MR_CELL_PRESENT;
        seen |= (uint64_t)1 << i;
    }
    w->at = at;
    return seen;
}

static mr_status walk_record(walk *w, uint64_t *seen) {
    seen[0] = walk_doubles(w);
    while (w->at < w->end) {
        uint32_t number, wire;
        const uint8_t *next = mr_wire_tag(w->at, w->end, &number, &wire);
        if (next == NULL) return fail(w, MR_SYNTAX, NULL, "no field begins here: is it a protobuf message?");
        w->at = next;
        mr_status status = read_value(w, find_slot(w->plan, number), number, wire, seen);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status decode(const mr_decode_plan *base, mr_bytes value, mr_frame *frame, uint32_t row,
                        mr_arena *arena, mr_text *data_type, mr_error *error) {
    (void)arena;
    const protobuf_plan *plan = (const protobuf_plan *)base;
    const uint8_t *start = value.data;
    walk w = {plan, frame, row, data_type, start, start, start + value.size, error};
    uint64_t seen[MR_SCHEMA_FIELDS_MAX / 64 + 1];
    memset(seen, 0, (plan->slot_count / 64 + 1) * sizeof *seen);
    *data_type = (mr_text){"", 0, 0};
    if (start == NULL) return fail(&w, MR_SYNTAX, NULL, "the record has no value");
    mr_status status = walk_record(&w, seen);
    if (status == MR_OK) fill_absent(&w, seen);
    return status;
}

/* The column that the message's field fills, of those asked for; MR_NO_FIELD: none. */
static uint32_t column_of(const mr_schema *schema, const uint32_t *fields, uint32_t count,
                          const mr_message_field *field) {
    for (uint32_t i = 0; i < count; i++) {
        const mr_field *wanted = mr_schema_field(schema, fields[i]);
        if (strcmp(wanted->name, field->name) == 0 && wanted->type == mr_message_column_type(field->kind) &&
            !field->repeated) {
            return fields[i];
        }
    }
    return MR_NO_FIELD;
}

static void fill_slots(protobuf_plan *plan, const protobuf_decoder *decoder, mr_schema *schema,
                       const uint32_t *fields, uint32_t count) {
    for (uint32_t i = 0; i < decoder->message->count; i++) {
        const mr_message_field *field = &decoder->message->fields[i];
        uint32_t column = column_of(schema, fields, count, field);
        bool is_type = field == decoder->type_field;
        if (column == MR_NO_FIELD && !is_type) continue;
        uint32_t index = plan->slot_count++;
        plan->slots[index] = (slot){.field = field,
                                    .column = column,
                                    .index = index,
                                    .wire = (uint8_t)mr_message_wire_type(field->kind),
                                    .kind = (uint8_t)field->kind,
                                    .is_type = is_type};
        if (field->number < DENSE) plan->dense[field->number] = (uint8_t)(index + 1);
    }
    plan->use_dense = plan->slot_count < UINT8_MAX;
    plan->all = plan->slot_count >= 64 ? UINT64_MAX : ((uint64_t)1 << plan->slot_count) - 1;
    for (uint32_t i = 0; i < plan->slot_count && i < sizeof plan->double_tags; i++) {
        const slot *s = &plan->slots[i];
        if (s->kind != MR_KIND_DOUBLE || s->field->number > 15) break;
        plan->double_tags[plan->double_count++] = (uint8_t)(s->field->number << 3 | MR_WIRE_FIXED64);
    }
}

static mr_status bind(const mr_decoder *base, mr_schema *schema, const uint32_t *fields, uint32_t count,
                      mr_decode_plan **plan, mr_error *error) {
    const protobuf_decoder *decoder = (const protobuf_decoder *)base;
    for (uint32_t i = 0; i < count; i++) {
        const mr_field *wanted = mr_schema_field(schema, fields[i]);
        if (wanted == NULL) return mr_fail(error, MR_INVALID_ARGUMENT, "protobuf", "no field %u", fields[i]);
        uint32_t own = mr_schema_find(base->schema, wanted->name, wanted->type);
        if (own == MR_NO_FIELD || mr_schema_field(base->schema, own)->type != wanted->type) {
            return mr_fail(error, MR_NOT_FOUND, wanted->name,
                           "message %s has no field of this name that is a %s", decoder->message->name,
                           mr_type_name(wanted->type));
        }
    }
    protobuf_plan *made = mr_alloc_zero(1, sizeof *made + decoder->message->count * sizeof(slot));
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "protobuf", "out of memory");
    made->base = (mr_decode_plan){.decoder = base, .schema = mr_schema_retain(schema)};
    fill_slots(made, decoder, schema, fields, count);
    *plan = &made->base;
    return MR_OK;
}

static void free_plan(mr_decode_plan *plan) {
    if (plan == NULL) return;
    mr_schema_release(plan->schema);
    mr_free(plan);
}

static void free_decoder(mr_decoder *decoder) {
    if (decoder == NULL) return;
    mr_schema_release(decoder->schema);
    mr_free(decoder);
}

static const mr_decoder_ops protobuf_ops = {"protobuf", free_decoder, bind, free_plan, decode};

/* The schema of all fields of a message that can be columns. */
static mr_status message_schema(const mr_message *message, mr_schema **schema, mr_error *error) {
    mr_field *fields = mr_alloc_zero(message->count, sizeof *fields);
    if (fields == NULL) return mr_fail(error, MR_NO_MEMORY, message->name, "out of memory");
    uint32_t count = 0;
    for (uint32_t i = 0; i < message->count; i++) {
        const mr_message_field *field = &message->fields[i];
        mr_type type = mr_message_column_type(field->kind);
        if (type == MR_TYPE_COUNT || field->repeated) continue;
        mr_measure measure =
            type == MR_TYPE_STRING || type == MR_TYPE_BOOLEAN ? MR_CATEGORICAL : MR_CONTINUOUS;
        fields[count++] = (mr_field){field->name, type, measure};
    }
    mr_status status = mr_schema_new(fields, count, schema, error);
    mr_free(fields);
    return status;
}

mr_status mr_protobuf_decoder_new(const char *name, const char *type_field, mr_decoder **decoder,
                                  mr_error *error) {
    const mr_message *message = mr_message_find(name);
    if (message == NULL) {
        return mr_fail(error, MR_NOT_FOUND, "records.message",
                       "unknown message \"%.100s\": WineRecord is built in", name);
    }
    const mr_message_field *type = type_field ? mr_message_field_find(message, type_field) : NULL;
    if (type_field && type == NULL) {
        return mr_fail(error, MR_NOT_FOUND, "records.type", "message %s has no field \"%.100s\"", name,
                       type_field);
    }
    if (type && (type->kind != MR_KIND_STRING || type->repeated)) {
        return mr_fail(error, MR_WRONG_TYPE, "records.type", "field \"%s\" of %s is not a string", type->name,
                       name);
    }
    protobuf_decoder *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, name, "out of memory");
    made->base.ops = &protobuf_ops;
    made->message = message;
    made->type_field = type;
    mr_status status = message_schema(message, &made->base.schema, error);
    if (status != MR_OK) {
        mr_free(made);
        return status;
    }
    *decoder = &made->base;
    return MR_OK;
}
