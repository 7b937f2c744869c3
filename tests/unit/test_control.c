/* Control over doubles, step by step: which model serves, what is refused and why, and that a restart chooses
 * alike. */
#include "base/log.h"
#include "control_desk.h"

static void loads_only_winners_at_start(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    publish(&d, 0, "wine|a|1|sum 1 a", 10);
    publish(&d, 0, "wine|b|2|sum 1 a", 20);
    publish(&d, 1, "wine|c|3|sum 1 a", 15);
    publish(&d, 1, "beer|d||sum 1 a", 5);
    desk_start(&d);
    steps(&d, 1);
    assert_false(mr_control_ready(d.control));
    assert_string_equal(serving(&d, "wine"), "");
    desk_read(&d);
    assert_true(mr_control_ready(d.control));
    assert_string_equal(serving(&d, "wine"), "b 2");
    assert_string_equal(serving(&d, "beer"), "d 1:1"); /* no version: where it came from */
    assert_int_equal(loads, 2);
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_PUBLISHED), 2);
    desk_close(&d);
}

static void ready_without_models(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    desk_start(&d);
    desk_read(&d);
    assert_true(mr_control_ready(d.control));
    desk_close(&d);
}

static void bad_ones_at_start_are_counted_only(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    publish(&d, 0, "wine|good|1|sum 1 a", 10);
    publish(&d, 0, "wine|bad|2|nonsense", 20);
    publish(&d, 0, "no descriptor", 30);
    desk_start(&d);
    desk_read(&d);
    assert_string_equal(serving(&d, "wine"), "good 1");
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_REJECTED), 2);
    assert_int_equal(double_deliveries_count(d.server.deliveries), 0);
    desk_close(&d);
}

static void bad_ones_later_are_dead_lettered(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    publish(&d, 0, "wine|good|1|sum 1 a", 10);
    desk_start(&d);
    desk_read(&d);
    publish(&d, 0, "wine|bad|2|nonsense", 20);
    publish(&d, 0, "no descriptor", 30);
    publish(&d, 0, "wine|late|0|rubbish", 1);  /* newest of its partition */
    publish(&d, 1, "wine|other|0|rubbish", 1); /* older than what serves: tried all the same */
    publish(&d, 1, "|nameless|0|sum 1 a", 1);
    desk_read(&d);
    assert_string_equal(serving(&d, "wine"), "good 1");
    assert_int_equal(double_deliveries_count(d.server.deliveries), 5);
    const double_message *letter = double_deliveries_get(d.server.deliveries, 0);
    assert_int_equal(letter->destination, MR_TO_ERRORS);
    assert_string_equal(letter->key, "models-0-1");
    assert_string_equal(letter->value, "wine|bad|2|nonsense");
    assert_non_null(strstr(letter->headers, "__connect.errors.topic=models\n"));
    assert_non_null(strstr(letter->headers, "__connect.errors.partition=0\n"));
    assert_non_null(strstr(letter->headers, "__connect.errors.offset=1\n"));
    assert_non_null(strstr(letter->headers, "exception.class.name=syntax\n"));
    assert_non_null(strstr(letter->headers, "exception.message=models[0]@1: not a sum model\n"));
    assert_non_null(strstr(letter->headers, "millrace.instance=one\n"));
    assert_string_equal(double_deliveries_get(d.server.deliveries, 3)->key, "models-1-0");
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_REJECTED), 5);
    desk_close(&d);
}

static void tombstones_bring_older_ones_back(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    desk_start(&d);
    double_model_source_append(d.source, 0, "k1", "wine|a|1|sum 1 a", 10);
    double_model_source_append(d.source, 0, "k2", "wine|b|2|sum 1 a", 20);
    desk_read(&d);
    assert_string_equal(serving(&d, "wine"), "b 2");
    double_model_source_append(d.source, 0, "other", NULL, 30);
    double_model_source_append(d.source, 0, "k2", NULL, 30);
    desk_read(&d);
    assert_string_equal(serving(&d, "wine"), "a 1");
    double_model_source_append(d.source, 0, "k1", NULL, 40);
    desk_read(&d);
    assert_string_equal(serving(&d, "wine"), "");
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_RETIRED), 2);
    assert_int_equal(double_models_alive(), 0);
    desk_close(&d);
}

