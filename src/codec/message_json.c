/* Records and descriptors as JSON text, for `millrace read`. Records go through their own decoder, so
 * what is shown is what a model would see. */
#include "codec/codec.h"
#include "codec/text.h"

static mr_status add_record(const mr_decoder *decoder, const mr_decode_plan *plan, mr_frame *frame,
                            mr_bytes value, mr_arena *arena, mr_bytes *view, mr_error *error) {
    mr_text type;
    mr_status status = decoder->ops->decode(plan, value, frame, 0, arena, &type, error);
    if (status != MR_OK) return status;
    mr_text_builder text = {.arena = arena};
    mr_text_add(&text, "{", 1);
    for (uint32_t i = 0; i < frame->column_count; i++) {
        if (!mr_cell_present(&frame->columns[i], 0)) continue;
        mr_text_add_member(&text, mr_schema_field(decoder->schema, i)->name);
        mr_text_add_cell(&text, &frame->columns[i], 0);
    }
    mr_text_add(&text, "}", 1);
    return mr_text_done(&text, view, error);
}

/* A plan and a frame of all fields. */
static mr_status bind_all(const mr_decoder *decoder, mr_decode_plan **plan, mr_frame **frame, mr_arena *arena,
                          mr_error *error) {
    uint32_t count = mr_schema_count(decoder->schema);
    uint32_t *fields = mr_arena_alloc_zero(arena, count, sizeof *fields);
    mr_type *types = mr_arena_alloc_zero(arena, count, sizeof *types);
    if (fields == NULL || types == NULL) return mr_fail(error, MR_NO_MEMORY, "record", "out of memory");
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = i;
        types[i] = mr_schema_field(decoder->schema, i)->type;
    }
    mr_status status = mr_frame_new(types, count, 1, frame, error);
    return status == MR_OK ? decoder->ops->bind(decoder, decoder->schema, fields, count, plan, error)
                           : status;
}

mr_status mr_record_to_json(const char *message, mr_bytes value, mr_arena *arena, mr_bytes *text,
                            mr_error *error) {
    mr_decoder *decoder = NULL;
    mr_decode_plan *plan = NULL;
    mr_frame *frame = NULL;
    mr_status status = mr_protobuf_decoder_new(message, NULL, &decoder, error);
    if (status != MR_OK) return status;
    status = bind_all(decoder, &plan, &frame, arena, error);
    if (status == MR_OK) status = add_record(decoder, plan, frame, value, arena, text, error);
    decoder->ops->free_plan(plan);
    mr_frame_free(frame);
    decoder->ops->free(decoder);
    return status;
}

mr_status mr_descriptor_to_json(mr_bytes value, mr_numbering numbering, mr_arena *arena, mr_bytes *view,
                                mr_error *error) {
    mr_descriptor d;
    mr_status status = mr_descriptor_parse(value, numbering, &d, error);
    if (status != MR_OK) return status;
    mr_text_builder text = {.arena = arena};
    mr_text_add(&text, "{", 1);
    mr_text_add_text_member(&text, "name", d.name);
    mr_text_add_text_member(&text, "description", d.description);
    mr_text_add_text_member(&text, "dataType", d.data_type);
    mr_text_add_text_member(&text, "version", d.version);
    mr_text_add_text_member(&text, "sha256", d.sha256);
    mr_text_add_text_member(&text, "format", d.format);
    mr_text_add_member(&text, "bytes");
    mr_text_add_integer(&text, (int64_t)d.data.size);
    mr_text_add(&text, "}", 1);
    mr_descriptor_free(&d);
    return mr_text_done(&text, view, error);
}
