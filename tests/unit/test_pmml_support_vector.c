/* Support vector machines: kernels, both representations, every decision; expected values by hand. */
#include "pmml_helper.h"

#include <stdio.h>

#include <math.h>

#include "pmml/vector/support_vector.h"

#define DICTIONARY                                                                                           \
    "<DataDictionary><DataField name=\"x\" optype=\"continuous\" dataType=\"double\"/>"                      \
    "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/>"                                     \
    "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/>"                                      \
    "<DataField name=\"k\" optype=\"categorical\" dataType=\"string\"><Value value=\"n\"/>"                  \
    "<Value value=\"p\"/></DataField></DataDictionary>"
#define MODEL(function, target, attributes, inside)                                                          \
    XML_HEAD DICTIONARY "<SupportVectorMachineModel functionName=\"" function "\" " attributes               \
                        "><MiningSchema><MiningField name=\"x\"/><MiningField name=\"c\"/>"                  \
                        "<MiningField name=\"" target "\" usageType=\"target\"/></MiningSchema>" inside      \
                        "</SupportVectorMachineModel>" XML_TAIL
/* The inputs are x and whether c is "a"; the vectors (1, 0), (0, 1), (2, 1). */
#define VECTORS                                                                                              \
    "<VectorDictionary><VectorFields><FieldRef field=\"x\"/>"                                                \
    "<CategoricalPredictor name=\"c\" value=\"a\" coefficient=\"1\"/></VectorFields>"                        \
    "<VectorInstance id=\"u\"><REAL-SparseArray n=\"2\"><Indices>1</Indices><REAL-Entries>1</REAL-Entries>"  \
    "</REAL-SparseArray></VectorInstance>"                                                                   \
    "<VectorInstance id=\"v\"><Array n=\"2\" type=\"real\">0 1</Array></VectorInstance>"                     \
    "<VectorInstance id=\"w\"><REAL-SparseArray n=\"2\" defaultValue=\"1\"><Indices>1</Indices>"             \
    "<REAL-Entries>2.0</REAL-Entries></REAL-SparseArray></VectorInstance></VectorDictionary>"
#define MACHINE(attributes, vectors, constant, coefficients)                                                 \
    "<SupportVectorMachine " attributes "><SupportVectors>" vectors "</SupportVectors><Coefficients "        \
    "absoluteValue=\"" constant "\">" coefficients "</Coefficients></SupportVectorMachine>"
#define V(id)    "<SupportVector vectorId=\"" id "\"/>"
#define C(value) "<Coefficient value=\"" value "\"/>"
#define ALL      MACHINE("", V("w") V("u") V("v"), "0.5", C("2") C("-1") C("3"))

static void kernels(void **state) {
    (void)state;
    /* x = 3, c = "a": products with w, u, v are 7, 3, 1; squared distances 1, 5, 9 */
    static const struct {
        const char *kernel;
        double w, u, v;
    } cases[] = {
        {"<LinearKernelType/>", 7, 3, 1},
        {"<PolynomialKernelType gamma=\"2\" coef0=\"0.5\" degree=\"3\"/>", 14.5 * 14.5 * 14.5,
         6.5 * 6.5 * 6.5, 2.5 * 2.5 * 2.5},
        {"<PolynomialKernelType degree=\"2.5\"/>", 181.01933598375618, 32, 5.656854249492381},
        {"<RadialBasisKernelType gamma=\"0.5\"/>", 0.6065306597126334, 0.0820849986238988,
         0.011108996538242306},
        {"<SigmoidKernelType gamma=\"0.1\" coef0=\"0\"/>", 0.6043677771171636, 0.2913126124515909,
         0.09966799462495582},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char xml[8192];
        snprintf(xml, sizeof xml, MODEL("regression", "y", "", "%s" VECTORS ALL), cases[i].kernel);
        scorer s = scorer_must(xml);
        assert_int_equal(score_cells(&s, "3", "a"), MR_OK);
        assert_near(out_number(&s, 0), 2 * cases[i].w - cases[i].u + 3 * cases[i].v + 0.5);
        score_cells(&s, NULL, "a");
        assert_false(out_present(&s, 0));
        score_cells(&s, "3", NULL);
        assert_false(out_present(&s, 0));
        scorer_free(&s);
    }
}

static void hyperplane(void **state) {
    (void)state;
    scorer s = scorer_must(MODEL(
        "regression", "y", "svmRepresentation=\"Coefficients\"",
        "<LinearKernelType/><VectorDictionary><VectorFields><FieldRef field=\"x\" mapMissingTo=\"4\"/>"
        "<CategoricalPredictor name=\"c\" value=\"a\"/></VectorFields></VectorDictionary>"
        "<SupportVectorMachine><Coefficients absoluteValue=\"1\">" C("2") C("10") "</Coefficients>"
                                                                                  "</SupportVectorMachine>"));
    score_cells(&s, "3", "a");
    assert_near(out_number(&s, 0), 17);
    score_cells(&s, NULL, "b");
    assert_near(out_number(&s, 0), 9);
    scorer_free(&s);
}

