/* The public functions of models, over the tables that engines fill; see core/model.h. */
#include "core/model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

enum { DEFAULT_BYTES = 1 << 30 };

const char *mr_role_name(mr_role role) {
    static const char *const names[] = {"target", "probability", "output"};
    return (unsigned)role < sizeof names / sizeof *names ? names[role] : "unknown";
}

/* ---- Loading ---- */

static const mr_model_loader *find_loader(const void *data, size_t size, const char *format) {
    for (const mr_model_loader *const *loader = mr_model_loaders; *loader != NULL; loader++) {
        if (format ? strcmp((*loader)->format, format) == 0
                   : (*loader)->detect && (*loader)->detect(data, size)) {
            return *loader;
        }
    }
    return NULL;
}

mr_status mr_model_load(const void *data, size_t size, const char *format, const char *name,
                        const mr_model_limits *limits, mr_model **model, mr_error *error) {
    mr_model_limits chosen = {.size = sizeof chosen};
    if (limits != NULL) memcpy(&chosen, limits, limits->size < sizeof chosen ? limits->size : sizeof chosen);
    if (chosen.bytes == 0) chosen.bytes = DEFAULT_BYTES;
    if (chosen.depth == 0) chosen.depth = 512;
    if (chosen.nodes == 0) chosen.nodes = 20000000;
    if (chosen.memory == 0) chosen.memory = (size_t)4 << 30;
    if (size > chosen.bytes) {
        return mr_fail(error, MR_LIMIT, name, "the model has %zu bytes, more than %zu (limit `bytes`)", size,
                       chosen.bytes);
    }
    const mr_model_loader *loader = find_loader(data, size, format);
    if (loader == NULL) {
        return format ? mr_fail(error, MR_UNSUPPORTED, name,
                                "models of format \"%.60s\" are not supported here", format)
                      : mr_fail(error, MR_UNSUPPORTED, name, "the content is of no known model format");
    }
    return loader->load(data, size, name, &chosen, model, error);
}

/* *data: returns owned. */
static mr_status read_file(const char *path, size_t limit, char **data, size_t *size, mr_error *error) {
    mr_status status;
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        status = errno == ENOENT ? MR_NOT_FOUND : MR_IO;
        return mr_fail(error, status, path, "cannot be opened: %s", strerror(errno));
    }
    struct stat facts;
    status = MR_IO;
    if (fstat(fileno(file), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        mr_fail(error, MR_IO, path, "is not a regular file");
        goto close;
    }
    if ((uint64_t)facts.st_size > limit) {
        status = mr_fail(error, MR_LIMIT, path, "the model has %lld bytes, more than %zu (limit `bytes`)",
                         (long long)facts.st_size, limit);
        goto close;
    }
    *data = mr_alloc((size_t)facts.st_size);
    if (*data == NULL) {
        status = mr_fail(error, MR_NO_MEMORY, path, "out of memory");
        goto close;
    }
    *size = fread(*data, 1, (size_t)facts.st_size, file);
    if (ferror(file)) {
        mr_free(*data);
        mr_fail(error, MR_IO, path, "cannot be read");
        goto close;
    }
    status = MR_OK;
close:
    fclose(file);
    return status;
}

mr_status mr_model_load_file(const char *path, const char *format, const mr_model_limits *limits,
                             mr_model **model, mr_error *error) {
    char *data;
    size_t size = 0;
    size_t limit = limits && limits->bytes ? limits->bytes : DEFAULT_BYTES;
    mr_status status = read_file(path, limit, &data, &size, error);
    if (status != MR_OK) return status;
    status = mr_model_load(data, size, format, path, limits, model, error);
    mr_free(data);
    return status;
}

mr_model *mr_model_retain(mr_model *model) {
    atomic_fetch_add_explicit(&model->references, 1, memory_order_relaxed);
    return model;
}

void mr_model_release(mr_model *model) {
    if (model != NULL && atomic_fetch_sub(&model->references, 1) == 1) model->ops->free(model);
}

const mr_model_shape *mr_model_get_shape(const mr_model *model) {
    return &model->shape;
}

/* ---- Binding ---- */

/* Numbers feed numbers, strings feed strings; a boolean is a number, 0 or 1. A string that is continuous is
 * one that stands for a number ("2004-08-20", "N/A"), so a number feeds it too. */
static bool can_feed(mr_type field, const mr_input *input) {
    if (field == MR_TYPE_LIST || input->type == MR_TYPE_LIST) return false;
    if (input->type == MR_TYPE_STRING && input->measure == MR_CONTINUOUS) return true;
    return (field == MR_TYPE_STRING) == (input->type == MR_TYPE_STRING);
}

