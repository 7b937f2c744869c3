/* /metrics: the Prometheus text format, version 0.0.4.
 *
 * A family is its HELP and TYPE lines, then all of its series together. What the view counts in
 * buckets of powers of two (each value in one) becomes cumulative here; a histogram's count is the
 * sum of its buckets, so that it agrees with them whatever was counted meanwhile. Only the buckets
 * that are of use are written: what is below the first is counted in it, above the last in +Inf.
 */
#include <math.h>
#include <string.h>

#include "http/process.h"
#include "http/routes.h"

enum {
    SCORE_FIRST = 6,   /* 64 nanoseconds */
    SCORE_LAST = 30,   /* 1.07 seconds */
    LATENCY_FIRST = 6, /* 64 microseconds */
    LATENCY_LAST = 26, /* 67 seconds */
};

static void family(mr_http_answer *out, const char *name, const char *type, const char *help) {
    mr_http_print(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void text(mr_http_answer *out, const char *data) {
    mr_http_append(out, data, strlen(data));
}

/* name="value", the value escaped and made UTF-8; `before` is "{" or ",". */
static void label(mr_http_answer *out, const char *before, const char *name, const char *value) {
    mr_http_print(out, "%s%s=\"", before, name);
    for (const char *at = value ? value : ""; *at != '\0';) {
        size_t plain = strcspn(at, "\\\"\n");
        mr_http_append_utf8(out, at, plain);
        at += plain;
        if (*at == '\0') break;
        text(out, *at == '\n' ? "\\n" : *at == '"' ? "\\\"" : "\\\\");
        at++;
    }
    text(out, "\"");
}

static void count(mr_http_answer *out, uint64_t value) {
    mr_http_print(out, "} %llu\n", (unsigned long long)value);
}

static void records(const mr_snapshot *snapshot, mr_http_answer *out) {
    family(out, "millrace_records_total", "counter", "Records by what became of them.");
    for (size_t i = 0; i < snapshot->counter_count; i++) {
        const mr_counter *counter = &snapshot->counters[i];
        if (strcmp(counter->name, "records") != 0) continue;
        text(out, "millrace_records_total");
        label(out, "{", "data_type", counter->data_type);
        label(out, ",", "outcome", counter->outcome);
        count(out, counter->value);
    }
}

static void model_updates(const mr_snapshot *snapshot, mr_http_answer *out) {
    family(out, "millrace_model_updates_total", "counter",
           "Messages of the models topic by what became of them.");
    for (size_t i = 0; i < snapshot->counter_count; i++) {
        const mr_counter *counter = &snapshot->counters[i];
        if (strcmp(counter->name, "model_updates") != 0) continue;
        text(out, "millrace_model_updates_total");
        label(out, "{", "outcome", counter->outcome);
        count(out, counter->value);
    }
}

static void models(const mr_snapshot *snapshot, mr_http_answer *out) {
    family(out, "millrace_model_info", "gauge", "The model in service of each data type.");
    for (size_t i = 0; i < snapshot->state_count; i++) {
        const mr_state *state = &snapshot->states[i];
        text(out, "millrace_model_info");
        label(out, "{", "data_type", state->data_type);
        label(out, ",", "model", state->name);
        label(out, ",", "version", state->version);
        label(out, ",", "sha256", state->sha256);
        text(out, "} 1\n");
    }
    family(out, "millrace_model_since_timestamp_seconds", "gauge", "When the model in service took over.");
    for (size_t i = 0; i < snapshot->state_count; i++) {
        text(out, "millrace_model_since_timestamp_seconds");
        label(out, "{", "data_type", snapshot->states[i].data_type);
        text(out, "} ");
        mr_http_append_double(out, (double)snapshot->states[i].since / 1000);
        text(out, "\n");
    }
}

/* The series of one data type. Bucket i holds what is below 2^i of `unit` seconds. */
static void histogram(mr_http_answer *out, const char *name, const char *data_type,
                      const uint64_t buckets[MR_BUCKETS], int first, int last, double unit, double sum) {
    uint64_t total = 0;
    for (int i = 0; i < MR_BUCKETS; i++) {
        total += buckets[i];
        if (i < first || (i > last && i + 1 < MR_BUCKETS)) continue;
        mr_http_print(out, "%s_bucket", name);
        label(out, "{", "data_type", data_type);
        text(out, ",le=\"");
        mr_http_append_double(out, i > last ? (double)INFINITY : ldexp(unit, i));
        text(out, "\"");
        count(out, total);
    }
    mr_http_print(out, "%s_sum", name);
    label(out, "{", "data_type", data_type);
    text(out, "} ");
    mr_http_append_double(out, sum);
    mr_http_print(out, "\n%s_count", name);
    label(out, "{", "data_type", data_type);
    count(out, total);
}

static void durations(const mr_snapshot *snapshot, mr_http_answer *out) {
    const char *name = "millrace_score_duration_seconds";
    family(out, name, "histogram",
           "Time to score a record: its share of its batch. Begins anew with each model.");
    for (size_t i = 0; i < snapshot->state_count; i++) {
        const mr_state *state = &snapshot->states[i];
        histogram(out, name, state->data_type, state->buckets, SCORE_FIRST, SCORE_LAST, 1e-9,
                  state->duration / 1000);
    }
    name = "millrace_record_latency_seconds";
    family(out, name, "histogram", "From the timestamp of a record to its result.");
    for (size_t i = 0; i < snapshot->latency_count; i++) {
        const mr_latency *latency = &snapshot->latencies[i];
        histogram(out, name, latency->data_type, latency->buckets, LATENCY_FIRST, LATENCY_LAST, 1e-6,
                  latency->seconds);
    }
}

/* The series of one partition, up to its value. */
static void partition_series(mr_http_answer *out, const char *name, const mr_partition_state *partition) {
    text(out, name);
    label(out, "{", "topic", partition->topic);
    mr_http_print(out, ",partition=\"%d\"", (int)partition->partition);
}

static void partitions(const mr_snapshot *snapshot, mr_http_answer *out) {
    const char *name = "millrace_consumer_lag_records";
    family(out, name, "gauge", "Records of a partition that are not read yet.");
    for (size_t i = 0; i < snapshot->partition_count; i++) {
        if (snapshot->partitions[i].lag < 0) continue; /* not known */
        partition_series(out, name, &snapshot->partitions[i]);
        count(out, (uint64_t)snapshot->partitions[i].lag);
    }
    name = "millrace_partition_stopped";
    family(out, name, "gauge",
           "1: no record of the partition is processed any more; /state/instance says why.");
    for (size_t i = 0; i < snapshot->partition_count; i++) {
        partition_series(out, name, &snapshot->partitions[i]);
        count(out, snapshot->partitions[i].stopped_because != NULL);
    }
}

static void figure(mr_http_answer *out, const char *name, const char *type, const char *help, double value) {
    if (isnan(value)) return;
    family(out, name, type, help);
    mr_http_print(out, "%s ", name);
    mr_http_append_double(out, value);
    text(out, "\n");
}

static void process(mr_http_answer *out) {
    mr_process_figures now = mr_process_read();
    figure(out, "process_cpu_seconds_total", "counter", "User and system CPU time.", now.cpu_seconds);
    figure(out, "process_resident_memory_bytes", "gauge", "Resident memory.", now.resident_bytes);
    figure(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.", now.virtual_bytes);
    figure(out, "process_open_fds", "gauge", "Open file descriptors.", now.open_files);
    figure(out, "process_max_fds", "gauge", "Most file descriptors that may be open.", now.most_files);
    figure(out, "process_start_time_seconds", "gauge", "Start of the process, since 1970.",
           now.start_seconds);
}

void mr_http_metrics(const mr_http_request *request, const mr_snapshot *snapshot, mr_http_answer *answer) {
    (void)request;
    answer->status = 200;
    answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
    records(snapshot, answer);
    model_updates(snapshot, answer);
    models(snapshot, answer);
    durations(snapshot, answer);
    partitions(snapshot, answer);
    family(answer, "millrace_build_info", "gauge", "The version of Millrace.");
    text(answer, "millrace_build_info");
    label(answer, "{", "version", MR_VERSION);
    text(answer, "} 1\n");
    process(answer);
}
