/* The server: libmicrohttpd with its own thread, and what every request must pass first.
 *
 * Limits before work: memory and silence of a connection are bounded by libmicrohttpd, the number of
 * connections by connections.c; the length of the path, the number of headers, the method and the absence of
 * a body are checked here, before a snapshot is taken. A request that ends early is
 * answered at once and its connection closed, so its rest is never read.
 *
 * Threads: "http" is everything but start, port and stop.
 */
#include "http/http.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <microhttpd.h>

#include "base/log.h"
#include "base/memory.h"
#include "http/connections.h"
#include "http/listen.h"
#include "http/routes.h"

enum {
    PATH_MAX_BYTES = 1024, /* with the query, as sent */
    HEADERS_MAX = 64,
    LEAVING_MAX = 16,     /* connections that gave way and are not closed yet */
    REQUEST_BYTES = 16384 /* memory of one connection: request line, headers, the head of our answers */
};

struct mr_http_server {
    struct MHD_Daemon *daemon;
    struct MHD_Response *no_memory; /* made at start, for when nothing else can be made */
    mr_http_connections connections;
    mr_http_site site;
    char host[MR_HOST_SIZE];
    char *default_type;
    mr_log_limit log_limit;
};

/* What libmicrohttpd has to say of connections that broke; clients cause it, so it is limited. */
static void on_message(void *context, const char *format, va_list arguments) MR_PRINTF(2, 0);
static void on_message(void *context, const char *format, va_list arguments) {
    mr_http_server *server = context;
    char text[256];
    if (vsnprintf(text, sizeof text, format, arguments) < 0) return;
    text[strcspn(text, "\r\n")] = '\0';
    mr_log_limited(&server->log_limit, MR_LOG_DEBUG, "http", "%s", text);
}

/* What is known of a request line before it is decoded. libmicrohttpd keeps a pointer with each
 * request: ours is to one of these, so nothing is allocated. */
typedef enum line_state { LINE_FINE, LINE_SEEN, LINE_LONG, LINE_ZERO } line_state;
static const line_state line_states[] = {LINE_FINE, LINE_SEEN, LINE_LONG, LINE_ZERO};

static void *mark(line_state state) {
    return (void *)(uintptr_t)&line_states[state];
}

/* Sees the request line as it was sent. A zero byte (%00) would cut the decoded path short. */
static void *look_at_line(void *context, const char *line, struct MHD_Connection *connection) {
    (void)context, (void)connection;
    if (strlen(line) > PATH_MAX_BYTES) return mark(LINE_LONG);
    return mark(strstr(line, "%00") != NULL ? LINE_ZERO : LINE_FINE);
}

/* Sends the answer; takes its data. `allow` and `close` add their header. */
static enum MHD_Result send_answer(mr_http_server *server, struct MHD_Connection *connection,
                                   mr_http_answer *answer, const char *allow, bool close) {
    if (answer->failed) {
        mr_free(answer->data);
        return MHD_queue_response(connection, 503, server->no_memory);
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(answer->size, answer->data, mr_free);
    if (response == NULL) {
        mr_free(answer->data);
        return MHD_queue_response(connection, 503, server->no_memory);
    }
    enum MHD_Result result = MHD_add_response_header(response, "Content-Type", answer->content_type);
    if (result) result = MHD_add_response_header(response, "Cache-Control", "no-store");
    if (result) result = MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (result && allow != NULL) result = MHD_add_response_header(response, "Allow", allow);
    if (result && close) result = MHD_add_response_header(response, "Connection", "close");
    result = result ? MHD_queue_response(connection, answer->status, response)
                    : MHD_queue_response(connection, 503, server->no_memory);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(mr_http_server *server, struct MHD_Connection *connection, unsigned status,
                              const char *what, const char *fix) {
    mr_http_answer answer = {0};
    mr_http_answer_error(&answer, status, what, fix, NULL, NULL);
    return send_answer(server, connection, &answer, status == 405 ? "GET, HEAD" : NULL, true);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **entry,
                          enum MHD_ConnectionNotificationCode what) {
    mr_http_server *server = context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        mr_http_connection_closed(&server->connections, *entry);
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *entry = info != NULL ? mr_http_connection_opened(&server->connections, info->connect_fd) : NULL;
}

static void on_answered(mr_http_server *server, struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info != NULL) mr_http_connection_answered(&server->connections, info->socket_context);
}

static bool has_body(struct MHD_Connection *connection) {
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    if (length != NULL && strcmp(length, "0") != 0) return true;
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding") != NULL;
}

static bool is_read(const char *method) {
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static enum MHD_Result answer_read(mr_http_server *server, struct MHD_Connection *connection,
                                   const char *path) {
    mr_http_request request = {
        .site = &server->site,
        .path = path,
        .type = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "type"),
    };
    mr_http_answer answer = {0};
    mr_http_route(&request, &answer);
    on_answered(server, connection);
    return send_answer(server, connection, &answer, NULL, false);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **request_line) {
    (void)version, (void)data;
    mr_http_server *server = context;
    line_state line = *(const line_state *)*request_line;
    if (*data_size > 0) return MHD_NO; /* never: a request with a body was answered and closed */
    if (line == LINE_SEEN) return answer_read(server, connection, path);
    if (line == LINE_LONG) {
        return refuse(server, connection, 414, "the path is longer than 1024 bytes", "ask for a shorter one");
    }
    if (line == LINE_ZERO) {
        return refuse(server, connection, 400, "the path has a zero byte (%00)", "leave it out");
    }
    if (!is_read(method)) {
        return refuse(server, connection, 405, "only GET and HEAD are answered here",
                      "use GET; models are published on the models topic, not over HTTP");
    }
    if (has_body(connection)) {
        return refuse(server, connection, 413, "a request with a body is not read", "leave the body out");
    }
    if (MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL) > HEADERS_MAX) {
        return refuse(server, connection, 431, "more than 64 headers", "send fewer");
    }
    *request_line = mark(LINE_SEEN); /* answered when the request is complete, so the connection stays open */
    return MHD_YES;
}

