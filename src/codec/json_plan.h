/* What a JSON decode plan is: members that count, found by name. For json_plan.c and json_decode.c. */
#ifndef MR_CODEC_JSON_PLAN_H
#define MR_CODEC_JSON_PLAN_H

#include <stdatomic.h>

#include "core/codec.h"

enum { MR_JSON_TARGETS_MAX = MR_SCHEMA_FIELDS_MAX + 1, MR_JSON_NO_TARGET = UINT16_MAX };

typedef struct mr_json_decoder {
    mr_decoder base;
    mr_arena arena; /* owns the names */
    const char *type_field;
    mr_name_mapping *mapping;
    size_t mapping_count;
} mr_json_decoder;

/* By what a target was fed; a member of the same rank or a higher one feeds it again. */
typedef enum mr_json_feeding { MR_JSON_UNFED, MR_JSON_FED, MR_JSON_FED_EXACTLY } mr_json_feeding;

/* A way to write the name of a group's first target, and all that a walk in the expected order must know to
 * take a double for it, in one cache line. */
typedef struct mr_json_spelling {
    const char *text; /* `"name":`; at least eight bytes, zeros behind its end */
    uint64_t mask;    /* of the first eight bytes, those that count */
    ptrdiff_t
        room; /* bytes that reading it and a short number needs; PTRDIFF_MAX: not one column of doubles */
    uint32_t size; /* 0: cannot be compared so */
    uint32_t column;
    uint32_t target;
    uint8_t feeds; /* mr_json_feeding */
} mr_json_spelling;

/* The name itself, with `_`, with blanks, with `_` in lower case, in camel case: a record that
 * spells one name so will spell the next ones so. */
enum { MR_JSON_SPELLINGS = 5 };

/* Behind a name: a blank, a sign, eight bytes with a short number and its comma, a blank. */
enum { MR_JSON_MEMBER_ROOM = 1 + 1 + 8 + 1 };

/* Where a member's value goes: a column, or the data type of the record. */
typedef struct mr_json_target {
    const char *name; /* of the member */
    uint32_t name_size;
    uint32_t column; /* MR_NO_FIELD: the data type */
    uint16_t next;   /* of the same group; MR_JSON_NO_TARGET: none */
    uint8_t type;    /* mr_type */
} mr_json_target;

/* All targets whose names are alike: a member feeds each of them, unless another member has exactly the
 * target's name. */
typedef struct mr_json_group {
    uint32_t hash; /* of the normalised name */
    uint16_t first;
    uint16_t last;
} mr_json_group;

/* The walk expects after each member the one that followed it in the last record: `successors` of group + 1,
 * of 0 the first one's; at first groups follow each other in the order in which the fields were asked for.
 * All threads that decode learn them together; one that is out of date costs a look-up. */
typedef struct mr_json_plan {
    mr_decode_plan base;
    uint32_t target_count;
    uint32_t group_count;
    uint32_t mask;
    mr_json_target *targets;
    mr_json_group *groups;
    mr_json_spelling *spellings;  /* [MR_JSON_SPELLINGS][group_count + 1]: the last of a way is no spelling */
    uint16_t *slots;              /* [mask + 1]: group + 1, by hash; 0: free */
    _Atomic uint16_t *successors; /* [group_count + 1] */
    _Atomic uint16_t *way;        /* of spelling, as the last record was */
    mr_arena arena;               /* owns the spellings */
} mr_json_plan;

mr_status mr_json_bind(const mr_decoder *decoder, mr_schema *schema, const uint32_t *fields, uint32_t count,
                       mr_decode_plan **plan, mr_error *error);
void mr_json_free_plan(mr_decode_plan *plan);

/* How the name of the group's first target is written this way; the group behind the last has none. */
static inline mr_json_spelling *mr_json_spelling_of(const mr_json_plan *plan, uint32_t group, uint32_t way) {
    return &plan->spellings[(size_t)way * (plan->group_count + 1) + group];
}

/* The group for a member's name; NULL: nobody asks for it. */
const mr_json_group *mr_json_find(const mr_json_plan *plan, const char *name, size_t size);

#endif
