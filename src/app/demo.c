/* One loop on one thread: send what is due, read what came out, look after the server, and once a second
 * say how it goes. The server's own threads do the rest, as they always do.
 */
#include "app/demo.h"

#include <inttypes.h>
#include <string.h>

#include "app/application.h"
#include "app/components.h"
#include "app/demo_check.h"
#include "app/demo_feed.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

enum { READY_MS = 60000, SETTLE_MS = 20000, MODEL_EVERY_MS = 10000 };

typedef struct demo {
    const mr_demo_options *options;
    mr_configuration configuration;
    mr_settings settings;
    mr_application *application;
    mr_kafka_config kafka;
    mr_demo_feed *feed;
    mr_demo_check *check;
    int64_t start_ms; /* of the records */
    int64_t told_ms;  /* of the last live line */
    int models_sent;
    int64_t model_sent_at; /* wall clock, of the last */
    char serving[64];      /* model in service; empty: none yet */
    int swaps;
    uint64_t drops;
    bool live_line; /* the cursor stands in one */
} demo;

static int64_t now_ms(void) {
    return mr_monotonic_ns() / 1000000;
}

static bool stopped(const demo *d) {
    return d->options->stop != NULL && *d->options->stop != 0;
}

/* ---- Configuration ---- */

static mr_status configure(demo *d, mr_error *error) {
    char http[16], broker[16];
    snprintf(http, sizeof http, d->options->http_port < 0 ? "off" : "%d", d->options->http_port);
    snprintf(broker, sizeof broker, "%d", d->options->broker_port);
    const char *const keys[][2] = {
        {"application.id", "millrace-demo"}, {"embedded", broker},       {"http.port", http},
        {"records.format", "json"},          {"results.format", "json"}, {"commit.interval", "1s"}};
    mr_option_table table = {mr_configuration_options, mr_configuration_option_count, &d->configuration};
    mr_status status = mr_settings_init(&d->settings, &table, 1, error);
    mr_problems *problems = mr_alloc_zero(1, sizeof *problems);
    if (problems == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    for (size_t i = 0; status == MR_OK && i < sizeof keys / sizeof *keys; i++)
        mr_settings_set(&d->settings, keys[i][0], keys[i][1], 2, NULL, problems);
    if (status == MR_OK) mr_configuration_check(&d->configuration, &d->settings, problems);
    if (problems->count > 0) {
        *error = problems->items[0];
        status = MR_INVALID_ARGUMENT;
    }
    mr_free(problems);
    return status;
}

static mr_status build(demo *d, mr_error *error) {
    const mr_configuration *c = &d->configuration;
    mr_status status = configure(d, error);
    if (status == MR_OK) status = mr_application_new(c, d->options->bind_next_to, &d->application, error);
    if (status == MR_OK) status = mr_application_start(d->application, error);
    if (status == MR_OK)
        status = mr_make_kafka_config(c, mr_application_bootstrap(d->application), &d->kafka, error);
    if (status == MR_OK)
        status =
            mr_demo_feed_new(d->options->data, &d->kafka, c->records_topic, c->models_topic, &d->feed, error);
    if (status == MR_OK)
        status = mr_demo_check_new(&d->kafka, c->results_topic, c->errors_topic, d->feed,
                                   d->options->lose_one, &d->check, error);
    return status;
}

/* ---- Say ---- */

/* Ends the live line, so that a line of its own can follow. */
static void end_live_line(demo *d) {
    if (d->live_line) fputc('\n', d->options->out);
    d->live_line = false;
}

/* "12,345" */
static const char *grouped(uint64_t number, char text[32]) {
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number), at = 0;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0) text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

