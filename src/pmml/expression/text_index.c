/* TextIndex, evaluated: normalized and cut texts are kept until the row ends. */
#include "pmml/expression/text_index.h"

#include <math.h>
#include <string.h>

/* Recursive tables end after so many passes; all rows of all tables look at so many bytes. */
enum { PASSES_MAX = 100, BYTES_MAX = 1 << 28 };

struct mr_cut_text {
    const mr_text_index *index;
    uint32_t text; /* number */
    mr_words words;
    struct mr_cut_text *next;
};

static void *from_scratch(void *work, size_t size) {
    return mr_work_take(work, size);
}

/* Every place where the row's words stand becomes its replacement. */
static bool replace_words(const mr_normalization *n, const mr_normalization_row *row, mr_work *work,
                          mr_text *text) {
    mr_words words;
    uint64_t size = text->size;
    if (!mr_words_cut(&n->rule, *text, work, from_scratch, work, &words)) return false;
    for (uint32_t i = 0; i < words.count;) {
        bool found = mr_words_distance(&n->rule, &words, i, row->words) != UINT32_MAX;
        if (found) size += row->replacement.size;
        i += found ? row->words->count : 1;
    }
    if (size == text->size) return true;
    char *out = size <= 16 * MR_REGEX_TEXT_MAX ? mr_work_take(work, size) : NULL;
    if (!out) return false;
    size_t at = 0, copied = 0;
    for (uint32_t i = 0; i < words.count;) {
        if (mr_words_distance(&n->rule, &words, i, row->words) == UINT32_MAX) {
            i++;
            continue;
        }
        size_t from = words.items[i].from;
        i += row->words->count;
        memcpy(out + at, text->data + copied, from - copied);
        at += from - copied;
        memcpy(out + at, row->replacement.data, row->replacement.size);
        at += row->replacement.size;
        copied = words.items[i - 1].to;
    }
    memcpy(out + at, text->data + copied, text->size - copied);
    *text = (mr_text){.data = out, .size = (uint32_t)(at + text->size - copied)};
    return true;
}

static bool fail(const mr_expression *x, mr_work *work, const char *what) {
    mr_expression_fail(x, work, what);
    return false;
}

/* Each row once, from the first to the last. */
static bool pass(const mr_expression *x, const mr_normalization *n, mr_work *work, mr_text *text,
                 uint64_t *bytes) {
    for (uint32_t i = 0; i < n->count; i++) {
        const mr_normalization_row *row = &n->rows[i];
        bool faulty = false;
        if (text->size > MR_REGEX_TEXT_MAX)
            return fail(x, work, "the text of a <TextIndex> is too long (65,536 bytes)");
        *bytes += text->size + 64;
        if (*bytes > BYTES_MAX) return fail(x, work, "normalizing the text of a <TextIndex> takes too long");
        if (!row->words)
            *text = mr_regex_replace(row->regex, work, *text, row->replacement, row->literal, &faulty);
        else if (!replace_words(n, row, work, text)) return false;
        if (work->failure || work->exhausted) return false;
    }
    return true;
}

static bool normalize(const mr_expression *x, const mr_text_index *index, mr_work *work, mr_text *text) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < index->count; i++) {
        const mr_normalization *n = &index->normalizations[i];
        for (uint32_t round = 0;; round++) {
            mr_text before = *text;
            if (!pass(x, n, work, text, &bytes)) return false;
            bool changed = before.size != text->size || memcmp(before.data, text->data, text->size) != 0;
            if (!n->recursive || !changed) break;
            if (round == PASSES_MAX)
                return fail(x, work, "a recursive <TextIndexNormalization> does not come to an end");
        }
    }
    return true;
}

