/* Every wine is encoded once, at the start; a record is those bytes under the next number as key. */
#include "app/demo_feed.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "codec/codec.h"
#include "codec/csv.h"

enum { WINES_MAX = 100000, FLUSH_MS = 30000, MODEL_BYTES_MAX = 1 << 20, PATH_MAX_BYTES = 4096 };

static const char *const model_names[MR_DEMO_MODELS] = {"wine-1-stump", "wine-2-regression", "wine-3-forest"};
static const char *const descriptions[MR_DEMO_MODELS] = {"one question: color intensity",
                                                         "logistic regression of three measurements",
                                                         "random forest of 25 trees"};

typedef struct wine {
    mr_bytes value;
    const char *label;
} wine;

struct mr_demo_feed {
    const char *data;
    const char *records_topic, *models_topic;
    mr_kafka_producer *producer;
    wine *wines;
    size_t count, capacity;
    uint64_t sent;
    mr_arena arena;   /* the wines */
    mr_arena scratch; /* a model under way */
};

/* ---- Wines ---- */

typedef struct wine_file {
    FILE *file;
    mr_csv_reader *reader;
    mr_record_encoder *encoder;
    const char **names;
    uint32_t columns; /* without the label, which is the last */
} wine_file;

static mr_status open_wines(const char *path, wine_file *in, mr_error *error) {
    in->file = fopen(path, "re");
    if (in->file == NULL)
        return mr_fail(error, MR_IO, path, "cannot be opened: %s; say where the demo's data is with --data",
                       strerror(errno));
    mr_csv_options csv = {.delimiter = ','};
    mr_status status = mr_csv_reader_new(in->file, path, &csv, &in->reader, error);
    if (status != MR_OK) return status;
    in->columns = mr_csv_field_count(in->reader) - 1;
    in->names = mr_alloc_zero(in->columns, sizeof *in->names);
    if (in->names == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    for (uint32_t i = 0; i < in->columns; i++) in->names[i] = mr_csv_field_name(in->reader, i);
    mr_record_encoder_options options = {
        .format = "json", .names = in->names, .count = in->columns, .type_field = "dataType", .type = "wine"};
    return mr_record_encoder_new(&options, &in->encoder, error);
}

static mr_status read_wine(mr_demo_feed *feed, const wine_file *in, const mr_bytes *cells, mr_error *error) {
    if (feed->count >= WINES_MAX)
        return mr_fail(error, MR_LIMIT, feed->data, "more than %d wines", WINES_MAX);
    if (!MR_GROW(feed->wines, feed->count, feed->capacity))
        return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    wine *next = &feed->wines[feed->count];
    const mr_bytes *label = &cells[in->columns];
    next->label = mr_arena_copy(&feed->arena, label->data ? label->data : "", label->data ? label->size : 0);
    if (next->label == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_status status = mr_record_encode(in->encoder, cells, &feed->arena, &next->value, error);
    if (status == MR_OK) feed->count++;
    return status;
}

static mr_status read_wines(mr_demo_feed *feed, mr_error *error) {
    char path[PATH_MAX_BYTES];
    snprintf(path, sizeof path, "%s/wine.csv", feed->data);
    wine_file in = {0};
    mr_status status = open_wines(path, &in, error);
    while (status == MR_OK) {
        const mr_bytes *cells;
        status = mr_csv_read(in.reader, &cells, error);
        if (status != MR_OK || cells == NULL) break;
        status = read_wine(feed, &in, cells, error);
    }
    if (status == MR_OK && feed->count == 0) status = mr_fail(error, MR_SYNTAX, path, "holds no wine");
    mr_record_encoder_free(in.encoder);
    mr_free(in.names);
    mr_csv_reader_free(in.reader);
    if (in.file != NULL) fclose(in.file);
    return status;
}

/* ---- Send ---- */

static mr_status send(mr_demo_feed *feed, const mr_kafka_message *message, bool *full, mr_error *error) {
    mr_status status = mr_kafka_producer_send(feed->producer, message, error);
    *full = status == MR_FULL;
    return *full ? MR_OK : status;
}

mr_status mr_demo_feed_records(mr_demo_feed *feed, uint64_t total, mr_error *error) {
    bool full = false;
    while (feed->sent < total && !full) {
        char key[24];
        int size = snprintf(key, sizeof key, "%" PRIu64, feed->sent);
        mr_kafka_message message = {.topic = feed->records_topic,
                                    .partition = -1,
                                    .timestamp = -1,
                                    .key = {key, (size_t)size},
                                    .value = feed->wines[feed->sent % feed->count].value};
        mr_status status = send(feed, &message, &full, error);
        if (status != MR_OK) return status;
        if (!full) feed->sent++;
    }
    return MR_OK;
}

mr_status mr_demo_feed_model(mr_demo_feed *feed, int index, mr_error *error) {
    char path[PATH_MAX_BYTES];
    snprintf(path, sizeof path, "%s/models/%s.pmml", feed->data, model_names[index]);
    FILE *file = fopen(path, "re");
    if (file == NULL) return mr_fail(error, MR_IO, path, "cannot be opened: %s", strerror(errno));
    mr_arena_reset(&feed->scratch, SIZE_MAX);
    char *text = mr_arena_alloc(&feed->scratch, MODEL_BYTES_MAX);
    size_t size = text ? fread(text, 1, MODEL_BYTES_MAX, file) : 0;
    bool whole = text != NULL && feof(file) != 0;
    fclose(file);
    if (!whole) return mr_fail(error, MR_IO, path, "cannot be read, or is larger than 1 MiB");
    mr_descriptor descriptor = {.name = mr_arena_print(&feed->scratch, "%s", model_names[index]),
                                .description = mr_arena_print(&feed->scratch, "%s", descriptions[index]),
                                .data_type = mr_arena_print(&feed->scratch, "wine"),
                                .version = mr_arena_print(&feed->scratch, "%d", index + 1),
                                .data = {text, size}};
    char *key = mr_arena_print(&feed->scratch, "wine/%s", model_names[index]);
    if (!descriptor.name || !descriptor.description || !descriptor.data_type || !descriptor.version || !key)
        return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_kafka_message message = {
        .topic = feed->models_topic, .partition = 0, .timestamp = -1, .key = {key, strlen(key)}};
    mr_status status =
        mr_descriptor_encode(&descriptor, MR_NUMBERING_AUTO, &feed->scratch, &message.value, error);
    bool full = true;
    while (status == MR_OK && full) {
        status = send(feed, &message, &full, error);
        mr_kafka_producer_poll(feed->producer, full ? 10 : 0);
    }
    return status;
}

void mr_demo_feed_poll(mr_demo_feed *feed) {
    mr_kafka_producer_poll(feed->producer, 0);
}

mr_status mr_demo_feed_finish(mr_demo_feed *feed, mr_error *error) {
    mr_status status = mr_kafka_producer_flush(feed->producer, FLUSH_MS);
    const mr_kafka_delivery *delivery = mr_kafka_producer_delivery(feed->producer);
    if (delivery->failed > 0) {
        *error = delivery->last_error;
        return delivery->last_error.status;
    }
    return status == MR_OK ? MR_OK : mr_fail(error, status, "demo", "the broker did not take all records");
}

/* ---- Life ---- */

mr_status mr_demo_feed_new(const char *data, const mr_kafka_config *config, const char *records_topic,
                           const char *models_topic, mr_demo_feed **made, mr_error *error) {
    mr_demo_feed *feed = mr_alloc_zero(1, sizeof *feed);
    if (feed == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    feed->data = data;
    feed->records_topic = records_topic;
    feed->models_topic = models_topic;
    mr_arena_init(&feed->arena, 64 * 1024, 0);
    mr_arena_init(&feed->scratch, 64 * 1024, 0);
    mr_status status = read_wines(feed, error);
    if (status == MR_OK) status = mr_kafka_producer_new(config, &feed->producer, error);
    if (status != MR_OK) {
        mr_demo_feed_free(feed);
        return status;
    }
    *made = feed;
    return MR_OK;
}

void mr_demo_feed_free(mr_demo_feed *feed) {
    if (feed == NULL) return;
    mr_kafka_producer_free(feed->producer);
    mr_free(feed->wines);
    mr_arena_free(&feed->scratch);
    mr_arena_free(&feed->arena);
    mr_free(feed);
}

uint64_t mr_demo_feed_sent(const mr_demo_feed *feed) {
    return feed->sent;
}

const char *mr_demo_feed_label(const mr_demo_feed *feed, uint64_t key) {
    return feed->wines[key % feed->count].label;
}
