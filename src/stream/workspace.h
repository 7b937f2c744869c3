/* Workspace: the frames of a lane.
 *
 * One pair of frames (features in, results out) for each data type, MR_BATCH_ROWS rows long, shared by all
 * partitions of the lane. They are made with the first batch after a model set was published, so a
 * record never allocates. An input frame has memory only for the columns that its model reads.
 */
#ifndef MR_STREAM_WORKSPACE_H
#define MR_STREAM_WORKSPACE_H

#include "core/model_set.h"

typedef struct mr_workspace mr_workspace;

/* Main thread; then one lane's. */
mr_status mr_workspace_new(mr_workspace **workspace, mr_error *error);
void mr_workspace_free(mr_workspace *workspace); /* NULL is allowed */

/* Opens a group for `served`, which is of `set`: frames with row_count MR_BATCH_ROWS. Borrows; valid until
 * a set of another generation is used. MR_NO_MEMORY. Lane thread. */
mr_status mr_workspace_open(mr_workspace *workspace, const mr_model_set *set, const mr_served *served,
                            mr_group *group, mr_error *error);

#endif
