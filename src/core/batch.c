/* Names of stages, and the marking of rows as failed. */
#include "core/batch.h"

#include <stdarg.h>
#include <stdio.h>

const char *mr_stage_name(mr_stage stage) {
    static const char *const names[MR_STAGE_COUNT] = {"decode", "score", "encode", "send"};
    return (unsigned)stage < MR_STAGE_COUNT ? names[stage] : "unknown";
}

void mr_batch_fail(mr_batch *batch, uint32_t row, mr_stage stage, mr_status status, const char *format, ...) {
    char text[sizeof((mr_error *)0)->message];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0) size = 0;
    if ((size_t)size >= sizeof text) size = sizeof text - 1;
    const char *message = mr_arena_copy(batch->arena, text, (size_t)size);
    mr_row *failed = &batch->rows[row];
    failed->state = MR_ROW_FAILED;
    failed->stage = stage;
    failed->status = status;
    failed->message = message ? message : mr_status_meaning(status);
}
