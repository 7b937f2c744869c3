/* Rows are decoded once into a frame of at least a few thousand, shuffled, so that no branch is learnt by
 * heart; a round runs an item's loop for ROUND_NS from where its last one stopped. All items take turns, so
 * that a change in the machine's speed hits all alike. The clock is read between rounds only.
 *
 * Two yardsticks stand in the same run: a fixed chain of integer operations, and a plain walk of the same
 * trees.
 */
#include "app/bench_score.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "pmml/distance/kernels.h"
#include "pmml/tree/plain_walk.h"

enum {
    ROUNDS = 15,
    ROUND_NS = 20000000,
    WARM_NS = 5000000,
    ROWS_READ = 65536,
    ROWS_CYCLED = 4096,
    LOOP = 32
};
enum { CELLS_MAX = 1 << 24 }; /* of the rows that are read: wide files give fewer rows */

struct bench;

/* Something that is timed: `run` does the rows [first, first + batch). */
typedef struct item {
    void (*run)(struct bench *b, uint32_t first, uint32_t batch);
    uint32_t batch;
    uint32_t first; /* where the next call goes on */
    uint64_t calls; /* of a round */
    double rounds[ROUNDS];
} item;

typedef struct bench {
    const mr_bench_score_options *options;
    mr_model *model;
    mr_csv_input input;
    mr_frame in;      /* the cycled rows: of the input's schema */
    mr_frame *cycled; /* owns them */
    mr_frame *out;
    mr_row_result *outcomes;
    mr_scratch *scratch;
    mr_plain_walk *walk;
    uint64_t chain;
    double sum;
    mr_status status; /* of scoring: MR_OK, or out of memory */
    mr_error *error;
    item items[MR_BENCH_BATCHES_MAX + 2];
    uint32_t item_count;
} bench;

/* ---- Rows ---- */

static mr_status read_rows(bench *b, mr_error *error) {
    bool ended = false;
    uint32_t most = ROWS_READ, cells = b->input.cell_count ? b->input.cell_count : 1;
    if (most > CELLS_MAX / cells) most = CELLS_MAX / cells;
    if (mr_model_get_shape(b->model)->arity == MR_SCORES_GROUPS) most = CELLS_MAX / cells;
    mr_status status = mr_csv_input_read(&b->input, most, &ended, error);
    if (status == MR_OK && b->input.rows == 0)
        status = mr_fail(error, MR_INVALID_VALUE, b->input.name, "has no row to score");
    return status == MR_OK ? mr_csv_input_fill(&b->input, error) : status;
}

