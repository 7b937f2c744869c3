/* Support: the standard's elements by where they belong, and the reasons by name.
 *
 * The matrix is made by asking the tables of names.h about each name, so a family that is added there changes
 * its rows here by itself.
 */
#include "pmml/document/support.h"

#include <string.h>

#include "pmml/document/names.h"
#include "pmml/expression/functions.h"

typedef struct reason {
    const char *name, *text;
} reason;

/* Elements that are skipped with all in them. */
static const reason skipped[] = {
    {"Extension", "a producer's own; the standard gives it no meaning for scores"},
    {"Header", "says who made the document, and when"},
    {"MiningBuildTask", "says how the model was trained"},
    {"ModelStats", "statistics of the training data"},
    {"ModelExplanation", "quality measures of the training"},
    {"EventValues", "which target values are events: not needed for survival"},
    {"Partition", "statistics of the training data"},
    {"Taxonomy", "groups the values of a field; no formula of the standard asks for the groups"},
};

/* Attributes without effect; numberOf... is below. */
static const reason ignored[] = {
    {"algorithmName", "a name"},
    {"avgNumberOfItemsPerTA", "a statistic of the training data"},
    {"baselineMethod", "how the baseline scores were found"},
    {"businessProblem", "a text for people"},
    {"contrastMatrixType", "the matrix says it"},
    {"coord1", "where a cluster lies on a map"},
    {"coord2", "where a cluster lies on a map"},
    {"coord3", "where a cluster lies on a map"},
    {"description", "a text for people"},
    {"df", "degrees of freedom of the training"},
    {"displayName", "a name for people"},
    {"isCyclic", "no formula of the standard uses it"},
    {"displayValue", "a text for people, where no output asks for it"},
    {"fieldCount", "a count; what is there is counted"},
    {"importance", "how much the field mattered in training"},
    {"label", "a name for people"},
    {"lengthLimit", "a bound of the training"},
    {"mappedValue", "a text for people"},
    {"maxNumberOfItemsPerTA", "a statistic of the training data"},
    {"maximum", "bounds of a similarity: the measure gives them by itself"},
    {"minimum", "bounds of a similarity: the measure gives them by itself"},
    {"minimumConfidence", "a bound of the training"},
    {"minimumSupport", "a bound of the training"},
    {"modelDF", "degrees of freedom of the training"},
    {"modelName", "a name"},
    {"modelType", "`functionName` says it"},
    {"name", "a name"},
    {"nbCorrect", "how often a rule was right in training"},
    {"optype", "the data dictionary says it"},
    {"recordCount", "how many training records there were"},
    {"size", "how many training records there were"},
    {"startTimeVariable", "the hazard is asked for at the end time"},
    {"statusVariable", "what happened is not known when a record is scored"},
    {"subjectIDVariable", "says which training records belonged together"},
    {"support", "how often an itemset was met in training"},
    {"splitCharacteristic", "a hint; the nodes say how they split"},
    {"tCol", "only models of one row of weights have standard errors"},
    {"tRow", "only models of one row of weights have standard errors"},
    {"taxonomy", "groups the values of a field; no formula of the standard asks for the groups"},
    {"targetCategory", "only models of one row of weights have standard errors"},
    {"targetFieldName", "the mining schema names the target"},
    {"targetVariableName", "the mining schema names the target"},
    {"type", "how the covariances were found"},
    {"value", "a decision's name stands in the output's own values"},
    {"weight", "the price or value of an item, which selects no rule"},
};

#define NO_REFERENCE                                                                                         \
    "the reference implementation does not score it either, so no result could be held against one"
#define UNUSED "not supported"

/* The standard's elements. `within`: the skipped element that holds those; `refused`: why, of those that
 * elements.h does not list. */
