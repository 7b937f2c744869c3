/* millrace version */
#include "cli/command.h"

#include "app/application.h"
#include "millrace/millrace.h"

typedef struct values {
    mr_value_BOOLEAN json;
} values;

static const mr_option options[] = {
    MR_FLAG(BOOLEAN, "Options", json, "json", NULL, "One JSON object.", .letter = 0),
};

static int run(mr_invocation *self) {
    const values *v = self->values;
    if (v->json)
        printf("{\"millrace\": \"%s\", \"librdkafka\": \"%s\"}\n", mr_version(),
               mr_application_kafka_version());
    else printf("millrace %s (librdkafka %s)\n", mr_version(), mr_application_kafka_version());
    return fflush(stdout) == 0 ? MR_EXIT_OK : MR_EXIT_FAILED;
}

const mr_command mr_command_version = {
    .name = "version",
    .summary = "show the version",
    .arguments = "",
    .text = "Shows the version of Millrace and of the Kafka library in use.",
    .examples = "  millrace version --json",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .values_size = sizeof(values),
    .run = run,
};
