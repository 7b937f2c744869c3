/* Chained blocks, never moved; see arena.h. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

struct mr_arena_block {
    mr_arena_block *next;
    size_t size; /* of the memory behind the header */
    size_t used;
    alignas(max_align_t) char memory[];
};

enum { ALIGNMENT = alignof(max_align_t) };

static size_t aligned(size_t size) {
    return ((size ? size : 1) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void mr_arena_init(mr_arena *arena, size_t block_size, size_t limit) {
    *arena = (mr_arena){.block_size = block_size, .limit = limit, .large = SIZE_MAX};
}

void mr_arena_free(mr_arena *arena) {
    mr_arena_block *block = arena->first;
    while (block != NULL) {
        mr_arena_block *next = block->next;
        mr_free(block);
        block = next;
    }
    mr_arena_init(arena, arena->block_size, arena->limit);
}

static __attribute__((noinline)) void empty(mr_arena *arena, size_t keep) {
    size_t kept = 0;
    mr_arena_block **link = &arena->first;
    while (*link != NULL) {
        mr_arena_block *block = *link;
        if (kept + block->size <= keep) {
            kept += block->size;
            block->used = 0;
            link = &block->next;
        } else {
            *link = block->next;
            mr_free(block);
        }
    }
    arena->held = kept;
    arena->used = 0;
    arena->current = arena->first;
}

void mr_arena_reset(mr_arena *arena, size_t keep) {
    /* Often nothing was handed out: rows by themselves may need nothing. */
    if (arena->used == 0 && arena->held <= keep) arena->current = arena->first;
    else empty(arena, keep);
}

/* Adds an empty block of at least `size` behind the current one. */
static mr_arena_block *add_block(mr_arena *arena, size_t size) {
    if (size < arena->block_size && size < arena->large) size = arena->block_size;
    if (size > SIZE_MAX / 2) return NULL;
    if (arena->limit > 0 && (size > arena->limit || arena->held > arena->limit - size)) return NULL;
    mr_arena_block *block = mr_alloc(sizeof *block + size);
    if (block == NULL) return NULL;
    block->size = size;
    block->used = 0;
    mr_arena_block **link = arena->current ? &arena->current->next : &arena->first;
    block->next = *link;
    *link = block;
    if (arena->current == NULL) arena->current = block;
    arena->held += size;
    return block;
}

/* Where in a block memory of this alignment begins. */
static size_t place_in(const mr_arena_block *block, size_t alignment) {
    return (block->used + alignment - 1) & ~(alignment - 1);
}

/* The first block from the current one on with room for `size`. */
static mr_arena_block *find_room(const mr_arena *arena, size_t size, size_t alignment) {
    for (mr_arena_block *block = arena->current; block != NULL; block = block->next) {
        size_t place = place_in(block, alignment);
        if (place <= block->size && block->size - place >= size) return block;
    }
    return NULL;
}

/* A block that one large piece fills does not become the current one, of which the rest would be lost. */
static void *hand_out(mr_arena *arena, mr_arena_block *block, size_t size, size_t alignment) {
    size_t place = place_in(block, alignment), before = block->used;
    block->used = place + size;
    arena->used += block->used - before;
    if (block->used < block->size) arena->current = block;
    return block->memory + place;
}

void *mr_arena_take(mr_arena *arena, size_t size) {
    size = aligned(size);
    mr_arena_block *block = find_room(arena, size, ALIGNMENT);
    return block ? hand_out(arena, block, size, ALIGNMENT) : NULL;
}

static void *allocate(mr_arena *arena, size_t size, size_t alignment) {
    mr_arena_block *block = find_room(arena, size, alignment);
    if (block == NULL) block = add_block(arena, size);
    return block ? hand_out(arena, block, size, alignment) : NULL;
}

void *mr_arena_alloc(mr_arena *arena, size_t size) {
    return size > SIZE_MAX / 2 ? NULL : allocate(arena, aligned(size), ALIGNMENT);
}

void mr_arena_shrink(mr_arena *arena, void *last, size_t size) {
    mr_arena_block *block = arena->current;
    while ((uintptr_t)last - (uintptr_t)block->memory >= block->size) block = block->next;
    size_t used = (size_t)((char *)last - block->memory) + aligned(size);
    arena->used -= block->used - used;
    block->used = used;
}

_Bool mr_arena_reserve(mr_arena *arena, size_t size) {
    if (size > SIZE_MAX / 2) return 0;
    size = aligned(size);
    return find_room(arena, size, ALIGNMENT) != NULL || add_block(arena, size) != NULL;
}

void *mr_arena_alloc_zero(mr_arena *arena, size_t count, size_t size) {
    if (size > 0 && count > SIZE_MAX / size) return NULL;
    void *memory = mr_arena_alloc(arena, count * size);
    if (memory != NULL) memset(memory, 0, count * size);
    return memory;
}

char *mr_arena_copy(mr_arena *arena, const void *data, size_t size) {
    char *copy = size < SIZE_MAX / 2 ? allocate(arena, size + 1, 1) : NULL;
    if (copy == NULL) return NULL;
    if (size > 0) memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

char *mr_arena_print(mr_arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = size < 0 ? NULL : allocate(arena, (size_t)size + 1, 1);
    if (text == NULL) return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return text;
}
