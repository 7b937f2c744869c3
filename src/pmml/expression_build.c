/* Expressions, compiled: fields to slots, every type known, what does not fit refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "pmml/build.h"

/* Type that an expression is asked for; UNTYPED: as it comes. */
enum { UNTYPED = -1 };

static mr_status build_one(mr_builder *b, mr_scope *scope, uint32_t element, int wanted,
                           mr_expression **expression);

static bool is_expression(unsigned name) {
    return name == E_Constant || name == E_FieldRef || name == E_NormContinuous || name == E_NormDiscrete ||
           name == E_Discretize || name == E_MapValues || name == E_Apply;
}

static mr_status literal_attribute(mr_builder *b, uint32_t element, mr_attribute_name name, mr_data_type type,
                                   bool *present, mr_slot *value) {
    const char *text = mr_build_text(b, element, name);
    *present = text != NULL;
    return text ? mr_build_literal(b, element, text, type, value) : MR_OK;
}

/* Type of a constant without a dataType: the narrowest that reads it. */
static mr_data_type guess_type(const char *text) {
    double number;
    int64_t integer;
    if (mr_parse_integer(text, strlen(text), &integer)) return T_INTEGER;
    return mr_parse_double(text, strlen(text), &number) ? T_DOUBLE : T_STRING;
}

static mr_status build_constant(mr_builder *b, uint32_t element, int wanted, mr_expression *x) {
    const char *text = mr_build_text(b, element, A_TEXT), *missing = mr_build_text(b, element, A_missing);
    mr_measure measure;
    x->op = X_CONSTANT;
    x->type = wanted != UNTYPED ? (mr_data_type)wanted : guess_type(text ? text : "");
    mr_status status = MR_OK;
    if (mr_build_text(b, element, A_dataType)) status = mr_build_type(b, element, &x->type, &measure);
    if (status != MR_OK) return status;
    if (missing && (strcmp(missing, "true") == 0 || strcmp(missing, "1") == 0)) {
        x->constant.missing = 1;
        return MR_OK;
    }
    if (x->type != T_STRING && text) { /* NaN is a constant too */
        size_t size = strlen(text);
        double number;
        if (mr_parse_double(text, size, &number) && isnan(number)) {
            x->constant.number = number;
            return MR_OK;
        }
    }
    return mr_build_literal(b, element, text ? text : "", x->type, &x->constant);
}

static mr_status build_field(mr_builder *b, mr_scope *scope, uint32_t element, mr_expression *x) {
    x->op = X_FIELD;
    mr_status status = mr_scope_find_attribute(b, scope, element, A_field, &x->slot);
    if (status != MR_OK) return status;
    x->type = b->slots[x->slot].type;
    return literal_attribute(b, element, A_mapMissingTo, x->type, &x->maps_missing, &x->on_missing);
}

static mr_status numeric_field(mr_builder *b, mr_scope *scope, uint32_t element, mr_expression *x) {
    mr_status status = mr_scope_find_attribute(b, scope, element, A_field, &x->slot);
    if (status == MR_OK && b->slots[x->slot].type == T_STRING)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<%s> of a field of strings",
                               mr_element_text((mr_element_name)b->document->elements[element].name));
    return status;
}

static mr_status build_norm_continuous(mr_builder *b, mr_scope *scope, uint32_t element, mr_expression *x) {
    static const char *const outliers[] = {"asIs", "asMissingValues", "asExtremeValues", NULL};
    unsigned outlier = 0;
    x->op = X_NORM_CONTINUOUS;
    x->type = T_DOUBLE;
    mr_status status = numeric_field(b, scope, element, x);
    if (status == MR_OK)
        status = literal_attribute(b, element, A_mapMissingTo, T_DOUBLE, &x->maps_missing, &x->on_missing);
    if (status == MR_OK) status = mr_build_word(b, element, A_outliers, outliers, &outlier);
    if (status != MR_OK) return status;
    x->outliers = (mr_outliers)outlier;
    MR_EACH_CHILD(b->document, element, child) x->count++;
    if (x->count < 2)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<NormContinuous> needs two <LinearNorm> or more");
    mr_norm_point *points = mr_build_alloc(b, x->count, sizeof *points);
    if (!points) return MR_NO_MEMORY;
    x->points = points;
    MR_EACH_CHILD(b->document, element, child) {
        status = mr_build_number(b, child, A_orig, true, &points->from);
        if (status == MR_OK) status = mr_build_number(b, child, A_norm, true, &points->to);
        if (status == MR_OK && points > x->points && !(points[-1].from < points->from))
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "the `orig` of <LinearNorm> must rise");
        if (status != MR_OK) return status;
        points++;
    }
    return MR_OK;
}

