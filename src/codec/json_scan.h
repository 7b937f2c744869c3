/* A forward scanner of JSON (RFC 8259) over a view without an end mark: nothing is read at or behind `end`,
 * nothing is allocated, and every byte is looked at once.
 *
 * Each function begins at scanner->at and leaves it behind what it took. On a mistake it returns false, with
 * `at` at the place and `problem` in words. Any thread.
 */
#ifndef MR_CODEC_JSON_SCAN_H
#define MR_CODEC_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MR_JSON_DEPTH = 512 }; /* of arrays and objects in each other */

typedef struct mr_json_scanner {
    const char *at, *end;
    const char *problem; /* static */
    bool too_deep;       /* the problem is MR_JSON_DEPTH */
} mr_json_scanner;

typedef enum mr_json_kind {
    MR_JSON_NULL,
    MR_JSON_FALSE,
    MR_JSON_TRUE,
    MR_JSON_NUMBER,
    MR_JSON_STRING,
    MR_JSON_NESTED /* an array or object, passed over */
} mr_json_kind;

typedef struct mr_json_value {
    mr_json_kind kind;
    bool escaped;     /* string: there are backslashes in it */
    bool negative;    /* number */
    bool whole;       /* number: neither fraction nor exponent */
    bool exact;       /* number: its magnitude is digits * 10^power, else only the text says it */
    const char *text; /* number: all of it; string: what is between the quotes */
    size_t size;
    uint64_t digits;
    int32_t power;
} mr_json_value;

/* Any value; nested ones are checked and passed over. */
bool mr_json_scan_value(mr_json_scanner *scanner, mr_json_value *value);

/* Resolves the escapes of a string that the scanner took. Returns the length, at most `size`; SIZE_MAX: a
 * half of a surrogate pair, which no UTF-8 can say. */
size_t mr_json_unescape(char *to, const char *text, size_t size);

/* Takes a string without looking at plain ASCII; `at` is on the opening quote. */
bool mr_json_scan_string(mr_json_scanner *scanner, mr_json_value *value);

static inline bool mr_json_fail(mr_json_scanner *scanner, const char *problem) {
    scanner->problem = problem;
    return false;
}

static inline void mr_json_skip_blanks(mr_json_scanner *scanner) {
    const char *at = scanner->at;
    while (at < scanner->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
    scanner->at = at;
}

/* Blanks, this byte, blanks. */
static inline bool mr_json_take(mr_json_scanner *scanner, char byte) {
    if (scanner->at < scanner->end && *scanner->at == byte) {
        scanner->at++;
    } else {
        mr_json_skip_blanks(scanner);
        if (scanner->at == scanner->end || *scanner->at != byte) return false;
        scanner->at++;
    }
    mr_json_skip_blanks(scanner);
    return true;
}

#endif
