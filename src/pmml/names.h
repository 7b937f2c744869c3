/* Names: every element of PMML that the engine knows, with the attributes and children it takes.
 *
 * This table is the support matrix. A row says: attributes that are read; attributes that are known
 * to have no effect on a score; elements that may stand inside. Whatever is in a document and not
 * in the table is refused by name and line (check.c). docs/pmml.md is tested against it.
 */
#ifndef MR_PMML_NAMES_H
#define MR_PMML_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MR_PREDICATES  "SimplePredicate CompoundPredicate SimpleSetPredicate True False"
#define MR_EXPRESSIONS "Constant FieldRef NormContinuous NormDiscrete Discretize MapValues Apply"
#define MR_MODELS      "TreeModel MiningModel RegressionModel GeneralRegressionModel NeuralNetwork"
#define MR_IN_MODEL    "MiningSchema Output LocalTransformations Targets "
#define MR_OF_MODEL    "functionName isScorable "
#define MR_NO_EFFECT   "modelName algorithmName"

/*    element, its text, attributes read, attributes without effect, children */
#define MR_ELEMENT_TABLE(X)                                                                                  \
    X(PMML, "PMML", "version", "", "DataDictionary TransformationDictionary " MR_MODELS)                     \
    X(DataDictionary, "DataDictionary", "", "numberOfFields", "DataField")                                   \
    X(DataField, "DataField", "name optype dataType isCyclic", "displayName", "Value Interval")              \
    X(Value, "Value", "value displayValue property", "", "")                                                 \
    X(Interval, "Interval", "closure leftMargin rightMargin", "", "")                                        \
    X(MiningSchema, "MiningSchema", "", "", "MiningField")                                                   \
    X(MiningField, "MiningField",                                                                            \
      "name usageType optype outliers lowValue highValue missingValueReplacement missingValueTreatment "     \
      "invalidValueTreatment invalidValueReplacement",                                                       \
      "importance", "")                                                                                      \
    X(TransformationDictionary, "TransformationDictionary", "", "", "DerivedField")                          \
    X(LocalTransformations, "LocalTransformations", "", "", "DerivedField")                                  \
    X(DerivedField, "DerivedField", "name optype dataType datatype", "displayName", MR_EXPRESSIONS)          \
    X(Constant, "Constant", "dataType missing", "", "")                                                      \
    X(FieldRef, "FieldRef", "field mapMissingTo", "", "")                                                    \
    X(NormContinuous, "NormContinuous", "field mapMissingTo outliers", "", "LinearNorm")                     \
    X(LinearNorm, "LinearNorm", "orig norm", "", "")                                                         \
    X(NormDiscrete, "NormDiscrete", "field value mapMissingTo method", "", "")                               \
    X(Discretize, "Discretize", "field mapMissingTo defaultValue dataType", "", "DiscretizeBin")             \
    X(DiscretizeBin, "DiscretizeBin", "binValue", "", "Interval")                                            \
    X(MapValues, "MapValues", "mapMissingTo defaultValue outputColumn dataType", "",                         \
      "FieldColumnPair InlineTable")                                                                         \
    X(FieldColumnPair, "FieldColumnPair", "field column", "", "")                                            \
    X(InlineTable, "InlineTable", "", "", "row")                                                             \
    X(row, "row", "", "", "*")                                                                               \
    X(Apply, "Apply", "function mapMissingTo defaultValue invalidValueTreatment", "", MR_EXPRESSIONS)        \
    X(Output, "Output", "", "", "OutputField")                                                               \
    X(OutputField, "OutputField", "name optype dataType feature value targetField isFinalResult",            \
      "displayName", MR_EXPRESSIONS)                                                                         \
    X(Targets, "Targets", "", "", "Target")                                                                  \
    X(Target, "Target", "field castInteger min max rescaleConstant rescaleFactor", "optype", "TargetValue")  \
    X(TargetValue, "TargetValue", "value displayValue priorProbability defaultValue", "rawDataValue", "")    \
    X(TreeModel, "TreeModel", MR_OF_MODEL "missingValueStrategy missingValuePenalty noTrueChildStrategy",    \
      MR_NO_EFFECT " splitCharacteristic", MR_IN_MODEL "Node")                                               \
    X(Node, "Node", "id score recordCount defaultChild", "", MR_PREDICATES " ScoreDistribution Node")        \
    X(ScoreDistribution, "ScoreDistribution", "value recordCount probability confidence", "", "")            \
    X(SimplePredicate, "SimplePredicate", "field operator value", "", "")                                    \
    X(CompoundPredicate, "CompoundPredicate", "booleanOperator", "", MR_PREDICATES)                          \
    X(SimpleSetPredicate, "SimpleSetPredicate", "field booleanOperator", "", "Array")                        \
    X(True, "True", "", "", "")                                                                              \
    X(False, "False", "", "", "")                                                                            \
    X(Array, "Array", "n type", "", "")                                                                      \
    X(MiningModel, "MiningModel", MR_OF_MODEL, MR_NO_EFFECT, MR_IN_MODEL "Segmentation")                     \
    X(Segmentation, "Segmentation",                                                                          \
      "multipleModelMethod missingPredictionTreatment missingThreshold x-missingPredictionTreatment", "",    \
      "Segment")                                                                                             \
    X(Segment, "Segment", "id weight", "", MR_PREDICATES " " MR_MODELS)                                      \
    X(RegressionModel, "RegressionModel", MR_OF_MODEL "normalizationMethod",                                 \
      MR_NO_EFFECT " targetFieldName modelType", MR_IN_MODEL "RegressionTable")                              \
    X(RegressionTable, "RegressionTable", "intercept targetCategory", "",                                    \
      "NumericPredictor CategoricalPredictor PredictorTerm")                                                 \
    X(NumericPredictor, "NumericPredictor", "name exponent coefficient", "", "")                             \
    X(CategoricalPredictor, "CategoricalPredictor", "name value coefficient", "", "")                        \
    X(PredictorTerm, "PredictorTerm", "coefficient", "name", "FieldRef")                                     \
    X(GeneralRegressionModel, "GeneralRegressionModel",                                                      \
      MR_OF_MODEL "modelType targetReferenceCategory linkFunction linkParameter trialsVariable trialsValue " \
                  "distribution distParameter offsetVariable offsetValue",                                   \
      MR_NO_EFFECT " targetVariableName modelDF",                                                            \
      MR_IN_MODEL "ParameterList FactorList CovariateList PPMatrix ParamMatrix")                             \
    X(ParameterList, "ParameterList", "", "", "Parameter")                                                   \
    X(Parameter, "Parameter", "name referencePoint", "label", "")                                            \
    X(FactorList, "FactorList", "", "", "Predictor")                                                         \
    X(CovariateList, "CovariateList", "", "", "Predictor")                                                   \
    X(Predictor, "Predictor", "name", "", "")                                                                \
    X(PPMatrix, "PPMatrix", "", "", "PPCell")                                                                \
    X(PPCell, "PPCell", "value predictorName parameterName targetCategory", "", "")                          \
    X(ParamMatrix, "ParamMatrix", "", "", "PCell")                                                           \
    X(PCell, "PCell", "targetCategory parameterName beta", "df", "")                                         \
    X(NeuralNetwork, "NeuralNetwork",                                                                        \
      MR_OF_MODEL "activationFunction normalizationMethod threshold altitude width",                         \
      MR_NO_EFFECT " numberOfLayers", MR_IN_MODEL "NeuralInputs NeuralLayer NeuralOutputs")                  \
    X(NeuralInputs, "NeuralInputs", "", "numberOfInputs", "NeuralInput")                                     \
    X(NeuralInput, "NeuralInput", "id", "", "DerivedField")                                                  \
    X(NeuralLayer, "NeuralLayer", "activationFunction normalizationMethod threshold altitude width",         \
      "numberOfNeurons", "Neuron")                                                                           \
    X(Neuron, "Neuron", "id bias width altitude", "", "Con")                                                 \
    X(Con, "Con", "from weight", "", "")                                                                     \
    X(NeuralOutputs, "NeuralOutputs", "", "numberOfOutputs", "NeuralOutput")                                 \
    X(NeuralOutput, "NeuralOutput", "outputNeuron", "", "DerivedField")

