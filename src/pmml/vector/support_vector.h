/* Support vector machines, compiled: one matrix of vectors for all machines.
 *
 * The vectors that any machine uses stand in blocks of sixteen, field after field, so that one pass over a
 * record's inputs fills sixteen kernel values at once. Each kernel value is computed once a record and then
 * read by every machine that has the vector. A hyperplane is a machine over the inputs themselves.
 */
#ifndef MR_PMML_SUPPORT_VECTOR_H
#define MR_PMML_SUPPORT_VECTOR_H

#include "pmml/program.h"

enum { MR_VECTOR_LANES = 16 };

typedef enum mr_kernel_type {
    KERNEL_LINEAR,
    KERNEL_POLYNOMIAL,
    KERNEL_RADIAL_BASIS,
    KERNEL_SIGMOID
} mr_kernel_type;

typedef struct mr_kernel {
    mr_kernel_type type;
    double gamma, coef0, degree;
} mr_kernel;

/* An input of the vectors: a field's number, or whether a field has a value. */
typedef struct mr_vector_field {
    enum { VECTOR_NUMBER, VECTOR_EQUAL_NUMBER, VECTOR_EQUAL_TEXT } kind;
    uint32_t slot;
    bool maps_missing;
    mr_slot with; /* what a missing number becomes, or what to equal */
} mr_vector_field;

typedef struct mr_machine {
    double constant, threshold;
    uint32_t term_count;
    uint32_t target, alternate; /* classes; alternate MR_NONE: there is none */
    const double *coefficients;
    const uint32_t *places; /* of each coefficient, among the kernel values */
} mr_machine;

/* How numbers become a class. */
typedef enum mr_decision {
    DECISION_NUMBER,      /* regression */
    DECISION_LEAST,       /* one against all */
    DECISION_GREATEST,    /* the same with maxWins */
    DECISION_VOTES_BELOW, /* one against one: below the threshold is the target category */
    DECISION_VOTES_ABOVE, /* the same with maxWins */
    DECISION_ROUNDED      /* 1 is the target category, 0 the alternate one (PMML 3) */
} mr_decision;

/* Fills out[block * MR_VECTOR_LANES + lane]: of the radial kernel with its values, of the others with the
 * dot products of `inputs` and each vector. */
typedef void mr_vector_pass(const mr_kernel *kernel, const double *inputs, uint32_t fields,
                            const double *vectors, uint32_t blocks, double *out);
mr_vector_pass *mr_vector_pass_for(mr_kernel_type type, bool avx2);
bool mr_vector_avx2(void); /* of this machine */

typedef struct mr_support_vectors {
    mr_kernel kernel;
    mr_decision decision;
    uint32_t field_count, block_count, machine_count;
    const mr_vector_field *fields;
    const double *vectors; /* [block][field][lane]; NULL: hyperplanes */
    const mr_machine *machines;
    mr_vector_pass *pass;
} mr_support_vectors;

void mr_support_vectors_evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction);

#endif
