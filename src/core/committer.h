/* Committer: when an offset passes.
 *
 * The lane tells it how far each partition is acknowledged (every result or dead letter of all
 * earlier records delivered, every drop counted); the committer decides when and how that is made
 * durable. At-least-once commits offsets after the results; exactly-once, later, puts both into one
 * transaction. Hooks let stores write before and forget after. Lane thread.
 */
#ifndef MR_CORE_COMMITTER_H
#define MR_CORE_COMMITTER_H

#include "core/sink.h"
#include "core/source.h"

typedef struct mr_committer mr_committer;

typedef struct mr_committer_listener {
    void *context;
    /* About to commit: whatever must be durable first. An error puts the commit off. */
    mr_status (*before_commit)(void *context, int32_t partition, int64_t offset, mr_error *error);
    /* It is durable. */
    void (*committed)(void *context, int32_t partition, int64_t offset);
} mr_committer_listener;

typedef struct mr_committer_ops {
    const char *name; /* "at-least-once" */
    void (*assigned)(mr_committer *committer, int32_t partition);
    /* Everything of the partition below `offset` is acknowledged. */
    void (*acknowledged)(mr_committer *committer, int32_t partition, int64_t offset);
    /* Commits what is due at `now` (monotonic milliseconds); force: all, and wait for the answer. */
    mr_status (*commit)(mr_committer *committer, int64_t now, bool force, mr_error *error);
    /* Commits this partition and waits, unless lost; then forgets it. */
    void (*revoked)(mr_committer *committer, int32_t partition, bool lost);
    void (*close)(mr_committer *committer); /* frees it */
} mr_committer_ops;

struct mr_committer {
    const mr_committer_ops *ops;
    mr_committer_listener listener;
};

#endif
