/* Values: the data types of fields, how their values are read from text, printed, and converted.
 *
 * All but strings are held as a double: a boolean as 0 or 1; a date as days since 1970-01-01, a time as
 * seconds since midnight, a dateTime as seconds since 1970-01-01T00:00:00; dateDaysSince[Y], timeSeconds and
 * dateTimeSecondsSince[Y] as the number that they stand for. There are no time zones: PMML has none.
 */
#ifndef MR_PMML_VALUES_H
#define MR_PMML_VALUES_H

#include "millrace/frame.h"
#include "pmml/program.h"

const char *mr_data_type_name(mr_data_type type); /* as PMML writes it; NULL: there is none */
/* What a value of the type is to the caller of the library. Dates are strings, what is counted since is a
 * number. */
mr_type mr_data_type_outside(mr_data_type type);

/* May it be calculated with? (Booleans are 0 or 1, but not numbers.) */
bool mr_data_type_is_number(mr_data_type type);
/* The same, or a boolean: may a model take it for a number? */
bool mr_data_type_calculates(mr_data_type type);
/* A date, a time, or what is counted in days or seconds since one. */
bool mr_data_type_is_temporal(mr_data_type type);

/* A value of any type but string, from text with blanks around it. False: it is none. */
bool mr_value_read(const char *text, size_t size, mr_data_type type, double *number);

/* What a string made of the value is: "2", "2.0", "1.0E10" (doubles as XML Schema and Java write them),
 * "true", "2004-08-20". Returns the length. */
enum { MR_VALUE_MAX = 48 };
size_t mr_value_print(char *text, mr_data_type type, double number);

/* Can there be a value of `to` for one of `from`? */
bool mr_value_converts(mr_data_type from, mr_data_type to);
/* A value of one type as one of the other. Neither is a string. False: there is none (1.5 as an integer). */
bool mr_value_convert(mr_data_type from, mr_data_type to, double *number);
/* The same of a slot; strings are read and made (texts.c). False: the value has no such form. */
bool mr_slot_convert(mr_data_type from, mr_data_type to, mr_slot *value, mr_work *work);

/* For qsort: doubles, or what begins with one, from the least on. Without NaN. */
int mr_by_number(const void *a, const void *b);
/* Sorts numbers of texts. False: memory is out. */
bool mr_sort_texts(uint32_t *texts, uint32_t count);

/* May it be an int64_t? A number beyond has no integer, and casting it would be undefined. */
static inline bool mr_fits_integer(double number) {
    return number > -9.2e18 && number < 9.2e18;
}

/* Integers are exact up to here. */
#define MR_INTEGER_MAX 9007199254740991.0

#endif
