/* Tile plans while they are made. */
#ifndef MR_PMML_TILE_BUILD_H
#define MR_PMML_TILE_BUILD_H

#include "pmml/tile/tile.h"

enum { MR_TILE_TERMS_MAX = 64 };

/* (from - less) * times */
typedef struct mr_tile_term {
    uint32_t from;
    double less, times;
} mr_tile_term;

struct mr_tile_builder {
    const mr_pmml_model *model;
    bool no_memory;
    uint32_t depth;
    uint32_t register_count;
    uint32_t *registers_of;   /* of each slot of the model; MR_NONE: none yet */
    const mr_step **steps_of; /* the step that fills the slot; NULL: none does */
    bool *texts;              /* the slot holds strings; known once it has a register */
    mr_tile_op *ops;
    mr_tile_read *reads;
    mr_tile_term *terms;
    uint32_t *needed; /* by the family */
    size_t op_count, op_capacity, read_count, read_capacity, term_count, term_capacity;
    size_t needed_count, needed_capacity;
};

/* Register of a slot, computed when it is a derived field. False: it cannot be, or memory is out. */
bool mr_tile_slot(mr_tile_builder *builder, uint32_t slot, uint32_t *number);

/* An operation to a register of its own. NULL: too many, or memory is out. */
mr_tile_op *mr_tile_add_op(mr_tile_builder *builder, mr_tile_op_kind kind);

/* tile_sum.c: sums over the same terms become one operation. False: memory is out. */
bool mr_tile_join_sums(mr_tile_builder *builder, mr_arena *arena);

#endif
