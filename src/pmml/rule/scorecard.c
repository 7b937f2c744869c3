/* Scorecard, evaluated: of each characteristic the first attribute that is true adds its points.
 *
 * A characteristic without such an attribute leaves the whole score undefined. A reason code gets the points
 * above, or below, the baseline of all characteristics that name it; codes rank by their points, of equal
 * ones the earlier in the document first. (PMML 4.4, Scorecard.)
 */
#include "pmml/rule/scorecard.h"

static mr_reasons *reasons_of(const mr_evaluator *evaluator, mr_work *work) {
    return (mr_reasons *)(void *)(work->numbers + evaluator->numbers);
}

static const mr_score_attribute *first_true(const mr_scorecard *card, const mr_characteristic *c,
                                            const mr_slot *slots) {
    const mr_score_attribute *attribute = card->attributes + c->first;
    for (uint32_t i = 0; i < c->count; i++, attribute++)
        if (mr_predicate_test(&attribute->predicate, slots) == TRUTH_TRUE) return attribute;
    return NULL;
}

static void add_points(mr_reasons *reasons, uint32_t code, double points) {
    mr_reason *of_code = &reasons->list[code];
    if (of_code->place == MR_NONE) {
        of_code->place = reasons->count++;
        reasons->list[of_code->place].code = code;
        reasons->list[of_code->place].points = 0;
    }
    reasons->list[of_code->place].points += points;
}

void mr_scorecard_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_scorecard *card = evaluator->model;
    mr_reasons *reasons = *card->ranks ? reasons_of(evaluator, work) : NULL;
    double score = card->initial;
    if (reasons) {
        reasons->count = reasons->rank = 0;
        for (uint32_t i = 0; i < card->code_count; i++) reasons->list[i].place = MR_NONE;
    }
    for (uint32_t i = 0; i < card->characteristic_count; i++) {
        const mr_characteristic *c = &card->characteristics[i];
        const mr_score_attribute *attribute = first_true(card, c, work->slots);
        if (!attribute) return;
        double points = attribute->points;
        if (attribute->complex) {
            mr_slot value = mr_expression_evaluate(attribute->complex, work);
            if (value.missing) return;
            points = value.number;
        }
        score += points;
        if (reasons)
            add_points(reasons, attribute->code, card->above ? points - c->baseline : c->baseline - points);
    }
    prediction->number = score;
    prediction->missing = false;
}

/* Item that follows `last` in rank (MR_NONE: the first); MR_NONE: there is none. */
static uint32_t next_item(const mr_reasons *reasons, uint32_t last) {
    uint32_t best = MR_NONE;
    for (uint32_t i = 0; i < reasons->count; i++) {
        double points = reasons->list[i].points;
        if (!(points >= 0)) continue; /* no reason for a low, or high, score */
        if (last != MR_NONE &&
            !(points < reasons->list[last].points || (points == reasons->list[last].points && i > last)))
            continue;
        if (best == MR_NONE || points > reasons->list[best].points) best = i;
    }
    return best;
}

/* Outputs mostly ask for one rank after the other, so the last answer is kept. */
void mr_scorecard_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                        const mr_prediction *prediction, mr_slot *value) {
    (void)prediction;
    const mr_scorecard *card = evaluator->model;
    mr_reasons *reasons = reasons_of(evaluator, work);
    if (output->rank <= reasons->rank) reasons->rank = 0;
    uint32_t item = reasons->rank ? reasons->item : MR_NONE;
    value->missing = 1;
    if (output->rank > reasons->count) return;
    while (reasons->rank < output->rank) {
        item = next_item(reasons, item);
        if (item == MR_NONE) {
            reasons->rank = 0;
            return;
        }
        reasons->rank++;
    }
    reasons->item = item;
    value->missing = 0;
    value->text = card->codes[reasons->list[item].code];
}
