/* Support: what becomes of each element of PMML 4.4 that elements.h does not list as supported, and why.
 *
 * Nothing here decides: an element is refused because it is not in elements.h. These are the words for
 * people, in docs/pmml.md and in `millrace inspect`.
 */
#ifndef MR_PMML_SUPPORT_H
#define MR_PMML_SUPPORT_H

#include <stdio.h>

/* Why an element is skipped with all in it, or an attribute is without effect. Static. */
const char *mr_support_skipped(const char *element);
const char *mr_support_ignored(const char *element, const char *attribute);

#endif
