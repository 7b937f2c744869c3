/* Embedded broker: librdkafka's mock cluster in a child process.
 *
 * In a child, because the mock asserts on some input of clients, and that must not end the server. Two
 * pipes: the child says once how its start went, and ends when the other one closes, which happens
 * however the parent ends. Interrupts of the terminal are the parent's business: it still has to drain.
 *
 * The mock binds any free port and offers no way to choose. An executable can define bind() itself and
 * so choose for it (cli/embedded_bind.c); a library must not, so it is handed in.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "kafka/kafka.h"

enum { START_TIMEOUT_MS = 10000 };

struct mr_embedded_broker {
    pid_t child;
    int lifeline; /* closed: the child ends */
    char bootstrap[256];
    char died[128]; /* empty: it lives */
};

/* What the child says. */
typedef struct hello {
    mr_status status;
    char text[256]; /* the bootstrap address, or what is wrong */
} hello;

/* ---- The child ---- */

static mr_status make_cluster(const mr_embedded_options *options, hello *greeting) {
    static const char *const settings[][2] = {
        {"log_level", "3"},                        /* it has no broker to connect to, and would say so */
        {"socket.nagle.disable", "true"},          /* answers four times sooner */
        {"receive.message.max.bytes", "100000000"} /* a larger request ends the connection */
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *handle;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        rd_kafka_conf_set(conf, settings[i][0], settings[i][1], NULL, 0);
    handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, greeting->text, sizeof greeting->text);
    if (handle == NULL) return MR_INTERNAL;
    if (options->port != 0) options->bind_next_to(options->port);
    cluster = rd_kafka_mock_cluster_new(handle, 1);
    snprintf(greeting->text, sizeof greeting->text, "cannot be made");
    if (cluster == NULL) return MR_IO;
    for (uint32_t i = 0; i < options->topic_count; i++) {
        const mr_embedded_topic *topic = &options->topics[i];
        rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(cluster, topic->name, topic->partitions, 1);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        snprintf(greeting->text, sizeof greeting->text, "topic %s: %s", topic->name, rd_kafka_err2str(code));
        return MR_INVALID_ARGUMENT;
    }
    snprintf(greeting->text, sizeof greeting->text, "%s", rd_kafka_mock_cluster_bootstraps(cluster));
    return MR_OK;
}

static _Noreturn void be_broker(const mr_embedded_options *options, int lifeline, int greet) {
    hello greeting = {.status = MR_OK};
    struct pollfd wait = {.fd = lifeline, .events = POLLIN};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) { /* a reader of the parent's output must not wait for us */
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
    }
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    greeting.status = make_cluster(options, &greeting);
    if (write(greet, &greeting, sizeof greeting) != (ssize_t)sizeof greeting || greeting.status != MR_OK)
        _exit(1);
    close(greet);
    while (poll(&wait, 1, -1) < 0 && errno == EINTR) {}
    _exit(0); /* not exit(): what is registered there is the parent's */
}

/* ---- The parent ---- */

/* With SO_REUSEADDR, as cli/embedded_bind.c does: only a listening socket is in the way. */
static mr_status check_port(uint16_t port, mr_error *error) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1, code = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0) return mr_fail(error, MR_IO, NULL, "embedded broker: no socket: %s", strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0) code = errno;
    close(fd);
    if (code == EADDRINUSE)
        return mr_fail(error, MR_CONFLICT, NULL,
                       "embedded broker: port %u is in use: choose another one, or any for a free one", port);
    if (code != 0) return mr_fail(error, MR_IO, NULL, "embedded broker: port %u: %s", port, strerror(code));
    return MR_OK;
}

static mr_status read_greeting(int fd, mr_embedded_broker *broker, mr_error *error) {
    hello greeting;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready;
    do ready = poll(&wait, 1, START_TIMEOUT_MS);
    while (ready < 0 && errno == EINTR);
    if (ready <= 0) return mr_fail(error, MR_TIMEOUT, NULL, "embedded broker: did not start in time");
    if (read(fd, &greeting, sizeof greeting) != (ssize_t)sizeof greeting)
        return mr_fail(error, MR_IO, NULL, "embedded broker: ended while it started");
    if (greeting.status != MR_OK)
        return mr_fail(error, greeting.status, NULL, "embedded broker: %s", greeting.text);
    snprintf(broker->bootstrap, sizeof broker->bootstrap, "%s", greeting.text);
    return MR_OK;
}

static mr_status launch(const mr_embedded_options *options, mr_embedded_broker *broker, mr_error *error) {
    int lifeline[2], greet[2];
    mr_status status;
    if (pipe2(lifeline, O_CLOEXEC) != 0) goto no_lifeline;
    if (pipe2(greet, O_CLOEXEC) != 0) goto no_greet;
    broker->child = fork();
    if (broker->child < 0) goto no_child;
    if (broker->child == 0) {
        close(lifeline[1]);
        close(greet[0]);
        be_broker(options, lifeline[0], greet[1]);
    }
    close(lifeline[0]);
    close(greet[1]);
    broker->lifeline = lifeline[1];
    status = read_greeting(greet[0], broker, error);
    close(greet[0]);
    return status;

no_child:
    close(greet[0]);
    close(greet[1]);
no_greet:
    close(lifeline[0]);
    close(lifeline[1]);
no_lifeline:
    return mr_fail(error, MR_IO, NULL, "embedded broker: cannot start a process: %s", strerror(errno));
}

mr_status mr_embedded_start(const mr_embedded_options *options, mr_embedded_broker **broker,
                            mr_error *error) {
    mr_embedded_broker *made;
    mr_status status;
    *broker = NULL;
    if (options->port != 0) {
        if (options->bind_next_to == NULL)
            return mr_fail(error, MR_UNSUPPORTED, NULL,
                           "embedded broker: only the millrace program can choose a port, use 0");
        status = check_port(options->port, error);
        if (status != MR_OK) return status;
    }
    made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    made->lifeline = -1;
    status = launch(options, made, error);
    if (status != MR_OK) {
        mr_embedded_stop(made);
        return status;
    }
    *broker = made;
    return MR_OK;
}

const char *mr_embedded_bootstrap(const mr_embedded_broker *broker) {
    return broker->bootstrap;
}

int mr_embedded_process(const mr_embedded_broker *broker) {
    return broker->child;
}

bool mr_embedded_alive(mr_embedded_broker *broker, mr_error *error) {
    int how = 0;
    if (broker->died[0] == '\0' && broker->child > 0 &&
        waitpid(broker->child, &how, WNOHANG) == broker->child) {
        broker->child = 0;
        if (WIFSIGNALED(how))
            snprintf(broker->died, sizeof broker->died, "by signal %d (%s)", WTERMSIG(how),
                     strsignal(WTERMSIG(how)));
        else snprintf(broker->died, sizeof broker->died, "with exit code %d", WEXITSTATUS(how));
    }
    if (broker->died[0] == '\0') return true;
    mr_fail(error, MR_IO, NULL,
            "embedded broker: it ended %s, and all its messages are gone: start again, or use a real broker",
            broker->died);
    return false;
}

void mr_embedded_stop(mr_embedded_broker *broker) {
    if (broker == NULL) return;
    if (broker->lifeline >= 0) close(broker->lifeline);
    if (broker->child > 0) {
        /* A child that hangs in its start does not see the lifeline. */
        for (int i = 0; i < 200 && waitpid(broker->child, NULL, WNOHANG) == 0; i++) {
            if (i == 199) {
                kill(broker->child, SIGKILL);
                waitpid(broker->child, NULL, 0);
            }
            poll(NULL, 0, 5);
        }
    }
    mr_free(broker);
}
