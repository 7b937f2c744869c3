/* Dead letters: a message as it was, and why nothing came of it.
 *
 * Key, value, headers and timestamp stay; the headers
 * __connect.errors.{topic,partition,offset,stage,class.name,exception.class.name,exception.message},
 * which Kafka Connect's tools know, say the rest. Records and models fail alike.
 */
#ifndef MR_CORE_DEAD_LETTER_H
#define MR_CORE_DEAD_LETTER_H

#include "core/batch.h"

typedef struct mr_failure {
    const char *topic;
    int32_t partition;
    const char *stage; /* "decode" */
    mr_status status;
    const char *message;
    const mr_header *more; /* one more header, or NULL */
} mr_failure;

/* Makes the dead letter of `record`. Its views point into the record, the failure and the arena.
 * MR_NO_MEMORY. Any thread, as the next. */
mr_status mr_dead_letter(mr_arena *arena, const mr_record *record, const mr_failure *failure,
                         mr_outgoing *letter);

/* Takes the value out and puts its size into header `millrace.value.size`: for a topic that refuses it
 * as too large. MR_NO_MEMORY. */
mr_status mr_dead_letter_bare(mr_arena *arena, mr_outgoing *letter);

#endif
