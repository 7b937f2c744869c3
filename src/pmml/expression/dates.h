/* Dates: the proleptic Gregorian calendar, as ISO 8601 has it. */
#ifndef MR_PMML_DATES_H
#define MR_PMML_DATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mr_date {
    int64_t year;
    unsigned month, day; /* from 1 */
} mr_date;

int64_t mr_days_from_date(mr_date date); /* since 1970-01-01 */
mr_date mr_date_from_days(int64_t days);

/* "2004-08-20": days since 1970-01-01. False: no date. */
bool mr_date_read(const char *text, size_t size, double *days);
/* "05:23:30", with or without a fraction: seconds since midnight. `long_hours`: any number of hours, with or
 * without a sign (timeSeconds). */
bool mr_time_read(const char *text, size_t size, bool long_hours, double *seconds);
/* "2004-08-20T05:23:30": seconds since 1970-01-01T00:00:00. */
bool mr_date_time_read(const char *text, size_t size, double *seconds);

/* At most 40 bytes; return the length. */
size_t mr_date_print(char *text, double days);
size_t mr_time_print(char *text, double seconds);
size_t mr_date_time_print(char *text, double seconds);

/* Whole days in `seconds`, and what is left of the last one. */
int64_t mr_days_in(double seconds, double *rest);

#endif
