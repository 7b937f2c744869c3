/* The models topic read in full, what an operator is told of topics, and the embedded broker itself. */
#include "cli/embedded_bind.c" /* first: it needs the plain declaration of bind() */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/kafka_broker.h"

static void publish(mr_kafka_producer *producer, int32_t partition, const char *key, const char *value) {
    mr_kafka_message message = {
        .topic = "models", .partition = partition, .timestamp = -1, .key = text(key), .value = text(value)};
    mr_error error;
    require_ok(mr_kafka_producer_send(producer, &message, &error), &error);
    assert_int_equal(mr_kafka_producer_flush(producer, PATIENCE_MS), MR_OK);
}

static mr_model_source *open_models(const char *topic) {
    mr_model_source *source;
    mr_error error;
    require_ok(mr_kafka_model_source_new(&config, "test", topic, &source, &error), &error);
    return source;
}

/* The next message, or one without topic when there is none until the source has caught up. */
static mr_model_message next(mr_model_source *source, bool wait) {
    mr_model_message message;
    mr_error error;
    int64_t end = mr_monotonic_ns() + PATIENCE_MS * 1000000LL;
    do {
        require_ok(source->ops->poll(source, 100, &message, &error), &error);
        assert_true(mr_monotonic_ns() < end);
    } while (message.topic == NULL && (wait || !source->ops->caught_up(source, NULL, NULL)));
    return message;
}

static void reads_to_the_end_of_the_start(void **state) {
    mr_kafka_producer *producer;
    mr_model_source *source;
    mr_model_message message;
    mr_error error;
    uint64_t read, total;
    (void)state;
    require_ok(mr_kafka_producer_new(&config, &producer, &error), &error);
    publish(producer, 0, "a", "one");
    publish(producer, 0, "a", NULL);
    publish(producer, 2, "b", "two");

    source = open_models("models");
    assert_false(source->ops->caught_up(source, &read, &total));
    for (int i = 0; i < 3; i++) {
        message = next(source, true);
        assert_string_equal(message.topic, "models");
        assert_true(message.at_start);
        if (message.record.offset == 1) assert_null(message.record.value.data);
    }
    message = next(source, false);
    assert_null(message.topic);
    assert_true(source->ops->caught_up(source, &read, &total));
    assert_int_equal(read, 3);
    assert_int_equal(total, 3);

    publish(producer, 1, "c", "three");
    message = next(source, true);
    assert_int_equal(message.partition, 1);
    assert_false(message.at_start);
    assert_memory_equal(message.record.value.data, "three", 5);
    assert_true(source->ops->caught_up(source, &read, &total));
    assert_int_equal(read, 3);
    source->ops->close(source);
    mr_kafka_producer_free(producer);
}

static void an_empty_topic_is_ready(void **state) {
    mr_model_source *source = open_models("models");
    (void)state;
    assert_null(next(source, false).topic);
    assert_true(source->ops->caught_up(source, NULL, NULL));
    source->ops->close(source);
}

static void a_broker_that_is_gone_is_said(void **state) {
    mr_model_source *source = open_models("models");
    mr_model_message message;
    mr_error error;
    mr_status status = MR_OK;
    (void)state;
    stop_broker(NULL);
    for (int i = 0; i < 50 && status == MR_OK; i++) status = source->ops->poll(source, 200, &message, &error);
    assert_true(status == MR_UNAVAILABLE || status == MR_TIMEOUT);
    assert_string_not_equal(error.message, "");
    assert_false(source->ops->caught_up(source, NULL, NULL));
    source->ops->close(source);
}

