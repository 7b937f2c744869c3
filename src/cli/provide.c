/* millrace provide: sends records and models. */
#include "app/provide.h"

#include <inttypes.h>

#include "cli/command.h"
#include "cli/signals.h"

typedef struct values {
    mr_value_STRING records;
    mr_value_CHARACTER delimiter;
    mr_value_LIST fields;
    mr_value_STRING key;
    mr_value_STRING type;
    mr_value_INTEGER rate;
    mr_value_INTEGER count;
    mr_value_DURATION duration;
    mr_value_REPEATED models;
    mr_value_INTEGER model_count;
    mr_value_DURATION model_interval;
    mr_value_STRING name;
    mr_value_STRING description;
    mr_value_STRING version;
    mr_value_BOOLEAN json;
} values;

#define RECORDS "Records to send"
#define MODELS  "Models to send"
static const mr_option options[] = {
    MR_FLAG(STRING, RECORDS, records, "records", NULL, "CSV file whose rows are sent; - for standard input.",
            .letter = 'r', .choices = "FILE.csv"),
    MR_FLAG(CHARACTER, RECORDS, delimiter, "delimiter", ",", "What stands between cells; \"tab\" for a tab.",
            .letter = 'd'),
    MR_FLAG(LIST, RECORDS, fields, "fields", NULL,
            "Names of the columns, for a file whose first row is data.", .letter = 'f', .choices = "A,B,..."),
    MR_FLAG(STRING, RECORDS, key, "key", NULL,
            "Key of each record: a column, or \"row\" for its number from 1. Not given: no key.",
            .letter = 'k', .choices = "FIELD|row"),
    MR_FLAG(INTEGER, RECORDS, rate, "rate", "0", "Records a second; 0 is as fast as possible.", .low = 0,
            .high = 100000000),
    MR_FLAG(INTEGER, RECORDS, count, "count", "0",
            "Records to send, going through the file again and again; 0 sends each row once.", .letter = 'n',
            .low = 0, .high = INT64_MAX),
    MR_FLAG(DURATION, RECORDS, duration, "for", "0",
            "End after this long, going through the file again and again.", .low = 0,
            .high = INT64_C(1) << 50),
    MR_FLAG(REPEATED, MODELS, models, "model", NULL,
            "File of a model; may be repeated. They are sent in this order.", .letter = 'm',
            .choices = "FILE"),
    MR_FLAG(INTEGER, MODELS, model_count, "model_count", "0",
            "Models to send, going through the files again and again; 0 sends each once.", .low = 0,
            .high = INT64_MAX),
    MR_FLAG(DURATION, MODELS, model_interval, "model_interval", "0",
            "Time between two models; 0 sends all before the records.", .low = 0, .high = INT64_C(1) << 40),
    MR_FLAG(STRING, MODELS, name, "name", NULL,
            "Name of the models. Not given: the file's, without its ending.", .choices = "NAME"),
    MR_FLAG(STRING, MODELS, description, "description", NULL, "Description of the models.",
            .choices = "TEXT"),
    MR_FLAG(STRING, MODELS, version, "model_version", NULL, "Version of the models.", .choices = "TEXT"),
    MR_FLAG(STRING, "Both", type, "type", NULL,
            "Data type of records and models: which model scores which records.", .letter = 't',
            .choices = "NAME"),
    MR_FLAG(BOOLEAN, "Both", json, "json", NULL, "Print the summary as a JSON object.", .letter = 0),
};

static void report(void *context, const char *line) {
    mr_say(context, "%s", line);
}

static void print_summary(mr_invocation *self, const mr_provide_count *count, bool json) {
    if (json)
        printf("{\"records\": %" PRIu64 ", \"models\": %" PRIu64 ", \"delivered\": %" PRIu64
               ", \"failed\": %" PRIu64 ", \"skipped\": %" PRIu64 ", \"seconds\": %.3f}\n",
               count->records, count->models, count->delivered, count->failed, count->skipped,
               count->seconds);
    else
        mr_say(self,
               "%" PRIu64 " records and %" PRIu64 " models sent in %.1f s, %" PRIu64 " delivered, %" PRIu64
               " rows skipped",
               count->records, count->models, count->seconds, count->delivered, count->skipped);
}

static int run(mr_invocation *self) {
    const values *v = self->values;
    if (v->records == NULL && v->models.count == 0) {
        mr_say(self, "nothing to send; give --records FILE.csv or --model FILE (see --help)");
        return MR_EXIT_USAGE;
    }
    mr_provide_options provide = {
        .records = v->records,
        .delimiter = v->delimiter,
        .fields = v->fields,
        .key = v->key,
        .type = v->type,
        .rate = v->rate,
        .count = v->count,
        .duration_ms = v->duration,
        .models = v->models,
        .model_count = v->model_count,
        .model_interval_ms = v->model_interval,
        .name = v->name,
        .description = v->description,
        .version = v->version,
        .stop = mr_signals_watch(NULL, NULL),
        .report = report,
        .context = self,
    };
    mr_provide_count count;
    mr_error error;
    mr_status status = mr_provide(&self->configuration, NULL, &provide, &count, &error);
    if (status != MR_OK) mr_say_error(self, &error);
    print_summary(self, &count, v->json);
    bool all = status == MR_OK && count.failed == 0 && count.skipped == 0;
    return all ? mr_finish_output("millrace provide") : MR_EXIT_FAILED;
}

const mr_command mr_command_provide = {
    .name = "provide",
    .summary = "send records and models to their topics",
    .arguments = "",
    .text = "Sends the rows of a CSV file to the records topic, and model files to the models topic.\n"
            "Columns that the protobuf message does not have are left out; an empty cell is not sent.\n"
            "Ctrl-C ends it once all that was sent is delivered. The exit code is 1 when a row was\n"
            "skipped or a message not delivered.",
    .examples =
        "  millrace provide --type wine --model winequality.pmml --records wines.csv --rate 1000 --key row\n"
        "  millrace provide --type wine --records winequality_red.csv --delimiter ';' \\\n"
        "      --fields 'fixed acidity,volatile acidity,citric acid'",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .values_size = sizeof(values),
    .configured = true,
    .sections = MR_KAFKA MR_RECORDS MR_MODELS,
    .run = run,
};
