/* Anomaly detection: path lengths to scores, distances to scores, others passed on; what is refused. */
#include "pmml_helper.h"

#include <math.h>

#define ANOMALY(attributes, outputs, inside)                                                                 \
    XML_HEAD "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"double\"/>"             \
             "</DataDictionary><AnomalyDetectionModel functionName=\"regression\" " attributes ">" SCHEMA    \
             "<Output>" outputs "</Output>\n" inside "</AnomalyDetectionModel>" XML_TAIL
#define SCHEMA "<MiningSchema><MiningField name=\"x\"/></MiningSchema>"
#define TREE(low, high)                                                                                      \
    "<Segment><True/><TreeModel functionName=\"regression\">" SCHEMA "<Node><True/><Node score=\"" low       \
    "\"><SimplePredicate field=\"x\" operator=\"lessThan\" value=\"5\"/>"                                    \
    "</Node><Node score=\"" high "\"><SimplePredicate field=\"x\" operator=\"greaterOrEqual\" value=\"5\"/>" \
    "</Node></Node></TreeModel></Segment>"
#define FOREST                                                                                               \
    "<MiningModel functionName=\"regression\">" SCHEMA                                                       \
    "<Segmentation multipleModelMethod=\"average\">" TREE("2", "5")                                          \
        TREE("3", "5") "</Segmentation></MiningModel>"
#define LINE                                                                                                 \
    "<RegressionModel functionName=\"regression\">" SCHEMA "<RegressionTable intercept=\"-3\">"              \
    "<NumericPredictor name=\"x\" coefficient=\"2\"/></RegressionTable></RegressionModel>"
#define CLUSTERED                                                                                            \
    "<ClusteringModel functionName=\"clustering\" modelClass=\"centerBased\" numberOfClusters=\"2\">" SCHEMA \
    "<ComparisonMeasure kind=\"distance\"><euclidean/></ComparisonMeasure><ClusteringField field=\"x\"/>"    \
    "<Cluster><Array type=\"real\">0</Array></Cluster><Cluster><Array type=\"real\">10</Array></Cluster>"    \
    "</ClusteringModel>"
#define ALIKE                                                                                                \
    "<ClusteringModel functionName=\"clustering\" modelClass=\"centerBased\" numberOfClusters=\"1\">" SCHEMA \
    "<ComparisonMeasure kind=\"similarity\"><cityBlock/></ComparisonMeasure><ClusteringField field=\"x\" "   \
    "compareFunction=\"equal\"/><Cluster><Array type=\"real\">0</Array></Cluster></ClusteringModel>"
#define MEANS "<MeanClusterDistances><Array n=\"2\" type=\"real\">0.5 4</Array></MeanClusterDistances>"
#define DECISION                                                                                             \
    "<OutputField name=\"score\" feature=\"predictedValue\" dataType=\"float\" optype=\"continuous\"/>"      \
    "<OutputField name=\"odd\" feature=\"decision\" dataType=\"boolean\" optype=\"categorical\">"            \
    "<Apply function=\"greaterThan\"><FieldRef "                                                             \
    "field=\"score\"/><Constant>0.5</Constant></Apply></OutputField>"

static void isolation_forests(void **state) {
    (void)state;
    /* Mean path lengths 2.5 and 5; 256 records: c = 2 (ln 255 + 0.5772156649) - 2 * 255 / 256 */
    double c = 2 * (log(255) + 0.5772156649) - 2 * 255 / 256.0;
    scorer s = scorer_must(ANOMALY("algorithmType=\"iforest\" sampleDataSize=\"256\"", DECISION, FOREST));
    score_cells(&s, "1");
    assert_near(out_number(&s, 0), pow(2, -2.5 / c));
    assert_near(out_number(&s, 1), (double)(float)pow(2, -2.5 / c));
    assert_near(out_number(&s, 2), 1);
    score_cells(&s, "9");
    assert_near(out_number(&s, 0), pow(2, -5 / c));
    score_cells(&s, NULL); /* no path: no score */
    assert_false(out_present(&s, 0));
    scorer_free(&s);
    s = scorer_must(ANOMALY("algorithmType=\"iforest\" sampleDataSize=\"2\"", "", FOREST));
    score_cells(&s, "9"); /* of two records c is 1 */
    assert_near(out_number(&s, 0), 1.0 / 32);
    scorer_free(&s);
}

