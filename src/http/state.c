/* Answers about models and their statistics, as JSON.
 *
 * The tutorial's names come first and mean what they meant there (name, description, since, usage,
 * duration, min, max; milliseconds), so its clients read them unchanged; what we add follows. A
 * failed allocation travels upward: a NULL inside makes the whole NULL, and the answer fails.
 */
#include <math.h>
#include <string.h>

#include "http/routes.h"

/* Takes `item`. Without memory *list or *object, or the item, is NULL; then the former becomes so. */
static void append(json_t **list, json_t *item) {
    if (json_array_append_new(*list, item) == 0) return;
    json_decref(*list);
    *list = NULL;
}

static void set(json_t **object, const char *name, json_t *item) {
    if (json_object_set_new(*object, name, item) == 0) return;
    json_decref(*object);
    *object = NULL;
}

/* A real number; what JSON cannot say is null. */
static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

/* What this instance reads: [{"topic", "partition"}], with `positions` more of each. */
static json_t *partition_list(const mr_snapshot *snapshot, bool positions) {
    json_t *list = json_array();
    for (size_t i = 0; i < snapshot->partition_count; i++) {
        const mr_partition_state *partition = &snapshot->partitions[i];
        json_t *item = json_object();
        set(&item, "topic", mr_http_json_text(partition->topic));
        set(&item, "partition", json_integer(partition->partition));
        if (positions) {
            set(&item, "lane", json_integer(partition->lane));
            set(&item, "position",
                partition->position >= 0 ? json_integer(partition->position) : json_null());
            set(&item, "lag", partition->lag >= 0 ? json_integer(partition->lag) : json_null());
            set(&item, "stopped", mr_http_json_text(partition->stopped_because));
        }
        append(&list, item);
    }
    return list;
}

static json_t *type_list(const mr_snapshot *snapshot) {
    json_t *list = json_array();
    for (size_t i = 0; i < snapshot->state_count; i++) {
        append(&list, mr_http_json_text(snapshot->states[i].data_type));
    }
    return list;
}

/* Rows by their share of the scoring time, in milliseconds; empty buckets are left out. */
static json_t *histogram(const mr_state *state) {
    json_t *list = json_array();
    for (int i = 0; i < MR_BUCKETS; i++) {
        if (state->buckets[i] == 0) continue;
        json_t *item = json_object();
        /* The last bucket holds everything above, too. */
        set(&item, "below", i + 1 < MR_BUCKETS ? json_real(ldexp(1e-6, i)) : json_null());
        set(&item, "count", json_integer((json_int_t)state->buckets[i]));
        append(&list, item);
    }
    return list;
}

/* Which message of the models topic brought the model. */
static json_t *source(const mr_state *state) {
    json_t *value = json_object();
    set(&value, "partition", json_integer(state->source_partition));
    set(&value, "offset", json_integer(state->source_offset));
    return value;
}

/* One data type: the tutorial's seven fields, then ours. */
static json_t *state_object(const mr_state *state) {
    json_t *value = json_object();
    set(&value, "name", mr_http_json_text(state->name));
    set(&value, "description", mr_http_json_text(state->description));
    set(&value, "since", json_integer(state->since));
    set(&value, "usage", json_integer((json_int_t)state->usage));
    set(&value, "duration", number(state->duration));
    set(&value, "min", number(state->min));
    set(&value, "max", number(state->max));
    set(&value, "data_type", mr_http_json_text(state->data_type));
    set(&value, "version", mr_http_json_text(state->version));
    set(&value, "sha256", mr_http_json_text(state->sha256));
    set(&value, "source", source(state));
    set(&value, "histogram", histogram(state));
    return value;
}

/* Of what the numbers in `object` are: this instance's share of the topic. */
static void set_scope(json_t **object, const mr_snapshot *snapshot, bool positions) {
    set(object, "scope", json_string("instance"));
    set(object, "application", mr_http_json_text(snapshot->application_id));
    set(object, "instance", mr_http_json_text(snapshot->instance_id));
    set(object, "partitions", partition_list(snapshot, positions));
}

static void answer_type(const char *data_type, const mr_snapshot *snapshot, mr_http_answer *answer) {
    for (size_t i = 0; i < snapshot->state_count; i++) {
        const mr_state *state = &snapshot->states[i];
        if (strcmp(state->data_type, data_type) != 0) continue;
        json_t *value = state_object(state);
        set_scope(&value, snapshot, false);
        mr_http_answer_json(answer, 200, value);
        return;
    }
    mr_http_answer_error(
        answer, 404, "no model serves this data type",
        "ask for one of the data types listed, or publish a model for this one on the models "
        "topic",
        "data_types", type_list(snapshot));
}

