/* Build: what compiling a document needs to remember.
 *
 * A scope is where names are looked up: one for each model, its parent the model around it. A name
 * is a mining field (a slot of the parent, or a slot of its own when this mining schema treats it), a
 * derived field, compiled when first asked for, or an output of an earlier segment. Steps are added
 * to the scope that owns the derived field, so each runs once a row, after what it needs.
 */
#ifndef MR_PMML_BUILD_H
#define MR_PMML_BUILD_H

#include "base/arena.h"
#include "pmml/document/document.h"
#include "pmml/document/map.h"
#include "pmml/program.h"

/* What is known of a slot at load. */
typedef struct mr_slot_info {
    mr_data_type type;
    mr_measure measure;
    uint32_t data_field;           /* element of its DataField, or MR_NONE */
    const mr_domain *domain;       /* of it, where some treatment has needed it; else NULL */
    bool closed;                   /* a string that is always one of the model's texts */
    const mr_treatment *treatment; /* of a field that lets invalid values through; NULL: all are valid */
    const struct mr_expression *constant; /* a parameter that stands for it; NULL: none */
} mr_slot_info;

/* Extra: a supplementary field, an input from when it is first read on. */
typedef enum mr_name_state { NAME_SLOT, NAME_DERIVED, NAME_EXTRA, NAME_BUSY } mr_name_state;
typedef struct mr_name_entry {
    mr_name_state state;
    uint32_t slot;
    uint32_t element;
} mr_name_entry;

typedef struct mr_scope {
    struct mr_scope *parent;
    mr_map names; /* -> names_list */
    mr_name_entry *entries;
    size_t entry_count, entry_capacity;
    mr_map chain;       /* outputs of earlier segments -> slot; for the mining schemas of later ones only */
    mr_map shown;       /* outputs of all segments -> slot, where a caller sees them */
    bool reads_chain;   /* while a segment's predicate is compiled: it sees them too */
    bool selects;       /* a chain or selection: a caller sees what its segments put out */
    bool treats;        /* a mining field has a slot of its own */
    bool function;      /* the body of a function: it sees its parameters only */
    const char *target; /* of its mining schema; NULL: none */
    uint32_t target_count;
    uint32_t tree_root;    /* element of the tree being built */
    uint32_t model;        /* element */
    uint32_t target_field; /* element of the target's mining field */
    uint32_t actual;       /* slot of the target's actual value; MR_NONE: no output asks for it */
    mr_element_name family;
    bool classification;
    bool wants_entities;     /* an output asks for the node's id */
    bool wants_confidences;  /* an output asks for a confidence */
    mr_data_type label_type; /* of the target, or of that of the model around it */
    mr_step *steps;
    size_t step_count, step_capacity;
} mr_scope;

typedef struct mr_input_field {
    uint32_t slot;
    const mr_treatment *treatment;
    const char *name;
    mr_data_type type;
    mr_measure measure;
} mr_input_field;

/* Memory of the model that is not its arena's: large arrays, shrunk in place instead of copied. */
typedef struct mr_owned {
    struct mr_owned *next;
    void *memory;
    size_t size;
    void (*destroy)(void *memory); /* NULL: mr_free */
} mr_owned;

enum { MR_PMML_CALLS_MAX = 64 };

typedef struct mr_built_text_index {
    uint32_t element;
    const struct mr_text_index *index;
} mr_built_text_index;

typedef struct mr_builder {
    const mr_document *document;
    mr_error *error;
    mr_arena *arena;   /* of the model */
    mr_arena *general; /* of trees in their general form: kept only when one needs it */
    mr_arena passing;  /* of one <Array>'s items */
    mr_arena *members; /* evaluators of trees in segments: kept only when an ensemble is not a forest */
    bool keeps_general, keeps_members;
    mr_owned **owned;                  /* the model's list */
    mr_map data_fields;                /* name -> element */
    mr_map global_derived;             /* name -> element */
    mr_map functions;                  /* name -> element of its DefineFunction */
    uint32_t calls[MR_PMML_CALLS_MAX]; /* functions whose bodies are being compiled */
    uint32_t call_depth, inlined;      /* elements of all the bodies so far */
    mr_map texts;                      /* string -> number */
    mr_text *text_list;                /* [text_count]; 0 is no text */
    size_t text_count, text_capacity;
    mr_built_text_index *text_indexes; /* of functions */
    size_t text_index_count, text_index_capacity;
    bool row_texts; /* strings that the model does not mention are told apart (texts.c) */
    mr_slot_info *slots;
    size_t slot_count, slot_capacity;
    mr_input_field *inputs;
    size_t input_count, input_capacity;
    mr_evaluator **evaluators;
    size_t evaluator_count, evaluator_capacity;
    size_t number_count;  /* doubles of work->numbers */
    uint32_t list_count;  /* of work->lists */
    uint32_t group_input; /* whose value tells the groups; MR_NONE: rows are scored */
    uint32_t depth;
} mr_builder;

