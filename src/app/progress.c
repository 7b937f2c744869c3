/* Progress: how far a file is read is its position, which is right to the reader's buffer. */
#include "app/progress.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { EVERY_NS = 200000000 };

void mr_progress_start(mr_progress *p, FILE *in, FILE *data) {
    struct stat facts;
    *p = (mr_progress){.on = isatty(STDERR_FILENO) && !isatty(fileno(data)), .start = mr_monotonic_ns()};
    p->shown = p->start;
    if (p->on && fstat(fileno(in), &facts) == 0 && S_ISREG(facts.st_mode)) p->size = (uint64_t)facts.st_size;
}

static double seconds_since(int64_t start) {
    return (double)(mr_monotonic_ns() - start + 1) / 1e9;
}

void mr_progress_show(mr_progress *p, uint64_t rows, FILE *in) {
    if (!p->on) return;
    int64_t now = mr_monotonic_ns();
    if (now - p->shown < EVERY_NS) return;
    p->shown = now;
    off_t at = p->size > 0 ? ftello(in) : -1;
    fprintf(stderr, "\r\033[K%" PRIu64 " rows, %.0f rows/s", rows, (double)rows / seconds_since(p->start));
    if (at >= 0)
        fprintf(stderr, ", %.0f %% of %.1f MB", (double)at / (double)p->size * 100, (double)p->size / 1e6);
    fflush(stderr);
    p->visible = true;
}

void mr_progress_clear(mr_progress *p) {
    if (!p->visible) return;
    fputs("\r\033[K", stderr);
    p->visible = false;
}

void mr_progress_end(mr_progress *p, uint64_t rows) {
    if (!p->on) return;
    mr_progress_clear(p);
    double seconds = seconds_since(p->start);
    fprintf(stderr, "%" PRIu64 " rows in %.1f s, %.0f rows/s\n", rows, seconds, (double)rows / seconds);
}
