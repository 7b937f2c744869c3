/* Inspect: the file is read once, then described, digested and loaded, each on its own: a model that is
 * refused is described all the same.
 */
#include "app/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "base/clock.h"
#include "base/memory.h"
#include "pmml/document/support.h"
#include "serving/install.h"

static int by_name(const void *a, const void *b) {
    return strcmp(mr_kept_attribute(*(const mr_kept *const *)a, "name"),
                  mr_kept_attribute(*(const mr_kept *const *)b, "name"));
}

/* A document may hold a million of them. */
static mr_status sort_fields(mr_inspection *i, mr_error *error) {
    const mr_kept *dictionary = mr_inspection_part(i, "DataDictionary");
    for (const mr_kept *field = dictionary ? dictionary->child : NULL; field; field = field->sibling) {
        if (strcmp(field->name, "DataField") != 0 || !mr_kept_attribute(field, "name")) continue;
        if (!MR_GROW(i->fields, i->field_count, i->field_capacity))
            return mr_fail(error, MR_NO_MEMORY, i->path, "out of memory");
        i->fields[i->field_count++] = field;
    }
    if (i->field_count > 0) qsort(i->fields, i->field_count, sizeof *i->fields, by_name);
    return MR_OK;
}

mr_status mr_inspect(mr_inspection *i, const char *path, mr_error *error) {
    *i = (mr_inspection){.path = path};
    char *data;
    mr_status status = mr_read_file(path, &data, &i->size, error);
    if (status != MR_OK) return status;
    mr_sha256_hex(data, i->size, i->sha256);
    int64_t start = mr_monotonic_ns();
    if (mr_model_load(data, i->size, NULL, path, NULL, &i->model, &i->refusal) != MR_OK) i->model = NULL;
    i->load_seconds = (double)(mr_monotonic_ns() - start) / 1e9;
    mr_error problem; /* described last, when what loading took is free again */
    status = mr_describe(&i->description, data, i->size, path, &problem);
    if (status == MR_NO_MEMORY) *error = problem;
    mr_free(data);
    return status == MR_NO_MEMORY ? status : sort_fields(i, error);
}

void mr_inspection_free(mr_inspection *i) {
    mr_description_free(&i->description);
    mr_free(i->fields);
    mr_model_release(i->model);
}

void mr_inspect_print_support(FILE *out) {
    mr_support_print(out);
}

const mr_described_model *mr_inspection_model(const mr_inspection *i) {
    return i->description.model_count > 0 ? &i->description.models[0] : NULL;
}

const mr_kept *mr_inspection_part(const mr_inspection *i, const char *name) {
    return mr_kept_child(i->description.root, name);
}

const mr_kept *mr_inspection_data_field(const mr_inspection *i, const char *name) {
    const char *attributes[] = {"name", name, NULL};
    const mr_kept wanted = {.attributes = attributes}, *key = &wanted;
    if (name == NULL || i->field_count == 0) return NULL;
    const mr_kept **found = bsearch(&key, i->fields, i->field_count, sizeof *i->fields, by_name);
    return found ? *found : NULL;
}

const char *mr_mining_usage(const mr_kept *field) {
    const char *usage = mr_kept_attribute(field, "usageType");
    if (usage == NULL) return "active";
    return strcmp(usage, "predicted") == 0 ? "target" : usage;
}

static bool alike(const mr_described_model *a, const mr_described_model *b) {
    if (strcmp(a->element, b->element) != 0) return false;
    return a->function && b->function ? strcmp(a->function, b->function) == 0 : a->function == b->function;
}

size_t mr_inspection_alike(const mr_inspection *i, size_t at, size_t end, uint64_t *count,
                           mr_described_model *sum) {
    const mr_described_model *models = i->description.models, *first = &models[at];
    *sum = *first;
    *count = 1;
    if (first->end > at + 1) return first->end;
    size_t next = at + 1;
    for (; next < end && models[next].end == next + 1 && alike(first, &models[next]); next++) {
        for (int part = 0; part < MR_PARTS; part++) sum->parts[part] += models[next].parts[part];
        if (sum->name != NULL) sum->name = NULL;
        ++*count;
    }
    return next;
}
