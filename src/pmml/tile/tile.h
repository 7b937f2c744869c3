/* Tile: a block of rows as registers, each a column of doubles with a bit for each row where it is missing.
 *
 * A plan, made when a model is bound, says which columns of the frame become registers, which derived fields
 * are computed from them (one operation over all rows at a time, only those that are needed), and which
 * registers the model's family reads. It takes the place of the slots of one row (program.h): same
 * meaning, same bits. What a plan cannot express leaves the whole model to the general way; a row with an
 * invalid value is left to it too, because it knows what to say. A string is the number of a text of the
 * model, 0 is any other.
 */
#ifndef MR_PMML_TILE_H
#define MR_PMML_TILE_H

#include <string.h>

#include "base/arena.h"
#include "pmml/pmml_model.h"

enum { MR_TILE_ROWS = 64 };

typedef struct mr_tile {
    uint32_t rows;
    uint32_t stride; /* doubles of a register: at least `rows`, a multiple of 4; those behind are anything */
    uint64_t all;    /* a bit for each row */
    uint64_t left;   /* rows for the general way */
    double *values;  /* [registers][stride] */
    uint64_t *missing; /* [registers] */
    void *memory;      /* of the family: mr_tile_family.memory */
    mr_work *work;
    unsigned kernels; /* those that may be chosen, see kernels.h */

    /* The family's prediction. */
    uint64_t absent; /* rows without one */
    double
        *numbers; /* of class k and row r: numbers[k * class_step + r * row_step]; k is 0 in a regression */
    uint32_t class_step, row_step;
    uint32_t labels[MR_TILE_ROWS];
} mr_tile;

static inline double *mr_tile_values(const mr_tile *tile, uint32_t number) {
    return tile->values + (size_t)number * tile->stride;
}

typedef struct mr_tile_builder mr_tile_builder;

/* What a family does for tiles. */
typedef struct mr_tile_family {
    /* Names the registers that `run` is given, in order, by mr_tile_need and mr_tile_need_expression.
     * False: not for this model. */
    bool (*plan)(const mr_evaluator *evaluator, mr_tile_builder *builder);
    size_t (*memory)(const mr_evaluator *evaluator, uint32_t rows); /* bytes for `run`; NULL: none */
    void (*run)(const mr_evaluator *evaluator, const uint32_t *registers, mr_tile *tile);

    /* The same of one row of which nothing is missing, with the same bits; both NULL: there is no such way.
     * `values` are the registers; `numbers` is room for as many doubles as row_numbers says (0: not for this
     * model), aligned to 32 bytes, in which the answer lies: probabilities, or one number. NULL: not this
     * row. */
    size_t (*row_numbers)(const mr_evaluator *evaluator);
    double *(*run_row)(const mr_evaluator *evaluator, const uint32_t *registers, const double *values,
                       double *numbers, uint32_t *label, unsigned kernels);
    bool many; /* a row alone that run_row does not serve is faster the general way */
} mr_tile_family;

bool mr_tile_need(mr_tile_builder *builder, uint32_t slot);
bool mr_tile_need_expression(mr_tile_builder *builder, const mr_expression *expression, bool single);

typedef enum mr_tile_op_kind {
    TILE_FILL, /* to = x */
    TILE_MOVE, /* to = a */
    TILE_ADD,  /* a and b: registers, or MR_NONE: x, y */
    TILE_SUBTRACT,
    TILE_MULTIPLY,
    TILE_DIVIDE,
    TILE_SCALE, /* (a - x) / y */
    TILE_NORM,  /* x is a NormContinuous over a */
    TILE_IS,    /* a == x */
    TILE_SUM,   /* of terms without those that are missing; the first of several does all, see tile_sum.c */
    TILE_CALL,  /* any expression, row by row, by expression.c */
    TILE_TREAT, /* a, treated by a mining schema: the row may be left */
    TILE_MODEL, /* what a regression of a chain predicts from the registers that it reads */
} mr_tile_op_kind;

typedef struct mr_tile_op {
    uint8_t kind;
    bool single;     /* the result is rounded to a float */
    bool fills;      /* a missing result becomes `filling` */
    bool text;       /* TILE_TREAT: of strings */
    bool calculates; /* of an <Apply>: NaN is no result */
    bool scales;     /* a TILE_SCALE with nothing more to it */
    uint32_t to, a, b;
    double x, y, filling;
    const void *of;        /* expression, treatment, evaluator, or mr_tile_sums (NULL: computed already) */
    uint32_t first, count; /* TILE_CALL, TILE_MODEL: in plan->reads. TILE_SUM: in the builder's terms */
} mr_tile_op;

