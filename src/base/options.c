/* Settings: from the text of one value to the member of the struct, by the row's type.
 *
 * Invariant: whatever the source, a value passes through mr_settings_set, so expansion, bounds, rank and
 * secrecy are the same in file and flags.
 */
#include "base/options.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/number.h"
#include "base/units.h"

void mr_problem(mr_problems *problems, const char *where, const char *format, ...) {
    if (problems->count == MR_PROBLEMS_MAX) {
        problems->left_out++;
        return;
    }
    char message[sizeof problems->items[0].message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    mr_fail(&problems->items[problems->count++], MR_INVALID_ARGUMENT, where, "%s", message);
}

/* ---- Keys ---- */

static char folded(char c) {
    return c == '-' ? '_' : c;
}

/* Whether `key` begins with `name`; the character after it, else NULL. */
static const char *after_name(const char *key, const char *name) {
    while (*name != '\0' && folded(*key) == folded(*name)) key++, name++;
    return *name == '\0' ? key : NULL;
}

const mr_option *mr_settings_find(const mr_settings *settings, size_t first, const char *key, size_t *table,
                                  const char **name) {
    for (size_t t = first; t < settings->table_count; t++) {
        for (size_t i = 0; i < settings->tables[t].count; i++) {
            const mr_option *option = &settings->tables[t].options[i];
            const char *rest = after_name(key, option->name);
            if (rest == NULL) continue;
            bool entry = option->type == MR_OPTION_MAP && rest[0] == '.' && rest[1] != '\0';
            if (*rest != '\0' && !entry) continue;
            *table = t;
            *name = entry ? rest + 1 : NULL;
            return option;
        }
    }
    return NULL;
}

/* Candidates are whole keys, and their beginnings up to a dot ("record" meant "records"). */
const char *mr_settings_nearest(const mr_settings *settings, size_t first, const char *key, char *text,
                                size_t size) {
    size_t key_size = strlen(key);
    unsigned best = mr_edits_allowed(key_size);
    bool found = false;
    for (size_t t = first; t < settings->table_count; t++) {
        for (size_t i = 0; i < settings->tables[t].count; i++) {
            const char *name = settings->tables[t].options[i].name;
            for (size_t end = 1;; end++) {
                if (name[end] != '.' && name[end] != '\0') continue;
                unsigned edits = mr_edits(key, key_size, name, end);
                if (edits < best || (edits == best && !found)) {
                    best = edits;
                    found = true;
                    snprintf(text, size, "%.*s", (int)end, name);
                }
                if (name[end] == '\0') break;
            }
            /* The right name without its section: "topic" for "records.topic". */
            const char *last = strrchr(name, '.');
            if (!found && last != NULL && after_name(last + 1, key) && strlen(last + 1) == key_size) {
                snprintf(text, size, "%s", name);
                return text;
            }
        }
    }
    return found ? text : NULL;
}

/* ---- Values ---- */

/* What one call of mr_settings_set works on. */
typedef struct assignment {
    mr_settings *settings;
    const mr_option *option;
    mr_setting_origin *origin;
    void *member;
    const char *name; /* of the map's entry, or NULL */
    const char *text; /* expanded */
    const char *where;
    bool secret;
    unsigned char rank;
} assignment;

static bool add_string(mr_arena *arena, mr_strings *strings, const char *text, size_t size) {
    if (strings->count == strings->capacity) {
        size_t capacity = strings->capacity ? strings->capacity * 2 : 8;
        const char **items = mr_arena_alloc(arena, capacity * sizeof *items);
        if (items == NULL) return false;
        if (strings->count > 0) memcpy(items, strings->items, strings->count * sizeof *items);
        strings->items = items;
        strings->capacity = capacity;
    }
    const char *copy = mr_arena_copy(arena, text, size);
    if (copy == NULL) return false;
    strings->items[strings->count++] = copy;
    return true;
}

static bool add_list(mr_arena *arena, mr_strings *strings, const char *text) {
    for (;;) {
        size_t size = strcspn(text, ",");
        if (!add_string(arena, strings, text, size)) return false;
        if (text[size] == '\0') return true;
        text += size + 1;
    }
}

static bool set_pair(const assignment *a, mr_pairs *pairs) {
    mr_arena *arena = &a->settings->arena;
    mr_pair pair = {.secret = a->secret || mr_is_secret_name(a->name), .rank = a->rank};
    pair.name = mr_arena_copy(arena, a->name, strlen(a->name));
    pair.value = mr_arena_copy(arena, a->text, strlen(a->text));
    if (a->where != NULL) pair.where = mr_arena_copy(arena, a->where, strlen(a->where));
    if (pair.name == NULL || pair.value == NULL || (a->where != NULL && pair.where == NULL)) return false;
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcmp(pairs->items[i].name, pair.name) != 0) continue;
        if (pair.rank >= pairs->items[i].rank) pairs->items[i] = pair;
        return true;
    }
    if (pairs->count == pairs->capacity) {
        size_t capacity = pairs->capacity ? pairs->capacity * 2 : 8;
        mr_pair *items = mr_arena_alloc(arena, capacity * sizeof *items);
        if (items == NULL) return false;
        if (pairs->count > 0) memcpy(items, pairs->items, pairs->count * sizeof *items);
        pairs->items = items;
        pairs->capacity = capacity;
    }
    pairs->items[pairs->count++] = pair;
    return true;
}

