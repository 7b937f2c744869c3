/* Values, by a table of the types: the name, what it is outside, how it is held, and the epoch it counts
 * from. */
#include "pmml/field/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/number.h"
#include "pmml/expression/dates.h"

/* Days from 1970-01-01 to the first day of the year that a type counts from. */
enum {
    YEAR_0 = -719528,
    YEAR_1960 = -3653,
    YEAR_1970 = 0,
    YEAR_1980 = 3652,
    YEAR_1990 = 7305,
    YEAR_2000 = 10957,
    YEAR_2010 = 14610,
    YEAR_2020 = 18262
};

typedef enum kind { TEXT, NUMBER, LOGICAL, DATE, TIME, DATE_TIME, DAYS, SECONDS, TIME_SECONDS, NOTHING } kind;

static const struct {
    const char *name;
    mr_type outside;
    kind kind;
    int32_t epoch;
} types[T_COUNT] = {
    [T_STRING] = {"string", MR_TYPE_STRING, TEXT, 0},
    [T_INTEGER] = {"integer", MR_TYPE_INTEGER, NUMBER, 0},
    [T_FLOAT] = {"float", MR_TYPE_FLOAT, NUMBER, 0},
    [T_DOUBLE] = {"double", MR_TYPE_DOUBLE, NUMBER, 0},
    [T_BOOLEAN] = {"boolean", MR_TYPE_BOOLEAN, LOGICAL, 0},
    [T_LIST] = {NULL, MR_TYPE_LIST, NOTHING, 0},
    [T_DATE] = {"date", MR_TYPE_STRING, DATE, 0},
    [T_TIME] = {"time", MR_TYPE_STRING, TIME, 0},
    [T_DATE_TIME] = {"dateTime", MR_TYPE_STRING, DATE_TIME, 0},
    [T_DAYS_0] = {"dateDaysSince[0]", MR_TYPE_INTEGER, DAYS, YEAR_0},
    [T_DAYS_1960] = {"dateDaysSince[1960]", MR_TYPE_INTEGER, DAYS, YEAR_1960},
    [T_DAYS_1970] = {"dateDaysSince[1970]", MR_TYPE_INTEGER, DAYS, YEAR_1970},
    [T_DAYS_1980] = {"dateDaysSince[1980]", MR_TYPE_INTEGER, DAYS, YEAR_1980},
    [T_DAYS_1990] = {"x-dateDaysSince[1990]", MR_TYPE_INTEGER, DAYS, YEAR_1990},
    [T_DAYS_2000] = {"x-dateDaysSince[2000]", MR_TYPE_INTEGER, DAYS, YEAR_2000},
    [T_DAYS_2010] = {"x-dateDaysSince[2010]", MR_TYPE_INTEGER, DAYS, YEAR_2010},
    [T_DAYS_2020] = {"x-dateDaysSince[2020]", MR_TYPE_INTEGER, DAYS, YEAR_2020},
    [T_TIME_SECONDS] = {"timeSeconds", MR_TYPE_INTEGER, TIME_SECONDS, 0},
    [T_SECONDS_0] = {"dateTimeSecondsSince[0]", MR_TYPE_INTEGER, SECONDS, YEAR_0},
    [T_SECONDS_1960] = {"dateTimeSecondsSince[1960]", MR_TYPE_INTEGER, SECONDS, YEAR_1960},
    [T_SECONDS_1970] = {"dateTimeSecondsSince[1970]", MR_TYPE_INTEGER, SECONDS, YEAR_1970},
    [T_SECONDS_1980] = {"dateTimeSecondsSince[1980]", MR_TYPE_INTEGER, SECONDS, YEAR_1980},
    [T_SECONDS_1990] = {"x-dateTimeSecondsSince[1990]", MR_TYPE_INTEGER, SECONDS, YEAR_1990},
    [T_SECONDS_2000] = {"x-dateTimeSecondsSince[2000]", MR_TYPE_INTEGER, SECONDS, YEAR_2000},
    [T_SECONDS_2010] = {"x-dateTimeSecondsSince[2010]", MR_TYPE_INTEGER, SECONDS, YEAR_2010},
    [T_SECONDS_2020] = {"x-dateTimeSecondsSince[2020]", MR_TYPE_INTEGER, SECONDS, YEAR_2020},
};

const char *mr_data_type_name(mr_data_type type) {
    return types[type].name;
}

mr_type mr_data_type_outside(mr_data_type type) {
    return types[type].outside;
}

bool mr_data_type_is_number(mr_data_type type) {
    return types[type].kind == NUMBER || (types[type].kind >= DAYS && types[type].kind <= TIME_SECONDS);
}

bool mr_data_type_calculates(mr_data_type type) {
    return types[type].kind == LOGICAL || mr_data_type_is_number(type);
}

bool mr_data_type_is_temporal(mr_data_type type) {
    return types[type].kind >= DATE && types[type].kind <= TIME_SECONDS;
}

