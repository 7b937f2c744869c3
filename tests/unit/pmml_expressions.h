/* One expression over one record: what the tests of expressions share.
 *
 * The fields: x and y doubles, i and j integers, s and t strings without declared values, b a boolean, c an
 * ordinal field of low < middle < high. */
#ifndef PMML_EXPRESSIONS_H
#define PMML_EXPRESSIONS_H

#include <math.h>
#include <stdio.h>

#include "pmml_helper.h"

#define TEST_FIELD(name, optype, type)                                                                       \
    "<DataField name=\"" name "\" optype=\"" optype "\" dataType=\"" type "\"/>"
#define TEST_HEAD                                                                                            \
    XML_HEAD "<DataDictionary>" TEST_FIELD("x", "continuous", "double") TEST_FIELD(                          \
        "y", "continuous", "double") TEST_FIELD("i", "continuous", "integer") TEST_FIELD("j", "continuous",  \
                                                                                         "integer")          \
        TEST_FIELD("s", "categorical", "string") TEST_FIELD("t", "categorical", "string") TEST_FIELD(        \
            "b", "categorical",                                                                              \
            "boolean") "<DataField name=\"c\" optype=\"ordinal\" dataType=\"string\"><Value value=\"low\"/>" \
                       "<Value value=\"middle\"/><Value value=\"high\"/></DataField></DataDictionary>"
#define TEST_MODEL                                                                                           \
    "<RegressionModel functionName=\"regression\"><MiningSchema><MiningField name=\"x\"/>"                   \
    "<MiningField name=\"y\"/><MiningField name=\"i\"/><MiningField name=\"j\"/><MiningField name=\"s\"/>"   \
    "<MiningField name=\"t\"/><MiningField name=\"b\"/><MiningField name=\"c\"/></MiningSchema>"

/* A model whose output "r" is the expression. `extra` stands in the TransformationDictionary. */
static inline const char *expression_model(const char *type, const char *optype, const char *extra,
                                           const char *expression) {
    static char xml[65536];
    int size = snprintf(xml, sizeof xml,
                        TEST_HEAD "<TransformationDictionary>%s<DerivedField name=\"d\" optype=\"%s\" "
                                  "dataType=\"%s\">%s</DerivedField></TransformationDictionary>" TEST_MODEL
                                  "<Output><OutputField name=\"r\" feature=\"transformedValue\" "
                                  "optype=\"%s\" dataType=\"%s\"><FieldRef field=\"d\"/></OutputField>"
                                  "</Output><RegressionTable intercept=\"0\"/></RegressionModel>" XML_TAIL,
                        extra, optype, type, expression, optype, type);
    assert_true(size > 0 && (size_t)size < sizeof xml);
    return xml;
}

typedef struct test_record {
    const char *x, *y, *i, *j, *s, *t, *b, *c;
} test_record;

static inline const char *optype_of(const char *type) {
    if (strncmp(type, "date", 4) == 0 || strncmp(type, "time", 4) == 0) return "ordinal";
    return strcmp(type, "string") == 0 || strcmp(type, "boolean") == 0 ? "categorical" : "continuous";
}

/* The output as text in `text`; "missing", or "invalid" when the row has no result. */
static inline void evaluate_in(const char *type, const char *extra, const char *expression,
                               const test_record *record, char text[256]) {
    const char *xml = expression_model(type, optype_of(type), extra, expression);
    scorer s;
    mr_error error = {0};
    mr_status status = scorer_open(&s, xml, 1, &error);
    if (status != MR_OK) fail_msg("%s: %s: %s", expression, error.where, error.message);
    status = score_cells(&s, record->x, record->y, record->i, record->j, record->s, record->t, record->b,
                         record->c);
    if (status != MR_OK) {
        snprintf(text, 256, "invalid");
    } else if (!out_present(&s, 1)) {
        snprintf(text, 256, "missing");
    } else if (s.out->columns[1].type == MR_TYPE_STRING) {
        const mr_text *cell = mr_cell(&s.out->columns[1], 0);
        snprintf(text, 256, "%.*s", (int)cell->size, cell->data);
    } else if (s.out->columns[1].type == MR_TYPE_BOOLEAN) {
        snprintf(text, 256, "%s", out_number(&s, 1) != 0 ? "true" : "false");
    } else {
        snprintf(text, 256, "%.17g", out_number(&s, 1));
    }
    scorer_free(&s);
}

/* Numbers agree within 1e-12 of their size. */
static inline void check_expression(const char *type, const char *extra, const char *expression,
                                    const test_record *record, const char *expected) {
    char text[256];
    evaluate_in(type, extra, expression, record, text);
    double number, wanted;
    if (mr_parse_double(text, strlen(text), &number) &&
        mr_parse_double(expected, strlen(expected), &wanted) &&
        (number == wanted || fabs(number - wanted) <= 1e-12 * fabs(wanted)))
        return;
    if (strcmp(text, expected) != 0) fail_msg("%s: %s, not %s", expression, text, expected);
}

static inline void refuse_expression(const char *type, const char *extra, const char *expression,
                                     mr_status status, const char *what) {
    assert_refused(expression_model(type, optype_of(type), extra, expression), status, "test:", what);
}

#define REF(name)                  "<FieldRef field=\"" name "\"/>"
#define CONSTANT(type, value)      "<Constant dataType=\"" type "\">" value "</Constant>"
#define APPLY(function, arguments) "<Apply function=\"" function "\">" arguments "</Apply>"

#endif
