/* Unicode: binary searches in the runs of unicode_table.h. What depends on the language or on the letters
 * around is left out (the Turkish i, the Greek sigma at the end of a word). */
#include "pmml/expression/unicode.h"

#include <string.h>

#include "pmml/expression/unicode_table.h"
#include "pmml/expression/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static uint32_t change_one(uint32_t code, bool upper) {
    const mr_case_run *runs = upper ? upper_runs : lower_runs;
    size_t low = 0, high = upper ? COUNT(upper_runs) : COUNT(lower_runs);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (runs[middle].last < code) low = middle + 1;
        else high = middle;
    }
    if (low == (upper ? COUNT(upper_runs) : COUNT(lower_runs)) || code < runs[low].first) return code;
    if ((code - runs[low].first) % runs[low].step != 0) return code;
    return (uint32_t)((int64_t)code + runs[low].delta);
}

static const char *several(uint32_t code, bool upper) {
    const mr_case_string *strings = upper ? upper_strings : lower_strings;
    size_t low = 0, high = upper ? COUNT(upper_strings) : COUNT(lower_strings);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strings[middle].code == code) return strings[middle].other;
        if (strings[middle].code < code) low = middle + 1;
        else high = middle;
    }
    return NULL;
}

size_t mr_change_case(const char *text, size_t size, bool upper, char *to) {
    size_t at = 0, written = 0;
    while (at < size) {
        unsigned char byte = (unsigned char)text[at];
        char bytes[4];
        const char *other = bytes;
        size_t count = 1, length = 1;
        if (byte < 0x80) {
            bool letter = upper ? byte >= 'a' && byte <= 'z' : byte >= 'A' && byte <= 'Z';
            bytes[0] = (char)(letter ? byte ^ 0x20 : byte);
        } else {
            uint32_t code;
            length = mr_utf8_read(text + at, size - at, &code);
            const char *string = length > 1 ? several(code, upper) : NULL;
            if (string) other = string, count = strlen(string);
            else if (length > 1) count = mr_utf8_write(bytes, change_one(code, upper));
            else bytes[0] = (char)byte;
        }
        if (to) memcpy(to + written, other, count);
        written += count;
        at += length;
    }
    return written;
}

bool mr_is_punctuation(uint32_t code) {
    size_t low = 0, high = COUNT(punctuation_runs);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (punctuation_runs[middle][1] < code) low = middle + 1;
        else high = middle;
    }
    return low < COUNT(punctuation_runs) && punctuation_runs[low][0] <= code;
}
