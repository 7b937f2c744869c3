/* Outputs of association rules: what each asks for, and the orders that the answers need.
 *
 * Rules of equal rank stay in the order of the document. (PMML 4.4, Output: algorithm, rank, rankBasis,
 * rankOrder, isMultiValued, ruleFeature.)
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "pmml/rule/association.h"

typedef struct ranked_rule {
    double number;
    uint32_t rule;
    bool ascending;
} ranked_rule;

static int by_rank(const void *a, const void *b) {
    const ranked_rule *x = a, *y = b;
    if (x->number != y->number) return (x->number < y->number) == x->ascending ? -1 : 1;
    return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static mr_status need_order(mr_builder *b, uint32_t element, const mr_association *a, uint32_t order) {
    static const char *const names[] = {"confidence", "support", "lift", "leverage", "affinity"};
    if (a->views->orders[order]) return MR_OK;
    uint32_t *rules = mr_build_alloc(b, a->rule_count, sizeof *rules);
    ranked_rule *ranked = mr_alloc_zero((size_t)a->rule_count + 1, sizeof *ranked);
    mr_status status = rules && ranked ? MR_OK : mr_build_no_memory(b);
    for (uint32_t i = 0; i < a->rule_count && status == MR_OK; i++) {
        double number = a->numbers[order / 2] ? a->numbers[order / 2][i] : (double)NAN;
        ranked[i] = (ranked_rule){number, i, order & 1};
        if (isnan(ranked[i].number))
            status = mr_build_fail(b, element, MR_INVALID_MODEL,
                                   "rankBasis=\"%s\", which rule %u does not have", names[order / 2], i + 1);
    }
    if (status == MR_OK) {
        qsort(ranked, a->rule_count, sizeof *ranked, by_rank);
        for (uint32_t i = 0; i < a->rule_count; i++) rules[i] = ranked[i].rule;
        a->views->orders[order] = rules;
    }
    mr_free(ranked);
    return status;
}

static mr_status need_id_numbers(mr_builder *b, uint32_t element, const mr_association *a, bool whole) {
    double *numbers = mr_build_alloc(b, a->rule_count, sizeof *numbers);
    if (!numbers) return MR_NO_MEMORY;
    for (uint32_t i = 0; i < a->rule_count; i++) {
        const mr_text *id = &b->text_list[a->rules[i].id];
        bool ok = mr_parse_double(id->data, id->size, &numbers[i]) && isfinite(numbers[i]);
        if (!ok || (whole && (numbers[i] != floor(numbers[i]) || fabs(numbers[i]) > 9e15)))
            return mr_build_fail(b, element, MR_UNSUPPORTED,
                                 "the rule's id \"%.60s\" as a value of the output's dataType", id->data);
    }
    a->views->id_numbers = numbers;
    return MR_OK;
}

/* ---- Outputs ---- */

static mr_status read_feature(mr_builder *b, uint32_t element, mr_feature feature, unsigned *rule_feature) {
    static const char *const words[] = {"confidence", "support",    "lift",       "leverage", "affinity",
                                        "ruleId",     "antecedent", "consequent", "rule",     NULL};
    *rule_feature = RULE_ID;
    switch (feature) {
    case F_RULE_VALUE:
        *rule_feature = RULE_CONSEQUENT;
        return mr_build_word(b, element, A_ruleFeature, words, rule_feature);
    case F_ENTITY_ID:
    case F_RULE_ID:
        return MR_OK;
    case F_ANTECEDENT:
        *rule_feature = RULE_ANTECEDENT;
        return MR_OK;
    case F_CONSEQUENT:
        *rule_feature = RULE_CONSEQUENT;
        return MR_OK;
    case F_RULE:
        *rule_feature = RULE_TEXT;
        return MR_OK;
    case F_CONFIDENCE:
        *rule_feature = RULE_CONFIDENCE;
        return MR_OK;
    case F_SUPPORT:
        *rule_feature = RULE_SUPPORT;
        return MR_OK;
    case F_LIFT:
        *rule_feature = RULE_LIFT;
        return MR_OK;
    case F_LEVERAGE:
        *rule_feature = RULE_LEVERAGE;
        return MR_OK;
    case F_AFFINITY:
        *rule_feature = RULE_AFFINITY;
        return MR_OK;
    default:
        return mr_output_refuse(b, element);
    }
}

