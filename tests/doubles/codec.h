/* Doubles of decoder, encoder and descriptor parser: one line of text each.
 *
 * Record: "TYPE NAME=NUMBER ..." ("wine a=1 b=2"); a value "?" is an invalid cell, "~" makes the decoder fail
 * when a model asks for it, a name that is not there is missing; a record that begins with "!" cannot be
 * decoded. With `fields` the schema is fixed, without it grows. Result:
 * "TYPE|MODEL|VERSION|TARGET|TOPIC|PARTITION|OFFSET", TARGET empty when missing. Numbers as
 * %.17g. Descriptor: "TYPE|NAME|VERSION|MODEL BYTES"; VERSION may be empty.
 */
#ifndef MR_DOUBLES_CODEC_H
#define MR_DOUBLES_CODEC_H

#include "core/codec.h"
#include "core/descriptor.h"

mr_decoder *double_decoder_new(const mr_field *fields, uint32_t count); /* count 0: describes itself */
mr_encoder *double_encoder_new(void);
mr_descriptor_parse_function double_descriptor_parse;

#endif
