/* Score: the binding of a model, and the way of rows through it.
 *
 * Blocks of rows go over columns where the binding has such a way (direct.h, tile.h); what these leave, and
 * groups, go row by row through one mr_work, which lives in the scratch: nothing is allocated.
 */
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "pmml/pmml_model.h"
#include "pmml/row.h"
#include "pmml/rule/groups.h"
#include "pmml/tile/direct.h"
#include "pmml/tile/tile.h"

/* ---- Binding ---- */

void mr_pmml_free_binding(mr_binding *base) {
    mr_pmml_binding *binding = (mr_pmml_binding *)base;
    mr_free(binding->texts);
    mr_free(binding->fields);
    mr_free(binding->direct);
    mr_tile_plan_free(binding->tiles);
    mr_free(binding);
}

static mr_status add_codes(mr_pmml_binding *binding, mr_schema *schema, mr_error *error) {
    const mr_pmml_model *model = binding->model;
    uint32_t *codes = mr_alloc_zero(model->text_count, sizeof *codes);
    if (!codes) return mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    mr_status status = MR_OK;
    for (uint32_t i = 1; i < model->text_count && status == MR_OK; i++) {
        status = mr_schema_add_code(schema, model->texts[i].data, model->texts[i].size, &codes[i], error);
        if (status == MR_OK && codes[i] >= binding->code_count) binding->code_count = codes[i] + 1;
    }
    if (status == MR_OK) {
        binding->texts = mr_alloc_zero(binding->code_count + 1, sizeof *binding->texts);
        if (!binding->texts) status = mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    }
    for (uint32_t i = 1; i < model->text_count && status == MR_OK; i++) binding->texts[codes[i]] = i;
    mr_free(codes);
    return status;
}

static bool reads_strings(const mr_pmml_model *model) {
    for (uint32_t i = 0; i < model->base.shape.input_count; i++)
        if (model->base.shape.inputs[i].type == MR_TYPE_STRING) return true;
    return false;
}

mr_status mr_pmml_bind(const mr_model *base, mr_schema *schema, const uint32_t *fields, mr_binding **result,
                       mr_error *error) {
    const mr_pmml_model *model = (const mr_pmml_model *)base;
    mr_pmml_binding *binding = mr_alloc_zero(1, sizeof *binding);
    if (!binding) return mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    binding->model = model;
    binding->seed = base->shape.arity == MR_SCORES_GROUPS ? mr_hash_seed() : 0;
    uint32_t count = base->shape.input_count;
    binding->fields = mr_alloc_zero(count + 1, sizeof *binding->fields);
    mr_status status = binding->fields ? MR_OK : mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    if (status == MR_OK) memcpy(binding->fields, fields, count * sizeof *fields);
    if (status == MR_OK && reads_strings(model)) status = add_codes(binding, schema, error);
    bool made = status == MR_OK && mr_direct_new(binding, schema, &binding->direct);
    if (made && !binding->direct) made = mr_tile_plan_new(binding, schema, &binding->tiles);
    if (status == MR_OK && !made) status = mr_fail(error, MR_NO_MEMORY, "binding", "out of memory");
    if (status == MR_OK) *result = &binding->base;
    else mr_pmml_free_binding(&binding->base);
    return status;
}

/* ---- Rows ---- */

/* Memory, that of the readers, and `more` behind them; cleared when a row first goes the general way. */
static bool take_work(const mr_pmml_model *model, size_t more, mr_scratch *scratch, mr_work *work,
                      mr_row_reader **readers) {
    char *memory =
        mr_scratch_take(scratch, model->work_bytes + model->base.shape.input_count * sizeof **readers + more);
    if (!memory) return false;
    *readers = (mr_row_reader *)(void *)(memory + model->work_bytes);
    *work = (mr_work){.numbers = (double *)(void *)memory};
    memory += model->number_count * sizeof(double);
    work->predictions = (mr_prediction *)(void *)memory;
    memory += model->evaluator_count * sizeof(mr_prediction);
    work->slots = (mr_slot *)(void *)memory;
    memory += model->slot_count * sizeof(mr_slot);
    work->lists = (mr_list *)(void *)memory;
    work->scratch = scratch;
    work->texts = model->texts;
    work->text_count = model->text_count;
    work->text_map = model->row_texts ? &model->text_map : NULL;
    return true;
}

