/* One half-made `served` is passed along; mr_served_release takes it down from any stage. */
#include "serving/install.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"

static mr_status check_name(const char *what, const char *name, size_t largest, bool required,
                            const char *where, mr_error *error) {
    size_t size = name ? strlen(name) : 0;
    if (size == 0 && required) {
        return mr_fail(error, MR_INVALID_MODEL, where, "the descriptor has no %s: set it", what);
    }
    if (size <= largest) return MR_OK;
    return mr_fail(error, MR_LIMIT, where, "the descriptor's %s is %zu bytes long, more than %zu", what, size,
                   largest);
}

mr_status mr_install_check_names(const mr_descriptor *descriptor, const char *where, mr_error *error) {
    mr_status status = check_name("data type", descriptor->data_type, MR_DATA_TYPE_MAX, true, where, error);
    if (status == MR_OK)
        status = check_name("name", descriptor->name, MR_MODEL_NAME_MAX, false, where, error);
    if (status == MR_OK)
        status = check_name("version", descriptor->version, MR_MODEL_VERSION_MAX, false, where, error);
    if (status == MR_OK) {
        status = check_name("description", descriptor->description, MR_DESCRIPTION_MAX, false, where, error);
    }
    return status;
}

void mr_sha256_hex(const void *data, size_t size, char hex[65]) {
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, data, size);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
}

/* Fills the digest and compares it with the one that the descriptor promises, if it does. */
static mr_status take_digest(const mr_descriptor *descriptor, const char *where, mr_served *served,
                             mr_error *error) {
    mr_sha256_hex(descriptor->data.data, descriptor->data.size, served->identity.sha256);
    const char *promised = descriptor->sha256;
    if (promised == NULL || promised[0] == '\0' || strcasecmp(promised, served->identity.sha256) == 0)
        return MR_OK;
    return mr_fail(error, MR_INVALID_MODEL, where,
                   "the model's bytes have SHA-256 %s, but the descriptor promises %.64s: they were damaged "
                   "or exchanged",
                   served->identity.sha256, promised);
}

static mr_status take_identity(const mr_descriptor *descriptor, const mr_origin *origin, mr_served *served,
                               mr_error *error) {
    char number[48];
    snprintf(number, sizeof number, "%d:%lld", (int)origin->partition, (long long)origin->offset);
    bool versioned = descriptor->version != NULL && descriptor->version[0] != '\0';
    mr_model_identity *identity = &served->identity;
    identity->data_type = mr_copy_string(descriptor->data_type);
    identity->name = mr_copy_string(descriptor->name ? descriptor->name : "");
    identity->description = mr_copy_string(descriptor->description ? descriptor->description : "");
    identity->version = mr_copy_string(versioned ? descriptor->version : number);
    served->source_partition = origin->partition;
    served->source_offset = origin->offset;
    if (identity->data_type && identity->name && identity->description && identity->version) return MR_OK;
    return mr_fail(error, MR_NO_MEMORY, origin->topic, "no memory for a model's names");
}

static mr_status make_shards(uint32_t lanes, mr_served *served, mr_error *error) {
    served->shards = mr_alloc_aligned(_Alignof(mr_score_shard), lanes * sizeof *served->shards);
    if (served->shards == NULL)
        return mr_fail(error, MR_NO_MEMORY, "shards", "no memory for a model's statistics");
    served->lane_count = lanes;
    for (uint32_t i = 0; i < lanes; i++) atomic_init(&served->shards[i].min, UINT64_MAX);
    return MR_OK;
}

static mr_status load_model(const mr_install_options *options, const mr_descriptor *descriptor,
                            const char *where, mr_served *served, mr_error *error) {
    mr_model_limits limits = options->limits;
    limits.size = sizeof limits;
    mr_status status = (options->load ? options->load : mr_model_load)(
        descriptor->data.data, descriptor->data.size, descriptor->format, where, &limits, &served->model,
        error);
    if (status != MR_OK || mr_model_get_shape(served->model)->arity == MR_SCORES_ROWS) return status;
    return mr_fail(error, MR_UNSUPPORTED, where,
                   "the model gives one result for a group of rows, a stream is scored row by row: use "
                   "`millrace score`");
}

/* The decode plan wants each field once, however many inputs it feeds. */
static mr_status make_decode_plan(const mr_install_options *options, mr_schema *schema, mr_served *served,
                                  mr_error *error) {
    uint32_t inputs = mr_model_get_shape(served->model)->input_count, count = 0;
    uint32_t *fields = mr_alloc((inputs + 1) * sizeof *fields);
    bool *taken = mr_alloc_zero(mr_schema_count(schema) + 1, sizeof *taken);
    mr_status status = MR_OK;
    if (fields == NULL || taken == NULL) {
        status = mr_fail(error, MR_NO_MEMORY, "plan", "no memory for a decode plan");
        goto done;
    }
    for (uint32_t i = 0; i < inputs; i++) {
        uint32_t field = mr_binding_field(served->binding, i, NULL);
        if (field == MR_NO_FIELD || taken[field]) continue;
        taken[field] = true;
        fields[count++] = field;
    }
    status = options->decoder->ops->bind(options->decoder, schema, fields, count, &served->decode, error);
    if (status == MR_OK)
        status = options->decoder->ops->bind(options->decoder, schema, fields, 0, &served->no_field, error);
done:
    mr_free(fields);
    mr_free(taken);
    return status;
}

static mr_status make_plans(const mr_install_options *options, mr_schema *schema, mr_served *served,
                            mr_error *error) {
    mr_status status = make_decode_plan(options, schema, served, error);
    if (status != MR_OK) return status;
    const mr_model_shape *shape = mr_model_get_shape(served->model);
    return options->encoder->ops->bind(options->encoder, &served->identity, shape->outputs,
                                       shape->output_count, &served->encode, error);
}

mr_status mr_install(const mr_install_options *options, const mr_descriptor *descriptor,
                     const mr_origin *origin, mr_schema *schema, mr_served **served, mr_schema **extended,
                     mr_error *error) {
    int64_t begin = mr_monotonic_ns();
    char where[96];
    snprintf(where, sizeof where, "%.48s[%d]@%lld", origin->topic, (int)origin->partition,
             (long long)origin->offset);
    mr_served *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, where, "no memory for a model");
    atomic_init(&made->references, 1);
    *extended = NULL;
    mr_status status = mr_install_check_names(descriptor, where, error);
    if (status == MR_OK) status = take_digest(descriptor, where, made, error);
    if (status == MR_OK) status = take_identity(descriptor, origin, made, error);
    if (status == MR_OK) status = make_shards(options->lanes, made, error);
    if (status == MR_OK) status = load_model(options, descriptor, where, made, error);
    if (status == MR_OK)
        status = mr_install_bind(options, made->model, schema, extended, &made->binding, error);
    if (status == MR_OK) status = mr_install_check_inputs(options, made->binding, where, error);
    if (status == MR_OK) status = make_plans(options, *extended, made, error);
    if (status == MR_OK) status = mr_install_warm_up(made->binding, *extended, error);
    if (status == MR_OK)
        status = mr_type_slots_add(options->slots, descriptor->data_type, &made->type_slot, error);
    if (status != MR_OK) {
        mr_schema_release(*extended);
        *extended = NULL;
        mr_served_release(made);
        return status;
    }
    made->load_nanoseconds = mr_monotonic_ns() - begin;
    *served = made;
    return MR_OK;
}
