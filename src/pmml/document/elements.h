/* Elements: every element of PMML that the engine knows, with the attributes and children it takes.
 *
 * These tables are the support matrix. A row says: element; attributes that are read; attributes that
 * are known to have no effect on a score; elements that may stand inside. Whatever is in a document and
 * not here is refused by name and line (mr_document_check). docs/pmml.md is tested against it.
 */
#ifndef MR_PMML_ELEMENTS_H
#define MR_PMML_ELEMENTS_H

/* clang-format off */
#define MR_PREDICATES  "SimplePredicate CompoundPredicate SimpleSetPredicate True False"
#define MR_EXPRESSIONS "Constant FieldRef NormContinuous NormDiscrete Discretize MapValues TextIndex Apply"
#define MR_MODELS \
    "TreeModel " \
    "MiningModel " \
    "RegressionModel " \
    "GeneralRegressionModel " \
    "NeuralNetwork " \
    "RuleSetModel " \
    "SupportVectorMachineModel " \
    "NaiveBayesModel " \
    "Scorecard " \
    "AssociationModel " \
    "ClusteringModel " \
    "NearestNeighborModel " \
    "AnomalyDetectionModel"
#define MR_NUMBER_ARRAYS "Array REAL-SparseArray INT-SparseArray"
#define MR_IN_MODEL    "MiningSchema Output LocalTransformations Targets ModelVerification "
#define MR_OF_MODEL    "functionName isScorable x-mathContext "
#define MR_NO_EFFECT   "modelName algorithmName"

#define MR_COMMON_ELEMENTS(X) \
    X(PMML, "version", "", "DataDictionary TransformationDictionary " MR_MODELS) \
    X(DataDictionary, "", "numberOfFields", "DataField") \
    X(DataField, "name optype dataType", "displayName isCyclic taxonomy", "Value Interval") \
    X(Value, "value displayValue property", "", "") \
    X(Interval, "closure leftMargin rightMargin", "", "") \
    X(MiningSchema, "", "", "MiningField") \
    X(MiningField, "name usageType optype outliers lowValue highValue missingValueReplacement missingValueTreatment " \
      "invalidValueTreatment invalidValueReplacement x-invalidValueReplacement", "importance", "") \
    X(TransformationDictionary, "", "", "DefineFunction DerivedField") \
    X(LocalTransformations, "", "", "DerivedField") \
    X(DerivedField, "name optype dataType datatype", "displayName", "Value " MR_EXPRESSIONS) \
    X(DefineFunction, "name optype dataType", "", "ParameterField " MR_EXPRESSIONS) \
    X(ParameterField, "name optype dataType", "displayName", "") \
    X(Constant, "dataType missing", "", "") \
    X(FieldRef, "field mapMissingTo", "", "") \
    X(NormContinuous, "field mapMissingTo outliers", "", "LinearNorm") \
    X(LinearNorm, "orig norm", "", "") \
    X(NormDiscrete, "field value mapMissingTo method", "", "") \
    X(Discretize, "field mapMissingTo defaultValue dataType", "", "DiscretizeBin") \
    X(DiscretizeBin, "binValue", "", "Interval") \
    X(MapValues, "mapMissingTo defaultValue outputColumn dataType", "", "FieldColumnPair InlineTable") \
    X(FieldColumnPair, "field column", "", "") \
    X(InlineTable, "", "", "row") \
    X(row, "", "", "*") \
    X(Apply, "function mapMissingTo defaultValue invalidValueTreatment", "", MR_EXPRESSIONS) \
    X(TextIndex, "textField localTermWeights isCaseSensitive maxLevenshteinDistance countHits wordSeparatorCharacterRE " \
      "x-wordRE tokenize", "", "TextIndexNormalization " MR_EXPRESSIONS) \
    X(TextIndexNormalization, "inField outField regexField recursive isCaseSensitive maxLevenshteinDistance " \
      "wordSeparatorCharacterRE x-wordRE tokenize", "", "InlineTable") \
    X(Output, "", "", "OutputField") \
    X(OutputField, "name optype dataType feature value targetField segmentId isFinalResult rank algorithm rankBasis rankOrder ruleFeature isMultiValued", "displayName", \
      MR_EXPRESSIONS " Decisions Value") \
    X(Decisions, "", "businessProblem description", "Decision") \
    X(Decision, "", "value displayValue description", "") \
    X(ModelVerification, "", "recordCount fieldCount", "VerificationFields InlineTable") \
    X(VerificationFields, "", "", "VerificationField") \
    X(VerificationField, "field column precision zeroThreshold", "", "") \
    X(Targets, "", "", "Target") \
    X(Target, "field castInteger min max rescaleConstant rescaleFactor", "optype", "TargetValue") \
    X(TargetValue, "value displayValue rawDataValue priorProbability defaultValue", "", "") \
    X(SimplePredicate, "field operator value", "", "") \
    X(CompoundPredicate, "booleanOperator", "", MR_PREDICATES) \
    X(SimpleSetPredicate, "field booleanOperator", "", "Array") \
    X(True, "", "", "") \
    X(False, "", "", "") \
    X(Array, "n type", "", "") \
    X(Indices, "", "", "")