static void open_work(const mr_pmml_binding *binding, const mr_frame *in, mr_work *work,
                      mr_row_reader *readers) {
    for (uint32_t i = 0; i < binding->model->slot_count; i++) work->slots[i] = (mr_slot){.missing = 1};
    mr_row_open(binding, in, readers);
}

static void begin_row(mr_work *work) {
    work->invalid = work->failure = NULL;
    work->taken = 0;
    work->exhausted = false;
    mr_work_forget_texts(work);
}

bool mr_pmml_evaluate(const mr_pmml_binding *binding, const mr_frame *in, uint32_t row, mr_scratch *scratch,
                      mr_slot *slots) {
    mr_work work;
    mr_row_reader *readers;
    if (!take_work(binding->model, 0, scratch, &work, &readers)) return false;
    open_work(binding, in, &work, readers);
    begin_row(&work);
    if (mr_row_read(binding, row, readers, &work) == MR_NONE) mr_evaluator_run(binding->model->root, &work);
    memcpy(slots, work.slots, binding->model->slot_count * sizeof *slots);
    return !work.exhausted;
}

/* What became of row `row`, as result `at`. False: the scratch is too small. */
static bool finish_row(const mr_pmml_binding *binding, const mr_frame *in, uint32_t row, uint32_t invalid,
                       mr_work *work, mr_frame *out, mr_row_result *results, uint32_t at) {
    if (work->exhausted) return false;
    if (work->invalid || work->failure) {
        mr_row_clear(binding->model, out, at);
        return mr_row_explain(binding, in, row, work, invalid, work->scratch, &results[at]);
    }
    results[at] = (mr_row_result){MR_OK, NULL};
    mr_row_write(binding->model, work, out, at);
    return !work->exhausted;
}

/* False: the scratch is too small. */
static bool score_row(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                      mr_row_result *results, uint32_t row, const mr_row_reader *readers, mr_work *work) {
    begin_row(work);
    uint32_t invalid = mr_row_read(binding, row, readers, work);
    if (invalid == MR_NONE) mr_evaluator_run(binding->model->root, work);
    return finish_row(binding, in, row, invalid, work, out, results, row);
}

static size_t block_memory(const mr_pmml_binding *binding) {
    return binding->direct ? binding->direct->memory : binding->tiles ? binding->tiles->memory : 0;
}

/* Scores a block of rows from `row` on, *count of them. The answer: those that go the general way, a bit
 * each. */
static uint64_t score_block(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                            mr_row_result *rows, uint32_t row, mr_work *work, void *memory, uint32_t *count) {
    uint32_t most = binding->direct ? binding->direct->rows : binding->tiles ? binding->tiles->rows : 1;
    *count = in->row_count - row < most ? in->row_count - row : most;
    if (binding->direct) return mr_direct_score(binding, in, out, rows, row, *count, work, memory);
    if (binding->tiles) return mr_tile_score(binding->tiles, in, out, rows, row, *count, work, memory);
    return 1;
}

static __attribute__((noinline)) mr_status score_rows(const mr_pmml_binding *binding, const mr_frame *in,
                                                      mr_frame *out, mr_row_result *rows, mr_scratch *scratch,
                                                      mr_score_progress *progress) {
    mr_work work;
    mr_row_reader *readers;
    progress->needed = binding->model->work_bytes + MR_ROW_MESSAGE_BYTES + block_memory(binding) +
                       (binding->model->base.shape.input_count + 2) * sizeof *readers;
    if (!take_work(binding->model, block_memory(binding), scratch, &work, &readers)) return MR_MORE_MEMORY;
    void *memory = readers + binding->model->base.shape.input_count;
    bool open = false;
    for (uint32_t row = progress->row, count = 1; row < in->row_count; row += count) {
        uint64_t left = score_block(binding, in, out, rows, row, &work, memory, &count);
        for (; left; left &= left - 1) {
            uint32_t one = row + (uint32_t)__builtin_ctzll(left);
            if (!open) open_work(binding, in, &work, readers);
            open = true;
            if (score_row(binding, in, out, rows, one, readers, &work)) continue;
            progress->row = one;
            progress->needed += work.taken;
            return MR_MORE_MEMORY;
        }
    }
    progress->row = in->row_count;
    progress->needed = 0;
    return MR_OK;
}

