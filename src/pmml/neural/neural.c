/* Neural network: dense layers of double sums in the document's order, so that results do not depend on
 * how wide the machine's vectors are.
 *
 * Every connection is kept as (source, weight).
 */
#include "pmml/neural/neural.h"

#include <math.h>

#include "pmml/expression/expression.h"

static double radial_basis(const mr_neuron *n, const mr_connection *connections, const double *values) {
    double sum = 0;
    for (uint32_t i = 0; i < n->connection_count; i++) {
        double distance = connections[i].weight - values[connections[i].from];
        sum += distance * distance;
    }
    return exp(n->fan_in * log(n->altitude) - sum / (2 * n->width * n->width));
}

double mr_neural_activate(const mr_neural_layer *layer, double z) {
    switch (layer->activation) {
    case ACTIVATE_THRESHOLD:
        return z > layer->threshold ? 1 : 0;
    case ACTIVATE_LOGISTIC:
        return 1 / (1 + exp(-z));
    case ACTIVATE_TANH:
        return tanh(z);
    case ACTIVATE_EXPONENTIAL:
        return exp(z);
    case ACTIVATE_RECIPROCAL:
        return 1 / z;
    case ACTIVATE_SQUARE:
        return z * z;
    case ACTIVATE_GAUSS:
        return exp(-(z * z));
    case ACTIVATE_SINE:
        return sin(z);
    case ACTIVATE_COSINE:
        return cos(z);
    case ACTIVATE_ELLIOTT:
        return z / (1 + fabs(z));
    case ACTIVATE_ARCTAN:
        return 2 * atan(z) / M_PI;
    case ACTIVATE_RECTIFIER:
        return z > 0 ? z : 0;
    case ACTIVATE_LEAKY_RECTIFIER:
        return z > 0 ? z : z * layer->leakage;
    default:
        return z;
    }
}

static double sum_one(const mr_neuron *n, const mr_connection *connections, const double *values) {
    double z = n->bias;
    connections += n->first_connection;
    for (uint32_t k = 0; k < n->connection_count; k++)
        z += connections[k].weight * values[connections[k].from];
    return z;
}

/* Four neurons of as many connections: each sum keeps its order, and none waits for another. */
static void sum_four(const mr_neuron *n, const mr_connection *connections, const double *values,
                     double *out) {
    const mr_connection *a = connections + n[0].first_connection, *b = connections + n[1].first_connection,
                        *c = connections + n[2].first_connection, *d = connections + n[3].first_connection;
    double z0 = n[0].bias, z1 = n[1].bias, z2 = n[2].bias, z3 = n[3].bias;
    for (uint32_t k = 0, count = n->connection_count; k < count; k++) {
        z0 += a[k].weight * values[a[k].from];
        z1 += b[k].weight * values[b[k].from];
        z2 += c[k].weight * values[c[k].from];
        z3 += d[k].weight * values[d[k].from];
    }
    out[0] = z0, out[1] = z1, out[2] = z2, out[3] = z3;
}

static bool alike(const mr_neuron *n) {
    uint32_t count = n->connection_count;
    return n[1].connection_count == count && n[2].connection_count == count && n[3].connection_count == count;
}

/* A layer reads only values of earlier ones, so all its sums may stand before the first activation. */
static void run_layer(const mr_neural *net, const mr_neural_layer *layer, double *values) {
    double *out = values + layer->first;
    uint32_t count = layer->neuron_count;
    if (layer->activation == ACTIVATE_RADIAL_BASIS) {
        for (uint32_t i = 0; i < count; i++) {
            const mr_neuron *n = &layer->neurons[i];
            out[i] = radial_basis(n, net->connections + n->first_connection, values);
        }
    } else {
        for (uint32_t i = 0; i < count;) {
            const mr_neuron *n = &layer->neurons[i];
            bool four = count - i >= 4 && alike(n);
            if (four) sum_four(n, net->connections, values, out + i);
            else out[i] = sum_one(n, net->connections, values);
            i += four ? 4 : 1;
        }
        for (uint32_t i = 0; i < count; i++) out[i] = mr_neural_activate(layer, out[i]);
    }
    if (layer->normalization == NORM_SOFTMAX) mr_softmax(out, count, false);
    if (layer->normalization == NORM_SIMPLEMAX) mr_simplemax(out, count, false);
}

