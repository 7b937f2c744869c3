/* Clustering: measures and compare functions by hand and against the standard's formulas written plainly;
 * missing values; ids, names, ranks; what is refused. */
#include "pmml_helper.h"

#include <math.h>
#include <stdio.h>

#include "pmml/distance/comparison.h"

#define NUMBER(name) "<DataField name=\"" name "\" optype=\"continuous\" dataType=\"double\"/>"
#define FIELDS       NUMBER("x") NUMBER("y") NUMBER("z")
#define SCHEMA(more) "<MiningSchema><MiningField name=\"x\"/><MiningField name=\"y\"/>" more "</MiningSchema>"
#define CLUSTERING(fields, schema, outputs, measure, inside)                                                 \
    XML_HEAD "<DataDictionary>" fields "</DataDictionary><ClusteringModel functionName=\"clustering\" "      \
             "modelClass=\"centerBased\" numberOfClusters=\"3\">" schema "<Output>" outputs "</Output>\n"    \
             "<ComparisonMeasure " measure "</ComparisonMeasure>" inside "</ClusteringModel>" XML_TAIL
#define Z         "<MiningField name=\"z\"/>"
#define SQUARED   "kind=\"distance\"><squaredEuclidean/>"
#define EUCLIDEAN "kind=\"distance\"><euclidean/>"
#define COMPARED                                                                                             \
    "<ClusteringField field=\"x\"/><ClusteringField field=\"y\" compareFunction=\"absDiff\"/>"               \
    "<ClusteringField field=\"z\"/>"
#define CLUSTERS                                                                                             \
    "<Cluster id=\"A\" name=\"an A\" size=\"3\"><KohonenMap coord1=\"1\" coord2=\"2\"/>"                     \
    "<Array n=\"3\" type=\"real\">1 2 3</Array></Cluster>"                                                   \
    "<Cluster name=\"no id\"><Array type=\"real\">4 0 1</Array></Cluster>"                                   \
    "<Cluster id=\"C\"><REAL-SparseArray n=\"3\" defaultValue=\"-1\"/></Cluster>\n"
#define OUTPUT(name, feature, more) "<OutputField name=\"" name "\" feature=\"" feature "\" " more "/>"
#define STRING                      "dataType=\"string\" "
#define OUTPUTS                                                                                              \
    OUTPUT("predicted", "predictedValue", "")                                                                \
    OUTPUT("name", "predictedDisplayValue", "")                                                              \
    OUTPUT("second", "entityId", STRING "rank=\"2\"")                                                        \
    OUTPUT("fourth", "clusterId", "rank=\"4\"")                                                              \
    OUTPUT("near", "affinity", "")                                                                           \
    OUTPUT("next", "affinity", "rank=\"2\"")                                                                 \
    OUTPUT("to_2", "clusterAffinity", "value=\"2\"")                                                         \
    OUTPUT("single", "entityAffinity", "dataType=\"float\"")

static void labels_and_outputs(void **state) {
    (void)state;
    scorer s = scorer_must(CLUSTERING(FIELDS, SCHEMA(Z), OUTPUTS, EUCLIDEAN, COMPARED CLUSTERS));
    assert_int_equal(score_cells(&s, "1", "2", "3"), MR_OK);
    assert_text(&s, 0, "A");
    assert_text(&s, 1, "A");
    assert_text(&s, 2, "an A");
    assert_text(&s, 3, "2");
    assert_false(out_present(&s, 4)); /* there are three */
    assert_near(out_number(&s, 5), 0);
    assert_near(out_number(&s, 6), sqrt(17));
    assert_near(out_number(&s, 7), sqrt(17));
    score_cells(&s, "0", "0", "0");
    assert_text(&s, 0, "C");
    assert_text(&s, 2, "C"); /* no name: its id */
    assert_text(&s, 3, "A");
    assert_near(out_number(&s, 8), (double)(float)sqrt(3));
    score_cells(&s, "2.5", "1", "2"); /* as near to A as to the second: the first wins */
    assert_text(&s, 0, "A");
    assert_text(&s, 3, "2");
    scorer ties =
        scorer_must(CLUSTERING(NUMBER("x") NUMBER("y"), SCHEMA(""), "", EUCLIDEAN,
                               "<ClusteringField field=\"x\"/><ClusteringField field=\"y\"/>"
                               "<Cluster id=\"A\"><Array type=\"real\">1 1.4901161193847656e-08</Array>"
                               "</Cluster><Cluster id=\"B\"><Array type=\"real\">1 0</Array></Cluster>"));
    score_cells(&ties, "0", "0"); /* the squares are 1 + 2^-52 and 1, the distances 1 both */
    assert_text(&ties, 0, "A");
    scorer_free(&ties);
    score_cells(&s, "2", NULL, "1"); /* y is missing: the sums of the others times 3/2 */
    assert_text(&s, 0, "2");
    assert_text(&s, 2, "no id");
    assert_near(out_number(&s, 5), sqrt(1.5 * 4));
    assert_near(out_number(&s, 6), sqrt(1.5 * 5));
    assert_int_equal(score_cells(&s, NULL, NULL, NULL), MR_OK);
    for (uint32_t i = 0; i < 9; i++) assert_false(out_present(&s, i));
    scorer_free(&s);
}

