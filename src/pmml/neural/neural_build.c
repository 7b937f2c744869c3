/* Neural network, compiled: names of neurons become indices of values. */
#include <string.h>

#include "pmml/build.h"
#include "pmml/expression/expression.h"
#include "pmml/field/values.h"
#include "pmml/neural/neural.h"

static const char *const activation_words[] = {
    "threshold", "logistic", "tanh",    "identity", "exponential", "reciprocal",  "square", "Gauss",
    "sine",      "cosine",   "Elliott", "arctan",   "rectifier",   "radialBasis", NULL};

enum { NO_ACTIVATION = ACTIVATE_LEAKY_RECTIFIER + 1 };

typedef struct net_builder {
    mr_builder *b;
    mr_scope *scope;
    mr_neural *net;
    mr_map ids; /* of inputs and neurons -> index of the value */
    uint32_t value_count;
    mr_connection *connections;
    uint32_t connection_count;
    unsigned activation, normalization;
    double threshold, width, altitude, leakage;
    bool single;
} net_builder;

static mr_status add_id(net_builder *n, uint32_t element) {
    const char *id;
    mr_status status = mr_build_must(n->b, element, A_id, &id);
    if (status != MR_OK) return status;
    if (mr_map_find(&n->ids, id, strlen(id)))
        return mr_build_fail(n->b, element, MR_INVALID_MODEL, "the neuron \"%.60s\" is there twice", id);
    return mr_map_put(&n->ids, id, strlen(id), n->value_count++) ? MR_OK : mr_build_no_memory(n->b);
}

static mr_status find_id(net_builder *n, uint32_t element, mr_attribute_name name, uint32_t *value) {
    const char *id;
    mr_status status = mr_build_must(n->b, element, name, &id);
    if (status != MR_OK) return status;
    mr_map_item *item = mr_map_find(&n->ids, id, strlen(id));
    if (!item)
        return mr_build_fail(n->b, element, MR_INVALID_MODEL,
                             "the neuron \"%.60s\" is not in an earlier layer", id);
    *value = item->value;
    return MR_OK;
}

static mr_status build_inputs(net_builder *n, uint32_t list) {
    mr_builder *b = n->b;
    uint32_t count = 0;
    MR_EACH_CHILD(b->document, list, child) count++;
    const mr_expression **inputs = mr_build_alloc(b, count, sizeof *inputs);
    bool *floats = mr_build_alloc(b, count, sizeof *floats);
    if (!inputs || !floats) return MR_NO_MEMORY;
    n->net->inputs = inputs;
    n->net->input_floats = floats;
    n->net->input_count = count;
    MR_EACH_CHILD(b->document, list, child) {
        mr_data_type type = T_DOUBLE;
        mr_measure measure;
        mr_status status = add_id(n, child);
        if (status == MR_OK && child + 1 >= b->document->elements[child].end)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "<NeuralInput> lacks its <DerivedField>");
        if (status == MR_OK) status = mr_build_type(b, child + 1, &type, &measure);
        if (status == MR_OK && !mr_data_type_calculates(type))
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "a <NeuralInput> that is no number");
        if (status == MR_OK) status = mr_build_expression(b, n->scope, child + 1, type, inputs++);
        if (status != MR_OK) return status;
        *floats++ = type == T_FLOAT;
    }
    return MR_OK;
}

static mr_status build_neuron(net_builder *n, uint32_t element, const net_builder *layer, mr_neuron *neuron) {
    mr_builder *b = n->b;
    *neuron = (mr_neuron){
        .width = layer->width, .altitude = layer->altitude, .first_connection = n->connection_count};
    mr_status status = mr_build_number(b, element, A_bias, false, &neuron->bias);
    if (status == MR_OK) status = mr_build_number(b, element, A_width, false, &neuron->width);
    if (status == MR_OK) status = mr_build_number(b, element, A_altitude, false, &neuron->altitude);
    MR_EACH_CHILD(b->document, element, child) {
        mr_connection *c = &n->connections[n->connection_count];
        if (status == MR_OK) status = find_id(n, child, A_from, &c->from);
        if (status == MR_OK) status = mr_build_number(b, child, A_weight, true, &c->weight);
        if (status != MR_OK) return status;
        n->connection_count++;
        neuron->connection_count++;
    }
    neuron->fan_in = neuron->connection_count;
    if (status == MR_OK && layer->activation == ACTIVATE_RADIAL_BASIS && !(neuron->width > 0))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "a radialBasis neuron needs a width above 0");
    return status;
}

