/* What a person reads of the options: `--help`, the reference, the values in force. */
#include "base/options.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"

enum { FLAG_COLUMN = 34, TEXT_MAX = 512 };

/* What stands for the value: "TOPIC", "earliest|latest". Empty for what needs none. */
static const char *placeholder(const mr_option *option) {
    if (option->choices != NULL) return option->choices;
    switch (option->type) {
    case MR_OPTION_BOOLEAN:
        return "";
    case MR_OPTION_INTEGER:
        return "N";
    case MR_OPTION_DURATION:
        return "TIME";
    case MR_OPTION_SIZE:
        return "SIZE";
    case MR_OPTION_PORT:
        return "PORT";
    case MR_OPTION_CHARACTER:
        return "C";
    case MR_OPTION_MAP:
        return "NAME=VALUE";
    default:
        return "TEXT";
    }
}

/* Writes words from column `at` on, wrapped at `width` and indented to `indent`. */
static void print_wrapped(FILE *out, const char *text, size_t at, size_t indent, size_t width) {
    bool first = true; /* of its line */
    while (*text != '\0') {
        size_t size = strcspn(text, " ");
        if (!first && at + 1 + size > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
            first = true;
        }
        if (!first) fputc(' ', out);
        fprintf(out, "%.*s", (int)size, text);
        at += size + !first;
        first = false;
        text += size + (text[size] == ' ');
    }
    fputc('\n', out);
}

static void print_option(FILE *out, const mr_option *option, size_t width) {
    char flag[TEXT_MAX * 2], text[TEXT_MAX * 2], letter[8] = "", name[128];
    snprintf(name, sizeof name, "%s", option->name);
    for (char *at = name; *at != '\0'; at++)
        if (*at == '_') *at = '-';
    const char *value = placeholder(option);
    if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    bool optional = option->implied != NULL;
    snprintf(flag, sizeof flag, "  %s--%s%s%s%s%s", letter, name, *value ? " " : "", optional ? "[" : "",
             value, optional ? "]" : "");
    snprintf(text, sizeof text, "%s%s%s%s", option->help, option->preset ? " [" : "",
             option->preset ? option->preset : "", option->preset ? "]" : "");
    size_t size = strlen(flag);
    fputs(flag, out);
    if (size + 2 > FLAG_COLUMN) fprintf(out, "\n%*s", FLAG_COLUMN, "");
    else fprintf(out, "%*s", (int)(FLAG_COLUMN - size), "");
    print_wrapped(out, text, FLAG_COLUMN, FLAG_COLUMN, width);
}

void mr_options_print_help(FILE *out, const mr_option *options, size_t count, int width) {
    const char *section = NULL;
    for (size_t i = 0; i < count; i++) {
        if (section == NULL || strcmp(section, options[i].section) != 0)
            fprintf(out, "\n%s\n", options[i].section);
        section = options[i].section;
        print_option(out, &options[i], width < 60 ? 60 : (size_t)width);
    }
}

static const char *type_name(const mr_option *option) {
    static const char *const names[] = {"text",    "whole number", "duration", "size", "port", "choice",
                                        "boolean", "character",    "map",      "list", "texts"};
    return names[option->type];
}

static void print_bounds(FILE *out, const mr_option *option) {
    char low[MR_UNITS_MAX], high[MR_UNITS_MAX];
    if (option->type == MR_OPTION_INTEGER) {
        fprintf(out, ", %" PRId64 " to %" PRId64, option->low, option->high);
    } else if (option->type == MR_OPTION_DURATION) {
        mr_print_duration(low, option->low);
        mr_print_duration(high, option->high);
        fprintf(out, ", %s to %s", low, high);
    } else if (option->type == MR_OPTION_SIZE) {
        mr_print_size(low, option->low);
        mr_print_size(high, option->high);
        fprintf(out, ", %s to %s", low, high);
    }
}

/* A cell of a Markdown table: `|` would end it. */
static void print_choices(FILE *out, const char *choices) {
    for (; *choices != '\0'; choices++) fputs(*choices == '|' ? "`, `" : (char[]){*choices, '\0'}, out);
}

