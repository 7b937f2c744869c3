/* millrace bench: how fast a model is here. */
#include "app/bench_score.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "cli/csv_flags.h"

typedef struct values {
    mr_value_LIST batch;
    mr_csv_values csv;
    mr_value_BOOLEAN portable, json;
} values;

#define OPTIONS "Options"

static const mr_option options[] = {
    MR_FLAG(LIST, OPTIONS, batch, "batch", "1,64", "Rows scored at a time, each measured.", .letter = 'b',
            .choices = "N,N,..."),
    MR_CSV_FLAGS(OPTIONS, "What stands between cells; \"tab\" for a tab."),
    MR_FLAG(BOOLEAN, OPTIONS, portable, "portable", NULL, "Without AVX2 (support vector machines keep it).",
            .letter = 0),
    MR_FLAG(BOOLEAN, OPTIONS, json, "json", NULL, "A JSON object a line, one for each batch size.",
            .letter = 0),
};

static int refuse(mr_invocation *self, const char *text) {
    mr_say(self, "--batch: \"%.40s\" is no number from 1 to %d, or one of more than %d numbers", text,
           MR_BENCH_BATCH_MAX, MR_BENCH_BATCHES_MAX);
    mr_say(self, "see `millrace bench --help`");
    return MR_EXIT_USAGE;
}

static int read_batches(mr_invocation *self, const mr_strings *texts, mr_bench_score_options *to) {
    if (texts->count == 0) return refuse(self, "");
    for (size_t i = 0; i < texts->count; i++) {
        const char *text = texts->items[i];
        char *end;
        long number = strtol(text, &end, 10);
        if (end == text || *end != 0 || number < 1 || number > MR_BENCH_BATCH_MAX ||
            to->batch_count == MR_BENCH_BATCHES_MAX)
            return refuse(self, text);
        to->batches[to->batch_count++] = (uint32_t)number;
    }
    return MR_EXIT_OK;
}

static void print_name(const char *name) {
    char text[MR_JSON_STRING_MAX(4096)];
    size_t size = strlen(name);
    printf("%.*s", (int)mr_json_write_string(text, name, size < 4096 ? size : 4096), text);
}

static void print_json(const char *model, const mr_bench_score_result *r) {
    for (uint32_t i = 0; i < r->batch_count; i++) {
        const mr_bench_figures *f = &r->score[i];
        printf("{\"model\": ");
        print_name(model);
        printf(", \"rows\": %u, \"batch\": %u, \"ns_per_record\": {\"median\": %.2f, \"min\": %.2f, \"max\": "
               "%.2f}, \"yardstick_ns\": %.2f, \"pointer_walk_ns\": ",
               r->rows, r->batches[i], f->median, f->least, f->most, r->loop);
        if (r->pointer_walk < 0) printf("null");
        else printf("%.2f", r->pointer_walk);
        printf(", \"rounds\": %u, \"failed_rows\": %u}\n", r->rounds, r->failed);
    }
}

static void print_text(const char *model, const mr_bench_score_result *r) {
    bool walk = r->pointer_walk >= 0;
    printf("%s: %u rows, %u rounds, one core\n", model, r->rows, r->rounds);
    if (r->failed > 0) printf("%u of the rows have no result; they are measured too\n", r->failed);
    printf("\n%-26s %10s %10s %10s %14s", "ns/record", "median", "min", "max", "records/s");
    printf(walk ? " %10s %10s\n" : " %10s\n", "/ loop", "/ walk");
    for (uint32_t i = 0; i < r->batch_count; i++) {
        const mr_bench_figures *f = &r->score[i];
        char name[40];
        snprintf(name, sizeof name, "score, batch %u", r->batches[i]);
        printf("%-26s %10.1f %10.1f %10.1f %14.0f %10.2f", name, f->median, f->least, f->most,
               1e9 / f->median, f->median / r->loop);
        if (walk) printf(" %10.3f", f->median / r->pointer_walk);
        printf("\n");
    }
    printf("\nYardsticks of this machine, in the same run: compare ratios, not nanoseconds\n");
    printf("%-26s %10.1f   32 multiplications, each of the one before\n", "fixed integer loop", r->loop);
    if (walk) printf("%-26s %10.1f   the same trees, linked nodes\n", "plain pointer walk", r->pointer_walk);
    else printf("%-26s %10s   the model holds no trees\n", "plain pointer walk", "none");
}

static int run(mr_invocation *self) {
    const values *v = self->values;
    const char *const *words = (const char *const *)self->settings.arguments.items;
    if (strcmp(words[0], "score") != 0) {
        mr_say(self, "\"%.40s\" cannot be measured; score can: millrace bench score MODEL INPUT.csv",
               words[0]);
        return MR_EXIT_USAGE;
    }
    mr_bench_score_options bench = {.model = words[1],
                                    .input = mr_csv_input_of(self, &v->csv, words[2]),
                                    .portable = v->portable,
                                    .limits = {.size = sizeof(mr_model_limits)}};
    int code = read_batches(self, &v->batch, &bench);
    if (code != MR_EXIT_OK) return code;
    mr_bench_score_result result;
    mr_error error;
    if (mr_bench_score(&bench, &result, &error) != MR_OK) {
        mr_say_error(self, &error);
        return MR_EXIT_FAILED;
    }
    if (v->json) print_json(words[1], &result);
    else print_text(words[1], &result);
    return mr_finish_output("millrace bench");
}

const mr_command mr_command_bench = {
    .name = "bench",
    .summary = "measure how fast a model scores here",
    .arguments = "score MODEL INPUT.csv",
    .text = "Measures the scoring of INPUT.csv's rows with the model, on one core: nanoseconds a record,\n"
            "median, least and most of many rounds. Rows are decoded once, shuffled and gone through\n"
            "again and again; at least 4,096 stand in memory. Beside them stand two yardsticks of the\n"
            "same run, so that machines can be compared by ratios: a fixed integer loop (yardstick_ns\n"
            "of --json) and, when the model holds trees, a plain walk of the same trees over linked\n"
            "nodes (pointer_walk_ns). All rows of a model that scores groups are one batch.",
    .examples = "  millrace bench score winequality.pmml wines.csv --batch 1,64,256\n"
                "  millrace bench score model.pmml rows.csv --delimiter ';' --missing NA --json",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .values_size = sizeof(values),
    .least = 3,
    .most = 3,
    .run = run,
};
