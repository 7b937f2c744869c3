/* The models of test_pmml_tile.c: networks, regressions, chains and trees over fields of every kind. */
#ifndef PMML_TILE_MODELS_H
#define PMML_TILE_MODELS_H

#include "pmml_helper.h"

#define DICTIONARY                                                                                           \
    "<DataDictionary>"                                                                                       \
    "<DataField name=\"a\" optype=\"continuous\" dataType=\"double\"/>"                                      \
    "<DataField name=\"b\" optype=\"continuous\" dataType=\"double\">"                                       \
    "<Interval closure=\"openClosed\" leftMargin=\"-3\" rightMargin=\"2\"/></DataField>"                     \
    "<DataField name=\"c\" optype=\"continuous\" dataType=\"float\"/>"                                       \
    "<DataField name=\"n\" optype=\"continuous\" dataType=\"integer\"/>"                                     \
    "<DataField name=\"k\" optype=\"categorical\" dataType=\"string\"><Value value=\"red\"/>"                \
    "<Value value=\"green\"/><Value value=\"none\" property=\"missing\"/></DataField>"                       \
    "<DataField name=\"w\" optype=\"categorical\" dataType=\"string\"/>"                                     \
    "<DataField name=\"f\" optype=\"categorical\" dataType=\"boolean\"/>"                                    \
    "<DataField name=\"v\" optype=\"categorical\" dataType=\"integer\"><Value value=\"1\"/>"                 \
    "<Value value=\"2\"/><Value value=\"9\" property=\"invalid\"/></DataField>"                              \
    "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/>"                                      \
    "<DataField name=\"z\" optype=\"categorical\" dataType=\"string\"><Value value=\"p\"/>"                  \
    "<Value value=\"q\"/><Value value=\"r\"/></DataField></DataDictionary>"

/* b, k and v as they are treated; the others plain. */
#define SCHEMA(target, b, c, k, v)                                                                           \
    "<MiningSchema><MiningField name=\"" target "\" usageType=\"target\"/><MiningField name=\"a\"/>"         \
    "<MiningField name=\"b\" " b "/><MiningField name=\"c\" " c "/><MiningField name=\"n\"/>"                \
    "<MiningField name=\"k\" " k "/><MiningField name=\"w\"/><MiningField name=\"f\"/>"                      \
    "<MiningField name=\"v\" " v "/></MiningSchema>"

/* Without what keeps a row from going by itself. */
#define PLAIN_SCHEMA(target)                                                                                 \
    "<MiningSchema><MiningField name=\"" target "\" usageType=\"target\"/><MiningField name=\"a\"/>"         \
    "<MiningField name=\"b\"/><MiningField name=\"c\"/><MiningField name=\"n\"/><MiningField name=\"k\"/>"   \
    "<MiningField name=\"w\"/></MiningSchema>"

#define FIELD(name, type, expression)                                                                        \
    "<DerivedField name=\"" name "\" optype=\"continuous\" dataType=\"" type "\">" expression                \
    "</DerivedField>"
#define APPLY(function, more, arguments) "<Apply function=\"" function "\" " more ">" arguments "</Apply>"
#define REF(field)                       "<FieldRef field=\"" field "\"/>"
#define NUMBER(value)                    "<Constant dataType=\"double\">" value "</Constant>"

/* clang-format off */
/* Those with the same `less` are added up together. */
#define SUM(less, a, b, scaled, n)                                                                                 \
    APPLY("sum", "", APPLY("*", "", APPLY("-", "", REF("a") NUMBER(less)) NUMBER(a))                        \
                     APPLY("*", "", REF("b") NUMBER(b))                                                      \
                     APPLY("*", "", REF("scaled") NUMBER(scaled))                                            \
                     APPLY("*", "", APPLY("-", "", REF("n") NUMBER("7")) NUMBER(n))                          \
                     APPLY("-", "", REF("c") NUMBER("0.25")) REF("b"))
