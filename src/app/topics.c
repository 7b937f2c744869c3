/* Describe, create what is missing, describe again, compare. Nothing is ever created by asking. */
#include "app/topics.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum { ASK_MS = 5000, PATIENCE_MS = 30000, CREATE_MS = 30000 };

static mr_status describe(mr_topics *topics, const _Atomic int *stop, mr_error *error) {
    int64_t begin = mr_monotonic_ns();
    for (;;) {
        if (stop != NULL && *stop)
            return mr_fail(error, MR_CANCELLED, NULL, "stopped while waiting for a broker");
        mr_status status = mr_kafka_describe(topics->admin, topics->items, MR_TOPICS, ASK_MS, error);
        if (status != MR_UNAVAILABLE && status != MR_TIMEOUT) return status;
        if ((mr_monotonic_ns() - begin) / 1000000 > PATIENCE_MS) return status;
        mr_log_error(MR_LOG_WARN, "topics", "waiting for a broker", error);
    }
}

static mr_status create_missing(mr_topics *topics, const mr_configuration *c, mr_error *error) {
    int32_t records = topics->items[MR_TOPIC_RECORDS].partitions,
            results = topics->items[MR_TOPIC_RESULTS].partitions;
    int32_t partitions = records ? records : results ? results : (int32_t)c->topics_partitions;
    for (int i = 0; i < MR_TOPICS; i++) {
        if (topics->items[i].partitions > 0) continue;
        mr_kafka_new_topic topic = {.name = topics->items[i].name,
                                    .partitions = i == MR_TOPIC_MODELS ? 1 : partitions,
                                    .compact = i == MR_TOPIC_MODELS};
        mr_status status = mr_kafka_create(topics->admin, &topic, CREATE_MS, error);
        if (status != MR_OK) return status;
        mr_log(MR_LOG_INFO, "topics", "created %s with %d partition%s", topic.name, (int)topic.partitions,
               topic.partitions == 1 ? "" : "s");
    }
    return MR_OK;
}

static mr_status check_exist(const mr_topics *topics, mr_error *error) {
    char missing[400] = "";
    for (int i = 0; i < MR_TOPICS; i++) {
        if (topics->items[i].partitions > 0) continue;
        size_t size = strlen(missing);
        snprintf(missing + size, sizeof missing - size, "%s%.120s", size ? ", " : "", topics->items[i].name);
    }
    if (missing[0] == '\0') return MR_OK;
    return mr_fail(error, MR_NOT_FOUND, NULL,
                   "missing topics: %s; create them, or start with --create-topics", missing);
}

mr_status mr_topics_open(const mr_configuration *c, const mr_kafka_config *kafka, const _Atomic int *stop,
                         mr_topics *topics, mr_error *error) {
    *topics = (mr_topics){0};
    topics->items[MR_TOPIC_RECORDS].name = c->records_topic;
    topics->items[MR_TOPIC_RESULTS].name = c->results_topic;
    topics->items[MR_TOPIC_MODELS].name = c->models_topic;
    topics->items[MR_TOPIC_ERRORS].name = c->errors_topic;
    mr_status status = mr_kafka_admin_new(kafka, &topics->admin, error);
    if (status == MR_OK) status = describe(topics, stop, error);
    if (status == MR_OK && c->create_topics && !kafka->embedded) {
        status = create_missing(topics, c, error);
        if (status == MR_OK) status = describe(topics, stop, error);
    }
    if (status == MR_OK) status = check_exist(topics, error);
    if (status == MR_OK)
        status = mr_kafka_check_partitions(&topics->items[MR_TOPIC_RECORDS], &topics->items[MR_TOPIC_RESULTS],
                                           error);
    return status;
}

mr_status mr_topics_compare(mr_topics *topics, mr_error *error) {
    mr_kafka_topic now[2] = {{.name = topics->items[MR_TOPIC_RECORDS].name},
                             {.name = topics->items[MR_TOPIC_RESULTS].name}};
    if (mr_kafka_describe(topics->admin, now, 2, ASK_MS, error) != MR_OK) return MR_OK;
    if (now[0].partitions == 0 || now[1].partitions == 0) return MR_OK; /* the lanes say what they miss */
    if (now[1].partitions > now[0].partitions) return MR_OK;            /* grown first, as it should be */
    return mr_kafka_check_partitions(&now[0], &now[1], error);
}

void mr_topics_close(mr_topics *topics) {
    mr_kafka_admin_free(topics->admin);
    *topics = (mr_topics){0};
}
