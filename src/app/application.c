/* Order of building is order of the members below; `finish` goes back up. Each step is undone only
 * when it was done, so it may be called at any point.
 */
#include "app/application.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "app/components.h"
#include "app/lanes.h"
#include "app/losses.h"
#include "app/topics.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "codec/codec.h"
#include "http/http.h"
#include "serving/control.h"
#include "serving/stats.h"

enum { GROWTH_CHECK_MS = 10000, WATCH_MS = 100 };

struct mr_application {
    const mr_configuration *configuration;
    void (*bind_next_to)(uint16_t port);
    _Atomic int stops; /* lock-free, so a signal handler may count */
    mr_embedded_broker *broker;
    mr_kafka_config kafka;
    mr_topics topics;
    mr_decoder *decoder;
    mr_encoder *encoder;
    mr_name_mapping *mapping;
    size_t mapping_count;
    mr_type_slots slots;
    mr_published published;
    bool has_published;
    mr_control *control;
    bool control_started;
    mr_lanes *_Atomic lanes;
    mr_stats stats;
    mr_view view;
    mr_http_server *_Atomic http;
    int64_t compared_at; /* monotonic ms of the last look for growth */
    bool unequal;        /* at that look */
    bool was_ready;
    mr_losses losses;
};

static int64_t now_ms(void) {
    return mr_monotonic_ns() / 1000000;
}

