/* Words: a text cut at its separators, each part without the punctuation around it; parts of nothing else are
 * none. */
#include <string.h>

#include "pmml/expression/text_index.h"
#include "pmml/expression/unicode.h"
#include "pmml/expression/utf8.h"

static uint32_t hash(const char *data, size_t size) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < size; i++) h = (h ^ (unsigned char)data[i]) * 16777619u;
    return h ^ (h >> 15);
}

typedef struct cutter {
    const mr_word_rule *rule;
    mr_text text;
    mr_word_memory *take;
    void *context;
    mr_words *words;
} cutter;

static bool grow(cutter *c) {
    mr_words *w = c->words;
    uint32_t capacity = w->capacity ? w->capacity * 2 : 4;
    mr_word *items = c->take(c->context, capacity * sizeof *items);
    if (!items) return false;
    if (w->count) memcpy(items, w->items, w->count * sizeof *items);
    w->items = items;
    w->capacity = capacity;
    return true;
}

/* The part of a text as a word. False: memory is out. */
static bool add(cutter *c, size_t from, size_t to) {
    mr_words *w = c->words;
    const char *data = c->text.data + from;
    size_t size = to - from;
    if (w->count == w->capacity && !grow(c)) return false;
    if (!c->rule->case_counts) {
        size_t length = mr_change_case(data, size, false, NULL);
        char *lower = c->take(c->context, length);
        if (!lower) return false;
        mr_change_case(data, size, false, lower);
        data = lower;
        size = length;
    }
    w->items[w->count++] = (mr_word){data, (uint32_t)size, hash(data, size), (uint32_t)from, (uint32_t)to, 0};
    return true;
}

static bool starts_character(const char *text, size_t at) {
    return ((unsigned char)text[at] & 0xc0) != 0x80;
}

static bool add_trimmed(cutter *c, size_t from, size_t to) {
    const char *text = c->text.data;
    uint32_t code;
    while (from < to) {
        size_t size = mr_utf8_read(text + from, to - from, &code);
        if (!mr_is_punctuation(code)) break;
        from += size;
    }
    while (to > from) {
        size_t last = to - 1;
        while (last > from && !starts_character(text, last)) last--;
        mr_utf8_read(text + last, to - last, &code);
        if (!mr_is_punctuation(code)) break;
        to = last;
    }
    return from == to || add(c, from, to);
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool cut_at_blanks(cutter *c) {
    size_t at = 0;
    while (at < c->text.size) {
        size_t from = at;
        while (at < c->text.size && !is_blank(c->text.data[at])) at++;
        if (at > from && !add_trimmed(c, from, at)) return false;
        while (at < c->text.size && is_blank(c->text.data[at])) at++;
    }
    return true;
}

static bool cut_by_regex(cutter *c, const mr_regex *regex, mr_work *work) {
    bool words = c->rule->word != NULL;
    size_t at = 0, begin = 0, from, to;
    while (at <= c->text.size && mr_regex_find(regex, work, c->text, at, &from, &to)) {
        if (words && to > from && !add(c, from, to)) return false;
        if (!words && to > from && from > begin && !add_trimmed(c, begin, from)) return false;
        if (to > from) begin = to;
        at = to > at ? to : at + 1;
        while (at < c->text.size && !starts_character(c->text.data, at)) at++;
    }
    if (work->failure || work->exhausted) return false;
    return words || begin >= c->text.size || add_trimmed(c, begin, c->text.size);
}

bool mr_words_cut(const mr_word_rule *rule, mr_text text, mr_work *work, mr_word_memory *take, void *context,
                  mr_words *words) {
    cutter c = {rule, text, take, context, words};
    *words = (mr_words){0};
    const mr_regex *regex = rule->word ? rule->word : rule->separator;
    return regex ? cut_by_regex(&c, regex, work) : cut_at_blanks(&c);
}

bool mr_words_hash(mr_words *words, mr_work *work) {
    uint32_t count = 16;
    while (count < words->count) count *= 2;
    words->buckets = mr_work_take(work, count * sizeof *words->buckets);
    if (!words->buckets) return false;
    words->bucket_count = count;
    memset(words->buckets, 0, count * sizeof *words->buckets);
    for (uint32_t i = words->count; i-- > 0;) {
        uint32_t *bucket = &words->buckets[words->items[i].hash & (count - 1)];
        words->items[i].next = *bucket;
        *bucket = i + 1;
    }
    return true;
}

/* Insertions, deletions and changes of characters that make one of the other, when at most `limit`, else
 * more. The matrix of Wagner and Fischer, of which only the diagonals within `limit` are filled. */
enum { LETTERS_MAX = 256 };

static uint32_t letters(const mr_word *word, uint32_t *codes) {
    uint32_t count = 0;
    for (size_t at = 0; at < word->size; count++) {
        uint32_t code;
        at += mr_utf8_read(word->data + at, word->size - at, &code);
        if (count < LETTERS_MAX) codes[count] = code;
    }
    return count;
}

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t edit_distance(const mr_word *a, const mr_word *b, uint32_t limit) {
    uint32_t x[LETTERS_MAX], y[LETTERS_MAX], row[LETTERS_MAX + 1];
    uint32_t m = letters(a, x), n = letters(b, y);
    if (m > n + limit || n > m + limit) return limit + 1;
    if (m > LETTERS_MAX || n > LETTERS_MAX)
        return a->size == b->size && memcmp(a->data, b->data, a->size) == 0 ? 0 : limit + 1;
    for (uint32_t j = 0; j <= n; j++) row[j] = j;
    for (uint32_t i = 1; i <= m; i++) {
        uint32_t from = i > limit ? i - limit : 1, to = smaller(n, i + limit), least = limit + 1;
        uint32_t diagonal = row[from - 1];
        row[from - 1] = from == 1 ? i : limit + 1;
        for (uint32_t j = from; j <= to; j++) {
            uint32_t above = j == i + limit ? limit + 1 : row[j];
            uint32_t value = smaller(diagonal + (x[i - 1] != y[j - 1]), smaller(above, row[j - 1]) + 1);
            diagonal = row[j];
            row[j] = value;
            least = smaller(least, value);
        }
        if (least > limit) return limit + 1;
    }
    return row[n];
}

uint32_t mr_words_distance(const mr_word_rule *rule, const mr_words *words, uint32_t place,
                           const mr_words *term) {
    uint32_t distance = 0;
    if (place + (uint64_t)term->count > words->count) return UINT32_MAX;
    for (uint32_t i = 0; i < term->count; i++) {
        const mr_word *a = &words->items[place + i], *b = &term->items[i];
        if (a->hash == b->hash && a->size == b->size && memcmp(a->data, b->data, a->size) == 0) continue;
        uint32_t left = rule->distance - distance;
        if (left == 0) return UINT32_MAX;
        uint32_t more = edit_distance(a, b, left);
        if (more > left) return UINT32_MAX;
        distance += more;
    }
    return distance;
}
