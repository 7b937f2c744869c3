/* Waiting for a change of a double's state. */
#ifndef MR_DOUBLES_WAIT_H
#define MR_DOUBLES_WAIT_H

#include <pthread.h>
#include <time.h>

/* Once, up to timeout_ms. The caller holds the mutex, and looks again at what it waits for. */
static inline void double_wait(pthread_cond_t *changed, pthread_mutex_t *mutex, int timeout_ms) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    long long ns = until.tv_nsec + timeout_ms * 1000000LL;
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_cond_timedwait(changed, mutex, &until);
}

#endif
