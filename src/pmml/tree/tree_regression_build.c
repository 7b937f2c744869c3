/* Tree whose nodes hold regressions (a linear tree), compiled: a node's <Regression> scores in the place of
 * its score, which stays for rows of which the regression makes no number. Exporters still write this element
 * of PMML 3; it has no mining schema of its own, so its fields are those of the tree. */
#include <string.h>

#include "pmml/build.h"
#include "pmml/tree/tree.h"

static mr_status build(mr_builder *b, mr_scope *scope, uint32_t element, bool single,
                       const mr_evaluator **result) {
    const char *function;
    mr_status status = mr_build_must(b, element, A_functionName, &function);
    if (status == MR_OK && (scope->classification || strcmp(function, "regression") != 0))
        status = mr_build_fail(b, element, MR_UNSUPPORTED,
                               "a <Regression> of a classification in a <Node> is not supported");
    if (status != MR_OK) return status;
    mr_evaluator *evaluator = mr_build_alloc(b, 1, sizeof *evaluator);
    if (!evaluator) return MR_NO_MEMORY;
    evaluator->single_math = single;
    *result = evaluator;
    return mr_build_regression(b, scope, element, evaluator);
}

mr_status mr_build_tree_regression(mr_builder *b, mr_scope *scope, uint32_t element, bool single,
                                   mr_tree *tree, uint32_t node) {
    uint32_t found = mr_build_child(b, element, E_Regression);
    if (found == MR_NONE) return MR_OK;
    if (!tree->regressions) {
        tree->regressions = mr_build_alloc(b, tree->node_count, sizeof *tree->regressions);
        if (!tree->regressions) return MR_NO_MEMORY;
    }
    return build(b, scope, found, single, &tree->regressions[node]);
}
