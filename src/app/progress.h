/* Progress: one line on a terminal's standard error, written over and over; nothing anywhere else. */
#ifndef MR_APP_PROGRESS_H
#define MR_APP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct mr_progress {
    bool on;       /* standard error is a terminal, and `data` goes elsewhere */
    bool visible;  /* a line stands there */
    int64_t start; /* mr_monotonic_ns */
    int64_t shown;
    uint64_t size; /* of the input in bytes; 0: not known */
} mr_progress;

/* `in` is what is read, `data` what is written. Borrows neither. One thread, as all here. */
void mr_progress_start(mr_progress *progress, FILE *in, FILE *data);
/* What is done so far; shown a few times a second. */
void mr_progress_show(mr_progress *progress, uint64_t rows, FILE *in);
/* Takes the line away, so that a message can be printed. */
void mr_progress_clear(mr_progress *progress);
/* The last line, which stays. */
void mr_progress_end(mr_progress *progress, uint64_t rows);

#endif
