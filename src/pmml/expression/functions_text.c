/* Functions of text. Characters are Unicode's, counted from 1; strings that a call makes are the row's
 * (texts.c).
 *
 * Patterns and formats that are constants are looked at once, at load, and a fault in one refuses the model;
 * those from a field are looked at for each row, and a fault makes the result invalid.
 */
#include <string.h>

#include "pmml/expression/format.h"
#include "pmml/expression/functions.h"
#include "pmml/expression/regex.h"
#include "pmml/expression/unicode.h"
#include "pmml/expression/utf8.h"

const char *mr_constant_text(const mr_builder *b, const mr_expression *argument) {
    bool is_text = argument->op == X_CONSTANT && argument->type == T_STRING && !argument->constant.missing;
    return is_text ? b->text_list[argument->constant.text].data : NULL;
}

static mr_slot change_case(const mr_slot *v, mr_work *work, bool upper) {
    mr_text text = mr_work_text(work, v[0].text);
    size_t size = mr_change_case(text.data, text.size, upper, NULL);
    char *changed = mr_work_take(work, size);
    if (!changed) return mr_missing_slot();
    mr_change_case(text.data, text.size, upper, changed);
    return mr_text_slot(work, changed, size);
}

static mr_slot call_uppercase(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e;
    return change_case(v, work, true);
}

static mr_slot call_lowercase(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e;
    return change_case(v, work, false);
}

static mr_slot call_length(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e;
    mr_text text = mr_work_text(work, v[0].text);
    return mr_number_slot((double)mr_utf8_length(text.data, text.size));
}

/* A part of a text that the row has. */
static mr_slot part(mr_work *work, uint32_t number, size_t from, size_t to) {
    mr_text text = mr_work_lasting_text(work, number);
    if (work->exhausted) return mr_missing_slot();
    return mr_text_slot(work, text.data + from, to - from);
}

static mr_slot call_substring(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e;
    mr_text text = mr_work_text(work, v[0].text);
    double start = v[1].number, length = v[2].number;
    if (!(start >= 1 && length >= 0)) return mr_invalid_slot();
    size_t from = mr_utf8_skip(text.data, text.size, (uint64_t)(start - 1));
    size_t to = from + mr_utf8_skip(text.data + from, text.size - from, (uint64_t)length);
    return part(work, v[0].text, from, to);
}

static mr_slot call_trim(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e;
    mr_text text = mr_work_text(work, v[0].text);
    size_t from = 0, to = text.size;
    while (from < to && (unsigned char)text.data[from] <= ' ') from++;
    while (to > from && (unsigned char)text.data[to - 1] <= ' ') to--;
    return part(work, v[0].text, from, to);
}

static mr_slot call_concat(const mr_expression *e, const mr_slot *v, mr_work *work) {
    size_t size = 0, at = 0;
    for (uint32_t i = 0; i < e->count; i++)
        if (!v[i].missing) size += mr_work_text(work, v[i].text).size;
    char *all = mr_work_take(work, size);
    for (uint32_t i = 0; all && i < e->count; i++) {
        if (v[i].missing) continue;
        mr_text text = mr_work_text(work, v[i].text);
        memcpy(all + at, text.data, text.size);
        at += text.size;
    }
    return all ? mr_text_slot(work, all, size) : mr_missing_slot();
}

/* ---- Regular expressions ---- */

/* The pattern of the call: of the model, or of the row. NULL: *faulty, or the scratch is too small. */
static const mr_regex *regex_of(const mr_expression *e, const mr_slot *v, mr_work *work, bool *faulty) {
    *faulty = false;
    return e->detail ? e->detail : mr_regex_compile(work, mr_work_text(work, v[1].text), faulty);
}

static mr_text subject(mr_work *work, const mr_slot *value) {
    return mr_regex_text(work, mr_work_text(work, value->text));
}

