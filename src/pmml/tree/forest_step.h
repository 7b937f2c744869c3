/* What the kernels of perfect trees have in common, see forest_perfect.c: the step, and which of the sums is
 * the greatest. */
#ifndef MR_PMML_FOREST_STEP_H
#define MR_PMML_FOREST_STEP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif

/* i + i + (pay < key). Compilers make four instructions of it. */
static inline __attribute__((always_inline)) size_t mr_forest_step(size_t i, const uint64_t *pay,
                                                                   uint64_t key) {
#if defined __x86_64__ && !defined __SANITIZE_ADDRESS__
    __asm__("cmpq %[key], %[pay]\n\tadcq %[i], %[i]" : [i] "+r"(i) : [key] "r"(key), [pay] "m"(*pay) : "cc");
    return i;
#else
    return 2 * i + (*pay < key);
#endif
}

#ifdef __SSE2__
/* Index of the first greatest of pairs of values that are neither negative nor NaN. */
static inline __attribute__((always_inline)) uint32_t mr_greatest_pair(const __m128d *sums, uint32_t pairs) {
    __m128d most = sums[0];
    int equal = 0;
#pragma GCC unroll 4
    for (uint32_t k = 1; k < pairs; k++) most = _mm_max_pd(most, sums[k]);
    most = _mm_max_pd(most, _mm_shuffle_pd(most, most, 1));
#pragma GCC unroll 4
    for (uint32_t k = 0; k < pairs; k++) equal |= _mm_movemask_pd(_mm_cmpeq_pd(sums[k], most)) << 2 * k;
    return (uint32_t)__builtin_ctz((unsigned)equal);
}
#endif

#endif
