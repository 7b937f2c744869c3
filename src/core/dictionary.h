/* Dictionary: strings to codes, append-only and bounded.
 *
 * An open-addressing hash table of pointers to immutable entries. Readers load one atomic pointer to
 * the table and probe; they never lock. Writers take a mutex, publish an entry with a release store,
 * and, when the table is three quarters full, a table of twice the size; old tables stay until the
 * end, since a reader may still probe one (they add up to less than the last table). Any thread.
 */
#ifndef MR_CORE_DICTIONARY_H
#define MR_CORE_DICTIONARY_H

#include "millrace/schema.h"

typedef struct mr_dictionary mr_dictionary;

mr_status mr_dictionary_new(uint32_t limit, mr_dictionary **dictionary, mr_error *error); /* returns owned */
mr_dictionary *mr_dictionary_retain(mr_dictionary *dictionary);
void mr_dictionary_release(mr_dictionary *dictionary); /* NULL is allowed */

uint32_t mr_dictionary_find(const mr_dictionary *dictionary, const char *data,
                            size_t size); /* 0: not there */
mr_status mr_dictionary_add(mr_dictionary *dictionary, const char *data, size_t size, uint32_t *code,
                            mr_error *error);
uint32_t mr_dictionary_end(const mr_dictionary *dictionary); /* every code is below */

#endif
