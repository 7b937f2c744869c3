/* Support: what becomes of each element of PMML 4.4, and why, in words for people.
 *
 * Nothing here decides: elements.h does, and what is not there is refused by name and line. This is what
 * docs/pmml.md and `millrace inspect` say of it.
 */
#ifndef MR_PMML_SUPPORT_H
#define MR_PMML_SUPPORT_H

#include <stdio.h>

/* Why an element is skipped with all in it, or an attribute has no effect. NULL: nobody wrote it down in
 * support.c yet. Static. */
const char *mr_support_skipped(const char *element);
const char *mr_support_ignored(const char *attribute);

/* The matrix, as Markdown: every element of the standard, then what of elements.h is not in the standard. */
void mr_support_print(FILE *out);

#endif
