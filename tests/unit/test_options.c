/* Options: types, bounds, ranks, places of errors, suggestions, expansion, secrets, memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/options.h"
#include "app/settings_file.h"

typedef struct values {
    const char *topic;
    const char *secret;
    int64_t lanes, pause, room;
    int port, start;
    bool create;
    char delimiter;
    mr_pairs kafka, mapping;
    mr_strings fields, missing;
} values;

#define ROW(type, member, name, letter, flags, preset, implied, choices, low, high)                          \
    {MR_OPTION_##type, "Things", name,    letter, flags, offsetof(values, member),                           \
     preset,           implied,  choices, low,    high,  "Does it."}

static const mr_option rows[] = {
    ROW(STRING, topic, "records.topic", 't', 0, "models_data", NULL, "TOPIC", 0, 0),
    ROW(STRING, secret, "http.secret", 0, MR_OPTION_SECRET, NULL, NULL, NULL, 0, 0),
    ROW(INTEGER, lanes, "lanes", 0, 0, "1", NULL, NULL, 1, 256),
    ROW(DURATION, pause, "commit.interval", 0, 0, "100ms", NULL, NULL, 1, 60000),
    ROW(SIZE, room, "in_flight.bytes", 0, 0, "64MiB", NULL, NULL, 1, INT64_MAX),
    ROW(PORT, port, "embedded", 0, 0, "off", "9092", NULL, 0, 0),
    ROW(CHOICE, start, "records.start", 0, 0, "latest", NULL, "earliest|latest|error", 0, 0),
    ROW(BOOLEAN, create, "create_topics", 'C', 0, "false", NULL, NULL, 0, 0),
    ROW(CHARACTER, delimiter, "delimiter", 0, 0, ",", NULL, NULL, 0, 0),
    ROW(MAP, kafka, "kafka", 'X', 0, NULL, NULL, NULL, 0, 0),
    ROW(MAP, mapping, "records.mapping", 0, 0, NULL, NULL, NULL, 0, 0),
    ROW(LIST, fields, "fields", 0, 0, NULL, NULL, NULL, 0, 0),
    ROW(REPEATED, missing, "missing", 0, 0, "", NULL, NULL, 0, 0),
};

static values got;
static mr_settings settings;
static mr_problems problems;

static int begin(void **state) {
    (void)state;
    memset(&got, 0, sizeof got);
    memset(&problems, 0, sizeof problems);
    mr_option_table table = {rows, sizeof rows / sizeof *rows, &got};
    return mr_settings_init(&settings, &table, 1, NULL) != MR_OK;
}

static int end(void **state) {
    (void)state;
    mr_settings_free(&settings);
    return 0;
}

static void read_yaml(const char *text) {
    mr_settings_read_text(&settings, text, strlen(text), "c.yaml", 0, &problems);
}

#define FLAGS(...)                                                                                           \
    do {                                                                                                     \
        const char *const words[] = {__VA_ARGS__};                                                           \
        mr_settings_read_flags(&settings, (int)(sizeof words / sizeof *words), words, &problems);            \
    } while (0)

static void assert_problem(size_t index, const char *where, const char *part) {
    assert_true(index < problems.count);
    assert_string_equal(problems.items[index].where, where);
    if (strstr(problems.items[index].message, part) == NULL) fail_msg("%s", problems.items[index].message);
}

static void defaults_are_set(void **state) {
    (void)state;
    assert_string_equal(got.topic, "models_data");
    assert_null(got.secret);
    assert_int_equal(got.pause, 100);
    assert_int_equal(got.room, 67108864);
    assert_int_equal(got.port, MR_PORT_OFF);
    assert_int_equal(got.start, 1);
    assert_int_equal(got.missing.count, 1);
}

static void yaml_sets_every_type(void **state) {
    (void)state;
    read_yaml("records:\n  topic: t\n  start: error\n  mapping: {fixed acidity: fixed_acidity}\n"
              "lanes: 4\ncommit.interval: 5s\nin-flight.bytes: 1GB\nembedded: any\ncreate-topics: true\n"
              "delimiter: ';'\nkafka:\n  bootstrap.servers: 'h:1'\n  linger.ms: 5\nfields: [a, b]\nmissing: "
              "['', NA]\n"
              "http.secret: ~\n");
    assert_int_equal(problems.count, 0);
    assert_string_equal(got.topic, "t");
    assert_int_equal(got.start, 2);
    assert_string_equal(got.mapping.items[0].name, "fixed acidity");
    assert_string_equal(got.mapping.items[0].value, "fixed_acidity");
    assert_int_equal(got.lanes, 4);
    assert_int_equal(got.pause, 5000);
    assert_int_equal(got.room, 1000000000);
    assert_int_equal(got.port, 0);
    assert_true(got.create);
    assert_int_equal(got.delimiter, ';');
    assert_int_equal(got.kafka.count, 2);
    assert_string_equal(got.kafka.items[1].value, "5");
    assert_int_equal(got.fields.count, 2);
    assert_int_equal(got.missing.count, 2);
    assert_null(got.secret);
    assert_string_equal(mr_settings_origin(&settings, "lanes")->where, "c.yaml:5:8");
}

static void flags_win_over_the_file(void **state) {
    (void)state;
    FLAGS("--lanes", "7", "-t", "flag", "--kafka.linger.ms=9", "-X", "acks=1", "--fields", "x,y,z", "-C",
          "input", "--", "--output");
    read_yaml("lanes: 2\nrecords.topic: file\nfields: [a]\nkafka: {acks: all, client.id: me}\n");
    assert_int_equal(problems.count, 0);
    assert_int_equal(got.lanes, 7);
    assert_string_equal(got.topic, "flag");
    assert_true(got.create);
    assert_int_equal(settings.arguments.count, 2);
    assert_string_equal(settings.arguments.items[1], "--output");
    assert_int_equal(got.fields.count, 3);
    for (size_t i = 0; i < got.kafka.count; i++)
        if (strcmp(got.kafka.items[i].name, "acks") == 0) assert_string_equal(got.kafka.items[i].value, "1");
    assert_int_equal(got.kafka.count, 3);
}

static void flags_have_short_and_lone_forms(void **state) {
    (void)state;
    FLAGS("-tshort", "--create-topics", "--no-create-topics", "--embedded", "--missing", "NA", "--missing",
          "");
    assert_int_equal(problems.count, 0);
    assert_string_equal(got.topic, "short");
    assert_false(got.create);
    assert_int_equal(got.port, 9092);
    assert_int_equal(got.missing.count, 2);
    FLAGS("--embedded", "1234", "rest");
    assert_int_equal(got.port, 1234);
    assert_int_equal(settings.arguments.count, 1);
}

static void errors_say_line_column_and_nearest_key(void **state) {
    (void)state;
    read_yaml(
        "records:\n  topik: x\n  start: early\nlanes: 0\nrecord:\n  topic: y\nlanse: 3\ncommit.interval: 30\n"
        "xyzzy: 1\nkafka: 3\nrecords.topic: [a]\ntopic: z\n");
    assert_problem(0, "c.yaml:2:3", "did you mean \"records.topic\"?");
    assert_problem(1, "c.yaml:3:10", "one of earliest|latest|error, not \"early\"");
    assert_problem(2, "c.yaml:4:8", "from 1 to 256, not \"0\"");
    assert_problem(3, "c.yaml:5:1", "did you mean \"records\"?");
    assert_problem(4, "c.yaml:7:1", "did you mean \"lanes\"?");
    assert_problem(5, "c.yaml:8:18", "a duration with a unit");
    assert_problem(6, "c.yaml:9:1", "unknown key \"xyzzy\"; `millrace serve --help`");
    assert_problem(7, "c.yaml:10:8", "NAME=VALUE");
    assert_problem(8, "c.yaml:11:1", "not a list");
    assert_problem(9, "c.yaml:12:1", "did you mean \"records.topic\"?");
    assert_int_equal(problems.count, 10);
    assert_int_equal(got.lanes, 1);
}

static void bad_yaml_has_a_place(void **state) {
    (void)state;
    read_yaml("lanes: 1\nrecords: {topic: a\nhttp: 3\n");
    assert_true(problems.count > 0);
    assert_memory_equal(problems.items[0].where, "c.yaml:", 7);
    problems.count = 0;
    read_yaml("lanes: 1\nlanes: 2\n");
    assert_true(problems.count > 0);
    assert_memory_equal(problems.items[0].where, "c.yaml:2:1", 10);
    problems.count = 0;
    read_yaml("lanes: &a 3\ncommit.interval: *a\n");
    assert_problem(0, "c.yaml:2:1", "aliases");
    problems.count = 0;
    read_yaml("- a\n- b\n");
    assert_problem(0, "c.yaml:1:1", "must hold keys");
    problems.count = 0;
    read_yaml("");
    read_yaml("# nothing\n");
    assert_int_equal(problems.count, 0);
}

static void wrong_flags_are_named(void **state) {
    (void)state;
    FLAGS("--lane", "2", "-z", "--records.start=soon", "-X", "nothing", "--lanes");
    assert_problem(0, "--lane", "did you mean --lanes?");
    assert_problem(1, "-z", "unknown flag");
    assert_problem(2, "--records.start", "one of");
    assert_problem(3, "-X", "NAME=VALUE");
    assert_problem(4, "--lanes", "a value must follow");
}

static void values_are_expanded(void **state) {
    (void)state;
    setenv("MR_TEST_TOPIC", "from_env", 1);
    setenv("MR_TEST_EMPTY", "", 1);
    unsetenv("MR_TEST_NONE");
    read_yaml("records.topic: a-${MR_TEST_TOPIC}-${MR_TEST_NONE:b:c}${MR_TEST_EMPTY:d}-$x-$${y}\nlanes: "
              "${MR_TEST_NONE:12}\n");
    assert_int_equal(problems.count, 0);
    assert_string_equal(got.topic, "a-from_env-b:cd-$x-${y}");
    assert_int_equal(got.lanes, 12);
    read_yaml("records.topic: ${MR_TEST_NONE}\nlanes: ${MR_TEST_NONE\n");
    assert_problem(0, "c.yaml:1:16", "MR_TEST_NONE is not set");
    assert_problem(1, "c.yaml:2:8", "without }");
    problems.count = 0;
    setenv("MR_TEST_TOPIC", "${MR_TEST_NONE:no}", 1);
    read_yaml("records.topic: ${MR_TEST_TOPIC}\n");
    assert_string_equal(got.topic, "${MR_TEST_NONE:no}"); /* what was put in is not expanded again */
}

