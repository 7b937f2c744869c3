/* millrace inspect */
#include "app/inspect.h"

#include "cli/command.h"

typedef struct values {
    mr_value_BOOLEAN json;
    mr_value_BOOLEAN support;
} values;

static const mr_option options[] = {
    MR_FLAG(BOOLEAN, "Options", json, "json", NULL, "One JSON object.", .letter = 0),
    MR_FLAG(BOOLEAN, "Options", support, "support", NULL,
            "Show what becomes of each element of PMML instead, as Markdown; takes no MODEL.", .letter = 0),
};

static int print(mr_invocation *self, const mr_inspection *inspection, bool json) {
    mr_error error;
    if (json && mr_inspection_print_json(inspection, stdout, &error) != MR_OK) {
        mr_say_error(self, &error);
        return MR_EXIT_FAILED;
    }
    if (!json) mr_inspection_print_text(inspection, stdout);
    int code = mr_finish_output("millrace inspect");
    if (inspection->model != NULL) return code;
    mr_say_error(self, &inspection->refusal);
    return MR_EXIT_FAILED;
}

static int run(mr_invocation *self) {
    const values *v = self->values;
    if (v->support == (self->settings.arguments.count == 1)) {
        mr_say(self, v->support ? "--support takes no MODEL" : "an argument is missing; it takes MODEL");
        mr_say(self, "see `millrace inspect --help`");
        return MR_EXIT_USAGE;
    }
    if (v->support) {
        mr_inspect_print_support(stdout);
        return mr_finish_output("millrace inspect");
    }
    mr_inspection inspection;
    mr_error error;
    int code = MR_EXIT_FAILED;
    if (mr_inspect(&inspection, self->settings.arguments.items[0], &error) == MR_OK)
        code = print(self, &inspection, v->json);
    else mr_say_error(self, &error);
    mr_inspection_free(&inspection);
    return code;
}

const mr_command mr_command_inspect = {
    .name = "inspect",
    .summary = "show what a model file holds",
    .arguments = "MODEL",
    .text = "Shows what stands in a PMML file: what the model is made of, who made it, what it wants and\n"
            "gives, with types, values and treatments, how large it is, and what of the file does not\n"
            "change a score, and why. A model that Millrace refuses is shown as far as it can be read;\n"
            "the reason, with its line, goes to standard error, and the exit code is 1.",
    .examples = "  millrace inspect winequality.pmml\n"
                "  millrace inspect --json winequality.pmml | jq .outputs",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .values_size = sizeof(values),
    .least = 0,
    .most = 1,
    .run = run,
};