/* ---- From text ---- */

static void trim(const char **text, size_t *size) {
    while (*size && strchr(" \t\r\n", **text) && **text) (*text)++, (*size)--;
    while (*size && strchr(" \t\r\n", (*text)[*size - 1]) && (*text)[*size - 1]) (*size)--;
}

static bool read_boolean(const char *text, size_t size, double *number) {
    static const char *const words[] = {"false", "true", "0", "1", "0.0", "1.0"};
    for (unsigned i = 0; i < 6; i++)
        if (strlen(words[i]) == size && strncasecmp(words[i], text, size) == 0) {
            *number = i & 1;
            return true;
        }
    return false;
}

static bool read_number(const char *text, size_t size, mr_data_type type, double *number) {
    float single;
    if (type == T_FLOAT) {
        if (!mr_parse_float(text, size, &single)) return false;
        *number = (double)single;
    } else if (!mr_parse_double(text, size, number) || (type != T_DOUBLE && *number != floor(*number))) {
        return false;
    }
    if (*number == 0) *number = 0; /* -0.0 is 0.0: no comparison of the standard tells them apart */
    return !isnan(*number);
}

/* The number itself, or the date or time that it stands for. */
static bool read_count(const char *text, size_t size, mr_data_type type, double *number) {
    int32_t epoch = types[type].epoch;
    if (read_number(text, size, T_INTEGER, number)) return true;
    if (types[type].kind == TIME_SECONDS) return mr_time_read(text, size, true, number);
    bool ok =
        types[type].kind == DAYS ? mr_date_read(text, size, number) : mr_date_time_read(text, size, number);
    *number -= types[type].kind == DAYS ? epoch : epoch * 86400.0;
    return ok;
}

bool mr_value_read(const char *text, size_t size, mr_data_type type, double *number) {
    trim(&text, &size);
    switch (types[type].kind) {
    case NUMBER:
        return read_number(text, size, type, number);
    case LOGICAL:
        return read_boolean(text, size, number);
    case DATE:
        return mr_date_read(text, size, number);
    case TIME:
        return mr_time_read(text, size, false, number);
    case DATE_TIME:
        return mr_date_time_read(text, size, number);
    case DAYS:
    case SECONDS:
    case TIME_SECONDS:
        return read_count(text, size, type, number);
    default:
        return false;
    }
}

/* ---- To text ---- */

/* Digits of the shortest decimal, without leading and closing zeros; the value is 0.DIGITS * 10^exponent. */
static int split_decimal(const char *text, size_t size, char *digits, int *exponent) {
    int count = 0, point = -1, power = 0;
    size_t i = 0;
    for (; i < size && text[i] != 'e'; i++) {
        if (text[i] == '.') point = count;
        else if (text[i] != '0' || count > 0 || point >= 0) digits[count++] = text[i];
    }
    if (i < size)
        for (size_t k = i + 2; k < size; k++) power = power * 10 + (text[k] - '0');
    if (i + 1 < size && text[i + 1] == '-') power = -power;
    *exponent = (point < 0 ? count : point) + power;
    int zeros = 0;
    while (zeros < count && digits[zeros] == '0') zeros++;
    memmove(digits, digits + zeros, (size_t)(count - zeros));
    *exponent -= zeros;
    count -= zeros;
    while (count > 0 && digits[count - 1] == '0') count--;
    return count;
}

static size_t copy_digits(char *text, const char *digits, int from, int to, int count) {
    for (int i = from; i < to; i++) text[i - from] = i >= 0 && i < count ? digits[i] : '0';
    return (size_t)(to - from);
}

/* From 0.001 to 10,000,000 as a decimal, beyond with an exponent; always a digit behind the point. */
static size_t print_decimal(char *text, const char *shortest, size_t size) {
    char digits[MR_NUMBER_MAX];
    size_t at = 0;
    int exponent;
    if (*shortest == '-') text[at++] = *shortest++, size--;
    if (*shortest == 'I' || *shortest == 'N') {
        memcpy(text + at, shortest, size);
        return at + size;
    }
    int count = split_decimal(shortest, size, digits, &exponent);
    if (count == 0) {
        memcpy(text + at, "0.0", 3);
        return at + 3;
    }
    if (exponent > 7 || exponent < -2) {
        at += copy_digits(text + at, digits, 0, 1, count);
        text[at++] = '.';
        at += copy_digits(text + at, digits, 1, count > 1 ? count : 2, count);
        text[at++] = 'E';
        return at + mr_print_integer(text + at, exponent - 1);
    }
    at += copy_digits(text + at, digits, exponent > 0 ? 0 : -1, exponent > 0 ? exponent : 0, count);
    text[at++] = '.';
    return at + copy_digits(text + at, digits, exponent, count > exponent ? count : exponent + 1, count);
}

