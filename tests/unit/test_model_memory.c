/* Memory of models: each model of a folder is loaded, scored and freed again and again; what is resident
 * stays. And with each allocation of it failing.
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

#include "base/memory.h"
#include "millrace/model.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KEEPS_FREED_MEMORY 1 /* a sanitizer holds on to it, to find who uses it still */
#else
#define KEEPS_FREED_MEMORY 0
#endif

enum {
    ROWS = 70 /* more than a tile */,
    INPUTS = 64,
    LOADS = 300,
    SLACK = 256 * 1024 /* bytes: a page here and there of stdio and of the allocator */
};

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

/* A model in use: rows of it scored in a batch, some of them in groups, and one by one. */
typedef struct use {
    mr_model *model;
    mr_schema *schema;
    mr_binding *binding;
    mr_frame *in, *out;
    mr_scratch *scratch;
    mr_row_scorer *scorer;
    mr_row_result results[ROWS];
} use;

static void free_use(use *u) {
    mr_row_scorer_free(u->scorer);
    mr_scratch_free(u->scratch);
    mr_frame_free(u->in);
    mr_frame_free(u->out);
    mr_binding_free(u->binding);
    mr_schema_release(u->schema);
    mr_model_release(u->model);
}

static const char *const texts[] = {"a", "b", "some words, to be cut into words", "1"};

static void set_cell(const use *u, uint32_t row, uint32_t input) {
    mr_column *column = &u->in->columns[input];
    void *cell = mr_cell(column, row);
    const char *text = texts[(row / 3 + input) % 4];
    *mr_cell_state_at(column, row) = row % 8 == 5 ? MR_CELL_MISSING : MR_CELL_PRESENT;
    if (column->type == MR_TYPE_DOUBLE) *(double *)cell = row % 7 + 0.5 * input;
    if (column->type == MR_TYPE_FLOAT) *(float *)cell = (float)row;
    if (column->type == MR_TYPE_INTEGER) *(int64_t *)cell = row;
    if (column->type == MR_TYPE_BOOLEAN) *(uint8_t *)cell = row % 2;
    if (column->type == MR_TYPE_STRING)
        *(mr_text *)cell =
            (mr_text){text, (uint32_t)strlen(text), mr_schema_code(u->schema, text, strlen(text))};
}

static mr_status score_batch(use *u, mr_error *error) {
    const mr_model_shape *shape = mr_model_get_shape(u->model);
    mr_field fields[INPUTS];
    mr_type types[INPUTS];
    assert_true(shape->input_count <= INPUTS);
    for (uint32_t i = 0; i < shape->input_count; i++) {
        types[i] = shape->inputs[i].type;
        fields[i] = (mr_field){shape->inputs[i].name, types[i], shape->inputs[i].measure};
    }
    mr_status status = mr_schema_new(fields, shape->input_count, &u->schema, error);
    if (status == MR_OK) status = mr_model_bind(u->model, u->schema, NULL, 0, &u->binding, error);
    if (status == MR_OK) status = mr_frame_new(types, shape->input_count, ROWS, &u->in, error);
    if (status == MR_OK) status = mr_binding_new_output(u->binding, ROWS, &u->out, error);
    if (status == MR_OK) status = mr_scratch_new(0, &u->scratch, error);
    if (status != MR_OK) return status;
    u->in->row_count = ROWS;
    for (uint32_t row = 0; row < ROWS; row++)
        for (uint32_t i = 0; i < shape->input_count; i++) set_cell(u, row, i);
    return mr_score_all(u->binding, u->in, u->out, u->results, u->scratch, error);
}

static mr_status score_one_by_one(use *u, mr_error *error) {
    const mr_model_shape *shape = mr_model_get_shape(u->model);
    mr_value inputs[INPUTS], outputs[INPUTS];
    assert_true(shape->output_count <= INPUTS);
    mr_status status = mr_row_scorer_new(u->model, &u->scorer, error);
    for (int kind = 0; kind < 3 && status == MR_OK; kind++) {
        for (uint32_t i = 0; i < shape->input_count; i++)
            inputs[i] = kind == 0 ? mr_missing() : kind == 1 ? mr_number(i % 7) : mr_string("a");
        status = mr_row_scorer_score(u->scorer, inputs, outputs, error);
        if (status != MR_NO_MEMORY) status = MR_OK; /* a row may be invalid */
    }
    return status;
}

