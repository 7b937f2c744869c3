/* UTF-8: one character after the other. A byte that begins no character counts as one, U+FFFD. */
#ifndef MR_PMML_UTF8_H
#define MR_PMML_UTF8_H

#include "base/utf8.h"

/* Bytes of the character at `text` (size > 0), and the character. */
static inline size_t mr_utf8_read(const char *text, size_t size, uint32_t *code) {
    size_t length = mr_utf8_sequence(text, text + size);
    *code = 0xfffd;
    if (length == 0) return 1;
    uint32_t value = (unsigned char)text[0] & (length == 1 ? 0x7fu : 0x7fu >> length);
    for (size_t i = 1; i < length; i++) value = value << 6 | ((unsigned char)text[i] & 0x3f);
    *code = value;
    return length;
}

/* Bytes of the first `count` characters, or `size`. */
static inline size_t mr_utf8_skip(const char *text, size_t size, uint64_t count) {
    size_t at = 0;
    uint32_t code;
    for (; at < size && count > 0; count--) at += mr_utf8_read(text + at, size - at, &code);
    return at;
}

static inline size_t mr_utf8_length(const char *text, size_t size) {
    size_t length = 0;
    uint32_t code;
    for (size_t at = 0; at < size; length++) at += mr_utf8_read(text + at, size - at, &code);
    return length;
}

#endif
