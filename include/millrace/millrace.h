/* Millrace as a library: everything, for programs that hold a server of their own.
 *
 * A program that only scores needs model.h and libmillrace-model. This header is libmillrace's: it
 * adds a server, which does what `millrace serve` does, with the same configuration.
 *
 *   mr_server_options options = {sizeof options, .config = "millrace.yaml"};
 *   if (mr_server_open(&options, &server, &error) != MR_OK) ...
 *   mr_server_run(server, &error);      returns after mr_server_stop, or when it cannot go on
 *   mr_server_close(server);
 */
#ifndef MILLRACE_MILLRACE_H
#define MILLRACE_MILLRACE_H

#include "millrace/frame.h"
#include "millrace/model.h"
#include "millrace/schema.h"
#include "millrace/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0"; static. Any thread. */
MR_API const char *mr_version(void);

typedef struct mr_server mr_server;

/* A key of the configuration, as in the file: {"records.topic", "wines"}. */
typedef struct mr_setting {
    const char *key;
    const char *value;
} mr_setting;

typedef struct mr_server_options {
    size_t size;        /* sizeof(mr_server_options) as the caller knows it; later members count as 0 */
    const char *config; /* path of a YAML file; NULL: none */
    const mr_setting *settings; /* win over the file */
    size_t setting_count;
} mr_server_options;

/* Reads the configuration; connects to nothing yet. Borrows the options during the call. *server: returns
 * owned, close with mr_server_close. MR_INVALID_ARGUMENT: the first thing that is wrong in the
 * configuration, and where. MR_NO_MEMORY. Any thread; the log's settings are the process's, so one at a
 * time. */
MR_API mr_status mr_server_open(const mr_server_options *options, mr_server **server, mr_error *error);

/* Serves until it is stopped (MR_OK: drained and committed) or cannot go on: then `error` (may be NULL) says
 * what was in the way, of whatever status, and what to do. Starts threads of its own; blocks the calling one.
 * Once per server; one thread. */
MR_API mr_status mr_server_run(mr_server *server, mr_error *error);

/* Asks mr_server_run to end: the first call drains and commits, the second ends at once. Returns without
 * waiting. Any thread, also a signal handler. */
MR_API void mr_server_stop(mr_server *server);

/* Port that HTTP listens on; 0 while it does not. Any thread, until mr_server_close. */
MR_API int mr_server_http_port(const mr_server *server);

/* Frees it; not while mr_server_run is under way. NULL is allowed. */
MR_API void mr_server_close(mr_server *server);

/* A line of the log: level ("error", "warn", "info", "debug"), component ("control", "lane 0") and message,
 * without a line end, control characters escaped. They are valid during the call, which may come from any
 * thread, several at a time; it must not call into Millrace. */
typedef void mr_log_line(void *context, const char *level, const char *component, const char *message);

/* Gives each line of the log to `line` instead of writing it to standard error; NULL: standard error again.
 * It is the process's, not a server's: call it while no server is open. Borrows `context` until the next
 * call. */
MR_API void mr_log_to(mr_log_line *line, void *context);

#ifdef __cplusplus
}
#endif
#endif
