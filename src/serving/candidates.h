/* Candidates: the model messages that may serve, and which of them comes first.
 *
 * A line is the messages of one data type in one partition of the models topic; at most MR_CANDIDATES_KEPT
 * of each are remembered. The choice: of each line the newest, and of these the greatest by (timestamp,
 * partition); if that one does not load, the next older of its line takes its place, and so on. It depends on
 * what is in the topic and on what loads, never on the order of events, so every instance, after every
 * restart, chooses alike.
 *
 * Messages are kept whole, so that an older model can be brought back, within a bound of bytes: beyond it
 * those least likely to serve lose theirs. Control thread only.
 */
#ifndef MR_SERVING_CANDIDATES_H
#define MR_SERVING_CANDIDATES_H

#include <sodium.h>

#include "core/batch.h"

enum { MR_CANDIDATES_KEPT = 64 };

typedef enum mr_candidate_state {
    MR_CANDIDATE_NEW,
    MR_CANDIDATE_GOOD,
    MR_CANDIDATE_BAD,
    MR_CANDIDATE_LATER /* there was no memory to load it: to be tried again */
} mr_candidate_state;

typedef struct mr_candidate {
    char *data_type;
    bool keyed;
    unsigned char key[crypto_hash_sha256_BYTES]; /* digest of the message's key, for tombstones */
    char *message; /* its value; NULL: given up for the bound, or known to be bad */
    size_t message_size;
    int32_t partition;
    int64_t offset;
    int64_t timestamp;
    mr_candidate_state state;
    bool behind; /* a newer one of its line is there */
    bool passed; /* in the choice under way */
} mr_candidate;

typedef struct mr_candidates {
    mr_candidate **items; /* owned */
    size_t count, capacity;
    size_t bytes; /* of all messages kept */
    size_t bytes_max;
} mr_candidates;

void mr_candidates_init(mr_candidates *all, size_t bytes_max);
void mr_candidates_free(mr_candidates *all);

/* Whether a line has no place for one more: then its newest that loads must be found, and the line thinned.
 */
bool mr_candidates_full(const mr_candidates *all, const char *data_type, int32_t partition);
/* The newest untried message of a line that is newer than all known to load; NULL: none is left to try. */
mr_candidate *mr_candidates_untried(const mr_candidates *all, const char *data_type, int32_t partition);
/* Forgets the bad ones of a line, then its oldest, down to half of what is kept. */
void mr_candidates_thin(mr_candidates *all, const char *data_type, int32_t partition);

/* Remembers a message (copies it). *added is NULL when it is known. MR_LIMIT: its line is full. MR_NO_MEMORY.
 */
mr_status mr_candidates_add(mr_candidates *all, const char *data_type, int32_t partition,
                            const mr_record *record, mr_candidate **added);
/* A tombstone: forgets what was published in that partition under that key before it. Returns how many. */
size_t mr_candidates_retire(mr_candidates *all, int32_t partition, mr_bytes key, int64_t offset);

/* Walks the choice for a data type: mr_candidates_begin, then each call gives the next to try; bad ones
 * are passed over. NULL: none is left. Borrows; valid until the next add or retire. */
void mr_candidates_begin(mr_candidates *all, const char *data_type);
mr_candidate *mr_candidates_next(mr_candidates *all, const char *data_type);
/* It does not load: its bytes go, its place in the order stays. */
void mr_candidates_bad(mr_candidates *all, mr_candidate *candidate);

/* Gives messages up until the bound is kept: first those behind a newer one of their line, then those
 * that load. False: only untried newest ones are left, which must be tried first. */
bool mr_candidates_trim(mr_candidates *all);

#endif
