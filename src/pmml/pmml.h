/* PMML: models of the Data Mining Group's XML format, from text to scores.
 *
 *   parse    document/document.h   XML -> a flat document, no meaning yet
 *   check    document/elements.h   each element and attribute against the table of what is supported
 *   compile  build.h, program.h    fields, expressions, models -> structs of slots, not names
 *   score    score.c, row.h        rows of a frame -> slots -> predictions -> outputs
 *
 * The rooms: document (parse, check, describe), field (values, treatments, predicates), expression (derived
 * fields and their functions), output (targets, outputs); of models tree, mining, regression, neural,
 * distance (clusters, neighbours, anomalies), vector (support vector machines) and rule (rule sets,
 * scorecards, naive Bayes, association); and tile, the same models over many rows at once. What is here,
 * outside of the rooms, joins them: load, build, evaluator, score, shape, verification.
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