static mr_status resolve_input(const mr_input *input, const mr_schema *schema, const mr_name_mapping *mapping,
                               size_t mapping_count, uint32_t *index, uint8_t *how, mr_error *error) {
    mr_match match;
    *index = mr_schema_resolve(schema, input->name, input->type, mapping, mapping_count, &match);
    *how = (uint8_t)match;
    if (match == MR_MATCH_AMBIGUOUS) {
        return mr_fail(error, MR_CONFLICT, input->name,
                       "several record fields differ from this input only in case, blanks, `_` or `-`: "
                       "say in records.mapping which one feeds it");
    }
    if (*index == MR_NO_FIELD) return MR_OK;
    const mr_field *field = mr_schema_field(schema, *index);
    if (can_feed(field->type, input)) return MR_OK;
    return mr_fail(error, MR_WRONG_TYPE, input->name,
                   "record field \"%.100s\" is of type %s, which cannot feed an input of type %s",
                   field->name, mr_type_name(field->type), mr_type_name(input->type));
}

static mr_status resolve_inputs(const mr_model_shape *shape, const mr_schema *schema,
                                const mr_name_mapping *mapping, size_t mapping_count, uint32_t *fields,
                                uint8_t *matches, mr_error *error) {
    for (uint32_t i = 0; i < shape->input_count; i++) {
        mr_status status =
            resolve_input(&shape->inputs[i], schema, mapping, mapping_count, &fields[i], &matches[i], error);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

mr_status mr_model_bind(mr_model *model, mr_schema *schema, const mr_name_mapping *mapping,
                        size_t mapping_count, mr_binding **binding, mr_error *error) {
    uint32_t *fields = mr_alloc_zero(model->shape.input_count, sizeof *fields);
    uint8_t *matches = mr_alloc_zero(model->shape.input_count, sizeof *matches);
    mr_status status = MR_NO_MEMORY;
    if (fields == NULL || matches == NULL) {
        mr_fail(error, status, "binding", "out of memory");
        goto fail;
    }
    status = resolve_inputs(&model->shape, schema, mapping, mapping_count, fields, matches, error);
    if (status != MR_OK) goto fail;
    status = model->ops->bind(model, schema, fields, binding, error);
    if (status != MR_OK) goto fail;
    (*binding)->model = mr_model_retain(model);
    (*binding)->schema = mr_schema_retain(schema);
    (*binding)->fields = fields;
    (*binding)->matches = matches;
    return MR_OK;
fail:
    mr_free(fields);
    mr_free(matches);
    return status;
}

void mr_binding_free(mr_binding *binding) {
    if (binding == NULL) return;
    mr_model *model = binding->model;
    mr_schema_release(binding->schema);
    mr_free(binding->fields);
    mr_free(binding->matches);
    model->ops->free_binding(binding);
    mr_model_release(model);
}

uint32_t mr_binding_field(const mr_binding *binding, uint32_t input, mr_match *match) {
    if (match != NULL) *match = (mr_match)binding->matches[input];
    return binding->fields[input];
}

const mr_model *mr_binding_model(const mr_binding *binding) {
    return binding->model;
}

mr_status mr_binding_new_output(const mr_binding *binding, uint32_t rows, mr_frame **out, mr_error *error) {
    const mr_model_shape *shape = &binding->model->shape;
    mr_type *types = mr_alloc_zero(shape->output_count, sizeof *types);
    if (types == NULL) return mr_fail(error, MR_NO_MEMORY, "frame", "out of memory");
    for (uint32_t i = 0; i < shape->output_count; i++) types[i] = shape->outputs[i].type;
    mr_status status = mr_frame_new(types, shape->output_count, rows, out, error);
    mr_free(types);
    return status;
}

/* ---- Scoring ---- */

mr_status mr_scratch_new(size_t bytes, mr_scratch **scratch, mr_error *error) {
    mr_scratch *made = mr_alloc(sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "scratch", "out of memory");
    mr_arena_init(&made->arena, 4096, 0);
    if (bytes > 0 && !mr_arena_reserve(&made->arena, bytes)) {
        mr_free(made);
        return mr_fail(error, MR_NO_MEMORY, "scratch", "out of memory");
    }
    *scratch = made;
    return MR_OK;
}

void mr_scratch_free(mr_scratch *scratch) {
    if (scratch == NULL) return;
    mr_arena_free(&scratch->arena);
    mr_free(scratch);
}

void mr_scratch_reset(mr_scratch *scratch) {
    mr_arena_reset(&scratch->arena, SIZE_MAX);
}

mr_status mr_scratch_grow(mr_scratch *scratch, size_t bytes, mr_error *error) {
    if (mr_arena_reserve(&scratch->arena, bytes)) return MR_OK;
    return mr_fail(error, MR_NO_MEMORY, "scratch", "out of memory: %zu more bytes are needed", bytes);
}

mr_status mr_score(const mr_binding *binding, const mr_frame *in, mr_frame *out, mr_row_result *rows,
                   mr_scratch *scratch, mr_score_progress *progress) {
    return binding->model->ops->score(binding, in, out, rows, scratch, progress);
}

mr_status mr_score_all(const mr_binding *binding, const mr_frame *in, mr_frame *out, mr_row_result *rows,
                       mr_scratch *scratch, mr_error *error) {
    mr_score_progress progress = {0};
    for (;;) {
        mr_status status = mr_score(binding, in, out, rows, scratch, &progress);
        if (status != MR_MORE_MEMORY) return status;
        status = mr_scratch_grow(scratch, progress.needed, error);
        if (status != MR_OK) return status;
    }
}
