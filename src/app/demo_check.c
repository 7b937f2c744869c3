/* Keys are numbers from 0 up, so the books are one byte a key: had a result, had a dead letter. */
#include "app/demo_check.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"

enum { HAD_RESULT = 1, HAD_LETTER = 2, POLL_MOST = 5000 };

struct mr_demo_check {
    const mr_demo_feed *feed;
    mr_kafka_reader *results, *errors;
    bool lose_one;
    unsigned char *keys;
    size_t key_capacity;
    mr_demo_books books;
    mr_demo_second second;
    double *delays; /* of this second */
    size_t delay_count, delay_capacity;
    mr_demo_model models[MR_DEMO_MODELS_SEEN];
    size_t model_count;
};

/* *entry: the byte of a key; NULL when no such record was sent, which is counted. MR_NO_MEMORY. */
static mr_status find_entry(mr_demo_check *check, mr_bytes key, unsigned char **entry, uint64_t *number,
                            mr_error *error) {
    int64_t value;
    *entry = NULL;
    if (key.data == NULL || !mr_parse_integer(key.data, key.size, &value) || value < 0 ||
        (uint64_t)value >= mr_demo_feed_sent(check->feed)) {
        check->books.unknown++;
        return MR_OK;
    }
    while ((size_t)value >= check->key_capacity) {
        size_t before = check->key_capacity;
        if (!mr_grow_array((void **)&check->keys, &check->key_capacity, 1))
            return mr_fail(error, MR_NO_MEMORY, "demo", "out of memory");
        memset(check->keys + before, 0, check->key_capacity - before);
    }
    *number = (uint64_t)value;
    *entry = &check->keys[value];
    return MR_OK;
}

static mr_demo_model *model_of(mr_demo_check *check, const char *name) {
    for (size_t i = 0; i < check->model_count; i++)
        if (strcmp(check->models[i].name, name) == 0) return &check->models[i];
    if (check->model_count == MR_DEMO_MODELS_SEEN) return NULL;
    mr_demo_model *model = &check->models[check->model_count++];
    snprintf(model->name, sizeof model->name, "%s", name);
    return model;
}

/* The text of the target. Borrows from the parsed result. */
static const char *prediction_of(const json_t *result) {
    size_t index;
    json_t *output;
    json_array_foreach(json_object_get(result, "output"), index, output) {
        const char *role = json_string_value(json_object_get(output, "role"));
        if (role != NULL && strcasestr(role, "target") != NULL)
            return json_string_value(json_object_get(output, "string_value"));
    }
    return NULL;
}

static void judge(mr_demo_check *check, uint64_t key, mr_bytes value) {
    json_t *result = json_loadb(value.data ? value.data : "", value.size, 0, NULL);
    const char *prediction = prediction_of(result);
    const char *name = json_string_value(json_object_get(json_object_get(result, "model"), "name"));
    bool right = prediction != NULL && strcmp(prediction, mr_demo_feed_label(check->feed, key)) == 0;
    mr_demo_model *model = name ? model_of(check, name) : NULL;
    if (model != NULL) {
        model->results++;
        model->right += right;
    }
    check->second.right += right;
    json_decref(result);
}

static mr_status enter_result(mr_demo_check *check, const mr_record *record, mr_error *error) {
    uint64_t key;
    unsigned char *entry;
    mr_status status = find_entry(check, record->key, &entry, &key, error);
    if (entry == NULL) return status;
    if (check->lose_one) {
        check->lose_one = false;
        return MR_OK;
    }
    check->books.twice += *entry != 0;
    check->books.results += (*entry & HAD_RESULT) == 0;
    check->books.dead_letters -= (*entry & (HAD_RESULT | HAD_LETTER)) == HAD_LETTER;
    *entry |= HAD_RESULT;
    check->second.results++;
    judge(check, key, record->value);
    if (!MR_GROW(check->delays, check->delay_count, check->delay_capacity))
        return mr_fail(error, MR_NO_MEMORY, "demo", "out of memory");
    check->delays[check->delay_count++] = (double)(mr_wall_ms() - record->timestamp);
    return MR_OK;
}

static mr_status enter_letter(mr_demo_check *check, const mr_record *record, mr_error *error) {
    uint64_t key;
    unsigned char *entry;
    mr_status status = find_entry(check, record->key, &entry, &key, error);
    if (entry == NULL) return status;
    check->books.twice += *entry != 0;
    check->books.dead_letters += *entry == 0;
    *entry |= HAD_LETTER;
    return MR_OK;
}

static mr_status drain(mr_demo_check *check, mr_kafka_reader *reader, int timeout_ms, mr_error *error) {
    for (int i = 0; i < POLL_MOST; i++) {
        mr_model_message message;
        mr_status status = mr_kafka_reader_poll(reader, i == 0 ? timeout_ms : 0, &message, error);
        if (status == MR_UNAVAILABLE || status == MR_TIMEOUT) return MR_OK;
        if (status != MR_OK || message.topic == NULL) return status;
        status = reader == check->results ? enter_result(check, &message.record, error)
                                          : enter_letter(check, &message.record, error);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

mr_status mr_demo_check_poll(mr_demo_check *check, int timeout_ms, mr_error *error) {
    mr_status status = drain(check, check->errors, 0, error);
    return status == MR_OK ? drain(check, check->results, timeout_ms, error) : status;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

mr_demo_second mr_demo_check_take(mr_demo_check *check) {
    size_t count = check->delay_count;
    if (count > 0) {
        qsort(check->delays, count, sizeof *check->delays, compare);
        check->second.p50 = check->delays[(count - 1) / 2];
        check->second.p99 = check->delays[(count - 1) * 99 / 100];
    }
    mr_demo_second second = check->second;
    check->second = (mr_demo_second){0};
    check->delay_count = 0;
    return second;
}

mr_demo_books mr_demo_check_books(const mr_demo_check *check) {
    return check->books;
}

const mr_demo_model *mr_demo_check_models(const mr_demo_check *check, size_t *count) {
    *count = check->model_count;
    return check->models;
}

mr_status mr_demo_check_new(const mr_kafka_config *config, const char *results_topic,
                            const char *errors_topic, const mr_demo_feed *feed, bool lose_one,
                            mr_demo_check **made, mr_error *error) {
    mr_demo_check *check = mr_alloc_zero(1, sizeof *check);
    if (check == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    check->feed = feed;
    check->lose_one = lose_one;
    mr_status status =
        mr_kafka_reader_new(config, "millrace-demo-check", results_topic, true, &check->results, error);
    if (status == MR_OK)
        status =
            mr_kafka_reader_new(config, "millrace-demo-check", errors_topic, true, &check->errors, error);
    if (status != MR_OK) {
        mr_demo_check_free(check);
        return status;
    }
    *made = check;
    return MR_OK;
}

void mr_demo_check_free(mr_demo_check *check) {
    if (check == NULL) return;
    mr_kafka_reader_free(check->errors);
    mr_kafka_reader_free(check->results);
    mr_free(check->delays);
    mr_free(check->keys);
    mr_free(check);
}
