/* Client: a librdkafka handle from a configuration, and librdkafka's errors as ours.
 *
 * Settings come in layers: our defaults for the role, then the user's, then what the role needs to
 * be correct, which the user cannot change (mr_kafka_check_settings refuses it by name).
 */
#ifndef MR_KAFKA_CLIENT_H
#define MR_KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>

#include "kafka/kafka.h"

typedef enum mr_kafka_role {
    MR_KAFKA_SOURCE = 1,   /* consumer of a group */
    MR_KAFKA_READER = 2,   /* consumer of a whole topic */
    MR_KAFKA_PRODUCER = 4, /* idempotent producer */
    MR_KAFKA_ADMIN = 8     /* metadata, configurations */
} mr_kafka_role;

/* What went wrong last, as librdkafka told it outside of any call. Every handle's opaque is an object
 * that begins with one; written by the thread that polls the handle. */
typedef struct mr_kafka_trouble {
    rd_kafka_resp_err_t code; /* NO_ERROR: nothing since it was last cleared */
    char reason[256];
} mr_kafka_trouble;

/* *conf: returns owned, mr_kafka_open takes it. `trouble` becomes the opaque. */
mr_status mr_kafka_conf_new(const mr_kafka_config *config, mr_kafka_role role, mr_kafka_trouble *trouble,
                            rd_kafka_conf_t **conf, mr_error *error);
/* Sets what the role needs; MR_INVALID_ARGUMENT names it. */
mr_status mr_kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, mr_error *error);
/* The value that the user gave a setting, or NULL; the last one counts. Borrows. */
const char *mr_kafka_find_setting(const mr_kafka_config *config, const char *name);
/* Takes conf, also on failure. *handle: returns owned. */
mr_status mr_kafka_open(rd_kafka_conf_t *conf, mr_kafka_role role, rd_kafka_t **handle, mr_error *error);

/* Writes the first offsets (RD_KAFKA_OFFSET_BEGINNING) or the ends (_END) of the partitions into `list`.
 * Waits no longer than timeout_ms, which rd_kafka_query_watermark_offsets() of 2.0.2 does once it has asked.
 */
rd_kafka_resp_err_t mr_kafka_list_offsets(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list,
                                          int64_t which, int timeout_ms);

/* Status of an error: its action says what a message or call that met it needs. Pure. */
mr_status mr_kafka_status(rd_kafka_resp_err_t code);
/* mr_fail with that status and "doing: text of the code (reason)"; reason may be NULL. */
mr_status mr_kafka_fail(mr_error *error, rd_kafka_resp_err_t code, const char *where, const char *doing,
                        const char *reason);
/* MR_UNAVAILABLE, with the reason that librdkafka told outside of the call. */
mr_status mr_kafka_no_answer(mr_error *error, const mr_kafka_trouble *trouble, rd_kafka_resp_err_t code,
                             const char *where);

#endif
