/* Answer: status and body of one response, as it grows.
 *
 * Errors are sticky: once memory (or the limit) is out the answer is `failed`, later appends do
 * nothing, and the server sends its prepared "out of memory" instead. So no builder has to check each
 * step. HTTP thread only.
 */
#ifndef MR_HTTP_ANSWER_H
#define MR_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "millrace/status.h"

enum { MR_HTTP_BODY_MAX = 32 << 20 }; /* bytes */

typedef struct mr_http_answer {
    unsigned status;
    const char *content_type; /* static */
    char *data;               /* owned until the response takes it; release with mr_free */
    size_t size;
    size_t capacity;
    bool failed;
} mr_http_answer;

void mr_http_append(mr_http_answer *answer, const char *data, size_t size);
/* Bytes that are not UTF-8 become U+FFFD. */
void mr_http_append_utf8(mr_http_answer *answer, const char *data, size_t size);
void mr_http_print(mr_http_answer *answer, const char *format, ...) MR_PRINTF(2, 3);
/* The shortest number that reads back; "+Inf" and "NaN" as Prometheus writes them. */
void mr_http_append_double(mr_http_answer *answer, double value);

/* The body is this value (taken; NULL: failed), its type application/json. */
void mr_http_answer_json(mr_http_answer *answer, unsigned status, json_t *value);
/* {"error", "fix"}, then, unless it is NULL, `more` (taken) as `more_name`. */
void mr_http_answer_error(mr_http_answer *answer, unsigned status, const char *what, const char *fix,
                          const char *more_name, json_t *more);

/* A JSON string of any bytes, repaired as above. NULL gives null. */
json_t *mr_http_json_text(const char *text);

#endif
