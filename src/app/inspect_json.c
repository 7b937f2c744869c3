/* The report that programs read: one object, with all values and all fields. */
#include "app/inspect.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *text_or_null(const char *text) {
    return text ? json_string(text) : json_null();
}

static void set_text(json_t *object, const char *key, const char *text) {
    if (text != NULL) json_object_set_new(object, key, json_string(text));
}

/* All attributes of an element but the named ones. */
static json_t *attributes_of(const mr_kept *element, const char *const *but) {
    json_t *object = json_object();
    for (const char **a = element ? element->attributes : NULL; a && a[0]; a += 2) {
        bool left_out = false;
        for (const char *const *b = but; *b; b++) left_out |= strcmp(*b, a[0]) == 0;
        if (!left_out) set_text(object, a[0], a[1]);
    }
    return object;
}

static json_t *producer_of(const mr_inspection *i) {
    const mr_kept *header = mr_inspection_part(i, "Header");
    const mr_kept *application = mr_kept_child(header, "Application"),
                  *time = mr_kept_child(header, "Timestamp");
    json_t *object = json_object();
    json_object_set_new(object, "application", text_or_null(mr_kept_attribute(application, "name")));
    json_object_set_new(object, "version", text_or_null(mr_kept_attribute(application, "version")));
    json_object_set_new(object, "timestamp", text_or_null(time && *time->text ? time->text : NULL));
    json_object_set_new(object, "copyright", text_or_null(mr_kept_attribute(header, "copyright")));
    json_object_set_new(object, "description", text_or_null(mr_kept_attribute(header, "description")));
    return object;
}

/* ---- Models ---- */

static json_t *model_of(const mr_inspection *i, const mr_described_model *model, uint64_t alike, size_t at,
                        int depth) {
    const mr_described_model *models = i->description.models;
    json_t *object = json_object(), *parts = json_object();
    set_text(object, "element", model->element);
    json_object_set_new(object, "count", json_integer((json_int_t)alike));
    set_text(object, "name", model->name);
    set_text(object, "function", model->function);
    set_text(object, "algorithm", model->algorithm);
    set_text(object, "method", model->method);
    json_object_set_new(object, "line", json_integer(model->line));
    for (int part = 0; part < MR_PARTS; part++)
        if (model->parts[part] > 0)
            json_object_set_new(parts, mr_part_names[part].element,
                                json_integer((json_int_t)model->parts[part]));
    json_object_set_new(object, "parts", parts);
    if (models[at].end == at + 1 || depth > 32) return object;
    json_t *list = json_array();
    for (size_t next = at + 1; next < models[at].end;) {
        mr_described_model sum;
        uint64_t count;
        size_t behind = mr_inspection_alike(i, next, models[at].end, &count, &sum);
        json_array_append_new(list, model_of(i, &sum, count, next, depth + 1));
        next = behind;
    }
    json_object_set_new(object, "models", list);
    return object;
}

/* ---- Fields ---- */

static json_t *values_of(const mr_kept *field, const char *property) {
    json_t *list = json_array();
    for (const mr_kept *v = field ? field->child : NULL; v; v = v->sibling) {
        const char *own = mr_kept_attribute(v, "property");
        if (strcmp(v->name, "Value") != 0 || strcmp(own ? own : "valid", property) != 0) continue;
        json_array_append_new(list, text_or_null(mr_kept_attribute(v, "value")));
    }
    return list;
}

static json_t *intervals_of(const mr_kept *field) {
    static const char *const nothing[] = {NULL};
    json_t *list = json_array();
    for (const mr_kept *v = field ? field->child : NULL; v; v = v->sibling)
        if (strcmp(v->name, "Interval") == 0) json_array_append_new(list, attributes_of(v, nothing));
    return list;
}

