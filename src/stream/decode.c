/* Speculate on the last data type; see decode.h.
 *
 * Invariant: a row takes the next free row of its group's frame only once it is known to belong there, so
 * a wrong guess costs time, never a frame row.
 */
#include "stream/decode.h"

#include <string.h>

#include "base/memory.h"

enum { NAME_MAX_BYTES = 256, NONE = -1, GROUPS_FULL = -2, NO_MEMORY = -3 };

typedef struct decode_node {
    mr_processor base;
    const mr_decode_options *options;
    char last[NAME_MAX_BYTES]; /* data type seen last */
    size_t last_size;
    uint32_t used[MR_BATCH_GROUPS]; /* rows of each group's frame; during one batch */
    size_t type_size[MR_BATCH_GROUPS];
} decode_node;

static bool is_type(const decode_node *self, const mr_batch *batch, int group, mr_text type) {
    return self->type_size[group] == type.size &&
           memcmp(batch->groups[group].served->identity.data_type, type.data, type.size) == 0;
}

static int open_group(decode_node *self, mr_batch *batch, const mr_served *served, mr_error *error) {
    if (served == NULL) return NONE;
    if (batch->group_count == MR_BATCH_GROUPS) return GROUPS_FULL;
    mr_group *group = &batch->groups[batch->group_count];
    if (mr_workspace_open(self->options->workspace, batch->models, served, group, error) != MR_OK)
        return NO_MEMORY;
    self->used[batch->group_count] = 0;
    self->type_size[batch->group_count] = strlen(served->identity.data_type);
    return (int)batch->group_count++;
}

/* The group of a data type: `guess` when it is that one. NONE, GROUPS_FULL or NO_MEMORY. */
static int group_of(decode_node *self, mr_batch *batch, int guess, mr_text type, mr_error *error) {
    if (guess >= 0 && is_type(self, batch, guess, type)) return guess;
    for (int i = 0; i < (int)batch->group_count; i++) {
        if (is_type(self, batch, i, type)) return i;
    }
    if (batch->models == NULL || type.size == 0) return NONE;
    return open_group(self, batch, mr_model_set_find(batch->models, type.data, type.size), error);
}

/* The group to begin with: that of the last type, or any, since any plan tells the type. */
static int first_guess(decode_node *self, mr_batch *batch, mr_error *error) {
    if (batch->models == NULL || batch->models->count == 0) return NONE;
    int group = group_of(self, batch, NONE, (mr_text){self->last, (uint32_t)self->last_size, 0}, error);
    return group == NONE ? open_group(self, batch, batch->models->served[0], error) : group;
}

static mr_status decode_into(const decode_node *self, mr_batch *batch, uint32_t row, int group, mr_text *type,
                             mr_error *error) {
    const mr_group *to = &batch->groups[group];
    const mr_decode_plan *plan = to->served->decode;
    *type = (mr_text){NULL, 0, 0};
    return plan->decoder->ops->decode(plan, batch->records[row].value, to->in, self->used[group],
                                      batch->arena, type, error);
}

/* The data type of a record whose fields cannot be read. */
static bool learn_type(const decode_node *self, mr_batch *batch, uint32_t row, int group, mr_text *type) {
    mr_error ignored;
    const mr_group *to = &batch->groups[group];
    const mr_decode_plan *plan = to->served->no_field;
    *type = (mr_text){NULL, 0, 0};
    return plan->decoder->ops->decode(plan, batch->records[row].value, to->in, self->used[group],
                                      batch->arena, type, &ignored) == MR_OK;
}

static void accept(decode_node *self, mr_batch *batch, uint32_t row, int group) {
    mr_row *accepted = &batch->rows[row];
    accepted->state = MR_ROW_DECODED;
    accepted->group = (uint16_t)group;
    accepted->frame_row = (uint16_t)self->used[group];
    batch->groups[group].batch_row[self->used[group]++] = (uint16_t)row;
}

static mr_status serve_nobody(const decode_node *self, mr_batch *batch, uint32_t row, mr_text type,
                              mr_error *error) {
    int size = type.size < 200 ? (int)type.size : 200;
    const char *name = type.size > 0 ? type.data : "";
    switch (self->options->no_model) {
    case MR_NO_MODEL_HOLD:
        return mr_fail(error, MR_NO_MODEL, batch->topic, "held until a model serves data type \"%.*s\"", size,
                       name);
    case MR_NO_MODEL_DEAD_LETTER:
        mr_batch_fail(batch, row, MR_STAGE_DECODE, MR_NO_MODEL,
                      "no model serves data type \"%.*s\": publish one to the models topic", size, name);
        break;
    case MR_NO_MODEL_DROP:
        batch->rows[row].state = MR_ROW_DROPPED;
    }
    return MR_OK;
}

