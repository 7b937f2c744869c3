/* A listening socket, made by us and not by libmicrohttpd so that errors name the address and the
 * fix. Any thread. */
#ifndef MR_HTTP_LISTEN_H
#define MR_HTTP_LISTEN_H

#include <stdint.h>

#include "millrace/status.h"

enum { MR_HOST_SIZE = 256 };

typedef struct mr_listener {
    int socket;              /* owned, non-blocking, close-on-exec */
    uint16_t port;           /* the one it got */
    char host[MR_HOST_SIZE]; /* the address; this machine's name when it listens on all addresses */
} mr_listener;

/* Port 0: any free one. Statuses as mr_http_server_start. */
mr_status mr_listen(const char *address, uint16_t port, mr_listener *listener, mr_error *error);

#endif