/* Fails with the element's line. */
#define mr_build_fail(b, element, status, ...)                                                               \
    mr_document_fail((b)->document, element, (b)->error, status, __VA_ARGS__)
mr_status mr_build_no_memory(mr_builder *b);

/* Arena memory with the error said; NULL when out. */
void *mr_build_alloc(mr_builder *b, size_t count, size_t size);
/* The same for what only a tree model needs: of b->members where it is in a segment of `parent`. */
void *mr_build_alloc_member(mr_builder *b, const mr_scope *parent, size_t size);
void *mr_build_keep(mr_builder *b, const void *items, size_t count, size_t size); /* a copy */

/* Shrinks an array of mr_alloc to `count` items and gives it to the model. Takes it, also on failure. */
mr_status mr_build_own(mr_builder *b, void *items, size_t count, size_t size, const void **kept);

/* Gives the model what is freed by `destroy`. Takes it, also on failure. */
mr_status mr_build_adopt(mr_builder *b, void *memory, size_t size, void (*destroy)(void *memory));

/* Attributes. A missing one leaves *value at what the caller put there, unless `must`. */
const char *mr_build_text(const mr_builder *b, uint32_t element, mr_attribute_name name);
mr_status mr_build_must(mr_builder *b, uint32_t element, mr_attribute_name name, const char **value);
mr_status mr_build_number(mr_builder *b, uint32_t element, mr_attribute_name name, bool must, double *value);
/* One of `words` (ended by NULL): *value is its index; else it is refused by name. */
mr_status mr_build_word(mr_builder *b, uint32_t element, mr_attribute_name name, const char *const *words,
                        unsigned *value);
mr_status mr_build_type(mr_builder *b, uint32_t element, mr_data_type *type, mr_measure *measure);

/* Number of a string in the table of texts. */
mr_status mr_build_intern(mr_builder *b, const char *text, uint32_t *number);
/* A literal as a value of `type`. *ok false, and no error, when it is none. */
mr_status mr_build_value(mr_builder *b, const char *text, mr_data_type type, mr_slot *value, bool *ok);
/* The same; MR_INVALID_MODEL when it is none. */
mr_status mr_build_literal(mr_builder *b, uint32_t element, const char *text, mr_data_type type,
                           mr_slot *value);
/* Label of a class: numbers of one value are one label. */
mr_status mr_build_label(mr_builder *b, uint32_t element, const char *text, mr_data_type type,
                         uint32_t *number);
mr_status mr_build_slot(mr_builder *b, mr_data_type type, mr_measure measure, uint32_t *slot);

static inline mr_element_name mr_build_name(const mr_builder *b, uint32_t element) {
    return (mr_element_name)b->document->elements[element].name;
}
/* The first child of this name, or MR_NONE. */
uint32_t mr_build_child(const mr_builder *b, uint32_t element, mr_element_name name);

/* Items of an <Array>: *items is a list of `*count` strings, valid until the next call. */
mr_status mr_build_array(mr_builder *b, uint32_t element, const char ***items, uint32_t *count);
/* array_build.c: `size` numbers of an <Array>, a <REAL-SparseArray> or an <INT-SparseArray> to values[i *
 * stride]; another number of them is refused. */
bool mr_is_number_array(mr_element_name name);
mr_status mr_build_numbers(mr_builder *b, uint32_t element, uint32_t size, uint32_t stride, double *values);
/* matrix_build.c: a <Matrix> of this size to cells [rows][columns]; another one is refused. */
mr_status mr_build_matrix(mr_builder *b, uint32_t element, uint32_t rows, uint32_t columns, double *cells);

/* fields.c */
mr_status mr_build_dictionary(mr_builder *b);
mr_status mr_scope_open(mr_builder *b, mr_scope *scope, mr_scope *parent, uint32_t model);
void mr_scope_close(mr_scope *scope); /* frees; half-made ones too */
mr_status mr_scope_find(mr_builder *b, mr_scope *scope, uint32_t element, const char *name, uint32_t *slot);
mr_status mr_scope_find_attribute(mr_builder *b, mr_scope *scope, uint32_t element, mr_attribute_name name,
                                  uint32_t *slot);
/* The target's actual value: an input of the outermost model. */
mr_status mr_scope_find_actual(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t *slot);
/* The slot of a mining field, or of a derived field that is compiled already. False: there is none. */
bool mr_scope_find_slot(const mr_scope *scope, const char *name, uint32_t *slot);
/* A name for a slot. */
mr_status mr_scope_add_slot(mr_builder *b, mr_scope *scope, uint32_t element, const char *name,
                            uint32_t slot);
mr_status mr_scope_add_step(mr_builder *b, mr_scope *scope, mr_step step);
/* treatment_build.c: what a <MiningField> does, but for the domain; *any: it does something. And which values
 * its <DataField> has for valid, invalid and missing. */
