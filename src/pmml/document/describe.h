/* Describe: what stands in a PMML document, for people who have never seen it.
 *
 * A pass of its own over the text, apart from loading: a loaded model keeps no document, and a document that
 * is refused can be described too. What describes the model is kept as it was written (the header and the
 * data dictionary; mining schema, targets, outputs, statistics and explanation of the outermost model); what
 * it computes is only counted.
 */
#ifndef MR_PMML_DESCRIBE_H
#define MR_PMML_DESCRIBE_H

#include "base/arena.h"
#include "millrace/model.h"

/* An element that is kept. All strings are owned by the description. */
typedef struct mr_kept {
    const char *name;        /* without prefix */
    const char **attributes; /* name, value, name, value, ..., NULL */
    const char *text;        /* between the tags, trimmed; "" */
    uint32_t line;
    struct mr_kept *child, *sibling; /* first, next */
    struct mr_kept *last;            /* last child */
} mr_kept;

/* Value of an attribute, or NULL; child of a name, or NULL. `element` may be NULL. */
const char *mr_kept_attribute(const mr_kept *element, const char *name);
const mr_kept *mr_kept_child(const mr_kept *element, const char *name);

/* What makes up models: elements that are counted. */
/*    element, of one, of many */
#define MR_PART_TABLE(X)                                                                                     \
    X(Node, "node", "nodes")                                                                                 \
    X(RegressionTable, "table", "tables")                                                                    \
    X(NumericPredictor, "numeric predictor", "numeric predictors")                                           \
    X(CategoricalPredictor, "categorical predictor", "categorical predictors")                               \
    X(PredictorTerm, "interaction", "interactions")                                                          \
    X(Parameter, "parameter", "parameters")                                                                  \
    X(PCell, "coefficient", "coefficients")                                                                  \
    X(NeuralLayer, "layer", "layers")                                                                        \
    X(Neuron, "neuron", "neurons")                                                                           \
    X(Con, "connection", "connections")                                                                      \
    X(SupportVectorMachine, "machine", "machines")                                                           \
    X(VectorInstance, "vector", "vectors")                                                                   \
    X(Cluster, "cluster", "clusters")                                                                        \
    X(KNNInput, "input", "inputs")                                                                           \
    X(InstanceField, "instance field", "instance fields")                                                    \
    X(BayesInput, "input", "inputs")                                                                         \
    X(SimpleRule, "rule", "rules")                                                                           \
    X(Characteristic, "characteristic", "characteristics")                                                   \
    X(Attribute, "attribute", "attributes")                                                                  \
    X(Item, "item", "items")                                                                                 \
    X(Itemset, "itemset", "itemsets")                                                                        \
    X(AssociationRule, "rule", "rules")                                                                      \
    X(row, "table row", "table rows")

enum {
#define MR_PART_ENUM(element, one, many) MR_PART_##element,
    MR_PART_TABLE(MR_PART_ENUM)
#undef MR_PART_ENUM
        MR_PARTS
};
typedef struct mr_part_name {
    const char *element, *one, *many;
} mr_part_name;
extern const mr_part_name mr_part_names[MR_PARTS];

/* A model of the document, in document order; the first is the outermost. */
typedef struct mr_described_model {
    const char *element; /* "TreeModel" */
    const char *name;    /* modelName; NULL */
    const char *function;
    const char *algorithm; /* algorithmName; NULL */
    const char *method;    /* of its Segmentation; NULL */
    uint32_t line;
    uint32_t end;             /* index behind the last model within it */
    uint64_t parts[MR_PARTS]; /* its own, without those of models within it */
} mr_described_model;

/* Something without effect on a score: an element with all in it (attribute NULL), or an attribute. */
typedef struct mr_ignored {
    const char *element, *attribute;
    const char *reason;
    uint64_t count;
    uint32_t line; /* of the first */
} mr_ignored;

typedef struct mr_description {
    mr_arena arena;      /* owns all that follows but the arrays */
    const mr_kept *root; /* of what is kept: PMML, or NULL when there is none */
    mr_described_model *models;
    size_t model_count, model_capacity;
    mr_ignored *ignored;
    size_t ignored_count, ignored_capacity;
    uint64_t elements;      /* all */
    uint64_t derived;       /* DerivedField, of the transformation dictionary and of models */
    uint64_t verifications; /* rows of ModelVerification */
    bool complete;          /* read to its end; else `problem` says why not */
    mr_error problem;
} mr_description;

/* Describes what can be read, up to where the text is no XML. Borrows `data` and `name` during the call.
 * *description is to be freed in any case. MR_NO_MEMORY or MR_LIMIT: only part of it is there. Any thread. */
mr_status mr_describe(mr_description *description, const void *data, size_t size, const char *name,
                      mr_error *error);
void mr_description_free(mr_description *description);

#endif