#define CLASSES(attributes, machines)                                                                        \
    MODEL("classification", "k", attributes, "<LinearKernelType/>" VECTORS machines)
/* values: x - 1, 2 - x, 0 */
#define THREE(a, b, c)                                                                                       \
    MACHINE(a, V("u"), "-1", C("1")) MACHINE(b, V("u"), "2", C("-1")) MACHINE(c, V("u"), "0", C("0"))
#define OF(target)          "targetCategory=\"" target "\""
#define PAIR(target, other) OF(target) " alternateTargetCategory=\"" other "\""
#define PROBABILITY(value)  "<OutputField name=\"" value "\" feature=\"probability\" value=\"" value "\"/>"

static void against_all(void **state) {
    (void)state;
    scorer s = scorer_must(CLASSES("", THREE(OF("a"), OF("b"), OF("c"))));
    score_cells(&s, "0.5", "a"); /* -0.5, 1.5, 0 */
    assert_text(&s, 0, "a");
    score_cells(&s, "3", "a"); /* 2, -1, 0 */
    assert_text(&s, 0, "b");
    score_cells(&s, "1", "a"); /* 0, 1, 0: the first */
    assert_text(&s, 0, "a");
    scorer_free(&s);
    s = scorer_must(
        CLASSES("maxWins=\"true\" classificationMethod=\"OneAgainstAll\"", THREE(OF("a"), OF("b"), OF("c"))));
    score_cells(&s, "0.5", "a");
    assert_text(&s, 0, "b");
    score_cells(&s, "3", "a");
    assert_text(&s, 0, "a");
    scorer_free(&s);
}

static void against_one(void **state) {
    (void)state;
    const char *pairs = CLASSES(
        "threshold=\"0.25\"", "<Output>" PROBABILITY("a") PROBABILITY("b") PROBABILITY("z") "</Output>" THREE(
                                  PAIR("a", "b"), PAIR("a", "c"), PAIR("b", "c") " threshold=\"-1\""));
    scorer s = scorer_must(pairs);
    score_cells(&s, "0.5", "a"); /* -0.5: a; 1.5: c; 0 is not below -1: c */
    assert_text(&s, 0, "c");
    assert_near(out_number(&s, 1), 1.0 / 3);
    assert_near(out_number(&s, 2), 0);
    assert_near(out_number(&s, 3), 0);
    score_cells(&s, "3", "a"); /* 2: b; -1: a; c: a tie, the first class */
    assert_text(&s, 0, "a");
    scorer_free(&s);
    s = scorer_must(CLASSES("threshold=\"0.25\"",
                            THREE(PAIR("q", "p"), PAIR("n", "q"), PAIR("p", "q") " threshold=\"-1\"")));
    score_cells(&s, "3", "a"); /* p, n, q: a tie, the first value of the target */
    assert_text(&s, 0, "n");
    scorer_free(&s);
    s = scorer_must(CLASSES("maxWins=\"1\" classificationMethod=\"OneAgainstOne\"",
                            THREE(PAIR("a", "b"), PAIR("a", "c"), PAIR("b", "c"))));
    score_cells(&s, "0.5", "a"); /* -0.5: b; 1.5: a; 0 is not above 0: c */
    assert_text(&s, 0, "a");
    score_cells(&s, "3", "a"); /* 2: a; -1: c; c */
    assert_text(&s, 0, "c");
    scorer_free(&s);
}

static void two_classes(void **state) {
    (void)state;
    scorer s = scorer_must(CLASSES("", MACHINE(OF("p"), V("u"), "-1", C("1"))));
    score_cells(&s, "0.5", "a"); /* below 0: its own category, else the target's other one */
    assert_text(&s, 0, "p");
    score_cells(&s, "1", "a");
    assert_text(&s, 0, "n");
    scorer_free(&s);
    s = scorer_must(CLASSES("alternateBinaryTargetCategory=\"n\"", MACHINE(OF("p"), V("u"), "0", C("1"))));
    score_cells(&s, "0.6", "a");
    assert_text(&s, 0, "p");
    score_cells(&s, "0.4", "a");
    assert_text(&s, 0, "n");
    assert_int_equal(score_cells(&s, "1.6", "a"), MR_INVALID_VALUE);
    assert_non_null(strstr(s.result.message, "between 0 and 1"));
    scorer_free(&s);
}

