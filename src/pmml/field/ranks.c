/* Ranks: the declared values, sorted, each with its place in the declaration. */
#include "pmml/field/ranks.h"

#include <stdlib.h>

typedef struct rank {
    mr_slot value; /* `missing` is its rank */
} rank;

typedef struct ranks {
    bool texts;
    uint32_t count;
    const rank *items; /* sorted by value */
} ranks;

static int by_text(const void *a, const void *b) {
    const rank *x = a, *y = b;
    return (x->value.text > y->value.text) - (x->value.text < y->value.text);
}

static int by_number(const void *a, const void *b) {
    const rank *x = a, *y = b;
    return (x->value.number > y->value.number) - (x->value.number < y->value.number);
}

mr_status mr_ranks_values(mr_builder *b, const mr_slot_info *info, const mr_slot **values, uint32_t *count) {
    uint32_t room = 0;
    *count = 0;
    MR_EACH_CHILD(b->document, info->data_field, child) room++;
    mr_slot *list = mr_build_alloc(b, room, sizeof *list);
    if (!list) return MR_NO_MEMORY;
    *values = list;
    MR_EACH_CHILD(b->document, info->data_field, child) {
        static const char *const properties[] = {"valid", "invalid", "missing", NULL};
        unsigned property = 0;
        const char *text = mr_build_text(b, child, A_value);
        bool ok = text != NULL;
        if (mr_build_name(b, child) != E_Value) continue;
        mr_status status = mr_build_word(b, child, A_property, properties, &property);
        if (property != 0 || !text) continue;
        if (status == MR_OK) status = mr_build_value(b, text, info->type, &list[*count], &ok);
        if (status != MR_OK) return status;
        *count += ok;
    }
    return MR_OK;
}

mr_status mr_ranks_build(mr_builder *b, const mr_slot_info *info, const void **result) {
    const mr_slot *values;
    uint32_t count;
    *result = NULL;
    if (!info || info->measure != MR_ORDINAL || info->data_field == MR_NONE) return MR_OK;
    mr_status status = mr_ranks_values(b, info, &values, &count);
    if (status != MR_OK || count == 0) return status;
    bool texts = info->type == T_STRING, rises = !texts;
    for (uint32_t i = 1; i < count && rises; i++) rises = values[i - 1].number < values[i].number;
    if (rises) return MR_OK;
    ranks *made = mr_build_alloc(b, 1, sizeof *made);
    rank *items = mr_build_alloc(b, count, sizeof *items);
    if (!made || !items) return MR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        items[i].value = values[i];
        items[i].value.missing = i;
    }
    qsort(items, count, sizeof *items, texts ? by_text : by_number);
    *made = (ranks){texts, count, items};
    *result = made;
    return MR_OK;
}

static bool find(const ranks *r, const mr_slot *value, uint32_t *place) {
    rank key = {*value};
    const rank *item = bsearch(&key, r->items, r->count, sizeof key, r->texts ? by_text : by_number);
    if (item) *place = item->value.missing;
    return item != NULL;
}

int mr_ranks_compare(const void *made, const mr_slot *a, const mr_slot *b) {
    uint32_t x, y;
    if (!find(made, a, &x) || !find(made, b, &y)) return 2;
    return (x > y) - (x < y);
}
