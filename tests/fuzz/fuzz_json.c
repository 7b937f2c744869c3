/* JSON records: any bytes give a row or an error; what is given lies in the record or in the arena. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/codec.h"

static const mr_field fields[] = {
    {"fixed acidity", MR_TYPE_DOUBLE, MR_CONTINUOUS},
    {"fixed_acidity", MR_TYPE_STRING, MR_CATEGORICAL},
    {"f", MR_TYPE_FLOAT, MR_CONTINUOUS},
    {"i", MR_TYPE_INTEGER, MR_CONTINUOUS},
    {"b", MR_TYPE_BOOLEAN, MR_CATEGORICAL},
    {"s", MR_TYPE_STRING, MR_CATEGORICAL},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static mr_decoder *decoder;
static mr_decode_plan *plan;
static mr_frame *frame;
static mr_arena arena;

static void set_up(void) {
    uint32_t indexes[FIELDS];
    mr_type types[FIELDS];
    mr_schema *schema;
    for (uint32_t i = 0; i < FIELDS; i++) {
        indexes[i] = i;
        types[i] = fields[i].type;
    }
    if (mr_schema_new(fields, FIELDS, &schema, NULL) != MR_OK) abort();
    if (mr_json_decoder_new("dataType", NULL, 0, &decoder, NULL) != MR_OK) abort();
    if (decoder->ops->bind(decoder, schema, indexes, FIELDS, &plan, NULL) != MR_OK) abort();
    if (mr_frame_new(types, FIELDS, 1, &frame, NULL) != MR_OK) abort();
    mr_arena_init(&arena, 4096, 0);
}

static void read_bytes(mr_text text) {
    volatile char sum = 0;
    for (uint32_t i = 0; i < text.size; i++) sum = (char)(sum ^ text.data[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (decoder == NULL) set_up();
    mr_text type;
    mr_error error;
    mr_arena_reset(&arena, 65536);
    mr_status status = decoder->ops->decode(plan, (mr_bytes){data, size}, frame, 0, &arena, &type, &error);
    if (status != MR_OK) {
        if (status != MR_SYNTAX && status != MR_LIMIT) abort();
        return 0;
    }
    read_bytes(type);
    for (uint32_t i = 0; i < FIELDS; i++) {
        const mr_column *column = &frame->columns[i];
        if (*mr_cell_state_at(column, 0) > MR_CELL_INVALID) abort();
        if (column->type == MR_TYPE_BOOLEAN && mr_cell_present(column, 0) &&
            *(uint8_t *)mr_cell(column, 0) > 1)
            abort();
        if (column->type == MR_TYPE_STRING && mr_cell_present(column, 0))
            read_bytes(*(mr_text *)mr_cell(column, 0));
    }
    return 0;
}
