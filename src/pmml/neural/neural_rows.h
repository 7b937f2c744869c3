/* Neural network over rows, the body of neural_tile.c: included once for each width of vectors.
 *
 * Values of neurons are columns, as registers of a tile are, so a connection is one multiplication and one
 * addition for WIDTH rows; sums keep the document's order, four neurons at a time. A row that is left over
 * goes by itself, vectors of neurons, each with the same operations in the same order: it does not matter
 * which way a row goes. LANES(x) names what belongs to a width, MULTIPLY_ADD(a, b, c) is a * b + c there.
 */
typedef double LANES(numbers) __attribute__((vector_size(8 * WIDTH)));
typedef int64_t LANES(words) __attribute__((vector_size(8 * WIDTH)));
#define numbers          LANES(numbers)
#define words            LANES(words)
#define ALWAYS           TARGET static inline __attribute__((always_inline))
#define EACH(x)          ((numbers)SPREAD(x))
#define EACH_CONSTANT(x) SPREAD(x)

ALWAYS numbers LANES(get)(const double *from) {
    numbers x;
    memcpy(&x, from, sizeof x);
    return x;
}
ALWAYS void LANES(put)(double *to, numbers x) {
    memcpy(to, &x, sizeof x);
}

/* exp: x = n ln 2 + r, |r| <= ln 2 / 2, then the series of exp(r) up to r^13 / 13! (below 2^-56 of it) and n
 * into the exponent. What the exponent has no room for, and NaN, is libm's. */
static const numbers LANES(series)[] = {EACH_CONSTANT(M_LOG2E),
                                        EACH_CONSTANT(-0x1.62e42fefa38p-1),
                                        EACH_CONSTANT(-0x1.ef35793c7673p-45),
                                        EACH_CONSTANT(1),
                                        EACH_CONSTANT(1.0 / 2),
                                        EACH_CONSTANT(1.0 / 6),
                                        EACH_CONSTANT(1.0 / 24),
                                        EACH_CONSTANT(1.0 / 120),
                                        EACH_CONSTANT(1.0 / 720),
                                        EACH_CONSTANT(1.0 / 5040),
                                        EACH_CONSTANT(1.0 / 40320),
                                        EACH_CONSTANT(1.0 / 362880),
                                        EACH_CONSTANT(1.0 / 3628800),
                                        EACH_CONSTANT(1.0 / 39916800),
                                        EACH_CONSTANT(1.0 / 479001600),
                                        EACH_CONSTANT(1.0 / 6227020800),
                                        EACH_CONSTANT(0x1.8p52),
                                        EACH_CONSTANT(700.0)};

ALWAYS numbers LANES(exponentials)(numbers x) {
    const numbers *c = LANES(series);
    __asm__("" : "+r"(c)); /* operands in memory, not registers filled each time */
    words out = ~((x >= -c[17]) & (x <= c[17]));
    numbers t = MULTIPLY_ADD(x, c[0], c[16]), n = t - c[16];
    numbers r = MULTIPLY_ADD(n, c[1], x); /* ln 2 in two parts: n times the first is exact */
    r = MULTIPLY_ADD(n, c[2], r);
    numbers r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
    numbers p0 = r + c[3], p2 = MULTIPLY_ADD(r, c[5], c[4]), p4 = MULTIPLY_ADD(r, c[7], c[6]);
    numbers p6 = MULTIPLY_ADD(r, c[9], c[8]), p8 = MULTIPLY_ADD(r, c[11], c[10]);
    numbers p10 = MULTIPLY_ADD(r, c[13], c[12]), p12 = MULTIPLY_ADD(r, c[15], c[14]);
    p0 = MULTIPLY_ADD(p2, r2, p0), p4 = MULTIPLY_ADD(p6, r2, p4), p8 = MULTIPLY_ADD(p10, r2, p8);
    p0 = MULTIPLY_ADD(p4, r4, p0), p8 = MULTIPLY_ADD(p12, r4, p8);
    p0 = MULTIPLY_ADD(p8, r8, p0);
    numbers result = (numbers)((words)p0 + ((words)t << 52));
    if (__builtin_expect(ANY(out), 0))
        for (int i = 0; i < WIDTH; i++)
            if (out[i]) result[i] = exp(x[i]);
    return result;
}

/* The sums of four neurons, of as many connections from the same values. */
ALWAYS void LANES(sum_four)(const mr_neuron *n, const mr_connection *connections, const double *values,
                            size_t stride, double *out) {
    const mr_connection *a = connections + n[0].first_connection, *b = connections + n[1].first_connection,
                        *c = connections + n[2].first_connection, *d = connections + n[3].first_connection;
    numbers z0 = EACH(n[0].bias), z1 = EACH(n[1].bias), z2 = EACH(n[2].bias), z3 = EACH(n[3].bias);
    for (uint32_t k = 0, count = n->connection_count; k < count; k++) {
        numbers x = LANES(get)(values + a[k].from * stride);
        z0 = MULTIPLY_ADD(EACH(a[k].weight), x, z0);
        z1 = MULTIPLY_ADD(EACH(b[k].weight), x, z1);
        z2 = MULTIPLY_ADD(EACH(c[k].weight), x, z2);
        z3 = MULTIPLY_ADD(EACH(d[k].weight), x, z3);
    }
    LANES(put)(out, z0);
    LANES(put)(out + stride, z1);
    LANES(put)(out + 2 * stride, z2);
    LANES(put)(out + 3 * stride, z3);
}

