/* Regex: PCRE2's contexts around each compile and match carry our allocators and limits.
 *
 * PCRE2 counts steps from each place where a match may begin, so the budget of a text is divided by its
 * length. What a match allocates comes from the scratch and is kept for the next one (mr_regex_memory).
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pmml/expression/regex.h"

#include <pcre2.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { STEPS = 1 << 28, STEPS_LEAST = 20000, DEPTH_MAX = 10000, HEAP_KIB_MAX = 4096, GROUPS_MAX = 64 };

struct mr_regex {
    pcre2_code *code;
    uint32_t groups;
};

struct mr_regex_memory {
    pcre2_general_context *general;
    pcre2_match_context *match;
    pcre2_match_data *data;
};

/* ---- Compile ---- */

static void *load_malloc(size_t size, void *context) {
    (void)context;
    return mr_alloc(size);
}

static void load_free(void *memory, void *context) {
    (void)context;
    mr_free(memory);
}

static void *row_malloc(size_t size, void *work) {
    return mr_work_take(work, size);
}

static void row_free(void *memory, void *work) {
    (void)memory, (void)work;
}

/* XML Schema and Java have differences and intersections of classes, which PCRE2 would read as something
 * else. */
static bool has_class_arithmetic(const char *pattern, size_t size) {
    bool inside = false;
    for (size_t i = 0; i < size; i++) {
        if (pattern[i] == '\\') i++;
        else if (pattern[i] == '[' && !inside) inside = true, i += i + 1 < size && pattern[i + 1] == ']';
        else if (pattern[i] == ']') inside = false;
        else if (inside && i + 1 < size &&
                 (memcmp(pattern + i, "&&", 2) == 0 || memcmp(pattern + i, "-[", 2) == 0))
            return true;
    }
    return false;
}

/* The bytes of "(?u)" at the start, which PCRE2 does not know: Python's and Java's word for Unicode, in all
 * of scikit-learn's tokens; other flags may stand beside it. 0: there is none. */
static size_t take_unicode_flag(const char *pattern, uint32_t *options) {
    static const char letters[] = "uisxm";
    static const uint32_t meant[] = {PCRE2_UCP, PCRE2_CASELESS, PCRE2_DOTALL, PCRE2_EXTENDED,
                                     PCRE2_MULTILINE};
    if (strncmp(pattern, "(?", 2) != 0) return 0;
    size_t length = strspn(pattern + 2, letters);
    if (pattern[2 + length] != ')' || !memchr(pattern + 2, 'u', length)) return 0;
    for (size_t i = 0; i < length; i++) *options |= meant[strchr(letters, pattern[2 + i]) - letters];
    return length + 3;
}

/* *regex->code: owned by `general`'s memory. NULL: `code` and `at` say what is wrong. */
static bool compile(pcre2_general_context *general, const char *pattern, size_t size, unsigned flags,
                    mr_regex *regex, int *code, size_t *at) {
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    if (!context) {
        *code = PCRE2_ERROR_NOMEMORY;
        return false;
    }
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_bsr(context, PCRE2_BSR_UNICODE);
    pcre2_set_max_pattern_length(context, MR_REGEX_PATTERN_MAX);
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    if (flags & MR_REGEX_IGNORE_CASE) options |= PCRE2_CASELESS;
    if (flags & MR_REGEX_LITERAL) options = (options & ~PCRE2_NEVER_BACKSLASH_C) | PCRE2_LITERAL;
    size_t skip = flags & MR_REGEX_LITERAL ? 0 : take_unicode_flag(pattern, &options);
    regex->code = pcre2_compile((PCRE2_SPTR)pattern + skip, size - skip, options, code, at, context);
    *at += skip;
    pcre2_compile_context_free(context);
    if (!regex->code) return false;
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->groups);
    return true;
}

static void destroy(void *code) {
    pcre2_code_free(code);
}

static mr_status build_code(mr_builder *b, uint32_t element, const char *pattern, unsigned flags,
                            mr_regex *regex) {
    int code = 0;
    size_t at = 0;
    PCRE2_UCHAR message[120] = "";
    pcre2_general_context *general = pcre2_general_context_create(load_malloc, load_free, NULL);
    if (!general) return mr_build_no_memory(b);
    bool ok = compile(general, pattern, strlen(pattern), flags, regex, &code, &at);
    pcre2_general_context_free(general);
    if (ok) {
        size_t bytes = 0;
        pcre2_pattern_info(regex->code, PCRE2_INFO_SIZE, &bytes);
        return mr_build_adopt(b, regex->code, bytes, destroy);
    }
    if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED) return mr_build_no_memory(b);
    pcre2_get_error_message(code, message, sizeof message);
    return mr_build_fail(b, element, MR_INVALID_MODEL,
                         "the regular expression \"%.60s\" is wrong at byte %zu: %s", pattern, at,
                         (const char *)message);
}

