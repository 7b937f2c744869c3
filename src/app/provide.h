/* `millrace provide`: rows of a CSV file as records, files as models, at a rate. */
#ifndef MR_APP_PROVIDE_H
#define MR_APP_PROVIDE_H

#include <signal.h>

#include "app/configuration.h"

typedef struct mr_provide_options {
    const char *records; /* CSV file; NULL: no records */
    char delimiter;
    mr_strings fields;   /* names of the columns; none: the first row names them */
    const char *key;     /* a column, or "row": the number of the record, from 1; NULL: no key */
    const char *type;    /* data type of records and models; NULL: of the column that records.type names */
    int64_t rate;        /* records a second; 0: as fast as possible */
    int64_t count;       /* records to send, going through the file again and again; 0: each row once */
    int64_t duration_ms; /* end after this long, going through the file again and again; 0: no end by time */
    mr_strings models;   /* files */
    int64_t model_count; /* models to send, going through them again and again; 0: each once */
    int64_t model_interval_ms; /* between two models; 0: all at once, before the records */
    const char *name;          /* of the models; NULL: the file's, without its ending */
    const char *description;
    const char *version;                             /* NULL: none */
    const volatile sig_atomic_t *stop;               /* not 0: end early */
    void (*report)(void *context, const char *line); /* what the user should know */
    void *context;
} mr_provide_options;

typedef struct mr_provide_count {
    uint64_t records, models; /* delivered or not */
    uint64_t skipped;         /* rows that are no record; reported */
    uint64_t delivered, failed;
    double seconds;
} mr_provide_count;

/* Sends all and waits until it is delivered. `bootstrap` NULL: the configuration's. An error ends it early;
 * *count is right either way. Any one thread. */
mr_status mr_provide(const mr_configuration *configuration, const char *bootstrap,
                     const mr_provide_options *options, mr_provide_count *count, mr_error *error);

#endif
