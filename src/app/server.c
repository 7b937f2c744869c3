/* The library's own entry: a configuration and an application behind one handle. */
#include "millrace/millrace.h"

#include <string.h>

#include "app/application.h"
#include "app/settings_file.h"
#include "base/log.h"
#include "base/memory.h"

struct mr_server {
    mr_configuration configuration;
    mr_settings settings;
    mr_application *application;
};

const char *mr_version(void) {
    return MR_VERSION;
}

static mr_status read_settings(mr_server *server, const mr_server_options *options, mr_error *error) {
    mr_problems *problems = mr_alloc_zero(1, sizeof *problems);
    if (problems == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    if (options->config != NULL) mr_settings_read_file(&server->settings, options->config, 0, problems);
    for (size_t i = 0; i < options->setting_count; i++)
        mr_settings_set(&server->settings, options->settings[i].key, options->settings[i].value, 2,
                        options->settings[i].key, problems);
    mr_configuration_check(&server->configuration, &server->settings, problems);
    mr_status status = problems->count > 0 ? MR_INVALID_ARGUMENT : MR_OK;
    if (status != MR_OK) *error = problems->items[0];
    mr_free(problems);
    return status;
}

mr_status mr_server_open(const mr_server_options *given, mr_server **made, mr_error *error) {
    mr_server_options copy = {0}, *options = &copy;
    if (given->size < sizeof given->size)
        return mr_fail(error, MR_INVALID_ARGUMENT, NULL, "mr_server_options.size is not set");
    memcpy(options, given, given->size < sizeof copy ? given->size : sizeof copy);
    mr_error unwanted;
    if (error == NULL) error = &unwanted;
    mr_server *server = mr_alloc_zero(1, sizeof *server);
    if (server == NULL) return mr_fail(error, MR_NO_MEMORY, NULL, "out of memory");
    mr_option_table table = {mr_configuration_options, mr_configuration_option_count, &server->configuration};
    mr_status status = mr_settings_init(&server->settings, &table, 1, error);
    if (status == MR_OK) status = read_settings(server, options, error);
    if (status == MR_OK)
        status = mr_application_new(&server->configuration, NULL, &server->application, error);
    if (status != MR_OK) {
        mr_server_close(server);
        return status;
    }
    mr_log_configure((mr_level)server->configuration.log_level,
                     (mr_log_format)server->configuration.log_format);
    *made = server;
    return MR_OK;
}

mr_status mr_server_run(mr_server *server, mr_error *error) {
    mr_error unwanted;
    return mr_application_run(server->application, error ? error : &unwanted);
}

void mr_log_to(mr_log_line *line, void *context) {
    mr_log_set_sink(line, context);
}

void mr_server_stop(mr_server *server) {
    mr_application_stop(server->application);
}

int mr_server_http_port(const mr_server *server) {
    return mr_application_http_port(server->application);
}

void mr_server_close(mr_server *server) {
    if (server == NULL) return;
    mr_application_free(server->application);
    mr_settings_free(&server->settings);
    mr_free(server);
}
