/* Control over doubles, step by step: a desk with a models topic, an errors topic and a clock of its own. */
#ifndef MR_TESTS_CONTROL_DESK_H
#define MR_TESTS_CONTROL_DESK_H

#include "lane_fixture.h"

#include "doubles/model_source.h"
#include "serving/control.h"

typedef struct desk {
    server server;
    mr_model_source *source;
    mr_control *control;
    mr_control_options options;
    int64_t now;
} desk;

/* printf 'sum 1 a' | sha256sum */
#define DIGEST "f73f363ed25a2418d2b137581302c4eb3f64070c692aa414327ab7d23a6d0a36"

static int loads;
static int loads_without_memory; /* of the next, as below */
static int parses_without_memory;

static inline mr_status counting_load(const void *data, size_t size, const char *format, const char *name,
                                      const mr_model_limits *limits, mr_model **model, mr_error *error) {
    loads++;
    if (loads_without_memory > 0) {
        loads_without_memory--;
        return mr_fail(error, MR_NO_MEMORY, name, "out of memory on purpose");
    }
    return load_double(data, size, format, name, limits, model, error);
}

/* The double's descriptor; a version "sha256:HEX" is the digest, not the version. */
static inline mr_status parse(mr_bytes message, mr_numbering numbering, mr_descriptor *descriptor,
                              mr_error *error) {
    if (parses_without_memory > 0 && parses_without_memory-- > 0)
        return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_status status = double_descriptor_parse(message, numbering, descriptor, error);
    if (status != MR_OK || descriptor->version == NULL || strncmp(descriptor->version, "sha256:", 7) != 0)
        return status;
    descriptor->sha256 = mr_copy_string(descriptor->version + 7);
    mr_free(descriptor->version);
    descriptor->version = NULL;
    return MR_OK;
}

static inline mr_status open_errors(void *context, mr_sink **sink, mr_error *error) {
    (void)error;
    server *s = context;
    s->sinks_opened++;
    *sink = double_sink_new(s->deliveries, &s->sink);
    return MR_OK;
}

static inline void desk_open(desk *d) {
    server_open(&d->server);
    loads = loads_without_memory = parses_without_memory = 0;
    d->now = 0;
    d->source = double_model_source_new();
    d->server.install.load = counting_load;
    d->options = (mr_control_options){.published = &d->server.published,
                                      .source = d->source,
                                      .parse = parse,
                                      .instance_id = "one",
                                      .open_sink = open_errors,
                                      .context = &d->server};
}

static inline void desk_start(desk *d) {
    d->options.install = d->server.install;
    assert_int_equal(mr_control_new(&d->options, &d->control, NULL), MR_OK);
}

static inline void steps(desk *d, int count) {
    mr_error error;
    while (count-- > 0) assert_int_equal(mr_control_step(d->control, 0, d->now += 100, &error), MR_OK);
}

static inline void desk_read(desk *d) {
    steps(d, 400);
}

static inline void desk_close(desk *d) {
    mr_control_free(d->control);
    server_close(&d->server);
}

static inline int64_t publish(desk *d, int32_t partition, const char *text, int64_t timestamp) {
    return double_model_source_append(d->source, partition, NULL, text, timestamp);
}

/* "NAME VERSION" of what serves, or "". */
static inline const char *serving(desk *d, const char *type) {
    static char texts[4][64];
    static int next;
    char *text = texts[next++ % 4];
    mr_model_set *set = NULL;
    mr_published_refresh(&d->server.published, &set);
    const mr_served *served = set ? mr_model_set_find(set, type, strlen(type)) : NULL;
    snprintf(text, sizeof texts[0], "%s%s%s", served ? served->identity.name : "", served ? " " : "",
             served ? served->identity.version : "");
    mr_published_release(&d->server.published, set);
    return text;
}

#endif
