/* TextIndex, compiled: patterns and the terms that are constants, once for each element. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "core/model.h"
#include "pmml/expression/expression_build.h"
#include "pmml/expression/functions.h"
#include "pmml/expression/text_index.h"
#include "pmml/field/values.h"

static void *from_builder(void *builder, size_t size) {
    return mr_build_alloc(builder, size, 1);
}

/* Words of a text of the model. A rule with a regular expression needs a work to match with: its memory is
 * thrown away with the scratch, so it is made here. */
static mr_status cut_now(mr_builder *b, uint32_t element, const mr_word_rule *rule, const char *text,
                         mr_words *words) {
    mr_scratch scratch = {{0}};
    mr_status status = MR_OK;
    mr_arena_init(&scratch.arena, 1 << 16, 0);
    for (size_t size = 1 << 16;; size *= 4) {
        mr_work work = {.scratch = &scratch};
        if (!mr_arena_reserve(&scratch.arena, size)) status = mr_build_no_memory(b);
        if (status != MR_OK) break;
        mr_text whole = {.data = text, .size = (uint32_t)strlen(text)};
        if (mr_words_cut(rule, whole, &work, from_builder, b, words)) break;
        if (work.failure) status = mr_build_fail(b, element, MR_LIMIT, "%s", work.failure);
        else if (!work.exhausted) status = MR_NO_MEMORY;
        else if (size > 1 << 26) status = mr_build_no_memory(b);
        if (status != MR_OK) break;
    }
    mr_arena_free(&scratch.arena);
    if (status == MR_OK && words->count > MR_TERM_WORDS_MAX)
        status = mr_build_fail(b, element, MR_LIMIT, "a term with more than %d words", MR_TERM_WORDS_MAX);
    return status;
}

static mr_status read_flag(mr_builder *b, uint32_t element, mr_attribute_name name, bool *flag) {
    static const char *const words[] = {"false", "true", "0", "1", NULL};
    unsigned word = *flag;
    mr_status status = mr_build_word(b, element, name, words, &word);
    *flag = word & 1;
    return status;
}

static bool cuts_at_blanks(const char *separator) {
    return strcmp(separator, "\\s+") == 0 || strcmp(separator, "\\s") == 0;
}

/* Attributes that a <TextIndexNormalization> may set for itself. */
static mr_status read_rule(mr_builder *b, uint32_t element, mr_word_rule *rule) {
    double distance = rule->distance;
    bool tokenize = true;
    const char *separator = mr_build_text(b, element, A_wordSeparatorCharacterRE);
    const char *word = mr_build_text(b, element, A_x_wordRE);
    mr_status status = read_flag(b, element, A_isCaseSensitive, &rule->case_counts);
    if (status == MR_OK) status = read_flag(b, element, A_tokenize, &tokenize);
    if (status == MR_OK) status = mr_build_number(b, element, A_maxLevenshteinDistance, false, &distance);
    bool whole = mr_build_name(b, element) == E_TextIndexNormalization && distance == 0; /* no words there */
    if (status == MR_OK && !tokenize && !whole)
        status = mr_build_fail(b, element, MR_UNSUPPORTED, "tokenize=\"false\" is not supported here");
    if (status == MR_OK && !(distance >= 0 && distance <= 1000 && distance == floor(distance)))
        status = mr_build_fail(b, element, MR_INVALID_MODEL,
                               "maxLevenshteinDistance=\"%.20s\" is no whole number from 0 to 1000",
                               mr_build_text(b, element, A_maxLevenshteinDistance));
    if (status != MR_OK) return status;
    rule->distance = (uint32_t)distance;
    if (separator) {
        rule->word = rule->separator = NULL;
        if (!cuts_at_blanks(separator)) status = mr_regex_build(b, element, separator, 0, &rule->separator);
    }
    if (status == MR_OK && word) status = mr_regex_build(b, element, word, 0, &rule->word);
    return status;
}

static mr_status build_row(mr_builder *b, uint32_t element, uint32_t row, const mr_word_rule *rule,
                           mr_normalization_row *made) {
    const char *in_field = mr_build_text(b, element, A_inField),
               *out_field = mr_build_text(b, element, A_outField);
    const char *regex_field = mr_build_text(b, element, A_regexField);
    const char *in = mr_table_cell(b, row, in_field ? in_field : "string");
    const char *out = mr_table_cell(b, row, out_field ? out_field : "stem");
    const char *regex = mr_table_cell(b, row, regex_field ? regex_field : "regex");
    if (!in || !out)
        return mr_build_fail(b, row, MR_INVALID_MODEL, "a <row> without the column \"%.60s\"",
                             in ? (out_field ? out_field : "stem") : (in_field ? in_field : "string"));
    made->literal = !regex || strcasecmp(regex, "true") != 0;
    char *copy = mr_arena_copy(b->arena, out, strlen(out));
    if (!copy) return mr_build_no_memory(b);
    made->replacement = (mr_text){.data = copy, .size = (uint32_t)strlen(out)};
    unsigned flags = (rule->case_counts ? 0 : MR_REGEX_IGNORE_CASE) | (made->literal ? MR_REGEX_LITERAL : 0);
    if (made->literal && rule->distance > 0) {
        mr_words *words = mr_build_alloc(b, 1, sizeof *words);
        made->words = words;
        if (!words) return MR_NO_MEMORY;
        mr_status status = cut_now(b, row, rule, in, words);
        if (status == MR_OK && words->count > 0) return MR_OK;
        made->words = NULL;
        if (status != MR_OK) return status;
    }
    mr_status status = mr_regex_build(b, row, in, flags, &made->regex);
    if (status == MR_OK && !made->literal && !mr_regex_takes(made->regex, made->replacement))
        status = mr_build_fail(b, row, MR_INVALID_MODEL,
                               "the replacement \"%.60s\" names a group that the pattern does not have", out);
    return status;
}

