/* Memory: every allocation of Millrace goes through here.
 *
 * One door, so that a test can count allocations in a lane (there are none per record) and make the
 * Nth one fail, in a loop, until a task succeeds: that walks every error path. "Try" only: a NULL
 * is answered, never aborted on.
 */
#ifndef MR_BASE_MEMORY_H
#define MR_BASE_MEMORY_H

#include <stddef.h>

/* As malloc, calloc, realloc, free, strdup, strndup of C. All threads. */
void *mr_alloc(size_t size);
void *mr_alloc_zero(size_t count, size_t size); /* NULL also when count * size overflows */
void *mr_realloc(void *memory, size_t size);    /* on NULL the old block is untouched */
/* Cleared, and aligned to `alignment` (a power of two): for what two threads must not share a cache line of.
 */
void *mr_alloc_aligned(size_t alignment, size_t size);
char *mr_copy_string(const char *text);
char *mr_copy_bytes(const void *data, size_t size); /* size bytes and a closing zero */
void mr_free(void *memory);

/* Makes room for one more item in a growing array: doubles *capacity when *items is full. Returns
 * false, leaving all as it was, when memory is out. */
#define MR_GROW(items, count, capacity)                                                                      \
    ((count) < (capacity) || mr_grow_array((void **)&(items), &(capacity), sizeof *(items)))
_Bool mr_grow_array(void **items, size_t *capacity, size_t item_size);

/* Gives what is free back to the system, from the arenas of all threads: malloc keeps what a large task left,
 * in the arena of whichever thread allocated it. Milliseconds: for when such a task is over. Any thread. */
void mr_memory_trim(void);

/* For tests. The hook is asked before each allocation of the calling thread and says whether it may
 * go through; NULL removes it. Thread-local. */
typedef _Bool mr_alloc_hook(void *context);
void mr_set_alloc_hook(mr_alloc_hook *hook, void *context);

#endif