/* Another order of the items; the same ones in each run. */
static void shuffle(uint32_t *order, uint32_t count, uint64_t *random) {
    uint64_t x = *random;
    for (uint32_t i = count; i > 1; i--) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        uint32_t other = (uint32_t)(x % i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
    *random = x;
}

static void copy_cell(const mr_column *from, uint32_t row, const mr_column *to, uint32_t to_row,
                      size_t size) {
    memcpy(mr_cell(to, to_row), mr_cell(from, row), size);
    *mr_cell_state_at(to, to_row) = *mr_cell_state_at(from, row);
}

static size_t cell_size(mr_type type) {
    static const size_t sizes[MR_TYPE_COUNT] = {sizeof(double),  sizeof(float),   sizeof(int64_t),
                                                sizeof(uint8_t), sizeof(mr_text), sizeof(mr_list)};
    return sizes[type];
}

/* The input's rows, again and again in another order, until the frame is full. */
static mr_status cycle_rows(bench *b, uint32_t rows, mr_error *error) {
    const mr_frame *from = b->input.features;
    uint32_t columns = from->column_count;
    uint32_t *order = mr_alloc(from->row_count * sizeof *order);
    mr_type *types = mr_alloc_zero(columns, sizeof *types);
    mr_status status = MR_OK;
    if (order == NULL || types == NULL) status = mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    for (uint32_t c = 0; status == MR_OK && c < columns; c++) types[c] = from->columns[c].type;
    if (status == MR_OK) status = mr_frame_new(types, columns, rows, &b->cycled, error);
    if (status == MR_OK) {
        uint64_t random = 88172645463325252u;
        for (uint32_t i = 0; i < from->row_count; i++) order[i] = i;
        for (uint32_t row = 0; row < rows; row++) {
            if (row % from->row_count == 0) shuffle(order, from->row_count, &random);
            for (uint32_t c = 0; c < columns; c++)
                copy_cell(&from->columns[c], order[row % from->row_count], &b->cycled->columns[c], row,
                          cell_size(types[c]));
        }
        b->cycled->row_count = rows;
        b->in = *b->cycled;
    }
    mr_free(order);
    mr_free(types);
    return status;
}

/* Memory for scoring; the rows of a model of groups stay as they are. */
static mr_status make_frames(bench *b, mr_bench_score_result *result, mr_error *error) {
    uint32_t rows = ROWS_CYCLED;
    result->batch_count = b->options->batch_count;
    memcpy(result->batches, b->options->batches, sizeof result->batches);
    mr_status status = MR_OK;
    if (mr_model_get_shape(b->model)->arity == MR_SCORES_GROUPS) {
        result->batch_count = 1;
        result->batches[0] = rows = b->input.rows;
        b->in = *b->input.features;
    } else {
        for (uint32_t i = 0; i < result->batch_count; i++)
            if (rows < result->batches[i]) rows = result->batches[i];
        status = cycle_rows(b, rows, error);
    }
    b->outcomes = mr_alloc_zero(rows, sizeof *b->outcomes);
    if (status == MR_OK && b->outcomes == NULL) status = mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    if (status == MR_OK) status = mr_binding_new_output(b->input.binding, rows, &b->out, error);
    if (status == MR_OK) status = mr_scratch_new(64 * 1024, &b->scratch, error);
    return status;
}

/* ---- What is timed ---- */

/* Begins inside the frame instead of making a frame of each batch, which would cost as much as a small model.
 */
static void run_score(bench *b, uint32_t first, uint32_t batch) {
    mr_score_progress progress = {.row = first};
    b->in.row_count = b->out->row_count = first + batch;
    mr_scratch_reset(b->scratch);
    while (mr_score(b->input.binding, &b->in, b->out, b->outcomes, b->scratch, &progress) == MR_MORE_MEMORY) {
        b->status = mr_scratch_grow(b->scratch, progress.needed, b->error);
        if (b->status != MR_OK) return;
    }
}

static void run_walk(bench *b, uint32_t first, uint32_t batch) {
    b->sum += mr_plain_walk_run(b->walk, first, batch);
}

/* LOOP dependent multiplications; bench/stages.c has the same. */
static void run_loop(bench *b, uint32_t first, uint32_t batch) {
    uint64_t x = b->chain + first;
    for (uint32_t i = 0; i < batch * LOOP; i++) x = x * 6364136223846793005u + (x >> 33);
    b->chain = x;
}

static int64_t run_calls(bench *b, item *it, uint64_t calls, uint32_t rows) {
    int64_t start = mr_monotonic_ns();
    for (uint64_t i = 0; i < calls && b->status == MR_OK; i++) {
        it->run(b, it->first, it->batch);
        it->first += it->batch;
        if (it->first + it->batch > rows) it->first = 0;
    }
    return mr_monotonic_ns() - start;
}

/* Warms up, and finds how many calls make a round. */
static void calibrate(bench *b, item *it, uint32_t rows) {
    uint64_t calls = 1;
    int64_t spent = run_calls(b, it, calls, rows);
    while (spent < WARM_NS && b->status == MR_OK) spent = run_calls(b, it, calls *= 2, rows);
    it->calls = 1 + (uint64_t)((double)calls * ROUND_NS / (double)(spent > 0 ? spent : 1));
}

static int ascending(const void *a, const void *c) {
    double x = *(const double *)a, y = *(const double *)c;
    return (x > y) - (x < y);
}

static mr_bench_figures figures_of(item *it) {
    qsort(it->rounds, ROUNDS, sizeof *it->rounds, ascending);
    return (mr_bench_figures){it->rounds[ROUNDS / 2], it->rounds[0], it->rounds[ROUNDS - 1]};
}

static void add_item(bench *b, void (*run)(bench *, uint32_t, uint32_t), uint32_t batch) {
    b->items[b->item_count++] = (item){.run = run, .batch = batch};
}

static mr_status measure(bench *b, mr_bench_score_result *result) {
    uint32_t rows = b->in.row_count;
    for (uint32_t i = 0; i < result->batch_count; i++) add_item(b, run_score, result->batches[i]);
    add_item(b, run_loop, 64);
    if (b->walk != NULL) add_item(b, run_walk, rows < 64 ? rows : 64);
    for (uint32_t i = 0; i < b->item_count; i++) calibrate(b, &b->items[i], rows);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < b->item_count && b->status == MR_OK; i++) {
            item *it = &b->items[i];
            int64_t spent = run_calls(b, it, it->calls, rows);
            it->rounds[round] = (double)spent / (double)it->calls / it->batch;
        }
    }
    uint32_t i = 0;
    for (; i < result->batch_count; i++) result->score[i] = figures_of(&b->items[i]);
    result->loop = figures_of(&b->items[i]).median;
    result->pointer_walk = b->walk != NULL ? figures_of(&b->items[i + 1]).median : -1;
    if (b->chain == 42) result->loop += b->sum; /* never: it makes both results needed */
    return b->status;
}

