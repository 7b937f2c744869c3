/* The yardstick: librdkafka alone, from one topic to another, as a competent C program would write it.
 *
 * Same work as a lane without decoding and scoring: a group's consumer (first message by poll, the rest by
 * the batch call), an idempotent producer, delivery reports, and commits only of what is delivered:
 * two generations of messages, and each 100 ms the offsets of a generation are committed once its last
 * delivery report is in. Settings as in src/kafka/client.c.
 *
 *   producev  one call a message: key, timestamp and headers pass through
 *   batch     produce_batch: key only; neither timestamp nor headers can pass
 *
 * --value-bytes N writes values of that size instead (the record, cut or filled up): what results of that
 * size cost librdkafka alone.
 *
 * Counted from the first message on, so joining the group does not count.
 */
#include <inttypes.h>
#include <getopt.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { VALUE_BYTES_MAX = 65536, BATCH = 256, PARTITIONS_MAX = 1024, POLL_MS = 100, SETTINGS_MAX = 64 };
static const int64_t commit_every_ns = 100000000;

typedef struct arguments {
    const char *bootstrap, *in, *out, *group;
    int64_t records;
    int patience;       /* seconds without a record */
    size_t value_bytes; /* 0: the record's */
    bool batch;
    char *settings[SETTINGS_MAX];
    int setting_count;
} arguments;

/* Offsets of one generation: what may be committed when none of its messages is under way. */
typedef struct generation {
    int64_t next[PARTITIONS_MAX]; /* 0: nothing */
    int64_t under_way;
} generation;

typedef struct passthrough {
    rd_kafka_t *consumer, *producer;
    rd_kafka_queue_t *queue;
    rd_kafka_topic_t *out;
    generation generations[2];
    int filling; /* the generation that messages go to */
    int64_t received, delivered, failed;
    size_t value_bytes;
    char value[VALUE_BYTES_MAX];
    bool batch;
} passthrough;

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "passthrough: %s: %s\n", what, why);
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* ---- Clients ---- */

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char reason[256];
    if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) die(name, reason);
}

static void set_users(rd_kafka_conf_t *conf, const arguments *options) {
    char name[128];
    for (int i = 0; i < options->setting_count; i++) {
        const char *equals = strchr(options->settings[i], '=');
        if (equals == NULL || (size_t)(equals - options->settings[i]) >= sizeof name)
            die(options->settings[i], "is not NAME=VALUE");
        snprintf(name, sizeof name, "%.*s", (int)(equals - options->settings[i]), options->settings[i]);
        set(conf, name, equals + 1);
    }
}

static rd_kafka_t *open_client(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
    char reason[256];
    rd_kafka_t *handle = rd_kafka_new(type, conf, reason, sizeof reason);
    if (handle == NULL) die("cannot make a client", reason);
    return handle;
}

static void open_consumer(passthrough *pass, const arguments *options) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    char reason[256];
    set(conf, "bootstrap.servers", options->bootstrap);
    set(conf, "group.id", options->group);
    set(conf, "socket.nagle.disable", "true");
    set(conf, "enable.auto.commit", "false");
    set(conf, "enable.auto.offset.store", "false");
    set(conf, "auto.offset.reset", "earliest");
    set(conf, "queued.max.messages.kbytes", "65536");
    if (rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "10", reason, sizeof reason) != RD_KAFKA_CONF_OK)
        set(conf, "queued.min.messages", "1000000");
    set_users(conf, options);
    pass->consumer = open_client(RD_KAFKA_CONSUMER, conf);
    rd_kafka_poll_set_consumer(pass->consumer);
    pass->queue = rd_kafka_queue_get_consumer(pass->consumer);
    rd_kafka_topic_partition_list_add(list, options->in, RD_KAFKA_PARTITION_UA);
    if (rd_kafka_subscribe(pass->consumer, list) != RD_KAFKA_RESP_ERR_NO_ERROR)
        die(options->in, "cannot subscribe");
    rd_kafka_topic_partition_list_destroy(list);
}

