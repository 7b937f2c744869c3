/* Names of statuses, from the one table, and the filling of errors. */
#include "millrace/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct status_entry {
    const char *name;
    const char *meaning;
    mr_action action;
} status_entry;

static const status_entry entries[MR_STATUS_COUNT] = {
#define ENTRY(status, name, action, meaning) {name, meaning, MR_ACTION_##action},
    MR_STATUS_TABLE(ENTRY)
#undef ENTRY
};

const char *mr_status_name(mr_status status) {
    return (unsigned)status < MR_STATUS_COUNT ? entries[status].name : "unknown";
}

const char *mr_status_meaning(mr_status status) {
    return (unsigned)status < MR_STATUS_COUNT ? entries[status].meaning : "unknown status";
}

mr_action mr_status_action(mr_status status) {
    return (unsigned)status < MR_STATUS_COUNT ? entries[status].action : MR_ACTION_STOP;
}

/* A text that was cut may end in the middle of a UTF-8 sequence: drop that part. */
static void cut_at_character(char *text, size_t size) {
    size_t end = strnlen(text, size);
    if (end + 1 < size) return;
    size_t start = end;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0) text[start - 1] = '\0';
}

mr_status mr_fail(mr_error *error, mr_status status, const char *where, const char *format, ...) {
    if (error == NULL) return status;
    error->status = status;
    snprintf(error->where, sizeof error->where, "%s", where ? where : "");
    cut_at_character(error->where, sizeof error->where);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    cut_at_character(error->message, sizeof error->message);
    return status;
}