#define PLAIN_FIELDS                                                                                         \
    FIELD("scaled", "double", APPLY("/", "", APPLY("-", "", REF("a") NUMBER("0.3")) NUMBER("1.7")))          \
    FIELD("single", "float", REF("scaled"))                                                                  \
    FIELD("product", "double",                                                                               \
          APPLY("*", "mapMissingTo=\"0.25\"", REF("b") APPLY("+", "", REF("c") NUMBER("2"))))                \
    FIELD("less", "double", APPLY("-", "defaultValue=\"-1\"", NUMBER("1") REF("n")))                         \
    FIELD("total", "double", SUM("0.1", "3", "-2", "0.5", "1"))                                                     \
    FIELD("line", "double",                                                                                  \
          "<NormContinuous field=\"a\" mapMissingTo=\"0.5\"><LinearNorm orig=\"-1\" norm=\"0\"/>"            \
          "<LinearNorm orig=\"2.5\" norm=\"1\"/></NormContinuous>")                                          \
    FIELD("red", "double", "<NormDiscrete field=\"k\" value=\"red\"/>")                                  \
    FIELD("apart", "double", SUM("0.2", "3", "-2", "0.5", "1"))                                               \
    FIELD("both", "double", APPLY("+", "mapMissingTo=\"4\"", NUMBER("1") APPLY("sum", "", REF("b")            \
                                                           APPLY("*", "", REF("b") NUMBER("2")))))             \
    FIELD("share", "float", SUM("0.1", "-0.7", "1.1", "0.9", "-3"))                                                 \
    FIELD("part", "double", APPLY("*", "mapMissingTo=\"8\"", SUM("0.1", "1", "0.1", "2", "0.3") REF("line")))
#define PLAIN_DERIVED "<LocalTransformations>" PLAIN_FIELDS "</LocalTransformations>"
#define DERIVED                                                                                              \
    "<LocalTransformations>" PLAIN_FIELDS                                                                    \
    FIELD("bent", "double",                                                                                  \
          "<NormContinuous field=\"c\" outliers=\"asExtremeValues\"><LinearNorm orig=\"-1\" norm=\"0\"/>"    \
          "<LinearNorm orig=\"0\" norm=\"3\"/><LinearNorm orig=\"2.5\" norm=\"1\"/></NormContinuous>")         \
    FIELD("two", "double", "<NormDiscrete field=\"v\" value=\"2\" mapMissingTo=\"0.75\"/>")                \
    FIELD("power", "double", APPLY("exp", "", APPLY("min", "", REF("a") REF("b"))))                          \
    "</LocalTransformations>"
/* clang-format on */

#define TERM(name, coefficient) "<NumericPredictor name=\"" name "\" coefficient=\"" coefficient "\"/>"
#define TERMS_OF_NUMBERS(shift)                                                                              \
    TERM("single", "1.1")                                                                                    \
    TERM("product", "-0." shift)                                                                             \
    TERM("less", "0.07")                                                                                     \
    TERM("total", "0.011")                                                                                   \
    TERM("share", "-0.03")                                                                                   \
    TERM("part", "0.2")                                                                                      \
    TERM("both", "0.3")                                                                                      \
    TERM("apart", "0.05")                                                                                    \
    TERM("line", "2")

#define TERMS(shift)                                                                                         \
    TERMS_OF_NUMBERS(shift)                                                                                  \
    TERM("bent", "0.4")                                                                                      \
    TERM("red", "1.25")                                                                                      \
    TERM("two", "-1")                                                                                        \
    TERM("power", "0.01")                                                                                    \
    "<NumericPredictor name=\"a\" exponent=\"2\" coefficient=\"0.3\"/>"                                      \
    "<CategoricalPredictor name=\"w\" value=\"x\" coefficient=\"" shift "\"/>"                               \
    "<CategoricalPredictor name=\"v\" value=\"1\" coefficient=\"0.5\"/>"                                     \
    "<PredictorTerm coefficient=\"0.2\"><FieldRef field=\"a\"/><FieldRef "                                   \
    "field=\"c\"/></PredictorTerm>"

