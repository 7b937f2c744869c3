/* What all commands share: flags, configuration, help, messages. */
#include "cli/command.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/settings_file.h"
#include "base/log.h"
#include "base/memory.h"

static const mr_option common_options[] = {
    {.type = MR_OPTION_BOOLEAN,
     .section = "Help",
     .name = "help",
     .letter = 'h',
     .offset = offsetof(mr_invocation, help),
     .help = "Show this and exit."},
    {.type = MR_OPTION_BOOLEAN,
     .section = "Help",
     .name = "version",
     .letter = 'V',
     .offset = offsetof(mr_invocation, version),
     .help = "Show the version and exit."},
    {.type = MR_OPTION_STRING,
     .section = "Help",
     .name = "config",
     .letter = 'c',
     .offset = offsetof(mr_invocation, config),
     .choices = "FILE",
     .help = "Read the configuration from this YAML file. Flags win over it."},
};

/* Rows of the table: the last is for commands that read a configuration. */
static size_t common_count(const mr_command *command) {
    return sizeof common_options / sizeof *common_options - !command->configured;
}

void mr_say(const mr_invocation *self, const char *format, ...) {
    char text[2048], shown[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    mr_escape(shown, sizeof shown, text); /* it may quote a file */
    fprintf(stderr, "millrace %s: %s\n", self->command->name, shown);
}

void mr_say_error(const mr_invocation *self, const mr_error *error) {
    mr_say(self, "%s%s%s", error->where, error->where[0] ? ": " : "", error->message);
}

int mr_finish_output(const char *program) {
    int code = fflush(stdout) == 0 ? 0 : errno;
    if (code == 0 && !ferror(stdout)) return MR_EXIT_OK;
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&out, 1, 0) == 1 && (out.revents & POLLERR)) return MR_EXIT_OK; /* a pipe whose reader left */
    fprintf(stderr, "%s: standard output cannot be written%s%s\n", program, code ? ": " : "",
            code ? strerror(code) : "");
    return MR_EXIT_FAILED;
}

int mr_say_problems(const mr_invocation *self, int code) {
    const mr_problems *problems = &self->problems;
    for (size_t i = 0; i < problems->count; i++) mr_say_error(self, &problems->items[i]);
    if (problems->left_out > 0) mr_say(self, "%zu more of the kind", problems->left_out);
    if (problems->count > 0 && code == MR_EXIT_USAGE)
        mr_say(self, "see `millrace %s --help`", self->command->name);
    return problems->count > 0 ? code : MR_EXIT_OK;
}

/* ---- Help ---- */

static int terminal_width(void) {
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col < 120 ? size.ws_col : 120;
    return 100;
}

/* Prints runs of rows whose section is shown. */
static void print_configuration(const mr_command *command, int width) {
    const mr_option *rows = mr_configuration_options;
    for (size_t i = 0; i < mr_configuration_option_count;) {
        size_t end = i + 1;
        while (end < mr_configuration_option_count && rows[end].section == rows[i].section) end++;
        if (command->sections == NULL || strstr(command->sections, rows[i].section) != NULL)
            mr_options_print_help(stdout, rows + i, end - i, width);
        i = end;
    }
}

static void print_help(const mr_command *command) {
    int width = terminal_width();
    printf("usage: millrace %s [OPTION...]%s%s\n\n%s\n\nExample\n%s\n", command->name,
           *command->arguments ? " " : "", command->arguments, command->text, command->examples);
    mr_options_print_help(stdout, command->options, command->option_count, width);
    mr_options_print_help(stdout, common_options, common_count(command), width);
    if (command->configured) {
        printf("\nKeys of the configuration file, each also a flag%s:\n",
               command->sections ? " (`millrace serve --help` shows all)" : "");
        print_configuration(command, width);
    }
}

/* ---- Run ---- */

static void check_arguments(mr_invocation *self) {
    size_t count = self->settings.arguments.count;
    if (count >= self->command->least && count <= self->command->most) return;
    if (count > self->command->most)
        mr_problem(&self->problems, NULL, "\"%.100s\" is one argument too many; it takes %s",
                   self->settings.arguments.items[self->command->most],
                   *self->command->arguments ? self->command->arguments : "none");
    else mr_problem(&self->problems, NULL, "an argument is missing; it takes %s", self->command->arguments);
}

static int read_and_run(mr_invocation *self, int count, const char *const *words) {
    const mr_command *command = self->command;
    mr_settings_read_flags(&self->settings, count, words, &self->problems);
    if (self->help) print_help(command);
    else if (self->version) mr_print_version();
    if (self->help || self->version) return mr_finish_output("millrace");
    if (self->problems.count == 0)
        check_arguments(self); /* else the value of an unknown flag looks like one */
    if (mr_say_problems(self, MR_EXIT_USAGE) != MR_EXIT_OK) return MR_EXIT_USAGE;
    if (command->configured) {
        if (self->config != NULL) mr_settings_read_file(&self->settings, self->config, 2, &self->problems);
        mr_configuration_check(&self->configuration, &self->settings, &self->problems);
        mr_log_configure((mr_level)self->configuration.log_level,
                         (mr_log_format)self->configuration.log_format);
    }
    if (!command->lenient && mr_say_problems(self, MR_EXIT_FAILED) != MR_EXIT_OK) return MR_EXIT_FAILED;
    return command->run(self);
}

int mr_command_run(const mr_command *command, int count, const char *const *words) {
    mr_invocation *self = mr_alloc_zero(1, sizeof *self);
    void *values = mr_alloc_zero(1, command->values_size);
    int code = MR_EXIT_FAILED;
    mr_error error = {.message = "out of memory"};
    if (self == NULL || values == NULL) {
        fprintf(stderr, "millrace %s: out of memory\n", command->name);
        goto done;
    }
    self->command = command;
    self->values = values;
    mr_option_table tables[] = {
        {common_options, common_count(command), self},
        {command->options, command->option_count, values},
        {mr_configuration_options, mr_configuration_option_count, &self->configuration},
    };
    if (mr_settings_init(&self->settings, tables, command->configured ? 3 : 2, &error) == MR_OK)
        code = read_and_run(self, count, words);
    else mr_say_error(self, &error);
    mr_settings_free(&self->settings);
done:
    mr_free(values);
    mr_free(self);
    return code;
}
