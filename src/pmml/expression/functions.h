/* Functions: the table of the built-in functions of <Apply>, and the pieces that it is made of. */
#ifndef MR_PMML_FUNCTIONS_H
#define MR_PMML_FUNCTIONS_H

#include "pmml/build.h"
#include "pmml/expression/expression.h"

/* Type of a function's result. Widest: of its arguments, so integers stay integers. */
typedef enum mr_result_type {
    RESULT_DOUBLE,
    RESULT_INTEGER,
    RESULT_BOOLEAN,
    RESULT_STRING,
    RESULT_WIDEST,
    RESULT_MEAN /* the widest, but of integers a double */
} mr_result_type;

/* What else is to be done at load with a call whose arguments have their types: x->detail. */
typedef mr_status mr_function_prepare(mr_builder *b, uint32_t element, mr_expression *x);

typedef struct mr_function {
    const char *name;
    uint16_t least, most; /* arguments */
    /* A letter for each argument, the last one also for all behind it; what is of another type is converted:
     *   n a number, never converted   d a double         i an integer   s a string   b a boolean
     *   D a date   T a time   M a date with a time   F M, or a time   a whatever it is
     *   = what the first one is       o the same, and it has an order */
    const char *takes;
    mr_result_type result;
    bool takes_missing; /* else a missing argument makes the result missing */
    mr_function_call *call;
    mr_function_prepare *prepare; /* NULL: nothing */
} mr_function;

const mr_function *mr_function_find(const char *name);
const mr_function *mr_function_at(size_t index); /* NULL behind the last */
enum { MR_PMML_ARGUMENTS_MAX = 4096 };

/* The files of the table: each function's name, and how it is called. */
extern const mr_function mr_text_functions[], mr_date_functions[]; /* ended by a name that is NULL */

static inline mr_slot mr_number_slot(double number) {
    return (mr_slot){.number = number};
}
static inline mr_slot mr_missing_slot(void) {
    return (mr_slot){.missing = SLOT_MISSING};
}
static inline mr_slot mr_invalid_slot(void) {
    return (mr_slot){.missing = SLOT_INVALID};
}
/* A string of this row. */
static inline mr_slot mr_text_slot(mr_work *work, const char *data, size_t size) {
    return (mr_slot){.text = mr_work_intern(work, data, size, false)};
}

/* The text of an argument that is a constant; NULL: it is something else. */
const char *mr_constant_text(const mr_builder *b, const mr_expression *argument);

#endif