static mr_status build_norm_discrete(mr_builder *b, mr_scope *scope, uint32_t element, mr_expression *x) {
    static const char *const methods[] = {"indicator", NULL};
    unsigned method = 0;
    const char *text;
    x->op = X_NORM_DISCRETE;
    x->type = T_DOUBLE;
    mr_status status = mr_scope_find_attribute(b, scope, element, A_field, &x->slot);
    if (status == MR_OK) status = mr_build_word(b, element, A_method, methods, &method);
    if (status == MR_OK) status = mr_build_must(b, element, A_value, &text);
    if (status != MR_OK) return status;
    mr_data_type type = b->slots[x->slot].type;
    x->texts = type == T_STRING;
    status = mr_build_literal(b, element, text, type, &x->constant);
    if (status == MR_OK)
        status = literal_attribute(b, element, A_mapMissingTo, T_DOUBLE, &x->maps_missing, &x->on_missing);
    return status;
}

/* dataType of <Discretize> and <MapValues>, else what is wanted, else a string. */
static mr_status result_type(mr_builder *b, uint32_t element, int wanted, mr_expression *x) {
    mr_measure measure;
    x->type = wanted == UNTYPED ? T_STRING : (mr_data_type)wanted;
    mr_status status = mr_build_type(b, element, &x->type, &measure);
    if (status == MR_OK)
        status = literal_attribute(b, element, A_mapMissingTo, x->type, &x->maps_missing, &x->on_missing);
    if (status == MR_OK)
        status = literal_attribute(b, element, A_defaultValue, x->type, &x->defaults, &x->otherwise);
    return status;
}

static mr_status build_discretize(mr_builder *b, mr_scope *scope, uint32_t element, int wanted,
                                  mr_expression *x) {
    x->op = X_DISCRETIZE;
    mr_status status = numeric_field(b, scope, element, x);
    if (status == MR_OK) status = result_type(b, element, wanted, x);
    if (status != MR_OK) return status;
    MR_EACH_CHILD(b->document, element, child) x->count++;
    mr_interval *intervals = mr_build_alloc(b, x->count, sizeof *intervals);
    mr_slot *results = mr_build_alloc(b, x->count, sizeof *results);
    if (!intervals || !results) return MR_NO_MEMORY;
    x->intervals = intervals;
    x->results = results;
    MR_EACH_CHILD(b->document, element, child) {
        const char *text;
        const mr_interval *found;
        uint32_t count;
        status = mr_build_must(b, child, A_binValue, &text);
        if (status == MR_OK) status = mr_build_literal(b, child, text, x->type, results++);
        if (status == MR_OK) status = mr_build_intervals(b, child, &found, &count);
        if (status == MR_OK && count != 1)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "<DiscretizeBin> needs one <Interval>");
        if (status != MR_OK) return status;
        *intervals++ = found[0];
    }
    return MR_OK;
}

/* The cell of a column in a row; NULL when the row has none. Prefixes are compared as written. */
static const char *cell_text(const mr_builder *b, uint32_t row, const char *column) {
    MR_EACH_CHILD(b->document, row, cell) {
        const char *name = mr_build_text(b, cell, A_NAME), *text = mr_build_text(b, cell, A_TEXT);
        const char *local = name && strchr(name, ':') ? strchr(name, ':') + 1 : name;
        if (name && (strcmp(name, column) == 0 || strcmp(local, column) == 0)) return text ? text : "";
    }
    return NULL;
}