ALWAYS void LANES(sum_one)(const mr_neuron *n, const mr_connection *connections, const double *values,
                           size_t stride, double *out) {
    numbers z = EACH(n->bias);
    connections += n->first_connection;
    for (uint32_t k = 0; k < n->connection_count; k++)
        z = MULTIPLY_ADD(EACH(connections[k].weight), LANES(get)(values + connections[k].from * stride), z);
    LANES(put)(out, z);
}

ALWAYS numbers LANES(activate)(const mr_neural_layer *layer, numbers z) {
    switch (layer->activation) {
    case ACTIVATE_IDENTITY:
        return z;
    case ACTIVATE_LOGISTIC:
        return EACH(1) / (EACH(1) + LANES(exponentials)(-z));
    case ACTIVATE_RECTIFIER:
        return (numbers)((words)z & (z > 0.0));
    default:
        for (int lane = 0; lane < WIDTH; lane++) z[lane] = mr_neural_activate(layer, z[lane]);
        return z;
    }
}

/* ---- A row by itself: WIDTH neurons are one vector ---- */

/* As mr_softmax; behind the last value is room for WIDTH. */
TARGET static void LANES(softmax_one)(double *out, uint32_t count) {
    double greatest = out[0], sum = 0;
    for (uint32_t i = 1; i < count; i++) greatest = out[i] > greatest ? out[i] : greatest;
    for (uint32_t i = count; i % WIDTH; i++) out[i] = greatest;
    for (uint32_t i = 0; i < count; i += WIDTH)
        LANES(put)(out + i, LANES(exponentials)(LANES(get)(out + i) - EACH(greatest)));
    for (uint32_t i = 0; i < count; i++) sum += out[i];
    for (uint32_t i = 0; i < count; i += WIDTH) LANES(put)(out + i, LANES(get)(out + i) / EACH(sum));
}

/* `count` neurons from the i-th on, a multiple of 4 known to the compiler: sums of a neuron wait for one
 * another, so several vectors add up abreast. */
ALWAYS void LANES(run_some)(const mr_neural_layer *layer, const mr_connection *from, const double *values,
                            double *out, uint32_t i, uint32_t count) {
    const double *column = layer->columns + i;
    const uint32_t connections = layer->neurons->connection_count, vectors = count / WIDTH;
    numbers z[12 / WIDTH];
#pragma GCC unroll 6
    for (uint32_t v = 0; v < vectors; v++) z[v] = LANES(get)(column + v * WIDTH);
    for (uint32_t k = 0; k < connections; k++) {
        numbers x = EACH(values[from[k].from]);
        column += layer->padded;
#pragma GCC unroll 6
        for (uint32_t v = 0; v < vectors; v++) z[v] = MULTIPLY_ADD(LANES(get)(column + v * WIDTH), x, z[v]);
    }
#pragma GCC unroll 6
    for (uint32_t v = 0; v < vectors; v++) LANES(put)(out + i + v * WIDTH, LANES(activate)(layer, z[v]));
}

/* All layers, of one row; all have `columns`. What stands behind a layer's values is written later. */
TARGET static void LANES(run_one)(const mr_neural *net, double *values) {
    for (uint32_t l = 0; l < net->layer_count; l++) {
        const mr_neural_layer *layer = &net->layers[l];
        const mr_connection *from = net->connections + layer->neurons->first_connection;
        double *out = values + layer->first;
        uint32_t i = 0;
        for (; i + 12 <= layer->padded; i += 12) LANES(run_some)(layer, from, values, out, i, 12);
        if (i + 8 == layer->padded) LANES(run_some)(layer, from, values, out, i, 8);
        else if (i < layer->padded) LANES(run_some)(layer, from, values, out, i, 4);
        if (layer->normalization == NORM_SOFTMAX) LANES(softmax_one)(out, layer->neuron_count);
    }
}

/* ---- WIDTH rows are one vector ---- */

/* As mr_softmax, of a column each. */
TARGET static void LANES(softmax)(double *out, uint32_t count, size_t stride) {
    numbers greatest = LANES(get)(out), sum = EACH(0);
    for (uint32_t i = 1; i < count; i++) {
        numbers x = LANES(get)(out + i * stride);
        words more = x > greatest;
        greatest = (numbers)(((words)x & more) | ((words)greatest & ~more));
    }
    for (uint32_t i = 0; i < count; i++) {
        double *at = out + i * stride;
        numbers x = LANES(exponentials)(LANES(get)(at) - greatest);
        LANES(put)(at, x);
        sum += x;
    }
    for (uint32_t i = 0; i < count; i++) LANES(put)(out + i * stride, LANES(get)(out + i * stride) / sum);
}

/* All layers, of WIDTH rows. */
TARGET static void LANES(run_rows)(const mr_neural *net, double *values, size_t stride) {
    for (uint32_t l = 0; l < net->layer_count; l++) {
        const mr_neural_layer *layer = &net->layers[l];
        double *out = values + layer->first * stride;
        for (uint32_t i = 0; i < layer->neuron_count;) {
            const mr_neuron *n = &layer->neurons[i];
            bool four = n->four;
            if (four) LANES(sum_four)(n, net->connections, values, stride, out + i * stride);
            else LANES(sum_one)(n, net->connections, values, stride, out + i * stride);
            i += four ? 4 : 1;
        }
        for (uint32_t i = 0; i < layer->neuron_count; i++)
            LANES(put)(out + i * stride, LANES(activate)(layer, LANES(get)(out + i * stride)));
        if (layer->normalization == NORM_SOFTMAX) LANES(softmax)(out, layer->neuron_count, stride);
    }
}

#undef numbers
#undef words
#undef ALWAYS
#undef EACH
#undef EACH_CONSTANT
#undef ANY
#undef SPREAD
#undef LANES
#undef WIDTH
#undef TARGET
#undef MULTIPLY_ADD