static const struct group {
    const char *title, *within, *refused, *elements;
} groups[] = {
    {"Document", NULL, UNUSED, "PMML Extension MiningBuildTask Header"},
    {"Header", "Header", NULL, "Application Annotation Timestamp"},
    {"Data", NULL, UNUSED, "DataDictionary DataField Value Interval MiningSchema MiningField"},
    {"Taxonomies", "Taxonomy", NULL, "Taxonomy ChildParent"},
    {"Tables", NULL, UNUSED, "InlineTable row"},
    {"Tables elsewhere", NULL, "data outside of the document are never read", "TableLocator"},
    {"Arrays and matrices", NULL, UNUSED,
     "Array INT-SparseArray REAL-SparseArray Indices INT-Entries REAL-Entries Matrix MatCell"},
    {"Transformations", NULL, UNUSED,
     "TransformationDictionary LocalTransformations DerivedField DefineFunction ParameterField Constant "
     "FieldRef "
     "NormContinuous LinearNorm NormDiscrete Discretize DiscretizeBin MapValues FieldColumnPair Apply "
     "TextIndex "
     "TextIndexNormalization"},
    {"Transformations over records", NULL,
     "needs the records before this one, and a record is scored by itself", "Aggregate Lag BlockIndicator"},
    {"Predicates", NULL, UNUSED, "SimplePredicate CompoundPredicate SimpleSetPredicate True False"},
    {"Outputs and targets", NULL, UNUSED, "Output OutputField Decisions Decision Targets Target TargetValue"},
    {"Verification", NULL, UNUSED, "ModelVerification VerificationFields VerificationField"},
    {"Statistics", "ModelStats", NULL,
     "ModelStats UnivariateStats Counts NumericInfo Quantile DiscrStats ContStats Anova AnovaRow "
     "MultivariateStats "
     "MultivariateStat PartitionFieldStats Partition"},
    {"Explanation", "ModelExplanation", NULL,
     "ModelExplanation PredictiveModelQuality ClusteringModelQuality ConfusionMatrix ClassLabels LiftData "
     "ModelLiftGraph "
     "OptimumLiftGraph RandomLiftGraph LiftGraph XCoordinates YCoordinates BoundaryValues BoundaryValueMeans "
     "ROC ROCGraph "
     "Correlations CorrelationFields CorrelationValues CorrelationMethods"},
    {"Trees", NULL, UNUSED, "TreeModel Node ScoreDistribution"},
    {"Several models", NULL, UNUSED, "MiningModel Segmentation Segment VariableWeight"},
    {"Models without a schema of their own", NULL, "deprecated since PMML 4.0: a `Segment` holds a model",
     "DecisionTree ResultField"},
    {"Regression", NULL, UNUSED,
     "RegressionModel Regression RegressionTable NumericPredictor CategoricalPredictor PredictorTerm"},
    {"General regression", NULL, UNUSED,
     "GeneralRegressionModel ParameterList Parameter FactorList CovariateList Predictor Categories Category "
     "PPMatrix PPCell "
     "ParamMatrix PCell PCovMatrix PCovCell EventValues BaseCumHazardTables BaselineStratum BaselineCell"},
    {"Neural networks", NULL, UNUSED,
     "NeuralNetwork NeuralInputs NeuralInput NeuralLayer Neuron Con NeuralOutputs NeuralOutput"},
    {"Support vector machines", NULL, UNUSED,
     "SupportVectorMachineModel LinearKernelType PolynomialKernelType RadialBasisKernelType "
     "SigmoidKernelType "
     "VectorDictionary VectorFields VectorInstance SupportVectorMachine SupportVectors SupportVector "
     "Coefficients "
     "Coefficient"},
    {"Clusters and comparison", NULL, UNUSED,
     "ClusteringModel ClusteringField Comparisons CenterFields MissingValueWeights Cluster KohonenMap "
     "Covariances "
     "ComparisonMeasure euclidean squaredEuclidean chebychev cityBlock minkowski simpleMatching jaccard "
     "tanimoto "
     "binarySimilarity"},
    {"Nearest neighbours", NULL, UNUSED,
     "NearestNeighborModel TrainingInstances InstanceFields InstanceField KNNInputs KNNInput"},
    {"Naive Bayes", NULL, UNUSED,
     "NaiveBayesModel BayesInputs BayesInput BayesOutput PairCounts TargetValueCounts TargetValueCount "
     "TargetValueStats "
     "TargetValueStat GaussianDistribution PoissonDistribution"},
    {"Other distributions", NULL, NO_REFERENCE, "AnyDistribution UniformDistribution"},
    {"Rule sets", NULL, UNUSED, "RuleSetModel RuleSet RuleSelectionMethod SimpleRule CompoundRule"},
    {"Scorecards", NULL, UNUSED, "Scorecard Characteristics Characteristic Attribute ComplexPartialScore"},
    {"Association rules", NULL, UNUSED, "AssociationModel Item Itemset ItemRef AssociationRule"},
    {"Anomalies", NULL, UNUSED, "AnomalyDetectionModel MeanClusterDistances"},
    {"Baselines", NULL, NO_REFERENCE,
     "BaselineModel TestDistributions Baseline Alternate CountTable NormalizedCountTable FieldValue "
     "FieldValueCount"},
    {"Bayesian networks", NULL, NO_REFERENCE,
     "BayesianNetworkModel BayesianNetworkNodes DiscreteNode ContinuousNode DiscreteConditionalProbability "
     "ContinuousConditionalProbability ParentValue ValueProbability ContinuousDistribution "
     "TriangularDistributionForBN "
     "NormalDistributionForBN LognormalDistributionForBN UniformDistributionForBN Mean Lower Upper Variance"},
    {"Gaussian processes", NULL, NO_REFERENCE,
     "GaussianProcessModel RadialBasisKernel ARDSquaredExponentialKernel AbsoluteExponentialKernel "
     "GeneralizedExponentialKernel Lambda"},
    {"Sequences", NULL, NO_REFERENCE,
     "SequenceModel Constraints SetPredicate Delimiter Time Sequence SequenceReference SequenceRule "
     "AntecedentSequence "
     "ConsequentSequence SetReference"},
    {"Texts", NULL, NO_REFERENCE,
     "TextModel TextDictionary TextCorpus TextDocument DocumentTermMatrix TextModelNormalization "
     "TextModelSimiliarity"},
    {"Time series", NULL, NO_REFERENCE,
     "TimeSeriesModel TimeSeries TimeAnchor TimeCycle TimeException TimeValue SpectralAnalysis ARIMA "
     "NonseasonalComponent SeasonalComponent NonseasonalFactor SeasonalFactor AR MA MACoefficients ARMAPart "
     "DynamicRegressor Numerator Denominator RegressorValues OutlierEffect TransferFunctionValues "
     "ExponentialSmoothing "
     "Level Trend_ExpoSmooth Seasonality_ExpoSmooth SeasonalTrendDecomposition StateSpaceModel StateVector "
     "TransitionMatrix MeasurementMatrix PsiVector HVector InterceptVector FinalStateVector KalmanState "
     "PredictedStateCovarianceMatrix SelectedStateCovarianceMatrix ObservationVarianceMatrix "
     "MaximumLikelihoodStat "
     "ThetaRecursionState FinalNoise FinalPredictedNoise FinalNu FinalOmega FinalTheta Theta Residuals "
     "ResidualSquareCoefficients GARCH GARCHPart PastVariances TrendCoefficients VarianceCoefficients"},
};
enum { GROUPS = sizeof groups / sizeof *groups };

