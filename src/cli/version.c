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

void mr_print_version(void) {
    printf("millrace %s (librdkafka %s)\n", mr_version(), mr_application_kafka_version());
}

static int run(mr_invocation *self) {
    const values *v = self->values;
    if (v->json)
        printf("{\"millrace\": \"%s\", \"librdkafka\": \"%s\"}\n", mr_version(),
               mr_application_kafka_version());
    else mr_print_version();
    return mr_finish_output("millrace version");
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