#define MR_TREE_ELEMENTS(X) \
    X(TreeModel, MR_OF_MODEL "missingValueStrategy missingValuePenalty noTrueChildStrategy", \
      MR_NO_EFFECT " splitCharacteristic", MR_IN_MODEL "Node") \
    X(Node, "id score recordCount defaultChild", "", MR_PREDICATES " ScoreDistribution Regression Node") \
    X(ScoreDistribution, "value recordCount probability confidence", "", "")

#define MR_MINING_ELEMENTS(X) \
    X(MiningModel, MR_OF_MODEL, MR_NO_EFFECT, MR_IN_MODEL "Segmentation") \
    X(Segmentation, "multipleModelMethod missingPredictionTreatment missingThreshold x-missingPredictionTreatment " \
      "x-missingThreshold", \
      "", "Segment") \
    X(Segment, "id weight", "", MR_PREDICATES " " MR_MODELS " VariableWeight") \
    X(VariableWeight, "field", "", "")

#define MR_REGRESSION_ELEMENTS(X) \
    X(RegressionModel, MR_OF_MODEL "normalizationMethod", MR_NO_EFFECT " targetFieldName modelType", \
      MR_IN_MODEL "RegressionTable") \
    X(Regression, "functionName normalizationMethod", "modelName algorithmName", "RegressionTable") \
    X(RegressionTable, "intercept targetCategory", "", \
      "NumericPredictor CategoricalPredictor PredictorTerm") \
    X(NumericPredictor, "name exponent coefficient", "", "") \
    X(CategoricalPredictor, "name value coefficient", "", "") \
    X(PredictorTerm, "coefficient", "name", "FieldRef")

#define MR_GENERAL_REGRESSION_ELEMENTS(X) \
    X(GeneralRegressionModel, MR_OF_MODEL "modelType targetReferenceCategory linkFunction linkParameter trialsVariable trialsValue " \
      "distribution distParameter offsetVariable offsetValue cumulativeLink endTimeVariable baselineStrataVariable", \
      MR_NO_EFFECT " targetVariableName modelDF startTimeVariable subjectIDVariable statusVariable", \
      MR_IN_MODEL "ParameterList FactorList CovariateList PPMatrix ParamMatrix PCovMatrix BaseCumHazardTables") \
    X(ParameterList, "", "", "Parameter") \
    X(Parameter, "name referencePoint", "label", "") \
    X(FactorList, "", "", "Predictor") \
    X(CovariateList, "", "", "Predictor") \
    X(Predictor, "name", "contrastMatrixType", "Categories Matrix") \
    X(Categories, "", "", "Category") \
    X(Category, "value", "", "") \
    X(PPMatrix, "", "", "PPCell") \
    X(PPCell, "value predictorName parameterName targetCategory", "", "") \
    X(ParamMatrix, "", "", "PCell") \
    X(PCell, "targetCategory parameterName beta", "df", "") \
    X(PCovMatrix, "", "type", "PCovCell") \
    X(PCovCell, "pRow pCol value", "tRow tCol targetCategory", "") \
    X(BaseCumHazardTables, "maxTime", "", "BaselineStratum BaselineCell") \
    X(BaselineStratum, "value maxTime", "label", "BaselineCell") \
    X(BaselineCell, "time cumHazard", "", "")