static int choice_index(const char *choices, const char *text) {
    size_t size = strlen(text);
    for (int index = 0;; index++) {
        size_t end = strcspn(choices, "|");
        if (end == size && memcmp(choices, text, size) == 0) return index;
        if (choices[end] == '\0') return -1;
        choices += end + 1;
    }
}

static bool parse_port(const char *text, int *port) {
    int64_t number;
    if (strcmp(text, "off") == 0) {
        *port = MR_PORT_OFF;
    } else if (strcmp(text, "any") == 0) {
        *port = 0;
    } else {
        if (!mr_parse_integer(text, strlen(text), &number) || number < 0 || number > 65535) return false;
        *port = (int)number;
    }
    return true;
}

static bool parse_character(const char *text, char *character) {
    if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0) text = "\t";
    if (text[0] == '\0' || text[1] != '\0') return false;
    *character = text[0];
    return true;
}

/* A number of the row's type within its bounds. */
static bool parse_number(const mr_option *option, const char *text, int64_t *value) {
    bool parsed = option->type == MR_OPTION_DURATION ? mr_parse_duration(text, value)
                  : option->type == MR_OPTION_SIZE   ? mr_parse_size(text, value)
                                                     : mr_parse_integer(text, strlen(text), value);
    return parsed && *value >= option->low && *value <= option->high;
}

static void describe_number(const mr_option *option, char *text, size_t size) {
    char low[MR_UNITS_MAX], high[MR_UNITS_MAX];
    if (option->type == MR_OPTION_DURATION) {
        mr_print_duration(low, option->low);
        mr_print_duration(high, option->high);
        snprintf(text, size, "a duration with a unit (ms, s, m, h, d) from %s to %s, as in \"30s\"", low,
                 high);
    } else if (option->type == MR_OPTION_SIZE) {
        mr_print_size(low, option->low);
        mr_print_size(high, option->high);
        snprintf(text, size, "a size (kB, MB, KiB, MiB, ...) from %s to %s, as in \"64MiB\"", low, high);
    } else {
        if (option->high == INT64_MAX)
            snprintf(text, size, "a whole number from %" PRId64 " up", option->low);
        else snprintf(text, size, "a whole number from %" PRId64 " to %" PRId64, option->low, option->high);
    }
}

/* What a value of this row must be, for the error. */
static void describe(const mr_option *option, char *text, size_t size) {
    switch (option->type) {
    case MR_OPTION_INTEGER:
    case MR_OPTION_DURATION:
    case MR_OPTION_SIZE:
        describe_number(option, text, size);
        return;
    case MR_OPTION_PORT:
        snprintf(text, size, "a port from 1 to 65535, \"any\" or \"off\"");
        return;
    case MR_OPTION_CHOICE:
        snprintf(text, size, "one of %s", option->choices);
        return;
    case MR_OPTION_BOOLEAN:
        snprintf(text, size, "true or false");
        return;
    case MR_OPTION_CHARACTER:
        snprintf(text, size, "one character, or \"tab\"");
        return;
    case MR_OPTION_MAP:
        snprintf(text, size, "NAME=VALUE");
        return;
    default:
        snprintf(text, size, "a text");
        return;
    }
}

typedef enum outcome { STORED, WRONG, NO_ROOM } outcome;

static outcome outcome_of(bool stored) {
    return stored ? STORED : NO_ROOM;
}

/* Parses into a temporary, so that a wrong value leaves the member as it was. */
static outcome store(assignment *a) {
    mr_arena *arena = &a->settings->arena;
    int64_t number = 0;
    int index;
    switch (a->option->type) {
    case MR_OPTION_STRING: {
        const char *copy = mr_arena_copy(arena, a->text, strlen(a->text));
        if (copy != NULL) *(const char **)a->member = copy;
        return outcome_of(copy != NULL);
    }
    case MR_OPTION_INTEGER:
    case MR_OPTION_DURATION:
    case MR_OPTION_SIZE:
        if (!parse_number(a->option, a->text, &number)) return WRONG;
        *(int64_t *)a->member = number;
        return STORED;
    case MR_OPTION_PORT:
        return parse_port(a->text, a->member) ? STORED : WRONG;
    case MR_OPTION_CHOICE:
        index = choice_index(a->option->choices, a->text);
        if (index < 0) return WRONG;
        *(int *)a->member = index;
        return STORED;
    case MR_OPTION_BOOLEAN:
        if (strcmp(a->text, "true") != 0 && strcmp(a->text, "false") != 0) return WRONG;
        *(bool *)a->member = a->text[0] == 't';
        return STORED;
    case MR_OPTION_CHARACTER:
        return parse_character(a->text, a->member) ? STORED : WRONG;
    case MR_OPTION_MAP:
        return outcome_of(set_pair(a, a->member));
    case MR_OPTION_LIST:
    case MR_OPTION_REPEATED: {
        mr_strings *strings = a->member;
        if (a->rank > a->origin->rank) *strings = (mr_strings){0}; /* a later source replaces the list */
        if (a->option->type == MR_OPTION_LIST) return outcome_of(add_list(arena, strings, a->text));
        return outcome_of(add_string(arena, strings, a->text, strlen(a->text)));
    }
    }
    return WRONG;
}

