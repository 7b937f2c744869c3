/* millrace: the table of commands. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/nearest.h"
#include "cli/command.h"

static const mr_command *const commands[] = {
    &mr_command_serve, &mr_command_demo,    &mr_command_provide, &mr_command_read,    &mr_command_score,
    &mr_command_bench, &mr_command_inspect, &mr_command_lint,    &mr_command_version,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *out) {
    fprintf(out, "usage: millrace COMMAND [OPTION...]\n\n"
                 "Scores event streams with machine-learning models that arrive as a stream "
                 "themselves.\n\nCommands\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s%s\n", commands[i]->name, commands[i]->summary);
    fprintf(out,
            "\nOptions\n  -h, --help     show this and exit\n  -V, --version  show the version and exit\n\n"
            "`millrace COMMAND --help` shows a command's options, with an example.\n\nExample\n"
            "  millrace demo --for 30s\n");
}

/* A standard stream that is closed would be the number of the next file or socket, and get what is printed.
 * Its place is taken by one that fails when it is used. */
static void keep_standard_streams(void) {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0)
            (void)!open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int report_unknown(const char *name) {
    const char *nearest = NULL;
    unsigned best = mr_edits_allowed(strlen(name)) + 1;
    for (size_t i = 0; i < COMMANDS; i++) {
        unsigned edits = mr_edits(name, strlen(name), commands[i]->name, strlen(commands[i]->name));
        if (edits >= best) continue;
        best = edits;
        nearest = commands[i]->name;
    }
    char shown[256];
    mr_escape(shown, sizeof shown, name);
    if (name[0] == '-') fprintf(stderr, "millrace: unknown flag %s; the command comes first", shown);
    else fprintf(stderr, "millrace: there is no command \"%s\"", shown);
    if (nearest != NULL) fprintf(stderr, "; did you mean %s?\n", nearest);
    else fprintf(stderr, "; `millrace --help` lists them\n");
    return MR_EXIT_USAGE;
}

static bool is_one_of(const char *word, const char *a, const char *b) {
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

int main(int argc, char **argv) {
    keep_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is a failed write, not our end */
    const char *const *words = (const char *const *)argv;
    if (argc < 2) {
        print_help(stderr);
        return MR_EXIT_USAGE;
    }
    const char *name = words[1];
    if (is_one_of(name, "-h", "--help") || (strcmp(name, "help") == 0 && argc == 2)) {
        print_help(stdout);
        return mr_finish_output("millrace");
    }
    static const char *const help_flag[] = {"--help"};
    bool help = strcmp(name, "help") == 0;
    if (help) name = words[2];
    if (is_one_of(name, "-V", "--version")) name = "version";
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i]->name) != 0) continue;
        return help ? mr_command_run(commands[i], 1, help_flag)
                    : mr_command_run(commands[i], argc - 2, words + 2);
    }
    return report_unknown(name);
}
