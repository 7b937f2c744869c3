/* Regular expressions: PCRE2 with bounds. See docs/decisions/0047-pcre2.md.
 *
 * A pattern of the model is compiled at load; one from a field for each row. All memory of a match comes from
 * the row's scratch. A match has a budget of steps, so no text and no pattern can keep a thread busy:
 * beyond it, the row fails and says so.
 */
#ifndef MR_PMML_REGEX_H
#define MR_PMML_REGEX_H

#include "pmml/build.h"

typedef struct mr_regex mr_regex;

/* Bytes of a pattern and of a text that is searched. */
enum { MR_REGEX_PATTERN_MAX = 4096, MR_REGEX_TEXT_MAX = 65536 };

/* Compiles a pattern of the model; it is the model's. MR_INVALID_MODEL, MR_UNSUPPORTED, MR_LIMIT,
 * MR_NO_MEMORY. */
enum { MR_REGEX_IGNORE_CASE = 1, MR_REGEX_LITERAL = 2 };
mr_status mr_regex_build(mr_builder *b, uint32_t element, const char *pattern, unsigned flags,
                         const mr_regex **regex);

/* For one row. NULL: it is no pattern (*faulty), or work->exhausted. */
const mr_regex *mr_regex_compile(mr_work *work, mr_text pattern, bool *faulty);

/* The text as matches take it: bytes that are no UTF-8 are U+FFFD. The same text where there are none. */
mr_text mr_regex_text(mr_work *work, mr_text text);

/* A match from `start` on, in a text of mr_regex_text: *from and *to bound it. False: there is none, or
 * work->failure or exhausted is set. */
bool mr_regex_find(const mr_regex *regex, mr_work *work, mr_text text, size_t start, size_t *from,
                   size_t *to);

/* Every match replaced, in a text of mr_regex_text; $1 and ${name} stand for groups, a backslash takes the
 * meaning from what follows, unless it is `literal`. *faulty: the replacement names a group that is not
 * there. Valid as long as the row's results. */
mr_text mr_regex_replace(const mr_regex *regex, mr_work *work, mr_text text, mr_text replacement,
                         bool literal, bool *faulty);

/* Is the replacement in order? */
bool mr_regex_takes(const mr_regex *regex, mr_text replacement);

#endif
