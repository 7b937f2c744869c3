/* Topics are polled in turn; each message becomes one line, made in an arena that is reset after it.
 *
 * Bytes from a topic may hold anything, so texts are escaped: as JSON, or, in plain lines, so that
 * nothing can send codes to a terminal.
 */
#include "app/read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "app/components.h"
#include "base/memory.h"
#include "codec/codec.h"

enum { POLL_MS = 100 };

typedef struct topic_reader {
    const char *name;
    mr_read_as as;
    mr_kafka_reader *reader;
} topic_reader;

typedef struct session {
    const mr_configuration *configuration;
    const mr_read_options *options;
    topic_reader topics[MR_READ_TOPICS_MAX];
    size_t topic_count;
    mr_arena arena;
    uint64_t count;
} session;

/* ---- Values ---- */

static mr_status json_as_it_is(mr_bytes value, mr_arena *arena, mr_bytes *text, mr_error *error) {
    json_error_t wrong;
    json_t *parsed = json_loadb(value.data, value.size, JSON_DECODE_ANY, &wrong);
    if (parsed == NULL) return mr_fail(error, MR_SYNTAX, NULL, "not JSON: %s", wrong.text);
    char *line = json_dumps(parsed, JSON_COMPACT | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER);
    json_decref(parsed);
    text->size = line ? strlen(line) : 0;
    text->data = line ? mr_arena_copy(arena, line, text->size) : NULL;
    free(line);
    return text->data ? MR_OK : mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
}

static mr_status record_to_json(const session *s, mr_bytes value, mr_arena *arena, mr_bytes *text,
                                mr_error *error) {
    if (s->configuration->records_format == MR_FORMAT_JSON) return json_as_it_is(value, arena, text, error);
    return mr_record_to_json(s->configuration->records_message, value, arena, text, error);
}

/* JSON of a value, or why there is none. A dead letter holds what it was: a record, or a model. */
static mr_status value_to_json(session *s, mr_read_as as, mr_bytes value, mr_bytes *text, mr_error *error) {
    switch (as) {
    case MR_READ_RESULT:
        if (s->configuration->results_format == MR_FORMAT_JSON)
            return json_as_it_is(value, &s->arena, text, error);
        return mr_result_to_json(value, &s->arena, text, error);
    case MR_READ_MODEL:
        return mr_descriptor_to_json(value, (mr_numbering)s->configuration->models_descriptor, &s->arena,
                                     text, error);
    case MR_READ_RECORD:
    case MR_READ_ERROR:
        return record_to_json(s, value, &s->arena, text, error);
    default:
        return mr_fail(error, MR_UNSUPPORTED, NULL, "shown as it is");
    }
}

/* ---- Lines ---- */

/* Text as a JSON string; bytes that are no UTF-8 as their code points (Latin-1), so that nothing is lost. */
static void write_text(FILE *out, mr_bytes bytes) {
    json_t *text = json_stringn(bytes.data, bytes.size);
    char *quoted = text ? json_dumps(text, JSON_ENCODE_ANY) : NULL;
    json_decref(text);
    if (quoted != NULL) {
        fputs(quoted, out);
        free(quoted);
        return;
    }
    const unsigned char *at = bytes.data;
    fputc('"', out);
    for (size_t i = 0; i < bytes.size; i++) {
        if (at[i] < 0x20 || at[i] > 0x7E || at[i] == '"' || at[i] == '\\') fprintf(out, "\\u%04x", at[i]);
        else fputc(at[i], out);
    }
    fputc('"', out);
}

static void write_headers(FILE *out, const mr_record *record) {
    fputc('{', out);
    for (uint32_t i = 0; i < record->header_count; i++) {
        const mr_header *header = &record->headers[i];
        if (i > 0) fputs(", ", out);
        write_text(out, (mr_bytes){header->name, strlen(header->name)});
        fputs(": ", out);
        if (header->value.data == NULL) fputs("null", out);
        else write_text(out, header->value);
    }
    fputc('}', out);
}

static void write_optional(FILE *out, mr_bytes bytes) {
    if (bytes.data == NULL) fputs("null", out);
    else write_text(out, bytes);
}

static void write_json_line(FILE *out, const mr_model_message *message, const mr_bytes *text,
                            const char *reason) {
    const mr_record *record = &message->record;
    fprintf(out,
            "{\"topic\": \"%s\", \"partition\": %" PRId32 ", \"offset\": %" PRId64 ", \"timestamp\": %" PRId64
            ", \"key\": ",
            message->topic, message->partition, record->offset, record->timestamp);
    write_optional(out, record->key);
    fputs(", \"headers\": ", out);
    write_headers(out, record);
    fputs(", \"value\": ", out);
    if (text->data != NULL) fwrite(text->data, 1, text->size, out);
    else write_optional(out, record->value);
    if (reason != NULL) {
        fputs(", \"undecoded\": ", out);
        write_text(out, (mr_bytes){reason, strlen(reason)});
    }
    fputs("}\n", out);
}

