/* Outputs, compiled: what output_build.c and output_feature.c share. */
#ifndef MR_PMML_OUTPUT_BUILD_H
#define MR_PMML_OUTPUT_BUILD_H

#include "pmml/build.h"

/* Where an <OutputField> takes its value from. */
typedef struct mr_output_source {
    mr_scope *outputs; /* for expressions: the model's fields, and the outputs before this one */
    mr_scope *scope;   /* of whose prediction it is */
    mr_evaluator *evaluator;
    bool typed; /* it has a dataType */
} mr_output_source;

/* Sets what output->feature needs, and its type; refuses what the model cannot give. */
mr_status mr_build_feature(mr_builder *b, const mr_output_source *source, uint32_t element,
                           mr_output_step *output);

#endif