/* Every row once, so that what is measured is known to be scored. */
static mr_status score_once(bench *b, mr_bench_score_result *result, mr_error *error) {
    uint32_t rows = b->in.row_count;
    run_score(b, 0, rows);
    if (b->status != MR_OK) return b->status;
    uint32_t used = b->out->row_count < b->input.rows ? b->out->row_count : b->input.rows;
    result->rows = b->input.rows < rows ? b->input.rows : rows;
    for (uint32_t row = 0; row < used; row++) result->failed += b->outcomes[row].status != MR_OK;
    b->in.row_count = rows;
    if (result->failed < used) return MR_OK;
    return mr_fail(error, MR_INVALID_VALUE, b->input.name, "no row can be scored, the first because: %s",
                   b->outcomes[0].message ? b->outcomes[0].message : "?");
}

static mr_status run(bench *b, mr_bench_score_result *result, mr_error *error) {
    const mr_bench_score_options *o = b->options;
    if (o->portable) mr_kernels &= ~(unsigned)MR_KERNEL_AVX2;
    mr_status status = mr_model_load_file(o->model, NULL, &o->limits, &b->model, error);
    if (status == MR_OK) status = mr_csv_input_open(&b->input, &o->input, b->model, error);
    if (status == MR_OK) status = read_rows(b, error);
    if (status == MR_OK) status = make_frames(b, result, error);
    if (status == MR_OK) status = score_once(b, result, error);
    if (status == MR_OK)
        status = mr_plain_walk_new(o->model, &o->limits, b->input.binding, &b->in, &b->walk, error);
    return status == MR_OK ? measure(b, result) : status;
}

mr_status mr_bench_score(const mr_bench_score_options *options, mr_bench_score_result *result,
                         mr_error *error) {
    bench *b = mr_alloc_zero(1, sizeof *b);
    if (b == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    b->options = options;
    b->error = error;
    *result = (mr_bench_score_result){.rounds = ROUNDS};
    mr_status status = run(b, result, error);
    mr_plain_walk_free(b->walk);
    mr_scratch_free(b->scratch);
    mr_frame_free(b->out);
    mr_free(b->outcomes);
    mr_frame_free(b->cycled);
    mr_csv_input_close(&b->input);
    mr_model_release(b->model);
    mr_free(b);
    return status;
}