#define WEIGHTS "<MissingValueWeights><Array type=\"real\">1 2 5</Array></MissingValueWeights>"

static void weights_and_functions(void **state) {
    (void)state;
    scorer s = scorer_must(CLUSTERING(
        FIELDS, SCHEMA(Z), OUTPUT("near", "affinity", ""), "kind=\"distance\"><cityBlock/>",
        "<ClusteringField field=\"x\" fieldWeight=\"2\"/>"
        "<ClusteringField field=\"y\" compareFunction=\"gaussSim\" similarityScale=\"2\"/>"
        "<ClusteringField field=\"z\" compareFunction=\"delta\" fieldWeight=\"0.5\"/>" WEIGHTS CLUSTERS));
    score_cells(&s, "1", "4", "3"); /* y: 2 from the centre, as much as the scale: one half */
    assert_text(&s, 0, "A");
    assert_near(out_number(&s, 1), 0.5);
    score_cells(&s, "1.5", "4", "7");
    assert_near(out_number(&s, 1), 2 * 0.5 + 0.5 + 0.5);
    score_cells(&s, "1.5", "4", NULL); /* 8 of weight, 3 of it there */
    assert_near(out_number(&s, 1), 1.5 * (8.0 / 3));
    scorer_free(&s);
    s = scorer_must(CLUSTERING(
        NUMBER("x") "<DataField name=\"y\" optype=\"categorical\" dataType=\"string\"/>", SCHEMA(""),
        OUTPUT("near", "affinity", ""), "kind=\"similarity\" compareFunction=\"equal\"><squaredEuclidean/>",
        "<ClusteringField field=\"y\"/><ClusteringField field=\"x\" "
        "compareFunction=\"gaussSim\" similarityScale=\"1\"/>"
        "<Cluster><Array type=\"string\">red 1</Array></Cluster>"
        "<Cluster><Array type=\"string\">\"dark blue\" 3</Array></Cluster>"));
    score_cells(&s, "1", "dark blue"); /* 0 + 1 of the first, 1 + 1/256 of the second: the most alike wins */
    assert_text(&s, 0, "2");
    assert_near(out_number(&s, 1), 1 + 1.0 / 256);
    score_cells(&s, "2.5", "green");
    assert_text(&s, 0, "2");
    score_cells(&s, "1.5", "green");
    assert_text(&s, 0, "1");
    scorer_free(&s);
}

#define COLORS(more)                                                                                         \
    "<DataField name=\"x\" optype=\"categorical\" dataType=\"string\"><Value value=\"red\"/>"                \
    "<Value value=\"pink\"/><Value value=\"blue\"/></DataField>" more
#define TABLE(matrix)                                                                                        \
    "<ClusteringField field=\"x\" compareFunction=\"table\"><Comparisons>" matrix                            \
    "</Comparisons></ClusteringField><ClusteringField field=\"y\"/>"
#define ANY                                                                                                  \
    "<Matrix kind=\"any\" nbRows=\"3\" nbCols=\"3\"><Array type=\"real\">0 0.1 1</Array>"                    \
    "<Array type=\"real\">0.2 0 2</Array><Array type=\"real\">1 3 0</Array></Matrix>"
