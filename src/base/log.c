/* Log lines, made whole on the stack and written in one call: lines of two threads never mix.
 *
 * What is logged may come from a record or a model, so control characters are escaped: no input can
 * forge a line or send codes to a terminal.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

enum { LINE_MAX_BYTES = 4096, MESSAGE_MAX_BYTES = 1536, COMPONENT_MAX_BYTES = 64 };

static _Atomic mr_level highest = MR_LOG_INFO;
static _Atomic mr_log_format line_format = MR_LOG_TEXT;

static mr_log_sink *_Atomic line_sink;
static void *sink_context; /* stored before line_sink */

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void mr_log_configure(mr_level level, mr_log_format format) {
    atomic_store(&highest, level);
    atomic_store(&line_format, format);
}

static bool enabled(mr_level level) {
    return level <= atomic_load_explicit(&highest, memory_order_relaxed);
}

/* A line under construction; what does not fit is left out. */
typedef struct line {
    char text[LINE_MAX_BYTES];
    size_t size;
} line;

static void put(line *out, const char *text) {
    size_t size = strlen(text), room = sizeof out->text - 2 - out->size;
    if (size > room) size = room;
    memcpy(out->text + out->size, text, size);
    out->size += size;
}

/* Bytes that may stand as they are: a whole character that is no control, nor what JSON escapes. */
static size_t plain_size(const char *at, const char *end, bool json) {
    unsigned char byte = (unsigned char)*at;
    if (byte < 0x20 || byte == 0x7F || (json && (byte == '"' || byte == '\\'))) return 0;
    /* C1 controls (U+0080 to U+009F) drive terminals too. */
    if (byte == 0xC2 && at + 1 < end && (unsigned char)at[1] < 0xA0) return 0;
    return mr_utf8_sequence(at, end);
}

/* One escaped character; returns the bytes of it in the text. `escaped` has room for 8. */
static size_t escape_one(const char *at, const char *end, bool json, char *escaped) {
    unsigned char byte = (unsigned char)*at;
    size_t size = mr_utf8_sequence(at, end);
    if (byte == '\n') snprintf(escaped, 8, "\\n");
    else if (json && (byte == '"' || byte == '\\')) snprintf(escaped, 8, "\\%c", byte);
    else if (json)
        snprintf(escaped, 8, "\\u%04x", size == 0 ? 0xFFFDu : size == 1 ? byte : (unsigned char)at[1]);
    else snprintf(escaped, 8, "\\x%02x", byte);
    return json && size > 0 ? size : 1;
}

static size_t escape(char *to, size_t room, const char *text, bool json) {
    const char *end = text + strlen(text);
    size_t size = 0;
    while (text < end && size + 8 < room) {
        size_t plain = plain_size(text, end, json);
        if (plain > 0) {
            memcpy(to + size, text, plain);
            size += plain;
            text += plain;
            continue;
        }
        char escaped[8];
        text += escape_one(text, end, json, escaped);
        size_t length = strlen(escaped);
        memcpy(to + size, escaped, length);
        size += length;
    }
    to[size] = '\0';
    return size;
}

void mr_escape(char *to, size_t room, const char *text) {
    escape(to, room, text, false);
}

/* About `most` bytes, and room for the closing stays. */
static void put_escaped(line *out, const char *text, size_t most, bool json) {
    size_t room = sizeof out->text - 8 - out->size;
    out->size += escape(out->text + out->size, most < room ? most : room, text, json);
}

static void put_time(line *out) {
    int64_t now = mr_wall_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char date[32], text[48];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, sizeof text, "%s.%03dZ", date, (int)(now % 1000));
    put(out, text);
}

static void write_whole(const char *text, size_t size) {
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, text, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return; /* nobody reads stderr: there is no place left to say so */
        text += written;
        size -= (size_t)written;
    }
}

void mr_log_set_sink(mr_log_sink *sink, void *context) {
    sink_context = context;
    atomic_store(&line_sink, sink);
}

static void give_line(mr_log_sink *sink, mr_level level, const char *component, const char *message) {
    char shown[MESSAGE_MAX_BYTES * 2];
    int saved = errno;
    mr_escape(shown, sizeof shown, message);
    sink(sink_context, level_names[level], component, shown);
    errno = saved;
}

static void write_line(mr_level level, const char *component, const char *message) {
    mr_log_sink *sink = atomic_load(&line_sink);
    if (sink != NULL) {
        give_line(sink, level, component, message);
        return;
    }
    line out = {.size = 0};
    bool json = atomic_load_explicit(&line_format, memory_order_relaxed) == MR_LOG_JSON;
    if (json) put(&out, "{\"time\":\"");
    put_time(&out);
    put(&out, json ? "\",\"level\":\"" : " ");
    put(&out, level_names[level]);
    put(&out, json ? "\",\"component\":\"" : " ");
    put_escaped(&out, component, COMPONENT_MAX_BYTES, json);
    put(&out, json ? "\",\"message\":\"" : ": ");
    put_escaped(&out, message, LINE_MAX_BYTES, json);
    if (json) put(&out, "\"}");
    out.text[out.size++] = '\n';
    int saved = errno;
    write_whole(out.text, out.size);
    errno = saved;
}

void mr_log(mr_level level, const char *component, const char *format, ...) {
    if (!enabled(level)) return;
    char message[MESSAGE_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    write_line(level, component, message);
}

void mr_log_error(mr_level level, const char *component, const char *doing, const mr_error *error) {
    mr_log(level, component, "%s: %s%s%s", doing, error->where, error->where[0] ? ": " : "", error->message);
}

void mr_log_limited(mr_log_limit *limit, mr_level level, const char *component, const char *format, ...) {
    if (!enabled(level)) return;
    int64_t now = mr_monotonic_ns();
    if (limit->last_ns != 0 && now - limit->last_ns < 1000000000) {
        limit->held_back++;
        return;
    }
    char message[MESSAGE_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (limit->held_back > 0 && size >= 0 && (size_t)size < sizeof message)
        snprintf(message + size, sizeof message - (size_t)size, " (%llu like it held back)",
                 (unsigned long long)limit->held_back);
    limit->last_ns = now;
    limit->held_back = 0;
    write_line(level, component, message);
}
