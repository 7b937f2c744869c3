/* General regression, compiled: what its files share. */
#ifndef MR_PMML_GENERAL_BUILD_H
#define MR_PMML_GENERAL_BUILD_H

#include "pmml/build.h"
#include "pmml/regression/general_regression.h"

/* Names of the model's lists -> index; of factors and covariates, the element of the <Predictor>. */
typedef struct mr_general_lists {
    mr_map parameters, factors, covariates;
} mr_general_lists;

mr_status mr_general_find_parameter(mr_builder *b, const mr_general_lists *lists, uint32_t element,
                                    mr_attribute_name name, uint32_t *parameter);
/* The <PPMatrix>: general_cells.c. `classes` and `row_count` are known. */
mr_status mr_general_build_cells(mr_builder *b, mr_scope *scope, const mr_general_lists *lists,
                                 uint32_t element, const mr_classes *classes, mr_general *general);
/* Times, strata and reference points: cox_build.c. */
mr_status mr_general_build_cox(mr_builder *b, mr_scope *scope, const mr_general_lists *lists,
                               uint32_t element, mr_general *general);

#endif