static void write_plain_line(FILE *out, const mr_model_message *message, const mr_bytes *text) {
    const mr_record *record = &message->record;
    fprintf(out, "%s[%" PRId32 "]@%" PRId64 " key=", message->topic, message->partition, record->offset);
    write_optional(out, record->key);
    if (record->header_count > 0) {
        fputs(" headers=", out);
        write_headers(out, record);
    }
    fputc(' ', out);
    if (text->data != NULL) fwrite(text->data, 1, text->size, out);
    else write_optional(out, record->value);
    fputc('\n', out);
}

static mr_status show(session *s, const topic_reader *topic, const mr_model_message *message,
                      mr_error *error) {
    FILE *out = s->options->out;
    mr_bytes text = {0};
    mr_error why;
    mr_arena_reset(&s->arena, 1 << 20);
    bool empty = message->record.value.data == NULL;
    bool decoded = !empty && value_to_json(s, topic->as, message->record.value, &text, &why) == MR_OK;
    if (!decoded) text = (mr_bytes){0};
    if (s->options->json)
        write_json_line(out, message, &text,
                        decoded || empty || topic->as == MR_READ_RAW ? NULL : why.message);
    else write_plain_line(out, message, &text);
    s->count++;
    int code = fflush(out) == 0 ? 0 : errno;
    if (code == EPIPE) return mr_fail(error, MR_CANCELLED, NULL, "nobody reads any more");
    if (code != 0) return mr_fail(error, MR_IO, "standard output", "cannot be written: %s", strerror(code));
    return MR_OK;
}

/* ---- Loop ---- */

static mr_read_as kind_of(const mr_configuration *c, const char *topic) {
    if (strcmp(topic, c->results_topic) == 0) return MR_READ_RESULT;
    if (strcmp(topic, c->records_topic) == 0) return MR_READ_RECORD;
    if (strcmp(topic, c->models_topic) == 0) return MR_READ_MODEL;
    return strcmp(topic, c->errors_topic) == 0 ? MR_READ_ERROR : MR_READ_RAW;
}

static mr_status open_topics(session *s, const mr_kafka_config *kafka, mr_error *error) {
    const mr_strings *names = &s->options->topics;
    size_t count = names->count ? names->count : 1;
    if (count > MR_READ_TOPICS_MAX)
        return mr_fail(error, MR_LIMIT, NULL, "at most %d topics can be read at once", MR_READ_TOPICS_MAX);
    for (size_t i = 0; i < count; i++) {
        topic_reader *topic = &s->topics[i];
        topic->name = names->count ? names->items[i] : s->configuration->results_topic;
        topic->as = s->options->as == MR_READ_AUTO ? kind_of(s->configuration, topic->name) : s->options->as;
        mr_status status = mr_kafka_reader_new(kafka, s->configuration->application_id, topic->name,
                                               !s->options->latest, &topic->reader, error);
        if (status != MR_OK) return status;
        s->topic_count++;
    }
    return MR_OK;
}

static bool at_end(session *s) {
    for (size_t i = 0; i < s->topic_count; i++)
        if (!mr_kafka_reader_caught_up(s->topics[i].reader, NULL, NULL)) return false;
    return true;
}

static bool finished(const session *s) {
    bool enough = s->options->count > 0 && s->count >= (uint64_t)s->options->count;
    return enough || (s->options->stop != NULL && *s->options->stop != 0);
}

/* Everything that is there from one topic, then the next; waits only when no topic had anything. */
static mr_status poll_topics(session *s, int timeout_ms, bool *any, mr_error *error) {
    *any = false;
    for (size_t i = 0; i < s->topic_count; i++) {
        int wait = timeout_ms / (int)s->topic_count;
        for (int n = 0; n < 1000 && !finished(s); n++) {
            mr_model_message message;
            mr_status status = mr_kafka_reader_poll(s->topics[i].reader, wait, &message, error);
            if (status == MR_UNAVAILABLE || status == MR_TIMEOUT) break;
            if (status != MR_OK) return status;
            if (message.topic == NULL) break;
            *any = true;
            wait = 0;
            if ((status = show(s, &s->topics[i], &message, error)) != MR_OK) return status;
        }
    }
    return MR_OK;
}

static mr_status run(session *s, mr_error *error) {
    bool any = false;
    while (!finished(s)) {
        bool last = s->options->to_end && at_end(s);
        mr_status status = poll_topics(s, any ? 0 : POLL_MS, &any, error);
        if (status != MR_OK) return status;
        if (last && !any) return MR_OK;
    }
    return MR_OK;
}

mr_status mr_read_topics(const mr_configuration *configuration, const char *bootstrap,
                         const mr_read_options *options, uint64_t *count, mr_error *error) {
    session *s = mr_alloc_zero(1, sizeof *s);
    if (s == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    s->configuration = configuration;
    s->options = options;
    mr_arena_init(&s->arena, 64 * 1024, 0);
    mr_kafka_config kafka = {0};
    mr_status status = mr_make_kafka_config(configuration, bootstrap, &kafka, error);
    if (status == MR_OK) status = open_topics(s, &kafka, error);
    if (status == MR_OK) status = run(s, error);
    *count = s->count;
    for (size_t i = 0; i < MR_READ_TOPICS_MAX; i++) mr_kafka_reader_free(s->topics[i].reader);
    mr_free_kafka_config(&kafka);
    mr_arena_free(&s->arena);
    mr_free(s);
    return status;
}
