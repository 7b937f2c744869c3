/* Rule set, evaluated: the rules that fire speak for their labels, the criterion ranks the labels.
 *
 * First hit: labels in the order in which they were first spoken for. Weighted sum: by the sum of weights,
 * ties in the order of the labels. Weighted max: by the greatest weight, ties in the order of the rules. Each
 * label is represented by one rule: the first, or the first of the greatest weight. (PMML 4.4, RuleSet.)
 */
#include "pmml/rule/rule_set.h"

#include <string.h>

/* One number before the tallies holds how many rules fired. */
static mr_rule_tally *tallies_of(const mr_evaluator *evaluator, mr_work *work) {
    return (mr_rule_tally *)(void *)(work->numbers + evaluator->numbers + 1);
}

static uint32_t first_rule(const mr_rule_set *set, const mr_slot *slots) {
    for (uint32_t i = 0; i < set->rule_count;) {
        const mr_rule *rule = &set->rules[i];
        bool fires = mr_predicate_test(&rule->predicate, slots) == TRUTH_TRUE;
        if (fires && rule->label != MR_NONE) return i;
        i = fires ? i + 1 : rule->end;
    }
    return MR_NONE;
}

static void add_rule(const mr_rule_set *set, uint32_t index, mr_rule_tally *tally, uint32_t *labels) {
    const mr_rule *rule = &set->rules[index];
    bool heavier = tally->rule != MR_NONE && set->criterion != CRITERION_FIRST_HIT &&
                   rule->weight > set->rules[tally->rule].weight;
    if (tally->rule == MR_NONE) tally->number = (*labels)++;
    if (tally->rule == MR_NONE || heavier) tally->rule = index;
    tally->weight += rule->weight;
}

static uint32_t count_rules(const mr_rule_set *set, const mr_slot *slots, mr_rule_tally *tallies) {
    uint32_t fired = 0, labels = 0;
    for (uint32_t i = 0; i < set->label_count; i++) tallies[i] = (mr_rule_tally){.rule = MR_NONE};
    for (uint32_t i = 0; i < set->rule_count;) {
        const mr_rule *rule = &set->rules[i];
        bool fires = mr_predicate_test(&rule->predicate, slots) == TRUTH_TRUE;
        if (fires && rule->label != MR_NONE) {
            add_rule(set, i, &tallies[rule->label], &labels);
            fired++;
        }
        i = fires ? i + 1 : rule->end;
    }
    return fired;
}

/* Does label `a` rank before label `b`? Both have a rule. */
static bool before(const mr_rule_set *set, const mr_rule_tally *tallies, uint32_t a, uint32_t b) {
    const mr_rule_tally *x = &tallies[a], *y = &tallies[b];
    if (set->criterion == CRITERION_FIRST_HIT) return x->number < y->number;
    if (set->criterion == CRITERION_WEIGHTED_SUM)
        return x->weight != y->weight ? x->weight > y->weight : a < b;
    double left = set->rules[x->rule].weight, right = set->rules[y->rule].weight;
    return left != right ? left > right : x->rule < y->rule;
}

/* Label of a rank, from 1; MR_NONE: fewer labels have a rule. */
static uint32_t label_of_rank(const mr_rule_set *set, const mr_rule_tally *tallies, uint32_t rank) {
    uint32_t last = MR_NONE, best = MR_NONE;
    for (; rank > 0; rank--, last = best) {
        best = MR_NONE;
        for (uint32_t i = 0; i < set->label_count; i++) {
            if (tallies[i].rule == MR_NONE || (last != MR_NONE && !before(set, tallies, last, i))) continue;
            if (best == MR_NONE || before(set, tallies, i, best)) best = i;
        }
        if (best == MR_NONE) return MR_NONE;
    }
    return best;
}

static void predict(const mr_evaluator *evaluator, mr_work *work, uint32_t label, const mr_rule *rule,
                    mr_prediction *prediction) {
    const mr_rule_set *set = evaluator->model;
    prediction->missing = false;
    prediction->entity = rule ? rule->entity : 0;
    if (!evaluator->classification) {
        prediction->number = set->numbers[label];
        return;
    }
    prediction->label = label;
    if (!rule || !rule->shares) return;
    prediction->probabilities = work->numbers + evaluator->probabilities;
    memset(prediction->probabilities, 0, evaluator->class_count * sizeof(double));
    for (uint32_t i = 0; i < rule->share_count; i++)
        prediction->probabilities[rule->shares[i].label] = rule->shares[i].probability;
}

void mr_rule_set_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_rule_set *set = evaluator->model;
    mr_rule_tally *tallies = tallies_of(evaluator, work);
    uint32_t rule = MR_NONE, fired = 0;
    if (set->criterion == CRITERION_FIRST_HIT && !*set->ranked) {
        rule = first_rule(set, work->slots);
    } else {
        fired = count_rules(set, work->slots, tallies);
        uint32_t label = label_of_rank(set, tallies, 1);
        if (label != MR_NONE) rule = tallies[label].rule;
    }
    work->numbers[evaluator->numbers] = fired;
    if (rule != MR_NONE) predict(evaluator, work, set->rules[rule].label, &set->rules[rule], prediction);
    else if (set->default_label != MR_NONE) predict(evaluator, work, set->default_label, NULL, prediction);
}

/* ---- Outputs ---- */

static void confidence_of(const mr_evaluator *evaluator, mr_work *work, uint32_t label, mr_slot *value) {
    const mr_rule_set *set = evaluator->model;
    const mr_rule_tally *tally = &tallies_of(evaluator, work)[label];
    if (tally->rule == MR_NONE) return; /* no rule for it: no confidence in it */
    value->number = set->criterion == CRITERION_WEIGHTED_SUM
                        ? tally->weight / work->numbers[evaluator->numbers]
                        : set->rules[tally->rule].confidence;
}

/* When no rule fired there is the default of rank 1 and nothing else. */
static void default_value(const mr_rule_set *set, const mr_output_step *output, mr_slot *value) {
    bool other = output->detail == MR_RULE_OF_LABEL ? output->label != set->default_label : output->rank > 1;
    if (output->feature == F_CONFIDENCE && output->detail == MR_RULE_OF_LABEL && other) return;
    value->missing = other || output->feature != F_CONFIDENCE || !set->has_default_confidence;
    value->number = set->default_confidence;
}

void mr_rule_set_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                       const mr_prediction *prediction, mr_slot *value) {
    const mr_rule_set *set = evaluator->model;
    const mr_rule_tally *tallies = tallies_of(evaluator, work);
    value->missing = 0;
    if (output->feature == F_ENTITY_ID && output->rank == 1) {
        value->text = prediction->entity;
        value->missing = prediction->entity == 0;
        return;
    }
    if (output->zero) return;
    if (work->numbers[evaluator->numbers] == 0) {
        default_value(set, output, value);
        return;
    }
    uint32_t label = output->label;
    if (output->detail == MR_RULE_BY_RANK) label = label_of_rank(set, tallies, output->rank);
    value->missing = label == MR_NONE;
    if (value->missing) return;
    if (output->feature == F_CONFIDENCE) confidence_of(evaluator, work, label, value);
    else if (output->feature == F_ENTITY_ID) value->text = set->rules[tallies[label].rule].entity;
    else if (evaluator->classification) *value = evaluator->class_values[label];
    else value->number = set->numbers[label];
}
