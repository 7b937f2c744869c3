/* The HTTP server over real sockets: the answers of each route, refusals, hostile clients, requests
 * while values change, memory that runs out at each allocation. */
#include "http_double.h"

#include <math.h>
#include <pthread.h>

static void one_data_type_answers_as_the_tutorial(void **state) {
    (void)state;
    view_double view = one_type();
    mr_http_server *server = serve(&view, NULL);
    const char *paths[] = {"/state", "/state/value", "/stats", "/state/wine", "/state/", "/state?type=wine"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        reply answer = get(mr_http_server_port(server), paths[i]);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.head, "Content-Type: application/json\r\n"));
        assert_non_null(strstr(answer.head, "Cache-Control: no-store\r\n"));
        assert_string_equal(text_of(answer.json, "name"), "forest");
        assert_string_equal(text_of(answer.json, "description"), "a random forest");
        assert_int_equal(json_integer_value(json_object_get(answer.json, "since")), 1700000000123);
        assert_int_equal(json_integer_value(json_object_get(answer.json, "usage")), 1200);
        assert_true(json_real_value(json_object_get(answer.json, "duration")) == 34.5);
        assert_true(json_real_value(json_object_get(answer.json, "min")) == 0.01);
        assert_true(json_real_value(json_object_get(answer.json, "max")) == 0.2);
        assert_string_equal(text_of(answer.json, "scope"), "instance");
        assert_string_equal(text_of(answer.json, "instance"), "instance-7");
        assert_int_equal(json_array_size(json_object_get(answer.json, "partitions")), 1);
        assert_non_null(strstr(answer.body, "\"below\":0.008192,\"count\":1000"));
        free_reply(&answer);
    }
    mr_http_server_stop(server);
}

/* One map of arguments for all data types was a defect of the tutorial. */
static void two_data_types_answer_their_own(void **state) {
    (void)state;
    view_double view = two_types();
    view.partitions[1] = (mr_partition_state){.topic = words("models_data"),
                                              .partition = 3,
                                              .position = -1,
                                              .lag = -1,
                                              .stopped_because = words("fenced")};
    view.partition_count = 2;
    mr_http_server *server = serve(&view, NULL);
    uint16_t port = mr_http_server_port(server);
    reply wine = get(port, "/state/wine"), iris = get(port, "/state?type=iris"), both = get(port, "/state");
    assert_string_equal(text_of(wine.json, "name"), "forest");
    assert_int_equal(json_integer_value(json_object_get(wine.json, "usage")), 1200);
    assert_string_equal(text_of(iris.json, "name"), "tree");
    assert_string_equal(text_of(iris.json, "description"), "a tree");
    assert_int_equal(json_integer_value(json_object_get(iris.json, "usage")), 0);
    assert_true(json_real_value(json_object_get(iris.json, "min")) == 0);
    assert_int_equal(both.status, 400);
    assert_int_equal(json_array_size(json_object_get(both.json, "data_types")), 2);
    assert_string_not_equal(text_of(both.json, "fix"), "(missing)");
    free_reply(&wine), free_reply(&iris), free_reply(&both);

    reply models = get(port, "/models"), instance = get(port, "/state/instance");
    assert_non_null(strstr(models.body, "{\"models\":[\"wine\",\"iris\"],\"details\":["));
    assert_int_equal(json_array_size(json_object_get(models.json, "details")), 2);
    assert_int_equal(json_array_size(json_object_get(instance.json, "states")), 2);
    assert_string_equal(text_of(instance.json, "application"), "millrace-test");
    const json_t *partition = json_array_get(json_object_get(instance.json, "partitions"), 0);
    assert_int_equal(json_integer_value(json_object_get(partition, "position")), 50);
    assert_int_equal(json_integer_value(json_object_get(partition, "lag")), 4);
    assert_true(json_is_null(json_object_get(partition, "stopped")));
    partition = json_array_get(json_object_get(instance.json, "partitions"), 1);
    assert_true(json_is_null(json_object_get(partition, "position")));
    assert_string_equal(text_of(partition, "stopped"), "fenced");
    free_reply(&models), free_reply(&instance);
    mr_http_server_stop(server);

    server = serve(&view, "iris");
    iris = get(mr_http_server_port(server), "/state/value");
    assert_string_equal(text_of(iris.json, "name"), "tree");
    free_reply(&iris);
    mr_http_server_stop(server);
}

