/* Model descriptors: the first byte chooses the numbering and which allocation fails, the rest is the
 * message. What was read and written again reads the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "codec/codec.h"

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static int differ(const char *a, const char *b) {
    return (a == NULL) != (b == NULL) || (a && strcmp(a, b) != 0);
}

static void round_trip(const mr_descriptor *in) {
    mr_arena arena;
    mr_bytes message;
    mr_descriptor out;
    mr_error error;
    mr_arena_init(&arena, 4096, 0);
    if (mr_descriptor_encode(in, MR_NUMBERING_AUTO, &arena, &message, &error) != MR_OK) abort();
    if (mr_descriptor_parse(message, MR_NUMBERING_AUTO, &out, &error) != MR_OK) abort();
    if (differ(in->name, out.name) || differ(in->description, out.description) ||
        differ(in->format, out.format) || differ(in->data_type, out.data_type) ||
        differ(in->version, out.version) || differ(in->sha256, out.sha256) ||
        in->data.size != out.data.size || memcmp(in->data.data, out.data.data, in->data.size) != 0) {
        abort();
    }
    mr_descriptor_free(&out);
    mr_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    int left = data[0] / 3 % 8 ? data[0] / 3 % 8 - 1 : 1000;
    mr_descriptor descriptor;
    mr_error error;
    mr_set_alloc_hook(count_down, &left);
    mr_status status =
        mr_descriptor_parse((mr_bytes){data + 1, size - 1}, (mr_numbering)(data[0] % 3), &descriptor, &error);
    mr_set_alloc_hook(NULL, NULL);
    if (status != MR_OK) return 0;
    round_trip(&descriptor);
    mr_descriptor_free(&descriptor);
    return 0;
}
