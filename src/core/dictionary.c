/* Append-only string table with lock-free readers; see dictionary.h. */
#include "core/dictionary.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

typedef struct entry {
    uint32_t code;
    uint32_t hash;
    uint32_t size;
    char text[];
} entry;

typedef struct table {
    struct table *older;
    uint32_t mask; /* slots - 1; a power of two less one */
    _Atomic(entry *) slots[];
} table;

struct mr_dictionary {
    _Atomic uint32_t references;
    uint32_t limit;
    _Atomic uint32_t end;
    uint64_t seed;
    _Atomic(table *) table;
    pthread_mutex_t writers;
};

static table *new_table(uint32_t slots, table *older) {
    table *made = mr_alloc_zero(1, sizeof *made + slots * sizeof made->slots[0]);
    if (made == NULL) return NULL;
    made->mask = slots - 1;
    made->older = older;
    return made;
}

mr_status mr_dictionary_new(uint32_t limit, mr_dictionary **dictionary, mr_error *error) {
    mr_dictionary *made = mr_alloc_zero(1, sizeof *made);
    table *first = made ? new_table(16, NULL) : NULL;
    if (first == NULL || pthread_mutex_init(&made->writers, NULL) != 0) {
        mr_free(first);
        mr_free(made);
        return mr_fail(error, MR_NO_MEMORY, "dictionary", "out of memory");
    }
    made->limit = limit;
    made->seed = mr_hash_seed();
    atomic_init(&made->references, 1);
    atomic_init(&made->end, 1);
    atomic_init(&made->table, first);
    *dictionary = made;
    return MR_OK;
}

mr_dictionary *mr_dictionary_retain(mr_dictionary *dictionary) {
    atomic_fetch_add_explicit(&dictionary->references, 1, memory_order_relaxed);
    return dictionary;
}

void mr_dictionary_release(mr_dictionary *dictionary) {
    if (dictionary == NULL || atomic_fetch_sub(&dictionary->references, 1) != 1) return;
    table *newest = atomic_load(&dictionary->table);
    for (uint32_t i = 0; i <= newest->mask; i++) mr_free(atomic_load(&newest->slots[i]));
    while (newest != NULL) {
        table *older = newest->older;
        mr_free(newest);
        newest = older;
    }
    pthread_mutex_destroy(&dictionary->writers);
    mr_free(dictionary);
}

/* The entry of this text, or NULL; *free_slot is then where it belongs. */
static entry *probe(table *in, uint32_t hash, const char *data, size_t size, uint32_t *free_slot) {
    for (uint32_t i = hash & in->mask;; i = (i + 1) & in->mask) {
        entry *found = atomic_load_explicit(&in->slots[i], memory_order_acquire);
        if (found == NULL) {
            *free_slot = i;
            return NULL;
        }
        if (found->hash == hash && found->size == size && memcmp(found->text, data, size) == 0) return found;
    }
}

uint32_t mr_dictionary_find(const mr_dictionary *dictionary, const char *data, size_t size) {
    uint32_t slot;
    table *now = atomic_load_explicit(&dictionary->table, memory_order_acquire);
    const entry *found = probe(now, (uint32_t)mr_hash(dictionary->seed, data, size), data, size, &slot);
    return found ? found->code : 0;
}

/* Twice the slots, same entries. Writers' mutex is held. */
static table *grow(mr_dictionary *dictionary, table *old) {
    table *bigger = new_table((old->mask + 1) * 2, old);
    if (bigger == NULL) return NULL;
    for (uint32_t i = 0; i <= old->mask; i++) {
        entry *moved = atomic_load_explicit(&old->slots[i], memory_order_relaxed);
        uint32_t slot;
        if (moved == NULL) continue;
        probe(bigger, moved->hash, moved->text, moved->size, &slot);
        atomic_store_explicit(&bigger->slots[slot], moved, memory_order_relaxed);
    }
    atomic_store_explicit(&dictionary->table, bigger, memory_order_release);
    return bigger;
}

static mr_status add_locked(mr_dictionary *dictionary, uint32_t hash, const char *data, size_t size,
                            uint32_t *code, mr_error *error) {
    uint32_t slot;
    table *now = atomic_load_explicit(&dictionary->table, memory_order_relaxed);
    const entry *known = probe(now, hash, data, size, &slot);
    if (known != NULL) {
        *code = known->code;
        return MR_OK;
    }
    uint32_t next = atomic_load_explicit(&dictionary->end, memory_order_relaxed);
    if (next > dictionary->limit) {
        return mr_fail(error, MR_LIMIT, "dictionary", "models use more than %u different strings",
                       dictionary->limit);
    }
    entry *made = size < UINT32_MAX ? mr_alloc(sizeof *made + size) : NULL;
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "dictionary", "out of memory");
    if (next > (now->mask + 1) / 4 * 3) {
        now = grow(dictionary, now);
        if (now == NULL) {
            mr_free(made);
            return mr_fail(error, MR_NO_MEMORY, "dictionary", "out of memory");
        }
        probe(now, hash, data, size, &slot);
    }
    *made = (entry){.code = next, .hash = hash, .size = (uint32_t)size};
    memcpy(made->text, data, size);
    atomic_store_explicit(&now->slots[slot], made, memory_order_release);
    atomic_store_explicit(&dictionary->end, next + 1, memory_order_release);
    *code = next;
    return MR_OK;
}

mr_status mr_dictionary_add(mr_dictionary *dictionary, const char *data, size_t size, uint32_t *code,
                            mr_error *error) {
    pthread_mutex_lock(&dictionary->writers);
    mr_status status =
        add_locked(dictionary, (uint32_t)mr_hash(dictionary->seed, data, size), data, size, code, error);
    pthread_mutex_unlock(&dictionary->writers);
    return status;
}

uint32_t mr_dictionary_end(const mr_dictionary *dictionary) {
    return atomic_load_explicit(&dictionary->end, memory_order_acquire);
}