/* The words of a text, cut once a row. NULL: the scratch is too small, or work->failure is set. */
static const mr_words *cut(const mr_expression *x, const mr_text_index *index, mr_work *work,
                           uint32_t number) {
    for (struct mr_cut_text *c = work->cut_texts; c; c = c->next)
        if (c->index == index && c->text == number) return &c->words;
    struct mr_cut_text *made = mr_work_take(work, sizeof *made);
    mr_text text = mr_work_text(work, number);
    if (!made) return NULL;
    if (text.size > MR_REGEX_TEXT_MAX) {
        fail(x, work, "the text of a <TextIndex> is too long (65,536 bytes)");
        return NULL;
    }
    *made = (struct mr_cut_text){index, number, {0}, work->cut_texts};
    text = mr_regex_text(work, text);
    if (!normalize(x, index, work, &text)) return NULL;
    if (!mr_words_cut(&index->rule, text, work, from_scratch, work, &made->words)) return NULL;
    if (!mr_words_hash(&made->words, work)) return NULL;
    work->cut_texts = made;
    return &made->words;
}

/* Hits; where only the best count, those of the least distance. */
static uint32_t count_term(const mr_text_index *index, const mr_words *words, const mr_words *term) {
    uint32_t hits = 0, best = UINT32_MAX;
    if (term->count == 0) return 0;
    if (index->rule.distance == 0) {
        uint32_t place = words->buckets[term->items[0].hash & (words->bucket_count - 1)];
        for (; place; place = words->items[place - 1].next)
            hits += mr_words_distance(&index->rule, words, place - 1, term) == 0;
        return hits;
    }
    for (uint32_t i = 0; i < words->count; i++) {
        uint32_t distance = mr_words_distance(&index->rule, words, i, term);
        if (distance == UINT32_MAX || (index->best_hits && distance > best)) continue;
        hits = index->best_hits && distance < best ? 1 : hits + 1;
        best = distance < best ? distance : best;
    }
    return hits;
}

/* How often the most frequent word of the text stands in it. */
static uint32_t most_frequent(const mr_words *words) {
    uint32_t most = 1;
    for (uint32_t i = 0; i < words->count; i++) {
        uint32_t count = 0, later = 0;
        const mr_word *word = &words->items[i];
        for (uint32_t place = words->buckets[word->hash & (words->bucket_count - 1)]; place;
             place = words->items[place - 1].next) {
            const mr_word *other = &words->items[place - 1];
            if (other->hash != word->hash || other->size != word->size ||
                memcmp(other->data, word->data, word->size) != 0)
                continue;
            if (place - 1 < i) break; /* counted at its first place */
            count++;
            later++;
        }
        if (later && count > most) most = count;
    }
    return most;
}

static double weigh(const mr_text_index *index, const mr_words *words, uint32_t hits) {
    switch (index->weight) {
    case WEIGHT_BINARY:
        return hits > 0;
    case WEIGHT_LOGARITHMIC:
        return log10(1 + (double)hits);
    case WEIGHT_AUGMENTED:
        return hits ? 0.5 * (1 + (double)hits / most_frequent(words)) : 0;
    default:
        return hits;
    }
}

mr_slot mr_text_index_evaluate(const mr_expression *x, mr_work *work) {
    const mr_term_search *search = x->detail;
    const mr_slot missing = {.missing = SLOT_MISSING};
    mr_slot text = mr_expression_evaluate(x->arguments[0], work);
    mr_slot term = search->term ? (mr_slot){0} : mr_expression_evaluate(x->arguments[1], work);
    if (text.missing || term.missing || work->failure) return missing;
    mr_words term_words;
    const mr_words *words = cut(x, search->index, work, text.text), *wanted = search->term;
    if (words && !wanted) {
        mr_text phrase = mr_regex_text(work, mr_work_text(work, term.text));
        if (phrase.size > MR_REGEX_TEXT_MAX ||
            !mr_words_cut(&search->index->rule, phrase, work, from_scratch, work, &term_words))
            return missing;
        if (term_words.count > MR_TERM_WORDS_MAX)
            return mr_expression_fail(x, work, "a term has more than 256 words");
        wanted = &term_words;
    }
    if (!words) return missing;
    return (mr_slot){.number = weigh(search->index, words, count_term(search->index, words, wanted))};
}
