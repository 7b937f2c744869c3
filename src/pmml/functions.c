/* Functions: the built-in functions of <Apply>, one row each.
 *
 * Numbers are doubles; the type of a result says whether they are meant as integers. Aggregates leave
 * missing values out and are missing when nothing is left; `and` and `or` are three-valued.
 */
#include <math.h>
#include <string.h>

#include "pmml/program.h"

static mr_slot number(double value) {
    return (mr_slot){.number = value};
}

static mr_slot missing(void) {
    return (mr_slot){.missing = 1};
}

#define UNARY(name, formula)                                                                                 \
    static mr_slot call_##name(const mr_expression *e, const mr_slot *v, mr_work *work) {                    \
        (void)e, (void)work;                                                                                 \
        double x = v[0].number;                                                                              \
        return number(formula);                                                                              \
    }
#define BINARY(name, formula)                                                                                \
    static mr_slot call_##name(const mr_expression *e, const mr_slot *v, mr_work *work) {                    \
        (void)e, (void)work;                                                                                 \
        double x = v[0].number, y = v[1].number;                                                             \
        return number(formula);                                                                              \
    }

BINARY(add, x + y)
BINARY(subtract, x - y)
BINARY(multiply, x *y)
BINARY(divide, x / y)
BINARY(pow, pow(x, y))
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

static mr_slot call_is_missing(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e, (void)work;
    return number(v[0].missing ? 1 : 0);
}

static mr_slot call_is_not_missing(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e, (void)work;
    return number(v[0].missing ? 0 : 1);
}

static bool same(const mr_slot *a, const mr_slot *b, bool texts) {
    return texts ? a->text == b->text : a->number == b->number;
}

static mr_slot call_equal(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    return number(same(&v[0], &v[1], e->texts));
}

static mr_slot call_not_equal(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    return number(!same(&v[0], &v[1], e->texts));
}

BINARY(less, x < y)
BINARY(less_or_equal, x <= y)
BINARY(greater, !(x <= y))
BINARY(greater_or_equal, !(x < y))

static mr_slot call_is_in(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)work;
    for (uint32_t i = 1; i < e->count; i++)
        if (same(&v[0], &v[i], e->texts)) return number(1);
    return number(0);
}

static mr_slot call_is_not_in(const mr_expression *e, const mr_slot *v, mr_work *work) {
    return number(call_is_in(e, v, work).number == 0);
}

/* `and`: one false decides; `or`: one true does. */
static mr_slot decide(const mr_slot *v, uint32_t count, bool decider) {
    bool unknown = false;
    for (uint32_t i = 0; i < count; i++) {
        unknown |= v[i].missing;
        if (!v[i].missing && (v[i].number != 0) == decider) return number(decider);
    }
    return unknown ? missing() : number(!decider);
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
    if (present == 0) return missing();
    return number(what == '/' ? result / present : result);
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

static const mr_function functions[] = {
    {"+", 2, 2, TAKES_NUMBERS, RESULT_WIDEST, false, call_add},
    {"-", 2, 2, TAKES_NUMBERS, RESULT_WIDEST, false, call_subtract},
    {"*", 2, 2, TAKES_NUMBERS, RESULT_WIDEST, false, call_multiply},
    {"/", 2, 2, TAKES_NUMBERS, RESULT_DOUBLE, false, call_divide},
    {"min", 1, 32, TAKES_NUMBERS, RESULT_WIDEST, true, call_min},
    {"max", 1, 32, TAKES_NUMBERS, RESULT_WIDEST, true, call_max},
    {"sum", 1, 32, TAKES_DOUBLES, RESULT_WIDEST, true, call_sum},
    {"product", 1, 32, TAKES_DOUBLES, RESULT_WIDEST, true, call_product},
    {"avg", 1, 32, TAKES_DOUBLES, RESULT_DOUBLE, true, call_avg},
    {"log10", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_log10},
    {"ln", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_ln},
    {"ln1p", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_ln1p},
    {"exp", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_exp},
    {"expm1", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_expm1},
    {"sqrt", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_sqrt},
    {"abs", 1, 1, TAKES_NUMBERS, RESULT_WIDEST, false, call_abs},
    {"pow", 2, 2, TAKES_DOUBLES, RESULT_WIDEST, false, call_pow},
    {"threshold", 2, 2, TAKES_NUMBERS, RESULT_INTEGER, false, call_threshold},
    {"floor", 1, 1, TAKES_NUMBERS, RESULT_INTEGER, false, call_floor},
    {"ceil", 1, 1, TAKES_NUMBERS, RESULT_INTEGER, false, call_ceil},
    {"round", 1, 1, TAKES_NUMBERS, RESULT_INTEGER, false, call_round},
    {"rint", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_rint},
    {"hypot", 2, 2, TAKES_DOUBLES, RESULT_DOUBLE, false, call_hypot},
    {"atan2", 2, 2, TAKES_DOUBLES, RESULT_DOUBLE, false, call_atan2},
    {"sin", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_sin},
    {"cos", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_cos},
    {"tan", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_tan},
    {"asin", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_asin},
    {"acos", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_acos},
    {"atan", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_atan},
    {"sinh", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_sinh},
    {"cosh", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_cosh},
    {"tanh", 1, 1, TAKES_DOUBLES, RESULT_DOUBLE, false, call_tanh},
    {"isMissing", 1, 1, TAKES_ANY, RESULT_BOOLEAN, true, call_is_missing},
    {"isNotMissing", 1, 1, TAKES_ANY, RESULT_BOOLEAN, true, call_is_not_missing},
    {"equal", 2, 2, TAKES_SAME, RESULT_BOOLEAN, false, call_equal},
    {"notEqual", 2, 2, TAKES_SAME, RESULT_BOOLEAN, false, call_not_equal},
    {"lessThan", 2, 2, TAKES_NUMBERS, RESULT_BOOLEAN, false, call_less},
    {"lessOrEqual", 2, 2, TAKES_NUMBERS, RESULT_BOOLEAN, false, call_less_or_equal},
    {"greaterThan", 2, 2, TAKES_NUMBERS, RESULT_BOOLEAN, false, call_greater},
    {"greaterOrEqual", 2, 2, TAKES_NUMBERS, RESULT_BOOLEAN, false, call_greater_or_equal},
    {"isIn", 2, 32, TAKES_SAME, RESULT_BOOLEAN, false, call_is_in},
    {"isNotIn", 2, 32, TAKES_SAME, RESULT_BOOLEAN, false, call_is_not_in},
    {"and", 2, 32, TAKES_BOOLEANS, RESULT_BOOLEAN, true, call_and},
    {"or", 2, 32, TAKES_BOOLEANS, RESULT_BOOLEAN, true, call_or},
    {"not", 1, 1, TAKES_BOOLEANS, RESULT_BOOLEAN, false, call_not},
    {"if", 2, 3, TAKES_ANY, RESULT_WIDEST, true, NULL}, /* evaluated by expression.c: only one branch is */
};

enum { FUNCTION_COUNT = sizeof functions / sizeof functions[0] };

const mr_function *mr_function_at(size_t index) {
    return index < FUNCTION_COUNT ? &functions[index] : NULL;
}

const mr_function *mr_function_find(const char *name) {
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (strcmp(functions[i].name, name) == 0) return &functions[i];
    return NULL;
}
