/* Double of a model engine: a weighted sum.
 *
 * The bytes of a model are "sum FACTOR INPUT...", e.g. "sum 2.5 a b": the target "sum" is 2.5 * (a + b).
 * A missing input makes the target missing, an invalid cell fails the row. Each row takes
 * SUM_ROW_SCRATCH bytes of scratch, so that a small scratch is answered by MR_MORE_MEMORY. "group ..."
 * is the same as a model of MR_SCORES_GROUPS. The double counts live models and bindings.
 */
#ifndef MR_DOUBLES_MODEL_H
#define MR_DOUBLES_MODEL_H

#include "core/model.h"

enum { SUM_ROW_SCRATCH = 64 };

extern const mr_model_loader double_model_loader; /* format "sum" */
int double_models_alive(void);
int double_bindings_alive(void);

#endif
