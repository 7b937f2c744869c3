/* Durations and sizes: one table of units each, the largest unit last. */
#include "base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct unit {
    const char *name;
    int64_t factor;
} unit;

static const unit duration_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

static const unit decimal_units[] = {
    {"B", 1}, {"kB", 1000}, {"MB", 1000000}, {"GB", 1000000000}, {"TB", 1000000000000}};

static const unit binary_units[] = {{"KiB", INT64_C(1) << 10},
                                    {"MiB", INT64_C(1) << 20},
                                    {"GiB", INT64_C(1) << 30},
                                    {"TiB", INT64_C(1) << 40}};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int64_t factor_of(const char *name, const unit *units, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, units[i].name) == 0) return units[i].factor;
    return 0;
}

/* Reads the digits; *rest: what follows them. */
static bool parse_digits(const char *text, int64_t *value, const char **rest) {
    int64_t number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, *at - '0', &number))
            return false;
    *value = number;
    *rest = at;
    return at > text;
}

bool mr_parse_duration(const char *text, int64_t *milliseconds) {
    int64_t number, product;
    const char *name;
    if (!parse_digits(text, &number, &name)) return false;
    int64_t factor =
        *name == '\0' && number == 0 ? 1 : factor_of(name, duration_units, COUNT(duration_units));
    if (factor == 0 || __builtin_mul_overflow(number, factor, &product)) return false;
    *milliseconds = product;
    return true;
}

bool mr_parse_size(const char *text, int64_t *bytes) {
    int64_t number, product;
    const char *name;
    if (!parse_digits(text, &number, &name)) return false;
    int64_t factor = *name == '\0' ? 1 : factor_of(name, decimal_units, COUNT(decimal_units));
    if (factor == 0) factor = factor_of(name, binary_units, COUNT(binary_units));
    if (factor == 0 || __builtin_mul_overflow(number, factor, &product)) return false;
    *bytes = product;
    return true;
}

static bool print_in(char *text, int64_t value, const unit *units, size_t count) {
    for (size_t i = count; i-- > 0 && value != 0;) {
        if (value % units[i].factor != 0) continue;
        snprintf(text, MR_UNITS_MAX, "%" PRId64 "%s", value / units[i].factor, units[i].name);
        return true;
    }
    return false;
}

void mr_print_duration(char *text, int64_t milliseconds) {
    if (!print_in(text, milliseconds, duration_units, COUNT(duration_units)))
        snprintf(text, MR_UNITS_MAX, "0");
}

/* Binary units first: 65536 is "64KiB" to a reader, 64000 is "64kB". */
void mr_print_size(char *text, int64_t bytes) {
    if (print_in(text, bytes, binary_units, COUNT(binary_units))) return;
    if (!print_in(text, bytes, decimal_units, COUNT(decimal_units))) snprintf(text, MR_UNITS_MAX, "0");
}
