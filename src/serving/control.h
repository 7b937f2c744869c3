/* Control: the thread that reads the models topic and decides what serves.
 *
 * Message > descriptor > candidate > install (load, bind, warm up) > publish. What serves is untouched
 * until the new model is ready, and a model that fails changes nothing.
 *
 * While the topic is read for the first time messages are only remembered; at its start-time end the winner
 * of each data type is loaded, and control is ready. From then on every message is tried when it comes: a
 * bad one goes to the errors topic, with key `topic-partition-offset` and the instance in header
 * `millrace.instance`. Control also frees what the lanes let go of.
 */
#ifndef MR_SERVING_CONTROL_H
#define MR_SERVING_CONTROL_H

#include "core/model_source.h"
#include "core/sink.h"
#include "serving/install.h"

typedef struct mr_control mr_control;

/*    update             name            what was counted */
#define MR_UPDATE_TABLE(X)                                                                                   \
    X(PUBLISHED, "published")     /* serves */                                                               \
    X(REJECTED, "rejected")       /* not a descriptor, or its model does not load */                         \
    X(SUPERSEDED, "superseded")   /* loads, but a newer one serves */                                        \
    X(RETIRED, "retired")         /* tombstones that took something away */                                  \
    X(UNDELIVERED, "undelivered") /* rejected, and its dead letter could not be delivered */

typedef enum mr_update {
#define MR_UPDATE_ENUM(update, name) MR_UPDATE_##update,
    MR_UPDATE_TABLE(MR_UPDATE_ENUM)
#undef MR_UPDATE_ENUM
        MR_UPDATE_COUNT
} mr_update;
const char *mr_update_name(mr_update update); /* static; any thread */

typedef struct mr_control_options {
    mr_install_options install;
    mr_published *published; /* borrowed */
    mr_model_source *source; /* taken: closed by mr_control_free */
    mr_descriptor_parse_function *parse;
    mr_numbering numbering;
    const char *instance_id; /* borrowed */
    size_t candidate_bytes;  /* of messages kept to bring older models back; 0: 256 MiB */
    /* Opens the sink for dead letters, when there is a first one and after it failed; NULL: they are only
     * logged and counted. Control thread. */
    mr_status (*open_sink)(void *context, mr_sink **sink, mr_error *error);
    void *context;
} mr_control_options;

/* *control: returns owned; on an error the source is still the caller's. Main thread, as start, join, free.
 */
mr_status mr_control_new(const mr_control_options *options, mr_control **control, mr_error *error);
mr_status mr_control_start(mr_control *control, mr_error *error);
void mr_control_stop(mr_control *control);                       /* any thread, also a signal handler */
mr_status mr_control_join(mr_control *control, mr_error *error); /* what it ended with */
void mr_control_free(mr_control *control);                       /* after join; NULL is allowed */

/* Any thread. Ready: read to the start-time end, each winner loaded or rejected. Failed: the models topic
 * cannot be read any more, which should stop the server. */
bool mr_control_ready(const mr_control *control);
bool mr_control_failed(const mr_control *control);
uint64_t mr_control_updates(const mr_control *control, mr_update update);

/* What the thread does, for tests without one: one message, or nothing within timeout_ms. `now`: monotonic
 * milliseconds. Anything but MR_OK ends it. */
mr_status mr_control_step(mr_control *control, int timeout_ms, int64_t now, mr_error *error);

#endif
