/* Expressions: evaluated by walking them; their depth is bounded by the document's.
 *
 * A value that cannot be had (an integer divided by 0, a text that is no number) is invalid: it ends the row,
 * unless the <Apply> around it takes it for missing.
 */
#include "pmml/expression/expression.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pmml/expression/functions.h"
#include "pmml/expression/text_index.h"
#include "pmml/field/values.h"

enum { ON_STACK = 16, FAILURE_BYTES = 160 };

mr_slot mr_expression_fail(const mr_expression *x, mr_work *work, const char *what) {
    char *text = work->failure ? NULL : mr_work_take(work, FAILURE_BYTES);
    if (text) {
        snprintf(text, FAILURE_BYTES, "line %u of the model: %s", x->line, what);
        work->failure = text;
    }
    return (mr_slot){.missing = SLOT_MISSING};
}

static mr_slot if_missing(const mr_expression *x) {
    return mr_maps_missing(x) ? x->fallback->on_missing : (mr_slot){.missing = SLOT_MISSING};
}

static mr_slot or_default(const mr_expression *x, mr_slot value) {
    return value.missing && mr_has_default(x) ? x->fallback->otherwise : value;
}

/* The last of `count` points that is not above the value; the first one at least, never the last. */
static uint32_t segment_of(const mr_norm_point *points, uint32_t count, double value) {
    uint32_t low = 0, high = count - 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (value > points[middle].from) low = middle;
        else high = middle;
    }
    return low;
}

/* Linear between the two points around the value; the outer segments go on, unless told otherwise. */
static mr_slot norm_continuous(const mr_expression *x, double value) {
    const mr_norm_point *points = x->points;
    uint32_t last = x->count - 1;
    if (value == points[0].from || value == points[last].from)
        return (mr_slot){.number = points[value == points[0].from ? 0 : last].to};
    if (value < points[0].from || value > points[last].from) {
        bool below = value < points[0].from;
        if (x->outliers == OUTLIERS_AS_MISSING) return if_missing(x);
        if (x->outliers == OUTLIERS_AS_EXTREME) return (mr_slot){.number = points[below ? 0 : last].to};
    }
    const mr_norm_point *a = &points[segment_of(points, x->count, value)], *b = a + 1;
    if (value == b->from && b < &points[last] && b[1].from == value) a = b;
    if (value == a->from && a[1].from == value) { /* a jump: halfway, as scikit-learn's quantiles have it */
        for (b = a + 1; b < &points[last] && b[1].from == value;) b++;
        return (mr_slot){.number = (a->to + b->to) / 2};
    }
    return (mr_slot){.number = a->to + (value - a->from) / (b->from - a->from) * (b->to - a->to)};
}

/* Of bins that overlap the last one counts. */
static mr_slot discretize(const mr_expression *x, double value) {
    uint32_t low = 0, high = x->count;
    while (x->in_order && low < high) { /* the first whose upper end is not below the value */
        uint32_t middle = low + (high - low) / 2;
        const mr_interval *interval = &x->intervals[middle];
        if (interval->high < value || (interval->high == value && interval->high_open)) low = middle + 1;
        else high = middle;
    }
    for (uint32_t i = x->in_order && low < x->count ? low + 1 : x->count; i-- > low;)
        if (mr_interval_holds(&x->intervals[i], value)) return x->results[i];
    return or_default(x, (mr_slot){.missing = SLOT_MISSING});
}

static uint64_t key_of(const mr_value_map *map, uint32_t column, const mr_slot *slots) {
    return mr_value_map_key(&slots[map->slots[column]], map->texts[column]);
}

static bool row_matches(const mr_value_map *map, uint32_t row, const mr_slot *slots) {
    for (uint32_t k = 0; k < map->key_count; k++)
        if (map->keys[(size_t)row * map->key_count + k] != key_of(map, k, slots)) return false;
    return true;
}

static mr_slot result_of(const mr_expression *x, const mr_value_map *map, uint32_t row) {
    if (map->absent && map->absent[row]) return (mr_slot){.missing = SLOT_MISSING};
    if (x->type == T_STRING) return (mr_slot){.text = (uint32_t)map->results[row]};
    return (mr_slot){.number = map->results[row]};
}