/* A slot of TILE_CALL, and the register that holds it; of TILE_MODEL, only the register. */
typedef struct mr_tile_read {
    uint32_t slot, from;
    bool text;
} mr_tile_read;

/* Sums of `count` terms (from - less) * times, `width` of them, over the same registers less the same
 * numbers. */
typedef struct mr_tile_sums {
    uint32_t count, width, stride;
    const uint32_t *from, *to; /* [count], [width] */
    const double *less;        /* [count] */
    const double *times;       /* [count][stride]; stride is even */
} mr_tile_sums;

/* A string of the schema's dictionary as a value of an input. */
typedef struct mr_tile_text {
    double number;
    bool missing, invalid;
} mr_tile_text;

typedef struct mr_tile_load {
    enum { LOAD_PLAIN, LOAD_NUMBER, LOAD_TEXT } kind; /* plain: a double that the bounds say all about */
    mr_type type;                                     /* of the column */
    uint32_t field, to;
    uint32_t column;             /* bytes to the field's column */
    bool single, whole, boolean; /* what the field's type does to a number */
    bool checks;                 /* LOAD_NUMBER: every value goes through the treatment */
    double low, high;            /* LOAD_NUMBER: values within need no treatment */
    const mr_treatment *treatment;
    const mr_tile_text *texts; /* LOAD_TEXT: [code_count], by code; 0 is any other */
    uint32_t code_count;
} mr_tile_load;

typedef struct mr_tile_plan {
    mr_arena arena; /* what it points to */
    const mr_pmml_model *model;
    uint32_t load_count, op_count, register_count, rows, output_count;
    uint32_t plain_count, most; /* loads that are LOAD_PLAIN of doubles: the first; the greatest field */
    size_t memory;              /* bytes for mr_tile_score */
    unsigned kernels;
    const mr_tile_load *loads;
    const mr_tile_op *ops;
    const mr_tile_read *reads;
    const uint32_t *registers; /* of the family */
    const uint32_t *labels;    /* of each output behind the target: the class whose probability it is */
    bool bounded;              /* plain loads have bounds */
    bool simple;               /* that is all there is */
    bool alone;                /* a single row goes by mr_tile_score_row */
} mr_tile_plan;

/* *plan: NULL when the model or the schema needs the general way; else returns owned: mr_tile_plan_free.
 * False: out of memory. */
bool mr_tile_plan_new(const mr_pmml_binding *binding, const mr_schema *schema, mr_tile_plan **plan);
void mr_tile_plan_free(mr_tile_plan *plan);

/* As mr_direct_score. `memory`: plan->memory bytes. */
uint64_t mr_tile_score(const mr_tile_plan *plan, const mr_frame *in, mr_frame *out, mr_row_result *results,
                       uint32_t row, uint32_t count, mr_work *work, void *memory);

/* tile_row.c: the same for one row, if all of it is ordinary. False: nothing is done. */
bool mr_tile_score_row(const mr_tile_plan *plan, const mr_frame *in, mr_frame *out, mr_row_result *results,
                       uint32_t row);
bool mr_tile_row_serves(const mr_tile_plan *plan);

/* tile_read.c. False: a column is not of the type that the schema says. */
bool mr_tile_load_all(const mr_tile_plan *plan, const mr_frame *in, uint32_t row, mr_tile *tile);
/* tile_run.c */
void mr_tile_run(const mr_tile_plan *plan, mr_tile *tile);
/* chain_tile.c: the family of chains of models; the index of the evaluator that answers for the root. */
extern const mr_tile_family mr_chain_tiles;
uint32_t mr_tile_answers(const mr_evaluator *root);
void mr_tile_run_model(const mr_tile_plan *plan, const mr_tile_op *op, mr_tile *tile);
/* tile_sum.c */
void mr_tile_sum(const mr_tile_sums *sums, mr_tile *tile);
void mr_tile_sum_row(const mr_tile_sums *sums, double *values);
/* tile_write.c: what is predicted, of the rows that are not left. */
void mr_tile_write(const mr_tile_plan *plan, mr_tile *tile, mr_frame *out, uint32_t row);

#endif
