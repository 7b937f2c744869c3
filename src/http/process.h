/* What the system says of this process, for process_* metrics. Any thread. */
#ifndef MR_HTTP_PROCESS_H
#define MR_HTTP_PROCESS_H

/* What cannot be read is NaN and left out. */
typedef struct mr_process_figures {
    double cpu_seconds; /* user and system */
    double resident_bytes;
    double virtual_bytes;
    double open_files;
    double most_files;
    double start_seconds; /* since 1970 */
} mr_process_figures;

mr_process_figures mr_process_read(void);

#endif
