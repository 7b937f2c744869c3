/* Components: what the configuration says, as the parts of Millrace want it. */
#ifndef MR_APP_COMPONENTS_H
#define MR_APP_COMPONENTS_H

#include "app/configuration.h"
#include "core/codec.h"
#include "kafka/kafka.h"
#include "stream/encode.h"

/* *decoder, *encoder: return owned (ops->free). Main thread. */
mr_status mr_make_decoder(const mr_configuration *configuration, mr_decoder **decoder, mr_error *error);
mr_status mr_make_encoder(const mr_configuration *configuration, mr_encoder **encoder, mr_error *error);

/* records.mapping. *mapping: returns owned (mr_free); its texts borrow from the configuration. */
mr_status mr_make_mapping(const mr_configuration *configuration, mr_name_mapping **mapping, size_t *count,
                          mr_error *error);

/* Which record timestamps a topic takes, and does not delete at once. */
mr_timestamp_bounds mr_make_timestamp_bounds(const mr_kafka_topic_limits *limits);

mr_model_limits mr_make_limits(const mr_configuration *configuration);

/* `kafka` keys but bootstrap.servers, which *config has. Texts borrow from the configuration; the
 * array of settings is owned: free with mr_free_kafka_config. `bootstrap` NULL: the configuration's. */
mr_status mr_make_kafka_config(const mr_configuration *configuration, const char *bootstrap,
                               mr_kafka_config *config, mr_error *error);
void mr_free_kafka_config(mr_kafka_config *config);

/* ---- What feeds a model's inputs, for `millrace lint` ---- */

typedef struct mr_input_feed {
    const char *input;
    mr_type type;
    const char *field; /* NULL: nothing feeds it */
    mr_match match;
} mr_input_feed;

typedef struct mr_model_feeds {
    mr_model *model;
    mr_schema *schema;
    mr_input_feed *items;
    uint32_t count;
} mr_model_feeds;

/* Loads the model at `path` and binds it to the records of the configuration. JSON records have the
 * fields that models ask for, so there every input is fed. *feeds: valid until mr_model_feeds_free. */
mr_status mr_model_feeds_read(const mr_configuration *configuration, const char *path, mr_model_feeds *feeds,
                              mr_error *error);
void mr_model_feeds_free(mr_model_feeds *feeds);

#endif
