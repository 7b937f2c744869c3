/* Model source: the models topic, read in full by every instance, without a group.
 *
 * At the start it reads each partition from the beginning to the high watermark of that moment; from
 * then on it is ready, and the same calls bring what is published later. The end of a partition is
 * not waited for: it never comes while somebody writes. Control thread.
 */
#ifndef MR_CORE_MODEL_SOURCE_H
#define MR_CORE_MODEL_SOURCE_H

#include "core/batch.h"

typedef struct mr_model_source mr_model_source;

/* A message of the models topic; value.data NULL is a tombstone. Views, valid until the next poll. */
typedef struct mr_model_message {
    const char *topic;
    int32_t partition;
    mr_record record;
    bool at_start; /* below the high watermark of the start: never dead-lettered, only logged and counted */
} mr_model_message;

typedef struct mr_model_source_ops {
    const char *name;
    /* Waits up to timeout_ms. MR_OK with message->topic NULL: nothing there. MR_UNAVAILABLE and MR_TIMEOUT
     * pass by themselves (error says which partition is missing); anything else stops the server. */
    mr_status (*poll)(mr_model_source *source, int timeout_ms, mr_model_message *message, mr_error *error);
    /* True from when every partition was read to its start-time end. read and total (may be NULL)
     * count messages, for progress. */
    bool (*caught_up)(mr_model_source *source, uint64_t *read, uint64_t *total);
    void (*close)(mr_model_source *source);
} mr_model_source_ops;

struct mr_model_source {
    const mr_model_source_ops *ops;
};

#endif
