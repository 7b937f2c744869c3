/* The digits are gathered on the way, so that a number of at most 19 needs no second look. */
#include "codec/json_number.h"

static inline bool is_digit(const char *at, const char *end) {
    return at < end && (unsigned char)(*at - '0') < 10;
}

/* Appends the digits at `at` to *digits, which wraps beyond 19 of them. Returns what is behind them. */
static inline const char *read_digits(const char *at, const char *end, uint64_t *digits) {
#ifdef MR_JSON_WORDS
    static const uint32_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    while (end - at >= 8) {
        uint64_t others, word = mr_json_digits(at, &others);
        unsigned count = others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
        if (count == 0) return at;
        *digits = *digits * tens[count] + mr_json_number_of_digits(word << (64 - 8 * count));
        at += count;
        if (count < 8) return at;
    }
#endif
    while (is_digit(at, end)) *digits = *digits * 10 + (uint64_t)(*at++ - '0');
    return at;
}

/* Reads what follows 'e'; absurd exponents saturate. NULL: no digit does. */
static const char *read_exponent(mr_json_scanner *scanner, const char *at, int32_t *power) {
    bool down = at < scanner->end && *at == '-';
    if (at < scanner->end && (*at == '-' || *at == '+')) at++;
    scanner->at = at;
    if (!is_digit(at, scanner->end)) return NULL;
    int32_t exponent = 0;
    for (; is_digit(at, scanner->end); at++)
        exponent = exponent < 10000 ? exponent * 10 + (*at - '0') : exponent;
    *power += down ? -exponent : exponent;
    return at;
}

bool mr_json_scan_number(mr_json_scanner *scanner, mr_json_value *value) {
    const char *at = scanner->at, *end = scanner->end;
    value->kind = MR_JSON_NUMBER;
    value->text = at;
    value->whole = true;
    value->negative = *at == '-';
    value->digits = 0;
    value->power = 0;
    const char *first = at + value->negative;
    at = read_digits(first, end, &value->digits);
    ptrdiff_t count = at - first;
    scanner->at = at;
    if (count == 0) return mr_json_fail(scanner, "a value must begin here");
    if (*first == '0' && count > 1) return mr_json_fail(scanner, "a number has no leading zeros");
    if (at < end && *at == '.') {
        const char *point = ++at;
        at = read_digits(point, end, &value->digits);
        scanner->at = at;
        if (at == point) return mr_json_fail(scanner, "digits must follow the decimal point");
        count += at - point;
        value->power = point - at < INT16_MIN ? INT16_MIN : (int32_t)(point - at);
        value->whole = false;
    }
    if (at < end && (*at | 0x20) == 'e') {
        value->whole = false;
        at = read_exponent(scanner, at + 1, &value->power);
        if (at == NULL) return mr_json_fail(scanner, "digits must follow the exponent's sign");
    }
    value->exact = count <= 19;
    value->size = (size_t)(at - value->text);
    scanner->at = at;
    return true;
}

double mr_json_number(const mr_json_value *value) {
    double number = 0;
    if (value->exact) {
        number = mr_decimal_double(value->digits, value->power);
        return value->negative ? -number : number;
    }
    mr_parse_double(value->text, value->size, &number);
    return number;
}
