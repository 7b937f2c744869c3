/* Admin: which topics there are, what they take, and making missing ones.
 *
 * A consumer handle, since its look-ups never create a topic. The embedded broker creates one for any
 * look-up by name and knows no configurations, so there the list of all topics is asked for, and the limits
 * are its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "kafka/client.h"

struct mr_kafka_admin {
    mr_kafka_trouble trouble; /* first: the handle's opaque */
    rd_kafka_t *handle;
    bool embedded;
};

const mr_kafka_topic_limits mr_kafka_default_limits = {
    .max_message_bytes = 1048588,
    .retention_ms = 7LL * 24 * 3600 * 1000,
    .before_max_ms = INT64_MAX,
    .after_max_ms = 3600 * 1000,
};

static const mr_kafka_topic_limits embedded_limits = {
    .max_message_bytes = MR_EMBEDDED_MESSAGE_MAX,
    .retention_ms = -1,
    .before_max_ms = INT64_MAX,
    .after_max_ms = INT64_MAX,
};

mr_status mr_kafka_admin_new(const mr_kafka_config *config, mr_kafka_admin **admin, mr_error *error) {
    mr_kafka_admin *made = mr_alloc_zero(1, sizeof *made);
    rd_kafka_conf_t *conf;
    mr_status status;
    *admin = NULL;
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    made->embedded = config->embedded;
    status = mr_kafka_conf_new(config, MR_KAFKA_ADMIN, &made->trouble, &conf, error);
    if (status == MR_OK) status = mr_kafka_open(conf, MR_KAFKA_ADMIN, &made->handle, error);
    if (status != MR_OK) {
        mr_kafka_admin_free(made);
        return status;
    }
    *admin = made;
    return MR_OK;
}

void mr_kafka_admin_free(mr_kafka_admin *admin) {
    if (admin == NULL) return;
    if (admin->handle != NULL) rd_kafka_destroy(admin->handle);
    mr_free(admin);
}

/* ---- Partition counts ---- */

static mr_status take_metadata(mr_kafka_topic *topic, const rd_kafka_metadata_topic_t *found,
                               mr_error *error) {
    if (found->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return MR_OK;
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR && found->partition_cnt == 0)
        return mr_kafka_fail(error, found->err, topic->name, "cannot look at the topic", NULL);
    topic->partitions = found->partition_cnt;
    for (int i = 0; i < found->partition_cnt && topic->without_leader[0] == '\0'; i++)
        if (found->partitions[i].leader < 0)
            snprintf(topic->without_leader, sizeof topic->without_leader, "%" PRId32,
                     found->partitions[i].id);
    return MR_OK;
}

static mr_status count_partitions(mr_kafka_admin *admin, mr_kafka_topic *topic, int timeout_ms,
                                  mr_error *error) {
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code;
    mr_status status = MR_OK;
    topic->partitions = 0;
    topic->without_leader[0] = '\0';
    if (admin->embedded) {
        code = rd_kafka_metadata(admin->handle, 1, NULL, &metadata, timeout_ms);
    } else {
        rd_kafka_topic_t *handle = rd_kafka_topic_new(admin->handle, topic->name, NULL);
        if (handle == NULL)
            return mr_kafka_fail(error, rd_kafka_last_error(), topic->name, "not a name for a topic", NULL);
        code = rd_kafka_metadata(admin->handle, 0, handle, &metadata, timeout_ms);
        rd_kafka_topic_destroy(handle);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_poll(admin->handle, 0); /* brings the reason, if librdkafka has one */
        return mr_kafka_no_answer(error, &admin->trouble, code, NULL);
    }
    for (int i = 0; i < metadata->topic_cnt && status == MR_OK; i++)
        if (strcmp(metadata->topics[i].topic, topic->name) == 0)
            status = take_metadata(topic, &metadata->topics[i], error);
    rd_kafka_metadata_destroy(metadata);
    return status;
}

/* ---- What a topic takes ---- */