mr_status mr_application_new(const mr_configuration *configuration, void (*bind_next_to)(uint16_t port),
                             mr_application **made, mr_error *error) {
    mr_application *a = mr_alloc_zero(1, sizeof *a);
    if (a == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    a->configuration = configuration;
    a->bind_next_to = bind_next_to;
    mr_type_slots_init(&a->slots);
    *made = a;
    return MR_OK;
}

/* ---- Start ---- */

static mr_status start_broker(mr_application *a, mr_error *error) {
    const mr_configuration *c = a->configuration;
    if (c->embedded == MR_PORT_OFF) return MR_OK;
    int32_t partitions = (int32_t)c->topics_partitions;
    mr_embedded_topic topics[] = {{c->records_topic, partitions},
                                  {c->results_topic, partitions},
                                  {c->errors_topic, partitions},
                                  {c->models_topic, 1}};
    mr_embedded_options options = {
        .port = (uint16_t)c->embedded, .bind_next_to = a->bind_next_to, .topics = topics, .topic_count = 4};
    mr_status status = mr_embedded_start(&options, &a->broker, error);
    if (status == MR_OK)
        mr_log(MR_LOG_INFO, "broker",
               "embedded broker listens on %s; it keeps 5 MB per partition, in memory only",
               mr_embedded_bootstrap(a->broker));
    return status;
}

static mr_status open_error_sink(void *context, mr_sink **sink, mr_error *error) {
    const mr_application *a = context;
    const mr_kafka_topic *errors = &a->topics.items[MR_TOPIC_ERRORS];
    mr_kafka_sink_options options = {
        .errors = {.topic = errors->name, .max_message_bytes = errors->limits.max_message_bytes},
        .lane = (uint32_t)a->configuration->lanes};
    return mr_kafka_sink_new(&a->kafka, &options, sink, error);
}

static mr_status build_control(mr_application *a, mr_error *error) {
    const mr_configuration *c = a->configuration;
    mr_model_source *source = NULL;
    mr_status status = mr_published_init(&a->published, error);
    a->has_published = status == MR_OK;
    if (status == MR_OK)
        status = mr_kafka_model_source_new(&a->kafka, c->application_id, c->models_topic, &source, error);
    if (status != MR_OK) return status;
    mr_control_options options = {
        .install = {.decoder = a->decoder,
                    .encoder = a->encoder,
                    .mapping = a->mapping,
                    .mapping_count = a->mapping_count,
                    .slots = &a->slots,
                    .lanes = (uint32_t)c->lanes,
                    .all_inputs = c->models_inputs == MR_FEED_ALL_INPUTS,
                    .limits = mr_make_limits(c)},
        .published = &a->published,
        .source = source,
        .parse = mr_descriptor_parse,
        .numbering = (mr_numbering)c->models_descriptor,
        .instance_id = c->instance_id,
        .open_sink = open_error_sink,
        .context = a,
    };
    status = mr_control_new(&options, &a->control, error);
    if (status != MR_OK) source->ops->close(source);
    return status;
}

static mr_status build_lanes(mr_application *a, mr_error *error) {
    mr_lanes_options options = {.configuration = a->configuration,
                                .kafka = &a->kafka,
                                .topics = &a->topics,
                                .published = &a->published};
    mr_lanes *lanes;
    mr_status status = mr_lanes_new(&options, &lanes, error);
    if (status != MR_OK) return status;
    a->stats = (mr_stats){.application_id = a->configuration->application_id,
                          .instance_id = a->configuration->instance_id,
                          .published = &a->published,
                          .control = a->control,
                          .slots = &a->slots,
                          .counters = mr_lanes_counters(lanes),
                          .lanes = mr_lanes_statuses(lanes),
                          .lane_count = (uint32_t)a->configuration->lanes};
    a->view = mr_stats_view(&a->stats);
    a->lanes = lanes;
    if (a->stops > 0) mr_lanes_stop(lanes); /* told to stop while they were made */
    return MR_OK;
}

static mr_status start_http(mr_application *a, mr_error *error) {
    const mr_configuration *c = a->configuration;
    if (c->http_port == MR_PORT_OFF) return MR_OK;
    mr_http_options options = {.address = c->http_address,
                               .port = (uint16_t)c->http_port,
                               .connections = (uint32_t)c->http_connections,
                               .default_type = c->serving_default_type};
    mr_http_server *http;
    mr_status status = mr_http_server_start(&options, &a->view, &http, error);
    if (status != MR_OK) return status;
    a->http = http;
    bool six = strchr(c->http_address, ':') != NULL; /* IPv6 stands in brackets */
    mr_log(MR_LOG_INFO, "http", "state, metrics and health at http://%s%s%s:%d/", six ? "[" : "",
           c->http_address, six ? "]" : "", mr_http_server_port(http));
    return MR_OK;
}

static mr_status start_control(mr_application *a, mr_error *error) {
    mr_status status = mr_control_start(a->control, error);
    a->control_started = status == MR_OK;
    return status;
}

mr_status mr_application_start(mr_application *a, mr_error *error) {
    const mr_configuration *c = a->configuration;
    mr_status status = start_broker(a, error);
    const char *bootstrap = a->broker ? mr_embedded_bootstrap(a->broker) : NULL;
    if (status == MR_OK) status = mr_make_kafka_config(c, bootstrap, &a->kafka, error);
    if (status == MR_OK) status = mr_topics_open(c, &a->kafka, &a->stops, &a->topics, error);
    if (status == MR_OK) status = mr_make_decoder(c, &a->decoder, error);
    if (status == MR_OK) status = mr_make_encoder(c, &a->encoder, error);
    if (status == MR_OK) status = mr_make_mapping(c, &a->mapping, &a->mapping_count, error);
    if (status == MR_OK) status = build_control(a, error);
    if (status == MR_OK) status = build_lanes(a, error);
    /* HTTP first: a port in use is found before any record is taken. */
    if (status == MR_OK) status = start_http(a, error);
    if (status == MR_OK) status = start_control(a, error);
    a->compared_at = now_ms();
    return status;
}

/* ---- Watch ---- */

/* Lanes begin when the models of the start are loaded: before that a record would find no model. */
static mr_status begin_when_ready(mr_application *a, mr_error *error) {
    if (a->was_ready || !mr_control_ready(a->control)) return MR_OK;
    a->was_ready = true;
    mr_status status = mr_lanes_start(a->lanes, error);
    if (status != MR_OK) return status;
    mr_log(MR_LOG_INFO, "millrace", "ready: \"%s\" scores %s with %u lane%s, results go to %s",
           a->configuration->application_id, a->configuration->records_topic,
           (unsigned)a->configuration->lanes, a->configuration->lanes == 1 ? "" : "s",
           a->configuration->results_topic);
    return MR_OK;
}

/* Two topics do not grow at the same moment: only what differs twice ends it. Meanwhile the records of
 * partitions without a counterpart wait. */
static mr_status look_for_growth(mr_application *a, mr_error *error) {
    mr_status status = mr_topics_compare(&a->topics, error);
    bool again = a->unequal;
    a->unequal = status == MR_CONFLICT;
    if (status != MR_CONFLICT || again) return status;
    mr_log_error(MR_LOG_WARN, "topics", "unequal; stopping if they stay so", error);
    return MR_OK;
}

static mr_status check(mr_application *a, mr_error *error) {
    if (a->stops > 0) return mr_fail(error, MR_CANCELLED, NULL, "told to stop");
    if (a->broker != NULL && !mr_embedded_alive(a->broker, error)) return error->status;
    mr_status status = mr_lanes_check(a->lanes, error);
    if (status != MR_OK) return status;
    if (mr_control_failed(a->control))
        return mr_fail(error, MR_UNAVAILABLE, a->configuration->models_topic,
                       "the models topic cannot be read any more");
    status = begin_when_ready(a, error);
    if (status != MR_OK) return status;
    mr_losses_report(&a->losses, a->configuration, a->stats.counters, a->stats.lane_count, now_ms());
    if (now_ms() - a->compared_at < GROWTH_CHECK_MS) return MR_OK;
    a->compared_at = now_ms();
    return look_for_growth(a, error);
}

mr_status mr_application_watch(mr_application *a, int timeout_ms, mr_error *error) {
    int64_t end = now_ms() + timeout_ms;
    for (;;) {
        mr_status status = check(a, error);
        int64_t left = end - now_ms();
        if (status != MR_OK || left <= 0) return status;
        if (left > WATCH_MS) left = WATCH_MS;
        struct timespec pause = {0, left * 1000000};
        nanosleep(&pause, NULL); /* a signal ends it early */
    }
}

void mr_application_stop(mr_application *a) {
    mr_lanes *lanes = a->lanes;
    int before = atomic_fetch_add(&a->stops, 1);
    if (lanes == NULL) return;
    if (before == 0) mr_lanes_stop(lanes);
    else mr_lanes_abort(lanes);
}

/* ---- Finish ---- */

static void free_codecs(mr_application *a) {
    mr_free(a->mapping);
    if (a->encoder != NULL) a->encoder->ops->free(a->encoder);
    if (a->decoder != NULL) a->decoder->ops->free(a->decoder);
    a->mapping = NULL;
    a->encoder = NULL;
    a->decoder = NULL;
}

mr_status mr_application_finish(mr_application *a, mr_error *error) {
    mr_status status = MR_OK;
    mr_lanes *lanes = a->lanes;
    if (lanes != NULL) {
        if (a->stops == 0) mr_application_stop(a);
        status = mr_lanes_join(lanes, error);
        a->losses.told_at = 0; /* the last ones too */
        mr_losses_report(&a->losses, a->configuration, a->stats.counters, a->stats.lane_count, now_ms());
    }
    mr_http_server_stop(a->http); /* answers while the lanes drain */
    a->http = NULL;
    if (a->control_started) {
        mr_error why;
        mr_control_stop(a->control);
        if (mr_control_join(a->control, &why) != MR_OK) mr_log_error(MR_LOG_WARN, "control", "ended", &why);
        a->control_started = false;
    }
    a->lanes = NULL;
    mr_lanes_free(lanes);
    mr_control_free(a->control);
    a->control = NULL;
    if (a->has_published) mr_published_destroy(&a->published);
    a->has_published = false;
    free_codecs(a);
    mr_topics_close(&a->topics);
    mr_free_kafka_config(&a->kafka);
    mr_embedded_stop(a->broker);
    a->broker = NULL;
    return status;
}

mr_status mr_application_run(mr_application *a, mr_error *error) {
    mr_error finish_error;
    mr_status status = mr_application_start(a, error);
    const char *doing = status == MR_OK ? "stopping" : "cannot start";
    while (status == MR_OK) status = mr_application_watch(a, 1000, error);
    if (status == MR_CANCELLED)
        mr_log(MR_LOG_INFO, "millrace", "stopping: waiting for results to be acknowledged");
    else mr_log_error(MR_LOG_ERROR, "millrace", doing, error);
    mr_status finished = mr_application_finish(a, &finish_error);
    if (status != MR_CANCELLED) return status;
    if (finished != MR_OK) *error = finish_error;
    return finished;
}

void mr_application_free(mr_application *a) {
    if (a == NULL) return;
    mr_error ignored;
    mr_application_finish(a, &ignored);
    mr_type_slots_free(&a->slots);
    mr_free(a);
}

const mr_view *mr_application_view(const mr_application *a) {
    return &a->view;
}

const char *mr_application_bootstrap(const mr_application *a) {
    return a->broker ? mr_embedded_bootstrap(a->broker) : a->configuration->bootstrap;
}

int mr_application_http_port(const mr_application *a) {
    mr_http_server *http = a->http;
    return http ? mr_http_server_port(http) : 0;
}

const char *mr_application_kafka_version(void) {
    return mr_kafka_library_version();
}
