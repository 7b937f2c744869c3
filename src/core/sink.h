/* Sink: where messages go, and what became of them.
 *
 * `send` accepts messages, `poll` hands out one receipt for each accepted message: delivered, or refused
 * and why. A message is never forgotten: accepted means a receipt will come, unless the
 * sink itself fails (`failed`), after which the lane opens a new one and reads again from what was
 * acknowledged.
 *
 * Everything runs on the lane's thread.
 */
#ifndef MR_CORE_SINK_H
#define MR_CORE_SINK_H

#include "core/batch.h"

typedef struct mr_sink mr_sink;

/* One message's end. MR_OK: acknowledged by all that had to. Otherwise mr_status_action() says whether to
 * send it again (MR_TIMEOUT, MR_UNAVAILABLE), to dead-letter its record (MR_TOO_LARGE, ...) or to stop. */
typedef struct mr_receipt {
    void *ticket; /* as given to send: the batch */
    uint16_t row;
    mr_destination destination;
    mr_status status;
    const char *reason; /* valid during the call */
} mr_receipt;

typedef struct mr_sink_listener {
    void *context;
    void (*received)(void *context, const mr_receipt *receipt);
} mr_sink_listener;

typedef struct mr_sink_ops {
    const char *name;
    /* Accepts messages in order and copies what they view. *accepted says how many; MR_FULL: poll,
     * then offer the rest; MR_TOO_LARGE: message *accepted is larger than its topic takes and was
     * not accepted; MR_LOST: the sink has failed. Each accepted message gives one receipt. */
    mr_status (*send)(mr_sink *sink, const mr_outgoing *messages, uint32_t count, void *ticket,
                      uint32_t *accepted, mr_error *error);
    /* Calls the listener for the receipts that are there; waits up to timeout_ms for the first. */
    void (*poll)(mr_sink *sink, int timeout_ms);
    /* Sends at once what waits for company, and waits until every accepted message has its receipt.
     * MR_TIMEOUT. */
    mr_status (*flush)(mr_sink *sink, int timeout_ms);
    /* True after a fatal error: nothing will be delivered any more; error says why. */
    bool (*failed)(mr_sink *sink, mr_error *error);
    /* Frees it. Messages without a receipt get none. */
    void (*close)(mr_sink *sink);
} mr_sink_ops;

struct mr_sink {
    const mr_sink_ops *ops;
    mr_sink_listener listener; /* set by the lane before the first send */
};

#endif
