/* millrace score: a model over a CSV file. */
#include "app/score_csv.h"
#include "cli/command.h"
#include "cli/csv_flags.h"

typedef struct values {
    mr_value_STRING output;
    mr_csv_values csv;
    mr_value_BOOLEAN all;
    mr_value_INTEGER batch;
} values;

#define OPTIONS "Options"

static const mr_option options[] = {
    MR_FLAG(STRING, OPTIONS, output, "output", NULL, "Write here instead of standard output.", .letter = 'o',
            .choices = "OUT.csv"),
    MR_CSV_FLAGS(OPTIONS, "What stands between cells, in and out; \"tab\" for a tab."),
    MR_FLAG(BOOLEAN, OPTIONS, all, "all", NULL, "Write the columns of the input too.", .letter = 'a'),
    MR_FLAG(INTEGER, OPTIONS, batch, "batch", "256", "Rows scored at a time; the results are the same.",
            .low = 1, .high = 65536),
};

void mr_csv_report(void *context, const char *line) {
    mr_say(context, "%s", line);
}

static int run(mr_invocation *self) {
    const values *v = self->values;
    mr_score_csv_options score = {
        .model = self->settings.arguments.items[0],
        .input = mr_csv_input_of(self, &v->csv, self->settings.arguments.items[1]),
        .output = v->output,
        .all = v->all,
        .batch = (uint32_t)v->batch,
        .limits = {.size = sizeof(mr_model_limits)},
    };
    mr_score_csv_count count;
    mr_error error;
    mr_status status = mr_score_csv(&score, &count, &error);
    if (status != MR_OK) {
        if (status != MR_CANCELLED) mr_say_error(self, &error); /* `| head` knows */
        return MR_EXIT_FAILED;
    }
    if (count.failed == 0) return MR_EXIT_OK;
    mr_say(self, "%llu rows could not be scored, %llu were", (unsigned long long)count.failed,
           (unsigned long long)count.written);
    return MR_EXIT_FAILED;
}

const mr_command mr_command_score = {
    .name = "score",
    .summary = "score the rows of a CSV file with a model",
    .arguments = "MODEL INPUT.csv",
    .text = "Scores each row of INPUT.csv (- is standard input) with the PMML model in the file MODEL.\n"
            "The first row names the columns. The output has a column for each target and output field\n"
            "of the model, in document order; a missing result is an empty cell. A row that cannot be\n"
            "scored is reported with its number, and the exit code is 1 at the end; the other rows are\n"
            "written. A file of any length is scored in the memory of one batch, unless the model scores\n"
            "groups; how far it is stands on the terminal while the results go to a file.",
    .examples = "  millrace score winequality.pmml wines.csv -o scored.csv\n"
                "  millrace score --delimiter ';' --fields 'fixed acidity,volatile acidity,alcohol' --all "
                "model.pmml wines.csv",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .values_size = sizeof(values),
    .least = 2,
    .most = 2,
    .run = run,
};