mr_status mr_regex_build(mr_builder *b, uint32_t element, const char *pattern, unsigned flags,
                         const mr_regex **result) {
    size_t size = strlen(pattern);
    if (size > MR_REGEX_PATTERN_MAX)
        return mr_build_fail(b, element, MR_LIMIT, "a regular expression of more than %d bytes",
                             (int)MR_REGEX_PATTERN_MAX);
    if (has_class_arithmetic(pattern, size))
        return mr_build_fail(
            b, element, MR_UNSUPPORTED,
            "the regular expression \"%.60s\": differences and intersections of classes are not "
            "supported",
            pattern);
    mr_regex *regex = mr_build_alloc(b, 1, sizeof *regex);
    if (!regex) return MR_NO_MEMORY;
    mr_status status = build_code(b, element, pattern, flags, regex);
    if (status == MR_OK && regex->groups > GROUPS_MAX)
        status =
            mr_build_fail(b, element, MR_LIMIT, "a regular expression with more than %d groups", GROUPS_MAX);
    *result = regex;
    return status;
}

/* ---- Match ---- */

/* Of this work; NULL: the scratch is too small. */
static struct mr_regex_memory *memory_of(mr_work *work) {
    if (work->regex) return work->regex;
    struct mr_regex_memory *memory = mr_work_take(work, sizeof *memory);
    if (!memory) return NULL;
    memory->general = pcre2_general_context_create(row_malloc, row_free, work);
    if (memory->general) memory->match = pcre2_match_context_create(memory->general);
    if (memory->general) memory->data = pcre2_match_data_create(GROUPS_MAX + 1, memory->general);
    if (!memory->general || !memory->match || !memory->data) return NULL;
    pcre2_set_depth_limit(memory->match, DEPTH_MAX);
    pcre2_set_heap_limit(memory->match, HEAP_KIB_MAX);
    return work->regex = memory;
}

const mr_regex *mr_regex_compile(mr_work *work, mr_text pattern, bool *faulty) {
    int code;
    size_t at;
    struct mr_regex_memory *memory = memory_of(work);
    mr_regex *regex = mr_work_take(work, sizeof *regex);
    *faulty = false;
    if (!memory || !regex) return NULL;
    *faulty = pattern.size > MR_REGEX_PATTERN_MAX || has_class_arithmetic(pattern.data, pattern.size) ||
              !compile(memory->general, pattern.data, pattern.size, 0, regex, &code, &at) ||
              regex->groups > GROUPS_MAX;
    if (work->exhausted) *faulty = false;
    return *faulty || work->exhausted ? NULL : regex;
}

static void fail(mr_work *work, const char *what) {
    if (!work->failure) work->failure = what;
}

mr_text mr_regex_text(mr_work *work, mr_text text) {
    static const char unknown[] = "\xef\xbf\xbd";
    if (mr_utf8_valid(text.data, text.size)) return text;
    char *valid = mr_work_take(work, (size_t)text.size * 3);
    size_t written = 0;
    for (size_t at = 0; valid && at < text.size;) {
        size_t size = mr_utf8_sequence(text.data + at, text.data + text.size);
        memcpy(valid + written, size ? text.data + at : unknown, size ? size : 3);
        written += size ? size : 3;
        at += size ? size : 1;
    }
    return valid ? (mr_text){.data = valid, .size = (uint32_t)written} : (mr_text){.data = ""};
}

static int match(const mr_regex *regex, mr_work *work, mr_text text, size_t start) {
    struct mr_regex_memory *memory = memory_of(work);
    if (!memory) return PCRE2_ERROR_NOMEMORY;
    if (text.size > MR_REGEX_TEXT_MAX) {
        fail(work, "a text is too long for a regular expression (65,536 bytes)");
        return PCRE2_ERROR_NOMATCH;
    }
    uint32_t steps = STEPS / (text.size + 1);
    pcre2_set_match_limit(memory->match, steps > STEPS_LEAST ? steps : STEPS_LEAST);
    int found = pcre2_match(regex->code, (PCRE2_SPTR)text.data, text.size, start, PCRE2_NO_UTF_CHECK,
                            memory->data, memory->match);
    if (found < 0 && found != PCRE2_ERROR_NOMATCH && !work->exhausted)
        fail(work, "a regular expression needs too many steps for a text");
    return found;
}

bool mr_regex_find(const mr_regex *regex, mr_work *work, mr_text text, size_t start, size_t *from,
                   size_t *to) {
    if (match(regex, work, text, start) < 0) return false;
    const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(work->regex->data);
    *from = bounds[0], *to = bounds[1];
    return *from <= *to; /* \K can turn them round */
}

