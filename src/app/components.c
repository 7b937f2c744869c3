/* Each function is one translation: keys in, the options of one constructor out. */
#include "app/components.h"

#include <string.h>

#include "base/memory.h"
#include "codec/codec.h"
#include "serving/install.h"

static mr_status no_memory(mr_error *error) {
    return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
}

mr_status mr_make_mapping(const mr_configuration *c, mr_name_mapping **mapping, size_t *count,
                          mr_error *error) {
    *count = c->records_mapping.count;
    *mapping = mr_alloc_zero(*count, sizeof **mapping);
    if (*mapping == NULL) return no_memory(error);
    for (size_t i = 0; i < *count; i++)
        (*mapping)[i] =
            (mr_name_mapping){c->records_mapping.items[i].name, c->records_mapping.items[i].value};
    return MR_OK;
}

mr_status mr_make_decoder(const mr_configuration *c, mr_decoder **decoder, mr_error *error) {
    mr_type_place place;
    const char *name;
    if (!mr_configuration_record_type(c, &place, &name))
        return mr_fail(error, MR_INVALID_ARGUMENT, "records.type",
                       "must be field:NAME, header:NAME or constant:TYPE, as in \"constant:wine\"");
    const char *type_field = place == MR_TYPE_IN_FIELD ? name : NULL;
    if (c->records_format == MR_FORMAT_PROTOBUF)
        return mr_protobuf_decoder_new(c->records_message, type_field, decoder, error);
    /* No mapping here: the fields that it is bound to have their names in the records already. */
    return mr_json_decoder_new(type_field, NULL, 0, decoder, error);
}

mr_status mr_make_encoder(const mr_configuration *c, mr_encoder **encoder, mr_error *error) {
    bool lineage = c->results_lineage == MR_LINEAGE_FIELD;
    return c->results_format == MR_FORMAT_PROTOBUF ? mr_protobuf_encoder_new(lineage, encoder, error)
                                                   : mr_json_encoder_new(lineage, encoder, error);
}

/* Brokers compare with their own clock when the message arrives: later than now, and maybe ahead or behind.
 */
enum { SKEW_MS = 10000 };

static int64_t without_skew(int64_t bound) {
    return bound > SKEW_MS ? bound - SKEW_MS : 0;
}

mr_timestamp_bounds mr_make_timestamp_bounds(const mr_kafka_topic_limits *limits) {
    mr_timestamp_bounds bounds = {.before = -1, .after = -1};
    if (limits->append_time) return bounds; /* the broker writes its own */
    if (limits->before_max_ms != INT64_MAX) bounds.before = without_skew(limits->before_max_ms);
    if (limits->retention_ms >= 0 && (bounds.before < 0 || limits->retention_ms < bounds.before))
        bounds.before = limits->retention_ms;
    if (limits->after_max_ms != INT64_MAX) bounds.after = without_skew(limits->after_max_ms);
    return bounds;
}

mr_model_limits mr_make_limits(const mr_configuration *c) {
    return (mr_model_limits){.size = sizeof(mr_model_limits),
                             .bytes = (size_t)c->models_limits_bytes,
                             .depth = (uint32_t)c->models_limits_depth,
                             .nodes = (uint32_t)c->models_limits_nodes,
                             .memory = (size_t)c->models_limits_memory};
}

mr_status mr_make_kafka_config(const mr_configuration *c, const char *bootstrap, mr_kafka_config *config,
                               mr_error *error) {
    mr_kafka_setting *settings = mr_alloc_zero(c->kafka.count, sizeof *settings);
    if (settings == NULL) return no_memory(error);
    *config = (mr_kafka_config){.bootstrap = bootstrap ? bootstrap : c->bootstrap,
                                .client_id = c->instance_id,
                                .settings = settings,
                                .embedded = c->embedded != MR_PORT_OFF};
    for (size_t i = 0; i < c->kafka.count; i++) {
        if (strcmp(c->kafka.items[i].name, "bootstrap.servers") == 0) continue;
        settings[config->setting_count++] =
            (mr_kafka_setting){c->kafka.items[i].name, c->kafka.items[i].value};
    }
    return MR_OK;
}

void mr_free_kafka_config(mr_kafka_config *config) {
    mr_free((void *)(uintptr_t)config->settings);
    *config = (mr_kafka_config){0};
}

/* ---- Feeds ---- */

static mr_status list_feeds(const mr_model_shape *shape, const mr_binding *binding, mr_model_feeds *feeds,
                            mr_error *error) {
    feeds->items = mr_alloc_zero(shape->input_count, sizeof *feeds->items);
    if (feeds->items == NULL) return no_memory(error);
    feeds->count = shape->input_count;
    for (uint32_t i = 0; i < shape->input_count; i++) {
        mr_input_feed *feed = &feeds->items[i];
        uint32_t field = mr_binding_field(binding, i, &feed->match);
        feed->input = shape->inputs[i].name;
        feed->type = shape->inputs[i].type;
        feed->field = field == MR_NO_FIELD ? NULL : mr_schema_field(feeds->schema, field)->name;
    }
    return MR_OK;
}

/* Binds as the server does. */
mr_status mr_model_feeds_read(const mr_configuration *c, const char *path, mr_model_feeds *feeds,
                              mr_error *error) {
    *feeds = (mr_model_feeds){0};
    mr_decoder *decoder = NULL;
    mr_name_mapping *mapping = NULL;
    mr_binding *binding = NULL;
    size_t count = 0;
    mr_model_limits limits = mr_make_limits(c);
    mr_status status = mr_make_decoder(c, &decoder, error);
    if (status == MR_OK) status = mr_make_mapping(c, &mapping, &count, error);
    if (status == MR_OK) status = mr_model_load_file(path, NULL, &limits, &feeds->model, error);
    mr_install_options install = {.decoder = decoder, .mapping = mapping, .mapping_count = count};
    if (status == MR_OK)
        status = mr_install_bind(&install, feeds->model, NULL, &feeds->schema, &binding, error);
    if (status == MR_OK) status = list_feeds(mr_model_get_shape(feeds->model), binding, feeds, error);
    mr_binding_free(binding);
    mr_free(mapping);
    if (decoder != NULL) decoder->ops->free(decoder);
    return status;
}

void mr_model_feeds_free(mr_model_feeds *feeds) {
    mr_free(feeds->items);
    mr_schema_release(feeds->schema);
    mr_model_release(feeds->model);
    *feeds = (mr_model_feeds){0};
}
