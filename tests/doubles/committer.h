/* Double of a committer: remembers how far each partition was acknowledged and commits to a source only when
 * it is forced or told to. */
#ifndef MR_DOUBLES_COMMITTER_H
#define MR_DOUBLES_COMMITTER_H

#include "core/committer.h"

mr_committer *double_committer_new(mr_source *source);
int64_t double_committer_acknowledged(const mr_committer *committer, int32_t partition); /* -1: never */

#endif