/* Elements that describe and never change a score: skipped with all that is in them. */
#define MR_SKIPPED_TABLE(X)                                                                                  \
    X("Extension")                                                                                           \
    X("Header")                                                                                              \
    X("MiningBuildTask")                                                                                     \
    X("ModelStats")                                                                                          \
    X("ModelExplanation") X("ModelVerification") X("PCovMatrix") X("EventValues") X("Partition")

typedef enum mr_element_name {
    E_NONE,
#define MR_ELEMENT_ENUM(name, text, used, ignored, children) E_##name,
    MR_ELEMENT_TABLE(MR_ELEMENT_ENUM)
#undef MR_ELEMENT_ENUM
        E_CELL, /* of a row of an inline table: any name */
    E_UNKNOWN,  /* not in the table */
    E_COUNT
} mr_element_name;

#define MR_ATTRIBUTE_TABLE(X)                                                                                \
    X(version)                                                                                               \
    X(numberOfFields)                                                                                        \
    X(name)                                                                                                  \
    X(optype)                                                                                                \
    X(dataType)                                                                                              \
    X(datatype) X(isCyclic) X(displayName) X(value) X(displayValue) X(property) X(closure) X(leftMargin) X(  \
        rightMargin) X(usageType) X(outliers) X(lowValue) X(highValue) X(missingValueReplacement)            \
        X(missingValueTreatment) X(invalidValueTreatment) X(invalidValueReplacement) X(importance) X(        \
            missing) X(field) X(mapMissingTo) X(orig) X(norm) X(method) X(defaultValue) X(binValue)          \
            X(outputColumn) X(column) X(function) X(feature) X(targetField) X(isFinalResult) X(castInteger)  \
                X(min) X(max) X(rescaleConstant) X(rescaleFactor) X(priorProbability) X(rawDataValue) X(     \
                    functionName) X(isScorable) X(modelName) X(algorithmName) X(missingValueStrategy)        \
                    X(missingValuePenalty) X(noTrueChildStrategy) X(splitCharacteristic) X(id) X(score) X(   \
                        recordCount) X(defaultChild) X(probability) X(confidence) X(operator)                \
                        X(booleanOperator) X(n) X(type) X(multipleModelMethod) X(missingPredictionTreatment) \
                            X(missingThreshold) X(weight) X(normalizationMethod) X(targetFieldName)          \
                                X(modelType) X(intercept) X(targetCategory) X(exponent) X(coefficient)       \
                                    X(targetReferenceCategory) X(linkFunction) X(linkParameter)              \
                                        X(trialsVariable) X(trialsValue) X(distribution) X(distParameter)    \
                                            X(offsetVariable) X(offsetValue) X(targetVariableName)           \
                                                X(modelDF) X(referencePoint) X(label) X(predictorName)       \
                                                    X(parameterName) X(beta) X(df) X(activationFunction)     \
                                                        X(threshold) X(altitude) X(width) X(numberOfLayers)  \
                                                            X(numberOfInputs) X(numberOfNeurons)             \
                                                                X(numberOfOutputs) X(bias) X(from)           \
                                                                    X(outputNeuron)

