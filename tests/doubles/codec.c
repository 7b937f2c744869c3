/* Records, results and descriptors as lines of text; see codec.h. */
#include "doubles/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef struct text_plan {
    mr_decode_plan base;
    uint32_t count;
    uint32_t fields[];
} text_plan;

typedef struct text_encode_plan {
    mr_encode_plan base;
    const mr_model_identity *identity;
} text_encode_plan;

static void free_decoder(mr_decoder *decoder) {
    mr_schema_release(decoder->schema);
    mr_free(decoder);
}

static mr_status bind_decoder(const mr_decoder *decoder, mr_schema *schema, const uint32_t *fields,
                              uint32_t count, mr_decode_plan **plan, mr_error *error) {
    text_plan *made = mr_alloc_zero(1, sizeof *made + count * sizeof *fields);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "plan", "out of memory");
    made->base = (mr_decode_plan){decoder, mr_schema_retain(schema)};
    made->count = count;
    memcpy(made->fields, fields, count * sizeof *fields);
    *plan = &made->base;
    return MR_OK;
}

static void free_plan(mr_decode_plan *plan) {
    mr_schema_release(plan->schema);
    mr_free(plan);
}

/* The value of " name=" in `text`, or NULL. */
static const char *find_value(const char *text, const char *name) {
    char key[MR_FIELD_NAME_MAX + 3];
    snprintf(key, sizeof key, " %s=", name);
    const char *found = strstr(text, key);
    return found ? found + strlen(key) : NULL;
}

static mr_status decode(const mr_decode_plan *plan, mr_bytes value, mr_frame *frame, uint32_t row,
                        mr_arena *arena, mr_text *data_type, mr_error *error) {
    const text_plan *bound = (const text_plan *)plan;
    if (value.size == 0 || *(const char *)value.data == '!') {
        return mr_fail(error, MR_SYNTAX, "byte 0", "cannot be decoded");
    }
    const char *text = mr_arena_copy(arena, value.data, value.size);
    if (text == NULL) return mr_fail(error, MR_NO_MEMORY, "record", "out of memory");
    *data_type = (mr_text){text, (uint32_t)strcspn(text, " "), 0};
    for (uint32_t i = 0; i < bound->count; i++) {
        const mr_column *column = &frame->columns[bound->fields[i]];
        const char *number = find_value(text, mr_schema_field(plan->schema, bound->fields[i])->name);
        uint8_t *state = mr_cell_state_at(column, row);
        *state = number == NULL ? MR_CELL_MISSING : *number == '?' ? MR_CELL_INVALID : MR_CELL_PRESENT;
        if (number != NULL && *number == '~') return mr_fail(error, MR_WRONG_TYPE, "field", "not a number");
        if (*state == MR_CELL_PRESENT) *(double *)mr_cell(column, row) = strtod(number, NULL);
    }
    return MR_OK;
}

static const mr_decoder_ops decoder_ops = {"text", free_decoder, bind_decoder, free_plan, decode};

mr_decoder *double_decoder_new(const mr_field *fields, uint32_t count) {
    mr_decoder *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return NULL;
    made->ops = &decoder_ops;
    if (count > 0 && mr_schema_new(fields, count, &made->schema, NULL) != MR_OK) {
        mr_free(made);
        return NULL;
    }
    return made;
}

static void free_encoder(mr_encoder *encoder) {
    mr_free(encoder);
}

static mr_status bind_encoder(const mr_encoder *encoder, const mr_model_identity *identity,
                              const mr_output *outputs, uint32_t output_count, mr_encode_plan **plan,
                              mr_error *error) {
    (void)outputs;
    (void)output_count;
    text_encode_plan *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "plan", "out of memory");
    *made = (text_encode_plan){{encoder}, identity};
    *plan = &made->base;
    return MR_OK;
}

static void free_encode_plan(mr_encode_plan *plan) {
    mr_free(plan);
}

static mr_status encode(const mr_encode_plan *plan, const mr_frame *out, uint32_t row, const char *topic,
                        int32_t partition, int64_t offset, mr_arena *arena, mr_bytes *value) {
    const mr_model_identity *identity = ((const text_encode_plan *)plan)->identity;
    char target[40] = "";
    if (mr_cell_present(&out->columns[0], row)) {
        snprintf(target, sizeof target, "%.17g", *(double *)mr_cell(&out->columns[0], row));
    }
    const char *text = mr_arena_print(arena, "%s|%s|%s|%s|%s|%d|%lld", identity->data_type, identity->name,
                                      identity->version, target, topic, (int)partition, (long long)offset);
    if (text == NULL) return MR_NO_MEMORY;
    *value = (mr_bytes){text, strlen(text)};
    return MR_OK;
}

static const mr_encoder_ops encoder_ops = {"text", free_encoder, bind_encoder, free_encode_plan, encode};

mr_encoder *double_encoder_new(void) {
    mr_encoder *made = mr_alloc_zero(1, sizeof *made);
    if (made != NULL) made->ops = &encoder_ops;
    return made;
}

mr_status double_descriptor_parse(mr_bytes message, mr_numbering numbering, mr_descriptor *descriptor,
                                  mr_error *error) {
    (void)numbering;
    const char *at = message.data, *end = at + message.size;
    char **parts[3] = {&descriptor->data_type, &descriptor->name, &descriptor->version};
    *descriptor = (mr_descriptor){0};
    for (int i = 0; i < 3; i++) {
        const char *bar = memchr(at, '|', (size_t)(end - at));
        if (bar == NULL) {
            mr_descriptor_free(descriptor);
            return mr_fail(error, MR_SYNTAX, "descriptor", "not TYPE|NAME|VERSION|MODEL");
        }
        if (bar > at || i < 2) *parts[i] = mr_copy_bytes(at, (size_t)(bar - at));
        at = bar + 1;
    }
    descriptor->description = mr_copy_string("a double");
    descriptor->format = "sum";
    descriptor->data = (mr_bytes){at, (size_t)(end - at)};
    if (descriptor->data_type && descriptor->name && descriptor->description) return MR_OK;
    mr_descriptor_free(descriptor);
    return mr_fail(error, MR_NO_MEMORY, "descriptor", "out of memory");
}