#define PLAIN_TERMS(shift)                                                                                   \
    TERMS_OF_NUMBERS(shift)                                                                                  \
    TERM("red", "1.25")                                                                                      \
    "<NumericPredictor name=\"a\" exponent=\"2\" coefficient=\"0.3\"/>"                                      \
    "<CategoricalPredictor name=\"w\" value=\"x\" coefficient=\"" shift "\"/>"                               \
    "<CategoricalPredictor name=\"n\" value=\"1\" coefficient=\"0.5\"/>"                                     \
    "<PredictorTerm coefficient=\"0.2\"><FieldRef field=\"a\"/><FieldRef "                                   \
    "field=\"c\"/></PredictorTerm>"

#define INPUT(id, expression)                                                                                \
    "<NeuralInput id=\"" id "\"><DerivedField optype=\"continuous\" dataType=\"double\">" expression         \
    "</DerivedField></NeuralInput>"
#define CON(from, weight) "<Con from=\"" from "\" weight=\"" weight "\"/>"
#define NEURON(id, a, b)                                                                                     \
    "<Neuron id=\"" id "\" bias=\"0." b "\">" CON("i1", a) CON("i2", b) CON("i3", "0." a "1")                \
        CON("i4", "-0." b) "</Neuron>"
#define NEXT(id, a, b)                                                                                       \
    "<Neuron id=\"" id "\" bias=\"-0." b "\">" CON("n1", a) CON("n2", "-" b) CON("n3", "0.2" a)              \
        CON("n4", "1") CON("n5", "-0." a) "</Neuron>"
#define NETWORK(activation, last)                                                                            \
    XML_HEAD DICTIONARY                                                                                      \
        "<NeuralNetwork functionName=\"classification\" activationFunction=\"" activation                    \
        "\">" PLAIN_SCHEMA(                                                                                  \
            "z") "<Output><OutputField name=\"pp\" optype=\"continuous\" "                                   \
                 "dataType=\"double\" feature=\"probability\" "                                              \
                 "value=\"p\"/><OutputField name=\"pr\" "                                                    \
                 "optype=\"continuous\" dataType=\"double\" "                                                \
                 "feature=\"probability\" "                                                                  \
                 "value=\"r\"/></Output><NeuralInputs>" INPUT("i1", REF("a"))                                \
                     INPUT("i2", APPLY("*", "mapMissingTo=\"0.5\"", REF("b") NUMBER("0.5")))                 \
                         INPUT("i3", REF("n"))                                                               \
                             INPUT("i4", "<NormDiscrete field=\"k\" value=\"red\" "                          \
                                         "mapMissingTo=\"0\"/>") "</"                                        \
                                                                 "NeuralInputs><"                            \
                                                                 "NeuralLayer>" NEURON("n"                   \
                                                                                       "1",                  \
                                                                                       "1", "3")             \
                                                                     NEURON("n2", "2", "5")                  \
                                                                         NEURON("n3", "3", "7")              \
                                                                             NEURON("n4", "4", "2")          \
                                                                                 NEURON("n5", "5", "1") last \
        "<NeuralLayer activationFunction=\"identity\" normalizationMethod=\"softmax\">" NEXT("o1", "1", "2") \
            NEXT("o2", "3", "4") NEXT("o3", "2", "1") "</NeuralLayer><NeuralOutputs>" OUTPUT("o1", "p")      \
                OUTPUT("o2", "q") OUTPUT("o3", "r") "</NeuralOutputs></NeuralNetwork>" XML_TAIL
#define OUTPUT(neuron, label)                                                                                \
    "<NeuralOutput outputNeuron=\"" neuron "\"><DerivedField optype=\"categorical\" dataType=\"string\">"    \
    "<NormDiscrete field=\"z\" value=\"" label "\"/></DerivedField></NeuralOutput>"

