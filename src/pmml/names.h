/* Names: every element of PMML that the engine knows, with the attributes and children it takes.
 *
 * This table is the support matrix. A row says: attributes that are read; attributes that are known
 * to have no effect on a score; elements that may stand inside. Whatever is in a document and not
 * in the table is refused by name and line (mr_document_check). docs/pmml.md is tested against it.
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

/*    element, attributes read, attributes without effect, children */
#define MR_ELEMENT_TABLE(X)                                                                                  \
    X(PMML, "version", "", "DataDictionary TransformationDictionary " MR_MODELS)                             \
    X(DataDictionary, "", "numberOfFields", "DataField")                                                     \
    X(DataField, "name optype dataType isCyclic", "displayName", "Value Interval")                           \
    X(Value, "value displayValue property", "", "")                                                          \
    X(Interval, "closure leftMargin rightMargin", "", "")                                                    \
    X(MiningSchema, "", "", "MiningField")                                                                   \
    X(MiningField,                                                                                           \
      "name usageType optype outliers lowValue highValue missingValueReplacement missingValueTreatment "     \
      "invalidValueTreatment invalidValueReplacement",                                                       \
      "importance", "")                                                                                      \
    X(TransformationDictionary, "", "", "DerivedField")                                                      \
    X(LocalTransformations, "", "", "DerivedField")                                                          \
    X(DerivedField, "name optype dataType datatype", "displayName", MR_EXPRESSIONS)                          \
    X(Constant, "dataType missing", "", "")                                                                  \
    X(FieldRef, "field mapMissingTo", "", "")                                                                \
    X(NormContinuous, "field mapMissingTo outliers", "", "LinearNorm")                                       \
    X(LinearNorm, "orig norm", "", "")                                                                       \
    X(NormDiscrete, "field value mapMissingTo method", "", "")                                               \
    X(Discretize, "field mapMissingTo defaultValue dataType", "", "DiscretizeBin")                           \
    X(DiscretizeBin, "binValue", "", "Interval")                                                             \
    X(MapValues, "mapMissingTo defaultValue outputColumn dataType", "", "FieldColumnPair InlineTable")       \
    X(FieldColumnPair, "field column", "", "")                                                               \
    X(InlineTable, "", "", "row")                                                                            \
    X(row, "", "", "*")                                                                                      \
    X(Apply, "function mapMissingTo defaultValue invalidValueTreatment", "", MR_EXPRESSIONS)                 \
    X(Output, "", "", "OutputField")                                                                         \
    X(OutputField, "name optype dataType feature value targetField isFinalResult", "displayName",            \
      MR_EXPRESSIONS)                                                                                        \
    X(Targets, "", "", "Target")                                                                             \
    X(Target, "field castInteger min max rescaleConstant rescaleFactor", "optype", "TargetValue")            \
    X(TargetValue, "value displayValue priorProbability defaultValue", "rawDataValue", "")                   \
    X(TreeModel, MR_OF_MODEL "missingValueStrategy missingValuePenalty noTrueChildStrategy",                 \
      MR_NO_EFFECT " splitCharacteristic", MR_IN_MODEL "Node")                                               \
    X(Node, "id score recordCount defaultChild", "", MR_PREDICATES " ScoreDistribution Node")                \
    X(ScoreDistribution, "value recordCount probability confidence", "", "")                                 \
    X(SimplePredicate, "field operator value", "", "")                                                       \
    X(CompoundPredicate, "booleanOperator", "", MR_PREDICATES)                                               \
    X(SimpleSetPredicate, "field booleanOperator", "", "Array")                                              \
    X(True, "", "", "")                                                                                      \
    X(False, "", "", "")                                                                                     \
    X(Array, "n type", "", "")                                                                               \
    X(MiningModel, MR_OF_MODEL, MR_NO_EFFECT, MR_IN_MODEL "Segmentation")                                    \
    X(Segmentation,                                                                                          \
      "multipleModelMethod missingPredictionTreatment missingThreshold x-missingPredictionTreatment", "",    \
      "Segment")                                                                                             \
    X(Segment, "id weight", "", MR_PREDICATES " " MR_MODELS)                                                 \
    X(RegressionModel, MR_OF_MODEL "normalizationMethod", MR_NO_EFFECT " targetFieldName modelType",         \
      MR_IN_MODEL "RegressionTable")                                                                         \
    X(RegressionTable, "intercept targetCategory", "",                                                       \
      "NumericPredictor CategoricalPredictor PredictorTerm")                                                 \
    X(NumericPredictor, "name exponent coefficient", "", "")                                                 \
    X(CategoricalPredictor, "name value coefficient", "", "")                                                \
    X(PredictorTerm, "coefficient", "name", "FieldRef")                                                      \
    X(GeneralRegressionModel,                                                                                \
      MR_OF_MODEL "modelType targetReferenceCategory linkFunction linkParameter trialsVariable trialsValue " \
                  "distribution distParameter offsetVariable offsetValue",                                   \
      MR_NO_EFFECT " targetVariableName modelDF",                                                            \
      MR_IN_MODEL "ParameterList FactorList CovariateList PPMatrix ParamMatrix")                             \
    X(ParameterList, "", "", "Parameter")                                                                    \
    X(Parameter, "name referencePoint", "label", "")                                                         \
    X(FactorList, "", "", "Predictor")                                                                       \
    X(CovariateList, "", "", "Predictor")                                                                    \
    X(Predictor, "name", "", "")                                                                             \
    X(PPMatrix, "", "", "PPCell")                                                                            \
    X(PPCell, "value predictorName parameterName targetCategory", "", "")                                    \
    X(ParamMatrix, "", "", "PCell")                                                                          \
    X(PCell, "targetCategory parameterName beta", "df", "")                                                  \
    X(NeuralNetwork, MR_OF_MODEL "activationFunction normalizationMethod threshold altitude width",          \
      MR_NO_EFFECT " numberOfLayers", MR_IN_MODEL "NeuralInputs NeuralLayer NeuralOutputs")                  \
    X(NeuralInputs, "", "numberOfInputs", "NeuralInput")                                                     \
    X(NeuralInput, "id", "", "DerivedField")                                                                 \
    X(NeuralLayer, "activationFunction normalizationMethod threshold altitude width", "numberOfNeurons",     \
      "Neuron")                                                                                              \
    X(Neuron, "id bias width altitude", "", "Con")                                                           \
    X(Con, "from weight", "", "")                                                                            \
    X(NeuralOutputs, "", "numberOfOutputs", "NeuralOutput")                                                  \
    X(NeuralOutput, "outputNeuron", "", "DerivedField")