static void instances_have_the_tutorials_shape(void **state) {
    (void)state;
    view_double view = one_type();
    mr_http_server *server = serve(&view, NULL);
    reply answer = get(mr_http_server_port(server), "/state/instances");
    assert_int_equal(json_array_size(answer.json), 1);
    const json_t *self = json_array_get(answer.json, 0);
    assert_string_equal(text_of(self, "host"), "127.0.0.1");
    assert_int_equal(json_integer_value(json_object_get(self, "port")), mr_http_server_port(server));
    assert_string_equal(json_string_value(json_array_get(json_object_get(self, "storeNames"), 0)),
                        "modelStore");
    free_reply(&answer);
    mr_http_server_stop(server);
}

static void before_the_first_model(void **state) {
    (void)state;
    view_double view = {.not_ready_because = "models are being read"};
    mr_http_server *server = serve(&view, NULL);
    uint16_t port = mr_http_server_port(server);
    reply answer = get(port, "/state"), unknown = get(port, "/state/wine"), models = get(port, "/models");
    assert_int_equal(answer.status, 404);
    assert_string_equal(text_of(answer.json, "error"), "no model is in service yet");
    assert_int_equal(unknown.status, 404);
    assert_int_equal(models.status, 200);
    assert_int_equal(json_array_size(json_object_get(models.json, "models")), 0);
    reply ready = get(port, "/readyz"), alive = get(port, "/livez");
    assert_int_equal(ready.status, 503);
    assert_string_equal(text_of(ready.json, "error"), "models are being read");
    assert_int_equal(alive.status, 200);
    free_reply(&answer), free_reply(&unknown), free_reply(&models), free_reply(&ready), free_reply(&alive);
    mr_http_server_stop(server);
    view.fails_with = MR_NO_MEMORY;
    server = serve(&view, NULL);
    alive = get(mr_http_server_port(server), "/state");
    assert_int_equal(alive.status, 503);
    assert_non_null(strstr(text_of(alive.json, "error"), "out of \"luck\""));
    free_reply(&alive);
    mr_http_server_stop(server);
}

static void odd_names_make_valid_json(void **state) {
    (void)state;
    view_double view = one_type();
    view.states[0].data_type = words("a/b \xC3\xA9");
    view.states[0].name = words("\"\\\n\x01 \xFF\xC0\x80 \xED\xA0\x80");
    view.states[0].description = NULL;
    view.states[0].max = (double)INFINITY;
    mr_http_server *server = serve(&view, NULL);
    reply answer = get(mr_http_server_port(server), "/state/a%2Fb%20%C3%A9");
    assert_int_equal(answer.status, 200);
    assert_string_equal(text_of(answer.json, "name"), "\"\\\n\x01 \uFFFD\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD");
    assert_true(json_is_null(json_object_get(answer.json, "description")));
    assert_true(json_is_null(json_object_get(answer.json, "max")));
    free_reply(&answer);
    mr_http_server_stop(server);
}