/* ---- Replace ---- */

/* The group that a `$` at `*at` names; behind it afterwards. Digits belong to the number as long as there is
 * such a group. False: there is none. */
static bool read_group(const mr_regex *regex, mr_text replacement, uint32_t *at, uint32_t *group) {
    const char *text = replacement.data;
    uint32_t i = *at + 1, end;
    if (i < replacement.size && text[i] == '{') {
        char name[34];
        for (end = ++i; end < replacement.size && text[end] != '}';) end++;
        if (end >= replacement.size || end - i >= sizeof name) return false;
        memcpy(name, text + i, end - i);
        name[end - i] = 0;
        int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name);
        *group = number > 0 ? (uint32_t)number : 0;
        *at = end + 1;
        return number > 0;
    }
    if (i >= replacement.size || text[i] < '0' || text[i] > '9') return false;
    *group = (uint32_t)(text[i++] - '0');
    if (*group > regex->groups) return false;
    for (; i < replacement.size && text[i] >= '0' && text[i] <= '9'; i++) {
        uint32_t next = *group * 10 + (uint32_t)(text[i] - '0');
        if (next > regex->groups) break;
        *group = next;
    }
    *at = i;
    return true;
}

/* The replacement of one match; to `to` unless that is NULL. SIZE_MAX: it is faulty. */
static size_t expand(const mr_regex *regex, mr_text replacement, mr_text text, const PCRE2_SIZE *bounds,
                     char *to) {
    size_t size = 0;
    for (uint32_t i = 0; i < replacement.size;) {
        if (replacement.data[i] == '$') {
            uint32_t group;
            if (!read_group(regex, replacement, &i, &group)) return SIZE_MAX;
            if (!bounds || bounds[2 * group] == PCRE2_UNSET) continue;
            size_t part = bounds[2 * group + 1] - bounds[2 * group];
            if (to) memcpy(to + size, text.data + bounds[2 * group], part);
            size += part;
            continue;
        }
        if (replacement.data[i] == '\\' && ++i >= replacement.size) return SIZE_MAX;
        if (to) to[size] = replacement.data[i];
        size++, i++;
    }
    return size;
}

bool mr_regex_takes(const mr_regex *regex, mr_text replacement) {
    return expand(regex, replacement, (mr_text){0}, NULL, NULL) != SIZE_MAX;
}

typedef struct buffer {
    char *data;
    size_t size, capacity;
} buffer;

/* Room for `size` more bytes. False: the scratch is too small, or the text becomes too long. */
static bool reserve(buffer *b, mr_work *work, size_t size) {
    if (b->size + size <= b->capacity) return true;
    if (b->size + size > 16 * MR_REGEX_TEXT_MAX) {
        fail(work, "a replacement makes a text longer than 1 MiB");
        return false;
    }
    size_t capacity = (b->size + size) * 2;
    char *data = mr_work_take(work, capacity);
    if (!data) return false;
    if (b->size) memcpy(data, b->data, b->size);
    b->data = data;
    b->capacity = capacity;
    return true;
}

static bool append(buffer *b, mr_work *work, const char *data, size_t size) {
    if (!reserve(b, work, size)) return false;
    if (size) memcpy(b->data + b->size, data, size);
    b->size += size;
    return true;
}

static size_t next_character(mr_text text, size_t at) {
    for (at++; at < text.size && ((unsigned char)text.data[at] & 0xc0) == 0x80;) at++;
    return at;
}

mr_text mr_regex_replace(const mr_regex *regex, mr_work *work, mr_text text, mr_text replacement,
                         bool literal, bool *faulty) {
    buffer out = {0};
    size_t copied = 0, at = 0;
    *faulty = !literal && !mr_regex_takes(regex, replacement);
    while (!*faulty && at <= text.size) {
        if (match(regex, work, text, at) < 0) break;
        const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(work->regex->data);
        if (bounds[0] > bounds[1] || bounds[0] < copied) break;
        size_t size = literal ? replacement.size : expand(regex, replacement, text, bounds, NULL);
        if (!append(&out, work, text.data + copied, bounds[0] - copied) || !reserve(&out, work, size)) break;
        if (!literal) expand(regex, replacement, text, bounds, out.data + out.size);
        else if (size) memcpy(out.data + out.size, replacement.data, size);
        out.size += size;
        copied = bounds[1];
        at = bounds[1] > bounds[0] ? bounds[1] : next_character(text, bounds[1]);
    }
    if (copied == 0 && out.size == 0) return text; /* nothing was found */
    append(&out, work, text.data + copied, text.size - copied);
    return (mr_text){.data = out.data, .size = (uint32_t)out.size};
}
