/* Rule set, compiled: one sweep to know the labels, one to fill the rules. */
#include "pmml/rule/rule_set.h"

#include <stdio.h>

#include "base/memory.h"
#include "pmml/build.h"

typedef struct rule_set_builder {
    mr_builder *b;
    mr_scope *scope;
    mr_rule_set *set;
    mr_classes labels;
    bool shares; /* some rule has a score distribution */
} rule_set_builder;

static bool is_rule(mr_element_name name) {
    return name == E_SimpleRule || name == E_CompoundRule;
}

static mr_status add_label(rule_set_builder *r, uint32_t element, mr_attribute_name name, uint32_t *index) {
    const char *text;
    uint32_t label;
    mr_status status = mr_build_must(r->b, element, name, &text);
    mr_data_type type = r->scope->classification ? r->scope->label_type : T_DOUBLE;
    if (status == MR_OK) status = mr_build_label(r->b, element, text, type, &label);
    return status == MR_OK ? mr_classes_add(r->b, &r->labels, label, index) : status;
}

/* Labels as the data dictionary has them, which decides ties; then those of the rules. */
static mr_status collect_labels(rule_set_builder *r, uint32_t element) {
    const mr_document *document = r->b->document;
    mr_status status = MR_OK;
    uint32_t index;
    if (r->scope->classification) status = mr_scope_target_classes(r->b, r->scope, &r->labels);
    for (uint32_t i = element; i < document->elements[element].end && status == MR_OK; i++) {
        if (is_rule(mr_build_name(r->b, i))) r->set->rule_count++;
        if (mr_build_name(r->b, i) == E_SimpleRule) status = add_label(r, i, A_score, &index);
        if (mr_build_name(r->b, i) == E_ScoreDistribution && r->scope->classification)
            status = add_label(r, i, A_value, &index);
    }
    r->set->default_label = MR_NONE;
    if (status == MR_OK && mr_build_text(r->b, element, A_defaultScore))
        status = add_label(r, element, A_defaultScore, &r->set->default_label);
    return status;
}

/* The shares of a distribution: probabilities as they stand there, else record counts over their sum. */
static mr_status read_shares(rule_set_builder *r, uint32_t element, mr_rule *rule) {
    mr_builder *b = r->b;
    uint32_t count = 0;
    double sum = 0;
    MR_EACH_CHILD(b->document, element, child) count += mr_build_name(r->b, child) == E_ScoreDistribution;
    if (!r->scope->classification || count == 0) return MR_OK;
    mr_rule_share *shares = mr_build_alloc(b, count, sizeof *shares);
    if (!shares) return MR_NO_MEMORY;
    bool probability = false;
    count = 0;
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(r->b, child) != E_ScoreDistribution) continue;
        mr_rule_share *share = &shares[count];
        if (count++ == 0) probability = mr_build_text(b, child, A_probability) != NULL;
        mr_status status = add_label(r, child, A_value, &share->label);
        if (status == MR_OK)
            status = mr_build_number(b, child, probability ? A_probability : A_recordCount, true,
                                     &share->probability);
        if (status == MR_OK && !(share->probability >= 0))
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "a negative weight in <ScoreDistribution>");
        if (status != MR_OK) return status;
        sum += share->probability;
    }
    if (!probability && !(sum > 0)) return MR_OK; /* nobody came here: no probabilities */
    for (uint32_t i = 0; i < count && !probability; i++) shares[i].probability /= sum;
    rule->shares = shares;
    rule->share_count = count;
    r->shares = true;
    return MR_OK;
}

static mr_status read_predicate(rule_set_builder *r, uint32_t element, mr_rule *rule) {
    uint32_t found = MR_NONE;
    MR_EACH_CHILD(r->b->document, element, child) {
        if (!mr_is_predicate(mr_build_name(r->b, child))) continue;
        if (found != MR_NONE)
            return mr_build_fail(r->b, child, MR_INVALID_MODEL, "a second predicate in one rule");
        found = child;
    }
    if (found == MR_NONE) return mr_build_fail(r->b, element, MR_INVALID_MODEL, "a rule lacks its predicate");
    return mr_build_predicate(r->b, r->b->arena, r->scope, found, &rule->predicate);
}

