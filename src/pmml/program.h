/* Program: the compiled form of a model, and what evaluating one row needs.
 *
 * Names are gone: every field is a slot, every string a number of the model's own table of texts (0
 * stands for any string that the model does not mention; texts.c has the strings of a row, where they count).
 * A row's slots are filled from the frame, then evaluators run: each runs its steps (derived fields), then
 * its own arithmetic, and leaves a prediction. All memory of a row is laid out at load, so evaluating
 * allocates nothing.
 */
#ifndef MR_PMML_PROGRAM_H
#define MR_PMML_PROGRAM_H

#include "millrace/model.h"

#define MR_NONE UINT32_MAX

/* An enumeration of which a model may hold one for each element: a byte. */
#define MR_BYTE __attribute__((packed))

/* The data types; values.h says how each is held. T_LIST: of outputs only; the slot's `text` is its number in
 * work->lists. */
typedef enum MR_BYTE mr_data_type {
    T_STRING,
    T_INTEGER,
    T_FLOAT,
    T_DOUBLE,
    T_BOOLEAN,
    T_LIST,
    T_DATE,
    T_TIME,
    T_DATE_TIME,
    T_DAYS_0, /* dateDaysSince[0] */
    T_DAYS_1960,
    T_DAYS_1970,
    T_DAYS_1980,
    T_DAYS_1990, /* this and later years: x-dateDaysSince, of the reference implementation */
    T_DAYS_2000,
    T_DAYS_2010,
    T_DAYS_2020,
    T_TIME_SECONDS,
    T_SECONDS_0, /* dateTimeSecondsSince[0] */
    T_SECONDS_1960,
    T_SECONDS_1970,
    T_SECONDS_1980,
    T_SECONDS_1990,
    T_SECONDS_2000,
    T_SECONDS_2010,
    T_SECONDS_2020,
    T_COUNT
} mr_data_type;

/* A value of a field in one row. */
typedef struct mr_slot {
    double number;
    uint32_t text; /* of T_STRING: number of a text (texts.c) */
    uint32_t missing;
} mr_slot;

typedef struct mr_interval {
    double low, high; /* infinite where the margin is absent */
    bool low_open, high_open;
} mr_interval;
bool mr_interval_holds(const mr_interval *interval, double number);

typedef enum MR_BYTE mr_invalid {
    INVALID_RETURN,
    INVALID_AS_IS,
    INVALID_AS_MISSING,
    INVALID_AS_VALUE
} mr_invalid;
typedef enum MR_BYTE mr_outliers { OUTLIERS_AS_IS, OUTLIERS_AS_MISSING, OUTLIERS_AS_EXTREME } mr_outliers;

/* Values of a field, sorted. */
typedef struct mr_values {
    uint32_t count;
    union {
        const double *numbers;
        const uint32_t *texts; /* of T_STRING */
    };
} mr_values;

/* Which values a <DataField> says are valid and which are not; one for all the treatments of its fields. */
typedef struct mr_domain {
    mr_values valid, invalid, missing; /* by property */
    uint32_t missing_text_count, interval_count;
    const uint32_t *missing_texts; /* missing ones that are not of the field's type: "N/A" */
    const mr_interval *intervals;
} mr_domain;
extern const mr_domain mr_any_value; /* of a field without such values */

/* What values become. */
typedef struct mr_change {
    mr_slot replacement;         /* of a missing one: missingValueReplacement */
    mr_slot invalid_replacement; /* INVALID_AS_VALUE */
    double low, high;            /* beyond are outliers */
} mr_change;

/* What a mining schema does to the values of a field. */
typedef struct mr_treatment {
    const char *name;
    mr_data_type type;
    mr_invalid invalid;
    mr_outliers outliers;
    bool refuse_missing; /* missingValueTreatment="returnInvalid" */
    bool replaces;       /* missingValueReplacement */
    bool plain;          /* nothing but a missing value and NaN needs a look */
    const mr_domain *domain;
    const mr_change *change; /* NULL: nothing is replaced, and there are no outliers */
} mr_treatment;

typedef enum mr_truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN } mr_truth;

typedef enum mr_predicate_op {
    P_TRUE,
    P_FALSE,
    P_EQUAL,
    P_NOT_EQUAL,
    P_LESS,
    P_LESS_OR_EQUAL,
    P_GREATER,
    P_GREATER_OR_EQUAL,
    P_TEXT_EQUAL,
    P_TEXT_NOT_EQUAL,
    P_IS_MISSING,
    P_IS_NOT_MISSING,
    P_IN,
    P_NOT_IN,
    P_TEXT_IN,
    P_TEXT_NOT_IN,
    P_AND,
    P_OR,
    P_XOR,
    P_SURROGATE
} mr_predicate_op;