static void take_setting(mr_kafka_topic_limits *limits, const char *name, const char *value,
                         bool *compact_only) {
    int64_t number = strtoll(value, NULL, 10);
    if (strcmp(name, "max.message.bytes") == 0) limits->max_message_bytes = number;
    if (strcmp(name, "retention.ms") == 0) limits->retention_ms = number;
    if (strcmp(name, "message.timestamp.before.max.ms") == 0) limits->before_max_ms = number;
    if (strcmp(name, "message.timestamp.after.max.ms") == 0) limits->after_max_ms = number;
    if (strcmp(name, "message.timestamp.type") == 0)
        limits->append_time = strcmp(value, "LogAppendTime") == 0;
    if (strcmp(name, "cleanup.policy") == 0) *compact_only = strstr(value, "delete") == NULL;
    /* Before Kafka 3.6 one limit for both directions. Newer brokers show it too, at its default. */
    if (strcmp(name, "message.timestamp.difference.max.ms") == 0 && number < limits->before_max_ms) {
        limits->before_max_ms = number;
        if (number < limits->after_max_ms) limits->after_max_ms = number;
    }
}

static void take_settings(mr_kafka_topic *topic, const rd_kafka_ConfigResource_t *resource) {
    size_t count;
    bool compact_only = false;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (size_t i = 0; i < count; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        if (value != NULL)
            take_setting(&topic->limits, rd_kafka_ConfigEntry_name(entries[i]), value, &compact_only);
    }
    if (compact_only) topic->limits.retention_ms = -1;
}

/* Options with a bound for the request; NULL never, librdkafka aborts without memory. */
static rd_kafka_AdminOptions_t *bounded(mr_kafka_admin *admin, rd_kafka_admin_op_t op, int timeout_ms) {
    char reason[128];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(admin->handle, op);
    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, reason, sizeof reason);
    return options;
}

/* Not being told is no error: the brokers' defaults are assumed. */
static void read_settings(mr_kafka_admin *admin, mr_kafka_topic *topic, int timeout_ms) {
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->handle);
    rd_kafka_AdminOptions_t *options = bounded(admin, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms);
    rd_kafka_ConfigResource_t *wanted = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic->name);
    const rd_kafka_ConfigResource_t **answers;
    rd_kafka_event_t *event;
    const char *problem = "no answer";
    size_t count = 0;
    topic->limits = mr_kafka_default_limits;
    rd_kafka_DescribeConfigs(admin->handle, &wanted, 1, options, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
    if (event != NULL && rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        problem = rd_kafka_event_error_string(event);
    } else if (event != NULL) {
        answers =
            rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count);
        problem = count ? rd_kafka_ConfigResource_error_string(answers[0]) : problem;
        if (count > 0 && rd_kafka_ConfigResource_error(answers[0]) == RD_KAFKA_RESP_ERR_NO_ERROR) {
            take_settings(topic, answers[0]);
            problem = NULL;
        }
    }
    if (problem != NULL)
        mr_log(MR_LOG_INFO, "kafka", "cannot read the settings of topic %s (%s): takes Kafka's defaults",
               topic->name, problem);
    if (event != NULL) rd_kafka_event_destroy(event);
    rd_kafka_ConfigResource_destroy(wanted);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
}

mr_status mr_kafka_describe(mr_kafka_admin *admin, mr_kafka_topic *topics, uint32_t count, int timeout_ms,
                            mr_error *error) {
    mr_status status = MR_OK;
    for (uint32_t i = 0; i < count && status == MR_OK; i++) {
        status = count_partitions(admin, &topics[i], timeout_ms, error);
        topics[i].limits = admin->embedded ? embedded_limits : mr_kafka_default_limits;
        if (status == MR_OK && topics[i].partitions > 0 && !admin->embedded)
            read_settings(admin, &topics[i], timeout_ms);
    }
    return status;
}

/* ---- Making one ---- */

