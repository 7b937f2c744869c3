/* Headers are copied into the arena with ours behind them; a record's own of the same names come first, as
 * it was dead-lettered before. */
#include "stream/deadletter.h"

#include <string.h>

#include "base/number.h"

enum { OURS = 7 };

static mr_bytes text_of(const char *text) {
    return (mr_bytes){text, strlen(text)};
}

static bool print_integer(mr_arena *arena, int64_t value, mr_bytes *text) {
    char *digits = mr_arena_alloc(arena, MR_NUMBER_MAX);
    if (digits == NULL) return false;
    *text = (mr_bytes){digits, mr_print_integer(digits, value)};
    return true;
}

/* A copy of the headers with room for `more` behind them. */
static mr_header *copy_headers(mr_arena *arena, const mr_header *headers, uint32_t count, uint32_t more) {
    mr_header *copy = mr_arena_alloc(arena, ((size_t)count + more) * sizeof *copy);
    if (copy != NULL && count > 0) memcpy(copy, headers, count * sizeof *copy);
    return copy;
}

mr_status mr_dead_letter(const mr_batch *batch, uint32_t row, int64_t timestamp, mr_outgoing *letter) {
    const mr_record *record = &batch->records[row];
    const mr_row *failed = &batch->rows[row];
    mr_header *headers = copy_headers(batch->arena, record->headers, record->header_count, OURS);
    mr_bytes partition, offset;
    if (headers == NULL || !print_integer(batch->arena, batch->partition, &partition) ||
        !print_integer(batch->arena, record->offset, &offset)) {
        return MR_NO_MEMORY;
    }
    const mr_header ours[OURS] = {
        {"__connect.errors.topic", text_of(batch->topic)},
        {"__connect.errors.partition", partition},
        {"__connect.errors.offset", offset},
        {"__connect.errors.stage", text_of(mr_stage_name(failed->stage))},
        {"__connect.errors.class.name", text_of("millrace")},
        {"__connect.errors.exception.class.name", text_of(mr_status_name(failed->status))},
        {"__connect.errors.exception.message", text_of(failed->message)},
    };
    memcpy(headers + record->header_count, ours, sizeof ours);
    *letter = (mr_outgoing){
        .destination = MR_TO_ERRORS,
        .partition = -1,
        .timestamp = timestamp,
        .key = record->key,
        .value = record->value,
        .headers = headers,
        .header_count = record->header_count + OURS,
        .row = (uint16_t)row,
    };
    return MR_OK;
}

mr_status mr_dead_letter_bare(mr_arena *arena, mr_outgoing *letter) {
    mr_header *headers = copy_headers(arena, letter->headers, letter->header_count, 1);
    mr_bytes size;
    if (headers == NULL || !print_integer(arena, (int64_t)letter->value.size, &size)) return MR_NO_MEMORY;
    headers[letter->header_count] = (mr_header){"millrace.value.size", size};
    letter->headers = headers;
    letter->header_count++;
    letter->value = (mr_bytes){NULL, 0};
    return MR_OK;
}
