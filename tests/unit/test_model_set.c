/* Model sets: order and replacement, references, and publishing while lanes refresh. */
#include "lane_fixture.h"

#include <pthread.h>
#include <sched.h>

static void finds_by_data_type(void **state) {
    (void)state;
    server s;
    server_open(&s);
    server_publish(&s, "wine|a|1|sum 1 a");
    server_publish(&s, "beer|b|1|sum 2 a");
    server_publish(&s, "wines|c|1|sum 3 a");
    server_publish(&s, "win|d|1|sum 4 a");
    const mr_model_set *set = s.current;
    assert_int_equal(set->count, 4);
    assert_string_equal(mr_model_set_find(set, "wine", 4)->identity.name, "a");
    assert_string_equal(mr_model_set_find(set, "beer", 4)->identity.name, "b");
    assert_string_equal(mr_model_set_find(set, "wines", 5)->identity.name, "c");
    assert_string_equal(mr_model_set_find(set, "wines", 3)->identity.name, "d");
    assert_null(mr_model_set_find(set, "wi", 2));
    assert_null(mr_model_set_find(set, "", 0));
    assert_null(mr_model_set_find(set, "zebra", 5));
    server_publish(&s, "wine|e|2|sum 5 a");
    assert_int_equal(s.current->count, 4);
    assert_string_equal(mr_model_set_find(s.current, "wine", 4)->identity.name, "e");
    assert_int_equal(double_models_alive(), 4); /* a is gone with the last set that held it */
    server_close(&s);
}

static void removes_a_type(void **state) {
    (void)state;
    server s;
    mr_model_set *set;
    server_open(&s);
    server_publish(&s, "wine|a|1|sum 1 a");
    server_publish(&s, "beer|b|1|sum 2 a");
    assert_int_equal(mr_model_set_with(s.current, "beer", NULL, s.current->schema, &set, NULL), MR_OK);
    mr_publish(&s.published, set);
    mr_published_refresh(&s.published, &s.current);
    assert_int_equal(s.current->count, 1);
    assert_null(mr_model_set_find(s.current, "beer", 4));
    assert_int_equal(mr_model_set_with(s.current, "none", NULL, s.current->schema, &set, NULL), MR_OK);
    assert_int_equal(set->count, 1);
    mr_publish(&s.published, set);
    server_close(&s);
}

static void a_held_set_lives_until_released(void **state) {
    (void)state;
    server s;
    mr_model_set *held = NULL;
    server_open(&s);
    mr_published_refresh(&s.published, &held);
    assert_null(held);
    server_publish(&s, "wine|a|1|sum 1 a");
    mr_published_refresh(&s.published, &held);
    uint64_t generation = held->generation;
    server_publish(&s, "wine|b|2|sum 2 a");
    assert_int_equal(double_models_alive(), 2);
    assert_string_equal(held->served[0]->identity.name, "a");
    mr_published_refresh(&s.published, &held);
    assert_int_equal(held->generation, generation + 1);
    assert_int_equal(double_models_alive(), 2); /* released, not freed yet: that is the control thread's */
    assert_int_equal(mr_published_reclaim(&s.published), 1);
    assert_int_equal(double_models_alive(), 1);
    mr_published_release(&s.published, held);
    server_close(&s);
}

enum { READERS = 3, SWAPS = 300 };

typedef struct reader {
    server *server;
    _Atomic bool *stop;
    uint64_t seen;
} reader;

static void *read_sets(void *context) {
    reader *self = context;
    mr_model_set *held = NULL;
    uint64_t last = 0;
    while (!atomic_load(self->stop)) {
        mr_published_refresh(&self->server->published, &held);
        if (held == NULL) continue;
        if (held->generation < last) abort();
        self->seen += held->generation != last;
        last = held->generation;
        mr_served *served = mr_model_set_find(held, "wine", 4);
        /* The model of a generation is the one that was published with it. */
        if (served == NULL || (uint64_t)atoll(served->identity.version) != held->generation) abort();
    }
    mr_published_release(&self->server->published, held);
    return NULL;
}

static void readers_see_whole_sets(void **state) {
    (void)state;
    server s;
    _Atomic bool stop = false;
    pthread_t threads[READERS];
    reader readers[READERS];
    server_open(&s);
    for (int i = 0; i < READERS; i++) {
        readers[i] = (reader){&s, &stop, 0};
        pthread_create(&threads[i], NULL, read_sets, &readers[i]);
    }
    for (int i = 1; i <= SWAPS; i++) {
        char text[64];
        snprintf(text, sizeof text, "wine|m|%d|sum %d a", i, i);
        server_publish(&s, text);
        if (i % 16 == 0) sched_yield();
    }
    atomic_store(&stop, true);
    for (int i = 0; i < READERS; i++) pthread_join(threads[i], NULL);
    mr_published_reclaim(&s.published);
    assert_int_equal(double_models_alive(), 1);
    server_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_data_type),
        cmocka_unit_test(removes_a_type),
        cmocka_unit_test(a_held_set_lives_until_released),
        cmocka_unit_test(readers_see_whole_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
