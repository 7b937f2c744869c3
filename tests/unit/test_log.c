/* Log lines: both formats, escaping, levels, the limit of one a second, whole lines from many threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pthread.h>

#include <cmocka.h>

#include "base/log.h"

static char captured[1 << 20];

/* Runs `work` with stderr going to a file, and reads it back. */
static const char *capture(void (*work)(void)) {
    FILE *file = tmpfile();
    assert_non_null(file);
    int saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    work();
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    captured[fread(captured, 1, sizeof captured - 1, file)] = '\0';
    fclose(file);
    return captured;
}

static void log_one(void) {
    mr_log(MR_LOG_INFO, "control", "serving %s \"%s\"\nforged\x1b[31m", "wine", "forest");
    mr_log(MR_LOG_DEBUG, "control", "not seen");
}

static void text_lines_cannot_be_forged(void **state) {
    (void)state;
    mr_log_configure(MR_LOG_INFO, MR_LOG_TEXT);
    const char *text = capture(log_one);
    const char *rest = strstr(text, "Z info control: serving wine \"forest\"\\nforged\\x1b[31m\n");
    assert_non_null(rest);
    assert_int_equal(strchr(text, '\n') - text, (ptrdiff_t)strlen(text) - 1);
    assert_null(strstr(text, "not seen"));
}

static void json_lines_are_escaped(void **state) {
    (void)state;
    mr_log_configure(MR_LOG_INFO, MR_LOG_JSON);
    const char *text = capture(log_one);
    assert_non_null(strstr(text, "\"level\":\"info\",\"component\":\"control\",\"message\":"
                                 "\"serving wine \\\"forest\\\"\\nforged\\u001b[31m\"}\n"));
    assert_memory_equal(text, "{\"time\":\"20", 11);
}

typedef struct heard {
    int lines;
    char level[16], component[16], message[256];
} heard;

static void hear(void *context, const char *level, const char *component, const char *message) {
    heard *h = context;
    h->lines++;
    snprintf(h->level, sizeof h->level, "%s", level);
    snprintf(h->component, sizeof h->component, "%s", component);
    snprintf(h->message, sizeof h->message, "%s", message);
}

static void lines_go_to_a_callback(void **state) {
    (void)state;
    heard h = {0};
    mr_log_configure(MR_LOG_INFO, MR_LOG_JSON);
    mr_log_set_sink(hear, &h);
    assert_string_equal(capture(log_one), "");
    assert_int_equal(h.lines, 1);
    assert_string_equal(h.level, "info");
    assert_string_equal(h.component, "control");
    assert_string_equal(h.message, "serving wine \"forest\"\\nforged\\x1b[31m");
    mr_log_set_sink(NULL, NULL);
    assert_true(*capture(log_one) == '{');
    assert_int_equal(h.lines, 1);
}

static void log_long(void) {
    char text[9000];
    memset(text, '\n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    mr_log(MR_LOG_ERROR, text, "%s", text);
}

static void long_lines_stay_closed(void **state) {
    (void)state;
    mr_log_configure(MR_LOG_INFO, MR_LOG_JSON);
    const char *text = capture(log_long);
    size_t size = strlen(text);
    assert_true(size < 5000);
    assert_string_equal(text + size - 3, "\"}\n");
}

static void log_garbage(void) {
    mr_log(MR_LOG_INFO, "x", "\xA9|\xC2\x9B|\xC3\xA4|\xE2\x82");
}

/* What is no UTF-8 must not break a JSON reader, nor a control character (here U+009B) a terminal. */
static void lines_are_utf8(void **state) {
    (void)state;
    mr_log_configure(MR_LOG_INFO, MR_LOG_JSON);
    assert_non_null(strstr(capture(log_garbage), "\"\\ufffd|\\u009b|\xC3\xA4|\\ufffd\\ufffd\"}"));
    mr_log_configure(MR_LOG_INFO, MR_LOG_TEXT);
    assert_non_null(strstr(capture(log_garbage), "\\xa9|\\xc2\\x9b|\xC3\xA4|\\xe2\\x82\n"));
    char small[20];
    mr_escape(small, sizeof small, "0123456789\xC3\xA4\xC3\xA4\xC3\xA4");
    assert_true(strlen(small) < sizeof small);
}

static void log_limited(void) {
    mr_log_limit limit = {0, 0};
    for (int i = 0; i < 100; i++) mr_log_limited(&limit, MR_LOG_WARN, "lane 0", "refused %d", i);
    assert_int_equal(limit.held_back, 99);
    limit.last_ns -= 2000000000;
    mr_log_limited(&limit, MR_LOG_WARN, "lane 0", "refused");
}

static void limited_counts_what_it_held_back(void **state) {
    (void)state;
    mr_log_configure(MR_LOG_INFO, MR_LOG_TEXT);
    const char *text = capture(log_limited);
    assert_non_null(strstr(text, "warn lane 0: refused 0\n"));
    assert_null(strstr(text, "refused 1"));
    assert_non_null(strstr(text, "refused (99 like it held back)\n"));
}

static void *log_many(void *argument) {
    for (int i = 0; i < 200; i++) mr_log(MR_LOG_INFO, "lane", "%s", (const char *)argument);
    return NULL;
}

static void log_from_threads(void) {
    pthread_t threads[4];
    static const char *const texts[4] = {"aaaaaaaa.", "bbbbbbbb.", "cccccccc.", "dddddddd."};
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, log_many, (void *)(uintptr_t)texts[i]);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
}

static void lines_are_whole(void **state) {
    (void)state;
    mr_log_configure(MR_LOG_INFO, MR_LOG_TEXT);
    const char *text = capture(log_from_threads);
    int lines = 0;
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1, lines++) {
        assert_int_equal(end[-1], '.');
        for (int i = 3; i < 9; i++) assert_int_equal(end[-i], end[-2]);
    }
    assert_int_equal(lines, 800);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_lines_cannot_be_forged),
        cmocka_unit_test(json_lines_are_escaped),
        cmocka_unit_test(lines_go_to_a_callback),
        cmocka_unit_test(long_lines_stay_closed),
        cmocka_unit_test(limited_counts_what_it_held_back),
        cmocka_unit_test(lines_are_whole),
        cmocka_unit_test(lines_are_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
