/* What the rest of Millrace uses of codec/: constructors of decoders and encoders, the descriptor, the
 * conversions of `millrace provide` and `millrace read`. CSV stands in codec/csv.h.
 *
 * Names of fields meet by one rule everywhere: the mapping, else the same name, else the same name
 * when ASCII case, blanks, `_` and `-` do not count.
 */
#ifndef MR_CODEC_CODEC_H
#define MR_CODEC_CODEC_H

#include "core/codec.h"
#include "core/descriptor.h"

/* ---- Records in (core/codec.h says what a decoder does; free with decoder->ops->free) ---- */

/* Decoder of a protobuf message by its name; "WineRecord" is built in. `type_field` is the name of a
 * string field that holds the data type, or NULL. Borrows nothing after the call. *decoder: returns owned.
 * MR_NOT_FOUND (message or type field), MR_WRONG_TYPE, MR_NO_MEMORY. Any thread. */
mr_status mr_protobuf_decoder_new(const char *message, const char *type_field, mr_decoder **decoder,
                                  mr_error *error);

/* Decoder of JSON objects. A field of the schema is fed by the member that the mapping names for it
 * (model_name: the field, record_name: the member), else by the member of its name. Copies all.
 *
 *   member    column: double, float          integer                 boolean        string
 *   number    exact                          when it is whole        0 and 1        its text
 *   string    when all of it is a number     when a whole number     "true" "false" itself
 *                                                                    "1" "0"
 *   boolean   invalid                        invalid                 itself         "true" "false"
 *   null      missing; object or array: invalid
 *
 * What does not fit is an invalid cell (MR_CELL_INVALID), never an error: the model decides. Of a
 * member given twice the last counts; an exact name beats a normalised one. */
mr_status mr_json_decoder_new(const char *type_field, const mr_name_mapping *mapping, size_t mapping_count,
                              mr_decoder **decoder, mr_error *error);

/* ---- Results out (proto/millrace/v1/result.proto; free with encoder->ops->free) ---- */

/* lineage: results say topic, partition and offset of their record. Any thread. */
mr_status mr_protobuf_encoder_new(bool lineage, mr_encoder **encoder, mr_error *error);
mr_status mr_json_encoder_new(bool lineage, mr_encoder **encoder, mr_error *error);

/* ---- Model descriptors (core/descriptor.h) ---- */

mr_descriptor_parse_function mr_descriptor_parse;

/* The message for a descriptor. `format` NULL: told by the content of `data`. AUTO writes the
 * tutorial's numbering, and field 18 always. *message: a view of `arena`. MR_TOO_LARGE (2 GiB),
 * MR_UNSUPPORTED (a format without a number in this numbering), MR_NO_MEMORY. Any thread. */
mr_status mr_descriptor_encode(const mr_descriptor *descriptor, mr_numbering numbering, mr_arena *arena,
                               mr_bytes *message, mr_error *error);

/* ---- Text rows to records, for `millrace provide` ---- */

typedef struct mr_record_encoder mr_record_encoder;

typedef struct mr_record_encoder_options {
    const char *format;       /* "protobuf" or "json" */
    const char *message;      /* protobuf only: "WineRecord" */
    const char *const *names; /* of the cells */
    uint32_t count;
    const char *type_field; /* gets `type`; NULL: none */
    const char *type;       /* NULL: the cell of the type field, if there is one */
} mr_record_encoder_options;

/* Protobuf: each name must be a field of the message, or is left out (mr_record_encoder_uses says
 * which). JSON: cells that are numbers, true or false become such, others strings. An empty cell is
 * left out. Copies all. Any thread. */
mr_status mr_record_encoder_new(const mr_record_encoder_options *options, mr_record_encoder **encoder,
                                mr_error *error);
void mr_record_encoder_free(mr_record_encoder *encoder); /* NULL is allowed */
bool mr_record_encoder_uses(const mr_record_encoder *encoder, uint32_t cell);
/* cells: `count` of them. *value: a view of `arena`. MR_WRONG_TYPE names the cell. */
mr_status mr_record_encode(const mr_record_encoder *encoder, const mr_bytes *cells, mr_arena *arena,
                           mr_bytes *value, mr_error *error);

/* ---- Messages to JSON text, for `millrace read` ---- */

/* A result, or any protobuf message that is built in, as one line of JSON. *text: a view of `arena`.
 * MR_SYNTAX, MR_WRONG_TYPE, MR_NOT_FOUND, MR_NO_MEMORY. Any thread. */
mr_status mr_result_to_json(mr_bytes value, mr_arena *arena, mr_bytes *text, mr_error *error);
mr_status mr_record_to_json(const char *message, mr_bytes value, mr_arena *arena, mr_bytes *text,
                            mr_error *error);
/* A descriptor; of the model's bytes only how many. */
mr_status mr_descriptor_to_json(mr_bytes value, mr_numbering numbering, mr_arena *arena, mr_bytes *text,
                                mr_error *error);

#endif