/* "NAME=VALUE" of a map's flag: splits it. */
static bool split_pair(assignment *a) {
    const char *equals = strchr(a->text, '=');
    if (equals == NULL || equals == a->text) return false;
    a->name = mr_arena_copy(&a->settings->arena, a->text, (size_t)(equals - a->text));
    a->text = equals + 1;
    return a->name != NULL;
}

static void report_wrong(const assignment *a, const char *key, const char *where, mr_problems *problems) {
    char wanted[160];
    describe(a->option, wanted, sizeof wanted);
    bool hidden = a->secret || (a->option->flags & MR_OPTION_SECRET) || a->option->type == MR_OPTION_MAP;
    if (hidden) mr_problem(problems, where, "%s must be %s", key, wanted);
    else mr_problem(problems, where, "%s must be %s, not \"%.80s\"", key, wanted, a->text);
}

void mr_settings_set(mr_settings *settings, const char *key, const char *text, unsigned char rank,
                     const char *where, mr_problems *problems) {
    size_t table;
    const char *name;
    const mr_option *option = mr_settings_find(settings, 0, key, &table, &name);
    if (option == NULL) {
        mr_problem(problems, where, "there is no key \"%.80s\"", key);
        return;
    }
    mr_setting_origin *origin = &settings->origins[table][option - settings->tables[table].options];
    assignment a = {
        .settings = settings, .option = option, .origin = origin, .name = name, .where = where, .rank = rank};
    a.member = (char *)settings->tables[table].values + option->offset;
    mr_error error;
    a.text = mr_expand(&settings->arena, text, &a.secret, &error);
    if (a.text == NULL) {
        mr_problem(problems, where, "%s: %s", key, error.message);
        return;
    }
    if (rank < origin->rank && option->type != MR_OPTION_MAP) return;
    bool pair_wanted = option->type == MR_OPTION_MAP && name == NULL;
    outcome result = pair_wanted && !split_pair(&a) ? WRONG : store(&a);
    if (result == WRONG) report_wrong(&a, option->name, where, problems);
    if (result == NO_ROOM) mr_problem(problems, where, "out of memory");
    if (result != STORED) return;
    if (rank < origin->rank) return; /* a map's entry; the flag's origin stays */
    origin->rank = rank;
    origin->secret = a.secret || (option->flags & MR_OPTION_SECRET);
    origin->where = where ? mr_arena_copy(&settings->arena, where, strlen(where)) : NULL;
}

const mr_setting_origin *mr_settings_origin(const mr_settings *settings, const char *name) {
    static const mr_setting_origin none;
    size_t table;
    const char *rest;
    const mr_option *option = mr_settings_find(settings, 0, name, &table, &rest);
    return option ? &settings->origins[table][option - settings->tables[table].options] : &none;
}

/* ---- Life ---- */

static mr_status set_defaults(mr_settings *settings, const mr_option_table *table, mr_error *error) {
    for (size_t i = 0; i < table->count; i++) {
        const mr_option *option = &table->options[i];
        if (option->preset == NULL) continue;
        mr_problems *problems = mr_alloc_zero(1, sizeof *problems);
        if (problems == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
        mr_settings_set(settings, option->name, option->preset, 0, NULL, problems);
        bool failed = problems->count > 0;
        if (failed) mr_fail(error, MR_NO_MEMORY, option->name, "%s", problems->items[0].message);
        mr_free(problems);
        if (failed) return MR_NO_MEMORY;
    }
    return MR_OK;
}

mr_status mr_settings_init(mr_settings *settings, const mr_option_table *tables, size_t count,
                           mr_error *error) {
    *settings = (mr_settings){.table_count = count};
    mr_arena_init(&settings->arena, 4096, (size_t)64 << 20);
    for (size_t t = 0; t < count; t++) {
        settings->tables[t] = tables[t];
        settings->origins[t] =
            mr_arena_alloc_zero(&settings->arena, tables[t].count, sizeof(mr_setting_origin));
        if (settings->origins[t] == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    }
    for (size_t t = 0; t < count; t++) {
        mr_status status = set_defaults(settings, &tables[t], error);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

void mr_settings_free(mr_settings *settings) {
    mr_arena_free(&settings->arena);
}
