/* Statuses and errors.
 *
 * Every function that can fail returns an mr_status and, where there is more to say, fills an
 * mr_error: where it happened, what happened, what to do. Errors live in memory of the caller and
 * never allocate, so "out of memory" can be reported like anything else.
 *
 * One table makes the enum, the names and what a caller should do next. Input never aborts the
 * process: assertions are for bugs of our own.
 */
#ifndef MILLRACE_STATUS_H
#define MILLRACE_STATUS_H

#if defined(__GNUC__)
#define MR_API                 __attribute__((visibility("default")))
#define MR_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define MR_API
#define MR_PRINTF(text, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What a caller does with a status: nothing, the same call again, put the input aside, or stop. */
typedef enum mr_action { MR_ACTION_NONE, MR_ACTION_RETRY, MR_ACTION_DEAD_LETTER, MR_ACTION_STOP } mr_action;

/*    status             name                action       meaning */
#define MR_STATUS_TABLE(X)                                                                                   \
    X(OK, "ok", NONE, "ok")                                                                                  \
    X(INVALID_ARGUMENT, "invalid_argument", STOP, "a call or a setting is wrong")                            \
    X(NO_MEMORY, "no_memory", RETRY, "out of memory")                                                        \
    X(MORE_MEMORY, "more_memory", RETRY, "the scratch memory must grow")                                     \
    X(FULL, "full", RETRY, "a queue is full")                                                                \
    X(TIMEOUT, "timeout", RETRY, "no answer in time")                                                        \
    X(UNAVAILABLE, "unavailable", RETRY, "a peer cannot be reached")                                         \
    X(SYNTAX, "syntax", DEAD_LETTER, "malformed input")                                                      \
    X(WRONG_TYPE, "wrong_type", DEAD_LETTER, "a value is of the wrong type")                                 \
    X(INVALID_VALUE, "invalid_value", DEAD_LETTER, "a value is invalid for the model")                       \
    X(LIMIT, "limit", DEAD_LETTER, "a limit is exceeded")                                                    \
    X(TOO_LARGE, "too_large", DEAD_LETTER, "a message is larger than its topic takes")                       \
    X(UNSUPPORTED, "unsupported", DEAD_LETTER, "not supported")                                              \
    X(INVALID_MODEL, "invalid_model", DEAD_LETTER, "the model contradicts itself")                           \
    X(NO_MODEL, "no_model", DEAD_LETTER, "no model serves the data type")                                    \
    X(NOT_FOUND, "not_found", STOP, "not found")                                                             \
    X(CONFLICT, "conflict", STOP, "already there, or in use")                                                \
    X(IO, "io", STOP, "input or output failed")                                                              \
    X(LOST, "lost", STOP, "ownership or state was lost: rewind")                                             \
    X(CANCELLED, "cancelled", STOP, "cancelled")                                                             \
    X(INTERNAL, "internal", STOP, "a bug of Millrace")

typedef enum mr_status {
#define MR_STATUS_ENUM(status, name, action, meaning) MR_##status,
    MR_STATUS_TABLE(MR_STATUS_ENUM)
#undef MR_STATUS_ENUM
        MR_STATUS_COUNT
} mr_status;

/* Lower-case name ("invalid_value"), meaning in words, and what to do. Static strings; any thread. */
MR_API const char *mr_status_name(mr_status status);
MR_API const char *mr_status_meaning(mr_status status);
MR_API mr_action mr_status_action(mr_status status);

/* Plain data, no owner: copy it freely. `where` is empty when there is nothing to point at. */
typedef struct mr_error {
    mr_status status;
    char where[128];   /* "models.pmml:12", "wine[2]@4711", "config.yaml:3:5" */
    char message[512]; /* what went wrong, and what to do about it */
} mr_error;

/* Fills `error` (may be NULL) and returns `status`, so that a function can end in `return
 * mr_fail(...)`. `where` may be NULL. Texts that do not fit are cut at a character. Any thread. */
MR_API mr_status mr_fail(mr_error *error, mr_status status, const char *where, const char *format, ...)
    MR_PRINTF(4, 5);

#ifdef __cplusplus
}
#endif
#endif
