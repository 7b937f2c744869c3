/* SIGTERM and SIGINT: the first asks to finish, the second ends the process at once. */
#ifndef MR_CLI_SIGNALS_H
#define MR_CLI_SIGNALS_H

#include <signal.h>

/* Installs the handlers. The first signal sets the flag that is returned (static) and calls `stop`
 * (async-signal-safe; may be NULL); the second exits with 128 + its number. Main thread, once. */
const volatile sig_atomic_t *mr_signals_watch(void (*stop)(void *context), void *context);

#endif
