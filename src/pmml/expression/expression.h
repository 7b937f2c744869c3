/* Expression: the compiled form of what PMML calls an expression. Every type is known at load. */
#ifndef MR_PMML_EXPRESSION_H
#define MR_PMML_EXPRESSION_H

#include "pmml/program.h"

typedef enum mr_expression_op {
    X_CONSTANT,
    X_FIELD,
    X_CONVERT, /* arguments[0] as `type` */
    X_NORM_CONTINUOUS,
    X_NORM_DISCRETE,
    X_DISCRETIZE,
    X_MAP,
    X_TEXT_INDEX, /* arguments[0] the text, arguments[1] the term */
    X_IF,         /* only one branch is evaluated */
    X_CALL, /* of a <DefineFunction>: arguments to the slots from `slot` on, then the body, the last argument
             */
    X_FUNCTION
} mr_expression_op;

/* What mr_slot.missing may be of what a function answers. */
enum { SLOT_MISSING = 1, SLOT_INVALID = 2 };

/* Of the function: what else it needs to know, from its `prepare`, is in x->detail. */
typedef mr_slot mr_function_call(const mr_expression *x, const mr_slot *values, mr_work *work);

typedef struct mr_norm_point {
    double from, to;
} mr_norm_point;

struct mr_expression {
    mr_expression_op op;
    mr_data_type type;       /* of the result */
    mr_data_type calculated; /* X_FUNCTION, X_CALL: what is called answers with this, which becomes `type` */
    bool maps_missing, defaults;
    bool texts; /* the operands are strings */
    bool takes_missing;
    bool invalid_as_missing, invalid_as_is;
    bool in_order; /* X_DISCRETIZE: the intervals rise and do not overlap */
    mr_outliers outliers;
    uint32_t slot;
    uint32_t count; /* of arguments, points, intervals or rows */
    uint32_t line;
    mr_slot constant;   /* X_CONSTANT; X_NORM_DISCRETE: what to equal */
    mr_slot on_missing; /* maps_missing */
    mr_slot otherwise;  /* defaults */
    mr_function_call *call;
    const char *function; /* its name */
    const void *detail;
    const mr_expression *const *arguments; /* [count] */
    const mr_norm_point *points;           /* [count], by `from` */
    const mr_interval *intervals;          /* [count] */
    const mr_slot *results;                /* [count] of intervals or table rows */
};

/* X_MAP: its `detail`. A hash table of the rows by their keys. */
typedef struct mr_value_map {
    uint32_t key_count, capacity; /* a power of two */
    const uint32_t *slots;        /* of the key columns */
    const bool *texts;            /* is the column one of strings? */
    const mr_slot *keys;          /* [rows][key_count] */
    const uint32_t *rows;         /* [capacity]: row + 1; 0: free */
} mr_value_map;
uint64_t mr_value_map_hash(const mr_value_map *map, const mr_slot *key, uint64_t hash, uint32_t column);

/* Ends the row because of this expression. Returns a missing value. */
mr_slot mr_expression_fail(const mr_expression *x, mr_work *work, const char *what);

#endif
