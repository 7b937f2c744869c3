/* UTF-8: one character from bytes and to bytes. A byte that begins no character counts as one. */
#ifndef MR_PMML_UTF8_H
#define MR_PMML_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at `text` (size > 0), and the character; of a wrong byte 1 and U+FFFD. */
static inline size_t mr_utf8_read(const char *text, size_t size, uint32_t *code) {
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = bytes[0] < 0x80       ? 1
                    : bytes[0] >> 5 == 6  ? 2
                    : bytes[0] >> 4 == 14 ? 3
                    : bytes[0] >> 3 == 30 ? 4
                                          : 0;
    *code = 0xfffd;
    if (length == 0 || length > size) return 1;
    uint32_t value = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (bytes[i] >> 6 != 2) return 1;
        value = value << 6 | (bytes[i] & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10ffff || value >> 11 == 0x1b) return 1;
    *code = value;
    return length;
}

static inline size_t mr_utf8_write(uint32_t code, char *text) {
    if (code < 0x80) {
        text[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, code >>= 6) text[i] = (char)(0x80 | (code & 0x3f));
    text[0] = (char)((0xf00u >> length & 0xff) | code);
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
