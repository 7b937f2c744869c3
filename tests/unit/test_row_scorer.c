/* One row at a time: every kind of value into every type of input, outputs, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "millrace/model.h"

/* y = x + i + f + b, and 10 for red, 20 for blue. */
static const char pmml[] =
    "<PMML version=\"4.4\"><DataDictionary>"
    "<DataField name=\"the x\" optype=\"continuous\" dataType=\"double\"/>"
    "<DataField name=\"i\" optype=\"continuous\" dataType=\"integer\"/>"
    "<DataField name=\"f\" optype=\"continuous\" dataType=\"float\"/>"
    "<DataField name=\"b\" optype=\"categorical\" dataType=\"boolean\"/>"
    "<DataField name=\"color\" optype=\"categorical\" dataType=\"string\"><Value value=\"red\"/><Value "
    "value=\"blue\"/>"
    "</DataField>"
    "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/></DataDictionary>"
    "<RegressionModel functionName=\"regression\"><MiningSchema><MiningField name=\"the x\"/><MiningField "
    "name=\"i\"/>"
    "<MiningField name=\"f\"/><MiningField name=\"b\"/><MiningField name=\"color\"/>"
    "<MiningField name=\"y\" usageType=\"target\"/></MiningSchema>"
    "<Output><OutputField name=\"c\" feature=\"transformedValue\" optype=\"categorical\" dataType=\"string\">"
    "<FieldRef field=\"color\"/></OutputField></Output>"
    "<RegressionTable intercept=\"0\">"
    "<NumericPredictor name=\"the x\" coefficient=\"1\"/><NumericPredictor name=\"i\" coefficient=\"1\"/>"
    "<NumericPredictor name=\"f\" coefficient=\"1\"/>"
    "<CategoricalPredictor name=\"b\" value=\"true\" coefficient=\"1\"/>"
    "<CategoricalPredictor name=\"color\" value=\"red\" coefficient=\"10\"/>"
    "<CategoricalPredictor name=\"color\" value=\"blue\" coefficient=\"20\"/>"
    "</RegressionTable></RegressionModel></PMML>";

enum { X, I, F, B, COLOR, INPUTS };
static mr_row_scorer *scorer;
static mr_value inputs[INPUTS], outputs[2];
static mr_error error;

static int open_scorer(void **state) {
    (void)state;
    mr_model *model;
    assert_int_equal(mr_model_load(pmml, sizeof pmml - 1, NULL, "test", NULL, &model, &error), MR_OK);
    assert_int_equal(mr_row_scorer_new(model, &scorer, &error), MR_OK);
    mr_model_release(model); /* the scorer holds it */
    for (int i = 0; i < INPUTS; i++) inputs[i] = mr_number(0);
    inputs[COLOR] = mr_string("red");
    return 0;
}

static int close_scorer(void **state) {
    (void)state;
    mr_row_scorer_free(scorer);
    return 0;
}

static double score(void) {
    assert_int_equal(mr_row_scorer_score(scorer, inputs, outputs, &error), MR_OK);
    assert_false(outputs[0].missing);
    assert_int_equal(outputs[0].type, MR_TYPE_DOUBLE);
    return outputs[0].as.number;
}

/* The row is refused, and the message names the input. */
static void refuses(int input, mr_value value, const char *name) {
    mr_value kept = inputs[input];
    inputs[input] = value;
    assert_int_equal(mr_row_scorer_score(scorer, inputs, outputs, &error), MR_INVALID_VALUE);
    assert_non_null(strstr(error.message, name));
    assert_int_equal(mr_row_scorer_score(scorer, inputs, outputs, NULL), MR_INVALID_VALUE);
    inputs[input] = kept;
}

static mr_value integer(int64_t number) {
    return (mr_value){.type = MR_TYPE_INTEGER, .as.integer = number};
}

static mr_value boolean(bool truth) {
    return (mr_value){.type = MR_TYPE_BOOLEAN, .as.boolean = truth};
}