static const char *find(const reason *list, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0) return list[i].text;
    return NULL;
}

const char *mr_support_skipped(const char *element) {
    return find(skipped, sizeof skipped / sizeof *skipped, element);
}

const char *mr_support_ignored(const char *attribute) {
    if (strncmp(attribute, "numberOf", 8) == 0) return "a count; what is there is counted";
    return find(ignored, sizeof ignored / sizeof *ignored, attribute);
}

/* ---- The matrix ---- */

static bool is_supported(mr_element_name name) {
    return name > E_NONE && name < E_CELL;
}

static void put_attributes(FILE *out, const uint64_t *bits) {
    bool any = false;
    for (unsigned i = 1; i < A_TEXT; i++) {
        if (!mr_bit(bits, i)) continue;
        fprintf(out, "%s`%s`", any ? " " : "", mr_attribute_text((mr_attribute_name)i));
        any = true;
    }
}

static void put_supported(FILE *out, const mr_element_rule *rule) {
    fprintf(out, "| `%s` | yes | ", rule->text);
    put_attributes(out, rule->used);
    fputs(" | ", out);
    put_attributes(out, rule->ignored);
    fputs(" |\n", out);
}

/* The rest of a group, of which one thing is to be said: in one row. */
static void put_others(FILE *out, const mr_names *names, const struct group *g) {
    bool any = false;
    for (const char *at = g->elements; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        mr_element_name name = mr_names_element(names, at, size);
        if (name == E_UNKNOWN) {
            fprintf(out, "%s`%.*s`", any ? " " : "| ", (int)size, at);
            any = true;
        }
        at += size;
    }
    if (!any) return;
    bool held = g->within && mr_names_element(names, g->within, strlen(g->within)) == E_NONE;
    if (held) fprintf(out, " | skipped within `%s` |  |  |\n", g->within);
    else fprintf(out, " | refused: %s |  |  |\n", g->refused ? g->refused : UNUSED);
}

