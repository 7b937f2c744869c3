/* A queue as a doubly linked list; see connections.h.
 *
 * One that was told to give way leaves the queue at once, so it is told once; its socket is closed by
 * libmicrohttpd, which sees the end of the stream.
 */
#include "http/connections.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/memory.h"

struct mr_http_connection {
    mr_http_connection *older, *newer;
    int socket;
    bool queued;
};

static void leave(mr_http_connections *connections, mr_http_connection *connection) {
    if (!connection->queued) return;
    *(connection->older ? &connection->older->newer : &connections->oldest) = connection->newer;
    *(connection->newer ? &connection->newer->older : &connections->newest) = connection->older;
    connection->queued = false;
    connections->count--;
}

static void join(mr_http_connections *connections, mr_http_connection *connection) {
    connection->older = connections->newest;
    connection->newer = NULL;
    *(connections->newest ? &connections->newest->newer : &connections->oldest) = connection;
    connections->newest = connection;
    connection->queued = true;
    connections->count++;
}

mr_http_connection *mr_http_connection_opened(mr_http_connections *connections, int socket) {
    mr_http_connection *connection = mr_alloc_zero(1, sizeof *connection);
    if (connection == NULL) return NULL;
    connection->socket = socket;
    join(connections, connection);
    if (connections->count > connections->most) {
        mr_http_connection *oldest = connections->oldest;
        leave(connections, oldest);
        shutdown(oldest->socket, SHUT_RDWR);
    }
    return connection;
}

void mr_http_connection_answered(mr_http_connections *connections, mr_http_connection *connection) {
    if (connection == NULL || !connection->queued) return;
    leave(connections, connection);
    join(connections, connection);
}

void mr_http_connection_closed(mr_http_connections *connections, mr_http_connection *connection) {
    if (connection == NULL) return;
    leave(connections, connection);
    mr_free(connection);
}
