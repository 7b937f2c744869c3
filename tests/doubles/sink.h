/* Double of a sink: delivered messages in memory.
 *
 * A hook of the test decides each accepted message's end; without one all are delivered. `capacity`
 * messages may be without a receipt before send answers MR_FULL; `largest` bytes of value before it
 * answers MR_TOO_LARGE. Messages that were delivered can be read by any thread, in order of delivery.
 */
#ifndef MR_DOUBLES_SINK_H
#define MR_DOUBLES_SINK_H

#include "core/sink.h"

typedef struct double_message {
    mr_destination destination;
    int32_t partition;
    int64_t timestamp;
    char *key;   /* NULL: none */
    char *value; /* NULL: none; zero-terminated */
    uint32_t header_count;
    char *headers; /* "name=value\n" of each */
} double_message;

typedef struct double_deliveries double_deliveries; /* what was delivered; outlives the sink */

/* MR_OK: delivered. Called on the lane's thread when a receipt is made. */
typedef mr_status double_delivery_hook(void *context, const double_message *message);

double_deliveries *double_deliveries_new(void);
void double_deliveries_free(double_deliveries *deliveries);
size_t double_deliveries_count(double_deliveries *deliveries);
/* Waits up to timeout_ms until there are `count`; true when there are. */
bool double_deliveries_wait(double_deliveries *deliveries, size_t count, int timeout_ms);
const double_message *double_deliveries_get(double_deliveries *deliveries, size_t index);

typedef struct double_sink_options {
    size_t capacity; /* 0: no bound */
    size_t largest;  /* 0: no bound */
    double_delivery_hook *hook;
    void *hook_context;
    _Atomic bool *fail; /* when true: fatal error */
} double_sink_options;

mr_sink *double_sink_new(double_deliveries *deliveries, const double_sink_options *options);

#endif
