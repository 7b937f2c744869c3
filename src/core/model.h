/* The contract of a model engine: what stands behind include/millrace/model.h.
 *
 * PMML and, later, plug-ins fill the same two tables. A model and a binding begin with the structs
 * below, so the public functions work on any of them. All functions of a table may be called by any
 * thread; `load` and `bind` may take seconds and allocate, `score` may do neither (see
 * mr_score for what it promises).
 */
#ifndef MR_CORE_MODEL_H
#define MR_CORE_MODEL_H

#include <stdatomic.h>

#include "base/arena.h"
#include "millrace/model.h"

typedef struct mr_model_ops {
    const char *format; /* "pmml" */
    /* model->references is 0: frees it and all that it owns. */
    void (*free)(mr_model *model);
    /* As mr_model_bind; fills nothing of mr_binding, which the caller does. `fields[i]` is the field
     * that feeds input i, or MR_NO_FIELD, its type checked already. *binding: returns owned. */
    mr_status (*bind)(const mr_model *model, mr_schema *schema, const uint32_t *fields, mr_binding **binding,
                      mr_error *error);
    void (*free_binding)(mr_binding *binding);
    mr_status (*score)(const mr_binding *binding, const mr_frame *in, mr_frame *out, mr_row_result *rows,
                       mr_scratch *scratch, mr_score_progress *progress);
} mr_model_ops;

struct mr_model {
    const mr_model_ops *ops;
    _Atomic uint32_t references; /* 1 after load */
    mr_model_shape shape;        /* its arrays are owned by the engine */
};

struct mr_binding {
    mr_model *model;   /* retained */
    mr_schema *schema; /* retained */
    uint32_t *fields;  /* owned: of each input */
    uint8_t *matches;  /* owned: mr_match of each input */
};

/* A way to make models from bytes. `detect` looks at the first bytes (may be NULL). */
typedef struct mr_model_loader {
    const char *format;
    bool (*detect)(const void *data, size_t size);
    mr_status (*load)(const void *data, size_t size, const char *name, const mr_model_limits *limits,
                      mr_model **model, mr_error *error);
} mr_model_loader;

/* Loaders known to mr_model_load, ended by NULL; src/loaders.c lists them, so that core/ names no engine. */
extern const mr_model_loader *const mr_model_loaders[];

/* Memory for one score call; NULL when the scratch is too small. Only moves a pointer. */
struct mr_scratch {
    mr_arena arena;
};
static inline void *mr_scratch_take(mr_scratch *scratch, size_t size) {
    return mr_arena_take(&scratch->arena, size);
}

#endif
