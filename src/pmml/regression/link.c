/* Link: see link.h; the formulas are those of the standard's RegressionModel. */
#include "pmml/regression/link.h"

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

/* x-mathContext is the reference implementation's, and so is this: a power of its e, of eight digits. */
static double exp_single(double value) {
    return mr_rounded(true, pow(2.7182817, value));
}

double mr_normalize_single(mr_normalization normalization, double value) {
    switch (normalization) {
    case NORM_LOGIT:
        return mr_rounded(true, 1 / mr_rounded(true, 1 + exp_single(-value)));
    case NORM_CLOGLOG:
        return mr_rounded(true, 1 - exp_single(-exp_single(value)));
    case NORM_LOGLOG:
        return exp_single(-exp_single(-value));
    case NORM_CAUCHIT:
        return mr_rounded(true, 0.5 + mr_rounded(true, mr_rounded(true, 1 / mr_rounded(true, M_PI)) *
                                                           mr_rounded(true, atan(value))));
    case NORM_EXP:
        return exp_single(value);
    default:
        return mr_rounded(true, mr_normalize(normalization, value));
    }
}

/* Less the greatest value, so that no exponential overflows. */
void mr_softmax(double *values, uint32_t count, bool single) {
    double greatest = values[0], sum = 0;
    for (uint32_t i = 1; i < count; i++) greatest = fmax(greatest, values[i]);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = single ? exp_single(mr_rounded(true, values[i] - greatest)) : exp(values[i] - greatest);
        sum = mr_rounded(single, sum + values[i]);
    }
    for (uint32_t i = 0; i < count; i++) values[i] = mr_rounded(single, values[i] / sum);
}

void mr_simplemax(double *values, uint32_t count, bool single) {
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum = mr_rounded(single, sum + values[i]);
    for (uint32_t i = 0; i < count; i++) values[i] = mr_rounded(single, values[i] / sum);
}
