/* Skipping values nobody asked for. Groups nest without lengths, so the open field numbers are kept
 * on a stack of fixed size: no recursion, and each end must match its start. */
#include "codec/wire.h"

static const uint8_t *skip_simple(const uint8_t *at, const uint8_t *end, uint32_t type) {
    uint64_t value;
    const uint8_t *data;
    size_t size;
    switch (type) {
    case MR_WIRE_VARINT:
        return mr_wire_varint(at, end, &value);
    case MR_WIRE_FIXED64:
        return end - at >= 8 ? at + 8 : NULL;
    case MR_WIRE_BYTES:
        return mr_wire_bytes(at, end, &data, &size);
    case MR_WIRE_FIXED32:
        return end - at >= 4 ? at + 4 : NULL;
    default:
        return NULL;
    }
}

const uint8_t *mr_wire_skip(const uint8_t *at, const uint8_t *end, uint32_t number, uint32_t type) {
    if (type != MR_WIRE_GROUP) return skip_simple(at, end, type);
    uint32_t open[MR_WIRE_GROUP_DEPTH];
    uint32_t depth = 0;
    open[depth++] = number;
    while (depth > 0) {
        at = mr_wire_tag(at, end, &number, &type);
        if (at == NULL) return NULL;
        if (type == MR_WIRE_GROUP) {
            if (depth == MR_WIRE_GROUP_DEPTH) return NULL;
            open[depth++] = number;
        } else if (type == MR_WIRE_GROUP_END) {
            if (open[--depth] != number) return NULL;
        } else {
            at = skip_simple(at, end, type);
            if (at == NULL) return NULL;
        }
    }
    return at;
}
