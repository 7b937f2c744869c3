/* Reading numbers, exactly.
 *
 * 1. The digits are read into an integer w of at most 19 digits and a power q: the text is w * 10^q.
 * 2. Small ones (w below 2^53, |q| <= 22) are one exact multiplication or division (Clinger 1990).
 * 3. Others multiply w with the first 128 bits of 10^q: Lemire, "Number parsing at a gigabyte per
 *    second" (2021); Mushtak and Lemire, "Fast number parsing without fallback" (2023), prove that 128
 *    bits always suffice for w below 2^64.
 * 4. More than 19 digits: w and w + 1 enclose the number. When both round alike, that is the answer;
 *    else strtod decides. It gets digits and an exponent but no decimal point, so no locale matters,
 *    and at most 800 digits: 768 decide any double, the last one stands for all that were cut.
 */
#include "base/number.h"

#include <stdlib.h>
#include <string.h>

#include "base/number_powers.h"

/* A binary format: bits of the fraction, the lowest exponent, and for which q a product can be half
 * way between two numbers (5^q or 5^-q then fits the bits at hand). */
typedef struct binary_format {
    int fraction_bits;
    int exponent_bias;
    int exponent_infinite;
    int smallest_power, largest_power; /* of ten; below is 0, above is infinite */
    int first_half, last_half;
} binary_format;

static const binary_format double_format = {52, 1023, 0x7FF, -342, 308, -4, 23};
static const binary_format float_format = {23, 127, 0xFF, -64, 38, -17, 10};

typedef struct decimal {
    uint64_t digits; /* at most 19 of them */
    int64_t power;   /* of ten */
    bool negative;
    bool cut;          /* digits beyond the 19th were cut */
    const char *first; /* of the digits in the text, and where they end; there may be a point */
    const char *end;
    int64_t exponent; /* as written */
} decimal;

enum { DIGITS_MAX = 19, EXPONENT_MAX = 1000000, STRTOD_DIGITS = 800 };

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

/* Reads the exponent behind 'e'; absurd ones saturate. */
static const char *read_exponent(const char *at, const char *end, int64_t *exponent) {
    bool negative = false;
    if (at < end && (*at == '-' || *at == '+')) negative = *at++ == '-';
    if (at == end || !is_digit(*at)) return NULL;
    int64_t value = 0;
    for (; at < end && is_digit(*at); at++) {
        if (value < EXPONENT_MAX) value = value * 10 + (*at - '0');
    }
    *exponent = negative ? -value : value;
    return at;
}

/* Digits again, for texts of more than 19: the first 19 that count. */
static void read_long(decimal *number) {
    uint64_t digits = 0;
    int count = 0;
    int64_t power = 0;
    bool fraction = false;
    for (const char *at = number->first; at < number->end; at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        if (count < DIGITS_MAX) {
            digits = digits * 10 + (uint64_t)(*at - '0');
            count += digits != 0;
            power -= fraction;
        } else {
            number->cut |= *at != '0';
            power += !fraction;
        }
    }
    number->digits = digits;
    number->power = power + number->exponent;
}

static bool read_decimal(const char *at, const char *end, decimal *number) {
    number->negative = false;
    number->cut = false;
    if (at < end && (*at == '-' || *at == '+')) number->negative = *at++ == '-';
    number->first = at;
    uint64_t digits = 0;
    while (at < end && is_digit(*at)) digits = digits * 10 + (uint64_t)(*at++ - '0');
    int64_t count = at - number->first;
    int64_t power = 0;
    if (at < end && *at == '.') {
        const char *point = at++;
        while (at < end && is_digit(*at)) digits = digits * 10 + (uint64_t)(*at++ - '0');
        power = point + 1 - at;
        count -= power;
    }
    if (count == 0) return false;
    number->end = at;
    number->exponent = 0;
    if (at < end && (*at | 0x20) == 'e') {
        at = read_exponent(at + 1, end, &number->exponent);
        if (at == NULL) return false;
    }
    number->digits = digits;
    number->power = power + number->exponent;
    if (count > DIGITS_MAX) read_long(number);
    return at == end;
}

