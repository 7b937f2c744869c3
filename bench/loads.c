/* How long a model takes to load, and how much memory: `loads MODEL [ROUNDS]` prints one JSON object.
 *
 * {"model","bytes","ns":{"median","min","max"},"memory","peak"}: `memory` is what the loaded model holds,
 * `peak` the most that was resident while it was loaded, less what the program had before. A process loads
 * one model, else the peak would be that of the largest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "millrace/model.h"

enum { ROUNDS_MAX = 1000 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Not getrusage: that counts what the process was before exec, too. */
static long peak_kilobytes(void) {
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    long peak = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "VmHWM: %ld", &peak) == 1) break;
    if (file != NULL) fclose(file);
    return peak;
}

static int by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static char *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        *size = (size_t)ftell(file);
        rewind(file);
        data = malloc(*size + 1);
        if (data != NULL && fread(data, 1, *size, file) != *size) *size = 0;
    }
    if (file != NULL) fclose(file);
    return data;
}

int main(int argc, char **argv) {
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    size_t size = 0, memory = 0;
    char *data = argc > 1 ? read_all(argv[1], &size) : NULL;
    if (data == NULL || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: loads MODEL [ROUNDS]\n");
        return 2;
    }
    double times[ROUNDS_MAX];
    long before = peak_kilobytes(), peak = 0;
    for (int i = 0; i < rounds; i++) {
        mr_model *model;
        mr_error error;
        double began = now();
        mr_status status = mr_model_load(data, size, NULL, argv[1], NULL, &model, &error);
        times[i] = now() - began;
        if (status != MR_OK) {
            fprintf(stderr, "loads: %s: %s\n", error.where, error.message);
            return 1;
        }
        if (i == 0) peak = peak_kilobytes() - before;
        memory = mr_model_get_shape(model)->memory;
        mr_model_release(model);
    }
    free(data);
    qsort(times, (size_t)rounds, sizeof *times, by_number);
    printf("{\"model\": \"%s\", \"bytes\": %zu, \"ns\": {\"median\": %.0f, \"min\": %.0f, \"max\": %.0f}, "
           "\"memory\": %zu, \"peak\": %ld}\n",
           argv[1], size, times[rounds / 2], times[0], times[rounds - 1], memory, peak * 1024);
    return 0;
}