#define SCHEMA_OF_TREE "<MiningSchema><MiningField name=\"scaled\"/><MiningField name=\"k\"/></MiningSchema>"
#define PLAIN_TREE(a, b)                                                                                     \
    "<Segment><True/><TreeModel functionName=\"regression\" missingValueStrategy=\"defaultChild\" "          \
    "splitCharacteristic=\"multiSplit\">" SCHEMA_OF_TREE                                                     \
    "<Node defaultChild=\"1\"><True/><Node id=\"1\" score=\"" a                                              \
    "\"><SimplePredicate field=\"scaled\" operator=\"lessOrEqual\" value=\"0." b                             \
    "\"/></Node><Node id=\"2\" score=\"" b "\"><SimpleSetPredicate field=\"k\" booleanOperator=\"isIn\">"    \
    "<Array type=\"string\">red</Array></SimpleSetPredicate></Node><Node id=\"3\" "                          \
    "score=\"1\"><True/></Node>"                                                                             \
    "</Node></TreeModel></Segment>"

/* As boosted classifiers are exported: the outputs are those of the last model. */
#define PROBABILITIES                                                                                        \
    "<Output><OutputField name=\"pp\" optype=\"continuous\" dataType=\"double\" feature=\"probability\" "    \
    "value=\"p\"/>"                                                                                          \
    "<OutputField name=\"pr\" optype=\"continuous\" dataType=\"double\" feature=\"probability\" "            \
    "value=\"r\"/></Output>"
#define PASSED(name, more, expression)                                                                       \
    "<OutputField name=\"" name "\" optype=\"continuous\" dataType=\"double\" isFinalResult=\"false\" " more \
    ">" expression "</OutputField>"
#define LAST(more, terms)                                                                                    \
    "<Segment><True/><RegressionModel functionName=\"classification\" "                                      \
    "normalizationMethod=\"softmax\"><MiningSchema>"                                                         \
    "<MiningField name=\"z\" usageType=\"target\"/><MiningField name=\"raw\"/><MiningField "                 \
    "name=\"turned\"/>"                                                                                      \
    "<MiningField name=\"a\"/></MiningSchema>" more                                                          \
    "<RegressionTable targetCategory=\"p\" intercept=\"0.5\">" terms "</RegressionTable>"                    \
    "<RegressionTable targetCategory=\"q\" intercept=\"0.1\">" TERM(                                         \
        "raw",                                                                                               \
        "0.2") "</RegressionTable>"                                                                          \
               "<RegressionTable "                                                                           \
               "targetCategory=\"r\"/></RegressionModel></Segment></Segmentation></MiningModel>" XML_TAIL
#define CHAIN_OF_TREES                                                                                       \
    XML_HEAD DICTIONARY "<MiningModel functionName=\"classification\">" PLAIN_SCHEMA("z") PLAIN_DERIVED      \
        "<Segmentation multipleModelMethod=\"modelChain\" "                                                  \
        "missingPredictionTreatment=\"returnMissing\"><Segment><True/>"                                      \
        "<MiningModel functionName=\"regression\">" PLAIN_SCHEMA("y") "<Output>" PASSED("raw", "", "")       \
            PASSED("turned", "feature=\"transformedValue\"",                                                 \
                   APPLY("/", "",                                                                            \
                         NUMBER("1") APPLY(                                                                  \
                             "+", "",                                                                        \
                             NUMBER("1") APPLY(                                                              \
                                 "exp", "",                                                                  \
                                 REF("raw"))))) "</Output>"                                                  \
                                                "<Targets><Target field=\"y\" rescaleConstant=\"0.25\" "     \
                                                "rescaleFactor=\"0.5\"/></Targets>"                          \
                                                "<Segmentation multipleModelMethod=\"sum\">" PLAIN_TREE(     \
                                                    "1.5", "2") PLAIN_TREE("-0.7", "4")                      \
                                                    PLAIN_TREE("2.25",                                       \
                                                               "6") "</Segmentation></MiningModel></"        \
                                                                    "Segment>" LAST(PROBABILITIES,           \
                                                                                    TERM("turned", "1.5")    \
                                                                                        TERM("a", "0.1"))