static mr_status read_style(net_builder *n, uint32_t element, net_builder *style) {
    static const char *const normalizations[] = {"none", "simplemax", "softmax", NULL};
    mr_status status =
        mr_build_word(n->b, element, A_activationFunction, activation_words, &style->activation);
    if (status == MR_OK)
        status = mr_build_word(n->b, element, A_normalizationMethod, normalizations, &style->normalization);
    if (status == MR_OK) status = mr_build_number(n->b, element, A_threshold, false, &style->threshold);
    if (status == MR_OK) status = mr_build_number(n->b, element, A_width, false, &style->width);
    if (status == MR_OK) status = mr_build_number(n->b, element, A_altitude, false, &style->altitude);
    if (status == MR_OK) status = mr_build_number(n->b, element, A_x_leakage, false, &style->leakage);
    return status;
}

/* Do neurons read the same values of `before`, one after the other? */
static bool alike(const mr_neuron *n, uint32_t count, const mr_connection *connections,
                  const mr_neural_layer *before) {
    const mr_connection *one = connections + n->first_connection;
    uint32_t first = n->connection_count ? one->from : before->first;
    if (first < before->first || n->connection_count > before->neuron_count - (first - before->first))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const mr_connection *all = connections + n[i].first_connection;
        if (n[i].connection_count != n->connection_count) return false;
        for (uint32_t k = 0; k < n->connection_count; k++)
            if (all[k].from != first + k) return false;
    }
    return true;
}

static mr_status add_columns(mr_builder *b, const mr_neural *net, mr_neural_layer *layer) {
    const mr_neuron *n = layer->neurons;
    mr_neural_layer before = {.neuron_count = net->input_count};
    if (layer > net->layers) before = layer[-1];
    if (layer->neuron_count == 0 || !alike(n, layer->neuron_count, net->connections, &before)) return MR_OK;
    layer->connection_count = n->connection_count;
    layer->from = n->connection_count ? net->connections[n->first_connection].from : before.first;
    layer->padded = (layer->neuron_count + 3) & ~3u;
    double *columns =
        mr_build_alloc(b, ((size_t)n->connection_count + 1) * layer->padded + 4, sizeof *columns);
    if (!columns) return MR_NO_MEMORY;
    columns = (double *)(((uintptr_t)columns + 31) & ~(uintptr_t)31);
    layer->columns = columns;
    for (uint32_t i = 0; i < layer->neuron_count; i++) {
        columns[i] = n[i].bias;
        for (uint32_t k = 0; k < n->connection_count; k++)
            columns[(size_t)(k + 1) * layer->padded + i] = net->connections[n[i].first_connection + k].weight;
    }
    return MR_OK;
}

/* Does each layer read the one before it alone, and the outputs the last? */
static void set_chain(mr_neural *net) {
    const mr_neural_layer *last = &net->layers[net->layer_count - 1];
    net->chain = net->straight = true;
    for (uint32_t i = 0; i < net->layer_count; i++) net->chain &= net->layers[i].columns != NULL;
    for (uint32_t i = 0; i < net->output_count; i++) {
        net->chain &= net->outputs[i].value >= last->first;
        net->straight &= net->outputs[i].value == last->first + i;
    }
}

