/* Map: linear probing, at most half full, FNV-1a with a final mix. */
#include "pmml/document/map.h"

#include <string.h>

#include "base/memory.h"

size_t mr_map_hash(const char *key, size_t size) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < size; i++) h = (h ^ (unsigned char)key[i]) * 1099511628211u;
    return (size_t)(h ^ (h >> 32));
}

static mr_map_item *place(const mr_map_item *items, size_t capacity, const char *key, size_t size) {
    size_t at = mr_map_hash(key, size) & (capacity - 1);
    while (items[at].key && (items[at].size != size || memcmp(items[at].key, key, size) != 0))
        at = (at + 1) & (capacity - 1);
    return (mr_map_item *)(uintptr_t)&items[at];
}

mr_map_item *mr_map_find(const mr_map *map, const char *key, size_t size) {
    if (map->capacity == 0) return NULL;
    mr_map_item *item = place(map->items, map->capacity, key, size);
    return item->key ? item : NULL;
}

bool mr_map_put(mr_map *map, const char *key, size_t size, uint32_t value) {
    if (size > UINT32_MAX) return false;
    if (map->count * 2 >= map->capacity) {
        size_t capacity = map->capacity ? map->capacity * 2 : 16;
        mr_map_item *items = mr_alloc_zero(capacity, sizeof *items);
        if (!items) return false;
        for (size_t i = 0; i < map->capacity; i++)
            if (map->items[i].key)
                *place(items, capacity, map->items[i].key, map->items[i].size) = map->items[i];
        mr_free(map->items);
        map->items = items;
        map->capacity = capacity;
    }
    *place(map->items, map->capacity, key, size) = (mr_map_item){key, (uint32_t)size, value};
    map->count++;
    return true;
}

void mr_map_free(mr_map *map) {
    mr_free(map->items);
    *map = (mr_map){0};
}
