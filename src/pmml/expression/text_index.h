/* TextIndex: how often a term stands in a text.
 *
 * The text is normalized by tables, one after the other, cut into words, and the words of the term are looked
 * for. Words of a text are hashed, so a term costs no look at those that differ, and a row cuts each text
 * only once, however many terms ask for it.
 */
#ifndef MR_PMML_TEXT_INDEX_H
#define MR_PMML_TEXT_INDEX_H

#include "pmml/expression/expression.h"
#include "pmml/expression/regex.h"

enum { MR_TERM_WORDS_MAX = 256 };

typedef struct mr_word {
    const char *data; /* in lower case where case does not count */
    uint32_t size, hash;
    uint32_t from, to; /* where it stands in the text */
    uint32_t next;     /* the next place in its bucket, from 1; 0: none */
} mr_word;

typedef struct mr_words {
    uint32_t count, capacity;
    mr_word *items;
    uint32_t *buckets; /* [bucket_count]: the first place, from 1; NULL: not hashed */
    uint32_t bucket_count;
} mr_words;

/* How words are cut and compared. */
typedef struct mr_word_rule {
    bool case_counts;
    uint32_t distance;         /* changed letters that are let pass, in all words together */
    const mr_regex *separator; /* NULL: blanks */
    const mr_regex *word;      /* not NULL: what it finds are the words */
} mr_word_rule;

typedef struct mr_normalization_row {
    const mr_regex *regex;
    const mr_words *words; /* not NULL: they are looked for by the rule instead */
    mr_text replacement;
    bool literal; /* no groups in the replacement */
} mr_normalization_row;

typedef struct mr_normalization {
    mr_word_rule rule;
    bool recursive;
    uint32_t count;
    const mr_normalization_row *rows;
} mr_normalization;

typedef enum mr_term_weight {
    WEIGHT_FREQUENCY,
    WEIGHT_BINARY,
    WEIGHT_LOGARITHMIC,
    WEIGHT_AUGMENTED
} mr_term_weight;

/* Of the element: calls of one function share it. */
typedef struct mr_text_index {
    mr_word_rule rule;
    mr_term_weight weight;
    bool best_hits;
    uint32_t count;
    const mr_normalization *normalizations;
} mr_text_index;

/* x->detail of X_TEXT_INDEX; arguments[0] is the text, arguments[1] the term. */
typedef struct mr_term_search {
    const mr_text_index *index;
    const mr_words *term; /* of a constant; NULL: cut for each row */
} mr_term_search;

/* words.c. Cuts a text into words whose memory comes from `take`. False: memory, or work->failure, is why. */
typedef void *mr_word_memory(void *context, size_t size);
bool mr_words_cut(const mr_word_rule *rule, mr_text text, mr_work *work, mr_word_memory *take, void *context,
                  mr_words *words);
/* Distance of the term from the words at `place`; UINT32_MAX: it does not stand there. */
uint32_t mr_words_distance(const mr_word_rule *rule, const mr_words *words, uint32_t place,
                           const mr_words *term);
/* Puts them in buckets. */
bool mr_words_hash(mr_words *words, mr_work *work);

mr_slot mr_text_index_evaluate(const mr_expression *x, mr_work *work);

#endif