static double percent(uint64_t part, uint64_t whole) {
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void say_urls(const demo *d) {
    FILE *out = d->options->out;
    int port = mr_application_http_port(d->application);
    fprintf(out, "The Kafka broker inside listens on %s:\n", mr_application_bootstrap(d->application));
    fprintf(out, "  %s read -b %s models_results     kcat -C -b %s -t models_results\n", d->options->program,
            mr_application_bootstrap(d->application), mr_application_bootstrap(d->application));
    if (port > 0) {
        fprintf(out, "State, models and metrics, while it runs:\n");
        fprintf(out, "  curl http://127.0.0.1:%d/state          curl http://127.0.0.1:%d/models\n", port,
                port);
        fprintf(out, "  curl http://127.0.0.1:%d/metrics        curl http://127.0.0.1:%d/readyz\n", port,
                port);
    }
    fputc('\n', out);
    fflush(out);
}

static void say_live(demo *d, int64_t now) {
    mr_demo_second second = mr_demo_check_take(d->check);
    char rate[32], drops[32];
    double seconds = (double)(now - d->told_ms) / 1000;
    grouped((uint64_t)((double)second.results / seconds + 0.5), rate);
    grouped(d->drops, drops);
    fprintf(
        d->options->out,
        "%s%4" PRId64
        " s  %7s records/s  %-18s accuracy %5.1f %%  latency p50 %.0f ms p99 %.0f ms  swaps %d  drops %s%s",
        d->options->terminal ? "\r\033[K" : "", (now - d->start_ms) / 1000, rate, d->serving,
        percent(second.right, second.results), second.p50, second.p99, d->swaps, drops,
        d->options->terminal ? "" : "\n");
    d->live_line = d->options->terminal;
    fflush(d->options->out);
    d->told_ms = now;
}

/* ---- Watch ---- */

static uint64_t dropped_in(const mr_snapshot *snapshot) {
    uint64_t drops = 0;
    for (size_t i = 0; i < snapshot->counter_count; i++)
        if (strcmp(snapshot->counters[i].name, "records") == 0 &&
            strcmp(snapshot->counters[i].outcome, "dropped") == 0)
            drops += snapshot->counters[i].value;
    return drops;
}

static void say_swap(demo *d, const mr_state *state) {
    int64_t took = state->since - d->model_sent_at;
    end_live_line(d);
    if (d->serving[0] == '\0') {
        fprintf(d->options->out, "model %s serves: loaded in %.1f ms\n", state->name, state->load);
    } else {
        d->swaps++;
        fprintf(d->options->out,
                "swap %d: %s takes over from %s: loaded in %.1f ms, in service %" PRId64
                " ms after it was sent\n",
                d->swaps, state->name, d->serving, state->load, took < 0 ? 0 : took);
    }
    fflush(d->options->out);
    snprintf(d->serving, sizeof d->serving, "%s", state->name);
}

/* *ready: all is there to score the first record. */
static mr_status look(demo *d, bool *ready, mr_error *error) {
    const mr_view *view = mr_application_view(d->application);
    mr_snapshot snapshot;
    mr_status status = view->snapshot(view->context, &snapshot, error);
    if (status != MR_OK) return status;
    *ready = snapshot.ready && snapshot.state_count > 0 && snapshot.partition_count > 0;
    d->drops = dropped_in(&snapshot);
    if (snapshot.state_count > 0 && strcmp(snapshot.states[0].name, d->serving) != 0)
        say_swap(d, &snapshot.states[0]);
    mr_snapshot_free(&snapshot);
    return MR_OK;
}

static mr_status send_model(demo *d, mr_error *error) {
    d->model_sent_at = mr_wall_ms();
    return mr_demo_feed_model(d->feed, d->models_sent++, error);
}

/* ---- Phases ---- */

static mr_status wait_until_ready(demo *d, mr_error *error) {
    int64_t begin = now_ms();
    bool ready = false;
    mr_status status = send_model(d, error);
    while (status == MR_OK && !ready && !stopped(d)) {
        mr_demo_feed_poll(d->feed);
        status = mr_application_watch(d->application, 50, error);
        if (status == MR_OK) status = look(d, &ready, error);
        if (status == MR_OK && !ready && now_ms() - begin > READY_MS)
            status =
                mr_fail(error, MR_TIMEOUT, "demo", "the server was not ready within %d s", READY_MS / 1000);
    }
    return status;
}

static bool over(const demo *d, int64_t now) {
    return stopped(d) || (d->options->duration_ms > 0 && now - d->start_ms >= d->options->duration_ms);
}

static mr_status stream(demo *d, mr_error *error) {
    int64_t every = d->options->duration_ms > 0 ? d->options->duration_ms / MR_DEMO_MODELS : MODEL_EVERY_MS;
    mr_status status = MR_OK;
    d->start_ms = d->told_ms = now_ms();
    for (int64_t now = d->start_ms; status == MR_OK && !over(d, now); now = now_ms()) {
        bool ready;
        double due = (double)(now - d->start_ms) * (double)d->options->rate / 1000;
        status = mr_demo_feed_records(d->feed, (uint64_t)due, error);
        if (status == MR_OK && d->models_sent < MR_DEMO_MODELS && now - d->start_ms >= d->models_sent * every)
            status = send_model(d, error);
        mr_demo_feed_poll(d->feed);
        if (status == MR_OK) status = mr_demo_check_poll(d->check, 2, error);
        if (status == MR_OK) status = mr_application_watch(d->application, 0, error);
        if (status == MR_OK) status = look(d, &ready, error);
        if (status == MR_OK && now - d->told_ms >= 1000) say_live(d, now);
    }
    return status;
}

/* Until every record is accounted for, or no more comes. */
static mr_status settle(demo *d, uint64_t *lost, mr_error *error) {
    int64_t begin = now_ms();
    mr_status status = mr_demo_feed_finish(d->feed, error);
    *lost = UINT64_MAX;
    while (status == MR_OK && *lost > 0 && now_ms() - begin < SETTLE_MS) {
        bool ready;
        status = mr_demo_check_poll(d->check, 100, error);
        if (status == MR_OK) status = look(d, &ready, error);
        mr_demo_books books = mr_demo_check_books(d->check);
        uint64_t ended = books.results + books.dead_letters + d->drops, sent = mr_demo_feed_sent(d->feed);
        *lost = ended < sent ? sent - ended : 0;
        bool quiet = mr_demo_check_take(d->check).results == 0;
        if (quiet && now_ms() - begin > SETTLE_MS / 4) break;
    }
    return status;
}

static void say_summary(demo *d, uint64_t lost) {
    FILE *out = d->options->out;
    char text[4][32];
    mr_demo_books books = mr_demo_check_books(d->check);
    size_t count;
    const mr_demo_model *models = mr_demo_check_models(d->check, &count);
    end_live_line(d);
    fprintf(out, "\nSummary, counted by a second consumer\n");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  %-18s %9s results, %5.1f %% right\n", models[i].name,
                grouped(models[i].results, text[0]), percent(models[i].right, models[i].results));
    fprintf(out, "  %s records sent = %s results + %s dead letters + %s counted drops",
            grouped(mr_demo_feed_sent(d->feed), text[0]), grouped(books.results, text[1]),
            grouped(books.dead_letters, text[2]), grouped(d->drops, text[3]));
    fprintf(out, lost ? " + %s LOST\n" : "\n", grouped(lost, text[0]));
    fprintf(out, "  %d swaps, %s results twice, %s\n", d->swaps, grouped(books.twice, text[1]),
            lost ? "RECORDS WERE LOST" : "nothing lost");
    fflush(out);
}

