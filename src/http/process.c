/* Figures of this process, from the clocks and /proc/self; see proc(5).
 *
 * The start comes in clock ticks since boot, so it is counted back from the two clocks of now.
 */
#include "http/process.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(clockid_t clock) {
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) return NAN;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double count_open_files(void) {
    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL) return NAN;
    double count = -1; /* the directory itself is one */
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static double most_open_files(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : NAN;
}

/* Virtual and resident bytes, and the start, from the fields 22 to 24 of /proc/self/stat. */
static void read_stat(mr_process_figures *figures) {
    char text[1024];
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL) return;
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    const char *field = strrchr(text, ')'); /* ends field 2, a name that may hold anything */
    for (int number = 2; field != NULL && number < 22; number++) {
        field = strchr(field + 1, ' ');
    }
    unsigned long long start, virtual_bytes;
    long resident_pages;
    if (field == NULL || sscanf(field, "%llu %llu %ld", &start, &virtual_bytes, &resident_pages) != 3) return;
    double age = seconds_of(CLOCK_BOOTTIME) - (double)start / (double)sysconf(_SC_CLK_TCK);
    figures->virtual_bytes = (double)virtual_bytes;
    figures->resident_bytes = (double)resident_pages * (double)sysconf(_SC_PAGESIZE);
    /* To the clock tick, so that it reads the same at each scrape. */
    figures->start_seconds = round((seconds_of(CLOCK_REALTIME) - age) * 100) / 100;
}

mr_process_figures mr_process_read(void) {
    mr_process_figures figures = {.cpu_seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID),
                                  .resident_bytes = NAN,
                                  .virtual_bytes = NAN,
                                  .open_files = count_open_files(),
                                  .most_files = most_open_files(),
                                  .start_seconds = NAN};
    read_stat(&figures);
    return figures;
}