static void refusals(void **state) {
    (void)state;
    assert_refused(MODEL("regression", "y", "", VECTORS ALL), MR_INVALID_MODEL, "test:", "kernel");
    assert_refused(MODEL("regression", "y", "", "<LinearKernelType/>" VECTORS ALL ALL), MR_INVALID_MODEL,
                   "test:", "2 machines");
    assert_refused(
        MODEL("regression", "y", "", "<LinearKernelType/>" VECTORS MACHINE("", V("q"), "0", C("1"))),
        MR_INVALID_MODEL, "test:", "\"q\"");
    assert_refused(
        MODEL("regression", "y", "", "<LinearKernelType/>" VECTORS MACHINE("", V("u"), "0", C("1") C("2"))),
        MR_INVALID_MODEL, "test:", "1 support vectors with 2 coefficients");
    assert_refused(
        MODEL("regression", "y", "svmRepresentation=\"Coefficients\"", "<SigmoidKernelType/>" VECTORS ALL),
        MR_INVALID_MODEL, "test:", "LinearKernelType");
    assert_refused(MODEL("regression", "y", "", "<RadialBasisKernelType gamma=\"-1\"/>" VECTORS ALL),
                   MR_INVALID_MODEL, "test:", "negative");
    assert_refused(CLASSES("", MACHINE("", V("u"), "0", C("1"))), MR_INVALID_MODEL,
                   "test:", "targetCategory");
    assert_refused(CLASSES("classificationMethod=\"OneAgainstAll\"",
                           THREE(PAIR("a", "b"), PAIR("a", "c"), PAIR("b", "c"))),
                   MR_UNSUPPORTED, "test:", "alternateTargetCategory");
    assert_refused(CLASSES("classificationMethod=\"OneAgainstOne\"", THREE(PAIR("a", "b"), OF("a"), OF("b"))),
                   MR_INVALID_MODEL, "test:", "alternateTargetCategory");
#define ONE_VECTOR(array)                                                                                    \
    MODEL("regression", "y", "",                                                                             \
          "<LinearKernelType/><VectorDictionary><VectorFields><FieldRef field=\"x\"/></VectorFields>"        \
          "<VectorInstance id=\"u\">" array                                                                  \
          "</VectorInstance></VectorDictionary>" MACHINE("", V("u"), "0", C("1")))
    assert_refused(ONE_VECTOR("<Array n=\"2\" type=\"real\">1 2</Array>"), MR_INVALID_MODEL,
                   "test:", "2 numbers, not 1");
    assert_refused(ONE_VECTOR("<REAL-SparseArray n=\"1\"><Indices>2</Indices><REAL-Entries>1</REAL-Entries>"
                              "</REAL-SparseArray>"),
                   MR_INVALID_MODEL, "test:", "index 2");
    assert_refused(ONE_VECTOR("<REAL-SparseArray n=\"1\"><Indices>1</Indices><REAL-Entries/>"
                              "</REAL-SparseArray>"),
                   MR_INVALID_MODEL, "test:", "differ");
    assert_refused(ONE_VECTOR("<Array n=\"1\" type=\"real\">one</Array>"), MR_INVALID_MODEL,
                   "test:", "\"one\"");
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    assert_survives(CLASSES("", THREE(PAIR("a", "b"), PAIR("a", "c"), PAIR("b", "c"))),
                    (const char *const[]){"0.5", "a"});
}

/* One vector per value of the exponent, and every way to compute it. */
static void the_radial_kernel_is_exact(void **state) {
    (void)state;
    enum { BLOCKS = 400, COUNT = BLOCKS * MR_VECTOR_LANES };
    static double vectors[COUNT], base[COUNT], wide[COUNT];
    const mr_kernel kernel = {.type = KERNEL_RADIAL_BASIS, .gamma = 0.5};
    const double input = 0;
    for (int i = 0; i < COUNT; i++) vectors[i] = i < COUNT / 2 ? i * 1e-4 : (i - COUNT / 2) * 0.0118;
    vectors[0] = INFINITY;
    vectors[1] = NAN;
    mr_vector_pass_for(KERNEL_RADIAL_BASIS, false)(&kernel, &input, 1, vectors, BLOCKS, base);
    if (mr_vector_avx2()) {
        mr_vector_pass_for(KERNEL_RADIAL_BASIS, true)(&kernel, &input, 1, vectors, BLOCKS, wide);
        assert_memory_equal(base, wide, sizeof base);
    }
    for (int i = 0; i < COUNT; i++) {
        double expected = exp(-0.5 * (vectors[i] * vectors[i]));
        if (isnan(expected)) assert_true(isnan(base[i]));
        else assert_true(fabs(base[i] - expected) <= 6e-16 * expected + 4e-308);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels),
        cmocka_unit_test(hyperplane),
        cmocka_unit_test(against_all),
        cmocka_unit_test(against_one),
        cmocka_unit_test(two_classes),
        cmocka_unit_test(refusals),
        cmocka_unit_test(the_radial_kernel_is_exact),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
