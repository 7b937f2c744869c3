/* Hash of bytes for tables in memory: SipHash-1-3 (Aumasson, Bernstein 2012) with a seed drawn once per
 * table, so that nobody can choose keys that collide. Never written to a disk or a wire. Any thread. */
#ifndef MR_BASE_HASH_H
#define MR_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t mr_hash_seed(void); /* random */
uint64_t mr_hash(uint64_t seed, const void *data, size_t size);

#endif
