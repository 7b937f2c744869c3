/* Install: from a descriptor to a model that is ready to be published.
 *
 * Digest, load, bind to the record schema, plans, warm-up: all beside what is in service, which is not
 * touched. Whatever fails says why and leaves nothing behind.
 */
#ifndef MR_SERVING_INSTALL_H
#define MR_SERVING_INSTALL_H

#include "core/descriptor.h"
#include "core/model_set.h"
#include "serving/types.h"

/* Bytes of names in a descriptor. */
enum {
    MR_DATA_TYPE_MAX = 249,
    MR_MODEL_NAME_MAX = 1024,
    MR_MODEL_VERSION_MAX = 256,
    MR_DESCRIPTION_MAX = 64 << 10
};

typedef struct mr_install_options {
    const mr_decoder *decoder; /* all borrowed */
    const mr_encoder *encoder;
    const mr_name_mapping *mapping;
    size_t mapping_count;
    mr_type_slots *slots;
    uint32_t lanes;
    bool all_inputs; /* refuse a model with an input that nothing feeds; else it is logged */
    mr_model_limits limits;
    /* As mr_model_load, which is used when it is NULL. */
    mr_status (*load)(const void *data, size_t size, const char *format, const char *name,
                      const mr_model_limits *limits, mr_model **model, mr_error *error);
} mr_install_options;

/* Where a descriptor came from. */
typedef struct mr_origin {
    const char *topic;
    int32_t partition;
    int64_t offset;
} mr_origin;

/* SHA-256 of a model's bytes, in lower-case hex with a closing zero. Any thread. */
void mr_sha256_hex(const void *data, size_t size, char hex[65]);

/* Whether a descriptor names what it must, within bounds. Any thread. */
mr_status mr_install_check_names(const mr_descriptor *descriptor, const char *where, mr_error *error);

/* `schema`: that of the published set (borrows; NULL at first). *served (one reference, `since` not set)
 * and *extended (the schema it reads; for a decoder with a fixed schema always that one): returns owned.
 * Takes seconds, allocates. Control thread. */
mr_status mr_install(const mr_install_options *options, const mr_descriptor *descriptor,
                     const mr_origin *origin, mr_schema *schema, mr_served **served, mr_schema **extended,
                     mr_error *error);

/* Schema and binding for a model. A decoder with a fixed schema gives it; otherwise `schema` grows by the
 * model's inputs (under their names in the records), or, when it is full, begins anew with them alone. */
mr_status mr_install_bind(const mr_install_options *options, mr_model *model, mr_schema *schema,
                          mr_schema **extended, mr_binding **binding, mr_error *error);
/* Says which inputs nothing feeds: logs them, or fails when none or (all_inputs) not all are fed. */
mr_status mr_install_check_inputs(const mr_install_options *options, const mr_binding *binding,
                                  const char *where, mr_error *error);
/* Scores made-up rows, missing values among them, so that the first record meets warm memory. */
mr_status mr_install_warm_up(const mr_binding *binding, const mr_schema *schema, mr_error *error);

#endif
