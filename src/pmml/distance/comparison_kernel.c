/* Comparison kernels: eight points at a time, field after field.
 *
 * Three sums take nearly every model and have kernels of their own, made for the base machine (four vectors
 * of two) and for AVX2 (two of four): vectors by name, because left to the compiler their speed hangs on
 * its options. The general one switches on the field's compare function and on the measure once for eight
 * points.
 */
#include <math.h>
#include <string.h>

#include "pmml/distance/comparison.h"

/* Numbers, the same where memory is not aligned, and their bits. */
typedef double two __attribute__((vector_size(16)));
typedef double loose_two __attribute__((vector_size(16), aligned(8)));
typedef int64_t two_bits __attribute__((vector_size(16)));
typedef double four __attribute__((vector_size(32)));
typedef double loose_four __attribute__((vector_size(32), aligned(8)));
typedef int64_t four_bits __attribute__((vector_size(32)));

#define EACH_two(X, V)  X(V, 0) X(V, 1) X(V, 2) X(V, 3)
#define EACH_four(X, V) X(V, 0) X(V, 1)

#define START(V, i) V sum##i = {0};
#define STORE(V, i) ((loose_##V *)(void *)raw)[i] = sum##i;
#define SQUARES(V, i)                                                                                        \
    {                                                                                                        \
        V difference = value - point[i];                                                                     \
        sum##i += weight * (difference * difference);                                                        \
    }
#define SIZE(V, i)  weight *(V)((V##_bits)(value - point[i]) & INT64_MAX)
#define SIZES(V, i) sum##i += SIZE(V, i);
#define GREATEST(V, i)                                                                                       \
    {                                                                                                        \
        V size = SIZE(V, i);                                                                                 \
        V##_bits greater = size > sum##i;                                                                    \
        sum##i = (V)(((V##_bits)size & greater) | ((V##_bits)sum##i & ~greater));                            \
    }

#define KERNEL(name, attribute, V, WEIGHT, TAKE)                                                             \
    attribute static void name(const mr_comparison *c, const double *restrict values,                        \
                               const double *restrict weights, const double *restrict points,                \
                               uint32_t blocks, double *restrict raw) {                                      \
        (void)weights;                                                                                       \
        for (uint32_t block = 0; block < blocks; block++, raw += MR_LANES) {                                 \
            EACH_##V(START, V) for (uint32_t f = 0; f < c->field_count; f++, points += MR_LANES) {           \
                const double value = values[f], weight = WEIGHT;                                             \
                const loose_##V *point = (const loose_##V *)(const void *)points;                            \
                EACH_##V(TAKE, V)                                                                            \
            }                                                                                                \
            EACH_##V(STORE, V)                                                                               \
        }                                                                                                    \
    }