enum { KEYS_MAX = 16 };

static mr_status build_rows(mr_builder *b, uint32_t table, const char *const *columns, const char *output,
                            mr_expression *x) {
    MR_EACH_CHILD(b->document, table, row) x->count++;
    mr_slot *values = mr_build_alloc(b, (size_t)x->count * x->key_count, sizeof *values);
    mr_slot *results = mr_build_alloc(b, x->count, sizeof *results);
    if (!values || !results) return MR_NO_MEMORY;
    x->key_values = values;
    x->results = results;
    MR_EACH_CHILD(b->document, table, row) {
        for (uint32_t k = 0; k <= x->key_count; k++) {
            const char *column = k < x->key_count ? columns[k] : output, *text = cell_text(b, row, column);
            if (!text)
                return mr_build_fail(b, row, MR_UNSUPPORTED,
                                     "a <row> without the column \"%.60s\" is not supported", column);
            mr_data_type type = k < x->key_count ? b->slots[x->keys[k]].type : x->type;
            mr_slot *value = k < x->key_count ? values++ : results++;
            mr_status status = mr_build_literal(b, row, text, type, value);
            if (status != MR_OK) return status;
            if (k < x->key_count) value->missing = type == T_STRING;
        }
    }
    return MR_OK;
}

static mr_status build_map(mr_builder *b, mr_scope *scope, uint32_t element, int wanted, mr_expression *x) {
    const char *columns[KEYS_MAX], *output;
    uint32_t keys[KEYS_MAX], table = MR_NONE;
    x->op = X_MAP;
    mr_status status = result_type(b, element, wanted, x);
    if (status == MR_OK) status = mr_build_must(b, element, A_outputColumn, &output);
    if (status != MR_OK) return status;
    MR_EACH_CHILD(b->document, element, child) {
        if (b->document->elements[child].name == E_InlineTable) table = child;
        if (b->document->elements[child].name != E_FieldColumnPair) continue;
        if (x->key_count == KEYS_MAX)
            return mr_build_fail(b, child, MR_LIMIT, "<MapValues> with more than %d columns", KEYS_MAX);
        status = mr_build_must(b, child, A_column, &columns[x->key_count]);
        if (status == MR_OK)
            status = mr_scope_find_attribute(b, scope, child, A_field, &keys[x->key_count++]);
        if (status != MR_OK) return status;
    }
    if (table == MR_NONE || x->key_count == 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "<MapValues> lacks its <InlineTable> or <FieldColumnPair>");
    x->keys = mr_build_keep(b, keys, x->key_count, sizeof *keys);
    return x->keys ? build_rows(b, table, columns, output, x) : MR_NO_MEMORY;
}

static bool is_number(mr_data_type type) {
    return type == T_INTEGER || type == T_FLOAT || type == T_DOUBLE;
}

/* May this function be called with an argument of this type? */
static bool fits(const mr_function *function, mr_data_type type, bool texts) {
    switch (function->takes) {
    case TAKES_NUMBERS:
        return is_number(type);
    case TAKES_DOUBLES:
        return type == T_INTEGER || type == T_DOUBLE;
    case TAKES_BOOLEANS:
        return type == T_BOOLEAN;
    case TAKES_SAME:
        return texts == (type == T_STRING);
    case TAKES_ANY:
        return true;
    }
    return false;
}

static mr_data_type wider(mr_data_type a, mr_data_type b) {
    if (is_number(a) && is_number(b)) return a > b ? a : b; /* integer < float < double */
    return a;
}

bool mr_expression_is_closed(const mr_builder *b, const mr_expression *x) {
    if (x->type != T_STRING) return true;
    if (x->op == X_FIELD) return b->slots[x->slot].closed;
    if (x->op != X_FUNCTION) return true;
    for (uint32_t i = 0; i < x->count; i++)
        if (x->arguments[i]->type == T_STRING && !mr_expression_is_closed(b, x->arguments[i])) return false;
    return true;
}

