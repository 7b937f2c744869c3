/* Link: see link.h; the formulas are those of the standard's RegressionModel. */
#include "pmml/link.h"

#include <math.h>
#include <stddef.h>

const char *const mr_normalization_words[] = {"none",    "simplemax", "softmax", "logit",   "probit",
                                              "cloglog", "exp",       "loglog",  "cauchit", NULL};

double mr_normalize(mr_normalization normalization, double value) {
    switch (normalization) {
    case NORM_LOGIT:
        return 1 / (1 + exp(-value));
    case NORM_PROBIT:
        return 0.5 * erfc(-value * M_SQRT1_2);
    case NORM_CLOGLOG:
        return 1 - exp(-exp(value));
    case NORM_EXP:
        return exp(value);
    case NORM_LOGLOG:
        return exp(-exp(-value));
    case NORM_CAUCHIT:
        return 0.5 + M_1_PI * atan(value);
    default:
        return value;
    }
}

/* Less the greatest value, so that no exponential overflows. */
void mr_softmax(double *values, uint32_t count) {
    double greatest = values[0], sum = 0;
    for (uint32_t i = 1; i < count; i++) greatest = fmax(greatest, values[i]);
    for (uint32_t i = 0; i < count; i++) sum += values[i] = exp(values[i] - greatest);
    for (uint32_t i = 0; i < count; i++) values[i] /= sum;
}

void mr_simplemax(double *values, uint32_t count) {
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += values[i];
    for (uint32_t i = 0; i < count; i++) values[i] /= sum;
}
