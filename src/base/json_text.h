/* Strings and numbers as JSON text (RFC 8259). Any thread. */
#ifndef MR_BASE_JSON_TEXT_H
#define MR_BASE_JSON_TEXT_H

#include <stddef.h>

/* Most bytes that a string of `size` bytes takes, quotes included. */
#define MR_JSON_STRING_MAX(size) ((size) * 6 + 2)

/* Writes a quoted string; bytes that are not UTF-8 become U+FFFD. Returns the length; no closing zero. */
size_t mr_json_write_string(char *to, const char *data, size_t size);

/* Writes a number in its shortest form (at most MR_NUMBER_MAX bytes and two quotes). JSON knows no
 * NaN and no infinities: they become "NaN", "Infinity", "-Infinity", as in protobuf's JSON. */
size_t mr_json_write_double(char *to, double value);

#endif
