/* Valid UTF-8 by the table of RFC 3629, section 4: the second byte's range depends on the first, all
 * later ones are 80..BF. Eight ASCII bytes are passed at a time. */
#include "base/utf8.h"

#include <string.h>

size_t mr_utf8_sequence(const char *at, const char *end) {
    const unsigned char *b = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    if (left == 0) return 0;
    if (b[0] < 0x80) return 1;
    size_t size = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    if (b[0] < 0xC2 || b[0] > 0xF4 || left < size) return 0;
    unsigned char low = b[0] == 0xE0 ? 0xA0 : b[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = b[0] == 0xED ? 0x9F : b[0] == 0xF4 ? 0x8F : 0xBF;
    if (b[1] < low || b[1] > high) return 0;
    for (size_t i = 2; i < size; i++) {
        if ((b[i] & 0xC0) != 0x80) return 0;
    }
    return size;
}

bool mr_utf8_valid(const char *data, size_t size) {
    const char *end = data + size;
    while (data < end) {
        uint64_t word;
        if (end - data >= 8) {
            memcpy(&word, data, 8);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                data += 8;
                continue;
            }
        }
        size_t sequence = mr_utf8_sequence(data, end);
        if (sequence == 0) return false;
        data += sequence;
    }
    return true;
}

size_t mr_utf8_write(char *to, uint32_t point) {
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        to[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    to[0] = (char)((0xF00u >> size & 0xFF) | point); /* C0, E0, F0 */
    return size;
}
