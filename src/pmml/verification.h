/* Verification: the example records that a model brings along, and what it must make of them.
 *
 * They are kept beside the document while the model is compiled; then the finished model scores them, and a
 * model that gives something else is refused, with the row and the two values.
 */
#ifndef MR_PMML_VERIFICATION_H
#define MR_PMML_VERIFICATION_H

#include "pmml/document/document.h"

/* Records beyond these, and beyond 2^20 cells, are not run. */
enum { MR_VERIFICATION_ROWS_MAX = 10000 };

typedef struct mr_verification_field {
    const char *name; /* of a field or output */
    double precision; /* share of the expected value that may be missed by */
    double zero;      /* what counts as 0 */
} mr_verification_field;

typedef struct mr_verification {
    uint32_t field_count, row_count;
    mr_verification_field *fields;
    const char **cells; /* [row_count][field_count]; NULL: absent */
    uint32_t *lines;    /* [row_count] */
    char *texts;        /* what fields and cells point to */
} mr_verification;

/* Reads the <ModelVerification> of the element `model`; empty where there is none. To be freed in any case.
 */
mr_status mr_verification_read(const mr_document *document, uint32_t model, mr_verification *verification,
                               mr_error *error);
/* Scores the records. `name` stands before the line in errors. MR_INVALID_MODEL: the model fails. */
mr_status mr_verification_run(const mr_verification *verification, mr_model *model, const char *name,
                              mr_error *error);
void mr_verification_free(mr_verification *verification);

#endif
