/* Model: what turns a frame of features into a frame of results.
 *
 * Three objects, each immutable once made, so any number of threads may share them:
 *   model    loaded from bytes; says which inputs it wants and which outputs it gives
 *   binding  a model bound to one schema: which field feeds which input, which code is which category
 *   scratch  one thread's memory for scoring; the only thing that changes
 *
 *   mr_model_load(bytes) -> model;  mr_model_bind(model, schema) -> binding
 *   mr_score(binding, in, out, rows, scratch)      as often as you like
 *
 * For single rows there is mr_row_scorer, which holds all of these.
 *
 * Scoring allocates nothing, takes no lock and does no I/O. When the scratch is too small it answers
 * MR_MORE_MEMORY and says from which row to go on.
 */
#ifndef MILLRACE_MODEL_H
#define MILLRACE_MODEL_H

#include <string.h>

#include "millrace/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mr_model mr_model;
typedef struct mr_binding mr_binding;
typedef struct mr_scratch mr_scratch;

typedef struct mr_input {
    const char *name;
    mr_type type; /* the type that the model reads it best in; any numeric type is converted */
    mr_measure measure;
} mr_input;

typedef enum mr_role { MR_ROLE_TARGET, MR_ROLE_PROBABILITY, MR_ROLE_OUTPUT } mr_role;
MR_API const char *mr_role_name(mr_role role); /* "target"; static; any thread */

typedef struct mr_output {
    const char *name;
    mr_role role;
    mr_type type;
} mr_output;

/* MR_SCORES_ROWS: one result a row. MR_SCORES_GROUPS: the rows of a group give one result (an
 * association model over transactions); `group_input` is the input whose value tells the groups. */
typedef enum mr_arity { MR_SCORES_ROWS, MR_SCORES_GROUPS } mr_arity;

typedef struct mr_model_shape {
    const mr_input *inputs;
    uint32_t input_count;
    const mr_output *outputs; /* in document order: targets first, then outputs */
    uint32_t output_count;
    mr_arity arity;
    uint32_t group_input; /* MR_SCORES_GROUPS only */
    size_t memory;        /* bytes that the loaded model holds */
} mr_model_shape;

/* Limits of loading; 0 means the default. */
typedef struct mr_model_limits {
    size_t size;    /* sizeof(mr_model_limits): set by the caller */
    size_t bytes;   /* of the model's text      (default 1 GiB) */
    uint32_t depth; /* of nested elements       (default 512) */
    uint32_t nodes; /* tree nodes, neurons, ... (default 20,000,000) */
    size_t memory;  /* bytes while loading      (default 4 GiB) */
} mr_model_limits;

/* Loads a model from memory. `format` is "pmml", or NULL to tell by the content; `name` stands in
 * errors before the line number; `name` and `limits` may be NULL. Borrows all during the call. *model:
 * returns owned, release with mr_model_release. MR_SYNTAX, MR_LIMIT, MR_UNSUPPORTED (names the element and
 * its line), MR_INVALID_MODEL, MR_NO_MEMORY. Any thread. */
MR_API mr_status mr_model_load(const void *data, size_t size, const char *format, const char *name,
                               const mr_model_limits *limits, mr_model **model, mr_error *error);
/* The same from a file, whose path is the name. Also MR_NOT_FOUND, MR_IO. Any thread. */
MR_API mr_status mr_model_load_file(const char *path, const char *format, const mr_model_limits *limits,
                                    mr_model **model, mr_error *error);

/* References are counted (a binding holds one): retain returns `model` itself, the last release frees it.
 * Any thread. */
MR_API mr_model *mr_model_retain(mr_model *model);
MR_API void mr_model_release(mr_model *model); /* NULL is allowed */

/* Borrows; valid until the model is released. Any thread. */
MR_API const mr_model_shape *mr_model_get_shape(const mr_model *model);

/* Resolves each input to a field (mr_schema_resolve) and adds the model's categories to the schema's
 * dictionary. An input that nothing feeds is always missing: mr_binding_field says MR_NO_FIELD, and
 * the caller decides whether that is an error. MR_WRONG_TYPE when a field's type cannot feed an
 * input, MR_CONFLICT when two fields could, MR_LIMIT when the dictionary is full, MR_NO_MEMORY. Retains model
 * and schema, borrows the mapping during the call. *binding: returns owned, free with mr_binding_free once
 * nobody scores with it. Any thread. */
MR_API mr_status mr_model_bind(mr_model *model, mr_schema *schema, const mr_name_mapping *mapping,
                               size_t mapping_count, mr_binding **binding, mr_error *error);
MR_API void mr_binding_free(mr_binding *binding); /* NULL is allowed */

/* Field of the schema that feeds input `input` (below input_count) or MR_NO_FIELD; *match, which may be
 * NULL: how it was found. The model: borrows, valid while the binding is. Any thread. */
MR_API uint32_t mr_binding_field(const mr_binding *binding, uint32_t input, mr_match *match);
MR_API const mr_model *mr_binding_model(const mr_binding *binding);