static void refusals_say_what_and_what_to_do(void **state) {
    (void)state;
    view_double view = one_type();
    mr_http_server *server = serve(&view, NULL);
    uint16_t port = mr_http_server_port(server);
    char path[2001];
    memset(path, 'a', sizeof path);
    path[0] = '/', path[2000] = '\0';
    const struct {
        const char *method, *path;
        int status;
    } cases[] = {
        {"GET", "/nothing", 404},       {"GET", "/state/beer", 404}, {"GET", "/statewine", 404},
        {"GET", "/state?type=", 404},   {"POST", "/state", 405},     {"DELETE", "/models", 405},
        {"OPTIONS", "/", 405},          {"BREW", "/state", 405},     {"GET", path, 414},
        {"GET", "/state/wine%00", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reply answer = ask(port, cases[i].method, cases[i].path);
        if (answer.status != cases[i].status) {
            fail_msg("%s %.40s: %d", cases[i].method, cases[i].path, answer.status);
        }
        assert_string_not_equal(text_of(answer.json, "error"), "(missing)");
        assert_string_not_equal(text_of(answer.json, "fix"), "(missing)");
        if (answer.status == 405) assert_non_null(strstr(answer.head, "Allow: GET, HEAD\r\n"));
        free_reply(&answer);
    }
    reply answer = get(port, "/nothing"), beer = get(port, "/state/beer"), list = get(port, "/");
    assert_non_null(strstr(answer.body, "/state/{type}"));
    assert_non_null(strstr(beer.body, "\"data_types\":[\"wine\"]"));
    assert_int_equal(list.status, 200);
    free_reply(&answer), free_reply(&beer), free_reply(&list);
    mr_http_server_stop(server);
}

static void head_has_no_body(void **state) {
    (void)state;
    view_double view = one_type();
    mr_http_server *server = serve(&view, NULL);
    reply answer = ask(mr_http_server_port(server), "HEAD", "/state");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.head, "Content-Length: "));
    assert_string_equal(answer.body, "");
    free_reply(&answer);
    mr_http_server_stop(server);
}

/* Answered once and closed: a body never becomes a second request. */
static void bodies_are_refused(void **state) {
    (void)state;
    view_double view = one_type();
    mr_http_server *server = serve(&view, NULL);
    const char *heads[] = {"GET /state HTTP/1.1\r\nHost: t\r\nContent-Length: 40\r\n\r\n",
                           "POST /state HTTP/1.1\r\nHost: t\r\nContent-Length: 40\r\n\r\n",
                           "GET /state HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"};
    for (size_t i = 0; i < 3; i++) {
        char text[300];
        int size = snprintf(text, sizeof text, "%sGET /models HTTP/1.1\r\nHost: test\r\n\r\nxx", heads[i]);
        reply answer = send_raw(mr_http_server_port(server), text, (size_t)size);
        assert_int_equal(answer.status, i == 1 ? 405 : 413);
        assert_null(strstr(answer.body, "HTTP/1.1"));
        free_reply(&answer);
    }
    mr_http_server_stop(server);
}

static void endless_requests_end(void **state) {
    (void)state;
    view_double view = one_type();
    mr_http_server *server = serve(&view, NULL);
    uint16_t port = mr_http_server_port(server);
    size_t size = 1 << 20;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, 'a', size);
    memcpy(text, "GET /", 5);
    reply answer = send_raw(port, text, size); /* a line without end */
    assert_true(answer.status == 414 || answer.status == 0);
    free_reply(&answer);
    for (size_t i = 0; i + 6 < size; i += 6) memcpy(text + i, "a: b\r\n", 6);
    memcpy(text, "GET / HTTP/1.1\r\nHost: test\r\n", 28);
    memcpy(text + 28, "c:\r\n", 4), memset(text + 32, 'd', 4);
    answer = send_raw(port, text, size); /* headers without end */
    assert_true(answer.status == 431 || answer.status == 413 || answer.status == 0);
    free_reply(&answer);
    char many[2000] = "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n";
    for (int i = 0; i < 100; i++) strcat(many, "a: b\r\n");
    strcat(many, "\r\n");
    answer = send_raw(port, many, strlen(many));
    assert_int_equal(answer.status, 431);
    assert_string_equal(text_of(answer.json, "error"), "more than 64 headers");
    free_reply(&answer);
    const char *noise[] = {"\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02\x01\x01", "GET / HTTP/9.9\r\n\r\n"};
    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++) {
        int fd = connect_to(port);
        assert_true(fd >= 0 && send(fd, noise[i], strlen(noise[i]), MSG_NOSIGNAL) > 0);
        close(fd);
    }
    answer = get(port, "/livez"); /* it still answers */
    assert_int_equal(answer.status, 200);
    free_reply(&answer);
    free(text);
    mr_http_server_stop(server);
}

