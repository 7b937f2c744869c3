/* Apply, compiled: built-in functions with arguments of the types that they take, and functions that the
 * model defines.
 *
 * The body of a defined function is compiled anew for each call, with the types of its arguments: its
 * parameters are slots that the call fills. Functions cannot call themselves, so this ends; how much may be
 * compiled so is limited, since a function may call another twice, that one a third twice, and so on.
 */
#include <string.h>

#include "pmml/expression/expression_build.h"
#include "pmml/expression/functions.h"
#include "pmml/field/values.h"

enum { INLINED_MAX = 1 << 18 };

/* ---- Types ---- */

static mr_data_type wider(mr_data_type a, mr_data_type b) {
    if (mr_data_type_is_temporal(a)) a = T_INTEGER;
    if (mr_data_type_is_temporal(b)) b = T_INTEGER;
    return a > b ? a : b; /* integer < float < double */
}

static char letter_of(const mr_function *function, uint32_t argument) {
    uint32_t last = (uint32_t)strlen(function->takes) - 1;
    return function->takes[argument < last ? argument : last];
}

/* Type that a letter asks for; UNTYPED: it leaves a choice. */
static int type_of_letter(char letter) {
    switch (letter) {
    case 'd':
        return T_DOUBLE;
    case 'i':
        return T_INTEGER;
    case 's':
        return T_STRING;
    case 'b':
        return T_BOOLEAN;
    case 'D':
        return T_DATE;
    case 'T':
        return T_TIME;
    case 'M':
        return T_DATE_TIME;
    default:
        return UNTYPED;
    }
}

static bool is_constant(const mr_builder *b, uint32_t element) {
    return mr_build_name(b, element) == E_Constant && !mr_build_text(b, element, A_dataType);
}

/* <Constant missing="true"/> is of any type. */
static bool is_missing_constant(const mr_builder *b, uint32_t element, const mr_expression *x) {
    return is_constant(b, element) && x->op == X_CONSTANT && x->constant.missing;
}

static mr_status wrong_type(mr_builder *b, uint32_t element, const mr_expression *x, uint32_t argument) {
    return mr_build_fail(b, element, MR_UNSUPPORTED,
                         "function \"%s\" with an argument %u of type %s is not supported", x->function->name,
                         argument + 1, mr_data_type_name(x->arguments[argument]->type));
}

/* What is compared becomes what the first is; numbers stay what they are, but beside a float. */
static bool compares(mr_data_type first, mr_data_type other, bool *converts) {
    bool number = mr_data_type_is_number(first) || first == T_BOOLEAN;
    bool other_number = mr_data_type_is_number(other) || other == T_BOOLEAN;
    *converts = other != first && !(number && other_number && first != T_FLOAT);
    return mr_value_converts(other, first);
}

/* Constants without a type take that of what they are compared with. */
static mr_status type_compared(mr_builder *b, uint32_t element, mr_expression *x, mr_expression **arguments) {
    mr_data_type first = arguments[0]->type;
    uint32_t i = 0, open = 0;
    bool decided = false, converts;
    MR_EACH_CHILD(b->document, element, child) {
        if (!decided && !is_constant(b, child)) first = arguments[i]->type, decided = true;
        i++;
    }
    i = 0;
    MR_EACH_CHILD(b->document, element, child) {
        mr_status status = MR_OK;
        if (is_constant(b, child) && decided && first != T_LIST &&
            (first == T_STRING || arguments[i]->type == T_STRING))
            status = mr_build_constant(b, child, (int)first, arguments[i]);
        if (status == MR_OK && i == 0) first = arguments[0]->type;
        if (status == MR_OK && !compares(first, arguments[i]->type, &converts))
            status = wrong_type(b, element, x, i);
        if (status == MR_OK && converts) status = mr_build_conversion(b, child, first, &arguments[i]);
        if (status != MR_OK) return status;
        open += !mr_expression_is_closed(b, arguments[i++]);
    }
    x->texts = first == T_STRING;
    /* Of a text of the model and another string, that one may be anything; two others must be told apart. */
    if (x->texts && open > 1) b->row_texts = true;
    return MR_OK;
}