void mr_http_state_of_type(const mr_http_request *request, const mr_snapshot *snapshot,
                           mr_http_answer *answer) {
    answer_type(request->data_type, snapshot, answer);
}

void mr_http_state_value(const mr_http_request *request, const mr_snapshot *snapshot,
                         mr_http_answer *answer) {
    const char *type = request->type != NULL ? request->type : request->site->default_type;
    if (type != NULL) {
        answer_type(type, snapshot, answer);
    } else if (snapshot->state_count == 1) {
        answer_type(snapshot->states[0].data_type, snapshot, answer);
    } else if (snapshot->state_count == 0) {
        mr_http_answer_error(
            answer, 404, "no model is in service yet",
            "publish a model on the models topic; /readyz says whether they are still loading", "data_types",
            type_list(snapshot));
    } else {
        mr_http_answer_error(answer, 400, "there are several data types",
                             "name one with ?type=, ask /state/{type}, or set serving.default_type",
                             "data_types", type_list(snapshot));
    }
}

void mr_http_state_instance(const mr_http_request *request, const mr_snapshot *snapshot,
                            mr_http_answer *answer) {
    (void)request;
    json_t *value = json_object(), *states = json_array();
    for (size_t i = 0; i < snapshot->state_count; i++) append(&states, state_object(&snapshot->states[i]));
    set_scope(&value, snapshot, true);
    set(&value, "ready", json_boolean(snapshot->ready));
    set(&value, "states", states);
    mr_http_answer_json(answer, 200, value);
}

/* Kafka Streams' metadata as the tutorial gives it (host, port, storeNames; its one store is called
 * so), and ours. For now an instance knows itself alone. */
void mr_http_state_instances(const mr_http_request *request, const mr_snapshot *snapshot,
                             mr_http_answer *answer) {
    json_t *self = json_object(), *stores = json_array(), *list = json_array();
    append(&stores, json_string("modelStore"));
    set(&self, "host", mr_http_json_text(request->site->host));
    set(&self, "port", json_integer(request->site->port));
    set(&self, "storeNames", stores);
    set(&self, "application", mr_http_json_text(snapshot->application_id));
    set(&self, "instance", mr_http_json_text(snapshot->instance_id));
    set(&self, "data_types", type_list(snapshot));
    set(&self, "partitions", partition_list(snapshot, false));
    append(&list, self);
    mr_http_answer_json(answer, 200, list);
}

void mr_http_models(const mr_http_request *request, const mr_snapshot *snapshot, mr_http_answer *answer) {
    (void)request;
    json_t *value = json_object(), *details = json_array();
    for (size_t i = 0; i < snapshot->state_count; i++) {
        const mr_state *state = &snapshot->states[i];
        json_t *item = json_object();
        set(&item, "data_type", mr_http_json_text(state->data_type));
        set(&item, "name", mr_http_json_text(state->name));
        set(&item, "description", mr_http_json_text(state->description));
        set(&item, "version", mr_http_json_text(state->version));
        set(&item, "sha256", mr_http_json_text(state->sha256));
        set(&item, "since", json_integer(state->since));
        set(&item, "source", source(state));
        append(&details, item);
    }
    set(&value, "models", type_list(snapshot));
    set(&value, "details", details);
    set_scope(&value, snapshot, false);
    mr_http_answer_json(answer, 200, value);
}

void mr_http_alive(const mr_http_request *request, const mr_snapshot *snapshot, mr_http_answer *answer) {
    (void)request;
    if (snapshot->live) {
        mr_http_answer_json(answer, 200, json_pack("{s:s}", "status", "alive"));
    } else {
        mr_http_answer_error(answer, 503, "the process is not working any more", "see its log; restart it",
                             NULL, NULL);
    }
}

void mr_http_ready(const mr_http_request *request, const mr_snapshot *snapshot, mr_http_answer *answer) {
    (void)request;
    if (snapshot->ready) {
        mr_http_answer_json(answer, 200, json_pack("{s:s}", "status", "ready"));
        return;
    }
    const char *why = snapshot->not_ready_because;
    mr_http_answer_error(answer, 503, why != NULL ? why : "not ready yet",
                         "wait and ask again; when it stays so, the log says more", NULL, NULL);
}