static mr_slot call_matches(const mr_expression *e, const mr_slot *v, mr_work *work) {
    bool faulty;
    size_t from, to;
    const mr_regex *regex = regex_of(e, v, work, &faulty);
    if (!regex) return faulty ? mr_invalid_slot() : mr_missing_slot();
    return mr_number_slot(mr_regex_find(regex, work, subject(work, &v[0]), 0, &from, &to));
}

static mr_slot call_replace(const mr_expression *e, const mr_slot *v, mr_work *work) {
    bool faulty;
    const mr_regex *regex = regex_of(e, v, work, &faulty);
    if (!regex) return faulty ? mr_invalid_slot() : mr_missing_slot();
    mr_text text = subject(work, &v[0]);
    mr_text changed = mr_regex_replace(regex, work, text, subject(work, &v[2]), false, &faulty);
    if (faulty) return mr_invalid_slot();
    return changed.data == text.data ? v[0] : mr_text_slot(work, changed.data, changed.size);
}

static mr_status prepare_regex(mr_builder *b, uint32_t element, mr_expression *x) {
    const char *pattern = mr_constant_text(b, x->arguments[1]);
    const char *replacement = x->count > 2 ? mr_constant_text(b, x->arguments[2]) : NULL;
    const mr_regex *regex = NULL;
    if (!pattern) return MR_OK;
    mr_status status = mr_regex_build(b, element, pattern, 0, &regex);
    if (status == MR_OK && replacement &&
        !mr_regex_takes(regex, (mr_text){.data = replacement, .size = (uint32_t)strlen(replacement)}))
        status = mr_build_fail(b, element, MR_INVALID_MODEL,
                               "the replacement \"%.60s\" names a group that the pattern does not have",
                               replacement);
    x->detail = regex;
    return status;
}

/* ---- Numbers as text ---- */

static mr_slot call_format_number(const mr_expression *e, const mr_slot *v, mr_work *work) {
    mr_text pattern = mr_work_text(work, v[1].text);
    bool integer = e->arguments[0]->type != T_DOUBLE && e->arguments[0]->type != T_FLOAT;
    size_t size = mr_format_number(pattern.data, pattern.size, v[0].number, integer, NULL);
    if (size == SIZE_MAX) return mr_invalid_slot();
    char *text = mr_work_take(work, size + 1);
    if (!text) return mr_missing_slot();
    mr_format_number(pattern.data, pattern.size, v[0].number, integer, text);
    return mr_text_slot(work, text, size);
}

static mr_status prepare_format_number(mr_builder *b, uint32_t element, mr_expression *x) {
    const char *pattern = mr_constant_text(b, x->arguments[1]);
    bool integer = x->arguments[0]->type != T_DOUBLE && x->arguments[0]->type != T_FLOAT;
    if (!pattern || mr_format_number(pattern, strlen(pattern), 0, integer, NULL) != SIZE_MAX) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL, "the format \"%.60s\" does not suit %s", pattern,
                         integer ? "an integer" : "a number with a fraction");
}

const mr_function mr_text_functions[] = {
    {"uppercase", 1, 1, "s", RESULT_STRING, false, call_uppercase, NULL},
    {"lowercase", 1, 1, "s", RESULT_STRING, false, call_lowercase, NULL},
    {"stringLength", 1, 1, "s", RESULT_INTEGER, false, call_length, NULL},
    {"substring", 3, 3, "sii", RESULT_STRING, false, call_substring, NULL},
    {"trimBlanks", 1, 1, "s", RESULT_STRING, false, call_trim, NULL},
    {"concat", 2, MR_PMML_ARGUMENTS_MAX, "s", RESULT_STRING, true, call_concat, NULL},
    {"replace", 3, 3, "s", RESULT_STRING, false, call_replace, prepare_regex},
    {"matches", 2, 2, "s", RESULT_BOOLEAN, false, call_matches, prepare_regex},
    {"formatNumber", 2, 2, "ns", RESULT_STRING, false, call_format_number, prepare_format_number},
    {NULL, 0, 0, NULL, RESULT_DOUBLE, false, NULL, NULL},
};
