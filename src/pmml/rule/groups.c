/* Groups, found by a hash table of their first rows: linear probing, at most half full. */
#include "pmml/rule/groups.h"

#include <string.h>

#include "base/hash.h"

static size_t table_size(uint32_t rows) {
    size_t size = 4;
    while (size < (size_t)rows * 2) size *= 2;
    return size;
}

size_t mr_groups_size(uint32_t rows) {
    return (table_size(rows) + (size_t)rows * 3) * sizeof(uint32_t);
}

/* A value as bytes that are the same for the same value. */
typedef struct key {
    const char *data;
    size_t size;
    uint8_t state;
    double number;
} key;

static void read_key(const mr_column *column, uint32_t row, key *k) {
    *k = (key){.state = MR_CELL_MISSING};
    if (!column || !column->data) return;
    k->state = column->state ? *mr_cell_state_at(column, row) : MR_CELL_PRESENT;
    if (k->state != MR_CELL_PRESENT) return;
    const void *cell = mr_cell(column, row);
    switch (column->type) {
    case MR_TYPE_STRING:
        k->data = ((const mr_text *)cell)->data;
        k->size = ((const mr_text *)cell)->size;
        return;
    case MR_TYPE_DOUBLE:
        k->number = *(const double *)cell + 0.0; /* -0.0 is 0.0 */
        break;
    case MR_TYPE_FLOAT:
        k->number = (double)*(const float *)cell + 0.0;
        break;
    case MR_TYPE_INTEGER:
        k->data = cell;
        k->size = sizeof(int64_t);
        return;
    default:
        k->number = *(const uint8_t *)cell != 0;
        break;
    }
    k->data = (const char *)&k->number;
    k->size = sizeof k->number;
}

static bool same(const key *a, const key *b) {
    return a->state == b->state && a->size == b->size &&
           (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

void mr_groups_find(const mr_column *column, uint32_t rows, uint64_t seed, void *memory, mr_groups *groups) {
    size_t size = table_size(rows);
    uint32_t *table = memory, *first = table + size, *last = first + rows, *next = last + rows;
    memset(table, 0, size * sizeof *table);
    *groups = (mr_groups){0, first, next};
    for (uint32_t row = 0; row < rows; row++) {
        key value, other;
        read_key(column, row, &value);
        size_t at = (mr_hash(seed, value.data, value.size) + value.state) & (size - 1);
        for (; table[at]; at = (at + 1) & (size - 1)) { /* holds the group's number from 1 */
            read_key(column, first[table[at] - 1], &other);
            if (same(&value, &other)) break;
        }
        next[row] = UINT32_MAX;
        if (!table[at]) {
            table[at] = ++groups->count;
            first[groups->count - 1] = row;
        } else {
            next[last[table[at] - 1]] = row;
        }
        last[table[at] - 1] = row;
    }
}