typedef enum mr_attribute_name {
    A_NONE,
#define MR_ATTRIBUTE_ENUM(name) A_##name,
    MR_ATTRIBUTE_TABLE(MR_ATTRIBUTE_ENUM)
#undef MR_ATTRIBUTE_ENUM
        A_x_missingPredictionTreatment,
    A_TEXT,    /* the element's own text */
    A_NAME,    /* name of an E_CELL or E_UNKNOWN */
    A_UNKNOWN, /* an attribute that is not in the table; its text is the attribute's name */
    A_COUNT
} mr_attribute_name;

/* One row of the table, its lists as bits. */
typedef struct mr_element_rule {
    const char *text;
    uint64_t used[2];
    uint64_t ignored[2];
    uint64_t children[2];
    bool any_child;
} mr_element_rule;
_Static_assert(A_COUNT <= 128 && E_COUNT <= 128, "the bit sets of mr_element_rule");

/* The tables ready for look-up; made anew for each load, so that nothing is global. */
typedef struct mr_names {
    uint16_t elements[512]; /* hash tables with open addressing; 0 is free */
    uint16_t attributes[512];
    mr_element_rule rules[E_COUNT];
} mr_names;

void mr_names_init(mr_names *names);
/* E_UNKNOWN, A_UNKNOWN when not in the table; E_NONE for an element that is skipped. */
mr_element_name mr_names_element(const mr_names *names, const char *text, size_t size);
mr_attribute_name mr_names_attribute(const mr_names *names, const char *text, size_t size);
/* Texts of the elements that are skipped; NULL behind the last. */
const char *mr_names_skipped(size_t index);
const char *mr_element_text(mr_element_name name);
const char *mr_attribute_text(mr_attribute_name name);

static inline bool mr_bit(const uint64_t *bits, unsigned index) {
    return (bits[index / 64] >> (index % 64)) & 1;
}

#endif