static void silent_connections_are_closed(void **state) {
    (void)state;
    view_double view = one_type();
    mr_view table = {.context = &view, .snapshot = double_snapshot};
    mr_http_options options = {.timeout_seconds = 1};
    mr_http_server *server = NULL;
    assert_int_equal(mr_http_server_start(&options, &table, &server, NULL), MR_OK);
    uint16_t port = mr_http_server_port(server);
    int silent = connect_to(port);
    char *nothing = read_all(silent); /* until the server closes, without an answer */
    assert_string_equal(nothing, "");
    free(nothing), close(silent);
    mr_http_server_stop(server);
}

/* Clients that hold connections do not keep others out: whoever waits longest is closed. */
static void the_oldest_connection_gives_way(void **state) {
    (void)state;
    view_double view = one_type();
    mr_view table = {.context = &view, .snapshot = double_snapshot};
    mr_http_options options = {.connections = 4, .timeout_seconds = 60};
    mr_http_server *server = NULL;
    assert_int_equal(mr_http_server_start(&options, &table, &server, NULL), MR_OK);
    uint16_t port = mr_http_server_port(server);
    const char text[] = "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n";
    int held[60];
    char byte = 0;
    for (int i = 0; i < 60; i++) {
        held[i] = connect_to(port);
        assert_true(held[i] >= 0 && send(held[i], text, 10, MSG_NOSIGNAL) == 10);
        if (i < 3) continue;
        /* The first, answered again and again, stays; one that only began goes. */
        if (i == 3) assert_true(send(held[0], text + 10, sizeof text - 11, MSG_NOSIGNAL) > 0);
        if (i > 3) assert_true(send(held[0], text, sizeof text - 1, MSG_NOSIGNAL) > 0);
        assert_int_equal(recv(held[0], &byte, 1, MSG_PEEK), 1);
        char answer[1000];
        assert_true(recv(held[0], answer, sizeof answer, 0) > 0);
        if (i > 3) assert_int_equal(recv(held[i - 3], &byte, 1, 0), 0);
    }
    reply answer = get(port, "/state");
    assert_int_equal(answer.status, 200);
    free_reply(&answer);
    for (int i = 0; i < 60; i++) close(held[i]);
    mr_http_server_stop(server);
}

static void a_connection_serves_several_requests(void **state) {
    (void)state;
    view_double view = one_type();
    mr_http_server *server = serve(&view, NULL);
    const char text[] = "GET /livez HTTP/1.1\r\nHost: t\r\n\r\nGET /readyz HTTP/1.1\r\nHost: t\r\n"
                        "Connection: close\r\n\r\n";
    reply answer = send_raw(mr_http_server_port(server), text, sizeof text - 1);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\"status\":\"ready\""));
    free_reply(&answer);
    mr_http_server_stop(server);
}

static void a_port_in_use_is_a_conflict(void **state) {
    (void)state;
    view_double view = one_type();
    mr_http_server *server = serve(&view, NULL), *second = NULL;
    mr_view table = {.context = &view, .snapshot = double_snapshot};
    mr_http_options options = {.port = mr_http_server_port(server)};
    mr_error error = {0};
    char where[40];
    snprintf(where, sizeof where, "127.0.0.1:%u", options.port);
    assert_int_equal(mr_http_server_start(&options, &table, &second, &error), MR_CONFLICT);
    assert_null(second);
    assert_string_equal(error.where, where);
    assert_non_null(strstr(error.message, "--http.port"));
    options = (mr_http_options){.address = "192.0.2.1"}; /* TEST-NET: nobody has it */
    assert_int_equal(mr_http_server_start(&options, &table, &second, &error), MR_INVALID_ARGUMENT);
    options.address = "no such host";
    assert_int_equal(mr_http_server_start(&options, &table, &second, &error), MR_INVALID_ARGUMENT);
    mr_http_server_stop(server);
    mr_http_server_stop(NULL);
}

