/* Rows of a CSV file as frames for a model: opened, its columns tied to the model's inputs, read in blocks.
 */
#ifndef MR_APP_CSV_INPUT_H
#define MR_APP_CSV_INPUT_H

#include "base/arena.h"
#include "base/options.h"
#include "codec/csv.h"
#include "millrace/model.h"

typedef struct mr_csv_input_options {
    const char *path; /* "-": standard input */
    char delimiter;
    mr_strings fields;  /* names of the columns; none: the first row names them */
    mr_strings missing; /* texts that mean missing; none: the empty cell */
    mr_pairs mapping;   /* model input = column */
    /* A warning, or a row that is none. Called by the functions below, on their thread. */
    void (*report)(void *context, const char *line);
    void *context;
} mr_csv_input_options;

/* Read its members, write none. */
typedef struct mr_csv_input {
    const mr_csv_input_options *options;
    const char *name; /* for messages */
    FILE *file;
    mr_csv_reader *reader;
    mr_schema *schema;
    mr_binding *binding;
    uint32_t cell_count; /* of a row */
    uint64_t failed;     /* rows that were reported */
    /* The block: `rows` rows. */
    uint32_t rows;
    mr_bytes **cells;   /* of each row */
    uint64_t *numbers;  /* of each row, in the file, from 1 */
    mr_frame *features; /* after mr_csv_input_fill; row_count is `rows` */
    /* Its own. */
    mr_name_mapping *mapping;
    uint32_t *columns;
    uint32_t list; /* of a model over groups: the column whose cells may hold lists; else UINT32_MAX */
    size_t capacity, number_capacity;
    mr_arena arena;
    uint32_t room; /* rows that `features` can hold */
} mr_csv_input;

/* Opens the file, reads its header and binds the model to its columns. Reports each input that no column
 * feeds; none fed at all is an error, and so is a mapping that names nothing. Borrows the options and the
 * model until mr_csv_input_close, which is to be called in any case. */
mr_status mr_csv_input_open(mr_csv_input *input, const mr_csv_input_options *options, mr_model *model,
                            mr_error *error);
void mr_csv_input_close(mr_csv_input *input);

/* Reads a new block of up to `most` rows; *ended: the file has no more. Rows that are no CSV are reported and
 * left out. All of the last block is gone. MR_IO, MR_NO_MEMORY. */
mr_status mr_csv_input_read(mr_csv_input *input, uint32_t most, bool *ended, mr_error *error);

/* The block's rows, as values, into `features`. MR_NO_MEMORY, MR_LIMIT. */
mr_status mr_csv_input_fill(mr_csv_input *input, mr_error *error);

/* "wines.csv: row 12: what is wrong", to the report; counts it. */
void mr_csv_input_report(mr_csv_input *input, const char *what, uint64_t number, mr_status status,
                         const char *message);

#endif
