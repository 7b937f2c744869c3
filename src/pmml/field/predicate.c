/* Predicates: true, false or unknown; a missing value makes a comparison unknown.
 *
 * Order is that of the standard's numbers with NaN above all, as Java's Double.compare has it.
 */
#include <stdlib.h>

#include "pmml/build.h"
#include "pmml/expression/functions.h"
#include "pmml/field/ranks.h"
#include "pmml/field/values.h"

static bool number_among(const double *numbers, uint32_t count, double number) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (numbers[middle] < number) low = middle + 1;
        else high = middle;
    }
    return low < count && numbers[low] == number;
}

static bool text_among(const uint32_t *texts, uint32_t count, uint32_t text) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (texts[middle] < text) low = middle + 1;
        else high = middle;
    }
    return low < count && texts[low] == text;
}

static mr_truth test_compound(const mr_predicate *p, const mr_slot *slots) {
    bool unknown = false, odd = false;
    for (uint32_t i = 0; i < p->count; i++) {
        mr_truth truth = mr_predicate_test(&p->with.parts[i], slots);
        if (truth == TRUTH_UNKNOWN) {
            unknown = true;
            continue;
        }
        if (p->op == P_SURROGATE) return truth;
        if (p->op == P_AND && truth == TRUTH_FALSE) return TRUTH_FALSE;
        if (p->op == P_OR && truth == TRUTH_TRUE) return TRUTH_TRUE;
        odd ^= truth == TRUTH_TRUE;
    }
    if (unknown) return TRUTH_UNKNOWN;
    if (p->op == P_XOR) return odd ? TRUTH_TRUE : TRUTH_FALSE;
    return p->op == P_AND ? TRUTH_TRUE : TRUTH_FALSE;
}

mr_truth mr_predicate_test(const mr_predicate *p, const mr_slot *slots) {
    if (p->op <= P_FALSE) return p->op == P_TRUE ? TRUTH_TRUE : TRUTH_FALSE;
    if (p->op >= P_AND) return test_compound(p, slots);
    const mr_slot *x = &slots[p->slot];
    if (p->op == P_IS_MISSING) return x->missing ? TRUTH_TRUE : TRUTH_FALSE;
    if (p->op == P_IS_NOT_MISSING) return x->missing ? TRUTH_FALSE : TRUTH_TRUE;
    if (x->missing) return TRUTH_UNKNOWN;
    bool truth = false;
    switch ((mr_predicate_op)p->op) {
    case P_EQUAL:
        truth = x->number == p->with.number;
        break;
    case P_NOT_EQUAL:
        truth = x->number != p->with.number;
        break;
    case P_LESS:
        truth = x->number < p->with.number;
        break;
    case P_LESS_OR_EQUAL:
        truth = x->number <= p->with.number;
        break;
    case P_GREATER:
        truth = !(x->number <= p->with.number);
        break;
    case P_GREATER_OR_EQUAL:
        truth = !(x->number < p->with.number);
        break;
    case P_TEXT_EQUAL:
        truth = x->text == p->with.text;
        break;
    case P_TEXT_NOT_EQUAL:
        truth = x->text != p->with.text;
        break;
    case P_IN:
        truth = number_among(p->with.numbers, p->count, x->number);
        break;
    case P_NOT_IN:
        truth = !number_among(p->with.numbers, p->count, x->number);
        break;
    case P_TEXT_IN:
        truth = text_among(p->with.texts, p->count, x->text);
        break;
    case P_TEXT_NOT_IN:
        truth = !text_among(p->with.texts, p->count, x->text);
        break;
    default:
        break;
    }
    return truth ? TRUTH_TRUE : TRUTH_FALSE;
}

bool mr_is_predicate(mr_element_name name) {
    return name == E_True || name == E_False || name == E_SimplePredicate || name == E_CompoundPredicate ||
           name == E_SimpleSetPredicate;
}

