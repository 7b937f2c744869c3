/* Token: how long a tag or a comment may be, for everything that reads with expat.
 *
 * expat gathers a token before it tells of it, and older ones read it anew with each chunk, so one of 100 MB
 * would take its square.
 */
#ifndef MR_PMML_TOKEN_H
#define MR_PMML_TOKEN_H

#include <expat.h>
#include <stdbool.h>
#include <stddef.h>

enum { MR_TOKEN_MAX = 8 << 20 };

/* After a chunk: is the token that is not complete yet too long? `given`: bytes given so far; *begin: where
 * it begins, 0 at first. Newer ones know no position while they put a token off: it still begins where it
 * did. */
static inline bool mr_token_too_long(XML_Parser xml, size_t given, size_t *begin) {
    XML_Index now = XML_GetCurrentByteIndex(xml);
    if (now >= 0) *begin = (size_t)now;
    return given > *begin && given - *begin > MR_TOKEN_MAX;
}

#endif
