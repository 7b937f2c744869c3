/* The configuration file: YAML 1.2 by libfyaml, walked once.
 *
 * A mapping inside a mapping adds a part to the dotted key, so `records: {topic: t}` and
 * `records.topic: t` are the same. The walk goes down only where a key of the table goes on, so it is
 * never deeper than the longest key. Aliases are refused: they are how a small file becomes a big one.
 * libfyaml counts lines and columns of marks from 0, those of its errors from 1, as people do.
 */
#include "app/settings_file.h"

#include <errno.h>
#include <libfyaml.h>
#include <string.h>

#include "base/memory.h"
#include "kafka/kafka.h"

enum { FILE_MAX = 1 << 20, KEY_MAX = 512, RANK_FILE = 1 };

typedef struct reader {
    mr_settings *settings;
    mr_problems *problems;
    const char *file;
    size_t first;
} reader;

typedef struct place {
    char text[128];
} place;

static place place_of(const reader *in, struct fy_node *node, const place *otherwise) {
    place at = *otherwise;
    struct fy_token *token = fy_node_get_scalar_token(node);
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    if (mark != NULL)
        snprintf(at.text, sizeof at.text, "%s:%d:%d", in->file, mark->line + 1, mark->column + 1);
    return at;
}

static void report_unknown(const reader *in, const char *key, const place *at) {
    char nearest[KEY_MAX];
    if (mr_settings_nearest(in->settings, in->first, key, nearest, sizeof nearest))
        mr_problem(in->problems, at->text, "unknown key \"%.80s\"; did you mean \"%s\"?", key, nearest);
    else if (mr_kafka_nearest_setting(key, nearest, sizeof nearest))
        mr_problem(in->problems, at->text, "unknown key \"%.80s\"; did you mean \"kafka.%s\"?", key, nearest);
    else
        mr_problem(in->problems, at->text, "unknown key \"%.80s\"; `millrace serve --help` lists all keys",
                   key);
}

/* Whether some key of the tables continues `key` with a dot. */
static bool leads_on(const reader *in, const char *key) {
    size_t size = strlen(key);
    for (size_t t = in->first; t < in->settings->table_count; t++)
        for (size_t i = 0; i < in->settings->tables[t].count; i++) {
            const char *name = in->settings->tables[t].options[i].name;
            if (strncmp(name, key, size) == 0 && name[size] == '.') return true;
        }
    return false;
}

static const char *scalar_of(struct fy_node *node) {
    return node != NULL && fy_node_is_scalar(node) && !fy_node_is_alias(node) ? fy_node_get_scalar0(node)
                                                                              : NULL;
}

/* A plain null: the key stays at its default. */
static bool is_null(struct fy_node *node) {
    if (node == NULL) return true;
    if (!fy_node_is_scalar(node)) return false;
    enum fy_node_style style = fy_node_get_style(node);
    if (style != FYNS_PLAIN && style != FYNS_ANY) return false;
    const char *text = fy_node_get_scalar0(node);
    return text == NULL || *text == '\0' || strcmp(text, "null") == 0 || strcmp(text, "~") == 0;
}

static void read_sequence(const reader *in, const mr_option *option, const char *key, struct fy_node *node,
                          const place *at) {
    if (option->type != MR_OPTION_LIST && option->type != MR_OPTION_REPEATED) {
        mr_problem(in->problems, at->text, "%s takes one value, not a list", key);
        return;
    }
    struct fy_node *item;
    void *cursor = NULL;
    while ((item = fy_node_sequence_iterate(node, &cursor)) != NULL) {
        const char *text = scalar_of(item);
        place item_at = place_of(in, item, at);
        if (text == NULL) mr_problem(in->problems, item_at.text, "%s takes a list of texts", key);
        else mr_settings_set(in->settings, key, text, RANK_FILE, item_at.text, in->problems);
    }
}

static void read_map(const reader *in, const char *key, struct fy_node *node, const place *at) {
    struct fy_node_pair *pair;
    void *cursor = NULL;
    while ((pair = fy_node_mapping_iterate(node, &cursor)) != NULL) {
        const char *name = scalar_of(fy_node_pair_key(pair));
        place name_at = place_of(in, fy_node_pair_key(pair), at);
        const char *text = scalar_of(fy_node_pair_value(pair));
        char path[KEY_MAX];
        if (name == NULL || *name == '\0' || text == NULL) {
            mr_problem(in->problems, name_at.text,
                       "%s takes entries \"name: value\"; write names with dots in full", key);
        } else if (snprintf(path, sizeof path, "%s.%s", key, name) >= (int)sizeof path) {
            mr_problem(in->problems, name_at.text, "the key is longer than %d bytes", KEY_MAX - 1);
        } else {
            place text_at = place_of(in, fy_node_pair_value(pair), &name_at);
            mr_settings_set(in->settings, path, text, RANK_FILE, text_at.text, in->problems);
        }
    }
}

static void read_mapping(const reader *in, const char *prefix, struct fy_node *mapping, const place *at);