#define MR_NEURAL_ELEMENTS(X) \
    X(NeuralNetwork, MR_OF_MODEL "activationFunction normalizationMethod threshold altitude width x-leakage", \
      MR_NO_EFFECT " numberOfLayers", MR_IN_MODEL "NeuralInputs NeuralLayer NeuralOutputs") \
    X(NeuralInputs, "", "numberOfInputs", "NeuralInput") \
    X(NeuralInput, "id", "", "DerivedField") \
    X(NeuralLayer, "activationFunction normalizationMethod threshold altitude width x-leakage", "numberOfNeurons", \
      "Neuron") \
    X(Neuron, "id bias width altitude", "", "Con") \
    X(Con, "from weight", "", "") \
    X(NeuralOutputs, "", "numberOfOutputs", "NeuralOutput") \
    X(NeuralOutput, "outputNeuron", "", "DerivedField")

#define MR_RULE_SET_ELEMENTS(X) \
    X(RuleSetModel, MR_OF_MODEL, MR_NO_EFFECT, MR_IN_MODEL "RuleSet") \
    X(RuleSet, "defaultScore defaultConfidence", "recordCount nbCorrect", \
      "RuleSelectionMethod SimpleRule CompoundRule ScoreDistribution") \
    X(RuleSelectionMethod, "criterion", "", "") \
    X(SimpleRule, "id score confidence weight", "recordCount nbCorrect", MR_PREDICATES " ScoreDistribution") \
    X(CompoundRule, "", "", MR_PREDICATES " SimpleRule CompoundRule")

#define MR_SUPPORT_VECTOR_ELEMENTS(X) \
    X(SupportVectorMachineModel, MR_OF_MODEL "threshold svmRepresentation classificationMethod maxWins " \
      "alternateBinaryTargetCategory", MR_NO_EFFECT, MR_IN_MODEL "LinearKernelType PolynomialKernelType " \
      "RadialBasisKernelType SigmoidKernelType VectorDictionary SupportVectorMachine") \
    X(LinearKernelType, "", "description", "") \
    X(PolynomialKernelType, "gamma coef0 degree", "description", "") \
    X(RadialBasisKernelType, "gamma", "description", "") \
    X(SigmoidKernelType, "gamma coef0", "description", "") \
    X(VectorDictionary, "", "numberOfVectors", "VectorFields VectorInstance") \
    X(VectorFields, "", "numberOfFields", "FieldRef CategoricalPredictor") \
    X(VectorInstance, "id", "", "Array REAL-SparseArray") \
    X(SupportVectorMachine, "targetCategory alternateTargetCategory threshold", "", \
      "SupportVectors Coefficients") \
    X(SupportVectors, "", "numberOfSupportVectors numberOfAttributes", "SupportVector") \
    X(SupportVector, "vectorId", "", "") \
    X(Coefficients, "absoluteValue", "numberOfCoefficients", "Coefficient") \
    X(Coefficient, "value", "", "")

#define MR_NAIVE_BAYES_ELEMENTS(X) \
    X(NaiveBayesModel, MR_OF_MODEL "threshold", MR_NO_EFFECT, MR_IN_MODEL "BayesInputs BayesOutput") \
    X(BayesInputs, "", "", "BayesInput") \
    X(BayesInput, "fieldName", "", "DerivedField PairCounts TargetValueStats") \
    X(PairCounts, "value", "", "TargetValueCounts") \
    X(TargetValueCounts, "", "", "TargetValueCount") \
    X(TargetValueCount, "value count", "", "") \
    X(TargetValueStats, "", "", "TargetValueStat") \
    X(TargetValueStat, "value", "", "GaussianDistribution PoissonDistribution") \
    X(GaussianDistribution, "mean variance", "", "") \
    X(PoissonDistribution, "mean", "", "") \
    X(BayesOutput, "fieldName", "", "TargetValueCounts")

