/* Neural network over rows, the body of neural_tile.c: included once for each width of vectors.
 *
 * Values of neurons are columns, as registers of a tile are, so a connection is one multiplication and one
 * addition for WIDTH rows. A neuron adds up every second connection in the document's order, then those
 * between, then both: the one sum does not wait for the other. A row that is left over goes by itself, over
 * vectors of neurons, each with the same operations in the same order: it does not matter which way a row
 * goes.
 */
#include "pmml/tile/lanes.h"

ALWAYS lanes LANES(activate)(const mr_neural_layer *layer, lanes z) {
    switch (layer->activation) {
    case ACTIVATE_IDENTITY:
        return z;
    case ACTIVATE_LOGISTIC:
        return EACH(1) / (EACH(1) + LANES(exponentials)(-z));
    case ACTIVATE_RECTIFIER:
        return (lanes)((marks)z & (z > 0.0));
    default:
        for (int lane = 0; lane < WIDTH; lane++) z[lane] = mr_neural_activate(layer, z[lane]);
        return z;
    }
}

/* ---- A row by itself: WIDTH neurons are one vector ---- */

/* `count` neurons from the i-th on, a multiple of 4 known to the compiler: sums of a neuron wait for one
 * another, so several vectors add up abreast. */
ALWAYS void LANES(run_some)(const mr_neural_layer *layer, const double *from, double *out, uint32_t i,
                            uint32_t count) {
    const double *column = layer->columns + i, *end = from + layer->connection_count;
    const uint32_t vectors = count / WIDTH;
    lanes z[12 / WIDTH], odd[12 / WIDTH];
#pragma GCC unroll 6
    for (uint32_t v = 0; v < vectors; v++) z[v] = LANES(get)(column + v * WIDTH), odd[v] = EACH(0);
    column += layer->padded;
    for (; end - from >= 2; from += 2, column += 2 * (size_t)layer->padded) {
        lanes x = EACH(from[0]), y = EACH(from[1]);
        const double *next = column + layer->padded;
#pragma GCC unroll 6
        for (uint32_t v = 0; v < vectors; v++) {
            z[v] = MULTIPLY_ADD(LANES(get)(column + v * WIDTH), x, z[v]);
            odd[v] = MULTIPLY_ADD(LANES(get)(next + v * WIDTH), y, odd[v]);
        }
    }
    if (from < end) {
        lanes x = EACH(from[0]);
#pragma GCC unroll 6
        for (uint32_t v = 0; v < vectors; v++) z[v] = MULTIPLY_ADD(LANES(get)(column + v * WIDTH), x, z[v]);
    }
#pragma GCC unroll 6
    for (uint32_t v = 0; v < vectors; v++) z[v] += odd[v];
    if (layer->activation == ACTIVATE_LOGISTIC)
#pragma GCC unroll 6
        for (uint32_t v = 0; v < vectors; v++) z[v] = EACH(1) / (EACH(1) + LANES(exponentials)(-z[v]));
    else if (layer->activation != ACTIVATE_IDENTITY)
        for (uint32_t v = 0; v < vectors; v++) z[v] = LANES(activate)(layer, z[v]);
#pragma GCC unroll 6
    for (uint32_t v = 0; v < vectors; v++) LANES(put)(out + i + v * WIDTH, z[v]);
}

/* A chain of layers, of one row: `values` are its inputs, aligned to 32 bytes; each layer's values come
 * behind them, filled up to a multiple of 4. The answer: those of the last. */
TARGET static double *LANES(run_one)(const mr_neural *net, double *values) {
    uint32_t first = 0, count = net->input_count;
    for (uint32_t l = 0; l < net->layer_count; l++) {
        const mr_neural_layer *layer = &net->layers[l];
        const double *from = values + (layer->from - first);
        double *out = values + ((count + 3) & ~3u);
        uint32_t i = 0;
        for (; i + 12 <= layer->padded; i += 12) LANES(run_some)(layer, from, out, i, 12);
        if (i + 8 == layer->padded) LANES(run_some)(layer, from, out, i, 8);
        else if (i < layer->padded) LANES(run_some)(layer, from, out, i, 4);
        if (layer->normalization == NORM_SOFTMAX) LANES(softmax_one)(out, layer->neuron_count);
        values = out;
        first = layer->first, count = layer->neuron_count;
    }
    return values;
}

