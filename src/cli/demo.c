/* millrace demo */
#include "app/demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/embedded_bind.h"
#include "cli/signals.h"

typedef struct values {
    mr_value_DURATION duration;
    mr_value_INTEGER rate;
    mr_value_STRING data;
    mr_value_PORT http_port;
    mr_value_PORT port;
} values;

#define OPTIONS "Options"
enum { FIRST_HTTP_PORT = 8080 };

static const mr_option options[] = {
    MR_FLAG(DURATION, OPTIONS, duration, "for", "0",
            "End after this long, with a summary; 0 runs until Ctrl-C.", .low = 0, .high = 86400000),
    MR_FLAG(INTEGER, OPTIONS, rate, "rate", "1000", "Records a second.", .low = 1, .high = 100000),
    MR_FLAG(PORT, OPTIONS, port, "port", "any", "Port of the Kafka broker inside.", .letter = 0),
    MR_FLAG(PORT, OPTIONS, http_port, "http.port", NULL,
            "Port of state and metrics. Not given: 8080, or any when that is in use.", .choices = "PORT"),
    MR_FLAG(STRING, OPTIONS, data, "data", NULL,
            "Folder with wine.csv and models/. Not given: data/ here, beside the program, or where it was "
            "installed.",
            .choices = "FOLDER"),
};

/* Whether somebody listens on 8080; a race only means that the clear error comes later. */
static bool in_use(int port) {
    int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (handle < 0) return true;
    setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bool taken = bind(handle, (const struct sockaddr *)&address, sizeof address) != 0;
    close(handle);
    return taken;
}

/* The first of the usual places that holds the wines; `path` has room for 4096 bytes. */
static const char *find_data(char *path) {
    static const char *const beside[] = {"../data", "data", "../share/millrace/data"};
    char program[2048], file[4200];
    if (access("data/wine.csv", R_OK) == 0) return "data";
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    if (size <= 0) return "data";
    program[size] = '\0';
    char *slash = strrchr(program, '/');
    if (slash != NULL) *slash = '\0';
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        snprintf(path, 4096, "%s/%s", program, beside[i]);
        snprintf(file, sizeof file, "%s/wine.csv", path);
        if (access(file, R_OK) == 0) return path;
    }
    return "data";
}

static int run(mr_invocation *self) {
    const values *v = self->values;
    char path[4096];
    bool chosen = mr_settings_origin(&self->settings, "http.port")->where != NULL;
    mr_demo_options demo = {
        .data = v->data ? v->data : find_data(path),
        .rate = v->rate,
        .duration_ms = v->duration,
        .http_port = chosen                    ? v->http_port
                     : in_use(FIRST_HTTP_PORT) ? 0
                                               : FIRST_HTTP_PORT,
        .broker_port = v->port < 0 ? 0 : v->port,
        .terminal = isatty(STDOUT_FILENO) == 1,
        .lose_one = getenv("MILLRACE_DEMO_LOSE_ONE") != NULL,
        .stop = mr_signals_watch(NULL, NULL),
        .bind_next_to = mr_bind_next_to,
        .program = program_invocation_name,
        .out = stdout,
    };
    uint64_t lost;
    mr_error error;
    if (mr_demo(&demo, &lost, &error) != MR_OK) {
        mr_say_error(self, &error);
        return MR_EXIT_FAILED;
    }
    int written = mr_finish_output("millrace demo");
    return lost == 0 ? written : MR_EXIT_FAILED;
}

const mr_command mr_command_demo = {
    .name = "demo",
    .summary = "show it: a broker inside, real wines, better and better models",
    .arguments = "",
    .text = "Starts a Kafka broker inside, serves, and sends 178 wines again and again and three models\n"
            "of growing quality to their topics. A line each second says how many records were scored,\n"
            "by which model, how often it was right, and how long it took; a line at each swap says how\n"
            "long that took. At the end a second consumer has counted: every record sent has become a\n"
            "result, a dead letter or a counted drop, else the exit code is 1.",
    .examples = "  millrace demo --for 30s",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .values_size = sizeof(values),
    .run = run,
};