/* digits * 10^power rounded to the format, as its bits without a sign. */
static uint64_t round_decimal(uint64_t digits, int64_t power, const binary_format *format) {
    uint64_t infinite = (uint64_t)format->exponent_infinite << format->fraction_bits;
    if (digits == 0 || power < format->smallest_power) return 0;
    if (power > format->largest_power) return infinite;

    int q = (int)power;
    int zeros = __builtin_clzll(digits);
    digits <<= zeros;
    mr_power_of_ten ten = mr_powers_of_ten[q - MR_POWER_FIRST];
    if (q < 0 && q >= -27 && ++ten.low == 0) ten.high++; /* the proof wants these rounded up */
    mr_uint128 product = (mr_uint128)digits * ten.high;
    uint64_t mask = UINT64_MAX >> (format->fraction_bits + 3);
    if (((uint64_t)(product >> 64) & mask) == mask)
        product += (uint64_t)(((mr_uint128)digits * ten.low) >> 64);
    uint64_t upper = (uint64_t)(product >> 64);
    uint64_t lower = (uint64_t)product;

    int upper_bit = (int)(upper >> 63);
    int shift = upper_bit + 64 - format->fraction_bits - 3;
    uint64_t mantissa = upper >> shift; /* one bit more than the format holds, to round by */
    int exponent = ((217706 * q) >> 16) + 63 + upper_bit - zeros + format->exponent_bias;
    if (exponent <= 0) { /* subnormal */
        if (exponent <= -63) return 0;
        mantissa >>= 1 - exponent;
        return (mantissa + (mantissa & 1)) >> 1; /* a carry makes it the smallest normal number */
    }
    bool half = lower <= 1 && q >= format->first_half && q <= format->last_half && (mantissa & 3) == 1 &&
                mantissa << shift == upper;
    if (half) mantissa &= ~(uint64_t)1; /* to even */
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> (format->fraction_bits + 1)) {
        mantissa >>= 1;
        exponent++;
    }
    if (exponent >= format->exponent_infinite) return infinite;
    uint64_t fraction = mantissa & (((uint64_t)1 << format->fraction_bits) - 1);
    return ((uint64_t)exponent << format->fraction_bits) | fraction;
}

/* "ddd...e123" of the number for strtod, without sign; text has STRTOD_DIGITS + 32 bytes. */
static void write_for_strtod(const decimal *number, char *text) {
    int count = 0;
    int64_t power = number->exponent;
    bool fraction = false;
    bool rest = false;
    for (const char *at = number->first; at < number->end; at++) {
        if (*at == '.') {
            fraction = true;
        } else if (count < STRTOD_DIGITS) {
            if (count > 0 || *at != '0') text[count++] = *at;
            power -= fraction;
        } else {
            rest |= *at != '0';
            power += !fraction;
        }
    }
    if (rest) text[count - 1] = text[count - 1] == '0' ? '1' : text[count - 1];
    text[count++] = 'e';
    if (power > EXPONENT_MAX) power = EXPONENT_MAX;
    if (power < -EXPONENT_MAX) power = -EXPONENT_MAX;
    text[count + (int)mr_print_integer(text + count, power)] = '\0';
}

/* NaN and the infinities, whose names have at most 9 bytes. */
static bool parse_special(const char *text, size_t size, double *value) {
    bool negative = size > 0 && *text == '-';
    if (negative || (size > 0 && *text == '+')) text++, size--;
    if (size == 3 && memcmp(text, "NaN", 3) == 0) {
        *value = __builtin_nan("");
        return true;
    }
    if ((size == 3 && memcmp(text, "INF", 3) == 0) || (size == 8 && memcmp(text, "Infinity", 8) == 0)) {
        *value = negative ? -__builtin_inf() : __builtin_inf();
        return true;
    }
    return false;
}

const double mr_exact_tens[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

double mr_decimal_double(uint64_t digits, int64_t power) {
    if (digits <= (uint64_t)1 << 53 && power >= -22 && power <= 22) {
        double whole = (double)digits;
        return power < 0 ? whole / mr_exact_tens[-power] : whole * mr_exact_tens[power];
    }
    uint64_t bits = round_decimal(digits, power, &double_format);
    double result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

bool mr_parse_double(const char *text, size_t size, double *value) {
    decimal number;
    if (size == 0) return false;
    if (!read_decimal(text, text + size, &number)) return parse_special(text, size, value);
    double result = mr_decimal_double(number.digits, number.power);
    if (number.cut && result != mr_decimal_double(number.digits + 1, number.power)) {
        char copy[STRTOD_DIGITS + MR_NUMBER_MAX];
        write_for_strtod(&number, copy);
        result = strtod(copy, NULL);
    }
    *value = number.negative ? -result : result;
    return true;
}

bool mr_parse_float(const char *text, size_t size, float *value) {
    decimal number;
    if (size == 0) return false;
    if (!read_decimal(text, text + size, &number)) {
        double special;
        if (!parse_special(text, size, &special)) return false;
        *value = (float)special;
        return true;
    }
    uint32_t bits = (uint32_t)round_decimal(number.digits, number.power, &float_format);
    float result;
    memcpy(&result, &bits, sizeof result);
    if (number.cut && bits != round_decimal(number.digits + 1, number.power, &float_format)) {
        char copy[STRTOD_DIGITS + MR_NUMBER_MAX];
        write_for_strtod(&number, copy);
        result = strtof(copy, NULL);
    }
    *value = number.negative ? -result : result;
    return true;
}

bool mr_parse_integer(const char *text, size_t size, int64_t *value) {
    const char *end = text + size;
    bool negative = false;
    if (size > 0 && (*text == '-' || *text == '+')) negative = *text++ == '-';
    if (text == end) return false;
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t result = 0;
    for (; text < end; text++) {
        if (!is_digit(*text)) return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (result > (limit - digit) / 10) return false;
        result = result * 10 + digit;
    }
    *value = negative ? (int64_t)(0 - result) : (int64_t)result;
    return true;
}
