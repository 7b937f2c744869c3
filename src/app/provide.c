/* One loop: send what is due, poll the producer for the rest of the millisecond.
 *
 * Due is reckoned from the start, so a pause (a full queue, a slow broker) is caught up and the rate is
 * kept on average.
 */
#include "app/provide.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "app/components.h"
#include "app/file.h"
#include "base/clock.h"
#include "base/memory.h"
#include "codec/codec.h"
#include "codec/csv.h"

enum { FLUSH_MS = 30000 };

typedef struct provider {
    const mr_configuration *configuration;
    const mr_provide_options *options;
    mr_provide_count *count;
    mr_kafka_producer *producer;
    mr_arena arena; /* of the message under way */
    int64_t start_ns;
    /* Records. */
    const char *name; /* of their file, for messages */
    FILE *file;
    mr_csv_reader *reader;
    mr_record_encoder *encoder;
    mr_type_place place;
    const char *place_name;
    uint32_t key_column; /* MR_NO_FIELD: none */
    bool records_done;
    bool models_done;
} provider;

static int64_t elapsed_ms(const provider *p) {
    return (mr_monotonic_ns() - p->start_ns) / 1000000;
}

static bool stopped(const provider *p) {
    return p->options->stop != NULL && *p->options->stop != 0;
}

/* ---- Rows ---- */

static void close_rows(provider *p) {
    mr_csv_reader_free(p->reader);
    p->reader = NULL;
    if (p->file != NULL && p->file != stdin) fclose(p->file);
    p->file = NULL;
}

static mr_status open_rows(provider *p, mr_error *error) {
    const mr_provide_options *o = p->options;
    close_rows(p);
    bool standard = strcmp(o->records, "-") == 0;
    p->name = standard ? "standard input" : o->records;
    p->file = standard ? stdin : fopen(o->records, "re");
    if (p->file == NULL) return mr_fail(error, MR_IO, p->name, "cannot be opened: %s", strerror(errno));
    mr_csv_options csv = {.delimiter = o->delimiter,
                          .fields = o->fields.count ? o->fields.items : NULL,
                          .field_count = (uint32_t)o->fields.count};
    return mr_csv_reader_new(p->file, p->name, &csv, &p->reader, error);
}

static mr_status find_key(provider *p, mr_error *error) {
    const char *key = p->options->key;
    p->key_column = MR_NO_FIELD;
    if (key == NULL || strcmp(key, "row") == 0) return MR_OK;
    for (uint32_t i = 0; i < mr_csv_field_count(p->reader); i++)
        if (strcmp(mr_csv_field_name(p->reader, i), key) == 0) p->key_column = i;
    if (p->key_column != MR_NO_FIELD) return MR_OK;
    return mr_fail(error, MR_NOT_FOUND, p->name,
                   "there is no column \"%.80s\" for --key; name a column, or \"row\"", key);
}

/* A file of which nothing is used is most likely read with the wrong delimiter: it would be sent as so many
 * empty records. */
static mr_status check_columns(const provider *p, mr_error *error) {
    uint32_t count = mr_csv_field_count(p->reader), used = 0;
    for (uint32_t i = 0; i < count; i++) used += mr_record_encoder_uses(p->encoder, i);
    if (used == 0)
        return mr_fail(
            error, MR_NOT_FOUND, p->name,
            "no column is a field of %s; the first is \"%.80s\". Say what stands between cells with "
            "--delimiter, and name the columns with --fields",
            p->configuration->records_message, mr_csv_field_name(p->reader, 0));
    for (uint32_t i = 0; i < count; i++) {
        if (mr_record_encoder_uses(p->encoder, i) || i == p->key_column) continue;
        char line[1400];
        snprintf(line, sizeof line, "%s: column \"%s\" is no field of %s: it is left out", p->name,
                 mr_csv_field_name(p->reader, i), p->configuration->records_message);
        p->options->report(p->options->context, line);
    }
    return MR_OK;
}

static mr_status open_encoder(provider *p, mr_error *error) {
    const mr_configuration *c = p->configuration;
    uint32_t count = mr_csv_field_count(p->reader);
    const char **names = mr_alloc_zero(count, sizeof *names);
    if (names == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    bool has_type = p->place != MR_TYPE_IN_FIELD || p->options->type != NULL;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = mr_csv_field_name(p->reader, i);
        has_type |= strcmp(names[i], p->place_name) == 0;
    }
    bool in_field = p->place == MR_TYPE_IN_FIELD;
    mr_record_encoder_options options = {.format = c->records_format == MR_FORMAT_JSON ? "json" : "protobuf",
                                         .message = c->records_message,
                                         .names = names,
                                         .count = count,
                                         .type_field = in_field ? p->place_name : NULL,
                                         .type = in_field ? p->options->type : NULL};
    mr_status status =
        has_type ? mr_record_encoder_new(&options, &p->encoder, error)
                 : mr_fail(error, MR_INVALID_ARGUMENT, p->name,
                           "no column holds the data type (%s); give it with --type, as in --type wine",
                           p->place_name);
    mr_free(names);
    return status;
}

