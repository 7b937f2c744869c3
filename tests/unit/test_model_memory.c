/* Memory of models: each model of a folder is loaded, scored and freed again and again; what is resident
 * stays.
 *
 * MILLRACE_LOADS says how often (10,000 for a thorough run); the folder is the argument. Resident memory is
 * looked at after a tenth of the loads, when every allocator has what it keeps, and at the end. Models that
 * are refused count too: a refusal frees what had been built.
 */
#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "millrace/model.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KEEPS_FREED_MEMORY 1 /* a sanitizer holds on to it, to find who uses it still */
#else
#define KEEPS_FREED_MEMORY 0
#endif

enum { LOADS = 300, SLACK = 256 * 1024 /* bytes: a page here and there of stdio and of the allocator */ };

static const char *folder;

static size_t resident(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    size_t pages = 0;
    if (file == NULL || fscanf(file, "%*s %zu", &pages) != 1) fail_msg("/proc/self/statm cannot be read");
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static int loads(void) {
    const char *wanted = getenv("MILLRACE_LOADS");
    return wanted != NULL && atoi(wanted) > 0 ? atoi(wanted) : LOADS;
}

static void score_one(mr_model *model) {
    const mr_model_shape *shape = mr_model_get_shape(model);
    mr_row_scorer *scorer;
    mr_error error;
    if (mr_row_scorer_new(model, &scorer, &error) != MR_OK) return; /* a model of groups */
    mr_value *inputs = calloc(shape->input_count + 1, sizeof *inputs);
    mr_value *outputs = calloc(shape->output_count + 1, sizeof *outputs);
    assert_true(inputs != NULL && outputs != NULL);
    for (int kind = 0; kind < 3; kind++) {
        for (uint32_t i = 0; i < shape->input_count; i++)
            inputs[i] = kind == 0 ? mr_missing() : kind == 1 ? mr_number(i % 7) : mr_string("a");
        mr_row_scorer_score(scorer, inputs, outputs, &error);
    }
    free(inputs);
    free(outputs);
    mr_row_scorer_free(scorer);
}

static void load_once(const char *path) {
    mr_model *model;
    mr_error error;
    if (mr_model_load_file(path, NULL, NULL, &model, &error) != MR_OK) return;
    score_one(model);
    mr_model_release(model);
}

static void check_model(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int count = loads();
    for (int i = 0; i < count / 10 + 10; i++) load_once(path);
    size_t before = resident();
    for (int i = 0; i < count; i++) load_once(path);
    size_t after = resident();
    print_message("%-24s %d loads: resident %zu kB, then %zu kB\n", name, count, before / 1024, after / 1024);
    if (!KEEPS_FREED_MEMORY && after > before + SLACK)
        fail_msg("%s: resident memory grew by %zu kB in %d loads", name, (after - before) / 1024, count);
}

static void resident_memory_stays(void **state) {
    (void)state;
    DIR *directory = opendir(folder);
    if (directory == NULL) fail_msg("%s cannot be read", folder);
    int seen = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        size_t size = strlen(entry->d_name);
        if (size < 5 || strcmp(entry->d_name + size - 5, ".pmml") != 0) continue;
        check_model(entry->d_name);
        seen++;
    }
    closedir(directory);
    assert_true(seen >= 20);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: test_model_memory FOLDER-OF-MODELS\n");
        return 2;
    }
    folder = argv[1];
    const struct CMUnitTest tests[] = {cmocka_unit_test(resident_memory_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