/* The declared values of an ordinal field that stand so to the one in the predicate, as a set. */
static mr_status build_ranked(mr_builder *b, mr_arena *arena, uint32_t element, const mr_slot_info *info,
                              unsigned word, mr_slot value, mr_predicate *p) {
    const mr_slot *values;
    uint32_t count, rank = 0;
    bool text = info->type == T_STRING;
    mr_status status = mr_ranks_values(b, info, &values, &count);
    if (status != MR_OK) return status;
    while (rank < count && (text ? values[rank].text != value.text : values[rank].number != value.number))
        rank++;
    if (rank == count)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "value=\"%.60s\" is none of the values of the field, so it has "
                             "no place in their order",
                             mr_build_text(b, element, A_value));
    double *numbers = mr_arena_alloc(arena, (count + 1) * sizeof *numbers);
    if (!numbers) return mr_build_no_memory(b);
    uint32_t *texts = (uint32_t *)(void *)numbers;
    for (uint32_t i = 0; i < count; i++) {
        bool below = i < rank, same = i == rank,
             in = (word < 4 && below) || (word > 3 && i > rank) || (word % 2 && same);
        if (in && text) texts[p->count++] = values[i].text;
        else if (in) numbers[p->count++] = values[i].number;
    }
    p->op = text ? P_TEXT_IN : P_IN;
    if (text) p->with.texts = texts;
    else p->with.numbers = numbers;
    if (text) return mr_sort_texts(texts, p->count) ? MR_OK : mr_build_no_memory(b);
    qsort(numbers, p->count, sizeof *numbers, mr_by_number);
    return MR_OK;
}

/* Strings of an ordinal field without declared values compare by their bytes: a derived field says how. */
static mr_status build_bytewise(mr_builder *b, mr_scope *scope, uint32_t element, const char *function,
                                mr_slot value, mr_predicate *p) {
    mr_expression *parts = mr_build_alloc(b, 3, sizeof *parts);
    const mr_expression **arguments = mr_build_alloc(b, 2, sizeof *arguments);
    uint32_t slot;
    if (!parts || !arguments) return MR_NO_MEMORY;
    parts[1] = (mr_expression){.op = X_FIELD, .type = T_STRING, .slot = p->slot};
    parts[2] = (mr_expression){.op = X_CONSTANT, .type = T_STRING, .constant = value};
    arguments[0] = &parts[1], arguments[1] = &parts[2];
    parts[0] = (mr_expression){.op = X_FUNCTION,
                               .type = T_BOOLEAN,
                               .calculated = T_BOOLEAN,
                               .texts = true,
                               .count = 2,
                               .function = mr_function_find(function),
                               .arguments = arguments,
                               .line = b->document->elements[element].line};
    b->row_texts = true;
    mr_status status = mr_build_slot(b, T_BOOLEAN, MR_CATEGORICAL, &slot);
    if (status != MR_OK) return status;
    p->slot = slot;
    p->op = P_EQUAL;
    p->with.number = 1;
    return mr_scope_add_step(b, scope, (mr_step){.expression = &parts[0], .type = T_BOOLEAN, .to = slot});
}

/* lessThan and so on, of strings and of ordinal fields whose order is not that of numbers. *done false: of
 * numbers. */
static mr_status build_order(mr_builder *b, mr_arena *arena, mr_scope *scope, uint32_t element, unsigned word,
                             const char *operator, mr_predicate * p, bool *done) {
    const mr_slot_info info = b->slots[p->slot];
    const void *ranks;
    const char *text;
    mr_slot value;
    mr_status status = mr_ranks_build(b, &info, &ranks);
    *done = status != MR_OK || ranks || info.type == T_STRING;
    if (status == MR_OK && *done) status = mr_build_must(b, element, A_value, &text);
    if (status == MR_OK && *done) status = mr_build_literal(b, element, text, info.type, &value);
    if (status != MR_OK || !*done) return status;
    if (ranks) return build_ranked(b, arena, element, &info, word, value, p);
    if (info.measure != MR_ORDINAL || (scope->reads_chain && info.data_field == MR_NONE))
        return mr_build_fail(
            b, element, MR_UNSUPPORTED,
            "operator=\"%s\" on a field of strings without an order is not supported", operator);
    return build_bytewise(b, scope, element, operator, value, p);
}