#define KERNELS(V, attribute)                                                                                \
    KERNEL(squares_##V, attribute, V, 1, SQUARES)                                                            \
    KERNEL(weighted_squares_##V, attribute, V, weights[f], SQUARES)                                          \
    KERNEL(sizes_##V, attribute, V, 1, SIZES)                                                                \
    KERNEL(weighted_sizes_##V, attribute, V, weights[f], SIZES)                                              \
    KERNEL(greatest_##V, attribute, V, 1, GREATEST)                                                          \
    KERNEL(weighted_greatest_##V, attribute, V, weights[f], GREATEST)                                        \
    static mr_comparison_kernel *const kernels_##V[3][2] = {{squares_##V, weighted_squares_##V},             \
                                                            {sizes_##V, weighted_sizes_##V},                 \
                                                            {greatest_##V, weighted_greatest_##V}};

KERNELS(two, )
#if defined(__x86_64__)
KERNELS(four, __attribute__((target("avx2"))))
#endif

/* ---- Any compare function, any measure ---- */

static void compare(const mr_compared_field *field, double value, const double *points, double *results) {
    const double *row;
    switch (field->compare) {
    case COMPARE_ABS_DIFF:
        for (int i = 0; i < MR_LANES; i++) results[i] = fabs(value - points[i]);
        break;
    case COMPARE_GAUSS_SIM:
        for (int i = 0; i < MR_LANES; i++) {
            double difference = value - points[i];
            results[i] = exp(field->scale * (difference * difference));
        }
        break;
    case COMPARE_DELTA:
        for (int i = 0; i < MR_LANES; i++) results[i] = value != points[i];
        break;
    case COMPARE_EQUAL:
        for (int i = 0; i < MR_LANES; i++) results[i] = value == points[i];
        break;
    case COMPARE_TABLE:
        row = field->table->cells + (size_t)value * field->table->count;
        for (int i = 0; i < MR_LANES; i++) results[i] = row[(size_t)points[i]];
        break;
    }
}

/* Of a whole exponent by multiplying, which is many times faster than pow(). */
static double power_of(double number, const mr_comparison *c) {
    if (c->whole_power == 0) return pow(number, c->power);
    double power = number;
    for (uint32_t i = 1; i < c->whole_power; i++) power *= number;
    return power;
}

static void put_in(const mr_comparison *c, double weight, const double *results, double *sums) {
    switch (c->metric) {
    case METRIC_EUCLIDEAN:
    case METRIC_SQUARED_EUCLIDEAN:
        for (int i = 0; i < MR_LANES; i++) sums[i] += weight * (results[i] * results[i]);
        break;
    case METRIC_CHEBYCHEV:
        for (int i = 0; i < MR_LANES; i++)
            sums[i] = weight * results[i] > sums[i] ? weight * results[i] : sums[i];
        break;
    case METRIC_MINKOWSKI:
        for (int i = 0; i < MR_LANES; i++) sums[i] += weight * power_of(results[i], c);
        break;
    default:
        for (int i = 0; i < MR_LANES; i++) sums[i] += weight * results[i];
        break;
    }
}

static void any(const mr_comparison *c, const double *restrict values, const double *restrict weights,
                const double *restrict points, uint32_t blocks, double *restrict raw) {
    for (uint32_t block = 0; block < blocks; block++, raw += MR_LANES) {
        double sums[MR_LANES] = {0}, results[MR_LANES];
        for (uint32_t f = 0; f < c->field_count; f++, points += MR_LANES) {
            if (weights[f] == 0) continue; /* missing; also, 0 times a great power is no number */
            compare(&c->fields[f], values[f], points, results);
            put_in(c, weights[f], results, sums);
        }
        memcpy(raw, sums, sizeof sums);
    }
}

mr_comparison_kernel *mr_comparison_choose(const mr_comparison *c, bool weighted, bool plain, bool portable) {
    unsigned sum;
    if (!plain) return any;
    for (uint32_t f = 0; f < c->field_count; f++)
        if (c->fields[f].compare != COMPARE_ABS_DIFF) return any;
    if (c->metric == METRIC_EUCLIDEAN || c->metric == METRIC_SQUARED_EUCLIDEAN) sum = 0;
    else if (c->metric == METRIC_CITY_BLOCK) sum = 1;
    else if (c->metric == METRIC_CHEBYCHEV) sum = 2;
    else return any;
#if defined(__x86_64__)
    if (!portable && __builtin_cpu_supports("avx2")) return kernels_four[sum][weighted];
#endif
    (void)portable;
    return kernels_two[sum][weighted];
}

/* ---- Bits ---- */

bool mr_comparison_bits(const mr_comparison *c, const uint64_t *row, uint32_t point, uint32_t count,
                        double *raw) {
    const uint64_t *bits = c->bits + (size_t)point * c->words;
    bool defined = true;
    for (uint32_t i = 0; i < count; i++, bits += c->words) {
        unsigned both = 0, only_row = 0, only_point = 0;
        for (uint32_t w = 0; w < c->words; w++) {
            both += (unsigned)__builtin_popcountll(row[w] & bits[w]);
            only_row += (unsigned)__builtin_popcountll(row[w] & ~bits[w]);
            only_point += (unsigned)__builtin_popcountll(~row[w] & bits[w]);
        }
        const double counts[4] = {both, only_row, only_point, c->field_count - both - only_row - only_point};
        double above = 0, below = 0;
        for (int k = 0; k < 4; k++) {
            above += c->above[k] * counts[k];
            below += c->below[k] * counts[k];
        }
        raw[i] = -(above / below);
        defined &= raw[i] == raw[i];
    }
    for (uint32_t i = count; i % MR_LANES; i++) raw[i] = 0;
    return defined;
}
