/* The list of keys as rows, and the rules between keys. */
#include "app/configuration.h"

#include <string.h>
#include <unistd.h>

#include "app/components.h"

const mr_option mr_configuration_options[] = {
#define ROW(type_, section_, member_, name_, preset_, help_, ...)                                            \
    {.type = MR_OPTION_##type_,                                                                              \
     .section = section_,                                                                                    \
     .name = name_,                                                                                          \
     .offset = offsetof(mr_configuration, member_),                                                          \
     .preset = preset_,                                                                                      \
     .help = help_,                                                                                          \
     __VA_ARGS__},
    MR_CONFIGURATION(ROW)
#undef ROW
};
const size_t mr_configuration_option_count =
    sizeof mr_configuration_options / sizeof *mr_configuration_options;

bool mr_configuration_record_type(const mr_configuration *configuration, mr_type_place *place,
                                  const char **name) {
    static const char *const forms[] = {"field:", "header:", "constant:"};
    for (int form = 0; form < 3; form++) {
        size_t size = strlen(forms[form]);
        if (strncmp(configuration->records_type, forms[form], size) != 0) continue;
        *place = (mr_type_place)form;
        *name = configuration->records_type + size;
        return **name != '\0';
    }
    return false;
}

static const char *where(const mr_settings *settings, const char *key) {
    const char *place = mr_settings_origin(settings, key)->where;
    return place ? place : key;
}

/* A topic of Kafka: 1 to 249 letters, digits, '.', '_' and '-'. */
static void check_topic(const mr_settings *settings, const char *key, const char *topic,
                        mr_problems *problems) {
    size_t size = strlen(topic);
    bool valid = size > 0 && size < 250 && strcmp(topic, ".") != 0 && strcmp(topic, "..") != 0;
    for (size_t i = 0; valid && i < size; i++)
        valid = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", topic[i]) != NULL;
    if (valid) return;
    bool secret = mr_settings_origin(settings, key)->secret;
    mr_problem(problems, where(settings, key),
               "%s: \"%.40s\" is no name of a topic (1 to 249 of a-z A-Z 0-9 . _ -)", key,
               secret ? "***" : topic);
}

static void check_topics(const mr_configuration *c, const mr_settings *settings, mr_problems *problems) {
    static const char *const keys[] = {"records.topic", "models.topic", "results.topic", "errors.topic"};
    const char *const topics[] = {c->records_topic, c->models_topic, c->results_topic, c->errors_topic};
    for (int i = 0; i < 4; i++) {
        check_topic(settings, keys[i], topics[i], problems);
        for (int j = 0; j < i; j++)
            if (strcmp(topics[i], topics[j]) == 0)
                mr_problem(problems, where(settings, keys[i]),
                           "%s and %s are the same topic; give each its own", keys[i], keys[j]);
    }
}

static const mr_pair *find_pair(const mr_pairs *pairs, const char *name) {
    for (size_t i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].name, name) == 0) return &pairs->items[i];
    return NULL;
}

static void check_bootstrap(mr_configuration *c, const mr_settings *settings, mr_problems *problems) {
    const mr_pair *setting = find_pair(&c->kafka, "bootstrap.servers");
    if (c->embedded != MR_PORT_OFF) {
        if (setting != NULL || c->bootstrap != NULL)
            mr_problem(problems, c->bootstrap ? where(settings, "bootstrap") : setting->where,
                       "bootstrap servers and the embedded broker exclude each other; leave one out");
        return;
    }
    if (setting != NULL && c->bootstrap != NULL && strcmp(setting->value, c->bootstrap) != 0)
        mr_problem(problems, where(settings, "bootstrap"),
                   "bootstrap and kafka.bootstrap.servers differ; leave one out");
    if (c->bootstrap == NULL) c->bootstrap = setting ? setting->value : "localhost:9092";
}

/* librdkafka itself knows its settings best. */
static void check_kafka(const mr_configuration *c, mr_problems *problems) {
    for (size_t i = 0; i < c->kafka.count; i++) {
        mr_pair *pair = &c->kafka.items[i];
        mr_kafka_setting setting = {pair->name, pair->value};
        mr_error error;
        if (mr_kafka_check_settings(&setting, 1, NULL, &error) == MR_OK) continue;
        const char *place = pair->where ? pair->where : "kafka";
        /* The text may quote the value, which is not for everybody's eyes when it came from a file. */
        if (pair->secret && error.status == MR_INVALID_ARGUMENT)
            mr_problem(problems, place, "kafka.%s: librdkafka refuses this value", pair->name);
        else mr_problem(problems, place, "%s", error.message);
    }
}

/* Whether records can be decoded as it says; an error names the key. */
static void check_records(const mr_configuration *c, const mr_settings *settings, mr_problems *problems) {
    mr_decoder *decoder;
    mr_error error;
    if (mr_make_decoder(c, &decoder, &error) == MR_OK) decoder->ops->free(decoder);
    else mr_problem(problems, where(settings, error.where), "%s: %s", error.where, error.message);
}

static void fill_instance(mr_configuration *c, mr_settings *settings, mr_problems *problems) {
    if (c->instance_id != NULL) return;
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0') strcpy(host, "millrace");
    c->instance_id = mr_arena_copy(&settings->arena, host, strlen(host));
    if (c->instance_id == NULL) mr_problem(problems, NULL, "out of memory");
}

void mr_configuration_check(mr_configuration *c, mr_settings *settings, mr_problems *problems) {
    if (c->application_id[0] == '\0')
        mr_problem(problems, where(settings, "application.id"), "application.id must not be empty");
    if (c->http_address[0] == '\0')
        mr_problem(problems, where(settings, "http.address"),
                   "http.address must not be empty; 0.0.0.0 is all");
    check_records(c, settings, problems);
    check_topics(c, settings, problems);
    check_bootstrap(c, settings, problems);
    check_kafka(c, problems);
    fill_instance(c, settings, problems);
}