/* The rows of a group go into it one after the other; a row that is invalid makes the group so. */
static bool score_group(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                        mr_row_result *results, const mr_groups *groups, uint32_t group,
                        const mr_row_reader *readers, mr_work *work) {
    const mr_evaluator *root = binding->model->root;
    uint32_t invalid = MR_NONE, last = MR_NONE;
    begin_row(work);
    root->begin(root, work);
    for (uint32_t row = groups->first[group]; row != MR_NONE && !work->invalid; row = groups->next[row]) {
        last = row;
        invalid = mr_row_read(binding, row, readers, work);
        if (invalid == MR_NONE) root->add(root, work);
    }
    if (!work->invalid) mr_evaluator_run(root, work);
    return finish_row(binding, in, last, invalid, work, out, results, group);
}

/* After MR_MORE_MEMORY the rows are grouped anew. So that this happens seldom, memory is asked for as if the
 * groups to come need twice what those before did. */
static __attribute__((noinline)) mr_status score_groups(const mr_pmml_binding *binding, const mr_frame *in,
                                                        mr_frame *out, mr_row_result *rows,
                                                        mr_scratch *scratch, mr_score_progress *progress) {
    mr_work work;
    mr_row_reader *readers;
    uint32_t inputs = binding->model->base.shape.input_count;
    uint32_t field = binding->fields[binding->model->base.shape.group_input];
    size_t memory = mr_groups_size(in->row_count), taken = 0;
    progress->needed =
        binding->model->work_bytes + (inputs + 2) * sizeof *readers + memory + MR_ROW_MESSAGE_BYTES;
    if (!take_work(binding->model, memory, scratch, &work, &readers)) return MR_MORE_MEMORY;
    open_work(binding, in, &work, readers);
    mr_groups groups;
    mr_groups_find(field < in->column_count ? &in->columns[field] : NULL, in->row_count, binding->seed,
                   readers + inputs, &groups);
    for (uint32_t first = progress->row, group = first; group < groups.count; group++) {
        bool done = score_group(binding, in, out, rows, &groups, group, readers, &work);
        taken += work.taken + (work.invalid || work.failure ? MR_ROW_MESSAGE_BYTES : 0);
        if (done) continue;
        progress->row = group;
        progress->needed += taken + 2 * (taken / (group - first + 1)) * (groups.count - group);
        return MR_MORE_MEMORY;
    }
    out->row_count = groups.count;
    progress->row = in->row_count;
    progress->needed = 0;
    return MR_OK;
}

/* A row by itself that needs no working memory. False: nothing is done. */
static bool score_alone(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out,
                        mr_row_result *rows, uint32_t row) {
    if (binding->direct) return binding->direct->alone && mr_direct_score_row(binding, in, out, rows, row);
    return binding->tiles && binding->tiles->alone && mr_tile_score_row(binding->tiles, in, out, rows, row);
}

mr_status mr_pmml_score(const mr_binding *base, const mr_frame *in, mr_frame *out, mr_row_result *rows,
                        mr_scratch *scratch, mr_score_progress *progress) {
    const mr_pmml_binding *binding = (const mr_pmml_binding *)base;
    uint32_t row = progress->row;
    if (base->model->shape.arity == MR_SCORES_GROUPS)
        return score_groups(binding, in, out, rows, scratch, progress);
    if (in->row_count - row == 1 && score_alone(binding, in, out, rows, row)) {
        progress->row++;
        return MR_OK;
    }
    return score_rows(binding, in, out, rows, scratch, progress);
}