mr_status mr_build_mining_field(mr_builder *b, uint32_t element, mr_data_type type, mr_treatment *treatment,
                                bool *any);
mr_status mr_build_domain(mr_builder *b, uint32_t field, mr_data_type type, const mr_domain **domain);
/* The <Interval>s inside, of a field of this type. */
mr_status mr_build_intervals(mr_builder *b, uint32_t element, mr_data_type type,
                             const mr_interval **intervals, uint32_t *count);

/* expression_build.c: the expression inside `element`, which must hold one. */
mr_status mr_build_expression(mr_builder *b, mr_scope *scope, uint32_t element, mr_data_type wanted,
                              const mr_expression **expression);
/* The same, of whatever type comes. */
mr_status mr_build_untyped_expression(mr_builder *b, mr_scope *scope, uint32_t element,
                                      const mr_expression **expression);
/* Is its value never a string that the model does not mention? */
bool mr_expression_is_closed(const mr_builder *b, const mr_expression *expression);
mr_status mr_build_derived(mr_builder *b, mr_scope *scope, uint32_t element, uint32_t *slot);

/* predicate.c */
bool mr_is_predicate(mr_element_name name);
mr_status mr_build_predicate(mr_builder *b, mr_arena *arena, mr_scope *scope, uint32_t element,
                             mr_predicate *predicate);

/* classes.c: a model's classes, in the order in which they are added; from 0. */
typedef struct mr_classes {
    mr_map map;
    uint32_t *labels;
    size_t count, capacity;
} mr_classes;
mr_status mr_classes_add(mr_builder *b, mr_classes *classes, uint32_t label, uint32_t *index);
bool mr_classes_find(const mr_builder *b, const mr_classes *classes, uint32_t label, uint32_t *index);
void mr_classes_free(mr_classes *classes);
mr_status mr_classes_keep(mr_builder *b, mr_classes *classes, mr_evaluator *evaluator, uint32_t element);

/* The target's optype, and its declared values as classes. */
mr_measure mr_scope_target_measure(mr_builder *b, const mr_scope *scope);
mr_status mr_scope_target_classes(mr_builder *b, const mr_scope *scope, mr_classes *classes);

/* evaluator_build.c: a model element and all in it. */
mr_status mr_build_model(mr_builder *b, mr_scope *parent, uint32_t element, mr_evaluator **evaluator);
bool mr_is_model(mr_element_name name);
/* target_build.c, output_build.c: <Targets> and <Output> of a model whose classes are known. */
mr_status mr_build_targets(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator);
/* Adds the categories that a missing prediction may be, of a model whose scores name the others. */
mr_status mr_build_prior_classes(mr_builder *b, mr_scope *scope, mr_classes *classes);
/* Index of a label among the classes. False: it is none of them. */
bool mr_evaluator_class(const mr_evaluator *evaluator, uint32_t label, uint32_t *index);
mr_status mr_build_outputs(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator);

/* The families: each fills evaluator->evaluate, model and, for all but regression, its classes (the
 * labels that it predicts). */
typedef mr_status mr_family_build(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator);
/* An <OutputField> (`element`) with a feature of the family's own: sets output->type and detail, or refuses;
 * mr_output_refuse says it the usual way. Families without such features have none. */
typedef mr_status mr_family_feature(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator,
                                    mr_output_step *output);
mr_status mr_output_refuse(mr_builder *b, uint32_t element);
/* A feature that is a number: a double, a float, or one printed as a string; others are refused. */
mr_status mr_output_real(mr_builder *b, uint32_t element, mr_output_step *output);
/* Does a segment answer what this ensemble is asked? */
bool mr_build_mining_passes_on(const mr_evaluator *evaluator);
/* tree_regression_build.c: the <Regression> of a <Node>, if it has one; `single`: in floats. */
struct mr_tree;
mr_status mr_build_tree_regression(mr_builder *b, mr_scope *scope, uint32_t element, bool single,
                                   struct mr_tree *tree, uint32_t node);
mr_family_feature *mr_family_feature_of(mr_element_name model);
mr_family_feature mr_build_general_feature, mr_build_tree_feature, mr_build_mining_feature,
    mr_build_neural_feature, mr_build_rule_set_feature;
mr_family_feature mr_build_search_feature, mr_build_nearest_neighbor_feature;
mr_family_build mr_build_tree, mr_build_mining, mr_build_regression, mr_build_general_regression,
    mr_build_neural, mr_build_rule_set;
mr_family_build mr_build_clustering, mr_build_nearest_neighbor, mr_build_anomaly;
mr_family_build mr_build_support_vectors;
mr_family_build mr_build_naive_bayes, mr_build_scorecard, mr_build_association;
mr_family_feature mr_build_scorecard_feature, mr_build_association_feature;

#endif
