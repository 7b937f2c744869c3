/* Many rows at once (tiles) against row by row (the general way): the same models, the same random rows with
 * missing, invalid and extreme values, the same bits. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "pmml/distance/kernels.h"
#include "pmml/pmml_model.h"
#include "pmml/tile/tile.h"
#include "pmml_helper.h"

enum { ROWS = 200 };

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
#define TERMS(shift)                                                                                         \
    TERM("single", "1.1")                                                                                    \
    TERM("product", "-0." shift)                                                                             \
    TERM("less", "0.07")                                                                                     \
    TERM("total", "0.011")                                                                                   \
    TERM("share", "-0.03")                                                                                   \
    TERM("part", "0.2")                                                                                      \
    TERM("both", "0.3")                                                                                      \
    TERM("apart", "0.05")                                                                                    \
    TERM("line", "2")                                                                                        \
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
    TERM("single", "1.1")                                                                                    \
    TERM("product", "-0." shift)                                                                             \
    TERM("less", "0.07")                                                                                     \
    TERM("total", "0.011")                                                                                   \
    TERM("share", "-0.03")                                                                                   \
    TERM("part", "0.2")                                                                                      \
    TERM("both", "0.3")                                                                                      \
    TERM("apart", "0.05")                                                                                    \
    TERM("line", "2")                                                                                        \
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
};
/* The first are networks; single rows of the last ones, and of the first two, go by themselves. */
enum {
    MODELS = sizeof models / sizeof *models,
    NETWORKS = 3,
    PLAIN = MODELS - 3,
    TREES = PLAIN - 1,
    CHAINS = TREES - 2
};

static uint64_t seed = 88172645463325252u;
static int pick(int below) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (int)(seed % (uint64_t)below);
}

static void set_number(scorer *s, uint32_t row, uint32_t i, double number) {
    mr_column *column = &s->in->columns[i];
    void *cell = mr_cell(column, row);
    if (column->type == MR_TYPE_FLOAT) *(float *)cell = (float)number;
    else if (column->type == MR_TYPE_INTEGER) *(int64_t *)cell = (int64_t)number;
    else if (column->type == MR_TYPE_BOOLEAN) *(uint8_t *)cell = number > 0;
    else *(double *)cell = number;
    *mr_cell_state_at(column, row) = MR_CELL_PRESENT;
}

/* Ordinary rows most of the time; else holes, strings that nobody knows, and numbers from the edges. */
static void set_row(scorer *s, uint32_t row, uint32_t inputs) {
    static const char *const words[] = {"red", "green", "none", "x", "blue"};
    static const double edges[] = {
        -3, 2, -1, 2.5, 0, -0.0, 0.3, 0.81, 1e300, INFINITY, -INFINITY, NAN, 2.0000000000000004, 1, 9};
    bool odd = pick(2);
    for (uint32_t i = 0; i < inputs; i++) {
        mr_type type = s->in->columns[i].type;
        int what = odd ? pick(8) : 7;
        if (type == MR_TYPE_STRING) set_cell(s, row, i, words[pick(odd ? 5 : 2)]);
        else if (what == 2)
            set_number(s, row, i,
                       edges[pick(type == MR_TYPE_INTEGER ? 6 : (int)(sizeof edges / sizeof *edges))]);
        else set_number(s, row, i, type == MR_TYPE_INTEGER ? 1 + pick(2) : (pick(4000) - 2000) / 1000.0);
        if (what == 0) *mr_cell_state_at(&s->in->columns[i], row) = MR_CELL_MISSING;
        if (what == 1 && pick(4) == 0) *mr_cell_state_at(&s->in->columns[i], row) = MR_CELL_INVALID;
    }
}

static void score(scorer *s, mr_row_result *results, uint32_t first, uint32_t count) {
    mr_score_progress progress = {.row = first};
    s->in->row_count = first + count;
    mr_scratch_reset(s->scratch);
    while (mr_score(s->binding, s->in, s->out, results, s->scratch, &progress) == MR_MORE_MEMORY)
        assert_int_equal(mr_scratch_grow(s->scratch, progress.needed, NULL), MR_OK);
}

/* `close`: to 1e-12. */
static void assert_same_cell(const mr_column *a, const mr_column *b, uint32_t row, bool close) {
    assert_int_equal(mr_cell_present(a, row), mr_cell_present(b, row));
    if (!mr_cell_present(a, row)) return;
    if (a->type == MR_TYPE_STRING) {
        const mr_text *x = mr_cell(a, row), *y = mr_cell(b, row);
        assert_int_equal(x->size, y->size);
        assert_memory_equal(x->data, y->data, x->size);
        return;
    }
    double x = *(const double *)mr_cell(a, row), y = *(const double *)mr_cell(b, row);
    if (x != x && y != y) return;
    if (x == y || (close && fabs(x - y) <= 1e-12 * fabs(y))) return;
    print_error("row %u: %.17g, not %.17g\n", row, x, y);
    fail();
}

static void open_with(scorer *s, const char *xml, bool wide, unsigned kernels) {
    mr_error error = {0};
    mr_kernels = kernels;
    mr_status status = scorer_open_as(s, xml, ROWS, wide, &error);
    mr_kernels = ~0u;
    if (status != MR_OK) print_error("%s: %s\n", error.where, error.message);
    assert_int_equal(status, MR_OK);
}

