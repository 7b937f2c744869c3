/* The contracts fit together: two models of different fields, two data types, two partitions, from a
 * source through decode, score and encode to a sink, and back as acknowledgement and commit. Only
 * memory doubles stand behind the tables; the loop below is the shortest that keeps the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/model_set.h"
#include "doubles/codec.h"
#include "doubles/committer.h"
#include "doubles/model.h"
#include "doubles/sink.h"
#include "doubles/source.h"

const mr_model_loader *const mr_model_loaders[] = {&double_model_loader, NULL};

enum { TYPES = 2 };

typedef struct served_double {
    mr_model_identity identity;
    mr_model *model;
    mr_binding *binding;
    mr_decode_plan *decode;
    mr_encode_plan *encode;
    mr_frame *in, *out;
} served_double;

typedef struct world {
    mr_source *source;
    mr_sink *sink;
    mr_committer *committer;
    double_deliveries *deliveries;
    mr_decoder *decoder;
    mr_encoder *encoder;
    mr_schema *schema;
    served_double served[TYPES];
    mr_scratch *scratch;
    mr_arena arena;
    uint32_t waiting; /* receipts of the batch */
    int assigned, revoked;
} world;

static void note_assigned(void *context, const char *topic, int32_t partition) {
    world *w = context;
    assert_string_equal(topic, "in");
    w->committer->ops->assigned(w->committer, partition);
    w->assigned++;
}

static void note_revoked(void *context, int32_t partition, bool lost) {
    world *w = context;
    w->committer->ops->revoked(w->committer, partition, lost);
    w->revoked++;
}

static void note_receipt(void *context, const mr_receipt *receipt) {
    world *w = context;
    assert_int_equal(receipt->status, MR_OK);
    assert_true(w->waiting > 0);
    w->waiting--;
}

/* Loads a model and binds everything to the schema as it is, extended by what the model asks for. */
static void serve(world *w, served_double *served, const char *data_type, const char *model) {
    mr_error error;
    served->identity = (mr_model_identity){data_type, "double", "1", "", ""};
    assert_int_equal(mr_model_load(model, strlen(model), NULL, data_type, NULL, &served->model, &error),
                     MR_OK);
    const mr_model_shape *shape = mr_model_get_shape(served->model);
    mr_field fields[4];
    for (uint32_t i = 0; i < shape->input_count; i++) {
        fields[i] = (mr_field){shape->inputs[i].name, shape->inputs[i].type, shape->inputs[i].measure};
    }
    mr_schema *extended;
    assert_int_equal(mr_schema_extend(w->schema, fields, shape->input_count, &extended, &error), MR_OK);
    mr_schema_release(w->schema);
    w->schema = extended;
    assert_int_equal(mr_model_bind(served->model, extended, NULL, 0, &served->binding, &error), MR_OK);
    uint32_t wanted[4];
    for (uint32_t i = 0; i < shape->input_count; i++) wanted[i] = mr_binding_field(served->binding, i, NULL);
    assert_int_equal(
        w->decoder->ops->bind(w->decoder, extended, wanted, shape->input_count, &served->decode, &error),
        MR_OK);
    assert_int_equal(w->encoder->ops->bind(w->encoder, &served->identity, shape->outputs, shape->output_count,
                                           &served->encode, &error),
                     MR_OK);
    assert_int_equal(mr_binding_new_output(served->binding, MR_BATCH_ROWS, &served->out, &error), MR_OK);
}