static mr_status build_layer(net_builder *n, uint32_t element, mr_neural_layer *layer) {
    mr_builder *b = n->b;
    net_builder style = *n; /* the network's, where the layer says nothing */
    mr_status status = read_style(n, element, &style);
    MR_EACH_CHILD(b->document, element, child) layer->neuron_count++;
    mr_neuron *neurons = status == MR_OK ? mr_build_alloc(b, layer->neuron_count, sizeof *neurons) : NULL;
    if (!neurons) return status != MR_OK ? status : MR_NO_MEMORY;
    layer->neurons = neurons;
    if (style.activation == NO_ACTIVATION)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "neither layer nor network has an activationFunction");
    if (style.activation == ACTIVATE_RADIAL_BASIS && n->single)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "activationFunction=\"radialBasis\" in floats");
    layer->activation = (mr_activation)style.activation;
    layer->leakage = style.leakage;
    if (style.activation == ACTIVATE_RECTIFIER && style.leakage != 0)
        layer->activation = ACTIVATE_LEAKY_RECTIFIER;
    layer->normalization = (mr_normalization)style.normalization;
    layer->threshold = style.threshold;
    layer->first = n->value_count;
    MR_EACH_CHILD(b->document, element, child) {
        status = build_neuron(n, child, &style, neurons++);
        if (status != MR_OK) return status;
    }
    neurons -= layer->neuron_count;
    status = add_columns(b, n->net, layer);
    if (status != MR_OK) return status;
    /* Only now: a neuron reads earlier layers, never its own. */
    MR_EACH_CHILD(b->document, element, child) {
        status = add_id(n, child);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* The points of a NormContinuous, which must rise or fall throughout to be turned back. */
static mr_status build_points(mr_builder *b, uint32_t element, mr_neural_output *output) {
    MR_EACH_CHILD(b->document, element, child) output->point_count++;
    mr_norm_point *points = mr_build_alloc(b, output->point_count, sizeof *points);
    if (!points) return MR_NO_MEMORY;
    output->points = points;
    mr_status status = MR_OK;
    MR_EACH_CHILD(b->document, element, child) {
        status = mr_build_number(b, child, A_orig, true, &points->from);
        if (status == MR_OK) status = mr_build_number(b, child, A_norm, true, &points->to);
        if (status != MR_OK) return status;
        points++;
    }
    points = (mr_norm_point *)(uintptr_t)output->points;
    if (output->point_count >= 2) output->falls = points[1].to < points[0].to;
    bool ok = output->point_count >= 2 && !mr_build_text(b, element, A_outliers);
    for (uint32_t i = 1; i < output->point_count; i++)
        ok &= output->falls ? points[i].to < points[i - 1].to : points[i].to > points[i - 1].to;
    if (ok) return MR_OK;
    return mr_build_fail(b, element, MR_UNSUPPORTED,
                         "<NormContinuous> of an output that cannot be turned back");
}

/* The expression behind a FieldRef to a derived field; the derived field's own otherwise. */
static mr_status output_expression(net_builder *n, uint32_t element, uint32_t *expression) {
    mr_builder *b = n->b;
    for (int hops = 0; hops < 16; hops++) {
        *expression = element + 1;
        if (element + 1 >= b->document->elements[element].end)
            return mr_build_fail(b, element, MR_INVALID_MODEL, "<DerivedField> lacks its expression");
        if (mr_build_name(b, *expression) != E_FieldRef) return MR_OK;
        const char *field;
        mr_status status = mr_build_must(b, *expression, A_field, &field);
        if (status != MR_OK) return status;
        mr_map_item *item = NULL;
        for (mr_scope *s = n->scope; s && !item; s = s->parent)
            item = mr_map_find(&s->names, field, strlen(field));
        if (item && n->scope->entries && mr_map_find(&n->scope->names, field, strlen(field)) == item)
            element = n->scope->entries[item->value].element;
        else if ((item = mr_map_find(&b->global_derived, field, strlen(field))) != NULL)
            element = item->value;
        else return MR_OK; /* the target itself */
        if (mr_build_name(b, element) != E_DerivedField) return MR_OK;
    }
    return mr_build_fail(b, element, MR_UNSUPPORTED, "an output behind more than 16 derived fields");
}

static mr_status build_output(net_builder *n, uint32_t element, mr_neural_output *output, mr_classes *classes,
                              bool classify) {
    mr_builder *b = n->b;
    uint32_t expression = 0, label, index;
    mr_status status = find_id(n, element, A_outputNeuron, &output->value);
    if (status == MR_OK && element + 1 >= b->document->elements[element].end)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<NeuralOutput> lacks its <DerivedField>");
    if (status == MR_OK) status = output_expression(n, element + 1, &expression);
    if (status != MR_OK) return status;
    unsigned name = mr_build_name(b, expression);
    if (!classify && name == E_NormContinuous) return build_points(b, expression, output);
    if (!classify && name == E_FieldRef) return MR_OK;
    if (!classify || name != E_NormDiscrete)
        return mr_build_fail(b, expression, MR_UNSUPPORTED,
                             "this expression of a <NeuralOutput> is not supported");
    const char *text;
    size_t before = classes->count;
    status = mr_build_must(b, expression, A_value, &text);
    if (status == MR_OK) status = mr_build_label(b, expression, text, n->scope->label_type, &label);
    if (status == MR_OK) status = mr_classes_add(b, classes, label, &index);
    if (status == MR_OK && classes->count == before)
        status = mr_build_fail(b, expression, MR_INVALID_MODEL, "two outputs for one class");
    return status;
}

/* Ids of the output neurons, for outputs that ask for the winner's. */
static mr_status keep_entities(net_builder *n, uint32_t list) {
    uint32_t *entities = mr_build_alloc(n->b, n->net->output_count, sizeof *entities);
    if (!entities) return MR_NO_MEMORY;
    n->net->entities = entities;
    MR_EACH_CHILD(n->b->document, list, child) {
        mr_status status = mr_build_intern(n->b, mr_build_text(n->b, child, A_outputNeuron), entities++);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* The field that an output of a regression predicts. */
static const char *target_of(net_builder *n, uint32_t element) {
    uint32_t expression = 0;
    if (output_expression(n, element + 1, &expression) != MR_OK) return NULL;
    return mr_build_text(n->b, expression, A_field);
}

/* The output of the first target stands first; the others are targets of their own. */
static mr_status build_targets(net_builder *n, uint32_t list, mr_neural_output *outputs,
                               mr_evaluator *evaluator) {
    mr_builder *b = n->b;
    mr_output_step *steps = mr_build_alloc(b, n->net->output_count, sizeof *steps);
    const char **names = mr_build_alloc(b, n->net->output_count, sizeof *names);
    uint32_t count = 0, first = 0;
    if (!steps || !names) return MR_NO_MEMORY;
    MR_EACH_CHILD(b->document, list, child) {
        const char *name = target_of(n, child);
        if (!name) return mr_build_must(b, child + 1, A_field, &name);
        if (n->scope->target && strcmp(name, n->scope->target) == 0) first = count;
        names[count++] = name;
    }
    mr_neural_output main = outputs[first];
    const char *main_name = names[first];
    outputs[first] = outputs[0], names[first] = names[0];
    outputs[0] = main, names[0] = main_name;
    evaluator->target_name = main_name;
    evaluator->other_targets = steps;
    for (uint32_t i = 1; i < count; i++) {
        mr_map_item *item = mr_map_find(&b->data_fields, names[i], strlen(names[i]));
        mr_data_type type = T_DOUBLE;
        mr_measure measure = MR_CONTINUOUS;
        mr_status status = item ? mr_build_type(b, item->value, &type, &measure) : MR_OK;
        mr_output_step *step = &steps[evaluator->other_target_count++];
        *step = (mr_output_step){.name = mr_arena_copy(b->arena, names[i], strlen(names[i])),
                                 .feature = F_OTHER_TARGET,
                                 .evaluator = evaluator->index,
                                 .rank = 1,
                                 .detail = i,
                                 .type = type == T_FLOAT ? T_FLOAT : T_DOUBLE,
                                 .final = true};
        if (!step->name) return mr_build_no_memory(b);
        if (status == MR_OK) status = mr_build_slot(b, step->type, measure, &step->slot);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status build_outputs(net_builder *n, uint32_t list, mr_evaluator *evaluator) {
    mr_builder *b = n->b;
    mr_classes classes = {0};
    uint32_t count = 0;
    mr_status status = MR_OK;
    MR_EACH_CHILD(b->document, list, child) count++;
    mr_neural_output *outputs = mr_build_alloc(b, count, sizeof *outputs);
    if (!outputs) return MR_NO_MEMORY;
    n->net->outputs = outputs;
    n->net->output_count = count;
    MR_EACH_CHILD(b->document, list, child) {
        if (status == MR_OK) status = build_output(n, child, outputs++, &classes, evaluator->classification);
    }
    if (status == MR_OK && evaluator->classification && count == 1) {
        status = mr_scope_target_classes(b, n->scope, &classes);
        if (status == MR_OK && classes.count != 2)
            status =
                mr_build_fail(b, list, MR_UNSUPPORTED, "one output neuron for %zu classes", classes.count);
    }
    if (status == MR_OK && count == 0)
        status = mr_build_fail(b, list, MR_INVALID_MODEL, "<NeuralOutputs> has no outputs");
    if (status == MR_OK && !evaluator->classification && count > 1)
        status = build_targets(n, list, (mr_neural_output *)(uintptr_t)n->net->outputs, evaluator);
    if (status == MR_OK && evaluator->classification) status = mr_classes_keep(b, &classes, evaluator, list);
    if (status == MR_OK && evaluator->classification && n->scope->wants_entities)
        status = keep_entities(n, list);
    mr_classes_free(&classes);
    return status;
}

static mr_status build_net(net_builder *n, uint32_t element, mr_evaluator *evaluator) {
    mr_builder *b = n->b;
    uint32_t inputs = MR_NONE, outputs = MR_NONE, connections = 0;
    for (uint32_t i = element; i < b->document->elements[element].end; i++)
        connections += mr_build_name(b, i) == E_Con;
    MR_EACH_CHILD(b->document, element, child) {
        unsigned name = mr_build_name(b, child);
        n->net->layer_count += name == E_NeuralLayer;
        if (name == E_NeuralInputs) inputs = child;
        if (name == E_NeuralOutputs) outputs = child;
    }
    if (inputs == MR_NONE || outputs == MR_NONE || n->net->layer_count == 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<NeuralNetwork> lacks inputs, layers or outputs");
    mr_neural_layer *layers = mr_build_alloc(b, n->net->layer_count, sizeof *layers);
    n->connections = mr_build_alloc(b, connections, sizeof *n->connections);
    if (!layers || !n->connections) return MR_NO_MEMORY;
    n->net->layers = layers;
    n->net->connections = n->connections;
    mr_status status = build_inputs(n, inputs);
    MR_EACH_CHILD(b->document, element, child) {
        if (status != MR_OK) return status;
        if (mr_build_name(b, child) == E_NeuralLayer) status = build_layer(n, child, layers++);
    }
    if (status == MR_OK) status = build_outputs(n, outputs, evaluator);
    if (status == MR_OK) set_chain(n->net);
    return status;
}

mr_status mr_build_neural(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    mr_neural *net = mr_build_alloc(b, 1, sizeof *net);
    if (!net) return MR_NO_MEMORY;
    net_builder n = {.b = b,
                     .scope = scope,
                     .net = net,
                     .altitude = 1,
                     .activation = NO_ACTIVATION,
                     .single = evaluator->single_math};
    mr_status status = read_style(&n, element, &n);
    if (status == MR_OK) status = build_net(&n, element, evaluator);
    mr_map_free(&n.ids);
    evaluator->model = net;
    evaluator->probabilistic = evaluator->classification;
    evaluator->evaluate = mr_neural_evaluate;
    evaluator->tiles = n.single ? NULL : &mr_neural_tiles;
    evaluator->value = mr_neural_value;
    evaluator->numbers = (uint32_t)b->number_count;
    b->number_count += n.value_count;
    return status;
}

mr_status mr_build_neural_feature(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                  mr_output_step *output) {
    const mr_neural *net = evaluator->model;
    (void)scope;
    if (output->feature != F_ENTITY_ID || output->rank > 1 || !net->entities)
        return mr_output_refuse(b, element);
    output->type = T_STRING;
    return MR_OK;
}
