/* Connections: who gives way when there are too many.
 *
 * A silence limit alone does not stop a client that sends a byte every few seconds: with enough of
 * those nobody else gets in. So open connections stand in a queue by when they last began or were
 * answered, and the one that waits longest is closed for a newcomer. Requests are answered within
 * milliseconds, so it is an idle or a hostile one that goes. HTTP thread only.
 */
#ifndef MR_HTTP_CONNECTIONS_H
#define MR_HTTP_CONNECTIONS_H

#include <stdint.h>

typedef struct mr_http_connection mr_http_connection;

typedef struct mr_http_connections {
    mr_http_connection *oldest, *newest;
    uint32_t count;
    uint32_t most;
} mr_http_connections;

/* Borrows the socket until mr_http_connection_closed. NULL (memory is out): it cannot be made to give
 * way, which the two below allow. Shuts the oldest down when there are more than `most`. */
mr_http_connection *mr_http_connection_opened(mr_http_connections *connections, int socket);
void mr_http_connection_answered(mr_http_connections *connections, mr_http_connection *connection);
void mr_http_connection_closed(mr_http_connections *connections, mr_http_connection *connection);

#endif
