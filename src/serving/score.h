/* Score: the processor that runs the model in service over each group of a batch.
 *
 * Time is taken once per group; a row's share is that time divided by the rows.
 */
#ifndef MR_SERVING_SCORE_H
#define MR_SERVING_SCORE_H

#include "core/processor.h"

/* The scratch memory of one lane. Main thread; then the lane's. */
typedef struct mr_scorer mr_scorer;
mr_status mr_scorer_new(mr_scorer **scorer, mr_error *error);
void mr_scorer_free(mr_scorer *scorer); /* NULL is allowed */

/* Opens the node for one partition; `scorer` (a mr_scorer) is borrowed for the node's life. Lane thread. */
mr_status mr_score_open(void *scorer, const mr_processor_context *of, mr_processor **made, mr_error *error);

#endif