#define MR_SCORECARD_ELEMENTS(X) \
    X(Scorecard, MR_OF_MODEL "initialScore useReasonCodes reasonCodeAlgorithm baselineScore", \
      MR_NO_EFFECT " baselineMethod", MR_IN_MODEL "Characteristics") \
    X(Characteristics, "", "", "Characteristic") \
    X(Characteristic, "reasonCode baselineScore", "name", "Attribute") \
    X(Attribute, "reasonCode partialScore", "", MR_PREDICATES " ComplexPartialScore") \
    X(ComplexPartialScore, "", "", MR_EXPRESSIONS)

#define MR_ASSOCIATION_ELEMENTS(X) \
    X(AssociationModel, MR_OF_MODEL, MR_NO_EFFECT " numberOfTransactions maxNumberOfItemsPerTA avgNumberOfItemsPerTA " \
      "minimumSupport minimumConfidence lengthLimit numberOfItems numberOfItemsets numberOfRules", \
      "MiningSchema Output LocalTransformations ModelVerification Item Itemset AssociationRule") \
    X(Item, "id value field category", "mappedValue weight", "") \
    X(Itemset, "id", "support numberOfItems", "ItemRef") \
    X(ItemRef, "itemRef", "", "") \
    X(AssociationRule, "id antecedent consequent support confidence lift leverage affinity", "", "")

/* Elements whose names hold a hyphen: the name in C, the name, then as above. */
#define MR_HYPHENATED_ELEMENT_TABLE(X) \
    X(REAL_SparseArray, "REAL-SparseArray", "n defaultValue", "", "Indices REAL-Entries") \
    X(INT_SparseArray, "INT-SparseArray", "n defaultValue", "", "Indices INT-Entries") \
    X(REAL_Entries, "REAL-Entries", "", "", "") \
    X(INT_Entries, "INT-Entries", "", "", "")

/* Comparison measures, of clusters and neighbours. */
#define MR_COMPARISON_ELEMENTS(X) \
    X(ComparisonMeasure, "kind compareFunction", "minimum maximum", \
      "euclidean squaredEuclidean chebychev cityBlock minkowski simpleMatching jaccard tanimoto binarySimilarity") \
    X(euclidean, "", "", "") \
    X(squaredEuclidean, "", "", "") \
    X(chebychev, "", "", "") \
    X(cityBlock, "", "", "") \
    X(minkowski, "p-parameter", "", "") \
    X(simpleMatching, "", "", "") \
    X(jaccard, "", "", "") \
    X(tanimoto, "", "", "") \
    X(binarySimilarity, "c00-parameter c01-parameter c10-parameter c11-parameter d00-parameter d01-parameter " \
      "d10-parameter d11-parameter", "", "")

#define MR_MATRIX_ELEMENTS(X) \
    X(Matrix, "kind nbRows nbCols diagDefault offDiagDefault", "", "Array MatCell") \
    X(MatCell, "row col", "", "")

#define MR_CLUSTERING_ELEMENTS(X) \
    X(ClusteringModel, MR_OF_MODEL "modelClass", MR_NO_EFFECT " numberOfClusters", \
      MR_IN_MODEL "ComparisonMeasure ClusteringField CenterFields MissingValueWeights Cluster") \
    X(ClusteringField, "field isCenterField fieldWeight similarityScale compareFunction", "", "Comparisons") \
    X(Comparisons, "", "", "Matrix") \
    X(CenterFields, "", "", "DerivedField") \
    X(MissingValueWeights, "", "", MR_NUMBER_ARRAYS) \
    X(Cluster, "id name", "size", MR_NUMBER_ARRAYS " KohonenMap Covariances") \
    X(KohonenMap, "", "coord1 coord2 coord3", "") \
    X(Covariances, "", "", "Matrix")

