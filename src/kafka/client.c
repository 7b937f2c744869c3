/* Client: settings in three layers (defaults of the role, the user's, what the role needs), and the
 * callbacks that every handle has: log lines and errors outside of calls. */
#include "kafka/client.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/options.h"

enum { ANY = MR_KAFKA_SOURCE | MR_KAFKA_READER | MR_KAFKA_PRODUCER | MR_KAFKA_ADMIN, EMBEDDED = 16 };

typedef struct layer {
    int roles; /* with EMBEDDED: only there */
    const char *name;
    const char *value;
} layer;

/* The user's settings win over these. */
static const layer defaults[] = {
    {ANY, "socket.nagle.disable", "true"},
    {ANY, "socket.keepalive.enable", "true"},
    {MR_KAFKA_SOURCE | MR_KAFKA_PRODUCER, "topic.metadata.refresh.interval.ms", "30000"}, /* sees growth */
    {MR_KAFKA_SOURCE | MR_KAFKA_READER, "queued.max.messages.kbytes", "65536"},
    {MR_KAFKA_READER, "fetch.wait.max.ms", "10"}, /* the end of a partition comes with an empty fetch */
    {MR_KAFKA_SOURCE | EMBEDDED, "fetch.wait.max.ms", "10"},
    {MR_KAFKA_SOURCE | EMBEDDED, "session.timeout.ms", "6000"}, /* there, a rebalance takes as long */
    {MR_KAFKA_SOURCE | EMBEDDED, "heartbeat.interval.ms", "1000"},
    {MR_KAFKA_PRODUCER, "enable.idempotence", "true"},
    {MR_KAFKA_PRODUCER, "linger.ms", "5"},
    {MR_KAFKA_PRODUCER, "topic.metadata.propagation.max.ms", "10000"}, /* then a missing topic is an error */
    {MR_KAFKA_PRODUCER, "partitioner", "murmur2_random"}, /* as the Java client: equal keys meet */
    {MR_KAFKA_PRODUCER, "queue.buffering.max.messages", "500000"},
    {MR_KAFKA_PRODUCER, "queue.buffering.max.kbytes", "131072"},
};

/* These decide over correctness, so they are set last. `value` NULL: not set, but not the user's
 * either. `instead`: what the user may want. */
