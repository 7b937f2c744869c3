/* socket, bind, listen; see listen.h. */
#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The message for a bind that failed. */
static mr_status refuse(const char *address, uint16_t port, int reason, mr_error *error) {
    char where[sizeof error->where];
    snprintf(where, sizeof where, strchr(address, ':') ? "[%.100s]:%u" : "%.100s:%u", address, port);
    switch (reason) {
    case EADDRINUSE:
        return mr_fail(error, MR_CONFLICT, where,
                       "cannot listen: another program uses this port. Stop it, or choose another one with "
                       "--http.port (any takes a free one)");
    case EADDRNOTAVAIL:
        return mr_fail(error, MR_INVALID_ARGUMENT, where,
                       "cannot listen: no network interface of this machine has this address. Set "
                       "--http.address to one that has, 127.0.0.1 or 0.0.0.0");
    case EACCES:
        return mr_fail(error, MR_INVALID_ARGUMENT, where,
                       "cannot listen: not permitted. Choose a port above 1023 with --http.port");
    default:
        return mr_fail(error, MR_IO, where, "cannot listen: %s", strerror(reason));
    }
}

static mr_status resolve(const char *address, struct addrinfo **found, mr_error *error) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    int result = getaddrinfo(address, NULL, &hints, found);
    if (result == 0) return MR_OK;
    return mr_fail(error, result == EAI_MEMORY ? MR_NO_MEMORY : MR_INVALID_ARGUMENT, address,
                   "is no address to listen on: %s. Set --http.address to 127.0.0.1 or 0.0.0.0",
                   gai_strerror(result));
}

static void set_port(struct addrinfo *info, uint16_t port) {
    if (info->ai_family == AF_INET6) {
        ((struct sockaddr_in6 *)(void *)info->ai_addr)->sin6_port = htons(port);
    } else {
        ((struct sockaddr_in *)(void *)info->ai_addr)->sin_port = htons(port);
    }
}

static bool is_any(const struct addrinfo *info) {
    if (info->ai_family == AF_INET6) {
        return IN6_IS_ADDR_UNSPECIFIED(
            &((const struct sockaddr_in6 *)(const void *)info->ai_addr)->sin6_addr);
    }
    return ((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_addr.s_addr == htonl(INADDR_ANY);
}

/* Binds and listens; 0 or the errno. */
static int bind_and_listen(int fd, const struct addrinfo *info, uint16_t *port) {
    int on = 1, off = 0;
    /* A port whose last connections linger after a restart is free; one in use is refused all the same. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, 128) != 0) return errno;
    struct sockaddr_storage got = {0};
    socklen_t size = sizeof got;
    if (getsockname(fd, (struct sockaddr *)&got, &size) != 0) return errno;
    *port = ntohs(got.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&got)->sin6_port
                                            : ((struct sockaddr_in *)&got)->sin_port);
    return 0;
}

mr_status mr_listen(const char *address, uint16_t port, mr_listener *listener, mr_error *error) {
    *listener = (mr_listener){.socket = -1};
    struct addrinfo *info = NULL;
    mr_status status = resolve(address, &info, error);
    if (status != MR_OK) return status;
    set_port(info, port);
    int reason = 0;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        reason = errno;
        goto done;
    }
    reason = bind_and_listen(fd, info, &listener->port);
    if (reason != 0) {
        close(fd);
        goto done;
    }
    listener->socket = fd;
    if (!is_any(info) || gethostname(listener->host, sizeof listener->host - 1) != 0) {
        snprintf(listener->host, sizeof listener->host, "%s", address);
    }
done:
    freeaddrinfo(info);
    return reason == 0 ? MR_OK : refuse(address, port, reason, error);
}
