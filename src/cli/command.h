/* Command: one verb of the command line, as a table row with its own options.
 *
 * main.c holds the table; command.c reads the flags, the configuration and `--help` the same way for
 * all. A command's file is its help, its options and its `run`.
 *
 * Exit codes: 0 done, 1 failed, 2 the command line is wrong.
 */
#ifndef MR_CLI_COMMAND_H
#define MR_CLI_COMMAND_H

#include "app/configuration.h"

/* A row of a command's options, for a member of its `values`: type, section, member, name, default, help,
 * then what else there is to say. */
#define MR_FLAG(type_, section_, member_, name_, preset_, help_, ...)                                        \
    {.type = MR_OPTION_##type_,                                                                              \
     .section = section_,                                                                                    \
     .name = name_,                                                                                          \
     .offset = offsetof(values, member_),                                                                    \
     .preset = preset_,                                                                                      \
     .help = help_,                                                                                          \
     __VA_ARGS__}

enum { MR_EXIT_OK = 0, MR_EXIT_FAILED = 1, MR_EXIT_USAGE = 2 };

typedef struct mr_invocation mr_invocation;

typedef struct mr_command {
    const char *name;
    const char *summary;   /* for the list of commands */
    const char *arguments; /* "MODEL INPUT.csv" */
    const char *text;      /* what it does: lines */
    const char *examples;  /* lines */
    const mr_option *options;
    size_t option_count;
    size_t values_size;              /* bytes of the struct that the options fill */
    bool configured;                 /* takes --config and every key of the configuration */
    bool lenient;                    /* `run` itself says what is wrong in the configuration */
    const char *sections;            /* of the configuration, those that --help shows; NULL: all */
    size_t least, most;              /* arguments */
    int (*run)(mr_invocation *self); /* returns an exit code */
} mr_command;

/* All that `run` is given. */
struct mr_invocation {
    const mr_command *command;
    void *values; /* the struct that command->options fill */
    mr_configuration configuration;
    const char *config; /* path; NULL: none */
    bool help, version;
    mr_settings settings; /* .arguments: what stood beside the flags */
    mr_problems problems;
};

/* Reads argv (without program and command), runs the command. Returns the exit code. */
int mr_command_run(const mr_command *command, int count, const char *const *words);

/* "millrace score: ..." to stderr. */
void mr_say(const mr_invocation *self, const char *format, ...) MR_PRINTF(2, 3);
void mr_say_error(const mr_invocation *self, const mr_error *error);
/* Flushes standard output: MR_EXIT_OK, or MR_EXIT_FAILED with the reason on stderr, which names `program`. A
 * reader that went away (`| head`) has seen what it wanted: that is no failure. */
int mr_finish_output(const char *program);
/* Prints all problems; returns MR_EXIT_OK when there are none, else `code`. */
int mr_say_problems(const mr_invocation *self, int code);

void mr_print_version(void); /* a line to stdout */

extern const mr_command mr_command_serve, mr_command_demo, mr_command_provide, mr_command_read;
extern const mr_command mr_command_score, mr_command_bench, mr_command_inspect, mr_command_lint,
    mr_command_version;

#endif
