/* Double of a source: partitions in memory.
 *
 * Any thread may append records and ask what was committed; the rest is the lane's. poll lends batches
 * of one partition, round robin. Ownership changes when the test says so and reaches the listener in the
 * next poll. Commits can be made to fail.
 */
#ifndef MR_DOUBLES_SOURCE_H
#define MR_DOUBLES_SOURCE_H

#include "core/source.h"

enum { DOUBLE_PARTITIONS = 8 };

mr_source *double_source_new(uint32_t partitions,
                             uint32_t batch_rows); /* batch_rows: most records of a batch */

/* Copies; the offset is returned. Any thread. headers: at most one, NULL for none. */
int64_t double_source_append(mr_source *source, int32_t partition, const char *key, const char *value,
                             int64_t timestamp, const mr_header *header);

/* Reach the listener in the next poll. Partitions are assigned only by these. Any thread. */
void double_source_assign(mr_source *source, int32_t partition);
void double_source_revoke(mr_source *source, int32_t partition, bool lost);

/* Says that so many records were deleted before they were read. Any thread. */
void double_source_lose(mr_source *source, uint64_t records);

int64_t double_source_committed(mr_source *source, int32_t partition); /* -1: never. Any thread */
void double_source_fail_commits(mr_source *source, mr_status status, uint32_t times);
void double_source_fail_polls(mr_source *source, mr_status status, uint32_t times);
uint32_t double_source_lent(mr_source *source); /* batches not released yet. Any thread */

/* close() frees the source; this keeps it readable after, until double_source_free. */
void double_source_keep(mr_source *source);
void double_source_free(mr_source *source);

#endif
