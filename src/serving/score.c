/* The scratch is reset before a batch, not after, so strings and lists in the results stay until they are
 * encoded. It grows when a model asks and never shrinks: after the first batches nothing is allocated. */
#include "serving/score.h"

#include "base/clock.h"
#include "base/memory.h"
#include "core/model_set.h"

enum { FIRST_SCRATCH = 64 * 1024 };

struct mr_scorer {
    mr_scratch *scratch;
};

typedef struct score_node {
    mr_processor base;
    mr_scorer *scorer;
} score_node;

mr_status mr_scorer_new(mr_scorer **scorer, mr_error *error) {
    mr_scorer *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "score", "no memory for a lane's scratch");
    mr_status status = mr_scratch_new(FIRST_SCRATCH, &made->scratch, error);
    if (status == MR_OK) {
        *scorer = made;
    } else {
        mr_free(made);
    }
    return status;
}

void mr_scorer_free(mr_scorer *scorer) {
    if (scorer == NULL) return;
    mr_scratch_free(scorer->scratch);
    mr_free(scorer);
}

/* Turns the statuses of frame rows into row states; returns how many have a result. */
static uint32_t take_results(mr_batch *batch, const mr_group *group) {
    uint32_t scored = 0;
    for (uint32_t i = 0; i < group->in->row_count; i++) {
        uint32_t row = group->batch_row[i];
        const mr_row_result *result = &group->results[i];
        if (result->status == MR_OK) {
            batch->rows[row].state = MR_ROW_SCORED;
            scored++;
        } else {
            mr_batch_fail(batch, row, MR_STAGE_SCORE, result->status, "%s",
                          result->message ? result->message : mr_status_meaning(result->status));
        }
    }
    return scored;
}

/* Only this lane writes its shard. */
static void count(mr_score_shard *shard, uint64_t rows, uint64_t nanoseconds) {
    if (rows == 0) return;
    uint64_t share = nanoseconds / rows;
    mr_count(&shard->nanoseconds, nanoseconds);
    mr_count(&shard->buckets[mr_bucket(share)], rows);
    if (share < atomic_load_explicit(&shard->min, memory_order_relaxed)) {
        atomic_store_explicit(&shard->min, share, memory_order_relaxed);
    }
    if (share > atomic_load_explicit(&shard->max, memory_order_relaxed)) {
        atomic_store_explicit(&shard->max, share, memory_order_relaxed);
    }
    mr_count(&shard->rows, rows);
}

static mr_status process(mr_processor *processor, mr_processor_context *context, mr_batch *batch,
                         mr_error *error) {
    mr_scorer *scorer = ((score_node *)processor)->scorer;
    mr_scratch_reset(scorer->scratch);
    for (uint32_t i = 0; i < batch->group_count; i++) {
        mr_group *group = &batch->groups[i];
        if (group->in->row_count == 0) continue;
        int64_t begin = mr_monotonic_ns();
        mr_status status = mr_score_all(group->served->binding, group->in, group->out, group->results,
                                        scorer->scratch, error);
        if (status != MR_OK) return status;
        uint64_t nanoseconds = (uint64_t)(mr_monotonic_ns() - begin);
        uint32_t scored = take_results(batch, group);
        if (!batch->again) count(&group->served->shards[context->lane], scored, nanoseconds);
    }
    return mr_forward(processor, context, batch, error);
}

static void close_node(mr_processor *processor) {
    mr_free(processor);
}

static const mr_processor_ops ops = {"score", process, close_node};

mr_status mr_score_open(void *scorer, const mr_processor_context *of, mr_processor **made, mr_error *error) {
    score_node *self = mr_alloc_zero(1, sizeof *self);
    if (self == NULL) return mr_fail(error, MR_NO_MEMORY, of->topic, "no memory for a score node");
    self->base.ops = &ops;
    self->scorer = scorer;
    *made = &self->base;
    return MR_OK;
}
