/* `millrace bench score`: nanoseconds a record, and what the machine itself is worth. */
#ifndef MR_APP_BENCH_SCORE_H
#define MR_APP_BENCH_SCORE_H

#include "app/csv_input.h"

enum { MR_BENCH_BATCHES_MAX = 16, MR_BENCH_BATCH_MAX = 65536 };

typedef struct mr_bench_score_options {
    const char *model; /* path */
    mr_csv_input_options input;
    uint32_t batches[MR_BENCH_BATCHES_MAX]; /* rows scored at a time, each 1 to MR_BENCH_BATCH_MAX */
    uint32_t batch_count;
    bool portable; /* without AVX2 */
    mr_model_limits limits;
} mr_bench_score_options;

typedef struct mr_bench_figures {
    double median, least, most;
} mr_bench_figures;

typedef struct mr_bench_score_result {
    uint32_t rows;   /* of the input, that were used */
    uint32_t failed; /* of them, without a result */
    uint32_t rounds;
    uint32_t batch_count;
    uint32_t batches[MR_BENCH_BATCHES_MAX];       /* of a model of groups one: all rows */
    mr_bench_figures score[MR_BENCH_BATCHES_MAX]; /* ns a record */
    double loop;                                  /* ns of the fixed integer loop */
    double pointer_walk; /* ns a record of a plain walk of the same trees; negative: it has none */
} mr_bench_score_result;

/* Takes about a second for each batch size. MR_INVALID_VALUE when no row of the input can be scored; else
 * errors as of mr_score_csv. One thread. */
mr_status mr_bench_score(const mr_bench_score_options *options, mr_bench_score_result *result,
                         mr_error *error);

#endif
