/* Model descriptor: the message of the models topic, in memory.
 *
 * The tutorial's ModelDescriptor with our additional fields (proto/). Identity is (data type, name),
 * never the message key.
 */
#ifndef MR_CORE_DESCRIPTOR_H
#define MR_CORE_DESCRIPTOR_H

#include "core/batch.h"

/* The tutorial published two numberings of its model-type enum. AUTO decides by the content. */
typedef enum mr_numbering { MR_NUMBERING_AUTO, MR_NUMBERING_TUTORIAL, MR_NUMBERING_SUCCESSOR } mr_numbering;

typedef struct mr_descriptor {
    char *name;
    char *description;
    char *data_type;
    char *version;      /* NULL: none given */
    char *sha256;       /* lower-case hex as given; NULL: none */
    const char *format; /* static: "pmml", "onnx", "tensorflow-graph", "tensorflow-saved-model" */
    mr_bytes data;      /* a view of the message, not owned */
} mr_descriptor;

/* Parses a message. *descriptor: returns owned strings, release with mr_descriptor_free; `data` is
 * valid while the message is. MR_SYNTAX, MR_UNSUPPORTED (`location`, by name), MR_LIMIT. Any thread. */
typedef mr_status mr_descriptor_parse_function(mr_bytes message, mr_numbering numbering,
                                               mr_descriptor *descriptor, mr_error *error);

/* Frees the strings; the struct is empty after. Any thread. */
void mr_descriptor_free(mr_descriptor *descriptor);

#endif
