/* One entry a partition: how far it is acknowledged, and how far that was handed to the source.
 *
 * Invariant: handed <= acknowledged. A commit that fails leaves `handed`, so the next one repeats it.
 */
#include "stream/committer.h"

#include "base/log.h"
#include "base/memory.h"

typedef struct entry {
    int32_t partition;
    int64_t acknowledged; /* -1: nothing yet */
    int64_t handed;       /* -1: nothing yet */
} entry;

typedef struct at_least_once {
    mr_committer base;
    mr_source *source; /* borrowed */
    int64_t interval;
    int64_t due; /* INT64_MIN: at once */
    entry *entries;
    size_t count;
    size_t capacity;
    mr_position *positions; /* as long as entries; what one commit holds */
    size_t position_capacity;
    mr_log_limit limit;
} at_least_once;

static at_least_once *self_of(mr_committer *committer) {
    return (at_least_once *)committer;
}

static entry *find(at_least_once *self, int32_t partition) {
    for (size_t i = 0; i < self->count; i++) {
        if (self->entries[i].partition == partition) return &self->entries[i];
    }
    return NULL;
}

/* NULL when memory is out: the partition is then added by its first acknowledgement. */
static entry *find_or_add(at_least_once *self, int32_t partition) {
    entry *found = find(self, partition);
    if (found != NULL) return found;
    if (!MR_GROW(self->entries, self->count, self->capacity)) return NULL;
    while (self->position_capacity < self->capacity) {
        if (!mr_grow_array((void **)&self->positions, &self->position_capacity, sizeof *self->positions))
            return NULL;
    }
    self->entries[self->count] = (entry){.partition = partition, .acknowledged = -1, .handed = -1};
    return &self->entries[self->count++];
}

static void assigned(mr_committer *committer, int32_t partition) {
    entry *found = find_or_add(self_of(committer), partition);
    if (found != NULL) found->acknowledged = found->handed = -1;
}

static void acknowledged(mr_committer *committer, int32_t partition, int64_t offset) {
    entry *found = find_or_add(self_of(committer), partition);
    if (found != NULL && offset > found->acknowledged) found->acknowledged = offset;
}

/* Asks the listener; on an error this partition's commit is put off. */
static bool may_commit(at_least_once *self, const entry *wanted, mr_error *error) {
    const mr_committer_listener *listener = &self->base.listener;
    if (listener->before_commit == NULL) return true;
    return listener->before_commit(listener->context, wanted->partition, wanted->acknowledged, error) ==
           MR_OK;
}

static bool concerns(const entry *wanted, const int32_t *only, bool all) {
    if (only != NULL && wanted->partition != *only) return false;
    return wanted->acknowledged >= 0 && (all || wanted->acknowledged > wanted->handed);
}

/* Commits the entry of *only, or of all partitions when NULL. */
static mr_status commit_entries(at_least_once *self, const int32_t *only, bool wait, mr_error *error) {
    uint32_t count = 0;
    mr_status status = MR_OK;
    mr_error ignored;
    if (error == NULL) error = &ignored;
    for (size_t i = 0; i < self->count; i++) {
        entry *wanted = &self->entries[i];
        if (!concerns(wanted, only, wait)) continue;
        if (may_commit(self, wanted, error)) {
            self->positions[count++] = (mr_position){wanted->partition, wanted->acknowledged};
        } else {
            status = error->status;
        }
    }
    if (count == 0) return status;
    mr_status committed = self->source->ops->commit(self->source, self->positions, count, wait, error);
    if (committed != MR_OK) return committed;
    const mr_committer_listener *listener = &self->base.listener;
    for (uint32_t i = 0; i < count; i++) {
        entry *done = find(self, self->positions[i].partition);
        done->handed = self->positions[i].offset;
        if (listener->committed != NULL)
            listener->committed(listener->context, done->partition, done->handed);
    }
    return status;
}

static mr_status commit(mr_committer *committer, int64_t now, bool force, mr_error *error) {
    at_least_once *self = self_of(committer);
    if (!force && now < self->due) return MR_OK;
    self->due = now + self->interval;
    return commit_entries(self, NULL, force, error);
}

static void revoked(mr_committer *committer, int32_t partition, bool lost) {
    at_least_once *self = self_of(committer);
    entry *found = find(self, partition);
    if (found == NULL) return;
    mr_error error;
    if (!lost && commit_entries(self, &partition, true, &error) != MR_OK) {
        mr_log_limited(
            &self->limit, MR_LOG_WARN, "commit",
            "partition %d was given up without its last commit (%s); its new owner repeats some records",
            (int)partition, error.message);
    }
    *found = self->entries[--self->count];
}

static void close_committer(mr_committer *committer) {
    at_least_once *self = self_of(committer);
    mr_free(self->entries);
    mr_free(self->positions);
    mr_free(self);
}

static const mr_committer_ops at_least_once_ops = {
    .name = "at-least-once",
    .assigned = assigned,
    .acknowledged = acknowledged,
    .commit = commit,
    .revoked = revoked,
    .close = close_committer,
};

mr_status mr_at_least_once_new(mr_source *source, int64_t interval_ms, mr_committer **committer,
                               mr_error *error) {
    at_least_once *self = mr_alloc_zero(1, sizeof *self);
    if (self == NULL) return mr_fail(error, MR_NO_MEMORY, "committer", "no memory for a committer");
    self->base.ops = &at_least_once_ops;
    self->source = source;
    self->interval = interval_ms;
    self->due = INT64_MIN;
    *committer = &self->base;
    return MR_OK;
}
