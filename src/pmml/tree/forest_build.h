/* Forest, compiled; see forest_build.c. */
#ifndef MR_PMML_FOREST_BUILD_H
#define MR_PMML_FOREST_BUILD_H

#include "pmml/build.h"
#include "pmml/tree/forest.h"

/* The general nodes that leaves stand for; number 0 is no prediction. */
typedef struct mr_forest_leaf {
    uint32_t tree, node;
} mr_forest_leaf;
typedef struct mr_forest_leaves {
    mr_forest_leaf *list;
    size_t count, capacity;
} mr_forest_leaves;

/* Lays out nodes, roots, groups and slots of `trees`. leaves->list: returns owned, also on failure.
 * *done false, and MR_OK: they need the general form. */
mr_status mr_forest_build(mr_builder *b, const mr_tree *const *trees, uint32_t count, mr_forest *forest,
                          mr_forest_leaves *leaves, bool *done);

/* Puts forests in place of ensembles of trees and of single trees, where they can express them. Says
 * in b->keeps_general whether a tree is left, and in b->keeps_members whether an ensemble is. To be called
 * when all slots and texts are known. */
mr_status mr_forest_take_all(mr_builder *b);

#endif
