/* Powers of ten to 128 bits, for number.c and number_print.c alone. */
#ifndef MR_BASE_NUMBER_POWERS_H
#define MR_BASE_NUMBER_POWERS_H

#include <stdint.h>

/* high * 2^64 + low = floor(10^k * 2^s), s such that the highest bit is set. Exact for k in 0..55. */
typedef struct mr_power_of_ten {
    uint64_t high;
    uint64_t low;
} mr_power_of_ten;

enum { MR_POWER_FIRST = -342, MR_POWER_LAST = 324 };

extern const mr_power_of_ten mr_powers_of_ten[MR_POWER_LAST - MR_POWER_FIRST + 1];

__extension__ typedef unsigned __int128 mr_uint128;

#endif
