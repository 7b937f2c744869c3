/* Forest kernel for averages over perfect trees: the walk of forest_perfect.c, and the leaves' values added
 * while the trees' ends are still in registers. Sums go on from group to group, so they are in document
 * order; the trees that fill up the last group add 0, which changes no sum of values that are not negative.
 */
#include "pmml/tree/forest_perfect.h"
#include "pmml/tree/forest_step.h"

#ifdef __SSE2__

#define EACH_10(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)
#define START(i)   size_t a##i = 1;
#define STEP(i)                                                                                              \
    pays = (const uint64_t *)(const void *)(at + (i) * (9 * room)) + a##i;                                   \
    a##i = mr_forest_step(a##i, pays, keys[at[(i) * (9 * room) + 8 * room + a##i]]);
#define ADD(i)                                                                                               \
    from = values + (a##i + (i) * (size_t)room - room) * 2 * pairs;                                          \
    _Pragma("GCC unroll 4") for (uint32_t k = 0; k < pairs; k++) sums[k] =                                   \
        _mm_add_pd(sums[k], _mm_load_pd(from + 2 * k));

static inline __attribute__((always_inline)) uint32_t average(const mr_forest_perfect *perfect,
                                                              const uint64_t *restrict keys, double weight,
                                                              double *restrict averages, const uint32_t room,
                                                              const uint32_t pairs) {
    const uint8_t *at = perfect->nodes;
    const double *values = perfect->values, *from;
    const uint64_t *pays;
    uint32_t groups = perfect->groups;
    __m128d sums[4], all = _mm_set1_pd(weight);
#pragma GCC unroll 4
    for (uint32_t k = 0; k < pairs; k++) sums[k] = _mm_setzero_pd();
    do {
        EACH_10(START)
        for (int level = __builtin_ctz(room); level > 0; level--) {
            EACH_10(STEP)
        }
        EACH_10(ADD)
        at += 10 * 9 * room;
        values += (size_t)10 * room * 2 * pairs;
    } while (--groups);
#pragma GCC unroll 4
    for (uint32_t k = 0; k < pairs; k++) _mm_storeu_pd(averages + 2 * k, _mm_div_pd(sums[k], all));
    return mr_greatest_pair(sums, pairs);
}

#define AVERAGE(room, pairs)                                                                                 \
    static uint32_t average_##room##_##pairs(const mr_forest_perfect *perfect,                               \
                                             const uint64_t *restrict keys, double weight,                   \
                                             double *restrict averages) {                                    \
        return average(perfect, keys, weight, averages, room, pairs);                                        \
    }
#define AVERAGES(room) AVERAGE(room, 1) AVERAGE(room, 2) AVERAGE(room, 3) AVERAGE(room, 4)
AVERAGES(8)
AVERAGES(16)
AVERAGES(32)
AVERAGES(64)
AVERAGES(128)
AVERAGES(256)

#define NAMES(room) {average_##room##_1, average_##room##_2, average_##room##_3, average_##room##_4}
static mr_forest_average *const averages_of[][4] = {NAMES(8),  NAMES(16),  NAMES(32),
                                                    NAMES(64), NAMES(128), NAMES(256)};

mr_forest_average *mr_forest_average_of(uint32_t room, uint32_t value_stride) {
    if (value_stride % 2 || value_stride > 8 || room < 8 || room > 256) return NULL;
    return averages_of[__builtin_ctz(room) - 3][value_stride / 2 - 1];
}

#else

mr_forest_average *mr_forest_average_of(uint32_t room, uint32_t value_stride) {
    (void)room, (void)value_stride;
    return NULL;
}

#endif