typedef struct mr_predicate {
    uint8_t op;
    uint32_t slot;
    uint32_t count; /* of the set or the parts */
    union {
        double number;
        uint32_t text;
        const double *numbers; /* sorted */
        const uint32_t *texts; /* sorted */
        const struct mr_predicate *parts;
    } with;
} mr_predicate;
mr_truth mr_predicate_test(const mr_predicate *predicate, const mr_slot *slots);

typedef struct mr_expression mr_expression;
typedef struct mr_work mr_work;
mr_slot mr_expression_evaluate(const mr_expression *expression, mr_work *work);

/* Fills slot `to`: from an expression, or from slot `from` by a nested mining schema's treatment. */
typedef struct mr_step {
    const mr_expression *expression;
    const mr_treatment *treatment;
    mr_data_type type; /* of slot `to` */
    uint32_t from, to;
} mr_step;

typedef struct mr_evaluator mr_evaluator;

typedef struct mr_prediction {
    bool missing;
    const mr_evaluator *source; /* who predicted: of a chain or selection, the segment; NULL: nobody, the
                                   target has a default */
    double number;              /* regression */
    uint32_t label;             /* classification: index in the evaluator's classes */
    uint32_t entity;            /* text: id of the tree node or segment; 0: none */
    double *probabilities;      /* of each class; NULL: there are none */
} mr_prediction;

struct mr_work {
    mr_slot *slots;
    double *numbers;
    mr_prediction *predictions; /* of each evaluator */
    mr_list *lists;             /* of each output that is a list */
    mr_scratch *scratch;        /* what this row's lists and strings are made of */
    size_t taken;               /* bytes that the row asked of it */
    bool exhausted;             /* the scratch is too small: the row is scored again with a larger one */
    const char *invalid;        /* name of the field whose invalid value ends this row; else NULL */
    const char *failure;        /* what else ends this row; else NULL */
    /* texts.c */
    const mr_text *texts; /* of the model */
    uint32_t text_count;
    const struct mr_map *text_map; /* of the model; NULL: strings that it does not mention are all text 0 */
    struct mr_row_text *row_texts;
    uint32_t *row_buckets;
    uint32_t row_text_count, row_text_capacity;
    struct mr_regex_memory *regex; /* regex.c; NULL at first */
    struct mr_cut_text *cut_texts; /* text_index.c; of this row */
};

/* Number of a string of this row. `data` must live as long as the row's results (mr_work_take); `borrowed`:
 * it lives as long as the record. 0 when the scratch is too small, or without a text_map. */
uint32_t mr_work_intern(mr_work *work, const char *data, size_t size, bool borrowed);
mr_text mr_work_text(const mr_work *work, uint32_t number);   /* valid while the row is scored */
mr_text mr_work_lasting_text(mr_work *work, uint32_t number); /* valid as long as the row's results */
void mr_work_forget_texts(mr_work *work);                     /* before the next row */

/* Memory that lives until the caller resets the scratch, for what an output of this row points to. NULL: the
 * scratch is too small; then leave, whatever is returned, the row is scored again. */
void *mr_work_take(mr_work *work, size_t size);

/* Index of the greatest; of equals the first, which is the first class of the document. */
static inline uint32_t mr_most_probable(const double *shares, uint32_t count) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (shares[i] > shares[best]) best = i;
    return best;
}

/* Targets: what is done to a regression's value. */
typedef struct mr_target {
    bool has_minimum, has_maximum, has_default;
    uint8_t cast; /* 0, or 'r'ound, 'c'eiling, 'f'loor */
    double minimum, maximum, factor, constant, fallback;
    const double *priors; /* of each class; NULL: none */
} mr_target;

/* What an output asks for. Those from F_ENTITY_ID on are answered by the family (mr_evaluator.value). */
typedef enum mr_feature {
    F_PREDICTED_VALUE,
    F_DISPLAY_VALUE,
    F_TRANSFORMED_VALUE,
    F_DECISION,
    F_PROBABILITY,
    F_RESIDUAL,
    F_STANDARD_ERROR,
    F_STANDARD_DEVIATION,
    F_WARNING,
    F_ENTITY_ID,
    F_CLUSTER_ID,
    F_AFFINITY,
    F_ENTITY_AFFINITY,
    F_CLUSTER_AFFINITY,
    F_CONFIDENCE,
    F_REASON_CODE,
    F_RULE_VALUE,
    F_RULE_ID,
    F_ANTECEDENT,
    F_CONSEQUENT,
    F_RULE,
    F_SUPPORT,
    F_LIFT,
    F_LEVERAGE,
    F_OTHER_TARGET /* of mr_evaluator.other_targets; no output asks for it */
} mr_feature;