static void build(world *w) {
    mr_error error;
    *w = (world){.source = double_source_new(2, 8), .deliveries = double_deliveries_new()};
    w->source->listener = (mr_source_listener){w, note_assigned, note_revoked};
    w->sink = double_sink_new(w->deliveries, NULL);
    w->sink->listener = (mr_sink_listener){w, note_receipt};
    w->committer = double_committer_new(w->source);
    w->decoder = double_decoder_new(NULL, 0);
    w->encoder = double_encoder_new();
    assert_int_equal(mr_schema_new(NULL, 0, &w->schema, &error), MR_OK);
    serve(w, &w->served[0], "iris", "sum 2 a b");
    serve(w, &w->served[1], "wine", "sum 10 b c"); /* shares b, adds c */
    mr_type types[3] = {MR_TYPE_DOUBLE, MR_TYPE_DOUBLE, MR_TYPE_DOUBLE};
    assert_int_equal(mr_schema_count(w->schema), 3);
    for (int i = 0; i < TYPES; i++) {
        assert_int_equal(mr_frame_new(types, 3, MR_BATCH_ROWS, &w->served[i].in, &error), MR_OK);
    }
    assert_int_equal(mr_scratch_new(0, &w->scratch, &error), MR_OK);
    mr_arena_init(&w->arena, 65536, 0);
}

static void tear_down(world *w) {
    w->source->ops->close(w->source);
    assert_int_equal(w->revoked, 2);
    w->sink->ops->close(w->sink);
    w->committer->ops->close(w->committer);
    for (int i = 0; i < TYPES; i++) {
        w->decoder->ops->free_plan(w->served[i].decode);
        w->encoder->ops->free_plan(w->served[i].encode);
        mr_binding_free(w->served[i].binding);
        mr_model_release(w->served[i].model);
        mr_frame_free(w->served[i].in);
        mr_frame_free(w->served[i].out);
    }
    w->decoder->ops->free(w->decoder);
    w->encoder->ops->free(w->encoder);
    mr_schema_release(w->schema);
    mr_scratch_free(w->scratch);
    mr_arena_free(&w->arena);
    double_deliveries_free(w->deliveries);
    assert_int_equal(double_models_alive(), 0);
    assert_int_equal(double_bindings_alive(), 0);
}

/* Decodes with the plan of type 0 first, and again with the right one when the record says otherwise. */
static void decode_row(world *w, mr_batch *batch, uint32_t row, mr_group *groups) {
    mr_error error;
    for (int guess = 0, type = 0; guess < 2; guess++) {
        served_double *served = &w->served[type];
        uint32_t frame_row = served->in->row_count;
        mr_text data_type;
        if (w->decoder->ops->decode(served->decode, batch->records[row].value, served->in, frame_row,
                                    batch->arena, &data_type, &error) != MR_OK) {
            mr_batch_fail(batch, row, MR_STAGE_DECODE, error.status, "%s: %s", error.where, error.message);
            return;
        }
        int said = data_type.size == 4 && memcmp(data_type.data, "wine", 4) == 0;
        if (said == type) {
            batch->rows[row] =
                (mr_row){.state = MR_ROW_DECODED, .group = (uint16_t)type, .frame_row = (uint16_t)frame_row};
            groups[type].batch_row[frame_row] = (uint16_t)row;
            served->in->row_count++;
            return;
        }
        type = said;
    }
}

static void score_group(world *w, mr_batch *batch, int type, const mr_group *group) {
    mr_error error;
    mr_row_result results[MR_BATCH_ROWS];
    served_double *served = &w->served[type];
    assert_int_equal(mr_score_all(served->binding, served->in, served->out, results, w->scratch, &error),
                     MR_OK);
    for (uint32_t i = 0; i < served->in->row_count; i++) {
        uint32_t row = group->batch_row[i];
        batch->rows[row].state = MR_ROW_SCORED;
        if (results[i].status != MR_OK) {
            mr_batch_fail(batch, row, MR_STAGE_SCORE, results[i].status, "%s", results[i].message);
        }
    }
}

