/* Double of a model source: messages in memory. What was appended before the first poll is "at the
 * start"; the rest comes later. Any thread appends. */
#ifndef MR_DOUBLES_MODEL_SOURCE_H
#define MR_DOUBLES_MODEL_SOURCE_H

#include "core/model_source.h"

mr_model_source *double_model_source_new(void);
/* value NULL: a tombstone. Copies; returns the offset. */
int64_t double_model_source_append(mr_model_source *source, int32_t partition, const char *key,
                                   const char *value, int64_t timestamp);

#endif
