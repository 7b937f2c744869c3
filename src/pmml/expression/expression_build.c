/* Expressions, compiled: fields to slots, every type known, what does not fit refused. <Apply> is in
 * apply_build.c, <MapValues> in map_build.c, <TextIndex> in text_index_build.c. */
#include "pmml/expression/expression_build.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "pmml/field/values.h"

bool mr_is_expression(mr_element_name name) {
    return name == E_Constant || name == E_FieldRef || name == E_NormContinuous || name == E_NormDiscrete ||
           name == E_Discretize || name == E_MapValues || name == E_Apply || name == E_TextIndex;
}

static bool make_fallback(mr_builder *b, mr_expression *x) {
    if (!x->fallback) x->fallback = mr_build_alloc(b, 1, sizeof *x->fallback);
    return x->fallback != NULL;
}

mr_status mr_build_on_missing(mr_builder *b, uint32_t element, mr_expression *x) {
    const char *text = mr_build_text(b, element, A_mapMissingTo);
    if (!text) return MR_OK;
    if (!make_fallback(b, x)) return MR_NO_MEMORY;
    x->fallback->maps_missing = true;
    return mr_build_literal(b, element, text, x->type, &x->fallback->on_missing);
}

mr_status mr_build_default(mr_builder *b, uint32_t element, mr_expression *x) {
    const char *text = mr_build_text(b, element, A_defaultValue);
    if (!text) return MR_OK;
    if (!make_fallback(b, x)) return MR_NO_MEMORY;
    x->fallback->defaults = true;
    return mr_build_literal(b, element, text, x->type, &x->fallback->otherwise);
}

/* Type of a constant without a dataType: the narrowest that reads it. */
static mr_data_type guess_type(const char *text) {
    double number;
    int64_t integer;
    if (mr_parse_integer(text, strlen(text), &integer)) return T_INTEGER;
    return mr_parse_double(text, strlen(text), &number) ? T_DOUBLE : T_STRING;
}

mr_status mr_build_constant(mr_builder *b, uint32_t element, int wanted, mr_expression *x) {
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

/* mapMissingTo is of the field's type, or of the one that is wanted: "unknown" in place of a number. */
static mr_status build_field(mr_builder *b, mr_scope *scope, uint32_t element, int wanted, mr_expression *x) {
    double number;
    const char *missing = mr_build_text(b, element, A_mapMissingTo);
    x->op = X_FIELD;
    mr_status status = mr_scope_find_attribute(b, scope, element, A_field, &x->slot);
    if (status != MR_OK) return status;
    x->type = b->slots[x->slot].type;
    const mr_expression *constant = b->slots[x->slot].constant;
    if (constant && !missing) { /* so that a pattern or a term is looked at once, at load */
        uint32_t line = x->line;
        *x = *constant;
        x->line = line;
        return MR_OK;
    }
    bool fits = !missing || x->type == T_STRING || mr_value_read(missing, strlen(missing), x->type, &number);
    if (!fits && wanted != UNTYPED) {
        mr_expression *converted = mr_build_alloc(b, 1, sizeof *converted);
        if (!converted) return MR_NO_MEMORY;
        *converted = *x;
        status = mr_build_conversion(b, element, (mr_data_type)wanted, &converted);
        if (status == MR_OK) *x = *converted;
    }
    if (status != MR_OK) return status;
    return mr_build_on_missing(b, element, x);
}

static mr_status numeric_field(mr_builder *b, mr_scope *scope, uint32_t element, mr_expression *x) {
    mr_status status = mr_scope_find_attribute(b, scope, element, A_field, &x->slot);
    if (status == MR_OK && !mr_data_type_is_number(b->slots[x->slot].type) &&
        b->slots[x->slot].type != T_BOOLEAN)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<%s> of a field that is no number",
                               mr_element_text(mr_build_name(b, element)));
    return status;
}

