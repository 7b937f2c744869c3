/* Rows to messages; see encode.h. Counters are summed up on the stack and written once, when the whole
 * batch is encoded, so a batch that runs again after a failure counts once. */
#include "stream/encode.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "core/dead_letter.h"
#include "core/model_set.h"

typedef struct encode_node {
    mr_processor base;
    const mr_encode_options *options;
} encode_node;

/* What one batch adds to the counters: by group, and behind the groups for records of unknown type. */
typedef struct tally {
    uint64_t outcomes[MR_BATCH_GROUPS + 1][MR_OUTCOME_COUNT];
} tally;

static bool out_of_bounds(mr_timestamp_bounds bounds, int64_t timestamp, int64_t now) {
    return (bounds.before >= 0 && timestamp < now - bounds.before) ||
           (bounds.after >= 0 && timestamp > now + bounds.after);
}

/* Replaces the timestamp by now when the topic would not keep the message. */
static mr_status bound_timestamp(const encode_node *self, mr_batch *batch, mr_outgoing *message, int64_t now,
                                 uint64_t *retimed) {
    if (message->timestamp < 0) return MR_OK;
    if (!out_of_bounds(self->options->bounds[message->destination], message->timestamp, now)) return MR_OK;
    mr_header *headers = mr_arena_alloc(batch->arena, (message->header_count + 1) * sizeof *headers);
    char *digits = mr_arena_alloc(batch->arena, MR_NUMBER_MAX);
    if (headers == NULL || digits == NULL) return MR_NO_MEMORY;
    if (message->header_count > 0) memcpy(headers, message->headers, message->header_count * sizeof *headers);
    mr_bytes text = {digits, mr_print_integer(digits, message->timestamp)};
    headers[message->header_count++] = (mr_header){"millrace.timestamp", text};
    message->headers = headers;
    message->timestamp = -1;
    ++*retimed;
    return MR_OK;
}

static mr_status encode_result(const encode_node *self, mr_batch *batch, uint32_t row, mr_outgoing *message) {
    const mr_record *record = &batch->records[row];
    const mr_group *group = &batch->groups[batch->rows[row].group];
    const mr_encode_plan *plan = group->served->encode;
    *message = (mr_outgoing){
        .destination = MR_TO_RESULTS,
        .partition = batch->partition,
        .timestamp = self->options->now ? -1 : record->timestamp,
        .key = record->key,
        .headers = record->headers,
        .header_count = record->header_count,
        .row = (uint16_t)row,
    };
    return plan->encoder->ops->encode(plan, group->out, batch->rows[row].frame_row, batch->topic,
                                      batch->partition, record->offset, batch->arena, &message->value);
}

/* A result, or what failed becomes a dead letter. */
static mr_status encode_row(const encode_node *self, mr_batch *batch, uint32_t row, mr_outgoing *message) {
    mr_row *of = &batch->rows[row];
    if (of->state == MR_ROW_DECODED) {
        mr_batch_fail(batch, row, MR_STAGE_ENCODE, MR_INTERNAL, "the row was not scored");
    }
    if (of->state == MR_ROW_SCORED) {
        mr_status status = encode_result(self, batch, row, message);
        if (status == MR_OK || mr_status_action(status) == MR_ACTION_RETRY) return status;
        mr_batch_fail(batch, row, MR_STAGE_ENCODE, status, "the result cannot be encoded: %s",
                      mr_status_meaning(status));
    }
    const mr_failure failure = {batch->topic, batch->partition, mr_stage_name(of->stage),
                                of->status,   of->message,      NULL};
    mr_status status = mr_dead_letter(batch->arena, &batch->records[row], &failure, message);
    message->row = (uint16_t)row;
    return status;
}

/* The group whose data type a row is counted under: unknown for what failed before it had one. */
static uint32_t counted_under(const mr_row *row) {
    bool unknown =
        row->state == MR_ROW_DROPPED ||
        (row->state == MR_ROW_FAILED && (row->stage == MR_STAGE_DECODE || row->stage == MR_STAGE_SEND));
    return unknown ? MR_BATCH_GROUPS : row->group;
}

