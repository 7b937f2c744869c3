/* What the files that compile expressions share. */
#ifndef MR_PMML_EXPRESSION_BUILD_H
#define MR_PMML_EXPRESSION_BUILD_H

#include "pmml/build.h"
#include "pmml/expression/expression.h"

/* Type that an expression is asked for, as a hint; UNTYPED: as it comes. */
enum { UNTYPED = -1 };

bool mr_is_expression(mr_element_name name);
mr_status mr_build_one(mr_builder *b, mr_scope *scope, uint32_t element, int wanted,
                       mr_expression **expression);
/* *expression as a value of `type`; what does not convert is refused. */
mr_status mr_build_conversion(mr_builder *b, uint32_t element, mr_data_type type, mr_expression **expression);
/* mapMissingTo, defaultValue: values of the type of `x`. */
mr_status mr_build_on_missing(mr_builder *b, uint32_t element, mr_expression *x);
mr_status mr_build_default(mr_builder *b, uint32_t element, mr_expression *x);
/* A <Constant>: as its dataType, else as wanted, else as the narrowest type that reads it. */
mr_status mr_build_constant(mr_builder *b, uint32_t element, int wanted, mr_expression *x);
/* dataType of <Discretize> and <MapValues>, else what is wanted, else a string; with mapMissingTo and
 * defaultValue. */
mr_status mr_build_result_type(mr_builder *b, uint32_t element, int wanted, mr_expression *x);

/* The kinds with files of their own. */
mr_status mr_build_apply(mr_builder *b, mr_scope *scope, uint32_t element, int wanted, mr_expression *x);
mr_status mr_build_text_index(mr_builder *b, mr_scope *scope, uint32_t element, mr_expression *x);
mr_status mr_build_map(mr_builder *b, mr_scope *scope, uint32_t element, int wanted, mr_expression *x);

/* map_build.c: the rows of an <InlineTable> below `element`; MR_NONE: there is none. */
mr_status mr_build_table(mr_builder *b, uint32_t element, uint32_t *table);
/* The cell of a column in a row; NULL when the row has none. Borrows from the document. */
const char *mr_table_cell(const mr_builder *b, uint32_t row, const char *column);

#endif
