/* HTTP: the live state, for people, the tutorial's clients and Prometheus.
 *
 * One thread of libmicrohttpd answers everything: GET and HEAD only, each answer made from one
 * snapshot of the view, so it never touches what a lane owns. The routes stand in routes.c, each with
 * an example in docs/http.md.
 */
#ifndef MR_HTTP_HTTP_H
#define MR_HTTP_HTTP_H

#include <stdint.h>

#include "core/view.h"

/* Zero or NULL in any of them takes the default. */
typedef struct mr_http_options {
    const char *address;      /* to listen on: a name or a number; default 127.0.0.1 */
    uint16_t port;            /* default 0: any free one, see mr_http_server_port */
    uint32_t connections;     /* open at once; the oldest gives way to a newcomer; default 64 */
    uint32_t timeout_seconds; /* a silent connection is closed; default 10 */
    const char *default_type; /* data type that /state answers when there are several; default none */
} mr_http_options;

typedef struct mr_http_server mr_http_server;

/* Listens and starts the thread. Copies the options; borrows the view until mr_http_server_stop.
 * *server: returns owned. MR_CONFLICT (the port is in use), MR_INVALID_ARGUMENT (not an address of
 * this machine), MR_NO_MEMORY, MR_IO. Main thread. */
mr_status mr_http_server_start(const mr_http_options *options, const mr_view *view, mr_http_server **server,
                               mr_error *error);

/* The port it listens on. Any thread. */
uint16_t mr_http_server_port(const mr_http_server *server);

/* Closes all connections, ends the thread, frees the server. NULL is allowed. Main thread. */
void mr_http_server_stop(mr_http_server *server);

#endif
