/* The word that was probably meant: edit distance with swaps of neighbours (optimal string alignment). */
#ifndef MR_BASE_NEAREST_H
#define MR_BASE_NEAREST_H

#include <stddef.h>

enum { MR_EDITS_MAX = 64 }; /* longer words are never near */

/* Edits (insert, delete, replace, swap of neighbours) that make `a` into `b`; `_` and `-` are the same.
 * UINT_MAX when one is longer than MR_EDITS_MAX. Any thread. */
unsigned mr_edits(const char *a, size_t a_size, const char *b, size_t b_size);

/* The most edits at which a word of `size` bytes is still taken for another. */
unsigned mr_edits_allowed(size_t size);

#endif
