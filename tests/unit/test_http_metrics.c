/* /metrics: the series and their values, escaping, histograms, and what promtool finds (nothing). */
#include "http_double.h"

#include <time.h>

static view_double measured(void) {
    view_double view = two_types();
    view.counters[0] = (mr_counter){"records", "scored", words("wine"), 1200};
    view.counters[1] = (mr_counter){"records", "dead_lettered", words(""), 3};
    view.counters[2] = (mr_counter){"model_updates", "published", words(""), 7};
    view.counters[3] = (mr_counter){"model_updates", "rejected", words(""), 1};
    view.counter_count = 4;
    view.partitions[1] = (mr_partition_state){
        .topic = words("models_data"), .partition = 3, .lag = -1, .stopped_because = words("fenced")};
    view.partition_count = 2;
    view.latencies[0] = (mr_latency){.data_type = words("wine"), .count = 7, .seconds = 0.25};
    view.latencies[0].buckets[0] = 2;
    view.latencies[0].buckets[11] = 5;
    view.latency_count = 1;
    return view;
}

static reply scrape(view_double *view) {
    mr_http_server *server = serve(view, NULL);
    reply answer = get(mr_http_server_port(server), "/metrics");
    mr_http_server_stop(server);
    assert_int_equal(answer.status, 200);
    return answer;
}

static void has_line(const reply *answer, const char *line) {
    char text[512];
    snprintf(text, sizeof text, "\n%s\n", line);
    if (strstr(answer->body, text) == NULL) fail_msg("no line: %s\nin:\n%s", line, answer->body);
}

static void series_say_what_the_view_counts(void **state) {
    (void)state;
    view_double view = measured();
    reply answer = scrape(&view);
    assert_non_null(strstr(answer.head, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    has_line(&answer, "millrace_records_total{data_type=\"wine\",outcome=\"scored\"} 1200");
    has_line(&answer, "millrace_records_total{data_type=\"\",outcome=\"dead_lettered\"} 3");
    has_line(&answer, "millrace_model_updates_total{outcome=\"published\"} 7");
    has_line(&answer, "millrace_model_updates_total{outcome=\"rejected\"} 1");
    has_line(&answer, "millrace_model_info{data_type=\"wine\",model=\"forest\",version=\"0:7\",sha256=\""
                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"} 1");
    has_line(&answer, "millrace_model_since_timestamp_seconds{data_type=\"wine\"} 1700000000.123");
    has_line(&answer, "millrace_consumer_lag_records{topic=\"models_data\",partition=\"2\"} 4");
    assert_null(strstr(answer.body, "lag_records{topic=\"models_data\",partition=\"3\"")); /* not known */
    has_line(&answer, "millrace_partition_stopped{topic=\"models_data\",partition=\"2\"} 0");
    has_line(&answer, "millrace_partition_stopped{topic=\"models_data\",partition=\"3\"} 1");
    has_line(&answer, "millrace_build_info{version=\"" MR_VERSION "\"} 1");
    free_reply(&answer);
}

static void histograms_are_cumulative(void **state) {
    (void)state;
    view_double view = measured();
    reply answer = scrape(&view);
    const char *score = "millrace_score_duration_seconds";
    char line[200];
    const struct {
        const char *le;
        int count;
    } cases[] = {{"0.000004096", 0},
                 {"0.000008192", 1000},
                 {"0.000131072", 1199},
                 {"1.073741824", 1199},
                 {"+Inf", 1200}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(line, sizeof line, "%s_bucket{data_type=\"wine\",le=\"%s\"} %d", score, cases[i].le,
                 cases[i].count);
        has_line(&answer, line);
    }
    has_line(&answer, "millrace_score_duration_seconds_count{data_type=\"wine\"} 1200");
    has_line(&answer, "millrace_score_duration_seconds_sum{data_type=\"wine\"} 0.0345");
    has_line(&answer, "millrace_score_duration_seconds_count{data_type=\"iris\"} 0");
    has_line(&answer, "millrace_record_latency_seconds_bucket{data_type=\"wine\",le=\"0.000064\"} 2");
    has_line(&answer, "millrace_record_latency_seconds_bucket{data_type=\"wine\",le=\"0.002048\"} 7");
    has_line(&answer, "millrace_record_latency_seconds_sum{data_type=\"wine\"} 0.25");
    free_reply(&answer);
}

static void labels_are_escaped(void **state) {
    (void)state;
    view_double view = measured();
    view.states[0].name = words("a\"b\\c\nd\xFF\"");
    reply answer = scrape(&view);
    assert_non_null(strstr(answer.body, ",model=\"a\\\"b\\\\c\\nd\uFFFD\\\"\",version=\"0:7\""));
    free_reply(&answer);
}

static void the_process_is_measured(void **state) {
    (void)state;
    view_double view = {0};
    reply answer = scrape(&view);
    const char *names[] = {"process_cpu_seconds_total",
                           "process_resident_memory_bytes",
                           "process_virtual_memory_bytes",
                           "process_open_fds",
                           "process_max_fds",
                           "process_start_time_seconds"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char line[100];
        snprintf(line, sizeof line, "\n%s ", names[i]);
        const char *found = strstr(answer.body, line);
        if (found == NULL || strtod(found + strlen(line), NULL) <= 0) fail_msg("%s", names[i]);
    }
    const char *start = strstr(answer.body, "\nprocess_start_time_seconds ");
    double age = (double)time(NULL) - strtod(start + strlen("\nprocess_start_time_seconds "), NULL);
    assert_true(age > -60 && age < 3600); /* it is this process that started, not the machine */
    free_reply(&answer);
}

/* Debian's package prometheus has it; without it the test is skipped. */
static void promtool_finds_no_fault(void **state) {
    (void)state;
    if (system("command -v promtool >/dev/null 2>&1") != 0) skip();
    view_double full = measured(), empty = {0};
    full.states[0].name = words("a\"b\\c\nd\xFF\"");
    view_double *views[] = {&full, &empty};
    for (size_t i = 0; i < 2; i++) {
        reply answer = scrape(views[i]);
        FILE *promtool = popen("promtool check metrics", "w");
        assert_non_null(promtool);
        fputs(answer.body, promtool);
        assert_int_equal(pclose(promtool), 0);
        free_reply(&answer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_say_what_the_view_counts),
        cmocka_unit_test(histograms_are_cumulative),
        cmocka_unit_test(labels_are_escaped),
        cmocka_unit_test(the_process_is_measured),
        cmocka_unit_test(promtool_finds_no_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