static void send_row(world *w, mr_batch *batch, uint32_t row) {
    mr_outgoing message = {.partition = batch->partition,
                           .timestamp = batch->records[row].timestamp,
                           .key = batch->records[row].key,
                           .row = (uint16_t)row};
    if (batch->rows[row].state == MR_ROW_SCORED) {
        served_double *served = &w->served[batch->rows[row].group];
        assert_int_equal(w->encoder->ops->encode(served->encode, served->out, batch->rows[row].frame_row,
                                                 batch->topic, batch->partition, batch->records[row].offset,
                                                 batch->arena, &message.value),
                         MR_OK);
    } else {
        assert_int_equal(batch->rows[row].state, MR_ROW_FAILED);
        message.destination = MR_TO_ERRORS;
        message.value = batch->records[row].value;
    }
    uint32_t accepted;
    w->waiting++;
    assert_int_equal(w->sink->ops->send(w->sink, &message, 1, batch, &accepted, NULL), MR_OK);
    assert_int_equal(accepted, 1);
}

/* One round of a lane. False when the source has nothing. */
static bool run_batch(world *w) {
    mr_batch *batch;
    mr_row rows[MR_BATCH_ROWS] = {0};
    mr_group groups[TYPES] = {0};
    assert_int_equal(w->source->ops->poll(w->source, 0, &batch, NULL), MR_OK);
    if (batch == NULL) return false;
    mr_arena_reset(&w->arena, SIZE_MAX);
    mr_scratch_reset(w->scratch);
    batch->rows = rows;
    batch->arena = &w->arena;
    for (int i = 0; i < TYPES; i++) w->served[i].in->row_count = 0;
    for (uint32_t row = 0; row < batch->count; row++) decode_row(w, batch, row, groups);
    for (int i = 0; i < TYPES; i++) score_group(w, batch, i, &groups[i]);
    for (uint32_t row = 0; row < batch->count; row++) send_row(w, batch, row);
    w->sink->ops->poll(w->sink, 0);
    assert_int_equal(w->waiting, 0);
    w->committer->ops->acknowledged(w->committer, batch->partition, batch->next_offset);
    w->source->ops->release(w->source, batch);
    return true;
}

static const char *value_of(world *w, int32_t partition, const char *key) {
    for (size_t i = 0; i < double_deliveries_count(w->deliveries); i++) {
        const double_message *message = double_deliveries_get(w->deliveries, i);
        if (message->partition == partition && strcmp(message->key, key) == 0) return message->value;
    }
    return NULL;
}

static void two_types_over_two_partitions(void **state) {
    (void)state;
    world w;
    build(&w);
    double_source_assign(w.source, 0);
    double_source_assign(w.source, 1);
    double_source_append(w.source, 0, "k0", "iris a=1 b=2", 1000, NULL);
    double_source_append(w.source, 0, "k1", "wine b=1 c=3", 1001, NULL);
    double_source_append(w.source, 0, "k2", "!", 1002, NULL);
    double_source_append(w.source, 1, "k3", "wine b=0.5", 1003, NULL);
    double_source_append(w.source, 1, "k4", "iris a=? b=1", 1004, NULL);
    while (run_batch(&w)) continue;

    assert_int_equal(w.assigned, 2);
    assert_int_equal(double_deliveries_count(w.deliveries), 5);
    assert_string_equal(value_of(&w, 0, "k0"), "iris|double|1|6|in|0|0");
    assert_string_equal(value_of(&w, 0, "k1"), "wine|double|1|40|in|0|1");
    assert_string_equal(value_of(&w, 0, "k2"), "!"); /* a dead letter keeps its value */
    assert_string_equal(value_of(&w, 1, "k3"),
                        "wine|double|1||in|1|0"); /* a missing input: a missing target */
    assert_string_equal(value_of(&w, 1, "k4"), "iris a=? b=1");
    assert_string_equal(double_deliveries_get(w.deliveries, 1)->key, "k1"); /* in record order */

    assert_int_equal(double_source_committed(w.source, 0), -1);
    assert_int_equal(w.committer->ops->commit(w.committer, 0, true, NULL), MR_OK);
    assert_int_equal(double_source_committed(w.source, 0), 3);
    assert_int_equal(double_source_committed(w.source, 1), 2);
    assert_int_equal(double_source_lent(w.source), 0);
    tear_down(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_types_over_two_partitions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