static mr_status set_topic(rd_kafka_NewTopic_t *made, const mr_kafka_new_topic *topic, mr_error *error) {
    char bytes[32];
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (topic->compact) code = rd_kafka_NewTopic_set_config(made, "cleanup.policy", "compact");
    if (topic->max_message_bytes > 0 && code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        snprintf(bytes, sizeof bytes, "%" PRId64, topic->max_message_bytes);
        code = rd_kafka_NewTopic_set_config(made, "max.message.bytes", bytes);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return MR_OK;
    return mr_kafka_fail(error, code, topic->name, "cannot create the topic", NULL);
}

static mr_status take_created(rd_kafka_event_t *event, const char *name, mr_error *error) {
    const rd_kafka_topic_result_t **results;
    size_t count;
    rd_kafka_resp_err_t code;
    if (event == NULL)
        return mr_fail(error, MR_TIMEOUT, name, "cannot create the topic: no answer of the brokers");
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return mr_kafka_fail(error, rd_kafka_event_error(event), name, "cannot create the topic",
                             rd_kafka_event_error_string(event));
    results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    if (count == 0) return mr_fail(error, MR_IO, name, "cannot create the topic: an empty answer");
    code = rd_kafka_topic_result_error(results[0]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return MR_OK;
    return mr_kafka_fail(error, code, name, "cannot create the topic",
                         rd_kafka_topic_result_error_string(results[0]));
}

static mr_status request_topic(mr_kafka_admin *admin, rd_kafka_NewTopic_t *made,
                               const mr_kafka_new_topic *topic, int timeout_ms, mr_error *error) {
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->handle);
    rd_kafka_AdminOptions_t *options = bounded(admin, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
    rd_kafka_event_t *event;
    mr_status status;
    rd_kafka_CreateTopics(admin->handle, &made, 1, options, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
    status = take_created(event, topic->name, error);
    if (event != NULL) rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return status;
}

/* Brokers answer before all of them know the topic. */
static mr_status wait_for_topic(mr_kafka_admin *admin, const char *name, int timeout_ms, mr_error *error) {
    int64_t end = mr_monotonic_ns() + timeout_ms * 1000000LL;
    mr_kafka_topic topic = {.name = name};
    do {
        mr_status status = count_partitions(admin, &topic, timeout_ms, error);
        if (status != MR_OK) return status;
        if (topic.partitions > 0 && topic.without_leader[0] == '\0') return MR_OK;
        rd_kafka_poll(admin->handle, 50);
    } while (mr_monotonic_ns() < end);
    return mr_fail(error, MR_TIMEOUT, name, "the topic was created, but has no leader yet");
}

mr_status mr_kafka_create(mr_kafka_admin *admin, const mr_kafka_new_topic *topic, int timeout_ms,
                          mr_error *error) {
    char reason[256];
    rd_kafka_NewTopic_t *made;
    mr_status status;
    if (admin->embedded)
        return mr_fail(error, MR_UNSUPPORTED, topic->name, "embedded broker: topics are made when it starts");
    made = rd_kafka_NewTopic_new(topic->name, topic->partitions, -1, reason, sizeof reason);
    if (made == NULL)
        return mr_fail(error, MR_INVALID_ARGUMENT, topic->name, "cannot create the topic: %s", reason);
    status = set_topic(made, topic, error);
    if (status == MR_OK) status = request_topic(admin, made, topic, timeout_ms, error);
    rd_kafka_NewTopic_destroy(made);
    return status == MR_OK ? wait_for_topic(admin, topic->name, timeout_ms, error) : status;
}

/* ---- Checks ---- */

mr_status mr_kafka_check_partitions(const mr_kafka_topic *records, const mr_kafka_topic *results,
                                    mr_error *error) {
    if (records->partitions == results->partitions) return MR_OK;
    if (results->partitions < records->partitions)
        return mr_fail(error, MR_CONFLICT, NULL,
                       "topic %s has %" PRId32 " partitions, %s has %" PRId32
                       ", and partition n goes to partition n: "
                       "kafka-topics --alter --topic %s --partitions %" PRId32,
                       records->name, records->partitions, results->name, results->partitions, results->name,
                       records->partitions);
    return mr_fail(
        error, MR_CONFLICT, NULL,
        "topic %s has %" PRId32 " partitions, %s has %" PRId32 ", and partition n goes to partition n: "
        "send the results to a topic of %" PRId32 " partitions (results.topic), or add partitions to %s",
        records->name, records->partitions, results->name, results->partitions, records->partitions,
        records->name);
}
