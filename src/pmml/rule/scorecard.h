/* Scorecard, compiled: characteristics, the attributes of each in document order, the reason codes. */
#ifndef MR_PMML_SCORECARD_H
#define MR_PMML_SCORECARD_H

#include "pmml/program.h"

typedef struct mr_score_attribute {
    mr_predicate predicate;
    const mr_expression *complex; /* NULL: `points` */
    double points;
    uint32_t code; /* index of its reason code; MR_NONE: it has none */
} mr_score_attribute;

typedef struct mr_characteristic {
    uint32_t first, count; /* attributes */
    double baseline;
    bool has_baseline;
} mr_characteristic;

typedef struct mr_scorecard {
    double initial;
    bool uses_codes, above; /* useReasonCodes, reasonCodeAlgorithm="pointsAbove" */
    bool *ranks;            /* an output asks for reason codes; set while outputs are built */
    uint32_t characteristic_count, code_count;
    const mr_characteristic *characteristics;
    const mr_score_attribute *attributes;
    const uint32_t *codes; /* text of each, in the order of the document */
} mr_scorecard;

/* Item i of a row's list: the i-th reason code that got points; `place` is of code i. */
typedef struct mr_reason {
    double points;
    uint32_t code;
    uint32_t place; /* of code i in the list; MR_NONE: not there */
} mr_reason;

/* Before the list: how long it is, and which of its items was asked for last. */
typedef struct mr_reasons {
    uint32_t count;
    uint32_t rank, item; /* rank 0: none yet */
    uint32_t unused;
    mr_reason list[];
} mr_reasons;
enum {
    MR_REASONS_NUMBERS = sizeof(mr_reasons) / sizeof(double),
    MR_REASON_NUMBERS = sizeof(mr_reason) / sizeof(double)
};

void mr_scorecard_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
void mr_scorecard_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                        const mr_prediction *prediction, mr_slot *value);

#endif
