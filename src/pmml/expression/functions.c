/* Functions: arithmetic, mathematics, logic and comparison. Text is in functions_text.c, dates in
 * functions_date.c.
 *
 * Numbers are doubles; the type of a result says whether they are meant as integers. Aggregates leave
 * missing values out and are missing when nothing is left; `and` and `or` are three-valued. A result that is
 * not a number is invalid, and so is an integer from 2^53 on (expression.c).
 */
#include "pmml/expression/functions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pmml/expression/normal.h"
#include "pmml/field/ranks.h"
#include "pmml/field/values.h"

#define UNARY(name, formula)                                                                                 \
    static mr_slot call_##name(const mr_expression *e, const mr_slot *v, mr_work *work) {                    \
        (void)e, (void)work;                                                                                 \
        double x = v[0].number;                                                                              \
        return mr_number_slot(formula);                                                                      \
    }
#define BINARY(name, formula)                                                                                \
    static mr_slot call_##name(const mr_expression *e, const mr_slot *v, mr_work *work) {                    \
        (void)e, (void)work;                                                                                 \
        double x = v[0].number, y = v[1].number;                                                             \
        return mr_number_slot(formula);                                                                      \
    }
#define TERNARY(name, formula)                                                                               \
    static mr_slot call_##name(const mr_expression *e, const mr_slot *v, mr_work *work) {                    \
        (void)e, (void)work;                                                                                 \
        double x = v[0].number, y = v[1].number, z = v[2].number;                                            \
        return mr_number_slot(formula);                                                                      \
    }

BINARY(add, x + y)
BINARY(subtract, x - y)
BINARY(multiply, x *y)
BINARY(threshold, x > y ? 1 : 0)
BINARY(hypot, hypot(x, y))
BINARY(atan2, atan2(x, y))
UNARY(log10, log10(x))
UNARY(ln, log(x))
UNARY(ln1p, log1p(x))
UNARY(exp, exp(x))
UNARY(expm1, expm1(x))
UNARY(sqrt, sqrt(x))
UNARY(abs, fabs(x))
UNARY(floor, floor(x))
UNARY(ceil, ceil(x))
UNARY(rint, nearbyint(x))
UNARY(round, x - floor(x) >= 0.5 ? floor(x) + 1 : floor(x)) /* a half goes up, as in Java */
UNARY(sin, sin(x))
UNARY(cos, cos(x))
UNARY(tan, tan(x))
UNARY(asin, asin(x))
UNARY(acos, acos(x))
UNARY(atan, atan(x))
UNARY(sinh, sinh(x))
UNARY(cosh, cosh(x))
UNARY(tanh, tanh(x))
UNARY(erf, erf(x))
UNARY(std_normal_pdf, mr_normal_density(x))
UNARY(std_normal_cdf, mr_normal_probability(x))
UNARY(std_normal_idf, mr_normal_quantile(x))
TERNARY(normal_pdf, z > 0 ? mr_normal_density((x - y) / z) / z : NAN)
TERNARY(normal_cdf, z > 0 ? mr_normal_probability((x - y) / z) : NAN)
TERNARY(normal_idf, z > 0 ? y + z * mr_normal_quantile(x) : NAN)

/* Of integers the quotient is cut off, as JPMML does it. */
static mr_slot call_divide(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    double x = v[0].number, y = v[1].number;
    if (e->calculated != T_INTEGER) return mr_number_slot(x / y);
    return y == 0 ? mr_invalid_slot() : mr_number_slot((x - fmod(x, y)) / y);
}

/* The remainder has the sign of the divisor. */
static mr_slot call_modulo(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    double x = v[0].number, y = v[1].number;
    if (e->calculated != T_INTEGER) return mr_number_slot(x - floor(x / y) * y);
    double rest = fmod(x, y); /* NaN for 0 */
    return mr_number_slot(rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest);
}

static mr_slot call_pow(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    if (e->calculated == T_INTEGER && v[1].number < 0) return mr_invalid_slot();
    return mr_number_slot(pow(v[0].number, v[1].number));
}

/* ---- Values ---- */

static mr_slot call_is_missing(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e, (void)work;
    return mr_number_slot(v[0].missing != 0);
}

