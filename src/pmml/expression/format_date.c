/* Format of dates: strftime's conversions in the C locale, written out here, so that no locale of the process
 * and no range of time_t counts. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pmml/expression/dates.h"
#include "pmml/expression/format.h"

typedef struct moment {
    mr_date date;
    int64_t days;
    int hour, minute, second;
    int year_day, week_day; /* from 0, from Sunday */
    double fraction, seconds;
} moment;

static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

static moment moment_of(double seconds) {
    moment m = {.seconds = seconds};
    double rest;
    m.days = mr_days_in(seconds, &rest);
    m.date = mr_date_from_days(m.days);
    int whole = (int)rest;
    m.fraction = rest - whole;
    m.hour = whole / 3600, m.minute = whole / 60 % 60, m.second = whole % 60;
    m.year_day = (int)(m.days - mr_days_from_date((mr_date){m.date.year, 1, 1}));
    m.week_day = (int)(((m.days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    return m;
}

/* The week of ISO 8601, whose year is that of its Thursday. */
static int iso_week(const moment *m, long long *year) {
    int64_t thursday = m->days - (m->week_day + 6) % 7 + 3;
    mr_date date = mr_date_from_days(thursday);
    *year = (long long)date.year;
    return (int)((thursday - mr_days_from_date((mr_date){date.year, 1, 1})) / 7) + 1;
}

#define PRINT(...) return (size_t)snprintf(to, 48, __VA_ARGS__)

static size_t print_date(const moment *m, char letter, char to[48]) {
    long long year = (long long)m->date.year, iso;
    int short_year = (int)(((year % 100) + 100) % 100), month = (int)m->date.month, day = (int)m->date.day;
    int week = iso_week(m, &iso);
    switch (letter) {
    case 'a':
        PRINT("%.3s", days[m->week_day]);
    case 'A':
        PRINT("%s", days[m->week_day]);
    case 'b':
    case 'h':
        PRINT("%.3s", months[month - 1]);
    case 'B':
        PRINT("%s", months[month - 1]);
    case 'C':
        PRINT("%02lld", (year - short_year) / 100);
    case 'd':
        PRINT("%02d", day);
    case 'D':
    case 'x':
        PRINT("%02d/%02d/%02d", month, day, short_year);
    case 'e':
        PRINT("%2d", day);
    case 'F':
        PRINT("%04lld-%02d-%02d", year, month, day);
    case 'g':
        PRINT("%02d", (int)(((iso % 100) + 100) % 100));
    case 'G':
        PRINT("%04lld", iso);
    case 'j':
        PRINT("%03d", m->year_day + 1);
    case 'm':
        PRINT("%02d", month);
    case 'u':
        PRINT("%d", (m->week_day + 6) % 7 + 1);
    case 'U':
        PRINT("%02d", (m->year_day + 7 - m->week_day) / 7);
    case 'V':
        PRINT("%02d", week);
    case 'w':
        PRINT("%d", m->week_day);
    case 'W':
        PRINT("%02d", (m->year_day + 7 - (m->week_day + 6) % 7) / 7);
    case 'y':
        PRINT("%02d", short_year);
    case 'Y':
        PRINT("%04lld", year);
    default:
        return SIZE_MAX;
    }
}

static size_t print_time(const moment *m, char letter, char to[48]) {
    int twelve = (m->hour + 11) % 12 + 1;
    switch (letter) {
    case 'c':
        PRINT("%.3s %.3s %2u %02d:%02d:%02d %04lld", days[m->week_day], months[m->date.month - 1],
              m->date.day, m->hour, m->minute, m->second, (long long)m->date.year);
    case 'H':
        PRINT("%02d", m->hour);
    case 'I':
        PRINT("%02d", twelve);
    case 'k':
        PRINT("%2d", m->hour);
    case 'l':
        PRINT("%2d", twelve);
    case 'L':
        PRINT("%03d", (int)(m->fraction * 1000));
    case 'M':
        PRINT("%02d", m->minute);
    case 'n':
        PRINT("\n");
    case 'p':
        PRINT("%s", m->hour < 12 ? "AM" : "PM");
    case 'P':
        PRINT("%s", m->hour < 12 ? "am" : "pm");
    case 'r':
        PRINT("%02d:%02d:%02d %s", twelve, m->minute, m->second, m->hour < 12 ? "AM" : "PM");
    case 'R':
        PRINT("%02d:%02d", m->hour, m->minute);
    case 's':
        PRINT("%.0f", floor(m->seconds));
    case 'S':
        PRINT("%02d", m->second);
    case 't':
        PRINT("\t");
    case 'T':
    case 'X':
        PRINT("%02d:%02d:%02d", m->hour, m->minute, m->second);
    case '%':
        PRINT("%%");
    default:
        return SIZE_MAX;
    }
}

size_t mr_format_date(const char *pattern, size_t size, double seconds, char *to) {
    if (!(fabs(seconds) < 1e14)) return SIZE_MAX; /* beyond what the calendar is computed for */
    moment m = moment_of(seconds);
    size_t written = 0;
    for (size_t i = 0; i < size; i++) {
        char item[48] = {pattern[i]};
        size_t length = 1;
        if (pattern[i] == '%') {
            if (++i == size) return SIZE_MAX;
            length = print_date(&m, pattern[i], item);
            if (length == SIZE_MAX) length = print_time(&m, pattern[i], item);
            if (length == SIZE_MAX) return SIZE_MAX;
        }
        if (to) memcpy(to + written, item, length);
        written += length;
    }
    return written;
}