static mr_status build_simple(mr_builder *b, mr_arena *arena, mr_scope *scope, uint32_t element,
                              mr_predicate *p) {
    static const char *const words[] = {"equal",       "notEqual",     "lessThan",
                                        "lessOrEqual", "greaterThan",  "greaterOrEqual",
                                        "isMissing",   "isNotMissing", NULL};
    static const uint8_t ops[] = {P_EQUAL,   P_NOT_EQUAL,        P_LESS,       P_LESS_OR_EQUAL,
                                  P_GREATER, P_GREATER_OR_EQUAL, P_IS_MISSING, P_IS_NOT_MISSING};
    unsigned word = 0;
    const char *text;
    mr_slot value;
    mr_status status = mr_scope_find_attribute(b, scope, element, A_field, &p->slot);
    if (status == MR_OK) status = mr_build_must(b, element, A_operator, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_operator, words, &word);
    if (status != MR_OK) return status;
    p->op = ops[word];
    if (p->op == P_IS_MISSING || p->op == P_IS_NOT_MISSING) return MR_OK;
    mr_data_type type = b->slots[p->slot].type;
    bool done = false;
    if (word > 1) status = build_order(b, arena, scope, element, word, words[word], p, &done);
    if (status != MR_OK || done) return status;
    if (type == T_STRING) p->op = word ? P_TEXT_NOT_EQUAL : P_TEXT_EQUAL;
    status = mr_build_must(b, element, A_value, &text);
    bool splits = type == T_INTEGER || (type == T_BOOLEAN && word > 1);
    bool named = type == T_BOOLEAN && text && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0);
    if (status == MR_OK && splits && !named) type = T_DOUBLE; /* "0.5" lies between two values */
    if (status == MR_OK) status = mr_build_literal(b, element, text, type, &value);
    if (status != MR_OK) return status;
    if (type == T_STRING) p->with.text = value.text;
    else p->with.number = value.number;
    return MR_OK;
}

static mr_status build_set(mr_builder *b, mr_arena *arena, mr_scope *scope, uint32_t element,
                           mr_predicate *p) {
    static const char *const words[] = {"isIn", "isNotIn", NULL};
    unsigned word = 0;
    const char *text, **items;
    mr_status status = mr_scope_find_attribute(b, scope, element, A_field, &p->slot);
    if (status == MR_OK) status = mr_build_must(b, element, A_booleanOperator, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_booleanOperator, words, &word);
    if (status != MR_OK) return status;
    if (element + 1 >= b->document->elements[element].end)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<SimpleSetPredicate> lacks its <Array>");
    status = mr_build_array(b, element + 1, &items, &p->count);
    if (status != MR_OK) return status;
    mr_data_type type = b->slots[p->slot].type;
    size_t size = type == T_STRING ? sizeof(uint32_t) : sizeof(double);
    double *numbers = mr_arena_alloc(arena, (p->count + 1) * size);
    if (!numbers) return mr_build_no_memory(b);
    uint32_t *texts = (uint32_t *)(void *)numbers;
    for (uint32_t i = 0; i < p->count; i++) {
        mr_slot value;
        status = mr_build_literal(b, element, items[i], type, &value);
        if (status != MR_OK) return status;
        if (type == T_STRING) texts[i] = value.text;
        else numbers[i] = value.number;
    }
    if (type == T_STRING) {
        p->op = word ? P_TEXT_NOT_IN : P_TEXT_IN;
        p->with.texts = texts;
        return mr_sort_texts(texts, p->count) ? MR_OK : mr_build_no_memory(b);
    }
    qsort(numbers, p->count, sizeof *numbers, mr_by_number);
    p->op = word ? P_NOT_IN : P_IN;
    p->with.numbers = numbers;
    return MR_OK;
}

static mr_status build_compound(mr_builder *b, mr_arena *arena, mr_scope *scope, uint32_t element,
                                mr_predicate *p) {
    static const char *const words[] = {"and", "or", "xor", "surrogate", NULL};
    unsigned word = 0;
    const char *text;
    uint32_t count = 0;
    mr_status status = mr_build_must(b, element, A_booleanOperator, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_booleanOperator, words, &word);
    if (status != MR_OK) return status;
    MR_EACH_CHILD(b->document, element, child) count++;
    if (count == 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<CompoundPredicate> has no predicates inside");
    mr_predicate *parts = mr_arena_alloc_zero(arena, count, sizeof *parts);
    if (!parts) return mr_build_no_memory(b);
    *p = (mr_predicate){.op = (uint8_t)(P_AND + word), .count = count, .with.parts = parts};
    MR_EACH_CHILD(b->document, element, child) {
        status = mr_build_predicate(b, arena, scope, child, parts++);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

mr_status mr_build_predicate(mr_builder *b, mr_arena *arena, mr_scope *scope, uint32_t element,
                             mr_predicate *predicate) {
    *predicate = (mr_predicate){0};
    switch (mr_build_name(b, element)) {
    case E_True:
        predicate->op = P_TRUE;
        return MR_OK;
    case E_False:
        predicate->op = P_FALSE;
        return MR_OK;
    case E_SimplePredicate:
        return build_simple(b, arena, scope, element, predicate);
    case E_SimpleSetPredicate:
        return build_set(b, arena, scope, element, predicate);
    default:
        return build_compound(b, arena, scope, element, predicate);
    }
}
