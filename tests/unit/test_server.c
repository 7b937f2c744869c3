/* The library's entry: what mr_server_open accepts and refuses. No broker is needed: opening connects to
 * nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "millrace/millrace.h"

static mr_status open_with(const char *key, const char *value, mr_error *error) {
    mr_setting setting = {key, value};
    mr_server_options options = {.size = sizeof options, .settings = &setting, .setting_count = 1};
    mr_server *server = NULL;
    mr_status status = mr_server_open(&options, &server, error);
    if (status == MR_OK) assert_int_equal(mr_server_http_port(server), 0);
    mr_server_close(server);
    return status;
}

static void settings_are_checked(void **state) {
    (void)state;
    mr_error error;
    assert_int_equal(open_with("records.topic", "wines", &error), MR_OK);
    assert_int_equal(open_with("records.topik", "wines", &error), MR_INVALID_ARGUMENT);
    assert_string_equal(error.where, "records.topik");
    assert_int_equal(open_with("lanes", "0", &error), MR_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "from 1 to 256"));
    assert_int_equal(open_with("kafka.acks", "many", &error), MR_INVALID_ARGUMENT);
    assert_int_equal(open_with("lanes", "0", NULL), MR_INVALID_ARGUMENT);
}

static void the_size_must_be_set(void **state) {
    (void)state;
    mr_server_options options = {0};
    mr_server *server = NULL;
    mr_error error;
    assert_int_equal(mr_server_open(&options, &server, &error), MR_INVALID_ARGUMENT);
}

/* A program that was compiled when there were fewer options, or more. */
static void the_size_says_what_the_caller_knows(void **state) {
    (void)state;
    struct {
        mr_server_options options;
        void *later;
    } newer = {{.size = sizeof newer}, &newer};
    mr_setting setting = {"lanes", "0"};
    mr_server_options older = {
        .size = offsetof(mr_server_options, settings), .settings = &setting, .setting_count = 1};
    mr_server *server = NULL;
    mr_error error;
    assert_int_equal(mr_server_open(&newer.options, &server, &error), MR_OK);
    mr_server_close(server);
    assert_int_equal(mr_server_open(&older, &server, &error),
                     MR_OK); /* the wrong setting is beyond its size */
    mr_server_close(server);
    older.size = sizeof older;
    assert_int_equal(mr_server_open(&older, &server, &error), MR_INVALID_ARGUMENT);
}

static void a_missing_file_is_named(void **state) {
    (void)state;
    mr_server_options options = {.size = sizeof options, .config = "/nowhere/millrace.yaml"};
    mr_server *server = NULL;
    mr_error error;
    assert_int_equal(mr_server_open(&options, &server, &error), MR_INVALID_ARGUMENT);
    assert_string_equal(error.where, "/nowhere/millrace.yaml");
}

/* A server that was told to stop before it ran has nothing to drain. */
static void stop_before_run_ends_it(void **state) {
    (void)state;
    mr_setting settings[] = {{"bootstrap", "127.0.0.1:1"}, {"http.port", "off"}, {"log.level", "error"}};
    mr_server_options options = {.size = sizeof options, .settings = settings, .setting_count = 3};
    mr_server *server;
    mr_error error;
    assert_int_equal(mr_server_open(&options, &server, &error), MR_OK);
    mr_server_stop(server);
    assert_int_equal(mr_server_run(server, &error), MR_OK);
    mr_server_close(server);
}

static bool count_and_refuse(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    mr_status status = MR_NO_MEMORY;
    for (int n = 0; status != MR_OK && n < 1000; n++) {
        int left = n;
        mr_error error;
        mr_set_alloc_hook(count_and_refuse, &left);
        status = open_with("lanes", "2", &error);
        mr_set_alloc_hook(NULL, NULL);
    }
    assert_int_equal(status, MR_OK);
}

static void the_version_is_told(void **state) {
    (void)state;
    assert_string_equal(mr_version(), MR_VERSION);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(the_size_must_be_set),
        cmocka_unit_test(the_size_says_what_the_caller_knows),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(stop_before_run_ends_it),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(the_version_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
