/* Strings are passed eight bytes at a time until a quote, a backslash, a control character or a byte
 * beyond ASCII turns up. Nested values are walked without recursion: one bit per open bracket says whether
 * it is an object. */
#include "codec/json_scan.h"

#include "base/utf8.h"
#include "codec/json_number.h"

/* The first byte that is not plain: `"`, `\`, below 0x20 or above 0x7F. The lowest high bit of the word
 * is exact; those above it may be wrong by a borrow, and are not looked at. */
static inline const char *skip_plain(const char *at, const char *end) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        uint64_t special =
            (word | (word - 0x20 * ones) | ((word ^ '"' * ones) - ones) | ((word ^ '\\' * ones) - ones)) &
            0x80 * ones;
        if (special) return at + __builtin_ctzll(special) / 8;
        at += 8;
    }
    while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
        at++;
    return at;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Length of the escape at `at`, which is on the backslash; 0: none. */
static size_t escape_size(const char *at, const char *end) {
    if (end - at < 2 || at[1] == '\0' || strchr("\"\\/bfnrtu", at[1]) == NULL) return 0;
    if (at[1] != 'u') return 2;
    if (end - at < 6) return 0;
    for (int i = 2; i < 6; i++) {
        if (hex_value(at[i]) < 0) return 0;
    }
    return 6;
}

bool mr_json_scan_string(mr_json_scanner *scanner, mr_json_value *value) {
    const char *end = scanner->end;
    const char *start = scanner->at + 1;
    const char *at = start;
    value->kind = MR_JSON_STRING;
    value->escaped = false;
    for (;;) {
        at = skip_plain(at, end);
        scanner->at = at;
        if (at == end) return mr_json_fail(scanner, "the string has no end");
        if (*at == '"') break;
        size_t size;
        if (*at == '\\') {
            size = escape_size(at, end);
            value->escaped = true;
            if (size == 0) return mr_json_fail(scanner, "no such escape in a string");
        } else {
            if ((unsigned char)*at < 0x20)
                return mr_json_fail(scanner, "a control character must be escaped");
            size = mr_utf8_sequence(at, end);
            if (size == 0) return mr_json_fail(scanner, "the string is not valid UTF-8");
        }
        at += size;
    }
    value->text = start;
    value->size = (size_t)(at - start);
    scanner->at = at + 1;
    return true;
}

static uint32_t hex4(const char *at) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) unit = unit << 4 | (uint32_t)hex_value(at[i]);
    return unit;
}

size_t mr_json_unescape(char *to, const char *text, size_t size) {
    const char *end = text + size;
    char *out = to;
    while (text < end) {
        const char *backslash = memchr(text, '\\', (size_t)(end - text));
        size_t plain = (size_t)((backslash ? backslash : end) - text);
        memcpy(out, text, plain);
        out += plain;
        text += plain;
        if (text == end) break;
        char c = text[1];
        if (c != 'u') {
            static const char names[] = "bfnrt", meanings[] = "\b\f\n\r\t";
            const char *name = strchr(names, c);
            *out++ = name ? meanings[name - names] : c;
            text += 2;
            continue;
        }
        uint32_t point = hex4(text + 2);
        text += 6;
        if (point >= 0xD800 && point <= 0xDBFF && end - text >= 6 && text[0] == '\\' && text[1] == 'u') {
            uint32_t low = hex4(text + 2);
            if (low < 0xDC00 || low > 0xDFFF) return SIZE_MAX;
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
            text += 6;
        } else if (point >= 0xD800 && point <= 0xDFFF) {
            return SIZE_MAX;
        }
        out += mr_utf8_write(out, point);
    }
    return (size_t)(out - to);
}

static bool scan_literal(mr_json_scanner *scanner, const char *literal, mr_json_kind kind,
                         mr_json_value *value) {
    size_t size = strlen(literal);
    if ((size_t)(scanner->end - scanner->at) < size || memcmp(scanner->at, literal, size) != 0) {
        return mr_json_fail(scanner, "a value must begin here");
    }
    value->kind = kind;
    scanner->at += size;
    return true;
}

static bool scan_simple(mr_json_scanner *scanner, mr_json_value *value) {
    if (scanner->at == scanner->end) return mr_json_fail(scanner, "the record ends in the middle of a value");
    switch (*scanner->at) {
    case '"':
        return mr_json_scan_string(scanner, value);
    case 't':
        return scan_literal(scanner, "true", MR_JSON_TRUE, value);
    case 'f':
        return scan_literal(scanner, "false", MR_JSON_FALSE, value);
    case 'n':
        return scan_literal(scanner, "null", MR_JSON_NULL, value);
    default:
        return mr_json_scan_number(scanner, value);
    }
}

static bool scan_key(mr_json_scanner *scanner) {
    mr_json_value key;
    if (scanner->at == scanner->end || *scanner->at != '"')
        return mr_json_fail(scanner, "a name in quotes must follow");
    if (!mr_json_scan_string(scanner, &key)) return false;
    return mr_json_take(scanner, ':') || mr_json_fail(scanner, "a colon must follow the name");
}

/* Passes over an array or object. */
static bool skip_nested(mr_json_scanner *scanner) {
    uint64_t objects[MR_JSON_DEPTH / 64] = {0};
    uint32_t depth = 0;
    mr_json_value ignored;
    do {
        char c = scanner->at < scanner->end ? *scanner->at : '\0';
        if (c == '[' || c == '{') {
            if (depth == MR_JSON_DEPTH) {
                scanner->too_deep = true;
                return mr_json_fail(scanner, "arrays and objects are nested deeper than 512 levels");
            }
            uint64_t bit = (uint64_t)1 << (depth % 64);
            if (c == '{') objects[depth / 64] |= bit;
            else objects[depth / 64] &= ~bit;
            depth++;
            mr_json_take(scanner, c);
            if (!mr_json_take(scanner, c == '{' ? '}' : ']')) {
                if (c == '{' && !scan_key(scanner)) return false;
                continue; /* its first value */
            }
            depth--;
        } else if (!scan_simple(scanner, &ignored)) {
            return false;
        }
        /* Behind a value: close what ends here, or go on to the next value. */
        while (depth > 0) {
            bool object = objects[(depth - 1) / 64] >> ((depth - 1) % 64) & 1;
            mr_json_skip_blanks(scanner);
            if (mr_json_take(scanner, ',')) {
                if (object && !scan_key(scanner)) return false;
                break;
            }
            if (!mr_json_take(scanner, object ? '}' : ']'))
                return mr_json_fail(scanner, "a comma or a closing bracket must follow");
            depth--;
        }
    } while (depth > 0);
    return true;
}

bool mr_json_scan_value(mr_json_scanner *scanner, mr_json_value *value) {
    if (scanner->at < scanner->end && (*scanner->at == '{' || *scanner->at == '[')) {
        value->kind = MR_JSON_NESTED;
        return skip_nested(scanner);
    }
    return scan_simple(scanner, value);
}
