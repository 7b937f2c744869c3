/* Row: one row of a frame on its general way, in and out; score.c leads it. */
#ifndef MR_PMML_ROW_H
#define MR_PMML_ROW_H

#include "pmml/pmml_model.h"

enum { MR_ROW_MESSAGE_BYTES = 320 }; /* that mr_row_explain takes of the scratch */

/* One input's column, looked up once a call. `plain`: doubles that only need a look for NaN. */
typedef struct mr_row_reader {
    const char *data; /* NULL: nothing feeds it */
    size_t stride;
    const uint8_t *state; /* NULL: all present */
    size_t state_stride;
    const mr_column *column;
    const mr_treatment *treatment;
    uint32_t slot;
    bool plain, single;
} mr_row_reader;

/* Fills readers[input_count]; they borrow the frame. */
void mr_row_open(const mr_pmml_binding *binding, const mr_frame *in, mr_row_reader *readers);
/* A row's inputs to their slots. The input that makes it invalid, or MR_NONE. */
uint32_t mr_row_read(const mr_pmml_binding *binding, uint32_t row, const mr_row_reader *readers,
                     mr_work *work);

/* What the evaluators left for a row, to row `row` of `out`; and nothing but missing cells. */
void mr_row_write(const mr_pmml_model *model, mr_work *work, mr_frame *out, uint32_t row);
void mr_row_clear(const mr_pmml_model *model, mr_frame *out, uint32_t row);
/* Why row `row` has no result; `input`: whose value is invalid, else MR_NONE. False: the scratch is too
 * small. */
bool mr_row_explain(const mr_pmml_binding *binding, const mr_frame *in, uint32_t row, const mr_work *work,
                    uint32_t input, mr_scratch *scratch, mr_row_result *result);

#endif
