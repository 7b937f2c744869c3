/* Results as JSON: the message of proto/millrace/v1/result.proto in protobuf's JSON form.
 *
 * As in result_protobuf.c, a plan holds all text that is the same in each result of a model: the head
 * with data type and model, and for each output everything up to its value.
 */
#include <string.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "base/number.h"
#include "codec/codec.h"
#include "codec/text.h"

typedef struct json_encoder {
    mr_encoder base;
    bool lineage;
} json_encoder;

/* `{"name":"quality","role":"target",` and then `"double_value":`, for a cell that has a value. */
typedef struct output_text {
    const char *text;
    uint32_t size;
    uint32_t name_size; /* without the name of the value */
} output_text;

typedef struct json_plan {
    mr_encode_plan base;
    bool lineage;
    uint32_t count;
    const char *head;
    size_t head_size;
    size_t fixed_size; /* of a result, but for source, strings and lists */
    mr_arena arena;    /* owns the texts */
    output_text outputs[];
} json_plan;

static const char *value_name(mr_type type) {
    switch (type) {
    case MR_TYPE_INTEGER:
        return "int64_value";
    case MR_TYPE_BOOLEAN:
        return "bool_value";
    case MR_TYPE_STRING:
        return "string_value";
    case MR_TYPE_LIST:
        return "list_value";
    default:
        return "double_value";
    }
}

static mr_status make_head(json_plan *plan, const mr_model_identity *identity, mr_error *error) {
    mr_text_builder text = {.arena = &plan->arena};
    mr_text_add(&text, "{", 1);
    mr_text_add_text_member(&text, "data_type", identity->data_type);
    mr_text_add_member(&text, "model");
    mr_text_add(&text, "{", 1);
    mr_text_add_text_member(&text, "name", identity->name);
    mr_text_add_text_member(&text, "version", identity->version);
    mr_text_add_text_member(&text, "sha256", identity->sha256);
    mr_text_add(&text, "}", 1);
    mr_bytes view = {0};
    mr_status status = mr_text_done(&text, &view, error);
    plan->head = view.data;
    plan->head_size = view.size;
    return status;
}

static mr_status make_output(json_plan *plan, const mr_output *output, output_text *made, mr_error *error) {
    mr_text_builder text = {.arena = &plan->arena};
    mr_text_add(&text, "{", 1);
    mr_text_add_text_member(&text, "name", output->name);
    mr_text_add_text_member(&text, "role", mr_role_name(output->role));
    mr_text_add(&text, ",", 1);
    made->name_size = (uint32_t)text.size;
    char name[32];
    mr_text_add(&text, name,
                mr_json_write_string(name, value_name(output->type), strlen(value_name(output->type))));
    mr_text_add(&text, ":", 1);
    mr_bytes view = {0};
    mr_status status = mr_text_done(&text, &view, error);
    made->text = view.data;
    made->size = (uint32_t)view.size;
    return status;
}

static void free_plan(mr_encode_plan *base) {
    json_plan *plan = (json_plan *)base;
    if (plan == NULL) return;
    mr_arena_free(&plan->arena);
    mr_free(plan);
}

static mr_status bind(const mr_encoder *base, const mr_model_identity *identity, const mr_output *outputs,
                      uint32_t count, mr_encode_plan **plan, mr_error *error) {
    json_plan *made = mr_alloc_zero(1, sizeof *made + count * sizeof(output_text));
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "results", "out of memory");
    made->base.encoder = base;
    made->lineage = ((const json_encoder *)base)->lineage;
    made->count = count;
    mr_arena_init(&made->arena, 4096, 0);
    mr_status status = make_head(made, identity, error);
    made->fixed_size = made->head_size + 32;
    for (uint32_t i = 0; i < count && status == MR_OK; i++) {
        status = make_output(made, &outputs[i], &made->outputs[i], error);
        made->fixed_size += made->outputs[i].size + MR_NUMBER_MAX + 32;
    }
    if (status != MR_OK) {
        free_plan(&made->base);
        return status;
    }
    *plan = &made->base;
    return MR_OK;
}

/* ---- Values ---- */

#define PUT(at, literal) ((char *)memcpy(at, literal, sizeof(literal) - 1) + sizeof(literal) - 1)

static char *put_value(char *at, const mr_value *value) {
    if (value->missing) return PUT(at, "{\"missing\":true}");
    at = PUT(at, "{\"");
    const char *name = value_name(value->type);
    size_t size = strlen(name);
    memcpy(at, name, size);
    at = PUT(at + size, "\":");
    switch (value->type) {
    case MR_TYPE_INTEGER:
        at += mr_print_integer(at, value->as.integer);
        break;
    case MR_TYPE_BOOLEAN:
        at = value->as.boolean ? PUT(at, "true") : PUT(at, "false");
        break;
    case MR_TYPE_STRING:
        at += mr_json_write_string(at, value->as.text.data, value->as.text.size);
        break;
    default:
        at += mr_json_write_double(at, value->as.number);
        break;
    }
    return PUT(at, "}");
}

