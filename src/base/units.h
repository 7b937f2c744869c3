/* Durations and sizes with units, as people write them: "100ms", "5m", "64MiB", "1GB". Any thread. */
#ifndef MR_BASE_UNITS_H
#define MR_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole text: digits, then a unit. Durations: ms s m h d, in milliseconds. Sizes: B, kB MB GB TB
 * (1000) and KiB MiB GiB TiB (1024), in bytes; a size may do without a unit. Only 0 may do without for a
 * duration, since 100 could be anything. False: not one, or beyond int64_t; *value is untouched. */
bool mr_parse_duration(const char *text, int64_t *milliseconds);
bool mr_parse_size(const char *text, int64_t *bytes);

/* In the largest unit that is exact: "1500ms", "5m", "64MiB". Writes at most MR_UNITS_MAX bytes, the
 * closing zero included. */
enum { MR_UNITS_MAX = 24 };
void mr_print_duration(char *text, int64_t milliseconds);
void mr_print_size(char *text, int64_t bytes);

#endif
