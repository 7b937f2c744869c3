/* `millrace read`: topics, decoded, a line for each message. */
#ifndef MR_APP_READ_H
#define MR_APP_READ_H

#include <signal.h>
#include <stdio.h>

#include "app/configuration.h"

/* How values are decoded. AUTO: by which of the configuration's topics it is. */
typedef enum mr_read_as {
    MR_READ_AUTO,
    MR_READ_RESULT,
    MR_READ_RECORD,
    MR_READ_MODEL,
    MR_READ_ERROR,
    MR_READ_RAW
} mr_read_as;

enum { MR_READ_TOPICS_MAX = 16 };

typedef struct mr_read_options {
    mr_strings topics; /* at most MR_READ_TOPICS_MAX; none: the results topic */
    mr_read_as as;
    bool latest;   /* only what comes from now on */
    bool to_end;   /* end at what was the end when it began */
    bool json;     /* a JSON object each; else "topic[partition]@offset key value" */
    int64_t count; /* end after so many; 0: no end */
    const volatile sig_atomic_t *stop;
    FILE *out;
} mr_read_options;

/* Reads until the end that the options name, or stop. A value that cannot be decoded is shown as bytes, with
 * the reason. `bootstrap` NULL: the configuration's. Any one thread. */
mr_status mr_read_topics(const mr_configuration *configuration, const char *bootstrap,
                         const mr_read_options *options, uint64_t *count, mr_error *error);

#endif
