/* UTF-8: is it valid (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF)? Any thread. */
#ifndef MR_BASE_UTF8_H
#define MR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool mr_utf8_valid(const char *data, size_t size);

/* Bytes of the sequence that begins at `at`, 1 to 4; 0 when it is not valid or ends behind `end`. */
size_t mr_utf8_sequence(const char *at, const char *end);

/* Writes a code point (valid, no surrogate); 1 to 4 bytes. Returns how many. */
size_t mr_utf8_write(char *to, uint32_t point);

#endif