/* Rows one by one have the same bits as in a block. */
static void assert_alone_as_together(scorer *s, const mr_row_result *together, uint32_t first,
                                     uint32_t count) {
    static mr_row_result alone[ROWS];
    for (uint32_t row = first; row < first + count; row++) {
        char before[8][sizeof(mr_text)];
        uint8_t states[8];
        mr_status status = together[row].status;
        for (uint32_t i = 0; i < s->out->column_count; i++) {
            mr_column *column = &s->out->columns[i];
            size_t size = column->type == MR_TYPE_STRING ? sizeof(mr_text) : sizeof(double);
            memcpy(before[i], mr_cell(column, row), size);
            memset(mr_cell(column, row), 0x55, size);
            states[i] = *mr_cell_state_at(column, row);
            *mr_cell_state_at(column, row) = 77;
        }
        score(s, alone, row, 1);
        assert_int_equal(alone[row].status, status);
        for (uint32_t i = 0; i < s->out->column_count && status == MR_OK; i++) {
            const mr_column *column = &s->out->columns[i];
            size_t size = column->type == MR_TYPE_STRING ? sizeof(mr_text) : sizeof(double);
            assert_int_equal(states[i], *mr_cell_state_at(column, row));
            if (states[i] == MR_CELL_PRESENT) assert_memory_equal(before[i], mr_cell(column, row), size);
        }
    }
}

/* Sums that are computed together; trees read none. */
static uint32_t sums_together(const mr_tile_plan *plan) {
    for (uint32_t i = 0; i < plan->op_count; i++)
        if (plan->ops[i].kind == TILE_SUM) return ((const mr_tile_sums *)plan->ops[i].of)->width;
    return 0;
}

static void ways_agree(void **state) {
    (void)state;
    static mr_row_result many[ROWS], each[ROWS];
    for (int model = 0; model < MODELS; model++) {
        for (int round = 0; round < 60; round++) {
            scorer tiles, general;
            bool wide = pick(2);
            uint32_t first = (uint32_t)pick(5), count = pick(3) ? 1 + (uint32_t)pick(ROWS - 5) : 1;
            open_with(&tiles, models[model], wide, pick(2) ? ~0u : ~(unsigned)MR_KERNEL_AVX2);
            open_with(&general, models[model], wide, 0);
            assert_non_null(((const mr_pmml_binding *)tiles.binding)->tiles);
            assert_null(((const mr_pmml_binding *)general.binding)->tiles);
            assert_int_equal(((const mr_pmml_binding *)tiles.binding)->tiles->alone,
                             model < 2 || model >= PLAIN);
            if (model >= NETWORKS && model != TREES && model != PLAIN && model < CHAINS)
                assert_int_equal(sums_together(((const mr_pmml_binding *)tiles.binding)->tiles), 3);
            uint32_t inputs = mr_model_get_shape(tiles.model)->input_count;
            for (uint32_t row = first; row < first + count; row++) {
                set_row(&tiles, row, inputs);
                for (uint32_t i = 0; i < inputs; i++) {
                    mr_column *from = &tiles.in->columns[i], *to = &general.in->columns[i];
                    memcpy(mr_cell(to, row), mr_cell(from, row),
                           from->type == MR_TYPE_STRING ? sizeof(mr_text) : 8);
                    *mr_cell_state_at(to, row) = *mr_cell_state_at(from, row);
                    if (from->type == MR_TYPE_STRING) {
                        mr_text *text = mr_cell(to, row);
                        text->code = mr_schema_code(general.schema, text->data, text->size);
                    }
                }
            }
            score(&tiles, many, first, count);
            score(&general, each, first, count);
            for (uint32_t row = first; row < first + count; row++) {
                assert_int_equal(many[row].status, each[row].status);
                if (each[row].message) assert_string_equal(many[row].message, each[row].message);
                if (each[row].status != MR_OK) continue;
                for (uint32_t i = 0; i < tiles.out->column_count; i++)
                    assert_same_cell(&tiles.out->columns[i], &general.out->columns[i], row, model < NETWORKS);
            }
            assert_alone_as_together(&tiles, many, first, count);
            scorer_free(&tiles);
            scorer_free(&general);
        }
    }
}

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

/* Of binding: a plan that finds no memory is an error, not a slower way, and leaves nothing behind. */
static void any_allocation_of_a_plan_may_fail(void **state) {
    (void)state;
    for (int model = 0; model < MODELS; model++) {
        scorer s;
        mr_error error = {0};
        open_with(&s, models[model], false, ~0u);
        mr_status status = MR_NO_MEMORY;
        int n = 0;
        for (; status != MR_OK; n++) {
            int left = n;
            mr_binding *binding = NULL;
            mr_set_alloc_hook(count_down, &left);
            status = mr_model_bind(s.model, s.schema, NULL, 0, &binding, &error);
            mr_set_alloc_hook(NULL, NULL);
            assert_int_equal(status == MR_OK, binding != NULL);
            if (status != MR_OK) assert_int_equal(status, MR_NO_MEMORY);
            else assert_non_null(((const mr_pmml_binding *)binding)->tiles);
            mr_binding_free(binding);
        }
        assert_true(n > 5);
        scorer_free(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(ways_agree),
                                       cmocka_unit_test(any_allocation_of_a_plan_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
