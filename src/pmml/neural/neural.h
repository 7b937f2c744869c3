/* Neural network: its compiled form. */
#ifndef MR_PMML_NEURAL_H
#define MR_PMML_NEURAL_H

#include "pmml/expression/expression.h"
#include "pmml/program.h"
#include "pmml/regression/link.h"

typedef enum mr_activation {
    ACTIVATE_THRESHOLD,
    ACTIVATE_LOGISTIC,
    ACTIVATE_TANH,
    ACTIVATE_IDENTITY,
    ACTIVATE_EXPONENTIAL,
    ACTIVATE_RECIPROCAL,
    ACTIVATE_SQUARE,
    ACTIVATE_GAUSS,
    ACTIVATE_SINE,
    ACTIVATE_COSINE,
    ACTIVATE_ELLIOTT,
    ACTIVATE_ARCTAN,
    ACTIVATE_RECTIFIER,
    ACTIVATE_RADIAL_BASIS,
    ACTIVATE_LEAKY_RECTIFIER /* a rectifier with x-leakage */
} mr_activation;

typedef struct mr_connection {
    double weight;
    uint32_t from; /* index of a value: inputs first, then neurons in document order */
} mr_connection;

typedef struct mr_neuron {
    double bias, width, altitude, fan_in;
    uint32_t first_connection, connection_count;
} mr_neuron;

typedef struct mr_neural_layer {
    mr_activation activation;
    mr_normalization normalization;
    double threshold, leakage;
    uint32_t first; /* value of its first neuron */
    uint32_t neuron_count;
    const mr_neuron *neurons;
    /* When all its neurons read the same values of the layer before, one after the other: their biases and
     * then, for each of these values, their weights, `padded` numbers each (neuron_count filled up to a
     * multiple of 4), aligned to 32 bytes. Else NULL. */
    const double *columns;
    uint32_t padded, from, connection_count; /* from: the first of the values */
} mr_neural_layer;

typedef struct mr_neural_output {
    uint32_t value;
    bool falls; /* the points' `to` fall */
    uint32_t point_count;
    const mr_norm_point *points; /* NULL: the value as it is */
} mr_neural_output;

typedef struct mr_neural {
    uint32_t input_count, layer_count, output_count;
    bool chain;    /* all layers have `columns`, and the outputs are of the last */
    bool straight; /* the outputs are the last layer's first values */
    const mr_expression *const *inputs;
    const bool *input_floats; /* the input's derived field is a float */
    const mr_neural_layer *layers;
    const mr_connection *connections;
    const mr_neural_output *outputs;
    const uint32_t *entities; /* text of the output neurons' ids; NULL: no output asks for them */
} mr_neural;

double mr_neural_activate(const mr_neural_layer *layer, double z);          /* any but radial basis */
double mr_neural_denormalize(const mr_neural_output *output, double value); /* in doubles */
extern const struct mr_tile_family mr_neural_tiles;                         /* neural_tile.c */
void mr_neural_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                     const mr_prediction *prediction, mr_slot *value);
void mr_neural_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);

#endif
