/* Writing numbers: the shortest text that reads back to the same value, and of those the nearest.
 *
 * Schubfach: Giulietti, "The Schubfach way to render doubles" (2020). The numbers that round to the
 * value v lie between two bounds. Scaled by a power of ten 10^-k, chosen so that a grid of distance 1
 * has at least one point between the bounds and a grid of distance 10 has at most one, the shortest
 * decimal is that point of the coarse grid, else the point of the fine grid that is nearest to v. Four times
 * v and the bounds are integers after scaling, kept to 64 bits "rounded to odd", which compares
 * like the exact value.
 */
#include "base/number.h"

#include <string.h>

#include "base/number_powers.h"

typedef struct shortest {
    uint64_t digits;
    int power; /* the value is digits * 10^power */
} shortest;

/* (ten * factor) >> 128 with a set lowest bit when bits were lost. */
static inline uint64_t scale_to_odd(mr_power_of_ten ten, uint64_t factor) {
    mr_uint128 product = (mr_uint128)ten.high * factor + (uint64_t)(((mr_uint128)ten.low * factor) >> 64);
    return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

/* Shortest decimal for mantissa * 2^exponent. `closer`: the number below is half as far away as the
 * one above (the mantissa is a power of two). */
static shortest find_shortest(uint64_t mantissa, int exponent, bool closer) {
    int k = (exponent * 1262611 - (closer ? 524031 : 0)) >> 22; /* floor(log10(2^e)), or of 3/4 2^e */
    int shift = exponent + ((-k * 1741647) >> 19) + 1;          /* 1741647 / 2^19 is log2(10) */
    mr_power_of_ten ten = mr_powers_of_ten[-k - MR_POWER_FIRST];
    if ((k > 0 || k < -55) && ++ten.low == 0) ten.high++; /* rounded up where it is not exact */
    uint64_t low = scale_to_odd(ten, (4 * mantissa - 2 + closer) << shift);
    uint64_t value = scale_to_odd(ten, (4 * mantissa) << shift);
    uint64_t high = scale_to_odd(ten, (4 * mantissa + 2) << shift);
    bool odd = mantissa & 1; /* then the bounds themselves do not round to v */
    low += odd;
    high -= odd;

    uint64_t fine = value / 4;
    if (fine >= 10) {
        uint64_t coarse = fine / 10;
        bool below = low <= 40 * coarse;
        bool above = 40 * coarse + 40 <= high;
        if (below != above) return (shortest){coarse + above, k + 1};
    }
    bool below = low <= 4 * fine;
    bool above = 4 * fine + 4 <= high;
    if (below != above) return (shortest){fine + above, k};
    uint64_t middle = 4 * fine + 2;
    bool up = value > middle || (value == middle && (fine & 1));
    return (shortest){fine + up, k};
}

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                            "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

static inline size_t count_digits(uint64_t value) {
    size_t count = 1;
    for (;; count += 4, value /= 10000) {
        if (value < 10) return count;
        if (value < 100) return count + 1;
        if (value < 1000) return count + 2;
        if (value < 10000) return count + 3;
    }
}

/* Exactly `count` digits, from the last to the first. */
static inline void write_digits(char *text, uint64_t value, size_t count) {
    char *at = text + count;
    while (count >= 2) {
        at -= 2;
        memcpy(at, pairs + 2 * (value % 100), 2);
        value /= 100;
        count -= 2;
    }
    if (count) at[-1] = (char)('0' + value);
}

/* The layout of JavaScript's Number.toString: plain from 1e-6 up to 1e21, else with an exponent. */
static size_t write_decimal(char *text, shortest decimal) {
    while (decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        decimal.power++;
    }
    int count = (int)count_digits(decimal.digits);
    int point = count + decimal.power; /* digits before the decimal point */
    if (point > 21 || point <= -6) {
        write_digits(text + 1, decimal.digits, (size_t)count);
        text[0] = text[1];
        size_t size = 1;
        if (count > 1) {
            text[1] = '.';
            size = (size_t)count + 1;
        }
        text[size++] = 'e';
        if (point > 0) text[size++] = '+';
        return size + mr_print_integer(text + size, point - 1);
    }
    if (point <= 0) {
        memset(text, '0', (size_t)(2 - point));
        text[1] = '.';
        write_digits(text + 2 - point, decimal.digits, (size_t)count);
        return (size_t)(2 - point + count);
    }
    if (point >= count) {
        write_digits(text, decimal.digits, (size_t)count);
        memset(text + count, '0', (size_t)(point - count));
        return (size_t)point;
    }
    write_digits(text + 1, decimal.digits, (size_t)count);
    memmove(text, text + 1, (size_t)point);
    text[point] = '.';
    return (size_t)count + 1;
}

static size_t print_special(char *text, bool nan) {
    memcpy(text, nan ? "NaN" : "Infinity", nan ? 3 : 8);
    return nan ? 3 : 8;
}

size_t mr_print_double(char *text, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    int exponent = (int)(bits >> 52 & 0x7FF);
    size_t sign = 0;
    if (bits >> 63 && !(exponent == 0x7FF && fraction != 0)) text[sign++] = '-';
    if (exponent == 0x7FF) return sign + print_special(text + sign, fraction != 0);
    double magnitude = bits >> 63 ? -value : value;
    if (magnitude < 9007199254740992.0 && magnitude == (double)(uint64_t)magnitude) {
        return sign + mr_print_integer(text + sign, (int64_t)magnitude);
    }
    uint64_t mantissa = exponent ? fraction | (uint64_t)1 << 52 : fraction;
    shortest decimal =
        find_shortest(mantissa, (exponent ? exponent : 1) - 1075, fraction == 0 && exponent > 1);
    return sign + write_decimal(text + sign, decimal);
}

size_t mr_print_float(char *text, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t fraction = bits & ((1u << 23) - 1);
    int exponent = (int)(bits >> 23 & 0xFF);
    size_t sign = 0;
    if (bits >> 31 && !(exponent == 0xFF && fraction != 0)) text[sign++] = '-';
    if (exponent == 0xFF) return sign + print_special(text + sign, fraction != 0);
    float magnitude = bits >> 31 ? -value : value;
    if (magnitude < 16777216.0f && magnitude == (float)(uint32_t)magnitude) {
        return sign + mr_print_integer(text + sign, (int64_t)magnitude);
    }
    uint32_t mantissa = exponent ? fraction | 1u << 23 : fraction;
    shortest decimal =
        find_shortest(mantissa, (exponent ? exponent : 1) - 150, fraction == 0 && exponent > 1);
    return sign + write_decimal(text + sign, decimal);
}

size_t mr_print_integer(char *text, int64_t value) {
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t sign = value < 0;
    if (sign) *text++ = '-';
    size_t count = count_digits(magnitude);
    write_digits(text, magnitude, count);
    return sign + count;
}