static mr_status open_records(provider *p, mr_error *error) {
    p->records_done = p->options->records == NULL;
    if (p->records_done) return MR_OK;
    mr_configuration_record_type(p->configuration, &p->place, &p->place_name);
    mr_status status = open_rows(p, error);
    if (status == MR_OK) status = find_key(p, error);
    if (status == MR_OK) status = open_encoder(p, error);
    if (status == MR_OK) status = check_columns(p, error);
    return status;
}

/* ---- Send ---- */

static mr_status send(provider *p, const mr_kafka_message *message, mr_error *error) {
    mr_status status;
    while ((status = mr_kafka_producer_send(p->producer, message, error)) == MR_FULL && !stopped(p))
        mr_kafka_producer_poll(p->producer, 10);
    return status == MR_FULL ? MR_OK : status;
}

static void skip_row(provider *p, const mr_error *why) {
    char line[900];
    snprintf(line, sizeof line, "%s: row %" PRIu64 ": %s: not sent", p->name, mr_csv_row_number(p->reader),
             why->message);
    p->options->report(p->options->context, line);
    p->count->skipped++;
}

static mr_status send_row(provider *p, const mr_bytes *cells, mr_error *error) {
    char number[32];
    mr_arena_reset(&p->arena, SIZE_MAX);
    mr_kafka_message message = {.topic = p->configuration->records_topic, .partition = -1, .timestamp = -1};
    mr_error row_error;
    mr_status status = mr_record_encode(p->encoder, cells, &p->arena, &message.value, &row_error);
    if (status == MR_WRONG_TYPE || status == MR_INVALID_VALUE) {
        skip_row(p, &row_error);
        return MR_OK;
    }
    if (status != MR_OK) {
        *error = row_error;
        return status;
    }
    if (p->key_column != MR_NO_FIELD) {
        message.key = cells[p->key_column];
    } else if (p->options->key != NULL) {
        int size = snprintf(number, sizeof number, "%" PRIu64, p->count->records + 1);
        message.key = (mr_bytes){number, (size_t)size};
    }
    mr_header header = {p->place_name, {p->options->type, p->options->type ? strlen(p->options->type) : 0}};
    if (p->place == MR_TYPE_IN_HEADER && p->options->type != NULL) {
        message.headers = &header;
        message.header_count = 1;
    }
    status = send(p, &message, error);
    if (status == MR_OK) p->count->records++;
    return status;
}

/* The next row, beginning again where the options ask for more than the file has. */
static mr_status next_row(provider *p, const mr_bytes **cells, mr_error *error) {
    bool again = (p->options->count > 0 || p->options->duration_ms > 0) && p->file != stdin;
    for (;;) {
        mr_error row_error;
        mr_status status = mr_csv_read(p->reader, cells, &row_error);
        if (status == MR_SYNTAX || status == MR_LIMIT) {
            skip_row(p, &row_error);
            continue;
        }
        if (status != MR_OK) {
            *error = row_error;
            return status;
        }
        if (*cells != NULL || !again || p->count->records == 0) return MR_OK;
        if ((status = open_rows(p, error)) != MR_OK) return status;
    }
}

/* Sends the records that are due; at most a bunch, so that models and stops come between. */
static mr_status send_due_records(provider *p, mr_error *error) {
    const mr_provide_options *o = p->options;
    uint64_t due = p->count->records + 1000;
    if (o->rate > 0) {
        uint64_t by_now = (uint64_t)((double)elapsed_ms(p) * (double)o->rate / 1000) + 1;
        if (by_now < due) due = by_now;
    }
    while (!p->records_done && p->count->records + p->count->skipped < due) {
        const mr_bytes *cells = NULL;
        bool enough = (o->count > 0 && p->count->records >= (uint64_t)o->count) ||
                      (o->duration_ms > 0 && elapsed_ms(p) >= o->duration_ms);
        mr_status status = enough ? MR_OK : next_row(p, &cells, error);
        if (status == MR_OK && cells != NULL) status = send_row(p, cells, error);
        if (status != MR_OK) return status;
        p->records_done = cells == NULL;
    }
    return MR_OK;
}

/* ---- Models ---- */

/* "winequality" of "models/winequality.pmml"; the arena's. */
static char *name_of_file(mr_arena *arena, const char *path) {
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    const char *dot = strrchr(name, '.');
    return mr_arena_copy(arena, name, dot != NULL && dot > name ? (size_t)(dot - name) : strlen(name));
}

