/* Dates: days are counted in eras of 400 years, each of which has 146,097 days, with years that begin in
 * March, so that the leap day is the last of a year (E. G. Richards, "Calendars", in the Explanatory
 * Supplement to the Astronomical Almanac). */
#include "pmml/expression/dates.h"

#include <math.h>
#include <stdio.h>

enum { DAYS_OF_ERA = 146097, DAYS_TO_1970 = 719468 }; /* from 0000-03-01 */

int64_t mr_days_from_date(mr_date date) {
    int64_t year = date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = (date.month + 9) % 12; /* from March */
    int64_t day = (153 * month + 2) / 5 + date.day - 1;
    return era * DAYS_OF_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day - DAYS_TO_1970;
}

mr_date mr_date_from_days(int64_t days) {
    days += DAYS_TO_1970;
    int64_t era = (days >= 0 ? days : days - (DAYS_OF_ERA - 1)) / DAYS_OF_ERA;
    int64_t day = days - era * DAYS_OF_ERA;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    int64_t month = (5 * day + 2) / 153;
    day -= (153 * month + 2) / 5;
    unsigned calendar = (unsigned)(month < 10 ? month + 3 : month - 9);
    return (mr_date){year + era * 400 + (calendar <= 2), calendar, (unsigned)day + 1};
}

/* `count` digits. */
static bool digits(const char **at, const char *end, int count, unsigned *value) {
    *value = 0;
    if (end - *at < count) return false;
    for (int i = 0; i < count; i++) {
        unsigned digit = (unsigned)(*(*at)++ - '0');
        if (digit > 9) return false;
        *value = *value * 10 + digit;
    }
    return true;
}

static bool mark(const char **at, const char *end, char c) {
    if (*at == end || **at != c) return false;
    ++*at;
    return true;
}

static unsigned days_of_month(mr_date date) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
    return days[date.month - 1] + (date.month == 2 && leap ? 1u : 0u);
}

static bool read_date(const char **at, const char *end, double *days) {
    unsigned year;
    mr_date date;
    bool negative = mark(at, end, '-');
    if (!digits(at, end, 4, &year) || !mark(at, end, '-')) return false;
    if (!digits(at, end, 2, &date.month) || !mark(at, end, '-') || !digits(at, end, 2, &date.day))
        return false;
    date.year = negative ? -(int64_t)year : (int64_t)year;
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days_of_month(date)) return false;
    *days = (double)mr_days_from_date(date);
    return true;
}

static bool read_fraction(const char **at, const char *end, double *seconds) {
    if (!mark(at, end, '.')) return true;
    double unit = 1, sum = 0;
    int count = 0;
    for (; *at < end && **at >= '0' && **at <= '9' && count < 9; ++*at, count++) {
        unit *= 10;
        sum = sum * 10 + (**at - '0');
    }
    *seconds += sum / unit;
    return count > 0;
}

static bool read_time(const char **at, const char *end, bool long_hours, double *seconds) {
    unsigned hours = 0, minutes, whole = 0;
    bool negative = long_hours && mark(at, end, '-');
    const char *start = *at;
    while (long_hours && *at < end && **at >= '0' && **at <= '9' && *at - start < 8)
        hours = hours * 10 + (unsigned)(*(*at)++ - '0');
    if (long_hours ? *at - start < 2 : !digits(at, end, 2, &hours)) return false;
    if (!mark(at, end, ':') || !digits(at, end, 2, &minutes)) return false;
    bool has_seconds = mark(at, end, ':');
    if (has_seconds && !digits(at, end, 2, &whole)) return false;
    if (minutes > 59 || whole > 59 || (!long_hours && hours > 23)) return false;
    *seconds = (double)hours * 3600 + minutes * 60 + whole;
    if (has_seconds && !read_fraction(at, end, seconds)) return false;
    if (negative) *seconds = -*seconds;
    return true;
}

bool mr_date_read(const char *text, size_t size, double *days) {
    const char *end = text + size;
    return read_date(&text, end, days) && text == end;
}

bool mr_time_read(const char *text, size_t size, bool long_hours, double *seconds) {
    const char *end = text + size;
    return read_time(&text, end, long_hours, seconds) && text == end;
}

bool mr_date_time_read(const char *text, size_t size, double *seconds) {
    const char *end = text + size;
    double days, time;
    if (!read_date(&text, end, &days) || !mark(&text, end, 'T')) return false;
    if (!read_time(&text, end, false, &time) || text != end) return false;
    *seconds = days * 86400 + time;
    return true;
}

int64_t mr_days_in(double seconds, double *rest) {
    double days = floor(seconds / 86400);
    *rest = seconds - days * 86400;
    return (int64_t)days;
}

size_t mr_date_print(char *text, double days) {
    if (!(fabs(days) < 1e12)) return (size_t)snprintf(text, 40, "%g", days);
    mr_date date = mr_date_from_days((int64_t)days);
    return (size_t)snprintf(text, 40, "%s%04lld-%02u-%02u", date.year < 0 ? "-" : "",
                            (long long)(date.year < 0 ? -date.year : date.year), date.month, date.day);
}

/* The fraction is shown in microseconds, what a double of this size still tells apart. */
size_t mr_time_print(char *text, double seconds) {
    if (!(seconds >= 0 && seconds < 1e12)) return (size_t)snprintf(text, 40, "%g", seconds);
    long long micros = (long long)floor(seconds * 1e6 + 0.5), whole = micros / 1000000;
    size_t size =
        (size_t)snprintf(text, 40, "%02lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    if (micros % 1000000 == 0) return size;
    size += (size_t)snprintf(text + size, 40 - size, ".%06lld", micros % 1000000);
    while (text[size - 1] == '0') size--;
    return size;
}

size_t mr_date_time_print(char *text, double seconds) {
    double rest;
    if (!(fabs(seconds) < 1e15)) return (size_t)snprintf(text, 40, "%g", seconds);
    size_t size = mr_date_print(text, (double)mr_days_in(floor(seconds * 1e6 + 0.5) / 1e6, &rest));
    text[size++] = 'T';
    return size + mr_time_print(text + size, rest);
}