/* The arguments as the function takes them, and the type of its result. */
static mr_status type_arguments(mr_builder *b, uint32_t element, const mr_function *function,
                                mr_expression *x, mr_expression **arguments) {
    uint32_t i = 0;
    bool compared = false;
    x->calculated = T_INTEGER;
    MR_EACH_CHILD(b->document, element, child) {
        char letter = letter_of(function, i);
        int type = type_of_letter(letter);
        if (is_missing_constant(b, child, arguments[i]) && (type != UNTYPED || letter == 'n'))
            arguments[i]->type = type != UNTYPED ? (mr_data_type)type : T_INTEGER;
        mr_data_type own = arguments[i]->type;
        if (letter == 'F') type = own == T_TIME || own == T_TIME_SECONDS ? T_TIME : T_DATE_TIME;
        if (letter == 'n' && !mr_data_type_is_number(own)) return wrong_type(b, element, x, i);
        if (type != UNTYPED && !mr_value_converts(own, (mr_data_type)type))
            return wrong_type(b, element, x, i);
        mr_status status = MR_OK;
        if (type != UNTYPED) status = mr_build_conversion(b, child, (mr_data_type)type, &arguments[i]);
        if (status != MR_OK) return status;
        compared |= letter == '=' || letter == 'o';
        if (letter == 'n') x->calculated = wider(x->calculated, own);
        if (letter == 's') b->row_texts = true;
        i++;
    }
    static const int results[] = {T_DOUBLE, T_INTEGER, T_BOOLEAN, T_STRING, UNTYPED, UNTYPED};
    int result = results[function->result];
    if (result != UNTYPED) x->calculated = (mr_data_type)result;
    if (function->result == RESULT_MEAN && x->calculated == T_INTEGER) x->calculated = T_DOUBLE;
    return compared ? type_compared(b, element, x, arguments) : MR_OK;
}

