/* JSON records: any bytes give a row or an error; what is given lies in the record or in the arena. A second
 * plan asks for no string beside the doubles, and so takes these in the loop over expected ones: the numbers
 * are the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"

static const mr_field fields[] = {
    {"fixed acidity", MR_TYPE_DOUBLE, MR_CONTINUOUS},
    {"fixed_acidity", MR_TYPE_STRING, MR_CATEGORICAL},
    {"f", MR_TYPE_FLOAT, MR_CONTINUOUS},
    {"i", MR_TYPE_INTEGER, MR_CONTINUOUS},
    {"b", MR_TYPE_BOOLEAN, MR_CATEGORICAL},
    {"s", MR_TYPE_STRING, MR_CATEGORICAL},
    {"x", MR_TYPE_DOUBLE, MR_CONTINUOUS},
    {"X", MR_TYPE_STRING, MR_CATEGORICAL},
};
static const uint32_t doubles[] = {0, 6}, others[] = {2, 3, 4, 5, 0, 6};
enum { FIELDS = sizeof fields / sizeof *fields };

static mr_decoder *decoder;
static mr_decode_plan *plan, *doubles_plan;
static mr_frame *frame, *doubles_frame;
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
    if (decoder->ops->bind(decoder, schema, others, 6, &doubles_plan, NULL) != MR_OK) abort();
    if (mr_frame_new(types, FIELDS, 1, &frame, NULL) != MR_OK) abort();
    if (mr_frame_new(types, FIELDS, 1, &doubles_frame, NULL) != MR_OK) abort();
    mr_arena_init(&arena, 4096, 0);
}

static void read_bytes(mr_text text) {
    volatile char sum = 0;
    for (uint32_t i = 0; i < text.size; i++) sum = (char)(sum ^ text.data[i]);
}

static void expect_the_same_doubles(mr_bytes record, mr_status wanted) {
    mr_text type;
    mr_error error;
    mr_status status =
        doubles_plan->decoder->ops->decode(doubles_plan, record, doubles_frame, 0, &arena, &type, &error);
    if (status != wanted) abort();
    for (int i = 0; i < 2 && status == MR_OK; i++) {
        const mr_column *one = &frame->columns[doubles[i]], *other = &doubles_frame->columns[doubles[i]];
        if (*mr_cell_state_at(one, 0) != *mr_cell_state_at(other, 0)) abort();
        if (mr_cell_present(one, 0) && memcmp(mr_cell(one, 0), mr_cell(other, 0), sizeof(double)) != 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (decoder == NULL) set_up();
    mr_text type;
    mr_error error;
    mr_arena_reset(&arena, 65536);
    mr_status status = decoder->ops->decode(plan, (mr_bytes){data, size}, frame, 0, &arena, &type, &error);
    expect_the_same_doubles((mr_bytes){data, size}, status);
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
