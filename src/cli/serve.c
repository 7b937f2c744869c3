/* millrace serve: the server, until a signal ends it. */
#include "app/application.h"
#include "cli/command.h"
#include "cli/embedded_bind.h"
#include "cli/signals.h"

static void stop(void *application) {
    mr_application_stop(application);
}

static int run(mr_invocation *self) {
    mr_application *application;
    mr_error error;
    mr_status status = mr_application_new(&self->configuration, mr_bind_next_to, &application, &error);
    if (status == MR_OK) {
        mr_signals_watch(stop, application);
        status = mr_application_run(application, &error);
        mr_signals_watch(NULL, NULL);
        mr_application_free(application);
    }
    return status == MR_OK ? MR_EXIT_OK : MR_EXIT_FAILED; /* what went wrong was logged */
}

const mr_command mr_command_serve = {
    .name = "serve",
    .summary = "score the records topic with the models topic's models",
    .arguments = "",
    .text = "Scores the records of one topic with the models of another and sends the results to a\n"
            "third, until it is stopped. SIGTERM or Ctrl-C finishes what is under way, commits and\n"
            "exits with 0; a second one ends at once. State, metrics and health are answered over HTTP.",
    .examples = "  millrace serve --config millrace.yaml\n"
                "  millrace serve --embedded --http.port 8081      # with a broker inside, for trying out",
    .configured = true,
    .run = run,
};
