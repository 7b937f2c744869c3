/* Comparison: how far a row is from each of many points, by the comparison measures of PMML 4.4, "Clustering
 * Models" (also those of nearest neighbours).
 *
 * Points stand in blocks of eight, field by field, so that one load takes a field of eight points; sums are
 * made in the order of the fields whatever the width of the registers, so every kernel gives the same bits.
 * A kernel leaves a raw number for each point, smaller the nearer: mr_comparison_finish makes the distance
 * or similarity of it. Binary measures compare bits instead.
 */
#ifndef MR_PMML_COMPARISON_H
#define MR_PMML_COMPARISON_H

#include "pmml/program.h"

enum { MR_LANES = 8 };

typedef enum mr_metric {
    METRIC_EUCLIDEAN,
    METRIC_SQUARED_EUCLIDEAN,
    METRIC_CHEBYCHEV,
    METRIC_CITY_BLOCK,
    METRIC_MINKOWSKI,
    METRIC_BINARY /* all four similarities: ratios of counts, by their parameters */
} mr_metric;

typedef enum mr_compare {
    COMPARE_ABS_DIFF,
    COMPARE_GAUSS_SIM,
    COMPARE_DELTA,
    COMPARE_EQUAL,
    COMPARE_TABLE
} mr_compare;

/* Values that a comparison table knows, in its order. */
typedef struct mr_table {
    uint32_t count;
    const double *cells;          /* [count][count] */
    const double *values;         /* [count]; of strings their numbers; NULL: intervals */
    const mr_interval *intervals; /* [count] */
} mr_table;

typedef struct mr_compared_field {
    uint32_t slot;
    mr_compare compare;
    bool text;    /* what is compared are the numbers of texts */
    double scale; /* gaussSim: -ln 2 / similarityScale² */
    const mr_table *table;
} mr_compared_field;

typedef struct mr_comparison mr_comparison;
typedef void mr_comparison_kernel(const mr_comparison *comparison, const double *restrict values,
                                  const double *restrict weights, const double *restrict points,
                                  uint32_t blocks, double *restrict raw);

struct mr_comparison {
    mr_metric metric;
    bool similarity;      /* the largest is the nearest */
    double power;         /* minkowski */
    uint32_t whole_power; /* the same, if small and whole; else 0 */
    double above[4];      /* METRIC_BINARY: factors of the counts a11, a10, a01, a00 above the line */
    double below[4];
    uint32_t field_count, point_count;
    uint32_t words; /* METRIC_BINARY: 64-bit words of a point */
    const mr_compared_field *fields;
    const double *weights;         /* [field_count] */
    const double *missing_weights; /* [field_count] */
    double missing_sum;            /* of these */
    mr_comparison_kernel *complete, *gaps;
    const double *points; /* [blocks][field_count][MR_LANES] */
    const uint64_t *bits; /* [point_count][words] */
};

/* One row, ready to be compared. Borrows the numbers of mr_comparison_open. */
typedef struct mr_compared {
    const double *values, *weights;
    mr_comparison_kernel *kernel;
    double adjustment; /* for missing values */
} mr_compared;

static inline uint32_t mr_comparison_blocks(const mr_comparison *c) {
    return (c->point_count + MR_LANES - 1) / MR_LANES;
}
/* Doubles that mr_comparison_open takes. */
static inline uint32_t mr_comparison_numbers(const mr_comparison *c) {
    return c->field_count * 2 + 1;
}

/* Reads the row's fields into `numbers`. False: there is nothing to compare, and perhaps work->failure. */
bool mr_comparison_open(const mr_comparison *comparison, mr_work *work, double *numbers, mr_compared *row);
/* Raw numbers of the points of `blocks` blocks from block `first` on; those behind the last point are none.
 * False: one is not defined. */
bool mr_comparison_run(const mr_comparison *comparison, const mr_compared *row, uint32_t first,
                       uint32_t blocks, double *raw);
/* The distance or similarity of a raw number. */
double mr_comparison_finish(const mr_comparison *comparison, const mr_compared *row, double raw);
/* comparison_kernel.c: the fastest that this machine runs, or the one that every machine runs; the same bits.
 * Not `plain`: 0 times infinity may turn up, which only the general one leaves out. */
mr_comparison_kernel *mr_comparison_choose(const mr_comparison *comparison, bool weighted, bool plain,
                                           bool portable);
/* Of a binary measure. False: the one of a point is not defined. */
bool mr_comparison_bits(const mr_comparison *comparison, const uint64_t *row, uint32_t point, uint32_t count,
                        double *raw);

/* Index in the table, or MR_NONE. */
uint32_t mr_table_find(const mr_table *table, double value);

#endif
