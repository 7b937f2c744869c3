/* Dead letters of model messages. One at a time and waited for: they are rare, and their bytes are at hand
 * only while the message is. Control thread only.
 */
#ifndef MR_SERVING_MODEL_LETTERS_H
#define MR_SERVING_MODEL_LETTERS_H

#include <stdatomic.h>

#include "core/model_source.h"
#include "core/sink.h"

typedef struct mr_model_letters {
    mr_status (*open_sink)(void *context, mr_sink **sink, mr_error *error); /* NULL: nowhere to send them */
    void *context;
    const char *instance_id;
    const _Atomic bool *stop; /* when true, nothing is waited for much longer; NULL: never */
    mr_sink *sink;            /* NULL: not open */
    uintptr_t sent;           /* tickets given out: a late receipt is not taken for the next one's */
    mr_status receipt;
    bool received;
    char reason[256];
} mr_model_letters;

/* Sends the message with why it was rejected, without its value when it is too large; answers when it is
 * delivered. MR_UNSUPPORTED: there is no sink. */
mr_status mr_model_letter_send(mr_model_letters *letters, const mr_model_message *message,
                               const mr_error *why, mr_error *error);
void mr_model_letters_close(mr_model_letters *letters);

#endif