static void refuses_by_reason(void **state) {
    (void)state;
    static const struct {
        const char *message, *reason;
    } cases[] = {
        {"wine|g|1|group 2 a", "one result for a group of rows"},
        {"wine|x|1|sum 1 zzz yyy",
         "no field of the records feeds 2 of the model's 2 inputs: \"zzz\", \"yyy\""},
        {"wine|x|sha256:00|sum 1 a", "the descriptor promises 00"},
    };
    desk d;
    desk_open(&d);
    desk_start(&d);
    desk_read(&d);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        publish(&d, 0, cases[i].message, 1);
        desk_read(&d);
        assert_int_equal(double_deliveries_count(d.server.deliveries), i + 1);
        const char *headers = double_deliveries_get(d.server.deliveries, i)->headers;
        if (strstr(headers, cases[i].reason) == NULL) print_message("%s\n", headers);
        assert_non_null(strstr(headers, cases[i].reason));
    }
    publish(&d, 0, "wine|half|1|sum 1 a zzz", 1); /* one input is fed: a warning */
    desk_read(&d);
    assert_string_equal(serving(&d, "wine"), "half 1");
    desk_close(&d);
}

static void checks_the_digest(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    desk_start(&d);
    publish(&d, 0, "wine|x|sha256:" DIGEST "|sum 1 a", 1);
    desk_read(&d);
    assert_string_equal(serving(&d, "wine"), "x 0:0");
    mr_model_set *set = NULL;
    mr_published_refresh(&d.server.published, &set);
    assert_string_equal(set->served[0]->identity.sha256, DIGEST);
    mr_published_release(&d.server.published, set);
    desk_close(&d);
}

static void all_inputs_may_be_asked_for(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    d.server.install.all_inputs = true;
    desk_start(&d);
    publish(&d, 0, "wine|half|1|sum 1 a zzz", 1);
    desk_read(&d);
    assert_string_equal(serving(&d, "wine"), "");
    desk_close(&d);
}

static void schema_grows_by_what_models_ask_for(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    mr_name_mapping mapping = {"fixed acidity", "fa"};
    d.server.decoder->ops->free(d.server.decoder);
    d.server.install.decoder = d.server.decoder = double_decoder_new(NULL, 0);
    d.server.install.mapping = &mapping;
    d.server.install.mapping_count = 1;
    desk_start(&d);
    publish(&d, 0, "wine|x|1|sum 1 c d", 1);
    publish(&d, 0, "beer|y|1|sum 1 d e", 2);
    desk_read(&d);
    mr_model_set *set = NULL;
    mr_published_refresh(&d.server.published, &set);
    assert_int_equal(set->count, 2);
    assert_int_equal(mr_schema_count(set->schema), 3);
    mr_published_release(&d.server.published, set);
    desk_close(&d);
}

static void data_types_are_bounded(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    for (int i = 0; i < MR_DATA_TYPES_MAX + 5; i++) {
        char text[64];
        snprintf(text, sizeof text, "type%d|m|1|sum 1 a", i);
        publish(&d, 0, text, i);
    }
    desk_start(&d);
    desk_read(&d);
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_PUBLISHED), MR_DATA_TYPES_MAX - 1);
    assert_int_equal(mr_control_updates(d.control, MR_UPDATE_REJECTED), 6);
    desk_close(&d);
}

static void long_lines_keep_what_loads(void **state) {
    (void)state;
    for (int live = 0; live < 2; live++) {
        desk d;
        desk_open(&d);
        if (live) desk_start(&d);
        if (live) desk_read(&d);
        publish(&d, 0, "wine|good|1|sum 1 a", 1);
        for (int i = 0; i < 300; i++) publish(&d, 0, "wine|bad|2|nonsense", 2 + i);
        if (!live) desk_start(&d);
        desk_read(&d);
        assert_string_equal(serving(&d, "wine"), "good 1");
        publish(&d, 0, "wine|new|3|sum 1 a", 1); /* there is room for it */
        desk_read(&d);
        assert_string_equal(serving(&d, "wine"), "new 3");
        desk_close(&d);
    }
}

static void memory_for_messages_is_bounded(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    d.options.candidate_bytes = 40; /* two messages */
    double_model_source_append(d.source, 0, "a", "wine|a|1|sum 1 a", 1);
    double_model_source_append(d.source, 0, "b", "wine|b|2|sum 1 a", 2);
    double_model_source_append(d.source, 0, "c", "wine|c|3|sum 1 a", 3);
    double_model_source_append(d.source, 0, "d", "beer|d|4|sum 1 a", 4);
    double_model_source_append(d.source, 0, "e", "milk|e|5|sum 1 a", 5); /* more newest ones than fit */
    desk_start(&d);
    desk_read(&d);
    assert_string_equal(serving(&d, "wine"), "c 3");
    assert_string_equal(serving(&d, "beer"), "d 4");
    assert_string_equal(serving(&d, "milk"), "e 5");
    desk_close(&d);
}

