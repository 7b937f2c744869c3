/* Decode: the first processor. Bytes become rows of features, grouped by data type.
 *
 * Where the data type is a field of the record, it may stand at its very end; so the record is decoded
 * with the plan of the last type seen in its partition, and once more when that was wrong (counted as
 * `redecoded`). A plan that cannot read the record may be the wrong one, too: then one that reads no field
 * tells the type. Rows whose type no model serves are dropped, failed or held. When a batch has more
 * types than groups, the rows from there on stay MR_ROW_NEW and the lane runs them as another batch.
 */
#ifndef MR_STREAM_DECODE_H
#define MR_STREAM_DECODE_H

#include "core/processor.h"
#include "stream/workspace.h"

/* Where a record says its data type. */
typedef enum mr_type_source { MR_TYPE_CONSTANT, MR_TYPE_HEADER, MR_TYPE_FIELD } mr_type_source;

/* What becomes of a record whose data type no model serves. */
typedef enum mr_no_model { MR_NO_MODEL_DROP, MR_NO_MODEL_DEAD_LETTER, MR_NO_MODEL_HOLD } mr_no_model;

typedef struct mr_decode_options {
    mr_workspace *workspace; /* of the lane */
    mr_type_source type_source;
    const char *type; /* the constant, or the header's name; unused for MR_TYPE_FIELD: the decoder knows */
    mr_no_model no_model;
} mr_decode_options;

/* mr_node_open; `options` (a mr_decode_options) is borrowed for the node's life. Lane thread. */
mr_status mr_decode_open(void *options, const mr_processor_context *of, mr_processor **made, mr_error *error);

#endif
