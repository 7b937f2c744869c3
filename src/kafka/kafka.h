/* Kafka: what the rest of Millrace may ask of this folder, the only one that knows librdkafka.
 *
 * One configuration makes every client: source and sink (one of each per lane), model source
 * (control thread), admin (start, growth checks), and a plain producer and reader for the commands.
 * All are used by one thread at a time. librdkafka's own threads appear here only as log lines
 * (component "kafka").
 */
#ifndef MR_KAFKA_KAFKA_H
#define MR_KAFKA_KAFKA_H

#include <stdatomic.h>

#include "core/model_source.h"
#include "core/sink.h"
#include "core/source.h"

/* A librdkafka setting by its own name, passed through ("compression.codec", "lz4"). */
typedef struct mr_kafka_setting {
    const char *name;
    const char *value;
} mr_kafka_setting;

/* Read only by the constructors: need not outlive them. */
typedef struct mr_kafka_config {
    const char *bootstrap; /* "host:port,..."; NULL: the setting bootstrap.servers must be there */
    const char *client_id; /* NULL: "millrace" */
    const mr_kafka_setting *settings;
    uint32_t setting_count;
    bool embedded; /* the broker is our embedded one: other defaults, other messages */
} mr_kafka_config;

/* Checks all settings without connecting: known, right, and none that Millrace itself decides
 * (group.id, enable.auto.commit, ...). index (may be NULL): the setting that is wrong, so that the
 * caller can name its line. MR_NOT_FOUND: no such setting; MR_CONFLICT: not the user's to set;
 * MR_INVALID_ARGUMENT: the value, which the message may quote unless the name is a secret's. Any thread. */
mr_status mr_kafka_check_settings(const mr_kafka_setting *settings, uint32_t count, uint32_t *index,
                                  mr_error *error);
/* The setting of librdkafka that `name` is or most likely meant. False: none is near. Any thread. */
bool mr_kafka_nearest_setting(const char *name, char *nearest, size_t size);
const char *mr_kafka_library_version(void); /* "2.0.2"; static */

/* ---- Topics -------------------------------------------------------------------------------------- */

/* What a topic takes. Unknown values (no such API, no permission) are the brokers' defaults. */
typedef struct mr_kafka_topic_limits {
    int64_t max_message_bytes;
    int64_t retention_ms;  /* -1: kept for ever (or compacted only) */
    int64_t before_max_ms; /* refuses timestamps older than this; INT64_MAX: none */
    int64_t after_max_ms;  /* refuses timestamps further in the future than this */
    bool append_time;      /* the broker writes its own timestamps */
} mr_kafka_topic_limits;
extern const mr_kafka_topic_limits mr_kafka_default_limits;

typedef struct mr_kafka_topic {
    const char *name;             /* in */
    int32_t partitions;           /* out; 0: the topic does not exist */
    mr_kafka_topic_limits limits; /* out */
    char without_leader[32];      /* out: a partition without leader ("3"), or "" */
} mr_kafka_topic;

typedef struct mr_kafka_admin mr_kafka_admin;
/* Connects nothing yet. *admin: returns owned. */
mr_status mr_kafka_admin_new(const mr_kafka_config *config, mr_kafka_admin **admin, mr_error *error);
void mr_kafka_admin_free(mr_kafka_admin *admin); /* NULL is allowed */

/* Fills in partition counts and limits. Never creates a topic. MR_UNAVAILABLE: no broker answered. */
mr_status mr_kafka_describe(mr_kafka_admin *admin, mr_kafka_topic *topics, uint32_t count, int timeout_ms,
                            mr_error *error);

typedef struct mr_kafka_new_topic {
    const char *name;
    int32_t partitions;
    bool compact;              /* the models topic: cleanup.policy=compact */
    int64_t max_message_bytes; /* 0: the broker's default */
} mr_kafka_new_topic;
/* Creates a topic (replication: the broker's default) and waits until it is there. One that exists
 * already is left as it is. With the embedded broker topics are made at its start: MR_UNSUPPORTED. */
mr_status mr_kafka_create(mr_kafka_admin *admin, const mr_kafka_new_topic *topic, int timeout_ms,
                          mr_error *error);

/* Partition n of the records goes to partition n of the results, so both need the same count.
 * MR_CONFLICT, with the command that repairs it. Pure. */
mr_status mr_kafka_check_partitions(const mr_kafka_topic *records, const mr_kafka_topic *results,
                                    mr_error *error);

/* ---- Source: one a lane -------------------------------------------------------------------------- */

typedef enum mr_kafka_start { MR_KAFKA_EARLIEST, MR_KAFKA_LATEST, MR_KAFKA_START_ERROR } mr_kafka_start;

typedef struct mr_kafka_source_options {
    const char *group;    /* application.id */
    const char *topic;    /* one: a position names its partition only */
    mr_kafka_start start; /* where to begin when the group has no committed offset */
    uint32_t lane;        /* client.id and group.instance.id end in it */
    int close_timeout_ms; /* for the last commits and for leaving the group; 0: 5 s */
} mr_kafka_source_options;

/* Joins the group with the first poll. *source: returns owned, close it by its own ops. */
mr_status mr_kafka_source_new(const mr_kafka_config *config, const mr_kafka_source_options *options,
                              mr_source **source, mr_error *error);

