/* Codecs: bytes to feature frame, result frame to bytes.
 *
 * A decoder is bound, off the lanes, to a record schema and to the fields that somebody asks for; the
 * plan that comes out decodes a record in one walk and skips all else. Plans are immutable: any
 * thread may decode with one.
 *
 * The data type of a record may be one of its own fields, and the last on the wire (the tutorial's
 * is). So `decode` returns it: the caller speculates with the plan of the last type seen and decodes
 * the row again with the right plan when it was wrong.
 */
#ifndef MR_CORE_CODEC_H
#define MR_CORE_CODEC_H

#include "core/batch.h"

typedef struct mr_decoder mr_decoder;
typedef struct mr_decode_plan mr_decode_plan;

typedef struct mr_decoder_ops {
    const char *format; /* "protobuf", "json" */
    void (*free)(mr_decoder *decoder);
    /* fields[0..count): indexes into the schema, each once. Fields of the schema that the records
     * cannot have are MR_NOT_FOUND for a format with a fixed schema. *plan: returns owned. The plan
     * borrows the decoder and retains the schema. Any thread. */
    mr_status (*bind)(const mr_decoder *decoder, mr_schema *schema, const uint32_t *fields, uint32_t count,
                      mr_decode_plan **plan, mr_error *error);
    void (*free_plan)(mr_decode_plan *plan);
    /* Fills row `row` of `frame`, in which the plan's columns are decoded, and *data_type (a view of
     * `value` or of `arena`; size 0 when the decoder was made without a type field or the record has
     * none). Every column of the plan gets a state. Strings are views of `value`, or, where they had to
     * be unescaped, of `arena`. On failure the row is undefined and `error` says where (byte, field). */
    mr_status (*decode)(const mr_decode_plan *plan, mr_bytes value, mr_frame *frame, uint32_t row,
                        mr_arena *arena, mr_text *data_type, mr_error *error);
} mr_decoder_ops;

struct mr_decoder {
    const mr_decoder_ops *ops;
    /* The fields that every record of this format has (a protobuf message); NULL for a format that
     * describes itself (JSON), whose schema grows by what models ask for. Owned by the decoder. */
    mr_schema *schema;
};
struct mr_decode_plan {
    const mr_decoder *decoder;
    mr_schema *schema; /* retained */
};

/* ---- Results ---- */

/* What a result says of the model that made it. Views; valid while the model is served. */
typedef struct mr_model_identity {
    const char *data_type;
    const char *name;
    const char *version; /* the descriptor's, else "partition:offset" */
    const char *description;
    char sha256[65]; /* lower-case hex of the model's uncompressed bytes */
} mr_model_identity;

typedef struct mr_encoder mr_encoder;
typedef struct mr_encode_plan mr_encode_plan;

typedef struct mr_encoder_ops {
    const char *format; /* "protobuf", "json" */
    void (*free)(mr_encoder *encoder);
    /* Prepares the bytes that are the same in every result of one model. Borrows all for the plan's
     * life; the plan borrows the encoder. *plan: returns owned. Any thread. */
    mr_status (*bind)(const mr_encoder *encoder, const mr_model_identity *identity, const mr_output *outputs,
                      uint32_t output_count, mr_encode_plan **plan, mr_error *error);
    void (*free_plan)(mr_encode_plan *plan);
    /* Encodes row `row` of `out` for the record at topic[partition]@offset. *value: a view of `arena`.
     * MR_NO_MEMORY, MR_TOO_LARGE. Any thread. */
    mr_status (*encode)(const mr_encode_plan *plan, const mr_frame *out, uint32_t row, const char *topic,
                        int32_t partition, int64_t offset, mr_arena *arena, mr_bytes *value);
} mr_encoder_ops;

struct mr_encoder {
    const mr_encoder_ops *ops;
};
struct mr_encode_plan {
    const mr_encoder *encoder;
};

#endif
