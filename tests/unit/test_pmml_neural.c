/* Neural networks: several targets, ids of outputs, radial neurons, settings of a layer, missing inputs.
 * Expected values worked out by hand. */
#include "pmml_helper.h"

#include <math.h>

#define NUMBER(name, type) "<DataField name=\"" name "\" optype=\"continuous\" dataType=\"" type "\"/>"
#define DICTIONARY                                                                                           \
    "<DataDictionary>" NUMBER("a", "double") NUMBER("b", "double") NUMBER("y", "double")                     \
        NUMBER("z", "float") "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"><Value "      \
                             "value=\"no\"/><Value value=\"yes\"/>"                                          \
                             "</DataField></DataDictionary>"
#define INPUTS       "<MiningField name=\"a\"/><MiningField name=\"b\"/>"
#define TARGET(name) "<MiningField name=\"" name "\" usageType=\"target\"/>"
#define FIELD(name)  "<DerivedField optype=\"continuous\" dataType=\"double\">" name "</DerivedField>"
#define NET(function, attributes, targets, outputs, layers, ends)                                               \
    XML_HEAD DICTIONARY                                                                                         \
        "<NeuralNetwork functionName=\"" function "\" " attributes "><MiningSchema>" INPUTS targets             \
        "</MiningSchema>" outputs "<NeuralInputs><NeuralInput id=\"0\">" FIELD(                                 \
            "<FieldRef field=\"a\"/>") "</NeuralInput><NeuralInput id=\"1\">" FIELD("<FieldRef "                \
                                                                                    "field=\"b\"/>") "</"       \
                                                                                                     "Neura"    \
                                                                                                     "lInpu"    \
                                                                                                     "t></"     \
                                                                                                     "Neura"    \
                                                                                                     "lInpu"    \
                                                                                                     "ts"       \
                                                                                                     ">" layers \
                                                                                                     "<Neur"    \
                                                                                                     "alOut"    \
                                                                                                     "puts"     \
                                                                                                     ">" ends   \
                                                                                                     "</"       \
                                                                                                     "Neura"    \
                                                                                                     "lOutp"    \
                                                                                                     "uts><"    \
                                                                                                     "/Neur"    \
                                                                                                     "alNet"    \
                                                                                                     "work"     \
                                                                                                     ">" XML_TAIL
#define LAYER(attributes, neurons) "<NeuralLayer " attributes ">" neurons "</NeuralLayer>"
#define NEURON(id, attributes, w0, w1)                                                                       \
    "<Neuron id=\"" id "\" " attributes "><Con from=\"0\" weight=\"" w0 "\"/><Con from=\"1\" weight=\"" w1   \
    "\"/></Neuron>"
#define END(neuron, expression)                                                                              \
    "<NeuralOutput outputNeuron=\"" neuron "\">" FIELD(expression) "</NeuralOutput>"

static void several_targets(void **state) {
    (void)state;
    scorer s = scorer_must(
        NET("regression", "activationFunction=\"identity\"", TARGET("y") TARGET("z"),
            "<Output><OutputField name=\"oz\" feature=\"predictedValue\" targetField=\"z\"/></Output>",
            LAYER("", NEURON("2", "bias=\"1\"", "2", "0") NEURON("3", "", "0", "0.1")),
            END("3", "<NormContinuous field=\"z\"><LinearNorm orig=\"0\" norm=\"0\"/><LinearNorm orig=\"10\" "
                     "norm=\"1\"/></NormContinuous>") END("2", "<FieldRef field=\"y\"/>")));
    assert_string_equal(mr_model_get_shape(s.model)->outputs[0].name,
                        "y"); /* the first target, though its output is the second */
    assert_string_equal(mr_model_get_shape(s.model)->outputs[1].name, "z");
    assert_int_equal(score_cells(&s, "3", "4"), MR_OK);
    assert_near(out_number(&s, 0), 7);
    assert_near(out_number(&s, 1), (double)(float)4.0);
    assert_near(out_number(&s, 2), 4);
    assert_int_equal(score_cells(&s, NULL, "4"), MR_OK);
    assert_false(out_present(&s, 0));
    assert_false(out_present(&s, 1));
    scorer_free(&s);
}

static void ids_of_outputs(void **state) {
    (void)state;
    scorer s = scorer_must(NET("classification",
                               "activationFunction=\"identity\" normalizationMethod=\"softmax\"", TARGET("c"),
                               "<Output><OutputField name=\"id\" feature=\"entityId\"/><OutputField "
                               "name=\"p\" feature=\"probability\"/></Output>",
                               LAYER("", NEURON("n1", "", "1", "0") NEURON("n2", "", "0", "1")),
                               END("n1", "<NormDiscrete field=\"c\" value=\"yes\"/>")
                                   END("n2", "<NormDiscrete field=\"c\" value=\"no\"/>")));
    assert_int_equal(score_cells(&s, "3", "4"), MR_OK);
    assert_text(&s, 0, "no");
    assert_text(&s, 1, "n2");
    assert_near(out_number(&s, 2), 1 / (1 + exp(-1)));
    scorer_free(&s);
}

static void settings_of_a_layer(void **state) {
    (void)state;
    /* Two inputs: altitude^2 exp(-((1 - a)^2 + (2 - b)^2) / (2 width^2)), then a threshold of 0.5. */
    scorer s = scorer_must(NET(
        "regression", "activationFunction=\"radialBasis\" width=\"2\" altitude=\"1.5\"", TARGET("y"), "",
        LAYER("", NEURON("2", "", "1", "2") NEURON("3", "width=\"1\" altitude=\"1\"", "1", "2"))
            LAYER("activationFunction=\"identity\"",
                  "<Neuron id=\"4\"><Con from=\"2\" weight=\"1\"/><Con from=\"3\" weight=\"10\"/></Neuron>"),
        END("4", "<FieldRef field=\"y\"/>")));
    assert_int_equal(score_cells(&s, "2", "4"), MR_OK);
    assert_near(out_number(&s, 0), 2.25 * exp(-5 / 8.0) + 10 * exp(-5 / 2.0));
    scorer_free(&s);
    s = scorer_must(NET("regression", "activationFunction=\"threshold\" threshold=\"9\"", TARGET("y"), "",
                        LAYER("threshold=\"5\"", NEURON("2", "", "1", "1")),
                        END("2", "<FieldRef field=\"y\"/>")));
    assert_int_equal(score_cells(&s, "2", "3"), MR_OK);
    assert_near(out_number(&s, 0), 0); /* not above it */
    assert_int_equal(score_cells(&s, "2", "3.5"), MR_OK);
    assert_near(out_number(&s, 0), 1);
    scorer_free(&s);
}

static void failing_allocations(void **state) {
    (void)state;
    assert_survives_failing_allocations(
        NET("regression", "activationFunction=\"identity\"", TARGET("y") TARGET("z"), "",
            LAYER("", NEURON("2", "", "2", "0") NEURON("3", "", "0", "1")),
            END("3", "<FieldRef field=\"z\"/>") END("2", "<FieldRef field=\"y\"/>")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_targets),
        cmocka_unit_test(ids_of_outputs),
        cmocka_unit_test(settings_of_a_layer),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
