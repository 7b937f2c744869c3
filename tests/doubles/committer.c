/* Remembers and forwards; see committer.h. */
#include "doubles/committer.h"

#include <stdlib.h>

#include "doubles/source.h"

typedef struct memory_committer {
    mr_committer base;
    mr_source *source;
    int64_t acknowledged[DOUBLE_PARTITIONS];
} memory_committer;

static void assigned(mr_committer *committer, int32_t partition) {
    ((memory_committer *)committer)->acknowledged[partition] = -1;
}

static void acknowledged(mr_committer *committer, int32_t partition, int64_t offset) {
    ((memory_committer *)committer)->acknowledged[partition] = offset;
}

static mr_status commit_one(memory_committer *self, int32_t partition, mr_error *error) {
    mr_position position = {partition, self->acknowledged[partition]};
    if (position.offset < 0) return MR_OK;
    mr_committer_listener *listener = &self->base.listener;
    if (listener->before_commit) {
        mr_status status = listener->before_commit(listener->context, partition, position.offset, error);
        if (status != MR_OK) return status;
    }
    mr_status status = self->source->ops->commit(self->source, &position, 1, true, error);
    if (status != MR_OK) return status;
    self->acknowledged[partition] = -1;
    if (listener->committed) listener->committed(listener->context, partition, position.offset);
    return MR_OK;
}

static mr_status commit(mr_committer *committer, int64_t now, bool force, mr_error *error) {
    (void)now;
    mr_status status = MR_OK;
    for (int32_t i = 0; force && i < DOUBLE_PARTITIONS && status == MR_OK; i++) {
        status = commit_one((memory_committer *)committer, i, error);
    }
    return status;
}

static void revoked(mr_committer *committer, int32_t partition, bool lost) {
    memory_committer *self = (memory_committer *)committer;
    if (!lost) commit_one(self, partition, NULL);
    self->acknowledged[partition] = -1;
}

static void close_committer(mr_committer *committer) {
    free(committer);
}

static const mr_committer_ops committer_ops = {"memory", assigned, acknowledged,
                                               commit,   revoked,  close_committer};

mr_committer *double_committer_new(mr_source *source) {
    memory_committer *self = calloc(1, sizeof *self);
    self->base.ops = &committer_ops;
    self->source = source;
    for (int i = 0; i < DOUBLE_PARTITIONS; i++) self->acknowledged[i] = -1;
    return &self->base;
}

int64_t double_committer_acknowledged(const mr_committer *committer, int32_t partition) {
    return ((const memory_committer *)committer)->acknowledged[partition];
}