static void names_tell_secrets(void **state) {
    (void)state;
    assert_true(mr_is_secret_name("sasl.password"));
    assert_true(mr_is_secret_name("ssl.ca.pem"));
    assert_true(mr_is_secret_name("API_TOKEN"));
    assert_false(mr_is_secret_name("bootstrap.servers"));
}

static void secrets_are_never_printed(void **state) {
    (void)state;
    char path[] = "/tmp/millrace-test-XXXXXX", yaml[512];
    int file = mkstemp(path);
    assert_int_equal(write(file, "hunter2\n", 8), 8);
    close(file);
    snprintf(yaml, sizeof yaml,
             "records.topic: ${file:%s}\nlanes: ${file:%s}\nhttp.secret: hunter2\n"
             "kafka: {sasl.password: hunter2, ssl.key.pem: hunter2, client.id: '${file:%s}', acks: all}\n",
             path, path, path);
    read_yaml(yaml);
    assert_string_equal(got.topic, "hunter2");
    assert_string_equal(got.kafka.items[0].value, "hunter2");
    assert_problem(0, "c.yaml:2:8", "lanes must be a whole number from 1 to 256");
    assert_null(strstr(problems.items[0].message, "hunter2"));
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    mr_settings_print(out, &settings, 0);
    fclose(out);
    assert_null(strstr(text, "hunter2"));
    assert_non_null(strstr(text, "records.topic: \"***\""));
    assert_non_null(strstr(text, "\"acks\": \"all\""));
    free(text);
    unlink(path);
    problems.count = 0;
    read_yaml(yaml);
    assert_problem(0, "c.yaml:1:16", "No such file");
}