static void read_value(const reader *in, const char *key, struct fy_node *node, const place *at) {
    size_t table;
    const char *name;
    const mr_option *option = mr_settings_find(in->settings, in->first, key, &table, &name);
    if (node != NULL && fy_node_is_alias(node)) {
        mr_problem(in->problems, at->text, "%s: YAML aliases are not read; write the value out", key);
    } else if (option == NULL && leads_on(in, key) && node != NULL && fy_node_is_mapping(node)) {
        read_mapping(in, key, node, at);
    } else if (option == NULL && leads_on(in, key)) {
        if (!is_null(node))
            mr_problem(in->problems, at->text, "%s is a section: it takes keys, not a value", key);
    } else if (option == NULL) {
        report_unknown(in, key, at);
    } else if (is_null(node)) {
        return;
    } else if (fy_node_is_sequence(node)) {
        read_sequence(in, option, key, node, at);
    } else if (fy_node_is_mapping(node) && option->type == MR_OPTION_MAP && name == NULL) {
        read_map(in, key, node, at);
    } else if (fy_node_is_mapping(node) && leads_on(in, key)) {
        read_mapping(in, key, node, at);
    } else if (fy_node_is_mapping(node)) {
        mr_problem(in->problems, at->text, "%s takes one value, not keys of its own", key);
    } else if (scalar_of(node) == NULL) {
        mr_problem(in->problems, at->text, "%s: the value cannot be read", key);
    } else {
        place value_at = place_of(in, node, at);
        mr_settings_set(in->settings, key, scalar_of(node), RANK_FILE, value_at.text, in->problems);
    }
}

static void read_mapping(const reader *in, const char *prefix, struct fy_node *mapping, const place *at) {
    struct fy_node_pair *pair;
    void *cursor = NULL;
    while ((pair = fy_node_mapping_iterate(mapping, &cursor)) != NULL) {
        const char *name = scalar_of(fy_node_pair_key(pair));
        place name_at = place_of(in, fy_node_pair_key(pair), at);
        char key[KEY_MAX];
        if (name == NULL || *name == '\0') mr_problem(in->problems, name_at.text, "a key must be a text");
        else if (snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", name) >= (int)sizeof key)
            mr_problem(in->problems, name_at.text, "the key is longer than %d bytes", KEY_MAX - 1);
        else read_value(in, key, fy_node_pair_value(pair), &name_at);
    }
}

/* What libfyaml found wrong. Its texts end without a full stop and may quote a key, never a value. */
static void report_syntax(const reader *in, struct fy_diag *diag) {
    struct fy_diag_error *found;
    void *cursor = NULL;
    size_t before = in->problems->count;
    while ((found = fy_diag_errors_iterate(diag, &cursor)) != NULL) {
        if (found->type < FYET_ERROR) continue;
        char where[128];
        snprintf(where, sizeof where, "%s:%d:%d", in->file, found->line, found->column);
        mr_problem(in->problems, where, "not valid YAML: %s", found->msg ? found->msg : "unknown reason");
    }
    if (in->problems->count == before) mr_problem(in->problems, in->file, "not valid YAML");
}

/* Blank lines and comments only: to libfyaml no document at all. */
static bool is_empty(const char *text, size_t size) {
    for (size_t at = 0; at < size; at++) {
        if (text[at] == '#')
            while (at < size && text[at] != '\n') at++;
        else if (strchr(" \t\r\n", text[at]) == NULL) return false;
    }
    return true;
}

static void read_document(const reader *in, const char *text, size_t size) {
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    if (diag == NULL) {
        mr_problem(in->problems, in->file, "out of memory");
        return;
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg config = {.diag = diag, .flags = FYPCF_DEFAULT_PARSE};
    struct fy_parser *parser = fy_parser_create(&config);
    struct fy_document *document = NULL, *second = NULL;
    if (parser != NULL && fy_parser_set_string(parser, text, size) == 0) {
        document = fy_parse_load_document(parser);
        second = document ? fy_parse_load_document(parser) : NULL;
    }
    struct fy_node *root = document ? fy_document_root(document) : NULL;
    place top;
    snprintf(top.text, sizeof top.text, "%s:1:1", in->file);
    if (document == NULL || fy_parser_get_stream_error(parser)) report_syntax(in, diag);
    else if (second != NULL)
        mr_problem(in->problems, in->file, "holds several YAML documents (a line of ---); keep one");
    else if (root != NULL && fy_node_is_mapping(root)) read_mapping(in, "", root, &top);
    else if (!is_null(root))
        mr_problem(in->problems, top.text,
                   "the file must hold keys and values, as in \"records.topic: models_data\"");
    fy_parse_document_destroy(parser, second);
    fy_parse_document_destroy(parser, document);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
}

void mr_settings_read_text(mr_settings *settings, const char *text, size_t size, const char *name,
                           size_t first, mr_problems *problems) {
    reader in = {settings, problems, name, first};
    if (memchr(text, '\0', size) != NULL)
        mr_problem(problems, name, "the file holds zero bytes: it is no text");
    else if (!is_empty(text, size)) read_document(&in, text, size);
}

void mr_settings_read_file(mr_settings *settings, const char *path, size_t first, mr_problems *problems) {
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        mr_problem(problems, path, "cannot read the configuration: %s", strerror(errno));
        return;
    }
    char *text = mr_alloc(FILE_MAX + 1);
    size_t size = text ? fread(text, 1, FILE_MAX + 1, file) : 0;
    if (text == NULL) mr_problem(problems, path, "out of memory");
    else if (ferror(file)) mr_problem(problems, path, "cannot read the configuration: %s", strerror(errno));
    else if (size > FILE_MAX) mr_problem(problems, path, "the configuration is larger than 1 MiB");
    else mr_settings_read_text(settings, text, size, path, first, problems);
    mr_free(text);
    fclose(file);
}