static void on_delivered(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque) {
    passthrough *pass = opaque;
    (void)handle;
    ((generation *)message->_private)->under_way--;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) pass->delivered++;
    else pass->failed++;
}

static void open_producer(passthrough *pass, const arguments *options) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", options->bootstrap);
    set(conf, "socket.nagle.disable", "true");
    set(conf, "enable.idempotence", "true");
    set(conf, "linger.ms", "1000");
    set(conf, "queue.buffering.max.messages", "500000");
    set(conf, "queue.buffering.max.kbytes", "131072");
    set_users(conf, options);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivered);
    rd_kafka_conf_set_opaque(conf, pass);
    pass->producer = open_client(RD_KAFKA_PRODUCER, conf);
    pass->out = rd_kafka_topic_new(pass->producer, options->out, NULL);
    if (pass->out == NULL) die(options->out, "cannot open the topic");
}

/* ---- One batch ---- */

static uint32_t receive(passthrough *pass, rd_kafka_message_t **messages) {
    uint32_t count = 0;
    ssize_t more;
    messages[0] = rd_kafka_consumer_poll(pass->consumer, POLL_MS);
    if (messages[0] == NULL) return 0;
    more = rd_kafka_consume_batch_queue(pass->queue, 0, messages + 1, BATCH - 1);
    for (ssize_t i = 0; i <= (more > 0 ? more : 0); i++) {
        if (messages[i]->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            fprintf(stderr, "passthrough: %s\n", rd_kafka_message_errstr(messages[i]));
            rd_kafka_message_destroy(messages[i]);
            continue;
        }
        if (messages[i]->partition >= PARTITIONS_MAX) die("too many partitions", "at most 1024");
        messages[count++] = messages[i];
    }
    return count;
}

/* The record's value, or one of --value-bytes that begins like it. */
static void set_value(passthrough *pass, const rd_kafka_message_t *message, rd_kafka_vu_t *field) {
    field->vtype = RD_KAFKA_VTYPE_VALUE;
    field->u.mem.ptr = message->payload;
    field->u.mem.size = message->len;
    if (pass->value_bytes == 0) return;
    memcpy(pass->value, message->payload,
           message->len < pass->value_bytes ? message->len : pass->value_bytes);
    field->u.mem.ptr = pass->value;
    field->u.mem.size = pass->value_bytes;
}