static void put_group(FILE *out, const mr_names *names, const struct group *g) {
    fprintf(out, "| **%s** |  |  |  |\n", g->title);
    for (const char *at = g->elements; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        mr_element_name name = mr_names_element(names, at, size);
        if (is_supported(name)) put_supported(out, &names->rules[name]);
        if (name == E_NONE) {
            char text[64];
            snprintf(text, sizeof text, "%.*s", (int)size, at);
            const char *why = mr_support_skipped(text);
            fprintf(out, "| `%s` | skipped: %s |  |  |\n", text, why ? why : "it does not change a score");
        }
        at += size;
    }
    put_others(out, names, g);
}

static bool is_of_the_standard(const char *element) {
    size_t size = strlen(element);
    for (size_t g = 0; g < GROUPS; g++)
        for (const char *at = groups[g].elements; *at; at += strspn(at, " ")) {
            size_t length = strcspn(at, " ");
            if (length == size && memcmp(at, element, size) == 0) return true;
            at += length;
        }
    return false;
}

static void put_beyond(FILE *out, const mr_names *names) {
    bool any = false;
    for (unsigned i = 1; i < E_CELL; i++) {
        if (is_of_the_standard(names->rules[i].text)) continue;
        if (!any) fprintf(out, "| **Beyond the standard, as producers write it** |  |  |  |\n");
        put_supported(out, &names->rules[i]);
        any = true;
    }
}

static void put_reasons(FILE *out, const mr_names *names) {
    fputs("\n### Why an attribute has no effect\n| attribute | reason |\n|---|---|\n", out);
    for (unsigned a = 1; a < A_TEXT; a++) {
        bool any = false;
        for (unsigned i = 1; i < E_CELL; i++) any |= mr_bit(names->rules[i].ignored, a);
        const char *name = mr_attribute_text((mr_attribute_name)a);
        const char *why = mr_support_ignored(name);
        if (any) fprintf(out, "| `%s` | %s |\n", name, why ? why : "it does not change a score");
    }
}

void mr_support_print(FILE *out) {
    mr_names names;
    mr_names_init(&names);
    fputs("\n## Elements, attributes, functions\nEvery element of PMML 4.4's schema. An attribute that is "
          "not in its "
          "element's row is refused by name and line.\n"
          "Header, statistics and explanation are shown by "
          "`inspect`.\n\n"
          "| element | scored | attributes read | attributes without effect |\n|---|---|---|---|\n",
          out);
    for (size_t g = 0; g < GROUPS; g++) put_group(out, &names, &groups[g]);
    put_beyond(out, &names);
    put_reasons(out, &names);
    fputs("\n### Functions of `Apply`\n", out);
    for (size_t i = 0; mr_function_at(i); i++) fprintf(out, "%s`%s`", i ? " " : "", mr_function_at(i)->name);
    fputs("\n", out);
}
