/* Headers are copied into the arena with ours behind them; a message's own of the same names stay in front,
 * as it was dead-lettered before. */
#include "core/dead_letter.h"

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

mr_status mr_dead_letter(mr_arena *arena, const mr_record *record, const mr_failure *failure,
                         mr_outgoing *letter) {
    uint32_t count = record->header_count;
    mr_header *headers = copy_headers(arena, record->headers, count, OURS + 1);
    mr_bytes partition, offset;
    if (headers == NULL || !print_integer(arena, failure->partition, &partition) ||
        !print_integer(arena, record->offset, &offset)) {
        return MR_NO_MEMORY;
    }
    const mr_header ours[OURS] = {
        {"__connect.errors.topic", text_of(failure->topic)},
        {"__connect.errors.partition", partition},
        {"__connect.errors.offset", offset},
        {"__connect.errors.stage", text_of(failure->stage)},
        {"__connect.errors.class.name", text_of("millrace")},
        {"__connect.errors.exception.class.name", text_of(mr_status_name(failure->status))},
        {"__connect.errors.exception.message", text_of(failure->message)},
    };
    memcpy(headers + count, ours, sizeof ours);
    count += OURS;
    if (failure->more != NULL) headers[count++] = *failure->more;
    *letter = (mr_outgoing){
        .destination = MR_TO_ERRORS,
        .partition = -1,
        .timestamp = record->timestamp,
        .key = record->key,
        .value = record->value,
        .headers = headers,
        .header_count = count,
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
