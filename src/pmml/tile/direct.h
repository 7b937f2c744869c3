/* Direct: a forest that is the whole model, scored from the frame's columns to the frame's columns.
 *
 * Its inputs are doubles that need no treatment, so reading is one pass over each column, which makes keys;
 * there are no slots and no derived fields between. Rows go through in blocks: columns to keys, keys to
 * predictions, predictions to columns. A row with an invalid value is left to the general
 * way (score.c), which knows what to say about it.
 */
#ifndef MR_PMML_DIRECT_H
#define MR_PMML_DIRECT_H

#include "pmml/pmml_model.h"
#include "pmml/tree/forest.h"

enum { MR_DIRECT_ROWS = 64 };

typedef struct mr_direct_input {
    uint32_t field;  /* of the frame */
    uint32_t column; /* bytes to its column */
    uint32_t key;    /* which it becomes; those that no tree reads share a last one */
    bool single;     /* the model holds it as a float */
} mr_direct_input;

typedef struct mr_direct {
    uint32_t count, most; /* inputs, and the greatest field that feeds one */
    uint32_t rows;        /* of a block, at most MR_DIRECT_ROWS */
    size_t memory;        /* bytes of a block, for mr_direct_score */
    bool singles;         /* there are some */
    bool neighbours;      /* there are none, and `field` goes up by one from each to the next */
    bool simple;          /* a label and probabilities of certain classes as doubles, or one number */
    bool settles;         /* numbers go through mr_evaluator_settle */
    bool alone;           /* a single row goes by mr_direct_score_row */
    bool gaps;            /* rows with missing values go by mr_forest_predict_gaps */
    bool classification;
    uint32_t outputs;
    uint32_t *labels; /* of the outputs, in a classification those behind the label: which number it is */
    mr_direct_input inputs[]; /* by their field; and, behind an odd number, the last one again */
} mr_direct;

/* A block of rows between its columns. */
typedef struct mr_direct_block {
    uint64_t *keys; /* [rows][stride], as in mr_forest_row */
    uint32_t stride;
    double *numbers;                  /* [rows][value_stride]: probabilities, or one number */
    uint32_t *labels;                 /* [rows] */
    uint32_t *leaves;                 /* of a row */
    uint64_t gaps[MR_DIRECT_ROWS];    /* a bit for each key that is missing; with direct->gaps */
    uint8_t flags[MR_DIRECT_ROWS];    /* mr_direct_row: 0 if the row is complete */
    uint8_t complete[MR_DIRECT_ROWS]; /* rows that are */
} mr_direct_block;

/* Fills *direct (NULL: the model needs the general way) for a binding whose `fields` are set. Returns owned:
 * mr_free. False: out of memory. */
bool mr_direct_new(const mr_pmml_binding *binding, const mr_schema *schema, mr_direct **direct);

/* Scores up to direct->rows rows from `row` on, and sets the results of those that it scores. Bit i of the
 * answer: row + i is left as it was. `memory` is direct->memory bytes; work->numbers is all that it uses of
 * `work`. */
uint64_t mr_direct_score(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                         mr_row_result *results, uint32_t row, uint32_t count, mr_work *work, void *memory);

/* The same for one row, with the least between its columns and the forest. False: nothing is done. */
bool mr_direct_score_row(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                         mr_row_result *results, uint32_t row);

/* What a row is: bits. */
typedef enum mr_direct_row {
    MR_DIRECT_COMPLETE = 0,
    MR_DIRECT_INCOMPLETE = 1, /* a value is missing */
    MR_DIRECT_INVALID = 2,
    MR_DIRECT_UNREADABLE = 4 /* the columns are not what direct scoring reads */
} mr_direct_row;

/* direct_read.c: one row; invalid values count as missing. */
mr_direct_row mr_direct_read_row(const mr_direct *direct, const mr_frame *in, uint32_t row,
                                 uint64_t *restrict keys);
/* What is missing in a row that was read so, as mr_forest_predict_gaps wants it. False: a value is invalid.
 */
bool mr_direct_find_gaps(const mr_direct *direct, const mr_frame *in, uint32_t row, uint64_t *keys);

/* Many rows. False: the columns are not what direct scoring reads; nothing is known of any row. */
bool mr_direct_read(const mr_direct *direct, const mr_frame *in, uint32_t row, uint32_t count,
                    mr_direct_block *block);
/* One row with missing values; *missing: a tree reads one. False: a value is invalid. */
bool mr_direct_read_gaps(const mr_direct *direct, const mr_column *columns, uint32_t row,
                         const mr_forest *forest, const mr_forest_row *to, bool *missing);

/* Has every row the label and probabilities of classes as doubles, or one number, and nothing else? */
bool mr_direct_gives_simple(const mr_pmml_model *model);

/* The label's value, of a row that has one. */
static inline __attribute__((always_inline)) void mr_direct_write_label(const mr_pmml_model *model,
                                                                        uint32_t label, mr_column *column,
                                                                        uint32_t row) {
    const mr_slot *value = &model->root->class_values[label];
    if (column->type != MR_TYPE_STRING) {
        mr_pmml_write(model, NULL, column, row, value); /* no string of the row's own */
        return;
    }
    *(mr_text *)mr_cell(column, row) = model->texts[value->text];
    *mr_cell_state_at(column, row) = MR_CELL_PRESENT;
}

/* direct_write.c. The block's complete rows, predicted; row r of the block is row + r of the frame. */
void mr_direct_write(const mr_pmml_binding *binding, const mr_direct_block *block, uint32_t complete,
                     mr_frame *out, uint32_t row);
void mr_direct_write_row(const mr_pmml_binding *binding, const double *numbers, uint32_t label, mr_frame *out,
                         uint32_t row);
void mr_direct_write_one(const mr_pmml_model *model, mr_work *work, const mr_prediction *prediction,
                         mr_frame *out, uint32_t row);

#endif
