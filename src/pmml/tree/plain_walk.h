/* Plain walk: the trees of a model the way they are first written anywhere, as a yardstick for the others.
 *
 * Each node is a block of its own with a pointer to its first child and to its next sibling; a row goes from
 * child to child until none is true. What is measured against it is worth a ratio, which machines share,
 * where nanoseconds they do not.
 */
#ifndef MR_PMML_PLAIN_WALK_H
#define MR_PMML_PLAIN_WALK_H

#include "millrace/model.h"

typedef struct mr_plain_walk mr_plain_walk;

/* Loads the PMML of a file once more, keeps the nodes of all its trees, and what `in`'s rows are to them.
 * `binding` is one of the same file to the schema of `in`; borrows all during the call. *walk: returns owned,
 * or NULL with MR_OK when the model holds no tree. Errors as of mr_model_load_file. Any thread. */
mr_status mr_plain_walk_new(const char *path, const mr_model_limits *limits, const mr_binding *binding,
                            const mr_frame *in, mr_plain_walk **walk, mr_error *error);
void mr_plain_walk_free(mr_plain_walk *walk); /* NULL is allowed */

/* Of models with very many fields only the first rows are kept, and gone through again and again.
 *
 * Walks every tree for rows first .. first+count-1. Returns the sum of the leaves' scores, to be used so that
 * no compiler leaves the work out. One thread. */
double mr_plain_walk_run(const mr_plain_walk *walk, uint32_t first, uint32_t count);

#endif