static mr_outcome outcome_of(const mr_batch *batch, const mr_row *row) {
    if (row->state == MR_ROW_DROPPED) return MR_OUTCOME_DROPPED;
    if (batch->again && !(row->state == MR_ROW_FAILED && row->stage == MR_STAGE_SEND))
        return MR_OUTCOME_RESENT;
    return row->state == MR_ROW_SCORED ? MR_OUTCOME_SCORED : MR_OUTCOME_DEAD_LETTERED;
}

static mr_type_counters *counters_of(const mr_processor_context *context, const mr_batch *batch,
                                     uint32_t group) {
    uint16_t slot = group == MR_BATCH_GROUPS ? 0 : batch->groups[group].served->type_slot;
    return &context->counters->types[slot];
}

/* Record timestamps are milliseconds, so rows of one batch mostly share a bucket: one write for a run. */
static void count_latency(const mr_processor_context *context, const mr_batch *batch, int64_t now) {
    for (uint32_t g = 0; g < batch->group_count; g++) {
        const mr_group *group = &batch->groups[g];
        mr_type_counters *counters = counters_of(context, batch, g);
        uint64_t sum = 0, run = 0;
        unsigned bucket = 0;
        for (uint32_t i = 0; i < group->in->row_count; i++) {
            int64_t timestamp = batch->records[group->batch_row[i]].timestamp;
            if (timestamp < 0 || batch->rows[group->batch_row[i]].state != MR_ROW_SCORED) continue;
            uint64_t age = timestamp < now ? (uint64_t)(now - timestamp) * 1000 : 0;
            unsigned in = mr_bucket(age);
            sum += age;
            if (in != bucket && run > 0) {
                mr_count(&counters->latency_buckets[bucket], run);
                run = 0;
            }
            bucket = in;
            run++;
        }
        if (run > 0) mr_count(&counters->latency_buckets[bucket], run);
        if (sum > 0) mr_count(&counters->latency_microseconds, sum);
    }
}

static void count_outcomes(const mr_processor_context *context, const mr_batch *batch, const tally *sums) {
    for (uint32_t g = 0; g <= MR_BATCH_GROUPS; g++) {
        if (g == batch->group_count) g = MR_BATCH_GROUPS;
        for (uint32_t o = 0; o < MR_OUTCOME_COUNT; o++) {
            if (sums->outcomes[g][o] > 0)
                mr_count(&counters_of(context, batch, g)->outcomes[o], sums->outcomes[g][o]);
        }
    }
}

static mr_status process(mr_processor *processor, mr_processor_context *context, mr_batch *batch,
                         mr_error *error) {
    encode_node *self = (encode_node *)processor;
    int64_t now = mr_wall_ms();
    tally sums = {0};
    batch->outgoing_count = 0;
    for (uint32_t row = 0; row < batch->count && batch->rows[row].state != MR_ROW_NEW; row++) {
        uint32_t under = counted_under(&batch->rows[row]);
        if (batch->rows[row].state != MR_ROW_DROPPED) {
            mr_outgoing *message = &batch->outgoing[batch->outgoing_count];
            mr_status status = encode_row(self, batch, row, message);
            if (status == MR_OK) {
                status =
                    bound_timestamp(self, batch, message, now, &sums.outcomes[under][MR_OUTCOME_RETIMED]);
            }
            if (status != MR_OK) return mr_fail(error, status, batch->topic, "no memory to encode a batch");
            batch->outgoing_count++;
        }
        sums.outcomes[under][outcome_of(batch, &batch->rows[row])]++;
    }
    count_outcomes(context, batch, &sums);
    if (!batch->again) count_latency(context, batch, now);
    return mr_forward(processor, context, batch, error);
}

static void close_node(mr_processor *processor) {
    mr_free(processor);
}

static const mr_processor_ops ops = {"encode", process, close_node};

mr_status mr_encode_open(void *options, const mr_processor_context *of, mr_processor **made,
                         mr_error *error) {
    encode_node *self = mr_alloc_zero(1, sizeof *self);
    if (self == NULL) return mr_fail(error, MR_NO_MEMORY, of->topic, "no memory for an encoder");
    self->base.ops = &ops;
    self->options = options;
    *made = &self->base;
    return MR_OK;
}
