/* Direct: a forest that is the whole model, scored from the frame's columns to the frame's columns.
 *
 * Its inputs are doubles that need no treatment, so a row is one pass over the columns that makes keys;
 * there are no slots and no derived fields between. A row with an invalid value is left to the general
 * way (score.c), which knows what to say about it.
 */
#ifndef MR_PMML_DIRECT_H
#define MR_PMML_DIRECT_H

#include "pmml/pmml_model.h"

typedef struct mr_direct_input {
    uint32_t field; /* of the frame */
    uint32_t key;   /* which it becomes; those that no tree reads share a last one */
    bool single;    /* the model holds it as a float */
} mr_direct_input;

typedef struct mr_direct {
    uint32_t count;
    bool singles;       /* there are some */
    bool probabilities; /* all outputs but the target are probabilities, as doubles, of certain classes */
    mr_direct_input inputs[];
} mr_direct;

/* Fills *direct (NULL: the model needs the general way) for a binding whose `fields` are set. Returns owned:
 * mr_free. False: out of memory. */
bool mr_direct_new(const mr_pmml_binding *binding, const mr_schema *schema, mr_direct **direct);

/* May rows of this frame be scored so? The columns must be there, and rows lie equally far apart in all. */
bool mr_direct_reads(const mr_pmml_binding *binding, const mr_frame *in);

/* Scores a row. False: a value is invalid, nothing is written. work->numbers is all that it uses of `work`.
 */
bool mr_direct_score(const mr_pmml_binding *binding, const mr_frame *in, mr_frame *out, uint32_t row,
                     mr_work *work);

#endif
