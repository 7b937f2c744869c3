/* millrace lint: is the configuration right, and do the records feed the model? */
#include "cli/command.h"

#include <string.h>

#include <jansson.h>

#include "app/components.h"

typedef struct values {
    mr_value_STRING model;
    mr_value_BOOLEAN print;
    mr_value_BOOLEAN json;
    mr_value_BOOLEAN reference;
} values;

#define OPTIONS "Options"

static const mr_option options[] = {
    MR_FLAG(STRING, OPTIONS, model, "model", NULL,
            "Load this model too, and show which record field feeds each of its inputs.", .letter = 'm',
            .choices = "FILE"),
    MR_FLAG(BOOLEAN, OPTIONS, print, "print", NULL,
            "Print all values in force and where each came from; secrets as ***.", .letter = 'p'),
    MR_FLAG(BOOLEAN, OPTIONS, json, "json", NULL, "Findings as one JSON object.", .letter = 0),
    MR_FLAG(BOOLEAN, OPTIONS, reference, "reference", NULL,
            "Print the reference of all keys as Markdown, and check nothing.", .letter = 0),
};

/* What lint found. */
typedef struct findings {
    mr_model_feeds feeds;
    const char *model;
    bool model_failed;
    mr_error model_error;
    uint32_t unfed;
} findings;

static const char *match_name(mr_match match) {
    static const char *const names[] = {"nothing", "same name", "mapping", "similar name", "ambiguous"};
    return names[match];
}

static void print_feeds(const findings *found) {
    int width = 5;
    for (uint32_t i = 0; i < found->feeds.count; i++) {
        int size = (int)strlen(found->feeds.items[i].input);
        if (size > width) width = size < 60 ? size : 60;
    }
    printf("%-*s  %-8s  %-12s  %s\n", width, "input", "type", "found by", "record field");
    for (uint32_t i = 0; i < found->feeds.count; i++) {
        const mr_input_feed *feed = &found->feeds.items[i];
        printf("%-*s  %-8s  %-12s  %s\n", width, feed->input, mr_type_name(feed->type),
               match_name(feed->match), feed->field ? feed->field : "-");
    }
}

static json_t *problem_json(const mr_error *problem) {
    return json_pack("{s:s, s:s}", "where", problem->where, "message", problem->message);
}

static int print_json(const mr_invocation *self, const findings *found) {
    json_t *problems = json_array(), *inputs = json_array();
    for (size_t i = 0; i < self->problems.count; i++)
        json_array_append_new(problems, problem_json(&self->problems.items[i]));
    if (found->model_failed) json_array_append_new(problems, problem_json(&found->model_error));
    for (uint32_t i = 0; i < found->feeds.count; i++) {
        const mr_input_feed *feed = &found->feeds.items[i];
        json_array_append_new(inputs, json_pack("{s:s, s:s, s:s, s:s?}", "input", feed->input, "type",
                                                mr_type_name(feed->type), "found_by", match_name(feed->match),
                                                "field", feed->field));
    }
    json_t *all = json_pack("{s:s?, s:s?, s:o, s:o}", "config", self->config, "model", found->model,
                            "problems", problems, "inputs", inputs);
    int failed = all == NULL || json_dumpf(all, stdout, JSON_INDENT(2)) != 0;
    json_decref(all);
    putchar('\n');
    return failed;
}

static void print_text(const mr_invocation *self, const findings *found) {
    mr_say_problems(self, MR_EXIT_FAILED);
    if (found->model_failed) mr_say_error(self, &found->model_error);
    if (found->feeds.count > 0) print_feeds(found);
    const mr_input_feed *unfed = found->feeds.items;
    while (found->unfed > 0 && unfed->field != NULL) unfed++; /* the first of them, as an example */
    if (found->unfed > 0)
        mr_say(self,
               "%u input%s of the model %s fed by nothing and will always be missing; name the field in "
               "records.mapping, as in `records.mapping: {\"%.100s\": FIELD}`",
               found->unfed, found->unfed == 1 ? "" : "s", found->unfed == 1 ? "is" : "are", unfed->input);
}

static int run(mr_invocation *self) {
    const values *v = self->values;
    if (v->reference) {
        mr_options_print_reference(stdout, mr_configuration_options, mr_configuration_option_count);
        return mr_finish_output("millrace lint");
    }
    if (v->print && v->json) {
        mr_say(self, "--print and --json exclude each other: the values are printed as YAML");
        return MR_EXIT_USAGE;
    }
    findings *found = &(findings){.model = v->model};
    bool right = self->problems.count == 0;
    if (right && v->model != NULL)
        found->model_failed =
            mr_model_feeds_read(&self->configuration, v->model, &found->feeds, &found->model_error) != MR_OK;
    for (uint32_t i = 0; i < found->feeds.count; i++) found->unfed += found->feeds.items[i].field == NULL;
    if (v->json) right &= print_json(self, found) == 0;
    else print_text(self, found);
    if (v->print && !v->json) mr_settings_print(stdout, &self->settings, 2);
    right &= !found->model_failed && found->unfed == 0;
    if (right && !v->json && !v->print)
        printf("%s%s\n", self->config ? self->config : "the flags and defaults", ": no problem found");
    mr_model_feeds_free(&found->feeds);
    return right ? mr_finish_output("millrace lint") : MR_EXIT_FAILED;
}

const mr_command mr_command_lint = {
    .name = "lint",
    .summary = "check the configuration, and what feeds a model",
    .arguments = "",
    .text = "Checks the configuration without connecting to anything. With --model it loads the model\n"
            "and shows which record field feeds each input, and how it was found. The exit code is 1\n"
            "when a key is wrong, the model does not load, or nothing feeds one of its inputs.",
    .examples = "  millrace lint --config millrace.yaml --model winequality.pmml",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .values_size = sizeof(values),
    .configured = true,
    .lenient = true,
    .run = run,
};