/* Every route, with the Nth allocation failing, until all go through. */
static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    view_double view = two_types();
    mr_http_server *server = serve(&view, NULL);
    uint16_t port = mr_http_server_port(server);
    const char *paths[] = {"/",       "/state",  "/state/wine", "/state/instance", "/state/instances",
                           "/models", "/readyz", "/metrics",    "/state/beer"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        atomic_store(&view.fail_from, 0);
        reply answer = get(port, paths[i]);
        int expected = answer.status, failed = 0;
        free_reply(&answer);
        for (int n = 1; n < 2000; n++) {
            atomic_store(&view.fail_from, n);
            answer = get(port, paths[i]);
            int status = answer.status;
            if (status == 503) assert_string_not_equal(text_of(answer.json, "error"), "(missing)");
            free_reply(&answer);
            if (status == expected) break;
            assert_int_equal(status, 503);
            failed++;
        }
        assert_in_range(failed, 1, 1998);
    }
    atomic_store(&view.fail_from, 0);
    mr_http_server_stop(server);
}

static void start_fails_cleanly_without_memory(void **state) {
    (void)state;
    view_double view = one_type();
    mr_view table = {.context = &view, .snapshot = double_snapshot};
    mr_http_options options = {.default_type = "wine"};
    mr_http_server *server = NULL;
    mr_error error = {0};
    mr_status status = MR_NO_MEMORY;
    for (view.allowed = 0; status != MR_OK; view.allowed++) {
        int64_t n = view.allowed;
        mr_set_alloc_hook(allow_some, &view);
        status = mr_http_server_start(&options, &table, &server, &error);
        mr_set_alloc_hook(NULL, NULL);
        if (status != MR_OK) assert_int_equal(status, MR_NO_MEMORY);
        view.allowed = n;
        assert_true(n < 10);
    }
    mr_http_server_stop(server);
}

/* ---- Requests while values change; runs under the thread sanitizer ---- */

typedef struct client {
    pthread_t thread;
    uint16_t port;
    int good;
} client;

enum { CLIENTS = 4, REQUESTS = 50 };

static void *keep_asking(void *context) {
    client *self = context;
    const char *paths[] = {"/state/wine", "/metrics", "/models", "/state/instance"};
    for (int i = 0; i < REQUESTS; i++) {
        reply answer = get(self->port, paths[i % 4]);
        self->good += answer.status == 200;
        if (i % 4 == 0) { /* usage and duration are of one snapshot */
            double usage = (double)json_integer_value(json_object_get(answer.json, "usage"));
            self->good -= json_real_value(json_object_get(answer.json, "duration")) != usage * 2;
        }
        free_reply(&answer);
    }
    return NULL;
}

static void concurrent_requests_see_whole_snapshots(void **state) {
    (void)state;
    view_double view = one_type();
    atomic_store(&view.usage, 1);
    mr_http_server *server = serve(&view, NULL);
    client clients[CLIENTS] = {0};
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].port = mr_http_server_port(server);
        assert_int_equal(pthread_create(&clients[i].thread, NULL, keep_asking, &clients[i]), 0);
    }
    for (int i = 0; i < 100000; i++) atomic_fetch_add(&view.usage, 1);
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        assert_int_equal(clients[i].good, REQUESTS);
    }
    mr_http_server_stop(server);
}

int main(void) {
    json_set_alloc_funcs(mr_alloc, mr_free); /* jansson's allocations can fail, too */
    json_object_seed(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_data_type_answers_as_the_tutorial),
        cmocka_unit_test(two_data_types_answer_their_own),
        cmocka_unit_test(instances_have_the_tutorials_shape),
        cmocka_unit_test(before_the_first_model),
        cmocka_unit_test(odd_names_make_valid_json),
        cmocka_unit_test(refusals_say_what_and_what_to_do),
        cmocka_unit_test(head_has_no_body),
        cmocka_unit_test(bodies_are_refused),
        cmocka_unit_test(endless_requests_end),
        cmocka_unit_test(silent_connections_are_closed),
        cmocka_unit_test(the_oldest_connection_gives_way),
        cmocka_unit_test(a_connection_serves_several_requests),
        cmocka_unit_test(a_port_in_use_is_a_conflict),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(start_fails_cleanly_without_memory),
        cmocka_unit_test(concurrent_requests_see_whole_snapshots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
