/* Expression: the compiled form of what PMML calls an expression. Every type is known at load. */
#ifndef MR_PMML_EXPRESSION_H
#define MR_PMML_EXPRESSION_H

#include <string.h>

#include "pmml/program.h"

typedef enum MR_BYTE mr_expression_op {
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

/* What stands for a result that is missing; only few expressions have one. */
typedef struct mr_fallback {
    bool maps_missing, defaults;
    mr_slot on_missing; /* maps_missing: mapMissingTo, where what it is made of is missing */
    mr_slot otherwise;  /* defaults: defaultValue */
} mr_fallback;

/* Small, since a model may have one for every word of its text: what one op has no use for, another has. */
struct mr_expression {
    mr_expression_op op;
    mr_data_type type;       /* of the result */
    mr_data_type calculated; /* X_FUNCTION, X_CALL: what is called answers with this, which becomes `type` */
    bool texts : 1;          /* the operands are strings */
    bool takes_missing : 1;
    bool invalid_as_missing : 1, invalid_as_is : 1;
    bool in_order : 1; /* X_DISCRETIZE: the intervals rise and do not overlap */
    uint32_t line;
    uint32_t slot;
    uint32_t count; /* of arguments, points, intervals or rows */
    union {
        mr_slot constant; /* X_CONSTANT; X_NORM_DISCRETE: what to equal */
        struct {
            union {
                const mr_expression *const *arguments; /* [count] */
                const mr_norm_point *points;           /* X_NORM_CONTINUOUS: [count], by `from` */
                const mr_interval *intervals;          /* X_DISCRETIZE: [count] */
            };
            union {
                const struct mr_function *function; /* X_FUNCTION, X_IF */
                const char *name;                   /* X_CALL: of the function */
                const mr_slot *results;             /* X_DISCRETIZE: [count] */
                mr_outliers outliers;               /* X_NORM_CONTINUOUS */
            };
        };
    };
    const void *detail;
    mr_fallback *fallback; /* NULL: none */
};
_Static_assert(sizeof(mr_expression) == 48, "three pieces of an arena");

static inline bool mr_maps_missing(const mr_expression *x) {
    return x->fallback && x->fallback->maps_missing;
}
static inline bool mr_has_default(const mr_expression *x) {
    return x->fallback && x->fallback->defaults;
}

/* X_MAP: its `detail`. A hash table of the rows by their keys. A string is the number of its text; as a key,
 * a number is its bits, of -0.0 those of 0.0. */
typedef struct mr_value_map {
    uint32_t key_count, capacity; /* a power of two */
    const uint32_t *slots;        /* of the key columns */
    const bool *texts;            /* is the column one of strings? */
    const uint64_t *keys;         /* [rows][key_count] */
    const uint32_t *rows;         /* [capacity]: row + 1; 0: free */
    const double *results;        /* [rows] */
    const bool *absent;           /* [rows]: without a result; NULL: all have one */
} mr_value_map;
static inline uint64_t mr_value_map_key(const mr_slot *value, bool text) {
    uint64_t bits;
    double number = value->number + 0.0;
    memcpy(&bits, &number, sizeof bits);
    return text ? value->text : bits;
}
static inline uint64_t mr_value_map_hash(uint64_t key, uint64_t hash) {
    hash = (hash ^ key) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 32); /* of a whole number as a double, the upper half alone tells anything */
}

/* Ends the row because of this expression. Returns a missing value. */
mr_slot mr_expression_fail(const mr_expression *x, mr_work *work, const char *what);

#endif
