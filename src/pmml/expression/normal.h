/* Normal: the standard normal distribution. */
#ifndef MR_PMML_NORMAL_H
#define MR_PMML_NORMAL_H

double mr_normal_density(double x);
double mr_normal_probability(double x);
/* The x whose probability is p: infinite for 0 and 1, NaN beyond. */
double mr_normal_quantile(double p);

#endif
