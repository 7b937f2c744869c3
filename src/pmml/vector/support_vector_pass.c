/* The passes over the support vectors: sixteen vectors at a time, field after field.
 *
 * One source for the base machine and for AVX2, in vectors of the compiler and without fused operations, so
 * that both give the same bits. That is also why the exponential is ours: x = n ln 2 + r with |r| <= ln 2 /
 * 2, e^r by its series up to r^13 (the rest is below 2^-56), times 2^n by adding n to the exponent. Its error
 * is below 2 units in the last place; what would be below 1e-307 is 0.
 */
#include "pmml/vector/support_vector.h"

#include <string.h>

typedef double lanes __attribute__((vector_size(4 * sizeof(double)), aligned(8)));
typedef int64_t marks __attribute__((vector_size(4 * sizeof(int64_t)), aligned(8)));
enum { PARTS = MR_VECTOR_LANES / 4 };

static const double LEAST = -708, LOG2E = 1.4426950408889634, ROUND = 6755399441055744; /* 1.5 * 2^52 */
static const double LN2_HIGH = 0.6931471803691238, LN2_LOW = 1.9082149292705877e-10;
/* 1 / n!, of r^13 first */
static const double SERIES[] = {
    1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
    1.0 / 720,        1.0 / 120,       1.0 / 24,       1.0 / 6,       1.0 / 2,      1,           1};
enum { SERIES_COUNT = sizeof SERIES / sizeof SERIES[0] };

/* Everything in one macro: vectors that are handed to a function have no one calling convention. */
#define EXPONENTIAL(x)                                                                                       \
    do {                                                                                                     \
        lanes t_ = (x) * LOG2E + ROUND, n_ = t_ - ROUND, r_ = ((x) - n_ * LN2_HIGH) - n_ * LN2_LOW;          \
        lanes p_ = r_ * SERIES[0] + SERIES[1];                                                               \
        for (int k_ = 2; k_ < SERIES_COUNT; k_++) p_ = p_ * r_ + SERIES[k_];                                 \
        marks e_ = (marks)p_ + ((marks)t_ << 52), big_ = (x) >= LEAST, nan_ = (x) != (x);                    \
        (x) = (lanes)((e_ & big_) | ((marks)(x) & nan_));                                                    \
    } while (0)

#define PRODUCT(sum, x, y)                                                                                   \
    do {                                                                                                     \
        (sum) += (x) * (y);                                                                                  \
    } while (0)
#define SQUARE(sum, x, y)                                                                                    \
    do {                                                                                                     \
        lanes d_ = (x) - (y);                                                                                \
        (sum) += d_ * d_;                                                                                    \
    } while (0)
#define AS_IT_IS(kernel, sum) (void)(kernel)
#define RADIAL(kernel, sum)                                                                                  \
    do {                                                                                                     \
        (sum) *= -(kernel)->gamma;                                                                           \
        EXPONENTIAL(sum);                                                                                    \
    } while (0)

#define VECTOR_PASS(name, attribute, TAKE, FINISH)                                                           \
    attribute static void name(const mr_kernel *kernel, const double *inputs, uint32_t fields,               \
                               const double *vectors, uint32_t blocks, double *out) {                        \
        const lanes *at = (const lanes *)(const void *)vectors;                                              \
        for (uint32_t block = 0; block < blocks; block++, out += MR_VECTOR_LANES) {                          \
            lanes a = {0}, b = {0}, c = {0}, d = {0};                                                        \
            for (uint32_t f = 0; f < fields; f++, at += PARTS) {                                             \
                lanes x = {inputs[f], inputs[f], inputs[f], inputs[f]};                                      \
                TAKE(a, x, at[0]);                                                                           \
                TAKE(b, x, at[1]);                                                                           \
                TAKE(c, x, at[2]);                                                                           \
                TAKE(d, x, at[3]);                                                                           \
            }                                                                                                \
            FINISH(kernel, a);                                                                               \
            FINISH(kernel, b);                                                                               \
            FINISH(kernel, c);                                                                               \
            FINISH(kernel, d);                                                                               \
            memcpy(out, &a, sizeof a);                                                                       \
            memcpy(out + 4, &b, sizeof b);                                                                   \
            memcpy(out + 8, &c, sizeof c);                                                                   \
            memcpy(out + 12, &d, sizeof d);                                                                  \
        }                                                                                                    \
    }

VECTOR_PASS(products_base, , PRODUCT, AS_IT_IS)
VECTOR_PASS(radial_base, , SQUARE, RADIAL)
#if defined(__x86_64__)
VECTOR_PASS(products_avx2, __attribute__((target("avx2"))), PRODUCT, AS_IT_IS)
VECTOR_PASS(radial_avx2, __attribute__((target("avx2"))), SQUARE, RADIAL)
#endif

bool mr_vector_avx2(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

mr_vector_pass *mr_vector_pass_for(mr_kernel_type type, bool avx2) {
    bool radial = type == KERNEL_RADIAL_BASIS;
#if defined(__x86_64__)
    if (avx2) return radial ? radial_avx2 : products_avx2;
#endif
    (void)avx2;
    return radial ? radial_base : products_base;
}
