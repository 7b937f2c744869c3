/* Results as millrace.v1.ScoringResult (proto/millrace/v1/result.proto) in protobuf.
 *
 * Nearly all bytes of a result are the same for all results of one model, so a plan holds them ready: data
 * type and model as one block, and for each output name, role and, as a double has always 8 bytes, even
 * the lengths in front of it. Encoding copies blocks and fills in numbers. What a result takes grows with
 * its size, so the digest is in bytes, and of the name "probability(X)" X is enough (docs/decisions/0056).
 */
#include <string.h>

#include "base/memory.h"
#include "codec/codec.h"
#include "codec/result_fields.h"
#include "codec/wire.h"

enum { SLACK = 32 };

typedef struct protobuf_encoder {
    mr_encoder base;
    bool lineage;
} protobuf_encoder;

/* `block` is: tag and length of an output with a double in it, name, role, tag of the double. The middle,
 * name and role, serves the other types of value as well. */
typedef struct output_block {
    const uint8_t *block;
    uint32_t size;
    uint32_t middle;
    uint32_t middle_size;
} output_block;

typedef struct protobuf_plan {
    mr_encode_plan base;
    bool lineage;
    uint32_t count;
    uint32_t variable_count;
    uint32_t *variable; /* outputs that are strings or lists */
    const uint8_t *head;
    size_t head_size;
    size_t fixed_size; /* of a result, but for source, strings and lists */
    output_block outputs[];
} protobuf_plan;

static uint8_t *put_text(uint8_t *at, uint32_t number, const char *text) {
    return text && *text ? mr_wire_put_bytes(at, number, text, strlen(text)) : at;
}

static size_t text_size(uint32_t number, const char *text) {
    return text && *text ? mr_wire_bytes_size(number, strlen(text)) : 0;
}

/* The digest in half the room. Returns its bytes, 0 when it is no such text. */
static size_t digest_bytes(const char *hex, uint8_t bytes[32]) {
    size_t count = strlen(hex) / 2;
    if (strspn(hex, "0123456789abcdef") != 2 * count || count > 32) return 0;
    for (size_t i = 0; i < 2 * count; i++) {
        uint8_t digit = (uint8_t)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
        bytes[i / 2] = (uint8_t)(i % 2 ? bytes[i / 2] | digit : digit << 4);
    }
    return count;
}

static size_t digest_size(const char *hex) {
    uint8_t bytes[32];
    size_t count = digest_bytes(hex, bytes);
    return count ? mr_wire_bytes_size(MR_MODEL_SHA256_BYTES, count) : text_size(MR_MODEL_SHA256, hex);
}

static uint8_t *put_digest(uint8_t *at, const char *hex) {
    uint8_t bytes[32];
    size_t count = digest_bytes(hex, bytes);
    return count ? mr_wire_put_bytes(at, MR_MODEL_SHA256_BYTES, bytes, count)
                 : put_text(at, MR_MODEL_SHA256, hex);
}

static size_t model_size(const mr_model_identity *identity) {
    return text_size(MR_MODEL_NAME, identity->name) + text_size(MR_MODEL_VERSION, identity->version) +
           digest_size(identity->sha256);
}

static uint8_t *put_head(uint8_t *at, const mr_model_identity *identity) {
    at = put_text(at, MR_RESULT_DATA_TYPE, identity->data_type);
    at = mr_wire_put_tag(at, MR_RESULT_MODEL, MR_WIRE_BYTES);
    at = mr_wire_put_varint(at, model_size(identity));
    at = put_text(at, MR_MODEL_NAME, identity->name);
    at = put_text(at, MR_MODEL_VERSION, identity->version);
    return put_digest(at, identity->sha256);
}

/* The category of a probability that is named by it; NULL: the name says more. */
static const char *category_of(const mr_output *output, size_t *size) {
    const size_t before = sizeof MR_PROBABILITY_OF - 1;
    size_t length = output->name ? strlen(output->name) : 0;
    if (output->role != MR_ROLE_PROBABILITY || length <= before || output->name[length - 1] != ')')
        return NULL;
    *size = length - before - 1;
    return strncmp(output->name, MR_PROBABILITY_OF, before) == 0 ? output->name + before : NULL;
}

static size_t middle_size(const mr_output *output) {
    size_t size;
    bool category = category_of(output, &size) != NULL;
    return 2 + (category ? mr_wire_bytes_size(MR_OUTPUT_CATEGORY, size)
                         : text_size(MR_OUTPUT_NAME, output->name));
}

static uint8_t *put_title(uint8_t *at, const mr_output *output) {
    size_t size;
    const char *category = category_of(output, &size);
    return category ? mr_wire_put_bytes(at, MR_OUTPUT_CATEGORY, category, size)
                    : put_text(at, MR_OUTPUT_NAME, output->name);
}

