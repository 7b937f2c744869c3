/* A body that grows by doubling, with a sticky failure; see answer.h.
 *
 * Names come from the models topic, so they may be any bytes: what is not UTF-8 is replaced, since
 * neither JSON nor Prometheus can carry it.
 */
#include "http/answer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/utf8.h"

static bool make_room(mr_http_answer *answer, size_t size) {
    if (answer->failed) return false;
    if (size <= answer->capacity - answer->size) return true;
    size_t wanted = answer->capacity ? answer->capacity : 1024;
    while (wanted - answer->size < size && wanted < MR_HTTP_BODY_MAX) wanted *= 2;
    char *grown = wanted - answer->size < size ? NULL : mr_realloc(answer->data, wanted);
    if (grown == NULL) {
        answer->failed = true;
        return false;
    }
    answer->data = grown;
    answer->capacity = wanted;
    return true;
}

void mr_http_append(mr_http_answer *answer, const char *data, size_t size) {
    if (!make_room(answer, size)) return;
    memcpy(answer->data + answer->size, data, size);
    answer->size += size;
}

void mr_http_append_utf8(mr_http_answer *answer, const char *data, size_t size) {
    for (const char *at = data, *end = data + size; at < end;) {
        size_t length = mr_utf8_sequence(at, end);
        mr_http_append(answer, length ? at : "\xEF\xBF\xBD", length ? length : 3);
        at += length ? length : 1;
    }
}

void mr_http_print(mr_http_answer *answer, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text) {
        answer->failed = true; /* only short, fixed texts are printed */
        return;
    }
    mr_http_append(answer, text, (size_t)length);
}

void mr_http_append_double(mr_http_answer *answer, double value) {
    char text[MR_NUMBER_MAX];
    if (isinf(value)) {
        mr_http_append(answer, value > 0 ? "+Inf" : "-Inf", 4);
    } else {
        mr_http_append(answer, text, mr_print_double(text, value));
    }
}

static int append_dump(const char *data, size_t size, void *answer) {
    mr_http_append(answer, data, size);
    return ((mr_http_answer *)answer)->failed ? -1 : 0;
}

void mr_http_answer_json(mr_http_answer *answer, unsigned status, json_t *value) {
    answer->status = status;
    answer->content_type = "application/json";
    /* 15 digits: what people wrote comes back as they wrote it. */
    if (value == NULL ||
        json_dump_callback(value, append_dump, answer, JSON_COMPACT | JSON_REAL_PRECISION(15)) != 0) {
        answer->failed = true;
    }
    mr_http_append(answer, "\n", 1);
    json_decref(value);
}

void mr_http_answer_error(mr_http_answer *answer, unsigned status, const char *what, const char *fix,
                          const char *more_name, json_t *more) {
    json_t *value = json_pack("{s:o,s:o}", "error", mr_http_json_text(what), "fix", mr_http_json_text(fix));
    if (more_name != NULL && json_object_set_new(value, more_name, more) != 0) {
        json_decref(value);
        value = NULL;
    }
    mr_http_answer_json(answer, status, value);
}

json_t *mr_http_json_text(const char *text) {
    if (text == NULL) return json_null();
    json_t *whole = json_string(text);
    if (whole != NULL) return whole;
    mr_http_answer repaired = {0};
    mr_http_append_utf8(&repaired, text, strlen(text));
    json_t *value = repaired.failed ? NULL : json_stringn(repaired.data, repaired.size);
    mr_free(repaired.data);
    return value;
}
