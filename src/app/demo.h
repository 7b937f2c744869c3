/* `millrace demo`: a broker, the server, records and better and better models, watched from outside.
 *
 * Three parts that only share the broker: the server as `millrace serve` runs it, a feed that sends
 * (demo_feed.h), and a second consumer that reads what came out and keeps the books (demo_check.h).
 */
#ifndef MR_APP_DEMO_H
#define MR_APP_DEMO_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "millrace/status.h"

typedef struct mr_demo_options {
    const char *data;    /* folder with wine.csv and models/ */
    int64_t rate;        /* records a second */
    int64_t duration_ms; /* 0: until stopped */
    int http_port;       /* as mr_value_PORT */
    int broker_port;     /* 0: any free one */
    bool terminal;       /* `out` is one: the live line is written over */
    bool lose_one;       /* the second consumer looks away once: for the test that the books are kept */
    const volatile sig_atomic_t *stop;
    void (*bind_next_to)(uint16_t port);
    const char *program; /* as it was called: for commands to paste */
    FILE *out;
} mr_demo_options;

/* *lost: records that were sent and neither became a result or dead letter nor were counted as dropped.
 * MR_OK also when some were lost. Before any thread is started. */
mr_status mr_demo(const mr_demo_options *options, uint64_t *lost, mr_error *error);

#endif
