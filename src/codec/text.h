/* Text that grows in an arena, for what is not the record path. A failed allocation sticks: append as
 * you like and ask once, at mr_text_done. One thread. */
#ifndef MR_CODEC_TEXT_H
#define MR_CODEC_TEXT_H

#include <stdbool.h>

#include "core/batch.h"

typedef struct mr_text_builder {
    mr_arena *arena;
    char *data;
    size_t size;
    size_t capacity;
    bool failed;
} mr_text_builder;

void mr_text_add(mr_text_builder *text, const char *data, size_t size);
void mr_text_add_literal(mr_text_builder *text, const char *literal);

/* JSON: a quoted string, numbers, and the name of a member with its colon, after a comma when the
 * last byte is no opening bracket. */
void mr_text_add_json(mr_text_builder *text, const char *data, size_t size);
void mr_text_add_double(mr_text_builder *text, double value);
void mr_text_add_integer(mr_text_builder *text, int64_t value);
void mr_text_add_member(mr_text_builder *text, const char *name);
/* The member whole, with a string as its value; nothing when that is NULL. */
void mr_text_add_text_member(mr_text_builder *text, const char *name, const char *value);
void mr_text_add_separator(mr_text_builder *text);

/* A value of a frame as JSON: null when missing, lists as arrays. */
void mr_text_add_cell(mr_text_builder *text, const mr_column *column, uint32_t row);

/* *view: all of it, valid until the arena is reset. MR_NO_MEMORY. */
mr_status mr_text_done(const mr_text_builder *text, mr_bytes *view, mr_error *error);

#endif
