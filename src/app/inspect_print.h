/* What the files that print a report share. One thread. */
#ifndef MR_APP_INSPECT_PRINT_H
#define MR_APP_INSPECT_PRINT_H

#include "app/inspect.h"

enum { MR_NAME_WIDTH_MAX = 36, MR_LINES_MAX = 200 };

/* Text of a file, fit for a terminal; a number with commas; a name in a column. */
void mr_put(FILE *out, const char *text);
void mr_put_count(FILE *out, uint64_t number);
void mr_put_name(const char *name, int width, FILE *out);
/* Of the column for the names of such children, which stand in `attribute`. */
int mr_name_width(const mr_kept *parent, const char *element, const char *attribute);

/* The mining fields of one usage, if there are any, below `title` and their number. */
void mr_print_fields(const mr_inspection *inspection, const mr_kept *schema, const char *usage,
                     const char *title, FILE *out);
/* Those that only stand in the schema: supplementary, weights, order. */
void mr_print_unused(const mr_kept *schema, FILE *out);
/* Of the training data, and the quality of the model. */
void mr_print_statistics(const mr_inspection *inspection, FILE *out);

#endif