static const struct {
    int roles;
    const char *name;
    const char *value;
    const char *instead;
} fixed[] = {
    {0, "group.id", NULL, "set application.id"},
    {0, "transactional.id", NULL, "Millrace makes it of application.id"},
    {0, "enabled_events", NULL, "Millrace needs its own"},
    {0, "log.queue", NULL, "set log.format and log.level"},
    {MR_KAFKA_SOURCE | MR_KAFKA_READER, "enable.auto.commit", "false", "Millrace commits after delivery"},
    {MR_KAFKA_SOURCE | MR_KAFKA_READER, "enable.auto.offset.store", "false",
     "Millrace commits after delivery"},
    {ANY, "allow.auto.create.topics", "false", "use --create-topics"},
    {MR_KAFKA_SOURCE, "auto.offset.reset", "error", "set records.start"},
    {MR_KAFKA_READER, "auto.offset.reset", "earliest", "set records.start"},
    {MR_KAFKA_SOURCE, "enable.partition.eof", "false", "Millrace does not need it"},
    {MR_KAFKA_READER, "enable.partition.eof", "true", "Millrace does not need it"},
    {MR_KAFKA_PRODUCER, "delivery.report.only.error", "false", "Millrace commits after delivery"},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

const char *mr_kafka_library_version(void) {
    return rd_kafka_version_str();
}

const char *mr_kafka_find_setting(const mr_kafka_config *config, const char *name) {
    for (uint32_t i = config->setting_count; i-- > 0;)
        if (strcmp(config->settings[i].name, name) == 0) return config->settings[i].value;
    return NULL;
}

/* librdkafka's levels are syslog's. Thread: librdkafka's own. */
static void write_log(const rd_kafka_t *handle, int level, const char *facility, const char *text) {
    (void)handle;
    /* One list of settings serves consumers and producers. */
    if (strcmp(facility, "CONFWARN") == 0 && strstr(text, "property and will be ignored by")) return;
    /* With debug=conf it prints all values, and does not know which are secrets; `millrace lint --print`
     * does. */
    if (strcmp(facility, "CONF") == 0 && strstr(text, " = ")) return;
    /* The embedded broker's protocol cannot refuse to create topics; its topics are made at its start. */
    if (strcmp(facility, "AUTOCREATE") == 0) return;
    mr_level ours = level <= 3   ? MR_LOG_ERROR
                    : level == 4 ? MR_LOG_WARN
                    : level <= 6 ? MR_LOG_INFO
                                 : MR_LOG_DEBUG;
    /* A broker that cannot be reached is tried again for ever: a warning. */
    if (ours == MR_LOG_ERROR && (strcmp(facility, "FAIL") == 0 || strcmp(facility, "ERROR") == 0))
        ours = MR_LOG_WARN;
    mr_log(ours, "kafka", "%s: %s", facility, text);
}

/* Thread: the one that polls the handle. */
static void note_trouble(rd_kafka_t *handle, int code, const char *reason, void *opaque) {
    mr_kafka_trouble *trouble = opaque;
    char fatal[sizeof trouble->reason];
    /* Says less than what each broker said before it. */
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && trouble->code != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    trouble->code = (rd_kafka_resp_err_t)code;
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        trouble->code = rd_kafka_fatal_error(handle, fatal, sizeof fatal);
        reason = fatal;
    }
    snprintf(trouble->reason, sizeof trouble->reason, "%s", reason ? reason : "");
    /* "(after 0ms in state CONNECT, 1 identical error(s) suppressed)" helps nobody. */
    char *noise = strstr(trouble->reason, " (after ");
    if (noise != NULL) *noise = '\0';
}

static mr_status fail_unknown(const char *name, mr_error *error) {
    char nearest[128];
    if (mr_kafka_nearest_setting(name, nearest, sizeof nearest))
        return mr_fail(error, MR_NOT_FOUND, NULL,
                       "kafka.%s: there is no such setting; did you mean kafka.%s?", name, nearest);
    return mr_fail(error, MR_NOT_FOUND, NULL, "kafka.%s: librdkafka %s knows no such setting", name,
                   rd_kafka_version_str());
}

/* Sets one of the user's; the message never holds a secret. */
static mr_status set_user(rd_kafka_conf_t *conf, const mr_kafka_setting *setting, mr_error *error) {
    char reason[256];
    const char *value = setting->value ? setting->value : "";
    for (size_t i = 0; i < COUNT(fixed); i++)
        if (strcmp(setting->name, fixed[i].name) == 0)
            return mr_fail(error, MR_CONFLICT, NULL, "kafka.%s cannot be set: %s", setting->name,
                           fixed[i].instead);
    switch (rd_kafka_conf_set(conf, setting->name, value, reason, sizeof reason)) {
    case RD_KAFKA_CONF_OK:
        return MR_OK;
    case RD_KAFKA_CONF_UNKNOWN:
        return fail_unknown(setting->name, error);
    default:
        if (mr_is_secret_name(setting->name))
            return mr_fail(error, MR_INVALID_ARGUMENT, NULL, "kafka.%s: not a value that it can have",
                           setting->name);
        return mr_fail(error, MR_INVALID_ARGUMENT, NULL, "kafka.%s: %s", setting->name, reason);
    }
}

mr_status mr_kafka_check_settings(const mr_kafka_setting *settings, uint32_t count, uint32_t *index,
                                  mr_error *error) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    mr_status status = MR_OK;
    if (conf == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    for (uint32_t i = 0; i < count && status == MR_OK; i++) {
        if (index) *index = i;
        status = set_user(conf, &settings[i], error);
    }
    rd_kafka_conf_destroy(conf);
    return status;
}

