/* Numbers from text and to text, the same in every locale.
 *
 * Reading is exact: the double (or float) nearest to the decimal, as Java's parseDouble gives it.
 * Writing is the shortest text that reads back to the same value. Any thread; no allocation.
 */
#ifndef MR_BASE_NUMBER_H
#define MR_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole text must be one decimal number ("-1.5e3"); blanks around it are the caller's business.
 * "NaN", "Infinity", "-Infinity", "INF", "-INF" are numbers too; hexadecimal and suffixes are not.
 * False: not a number; *value is untouched. */
bool mr_parse_double(const char *text, size_t size, double *value);
bool mr_parse_float(const char *text, size_t size, float *value);     /* rounded once, not by way of double */
bool mr_parse_integer(const char *text, size_t size, int64_t *value); /* false on overflow too */

/* The double nearest to digits * 10^power. */
double mr_decimal_double(uint64_t digits, int64_t power);

/* 10^0 to 10^22: the powers of ten that are doubles, so that one operation with a whole number below 2^53
 * rounds right. */
extern const double mr_exact_tens[23];

enum { MR_NUMBER_MAX = 32 }; /* bytes that any of the below can write; no closing zero */

/* "0.1", "1e-7", "1e+21" as in JavaScript, "-0", "NaN", "Infinity". Return the length. */
size_t mr_print_double(char *text, double value);
size_t mr_print_float(char *text, float value);
size_t mr_print_integer(char *text, int64_t value);

#endif
