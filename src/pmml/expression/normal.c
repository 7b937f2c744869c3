/* Normal: the quantile by Halley's method from a rough start (P. J. Acklam's rational approximation is of
 * 1e-9; here the start is Abramowitz and Stegun 26.2.23, good to 4.5e-4, and each round triples the digits).
 */
#include "pmml/expression/normal.h"

#include <math.h>

#define SQRT_2    1.4142135623730950488
#define SQRT_2_PI 2.5066282746310005024

double mr_normal_density(double x) {
    return exp(-0.5 * x * x) / SQRT_2_PI;
}

double mr_normal_probability(double x) {
    return 0.5 * erfc(-x / SQRT_2);
}

/* For 0 < p <= 0.5: x <= 0. */
static double lower_quantile(double p) {
    double t = sqrt(-2 * log(p));
    double x =
        (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
    for (int round = 0; round < 4; round++) {
        double step = (mr_normal_probability(x) - p) / mr_normal_density(x);
        double next = x - step / (1 + 0.5 * x * step);
        if (!isfinite(next)) break;
        x = next;
    }
    return x;
}

/* For a p so small that erfc has few digits left: the same by logarithms. Below -36 the logarithm of the
 * probability is that of the density over -x times an asymptotic series (Abramowitz and Stegun 26.2.12),
 * whose terms fall to 1e-16 here. */
static double deep_quantile(double p) {
    double x = lower_quantile(1e-290);
    for (int round = 0; round < 8; round++) {
        double u = 1 / (x * x);
        double series = -u * (1 - u * (3 - u * (15 - u * (105 - u * 945))));
        double above = -0.5 * x * x - log(-x * SQRT_2_PI) + log1p(series) - log(p);
        x -= above / (u / x - x - 1 / x);
    }
    return x;
}

double mr_normal_quantile(double p) {
    if (!(p >= 0 && p <= 1)) return NAN;
    if (p == 0 || p == 1) return p == 0 ? -INFINITY : INFINITY;
    if (p == 0.5) return 0;
    if (p < 1e-290) return deep_quantile(p);
    return p < 0.5 ? lower_quantile(p) : -lower_quantile(1 - p);
}