static mr_status build_norm_continuous(mr_builder *b, mr_scope *scope, uint32_t element, mr_expression *x) {
    static const char *const outliers[] = {"asIs", "asMissingValues", "asExtremeValues", NULL};
    unsigned outlier = 0;
    x->op = X_NORM_CONTINUOUS;
    x->type = T_DOUBLE;
    mr_status status = numeric_field(b, scope, element, x);
    if (status == MR_OK) status = mr_build_on_missing(b, element, x);
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
        if (status == MR_OK && points > x->points && !(points[-1].from <= points->from))
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "the `orig` of <LinearNorm> must not fall");
        if (status != MR_OK) return status;
        points++;
    }
    bool steep = x->points[0].from == x->points[1].from || points[-2].from == points[-1].from;
    if (steep && x->outliers == OUTLIERS_AS_IS)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "outliers=\"asIs\" of <NormContinuous> whose first or last line is upright");
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
    if (status == MR_OK) status = mr_build_on_missing(b, element, x);
    return status;
}

mr_status mr_build_result_type(mr_builder *b, uint32_t element, int wanted, mr_expression *x) {
    mr_measure measure;
    x->type = wanted == UNTYPED ? T_STRING : (mr_data_type)wanted;
    mr_status status = mr_build_type(b, element, &x->type, &measure);
    if (status == MR_OK) status = mr_build_on_missing(b, element, x);
    if (status == MR_OK) status = mr_build_default(b, element, x);
    return status;
}

/* Does each interval end before the next begins? */
static bool in_order(const mr_interval *intervals, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (!(intervals[i].low <= intervals[i].high)) return false;
        if (i == 0) continue;
        double end = intervals[i - 1].high;
        bool shared = !intervals[i - 1].high_open && !intervals[i].low_open;
        if (end > intervals[i].low || (end == intervals[i].low && shared)) return false;
    }
    return true;
}

static mr_status build_discretize(mr_builder *b, mr_scope *scope, uint32_t element, int wanted,
                                  mr_expression *x) {
    x->op = X_DISCRETIZE;
    mr_status status = numeric_field(b, scope, element, x);
    if (status == MR_OK) status = mr_build_result_type(b, element, wanted, x);
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
        if (status == MR_OK) status = mr_build_intervals(b, child, T_DOUBLE, &found, &count);
        if (status == MR_OK && count != 1)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "<DiscretizeBin> needs one <Interval>");
        if (status != MR_OK) return status;
        *intervals++ = found[0];
    }
    x->in_order = in_order(x->intervals, x->count);
    return MR_OK;
}

mr_status mr_build_one(mr_builder *b, mr_scope *scope, uint32_t element, int wanted,
                       mr_expression **expression) {
    mr_expression *x = mr_build_alloc(b, 1, sizeof *x);
    if (!x) return MR_NO_MEMORY;
    x->line = b->document->elements[element].line;
    *expression = x;
    switch (mr_build_name(b, element)) {
    case E_Constant:
        return mr_build_constant(b, element, wanted, x);
    case E_FieldRef:
        return build_field(b, scope, element, wanted, x);
    case E_NormContinuous:
        return build_norm_continuous(b, scope, element, x);
    case E_NormDiscrete:
        return build_norm_discrete(b, scope, element, x);
    case E_Discretize:
        return build_discretize(b, scope, element, wanted, x);
    case E_TextIndex:
        return mr_build_text_index(b, scope, element, x);
    case E_MapValues:
        return mr_build_map(b, scope, element, wanted, x);
    default:
        return mr_build_apply(b, scope, element, wanted, x);
    }
}

/* As a number it is what it was: no conversion is left for the row. */
static bool stays(mr_data_type from, mr_data_type to) {
    return from == to || (to == T_DOUBLE && (mr_data_type_is_number(from) || from == T_BOOLEAN));
}

static mr_status convert_constant(mr_builder *b, uint32_t element, mr_data_type type, mr_expression *x) {
    mr_slot *value = &x->constant;
    mr_data_type from = x->type;
    x->type = type;
    if (value->missing) return MR_OK;
    if (from == T_STRING) return mr_build_literal(b, element, b->text_list[value->text].data, type, value);
    if (type == T_STRING) {
        char text[MR_VALUE_MAX + 1];
        text[mr_value_print(text, from, value->number)] = 0;
        *value = (mr_slot){0};
        return mr_build_intern(b, text, &value->text);
    }
    if (mr_value_convert(from, type, &value->number)) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL, "\"%.60s\" in <%s> is not of type %s",
                         mr_build_text(b, element, A_TEXT) ? mr_build_text(b, element, A_TEXT) : "",
                         mr_element_text(mr_build_name(b, element)), mr_data_type_name(type));
}