static mr_slot call_is_not_missing(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e, (void)work;
    return mr_number_slot(v[0].missing == 0);
}

/* Of a field that lets invalid values through, `detail` is its treatment. */
static bool is_valid(const mr_expression *e, const mr_slot *value) {
    const mr_treatment *treatment = e->detail;
    return !treatment || mr_treatment_holds(treatment, value);
}

static mr_slot call_is_valid(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    return mr_number_slot(!v[0].missing && is_valid(e, &v[0]));
}

static mr_slot call_is_not_valid(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    return mr_number_slot(!v[0].missing && !is_valid(e, &v[0]));
}

static mr_status prepare_valid(mr_builder *b, uint32_t element, mr_expression *x) {
    (void)element;
    if (x->arguments[0]->op == X_FIELD) x->detail = b->slots[x->arguments[0]->slot].treatment;
    return MR_OK;
}

/* ---- Comparison ---- */

static bool same(const mr_expression *e, const mr_slot *a, const mr_slot *b) {
    if (a->missing || b->missing) return a->missing && b->missing;
    return e->texts ? a->text == b->text : a->number == b->number;
}

static mr_slot call_equal(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    return mr_number_slot(same(e, &v[0], &v[1]));
}

static mr_slot call_not_equal(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    return mr_number_slot(!same(e, &v[0], &v[1]));
}

static mr_slot call_is_in(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    for (uint32_t i = 1; i < e->count; i++)
        if (same(e, &v[0], &v[i])) return mr_number_slot(1);
    return mr_number_slot(0);
}

static mr_slot call_is_not_in(const mr_expression *e, const mr_slot *v, mr_work *work) {
    return mr_number_slot(call_is_in(e, v, work).number == 0);
}

/* < -1, = 0, > 1; 2: there is no order. */
static int compare(const mr_expression *e, const mr_slot *v, mr_work *work) {
    if (e->detail) return mr_ranks_compare(e->detail, &v[0], &v[1]);
    if (!e->texts) return (v[0].number > v[1].number) - (v[0].number < v[1].number);
    mr_text a = mr_work_text(work, v[0].text), b = mr_work_text(work, v[1].text);
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    if (order == 0) return (a.size > b.size) - (a.size < b.size);
    return order < 0 ? -1 : 1;
}

#define COMPARISON(name, condition)                                                                          \
    static mr_slot call_##name(const mr_expression *e, const mr_slot *v, mr_work *work) {                    \
        int order = compare(e, v, work);                                                                     \
        return order == 2 ? mr_invalid_slot() : mr_number_slot(condition);                                   \
    }
COMPARISON(less, order < 0)
COMPARISON(less_or_equal, order <= 0)
COMPARISON(greater, order > 0)
COMPARISON(greater_or_equal, order >= 0)

static mr_status prepare_order(mr_builder *b, uint32_t element, mr_expression *x) {
    const mr_expression *first = x->arguments[0];
    const mr_slot_info *info = first->op == X_FIELD ? &b->slots[first->slot] : NULL;
    mr_status status = mr_ranks_build(b, info, &x->detail);
    if (status != MR_OK || x->detail || first->type != T_STRING) return status;
    if (info && info->measure == MR_ORDINAL) {
        b->row_texts = true; /* by their bytes */
        return MR_OK;
    }
    return mr_build_fail(b, element, MR_UNSUPPORTED,
                         "function \"%s\" of strings without an order is not supported", x->function->name);
}

/* ---- Logic ---- */

/* `and`: one false decides; `or`: one true does. */
static mr_slot decide(const mr_slot *v, uint32_t count, bool decider) {
    bool unknown = false;
    for (uint32_t i = 0; i < count; i++) {
        unknown |= v[i].missing != 0;
        if (!v[i].missing && (v[i].number != 0) == decider) return mr_number_slot(decider);
    }
    return unknown ? mr_missing_slot() : mr_number_slot(!decider);
}

static mr_slot call_and(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    return decide(v, e->count, false);
}

static mr_slot call_or(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    return decide(v, e->count, true);
}

UNARY(not, x == 0)

/* ---- Aggregates ---- */

