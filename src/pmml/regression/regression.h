/* Regression: its compiled form. */
#ifndef MR_PMML_REGRESSION_H
#define MR_PMML_REGRESSION_H

#include "pmml/program.h"
#include "pmml/regression/link.h"

typedef struct mr_term {
    enum MR_BYTE {
        TERM_NUMERIC,
        TERM_NUMERIC_POWER,
        TERM_CATEGORY_NUMBER,
        TERM_CATEGORY_TEXT,
        TERM_PRODUCT
    } kind;
    uint16_t factor_count; /* TERM_PRODUCT */
    uint32_t slot;
    double coefficient;
    union {
        double exponent;         /* TERM_NUMERIC_POWER; TERM_CATEGORY_NUMBER: the value */
        uint32_t text;           /* TERM_CATEGORY_TEXT */
        const uint32_t *factors; /* TERM_PRODUCT: slots */
    };
} mr_term;

typedef struct mr_table {
    double intercept;
    uint32_t term_count;
    uint32_t numeric_count;  /* terms before the first that is no TERM_NUMERIC */
    uint32_t register_count; /* what its terms read: one each, a product one for each factor */
    const mr_term *terms;
} mr_table;

typedef struct mr_regression {
    uint32_t table_count;
    const mr_table *tables;
    mr_normalization normalization;
    bool ordinal;
    bool single; /* x-mathContext="float" */
} mr_regression;

void mr_regression_number(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
void mr_regression_classes(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
/* Values of the tables become probabilities; the label is the first of the greatest. */
uint32_t mr_regression_finish(const mr_regression *regression, double *probabilities);

extern const struct mr_tile_family mr_regression_tiles; /* regression_tile.c */

#endif
