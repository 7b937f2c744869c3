/* Field names that are alike: ASCII case, blanks, `_` and `-` do not count. The rule of mr_schema_resolve,
 * and of decoders that read names. Any thread. */
#ifndef MR_CORE_FIELD_NAME_H
#define MR_CORE_FIELD_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a byte is in the normalised name; 0: nothing. */
static inline unsigned char mr_name_byte(unsigned char c) {
    if (c == ' ' || c == '\t' || c == '_' || c == '-') return 0;
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

/* FNV-1a of the normalised name. Not secret: what is looked up with it never grows by input. */
static inline uint32_t mr_name_hash(const char *name, size_t size) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = mr_name_byte((unsigned char)name[i]);
        if (c) hash = (hash ^ c) * 16777619u;
    }
    return hash;
}

static inline bool mr_names_alike(const char *a, size_t a_size, const char *b, size_t b_size) {
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a_size && mr_name_byte((unsigned char)a[i]) == 0) i++;
        while (j < b_size && mr_name_byte((unsigned char)b[j]) == 0) j++;
        if (i == a_size || j == b_size) return i == a_size && j == b_size;
        if (mr_name_byte((unsigned char)a[i++]) != mr_name_byte((unsigned char)b[j++])) return false;
    }
}

#endif
