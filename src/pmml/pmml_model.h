/* The loaded model and its binding; see core/model.h. */
#ifndef MR_PMML_MODEL_H
#define MR_PMML_MODEL_H

#include "core/model.h"
#include "pmml/build.h"

typedef struct mr_pmml_model {
    mr_model base;
    mr_arena arena;   /* all below, and everything they point to */
    mr_arena general; /* trees in their general form, where one needs it */
    mr_arena members; /* what says where the trees of ensembles are; empty when forests have taken all */
    mr_owned *owned;
    const mr_text *texts;
    uint32_t text_count;
    bool row_texts;  /* strings that the model does not mention are told apart (texts.c) */
    mr_map text_map; /* its own ones by their bytes; empty unless row_texts */
    const mr_evaluator *root;
    const mr_input_field *inputs;
    const mr_output_step *const *outputs; /* [output_count]; the first NULL: the target */
    uint32_t slot_count, evaluator_count, list_count;
    size_t number_count;
    size_t work_bytes; /* of mr_work with all it points to */
} mr_pmml_model;

typedef struct mr_pmml_binding {
    mr_binding base;
    const mr_pmml_model *model;
    uint32_t code_count;
    uint32_t *texts;            /* [code_count]: text of a code of the schema's dictionary */
    uint32_t *fields;           /* [input_count]: of the frame, or MR_NO_FIELD */
    uint64_t seed;              /* of the table of groups */
    struct mr_direct *direct;   /* see direct.h; NULL: tiles, or the general way */
    struct mr_tile_plan *tiles; /* see tile.h; NULL: the general way only */
} mr_pmml_binding;

/* Fills the model's shape and outputs. shape.c */
mr_status mr_pmml_shape(mr_builder *b, mr_pmml_model *model);
mr_status mr_pmml_bind(const mr_model *model, mr_schema *schema, const uint32_t *fields, mr_binding **binding,
                       mr_error *error);
void mr_pmml_free_binding(mr_binding *binding);
mr_status mr_pmml_score(const mr_binding *binding, const mr_frame *in, mr_frame *out, mr_row_result *rows,
                        mr_scratch *scratch, mr_score_progress *progress);

/* Every field's value in one row, into slots[model->slot_count], whatever becomes of the row; the general
 * way. False: the scratch is too small. */
bool mr_pmml_evaluate(const mr_pmml_binding *binding, const mr_frame *in, uint32_t row, mr_scratch *scratch,
                      mr_slot *slots);

/* A value to the row's cell of an output column. */
void mr_pmml_write(const mr_pmml_model *model, mr_work *work, mr_column *column, uint32_t row,
                   const mr_slot *value);

#endif
