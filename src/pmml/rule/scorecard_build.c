/* Scorecard, compiled: attributes of all characteristics in one array, reason codes numbered. */
#include "pmml/rule/scorecard.h"

#include "pmml/build.h"

typedef struct card_builder {
    mr_builder *b;
    mr_scope *scope;
    mr_scorecard *card;
    mr_classes codes;
} card_builder;

/* Reason code of an element; `other` when it names none. */
static mr_status read_code(card_builder *c, uint32_t element, uint32_t other, uint32_t *code) {
    const char *text = mr_build_text(c->b, element, A_reasonCode);
    uint32_t number;
    *code = other;
    if (!text) return MR_OK;
    mr_status status = mr_build_intern(c->b, text, &number);
    return status == MR_OK ? mr_classes_add(c->b, &c->codes, number, code) : status;
}

static mr_status read_attribute(card_builder *c, uint32_t element, uint32_t other,
                                mr_score_attribute *attribute) {
    mr_builder *b = c->b;
    uint32_t predicate = MR_NONE, complex = MR_NONE;
    mr_status status = read_code(c, element, other, &attribute->code);
    MR_EACH_CHILD(b->document, element, child) {
        uint32_t *place = mr_build_name(c->b, child) == E_ComplexPartialScore ? &complex : &predicate;
        if (*place != MR_NONE && status == MR_OK)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "a second %s in one <Attribute>",
                                   place == &complex ? "<ComplexPartialScore>" : "predicate");
        *place = child;
    }
    if (status == MR_OK && predicate == MR_NONE)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<Attribute> lacks its predicate");
    if (status == MR_OK) status = mr_build_predicate(b, b->arena, c->scope, predicate, &attribute->predicate);
    if (status != MR_OK) return status;
    if (complex == MR_NONE) return mr_build_number(b, element, A_partialScore, true, &attribute->points);
    return mr_build_expression(b, c->scope, complex, T_DOUBLE, &attribute->complex);
}

static mr_status read_characteristic(card_builder *c, uint32_t element, uint32_t scorecard,
                                     mr_characteristic *characteristic, mr_score_attribute *attributes) {
    uint32_t code;
    uint32_t source = mr_build_text(c->b, element, A_baselineScore) ? element : scorecard;
    characteristic->has_baseline = mr_build_text(c->b, source, A_baselineScore) != NULL;
    mr_status status = mr_build_number(c->b, source, A_baselineScore, false, &characteristic->baseline);
    if (status == MR_OK) status = read_code(c, element, MR_NONE, &code);
    MR_EACH_CHILD(c->b->document, element, child) {
        if (status != MR_OK) return status;
        status = read_attribute(c, child, code, &attributes[characteristic->first + characteristic->count++]);
    }
    return status;
}

static mr_status read_characteristics(card_builder *c, uint32_t element, uint32_t list) {
    mr_scorecard *card = c->card;
    uint32_t end = c->b->document->elements[list].end, attribute_count = 0;
    for (uint32_t i = list; i < end; i++) {
        card->characteristic_count += mr_build_name(c->b, i) == E_Characteristic;
        attribute_count += mr_build_name(c->b, i) == E_Attribute;
    }
    if (card->characteristic_count == 0)
        return mr_build_fail(c->b, list, MR_INVALID_MODEL, "<Characteristics> holds no <Characteristic>");
    mr_characteristic *characteristics =
        mr_build_alloc(c->b, card->characteristic_count, sizeof *characteristics);
    mr_score_attribute *attributes = mr_build_alloc(c->b, attribute_count, sizeof *attributes);
    if (!characteristics || !attributes) return MR_NO_MEMORY;
    card->characteristics = characteristics;
    card->attributes = attributes;
    uint32_t first = 0;
    MR_EACH_CHILD(c->b->document, list, child) {
        characteristics->first = first;
        mr_status status = read_characteristic(c, child, element, characteristics, attributes);
        if (status != MR_OK) return status;
        first += characteristics++->count;
    }
    return MR_OK;
}

static mr_status read_head(card_builder *c, uint32_t element) {
    static const char *const algorithms[] = {"pointsBelow", "pointsAbove", NULL};
    static const char *const truths[] = {"false", "true", "0", "1", NULL};
    unsigned above = 0, uses = 1;
    mr_status status = mr_build_number(c->b, element, A_initialScore, false, &c->card->initial);
    if (status == MR_OK) status = mr_build_word(c->b, element, A_useReasonCodes, truths, &uses);
    if (status == MR_OK) status = mr_build_word(c->b, element, A_reasonCodeAlgorithm, algorithms, &above);
    c->card->uses_codes = uses & 1;
    c->card->above = above;
    return status;
}

static mr_status build(card_builder *c, uint32_t element, mr_evaluator *evaluator) {
    mr_builder *b = c->b;
    uint32_t list = MR_NONE;
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(c->b, child) != E_Characteristics) continue;
        if (list != MR_NONE) return mr_build_fail(b, child, MR_INVALID_MODEL, "a second <Characteristics>");
        list = child;
    }
    if (list == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<Scorecard> lacks its <Characteristics>");
    mr_status status = read_head(c, element);
    if (status == MR_OK) status = read_characteristics(c, element, list);
    if (status != MR_OK) return status;
    c->card->code_count = (uint32_t)c->codes.count;
    c->card->codes = mr_build_keep(b, c->codes.labels, c->codes.count, sizeof *c->codes.labels);
    evaluator->numbers = (uint32_t)b->number_count;
    b->number_count += MR_REASONS_NUMBERS + c->codes.count * MR_REASON_NUMBERS;
    return c->card->codes ? MR_OK : MR_NO_MEMORY;
}

mr_status mr_build_scorecard(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    mr_scorecard *card = mr_build_alloc(b, 1, sizeof *card);
    if (!card || !(card->ranks = mr_build_alloc(b, 1, sizeof *card->ranks))) return MR_NO_MEMORY;
    card_builder c = {.b = b, .scope = scope, .card = card};
    mr_status status = build(&c, element, evaluator);
    mr_classes_free(&c.codes);
    evaluator->model = card;
    evaluator->evaluate = mr_scorecard_evaluate;
    evaluator->value = mr_scorecard_value;
    return status;
}

/* Only who asks for reason codes needs them, and the baselines, everywhere. */
mr_status mr_build_scorecard_feature(mr_builder *b, mr_scope *scope, uint32_t element,
                                     mr_evaluator *evaluator, mr_output_step *output) {
    (void)scope;
    const mr_scorecard *card = evaluator->model;
    if (output->feature != F_REASON_CODE || !card->uses_codes) return mr_output_refuse(b, element);
    if (output->rank == 0 || mr_build_text(b, element, A_value))
        return mr_build_fail(b, element, MR_UNSUPPORTED, "rank or value of this reasonCode is not supported");
    for (uint32_t i = 0; i < card->characteristic_count; i++) {
        const mr_characteristic *c = &card->characteristics[i];
        bool complete = c->has_baseline;
        for (uint32_t k = 0; k < c->count; k++) complete &= card->attributes[c->first + k].code != MR_NONE;
        if (!complete)
            return mr_build_fail(b, element, MR_INVALID_MODEL,
                                 "feature=\"reasonCode\", but characteristic %u lacks a %s", i + 1,
                                 c->has_baseline ? "reasonCode" : "baselineScore");
    }
    *card->ranks = true;
    output->type = T_STRING;
    return MR_OK;
}
