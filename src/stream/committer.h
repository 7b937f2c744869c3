/* At-least-once: offsets are committed after the results that they stand for.
 *
 * Every interval the acknowledged offsets are handed to the source without waiting; at a revocation
 * and when forced, with waiting. An asynchronous commit that gets lost costs duplicates after a crash,
 * never a record, so nobody waits for its answer; forced commits repeat all offsets for that reason.
 */
#ifndef MR_STREAM_COMMITTER_H
#define MR_STREAM_COMMITTER_H

#include "core/committer.h"

/* Borrows the source, which must live until the last call but `close`. *committer: returns owned, freed
 * by its own `close`. Lane thread. */
mr_status mr_at_least_once_new(mr_source *source, int64_t interval_ms, mr_committer **committer,
                               mr_error *error);

#endif