size_t mr_value_print(char *text, mr_data_type type, double number) {
    char shortest[MR_NUMBER_MAX];
    number += 0.0; /* -0.0 is 0.0 */
    switch (types[type].kind) {
    case LOGICAL:
        memcpy(text, number != 0 ? "true" : "false", 5);
        return number != 0 ? 4 : 5;
    case DATE:
        return mr_date_print(text, number);
    case TIME:
        return mr_time_print(text, number);
    case DATE_TIME:
        return mr_date_time_print(text, number);
    default:
        break;
    }
    bool whole = type != T_DOUBLE && type != T_FLOAT && mr_fits_integer(number);
    if (whole) return mr_print_integer(text, (int64_t)number);
    if (type == T_FLOAT) return print_decimal(text, shortest, mr_print_float(shortest, (float)number));
    return print_decimal(text, shortest, mr_print_double(shortest, number));
}

int mr_by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Byte by byte from the lowest on, each pass keeping the order of the last: sets may have thousands of
 * members, and sorting them by comparing took half of the time of loading. */
bool mr_sort_texts(uint32_t *texts, uint32_t count) {
    enum { FEW = 64 };
    uint32_t bits = 0;
    if (count < FEW) {
        qsort(texts, count, sizeof *texts, by_text);
        return true;
    }
    uint32_t *memory = mr_alloc(count * sizeof *memory), *from = texts, *to = memory;
    if (!memory) return false;
    for (uint32_t i = 0; i < count; i++) bits |= texts[i];
    for (unsigned shift = 0; shift < 32 && bits >> shift; shift += 8) {
        uint32_t places[257] = {0};
        for (uint32_t i = 0; i < count; i++) places[(from[i] >> shift & 255) + 1]++;
        for (unsigned digit = 0; digit < 256; digit++) places[digit + 1] += places[digit];
        for (uint32_t i = 0; i < count; i++) to[places[from[i] >> shift & 255]++] = from[i];
        uint32_t *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != texts) memcpy(texts, from, count * sizeof *texts);
    mr_free(memory);
    return true;
}

/* ---- Conversion ---- */

static bool is_point(kind k) { /* it has a date */
    return k == DATE || k == DATE_TIME || k == DAYS || k == SECONDS;
}

bool mr_value_converts(mr_data_type from, mr_data_type to) {
    kind a = types[from].kind, b = types[to].kind;
    if (a == NOTHING || b == NOTHING) return from == to;
    if (from == to || a == TEXT || b == TEXT) return true;
    if (is_point(a))
        return is_point(b) || (b == TIME && a != DATE && a != DAYS) || (b == NUMBER && a >= DAYS);
    if (a == TIME || a == TIME_SECONDS)
        return b == TIME || b == TIME_SECONDS || (b == NUMBER && a == TIME_SECONDS);
    return b == NUMBER || b == LOGICAL || b >= DAYS;
}

/* From one that has a date: by way of seconds since 1970. */
static bool convert_point(mr_data_type from, mr_data_type to, double *number) {
    kind a = types[from].kind, b = types[to].kind;
    bool in_days = a == DATE || a == DAYS;
    double rest, seconds = (*number + (in_days ? types[from].epoch : 0)) * (in_days ? 86400.0 : 1);
    if (a == SECONDS) seconds += types[from].epoch * 86400.0;
    if (!(fabs(seconds) < 1e15)) return false; /* no calendar reaches that far */
    double days = (double)mr_days_in(seconds, &rest);
    if (b == DATE || b == DAYS) *number = days - types[to].epoch;
    else if (b == TIME) *number = rest;
    else *number = seconds - types[to].epoch * 86400.0;
    if (b == SECONDS) *number = trunc(*number);
    return true;
}

bool mr_value_convert(mr_data_type from, mr_data_type to, double *number) {
    kind a = types[from].kind, b = types[to].kind;
    if (from == to) return true;
    if (is_point(a) && b != NUMBER) return convert_point(from, to, number);
    if (b == LOGICAL) return *number == 0 || *number == 1;
    if (to == T_FLOAT) *number = (double)(float)*number;
    if (b == TIME) return *number >= 0 && *number < 86400;
    if (a == TIME && b == TIME_SECONDS) *number = trunc(*number);
    if (to == T_DOUBLE || to == T_FLOAT) return true;
    return *number == floor(*number) && fabs(*number) <= MR_INTEGER_MAX;
}

bool mr_slot_convert(mr_data_type from, mr_data_type to, mr_slot *value, mr_work *work) {
    if (from == to || value->missing) return true;
    if (from != T_STRING && to != T_STRING) return mr_value_convert(from, to, &value->number);
    if (from == T_STRING) {
        mr_text text = mr_work_text(work, value->text);
        *value = (mr_slot){0};
        return mr_value_read(text.data, text.size, to, &value->number);
    }
    char *text = mr_work_take(work, MR_VALUE_MAX);
    if (text)
        *value =
            (mr_slot){.text = mr_work_intern(work, text, mr_value_print(text, from, value->number), false)};
    return true;
}
