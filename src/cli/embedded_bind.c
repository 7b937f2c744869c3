/* bind(), defined by the executable so that the embedded broker can have a chosen port.
 *
 * librdkafka's mock cluster always binds 127.0.0.1 and port 0. A program's own definition of a function
 * comes before the C library's, also for calls out of shared libraries, so this one sees that call and
 * puts the wanted port in. All others pass unchanged. Never part of a library: it would take the name
 * from every program that links it.
 */
#undef _GNU_SOURCE /* with it, the C library declares bind() with a union that no definition can match */
#include "cli/embedded_bind.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Thread_local uint16_t wanted;

void mr_bind_next_to(uint16_t port) {
    wanted = port;
}

/* The attribute: the linker must export it to the shared libraries. */
__attribute__((visibility("default"))) int bind(int fd, const struct sockaddr *address, socklen_t size) {
    struct sockaddr_in chosen;
    int on = 1;
    if (wanted != 0 && address->sa_family == AF_INET && size >= sizeof chosen) {
        chosen = *(const struct sockaddr_in *)(const void *)address;
        if (chosen.sin_port == 0) {
            chosen.sin_port = htons(wanted);
            wanted = 0;
            /* Connections of an earlier broker that wait for their end are not in the way. */
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
            return (int)syscall(SYS_bind, fd, &chosen, (socklen_t)sizeof chosen);
        }
    }
    return (int)syscall(SYS_bind, fd, address, size);
}