static mr_slot aggregate(const mr_slot *v, uint32_t count, char what) {
    double result = 0;
    uint32_t present = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (v[i].missing) continue;
        double x = v[i].number;
        if (present++ == 0) result = x;
        else if (what == '<') result = x < result ? x : result;
        else if (what == '>') result = x > result ? x : result;
        else if (what == '*') result *= x;
        else result += x;
    }
    if (present == 0) return mr_missing_slot();
    return mr_number_slot(what == '/' ? result / present : result);
}

#define AGGREGATE(name, what)                                                                                \
    static mr_slot call_##name(const mr_expression *e, const mr_slot *v, mr_work *work) {                    \
        (void)work;                                                                                          \
        return aggregate(v, e->count, what);                                                                 \
    }
AGGREGATE(min, '<')
AGGREGATE(max, '>')
AGGREGATE(sum, '+')
AGGREGATE(product, '*')
AGGREGATE(avg, '/')

static mr_slot call_median(const mr_expression *e, const mr_slot *v, mr_work *work) {
    double *numbers = mr_work_take(work, e->count * sizeof *numbers);
    uint32_t count = 0;
    for (uint32_t i = 0; numbers && i < e->count; i++)
        if (!v[i].missing) numbers[count++] = v[i].number;
    if (count == 0) return mr_missing_slot();
    qsort(numbers, count, sizeof *numbers, mr_by_number);
    double upper = numbers[count / 2], lower = numbers[(count - 1) / 2];
    return mr_number_slot(upper == lower ? upper : (lower + upper) / 2);
}

enum { MANY = MR_PMML_ARGUMENTS_MAX };