mr_status mr_kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, mr_error *error) {
    char reason[256];
    if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) == RD_KAFKA_CONF_OK) return MR_OK;
    return mr_fail(error, MR_INVALID_ARGUMENT, NULL, "kafka.%s: %s", name, reason);
}

static mr_status set_defaults(rd_kafka_conf_t *conf, const mr_kafka_config *config, int role,
                              mr_error *error) {
    char reason[256];
    mr_status status = MR_OK;
    for (size_t i = 0; i < COUNT(defaults) && status == MR_OK; i++) {
        if (!(defaults[i].roles & role) || ((defaults[i].roles & EMBEDDED) && !config->embedded)) continue;
        status = mr_kafka_conf_set(conf, defaults[i].name, defaults[i].value, error);
    }
    if (status != MR_OK || !(role & (MR_KAFKA_SOURCE | MR_KAFKA_READER))) return status;
    /* A full local queue stops fetching for one second, which caps the rate; librdkafka 2.2 can make the
     * pause short, before that only a queue that does not fill helps (its bytes are bounded anyway). */
    if (rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "10", reason, sizeof reason) != RD_KAFKA_CONF_OK)
        status = mr_kafka_conf_set(conf, "queued.min.messages", "1000000", error);
    return status;
}

static mr_status set_layers(rd_kafka_conf_t *conf, const mr_kafka_config *config, int role, mr_error *error) {
    mr_status status = set_defaults(conf, config, role, error);
    if (status == MR_OK)
        status =
            mr_kafka_conf_set(conf, "client.id", config->client_id ? config->client_id : "millrace", error);
    for (uint32_t i = 0; i < config->setting_count && status == MR_OK; i++)
        status = set_user(conf, &config->settings[i], error);
    for (size_t i = 0; i < COUNT(fixed) && status == MR_OK; i++)
        if (fixed[i].roles & role) status = mr_kafka_conf_set(conf, fixed[i].name, fixed[i].value, error);
    if (status == MR_OK && config->bootstrap)
        status = mr_kafka_conf_set(conf, "bootstrap.servers", config->bootstrap, error);
    if (status == MR_OK && !config->bootstrap && !mr_kafka_find_setting(config, "bootstrap.servers") &&
        !mr_kafka_find_setting(config, "metadata.broker.list"))
        status = mr_fail(error, MR_INVALID_ARGUMENT, NULL,
                         "no broker to connect to: set kafka.bootstrap.servers to host:port");
    return status;
}

mr_status mr_kafka_conf_new(const mr_kafka_config *config, mr_kafka_role role, mr_kafka_trouble *trouble,
                            rd_kafka_conf_t **conf, mr_error *error) {
    rd_kafka_conf_t *made = rd_kafka_conf_new();
    mr_status status;
    *conf = NULL;
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    status = set_layers(made, config, (int)role, error);
    if (status != MR_OK) {
        rd_kafka_conf_destroy(made);
        return status;
    }
    rd_kafka_conf_set_log_cb(made, write_log);
    rd_kafka_conf_set_error_cb(made, note_trouble);
    rd_kafka_conf_set_opaque(made, trouble);
    *conf = made;
    return MR_OK;
}

mr_status mr_kafka_open(rd_kafka_conf_t *conf, mr_kafka_role role, rd_kafka_t **handle, mr_error *error) {
    char reason[512];
    rd_kafka_type_t type = role == MR_KAFKA_PRODUCER ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
    *handle = rd_kafka_new(type, conf, reason, sizeof reason);
    if (*handle != NULL) return MR_OK;
    rd_kafka_conf_destroy(conf);
    return mr_fail(error, MR_INVALID_ARGUMENT, NULL, "kafka: librdkafka refuses the settings: %s", reason);
}

/* The two logical offsets are what the protocol asks for in place of a time. */
rd_kafka_resp_err_t mr_kafka_list_offsets(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list,
                                          int64_t which, int timeout_ms) {
    for (int i = 0; i < list->cnt; i++) list->elems[i].offset = which;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(handle, list, timeout_ms);
    for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        code = list->elems[i].err;
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && list->elems[i].offset < 0)
            code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    }
    return code;
}