static uint8_t *put_output(uint8_t *at, const mr_output *output, output_block *block) {
    uint8_t *start = at;
    size_t middle = middle_size(output);
    at = mr_wire_put_tag(at, MR_RESULT_OUTPUT, MR_WIRE_BYTES);
    at = mr_wire_put_varint(at, middle + 9);
    block->middle = (uint32_t)(at - start);
    block->middle_size = (uint32_t)middle;
    at = put_title(at, output);
    at =
        mr_wire_put_varint(mr_wire_put_tag(at, MR_OUTPUT_ROLE, MR_WIRE_VARINT), mr_role_number(output->role));
    at = mr_wire_put_tag(at, MR_VALUE_DOUBLE, MR_WIRE_FIXED64);
    block->block = start;
    block->size = (uint32_t)(at - start);
    return at;
}

static mr_status bind(const mr_encoder *base, const mr_model_identity *identity, const mr_output *outputs,
                      uint32_t count, mr_encode_plan **plan, mr_error *error) {
    size_t head = text_size(MR_RESULT_DATA_TYPE, identity->data_type) +
                  mr_wire_bytes_size(MR_RESULT_MODEL, model_size(identity));
    size_t blocks = 0;
    for (uint32_t i = 0; i < count; i++) blocks += middle_size(&outputs[i]) + 16;
    size_t fixed = sizeof(protobuf_plan) + count * (sizeof(output_block) + sizeof(uint32_t));
    protobuf_plan *made = mr_alloc_zero(1, fixed + head + blocks + SLACK);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "results", "out of memory");
    made->base.encoder = base;
    made->lineage = ((const protobuf_encoder *)base)->lineage;
    made->count = count;
    made->variable = (uint32_t *)(made->outputs + count);
    for (uint32_t i = 0; i < count; i++) {
        if (outputs[i].type >= MR_TYPE_STRING) made->variable[made->variable_count++] = i;
    }
    made->head = (uint8_t *)made + fixed;
    made->head_size = head;
    made->fixed_size = head + blocks + count * 16 + SLACK;
    uint8_t *at = put_head((uint8_t *)made + fixed, identity);
    for (uint32_t i = 0; i < count; i++) at = put_output(at, &outputs[i], &made->outputs[i]);
    *plan = &made->base;
    return MR_OK;
}

static void free_plan(mr_encode_plan *plan) {
    mr_free(plan);
}

/* ---- Values ---- */

static size_t value_size(const mr_value *value) {
    if (value->missing) return 2;
    switch (value->type) {
    case MR_TYPE_INTEGER:
        return 1 + mr_wire_varint_size((uint64_t)value->as.integer);
    case MR_TYPE_BOOLEAN:
        return 2;
    case MR_TYPE_STRING:
        return mr_wire_bytes_size(MR_VALUE_STRING, value->as.text.size);
    default:
        return 9;
    }
}

static uint8_t *put_value(uint8_t *at, const mr_value *value) {
    if (value->missing) return mr_wire_put_varint(mr_wire_put_tag(at, MR_VALUE_MISSING, MR_WIRE_VARINT), 1);
    switch (value->type) {
    case MR_TYPE_INTEGER:
        at = mr_wire_put_tag(at, MR_VALUE_INT64, MR_WIRE_VARINT);
        return mr_wire_put_varint(at, (uint64_t)value->as.integer);
    case MR_TYPE_BOOLEAN:
        return mr_wire_put_varint(mr_wire_put_tag(at, MR_VALUE_BOOL, MR_WIRE_VARINT), value->as.boolean);
    case MR_TYPE_STRING:
        return mr_wire_put_bytes(at, MR_VALUE_STRING, value->as.text.data, value->as.text.size);
    default:
        return mr_wire_put_fixed64(at, MR_VALUE_DOUBLE, &value->as.number);
    }
}

static size_t list_size(const mr_list *list) {
    size_t size = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        size += mr_wire_bytes_size(MR_LIST_VALUE, value_size(&list->items[i]));
    }
    return size;
}

static uint8_t *put_list(uint8_t *at, const mr_list *list, size_t size) {
    at = mr_wire_put_varint(mr_wire_put_tag(at, MR_VALUE_LIST, MR_WIRE_BYTES), size);
    for (uint32_t i = 0; i < list->count; i++) {
        at = mr_wire_put_varint(mr_wire_put_tag(at, MR_LIST_VALUE, MR_WIRE_BYTES),
                                value_size(&list->items[i]));
        at = put_value(at, &list->items[i]);
    }
    return at;
}

/* A cell that is no list, as a value. */
static mr_value cell_value(const mr_column *column, uint32_t row) {
    const void *cell = mr_cell(column, row);
    mr_value value = {.type = column->type, .missing = !mr_cell_present(column, row)};
    if (value.missing) return value;
    switch (column->type) {
    case MR_TYPE_INTEGER:
        value.as.integer = *(const int64_t *)cell;
        break;
    case MR_TYPE_BOOLEAN:
        value.as.boolean = *(const uint8_t *)cell != 0;
        break;
    case MR_TYPE_STRING:
        value.as.text = *(const mr_text *)cell;
        break;
    case MR_TYPE_FLOAT:
        value.as.number = (double)*(const float *)cell;
        break;
    default:
        value.as.number = *(const double *)cell;
        break;
    }
    return value;
}

