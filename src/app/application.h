/* Application: the whole server, wired from a configuration.
 *
 * Built in order, torn down in reverse: embedded broker (forks, so before any thread), topics, codecs,
 * control, lanes, HTTP. One thread calls everything but `stop`.
 */
#ifndef MR_APP_APPLICATION_H
#define MR_APP_APPLICATION_H

#include "app/configuration.h"
#include "core/view.h"

typedef struct mr_application mr_application;

/* `configuration` is checked (mr_configuration_check) and borrowed for the application's life.
 * bind_next_to: as of mr_embedded_options; NULL in a library. *application: returns owned. */
mr_status mr_application_new(const mr_configuration *configuration, void (*bind_next_to)(uint16_t port),
                             mr_application **application, mr_error *error);

/* Starts everything but the lanes; returns when the threads run, not when models are loaded. On an error
 * call finish. */
mr_status mr_application_start(mr_application *application, mr_error *error);

/* Looks after it for up to timeout_ms, and starts the lanes once the models are loaded. MR_OK: goes on.
 * MR_CANCELLED: it was told to stop. Else: what went wrong; then it cannot go on, call finish. */
mr_status mr_application_watch(mr_application *application, int timeout_ms, mr_error *error);

/* First: drain, commit and end. Then: end at once. Any thread, also a signal handler. */
void mr_application_stop(mr_application *application);

/* Stops what runs, waits for it, takes it down. What the lanes ended with. */
mr_status mr_application_finish(mr_application *application, mr_error *error);

/* start, watch, finish. */
mr_status mr_application_run(mr_application *application, mr_error *error);

void mr_application_free(mr_application *application); /* NULL is allowed */

/* Borrow; valid while it runs. */
const mr_view *mr_application_view(const mr_application *application);
const char *mr_application_bootstrap(const mr_application *application);
int mr_application_http_port(const mr_application *application); /* 0: no HTTP; any thread */

/* "2.0.2"; static. Any thread. */
const char *mr_application_kafka_version(void);

#endif