#define LINK(output, schema, terms, more)                                                                    \
    "<Segment><True/><RegressionModel functionName=\"regression\">" schema "<Output>" PASSED(output, "", "") \
        more "</Output>" DERIVED "<RegressionTable intercept=\"0.5\">" terms                                 \
             "</RegressionTable></RegressionModel></Segment>"
#define CHAIN_OF_REGRESSIONS                                                                                 \
    XML_HEAD DICTIONARY "<MiningModel functionName=\"classification\">" SCHEMA("z", "", "", "", "")          \
        PROBABILITIES "<Segmentation multipleModelMethod=\"modelChain\">" LINK(                              \
            "raw",                                                                                           \
            SCHEMA("y", "missingValueReplacement=\"0.75\"", "invalidValueTreatment=\"asMissing\"",           \
                   "missingValueReplacement=\"red\"", ""),                                                   \
            TERM("total", "0.1") TERM("product", "0.3"), "")                                                 \
            LINK("other",                                                                                    \
                 SCHEMA("y", "", "missingValueReplacement=\"2\"", "",                                        \
                        "missingValueTreatment=\"returnInvalid\""),                                          \
                 TERM("share", "0.1") TERM("c", "0.3"),                                                      \
                 PASSED("turned", "feature=\"transformedValue\"",                                            \
                        APPLY("-", "mapMissingTo=\"3\"", REF("other") NUMBER("0.5"))))                       \
                LAST("", TERM("turned", "0.5") TERM("raw", "0.1"))

#define GENERAL_PARAMETERS                                                                                   \
    "<ParameterList><Parameter name=\"p0\"/><Parameter name=\"p1\"/><Parameter name=\"p2\"/><Parameter "     \
    "name=\"p3\"/></ParameterList><FactorList><Predictor "                                                   \
    "name=\"k\"/></FactorList><CovariateList><Predictor "                                                    \
    "name=\"a\"/><Predictor name=\"scaled\"/></CovariateList><PPMatrix><PPCell value=\"1\" "                 \
    "predictorName=\"scaled\" parameterName=\"p1\"/><PPCell value=\"2\" predictorName=\"a\" "                \
    "parameterName=\"p2\"/><PPCell value=\"1\" predictorName=\"a\" parameterName=\"p3\"/><PPCell "           \
    "value=\"red\" predictorName=\"k\" parameterName=\"p3\"/></PPMatrix><ParamMatrix>"

