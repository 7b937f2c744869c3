/* Schema: the ordered, named, typed fields of a stream's records.
 *
 * Invariant: a schema never changes. "Adding" fields makes a new schema whose first fields are the
 * old ones at the same index, so whatever was bound to the old one (a model, a codec plan) reads a
 * frame of the new one without noticing. Both share one dictionary.
 *
 * The dictionary gives strings codes. It is append-only and bounded, and only binding a model adds
 * to it (its categories); a record can look up, never add, so no record can make it grow.
 */
#ifndef MILLRACE_SCHEMA_H
#define MILLRACE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "millrace/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Type of a field, and with it of the cells in a column (frame.h says how each is stored). */
typedef enum mr_type {
    MR_TYPE_DOUBLE,
    MR_TYPE_FLOAT,
    MR_TYPE_INTEGER,
    MR_TYPE_BOOLEAN,
    MR_TYPE_STRING,
    MR_TYPE_LIST, /* outputs only */
    MR_TYPE_COUNT
} mr_type;

typedef enum mr_measure { MR_CONTINUOUS, MR_CATEGORICAL, MR_ORDINAL } mr_measure;

MR_API const char *mr_type_name(mr_type type); /* "double"; static; any thread */

typedef struct mr_field {
    const char *name; /* UTF-8 */
    mr_type type;
    mr_measure measure;
} mr_field;

typedef struct mr_schema mr_schema;

#define MR_NO_FIELD UINT32_MAX

/* Limits: fields of a schema, bytes of a field name, strings of a dictionary. */
enum { MR_SCHEMA_FIELDS_MAX = 4096, MR_FIELD_NAME_MAX = 1024, MR_DICTIONARY_MAX = 1 << 20 };

/* Copies the fields (names too). *schema: returns owned, release with mr_schema_release. Two fields
 * of one name and type are refused (MR_CONFLICT); one name with two types is allowed (a JSON number that
 * one model reads as a double and another as a string fills both). MR_LIMIT, MR_INVALID_ARGUMENT (an unknown
 * type), MR_NO_MEMORY. Any thread. */
MR_API mr_status mr_schema_new(const mr_field *fields, uint32_t count, mr_schema **schema, mr_error *error);

/* The fields of `base` (borrows) followed by those of `fields` that it does not hold yet. When
 * nothing is new, *schema is `base` with one more reference. *schema: returns owned. MR_LIMIT,
 * MR_INVALID_ARGUMENT, MR_NO_MEMORY. Any thread. */
MR_API mr_status mr_schema_extend(mr_schema *base, const mr_field *fields, uint32_t count, mr_schema **schema,
                                  mr_error *error);

/* References are counted: retain returns `schema` itself, the last release frees it. Any thread. */
MR_API mr_schema *mr_schema_retain(mr_schema *schema);
MR_API void mr_schema_release(mr_schema *schema); /* NULL is allowed */

/* How many fields; the field at an index below that, else NULL. Borrows; valid until the schema is released.
 * Any thread. */
MR_API uint32_t mr_schema_count(const mr_schema *schema);
MR_API const mr_field *mr_schema_field(const mr_schema *schema, uint32_t index);

/* Index of the field of exactly this name; of several, the one of `type`, else the first.
 * MR_NO_FIELD when there is none. Any thread. */
MR_API uint32_t mr_schema_find(const mr_schema *schema, const char *name, mr_type type);

/* A model's name for a field, and the record's. */
typedef struct mr_name_mapping {
    const char *model_name;
    const char *record_name;
} mr_name_mapping;

/* How mr_schema_resolve found a field. */
typedef enum mr_match {
    MR_MATCH_NONE,
    MR_MATCH_EXACT,
    MR_MATCH_MAPPED,
    MR_MATCH_NORMALISED,
    MR_MATCH_AMBIGUOUS
} mr_match;

/* The field that feeds a model's input `name`: the mapping decides when it names the input; else the
 * same name; else the only field whose normalised name is the same (ASCII case, blanks, `_` and `-` do not
 * count, so "fixed acidity" is "fixed_acidity"). Two candidates are MR_MATCH_AMBIGUOUS, never a guess.
 * *match may be NULL. Borrows all. Any thread. */
MR_API uint32_t mr_schema_resolve(const mr_schema *schema, const char *name, mr_type type,
                                  const mr_name_mapping *mapping, size_t mapping_count, mr_match *match);

/* Code of a string, from 1 up; 0 when the dictionary does not hold it. Never allocates, never
 * blocks. Any thread, also while another thread adds. */
MR_API uint32_t mr_schema_code(const mr_schema *schema, const char *data, size_t size);

/* Adds a string (copied), or finds it. MR_LIMIT when the dictionary is full, MR_NO_MEMORY. Any thread. */
MR_API mr_status mr_schema_add_code(mr_schema *schema, const char *data, size_t size, uint32_t *code,
                                    mr_error *error);

/* Codes given so far: every code is below mr_schema_codes(). Any thread. */
MR_API uint32_t mr_schema_codes(const mr_schema *schema);

#ifdef __cplusplus
}
#endif
#endif