mr_status mr_build_conversion(mr_builder *b, uint32_t element, mr_data_type type,
                              mr_expression **expression) {
    mr_expression *x = *expression;
    if (stays(x->type, type)) {
        x->type = type;
        return MR_OK;
    }
    if (!mr_value_converts(x->type, type))
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "converting a value of type %s into one of type %s is not "
                             "supported",
                             mr_data_type_name(x->type), mr_data_type_name(type));
    if (x->op == X_CONSTANT) return convert_constant(b, element, type, x);
    mr_expression *conversion = mr_build_alloc(b, 1, sizeof *conversion);
    const mr_expression **arguments = mr_build_alloc(b, 1, sizeof *arguments);
    if (!conversion || !arguments) return MR_NO_MEMORY;
    arguments[0] = x;
    *conversion = (mr_expression){.op = X_CONVERT,
                                  .type = type,
                                  .count = 1,
                                  .arguments = arguments,
                                  .line = b->document->elements[element].line};
    b->row_texts |= x->type == T_STRING || type == T_STRING;
    *expression = conversion;
    return MR_OK;
}

bool mr_expression_is_closed(const mr_builder *b, const mr_expression *x) {
    if (x->type != T_STRING) return true;
    if (x->op == X_FIELD) return b->slots[x->slot].closed;
    if (x->op == X_CONVERT || x->op == X_CALL) return false;
    for (uint32_t i = x->op == X_IF; x->op == X_IF && i < x->count; i++)
        if (!mr_expression_is_closed(b, x->arguments[i])) return false;
    return x->op != X_FUNCTION;
}

static mr_status find_expression(mr_builder *b, uint32_t element, uint32_t *found) {
    *found = MR_NONE;
    MR_EACH_CHILD(b->document, element, child) {
        if (!mr_is_expression(mr_build_name(b, child))) continue;
        if (*found != MR_NONE)
            return mr_build_fail(b, child, MR_INVALID_MODEL, "more than one expression in one element");
        *found = child;
    }
    if (*found == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<%s> lacks its expression",
                             mr_element_text(mr_build_name(b, element)));
    return MR_OK;
}

mr_status mr_build_untyped_expression(mr_builder *b, mr_scope *scope, uint32_t element,
                                      const mr_expression **expression) {
    uint32_t found;
    mr_expression *x = NULL;
    mr_status status = find_expression(b, element, &found);
    if (status == MR_OK) status = mr_build_one(b, scope, found, UNTYPED, &x);
    *expression = x;
    return status;
}

mr_status mr_build_expression(mr_builder *b, mr_scope *scope, uint32_t element, mr_data_type wanted,
                              const mr_expression **expression) {
    uint32_t found;
    mr_expression *x = NULL;
    mr_status status = find_expression(b, element, &found);
    if (status == MR_OK) status = mr_build_one(b, scope, found, (int)wanted, &x);
    if (status == MR_OK) status = mr_build_conversion(b, found, wanted, &x);
    *expression = x;
    return status;
}

mr_status mr_build_derived(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t *slot) {
    mr_data_type type = T_DOUBLE;
    mr_measure measure;
    const mr_expression *expression;
    bool typed = mr_build_text(b, element, A_dataType) || mr_build_text(b, element, A_datatype);
    mr_status status = mr_build_type(b, element, &type, &measure);
    if (status == MR_OK)
        status = typed ? mr_build_expression(b, scope, element, type, &expression)
                       : mr_build_untyped_expression(b, scope, element, &expression);
    if (status == MR_OK && !typed) type = expression->type; /* as it comes */
    if (status == MR_OK && !typed && type == T_STRING && !mr_build_text(b, element, A_optype))
        measure = MR_CATEGORICAL;
    if (status == MR_OK) status = mr_build_slot(b, type, measure, slot);
    if (status != MR_OK) return status;
    mr_slot_info *info = &b->slots[*slot];
    if (expression->op == X_FIELD) {
        info->data_field = b->slots[expression->slot].data_field;
        if (b->slots[expression->slot].type != type) info->data_field = MR_NONE;
    }
    info->closed = type != T_STRING || mr_expression_is_closed(b, expression);
    MR_EACH_CHILD(b->document, element, child) /* it may declare its values itself */
    if (mr_build_name(b, child) == E_Value) info->data_field = element;
    return mr_scope_add_step(b, scope, (mr_step){.expression = expression, .type = type, .to = *slot});
}