/* Bytes of a row's strings and lists, which no plan can know. */
static size_t variable_size(const protobuf_plan *plan, const mr_frame *out, uint32_t row) {
    size_t size = 0;
    for (uint32_t i = 0; i < plan->variable_count; i++) {
        const mr_column *column = &out->columns[plan->variable[i]];
        if (!mr_cell_present(column, row)) continue;
        const void *cell = mr_cell(column, row);
        size += column->type == MR_TYPE_STRING ? ((const mr_text *)cell)->size : list_size(cell);
    }
    return size;
}

/* Copies whole steps of SLACK bytes, mostly one: what is too much lies in the slack behind block and result.
 */
static inline uint8_t *put_block(uint8_t *at, const uint8_t *block, size_t size) {
    memcpy(at, block, SLACK);
    for (size_t i = SLACK; i < size; i += SLACK) memcpy(at + i, block + i, SLACK);
    return at + size;
}

static inline uint8_t *put_string(uint8_t *at, const output_block *output, const mr_text *text) {
    size_t size = output->middle_size + mr_wire_bytes_size(MR_VALUE_STRING, text->size);
    at = mr_wire_put_varint(mr_wire_put_tag(at, MR_RESULT_OUTPUT, MR_WIRE_BYTES), size);
    at = put_block(at, output->block + output->middle, output->middle_size);
    return mr_wire_put_bytes(at, MR_VALUE_STRING, text->data, text->size);
}

static inline uint8_t *put_cell(uint8_t *at, const output_block *output, const mr_column *column,
                                uint32_t row) {
    bool present = mr_cell_present(column, row);
    if (column->type == MR_TYPE_DOUBLE && present) {
        at = put_block(at, output->block, output->size);
        memcpy(at, mr_cell(column, row), 8);
        return at + 8;
    }
    if (column->type == MR_TYPE_STRING && present) return put_string(at, output, mr_cell(column, row));
    const mr_list *list = column->type == MR_TYPE_LIST && present ? mr_cell(column, row) : NULL;
    mr_value value = {.missing = true};
    size_t items = 0, size;
    if (list) {
        items = list_size(list);
        size = mr_wire_bytes_size(MR_VALUE_LIST, items);
    } else {
        value = cell_value(column, row);
        size = value_size(&value);
    }
    at = mr_wire_put_tag(at, MR_RESULT_OUTPUT, MR_WIRE_BYTES);
    at = mr_wire_put_varint(at, output->middle_size + size);
    at = put_block(at, output->block + output->middle, output->middle_size);
    return list ? put_list(at, list, items) : put_value(at, &value);
}

static uint8_t *put_source(uint8_t *at, const char *topic, size_t topic_size, int32_t partition,
                           int64_t offset) {
    size_t size = topic_size ? mr_wire_bytes_size(MR_SOURCE_TOPIC, topic_size) : 0;
    if (partition != 0) size += 1 + mr_wire_varint_size((uint64_t)(int64_t)partition);
    if (offset != 0) size += 1 + mr_wire_varint_size((uint64_t)offset);
    at = mr_wire_put_varint(mr_wire_put_tag(at, MR_RESULT_SOURCE, MR_WIRE_BYTES), size);
    if (topic_size) at = mr_wire_put_bytes(at, MR_SOURCE_TOPIC, topic, topic_size);
    if (partition != 0) {
        at = mr_wire_put_tag(at, MR_SOURCE_PARTITION, MR_WIRE_VARINT);
        at = mr_wire_put_varint(at, (uint64_t)(int64_t)partition);
    }
    if (offset != 0) {
        at = mr_wire_put_varint(mr_wire_put_tag(at, MR_SOURCE_OFFSET, MR_WIRE_VARINT), (uint64_t)offset);
    }
    return at;
}

static mr_status encode(const mr_encode_plan *base, const mr_frame *out, uint32_t row, const char *topic,
                        int32_t partition, int64_t offset, mr_arena *arena, mr_bytes *value) {
    const protobuf_plan *plan = (const protobuf_plan *)base;
    size_t topic_size = plan->lineage ? strlen(topic) : 0;
    size_t size = plan->fixed_size + topic_size + 48 + variable_size(plan, out, row);
    if (size > INT32_MAX) return MR_TOO_LARGE;
    uint8_t *start = mr_arena_alloc(arena, size);
    if (start == NULL) return MR_NO_MEMORY;
    uint8_t *at = put_block(start, plan->head, plan->head_size);
    if (plan->lineage) at = put_source(at, topic, topic_size, partition, offset);
    for (uint32_t i = 0; i < plan->count; i++) at = put_cell(at, &plan->outputs[i], &out->columns[i], row);
    *value = (mr_bytes){start, (size_t)(at - start)};
    mr_arena_shrink(arena, start, value->size);
    return MR_OK;
}

static void free_encoder(mr_encoder *encoder) {
    mr_free(encoder);
}

static const mr_encoder_ops protobuf_ops = {"protobuf", free_encoder, bind, free_plan, encode};

mr_status mr_protobuf_encoder_new(bool lineage, mr_encoder **encoder, mr_error *error) {
    protobuf_encoder *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "results", "out of memory");
    *made = (protobuf_encoder){{&protobuf_ops}, lineage};
    *encoder = &made->base;
    return MR_OK;
}
