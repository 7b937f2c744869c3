/* Arena: memory handed out by moving a pointer, given back all at once.
 *
 * Blocks are chained and never move, so what was handed out stays where it is until the arena is
 * reset or freed. A reset keeps the blocks (up to `keep` bytes), so a loop that needs the same memory
 * each round allocates in its first round only. A limit bounds the whole. One thread at a time.
 */
#ifndef MR_BASE_ARENA_H
#define MR_BASE_ARENA_H

#include <stddef.h>

typedef struct mr_arena_block mr_arena_block;

typedef struct mr_arena {
    mr_arena_block *first;   /* all blocks, in order of use */
    mr_arena_block *current; /* the one that hands out; later ones are empty */
    size_t block_size;       /* of the next block; at least this much */
    size_t used;             /* bytes handed out since the last reset */
    size_t held;             /* bytes of all blocks */
    size_t limit;            /* most bytes to hold; 0: no limit */
    size_t large; /* pieces of so much get a block of their own, just as large, when the current one has no
                     room; for arenas that are not reset. At first no piece is large. */
} mr_arena;

/* Never fails: the first block comes with the first call of mr_arena_alloc. */
void mr_arena_init(mr_arena *arena, size_t block_size, size_t limit);
void mr_arena_free(mr_arena *arena);
void mr_arena_reset(mr_arena *arena, size_t keep);

/* Aligned for any type; not cleared. NULL when memory or the limit is out. Valid until reset. */
void *mr_arena_alloc(mr_arena *arena, size_t size);
void *mr_arena_alloc_zero(mr_arena *arena, size_t count, size_t size);
/* Strings follow one another without gaps. */
char *mr_arena_copy(mr_arena *arena, const void *data, size_t size); /* and a closing zero */
char *mr_arena_print(mr_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Gives back the end of what was handed out last, of which `size` bytes are kept. */
void mr_arena_shrink(mr_arena *arena, void *last, size_t size);

/* Makes sure that the next `size` bytes come without an allocation. False when memory is out. */
_Bool mr_arena_reserve(mr_arena *arena, size_t size);

/* As mr_arena_alloc, but only from memory that the arena holds already: never allocates. */
void *mr_arena_take(mr_arena *arena, size_t size);

#endif
