/* SipHash with one compression and three finalisation rounds; see hash.h. */
#include "base/hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

uint64_t mr_hash_seed(void) {
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed) return seed;
    struct timespec now; /* early in the boot there may be no entropy yet */
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15u ^ (uint64_t)(uintptr_t)&now;
}

static uint64_t rotate(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

static void round_of(uint64_t v[4]) {
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static void compress(uint64_t v[4], uint64_t word) {
    v[3] ^= word;
    round_of(v);
    v[0] ^= word;
}

uint64_t mr_hash(uint64_t seed, const void *data, size_t size) {
    const unsigned char *bytes = data;
    uint64_t second = rotate(seed, 32) ^ 0xA5A5A5A5A5A5A5A5u;
    uint64_t v[4] = {seed ^ 0x736F6D6570736575u, second ^ 0x646F72616E646F6Du, seed ^ 0x6C7967656E657261u,
                     second ^ 0x7465646279746573u};
    size_t left = size;
    for (; left >= 8; left -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        compress(v, word);
    }
    uint64_t last = 0;
    if (left > 0) memcpy(&last, bytes, left);
    compress(v, last | (uint64_t)size << 56);
    v[2] ^= 0xFF;
    for (int i = 0; i < 3; i++) round_of(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