static mr_status type_apply(mr_builder *b, uint32_t element, mr_expression *x,
                            const mr_expression *const *arguments) {
    const mr_function *function = x->function;
    const bool branches = function->call == NULL;
    x->texts = false;
    for (uint32_t i = 0; i < x->count; i++) x->texts |= arguments[i]->type == T_STRING;
    x->type = arguments[branches ? 1 : 0]->type;
    for (uint32_t i = 0; i < x->count; i++) {
        mr_data_type type = arguments[i]->type;
        bool ok = fits(function, type, x->texts);
        if (branches && i == 0) ok = type == T_BOOLEAN;
        if (branches && i == 2) ok = type == x->type || (is_number(type) && is_number(x->type));
        if (!ok)
            return mr_build_fail(b, element, MR_UNSUPPORTED,
                                 "function \"%s\" with an argument %u of this type is not supported",
                                 function->name, i + 1);
        if (!branches || i > 0) x->type = wider(x->type, type);
    }
    uint32_t open = 0;
    for (uint32_t i = 0; i < x->count && function->takes == TAKES_SAME && x->texts; i++)
        open += !mr_expression_is_closed(b, arguments[i]);
    b->row_texts |= open > 1; /* of one and a text of the model, the other may be anything */
    bool integers = x->type == T_INTEGER;
    if (integers && strcmp(function->name, "/") == 0)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "division of an integer by an integer is not supported");
    if (integers && strcmp(function->name, "pow") == 0 &&
        (arguments[1]->op != X_CONSTANT || arguments[1]->constant.number < 0))
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "\"pow\" of integers with an exponent that may be negative is not supported");
    if (function->result == RESULT_DOUBLE) x->type = T_DOUBLE;
    if (function->result == RESULT_INTEGER) x->type = T_INTEGER;
    if (function->result == RESULT_BOOLEAN) x->type = T_BOOLEAN;
    return MR_OK;
}

static mr_status build_arguments(mr_builder *b, mr_scope *scope, uint32_t element, int wanted,
                                 mr_expression *x, mr_expression **arguments) {
    bool branches = x->function->call == NULL, texts = false;
    uint32_t i = 0;
    MR_EACH_CHILD(b->document, element, child) {
        mr_status status = build_one(b, scope, child, branches && i > 0 ? wanted : UNTYPED, &arguments[i]);
        if (status != MR_OK) return status;
        texts |= arguments[i++]->type == T_STRING;
    }
    if (x->function->takes != TAKES_SAME || !texts) return MR_OK;
    i = 0; /* beside a string, an untyped constant is a string */
    MR_EACH_CHILD(b->document, element, child) {
        mr_expression *argument = arguments[i++];
        if (argument->op != X_CONSTANT || argument->type == T_STRING) continue;
        if (mr_build_text(b, child, A_dataType)) continue;
        mr_status status = build_constant(b, child, T_STRING, argument);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status build_apply(mr_builder *b, mr_scope *scope, uint32_t element, int wanted, mr_expression *x) {
    static const char *const invalids[] = {"returnInvalid", NULL};
    unsigned invalid = 0;
    const char *name;
    mr_status status = mr_build_must(b, element, A_function, &name);
    if (status == MR_OK) status = mr_build_word(b, element, A_invalidValueTreatment, invalids, &invalid);
    if (status != MR_OK) return status;
    x->op = X_FUNCTION;
    x->function = mr_function_find(name);
    if (!x->function)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "function \"%.100s\" is not supported", name);
    MR_EACH_CHILD(b->document, element, child) x->count++;
    if (x->count < x->function->least || x->count > x->function->most)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "function \"%s\" with %u arguments is not supported",
                             name, x->count);
    mr_expression **arguments = mr_build_alloc(b, x->count, sizeof(mr_expression *));
    if (!arguments) return MR_NO_MEMORY;
    x->arguments = (const mr_expression *const *)arguments;
    status = build_arguments(b, scope, element, wanted, x, arguments);
    if (status == MR_OK) status = type_apply(b, element, x, x->arguments);
    if (status != MR_OK) return status;
    mr_data_type type = wanted == UNTYPED ? x->type : (mr_data_type)wanted;
    if (type == T_STRING && x->type != T_STRING && mr_build_text(b, element, A_mapMissingTo))
        return mr_build_fail(b, element, MR_UNSUPPORTED, "a number made into a string is not supported");
    status = literal_attribute(b, element, A_mapMissingTo, x->type, &x->maps_missing, &x->on_missing);
    if (status == MR_OK)
        status = literal_attribute(b, element, A_defaultValue, x->type, &x->defaults, &x->otherwise);
    return status;
}