static struct MHD_Response *make_no_memory(void) {
    static const char body[] = "{\"error\":\"out of memory\",\"fix\":\"ask again; when it stays so, "
                               "give the process more memory\"}\n";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(sizeof body - 1, (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) return NULL;
    if (MHD_add_response_header(response, "Content-Type", "application/json") &&
        MHD_add_response_header(response, "Cache-Control", "no-store") &&
        MHD_add_response_header(response, "Retry-After", "1")) {
        return response;
    }
    MHD_destroy_response(response);
    return NULL;
}

static uint32_t or_default(uint32_t value, uint32_t otherwise) {
    return value ? value : otherwise;
}

/* Signals are for the main thread: the new one inherits that none is delivered to it. */
static struct MHD_Daemon *start_daemon(const mr_http_options *options, int socket, mr_http_server *server) {
    const struct MHD_OptionItem settings[] = {
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, server->connections.most + LEAVING_MAX, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, or_default(options->timeout_seconds, 10), NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_BYTES, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, server,
                         MHD_OPTION_EXTERNAL_LOGGER, on_message, server, MHD_OPTION_LISTEN_SOCKET, socket,
                         MHD_OPTION_URI_LOG_CALLBACK, look_at_line, NULL, MHD_OPTION_NOTIFY_CONNECTION,
                         on_connection, server, MHD_OPTION_ARRAY, settings, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

mr_status mr_http_server_start(const mr_http_options *options, const mr_view *view, mr_http_server **result,
                               mr_error *error) {
    *result = NULL;
    mr_listener listener = {.socket = -1};
    mr_http_server *server = mr_alloc_zero(1, sizeof *server);
    if (server == NULL) goto no_memory;
    if (options->default_type != NULL && options->default_type[0] != '\0') {
        server->default_type = mr_copy_string(options->default_type);
        if (server->default_type == NULL) goto no_memory;
    }
    server->no_memory = make_no_memory();
    if (server->no_memory == NULL) goto no_memory;
    mr_status status =
        mr_listen(options->address ? options->address : "127.0.0.1", options->port, &listener, error);
    if (status != MR_OK) goto failed;
    memcpy(server->host, listener.host, sizeof server->host);
    server->site = (mr_http_site){
        .view = view, .default_type = server->default_type, .host = server->host, .port = listener.port};
    server->connections.most = or_default(options->connections, 64);
    server->daemon = start_daemon(options, listener.socket, server);
    if (server->daemon == NULL) {
        /* libmicrohttpd closes the socket on some of its failures and does not say on which: it is left. */
        status = mr_fail(error, MR_IO, server->host,
                         "the HTTP server cannot start: no thread, memory or file "
                         "descriptors left. Raise the limits (ulimit -a)");
        goto failed;
    }
    *result = server;
    return MR_OK;
no_memory:
    status = mr_fail(error, MR_NO_MEMORY, "http", "no memory to start the HTTP server");
failed:
    mr_http_server_stop(server);
    return status;
}

uint16_t mr_http_server_port(const mr_http_server *server) {
    return server->site.port;
}

void mr_http_server_stop(mr_http_server *server) {
    if (server == NULL) return;
    if (server->daemon != NULL) MHD_stop_daemon(server->daemon); /* closes the socket, too */
    if (server->no_memory != NULL) MHD_destroy_response(server->no_memory);
    mr_free(server->default_type);
    mr_free(server);
}