static mr_slot map_values(const mr_expression *x, const mr_slot *slots) {
    const mr_value_map *map = x->detail;
    uint64_t hash = 0;
    for (uint32_t k = 0; k < map->key_count; k++) {
        if (slots[map->slots[k]].missing) return if_missing(x);
        hash = mr_value_map_hash(key_of(map, k, slots), hash);
    }
    for (uint32_t at = (uint32_t)hash & (map->capacity - 1); map->rows[at];
         at = (at + 1) & (map->capacity - 1))
        if (row_matches(map, map->rows[at] - 1, slots)) return result_of(x, map, map->rows[at] - 1);
    return or_default(x, (mr_slot){.missing = SLOT_MISSING});
}

static mr_slot convert(const mr_expression *x, mr_work *work) {
    const mr_expression *from = x->arguments[0];
    mr_slot value = mr_expression_evaluate(from, work);
    if (value.missing) return if_missing(x);
    if (mr_slot_convert(from->type, x->type, &value, work)) return value;
    char what[80];
    snprintf(what, sizeof what, "a value is not of type %s", mr_data_type_name(x->type));
    return mr_expression_fail(x, work, what);
}

static mr_slot choose(const mr_expression *x, mr_work *work) {
    mr_slot flag = mr_expression_evaluate(x->arguments[0], work);
    if (flag.missing) return or_default(x, if_missing(x));
    uint32_t branch = flag.number != 0 ? 1 : 2;
    if (branch >= x->count) return or_default(x, (mr_slot){.missing = SLOT_MISSING});
    mr_slot value = mr_expression_evaluate(x->arguments[branch], work);
    if (value.missing && mr_maps_missing(x)) return x->fallback->on_missing;
    return or_default(x, value);
}

static mr_slot call_defined(const mr_expression *x, const mr_slot *values, mr_work *work) {
    for (uint32_t i = 0; i < x->count; i++) work->slots[x->slot + i] = values[i];
    return mr_expression_evaluate(x->arguments[x->count], work);
}

/* Is it what the function's type can hold? */
static bool fits(const mr_expression *x, mr_slot *result) {
    if (result->missing) return result->missing != SLOT_INVALID;
    if (x->calculated == T_STRING || x->op == X_CALL) return true;
    if (x->calculated == T_FLOAT) result->number = (double)(float)result->number;
    if (x->calculated == T_INTEGER) return fabs(result->number) <= MR_INTEGER_MAX;
    return !isnan(result->number) || x->invalid_as_is;
}

static mr_slot finish(const mr_expression *x, mr_slot result, mr_work *work) {
    if (fits(x, &result) && mr_slot_convert(x->calculated, x->type, &result, work))
        return or_default(x, result);
    if (x->invalid_as_missing) return or_default(x, (mr_slot){.missing = SLOT_MISSING});
    char what[120];
    snprintf(what, sizeof what, "function \"%.60s\" has no valid result",
             x->op == X_CALL ? x->name : x->function->name);
    return mr_expression_fail(x, work, what);
}

static mr_slot apply(const mr_expression *x, mr_work *work) {
    mr_slot on_stack[ON_STACK], *values = on_stack;
    if (x->count > ON_STACK) values = mr_work_take(work, x->count * sizeof *values);
    if (!values) return (mr_slot){.missing = SLOT_MISSING};
    bool missing = false;
    for (uint32_t i = 0; i < x->count; i++) {
        values[i] = mr_expression_evaluate(x->arguments[i], work);
        missing |= values[i].missing != 0;
    }
    if (work->failure) return (mr_slot){.missing = SLOT_MISSING};
    if (missing && mr_maps_missing(x)) return x->fallback->on_missing;
    if (missing && !x->takes_missing) return or_default(x, (mr_slot){.missing = SLOT_MISSING});
    return finish(x, x->op == X_CALL ? call_defined(x, values, work) : x->function->call(x, values, work),
                  work);
}

mr_slot mr_expression_evaluate(const mr_expression *x, mr_work *work) {
    const mr_slot *value = &work->slots[x->slot];
    switch (x->op) {
    case X_CONSTANT:
        return x->constant;
    case X_FIELD:
        return value->missing ? if_missing(x) : *value;
    case X_CONVERT:
        return convert(x, work);
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
    case X_TEXT_INDEX:
        return mr_text_index_evaluate(x, work);
    case X_IF:
        return choose(x, work);
    case X_CALL:
    case X_FUNCTION:
        return apply(x, work);
    }
    return (mr_slot){.missing = SLOT_MISSING};
}
