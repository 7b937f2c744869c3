/* Map: strings to numbers, by open addressing; keys are borrowed and must outlive it. */
#ifndef MR_PMML_MAP_H
#define MR_PMML_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mr_map_item {
    const char *key; /* NULL: free */
    uint32_t size;
    uint32_t value;
} mr_map_item;

typedef struct mr_map {
    mr_map_item *items;
    size_t count;
    size_t capacity; /* 0 or a power of two */
} mr_map;

size_t mr_map_hash(const char *key, size_t size);
/* The item of a key, or NULL. Valid until the next mr_map_put. */
mr_map_item *mr_map_find(const mr_map *map, const char *key, size_t size);
/* Adds a key that is not there. False: memory is out, the map is as it was. */
bool mr_map_put(mr_map *map, const char *key, size_t size, uint32_t value);
void mr_map_free(mr_map *map);

#endif
