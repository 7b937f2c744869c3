/* Forest of trees of at most eight leaves: tests of bytes, 32 at a time, and bits of leaves that are out.
 *
 * The idea is QuickScorer's (Lucchese and others, SIGIR 2015): no tree is walked. Every test that a row fails
 * puts the leaves of its left side out, and the row ends in the first leaf that is still in; eight leaves are
 * a byte. A key is first looked up among the sorted thresholds of its slot, so that a test is a comparison of
 * a byte with the threshold's number (thresholds beyond 255 go on in another byte). Then 32 rows share an
 * instruction for a test, or, in a row alone, 32 trees. Values of leaves are added up in the order of the
 * document, so sums have the bits of the walk.
 *
 * Bytes hold 127 less the number of thresholds below the key, since a comparison takes its second operand
 * from memory, and that is the row's.
 */
#include "pmml/tree/forest_quick.h"

#include <stdbool.h>
#include <string.h>

#include "pmml/distance/kernels.h"
#include "pmml/tree/forest_step.h"

#if defined __x86_64__
#include <immintrin.h>

#define AVX2   __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline))

enum { ROWS = MR_QUICK_TREES };

/* ---- Keys to bytes ---- */

/* Thresholds below the key, as bytes `apart` from each other. */
INLINE void put_bytes(const mr_quick_slot *slot, size_t below, int8_t *bytes, size_t apart) {
    for (uint32_t k = 0; k < slot->bytes; k++) {
        size_t here = below < MR_QUICK_THRESHOLDS ? below : MR_QUICK_THRESHOLDS;
        bytes[(slot->byte + k) * apart] = (int8_t)(127 - (int)here);
        below -= here;
    }
}

static void find_row(const mr_forest_quick *q, const uint64_t *keys, int8_t *bytes) {
    for (uint32_t k = 0; k < q->slot_count; k++) {
        const mr_quick_slot *slot = &q->slots[k];
        const uint64_t *heap = q->thresholds + slot->first, key = keys[k];
        size_t i = 1;
        for (uint32_t level = slot->depth; level; level--) i = mr_forest_step(i, heap + i, key);
        put_bytes(slot, i - ((size_t)1 << slot->depth), bytes, 1);
    }
}

/* Four rows abreast; of `count`, and up to three behind them. */
static void find_rows(const mr_forest_quick *q, const uint64_t *keys, size_t stride, const uint8_t *rows,
                      uint32_t count, int8_t *bytes) {
    for (uint32_t k = 0; k < q->slot_count; k++, keys++) {
        const mr_quick_slot *slot = &q->slots[k];
        const uint64_t *heap = q->thresholds + slot->first;
        const size_t leaves = (size_t)1 << slot->depth;
        for (uint32_t r = 0; r < count; r += 4) {
            uint64_t a = keys[rows[r] * stride], b = keys[rows[r + 1] * stride],
                     c = keys[rows[r + 2] * stride], d = keys[rows[r + 3] * stride];
            size_t i = 1, j = 1, m = 1, n = 1;
            for (uint32_t level = slot->depth; level; level--) {
                i = mr_forest_step(i, heap + i, a);
                j = mr_forest_step(j, heap + j, b);
                m = mr_forest_step(m, heap + m, c);
                n = mr_forest_step(n, heap + n, d);
            }
            put_bytes(slot, i - leaves, bytes + r, ROWS);
            put_bytes(slot, j - leaves, bytes + r + 1, ROWS);
            put_bytes(slot, m - leaves, bytes + r + 2, ROWS);
            put_bytes(slot, n - leaves, bytes + r + 3, ROWS);
        }
    }
}

/* ---- Bytes to leaves ---- */

/* The lowest bit that is 0, of the half of a byte, as `low` and `high` say; low: -1 where there is none. */
INLINE AVX2 __m256i first_in(__m256i out, __m128i low, __m128i high) {
    const __m256i half = _mm256_set1_epi8(15);
    __m256i first = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(low), _mm256_and_si256(out, half));
    __m256i second = _mm256_and_si256(_mm256_srli_epi16(out, 4), half);
    second = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(high), second);
    return _mm256_blendv_epi8(first, second, first);
}

INLINE AVX2 __m256i load(const void *from) {
    return _mm256_loadu_si256(from);
}

/* The leaves to which 32 rows come in one tree. As add_values wants them: 0, 1, 4, 5, 2, 3, 6, 7 for 0 to 7.
 */
INLINE AVX2 __m256i end_rows(const mr_quick_tests *tests, const int8_t *bytes) {
    __m256i out = _mm256_setzero_si256();
#pragma GCC unroll 7
    for (int i = 0; i < MR_QUICK_TESTS; i++) {
        __m256i at = load(bytes + (size_t)tests[i].byte[0] * ROWS);
        __m256i fails = _mm256_cmpgt_epi8(_mm256_set1_epi8(tests[i].threshold[0]), at);
        out = _mm256_or_si256(out, _mm256_and_si256(fails, _mm256_set1_epi8((char)tests[i].leaves[0])));
    }
    return first_in(out, _mm_setr_epi8(0, 1, 0, 4, 0, 1, 0, 5, 0, 1, 0, 4, 0, 1, 0, -1),
                    _mm_setr_epi8(2, 3, 2, 6, 2, 3, 2, 7, 2, 3, 2, 6, 2, 3, 2, 0));
}

/* Those to which one row comes in 32 trees. */
INLINE AVX2 __m256i end_trees(const mr_quick_tests *tests, const int8_t *bytes, uint32_t byte_count) {
    __m256i out = _mm256_setzero_si256();
    const __m256i far = _mm256_set1_epi8(0x70), sixteen = _mm256_set1_epi8(16);
    __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)bytes));
