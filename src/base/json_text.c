/* Runs of plain bytes are copied whole; quotes, backslashes and control characters are escaped. */
#include "base/json_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static size_t write_escape(char *to, unsigned char c) {
    static const char letters[] = "\"\\\b\f\n\r\t";
    static const char escapes[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    const char *letter = c ? strchr(letters, c) : NULL;
    to[0] = '\\';
    if (letter != NULL) {
        to[1] = escapes[letter - letters];
        return 2;
    }
    memcpy(to + 1, "u00", 3);
    to[4] = hex[c >> 4];
    to[5] = hex[c & 15];
    return 6;
}

size_t mr_json_write_string(char *to, const char *data, size_t size) {
    const char *end = size ? data + size : data; /* data may be NULL then */
    char *at = to;
    *at++ = '"';
    while (data < end) {
        const char *run = data;
        while (data < end && is_plain((unsigned char)*data)) data++;
        memcpy(at, run, (size_t)(data - run));
        at += data - run;
        if (data == end) break;
        size_t sequence = mr_utf8_sequence(data, end);
        if (sequence > 1) {
            memcpy(at, data, sequence);
            at += sequence;
            data += sequence;
        } else if (sequence == 1) {
            at += write_escape(at, (unsigned char)*data++);
        } else {
            memcpy(at, "\xef\xbf\xbd", 3);
            at += 3;
            data++;
        }
    }
    *at++ = '"';
    return (size_t)(at - to);
}

size_t mr_json_write_double(char *to, double value) {
    if (__builtin_isfinite(value)) return mr_print_double(to, value);
    size_t size = mr_print_double(to + 1, value);
    to[0] = '"';
    to[size + 1] = '"';
    return size + 2;
}
