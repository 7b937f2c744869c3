/* Case: texts in upper and lower case, by Unicode, the same in every locale. */
#ifndef MR_PMML_CASE_H
#define MR_PMML_CASE_H

#include <stdbool.h>
#include <stddef.h>

/* UTF-8; bytes that are none stay as they are. `to` NULL: only counts. Returns the length, at most three
 * times `size`. */
size_t mr_change_case(const char *text, size_t size, bool upper, char *to);

#endif