static void forward_one(passthrough *pass, rd_kafka_message_t *message, generation *to) {
    rd_kafka_headers_t *headers = NULL;
    int64_t timestamp = rd_kafka_message_timestamp(message, NULL);
    rd_kafka_error_t *failed;
    rd_kafka_message_detach_headers(message, &headers);
    rd_kafka_vu_t fields[8]; /* set one by one: an initialiser would clear 576 bytes for each message */
    fields[0].vtype = RD_KAFKA_VTYPE_RKT;
    fields[0].u.rkt = pass->out;
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = message->partition;
    set_value(pass, message, &fields[2]);
    fields[3].vtype = RD_KAFKA_VTYPE_KEY;
    fields[3].u.mem.ptr = message->key;
    fields[3].u.mem.size = message->key_len;
    fields[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[4].u.i = RD_KAFKA_MSG_F_COPY;
    fields[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    fields[5].u.ptr = to;
    fields[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[6].u.i64 = timestamp < 0 ? 0 : timestamp;
    fields[7].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[7].u.headers = headers;
    while ((failed = rd_kafka_produceva(pass->producer, fields, headers ? 8 : 7)) != NULL) {
        if (rd_kafka_error_code(failed) != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            die("cannot send", rd_kafka_error_string(failed));
        rd_kafka_error_destroy(failed);
        rd_kafka_poll(pass->producer, 2);
    }
}

/* The batch call keeps the order only within a partition, so runs of one partition go together. */
static void forward_run(passthrough *pass, rd_kafka_message_t **messages, uint32_t count, generation *to) {
    rd_kafka_message_t run[BATCH];
    uint32_t sent = 0;
    for (uint32_t i = 0; i < count; i++)
        run[i] = (rd_kafka_message_t){.payload = messages[i]->payload,
                                      .len = messages[i]->len,
                                      .key = messages[i]->key,
                                      .key_len = messages[i]->key_len,
                                      ._private = to};
    while (sent < count) {
        sent += (uint32_t)rd_kafka_produce_batch(pass->out, messages[0]->partition, RD_KAFKA_MSG_F_COPY,
                                                 run + sent, (int)(count - sent));
        if (sent == count) break;
        if (run[sent].err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            die("cannot send", rd_kafka_err2str(run[sent].err));
        rd_kafka_poll(pass->producer, 2);
    }
}

static void forward(passthrough *pass, rd_kafka_message_t **messages, uint32_t count) {
    generation *to = &pass->generations[pass->filling];
    for (uint32_t i = 0, n; i < count; i += n) {
        n = 1;
        if (pass->batch) {
            while (i + n < count && messages[i + n]->partition == messages[i]->partition) n++;
            forward_run(pass, messages + i, n, to);
        } else {
            forward_one(pass, messages[i], to);
        }
        to->next[messages[i]->partition] = messages[i + n - 1]->offset + 1;
    }
    to->under_way += count;
    pass->received += count;
    for (uint32_t i = 0; i < count; i++) rd_kafka_message_destroy(messages[i]);
}

/* ---- Commits ---- */

/* When the older generation is delivered: commits it, and the other one becomes the older. */
static void turn_generation(passthrough *pass, const char *topic, bool wait) {
    generation *older = &pass->generations[1 - pass->filling];
    rd_kafka_topic_partition_list_t *list;
    if (older->under_way > 0) return;
    list = rd_kafka_topic_partition_list_new(8);
    for (int32_t p = 0; p < PARTITIONS_MAX; p++)
        if (older->next[p] > 0) rd_kafka_topic_partition_list_add(list, topic, p)->offset = older->next[p];
    if (list->cnt > 0) rd_kafka_commit(pass->consumer, list, !wait);
    rd_kafka_topic_partition_list_destroy(list);
    memset(older->next, 0, sizeof older->next);
    pass->filling = 1 - pass->filling;
}

static void run(passthrough *pass, const arguments *options) {
    rd_kafka_message_t *messages[BATCH];
    int64_t begin = 0, due = 0, idle_since = now_ns();
    double cpu = 0, seconds;
    while (pass->received < options->records) {
        uint32_t count = receive(pass, messages);
        int64_t now = now_ns();
        if (count > 0 && begin == 0) {
            begin = now;
            cpu = cpu_seconds();
        }
        if (count > 0) {
            forward(pass, messages, count);
            idle_since = now;
        } else if (now - idle_since > options->patience * 1000000000LL) {
            die("gave up", "no more records come");
        }
        rd_kafka_poll(pass->producer, 0);
        if (now < due) continue;
        turn_generation(pass, options->in, false);
        due = now + commit_every_ns;
    }
    while (rd_kafka_outq_len(pass->producer) > 0) rd_kafka_flush(pass->producer, 1000);
    for (int i = 0; i < 2; i++) turn_generation(pass, options->in, true);
    seconds = (double)(now_ns() - begin) / 1e9;
    cpu = cpu_seconds() - cpu;
    printf("{\"mode\":\"%s\",\"records\":%" PRId64 ",\"failed\":%" PRId64
           ",\"seconds\":%.3f,\"cpu_seconds\":%.3f,"
           "\"records_per_second\":%.0f,\"records_per_cpu_second\":%.0f}\n",
           pass->batch ? "batch" : "producev", pass->delivered, pass->failed, seconds, cpu,
           (double)pass->delivered / seconds, (double)pass->delivered / cpu);
}

/* ---- Command line ---- */

static void usage(FILE *out) {
    fputs("usage: passthrough --in TOPIC --out TOPIC --records N [option...]\n"
          "  Passes records from a topic to another with librdkafka alone and says how fast, as JSON.\n"
          "  --bootstrap HOST:PORT  brokers (localhost:9092)\n"
          "  --in TOPIC --out TOPIC with equal numbers of partitions\n"
          "  --records N            ends after as many\n"
          "  --mode producev|batch  producev keeps timestamp and headers, batch cannot (producev)\n"
          "  --value-bytes N        writes values of so many bytes; producev only (the record's)\n"
          "  --group NAME           of the consumer (passthrough-PID: reads from the beginning)\n"
          "  --patience SECONDS     gives up when no record comes for as long (60)\n"
          "  -X NAME=VALUE          any setting of librdkafka, for both clients\n"
          "example: passthrough --bootstrap localhost:9092 --in models_data --out copy --records 1000000\n",
          out);
}

static arguments parse(int argc, char **argv) {
    static const struct option names[] = {
        {"bootstrap", 1, 0, 'b'}, {"in", 1, 0, 'i'},    {"out", 1, 0, 'o'},      {"records", 1, 0, 'n'},
        {"mode", 1, 0, 'm'},      {"group", 1, 0, 'g'}, {"patience", 1, 0, 'p'}, {"value-bytes", 1, 0, 'v'},
        {"help", 0, 0, 'h'},      {0, 0, 0, 0}};
    static char group[64];
    arguments options = {.bootstrap = "localhost:9092", .group = group, .patience = 60};
    int c;
    snprintf(group, sizeof group, "passthrough-%d", (int)getpid());
    while ((c = getopt_long(argc, argv, "hX:", names, NULL)) != -1) {
        switch (c) {
        case 'b':
            options.bootstrap = optarg;
            break;
        case 'i':
            options.in = optarg;
            break;
        case 'o':
            options.out = optarg;
            break;
        case 'n':
            options.records = strtoll(optarg, NULL, 10);
            break;
        case 'v':
            options.value_bytes = strtoul(optarg, NULL, 10);
            if (options.value_bytes > 0 && options.value_bytes <= VALUE_BYTES_MAX) break;
            die("--value-bytes", "takes 1 to 65536");
        case 'g':
            options.group = optarg;
            break;
        case 'p':
            options.patience = atoi(optarg);
            break;
        case 'm':
            options.batch = strcmp(optarg, "batch") == 0;
            if (options.batch || strcmp(optarg, "producev") == 0) break;
            usage(stderr);
            exit(2);
        case 'X':
            if (options.setting_count == SETTINGS_MAX) die("-X", "too many settings");
            options.settings[options.setting_count++] = optarg;
            break;
        case 'h':
            usage(stdout);
            exit(0);
        default:
            usage(stderr);
            exit(2);
        }
    }
    if (options.batch && options.value_bytes > 0) die("--value-bytes", "goes with --mode producev alone");
    if (options.in == NULL || options.out == NULL || options.records <= 0 || optind < argc) {
        usage(stderr);
        exit(2);
    }
    return options;
}

int main(int argc, char **argv) {
    static passthrough pass;
    arguments options = parse(argc, argv);
    pass.batch = options.batch;
    pass.value_bytes = options.value_bytes;
    open_consumer(&pass, &options);
    open_producer(&pass, &options);
    run(&pass, &options);
    rd_kafka_consumer_close(pass.consumer);
    rd_kafka_queue_destroy(pass.queue);
    rd_kafka_topic_destroy(pass.out);
    rd_kafka_destroy(pass.producer);
    rd_kafka_destroy(pass.consumer);
    return pass.failed > 0;
}
