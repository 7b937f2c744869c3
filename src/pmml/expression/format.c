/* Format of numbers: each conversion is checked, written anew and left to snprintf. */
#include "pmml/expression/format.h"

#include <langinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pmml/field/values.h"

enum { ITEM_MAX = 1400 }; /* 1e308 with 999 digits behind the point */

/* One conversion, between % and its letter. */
typedef struct item {
    char spec[24]; /* flags, width and precision as snprintf takes them */
    size_t size;
    bool groups; /* the flag "," */
    char letter;
} item;

static bool read_count(const char **at, const char *end, item *it) {
    int digits = 0;
    for (; *at < end && **at >= '0' && **at <= '9'; digits++) {
        if (digits == 3) return false;
        it->spec[it->size++] = *(*at)++;
    }
    return true;
}

/* From behind the percent sign. False: it is faulty. */
static bool read_item(const char **at, const char *end, item *it) {
    *it = (item){.spec = "%", .size = 1};
    for (; *at < end && strchr("-+ #0,", **at) && **at; ++*at) {
        if (**at == ',') it->groups = true;
        else if (!strchr(it->spec, **at)) it->spec[it->size++] = **at;
        it->spec[it->size] = 0;
    }
    if (!read_count(at, end, it)) return false;
    if (*at < end && **at == '.') {
        it->spec[it->size++] = *(*at)++;
        if (!read_count(at, end, it)) return false;
    }
    while (*at < end && (**at == 'l' || **at == 'h')) ++*at; /* sizes of C: the number is what it is */
    if (*at >= end) return false;
    it->letter = *(*at)++;
    return it->letter != 0;
}

/* A point where the locale has something else. */
static size_t unlocalize(char *text, size_t size) {
    const char *point = nl_langinfo(RADIXCHAR);
    size_t length = strlen(point);
    char *found = length && strcmp(point, ".") != 0 ? strstr(text, point) : NULL;
    if (!found) return size;
    *found = '.';
    memmove(found + 1, found + length, size - (size_t)(found - text) - length + 1);
    return size - length + 1;
}

/* A comma before every third digit of the whole part. */
static size_t group(char *text, size_t size) {
    size_t first = strcspn(text, "0123456789"), digits = strspn(text + first, "0123456789");
    for (size_t left = digits; left > 3; left -= 3) {
        char *place = text + first + (digits > 3 ? left - 3 : 0);
        memmove(place + 1, place, strlen(place) + 1);
        *place = ',';
        size++;
    }
    return size;
}

/* SIZE_MAX: the letter does not suit the number. */
static size_t print_item(item *it, double number, bool integer, char text[ITEM_MAX]) {
    char *end = it->spec + it->size;
    int size;
    if (integer && strchr("diuxXo", it->letter)) {
        snprintf(end, 4, "ll%c", it->letter == 'u' ? 'd' : it->letter);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        size = snprintf(text, ITEM_MAX, it->spec, (long long)number);
    } else if (!integer && strchr("eEfFgGaA", it->letter)) {
        snprintf(end, 2, "%c", it->letter);
        size = snprintf(text, ITEM_MAX, it->spec, number);
    } else if (it->letter == 's' && !strpbrk(it->spec, "+ #0")) {
        char printed[MR_VALUE_MAX + 1];
        printed[mr_value_print(printed, integer ? T_INTEGER : T_DOUBLE, number)] = 0;
        snprintf(end, 2, "s");
        size = snprintf(text, ITEM_MAX, it->spec, printed);
#pragma GCC diagnostic pop
    } else {
        return SIZE_MAX;
    }
    if (size < 0 || size >= ITEM_MAX - 400) return SIZE_MAX;
    size_t length = unlocalize(text, (size_t)size);
    return it->groups ? group(text, length) : length;
}

size_t mr_format_number(const char *pattern, size_t size, double number, bool integer, char *to) {
    const char *at = pattern, *end = pattern + size;
    size_t written = 0;
    while (at < end) {
        item it;
        char text[ITEM_MAX];
        size_t length = 1;
        if (*at != '%') {
            text[0] = *at++;
        } else if (at + 1 < end && at[1] == '%') {
            text[0] = '%';
            at += 2;
        } else {
            at++;
            if (!read_item(&at, end, &it)) return SIZE_MAX;
            length = print_item(&it, number, integer, text);
            if (length == SIZE_MAX) return SIZE_MAX;
        }
        if (to) memcpy(to + written, text, length);
        written += length;
        if (written > 1 << 20) return SIZE_MAX;
    }
    return written;
}