static mr_status build_normalization(mr_builder *b, uint32_t element, const mr_word_rule *rule,
                                     mr_normalization *made) {
    uint32_t table;
    made->rule = *rule;
    mr_status status = read_rule(b, element, &made->rule);
    if (status == MR_OK) status = read_flag(b, element, A_recursive, &made->recursive);
    if (status == MR_OK) status = mr_build_table(b, element, &table);
    if (status != MR_OK) return status;
    MR_EACH_CHILD(b->document, table, row) made->count++;
    mr_normalization_row *rows = mr_build_alloc(b, made->count, sizeof *rows);
    if (!rows) return MR_NO_MEMORY;
    made->rows = rows;
    MR_EACH_CHILD(b->document, table, row) {
        status = build_row(b, element, row, &made->rule, rows++);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status build_index(mr_builder *b, uint32_t element, mr_text_index *index) {
    static const char *const weights[] = {"termFrequency", "binary", "logarithmic",
                                          "augmentedNormalizedTermFrequency", NULL};
    static const char *const counts[] = {"allHits", "bestHits", NULL};
    unsigned weight = 0, count = 0;
    mr_status status = mr_build_word(b, element, A_localTermWeights, weights, &weight);
    if (status == MR_OK) status = mr_build_word(b, element, A_countHits, counts, &count);
    if (status == MR_OK) status = read_rule(b, element, &index->rule);
    if (status != MR_OK) return status;
    index->weight = (mr_term_weight)weight;
    index->best_hits = count == 1;
    MR_EACH_CHILD(b->document, element, child)
    index->count += mr_build_name(b, child) == E_TextIndexNormalization;
    mr_normalization *list = mr_build_alloc(b, index->count, sizeof *list);
    if (!list) return MR_NO_MEMORY;
    index->normalizations = list;
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(b, child) != E_TextIndexNormalization) continue;
        status = build_normalization(b, child, &index->rule, list++);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* Of an element that stands in a function, all calls share one. */
static mr_status find_index(mr_builder *b, uint32_t element, const mr_text_index **found) {
    for (size_t i = 0; i < b->text_index_count; i++)
        if (b->text_indexes[i].element == element) {
            *found = b->text_indexes[i].index;
            return MR_OK;
        }
    mr_text_index *index = mr_build_alloc(b, 1, sizeof *index);
    if (!index) return MR_NO_MEMORY;
    *found = index;
    mr_status status = build_index(b, element, index);
    if (status != MR_OK || b->call_depth == 0) return status;
    if (!MR_GROW(b->text_indexes, b->text_index_count, b->text_index_capacity)) return mr_build_no_memory(b);
    b->text_indexes[b->text_index_count++] = (mr_built_text_index){element, index};
    return MR_OK;
}

mr_status mr_build_text_index(mr_builder *b, mr_scope *scope, uint32_t element, mr_expression *x) {
    mr_term_search *search = mr_build_alloc(b, 1, sizeof *search);
    mr_expression **arguments = mr_build_alloc(b, 2, sizeof(mr_expression *));
    mr_expression *text = mr_build_alloc(b, 1, sizeof *text);
    uint32_t term = MR_NONE;
    if (!search || !arguments || !text) return MR_NO_MEMORY;
    *x = (mr_expression){.op = X_TEXT_INDEX,
                         .line = x->line,
                         .count = 2,
                         .detail = search,
                         .arguments = (const mr_expression *const *)arguments};
    b->row_texts = true;
    text->op = X_FIELD;
    text->line = x->line;
    arguments[0] = text;
    MR_EACH_CHILD(b->document, element, child)
    if (mr_is_expression(mr_build_name(b, child))) term = child;
    if (term == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<TextIndex> lacks the expression of its term");
    mr_status status = mr_scope_find_attribute(b, scope, element, A_textField, &text->slot);
    if (status != MR_OK) return status;
    text->type = b->slots[text->slot].type;
    status = mr_build_conversion(b, element, T_STRING, &arguments[0]);
    if (status == MR_OK) status = mr_build_one(b, scope, term, T_STRING, &arguments[1]);
    if (status == MR_OK) status = mr_build_conversion(b, term, T_STRING, &arguments[1]);
    if (status == MR_OK) status = find_index(b, element, &search->index);
    if (status != MR_OK) return status;
    bool whole = search->index->weight == WEIGHT_FREQUENCY || search->index->weight == WEIGHT_BINARY;
    x->type = whole ? T_INTEGER : T_DOUBLE;
    const char *constant = mr_constant_text(b, arguments[1]);
    if (!constant) return MR_OK;
    mr_words *words = mr_build_alloc(b, 1, sizeof *words);
    if (!words) return MR_NO_MEMORY;
    search->term = words;
    return cut_now(b, term, &search->index->rule, constant, words);
}