void mr_options_print_reference(FILE *out, const mr_option *options, size_t count) {
    const char *section = NULL;
    for (size_t i = 0; i < count; i++) {
        const mr_option *option = &options[i];
        if (section == NULL || strcmp(section, option->section) != 0)
            fprintf(out, "\n## %s\n\n| key | value | default | what it does |\n|---|---|---|---|\n",
                    option->section);
        section = option->section;
        fprintf(out, "| `%s` | ", option->name);
        if (option->type == MR_OPTION_CHOICE) {
            fputs("`", out);
            print_choices(out, option->choices);
            fputs("`", out);
        } else {
            fputs(type_name(option), out);
            print_bounds(out, option);
        }
        bool quoted = option->preset != NULL;
        fprintf(out, " | %s%s%s | %s%s |\n", quoted ? "`" : "", quoted ? option->preset : "",
                quoted ? "`" : "", option->help, option->flags & MR_OPTION_SECRET ? " Secret." : "");
    }
}

/* ---- Values in force ---- */

static void print_quoted(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') fprintf(out, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7F) fprintf(out, "\\x%02x", byte);
        else fputc(byte, out);
    }
    fputc('"', out);
}

static void print_strings(FILE *out, const mr_strings *strings, bool secret) {
    fputc('[', out);
    for (size_t i = 0; i < strings->count; i++) {
        if (i > 0) fputs(", ", out);
        print_quoted(out, secret ? "***" : strings->items[i]);
    }
    fputc(']', out);
}

static void print_choice(FILE *out, const char *choices, int index) {
    while (index-- > 0) choices += strcspn(choices, "|") + 1;
    fprintf(out, "%.*s", (int)strcspn(choices, "|"), choices);
}

static void print_value(FILE *out, const mr_option *option, const void *member, bool secret) {
    char text[MR_UNITS_MAX];
    switch (option->type) {
    case MR_OPTION_INTEGER:
        fprintf(out, "%" PRId64, *(const int64_t *)member);
        return;
    case MR_OPTION_DURATION:
        mr_print_duration(text, *(const int64_t *)member);
        break;
    case MR_OPTION_SIZE:
        mr_print_size(text, *(const int64_t *)member);
        break;
    case MR_OPTION_CHOICE:
        print_choice(out, option->choices, *(const int *)member);
        return;
    case MR_OPTION_BOOLEAN:
        fputs(*(const bool *)member ? "true" : "false", out);
        return;
    case MR_OPTION_PORT:
        snprintf(text, sizeof text,
                 *(const int *)member > 0    ? "%d"
                 : *(const int *)member == 0 ? "any"
                                             : "off",
                 *(const int *)member);
        break;
    case MR_OPTION_CHARACTER:
        print_quoted(out, *(const char *)member == '\t' ? "tab" : (char[]){*(const char *)member, '\0'});
        return;
    case MR_OPTION_LIST:
    case MR_OPTION_REPEATED:
        print_strings(out, member, secret);
        return;
    default: {
        const char *string = *(const char *const *)member;
        if (string == NULL) fputs("null", out);
        else print_quoted(out, secret ? "***" : string);
        return;
    }
    }
    fputs(text, out);
}

/* Ends a line; `where` NULL: the default. */
static void print_origin(FILE *out, const char *where) {
    fprintf(out, "%s%s\n", where ? "  # " : "", where ? where : "");
}

static void print_map(FILE *out, const char *name, const mr_pairs *pairs) {
    fprintf(out, "%s:%s\n", name, pairs->count ? "" : " {}");
    for (size_t i = 0; i < pairs->count; i++) {
        fputs("  ", out);
        print_quoted(out, pairs->items[i].name);
        fputs(": ", out);
        print_quoted(out, pairs->items[i].secret ? "***" : pairs->items[i].value);
        print_origin(out, pairs->items[i].where);
    }
}

void mr_settings_print(FILE *out, const mr_settings *settings, size_t table) {
    const mr_option_table *rows = &settings->tables[table];
    for (size_t i = 0; i < rows->count; i++) {
        const mr_option *option = &rows->options[i];
        const mr_setting_origin *origin = &settings->origins[table][i];
        const void *member = (const char *)rows->values + option->offset;
        if (option->type == MR_OPTION_MAP) {
            print_map(out, option->name, member);
            continue;
        }
        fprintf(out, "%s: ", option->name);
        print_value(out, option, member, origin->secret);
        print_origin(out, origin->where);
    }
}