/* Loads, scores and frees. The status of the model; that of its rows does not count. */
static mr_status use_once(const char *path) {
    use u = {0};
    mr_error error;
    mr_status status = mr_model_load_file(path, NULL, NULL, &u.model, &error);
    if (status == MR_OK) status = score_batch(&u, &error);
    if (status == MR_OK && mr_model_get_shape(u.model)->arity == MR_SCORES_ROWS)
        status = score_one_by_one(&u, &error);
    free_use(&u);
    return status;
}

static void stays_resident(const char *name, const char *path) {
    int count = loads();
    for (int i = 0; i < count / 10 + 10; i++) use_once(path);
    size_t before = resident();
    for (int i = 0; i < count; i++) use_once(path);
    size_t after = resident();
    print_message("%-28s %d loads: resident %zu kB, then %zu kB\n", name, count, before / 1024, after / 1024);
    if (!KEEPS_FREED_MEMORY && after > before + SLACK)
        fail_msg("%s: resident memory grew by %zu kB in %d loads", name, (after - before) / 1024, count);
}

static _Bool allow_some(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

/* The first, the second, ... allocation fails, until all go through. */
static void survives(const char *name, const char *path) {
    mr_status expected = use_once(path);
    for (int n = 0, left = -1; left < 0; n++) {
        left = n;
        mr_set_alloc_hook(allow_some, &left);
        mr_status status = use_once(path);
        mr_set_alloc_hook(NULL, NULL);
        if (status != (left < 0 ? MR_NO_MEMORY : expected))
            fail_msg("%s: status %d when allocation %d fails", name, (int)status, n + 1);
        assert_true(n < 20000);
    }
}

static void each_model(void (*check)(const char *name, const char *path)) {
    DIR *directory = opendir(folder);
    if (directory == NULL) fail_msg("%s cannot be read", folder);
    int seen = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[4096];
        size_t size = strlen(entry->d_name);
        if (size < 5 || strcmp(entry->d_name + size - 5, ".pmml") != 0) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        check(entry->d_name, path);
        seen++;
    }
    closedir(directory);
    assert_true(seen >= 20);
}

static void resident_memory_stays(void **state) {
    (void)state;
    each_model(stays_resident);
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    each_model(survives);
}

/* What a model of the folder must have in its text, so that the tests above are of everything. */
static const char *const kinds[] = {
    "<TreeModel",          "<MiningModel",      "<RegressionModel",   "<GeneralRegressionModel",
    "<NeuralNetwork",      "<SupportVector",    "<ClusteringModel",   "<NearestNeighbor",
    "<NaiveBayesModel",    "<RuleSetModel",     "<Scorecard",         "<AssociationModel",
    "usageType=\"group\"", "\"CoxRegression\"", "\"iforest\"",        "\"ocsvm\"",
    "clusterMeanDist",     "<TextIndex",        "\"matches\"",        "\"replace\"",
    "<DefineFunction",     "<MapValues",        "<ModelVerification",
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };
static int found[KIND_COUNT];

static void find_kinds(const char *name, const char *path) {
    static char text[65536];
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (size == 0) fail_msg("%s cannot be read", name);
    fclose(file);
    text[size] = 0;
    if (use_once(path) != MR_OK) return; /* refused */
    for (int i = 0; i < KIND_COUNT; i++) found[i] += strstr(text, kinds[i]) != NULL;
}

static void every_kind_is_there(void **state) {
    (void)state;
    each_model(find_kinds);
    for (int i = 0; i < KIND_COUNT; i++)
        if (found[i] == 0) fail_msg("no model with %s", kinds[i]);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: test_model_memory FOLDER-OF-MODELS\n");
        return 2;
    }
    folder = argv[1];
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_is_there),
                                       cmocka_unit_test(any_allocation_may_fail),
                                       cmocka_unit_test(resident_memory_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
