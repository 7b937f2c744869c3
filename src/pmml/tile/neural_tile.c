/* Neural network over a tile: four rows at a time where the processor has AVX2 and FMA, else two.
 *
 * The two widths differ in the last bits, since a fused multiplication and addition rounds once; on one
 * machine a row always has the same result, because rows that fill no vector go through one that is filled
 * up.
 */
#include "pmml/neural/neural.h"

#include <math.h>
#include <string.h>

#include "pmml/distance/kernels.h"
#include "pmml/tile/tile.h"

#define WIDTH 2
#define TARGET
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "pmml/neural/neural_rows.h"

#if defined __x86_64__
#include <immintrin.h>
#define WIDTH                 4
#define TARGET                __attribute__((target("avx2,fma")))
#define MULTIPLY_ADD(a, b, c) ((lanes_4)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#include "pmml/neural/neural_rows.h"
#endif

static bool plan(const mr_evaluator *e, mr_tile_builder *b) {
    const mr_neural *net = e->model;
    for (uint32_t i = 0; i < net->layer_count; i++) {
        const mr_neural_layer *layer = &net->layers[i];
        if (layer->activation == ACTIVATE_RADIAL_BASIS) return false;
        if (layer->normalization != NORM_NONE && layer->normalization != NORM_SOFTMAX) return false;
    }
    for (uint32_t i = 0; i < net->input_count; i++)
        if (!mr_tile_need_expression(b, net->inputs[i], net->input_floats[i])) return false;
    return true;
}

static uint32_t value_count(const mr_neural *net) {
    uint32_t count = net->input_count;
    for (uint32_t i = 0; i < net->layer_count; i++) count += net->layers[i].neuron_count;
    return count;
}

/* Doubles of a row by itself. */
static size_t row_count(const mr_neural *net) {
    return (size_t)value_count(net) + 3 * ((size_t)net->layer_count + 1) + 4;
}

/* Of eight rows at a time: their values lie close together, whatever the tile is like. */
static size_t memory(const mr_evaluator *e, uint32_t rows) {
    (void)rows;
    return ((size_t)value_count(e->model) * 8 + row_count(e->model)) * sizeof(double) + 32;
}

/* The first of the most probable classes. */
static inline uint32_t choose(const mr_neural *net, double *p, size_t stride, uint32_t count) {
    double most = p[0];
    uint32_t best = 0;
    if (net->output_count == 1) p[stride] = 1 - p[0]; /* the other class is the rest */
    for (uint32_t k = 1; k < count; k++) {
        bool more = p[k * stride] > most;
        best = more ? k : best;
        most = more ? p[k * stride] : most;
    }
    return best;
}

/* `lanes` rows from row r on, as columns of that many; behind the last row stands it again. */
static inline void take_rows(const mr_neural *net, const uint32_t *registers, const mr_tile *t, uint32_t r,
                             uint32_t lanes, double *values) {
    for (uint32_t i = 0; i < net->input_count; i++, values += lanes) {
        memcpy(values, mr_tile_values(t, registers[i]) + r, lanes * sizeof(double));
        for (uint32_t k = t->rows - r; k < lanes; k++) values[k] = values[k - 1];
    }
}

static inline void give_rows(const mr_neural *net, const double *values, uint32_t outputs, uint32_t lanes,
                             mr_tile *t, uint32_t r) {
    for (uint32_t k = 0; k < outputs; k++)
        memcpy(t->numbers + (size_t)k * t->class_step + r, values + (size_t)net->outputs[k].value * lanes,
               lanes * sizeof(double));
}

static void run_single(const mr_neural *net, const uint32_t *registers, uint32_t outputs, mr_tile *t,
                       uint32_t r, double *row, double *(*run_one)(const mr_neural *, double *)) {
    const uint32_t first = net->layers[net->layer_count - 1].first;
    for (uint32_t i = 0; i < net->input_count; i++) row[i] = mr_tile_values(t, registers[i])[r];
    const double *last = run_one(net, row);
    for (uint32_t k = 0; k < outputs; k++)
        t->numbers[(size_t)k * t->class_step + r] = last[net->outputs[k].value - first];
}

/* Twice `width` rows at a time, then `width`; what is left singly, or as if there were more. */
#define RUN(width)                                                                                           \
    for (uint32_t r = 0, lanes; r < t->rows; r += lanes) {                                                   \
        uint32_t left = t->rows - r;                                                                         \
        lanes = left >= 2 * width ? 2 * width : left >= width || !net->chain ? width : 1;                    \
        if (lanes == 1) {                                                                                    \
            run_single(net, registers, outputs, t, r, values, run_one_##width);                              \
            continue;                                                                                        \
        }                                                                                                    \
        take_rows(net, registers, t, r, lanes, values);                                                      \
        if (lanes == width) run_rows_##width(net, values);                                                   \
        else run_twice_##width(net, values);                                                                 \
        give_rows(net, values, outputs, lanes, t, r);                                                        \
    }

static void predict(const mr_evaluator *e, mr_tile *t) {
    const mr_neural *net = e->model;
    if (!e->classification)
        for (uint32_t r = 0; r < t->rows; r++)
            t->numbers[r] = mr_neural_denormalize(&net->outputs[0], t->numbers[r]);
    else
        for (uint32_t r = 0; r < t->rows; r++)
            t->labels[r] = choose(net, t->numbers + r, t->class_step, e->class_count);
}

static void run(const mr_evaluator *e, const uint32_t *registers, mr_tile *t) {
    const mr_neural *net = e->model;
    double *values = (double *)(((uintptr_t)t->memory + 31) & ~(uintptr_t)31);
    const uint32_t outputs = e->classification ? net->output_count : 1;
    for (uint32_t i = 0; i < net->input_count; i++) t->absent |= t->missing[registers[i]];
#if defined __x86_64__
    if ((t->kernels & MR_KERNEL_AVX2) && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        RUN(4)
        predict(e, t);
        return;
    }
#endif
    RUN(2)
    predict(e, t);
}

/* A row by itself: values of neurons, then the answer. */
static size_t row_numbers(const mr_evaluator *e) {
    const mr_neural *net = e->model;
    return net->chain ? row_count(net) + e->class_count + 2 : 0;
}

static double *run_one(const mr_neural *net, double *values, unsigned kernels) {
#if defined __x86_64__
    if ((kernels & MR_KERNEL_AVX2) && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return run_one_4(net, values);
#endif
    (void)kernels;
    return run_one_2(net, values);
}

static double *run_row(const mr_evaluator *e, const uint32_t *registers, const double *values, double *room,
                       uint32_t *label, unsigned kernels) {
    const mr_neural *net = e->model;
    uint32_t first = net->layers[net->layer_count - 1].first;
    for (uint32_t i = 0; i < net->input_count; i++) room[i] = values[registers[i]];
    double *last = run_one(net, room, kernels), *numbers = room + row_count(net);
    if (!e->classification) {
        numbers[0] = mr_neural_denormalize(&net->outputs[0], last[net->outputs[0].value - first]);
        return numbers;
    }
    if (net->straight && net->output_count > 1) numbers = last;
    else
        for (uint32_t k = 0; k < net->output_count; k++) numbers[k] = last[net->outputs[k].value - first];
    *label = choose(net, numbers, 1, e->class_count);
    return numbers;
}

const mr_tile_family mr_neural_tiles = {plan, memory, run, row_numbers, run_row, false};