#define MR_NEAREST_NEIGHBOR_ELEMENTS(X) \
    X(NearestNeighborModel, MR_OF_MODEL "numberOfNeighbors continuousScoringMethod categoricalScoringMethod " \
      "instanceIdVariable threshold", MR_NO_EFFECT, MR_IN_MODEL "TrainingInstances ComparisonMeasure KNNInputs") \
    X(TrainingInstances, "isTransformed", "recordCount fieldCount", "InstanceFields InlineTable") \
    X(InstanceFields, "", "", "InstanceField") \
    X(InstanceField, "field column", "", "") \
    X(KNNInputs, "", "", "KNNInput") \
    X(KNNInput, "field fieldWeight compareFunction", "", "")

#define MR_ANOMALY_ELEMENTS(X) \
    X(AnomalyDetectionModel, MR_OF_MODEL "algorithmType sampleDataSize", MR_NO_EFFECT, \
      MR_IN_MODEL MR_MODELS " MeanClusterDistances") \
    X(MeanClusterDistances, "", "", MR_NUMBER_ARRAYS)

#define MR_ELEMENT_TABLE(X) \
    MR_COMMON_ELEMENTS(X) \
    MR_TREE_ELEMENTS(X) \
    MR_MINING_ELEMENTS(X) \
    MR_REGRESSION_ELEMENTS(X) \
    MR_GENERAL_REGRESSION_ELEMENTS(X) \
    MR_NEURAL_ELEMENTS(X) \
    MR_RULE_SET_ELEMENTS(X) \
    MR_SUPPORT_VECTOR_ELEMENTS(X) \
    MR_NAIVE_BAYES_ELEMENTS(X) \
    MR_SCORECARD_ELEMENTS(X) \
    MR_ASSOCIATION_ELEMENTS(X) \
    MR_COMPARISON_ELEMENTS(X) \
    MR_MATRIX_ELEMENTS(X) \
    MR_CLUSTERING_ELEMENTS(X) \
    MR_NEAREST_NEIGHBOR_ELEMENTS(X) \
    MR_ANOMALY_ELEMENTS(X)

