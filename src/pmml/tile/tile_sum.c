/* Tile, sums: of terms (x - less) * times, those of several fields at a time.
 *
 * A projection is a sum for each of its fields, all over the same registers less the same numbers. When the
 * plan is made such sums come to stand behind one another and are computed together: what they share is
 * subtracted once. Every sum adds up its terms in their order, one addition after the other, so it is many
 * rows, or many sums of one row, that keep the processor busy. A term that subtracts or multiplies nothing
 * does so with 0 or 1: same bits.
 */
#include <stdlib.h>

#include "pmml/distance/kernels.h"
#include "pmml/tile/pair.h"
#include "pmml/tile/tile_build.h"

enum { TERMS_MOST = MR_TILE_TERMS_MAX };

/* ---- Of one row ---- */

/* Two sums at a time of `count` terms; `terms`: which, NULL: the first. To values[sums->to[k] * apart]. */
static inline __attribute__((always_inline)) void sum_abreast(const mr_tile_sums *sums,
                                                              const mr_pair *shifted, const uint32_t *terms,
                                                              uint32_t count, double *values, size_t apart) {
    for (uint32_t k = 0; k < sums->width; k += 2) {
        const double *times = sums->times + k;
        mr_pair all = shifted[0] * mr_pair_get(times, terms ? terms[0] * sums->stride : 0);
        for (uint32_t i = 1; i < count; i++)
            all += shifted[i] * mr_pair_get(times, (terms ? terms[i] : i) * sums->stride);
        values[sums->to[k] * apart] = all[0];
        if (k + 1 < sums->width) values[sums->to[k + 1] * apart] = all[1];
    }
}

void mr_tile_sum_row(const mr_tile_sums *sums, double *values) {
    mr_pair shifted[TERMS_MOST];
    for (uint32_t i = 0; i < sums->count; i++) {
        double x = values[sums->from[i]] - sums->less[i];
        shifted[i] = (mr_pair){x, x};
    }
    sum_abreast(sums, shifted, NULL, sums->count, values, 1);
}

/* ---- Of many rows ---- */

/* `vectors` of `lanes` rows each from row `row` on. */
#define SUM_BLOCK(name, lanes, vectors, TARGET)                                                              \
    TARGET static void name(const mr_tile_sums *sums, mr_tile *tile, uint32_t row) {                         \
        typedef double numbers __attribute__((vector_size(lanes * sizeof(double))));                         \
        numbers shifted[TERMS_MOST][vectors];                                                                \
        for (uint32_t i = 0; i < sums->count; i++) {                                                         \
            memcpy(shifted[i], mr_tile_values(tile, sums->from[i]) + row, sizeof shifted[i]);                \
            for (int v = 0; v < vectors; v++) shifted[i][v] -= sums->less[i];                                \
        }                                                                                                    \
        for (uint32_t k = 0; k < sums->width; k++) {                                                         \
            const double *times = sums->times + k;                                                           \
            numbers all[vectors];                                                                            \
            for (int v = 0; v < vectors; v++) all[v] = shifted[0][v] * *times;                               \
            for (uint32_t i = 1; i < sums->count; i++) {                                                     \
                times += sums->stride;                                                                       \
                for (int v = 0; v < vectors; v++) all[v] += shifted[i][v] * *times;                          \
            }                                                                                                \
            memcpy(mr_tile_values(tile, sums->to[k]) + row, all, sizeof all);                                \
        }                                                                                                    \
    }

SUM_BLOCK(sum_8, 2, 4, )
SUM_BLOCK(sum_4, 2, 2, )
#if defined __x86_64__
SUM_BLOCK(sum_16_avx2, 4, 4, __attribute__((target("avx2"))))
#endif

