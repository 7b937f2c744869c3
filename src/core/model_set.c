/* Publishing sets of models.
 *
 * Invariant: `current` carries one reference of the publisher's own, so whoever holds the lock sees a
 * count above zero and may raise it. A set at zero can no longer be reached: the thread that let go of
 * the last reference puts it on the retired list, and only the control thread takes it from there.
 */
#include "core/model_set.h"

#include <string.h>

#include "base/memory.h"

mr_status mr_published_init(mr_published *published, mr_error *error) {
    *published = (mr_published){.current = NULL};
    if (pthread_mutex_init(&published->mutex, NULL) != 0) {
        return mr_fail(error, MR_NO_MEMORY, "model set", "cannot make a mutex");
    }
    return MR_OK;
}

static void free_set(mr_model_set *set) {
    for (uint32_t i = 0; i < set->count; i++) mr_served_release(set->served[i]);
    mr_schema_release(set->schema);
    mr_free(set->served);
    mr_free(set);
}

static void retire(mr_published *published, mr_model_set *set) {
    set->next_retired = published->retired;
    published->retired = set;
}

/* Gives one reference back; true with the last one. */
static bool let_go(mr_model_set *set) {
    return atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) == 1;
}

void mr_publish(mr_published *published, mr_model_set *set) {
    pthread_mutex_lock(&published->mutex);
    mr_model_set *old = published->current;
    set->generation = atomic_load_explicit(&published->generation, memory_order_relaxed) + 1;
    published->current = set;
    atomic_store_explicit(&published->generation, set->generation, memory_order_release);
    if (old != NULL && let_go(old)) retire(published, old);
    pthread_mutex_unlock(&published->mutex);
}

void mr_published_refresh(mr_published *published, mr_model_set **held) {
    uint64_t generation = atomic_load_explicit(&published->generation, memory_order_acquire);
    if (*held == NULL ? generation == 0 : (*held)->generation == generation) return;
    pthread_mutex_lock(&published->mutex);
    mr_model_set *set = published->current;
    if (set != NULL) atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
    pthread_mutex_unlock(&published->mutex);
    mr_published_release(published, *held);
    *held = set;
}

void mr_published_release(mr_published *published, mr_model_set *set) {
    if (set == NULL || !let_go(set)) return;
    pthread_mutex_lock(&published->mutex);
    retire(published, set);
    pthread_mutex_unlock(&published->mutex);
}

uint32_t mr_published_reclaim(mr_published *published) {
    pthread_mutex_lock(&published->mutex);
    mr_model_set *set = published->retired;
    published->retired = NULL;
    pthread_mutex_unlock(&published->mutex);
    uint32_t count = 0;
    while (set != NULL) {
        mr_model_set *next = set->next_retired;
        free_set(set);
        set = next;
        count++;
    }
    return count;
}

void mr_published_destroy(mr_published *published) {
    if (published->current != NULL && let_go(published->current)) retire(published, published->current);
    published->current = NULL;
    mr_published_reclaim(published);
    pthread_mutex_destroy(&published->mutex);
}

/* Order of a set: data types by their bytes. */
static int compare_type(const char *a, size_t a_size, const char *b) {
    size_t b_size = strlen(b);
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

/* Index of the first served model whose data type is not below the one asked for. */
static uint32_t lower_bound(const mr_model_set *set, const char *data_type, size_t size) {
    uint32_t low = 0, high = set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_type(data_type, size, set->served[middle]->identity.data_type) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

mr_served *mr_model_set_find(const mr_model_set *set, const char *data_type, size_t size) {
    uint32_t at = lower_bound(set, data_type, size);
    if (at == set->count || compare_type(data_type, size, set->served[at]->identity.data_type) != 0)
        return NULL;
    return set->served[at];
}

mr_status mr_model_set_with(const mr_model_set *base, const char *data_type, mr_served *served,
                            mr_schema *schema, mr_model_set **set, mr_error *error) {
    const mr_model_set none = {.count = 0};
    if (base == NULL) base = &none;
    mr_model_set *made = mr_alloc_zero(1, sizeof *made);
    mr_served **models = mr_alloc_zero((size_t)base->count + 1, sizeof(mr_served *));
    if (made == NULL || models == NULL) {
        mr_free(made);
        mr_free(models);
        return mr_fail(error, MR_NO_MEMORY, data_type, "no memory for a set of %u models", base->count + 1);
    }
    uint32_t at = lower_bound(base, data_type, strlen(data_type)), count = 0;
    bool replaces = mr_model_set_find(base, data_type, strlen(data_type)) != NULL;
    for (uint32_t i = 0; i <= base->count; i++) {
        if (i == at && served != NULL) models[count++] = served;
        if (i == base->count || (i == at && replaces)) continue;
        atomic_fetch_add_explicit(&base->served[i]->references, 1, memory_order_relaxed);
        models[count++] = base->served[i];
    }
    atomic_init(&made->references, 1);
    made->schema = mr_schema_retain(schema);
    made->served = models;
    made->count = count;
    *set = made;
    return MR_OK;
}

void mr_served_release(mr_served *served) {
    if (served == NULL) return;
    if (atomic_fetch_sub_explicit(&served->references, 1, memory_order_acq_rel) != 1) return;
    if (served->encode != NULL) served->encode->encoder->ops->free_plan(served->encode);
    if (served->no_field != NULL) served->no_field->decoder->ops->free_plan(served->no_field);
    if (served->decode != NULL) served->decode->decoder->ops->free_plan(served->decode);
    mr_binding_free(served->binding);
    mr_model_release(served->model);
    mr_free(served->shards);
    mr_free((void *)(uintptr_t)served->identity.data_type);
    mr_free((void *)(uintptr_t)served->identity.name);
    mr_free((void *)(uintptr_t)served->identity.version);
    mr_free((void *)(uintptr_t)served->identity.description);
    mr_free(served);
}
