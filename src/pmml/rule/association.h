/* Association rules, compiled: which itemsets an item is in, and the rules in every order that is asked for.
 *
 * A basket (the items of a row, or of a group of rows) counts for each itemset how many of its items it
 * holds; a full count is a subset. So a basket costs what its items occur in, not all itemsets. Rules are
 * sorted at load; a row walks them from the best on until it has as many as an output wants.
 */
#ifndef MR_PMML_ASSOCIATION_H
#define MR_PMML_ASSOCIATION_H

#include "pmml/build.h"

/* A field whose values stand for items: categories by value, or flags that are true or false. */
typedef struct mr_item_field {
    const char *name;
    uint32_t slot;
    bool texts;
    bool flag; /* every value must be among keys or falses */
    uint32_t key_count, false_count;
    const double *keys;    /* sorted; of texts their numbers; one may be there twice */
    const uint32_t *items; /* of each key */
    const double *falses;
} mr_item_field;

typedef enum mr_rule_number {
    RULE_CONFIDENCE,
    RULE_SUPPORT,
    RULE_LIFT,
    RULE_LEVERAGE,
    RULE_AFFINITY,
    RULE_NUMBERS
} mr_rule_number;

typedef struct mr_association_rule {
    uint32_t antecedent, consequent; /* itemsets */
    uint32_t id;                     /* text */
} mr_association_rule;

typedef enum mr_rule_algorithm {
    ALGORITHM_EXCLUSIVE_RECOMMENDATION,
    ALGORITHM_RECOMMENDATION,
    ALGORITHM_RULE_ASSOCIATION
} mr_rule_algorithm;

/* What an output tells of a rule; first the mr_rule_numbers. */
typedef enum mr_rule_feature {
    RULE_ID = RULE_NUMBERS,
    RULE_ANTECEDENT,
    RULE_CONSEQUENT,
    RULE_TEXT
} mr_rule_feature;

/* What an output asks for. */
typedef struct mr_rule_query {
    unsigned feature; /* mr_rule_number or mr_rule_feature */
    uint32_t order;   /* in mr_rule_views.orders */
    mr_rule_algorithm algorithm;
    mr_data_type type; /* of the value, or of the items of a list of several rules' */
    bool several;      /* of the first `rank` rules; 0: of all */
    uint32_t rank;
    uint32_t list; /* its number; MR_NONE: the output is no list */
} mr_rule_query;

/* What outputs add while they are built. */
typedef struct mr_rule_views {
    const uint32_t *orders[RULE_NUMBERS * 2]; /* by number, descending and then ascending: rules */
    const double *id_numbers;                 /* of each rule */
    mr_rule_query *queries;                   /* the first: the prediction itself */
    uint32_t query_count;
} mr_rule_views;

typedef struct mr_association {
    bool groups; /* a group of rows is a basket */
    uint32_t field_count, item_count, set_count, rule_count;
    const mr_item_field *fields;
    const mr_text *items;      /* value of each */
    const uint32_t *first_set; /* [item_count + 1]: where the itemsets of an item begin in `sets` */
    const uint32_t *sets;
    const uint32_t *first_item; /* [set_count + 1]: where the items of an itemset begin in `refs` */
    const uint32_t *refs;
    const mr_association_rule *rules;
    const double *numbers[RULE_NUMBERS]; /* of each rule, NaN: it has none; NULL: no rule has one */
    mr_rule_views *views;
} mr_association;

/* A basket begins; the items of the row in the slots come into it. An output's `detail` is its query. */
static inline uint32_t mr_itemset_size(const mr_association *a, uint32_t set) {
    return a->first_item[set + 1] - a->first_item[set];
}

void mr_association_begin(const mr_evaluator *evaluator, mr_work *work);
void mr_association_add(const mr_evaluator *evaluator, mr_work *work);
/* The queries of a model's outputs; the first, the prediction's own, is made here. */
mr_status mr_build_rule_views(mr_builder *b, uint32_t element, mr_evaluator *evaluator,
                              mr_association *model);
void mr_association_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
void mr_association_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                          const mr_prediction *prediction, mr_slot *value);

#endif
