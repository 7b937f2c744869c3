/* What the Kafka tests share: an embedded broker for each test, settings for a fast group, sending and
 * receiving in one line. Included by one test file at a time. */
#ifndef MR_TEST_KAFKA_BROKER_H
#define MR_TEST_KAFKA_BROKER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "kafka/kafka.h"

/* Tests must end: longer than anything takes here, also on a busy machine. */
enum { PATIENCE_MS = 15000 };

static mr_embedded_broker *broker;
static mr_kafka_config config;

static inline mr_bytes text(const char *value) {
    return (mr_bytes){.data = value, .size = value ? strlen(value) : 0};
}

static int start_broker(void **state) {
    static const mr_embedded_topic topics[] = {{"data", 2}, {"results", 2}, {"errors", 1}, {"models", 3}};
    mr_embedded_options options = {.topics = topics, .topic_count = 4};
    static const mr_kafka_setting settings[] = {{"session.timeout.ms", "4000"}, {"log_level", "2"}};
    mr_error error;
    (void)state;
    if (mr_embedded_start(&options, &broker, &error) != MR_OK) {
        fprintf(stderr, "%s\n", error.message);
        return -1;
    }
    config = (mr_kafka_config){.bootstrap = mr_embedded_bootstrap(broker),
                               .settings = settings,
                               .setting_count = 2,
                               .embedded = true};
    return 0;
}

static int stop_broker(void **state) {
    (void)state;
    mr_embedded_stop(broker);
    broker = NULL;
    return 0;
}

static inline void require_ok(mr_status status, const mr_error *error) {
    if (status != MR_OK) fail_msg("%s: %s: %s", mr_status_name(status), error->where, error->message);
}

#endif
