/* A mutator that keeps XML well formed most of the time, so that the fuzzer spends its inputs on what a model
 * says and not on how a tag is spelled.
 *
 * An input is read as a flat list of pieces: tags and what lies between them. One mutation picks a piece and
 * deletes, doubles or moves the element that begins there, or gives an attribute another value: one that
 * stands elsewhere in the document, or a number at the edge of what is sensible. Every fourth input is left
 * to libFuzzer's own mutations of bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t limit);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed);

typedef struct span {
    size_t from, to;
} span;

static uint32_t state;
static uint32_t pick(size_t below) {
    state = state * 1664525u + 1013904223u;
    return below ? (uint32_t)((state >> 8) % below) : 0;
}

/* A random place where `mark` stands; 0: there is none. */
static int find(const uint8_t *data, size_t size, const char *mark, size_t *at) {
    size_t length = strlen(mark), start = pick(size);
    for (size_t step = 0; step < size; step++) {
        size_t i = (start + step) % size;
        if (i + length <= size && memcmp(data + i, mark, length) == 0) {
            *at = i;
            return 1;
        }
    }
    return 0;
}

/* The element that begins at the tag at `from`: up to its end tag, tags inside counted. */
static span element_at(const uint8_t *data, size_t size, size_t from) {
    int depth = 0;
    for (size_t i = from; i < size; i++) {
        if (data[i] != '<') continue;
        const uint8_t *close = memchr(data + i, '>', size - i);
        if (!close) break;
        size_t end = (size_t)(close - data);
        if (data[i + 1] == '/') depth--;
        else if (data[end - 1] != '/') depth++;
        if (depth <= 0) return (span){from, end + 1};
        i = end;
    }
    return (span){from, from};
}

static int random_element(const uint8_t *data, size_t size, span *found) {
    for (int tries = 0; tries < 8; tries++) {
        size_t at;
        if (!find(data, size, "<", &at) || at + 1 >= size) return 0;
        if (data[at + 1] == '/' || data[at + 1] == '?' || data[at + 1] == '!') continue;
        *found = element_at(data, size, at);
        if (found->to > found->from) return 1;
    }
    return 0;
}

/* What is between the quotes of some attribute. */
static int random_value(const uint8_t *data, size_t size, span *found) {
    size_t at;
    if (!find(data, size, "=\"", &at)) return 0;
    const uint8_t *end = memchr(data + at + 2, '"', size - at - 2);
    if (!end) return 0;
    *found = (span){at + 2, (size_t)(end - data)};
    return 1;
}

/* Replaces a span by other bytes, which do not lie in `data`. */
static size_t replace(uint8_t *data, size_t size, size_t limit, span old, const void *bytes, size_t count) {
    size_t rest = size - old.to;
    if (old.from + count + rest > limit) return size;
    memmove(data + old.from + count, data + old.to, rest);
    memcpy(data + old.from, bytes, count);
    return old.from + count + rest;
}

static size_t change_value(uint8_t *data, size_t size, size_t limit) {
    static const char *const edges[] = {"",        "0",       "-0.0",     "1",          "-1",
                                        "2",       "0.5",     "NaN",      "INF",        "1e308",
                                        "-1e-320", "256",     "65535",    "4294967295", "9223372036854775807",
                                        "true",    "missing", "\xc3\xa9", "x",          "1 2 3"};
    span value, other;
    uint8_t copy[256];
    if (!random_value(data, size, &value)) return size;
    const char *edge = edges[pick(sizeof edges / sizeof edges[0])];
    if (pick(2) || !random_value(data, size, &other) || other.to - other.from > sizeof copy)
        return replace(data, size, limit, value, edge, strlen(edge));
    memcpy(copy, data + other.from, other.to - other.from);
    return replace(data, size, limit, value, copy, other.to - other.from);
}

/* A copy of one element goes in front of another, or in its place. */
static size_t transplant(uint8_t *data, size_t size, size_t limit, int replaces) {
    static uint8_t copy[1 << 16];
    span from, to;
    if (!random_element(data, size, &from) || !random_element(data, size, &to)) return size;
    size_t count = from.to - from.from;
    if (count > sizeof copy) return size;
    memcpy(copy, data + from.from, count);
    if (!replaces) to.to = to.from;
    return replace(data, size, limit, to, copy, count);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed) {
    state = seed;
    if (size < 16 || pick(4) == 0) return LLVMFuzzerMutate(data, size, limit);
    for (uint32_t i = 0, times = 1 + pick(3); i < times && size >= 16; i++) {
        span element;
        switch (pick(6)) {
        case 0:
            if (random_element(data, size, &element)) size = replace(data, size, limit, element, "", 0);
            break;
        case 1:
            size = transplant(data, size, limit, 0);
            break;
        case 2:
            size = transplant(data, size, limit, 1);
            break;
        default:
            size = change_value(data, size, limit);
        }
    }
    return size;
}
