/* Association rules, evaluated: items into the basket, then rules that its itemsets select.
 *
 * recommendation: the basket holds the antecedent; exclusiveRecommendation: and not the whole consequent;
 * ruleAssociation: and the consequent too. (PMML 4.4, Association Rules, and Output.)
 */
#include "pmml/rule/association.h"

#include <math.h>
#include <string.h>

#include "pmml/field/values.h"

/* The basket, in the evaluator's numbers: a count for each itemset, then a flag for each item. */
static uint32_t *counts_of(const mr_evaluator *evaluator, mr_work *work) {
    return (uint32_t *)(void *)(work->numbers + evaluator->numbers);
}

static uint8_t *flags_of(const mr_evaluator *evaluator, mr_work *work) {
    const mr_association *a = evaluator->model;
    return (uint8_t *)(counts_of(evaluator, work) + a->set_count);
}

void mr_association_begin(const mr_evaluator *evaluator, mr_work *work) {
    const mr_association *a = evaluator->model;
    memset(counts_of(evaluator, work), 0, a->set_count * sizeof(uint32_t) + a->item_count);
}

static void put_item(const mr_association *a, uint32_t item, uint32_t *counts, uint8_t *flags) {
    if (flags[item]) return;
    flags[item] = 1;
    for (uint32_t i = a->first_set[item]; i < a->first_set[item + 1]; i++) counts[a->sets[i]]++;
}

static bool is_false(const mr_item_field *field, double value) {
    for (uint32_t i = 0; i < field->false_count; i++)
        if (field->falses[i] == value) return true;
    return false;
}

void mr_association_add(const mr_evaluator *evaluator, mr_work *work) {
    const mr_association *a = evaluator->model;
    uint32_t *counts = counts_of(evaluator, work);
    uint8_t *flags = flags_of(evaluator, work);
    for (uint32_t f = 0; f < a->field_count; f++) {
        const mr_item_field *field = &a->fields[f];
        const mr_slot *slot = &work->slots[field->slot];
        if (slot->missing) continue;
        double value = field->texts ? slot->text : slot->number;
        uint32_t low = 0, high = field->key_count;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (field->keys[middle] < value) low = middle + 1;
            else high = middle;
        }
        bool found = low < field->key_count && field->keys[low] == value;
        if (field->flag && !found && !is_false(field, value)) {
            work->invalid = field->name;
            return;
        }
        for (; low < field->key_count && field->keys[low] == value; low++)
            put_item(a, field->items[low], counts, flags);
    }
}

static bool is_selected(const mr_association *a, const mr_association_rule *rule, mr_rule_algorithm algorithm,
                        const uint32_t *counts) {
    if (counts[rule->antecedent] < mr_itemset_size(a, rule->antecedent)) return false;
    if (algorithm == ALGORITHM_RECOMMENDATION) return true;
    bool has = counts[rule->consequent] == mr_itemset_size(a, rule->consequent);
    return has == (algorithm == ALGORITHM_RULE_ASSOCIATION);
}

/* ---- What an output tells ---- */

static size_t set_bytes(const mr_association *a, uint32_t set) {
    size_t size = 2 + mr_itemset_size(a, set);
    for (uint32_t i = a->first_item[set]; i < a->first_item[set + 1]; i++) size += a->items[a->refs[i]].size;
    return size;
}

static char *put_set(const mr_association *a, uint32_t set, char *at) {
    *at++ = '{';
    for (uint32_t i = a->first_item[set]; i < a->first_item[set + 1]; i++) {
        const mr_text *item = &a->items[a->refs[i]];
        if (i > a->first_item[set]) *at++ = ',';
        memcpy(at, item->data, item->size);
        at += item->size;
    }
    *at++ = '}';
    return at;
}

/* "{a,b}", or "{a,b}->{c}" of a rule; in the scratch. */
static mr_text text_of(const mr_association *a, mr_work *work, const mr_association_rule *r,
                       unsigned feature) {
    uint32_t set = feature == RULE_CONSEQUENT ? r->consequent : r->antecedent;
    bool rule = feature == RULE_TEXT;
    char *text = mr_work_take(work, set_bytes(a, set) + (rule ? 2 + set_bytes(a, r->consequent) : 0)),
         *at = text;
    if (!text) return (mr_text){.data = ""};
    at = put_set(a, set, at);
    if (rule) {
        memcpy(at, "->", 2);
        at = put_set(a, r->consequent, at + 2);
    }
    return (mr_text){.data = text, .size = (uint32_t)(at - text)};
}

