/* A flat list, searched from end to end: some thousand entries at most, and touched once per model message.
 *
 * Invariant: `bytes` is the sum of message_size over the entries whose message is kept.
 */
#include "serving/candidates.h"

#include <string.h>

#include "base/memory.h"

void mr_candidates_init(mr_candidates *all, size_t bytes_max) {
    *all = (mr_candidates){.bytes_max = bytes_max};
}

static void give_up_message(mr_candidates *all, mr_candidate *candidate) {
    if (candidate->message != NULL) all->bytes -= candidate->message_size;
    mr_free(candidate->message);
    candidate->message = NULL;
}

static void free_candidate(mr_candidates *all, mr_candidate *candidate) {
    give_up_message(all, candidate);
    mr_free(candidate->data_type);
    mr_free(candidate);
}

static bool same_line(const mr_candidate *a, const char *data_type, int32_t partition) {
    return a->partition == partition && strcmp(a->data_type, data_type) == 0;
}

/* The newest of a line takes the place of one that was forgotten. */
static void promote(mr_candidates *all, const char *data_type, int32_t partition) {
    mr_candidate *newest = NULL;
    for (size_t i = 0; i < all->count; i++) {
        mr_candidate *item = all->items[i];
        if (!same_line(item, data_type, partition)) continue;
        if (newest == NULL || item->offset > newest->offset) newest = item;
    }
    if (newest != NULL) newest->behind = false;
}

static void forget(mr_candidates *all, size_t index) {
    mr_candidate *old = all->items[index];
    all->items[index] = all->items[--all->count];
    if (!old->behind) promote(all, old->data_type, old->partition);
    free_candidate(all, old);
}

void mr_candidates_free(mr_candidates *all) {
    while (all->count > 0) forget(all, all->count - 1);
    mr_free(all->items);
    mr_candidates_init(all, all->bytes_max);
}

static size_t line_length(const mr_candidates *all, const char *data_type, int32_t partition) {
    size_t length = 0;
    for (size_t i = 0; i < all->count; i++) length += same_line(all->items[i], data_type, partition);
    return length;
}

bool mr_candidates_full(const mr_candidates *all, const char *data_type, int32_t partition) {
    return line_length(all, data_type, partition) >= MR_CANDIDATES_KEPT;
}

mr_candidate *mr_candidates_untried(const mr_candidates *all, const char *data_type, int32_t partition) {
    mr_candidate *newest = NULL;
    for (size_t i = 0; i < all->count; i++) {
        mr_candidate *item = all->items[i];
        if (!same_line(item, data_type, partition) || item->state == MR_CANDIDATE_BAD ||
            item->state == MR_CANDIDATE_LATER || item->message == NULL)
            continue;
        if (newest == NULL || item->offset > newest->offset) newest = item;
    }
    return newest != NULL && newest->state == MR_CANDIDATE_NEW ? newest : NULL;
}

static size_t oldest_of(const mr_candidates *all, const char *data_type, int32_t partition) {
    size_t oldest = SIZE_MAX;
    for (size_t i = 0; i < all->count; i++) {
        if (!same_line(all->items[i], data_type, partition)) continue;
        if (oldest == SIZE_MAX || all->items[i]->offset < all->items[oldest]->offset) oldest = i;
    }
    return oldest;
}

void mr_candidates_thin(mr_candidates *all, const char *data_type, int32_t partition) {
    for (size_t i = all->count; i > 0; i--) {
        const mr_candidate *item = all->items[i - 1];
        if (item->state == MR_CANDIDATE_BAD && same_line(item, data_type, partition)) forget(all, i - 1);
    }
    while (line_length(all, data_type, partition) > MR_CANDIDATES_KEPT / 2) {
        forget(all, oldest_of(all, data_type, partition));
    }
}

/* Marks what stands behind a newer one, `added` included. False: it is known. */
static bool join_line(mr_candidates *all, mr_candidate *added) {
    for (size_t i = 0; i < all->count; i++) {
        mr_candidate *item = all->items[i];
        if (!same_line(item, added->data_type, added->partition)) continue;
        if (item->offset == added->offset) return false;
        if (item->offset < added->offset) {
            item->behind = true;
        } else {
            added->behind = true;
        }
    }
    return true;
}

