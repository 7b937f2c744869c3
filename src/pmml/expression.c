/* Expressions: evaluated by walking them; their depth is bounded by the document's. */
#include <math.h>

#include "pmml/program.h"

mr_slot mr_cast(mr_slot value, mr_data_type from, mr_data_type to) {
    if (to == T_FLOAT && from == T_DOUBLE && !value.missing) value.number = (double)(float)value.number;
    return value;
}

static mr_slot if_missing(const mr_expression *x) {
    return x->maps_missing ? x->on_missing : (mr_slot){.missing = 1};
}

/* Linear between the two points around the value; the outer segments go on, unless told otherwise. */
static mr_slot norm_continuous(const mr_expression *x, double value) {
    const mr_norm_point *points = x->points;
    uint32_t last = x->count - 1, i = 0;
    if (value < points[0].from || value > points[last].from) {
        bool below = value < points[0].from;
        if (x->outliers == OUTLIERS_AS_MISSING) return if_missing(x);
        if (x->outliers == OUTLIERS_AS_EXTREME) return (mr_slot){.number = points[below ? 0 : last].to};
        i = below ? 0 : last - 1;
    } else {
        while (i + 1 < last && value > points[i + 1].from) i++;
    }
    const mr_norm_point *a = &points[i], *b = a + 1;
    return (mr_slot){.number = a->to + (value - a->from) / (b->from - a->from) * (b->to - a->to)};
}

static mr_slot discretize(const mr_expression *x, double value) {
    for (uint32_t i = 0; i < x->count; i++)
        if (mr_interval_holds(&x->intervals[i], value)) return x->results[i];
    return x->defaults ? x->otherwise : (mr_slot){.missing = 1};
}

static bool row_matches(const mr_expression *x, uint32_t row, const mr_slot *slots) {
    for (uint32_t k = 0; k < x->key_count; k++) {
        const mr_slot *key = &x->key_values[(size_t)row * x->key_count + k], *value = &slots[x->keys[k]];
        /* `missing` of a key says of which kind it is: 1 a string, 0 a number */
        if (key->missing ? key->text != value->text : key->number != value->number) return false;
    }
    return true;
}

static mr_slot map_values(const mr_expression *x, const mr_slot *slots) {
    for (uint32_t k = 0; k < x->key_count; k++)
        if (slots[x->keys[k]].missing) return if_missing(x);
    for (uint32_t row = 0; row < x->count; row++)
        if (row_matches(x, row, slots)) return x->results[row];
    return x->defaults ? x->otherwise : (mr_slot){.missing = 1};
}

static mr_slot or_default(const mr_expression *x, mr_slot value) {
    return value.missing && x->defaults ? x->otherwise : value;
}

static mr_slot as_result(const mr_expression *x, const mr_expression *argument, mr_work *work) {
    return mr_cast(mr_expression_evaluate(argument, work), argument->type, x->type);
}

static mr_slot choose(const mr_expression *x, mr_work *work) {
    mr_slot flag = mr_expression_evaluate(x->arguments[0], work);
    if (flag.missing) return or_default(x, if_missing(x));
    uint32_t branch = flag.number != 0 ? 1 : 2;
    if (branch >= x->count) return or_default(x, (mr_slot){.missing = 1});
    mr_slot value = as_result(x, x->arguments[branch], work);
    if (value.missing && x->maps_missing) return x->on_missing;
    return or_default(x, value);
}

static mr_slot apply(const mr_expression *x, mr_work *work) {
    if (!x->function->call) return choose(x, work);
    mr_slot values[MR_PMML_ARGUMENTS_MAX];
    bool missing = false;
    for (uint32_t i = 0; i < x->count; i++) {
        values[i] = mr_expression_evaluate(x->arguments[i], work);
        missing |= values[i].missing;
    }
    if (missing && x->maps_missing) return x->on_missing;
    if (missing && !x->function->takes_missing) return or_default(x, (mr_slot){.missing = 1});
    mr_slot result = x->function->call(x, values, work);
    if (x->type == T_FLOAT) result.number = (double)(float)result.number;
    return or_default(x, result);
}

mr_slot mr_expression_evaluate(const mr_expression *x, mr_work *work) {
    const mr_slot *value = &work->slots[x->slot];
    switch (x->op) {
    case X_CONSTANT:
        return x->constant;
    case X_FIELD:
        return value->missing ? if_missing(x) : *value;
    case X_NORM_CONTINUOUS:
        return value->missing ? if_missing(x) : norm_continuous(x, value->number);
    case X_NORM_DISCRETE:
        if (value->missing) return if_missing(x);
        return (mr_slot){.number = x->texts ? value->text == x->constant.text
                                            : value->number == x->constant.number};
    case X_DISCRETIZE:
        return value->missing ? if_missing(x) : discretize(x, value->number);
    case X_MAP:
        return map_values(x, work->slots);
    case X_FUNCTION:
        return apply(x, work);
    }
    return (mr_slot){.missing = 1};
}