static double number_of(const mr_association *a, uint32_t rule, unsigned feature) {
    if (feature >= RULE_NUMBERS) return a->views->id_numbers[rule];
    return a->numbers[feature] ? a->numbers[feature][rule] : (double)NAN;
}

/* Of a rule, as an item of a list. */
static mr_value value_of(const mr_association *a, mr_work *work, uint32_t rule, const mr_rule_query *q) {
    const mr_association_rule *r = &a->rules[rule];
    mr_value value = {.type = MR_TYPE_STRING};
    if (q->type != T_STRING) {
        double number = number_of(a, rule, q->feature);
        value.type = q->type == T_INTEGER ? MR_TYPE_INTEGER : MR_TYPE_DOUBLE;
        value.missing = q->type == T_INTEGER ? !mr_fits_integer(number) : isnan(number);
        if (q->type == T_INTEGER) value.as.integer = value.missing ? 0 : (int64_t)number;
        else value.as.number = q->type == T_FLOAT ? (double)(float)number : number;
        return value;
    }
    value.as.text = q->feature == RULE_ID ? work->texts[r->id] : text_of(a, work, r, q->feature);
    return value;
}

/* The items of a set, as a list. */
static mr_list list_of(const mr_association *a, mr_work *work, uint32_t set) {
    uint32_t count = mr_itemset_size(a, set);
    mr_value *items = count ? mr_work_take(work, count * sizeof *items) : NULL;
    for (uint32_t i = 0; items && i < count; i++)
        items[i] = (mr_value){.type = MR_TYPE_STRING, .as.text = a->items[a->refs[a->first_item[set] + i]]};
    return (mr_list){items, items ? count : 0};
}

/* Of several rules, as a list. */
static void fill_list(const mr_evaluator *evaluator, mr_work *work, const mr_rule_query *q) {
    const mr_association *a = evaluator->model;
    const uint32_t *order = a->views->orders[q->order], *counts = counts_of(evaluator, work);
    uint32_t found = 0, last = 0;
    for (; last < a->rule_count && (q->rank == 0 || found < q->rank); last++)
        found += is_selected(a, &a->rules[order[last]], q->algorithm, counts);
    work->lists[q->list] = (mr_list){NULL, 0};
    mr_value *items = found ? mr_work_take(work, found * sizeof *items) : NULL;
    if (!items) return;
    for (uint32_t i = 0, put = 0; i < last; i++)
        if (is_selected(a, &a->rules[order[i]], q->algorithm, counts))
            items[put++] = value_of(a, work, order[i], q);
    work->lists[q->list] = (mr_list){items, found};
}

/* The rule of a rank; MR_NONE: fewer are selected. */
static uint32_t rule_of_rank(const mr_evaluator *evaluator, mr_work *work, const mr_rule_query *q) {
    const mr_association *a = evaluator->model;
    const uint32_t *order = a->views->orders[q->order], *counts = counts_of(evaluator, work);
    uint32_t rank = q->rank;
    for (uint32_t i = 0; i < a->rule_count; i++)
        if (is_selected(a, &a->rules[order[i]], q->algorithm, counts) && --rank == 0) return order[i];
    return MR_NONE;
}

void mr_association_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                          const mr_prediction *prediction, mr_slot *value) {
    (void)prediction;
    const mr_association *a = evaluator->model;
    const mr_rule_query *q = &a->views->queries[output->detail];
    *value = (mr_slot){.text = q->list};
    if (q->several) {
        fill_list(evaluator, work, q);
        return;
    }
    uint32_t rule = rule_of_rank(evaluator, work, q);
    value->missing = rule == MR_NONE;
    if (value->missing) return;
    const mr_association_rule *r = &a->rules[rule];
    if (q->list != MR_NONE) {
        uint32_t set = q->feature == RULE_ANTECEDENT ? r->antecedent : r->consequent;
        work->lists[q->list] = list_of(a, work, set);
    } else if (q->type == T_STRING && q->feature == RULE_TEXT) {
        mr_text text = text_of(a, work, r, RULE_TEXT);
        value->text = mr_work_intern(work, text.data, text.size, false);
    } else if (q->type == T_STRING) {
        value->text = r->id;
    } else {
        value->number = number_of(a, rule, q->feature);
        value->missing = value->number != value->number; /* NaN: the rule has none */
    }
}

/* The prediction itself: identifiers of the recommended rules, the most confident first. */
void mr_association_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_association *a = evaluator->model;
    if (!a->groups) {
        mr_association_begin(evaluator, work);
        mr_association_add(evaluator, work);
        if (work->invalid) return;
    }
    fill_list(evaluator, work, &a->views->queries[0]);
    prediction->missing = false;
}
