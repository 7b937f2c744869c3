/* Numbers of JSON, eight digits at a time: eight bytes are one word, and three multiplications make the
 * number of them. Any thread. */
#ifndef MR_CODEC_JSON_NUMBER_H
#define MR_CODEC_JSON_NUMBER_H

#include "base/number.h"
#include "codec/json_scan.h"

/* A number at scanner->at. */
bool mr_json_scan_number(mr_json_scanner *scanner, mr_json_value *value);

/* The double nearest to a number. */
double mr_json_number(const mr_json_value *value);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MR_JSON_WORDS 1 /* the first byte in memory is the lowest of a word */

/* A word's digits, each a number 0 to 9, and the high bits of those bytes that are no digits. A carry out
 * of a byte beyond ASCII spoils the bytes above it: so all up to the first that is no digit is exact, and
 * when that is ASCII, up to the second. */
static inline uint64_t mr_json_digits(const char *at, uint64_t *others) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    uint64_t digits = bytes ^ ones * '0';
    *others = (digits | (digits + ones * (0x80 - 10))) & ones * 0x80;
    return digits;
}

/* The number that eight decimal digits are, the first one in the lowest byte. */
static inline uint64_t mr_json_number_of_digits(uint64_t digits) {
    digits = digits * 10 + (digits >> 8); /* of two, in every other byte */
    return (((digits & 0x000000ff000000ff) * 0x000f424000000064) +
            (((digits >> 16) & 0x000000ff000000ff) * 0x0000271000000001)) >>
           32;
}

/* A number of at most seven bytes without sign and exponent, and a comma behind it, eight of which are there:
 * returns the comma's address; NULL: it is another value, or none. No branch depends on how many digits there
 * are: that is learnt from no record for the next one. */
static inline const char *mr_json_short_number(const char *at, double *value) {
    uint64_t others, digits = mr_json_digits(at, &others);
    if (others == 0) return NULL;
    uint64_t behind = others & (others - 1), first = others ^ behind;
    unsigned whole = (unsigned)__builtin_ctzll(others) / 8, size = whole, fraction = 0;
    bool leading_zero = ((digits & 0xff) | (others & 0x8000)) == 0;
    if (whole == 0 || leading_zero) return NULL;
    if (at[whole] == '.') {
        if (behind == 0 || (behind & first << 8)) return NULL;
        size = (unsigned)__builtin_ctzll(behind) / 8;
        fraction = size - whole - 1;
        uint64_t above = -(first << 1), moved = digits << 8;
        digits = moved ^ ((moved ^ digits) & above); /* those before the point, moved over it */
    }
    digits <<= 64 - 8 * size; /* the last digit in the highest byte, 0 before the first */
    *value = (double)(int64_t)mr_json_number_of_digits(digits) / mr_exact_tens[fraction];
    return at[size] == ',' ? at + size : NULL;
}
#endif

#endif
