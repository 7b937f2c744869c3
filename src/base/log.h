/* Log: one line an event, as text or JSON, to stderr.
 *
 *   2026-01-31T12:00:00.123Z info control: serving wine "forest" version 7 (0.8 ms to load)
 *   {"time":"...","level":"info","component":"control","message":"serving ..."}
 *
 * Lines are whole whatever the thread. Nothing on the record path logs per record: use the limited
 * form, which lets one line through a second and says how many it held back.
 */
#ifndef MR_BASE_LOG_H
#define MR_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "millrace/status.h"

typedef enum mr_level { MR_LOG_ERROR, MR_LOG_WARN, MR_LOG_INFO, MR_LOG_DEBUG } mr_level;
typedef enum mr_log_format { MR_LOG_TEXT, MR_LOG_JSON } mr_log_format;

/* Main thread, before others start. The default is INFO, TEXT. */
void mr_log_configure(mr_level level, mr_log_format format);

/* Lines go here instead of to stderr; NULL: to stderr. Main thread, before others start. `sink` is called by
 * any thread, with escaped texts that are valid during the call. */
typedef void mr_log_sink(void *context, const char *level, const char *component, const char *message);
void mr_log_set_sink(mr_log_sink *sink, void *context);

/* Any thread. `component` is the module in one word: "lane 0", "control", "kafka". */
void mr_log(mr_level level, const char *component, const char *format, ...) MR_PRINTF(3, 4);
void mr_log_error(mr_level level, const char *component, const char *doing, const mr_error *error);

/* One line a second for each `limit`, which the caller keeps (zero at first). */
typedef struct mr_log_limit {
    int64_t last_ns;
    uint64_t held_back;
} mr_log_limit;
void mr_log_limited(mr_log_limit *limit, mr_level level, const char *component, const char *format, ...)
    MR_PRINTF(4, 5);

/* What people read must not drive their terminal: control characters, and bytes that are no UTF-8, become
 * \xNN. Cuts at a character what does not fit into `room` bytes. Any thread. */
void mr_escape(char *to, size_t room, const char *text);

#endif