static void help_and_reference_name_every_key(void **state) {
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        if (kind == 0) mr_options_print_help(out, rows, sizeof rows / sizeof *rows, 80);
        else mr_options_print_reference(out, rows, sizeof rows / sizeof *rows);
        fclose(out);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            char name[64];
            snprintf(name, sizeof name, "%s", rows[i].name);
            for (char *at = name; kind == 0 && *at != '\0'; at++)
                if (*at == '_') *at = '-'; /* flags have dashes */
            assert_non_null(strstr(text, name));
        }
        assert_non_null(strstr(text, "Things"));
        free(text);
    }
}

static void problems_are_bounded(void **state) {
    (void)state;
    for (int i = 0; i < 100; i++) mr_problem(&problems, "x", "%d", i);
    assert_int_equal(problems.count, MR_PROBLEMS_MAX);
    assert_int_equal(problems.left_out, 100 - MR_PROBLEMS_MAX);
}

static bool count_and_refuse(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    bool done = false;
    for (int n = 0; !done && n < 1000; n++) {
        mr_settings other;
        values into = {0};
        mr_option_table table = {rows, sizeof rows / sizeof *rows, &into};
        memset(&problems, 0, sizeof problems);
        int left = n;
        mr_set_alloc_hook(count_and_refuse, &left);
        mr_status status = mr_settings_init(&other, &table, 1, NULL);
        char name[] = "--records.topic", value[9000];
        memset(value, 'v', sizeof value - 1);
        value[sizeof value - 1] = '\0';
        const char *const words[] = {name, value, value};
        if (status == MR_OK) mr_settings_read_flags(&other, 3, words, &problems);
        mr_set_alloc_hook(NULL, NULL);
        done = status == MR_OK && problems.count == 0;
        if (done) assert_string_equal(into.topic, value);
        mr_settings_free(&other);
    }
    assert_true(done);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults_are_set, begin, end),
        cmocka_unit_test_setup_teardown(yaml_sets_every_type, begin, end),
        cmocka_unit_test_setup_teardown(flags_win_over_the_file, begin, end),
        cmocka_unit_test_setup_teardown(flags_have_short_and_lone_forms, begin, end),
        cmocka_unit_test_setup_teardown(errors_say_line_column_and_nearest_key, begin, end),
        cmocka_unit_test_setup_teardown(bad_yaml_has_a_place, begin, end),
        cmocka_unit_test_setup_teardown(wrong_flags_are_named, begin, end),
        cmocka_unit_test_setup_teardown(values_are_expanded, begin, end),
        cmocka_unit_test(names_tell_secrets),
        cmocka_unit_test_setup_teardown(secrets_are_never_printed, begin, end),
        cmocka_unit_test_setup_teardown(help_and_reference_name_every_key, begin, end),
        cmocka_unit_test_setup_teardown(problems_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(memory_may_run_out_anywhere, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