static mr_status build_one(mr_builder *b, mr_scope *scope, uint32_t element, int wanted,
                           mr_expression **expression) {
    mr_expression *x = mr_build_alloc(b, 1, sizeof *x);
    if (!x) return MR_NO_MEMORY;
    *expression = x;
    switch (b->document->elements[element].name) {
    case E_Constant:
        return build_constant(b, element, wanted, x);
    case E_FieldRef:
        return build_field(b, scope, element, x);
    case E_NormContinuous:
        return build_norm_continuous(b, scope, element, x);
    case E_NormDiscrete:
        return build_norm_discrete(b, scope, element, x);
    case E_Discretize:
        return build_discretize(b, scope, element, wanted, x);
    case E_MapValues:
        return build_map(b, scope, element, wanted, x);
    default:
        return build_apply(b, scope, element, wanted, x);
    }
}

/* Can a value of one type become one of the other without a choice to make? */
static bool converts(mr_data_type from, mr_data_type to) {
    if (from == to) return true;
    return (is_number(from) || from == T_BOOLEAN) && (to == T_DOUBLE || to == T_FLOAT);
}

static mr_status find_expression(mr_builder *b, uint32_t element, uint32_t *found) {
    *found = MR_NONE;
    MR_EACH_CHILD(b->document, element, child) {
        if (!is_expression(b->document->elements[child].name)) continue;
        if (*found != MR_NONE)
            return mr_build_fail(b, child, MR_INVALID_MODEL, "more than one expression in one element");
        *found = child;
    }
    if (*found == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<%s> lacks its expression",
                             mr_element_text((mr_element_name)b->document->elements[element].name));
    return MR_OK;
}

mr_status mr_build_untyped_expression(mr_builder *b, mr_scope *scope, uint32_t element,
                                      const mr_expression **expression) {
    uint32_t found;
    mr_expression *x = NULL;
    mr_status status = find_expression(b, element, &found);
    if (status == MR_OK) status = build_one(b, scope, found, UNTYPED, &x);
    *expression = x;
    return status;
}

mr_status mr_build_expression(mr_builder *b, mr_scope *scope, uint32_t element, mr_data_type wanted,
                              const mr_expression **expression) {
    uint32_t found;
    mr_expression *x = NULL;
    mr_status status = find_expression(b, element, &found);
    if (status == MR_OK) status = build_one(b, scope, found, (int)wanted, &x);
    if (status == MR_OK && !converts(x->type, wanted))
        status =
            mr_build_fail(b, found, MR_UNSUPPORTED,
                          "the result is not of the declared dataType, and converting it is not supported");
    *expression = x;
    return status;
}

mr_status mr_build_derived(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t *slot) {
    mr_data_type type = T_DOUBLE;
    mr_measure measure;
    const mr_expression *expression;
    mr_status status = mr_build_type(b, element, &type, &measure);
    if (status == MR_OK) status = mr_build_expression(b, scope, element, type, &expression);
    if (status == MR_OK) status = mr_build_slot(b, type, measure, slot);
    if (status != MR_OK) return status;
    mr_slot_info *info = &b->slots[*slot];
    if (expression->op == X_FIELD) {
        info->data_field = b->slots[expression->slot].data_field;
        if (b->slots[expression->slot].type != type) info->data_field = MR_NONE;
    }
    info->closed = type != T_STRING || mr_expression_is_closed(b, expression);
    return mr_scope_add_step(b, scope, (mr_step){.expression = expression, .type = type, .to = *slot});
}