#define SYMMETRIC                                                                                            \
    "<Matrix kind=\"symmetric\"><Array type=\"real\">0</Array><Array type=\"real\">0.5 0</Array>"            \
    "<Array type=\"real\">1 3 0</Array></Matrix>"
#define SINGLE                                                                                               \
    "<Matrix diagDefault=\"0\" offDiagDefault=\"1\"><MatCell row=\"2\" col=\"1\">0.25</MatCell>"             \
    "<MatCell row=\"2\" col=\"3\">3</MatCell></Matrix>"
#define COLORED                                                                                              \
    "<Cluster><Array type=\"string\">red 0</Array></Cluster>"                                                \
    "<Cluster><Array type=\"string\">blue 0</Array></Cluster>"
#define CITY "kind=\"distance\"><cityBlock/>"

static void tables(void **state) {
    (void)state;
    static const struct {
        const char *xml;
        double red, pink; /* distance of "pink" from the first, from the second */
    } cases[] = {
        {CLUSTERING(COLORS(NUMBER("y")), SCHEMA(""),
                    OUTPUT("1", "affinity", "value=\"1\"") OUTPUT("2", "affinity", "value=\"2\""), CITY,
                    TABLE(ANY) COLORED),
         0.2, 2},
        {CLUSTERING(COLORS(NUMBER("y")), SCHEMA(""),
                    OUTPUT("1", "affinity", "value=\"1\"") OUTPUT("2", "affinity", "value=\"2\""), CITY,
                    TABLE(SYMMETRIC) COLORED),
         0.5, 3},
        {CLUSTERING(COLORS(NUMBER("y")), SCHEMA(""),
                    OUTPUT("1", "affinity", "value=\"1\"") OUTPUT("2", "affinity", "value=\"2\""), CITY,
                    TABLE(SINGLE) COLORED),
         0.25, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scorer s = scorer_must(cases[i].xml);
        assert_int_equal(score_cells(&s, "pink", "2"), MR_OK);
        assert_near(out_number(&s, 1), cases[i].red + 2);
        assert_near(out_number(&s, 2), cases[i].pink + 2);
        score_cells(&s, NULL, "2"); /* y alone, twice */
        assert_near(out_number(&s, 2), 4);
        scorer_free(&s);
    }
    scorer s = scorer_must(CLUSTERING(
        "<DataField name=\"x\" optype=\"continuous\" dataType=\"double\">"
        "<Interval closure=\"closedOpen\" rightMargin=\"5\"/>"
        "<Interval closure=\"closedClosed\" leftMargin=\"5\" rightMargin=\"9\"/></DataField>" NUMBER("y"),
        "<MiningSchema><MiningField name=\"x\" invalidValueTreatment=\"asIs\"/>"
        "<MiningField name=\"y\"/></MiningSchema>",
        OUTPUT("near", "affinity", ""), CITY,
        TABLE("<Matrix kind=\"diagonal\" offDiagDefault=\"7\"><Array type=\"real\">1 "
              "2</Array></Matrix>") "<Cluster><Array type=\"real\">8 0</Array></Cluster>"));
    score_cells(&s, "4.5", "0");
    assert_near(out_number(&s, 1), 7);
    score_cells(&s, "5", "0");
    assert_near(out_number(&s, 1), 2);
    assert_int_equal(score_cells(&s, "10", "0"), MR_INVALID_VALUE); /* in no interval */
    assert_non_null(strstr(s.result.message, "table"));
    scorer_free(&s);
}

#define BITS                                                                                                 \
    "<Cluster id=\"A\"><Array type=\"int\">1 0 1</Array></Cluster>"                                          \
    "<Cluster id=\"B\"><Array type=\"int\">0 0 0</Array></Cluster>"
#define BINARY(measure)                                                                                      \
    CLUSTERING(FIELDS, SCHEMA(Z),                                                                            \
               OUTPUT("A", "affinity", "value=\"A\"") OUTPUT("B", "affinity", "value=\"B\""),                \
               "kind=\"similarity\">" measure, COMPARED BITS)

static void binary_similarities(void **state) {
    (void)state;
    static const struct {
        const char *xml;
        double A, B; /* of the row 1 1 0: a11 1, a10 1, a01 1, a00 0; and to B a11 0, a10 2, a01 0, a00 1 */
    } cases[] = {
        {BINARY("<simpleMatching/>"), 1.0 / 3, 1.0 / 3},
        {BINARY("<jaccard/>"), 1.0 / 3, 0},
        {BINARY("<tanimoto/>"), 1.0 / 5, 1.0 / 5},
        {BINARY("<binarySimilarity c11-parameter=\"3\" c10-parameter=\"1\" c01-parameter=\"0.5\" "
                "c00-parameter=\"2\" d11-parameter=\"4\" d10-parameter=\"2\" d01-parameter=\"1\" "
                "d00-parameter=\"1\"/>"),
         (3 + 1 + 0.5) / (4 + 2 + 1), (2 * 1 + 2) / (2 * 2 + 1.0)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scorer s = scorer_must(cases[i].xml);
        assert_int_equal(score_cells(&s, "1", "1", "0"), MR_OK);
        assert_text(&s, 0, cases[i].A >= cases[i].B ? "A" : "B");
        assert_near(out_number(&s, 1), cases[i].A);
        assert_near(out_number(&s, 2), cases[i].B);
        score_cells(&s, "1", NULL, "0");
        assert_false(out_present(&s, 0));
        assert_int_equal(score_cells(&s, "1", "2", "0"), MR_INVALID_VALUE);
        assert_non_null(strstr(s.result.message, "neither 0 nor 1"));
        scorer_free(&s);
    }
    scorer s = scorer_must(BINARY("<jaccard/>"));
    assert_int_equal(score_cells(&s, "0", "0", "0"), MR_OK); /* 0/0 to B: there is no prediction */
    assert_false(out_present(&s, 0));
    scorer_free(&s);
}

/* PMML 3: the coordinates are derived fields, compared as their sources are. */
static void center_fields(void **state) {
    (void)state;
    scorer s = scorer_must(CLUSTERING(
        NUMBER("x") "<DataField name=\"y\" optype=\"categorical\" dataType=\"string\"/>", SCHEMA(""),
        OUTPUT("near", "affinity", ""), SQUARED,
        "<ClusteringField field=\"x\" fieldWeight=\"3\"/><ClusteringField field=\"y\"/><CenterFields>"
        "<DerivedField name=\"c1\" optype=\"continuous\" dataType=\"double\"><NormContinuous field=\"x\">"
        "<LinearNorm orig=\"0\" norm=\"0\"/><LinearNorm orig=\"10\" norm=\"1\"/></NormContinuous>"
        "</DerivedField><DerivedField name=\"c2\" optype=\"continuous\" dataType=\"double\">"
        "<NormDiscrete field=\"y\" value=\"a\"/></DerivedField></CenterFields>"
        "<Cluster><Array type=\"real\">0.25 0.5</Array></Cluster>"));
    score_cells(&s, "5", "a");
    assert_near(out_number(&s, 1), 3 * 0.0625 + 0.25);
    scorer_free(&s);
}

/* ---- Every measure against its formula ---- */

enum { POINTS = 700, DIMENSIONS = 5 };

static double random_number(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 40) / (1 << 22) - 2;
}

static const struct {
    const char *text;
    double inner, outer; /* powers; 0: the maximum */
} measures[] = {{"<euclidean/>", 2, 2},
                {"<squaredEuclidean/>", 2, 1},
                {"<chebychev/>", 1, 0},
                {"<cityBlock/>", 1, 1},
                {"<minkowski p-parameter=\"3\"/>", 3, 3},
                {"<minkowski p-parameter=\"1.5\"/>", 1.5, 1.5}};

static double plain_distance(size_t m, const double *weights, const double *row, const double *point) {
    double sum = 0, present = 0;
    for (int f = 0; f < DIMENSIONS; f++) {
        if (isnan(row[f])) continue;
        double part = weights[f] * pow(fabs(row[f] - point[f]), measures[m].inner);
        sum = measures[m].outer == 0 ? fmax(sum, part) : sum + part;
        present++;
    }
    sum *= DIMENSIONS / present;
    return measures[m].outer == 0 ? sum : pow(sum, 1 / measures[m].outer);
}

static void write_model(char *at, size_t m, const double *weights, double points[][DIMENSIONS]) {
    at += sprintf(at, XML_HEAD "<DataDictionary>");
    for (int f = 0; f < DIMENSIONS; f++)
        at += sprintf(at, "<DataField name=\"f%d\" optype=\"continuous\" dataType=\"double\"/>", f);
    at += sprintf(at, "</DataDictionary><ClusteringModel functionName=\"clustering\" "
                      "modelClass=\"centerBased\" numberOfClusters=\"1\"><MiningSchema>");
    for (int f = 0; f < DIMENSIONS; f++) at += sprintf(at, "<MiningField name=\"f%d\"/>", f);
    at += sprintf(
        at,
        "</MiningSchema><Output>" OUTPUT("a", "affinity", "") OUTPUT("b", "affinity", "rank=\"9\"")
            OUTPUT("c", "affinity", "value=\"600\"") "</Output><ComparisonMeasure kind=\"distance\">%s"
                                                     "</ComparisonMeasure>",
        measures[m].text);
    for (int f = 0; f < DIMENSIONS; f++)
        at += sprintf(at, "<ClusteringField field=\"f%d\" fieldWeight=\"%.17g\"/>", f, weights[f]);
    for (int p = 0; p < POINTS; p++) {
        at += sprintf(at, "<Cluster><Array type=\"real\">");
        for (int f = 0; f < DIMENSIONS; f++) at += sprintf(at, "%.17g ", points[p][f]);
        at += sprintf(at, "</Array></Cluster>");
    }
    sprintf(at, "</ClusteringModel>" XML_TAIL);
}

static int by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check_row(scorer *s, size_t m, const double *weights, double points[][DIMENSIONS],
                      const double *row) {
    double distances[POINTS];
    char cells[DIMENSIONS][32], label[16];
    uint32_t best = 0;
    for (int f = 0; f < DIMENSIONS; f++) {
        snprintf(cells[f], sizeof cells[f], "%.17g", row[f]);
        set_cell(s, 0, (uint32_t)f, isnan(row[f]) ? NULL : cells[f]);
    }
    mr_scratch_reset(s->scratch);
    assert_int_equal(mr_score_all(s->binding, s->in, s->out, &s->result, s->scratch, NULL), MR_OK);
    for (uint32_t p = 0; p < POINTS; p++) {
        distances[p] = plain_distance(m, weights, row, points[p]);
        if (distances[p] < distances[best]) best = p;
    }
    snprintf(label, sizeof label, "%u", best + 1);
    assert_text(s, 0, label);
    assert_near(out_number(s, 3), distances[599]);
    qsort(distances, POINTS, sizeof distances[0], by_number);
    assert_near(out_number(s, 1), distances[0]);
    assert_near(out_number(s, 2), distances[8]);
}

static void measures_follow_their_formulas(void **state) {
    (void)state;
    static char xml[1 << 18];
    static double points[POINTS][DIMENSIONS];
    uint64_t seed = 7;
    for (size_t m = 0; m < 2 * sizeof measures / sizeof measures[0]; m++) {
        double weights[DIMENSIONS], row[DIMENSIONS];
        for (int f = 0; f < DIMENSIONS; f++) weights[f] = m % 2 ? 2.5 + random_number(&seed) : 1;
        for (int p = 0; p < POINTS; p++)
            for (int f = 0; f < DIMENSIONS; f++) points[p][f] = random_number(&seed);
        write_model(xml, m / 2, weights, points);
        scorer s = scorer_must(xml);
        for (int r = 0; r < 40; r++) {
            for (int f = 0; f < DIMENSIONS; f++)
                row[f] = r >= 20 && random_number(&seed) > 1 ? (double)NAN : random_number(&seed);
            if (!isnan(row[0]) || r < 20) check_row(&s, m / 2, weights, points, row);
        }
        scorer_free(&s);
    }
}

/* The kernels of this machine and those of every machine. */
static void kernels_give_the_same_bits(void **state) {
    (void)state;
    enum { BLOCKS = 9, FIELDS_COUNT = 7 };
    static double points[BLOCKS * FIELDS_COUNT * MR_LANES], fast[BLOCKS * MR_LANES], plain[BLOCKS * MR_LANES];
    double values[FIELDS_COUNT], weights[FIELDS_COUNT];
    uint64_t seed = 3;
    mr_compared_field fields[FIELDS_COUNT] = {{.compare = COMPARE_ABS_DIFF}};
    static const mr_metric metrics[] = {METRIC_EUCLIDEAN, METRIC_CITY_BLOCK, METRIC_CHEBYCHEV};
    for (int round = 0; round < 600; round++) {
        mr_comparison c = {.metric = metrics[round % 3],
                           .field_count = 1 + (uint32_t)round % FIELDS_COUNT,
                           .fields = fields,
                           .point_count = BLOCKS * MR_LANES};
        bool weighted = round % 2;
        for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
            points[i] = random_number(&seed) * pow(10, round % 7 * 30 - 90);
        for (int f = 0; f < FIELDS_COUNT; f++) {
            values[f] = f == 3 && round % 11 == 0 ? (double)INFINITY : random_number(&seed);
            weights[f] = 2 + random_number(&seed);
        }
        mr_comparison_choose(&c, weighted, true, false)(&c, values, weights, points, BLOCKS, fast);
        mr_comparison_choose(&c, weighted, true, true)(&c, values, weights, points, BLOCKS, plain);
        assert_memory_equal(fast, plain, sizeof fast);
    }
}

/* A difference whose square is infinite, in a field that has no weight in this row. */
static void no_weight_is_no_distance(void **state) {
    (void)state;
    scorer s = scorer_must(
        CLUSTERING(NUMBER("x") NUMBER("y"), SCHEMA(""), OUTPUT("near", "affinity", ""), SQUARED,
                   "<ClusteringField field=\"x\"/><ClusteringField field=\"y\" fieldWeight=\"0\"/>"
                   "<Cluster id=\"a\"><Array type=\"real\">1 1e200</Array></Cluster>"
                   "<Cluster id=\"b\"><Array type=\"real\">2 0</Array></Cluster>"));
    score_cells(&s, "1", "0");
    assert_text(&s, 0, "a");
    assert_near(out_number(&s, 1), 0);
    score_cells(&s, "1", NULL);
    assert_text(&s, 0, "a");
    assert_near(out_number(&s, 1), 0);
    scorer_free(&s);
}

/* ---- In a MiningModel ---- */

#define SEGMENT(more, first, second)                                                                         \
    "<Segment " more "><True/><ClusteringModel functionName=\"clustering\" modelClass=\"centerBased\" "      \
    "numberOfClusters=\"2\"><MiningSchema><MiningField name=\"x\"/></MiningSchema>"                          \
    "<ComparisonMeasure " SQUARED "</ComparisonMeasure><ClusteringField field=\"x\"/><Cluster id=\"low\">"   \
    "<Array type=\"real\">" first "</Array></Cluster><Cluster id=\"high\"><Array type=\"real\">" second      \
    "</Array></Cluster></ClusteringModel></Segment>"

static void ensembles_vote(void **state) {
    (void)state;
    scorer s = scorer_must(XML_HEAD "<DataDictionary>" NUMBER(
        "x") "</DataDictionary><MiningModel functionName=\"clustering\">"
             "<MiningSchema><MiningField name=\"x\"/></MiningSchema>"
             "<Output>" OUTPUT("c", "predictedValue",
                               STRING) "</Output>"
                                       "<Segmentation multipleModelMethod=\"majorityVote\">" SEGMENT(
                                           "", "0", "2") SEGMENT("", "0", "4")
                                           SEGMENT("", "0", "8") "</Segmentation></MiningModel>" XML_TAIL);
    score_cells(&s, "1.5");
    assert_text(&s, 0, "low");
    score_cells(&s, "3");
    assert_text(&s, 1, "high");
    scorer_free(&s);
}

/* ---- Refusals ---- */

static void refusals(void **state) {
    (void)state;
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", "kind=\"similarity\"><euclidean/>", COMPARED CLUSTERS),
                   MR_UNSUPPORTED, "test:5", "which is a distance");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", "><euclidean/>", COMPARED CLUSTERS), MR_INVALID_MODEL,
                   "test:5", "\"kind\"");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", "kind=\"distance\">", COMPARED CLUSTERS),
                   MR_INVALID_MODEL, "test:5", "one measure");
    assert_refused(
        CLUSTERING(FIELDS, SCHEMA(Z), "", "kind=\"distance\"><euclidean/><jaccard/>", COMPARED CLUSTERS),
        MR_INVALID_MODEL, "test:5", "one measure");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", "kind=\"distance\"><minkowski p-parameter=\"0\"/>",
                              COMPARED CLUSTERS),
                   MR_INVALID_MODEL, "test:5", "p-parameter");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", "kind=\"similarity\"><jaccard/>", COMPARED CLUSTERS),
                   MR_INVALID_MODEL, "test", "neither 0 nor 1");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", EUCLIDEAN,
                              COMPARED "<Cluster><Array type=\"real\">1 2</Array></Cluster>"),
                   MR_INVALID_MODEL, "test:5", "not 3");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", EUCLIDEAN, COMPARED "<Cluster/>"), MR_INVALID_MODEL,
                   "test:5", "<Array>");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", EUCLIDEAN, COMPARED), MR_INVALID_MODEL, "test",
                   "clusters");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", EUCLIDEAN, CLUSTERS), MR_INVALID_MODEL, "test",
                   "fields");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", EUCLIDEAN,
                              COMPARED WEIGHTS "<MissingValueWeights/>" CLUSTERS
                                               "<Cluster><Array>1 x 3</Array></Cluster>"),
                   MR_INVALID_MODEL, "test:6", "not a number");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", EUCLIDEAN,
                              "<ClusteringField field=\"x\" compareFunction=\"gaussSim\"/>" CLUSTERS),
                   MR_INVALID_MODEL, "test:5", "similarityScale");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", EUCLIDEAN,
                              "<ClusteringField field=\"x\" compareFunction=\"table\"/>" CLUSTERS),
                   MR_INVALID_MODEL, "test:5", "<Matrix>");
    assert_refused(CLUSTERING(COLORS(NUMBER("y")), SCHEMA(""), "", EUCLIDEAN,
                              TABLE("<Matrix kind=\"any\"><Array type=\"real\">1 2 3</Array></Matrix>")
                                  COLORED),
                   MR_INVALID_MODEL, "test:5", "3 rows");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), "", EUCLIDEAN,
                              "<ClusteringField field=\"x\" fieldWeight=\"-1\"/>" CLUSTERS),
                   MR_INVALID_MODEL, "test:5", "fieldWeight");
    assert_refused(
        CLUSTERING(FIELDS, SCHEMA(Z), OUTPUT("a", "affinity", "value=\"D\""), EUCLIDEAN, COMPARED CLUSTERS),
        MR_INVALID_MODEL, "test:4", "\"D\"");
    assert_refused(
        CLUSTERING(FIELDS, SCHEMA(Z), OUTPUT("a", "entityId", "rank=\"0\""), EUCLIDEAN, COMPARED CLUSTERS),
        MR_UNSUPPORTED, "test:4", "rank");
    assert_refused(CLUSTERING(FIELDS, SCHEMA(Z), OUTPUT("a", "entityId", "dataType=\"integer\""), EUCLIDEAN,
                              COMPARED CLUSTERS),
                   MR_INVALID_MODEL, "test:4", "integer");
    assert_refused(XML_HEAD "<DataDictionary>" FIELDS "</DataDictionary><ClusteringModel "
                            "functionName=\"clustering\" modelClass=\"distributionBased\" "
                            "numberOfClusters=\"2\">" SCHEMA(Z) "</ClusteringModel>" XML_TAIL,
                   MR_UNSUPPORTED, "test:4", "distributionBased");
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    assert_survives(CLUSTERING(FIELDS, SCHEMA(Z), OUTPUTS, EUCLIDEAN, COMPARED WEIGHTS CLUSTERS),
                    (const char *const[]){"1", NULL, "3"});
    assert_survives(CLUSTERING(COLORS(NUMBER("y")), SCHEMA(""), "", CITY, TABLE(SYMMETRIC) COLORED),
                    (const char *const[]){"red", "3"});
    assert_survives(BINARY("<jaccard/>"), (const char *const[]){"0", "1", "1"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_and_outputs),
        cmocka_unit_test(weights_and_functions),
        cmocka_unit_test(tables),
        cmocka_unit_test(binary_similarities),
        cmocka_unit_test(center_fields),
        cmocka_unit_test(measures_follow_their_formulas),
        cmocka_unit_test(kernels_give_the_same_bits),
        cmocka_unit_test(no_weight_is_no_distance),
        cmocka_unit_test(ensembles_vote),
        cmocka_unit_test(refusals),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
