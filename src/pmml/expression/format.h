/* Format: numbers by a pattern of printf, dates by one of strftime; the same in every locale. */
#ifndef MR_PMML_FORMAT_H
#define MR_PMML_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

/* The number by the pattern: text around one conversion or several, all of which take the number: d i u x X o
 * of an integer, e E f F g G a A of one with a fraction, s of both; flags, width and precision below 1000; %%
 * is a percent sign. Writes size + 1 bytes to `to` unless that is NULL. Returns the length; SIZE_MAX: the
 * pattern is faulty, or asks for an integer where there is none. */
size_t mr_format_number(const char *pattern, size_t size, double number, bool integer, char *to);

/* The time, in seconds since 1970-01-01T00:00:00, by the pattern of strftime in the C locale; %L is
 * milliseconds. The same way; SIZE_MAX too for a time millions of years away. */
size_t mr_format_date(const char *pattern, size_t size, double seconds, char *to);

#endif