typedef enum mr_element_name {
    E_NONE,
#define MR_ELEMENT_ENUM(name, used, ignored, children) E_##name,
    MR_ELEMENT_TABLE(MR_ELEMENT_ENUM)
#undef MR_ELEMENT_ENUM
        E_CELL, /* of a row of an inline table: any name */
    E_UNKNOWN,  /* not in the table */
    E_COUNT
} mr_element_name;

/* clang-format off */
#define MR_ATTRIBUTE_TABLE(X) \
    X(version) X(numberOfFields) X(name) X(optype) X(dataType) X(datatype) X(isCyclic) \
    X(displayName) X(value) X(displayValue) X(property) X(closure) X(leftMargin) X(rightMargin) \
    X(usageType) X(outliers) X(lowValue) X(highValue) X(missingValueReplacement) \
    X(missingValueTreatment) X(invalidValueTreatment) X(invalidValueReplacement) X(importance) \
    X(missing) X(field) X(mapMissingTo) X(orig) X(norm) X(method) X(defaultValue) X(binValue) \
    X(outputColumn) X(column) X(function) X(feature) X(targetField) X(isFinalResult) X(castInteger) \
    X(min) X(max) X(rescaleConstant) X(rescaleFactor) X(priorProbability) X(rawDataValue) \
    X(functionName) X(isScorable) X(modelName) X(algorithmName) X(missingValueStrategy) \
    X(missingValuePenalty) X(noTrueChildStrategy) X(splitCharacteristic) X(id) X(score) \
    X(recordCount) X(defaultChild) X(probability) X(confidence) X(operator) X(booleanOperator) X(n) \
    X(type) X(multipleModelMethod) X(missingPredictionTreatment) X(missingThreshold) X(weight) \
    X(normalizationMethod) X(targetFieldName) X(modelType) X(intercept) X(targetCategory) \
    X(exponent) X(coefficient) X(targetReferenceCategory) X(linkFunction) X(linkParameter) \
    X(trialsVariable) X(trialsValue) X(distribution) X(distParameter) X(offsetVariable) \
    X(offsetValue) X(targetVariableName) X(modelDF) X(referencePoint) X(label) X(predictorName) \
    X(parameterName) X(beta) X(df) X(activationFunction) X(threshold) X(altitude) X(width) \
    X(numberOfLayers) X(numberOfInputs) X(numberOfNeurons) X(numberOfOutputs) X(bias) X(from) \
    X(outputNeuron)
/* clang-format on */

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
