/* Rule set: its compiled form, rules in document order.
 *
 * A compound rule is a rule without a score; `end` is the index behind its last rule, so a compound rule
 * that is not true is passed over by one assignment.
 */
#ifndef MR_PMML_RULE_SET_H
#define MR_PMML_RULE_SET_H

#include "pmml/program.h"

typedef enum mr_criterion {
    CRITERION_FIRST_HIT,
    CRITERION_WEIGHTED_SUM,
    CRITERION_WEIGHTED_MAX
} mr_criterion;

typedef struct mr_rule_share {
    double probability;
    uint32_t label;
} mr_rule_share;

typedef struct mr_rule {
    mr_predicate predicate;
    double weight, confidence;
    uint32_t end;
    uint32_t label;  /* of the score; MR_NONE: a compound rule */
    uint32_t entity; /* text of its id; 0: nobody asks for it */
    uint32_t share_count;
    const mr_rule_share *shares; /* its score distribution */
} mr_rule;

typedef struct mr_rule_set {
    mr_criterion criterion;
    bool *ranked; /* an output asks for more than the prediction; set while outputs are built */
    bool has_default_confidence;
    uint32_t default_label; /* MR_NONE: no rule, no prediction */
    double default_confidence;
    uint32_t rule_count, label_count;
    const mr_rule *rules;
    const double *numbers; /* regression: the score that each label stands for */
} mr_rule_set;

/* What the rules that fired say for one label. */
typedef struct mr_rule_tally {
    double weight;   /* summed up */
    uint32_t rule;   /* the one that stands for the label; MR_NONE: none fired */
    uint32_t number; /* the label was the number-th to get a rule */
} mr_rule_tally;

enum { MR_RULE_TALLY_NUMBERS = sizeof(mr_rule_tally) / sizeof(double) };

void mr_rule_set_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
void mr_rule_set_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                       const mr_prediction *prediction, mr_slot *value);

/* mr_output_step.detail */
enum { MR_RULE_BY_RANK, MR_RULE_OF_LABEL };

#endif