static const char *const models[] = {
    NETWORK("logistic", "</NeuralLayer>"),
    NETWORK("rectifier", "</NeuralLayer>"),
    NETWORK("tanh", "<Neuron id=\"odd\" bias=\"0.3\"><Con from=\"i2\" weight=\"1\"/></Neuron></NeuralLayer>"),
    XML_HEAD DICTIONARY "<RegressionModel functionName=\"regression\">" SCHEMA(
        "y", "", "", "",
        "") "<Targets><Target field=\"y\" rescaleFactor=\"0.1\" rescaleConstant=\"3\"/></Targets>" DERIVED
            "<RegressionTable intercept=\"0.5\">" TERMS("3") "</RegressionTable></RegressionModel>" XML_TAIL,
    XML_HEAD DICTIONARY
    "<RegressionModel functionName=\"classification\" normalizationMethod=\"softmax\">" SCHEMA(
        "z", "invalidValueTreatment=\"asMissing\" missingValueReplacement=\"1.5\"",
        "outliers=\"asExtremeValues\" lowValue=\"-1\" highValue=\"2\"",
        "invalidValueTreatment=\"asIs\" missingValueReplacement=\"green\"",
        "invalidValueTreatment=\"asMissing\"") "<Output><OutputField name=\"pp\" optype=\"continuous\" "
                                               "dataType=\"double\" feature=\"probability\" "
                                               "value=\"p\"/><OutputField name=\"pr\" optype=\"continuous\" "
                                               "dataType=\"double\" feature=\"probability\" "
                                               "value=\"r\"/></Output>" DERIVED
                                               "<RegressionTable targetCategory=\"p\" "
                                               "intercept=\"0.5\">" TERMS("3") "</"
                                                                               "RegressionTable><"
                                                                               "RegressionTable "
                                                                               "targetCategory=\"q\" "
                                                                               "intercept=\"0.1\">" TERMS(
                                                                                   "5") "</"
                                                                                        "RegressionTable><"
                                                                                        "RegressionTable "
                                                                                        "targetCategory="
                                                                                        "\"r\"/></"
                                                                                        "RegressionModel"
                                                                                        ">" XML_TAIL,
    XML_HEAD DICTIONARY
    "<RegressionModel functionName=\"classification\" normalizationMethod=\"logit\">" SCHEMA(
        "z", "invalidValueTreatment=\"asIs\"", "outliers=\"asMissingValues\" lowValue=\"-1\" highValue=\"2\"",
        "missingValueTreatment=\"returnInvalid\"",
        "invalidValueTreatment=\"asMissing\"") "<Output><OutputField name=\"label\" optype=\"categorical\" "
                                               "dataType=\"string\" "
                                               "feature=\"predictedValue\"/><OutputField name=\"best\" "
                                               "optype=\"continuous\" dataType=\"double\" "
                                               "feature=\"probability\"/></Output>" DERIVED
                                               "<RegressionTable targetCategory=\"p\" "
                                               "intercept=\"0.5\">" TERMS(
                                                   "3") "</RegressionTable><RegressionTable "
                                                        "targetCategory=\"q\"/></RegressionModel>" XML_TAIL,
    CHAIN_OF_TREES,
    CHAIN_OF_REGRESSIONS,
#define TREE(a, b)                                                                                           \
    "<Segment><True/><TreeModel functionName=\"regression\" missingValueStrategy=\"defaultChild\" "          \
    "splitCharacteristic=\"binarySplit\">" SCHEMA_OF_TREE                                                    \
    "<Node defaultChild=\"1\"><True/><Node id=\"1\" score=\"" a                                              \
    "\"><SimplePredicate field=\"scaled\" operator=\"lessOrEqual\" value=\"0." b                             \
    "\"/></Node><Node id=\"2\" defaultChild=\"4\"><SimplePredicate field=\"scaled\" "                        \
    "operator=\"greaterThan\" value=\"0." b "\"/><Node id=\"3\" score=\"" b                                  \
    "\"><SimpleSetPredicate field=\"k\" booleanOperator=\"isIn\"><Array type=\"string\">red</Array>"         \
    "</SimpleSetPredicate></Node><Node id=\"4\" score=\"1\"><SimpleSetPredicate field=\"k\" "                \
    "booleanOperator=\"isNotIn\"><Array type=\"string\">red</Array></SimpleSetPredicate></Node></Node>"      \
    "</Node></TreeModel></Segment>"
    XML_HEAD DICTIONARY "<MiningModel functionName=\"regression\">" SCHEMA(
        "y", "", "", "",
        "") "<Targets><Target field=\"y\" rescaleConstant=\"3\" castInteger=\"round\"/></Targets>" DERIVED
            "<Segmentation multipleModelMethod=\"sum\">" TREE("1.5", "2") TREE("-0.7", "4")
                TREE("2.25", "6") "</Segmentation></MiningModel>" XML_TAIL,
    XML_HEAD DICTIONARY "<MiningModel functionName=\"regression\">" PLAIN_SCHEMA(
        "y") "<Targets><Target field=\"y\" rescaleConstant=\"3\" "
             "castInteger=\"round\"/></Targets>" PLAIN_DERIVED
             "<Segmentation multipleModelMethod=\"sum\">" PLAIN_TREE("1.5", "2") PLAIN_TREE("-0.7", "4")
                 PLAIN_TREE("2.25", "6") "</Segmentation></MiningModel>" XML_TAIL,
    XML_HEAD DICTIONARY
    "<RegressionModel functionName=\"regression\" normalizationMethod=\"exp\">" PLAIN_SCHEMA(
        "y") "<Targets><Target field=\"y\" rescaleConstant=\"3\"/></Targets>" PLAIN_DERIVED
             "<RegressionTable intercept=\"0.5\">" PLAIN_TERMS(
                 "3") "</RegressionTable></RegressionModel>" XML_TAIL,
    XML_HEAD DICTIONARY
    "<RegressionModel functionName=\"classification\" normalizationMethod=\"softmax\">" PLAIN_SCHEMA(
        "z") "<Output><OutputField name=\"pp\" optype=\"continuous\" dataType=\"double\" "
             "feature=\"probability\" value=\"p\"/><OutputField name=\"pr\" optype=\"continuous\" "
             "dataType=\"double\" feature=\"probability\" value=\"r\"/></Output>" PLAIN_DERIVED
             "<RegressionTable targetCategory=\"p\" intercept=\"0.5\">" PLAIN_TERMS(
                 "3") "</RegressionTable><RegressionTable targetCategory=\"q\" "
                      "intercept=\"0.1\">" PLAIN_TERMS("5") "</RegressionTable><RegressionTable "
                                                            "targetCategory=\"r\"/></"
                                                            "RegressionModel>" XML_TAIL,
    XML_HEAD DICTIONARY
    "<RegressionModel functionName=\"regression\" normalizationMethod=\"logit\">" PLAIN_SCHEMA("y")
        PLAIN_DERIVED "<RegressionTable intercept=\"0.5\">" PLAIN_TERMS("3") "</RegressionTable></"
                                                                             "RegressionModel>" XML_TAIL,
    XML_HEAD DICTIONARY
    "<RegressionModel functionName=\"classification\" normalizationMethod=\"logit\">" PLAIN_SCHEMA(
        "z") "<Output><OutputField name=\"pp\" optype=\"continuous\" dataType=\"double\" "
             "feature=\"probability\" value=\"p\"/></Output>" PLAIN_DERIVED
             "<RegressionTable targetCategory=\"p\" intercept=\"0.5\">" PLAIN_TERMS(
                 "3") "</RegressionTable><RegressionTable targetCategory=\"q\"/></RegressionModel>" XML_TAIL,
    XML_HEAD DICTIONARY "<GeneralRegressionModel functionName=\"regression\" modelType=\"generalizedLinear\" "
                        "linkFunction=\"log\" "
                        "offsetVariable=\"c\">" PLAIN_SCHEMA("y") PLAIN_DERIVED GENERAL_PARAMETERS
    "<PCell parameterName=\"p0\" beta=\"0.5\"/><PCell parameterName=\"p1\" beta=\"-0.2\"/><PCell "
    "parameterName=\"p2\" beta=\"0.03\"/><PCell parameterName=\"p3\" beta=\"0.7\"/></ParamMatrix>"
    "</GeneralRegressionModel>" XML_TAIL,
    XML_HEAD DICTIONARY
    "<GeneralRegressionModel functionName=\"classification\" modelType=\"multinomialLogistic\" "
    "targetReferenceCategory=\"r\">" PLAIN_SCHEMA(
        "z") "<Output><OutputField name=\"pp\" optype=\"continuous\" dataType=\"double\" "
             "feature=\"probability\" value=\"p\"/></Output>" PLAIN_DERIVED GENERAL_PARAMETERS
             "<PCell targetCategory=\"p\" parameterName=\"p0\" beta=\"0.5\"/><PCell targetCategory=\"p\" "
             "parameterName=\"p1\" beta=\"-0.2\"/><PCell targetCategory=\"q\" parameterName=\"p2\" "
             "beta=\"0.03\"/>"
             "<PCell targetCategory=\"q\" parameterName=\"p3\" beta=\"0.7\"/></ParamMatrix>"
             "</GeneralRegressionModel>" XML_TAIL,
};
/* The first are networks; single rows of the last ones, and of the first two, go by themselves. */
enum {
    MODELS = sizeof models / sizeof *models,
    NETWORKS = 3,
    PLAIN = MODELS - 7,
    TREES = PLAIN - 1,
    CHAINS = TREES - 2
};

#endif