static void distances_from_clusters(void **state) {
    (void)state;
    scorer s = scorer_must(ANOMALY("algorithmType=\"clusterMeanDist\"", DECISION, CLUSTERED MEANS));
    score_cells(&s, "1.25");
    assert_near(out_number(&s, 0), 2.5);
    score_cells(&s, "9");
    assert_near(out_number(&s, 0), 0.25);
    assert_near(out_number(&s, 2), 0);
    score_cells(&s, NULL);
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

#define MACHINE                                                                                              \
    "<SupportVectorMachineModel functionName=\"regression\">" SCHEMA "<LinearKernelType/><VectorDictionary>" \
    "<VectorFields><FieldRef field=\"x\"/></VectorFields><VectorInstance id=\"v\"><Array>4</Array>"          \
    "</VectorInstance></VectorDictionary><SupportVectorMachine><SupportVectors><SupportVector "              \
    "vectorId=\"v\"/></SupportVectors><Coefficients absoluteValue=\"-3\"><Coefficient value=\"0.5\"/>"       \
    "</Coefficients></SupportVectorMachine></SupportVectorMachineModel>"

static void others_are_passed_on(void **state) {
    (void)state;
    scorer m = scorer_must(ANOMALY("algorithmType=\"ocsvm\"", DECISION, MACHINE));
    score_cells(&m, "1"); /* 0.5 * 4 * 1 - 3 */
    assert_near(out_number(&m, 0), -1);
    scorer_free(&m);
    scorer s = scorer_must(ANOMALY("algorithmType=\"other\"", "", LINE));
    score_cells(&s, "4");
    assert_near(out_number(&s, 0), 5);
    scorer_free(&s);
}

static void refusals(void **state) {
    (void)state;
    assert_refused(ANOMALY("algorithmType=\"iforest\"", "", FOREST), MR_INVALID_MODEL, "test:4",
                   "sampleDataSize");
    assert_refused(ANOMALY("algorithmType=\"iforest\" sampleDataSize=\"1\"", "", FOREST), MR_INVALID_MODEL,
                   "test:4", "\"1\"");
    assert_refused(ANOMALY("algorithmType=\"iforest\" sampleDataSize=\"9\"", "", CLUSTERED), MR_UNSUPPORTED,
                   "test:5", "<ClusteringModel>");
    assert_refused(ANOMALY("algorithmType=\"clusterMeanDist\"", "", LINE MEANS), MR_UNSUPPORTED, "test:5",
                   "<RegressionModel>");
    assert_refused(ANOMALY("algorithmType=\"clusterMeanDist\"", "", ALIKE MEANS), MR_UNSUPPORTED, "test:5",
                   "clusterMeanDist");
    assert_refused(ANOMALY("algorithmType=\"clusterMeanDist\"", "", CLUSTERED), MR_INVALID_MODEL, "test:4",
                   "<MeanClusterDistances>");
    assert_refused(ANOMALY("algorithmType=\"clusterMeanDist\"", "",
                           CLUSTERED "<MeanClusterDistances><Array>1</Array></MeanClusterDistances>"),
                   MR_INVALID_MODEL, "test:5", "not 2");
    assert_refused(ANOMALY("algorithmType=\"clusterMeanDist\"", "",
                           CLUSTERED "<MeanClusterDistances><Array>1 0</Array></MeanClusterDistances>"),
                   MR_INVALID_MODEL, "test:5", "above 0");
    assert_refused(ANOMALY("algorithmType=\"lof\"", "", LINE), MR_UNSUPPORTED, "test:4", "\"lof\"");
    assert_refused(ANOMALY("", "", LINE), MR_INVALID_MODEL, "test:4", "algorithmType");
    assert_refused(ANOMALY("algorithmType=\"other\"", "", ""), MR_INVALID_MODEL, "test:4", "its model");
    assert_refused(ANOMALY("algorithmType=\"other\"", "", LINE LINE), MR_INVALID_MODEL, "test:5",
                   "one model");
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    assert_survives(ANOMALY("algorithmType=\"iforest\" sampleDataSize=\"256\"", DECISION, FOREST),
                    (const char *const[]){"1"});
    assert_survives(ANOMALY("algorithmType=\"clusterMeanDist\"", DECISION, CLUSTERED MEANS),
                    (const char *const[]){"1"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(isolation_forests),       cmocka_unit_test(distances_from_clusters),
        cmocka_unit_test(others_are_passed_on),    cmocka_unit_test(refusals),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