/* Allocates the frame that mr_score fills: one column for each output of the model. *out: returns owned, free
 * with mr_frame_free. MR_LIMIT, MR_NO_MEMORY. Any thread. */
MR_API mr_status mr_binding_new_output(const mr_binding *binding, uint32_t rows, mr_frame **out,
                                       mr_error *error);

/* How one row went: MR_OK, or why there is no result (MR_INVALID_VALUE). A prediction that is missing
 * is MR_OK with a missing target. `message` is valid until mr_scratch_reset. */
typedef struct mr_row_result {
    mr_status status;
    const char *message; /* NULL when ok */
} mr_row_result;

/* Memory that grows in steps, never moving what was handed out. `bytes`: to begin with, and more to have at
 * hand; 0 is allowed. *scratch: returns owned, free with mr_scratch_free. MR_NO_MEMORY. One thread at a time.
 */
MR_API mr_status mr_scratch_new(size_t bytes, mr_scratch **scratch, mr_error *error);
MR_API void mr_scratch_free(mr_scratch *scratch);  /* NULL is allowed */
MR_API void mr_scratch_reset(mr_scratch *scratch); /* all handed-out memory becomes free again */
MR_API mr_status mr_scratch_grow(mr_scratch *scratch, size_t bytes, mr_error *error);

/* Where a call of mr_score begins, and where it stopped. */
typedef struct mr_score_progress {
    uint32_t row;  /* in: first row to score; out: first row not scored yet; of a group model, groups */
    size_t needed; /* out, with MR_MORE_MEMORY: bytes to give to mr_scratch_grow */
} mr_score_progress;

/* Scores rows progress->row .. in->row_count-1: reads `in` (a frame of the bound schema or of an
 * extension of it), writes `out` (row r of in gives row r of out; of a group model, row g is group g
 * and out->row_count says how many) and rows[r]. Strings and lists in `out` point into the model or
 * into the scratch: valid until mr_scratch_reset and while the binding lives.
 * MR_OK: all rows done. MR_MORE_MEMORY: grow the scratch and call again; what is done stays done.
 * Nothing else. Any thread; `out`, `rows` and `scratch` belong to the caller's thread. */
MR_API mr_status mr_score(const mr_binding *binding, const mr_frame *in, mr_frame *out, mr_row_result *rows,
                          mr_scratch *scratch, mr_score_progress *progress);

/* mr_score from row 0 to the end, growing the scratch as needed. MR_OK or MR_NO_MEMORY. */
MR_API mr_status mr_score_all(const mr_binding *binding, const mr_frame *in, mr_frame *out,
                              mr_row_result *rows, mr_scratch *scratch, mr_error *error);

/* ---- One row at a time ---- */

/* A model with what scoring single rows takes: a schema of exactly its inputs, a binding, one row of memory.
 * Many rows are faster as a frame. */
typedef struct mr_row_scorer mr_row_scorer;

/* Retains the model. *scorer: returns owned, free with mr_row_scorer_free. MR_UNSUPPORTED: the model scores
 * groups of rows (see mr_arity), which take a frame; MR_LIMIT, MR_NO_MEMORY. Any thread, then one at a time.
 */
MR_API mr_status mr_row_scorer_new(mr_model *model, mr_row_scorer **scorer, mr_error *error);
MR_API void mr_row_scorer_free(mr_row_scorer *scorer); /* NULL is allowed */

/* Index of the input of that name (by the rule of mr_schema_resolve), or of the output of exactly that name;
 * MR_NO_FIELD: there is none. Any thread. */
MR_API uint32_t mr_row_scorer_input(const mr_row_scorer *scorer, const char *name);
MR_API uint32_t mr_row_scorer_output(const mr_row_scorer *scorer, const char *name);

/* Scores one row: inputs[i] is input i and outputs[i] output i of mr_model_get_shape. A text that feeds a
 * number is read as one; a value that cannot be of its input's type counts as invalid, which the model treats
 * in its own way. Borrows the inputs during the call; texts and lists in `outputs` are valid until the next
 * call. MR_OK; MR_INVALID_VALUE: this row has no result, `error` (may be NULL) says why; MR_NO_MEMORY. One
 * thread. */
MR_API mr_status mr_row_scorer_score(mr_row_scorer *scorer, const mr_value *inputs, mr_value *outputs,
                                     mr_error *error);

/* Values for mr_row_scorer_score. A text is borrowed. Any thread. */
static inline mr_value mr_number(double number) {
    mr_value value = {MR_TYPE_DOUBLE, false, {0}};
    value.as.number = number;
    return value;
}
static inline mr_value mr_string(const char *text) {
    mr_value value = {MR_TYPE_STRING, text == NULL, {0}};
    mr_text view = {text, text ? (uint32_t)strlen(text) : 0, 0};
    value.as.text = view;
    return value;
}
static inline mr_value mr_missing(void) {
    mr_value value = {MR_TYPE_DOUBLE, true, {0}};
    return value;
}

#ifdef __cplusplus
}
#endif
#endif