static const mr_kept *target_of(const mr_inspection *i, const char *name) {
    const mr_kept *targets = mr_inspection_part(i, "Targets");
    for (const mr_kept *t = targets ? targets->child : NULL; t; t = t->sibling) {
        const char *field = mr_kept_attribute(t, "field");
        if (field && name && strcmp(field, name) == 0) return t;
    }
    return NULL;
}

static json_t *field_of(const mr_inspection *i, const mr_kept *mining) {
    static const char *const told[] = {"name", "usageType", "optype", NULL}, *const target_told[] = {"field",
                                                                                                     NULL};
    const char *name = mr_kept_attribute(mining, "name"), *measure = mr_kept_attribute(mining, "optype");
    const mr_kept *field = mr_inspection_data_field(i, name), *target = target_of(i, name);
    json_t *object = json_object();
    json_object_set_new(object, "name", text_or_null(name));
    json_object_set_new(object, "type", text_or_null(mr_kept_attribute(field, "dataType")));
    json_object_set_new(object, "measure",
                        text_or_null(measure ? measure : mr_kept_attribute(field, "optype")));
    set_text(object, "display_name", mr_kept_attribute(field, "displayName"));
    json_object_set_new(object, "usage", json_string(mr_mining_usage(mining)));
    json_object_set_new(object, "values", values_of(field, "valid"));
    json_object_set_new(object, "invalid_values", values_of(field, "invalid"));
    json_object_set_new(object, "missing_values", values_of(field, "missing"));
    json_object_set_new(object, "intervals", intervals_of(field));
    json_object_set_new(object, "treatment", attributes_of(mining, told));
    if (target != NULL) json_object_set_new(object, "target", attributes_of(target, target_told));
    return object;
}

/* Those that are active, or targets, or neither. */
static json_t *fields_of(const mr_inspection *i, int which) {
    const mr_kept *schema = mr_inspection_part(i, "MiningSchema");
    json_t *list = json_array();
    for (const mr_kept *m = schema ? schema->child : NULL; m; m = m->sibling) {
        if (strcmp(m->name, "MiningField") != 0) continue;
        const char *usage = mr_mining_usage(m);
        int is = strcmp(usage, "active") == 0 ? 0 : strcmp(usage, "target") == 0 ? 1 : 2;
        if (is == which) json_array_append_new(list, field_of(i, m));
    }
    return list;
}

static const mr_kept *output_of(const mr_inspection *i, const char *name) {
    const mr_kept *outputs = mr_inspection_part(i, "Output");
    for (const mr_kept *o = outputs ? outputs->child : NULL; o; o = o->sibling) {
        const char *known = mr_kept_attribute(o, "name");
        if (known && strcmp(known, name) == 0) return o;
    }
    return NULL;
}

static json_t *output_with(const char *name, const char *role, const char *type, const mr_kept *output) {
    json_t *object = json_object();
    json_object_set_new(object, "name", text_or_null(name));
    set_text(object, "role", role);
    json_object_set_new(object, "type", text_or_null(type));
    set_text(object, "feature", mr_kept_attribute(output, "feature"));
    set_text(object, "value", mr_kept_attribute(output, "value"));
    return object;
}

/* As they are given; of a model that is refused, as they are written. */
static json_t *outputs_of(const mr_inspection *i) {
    json_t *list = json_array();
    const mr_model_shape *shape = i->model ? mr_model_get_shape(i->model) : NULL;
    for (uint32_t o = 0; shape && o < shape->output_count; o++) {
        const mr_output *output = &shape->outputs[o];
        json_array_append_new(list, output_with(output->name, mr_role_name(output->role),
                                                mr_type_name(output->type), output_of(i, output->name)));
    }
    const mr_kept *kept = shape ? NULL : mr_inspection_part(i, "Output");
    for (const mr_kept *o = kept ? kept->child : NULL; o; o = o->sibling)
        if (strcmp(o->name, "OutputField") == 0)
            json_array_append_new(
                list, output_with(mr_kept_attribute(o, "name"), NULL, mr_kept_attribute(o, "dataType"), o));
    return list;
}