static void topics_are_described_and_never_made(void **state) {
    mr_kafka_topic topics[] = {{.name = "data"}, {.name = "typo"}, {.name = "results"}};
    mr_kafka_admin *admin;
    mr_error error;
    (void)state;
    require_ok(mr_kafka_admin_new(&config, &admin, &error), &error);
    for (int round = 0; round < 2; round++) {
        require_ok(mr_kafka_describe(admin, topics, 3, PATIENCE_MS, &error), &error);
        assert_int_equal(topics[0].partitions, 2);
        assert_int_equal(topics[1].partitions, 0);
        assert_int_equal(topics[0].limits.max_message_bytes, MR_EMBEDDED_MESSAGE_MAX);
        assert_true(topics[0].limits.retention_ms < 0);
    }
    assert_int_equal(
        mr_kafka_create(admin, &(mr_kafka_new_topic){.name = "x", .partitions = 1}, 1000, &error),
        MR_UNSUPPORTED);
    stop_broker(NULL);
    assert_int_equal(mr_kafka_describe(admin, topics, 1, 500, &error), MR_UNAVAILABLE);
    mr_kafka_admin_free(admin);
}

static void unequal_partitions_are_refused_with_the_fix(void **state) {
    mr_kafka_topic records = {.name = "data", .partitions = 4},
                   results = {.name = "results", .partitions = 4};
    mr_error error;
    (void)state;
    assert_int_equal(mr_kafka_check_partitions(&records, &results, &error), MR_OK);
    results.partitions = 3;
    assert_int_equal(mr_kafka_check_partitions(&records, &results, &error), MR_CONFLICT);
    assert_non_null(strstr(error.message, "--topic results --partitions 4"));
    results.partitions = 5;
    assert_int_equal(mr_kafka_check_partitions(&records, &results, &error), MR_CONFLICT);
}

static void large_messages_are_refused_by_name(void **state) {
    mr_kafka_producer *producer;
    mr_kafka_message message = {.topic = "models", .partition = 0, .timestamp = -1};
    mr_error error;
    size_t size = 3000000;
    char *value = mr_alloc_zero(1, size);
    (void)state;
    config.embedded = false; /* as another process sees it */
    require_ok(mr_kafka_producer_new(&config, &producer, &error), &error);
    message.value = (mr_bytes){value, size};
    assert_int_equal(mr_kafka_producer_send(producer, &message, &error), MR_TOO_LARGE);
    assert_non_null(strstr(error.message, "embedded broker"));
    message.value.size = 1500000;
    assert_int_equal(mr_kafka_producer_send(producer, &message, &error), MR_TOO_LARGE);
    assert_non_null(strstr(error.message, "kafka.message.max.bytes"));
    mr_kafka_producer_free(producer);
    mr_free(value);
}

/* ---- The embedded broker ---- */

static void a_port_of_choice(void **state) {
    mr_embedded_options options = {.bind_next_to = mr_bind_next_to};
    mr_embedded_broker *first, *second;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    char expected[32];
    mr_error error;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0); /* finds a free one */
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(listen(fd, 1), 0);
    options.port = ntohs(address.sin_port);
    assert_int_equal(mr_embedded_start(&options, &first, &error), MR_CONFLICT);
    assert_non_null(strstr(error.message, "in use"));
    close(fd);

    require_ok(mr_embedded_start(&options, &first, &error), &error);
    snprintf(expected, sizeof expected, "127.0.0.1:%u", options.port);
    assert_string_equal(mr_embedded_bootstrap(first), expected);
    assert_int_equal(mr_embedded_start(&options, &second, &error), MR_CONFLICT);
    mr_embedded_stop(first);
    require_ok(mr_embedded_start(&options, &first, &error), &error); /* free again at once */
    mr_embedded_stop(first);
    options.bind_next_to = NULL;
    assert_int_equal(mr_embedded_start(&options, &first, &error), MR_UNSUPPORTED);
}

static void a_broker_that_died_is_reported(void **state) {
    mr_embedded_options options = {.port = 0};
    mr_embedded_broker *made;
    mr_error error;
    bool alive = true;
    (void)state;
    require_ok(mr_embedded_start(&options, &made, &error), &error);
    assert_true(mr_embedded_alive(made, &error));
    assert_int_equal(kill(mr_embedded_process(made), SIGKILL), 0);
    for (int i = 0; i < 100 && alive; i++) {
        alive = mr_embedded_alive(made, &error);
        if (alive) usleep(20000);
    }
    assert_false(alive);
    assert_non_null(strstr(error.message, "signal 9"));
    mr_embedded_stop(made);
}