/* ---- The choice is the same after a restart, whatever happened in which order ---- */

enum { EVENTS = 40, PARTITIONS = 3 };

typedef struct event {
    int32_t partition;
    char key[8], value[64];
    bool tombstone;
    int64_t timestamp;
} event;

static unsigned draw(unsigned *seed, unsigned below) {
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % below;
}

static void make_events(event *events, unsigned seed) {
    for (int i = 0; i < EVENTS; i++) {
        event *e = &events[i];
        *e = (event){.partition = (int32_t)draw(&seed, PARTITIONS), .timestamp = draw(&seed, 50)};
        const char *type = draw(&seed, 2) ? "wine" : "beer";
        snprintf(e->key, sizeof e->key, "k%u", draw(&seed, 4));
        snprintf(e->value, sizeof e->value, "%s|m|%d|%s", type, i, draw(&seed, 3) ? "sum 1 a" : "nonsense");
        e->tombstone = draw(&seed, 6) == 0;
    }
}

static void append_event(desk *d, const event *e) {
    double_model_source_append(d->source, e->partition, e->key, e->tombstone ? NULL : e->value, e->timestamp);
}

static void a_restart_chooses_alike(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 40; seed++) {
        event events[EVENTS];
        desk live, again;
        make_events(events, seed);
        desk_open(&live);
        desk_start(&live);
        desk_read(&live);
        for (int i = 0; i < EVENTS; i++) {
            append_event(&live, &events[i]);
            steps(&live, 1);
        }
        char wine[64], beer[64];
        snprintf(wine, sizeof wine, "%s", serving(&live, "wine"));
        snprintf(beer, sizeof beer, "%s", serving(&live, "beer"));
        desk_close(&live);
        desk_open(&again); /* reads partition after partition */
        for (int partition = PARTITIONS - 1; partition >= 0; partition--) {
            for (int i = 0; i < EVENTS; i++) {
                if (events[i].partition == partition) append_event(&again, &events[i]);
            }
        }
        desk_start(&again);
        desk_read(&again);
        if (strcmp(serving(&again, "wine"), wine) != 0) print_message("seed %u\n", seed);
        assert_string_equal(serving(&again, "wine"), wine);
        assert_string_equal(serving(&again, "beer"), beer);
        desk_close(&again);
    }
}

static _Bool scarce(void *context) {
    return draw(context, 8) != 0;
}

static void survives_without_memory(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 30; seed++) {
        desk d;
        event events[EVENTS];
        unsigned luck = seed;
        make_events(events, seed);
        desk_open(&d);
        desk_start(&d);
        mr_set_alloc_hook(scarce, &luck);
        for (int i = 0; i < EVENTS; i++) {
            append_event(&d, &events[i]);
            steps(&d, 1);
        }
        mr_set_alloc_hook(NULL, NULL);
        for (int32_t partition = 0; partition < PARTITIONS; partition++)
            publish(&d, partition, "wine|last|9|sum 1 a", 99);
        desk_read(&d);
        assert_string_equal(serving(&d, "wine"), "last 9");
        desk_close(&d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_only_winners_at_start),
        cmocka_unit_test(ready_without_models),
        cmocka_unit_test(bad_ones_at_start_are_counted_only),
        cmocka_unit_test(bad_ones_later_are_dead_lettered),
        cmocka_unit_test(tombstones_bring_older_ones_back),
        cmocka_unit_test(refuses_by_reason),
        cmocka_unit_test(checks_the_digest),
        cmocka_unit_test(all_inputs_may_be_asked_for),
        cmocka_unit_test(schema_grows_by_what_models_ask_for),
        cmocka_unit_test(data_types_are_bounded),
        cmocka_unit_test(long_lines_keep_what_loads),
        cmocka_unit_test(memory_for_messages_is_bounded),
        cmocka_unit_test(a_restart_chooses_alike),
        cmocka_unit_test(survives_without_memory),
    };
    mr_log_configure(MR_LOG_ERROR, MR_LOG_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
