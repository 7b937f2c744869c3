/* Release of a descriptor's strings. */
#include "core/descriptor.h"

#include "base/memory.h"

void mr_descriptor_free(mr_descriptor *descriptor) {
    mr_free(descriptor->name);
    mr_free(descriptor->description);
    mr_free(descriptor->data_type);
    mr_free(descriptor->version);
    mr_free(descriptor->sha256);
    *descriptor = (mr_descriptor){0};
}
