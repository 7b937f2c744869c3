/* Routes: which path is answered by what. HTTP thread only, except where said. */
#ifndef MR_HTTP_ROUTES_H
#define MR_HTTP_ROUTES_H

#include "core/view.h"
#include "http/answer.h"

/* What is known of the server itself. Strings borrowed; valid while the server is. */
typedef struct mr_http_site {
    const mr_view *view;
    const char *default_type; /* NULL: none */
    const char *host;         /* under which others reach this instance */
    uint16_t port;
} mr_http_site;

typedef struct mr_http_request {
    const mr_http_site *site;
    const char *path;      /* decoded, without the query */
    const char *type;      /* ?type=, decoded; NULL: not given */
    const char *data_type; /* of /state/{type}; NULL elsewhere */
} mr_http_request;

/* Answers a GET. The answer may be `failed`. */
void mr_http_route(mr_http_request *request, mr_http_answer *answer);

/* ---- The handlers; each fills the whole answer from the snapshot. ---- */
typedef void mr_http_handler(const mr_http_request *request, const mr_snapshot *snapshot,
                             mr_http_answer *answer);
mr_http_handler mr_http_state_value, mr_http_state_of_type, mr_http_state_instance, mr_http_state_instances;
mr_http_handler mr_http_models, mr_http_alive, mr_http_ready, mr_http_metrics;

#endif