/* Both branches of an "if" become one type. */
static mr_status type_branches(mr_builder *b, uint32_t element, int wanted, mr_expression *x,
                               mr_expression **arguments) {
    mr_data_type type = arguments[1]->type, other = x->count > 2 ? arguments[2]->type : type;
    uint32_t i = 0;
    if (wanted == T_STRING) type = T_STRING;
    else if (mr_data_type_is_number(type) && mr_data_type_is_number(other))
        type = type == other ? type : wider(type, other);
    else if (type == T_STRING || other == T_STRING) type = T_STRING;
    else if (mr_data_type_is_number(other) && type == T_BOOLEAN) type = other;
    x->calculated = type;
    MR_EACH_CHILD(b->document, element, child) {
        mr_data_type to = i == 0 ? T_BOOLEAN : type;
        if (!mr_value_converts(arguments[i]->type, to)) return wrong_type(b, element, x, i);
        mr_status status = mr_build_conversion(b, child, to, &arguments[i++]);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* ---- Built-in functions ---- */

static mr_status build_builtin(mr_builder *b, mr_scope *scope, uint32_t element, int wanted,
                               const mr_function *function, mr_expression *x) {
    mr_expression **arguments = mr_build_alloc(b, x->count, sizeof(mr_expression *));
    if (!arguments) return MR_NO_MEMORY;
    x->arguments = (const mr_expression *const *)arguments;
    x->function = function;
    x->takes_missing = function->takes_missing;
    x->op = function->call ? X_FUNCTION : X_IF;
    if (x->count < function->least || x->count > function->most)
        return mr_build_fail(b, element, MR_UNSUPPORTED, "function \"%s\" with %u arguments is not supported",
                             function->name, x->count);
    uint32_t i = 0;
    MR_EACH_CHILD(b->document, element, child) {
        int hint = type_of_letter(letter_of(function, i));
        if (x->op == X_IF && i > 0) hint = wanted;
        if (hint == T_DOUBLE && x->op != X_IF) hint = UNTYPED; /* an integer is one too */
        mr_status status = mr_build_one(b, scope, child, hint, &arguments[i++]);
        if (status != MR_OK) return status;
    }
    mr_status status = x->op == X_IF ? type_branches(b, element, wanted, x, arguments)
                                     : type_arguments(b, element, function, x, arguments);
    return status == MR_OK && function->prepare ? function->prepare(b, element, x) : status;
}

/* ---- Functions of the model ---- */

static mr_status bind_parameter(mr_builder *b, mr_scope *body, uint32_t parameter,
                                const mr_expression *argument, uint32_t *slot) {
    const char *name;
    mr_data_type type = argument->type;
    mr_measure measure;
    mr_slot_info source = {.data_field = MR_NONE};
    if (argument->op == X_FIELD) source = b->slots[argument->slot];
    mr_status status = mr_build_must(b, parameter, A_name, &name);
    if (status == MR_OK) status = mr_build_type(b, parameter, &type, &measure);
    if (status == MR_OK && argument->op == X_FIELD && !mr_build_text(b, parameter, A_optype))
        measure = source.measure;
    if (status == MR_OK) status = mr_build_slot(b, type, measure, slot);
    if (status != MR_OK) return status;
    b->slots[*slot].data_field = source.data_field;
    b->slots[*slot].treatment = source.treatment;
    b->slots[*slot].closed = mr_expression_is_closed(b, argument);
    if (argument->op == X_CONSTANT && argument->type == type) b->slots[*slot].constant = argument;
    return mr_scope_add_slot(b, body, parameter, name, *slot);
}

/* Arguments, as the parameters are declared, to slots that follow one another. */
static mr_status bind_parameters(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t function,
                                 mr_scope *body, mr_expression *x, mr_expression **arguments) {
    uint32_t i = 0, parameter = function + 1, slot;
    MR_EACH_CHILD(b->document, element, child) {
        while (mr_build_name(b, parameter) != E_ParameterField)
            parameter = b->document->elements[parameter].end;
        mr_data_type type = T_COUNT;
        mr_measure measure;
        mr_status status = mr_build_type(b, parameter, &type, &measure);
        if (status == MR_OK)
            status = mr_build_one(b, scope, child, type == T_COUNT ? UNTYPED : (int)type, &arguments[i]);
        if (status == MR_OK && type != T_COUNT) status = mr_build_conversion(b, child, type, &arguments[i]);
        if (status != MR_OK) return status;
        parameter = b->document->elements[parameter].end;
        i++;
    }
    i = 0;
    MR_EACH_CHILD(b->document, function, child) {
        if (mr_build_name(b, child) != E_ParameterField) continue;
        mr_status status = bind_parameter(b, body, child, arguments[i], &slot);
        if (status != MR_OK) return status;
        if (i++ == 0) x->slot = slot;
    }
    return MR_OK;
}

static mr_status enter(mr_builder *b, uint32_t element, uint32_t function, const char *name) {
    for (uint32_t i = 0; i < b->call_depth; i++)
        if (b->calls[i] == function)
            return mr_build_fail(b, element, MR_INVALID_MODEL,
                                 "the function \"%.100s\" is defined by way of itself", name);
    b->inlined += b->document->elements[function].end - function;
    if (b->call_depth == MR_PMML_CALLS_MAX || b->inlined > INLINED_MAX)
        return mr_build_fail(b, element, MR_LIMIT,
                             "functions that call one another more than %d deep, or come to more "
                             "than %d elements",
                             MR_PMML_CALLS_MAX, INLINED_MAX);
    b->calls[b->call_depth++] = function;
    return MR_OK;
}

static mr_status build_body(mr_builder *b, mr_scope *body, uint32_t function, mr_expression *x,
                            mr_expression **expression) {
    mr_data_type type = T_COUNT;
    mr_measure measure;
    uint32_t found = MR_NONE;
    MR_EACH_CHILD(b->document, function, child)
    if (mr_is_expression(mr_build_name(b, child))) found = child;
    if (found == MR_NONE)
        return mr_build_fail(b, function, MR_INVALID_MODEL, "<DefineFunction> lacks its expression");
    mr_status status = mr_build_type(b, function, &type, &measure);
    if (status == MR_OK)
        status = mr_build_one(b, body, found, type == T_COUNT ? UNTYPED : (int)type, expression);
    if (status == MR_OK && type != T_COUNT) status = mr_build_conversion(b, found, type, expression);
    if (status == MR_OK) x->calculated = type == T_COUNT ? (*expression)->type : type;
    return status;
}

static mr_status build_defined(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t function,
                               const char *name, mr_expression *x) {
    uint32_t parameters = 0;
    MR_EACH_CHILD(b->document, function, child)
    parameters += mr_build_name(b, child) == E_ParameterField;
    if (parameters != x->count)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "function \"%.100s\" takes %u arguments, not %u",
                             name, parameters, x->count);
    mr_expression **arguments = mr_build_alloc(b, x->count + 1, sizeof(mr_expression *));
    if (!arguments) return MR_NO_MEMORY;
    x->op = X_CALL;
    x->arguments = (const mr_expression *const *)arguments;
    x->takes_missing = true;
    x->name = mr_arena_copy(b->arena, name, strlen(name));
    mr_scope body = {.function = true};
    mr_status status =
        x->name ? bind_parameters(b, scope, element, function, &body, x, arguments) : mr_build_no_memory(b);
    if (status == MR_OK) status = enter(b, element, function, name);
    if (status == MR_OK) {
        status = build_body(b, &body, function, x, &arguments[x->count]);
        b->call_depth--;
    }
    mr_scope_close(&body);
    return status;
}

/* ---- Missing and invalid results ---- */

static bool reads_as(mr_builder *b, const char *text, mr_data_type type) {
    double number;
    (void)b;
    return !text || type == T_STRING || mr_value_read(text, strlen(text), type, &number);
}

/* mapMissingTo and defaultValue are of the type that is wanted, or of the function's where it reads them. */
static mr_status build_fallbacks(mr_builder *b, uint32_t element, int wanted, mr_expression *x) {
    const char *missing = mr_build_text(b, element, A_mapMissingTo);
    const char *otherwise = mr_build_text(b, element, A_defaultValue);
    x->type = x->calculated;
    if (!missing && !otherwise) return MR_OK;
    if (wanted != UNTYPED && mr_value_converts(x->calculated, (mr_data_type)wanted))
        x->type = (mr_data_type)wanted;
    bool fits = reads_as(b, missing, x->type) && reads_as(b, otherwise, x->type);
    if (!fits && wanted == UNTYPED && x->type == T_INTEGER) x->type = T_DOUBLE;
    if (!fits && wanted == UNTYPED && !(reads_as(b, missing, x->type) && reads_as(b, otherwise, x->type)))
        x->type = T_STRING;
    if (x->type == T_STRING && x->calculated != T_STRING) b->row_texts = true;
    mr_status status = mr_build_on_missing(b, element, x);
    return status == MR_OK ? mr_build_default(b, element, x) : status;
}

/* The branches of an "if" whose fallbacks are of another type become that type, too. */
static mr_status retype_branches(mr_builder *b, uint32_t element, mr_expression *x) {
    mr_expression **arguments = mr_build_keep(b, x->arguments, x->count, sizeof(mr_expression *));
    if (!arguments) return MR_NO_MEMORY;
    x->arguments = (const mr_expression *const *)arguments;
    for (uint32_t i = 1; i < x->count; i++) {
        mr_status status = mr_build_conversion(b, element, x->type, &arguments[i]);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

mr_status mr_build_apply(mr_builder *b, mr_scope *scope, uint32_t element, int wanted, mr_expression *x) {
    static const char *const invalids[] = {"returnInvalid", "asIs", "asMissing", NULL};
    unsigned invalid = 0;
    const char *name;
    mr_status status = mr_build_must(b, element, A_function, &name);
    if (status == MR_OK) status = mr_build_word(b, element, A_invalidValueTreatment, invalids, &invalid);
    if (status != MR_OK) return status;
    x->invalid_as_is = invalid == 1;
    x->invalid_as_missing = invalid == 2;
    MR_EACH_CHILD(b->document, element, child) x->count++;
    const mr_map_item *defined = mr_map_find(&b->functions, name, strlen(name));
    const mr_function *function = mr_function_find(name);
    if (defined) status = build_defined(b, scope, element, defined->value, name, x);
    else if (function) status = build_builtin(b, scope, element, wanted, function, x);
    else status = mr_build_fail(b, element, MR_UNSUPPORTED, "function \"%.100s\" is not supported", name);
    if (status == MR_OK) status = build_fallbacks(b, element, wanted, x);
    if (status == MR_OK && x->op == X_IF && x->type != x->calculated) status = retype_branches(b, element, x);
    return status;
}