static char *put_list(char *at, const mr_list *list) {
    at = PUT(at, "{\"value\":[");
    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0) *at++ = ',';
        at = put_value(at, &list->items[i]);
    }
    return PUT(at, "]}");
}

/* Most bytes that a row's strings and lists can take. */
static size_t variable_size(const mr_frame *out, uint32_t row, uint32_t count) {
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        const mr_column *column = &out->columns[i];
        if (column->type < MR_TYPE_STRING || !mr_cell_present(column, row)) continue;
        if (column->type == MR_TYPE_STRING) {
            size += MR_JSON_STRING_MAX((size_t)((const mr_text *)mr_cell(column, row))->size);
            continue;
        }
        const mr_list *list = mr_cell(column, row);
        for (uint32_t j = 0; j < list->count; j++) {
            const mr_value *item = &list->items[j];
            bool text = item->type == MR_TYPE_STRING && !item->missing;
            size += text ? MR_JSON_STRING_MAX((size_t)item->as.text.size) + 32 : MR_NUMBER_MAX + 32;
        }
    }
    return size;
}

static char *put_cell(char *at, const output_text *output, const mr_column *column, uint32_t row) {
    if (!mr_cell_present(column, row)) {
        memcpy(at, output->text, output->name_size);
        return PUT(at + output->name_size, "\"missing\":true}");
    }
    memcpy(at, output->text, output->size);
    at += output->size;
    const void *cell = mr_cell(column, row);
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        at += mr_json_write_double(at, *(const double *)cell);
        break;
    case MR_TYPE_FLOAT:
        at += mr_json_write_double(at, (double)*(const float *)cell);
        break;
    case MR_TYPE_INTEGER:
        at += mr_print_integer(at, *(const int64_t *)cell);
        break;
    case MR_TYPE_BOOLEAN:
        at = *(const uint8_t *)cell ? PUT(at, "true") : PUT(at, "false");
        break;
    case MR_TYPE_STRING:
        at += mr_json_write_string(at, ((const mr_text *)cell)->data, ((const mr_text *)cell)->size);
        break;
    default:
        at = put_list(at, cell);
        break;
    }
    *at++ = '}';
    return at;
}

static char *put_source(char *at, const char *topic, size_t topic_size, int32_t partition, int64_t offset) {
    at = PUT(at, ",\"source\":{\"topic\":");
    at += mr_json_write_string(at, topic, topic_size);
    at = PUT(at, ",\"partition\":");
    at += mr_print_integer(at, partition);
    at = PUT(at, ",\"offset\":");
    at += mr_print_integer(at, offset);
    return PUT(at, "}");
}

static mr_status encode(const mr_encode_plan *base, const mr_frame *out, uint32_t row, const char *topic,
                        int32_t partition, int64_t offset, mr_arena *arena, mr_bytes *value) {
    const json_plan *plan = (const json_plan *)base;
    size_t topic_size = plan->lineage ? strlen(topic) : 0;
    size_t size =
        plan->fixed_size + MR_JSON_STRING_MAX(topic_size) + 128 + variable_size(out, row, plan->count);
    if (size > INT32_MAX) return MR_TOO_LARGE;
    char *start = mr_arena_alloc(arena, size);
    if (start == NULL) return MR_NO_MEMORY;
    memcpy(start, plan->head, plan->head_size);
    char *at = start + plan->head_size;
    if (plan->lineage) at = put_source(at, topic, topic_size, partition, offset);
    at = PUT(at, ",\"output\":[");
    for (uint32_t i = 0; i < plan->count; i++) {
        if (i > 0) *at++ = ',';
        at = put_cell(at, &plan->outputs[i], &out->columns[i], row);
    }
    at = PUT(at, "]}");
    *value = (mr_bytes){start, (size_t)(at - start)};
    return MR_OK;
}

static void free_encoder(mr_encoder *encoder) {
    mr_free(encoder);
}

static const mr_encoder_ops json_ops = {"json", free_encoder, bind, free_plan, encode};

mr_status mr_json_encoder_new(bool lineage, mr_encoder **encoder, mr_error *error) {
    json_encoder *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "results", "out of memory");
    *made = (json_encoder){{&json_ops}, lineage};
    *encoder = &made->base;
    return MR_OK;
}
