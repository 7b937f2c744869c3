/* The numbers of proto/millrace/v1/result.proto. */
#ifndef MR_CODEC_RESULT_FIELDS_H
#define MR_CODEC_RESULT_FIELDS_H

#include "millrace/model.h"

/* A name that is this, a category and `)` is given by the category alone. */
#define MR_PROBABILITY_OF "probability("

enum {
    MR_RESULT_DATA_TYPE = 1,
    MR_RESULT_MODEL = 2,
    MR_RESULT_SOURCE = 3,
    MR_RESULT_OUTPUT = 4,

    MR_MODEL_NAME = 1,
    MR_MODEL_VERSION = 2,
    MR_MODEL_SHA256 = 3,
    MR_MODEL_SHA256_BYTES = 4,

    MR_SOURCE_TOPIC = 1,
    MR_SOURCE_PARTITION = 2,
    MR_SOURCE_OFFSET = 3,

    MR_OUTPUT_NAME = 1,
    MR_OUTPUT_ROLE = 2,
    MR_OUTPUT_CATEGORY = 9,

    /* Of Output and of Value. */
    MR_VALUE_DOUBLE = 3,
    MR_VALUE_INT64 = 4,
    MR_VALUE_STRING = 5,
    MR_VALUE_BOOL = 6,
    MR_VALUE_LIST = 7,
    MR_VALUE_MISSING = 8,

    MR_LIST_VALUE = 1
};

/* The enum Role: 0 is "unspecified". */
static inline uint64_t mr_role_number(mr_role role) {
    return (uint64_t)role + 1;
}

#endif
