/* The demo's second consumer: reads results and dead letters from their topics as anybody could, and keeps
 * the books: which keys came out, how right they were, how late. It knows nothing of the server. */
#ifndef MR_APP_DEMO_CHECK_H
#define MR_APP_DEMO_CHECK_H

#include "app/demo_feed.h"

typedef struct mr_demo_check mr_demo_check;

/* What came since the last mr_demo_check_take. */
typedef struct mr_demo_second {
    uint64_t results;
    uint64_t right;  /* predicted the known label */
    double p50, p99; /* milliseconds from the record's timestamp until it was read here */
} mr_demo_second;

/* Of all that came; a key counts once. */
typedef struct mr_demo_books {
    uint64_t results;      /* keys with a result */
    uint64_t dead_letters; /* keys with a dead letter and no result */
    uint64_t twice;        /* messages for a key that had one */
    uint64_t unknown;      /* messages whose key was never sent, or unreadable */
} mr_demo_books;

/* Of one model. */
typedef struct mr_demo_model {
    char name[64];
    uint64_t results, right;
} mr_demo_model;
enum { MR_DEMO_MODELS_SEEN = 8 };

/* lose_one: the first result is not entered into the books. *check: returns owned. Main thread, as the
 * others. */
mr_status mr_demo_check_new(const mr_kafka_config *config, const char *results_topic,
                            const char *errors_topic, const mr_demo_feed *feed, bool lose_one,
                            mr_demo_check **check, mr_error *error);
void mr_demo_check_free(mr_demo_check *check); /* NULL is allowed */

/* Reads what is there; waits up to timeout_ms when nothing is. */
mr_status mr_demo_check_poll(mr_demo_check *check, int timeout_ms, mr_error *error);
mr_demo_second mr_demo_check_take(mr_demo_check *check);
mr_demo_books mr_demo_check_books(const mr_demo_check *check);
/* [*count] models in the order they were met. Borrows. */
const mr_demo_model *mr_demo_check_models(const mr_demo_check *check, size_t *count);

#endif
