/* For the tests of HTTP: a view whose values the test sets, and a client that sends any bytes. */
#ifndef MR_TESTS_HTTP_DOUBLE_H
#define MR_TESTS_HTTP_DOUBLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/memory.h"
#include "http/http.h"

enum { DOUBLE_STATES = 3 };

/* What the view tells; set before the server starts, the atomics at any time. */
typedef struct view_double {
    mr_state states[DOUBLE_STATES];
    size_t state_count;
    mr_partition_state partitions[2];
    size_t partition_count;
    mr_counter counters[8];
    size_t counter_count;
    mr_latency latencies[1];
    size_t latency_count;
    const char *not_ready_because;
    mr_status fails_with;      /* the snapshot fails */
    _Atomic uint64_t usage;    /* of states[0] when not 0 */
    _Atomic int64_t fail_from; /* the Nth allocation of a request on the server's thread fails; 0: none */
    int64_t allowed;           /* server's thread */
} view_double;

static _Bool allow_some(void *context) {
    view_double *view = context;
    return view->allowed-- > 0;
}

/* Strings stay those of the double: they live longer than the snapshot. */
static mr_status double_snapshot(void *context, mr_snapshot *snapshot, mr_error *error) {
    view_double *view = context;
    int64_t fail_from = atomic_load(&view->fail_from);
    view->allowed = fail_from - 1;
    mr_set_alloc_hook(fail_from > 0 ? allow_some : NULL, view);
    if (view->fails_with != MR_OK) return mr_fail(error, view->fails_with, NULL, "out of \"luck\"");
    *snapshot = (mr_snapshot){.application_id = "millrace-test",
                              .instance_id = "instance-7",
                              .live = true,
                              .ready = view->not_ready_because == NULL,
                              .not_ready_because = view->not_ready_because,
                              .state_count = view->state_count,
                              .partitions = view->partitions,
                              .partition_count = view->partition_count,
                              .counters = view->counters,
                              .counter_count = view->counter_count,
                              .latencies = view->latencies,
                              .latency_count = view->latency_count};
    mr_arena_init(&snapshot->arena, 4096, 0);
    snapshot->states = mr_arena_alloc(&snapshot->arena, sizeof view->states);
    if (snapshot->states == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "no memory for the snapshot");
    memcpy(snapshot->states, view->states, sizeof view->states);
    uint64_t usage = atomic_load(&view->usage);
    if (usage > 0) {
        snapshot->states[0].usage = usage;
        snapshot->states[0].duration = (double)usage * 2;
    }
    return MR_OK;
}

/* A string literal as the contract's char pointer, which nobody writes through. */
static inline char *words(const char *text) {
    return (char *)(uintptr_t)text;
}

static inline mr_state wine_state(void) {
    mr_state state = {.data_type = words("wine"),
                      .name = words("forest"),
                      .description = words("a random forest"),
                      .version = words("0:7"),
                      .since = 1700000000123,
                      .usage = 1200,
                      .duration = 34.5,
                      .min = 0.01,
                      .max = 0.2,
                      .source_partition = 0,
                      .source_offset = 7};
    memset(state.sha256, 'a', 64);
    state.buckets[13] = 1000; /* below 8192 ns */
    state.buckets[17] = 199;
    state.buckets[39] = 1;
    return state;
}

/* One data type, one partition. */
static inline view_double one_type(void) {
    view_double view = {.state_count = 1, .partition_count = 1};
    view.states[0] = wine_state();
    view.partitions[0] = (mr_partition_state){
        .topic = words("models_data"), .partition = 2, .lane = 1, .position = 50, .lag = 4};
    return view;
}

static inline view_double two_types(void) {
    view_double view = one_type();
    view.states[1] = (mr_state){.data_type = words("iris"),
                                .name = words("tree"),
                                .description = words("a tree"),
                                .version = words("v2"),
                                .since = 1700000099000};
    view.state_count = 2;
    return view;
}

static inline mr_http_server *serve(view_double *view, const char *default_type) {
    static mr_view table; /* one server at a time */
    table = (mr_view){.context = view, .snapshot = double_snapshot};
    mr_http_options options = {.default_type = default_type};
    mr_http_server *server = NULL;
    mr_error error = {0};
    if (mr_http_server_start(&options, &table, &server, &error) != MR_OK) fail_msg("%s", error.message);
    return server;
}

typedef struct reply {
    int status; /* 0: the connection was closed without an answer */
    char *head;
    char *body;
    json_t *json; /* NULL: the body is no JSON */
} reply;

static inline int connect_to(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 30};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return -1;
    return fd;
}

/* All that comes until the other side closes. */
static inline char *read_all(int fd) {
    size_t size = 0, capacity = 1 << 16;
    char *text = malloc(capacity);
    for (ssize_t got; text != NULL && (got = recv(fd, text + size, capacity - size - 1, 0)) > 0;) {
        size += (size_t)got;
        if (capacity - size == 1) text = realloc(text, capacity *= 2);
    }
    if (text != NULL) text[size] = '\0';
    return text;
}

static inline reply parse_reply(char *text) {
    reply answer = {0};
    if (text == NULL || sscanf(text, "HTTP/1.%*d %d", &answer.status) != 1) {
        free(text);
        return answer;
    }
    char *end = strstr(text, "\r\n\r\n");
    answer.head = text;
    answer.body = end != NULL ? end + 4 : text + strlen(text);
    if (end != NULL) end[2] = '\0';
    answer.json = json_loads(answer.body, JSON_REJECT_DUPLICATES, NULL);
    return answer;
}

static inline void free_reply(reply *answer) {
    json_decref(answer->json);
    free(answer->head);
    *answer = (reply){0};
}

static inline reply send_raw(uint16_t port, const char *text, size_t size) {
    int fd = connect_to(port);
    if (fd < 0) return (reply){0};
    while (size > 0) {
        ssize_t sent = send(fd, text, size, MSG_NOSIGNAL);
        if (sent <= 0) break;
        text += sent;
        size -= (size_t)sent;
    }
    reply answer = parse_reply(read_all(fd));
    close(fd);
    return answer;
}

static inline reply ask(uint16_t port, const char *method, const char *path) {
    char text[40000];
    int size = snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
                        method, path);
    return send_raw(port, text, (size_t)size);
}

static inline reply get(uint16_t port, const char *path) {
    return ask(port, "GET", path);
}

static inline const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "(missing)";
}

#endif
