/* The handler does what is allowed in one: sets a flag, calls what is said to be safe, or ends. */
#include "cli/signals.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static void (*stop_function)(void *context);
static void *stop_context;

static void handle(int number) {
    int saved = errno;
    if (asked) _exit(128 + number);
    asked = 1;
    if (stop_function != NULL) stop_function(stop_context);
    errno = saved;
}

const volatile sig_atomic_t *mr_signals_watch(void (*stop)(void *context), void *context) {
    stop_function = stop;
    stop_context = context;
    struct sigaction action = {.sa_handler = handle};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    return &asked;
}
