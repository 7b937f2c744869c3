/* `millrace score`: a model over the rows of a CSV file. */
#ifndef MR_APP_SCORE_CSV_H
#define MR_APP_SCORE_CSV_H

#include "app/csv_input.h"

typedef struct mr_score_csv_options {
    const char *model; /* path */
    mr_csv_input_options input;
    const char *output; /* path; NULL or "-": standard output; with the delimiter of the input */
    bool all;           /* keep the input's columns */
    uint32_t batch;     /* rows scored at a time */
    mr_model_limits limits;
} mr_score_csv_options;

typedef struct mr_score_csv_count {
    uint64_t written; /* results */
    uint64_t failed;  /* rows or groups without one */
} mr_score_csv_count;

/* Scores all rows and writes a row of outputs for each that could be scored: of a model of groups, one
 * for each group, in the order of their first rows. Rows that cannot be scored are reported with their number
 * and counted, the rest goes on. An error is one of model, file or memory; MR_CANCELLED when the reader of a
 * pipe went away. Any thread. */
mr_status mr_score_csv(const mr_score_csv_options *options, mr_score_csv_count *count, mr_error *error);

#endif
