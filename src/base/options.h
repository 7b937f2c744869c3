/* Options: one table says all about a program's settings.
 *
 * A row names a key, its type, default, bounds and help. From the rows come the reading of the
 * file (app/settings_file.c), the flags (options_flags.c), `--help` and the reference
 * (options_print.c); none of them knows a key. A key is a dotted path in the file and a flag on the
 * command line: `records: {topic: t}` and `--records.topic t`. In keys `_` and `-` are the same.
 *
 * Values land in a plain struct, whose members the rows name by offset. A flag wins over the file, the file
 * over the default, whichever is read first. A settings object belongs to one thread; what it filled may be
 * read by all once it is done.
 *
 * Secrets: a value is secret when its row says so, when its name in a map looks like one
 * (mr_is_secret_name) or when it came from ${file:...}. No function here ever prints one.
 */
#ifndef MR_BASE_OPTIONS_H
#define MR_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "millrace/status.h"

typedef struct mr_pair {
    const char *name;
    const char *value;
    bool secret;
    unsigned char rank; /* as in mr_setting_origin, and so the next */
    const char *where;
} mr_pair;
typedef struct mr_pairs {
    mr_pair *items;
    size_t count;
    size_t capacity;
} mr_pairs;
typedef struct mr_strings {
    const char **items;
    size_t count;
    size_t capacity;
} mr_strings;

/* Type of an option, and of the struct's member that holds its value. */
typedef const char *mr_value_STRING;
typedef int64_t mr_value_INTEGER;
typedef int64_t mr_value_DURATION; /* milliseconds */
typedef int64_t mr_value_SIZE;     /* bytes */
typedef int mr_value_PORT;         /* MR_PORT_OFF, 0: any free one */
typedef int mr_value_CHOICE;       /* index into the choices */
typedef bool mr_value_BOOLEAN;
typedef char mr_value_CHARACTER;
typedef mr_pairs mr_value_MAP;        /* a later value of a name replaces the earlier */
typedef mr_strings mr_value_LIST;     /* "a,b,c" or a YAML list */
typedef mr_strings mr_value_REPEATED; /* each use of the flag adds one text as it stands */

enum { MR_PORT_OFF = -1 };

typedef enum mr_option_type {
    MR_OPTION_STRING,
    MR_OPTION_INTEGER,
    MR_OPTION_DURATION,
    MR_OPTION_SIZE,
    MR_OPTION_PORT,
    MR_OPTION_CHOICE,
    MR_OPTION_BOOLEAN,
    MR_OPTION_CHARACTER,
    MR_OPTION_MAP,
    MR_OPTION_LIST,
    MR_OPTION_REPEATED
} mr_option_type;

enum { MR_OPTION_SECRET = 1 };

typedef struct mr_option {
    mr_option_type type;
    const char *section;
    const char *name;
    char letter;         /* short flag; 0: none */
    unsigned char flags; /* MR_OPTION_SECRET */
    size_t offset;
    const char *preset;  /* default, in the syntax of the file; NULL: not set */
    const char *implied; /* value of the flag when it stands alone; NULL: a value must follow */
    const char *choices; /* CHOICE: "a|b|c"; else what stands for the value in the help: "TOPIC" */
    int64_t low, high;   /* bounds of INTEGER, DURATION, SIZE */
    const char *help;    /* one or more sentences */
} mr_option;

/* Rows and the struct that they fill. */
typedef struct mr_option_table {
    const mr_option *options;
    size_t count;
    void *values;
} mr_option_table;

/* ---- Problems: all that is wrong, not only the first ---- */

enum { MR_PROBLEMS_MAX = 32 };
typedef struct mr_problems {
    mr_error items[MR_PROBLEMS_MAX];
    size_t count;
    size_t left_out; /* more than fit */
} mr_problems;

/* Adds one. `where`: "config.yaml:3:5" or "--lanes"; may be NULL. */
void mr_problem(mr_problems *problems, const char *where, const char *format, ...) MR_PRINTF(3, 4);

/* ---- Settings ---- */

/* Where the value of a row came from. */
typedef struct mr_setting_origin {
    const char *where;  /* NULL: the default */
    unsigned char rank; /* 0 default, 1 file, 2 flag */
    bool secret;
} mr_setting_origin;

enum { MR_SETTINGS_TABLES = 4 };
typedef struct mr_settings {
    mr_option_table tables[MR_SETTINGS_TABLES];
    size_t table_count;
    mr_setting_origin *origins[MR_SETTINGS_TABLES]; /* [table][row] */
    mr_strings arguments;                           /* what stood on the command line beside flags */
    mr_arena arena;                                 /* owns all values */
} mr_settings;

/* Sets every value to its default. Borrows rows and structs, which must outlive the settings; the values
 * are valid until mr_settings_free. MR_NO_MEMORY. */
mr_status mr_settings_init(mr_settings *settings, const mr_option_table *tables, size_t count,
                           mr_error *error);
void mr_settings_free(mr_settings *settings);

/* One value. `key` as in the file; `rank` as in mr_setting_origin. Replaces ${...} in `text`. Copies. */
void mr_settings_set(mr_settings *settings, const char *key, const char *text, unsigned char rank,
                     const char *where, mr_problems *problems);

/* All flags, `arguments` for the rest. */
void mr_settings_read_flags(mr_settings *settings, int count, const char *const *words,
                            mr_problems *problems);

/* Origin of an option; never NULL for a name that a table holds. */
const mr_setting_origin *mr_settings_origin(const mr_settings *settings, const char *name);

/* Row of a key (with the map's name for "map.name"), or NULL. *name: what follows the map's. */
const mr_option *mr_settings_find(const mr_settings *settings, size_t first, const char *key, size_t *table,
                                  const char **name);
/* The key (or the first parts of one) that `key` most likely meant, or NULL. */
const char *mr_settings_nearest(const mr_settings *settings, size_t first, const char *key, char *text,
                                size_t size);

/* Whether a key, a map's entry or a variable of this name holds a secret ("sasl.password"). */
bool mr_is_secret_name(const char *name);

/* Replaces ${NAME}, ${NAME:default}, ${file:PATH}; $${ stands for ${. NULL with error set on failure. */
const char *mr_expand(mr_arena *arena, const char *text, bool *secret, mr_error *error);

/* ---- Print ---- */

/* Flags with their help, for a terminal of `width` columns. `table` as of mr_settings. */
void mr_options_print_help(FILE *out, const mr_option *options, size_t count, int width);
/* The reference, as Markdown. */
void mr_options_print_reference(FILE *out, const mr_option *options, size_t count);
/* The values in force as YAML, each with where it came from; secrets as "***". */
void mr_settings_print(FILE *out, const mr_settings *settings, size_t table);

#endif