mr_status mr_candidates_add(mr_candidates *all, const char *data_type, int32_t partition,
                            const mr_record *record, mr_candidate **added) {
    *added = NULL;
    if (mr_candidates_full(all, data_type, partition)) return MR_LIMIT;
    if (!MR_GROW(all->items, all->count, all->capacity)) return MR_NO_MEMORY;
    mr_candidate *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return MR_NO_MEMORY;
    made->data_type = mr_copy_string(data_type);
    made->keyed = record->key.data != NULL;
    if (made->keyed) crypto_hash_sha256(made->key, record->key.data, record->key.size);
    made->message = mr_copy_bytes(record->value.data, record->value.size);
    made->message_size = record->value.size;
    made->partition = partition;
    made->offset = record->offset;
    made->timestamp = record->timestamp;
    if (made->message != NULL) all->bytes += made->message_size;
    if (made->data_type == NULL || made->message == NULL) {
        free_candidate(all, made);
        return MR_NO_MEMORY;
    }
    if (!join_line(all, made)) {
        free_candidate(all, made);
        return MR_OK;
    }
    all->items[all->count++] = made;
    *added = made;
    return MR_OK;
}

size_t mr_candidates_retire(mr_candidates *all, int32_t partition, mr_bytes key, int64_t offset) {
    size_t retired = 0;
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, key.data, key.size);
    for (size_t i = all->count; i > 0; i--) {
        const mr_candidate *item = all->items[i - 1];
        if (item->partition != partition || item->offset >= offset || !item->keyed) continue;
        if (memcmp(item->key, digest, sizeof digest) != 0) continue;
        forget(all, i - 1);
        retired++;
    }
    return retired;
}

void mr_candidates_begin(mr_candidates *all, const char *data_type) {
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i]->data_type, data_type) == 0) all->items[i]->passed = false;
    }
}

/* Whether none of its line that is not passed is newer. */
static bool is_first(const mr_candidates *all, const mr_candidate *candidate) {
    for (size_t i = 0; i < all->count; i++) {
        const mr_candidate *other = all->items[i];
        if (!other->passed && other->offset > candidate->offset &&
            same_line(other, candidate->data_type, candidate->partition)) {
            return false;
        }
    }
    return true;
}

static bool comes_before(const mr_candidate *a, const mr_candidate *b) {
    return a->timestamp != b->timestamp ? a->timestamp > b->timestamp : a->partition > b->partition;
}

mr_candidate *mr_candidates_next(mr_candidates *all, const char *data_type) {
    for (;;) {
        mr_candidate *best = NULL;
        for (size_t i = 0; i < all->count; i++) {
            mr_candidate *item = all->items[i];
            if (item->passed || strcmp(item->data_type, data_type) != 0 || !is_first(all, item)) continue;
            if (best == NULL || comes_before(item, best)) best = item;
        }
        if (best == NULL) return NULL;
        best->passed = true;
        if (best->state != MR_CANDIDATE_BAD) return best;
    }
}

void mr_candidates_bad(mr_candidates *all, mr_candidate *candidate) {
    candidate->state = MR_CANDIDATE_BAD;
    give_up_message(all, candidate);
}

/* The one to give up next: the oldest of those behind, else the oldest of those that were tried. */
static mr_candidate *victim(const mr_candidates *all) {
    mr_candidate *behind = NULL, *good = NULL;
    for (size_t i = 0; i < all->count; i++) {
        mr_candidate *item = all->items[i];
        if (item->message == NULL) continue;
        if (item->behind) {
            if (behind == NULL || comes_before(behind, item)) behind = item;
        } else if (item->state != MR_CANDIDATE_NEW) {
            if (good == NULL || comes_before(good, item)) good = item;
        }
    }
    return behind != NULL ? behind : good;
}

bool mr_candidates_trim(mr_candidates *all) {
    while (all->bytes > all->bytes_max) {
        mr_candidate *chosen = victim(all);
        if (chosen == NULL) return false;
        give_up_message(all, chosen);
    }
    return true;
}
