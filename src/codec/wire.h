/* The protobuf wire format: reading never passes `end`, writing never checks (callers measure first).
 *
 * A message is a sequence of tags, each field number << 3 | wire type, followed by a value. See
 * protobuf.dev/programming-guides/encoding. Any thread.
 */
#ifndef MR_CODEC_WIRE_H
#define MR_CODEC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "fixed-size values are copied as they lie: a little-endian machine is needed"
#endif

enum {
    MR_WIRE_VARINT = 0,
    MR_WIRE_FIXED64 = 1,
    MR_WIRE_BYTES = 2,
    MR_WIRE_GROUP = 3,
    MR_WIRE_GROUP_END = 4,
    MR_WIRE_FIXED32 = 5,
    MR_WIRE_FIELD_MAX = (1 << 29) - 1,
    MR_WIRE_GROUP_DEPTH = 32 /* groups in groups that are skipped */
};

/* A varint of up to 10 bytes. NULL: truncated, or longer. */
static inline const uint8_t *mr_wire_varint(const uint8_t *at, const uint8_t *end, uint64_t *value) {
    if (at < end && *at < 0x80) {
        *value = *at;
        return at + 1;
    }
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (at == end) return NULL;
        uint64_t byte = *at++;
        result |= shift < 64 ? (byte & 0x7F) << shift : 0;
        if (byte < 0x80) {
            if (shift == 63 && byte > 1) return NULL;
            *value = result;
            return at;
        }
    }
    return NULL;
}

/* A tag: field number in 1..MR_WIRE_FIELD_MAX and a wire type of 0..5. NULL: not one. */
static inline const uint8_t *mr_wire_tag(const uint8_t *at, const uint8_t *end, uint32_t *number,
                                         uint32_t *type) {
    uint64_t tag;
    at = mr_wire_varint(at, end, &tag);
    if (at == NULL || tag < 8 || tag >> 3 > MR_WIRE_FIELD_MAX || (tag & 7) > MR_WIRE_FIXED32) return NULL;
    *number = (uint32_t)(tag >> 3);
    *type = (uint32_t)(tag & 7);
    return at;
}

/* A length and that many bytes, which begin at *data; returns what follows them. NULL: truncated. */
static inline const uint8_t *mr_wire_bytes(const uint8_t *at, const uint8_t *end, const uint8_t **data,
                                           size_t *size) {
    uint64_t length;
    at = mr_wire_varint(at, end, &length);
    if (at == NULL || length > (uint64_t)(end - at)) return NULL;
    *data = at;
    *size = (size_t)length;
    return at + length;
}

/* Passes over a value of this type, whole groups included. NULL: truncated, malformed, too deep. */
const uint8_t *mr_wire_skip(const uint8_t *at, const uint8_t *end, uint32_t number, uint32_t type);

static inline int64_t mr_wire_zigzag(uint64_t value) {
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

static inline size_t mr_wire_varint_size(uint64_t value) {
    return (size_t)(64 - __builtin_clzll(value | 1) + 6) / 7;
}

static inline uint8_t *mr_wire_put_varint(uint8_t *at, uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static inline uint8_t *mr_wire_put_tag(uint8_t *at, uint32_t number, uint32_t type) {
    return mr_wire_put_varint(at, (uint64_t)number << 3 | type);
}

static inline uint8_t *mr_wire_put_bytes(uint8_t *at, uint32_t number, const void *data, size_t size) {
    at = mr_wire_put_varint(mr_wire_put_tag(at, number, MR_WIRE_BYTES), size);
    if (size > 0) memcpy(at, data, size);
    return at + size;
}

static inline uint8_t *mr_wire_put_fixed64(uint8_t *at, uint32_t number, const void *value) {
    at = mr_wire_put_tag(at, number, MR_WIRE_FIXED64);
    memcpy(at, value, 8);
    return at + 8;
}

/* Of tag, length and bytes. */
static inline size_t mr_wire_bytes_size(uint32_t number, size_t size) {
    return mr_wire_varint_size((uint64_t)number << 3) + mr_wire_varint_size(size) + size;
}

#endif