/* ---- Pure ---- */

static void settings_are_checked_by_name(void **state) {
    const mr_kafka_setting wrong[][2] = {
        {{"linger.ms", "5"}, {"liner.ms", "5"}},
        {{"linger.ms", "5"}, {"linger.ms", "soon"}},
        {{"linger.ms", "5"}, {"enable.auto.commit", "true"}},
        {{"linger.ms", "5"}, {"group.id", "mine"}},
    };
    const mr_status expected[] = {MR_NOT_FOUND, MR_INVALID_ARGUMENT, MR_CONFLICT, MR_CONFLICT};
    uint32_t index;
    mr_error error;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(mr_kafka_check_settings(wrong[i], 2, &index, &error), expected[i]);
        assert_int_equal(index, 1);
        assert_non_null(strstr(error.message, wrong[i][1].name));
        if (i == 0) assert_non_null(strstr(error.message, "did you mean kafka.linger.ms?"));
    }
    char nearest[64];
    assert_true(mr_kafka_nearest_setting("sasl.pasword", nearest, sizeof nearest));
    assert_string_equal(nearest, "sasl.password");
    assert_false(mr_kafka_nearest_setting("completely.different.words", nearest, sizeof nearest));
    const mr_kafka_setting secret[] = {{"ssl.key.password", "hunter2"}, {"sasl.password", "hunter2"}};
    require_ok(mr_kafka_check_settings(secret, 2, &index, &error), &error);
    assert_int_equal(
        mr_kafka_admin_new(&(mr_kafka_config){.client_id = "x"}, &(mr_kafka_admin *){NULL}, &error),
        MR_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "bootstrap.servers"));
}

/* The Nth allocation fails, for every N. */
static _Bool refuse_nth(void *context) {
    int *left = context;
    return (*left)-- != 0;
}

static void every_constructor_survives_without_memory(void **state) {
    mr_kafka_config nowhere = {.bootstrap = "127.0.0.1:1"};
    mr_kafka_source_options from = {.group = "g", .topic = "data"};
    mr_kafka_sink_options to = {.results = {"results", 1000000}};
    (void)state;
    for (int what = 0; what < 3; what++) {
        mr_status status = MR_NO_MEMORY;
        for (int n = 0; status == MR_NO_MEMORY; n++) {
            int left = n;
            mr_source *source = NULL;
            mr_sink *sink = NULL;
            mr_model_source *models = NULL;
            mr_error error;
            mr_set_alloc_hook(refuse_nth, &left);
            status = what == 0   ? mr_kafka_source_new(&nowhere, &from, &source, &error)
                     : what == 1 ? mr_kafka_sink_new(&nowhere, &to, &sink, &error)
                                 : mr_kafka_model_source_new(&nowhere, "g", "m", &models, &error);
            mr_set_alloc_hook(NULL, NULL);
            if (source) source->ops->close(source);
            if (sink) sink->ops->close(sink);
            if (models) models->ops->close(models);
        }
        assert_int_equal(status, MR_OK);
    }
}

#define ON_A_BROKER(test) cmocka_unit_test_setup_teardown(test, start_broker, stop_broker)

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_checked_by_name),
        cmocka_unit_test(unequal_partitions_are_refused_with_the_fix),
        cmocka_unit_test(a_port_of_choice),
        cmocka_unit_test(a_broker_that_died_is_reported),
        ON_A_BROKER(reads_to_the_end_of_the_start),
        ON_A_BROKER(an_empty_topic_is_ready),
        ON_A_BROKER(a_broker_that_is_gone_is_said),
        ON_A_BROKER(topics_are_described_and_never_made),
        ON_A_BROKER(large_messages_are_refused_by_name),
        cmocka_unit_test(every_constructor_survives_without_memory),
    };
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
