/* The configuration: every row is sound, defaults agree with the tutorial, rules between keys, secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/configuration.h"
#include "app/settings_file.h"

static mr_configuration c;
static mr_settings settings;
static mr_problems problems;

static int begin(void **state) {
    (void)state;
    memset(&c, 0, sizeof c);
    memset(&problems, 0, sizeof problems);
    mr_option_table table = {mr_configuration_options, mr_configuration_option_count, &c};
    return mr_settings_init(&settings, &table, 1, NULL) != MR_OK;
}

static int end(void **state) {
    (void)state;
    mr_settings_free(&settings);
    return 0;
}

static void check(const char *yaml) {
    mr_settings_read_text(&settings, yaml, strlen(yaml), "c.yaml", 0, &problems);
    mr_configuration_check(&c, &settings, &problems);
}

static void assert_problem(const char *where, const char *part) {
    for (size_t i = 0; i < problems.count; i++)
        if (strcmp(problems.items[i].where, where) == 0 && strstr(problems.items[i].message, part)) return;
    fail_msg("no \"%s\" at %s among %zu; the first: %s: %s", part, where, problems.count,
             problems.items[0].where, problems.items[0].message);
}

static void defaults_are_the_tutorials(void **state) {
    (void)state;
    check("");
    assert_int_equal(problems.count, 0);
    assert_string_equal(c.records_topic, "models_data");
    assert_string_equal(c.models_topic, "models_models");
    assert_string_equal(c.bootstrap, "localhost:9092");
    assert_int_equal(c.http_port, 8080);
    assert_int_equal(c.embedded, MR_PORT_OFF);
    assert_non_null(c.instance_id);
    mr_type_place place;
    const char *name;
    assert_true(mr_configuration_record_type(&c, &place, &name));
    assert_int_equal(place, MR_TYPE_IN_FIELD);
    assert_string_equal(name, "dataType");
}

/* Every row has help that ends as a sentence, and its default lies within its bounds. */
static void rows_are_sound(void **state) {
    (void)state;
    for (size_t i = 0; i < mr_configuration_option_count; i++) {
        const mr_option *row = &mr_configuration_options[i];
        assert_int_equal(row->help[strlen(row->help) - 1], '.');
        for (size_t j = 0; j < i; j++) assert_string_not_equal(row->name, mr_configuration_options[j].name);
        if (row->preset == NULL) continue;
        mr_settings_set(&settings, row->name, row->preset, 1, "c.yaml", &problems);
        assert_int_equal(problems.count, 0);
    }
}

static void keys_must_agree(void **state) {
    (void)state;
    check("records.topic: a\nmodels.topic: a\nresults.topic: 'b c'\nrecords.type: wine\napplication.id: ''\n"
          "bootstrap: x:1\nkafka.bootstrap.servers: y:2\n");
    assert_problem("c.yaml:2:15", "the same topic");
    assert_problem("c.yaml:3:17", "no name of a topic");
    assert_problem("c.yaml:4:15", "constant:wine");
    assert_problem("c.yaml:5:18", "must not be empty");
    assert_problem("c.yaml:6:12", "differ");
}

static void embedded_excludes_bootstrap(void **state) {
    (void)state;
    check("embedded: 9092\nkafka:\n  bootstrap.servers: x:1\n");
    assert_problem("c.yaml:3:22", "exclude each other");
}

static void kafka_settings_are_checked_by_librdkafka(void **state) {
    (void)state;
    check(
        "kafka:\n  linger.ms: 5\n  lingr.ms: 5\n  acks: many\n  sasl.password: hunter2\n  group.id: mine\n");
    assert_problem("c.yaml:3:13", "lingr.ms");
    assert_problem("c.yaml:4:9", "acks");
    assert_problem("c.yaml:6:13", "group.id");
    assert_int_equal(problems.count, 3);
}

static void secrets_stay_secret(void **state) {
    (void)state;
    check("kafka:\n  sasl.password: hunter2\n  ssl.key.pem: hunter2\n  ssl.keystore.password: hunter2\n"
          "  security.protocol: SASL_SSL\n");
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    mr_settings_print(out, &settings, 0);
    fclose(out);
    assert_null(strstr(text, "hunter2"));
    assert_non_null(strstr(text, "SASL_SSL"));
    free(text);
    for (size_t i = 0; i < problems.count; i++) assert_null(strstr(problems.items[i].message, "hunter2"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults_are_the_tutorials, begin, end),
        cmocka_unit_test_setup_teardown(rows_are_sound, begin, end),
        cmocka_unit_test_setup_teardown(keys_must_agree, begin, end),
        cmocka_unit_test_setup_teardown(embedded_excludes_bootstrap, begin, end),
        cmocka_unit_test_setup_teardown(kafka_settings_are_checked_by_librdkafka, begin, end),
        cmocka_unit_test_setup_teardown(secrets_stay_secret, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