/* ---- WIDTH rows are one vector ---- */

/* Sums of `count` neurons from the i-th on (of which the layer may lack the last), in `vectors` vectors of
 * rows; both known to the compiler. */
ALWAYS void LANES(sum_some)(const mr_neural_layer *layer, const double *values, size_t stride, double *out,
                            uint32_t i, uint32_t count, uint32_t vectors) {
    const uint32_t padded = layer->padded;
    const double *column = layer->columns + i, *from = values + layer->from * stride;
    for (uint32_t half = 0; half < 2; half++) {
        lanes z[8];
#pragma GCC unroll 8
        for (uint32_t v = 0; v < count * vectors; v++) z[v] = half ? EACH(0) : EACH(column[v / vectors]);
        const double *weights = column + (size_t)(half + 1) * padded;
        const double *x = from + half * stride;
        for (uint32_t k = half; k < layer->connection_count;
             k += 2, weights += 2 * (size_t)padded, x += 2 * stride) {
#pragma GCC unroll 8
            for (uint32_t v = 0; v < count * vectors; v++)
                z[v] = MULTIPLY_ADD(EACH(weights[v / vectors]), LANES(get)(x + v % vectors * WIDTH), z[v]);
        }
#pragma GCC unroll 8
        for (uint32_t v = 0; v < count * vectors; v++) {
            if (i + v / vectors >= layer->neuron_count) break;
            double *to = out + (i + v / vectors) * stride + v % vectors * WIDTH;
            LANES(put)(to, half ? LANES(get)(to) + z[v] : z[v]);
        }
    }
}

/* One neuron, of whatever connections. */
ALWAYS void LANES(sum_one)(const mr_neuron *n, const mr_connection *connections, const double *values,
                           size_t stride, double *out) {
    lanes z = EACH(n->bias);
    connections += n->first_connection;
    for (uint32_t k = 0; k < n->connection_count; k++)
        z = MULTIPLY_ADD(EACH(connections[k].weight), LANES(get)(values + connections[k].from * stride), z);
    LANES(put)(out, z);
}

ALWAYS void LANES(sum_layer)(const mr_neural *net, const mr_neural_layer *layer, const double *values,
                             size_t stride, double *out, uint32_t vectors) {
    if (!layer->columns) {
        for (uint32_t i = 0; i < layer->neuron_count; i++)
            for (uint32_t v = 0; v < vectors; v++)
                LANES(sum_one)(&layer->neurons[i], net->connections, values + v * WIDTH, stride,
                               out + i * stride + v * WIDTH);
        return;
    }
    uint32_t i = 0;
    for (; i + 2 < layer->neuron_count; i += 4) LANES(sum_some)(layer, values, stride, out, i, 4, vectors);
    if (i < layer->neuron_count) LANES(sum_some)(layer, values, stride, out, i, 2, vectors);
}

ALWAYS void LANES(run_vectors)(const mr_neural *net, double *values, uint32_t vectors) {
    const size_t stride = vectors * WIDTH;
    for (uint32_t l = 0; l < net->layer_count; l++) {
        const mr_neural_layer *layer = &net->layers[l];
        double *out = values + layer->first * stride;
        LANES(sum_layer)(net, layer, values, stride, out, vectors);
        for (uint32_t i = 0; i < layer->neuron_count; i++)
            for (uint32_t v = 0; v < vectors; v++) {
                double *at = out + i * stride + v * WIDTH;
                LANES(put)(at, LANES(activate)(layer, LANES(get)(at)));
            }
        for (uint32_t v = 0; v < vectors && layer->normalization == NORM_SOFTMAX; v++)
            LANES(softmax)(out + v * WIDTH, layer->neuron_count, stride);
    }
}

/* All layers, of WIDTH rows, or of twice as many: each weight is then fetched for both. */
TARGET static void LANES(run_rows)(const mr_neural *net, double *values) {
    LANES(run_vectors)(net, values, 1);
}
TARGET static void LANES(run_twice)(const mr_neural *net, double *values) {
    LANES(run_vectors)(net, values, 2);
}

#include "pmml/tile/lanes_end.h"