static void names_are_found(void **state) {
    (void)state;
    assert_int_equal(mr_row_scorer_input(scorer, "the x"), X);
    assert_int_equal(mr_row_scorer_input(scorer, "The_X"), X);
    assert_int_equal(mr_row_scorer_input(scorer, "color"), COLOR);
    assert_int_equal(mr_row_scorer_input(scorer, "y"), MR_NO_FIELD);
    assert_int_equal(mr_row_scorer_output(scorer, "y"), 0);
    assert_int_equal(mr_row_scorer_output(scorer, "c"), 1);
    assert_int_equal(mr_row_scorer_output(scorer, "Y"), MR_NO_FIELD);
}

static void values_of_every_type_feed_every_input(void **state) {
    (void)state;
    inputs[X] = integer(3);
    assert_true(score() == 13);
    inputs[X] = mr_string("2.5");
    assert_true(score() == 12.5);
    inputs[X] = boolean(true);
    assert_true(score() == 11);
    inputs[I] = mr_number(4);
    assert_true(score() == 15);
    inputs[I] = mr_string("-7");
    assert_true(score() == 4);
    inputs[I] = integer(0);
    inputs[F] = mr_string("0.1");
    assert_true(score() == 11 + (double)0.1f);
    inputs[F] = integer(2);
    inputs[B] = mr_string("true");
    assert_true(score() == 14);
    inputs[B] = mr_string("false");
    assert_true(score() == 13);
    inputs[B] = integer(1);
    inputs[COLOR] = mr_string("blue");
    assert_true(score() == 24);
    assert_int_equal(outputs[1].type, MR_TYPE_STRING);
    assert_memory_equal(outputs[1].as.text.data, "blue", 4);
    assert_int_equal(outputs[1].as.text.size, 4);
}

static void missing_values_stay_missing(void **state) {
    (void)state;
    inputs[X] = mr_missing();
    assert_int_equal(mr_row_scorer_score(scorer, inputs, outputs, &error), MR_OK);
    assert_true(outputs[0].missing);
    inputs[X] = mr_number(1);
    inputs[COLOR] = mr_string(NULL);
    assert_true(score() == 1);
    assert_true(outputs[1].missing);
    inputs[COLOR] = mr_string("red");
    assert_true(score() == 11);
}

static void what_is_no_value_of_the_type_is_invalid(void **state) {
    (void)state;
    refuses(X, mr_string("many"), "the x");
    refuses(X, mr_string(""), "the x");
    refuses(I, mr_number(0.5), "\"i\"");
    refuses(I, mr_number(1e300), "\"i\"");
    refuses(I, mr_number(__builtin_nan("")), "\"i\"");
    refuses(F, mr_string("x"), "\"f\"");
    refuses(B, mr_number(2), "\"b\"");
    refuses(B, mr_string("yes"), "\"b\"");
    refuses(COLOR, mr_string("green"), "color");
    refuses(COLOR, mr_number(1), "color");
    refuses(COLOR, (mr_value){.type = MR_TYPE_LIST}, "color");
    refuses(X, (mr_value){.type = MR_TYPE_LIST}, "the x");
    assert_true(score() == 10);
}

static bool not_now(void *context) {
    return --*(int *)context != 0;
}

static void survives_without_memory(void **state) {
    (void)state;
    mr_model *model;
    assert_int_equal(mr_model_load(pmml, sizeof pmml - 1, NULL, "test", NULL, &model, &error), MR_OK);
    mr_status status = MR_NO_MEMORY;
    int n = 1;
    for (; status != MR_OK; n++) {
        int left = n;
        mr_row_scorer *made = NULL;
        mr_set_alloc_hook(not_now, &left);
        status = mr_row_scorer_new(model, &made, &error);
        if (status == MR_OK) status = mr_row_scorer_score(made, inputs, outputs, &error);
        mr_set_alloc_hook(NULL, NULL);
        mr_row_scorer_free(made);
        assert_true(status == MR_OK || status == MR_NO_MEMORY);
    }
    assert_in_range(n, 5, 1000);
    mr_model_release(model);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scorer, close_scorer)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(names_are_found),
        TEST(values_of_every_type_feed_every_input),
        TEST(missing_values_stay_missing),
        TEST(what_is_no_value_of_the_type_is_invalid),
        TEST(survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