static mr_status fail_row(mr_batch *batch, uint32_t row, mr_error *error) {
    if (mr_status_action(error->status) == MR_ACTION_RETRY) return error->status;
    const char *between = error->where[0] ? ": " : "";
    mr_batch_fail(batch, row, MR_STAGE_DECODE, error->status, "%s%s%s", error->where, between,
                  error->message);
    return MR_OK;
}

static void remember(decode_node *self, mr_text type) {
    if (type.size > sizeof self->last) return;
    memcpy(self->last, type.data, type.size);
    self->last_size = type.size;
}

/* The last header of that name, as Kafka's lastHeader. */
static mr_text type_in_headers(const mr_record *record, const char *name) {
    for (uint32_t i = record->header_count; i > 0; i--) {
        const mr_header *header = &record->headers[i - 1];
        if (header->value.data == NULL || header->value.size > UINT32_MAX || strcmp(header->name, name) != 0)
            continue;
        return (mr_text){header->value.data, (uint32_t)header->value.size, 0};
    }
    return (mr_text){NULL, 0, 0};
}

/* A row whose type is known before it is decoded, or once it was decoded with a wrong plan. */
static mr_status decode_as(decode_node *self, mr_batch *batch, uint32_t row, int *guess, mr_text type,
                           mr_error *error) {
    int group = group_of(self, batch, *guess, type, error);
    if (group == NO_MEMORY) return error->status;
    if (group == GROUPS_FULL) return MR_FULL;
    if (group == NONE) return serve_nobody(self, batch, row, type, error);
    mr_text ignored;
    if (decode_into(self, batch, row, group, &ignored, error) != MR_OK) return fail_row(batch, row, error);
    accept(self, batch, row, group);
    *guess = group;
    return MR_OK;
}

static mr_status decode_by_field(decode_node *self, mr_processor_context *context, mr_batch *batch,
                                 uint32_t row, int *guess, mr_error *error) {
    mr_text type = {NULL, 0, 0};
    if (*guess == NONE) return serve_nobody(self, batch, row, type, error);
    mr_status status = decode_into(self, batch, row, *guess, &type, error);
    if (status != MR_OK) {
        bool retry = mr_status_action(status) == MR_ACTION_RETRY;
        if (retry || !learn_type(self, batch, row, *guess, &type) || is_type(self, batch, *guess, type))
            return fail_row(batch, row, error);
    } else if (is_type(self, batch, *guess, type)) {
        accept(self, batch, row, *guess);
        return MR_OK;
    }
    int before = *guess;
    status = decode_as(self, batch, row, guess, type, error);
    if (status != MR_OK || *guess == before) return status;
    uint16_t slot = batch->groups[*guess].served->type_slot;
    mr_count(&context->counters->types[slot].outcomes[MR_OUTCOME_REDECODED], 1);
    remember(self, type);
    return MR_OK;
}

static mr_status decode_row(decode_node *self, mr_processor_context *context, mr_batch *batch, uint32_t row,
                            int *guess, mr_error *error) {
    const mr_decode_options *options = self->options;
    const mr_record *record = &batch->records[row];
    if (record->value.data == NULL) {
        mr_batch_fail(batch, row, MR_STAGE_DECODE, MR_SYNTAX, "the record has no value");
        return MR_OK;
    }
    if (options->type_source == MR_TYPE_FIELD)
        return decode_by_field(self, context, batch, row, guess, error);
    mr_text type = options->type_source == MR_TYPE_HEADER
                       ? type_in_headers(record, options->type)
                       : (mr_text){options->type, (uint32_t)strlen(options->type), 0};
    return decode_as(self, batch, row, guess, type, error);
}

static mr_status process(mr_processor *processor, mr_processor_context *context, mr_batch *batch,
                         mr_error *error) {
    decode_node *self = (decode_node *)processor;
    batch->group_count = 0;
    int guess = NONE;
    if (self->options->type_source == MR_TYPE_FIELD) {
        guess = first_guess(self, batch, error);
        if (guess == NO_MEMORY) return MR_NO_MEMORY;
    }
    for (uint32_t row = 0; row < batch->count; row++) {
        if (batch->rows[row].state != MR_ROW_NEW) continue;
        mr_status status = decode_row(self, context, batch, row, &guess, error);
        if (status == MR_FULL) break;
        if (status != MR_OK) return status;
    }
    for (uint32_t i = 0; i < batch->group_count; i++) {
        batch->groups[i].in->row_count = batch->groups[i].out->row_count = self->used[i];
    }
    return mr_forward(processor, context, batch, error);
}

static void close_node(mr_processor *processor) {
    mr_free(processor);
}

static const mr_processor_ops ops = {"decode", process, close_node};

mr_status mr_decode_open(void *options, const mr_processor_context *of, mr_processor **made,
                         mr_error *error) {
    decode_node *self = mr_alloc_zero(1, sizeof *self);
    if (self == NULL) return mr_fail(error, MR_NO_MEMORY, of->topic, "no memory for a decoder");
    self->base.ops = &ops;
    self->options = options;
    *made = &self->base;
    return MR_OK;
}
