/* Flags: `--key VALUE`, `--key=VALUE`, `-k VALUE`, `-kVALUE`; `--` ends them.
 *
 * Every key of the tables is one. A boolean, and any row that says what it means when it stands alone,
 * needs no value; `--no-key` turns a boolean off.
 */
#include "base/options.h"

#include <ctype.h>
#include <string.h>

enum { FLAG_MAX = 512, RANK_FLAG = 2 };

typedef struct words {
    mr_settings *settings;
    mr_problems *problems;
    const char *const *items;
    int count, next;
} words;

static const mr_option *find_letter(const mr_settings *settings, char letter) {
    for (size_t t = 0; t < settings->table_count; t++)
        for (size_t i = 0; i < settings->tables[t].count; i++)
            if (settings->tables[t].options[i].letter == letter) return &settings->tables[t].options[i];
    return NULL;
}

/* Whether a word can only be a port. */
static bool is_port(const char *text) {
    if (strcmp(text, "any") == 0 || strcmp(text, "off") == 0) return true;
    if (*text == '\0') return false;
    while (isdigit((unsigned char)*text)) text++;
    return *text == '\0';
}

/* The value for a flag: what was attached, what the row implies, or the next word. A port may
 * follow `--embedded`, or not: the next word is taken when it is one. */
static const char *value_of(words *in, const mr_option *option, const char *attached, const char *flag) {
    if (attached != NULL) return attached;
    const char *next = in->next < in->count ? in->items[in->next] : NULL;
    if (option->type == MR_OPTION_BOOLEAN) return "true";
    if (option->implied != NULL && (next == NULL || !is_port(next))) return option->implied;
    if (next != NULL) {
        in->next++;
        return next;
    }
    mr_problem(in->problems, flag, "a value must follow: %s %s", flag,
               option->choices ? option->choices : "VALUE");
    return NULL;
}

static void report_unknown(words *in, const char *flag, const char *key) {
    char nearest[FLAG_MAX];
    if (mr_settings_nearest(in->settings, 0, key, nearest, sizeof nearest))
        mr_problem(in->problems, flag, "unknown flag; did you mean --%s?", nearest);
    else mr_problem(in->problems, flag, "unknown flag; --help lists all");
}

static void read_long(words *in, const char *word) {
    const char *key = word + 2, *equals = strchr(key, '=');
    char name[FLAG_MAX], flag[FLAG_MAX];
    size_t size = equals ? (size_t)(equals - key) : strlen(key);
    snprintf(name, sizeof name, "%.*s", size < sizeof name ? (int)size : 0, key);
    snprintf(flag, sizeof flag, "--%.500s", name);
    size_t table;
    const char *entry;
    const mr_option *option = mr_settings_find(in->settings, 0, name, &table, &entry);
    if (option == NULL && strncmp(name, "no-", 3) == 0 && equals == NULL) {
        option = mr_settings_find(in->settings, 0, name + 3, &table, &entry);
        if (option != NULL && option->type == MR_OPTION_BOOLEAN) {
            mr_settings_set(in->settings, name + 3, "false", RANK_FLAG, flag, in->problems);
            return;
        }
        option = NULL;
    }
    if (option == NULL) {
        report_unknown(in, flag, name);
        return;
    }
    const char *value = value_of(in, option, equals ? equals + 1 : NULL, flag);
    if (value != NULL) mr_settings_set(in->settings, name, value, RANK_FLAG, flag, in->problems);
}

/* One letter, or several that need no value. */
static void read_short(words *in, const char *word) {
    for (const char *at = word + 1; *at != '\0'; at++) {
        const mr_option *option = find_letter(in->settings, *at);
        char flag[3] = {'-', *at, '\0'};
        if (option == NULL) {
            mr_problem(in->problems, flag, "unknown flag; --help lists all");
            return;
        }
        bool alone = option->type == MR_OPTION_BOOLEAN;
        const char *value = value_of(in, option, !alone && at[1] != '\0' ? at + 1 : NULL, flag);
        if (value != NULL) mr_settings_set(in->settings, option->name, value, RANK_FLAG, flag, in->problems);
        if (!alone) return;
    }
}

static void keep_argument(words *in, const char *word) {
    mr_strings *list = &in->settings->arguments;
    if (list->capacity == 0) {
        list->capacity = (size_t)in->count;
        list->items = mr_arena_alloc(&in->settings->arena, list->capacity * sizeof *list->items);
    }
    if (list->items == NULL) mr_problem(in->problems, NULL, "out of memory");
    else list->items[list->count++] = word;
}

void mr_settings_read_flags(mr_settings *settings, int count, const char *const *items,
                            mr_problems *problems) {
    words in = {settings, problems, items, count, 0};
    bool flags = true;
    while (in.next < in.count) {
        const char *word = in.items[in.next++];
        if (flags && strcmp(word, "--") == 0) flags = false;
        else if (flags && word[0] == '-' && word[1] == '-') read_long(&in, word);
        else if (flags && word[0] == '-' && word[1] != '\0') read_short(&in, word);
        else keep_argument(&in, word);
    }
}
