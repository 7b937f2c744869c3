/* Dead letters of records: the record as it was, and why it has no result.
 *
 * Key, value, headers and timestamp stay; the headers
 * __connect.errors.{topic,partition,offset,stage,class.name,exception.class.name,exception.message},
 * which Kafka Connect's tools know, say the rest.
 */
#ifndef MR_STREAM_DEADLETTER_H
#define MR_STREAM_DEADLETTER_H

#include "core/batch.h"

/* Makes the dead letter of a row in state MR_ROW_FAILED. All views point into the record or into the batch's arena. `timestamp` is the one to send.
 * MR_NO_MEMORY. Lane thread. */
mr_status mr_dead_letter(const mr_batch *batch, uint32_t row, int64_t timestamp, mr_outgoing *letter);

/* Takes the value out and puts its size into header `millrace.value.size`: for a topic that refuses it
 * as too large. MR_NO_MEMORY. */
mr_status mr_dead_letter_bare(mr_arena *arena, mr_outgoing *letter);

#endif
