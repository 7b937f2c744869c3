/* Link: the functions between a linear predictor and what it predicts. */
#ifndef MR_PMML_LINK_H
#define MR_PMML_LINK_H

#include <stdbool.h>
#include <stdint.h>

typedef enum mr_normalization {
    NORM_NONE,
    NORM_SIMPLEMAX,
    NORM_SOFTMAX,
    NORM_LOGIT,
    NORM_PROBIT,
    NORM_CLOGLOG,
    NORM_EXP,
    NORM_LOGLOG,
    NORM_CAUCHIT
} mr_normalization;
extern const char *const mr_normalization_words[];

/* Of one value; NONE, SIMPLEMAX and SOFTMAX leave it as it is. */
double mr_normalize(mr_normalization normalization, double value);
/* The same where each step is a float (x-mathContext="float"); not of PROBIT. */
double mr_normalize_single(mr_normalization normalization, double value);
void mr_softmax(double *values, uint32_t count, bool single);
void mr_simplemax(double *values, uint32_t count, bool single);

/* Sums, products and quotients of floats, computed in double and rounded, are those of float arithmetic. */
static inline double mr_rounded(bool single, double value) {
    return single ? (double)(float)value : value;
}

#endif
