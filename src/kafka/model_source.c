/* Model source: a reader from the beginning, behind the contract of the control thread. */
#include "base/memory.h"
#include "kafka/kafka.h"

typedef struct kafka_models {
    mr_model_source source; /* first */
    mr_kafka_reader *reader;
} kafka_models;

static kafka_models *of(mr_model_source *source) {
    return (kafka_models *)(void *)source;
}

static mr_status poll_message(mr_model_source *source, int timeout_ms, mr_model_message *message,
                              mr_error *error) {
    return mr_kafka_reader_poll(of(source)->reader, timeout_ms, message, error);
}

static bool caught_up(mr_model_source *source, uint64_t *read, uint64_t *total) {
    return mr_kafka_reader_caught_up(of(source)->reader, read, total);
}

static void close_models(mr_model_source *source) {
    mr_kafka_reader_free(of(source)->reader);
    mr_free(source);
}

static const mr_model_source_ops models_ops = {
    .name = "kafka",
    .poll = poll_message,
    .caught_up = caught_up,
    .close = close_models,
};

mr_status mr_kafka_model_source_new(const mr_kafka_config *config, const char *group, const char *topic,
                                    mr_model_source **source, mr_error *error) {
    kafka_models *models = mr_alloc_zero(1, sizeof *models);
    mr_status status;
    *source = NULL;
    if (models == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    models->source.ops = &models_ops;
    status = mr_kafka_reader_new(config, group, topic, true, &models->reader, error);
    if (status != MR_OK) {
        mr_free(models);
        return status;
    }
    *source = &models->source;
    return MR_OK;
}