/* Sums leave missing terms out. False: there are no others. */
static bool sum_present(const mr_tile_sums *sums, mr_tile *tile, uint32_t row) {
    mr_pair shifted[TERMS_MOST];
    uint32_t terms[TERMS_MOST], count = 0;
    for (uint32_t i = 0; i < sums->count; i++) {
        double x = mr_tile_values(tile, sums->from[i])[row] - sums->less[i];
        shifted[count] = (mr_pair){x, x};
        terms[count] = i;
        count += !(tile->missing[sums->from[i]] >> row & 1);
    }
    if (count) sum_abreast(sums, shifted, terms, count, tile->values + row, tile->stride);
    return count != 0;
}

void mr_tile_sum(const mr_tile_sums *sums, mr_tile *tile) {
    uint64_t missing = 0;
    uint32_t r = 0;
    for (uint32_t i = 0; i < sums->count; i++) missing |= tile->missing[sums->from[i]];
#if defined __x86_64__
    bool wide = (tile->kernels & MR_KERNEL_AVX2) && __builtin_cpu_supports("avx2");
    for (; wide && r + 16 <= tile->stride; r += 16) sum_16_avx2(sums, tile, r);
#endif
    for (; r + 8 <= tile->stride; r += 8) sum_8(sums, tile, r);
    for (; r < tile->rows; r += 4) sum_4(sums, tile, r);
    uint64_t none = 0;
    for (; missing; missing &= missing - 1) {
        uint32_t row = (uint32_t)__builtin_ctzll(missing);
        if (!sum_present(sums, tile, row)) none |= (uint64_t)1 << row;
    }
    for (uint32_t k = 0; k < sums->width; k++) tile->missing[sums->to[k]] = none;
}

/* ---- When the plan is made ---- */

static bool same_terms(const mr_tile_builder *b, const mr_tile_op *x, const mr_tile_op *y) {
    const mr_tile_term *p = b->terms + x->first, *q = b->terms + y->first;
    if (y->kind != TILE_SUM || x->count != y->count) return false;
    for (uint32_t i = 0; i < x->count; i++)
        if (p[i].from != q[i].from || memcmp(&p[i].less, &q[i].less, sizeof p[i].less) != 0) return false;
    return true;
}

/* Brings the sums over the terms of operation `at` behind it: their operands are ready there. Returns how
 * many there are, with itself. */
static uint32_t gather(mr_tile_builder *b, size_t at) {
    uint32_t width = 1;
    for (size_t i = at + 1; i < b->op_count; i++) {
        if (!same_terms(b, &b->ops[at], &b->ops[i])) continue;
        mr_tile_op op = b->ops[i];
        memmove(&b->ops[at + width + 1], &b->ops[at + width], (i - at - width) * sizeof op);
        b->ops[at + width++] = op;
    }
    return width;
}

static bool join(const mr_tile_builder *b, mr_arena *arena, mr_tile_op *ops, uint32_t width) {
    uint32_t count = ops->count, stride = (width + 1) & ~1u;
    mr_tile_sums *sums = mr_arena_alloc(arena, sizeof *sums);
    uint32_t *numbers = mr_arena_alloc(arena, ((size_t)count + width) * sizeof *numbers);
    double *less = mr_arena_alloc_zero(arena, (size_t)count * (stride + 1), sizeof *less);
    if (!sums || !numbers || !less) return false;
    *sums = (mr_tile_sums){
        .count = count, .width = width, .stride = stride, .from = numbers, .to = numbers + count};
    sums->less = less, sums->times = less + count;
    for (uint32_t i = 0; i < count; i++) {
        const mr_tile_term *term = &b->terms[ops->first + i];
        numbers[i] = term->from;
        less[i] = term->less;
        for (uint32_t k = 0; k < width; k++) less[count + i * stride + k] = b->terms[ops[k].first + i].times;
    }
    for (uint32_t k = 0; k < width; k++) numbers[count + k] = ops[k].to;
    ops->of = sums;
    return true;
}

bool mr_tile_join_sums(mr_tile_builder *b, mr_arena *arena) {
    for (size_t i = 0; i < b->op_count; i++) {
        if (b->ops[i].kind != TILE_SUM) continue;
        uint32_t width = gather(b, i);
        if (!join(b, arena, &b->ops[i], width)) return false;
        i += width - 1;
    }
    return true;
}
