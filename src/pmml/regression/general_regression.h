/* General regression: its compiled form. */
#ifndef MR_PMML_GENERAL_REGRESSION_H
#define MR_PMML_GENERAL_REGRESSION_H

#include "pmml/program.h"
#include "pmml/regression/link.h"

typedef enum mr_general_type {
    GENERAL_REGRESSION,
    GENERAL_LINEAR,
    GENERALIZED_LINEAR,
    MULTINOMIAL_LOGISTIC,
    ORDINAL_MULTINOMIAL,
    COX_REGRESSION
} mr_general_type;

typedef enum mr_link_function {
    LINK_IDENTITY,
    LINK_LOG,
    LINK_LOGC,
    LINK_LOGIT,
    LINK_PROBIT,
    LINK_CLOGLOG,
    LINK_LOGLOG,
    LINK_NEGBIN,
    LINK_ODDSPOWER,
    LINK_POWER
} mr_link_function;

/* Categories of a factor, and what each adds in each column of its contrast matrix. */
typedef struct mr_contrast {
    uint32_t count, columns;
    const mr_slot *categories; /* [count] */
    const double *values;      /* [count][columns] */
} mr_contrast;

/* A factor of the product that a parameter is. */
typedef struct mr_general_cell {
    uint32_t value; /* index of the product */
    uint32_t slot;
    enum { CELL_COVARIATE, CELL_NUMBER, CELL_TEXT, CELL_CONTRAST_NUMBER, CELL_CONTRAST_TEXT } kind;
    uint32_t text;               /* CELL_TEXT: 1 where the field has it, else 0 */
    double number;               /* exponent of a covariate; CELL_NUMBER: as CELL_TEXT */
    const mr_contrast *contrast; /* column `text` of the row of the field's category */
} mr_general_cell;

/* The baseline of a Cox regression: a step function of time, for each stratum. */
typedef struct mr_stratum {
    mr_slot key;
    double most; /* maxTime */
    uint32_t count;
    const double *times; /* rising */
    const double *hazards;
} mr_stratum;
typedef struct mr_cox {
    uint32_t time, stratum; /* slots; MR_NONE: one stratum */
    bool texts;             /* the strata's keys */
    double centre;          /* of the linear predictor, at the reference points */
    uint32_t stratum_count;
    const mr_stratum *strata;
} mr_cox;

typedef struct mr_general {
    mr_general_type type;
    mr_link_function link;
    mr_normalization cumulative;
    double link_parameter, dist_parameter, offset, trials;
    uint32_t offset_slot, trials_slot; /* MR_NONE */
    uint32_t parameter_count, cell_count;
    uint32_t matrix_count; /* 1, or one for each row of weights: products differ between categories */
    const mr_general_cell *cells;
    uint32_t row_count;        /* of weights: 1, or one a class */
    const double *weights;     /* [row_count][parameter_count]; NaN: none, not even 0 times infinity */
    uint32_t reference;        /* class without weights; of ordinal classes the last */
    const double *covariances; /* [parameter_count][parameter_count] of the weights; NULL: nobody asks */
    const mr_cox *cox;
} mr_general;

void mr_general_number(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
void mr_general_classes(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
void mr_general_cox(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
void mr_general_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                      const mr_prediction *prediction, mr_slot *value);

/* Products of the parameters, [matrix_count][parameter_count]. False: a predictor is missing. */
bool mr_general_products(const mr_general *general, const mr_slot *slots, double *values);
double mr_general_row(const mr_general *general, uint32_t row, const double *values);

/* What sums of weighted products become. Of classes the first mr_general_sum_count of p are sums, then all
 * are probabilities; the answer is the first of the greatest. */
double mr_general_finish(const mr_general *general, double sum, double offset, double trials);
uint32_t mr_general_sum_count(const mr_general *general, uint32_t class_count);
uint32_t mr_general_finish_classes(const mr_general *general, double offset, double *p, uint32_t count);

extern const struct mr_tile_family mr_general_tiles; /* general_tile.c */

#endif