static const mr_function functions[] = {
    {"+", 2, 2, "n", RESULT_WIDEST, false, call_add, NULL},
    {"-", 2, 2, "n", RESULT_WIDEST, false, call_subtract, NULL},
    {"*", 2, 2, "n", RESULT_WIDEST, false, call_multiply, NULL},
    {"/", 2, 2, "n", RESULT_WIDEST, false, call_divide, NULL},
    {"modulo", 2, 2, "n", RESULT_WIDEST, false, call_modulo, NULL},
    {"min", 1, MANY, "n", RESULT_WIDEST, true, call_min, NULL},
    {"max", 1, MANY, "n", RESULT_WIDEST, true, call_max, NULL},
    {"sum", 1, MANY, "n", RESULT_WIDEST, true, call_sum, NULL},
    {"product", 1, MANY, "n", RESULT_WIDEST, true, call_product, NULL},
    {"avg", 1, MANY, "n", RESULT_MEAN, true, call_avg, NULL},
    {"median", 1, MANY, "n", RESULT_MEAN, true, call_median, NULL},
    {"log10", 1, 1, "d", RESULT_DOUBLE, false, call_log10, NULL},
    {"ln", 1, 1, "d", RESULT_DOUBLE, false, call_ln, NULL},
    {"ln1p", 1, 1, "d", RESULT_DOUBLE, false, call_ln1p, NULL},
    {"exp", 1, 1, "d", RESULT_DOUBLE, false, call_exp, NULL},
    {"expm1", 1, 1, "d", RESULT_DOUBLE, false, call_expm1, NULL},
    {"sqrt", 1, 1, "d", RESULT_DOUBLE, false, call_sqrt, NULL},
    {"abs", 1, 1, "n", RESULT_WIDEST, false, call_abs, NULL},
    {"pow", 2, 2, "n", RESULT_WIDEST, false, call_pow, NULL},
    {"threshold", 2, 2, "n", RESULT_INTEGER, false, call_threshold, NULL},
    {"floor", 1, 1, "d", RESULT_INTEGER, false, call_floor, NULL},
    {"ceil", 1, 1, "d", RESULT_INTEGER, false, call_ceil, NULL},
    {"round", 1, 1, "d", RESULT_INTEGER, false, call_round, NULL},
    {"rint", 1, 1, "n", RESULT_WIDEST, false, call_rint, NULL},
    {"hypot", 2, 2, "d", RESULT_DOUBLE, false, call_hypot, NULL},
    {"atan2", 2, 2, "d", RESULT_DOUBLE, false, call_atan2, NULL},
    {"sin", 1, 1, "d", RESULT_DOUBLE, false, call_sin, NULL},
    {"cos", 1, 1, "d", RESULT_DOUBLE, false, call_cos, NULL},
    {"tan", 1, 1, "d", RESULT_DOUBLE, false, call_tan, NULL},
    {"asin", 1, 1, "d", RESULT_DOUBLE, false, call_asin, NULL},
    {"acos", 1, 1, "d", RESULT_DOUBLE, false, call_acos, NULL},
    {"atan", 1, 1, "d", RESULT_DOUBLE, false, call_atan, NULL},
    {"sinh", 1, 1, "d", RESULT_DOUBLE, false, call_sinh, NULL},
    {"cosh", 1, 1, "d", RESULT_DOUBLE, false, call_cosh, NULL},
    {"tanh", 1, 1, "d", RESULT_DOUBLE, false, call_tanh, NULL},
    {"erf", 1, 1, "d", RESULT_DOUBLE, false, call_erf, NULL},
    {"normalCDF", 3, 3, "d", RESULT_DOUBLE, false, call_normal_cdf, NULL},
    {"normalPDF", 3, 3, "d", RESULT_DOUBLE, false, call_normal_pdf, NULL},
    {"normalIDF", 3, 3, "d", RESULT_DOUBLE, false, call_normal_idf, NULL},
    {"stdNormalCDF", 1, 1, "d", RESULT_DOUBLE, false, call_std_normal_cdf, NULL},
    {"stdNormalPDF", 1, 1, "d", RESULT_DOUBLE, false, call_std_normal_pdf, NULL},
    {"stdNormalIDF", 1, 1, "d", RESULT_DOUBLE, false, call_std_normal_idf, NULL},
    {"isMissing", 1, 1, "a", RESULT_BOOLEAN, true, call_is_missing, NULL},
    {"isNotMissing", 1, 1, "a", RESULT_BOOLEAN, true, call_is_not_missing, NULL},
    {"isValid", 1, 1, "a", RESULT_BOOLEAN, true, call_is_valid, prepare_valid},
    {"isNotValid", 1, 1, "a", RESULT_BOOLEAN, true, call_is_not_valid, prepare_valid},
    {"equal", 2, 2, "=", RESULT_BOOLEAN, false, call_equal, NULL},
    {"notEqual", 2, 2, "=", RESULT_BOOLEAN, false, call_not_equal, NULL},
    {"lessThan", 2, 2, "o", RESULT_BOOLEAN, false, call_less, prepare_order},
    {"lessOrEqual", 2, 2, "o", RESULT_BOOLEAN, false, call_less_or_equal, prepare_order},
    {"greaterThan", 2, 2, "o", RESULT_BOOLEAN, false, call_greater, prepare_order},
    {"greaterOrEqual", 2, 2, "o", RESULT_BOOLEAN, false, call_greater_or_equal, prepare_order},
    {"isIn", 2, MANY, "=", RESULT_BOOLEAN, true, call_is_in, NULL},
    {"isNotIn", 2, MANY, "=", RESULT_BOOLEAN, true, call_is_not_in, NULL},
    {"and", 2, MANY, "b", RESULT_BOOLEAN, true, call_and, NULL},
    {"or", 2, MANY, "b", RESULT_BOOLEAN, true, call_or, NULL},
    {"not", 1, 1, "b", RESULT_BOOLEAN, false, call_not, NULL},
    {"if", 2, 3, "ba", RESULT_WIDEST, true, NULL, NULL}, /* expression.c: only one branch is evaluated */
};

enum { FUNCTION_COUNT = sizeof functions / sizeof functions[0] };

const mr_function *mr_function_at(size_t index) {
    if (index < FUNCTION_COUNT) return &functions[index];
    index -= FUNCTION_COUNT;
    size_t texts = 0;
    while (mr_text_functions[texts].name) texts++;
    const mr_function *function =
        index < texts ? &mr_text_functions[index] : &mr_date_functions[index - texts];
    return function->name ? function : NULL;
}

const mr_function *mr_function_find(const char *name) {
    const mr_function *function;
    for (size_t i = 0; (function = mr_function_at(i)) != NULL; i++)
        if (strcmp(function->name, name) == 0) return function;
    /* What later versions of PMML took in, exporters had under such names before. */
    return strncmp(name, "x-", 2) == 0 ? mr_function_find(name + 2) : NULL;
}
