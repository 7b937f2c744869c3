/* One table of routes; the first that matches answers, from one snapshot.
 *
 * The order matters in one place: /state/{type} comes after the fixed names under /state, as the
 * tutorial's does. A data type called like one of those is reached by /state?type=.
 */
#include "http/routes.h"

#include <stdio.h>
#include <string.h>

typedef struct route {
    const char *path; /* a last "{type}" stands for any text */
    mr_http_handler *handler;
    const char *what;
} route;

static mr_http_handler index_of_routes;

static const route routes[] = {
    {"/", index_of_routes, "this list"},
    {"/state", mr_http_state_value, "the model in service and its statistics; ?type= names the data type"},
    {"/state/value", mr_http_state_value, "the same"},
    {"/stats", mr_http_state_value, "the same"},
    {"/state/instance", mr_http_state_instance, "all data types and partitions of this instance"},
    {"/state/instances", mr_http_state_instances, "the instances known"},
    {"/state/{type}", mr_http_state_of_type, "one data type"},
    {"/models", mr_http_models, "the data types that have a model, and the models"},
    {"/livez", mr_http_alive, "200 while the process works"},
    {"/readyz", mr_http_ready, "200 when models are loaded and records are read, else 503 with the reason"},
    {"/metrics", mr_http_metrics, "metrics for Prometheus"},
};
enum { ROUTE_COUNT = sizeof routes / sizeof *routes };

static json_t *route_list(void) {
    json_t *list = json_array();
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        json_t *item = json_pack("{s:s,s:s}", "path", routes[i].path, "what", routes[i].what);
        if (json_array_append_new(list, item) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static void index_of_routes(const mr_http_request *request, const mr_snapshot *snapshot,
                            mr_http_answer *answer) {
    (void)request;
    json_t *value = json_pack("{s:s,s:o,s:o,s:o}", "millrace", MR_VERSION, "application",
                              mr_http_json_text(snapshot->application_id), "instance",
                              mr_http_json_text(snapshot->instance_id), "routes", route_list());
    mr_http_answer_json(answer, 200, value);
}

/* One slash at the end is forgiven. *variable: what stands for {type}. */
static bool matches(const char *pattern, const char *path, const char **variable) {
    const char *brace = strchr(pattern, '{');
    if (brace != NULL) {
        size_t fixed = (size_t)(brace - pattern);
        *variable = path + fixed;
        return strncmp(pattern, path, fixed) == 0 && path[fixed] != '\0';
    }
    size_t length = strlen(pattern);
    return strncmp(pattern, path, length) == 0 &&
           (path[length] == '\0' || (path[length] == '/' && path[length + 1] == '\0'));
}

static const route *find(mr_http_request *request) {
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        const char *variable = NULL;
        if (!matches(routes[i].path, request->path, &variable)) continue;
        request->data_type = variable;
        return &routes[i];
    }
    return NULL;
}

void mr_http_route(mr_http_request *request, mr_http_answer *answer) {
    const route *found = find(request);
    if (found == NULL) {
        mr_http_answer_error(answer, 404, "there is nothing at this path", "ask for one of these routes",
                             "routes", route_list());
        return;
    }
    mr_error error = {0};
    mr_snapshot snapshot = {0};
    const mr_view *view = request->site->view;
    if (view->snapshot(view->context, &snapshot, &error) != MR_OK) {
        char what[sizeof error.message + 64];
        snprintf(what, sizeof what, "the state cannot be read now: %s",
                 error.message[0] ? error.message : mr_status_meaning(error.status));
        mr_http_answer_error(answer, 503, what, "ask again in a second", NULL, NULL);
        return;
    }
    found->handler(request, &snapshot, answer);
    mr_snapshot_free(&snapshot);
}