static mr_status run(demo *d, uint64_t *lost, mr_error *error) {
    fprintf(d->options->out, "Starting a broker and the server (the consumer group takes about 3 s)...\n");
    fflush(d->options->out);
    mr_status status = build(d, error);
    if (status == MR_OK) status = wait_until_ready(d, error);
    if (status != MR_OK || d->serving[0] == '\0') return status;
    say_urls(d);
    status = stream(d, error);
    if (status == MR_OK) status = settle(d, lost, error);
    if (status == MR_OK) say_summary(d, *lost);
    return status;
}

mr_status mr_demo(const mr_demo_options *options, uint64_t *lost, mr_error *error) {
    demo *d = mr_alloc_zero(1, sizeof *d);
    if (d == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    d->options = options;
    *lost = 0;
    mr_log_configure(MR_LOG_ERROR, MR_LOG_TEXT);
    mr_status status = run(d, lost, error);
    end_live_line(d);
    mr_demo_check_free(d->check);
    mr_demo_feed_free(d->feed);
    mr_free_kafka_config(&d->kafka);
    mr_error finish_error;
    mr_status finished = d->application ? mr_application_finish(d->application, &finish_error) : MR_OK;
    if (status == MR_OK && finished != MR_OK) {
        *error = finish_error;
        status = finished;
    }
    mr_application_free(d->application);
    mr_settings_free(&d->settings);
    mr_free(d);
    return status;
}