/* ---- All ---- */

static json_t *ignored_of(const mr_inspection *i) {
    json_t *list = json_array();
    for (size_t k = 0; k < i->description.ignored_count; k++) {
        const mr_ignored *one = &i->description.ignored[k];
        json_t *object = json_object();
        set_text(object, "element", one->element);
        set_text(object, "attribute", one->attribute);
        json_object_set_new(object, "count", json_integer((json_int_t)one->count));
        json_object_set_new(object, "line", json_integer(one->line));
        set_text(object, "reason", one->reason);
        json_array_append_new(list, object);
    }
    return list;
}

/* An element as it is written, with all in it. */
static json_t *element_of(const mr_kept *element) {
    static const char *const nothing[] = {NULL};
    if (element == NULL) return json_null();
    json_t *object = json_object(), *children = json_array();
    set_text(object, "element", element->name);
    json_object_set_new(object, "attributes", attributes_of(element, nothing));
    if (*element->text) set_text(object, "text", element->text);
    for (const mr_kept *c = element->child; c; c = c->sibling) json_array_append_new(children, element_of(c));
    if (element->child != NULL) json_object_set(object, "children", children);
    json_decref(children);
    return object;
}

static json_t *refusal_of(const mr_inspection *i) {
    json_t *object = json_object();
    json_object_set_new(object, "where", json_string(i->refusal.where));
    json_object_set_new(object, "message", json_string(i->refusal.message));
    json_object_set_new(object, "status", json_string(mr_status_name(i->refusal.status)));
    return object;
}

mr_status mr_inspection_print_json(const mr_inspection *i, FILE *out, mr_error *error) {
    const mr_model_shape *shape = i->model ? mr_model_get_shape(i->model) : NULL;
    json_t *root = json_object(), *models = json_array();
    json_object_set_new(root, "file", json_string(i->path));
    json_object_set_new(root, "bytes", json_integer((json_int_t)i->size));
    json_object_set_new(root, "sha256", json_string(i->sha256));
    json_object_set_new(root, "pmml_version",
                        text_or_null(mr_kept_attribute(i->description.root, "version")));
    json_object_set_new(root, "elements", json_integer((json_int_t)i->description.elements));
    json_object_set_new(root, "producer", producer_of(i));
    json_object_set_new(root, "scored", json_boolean(i->model != NULL));
    json_object_set_new(root, "refusal", shape ? json_null() : refusal_of(i));
    json_object_set_new(root, "memory", shape ? json_integer((json_int_t)shape->memory) : json_null());
    json_object_set_new(root, "load_seconds", shape ? json_real(i->load_seconds) : json_null());
    json_object_set_new(root, "scores",
                        shape ? json_string(shape->arity == MR_SCORES_GROUPS ? "groups" : "rows")
                              : json_null());
    for (size_t at = 0; at < i->description.model_count; at = i->description.models[at].end)
        json_array_append_new(models, model_of(i, &i->description.models[at], 1, at, 0));
    json_object_set_new(root, "models", models);
    json_object_set_new(root, "derived_fields", json_integer((json_int_t)i->description.derived));
    json_object_set_new(root, "inputs", fields_of(i, 0));
    json_object_set_new(root, "targets", fields_of(i, 1));
    json_object_set_new(root, "other_fields", fields_of(i, 2));
    json_object_set_new(root, "outputs", outputs_of(i));
    json_object_set_new(root, "model_stats", element_of(mr_inspection_part(i, "ModelStats")));
    json_object_set_new(root, "model_explanation", element_of(mr_inspection_part(i, "ModelExplanation")));
    json_object_set_new(root, "verification_records", json_integer((json_int_t)i->description.verifications));
    json_object_set_new(root, "ignored", ignored_of(i));
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (text == NULL) return mr_fail(error, MR_NO_MEMORY, i->path, "out of memory");
    fprintf(out, "%s\n", text);
    free(text);
    return MR_OK;
}
