/* One door for all allocations; see memory.h. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static _Thread_local mr_alloc_hook *hook;
static _Thread_local void *hook_context;

void mr_set_alloc_hook(mr_alloc_hook *new_hook, void *context) {
    hook = new_hook;
    hook_context = context;
}

static _Bool allowed(void) {
    return hook == NULL || hook(hook_context);
}

void *mr_alloc(size_t size) {
    return allowed() ? malloc(size ? size : 1) : NULL;
}

void *mr_alloc_zero(size_t count, size_t size) {
    return allowed() ? calloc(count ? count : 1, size ? size : 1) : NULL;
}

void *mr_realloc(void *memory, size_t size) {
    return allowed() ? realloc(memory, size ? size : 1) : NULL;
}

void *mr_alloc_aligned(size_t alignment, size_t size) {
    if (size > SIZE_MAX - alignment || !allowed()) return NULL;
    size = (size + alignment - 1) / alignment * alignment;
    void *memory = aligned_alloc(alignment, size ? size : alignment);
    if (memory != NULL) memset(memory, 0, size);
    return memory;
}

char *mr_copy_bytes(const void *data, size_t size) {
    char *copy = size < SIZE_MAX ? mr_alloc(size + 1) : NULL;
    if (copy == NULL) return NULL;
    if (size > 0) memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

char *mr_copy_string(const char *text) {
    return mr_copy_bytes(text, strlen(text));
}

void mr_free(void *memory) {
    free(memory);
}

void mr_memory_trim(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

_Bool mr_grow_array(void **items, size_t *capacity, size_t item_size) {
    size_t wanted = *capacity ? *capacity * 2 : 8;
    if (wanted < *capacity || wanted > SIZE_MAX / item_size) return 0;
    void *grown = mr_realloc(*items, wanted * item_size);
    if (grown == NULL) return 0;
    *items = grown;
    *capacity = wanted;
    return 1;
}