/* Type of the value: numbers are doubles, all else strings, but identifiers may be declared as numbers. */
static mr_status read_type(mr_builder *b, uint32_t element, const mr_association *a, mr_data_type declared,
                           mr_rule_query *q) {
    bool typed = mr_build_text(b, element, A_dataType) != NULL, number = q->feature < RULE_NUMBERS;
    bool real = declared == T_DOUBLE || declared == T_FLOAT;
    q->type = typed ? declared : number ? T_DOUBLE : T_STRING;
    if (number ? real : q->type == T_STRING) return MR_OK;
    if (q->feature == RULE_ID && (real || declared == T_INTEGER))
        return need_id_numbers(b, element, a, declared == T_INTEGER);
    return mr_build_fail(b, element, MR_UNSUPPORTED, "this feature of a rule with such a dataType");
}

static mr_status read_query(mr_builder *b, uint32_t element, const mr_association *a,
                            const mr_output_step *output, mr_rule_query *q) {
    static const char *const algorithms[] = {"exclusiveRecommendation", "recommendation", "ruleAssociation",
                                             NULL};
    static const char *const bases[] = {"confidence", "support", "lift", "leverage", "affinity", NULL};
    static const char *const orders[] = {"descending", "ascending", NULL};
    static const char *const truths[] = {"0", "1", "false", "true", NULL};
    unsigned algorithm = 0, basis = 0, order = 0, several = 0;
    mr_status status = read_feature(b, element, output->feature, &q->feature);
    if (status == MR_OK) status = mr_build_word(b, element, A_algorithm, algorithms, &algorithm);
    if (status == MR_OK) status = mr_build_word(b, element, A_rankBasis, bases, &basis);
    if (status == MR_OK) status = mr_build_word(b, element, A_rankOrder, orders, &order);
    if (status == MR_OK) status = mr_build_word(b, element, A_isMultiValued, truths, &several);
    if (status == MR_OK && mr_build_text(b, element, A_value))
        status = mr_build_fail(b, element, MR_UNSUPPORTED, "value of an output of rules");
    q->several = several & 1;
    q->rank = output->rank;
    if (status == MR_OK && q->rank == 0 && !q->several)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "rank=\"0\" without isMultiValued=\"1\"");
    q->algorithm = (mr_rule_algorithm)algorithm;
    q->order = basis * 2 + order;
    if (status == MR_OK) status = need_order(b, element, a, q->order);
    if (status == MR_OK) status = read_type(b, element, a, output->type, q);
    bool set = q->feature == RULE_ANTECEDENT || q->feature == RULE_CONSEQUENT;
    if (q->feature == RULE_TEXT) b->row_texts = true;
    q->list = q->several || set ? b->list_count++ : MR_NONE;
    return status;
}

mr_status mr_build_association_feature(mr_builder *b, mr_scope *scope, uint32_t element,
                                       mr_evaluator *evaluator, mr_output_step *output) {
    (void)scope;
    const mr_association *a = evaluator->model;
    mr_rule_query *q = &a->views->queries[a->views->query_count];
    mr_status status = read_query(b, element, a, output, q);
    output->detail = a->views->query_count++;
    output->type = q->list != MR_NONE ? T_LIST : q->type;
    return status;
}

mr_status mr_build_rule_views(mr_builder *b, uint32_t element, mr_evaluator *evaluator,
                              mr_association *model) {
    uint32_t list = mr_build_child(b, element, E_Output), count = 1;
    if (list != MR_NONE) MR_EACH_CHILD(b->document, list, child) count++;
    mr_rule_views *views = mr_build_alloc(b, 1, sizeof *views);
    mr_rule_query *queries = mr_build_alloc(b, count, sizeof *queries);
    if (!views || !queries) return MR_NO_MEMORY;
    model->views = views;
    views->queries = queries;
    views->query_count = 1;
    evaluator->list = b->list_count++;
    queries[0] = (mr_rule_query){.feature = RULE_ID,
                                 .order = RULE_CONFIDENCE * 2,
                                 .algorithm = ALGORITHM_EXCLUSIVE_RECOMMENDATION,
                                 .type = T_STRING,
                                 .several = true,
                                 .list = evaluator->list};
    return need_order(b, element, model, queries[0].order);
}
