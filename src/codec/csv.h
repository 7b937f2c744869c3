/* CSV for `millrace score` and `millrace provide`: RFC 4180 in, RFC 4180 out.
 *
 * The reader streams: it holds one row. Quoted cells may hold delimiters, line breaks and doubled
 * quotes; rows end in LF or CRLF; a UTF-8 byte order mark is skipped, and so are empty lines.
 */
#ifndef MR_CODEC_CSV_H
#define MR_CODEC_CSV_H

#include <stdio.h>

#include "core/batch.h"

typedef struct mr_csv_reader mr_csv_reader;

typedef struct mr_csv_options {
    char delimiter;            /* 0: comma */
    const char *const *fields; /* names of the columns; NULL: the first row names them */
    uint32_t field_count;
    const char *const *missing; /* texts that mean missing; NULL: only the empty cell */
    uint32_t missing_count;
    size_t row_bytes; /* longest row; 0: 1 MiB */
} mr_csv_options;

enum { MR_CSV_FIELDS_MAX = MR_SCHEMA_FIELDS_MAX };

/* Reads the header. Borrows the file and `name` (for errors); copies the options. *reader: returns owned.
 * MR_SYNTAX, MR_LIMIT, MR_CONFLICT (two columns of one name), MR_IO, MR_NO_MEMORY. One thread. */
mr_status mr_csv_reader_new(FILE *file, const char *name, const mr_csv_options *options,
                            mr_csv_reader **reader, mr_error *error);
void mr_csv_reader_free(mr_csv_reader *reader); /* NULL is allowed */

uint32_t mr_csv_field_count(const mr_csv_reader *reader);
const char *mr_csv_field_name(const mr_csv_reader *reader, uint32_t field); /* valid while the reader is */
uint64_t mr_csv_row_number(const mr_csv_reader *reader);                    /* of the row read last, from 1 */

/* The next row; *cells = NULL at the end. The cells (mr_csv_field_count of them) are valid until the
 * next call; a missing one has data NULL. MR_SYNTAX and MR_LIMIT are about this row alone: call again for
 * the next. MR_IO and MR_NO_MEMORY end it. */
mr_status mr_csv_read(mr_csv_reader *reader, const mr_bytes **cells, mr_error *error);

/* ---- Rows to frames ---- */

/* The schema of the columns that feed a model's inputs, with the inputs' types. Inputs that no column
 * feeds are left out. *schema: returns owned. */
mr_status mr_csv_schema(const mr_csv_reader *reader, const mr_input *inputs, uint32_t count,
                        const mr_name_mapping *mapping, size_t mapping_count, mr_schema **schema,
                        mr_error *error);

/* columns[f] becomes the column of the file for field f of the schema (mr_schema_count of them), or
 * MR_NO_FIELD. */
void mr_csv_bind(const mr_csv_reader *reader, const mr_schema *schema, uint32_t *columns);

/* Row `row` of a frame of that schema: text is read by the field's type; text that is none of it is
 * an invalid cell. Strings are copied into `arena`. MR_NO_MEMORY. */
mr_status mr_csv_fill(const mr_schema *schema, const uint32_t *columns, const mr_bytes *cells,
                      mr_frame *frame, uint32_t row, mr_arena *arena, mr_error *error);

/* ---- Out ---- */

/* One cell, quoted where it must be. The caller writes delimiters and line ends, and asks ferror(). */
void mr_csv_write_text(FILE *file, const char *text, size_t size, char delimiter);
/* A cell of a frame: nothing when missing, numbers in their shortest form, lists as JSON. MR_NO_MEMORY. */
mr_status mr_csv_write_cell(FILE *file, const mr_column *column, uint32_t row, char delimiter,
                            mr_error *error);

#endif
