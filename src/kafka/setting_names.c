/* The names that librdkafka itself knows, read from the list that it prints: a line each, "name | role | ..."
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "kafka/client.h"

/* The nearer of `nearest` and the name that a line of the list begins with. */
static void consider(const char *line, const char *wanted, unsigned *best, char *nearest, size_t size) {
    const char *bar = strstr(line, " | ");
    size_t length = strcspn(line, " |\n");
    if (bar == NULL || length == 0 || length >= size) return;
    unsigned edits = mr_edits(wanted, strlen(wanted), line, length);
    if (edits >= *best) return;
    *best = edits;
    memcpy(nearest, line, length);
    nearest[length] = '\0';
}

bool mr_kafka_nearest_setting(const char *name, char *nearest, size_t size) {
    char *list = NULL;
    size_t list_size = 0;
    unsigned none = mr_edits_allowed(strlen(name)) + 1, best = none;
    FILE *out = open_memstream(&list, &list_size);
    if (out == NULL) return false;
    rd_kafka_conf_properties_show(out);
    if (fclose(out) == 0) {
        for (const char *line = list; line != NULL && *line != '\0';) {
            consider(line, name, &best, nearest, size);
            line = strchr(line, '\n');
            if (line != NULL) line++;
        }
    }
    free(list); /* of open_memstream */
    return best < none;
}