/* A rule without an id is known by its number among the simple rules, from 1. */
static mr_status read_entity(rule_set_builder *r, uint32_t element, uint32_t number, mr_rule *rule) {
    char text[16];
    const char *id = mr_build_text(r->b, element, A_id);
    snprintf(text, sizeof text, "%u", number);
    return r->scope->wants_entities ? mr_build_intern(r->b, id ? id : text, &rule->entity) : MR_OK;
}

static mr_status read_simple(rule_set_builder *r, uint32_t element, uint32_t number, mr_rule *rule) {
    rule->weight = rule->confidence = 1;
    mr_status status = mr_build_number(r->b, element, A_weight, false, &rule->weight);
    if (status == MR_OK) status = mr_build_number(r->b, element, A_confidence, false, &rule->confidence);
    if (status == MR_OK) status = add_label(r, element, A_score, &rule->label);
    if (status == MR_OK) status = read_entity(r, element, number, rule);
    return status == MR_OK ? read_shares(r, element, rule) : status;
}

static mr_status fill_rules(rule_set_builder *r, uint32_t element, mr_rule *rules, uint32_t *rule_of) {
    const mr_document *document = r->b->document;
    uint32_t end = document->elements[element].end, next = 0, number = 0;
    for (uint32_t i = element; i < end; i++) {
        rule_of[i - element] = next;
        next += is_rule(mr_build_name(r->b, i));
    }
    for (uint32_t i = element; i < end; i++) {
        if (!is_rule(mr_build_name(r->b, i))) continue;
        mr_rule *rule = &rules[rule_of[i - element]];
        uint32_t behind = document->elements[i].end;
        rule->end = behind < end ? rule_of[behind - element] : r->set->rule_count;
        rule->label = MR_NONE;
        mr_status status = read_predicate(r, i, rule);
        if (status == MR_OK && mr_build_name(r->b, i) == E_SimpleRule)
            status = read_simple(r, i, ++number, rule);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status read_criterion(rule_set_builder *r, uint32_t element) {
    static const char *const words[] = {"firstHit", "weightedSum", "weightedMax", NULL};
    MR_EACH_CHILD(r->b->document, element, child) {
        unsigned word = 0;
        const char *text;
        if (mr_build_name(r->b, child) != E_RuleSelectionMethod) continue;
        mr_status status = mr_build_must(r->b, child, A_criterion, &text);
        if (status == MR_OK) status = mr_build_word(r->b, child, A_criterion, words, &word);
        r->set->criterion = (mr_criterion)word;
        return status; /* the first is the one to score with */
    }
    return mr_build_fail(r->b, element, MR_INVALID_MODEL, "<RuleSet> lacks its <RuleSelectionMethod>");
}

static mr_status keep_numbers(rule_set_builder *r, uint32_t element) {
    double *numbers = mr_build_alloc(r->b, r->labels.count, sizeof *numbers);
    if (!numbers) return MR_NO_MEMORY;
    r->set->numbers = numbers;
    for (size_t i = 0; i < r->labels.count; i++) {
        mr_slot value;
        const char *text = r->b->text_list[r->labels.labels[i]].data;
        mr_status status = mr_build_literal(r->b, element, text, T_DOUBLE, &value);
        if (status != MR_OK) return status;
        numbers[i] = value.number;
    }
    return MR_OK;
}

static mr_status build(rule_set_builder *r, uint32_t element, mr_evaluator *evaluator) {
    mr_builder *b = r->b;
    mr_rule_set *set = r->set;
    mr_status status = read_criterion(r, element);
    set->has_default_confidence = mr_build_text(b, element, A_defaultConfidence) != NULL;
    if (status == MR_OK)
        status = mr_build_number(b, element, A_defaultConfidence, false, &set->default_confidence);
    if (status == MR_OK) status = collect_labels(r, element);
    if (status == MR_OK && evaluator->classification)
        status = mr_build_prior_classes(b, r->scope, &r->labels);
    if (status != MR_OK) return status;
    size_t elements = b->document->elements[element].end - element;
    mr_rule *rules = mr_build_alloc(b, set->rule_count, sizeof *rules);
    uint32_t *rule_of = mr_alloc(elements * sizeof *rule_of);
    set->rules = rules;
    status = rules && rule_of ? fill_rules(r, element, rules, rule_of) : mr_build_no_memory(b);
    mr_free(rule_of);
    set->label_count = (uint32_t)r->labels.count;
    if (status == MR_OK)
        status = evaluator->classification ? mr_classes_keep(b, &r->labels, evaluator, element)
                                           : keep_numbers(r, element);
    evaluator->probabilistic = r->shares;
    evaluator->numbers = (uint32_t)b->number_count;
    b->number_count += 1 + (size_t)set->label_count * MR_RULE_TALLY_NUMBERS;
    return status;
}

mr_status mr_build_rule_set(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    mr_rule_set *set = mr_build_alloc(b, 1, sizeof *set);
    if (!set || !(set->ranked = mr_build_alloc(b, 1, sizeof *set->ranked))) return MR_NO_MEMORY;
    evaluator->model = set;
    evaluator->evaluate = mr_rule_set_evaluate;
    evaluator->value = mr_rule_set_value;
    uint32_t rules = MR_NONE;
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(b, child) != E_RuleSet) continue;
        if (rules != MR_NONE) return mr_build_fail(b, child, MR_INVALID_MODEL, "a second <RuleSet>");
        rules = child;
    }
    if (rules == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<RuleSetModel> lacks its <RuleSet>");
    rule_set_builder r = {.b = b, .scope = scope, .set = set};
    mr_status status = build(&r, rules, evaluator);
    mr_classes_free(&r.labels);
    return status;
}

/* The label that `value` of an output names. */
static mr_status find_label(mr_builder *b, mr_scope *scope, uint32_t element, const char *value,
                            const mr_evaluator *evaluator, mr_output_step *output) {
    uint32_t label;
    mr_status status = mr_build_label(b, element, value, scope->label_type, &label);
    if (status != MR_OK) return status;
    output->detail = MR_RULE_OF_LABEL;
    output->label = 0;
    while (output->label < evaluator->class_count && evaluator->classes[output->label] != label)
        output->label++;
    output->zero = output->label == evaluator->class_count;
    return MR_OK;
}

mr_status mr_build_rule_set_feature(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                    mr_output_step *output) {
    const mr_rule_set *set = evaluator->model;
    const char *value = mr_build_text(b, element, A_value);
    bool confidence = output->feature == F_CONFIDENCE;
    if (!confidence && output->feature != F_ENTITY_ID && output->feature != F_PREDICTED_VALUE)
        return mr_output_refuse(b, element);
    if (output->rank == 0 || (value && (!confidence || !evaluator->classification || output->rank > 1)))
        return mr_build_fail(b, element, MR_UNSUPPORTED, "rank or value of this output is not supported");
    *set->ranked |= confidence || output->rank > 1;
    output->detail = MR_RULE_BY_RANK;
    if (output->feature == F_ENTITY_ID) output->type = T_STRING;
    if (output->feature == F_PREDICTED_VALUE)
        output->type = evaluator->classification ? evaluator->label_type : T_DOUBLE;
    mr_status status = confidence ? mr_output_real(b, element, output) : MR_OK;
    if (status != MR_OK) return status;
    return value ? find_label(b, scope, element, value, evaluator, output) : MR_OK;
}
