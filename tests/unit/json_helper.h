/* What the tests of JSON records share: a decoder bound to fields, and a record read into a row. */
#ifndef JSON_HELPER_H
#define JSON_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/codec.h"

typedef struct fixture {
    mr_schema *schema;
    mr_decoder *decoder;
    mr_decode_plan *plan;
    mr_frame *frame;
    mr_arena arena;
    mr_text type;
    mr_error error;
    void *copy;
} fixture;

static inline void open_with(fixture *f, const mr_field *fields, uint32_t count, const char *type_field,
                             const mr_name_mapping *mapping, size_t mapping_count) {
    memset(f, 0, sizeof *f);
    uint32_t indexes[16];
    mr_type types[16];
    for (uint32_t i = 0; i < count; i++) {
        indexes[i] = i;
        types[i] = fields[i].type;
    }
    assert_int_equal(mr_schema_new(fields, count, &f->schema, &f->error), MR_OK);
    assert_int_equal(mr_json_decoder_new(type_field, mapping, mapping_count, &f->decoder, &f->error), MR_OK);
    assert_null(f->decoder->schema);
    assert_int_equal(f->decoder->ops->bind(f->decoder, f->schema, indexes, count, &f->plan, &f->error),
                     MR_OK);
    assert_int_equal(mr_frame_new(types, count, 2, &f->frame, &f->error), MR_OK);
    mr_arena_init(&f->arena, 256, 0);
}

/* A double, the same name as a string, float, integer, boolean, string. */
static const mr_field all_types[] = {
    {"fixed acidity", MR_TYPE_DOUBLE, MR_CONTINUOUS},
    {"fixed acidity", MR_TYPE_STRING, MR_CATEGORICAL},
    {"f", MR_TYPE_FLOAT, MR_CONTINUOUS},
    {"i", MR_TYPE_INTEGER, MR_CONTINUOUS},
    {"b", MR_TYPE_BOOLEAN, MR_CATEGORICAL},
    {"s", MR_TYPE_STRING, MR_CATEGORICAL},
};
enum { D, DS, F, I, B, S, ALL };

static inline void open_all(fixture *f) {
    open_with(f, all_types, ALL, "dataType", NULL, 0);
}

static inline void close_fixture(fixture *f) {
    free(f->copy);
    mr_arena_free(&f->arena);
    mr_frame_free(f->frame);
    f->decoder->ops->free_plan(f->plan);
    f->decoder->ops->free(f->decoder);
    mr_schema_release(f->schema);
}

/* Row 1, from a block of exactly this size: the sanitizer sees a read behind its end. */
static inline mr_status decode(fixture *f, const char *text, size_t size) {
    free(f->copy);
    f->copy = malloc(size ? size : 1);
    memcpy(f->copy, text, size);
    mr_arena_reset(&f->arena, SIZE_MAX);
    return f->decoder->ops->decode(f->plan, (mr_bytes){f->copy, size}, f->frame, 1, &f->arena, &f->type,
                                   &f->error);
}

static inline void expect(fixture *f, const char *text, mr_status status) {
    mr_status got = decode(f, text, strlen(text));
    if (got != status)
        fail_msg("%s: %s, not %s (%s)", text, mr_status_name(got), mr_status_name(status), f->error.message);
}

static inline int state_of(const fixture *f, uint32_t field) {
    return *mr_cell_state_at(&f->frame->columns[field], 1);
}
static inline double number_of(const fixture *f, uint32_t field) {
    assert_int_equal(state_of(f, field), MR_CELL_PRESENT);
    return *(double *)mr_cell(&f->frame->columns[field], 1);
}

#endif
