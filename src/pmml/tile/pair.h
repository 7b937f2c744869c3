/* Pair: two rows at a time, in the vectors of GCC and clang that every x86-64 and most other processors have.
 */
#ifndef MR_PMML_PAIR_H
#define MR_PMML_PAIR_H

#include <stdint.h>
#include <string.h>

typedef double mr_pair __attribute__((vector_size(16)));
typedef int64_t mr_pair_bits __attribute__((vector_size(16)));

/* A cell, of any alignment. */
static inline double mr_double_at(const char *cell) {
    double number;
    memcpy(&number, cell, sizeof number);
    return number;
}

/* Rows `row` and row + 1 of a register. */
static inline mr_pair mr_pair_get(const double *values, uint32_t row) {
    mr_pair x;
    memcpy(&x, values + row, sizeof x);
    return x;
}
static inline void mr_pair_put(double *values, uint32_t row, mr_pair x) {
    memcpy(values + row, &x, sizeof x);
}

/* As mr_forest_order, of both. */
static inline mr_pair_bits mr_pair_order(mr_pair numbers) {
    mr_pair_bits all = (mr_pair_bits)numbers;
    return all ^ ((all < 0) | INT64_MIN);
}

/* As floats hold them. GCC 12 drops the casts of {(double)(float)a, (double)(float)b}. */
static inline mr_pair mr_pair_as_floats(mr_pair x) {
    typedef float floats __attribute__((vector_size(8)));
    return __builtin_convertvector(__builtin_convertvector(x, floats), mr_pair);
}

#endif
