/* Comparison kernels: eight points at a time, field after field.
 *
 * Three sums take nearly every model and have kernels of their own, made for the base machine and for AVX2;
 * their loops over lanes become vector instructions. The general one switches on the field's compare
 * function and on the measure once for eight points.
 */
#include <math.h>
#include <string.h>

#include "pmml/comparison.h"

#define SQUARES(i)  sums[i] += weight * (difference * difference)
#define SIZES(i)    sums[i] += weight * fabs(difference)
#define GREATEST(i) sums[i] = weight * fabs(difference) > sums[i] ? weight * fabs(difference) : sums[i]

#define KERNEL(name, attribute, WEIGHT, TAKE)                                                                \
    attribute static void name(const mr_comparison *c, const double *restrict values,                        \
                               const double *restrict weights, const double *restrict points,                \
                               uint32_t blocks, double *restrict raw) {                                      \
        (void)weights;                                                                                       \
        for (uint32_t block = 0; block < blocks; block++, raw += MR_LANES) {                                 \
            double sums[MR_LANES] = {0};                                                                     \
            for (uint32_t f = 0; f < c->field_count; f++, points += MR_LANES) {                              \
                const double value = values[f], weight = WEIGHT;                                             \
                for (int i = 0; i < MR_LANES; i++) {                                                         \
                    double difference = value - points[i];                                                   \
                    TAKE(i);                                                                                 \
                }                                                                                            \
            }                                                                                                \
            for (int i = 0; i < MR_LANES; i++) raw[i] = sums[i];                                             \
        }                                                                                                    \
    }
#define KERNELS(suffix, attribute)                                                                           \
    KERNEL(squares##suffix, attribute, 1, SQUARES)                                                           \
    KERNEL(weighted_squares##suffix, attribute, weights[f], SQUARES)                                         \
    KERNEL(sizes##suffix, attribute, 1, SIZES)                                                               \
    KERNEL(weighted_sizes##suffix, attribute, weights[f], SIZES)                                             \
    KERNEL(greatest##suffix, attribute, 1, GREATEST)                                                         \
    KERNEL(weighted_greatest##suffix, attribute, weights[f], GREATEST)                                       \
    static mr_comparison_kernel *const kernels##suffix[3][2] = {                                             \
        {squares##suffix, weighted_squares##suffix},                                                         \
        {sizes##suffix, weighted_sizes##suffix},                                                             \
        {greatest##suffix, weighted_greatest##suffix}};

KERNELS(_base, )
#if defined(__x86_64__)
KERNELS(_avx2, __attribute__((target("avx2"))))
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

mr_comparison_kernel *mr_comparison_choose(const mr_comparison *c, bool weighted, bool plain) {
    unsigned sum;
    if (!plain) return any;
    for (uint32_t f = 0; f < c->field_count; f++)
        if (c->fields[f].compare != COMPARE_ABS_DIFF) return any;
    if (c->metric == METRIC_EUCLIDEAN || c->metric == METRIC_SQUARED_EUCLIDEAN) sum = 0;
    else if (c->metric == METRIC_CITY_BLOCK) sum = 1;
    else if (c->metric == METRIC_CHEBYCHEV) sum = 2;
    else return any;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return kernels_avx2[sum][weighted];
#endif
    return kernels_base[sum][weighted];
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
