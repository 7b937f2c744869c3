/* ${NAME}, ${NAME:default} and ${file:PATH} in values: one pass, not repeated on what was put in, so a
 * value from outside can never ask for another. What comes from a file is a secret, and what a variable with
 * a secret's name holds.
 */
#include "base/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SECRET_FILE_MAX = 1 << 20 };

bool mr_is_secret_name(const char *name) {
    static const char *const parts[] = {"password", "secret",        "token",
                                        "jaas",     "sasl.username", "sasl.oauthbearer.config",
                                        "ssl.key.", "ssl.keystore.", ".pem"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcasestr(name, parts[i]) != NULL) return true;
    return false;
}

/* Grows in the arena; `failed` when memory is out. */
typedef struct builder {
    mr_arena *arena;
    char *text;
    size_t size, capacity;
    bool failed;
} builder;

static void append(builder *out, const char *text, size_t size) {
    if (out->failed) return;
    if (size >= out->capacity - out->size) {
        size_t capacity = (out->capacity + size + 1) * 2;
        char *grown = mr_arena_alloc(out->arena, capacity);
        if (grown == NULL) {
            out->failed = true;
            return;
        }
        if (out->size > 0) memcpy(grown, out->text, out->size);
        out->text = grown;
        out->capacity = capacity;
    }
    memcpy(out->text + out->size, text, size);
    out->size += size;
    out->text[out->size] = '\0';
}

static mr_status append_file(builder *out, const char *path, mr_error *error) {
    FILE *file = fopen(path, "re");
    if (file == NULL) return mr_fail(error, MR_IO, NULL, "${file:%s}: %s", path, strerror(errno));
    char *content = mr_alloc(SECRET_FILE_MAX + 1);
    size_t size = content ? fread(content, 1, SECRET_FILE_MAX + 1, file) : 0;
    bool unreadable = ferror(file) != 0;
    mr_status status = MR_OK;
    if (content == NULL) {
        status = mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    } else if (unreadable) {
        status = mr_fail(error, MR_IO, NULL, "${file:%s} cannot be read; give a file, not a folder", path);
    } else if (size > SECRET_FILE_MAX || memchr(content, '\0', size) != NULL) {
        status = mr_fail(error, MR_LIMIT, NULL, "${file:%s} must be text of at most 1 MiB", path);
    } else {
        while (size > 0 && (content[size - 1] == '\n' || content[size - 1] == '\r')) size--;
        append(out, content, size);
    }
    mr_free(content);
    fclose(file);
    return status;
}

/* `reference`: what stands between the braces. */
static mr_status append_reference(builder *out, char *reference, bool *secret, mr_error *error) {
    if (strncmp(reference, "file:", 5) == 0) {
        *secret = true;
        return append_file(out, reference + 5, error);
    }
    char *colon = strchr(reference, ':');
    if (colon != NULL) *colon = '\0';
    const char *value = getenv(reference);
    if (value == NULL && colon == NULL)
        return mr_fail(error, MR_NOT_FOUND, NULL,
                       "the environment variable %s is not set; set it, or write ${%s:default}", reference,
                       reference);
    /* Set but empty counts as not set, as in a shell's ${NAME:-default}. */
    if (colon != NULL && (value == NULL || *value == '\0')) value = colon + 1;
    if (mr_is_secret_name(reference)) *secret = true;
    append(out, value, strlen(value));
    return MR_OK;
}

const char *mr_expand(mr_arena *arena, const char *text, bool *secret, mr_error *error) {
    *secret = false;
    builder out = {.arena = arena};
    append(&out, "", 0);
    while (*text != '\0') {
        size_t plain = strcspn(text, "$");
        append(&out, text, plain);
        text += plain;
        if (strncmp(text, "$${", 3) == 0) {
            append(&out, "${", 2);
            text += 3;
        } else if (strncmp(text, "${", 2) == 0) {
            const char *end = strchr(text, '}');
            if (end == NULL) {
                mr_fail(error, MR_SYNTAX, NULL, "${ without }; write $${ for a plain ${");
                return NULL;
            }
            char *reference = mr_arena_copy(arena, text + 2, (size_t)(end - text - 2));
            if (reference == NULL) out.failed = true;
            if (reference != NULL && append_reference(&out, reference, secret, error) != MR_OK) return NULL;
            text = end + 1;
        } else if (*text == '$') {
            append(&out, text++, 1);
        }
    }
    if (!out.failed) return out.text;
    mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    return NULL;
}