typedef struct mr_output_step {
    const char *name;
    mr_feature feature;
    uint32_t evaluator;     /* index: whose prediction */
    uint32_t label;         /* F_PROBABILITY: class, MR_NONE: the predicted one */
    bool zero;              /* F_PROBABILITY of a value that the model never predicts */
    bool own;               /* a family's feature of the model itself, not of the segment that predicted */
    bool prints;            /* F_PREDICTED_VALUE: a number as a string */
    bool reads;             /* F_ENTITY_ID: the identifier is a string, read as `type` */
    const mr_slot *values;  /* F_PREDICTED_VALUE: labels as values of `type`; NULL: as they are.
                               F_RESIDUAL: the category; NULL: the predicted one */
    const mr_evaluator *of; /* the segment whose prediction it is; NULL: the model itself */
    uint32_t rank;          /* from 1 */
    uint32_t detail;        /* the family's own: set by its mr_family_feature, read by mr_evaluator.value;
                               F_RESIDUAL: slot of the actual value */
    const mr_expression *expression;
    mr_data_type type;
    uint32_t slot; /* where it is left for transformed values and later segments */
    bool final;
} mr_output_step;

/* Does it need more of the row than the model's prediction? */
static inline bool mr_output_reads_row(const mr_output_step *o) {
    return o->feature == F_TRANSFORMED_VALUE || o->feature == F_DECISION || o->feature == F_RESIDUAL ||
           o->prints || o->reads || o->of;
}

struct mr_evaluator {
    /* Fills *prediction, before targets. */
    void (*evaluate)(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
    /* Value of an output with a feature of the family's own, from what `evaluate` of the same row left in
     * the prediction and in work->numbers; *value is missing at first. NULL: it has none. */
    void (*value)(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                  const mr_prediction *prediction, mr_slot *value);
    /* Of a model over groups: a group begins; a row of it stands in the slots. NULL: of all others. */
    void (*begin)(const mr_evaluator *evaluator, mr_work *work);
    void (*add)(const mr_evaluator *evaluator, mr_work *work);
    const struct mr_tile_family *tiles; /* many rows at once, see tile.h; NULL: it has no such way */
    const void *model;                  /* of the family */
    uint32_t index;                     /* in work->predictions */
    bool classification;
    bool single_math;        /* x-mathContext="float": what is computed is rounded at each step */
    bool single_precision;   /* a regression whose target is declared a float: predictions are cast */
    bool probabilistic;      /* it gives probabilities */
    bool named;              /* an output of the model around is about this segment: it must run by itself */
    bool names_segments;     /* has such outputs */
    mr_data_type label_type; /* of the predicted labels */
    uint32_t class_count;
    const uint32_t *classes;        /* text of each */
    const mr_slot *class_values;    /* the label as a value of label_type */
    const uint32_t *class_displays; /* text of each: displayValue or the label */
    uint32_t probabilities;         /* offset in work->numbers: class_count */
    uint32_t numbers;               /* offset in work->numbers of the family's own memory */
    uint32_t step_count;
    const mr_step *steps;
    const mr_target *target;
    uint32_t output_count;
    const mr_output_step *outputs;
    const char *target_name;
    uint32_t list; /* the prediction is a list: its number in work->lists; else MR_NONE */
    uint32_t other_target_count;
    const mr_output_step *other_targets; /* predicted beside the first one; results of a root model */
};

/* What targets do to a prediction. */
void mr_evaluator_settle(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);
/* Value of an output that is no transformed value. */
void mr_output_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                     const mr_prediction *prediction, mr_slot *value);
/* mr_evaluator.value of families that only know the id of what won: prediction->entity. */
void mr_entity_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                     const mr_prediction *prediction, mr_slot *value);
/* False: the value is invalid, and work->invalid says so. */
bool mr_step_run(const mr_step *step, mr_work *work);
/* Steps, prediction, targets, outputs. */
void mr_evaluator_run(const mr_evaluator *evaluator, mr_work *work);

/* Is the value one of the valid ones? */
bool mr_treatment_holds(const mr_treatment *treatment, const mr_slot *value);
/* The value after a treatment. `invalid`: it is not of the field's type. False: the row is invalid. */
bool mr_treatment_apply(const mr_treatment *treatment, mr_slot *value, bool invalid);

#endif
