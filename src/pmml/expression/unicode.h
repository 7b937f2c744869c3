/* Unicode: the case of letters, and what is punctuation; the same in every locale. */
#ifndef MR_PMML_UNICODE_H
#define MR_PMML_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8; bytes that are none stay as they are. `to` NULL: only counts. Returns the length, at most three
 * times `size`. */
size_t mr_change_case(const char *text, size_t size, bool upper, char *to);

/* A character of the categories P*. */
bool mr_is_punctuation(uint32_t code);

#endif
