/* millrace read: shows what stands in topics. */
#include "app/read.h"

#include <stdio.h>

#include "cli/command.h"
#include "cli/signals.h"

typedef struct values {
    mr_value_CHOICE as;
    mr_value_CHOICE from;
    mr_value_BOOLEAN to_end;
    mr_value_INTEGER count;
    mr_value_BOOLEAN json;
} values;

#define OPTIONS "Options"

static const mr_option options[] = {
    MR_FLAG(CHOICE, OPTIONS, as, "as", "auto",
            "What the messages are; auto tells by which of the configured topics it is.",
            .choices = "auto|result|record|model|error|raw"),
    MR_FLAG(CHOICE, OPTIONS, from, "from", "earliest", "Begin with the oldest message, or with the next.",
            .choices = "earliest|latest"),
    MR_FLAG(BOOLEAN, OPTIONS, to_end, "to_end", NULL,
            "Stop at what was the end when it began, instead of waiting for more.", .letter = 'e'),
    MR_FLAG(INTEGER, OPTIONS, count, "count", "0", "Stop after so many messages; 0 does not.", .letter = 'n',
            .low = 0, .high = INT64_MAX),
    MR_FLAG(BOOLEAN, OPTIONS, json, "json", NULL,
            "A JSON object a line, with topic, partition, offset, timestamp, key, headers and value.",
            .letter = 0),
};

static int run(mr_invocation *self) {
    const values *v = self->values;
    mr_read_options read = {
        .topics = self->settings.arguments,
        .as = (mr_read_as)v->as,
        .latest = v->from == 1,
        .to_end = v->to_end,
        .json = v->json,
        .count = v->count,
        .stop = mr_signals_watch(NULL, NULL),
        .out = stdout,
    };
    uint64_t count;
    mr_error error;
    mr_status status = mr_read_topics(&self->configuration, NULL, &read, &count, &error);
    if (status == MR_OK || status == MR_CANCELLED) return MR_EXIT_OK;
    mr_say_error(self, &error);
    return MR_EXIT_FAILED;
}

const mr_command mr_command_read = {
    .name = "read",
    .summary = "show what stands in topics, decoded",
    .arguments = "[TOPIC...]",
    .text = "Shows the messages of topics, one a line: of the results topic when none is named. Values\n"
            "are decoded by what the topic is in the configuration; what cannot be decoded is shown as\n"
            "text. Reads all partitions without joining a group, so it disturbs nobody. Ctrl-C ends it.",
    .examples = "  millrace read                                   # results, for ever\n"
                "  millrace read --to-end --json models_errors     # dead letters so far",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .values_size = sizeof(values),
    .configured = true,
    .sections = MR_KAFKA MR_RECORDS MR_RESULTS MR_MODELS,
    .least = 0,
    .most = MR_READ_TOPICS_MAX,
    .run = run,
};
