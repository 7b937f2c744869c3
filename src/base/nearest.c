/* Three rows of the usual table are enough: a swap looks back two. */
#include "base/nearest.h"

#include <limits.h>
#include <stdbool.h>

static char folded(char c) {
    return c == '-' ? '_' : c;
}

unsigned mr_edits(const char *a, size_t a_size, const char *b, size_t b_size) {
    unsigned rows[3][MR_EDITS_MAX + 1];
    if (a_size > MR_EDITS_MAX || b_size > MR_EDITS_MAX) return UINT_MAX;
    for (unsigned j = 0; j <= b_size; j++) rows[0][j] = j;
    for (unsigned i = 1; i <= a_size; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= b_size; j++) {
            unsigned best = before[j - 1] + (folded(a[i - 1]) != folded(b[j - 1]));
            if (before[j] + 1 < best) best = before[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && earlier[j - 2] + 1 < best) best = earlier[j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[a_size % 3][b_size];
}

unsigned mr_edits_allowed(size_t size) {
    return size < 4 ? 1 : size < 9 ? 2 : 3;
}
