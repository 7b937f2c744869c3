/* `millrace inspect`: what a model file holds, for people and for programs. */
#ifndef MR_APP_INSPECT_H
#define MR_APP_INSPECT_H

#include <stdio.h>

#include "millrace/model.h"
#include "pmml/document/describe.h"

typedef struct mr_inspection {
    const char *path; /* borrowed */
    size_t size;      /* bytes of the file */
    char sha256[65];
    mr_description description;
    mr_model *model; /* NULL: it is refused, see `refusal` */
    mr_error refusal;
    double load_seconds;
    const mr_kept **fields; /* owned: the DataFields, by name */
    size_t field_count, field_capacity;
} mr_inspection;

/* Reads, describes and loads a model file. *inspection is to be freed in any case. MR_OK also when the model
 * is refused or the file is no PMML; errors are those of the file and of memory. Any thread. */
mr_status mr_inspect(mr_inspection *inspection, const char *path, mr_error *error);
void mr_inspection_free(mr_inspection *inspection);

/* The outermost model, or NULL; a kept element of it or of the document, or NULL. Borrow. */
const mr_described_model *mr_inspection_model(const mr_inspection *inspection);
const mr_kept *mr_inspection_part(const mr_inspection *inspection, const char *name);

/* The DataField of a name, or NULL. */
const mr_kept *mr_inspection_data_field(const mr_inspection *inspection, const char *name);

/* What a MiningField is for, as PMML has it: "active", "target", "group", ... ("predicted" is "target"). */
const char *mr_mining_usage(const mr_kept *mining_field);

/* Next model with the same parent, from the index `at`, that is to be told of together with it: *count such
 * models without models in them, their parts summed up in *sum. Returns the index behind them. */
size_t mr_inspection_alike(const mr_inspection *inspection, size_t at, size_t end, uint64_t *count,
                           mr_described_model *sum);

/* What becomes of each element of PMML, as Markdown. */
void mr_inspect_print_support(FILE *out);

void mr_inspection_print_text(const mr_inspection *inspection, FILE *out);
/* MR_NO_MEMORY, with nothing written. */
mr_status mr_inspection_print_json(const mr_inspection *inspection, FILE *out, mr_error *error);

#endif