static mr_status send_model(provider *p, const char *path, mr_error *error) {
    const mr_provide_options *o = p->options;
    char *data = NULL;
    size_t size = 0;
    if (o->type == NULL || *o->type == '\0')
        return mr_fail(error, MR_INVALID_ARGUMENT, path,
                       "a model needs a data type; give --type, as in --type wine");
    mr_status status = mr_read_file(path, &data, &size, error);
    if (status != MR_OK) return status;
    mr_arena_reset(&p->arena, 0);
    mr_descriptor descriptor = {
        .name = o->name ? mr_arena_copy(&p->arena, o->name, strlen(o->name)) : name_of_file(&p->arena, path),
        .description = mr_arena_copy(&p->arena, o->description ? o->description : "",
                                     o->description ? strlen(o->description) : 0),
        .data_type = mr_arena_copy(&p->arena, o->type, strlen(o->type)),
        .version = o->version ? mr_arena_copy(&p->arena, o->version, strlen(o->version)) : NULL,
        .data = {data, size},
    };
    mr_kafka_message message = {.topic = p->configuration->models_topic, .partition = -1, .timestamp = -1};
    char *key = mr_arena_print(&p->arena, "%s/%s", o->type, descriptor.name ? descriptor.name : "");
    if (key == NULL || descriptor.name == NULL) status = mr_fail(error, MR_NO_MEMORY, path, "out of memory");
    else
        status = mr_descriptor_encode(&descriptor, (mr_numbering)p->configuration->models_descriptor,
                                      &p->arena, &message.value, error);
    if (status == MR_UNSUPPORTED)
        mr_fail(error, status, path, "the content is of no known model format; PMML begins with <PMML");
    if (status == MR_OK) {
        message.key = (mr_bytes){key, strlen(key)};
        status = send(p, &message, error);
    }
    if (status == MR_OK) p->count->models++;
    mr_free(data);
    return status;
}

static mr_status send_due_models(provider *p, mr_error *error) {
    const mr_provide_options *o = p->options;
    uint64_t wanted = o->model_count > 0 ? (uint64_t)o->model_count : o->models.count;
    if (o->models.count == 0) wanted = 0;
    while (p->count->models < wanted) {
        int64_t due = (int64_t)p->count->models * o->model_interval_ms;
        if (elapsed_ms(p) < due || stopped(p)) return MR_OK;
        mr_status status = send_model(p, o->models.items[p->count->models % o->models.count], error);
        if (status != MR_OK) return status;
    }
    p->models_done = true;
    return MR_OK;
}

/* ---- All ---- */

static mr_status create_topics(const mr_configuration *c, const mr_kafka_config *kafka, mr_error *error) {
    mr_kafka_admin *admin;
    mr_status status = mr_kafka_admin_new(kafka, &admin, error);
    if (status != MR_OK) return status;
    mr_kafka_new_topic records = {.name = c->records_topic, .partitions = (int32_t)c->topics_partitions};
    mr_kafka_new_topic models = {.name = c->models_topic, .partitions = 1, .compact = true};
    status = mr_kafka_create(admin, &records, FLUSH_MS, error);
    if (status == MR_OK) status = mr_kafka_create(admin, &models, FLUSH_MS, error);
    mr_kafka_admin_free(admin);
    return status;
}

static mr_status run(provider *p, mr_error *error) {
    p->start_ns = mr_monotonic_ns();
    while (!stopped(p) && !(p->records_done && p->models_done)) {
        mr_status status = send_due_models(p, error);
        if (status == MR_OK) status = send_due_records(p, error);
        if (status != MR_OK) return status;
        bool waiting = p->options->rate > 0 || p->records_done;
        mr_kafka_producer_poll(p->producer, waiting ? 1 : 0);
    }
    return MR_OK;
}

static mr_status finish(provider *p, mr_error *error) {
    mr_status status = mr_kafka_producer_flush(p->producer, FLUSH_MS);
    const mr_kafka_delivery *delivery = mr_kafka_producer_delivery(p->producer);
    p->count->delivered = delivery->delivered;
    p->count->failed = p->count->records + p->count->models - delivery->delivered;
    if (delivery->failed > 0) {
        *error = delivery->last_error;
        return delivery->last_error.status;
    }
    return status == MR_OK ? MR_OK
                           : mr_fail(error, status, NULL, "the broker did not take all messages within %d s",
                                     FLUSH_MS / 1000);
}

mr_status mr_provide(const mr_configuration *configuration, const char *bootstrap,
                     const mr_provide_options *options, mr_provide_count *count, mr_error *error) {
    provider p = {.configuration = configuration, .options = options, .count = count};
    *count = (mr_provide_count){0};
    mr_arena_init(&p.arena, 16 * 1024, 0);
    mr_kafka_config kafka = {0};
    mr_status status = mr_make_kafka_config(configuration, bootstrap, &kafka, error);
    if (status == MR_OK && configuration->create_topics) status = create_topics(configuration, &kafka, error);
    if (status == MR_OK) status = mr_kafka_producer_new(&kafka, &p.producer, error);
    if (status == MR_OK) status = open_records(&p, error);
    if (status == MR_OK) status = run(&p, error);
    if (p.producer != NULL) {
        mr_error flush_error;
        mr_status flushed = finish(&p, &flush_error);
        if (status == MR_OK && flushed != MR_OK) *error = flush_error;
        if (status == MR_OK) status = flushed;
    }
    if (p.start_ns != 0) count->seconds = (double)(mr_monotonic_ns() - p.start_ns) / 1e9;
    mr_record_encoder_free(p.encoder);
    close_rows(&p);
    mr_kafka_producer_free(p.producer);
    mr_free_kafka_config(&kafka);
    mr_arena_free(&p.arena);
    return status;
}