/* ---- Sink: one a lane ---------------------------------------------------------------------------- */

typedef struct mr_kafka_target {
    const char *topic; /* NULL: nothing is ever sent there */
    int64_t max_message_bytes;
} mr_kafka_target;

typedef struct mr_kafka_sink_options {
    mr_kafka_target results;
    mr_kafka_target errors;
    uint32_t lane;
    int64_t longest_wait_ms; /* of a message for company, unless the user sets linger.ms; 0: as long as is
                                useful */
} mr_kafka_sink_options;

/* An idempotent producer. *sink: returns owned, close it by its own ops. */
mr_status mr_kafka_sink_new(const mr_kafka_config *config, const mr_kafka_sink_options *options,
                            mr_sink **sink, mr_error *error);

/* ---- Models topic -------------------------------------------------------------------------------- */

/* `group` is only asked for by librdkafka: nothing is joined or committed. *source: returns owned. */
mr_status mr_kafka_model_source_new(const mr_kafka_config *config, const char *group, const char *topic,
                                    mr_model_source **source, mr_error *error);

/* ---- For commands: read a whole topic, send to any ----------------------------------------------- */

typedef struct mr_kafka_reader mr_kafka_reader;

/* All partitions of a topic without a group, from the beginning or from the end of now. *reader:
 * returns owned. */
mr_status mr_kafka_reader_new(const mr_kafka_config *config, const char *group, const char *topic,
                              bool from_beginning, mr_kafka_reader **reader, mr_error *error);
/* Waits up to timeout_ms for one message. MR_OK with message->topic NULL: nothing there. Views, valid
 * until the next call. MR_NOT_FOUND: no such topic. MR_UNAVAILABLE, MR_TIMEOUT: call again. */
mr_status mr_kafka_reader_poll(mr_kafka_reader *reader, int timeout_ms, mr_model_message *message,
                               mr_error *error);
/* True once every partition was read to the end it had when the reader began. May be NULL: both. */
bool mr_kafka_reader_caught_up(mr_kafka_reader *reader, uint64_t *read, uint64_t *total);
void mr_kafka_reader_free(mr_kafka_reader *reader); /* NULL is allowed */

typedef struct mr_kafka_producer mr_kafka_producer;

typedef struct mr_kafka_message {
    const char *topic;
    int32_t partition; /* -1: by key */
    int64_t timestamp; /* -1: now */
    mr_bytes key;
    mr_bytes value;
    const mr_header *headers;
    uint32_t header_count;
} mr_kafka_message;

typedef struct mr_kafka_delivery {
    uint64_t delivered;
    uint64_t failed;
    mr_error last_error; /* of the last that failed */
} mr_kafka_delivery;

mr_status mr_kafka_producer_new(const mr_kafka_config *config, mr_kafka_producer **producer, mr_error *error);
/* Copies the message. MR_FULL: poll, then again. MR_TOO_LARGE: says the size and the limit. */
mr_status mr_kafka_producer_send(mr_kafka_producer *producer, const mr_kafka_message *message,
                                 mr_error *error);
void mr_kafka_producer_poll(mr_kafka_producer *producer, int timeout_ms);
/* Waits until every message is delivered or failed. MR_TIMEOUT: some are still under way. */
mr_status mr_kafka_producer_flush(mr_kafka_producer *producer, int timeout_ms);
const mr_kafka_delivery *mr_kafka_producer_delivery(const mr_kafka_producer *producer); /* borrows */
void mr_kafka_producer_free(mr_kafka_producer *producer); /* drops what is not delivered; NULL is allowed */

/* ---- Embedded broker ----------------------------------------------------------------------------- */

typedef struct mr_embedded_broker mr_embedded_broker;

typedef struct mr_embedded_topic {
    const char *name;
    int32_t partitions;
} mr_embedded_topic;

typedef struct mr_embedded_options {
    uint16_t port; /* 0: any free one */
    /* Makes the next bind() of this thread use that port on 127.0.0.1. Only an executable can give it
     * (cli/embedded_bind.c), as it must define bind(). NULL: only port 0 is possible. */
    void (*bind_next_to)(uint16_t port);
    const mr_embedded_topic *topics;
    uint32_t topic_count;
} mr_embedded_options;

/* Starts the broker in a child process, so that its asserts cannot stop this one. Call before any
 * thread is started (it forks). It ends with this process, however that ends. MR_CONFLICT: the port
 * is in use. *broker: returns owned. */
mr_status mr_embedded_start(const mr_embedded_options *options, mr_embedded_broker **broker, mr_error *error);
const char *mr_embedded_bootstrap(const mr_embedded_broker *broker); /* "127.0.0.1:9092" */
int mr_embedded_process(const mr_embedded_broker *broker);           /* its process id */
/* False when the broker died: its topics are gone, so it is not started again. Any one thread. */
bool mr_embedded_alive(mr_embedded_broker *broker, mr_error *error);
void mr_embedded_stop(mr_embedded_broker *broker); /* NULL is allowed */

/* Largest message that the embedded broker is sure to keep. */
enum { MR_EMBEDDED_MESSAGE_MAX = 2 * 1024 * 1024 };

#endif