#pragma GCC unroll 7
    for (int i = 0; i < MR_QUICK_TESTS; i++) {
        __m256i which = load(tests[i].byte), at;
        if (byte_count <= 16) {
            at = _mm256_shuffle_epi8(table, which);
        } else {
            at = _mm256_setzero_si256();
            for (uint32_t k = 0; k < byte_count; k += 16) {
                table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)(bytes + k)));
                at = _mm256_or_si256(at, _mm256_shuffle_epi8(table, _mm256_adds_epu8(which, far)));
                which = _mm256_sub_epi8(which, sixteen);
            }
        }
        __m256i fails = _mm256_cmpgt_epi8(load(tests[i].threshold), at);
        out = _mm256_or_si256(out, _mm256_and_si256(fails, load(tests[i].leaves)));
    }
    return first_in(out, _mm_setr_epi8(0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0, -1),
                    _mm_setr_epi8(4, 5, 4, 6, 4, 5, 4, 7, 4, 5, 4, 6, 4, 5, 4, 0));
}

/* ---- Leaves to sums ---- */

/* Adds the values of eight rows whose leaves are the lowest bits of 32: those of lanes 0, 1, 4, 5 to sums[0],
 * those of lanes 2, 3, 6, 7 to sums[1]. */
INLINE AVX2 void add_values(__m256 lower, __m256 upper, __m256i leaves, __m256d *sums) {
    __m256 low = _mm256_permutevar8x32_ps(lower, leaves), high = _mm256_permutevar8x32_ps(upper, leaves);
    sums[0] = _mm256_add_pd(sums[0], _mm256_castps_pd(_mm256_unpacklo_ps(low, high)));
    sums[1] = _mm256_add_pd(sums[1], _mm256_castps_pd(_mm256_unpackhi_ps(low, high)));
}

/* Sums of the first `count` of 32 rows of bytes: byte 4 i + k of a vector is lane i of its k'th shift. */
AVX2 static void add_up_rows(const mr_forest_quick *q, const int8_t *bytes, const uint8_t *rows,
                             uint32_t count, double *sums) {
    static const uint8_t lanes[] = {0, 1, 4, 5, 2, 3, 6, 7};
    __m256d all[8];
    for (int i = 0; i < 8; i++) all[i] = _mm256_setzero_pd();
    const double *values = q->values;
    for (uint32_t t = 0; t < q->tree_count; t++, values += MR_QUICK_LEAVES) {
        const mr_quick_tests *tests = q->tests + t / MR_QUICK_TREES * MR_QUICK_TESTS;
        tests = (const mr_quick_tests *)(const void *)((const char *)tests + t % MR_QUICK_TREES);
        __m256i leaves = end_rows(tests, bytes);
        __m256 a = _mm256_loadu_ps((const float *)values), b = _mm256_loadu_ps((const float *)(values + 4));
        __m256 lower = _mm256_shuffle_ps(a, b, 0x88), upper = _mm256_shuffle_ps(a, b, 0xdd);
        add_values(lower, upper, leaves, all);
        add_values(lower, upper, _mm256_srli_epi32(leaves, 8), all + 2);
        add_values(lower, upper, _mm256_srli_epi32(leaves, 16), all + 4);
        add_values(lower, upper, _mm256_srli_epi32(leaves, 24), all + 6);
    }
    for (uint32_t k = 0; k < 4; k++)
        for (uint32_t i = 0; i < 8; i++) {
            double one[8];
            memcpy(one, all + 2 * k, sizeof one);
            uint32_t row = 4u * lanes[i] + k;
            if (row < count) sums[rows[row]] = one[i];
        }
}

AVX2 static double add_up_row(const mr_forest_quick *q, const int8_t *bytes) {
    double sum = 0;
    const double *values = q->values;
    const mr_quick_tests *tests = q->tests;
    for (uint32_t t = 0; t < q->tree_count; t += MR_QUICK_TREES, tests += MR_QUICK_TESTS) {
        uint8_t leaves[MR_QUICK_TREES];
        uint32_t count = q->tree_count - t < MR_QUICK_TREES ? q->tree_count - t : MR_QUICK_TREES;
        _mm256_storeu_si256((void *)leaves, end_trees(tests, bytes, q->byte_count));
        for (uint32_t i = 0; i < count; i++, values += MR_QUICK_LEAVES) sum += values[leaves[i]];
    }
    return sum;
}

static double sum_row(const mr_forest_quick *q, const uint64_t *keys) {
    int8_t bytes[MR_QUICK_BYTES];
    find_row(q, keys, bytes);
    return add_up_row(q, bytes);
}

static void sum_rows(const mr_forest_quick *q, const uint64_t *keys, size_t stride, const uint8_t *rows,
                     uint32_t count, double *sums) {
    int8_t bytes[MR_QUICK_BYTES * ROWS];
    uint8_t some[ROWS];
    for (; count; rows += ROWS) {
        uint32_t here = count < ROWS ? count : ROWS;
        const uint8_t *of = rows;
        if (here < ROWS) {
            for (uint32_t i = 0; i < here + 3 && i < ROWS; i++) some[i] = rows[i < here ? i : here - 1];
            memset(bytes, 0, (size_t)q->byte_count * ROWS);
            of = some;
        }
        find_rows(q, keys, stride, of, here, bytes);
        add_up_rows(q, bytes, of, here, sums);
        count -= here;
    }
}

bool mr_forest_quick_choose(mr_forest_quick *q) {
    if (!(mr_kernels & MR_KERNEL_AVX2) || !__builtin_cpu_supports("avx2")) return false;
    q->rows = sum_rows, q->row = sum_row;
    return true;
}

#else

bool mr_forest_quick_choose(mr_forest_quick *q) {
    (void)q;
    return false;
}
#endif