/* Every attribute, once. Order does not matter. */
#define MR_ATTRIBUTE_TABLE(X) \
    X(version) X(numberOfFields) X(name) X(optype) X(dataType) X(datatype) X(isCyclic) X(displayName) \
    X(value) X(displayValue) X(property) X(closure) X(leftMargin) X(rightMargin) X(usageType) X(outliers) \
    X(lowValue) X(highValue) X(missingValueReplacement) X(missingValueTreatment) X(invalidValueTreatment) \
    X(invalidValueReplacement) X(importance) X(missing) X(field) X(mapMissingTo) X(orig) X(norm) \
    X(method) X(defaultValue) X(binValue) X(outputColumn) X(column) X(function) X(feature) X(targetField) \
    X(isFinalResult) X(castInteger) X(min) X(max) X(rescaleConstant) X(rescaleFactor) X(priorProbability) \
    X(rawDataValue) X(functionName) X(isScorable) X(modelName) X(algorithmName) X(missingValueStrategy) \
    X(missingValuePenalty) X(noTrueChildStrategy) X(splitCharacteristic) X(id) X(score) X(recordCount) \
    X(defaultChild) X(probability) X(confidence) X(operator) X(booleanOperator) X(n) X(type) \
    X(multipleModelMethod) X(missingPredictionTreatment) X(missingThreshold) X(weight) \
    X(normalizationMethod) X(targetFieldName) X(modelType) X(intercept) X(targetCategory) X(exponent) \
    X(coefficient) X(targetReferenceCategory) X(linkFunction) X(linkParameter) X(trialsVariable) \
    X(trialsValue) X(distribution) X(distParameter) X(offsetVariable) X(offsetValue) \
    X(targetVariableName) X(modelDF) X(referencePoint) X(label) X(predictorName) X(parameterName) X(beta) \
    X(df) X(activationFunction) X(threshold) X(altitude) X(width) X(numberOfLayers) X(numberOfInputs) \
    X(numberOfNeurons) X(numberOfOutputs) X(bias) X(from) X(outputNeuron) X(taxonomy) X(parentField) \
    X(maxRulesNr) X(mimeType) X(units) X(format) X(groupField) X(sqlWhere) X(lag) X(aggregate) X(block) \
    X(localTermWeights) X(tokenize) X(wordSeparatorCharacterRE) X(countHits) X(maxLevenshteinDistance) \
    X(isCaseSensitive) X(termFrequency) X(textField) X(inField) X(outField) X(regexField) X(recursive) \
    X(normalized) X(term) X(parameterField) X(rank) X(rankBasis) X(rankOrder) X(ruleFeature) X(algorithm) \
    X(isMultiValued) X(segmentId) X(businessProblem) X(modelClass) X(numberOfClusters) X(kind) \
    X(compareFunction) X(minimum) X(maximum) X(similarityScale) X(fieldWeight) X(size) X(fieldName) \
    X(isCenterField) X(center) X(numberOfNeighbors) X(continuousScoringMethod) \
    X(categoricalScoringMethod) X(instanceIdVariable) X(recordId) X(svmRepresentation) X(maxWins) X(absoluteValue) X(category) \
    X(alternateBinaryTargetCategory) \
    X(alternateTargetCategory) X(classificationMethod) X(degree) X(gamma) X(coef0) X(numberOfAttributes) \
    X(numberOfSupportVectors) X(numberOfCoefficients) X(vectorId) X(numberOfVectors) X(mean) X(variance) \
    X(count) X(nbCorrect) X(defaultScore) X(defaultConfidence) X(criterion) X(ruleId) X(initialScore) \
    X(useReasonCodes) X(reasonCodeAlgorithm) X(baselineScore) X(baselineMethod) X(reasonCode) \
    X(partialScore) X(numberOfTransactions) X(maxNumberOfItemsPerTA) X(avgNumberOfItemsPerTA) \
    X(minimumSupport) X(minimumConfidence) X(lengthLimit) X(numberOfItems) X(numberOfItemsets) \
    X(numberOfRules) X(support) X(lift) X(leverage) X(affinity) X(antecedent) X(consequent) X(itemRef) \
    X(mappedValue) X(price) X(algorithmType) X(sampleDataSize) X(contrastMatrixType) X(cumulativeLink) \
    X(baselineHazard) X(startTimeVariable) X(endTimeVariable) X(subjectIDVariable) X(statusVariable) \
    X(baselineStrataVariable) X(maxTime) X(stratumValue) X(time) X(hazard) X(cumHazard) X(survival) \
    X(nbRows) X(nbCols) X(diagDefault) X(offDiagDefault) X(col) X(matrixType) X(expectedValue) X(precision) X(zeroThreshold) X(pRow) X(pCol) X(tRow) X(tCol) X(description) \
    X(row) X(coord1) X(coord2) X(coord3) X(isTransformed) X(fieldCount)

/* Attributes whose names hold a hyphen. */
#define MR_HYPHENATED_ATTRIBUTE_TABLE(X) \
    X(x_missingPredictionTreatment, "x-missingPredictionTreatment") \
    X(x_mathContext, "x-mathContext") \
    X(x_missingThreshold, "x-missingThreshold") \
    X(x_wordRE, "x-wordRE") \
    X(x_leakage, "x-leakage") \
    X(x_invalidValueReplacement, "x-invalidValueReplacement") \
    X(c00_parameter, "c00-parameter") X(c01_parameter, "c01-parameter") X(c10_parameter, "c10-parameter") \
    X(c11_parameter, "c11-parameter") X(d00_parameter, "d00-parameter") X(d01_parameter, "d01-parameter") \
    X(d10_parameter, "d10-parameter") X(d11_parameter, "d11-parameter") X(p_parameter, "p-parameter")
/* clang-format on */

#endif
