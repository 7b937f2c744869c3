/* PMML: models of the Data Mining Group's XML format, from text to scores.
 *
 *   parse    document.h   XML -> a flat document, no meaning yet
 *   check    elements.h   every element and attribute against the table of what is supported
 *   compile  build.h      fields, expressions and models -> structs that hold slots, not names
 *   score    score.c      rows of a frame -> slots -> predictions -> outputs
 *
 * Nothing of the document lives on in the model. What is not supported is refused at load, by
 * element and line: a wrong number is never an option.
 */
#ifndef MR_PMML_PMML_H
#define MR_PMML_PMML_H

#include "core/model.h"

extern const mr_model_loader mr_pmml_loader;
/* The same without the fast forms: trees are walked node by node. To compare with; never detected. */
extern const mr_model_loader mr_pmml_general_loader;

#endif