/* x-mathContext="float": each product and each sum is a float, the bias comes last. Such networks are rare
 * and have no tiles. */
static double sum_single(const mr_neuron *n, const mr_connection *connections, const double *values) {
    double z = 0;
    connections += n->first_connection;
    for (uint32_t k = 0; k < n->connection_count; k++) {
        double product = mr_rounded(true, mr_rounded(true, connections[k].weight) *
                                              mr_rounded(true, values[connections[k].from]));
        z = mr_rounded(true, z + product);
    }
    return mr_rounded(true, z + mr_rounded(true, n->bias));
}

static double activate_single(const mr_neural_layer *layer, double z) {
    switch (layer->activation) {
    case ACTIVATE_LOGISTIC:
        return mr_normalize_single(NORM_LOGIT, z);
    case ACTIVATE_EXPONENTIAL:
        return mr_normalize_single(NORM_EXP, z);
    case ACTIVATE_GAUSS:
        return mr_normalize_single(NORM_EXP, -mr_rounded(true, z * z));
    case ACTIVATE_ELLIOTT:
        return mr_rounded(true, z / mr_rounded(true, 1 + fabs(z)));
    default:
        return mr_rounded(true, mr_neural_activate(layer, z));
    }
}

static void run_layer_single(const mr_neural *net, const mr_neural_layer *layer, double *values) {
    double *out = values + layer->first;
    uint32_t count = layer->neuron_count;
    for (uint32_t i = 0; i < count; i++)
        out[i] = activate_single(layer, sum_single(&layer->neurons[i], net->connections, values));
    if (layer->normalization == NORM_SOFTMAX) mr_softmax(out, count, true);
    if (layer->normalization == NORM_SIMPLEMAX) mr_simplemax(out, count, true);
}

/* Back through the points of a NormContinuous; single: each step is a float. */
static double denormalize(const mr_neural_output *output, double value, bool single) {
    if (!output->points) return value;
    const mr_norm_point *p = output->points;
    uint32_t i = 0, last = output->point_count - 1;
    while (i + 1 < last && (output->falls ? value < p[i + 1].to : value > p[i + 1].to)) i++;
    if (!single) return p[i].from + (value - p[i].to) / (p[i + 1].to - p[i].to) * (p[i + 1].from - p[i].from);
    double from = mr_rounded(true, p[i].from), to = mr_rounded(true, p[i].to);
    double share = mr_rounded(true, mr_rounded(true, value - to) / mr_rounded(true, p[i + 1].to - to));
    return mr_rounded(true, from + mr_rounded(true, share * mr_rounded(true, p[i + 1].from - from)));
}

double mr_neural_denormalize(const mr_neural_output *output, double value) {
    return denormalize(output, value, false);
}

void mr_neural_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_neural *net = evaluator->model;
    double *values = work->numbers + evaluator->numbers;
    for (uint32_t i = 0; i < net->input_count; i++) {
        mr_slot value = mr_expression_evaluate(net->inputs[i], work);
        if (value.missing) return;
        values[i] = net->input_floats[i] ? (double)(float)value.number : value.number;
    }
    bool single = evaluator->single_math;
    for (uint32_t i = 0; i < net->layer_count; i++)
        single ? run_layer_single(net, &net->layers[i], values) : run_layer(net, &net->layers[i], values);
    prediction->missing = false;
    if (!evaluator->classification) {
        prediction->number = denormalize(&net->outputs[0], values[net->outputs[0].value], single);
        return;
    }
    double *p = work->numbers + evaluator->probabilities;
    for (uint32_t i = 0; i < net->output_count; i++) p[i] = values[net->outputs[i].value];
    if (net->output_count == 1) p[1] = mr_rounded(single, 1 - p[0]); /* the other class is the rest */
    uint32_t best = mr_most_probable(p, evaluator->class_count);
    prediction->label = best;
    prediction->probabilities = p;
    if (net->entities && best < net->output_count) prediction->entity = net->entities[best];
}

void mr_neural_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                     const mr_prediction *prediction, mr_slot *value) {
    const mr_neural *net = evaluator->model;
    if (output->feature != F_OTHER_TARGET) {
        mr_entity_value(evaluator, output, work, prediction, value);
        return;
    }
    const mr_neural_output *target = &net->outputs[output->detail];
    double out = work->numbers[evaluator->numbers + target->value];
    value->number = denormalize(target, out, evaluator->single_math);
    value->missing = 0;
}
