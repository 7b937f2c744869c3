/* Texts: the strings that one row has and the model does not.
 *
 * A string is a number. Below work->text_count it is one of the model's texts, the same in every row;
 * from there on it is one of the row's own, kept in a hash table that lives in the scratch and is empty
 * again for each row. Strings are found by their bytes, first among the model's, so equal strings have
 * equal numbers and everything else may compare numbers. A model where nothing looks at such strings has no
 * `text_map`: they all are 0 then, and no string is ever looked at.
 */
#include <string.h>

#include "pmml/document/map.h"
#include "pmml/program.h"

typedef struct mr_row_text {
    mr_text text;
    uint64_t hash;
    uint32_t next; /* in its bucket, from 1; 0: none */
    bool borrowed; /* bytes of the record, not of the scratch */
} mr_row_text;

static bool grow(mr_work *work) {
    uint32_t capacity = work->row_text_capacity ? work->row_text_capacity * 2 : 16;
    mr_row_text *texts = mr_work_take(work, capacity * sizeof *texts);
    uint32_t *buckets = mr_work_take(work, capacity * sizeof *buckets);
    if (!texts || !buckets) return false;
    memset(buckets, 0, capacity * sizeof *buckets);
    if (work->row_text_count) memcpy(texts, work->row_texts, work->row_text_count * sizeof *texts);
    for (uint32_t i = 0; i < work->row_text_count; i++) {
        uint32_t *bucket = &buckets[texts[i].hash & (capacity - 1)];
        texts[i].next = *bucket;
        *bucket = i + 1;
    }
    work->row_texts = texts;
    work->row_buckets = buckets;
    work->row_text_capacity = capacity;
    return true;
}

void mr_work_forget_texts(mr_work *work) {
    if (work->row_text_count)
        memset(work->row_buckets, 0, work->row_text_capacity * sizeof *work->row_buckets);
    work->row_text_count = 0;
    work->cut_texts = NULL;
}

uint32_t mr_work_intern(mr_work *work, const char *data, size_t size, bool borrowed) {
    if (!work->text_map) return 0;
    const mr_map_item *item = mr_map_find(work->text_map, data, size);
    if (item) return item->value;
    uint64_t hash = mr_map_hash(data, size);
    for (uint32_t i = work->row_text_count ? work->row_buckets[hash & (work->row_text_capacity - 1)] : 0; i;
         i = work->row_texts[i - 1].next) {
        const mr_row_text *t = &work->row_texts[i - 1];
        if (t->hash == hash && t->text.size == size && memcmp(t->text.data, data, size) == 0)
            return work->text_count + i - 1;
    }
    if (size > UINT32_MAX || (work->row_text_count == work->row_text_capacity && !grow(work))) return 0;
    uint32_t *bucket = &work->row_buckets[hash & (work->row_text_capacity - 1)];
    work->row_texts[work->row_text_count] =
        (mr_row_text){{.data = data, .size = (uint32_t)size}, hash, *bucket, borrowed};
    *bucket = ++work->row_text_count;
    return work->text_count + work->row_text_count - 1;
}

mr_text mr_work_text(const mr_work *work, uint32_t number) {
    if (number < work->text_count) return work->texts[number];
    return work->row_texts[number - work->text_count].text;
}

mr_text mr_work_lasting_text(mr_work *work, uint32_t number) {
    mr_text text = mr_work_text(work, number);
    if (number < work->text_count || !work->row_texts[number - work->text_count].borrowed) return text;
    char *copy = mr_work_take(work, text.size);
    if (!copy) return (mr_text){.data = ""};
    text.data = memcpy(copy, text.data, text.size);
    work->row_texts[number - work->text_count].text.data = copy;
    work->row_texts[number - work->text_count].borrowed = false;
    return text;
}
