/* The report that people read: what it is, what it wants, what it gives, what of it counts for nothing. */
#include "app/inspect.h"
#include "app/inspect_print.h"

#include <string.h>

enum { SEGMENT_LINES = 16 };

static void put_bytes(FILE *out, size_t bytes) {
    if (bytes < 1000) fprintf(out, "%zu bytes", bytes);
    else if (bytes < 1000000) fprintf(out, "%.1f kB", (double)bytes / 1e3);
    else fprintf(out, "%.1f MB", (double)bytes / 1e6);
}

static void put_line(FILE *out, const char *label, const char *text) {
    if (text == NULL || *text == 0) return;
    fprintf(out, "  %-14s", label);
    mr_put(out, text);
    fputc('\n', out);
}

/* ---- What it is ---- */

static void print_producer(const mr_inspection *i, FILE *out) {
    const mr_kept *header = mr_inspection_part(i, "Header");
    const mr_kept *application = mr_kept_child(header, "Application");
    const char *name = mr_kept_attribute(application, "name");
    const char *version = mr_kept_attribute(application, "version");
    if (name != NULL) {
        fprintf(out, "  %-14s", "made by");
        mr_put(out, name);
        if (version != NULL) fputc(' ', out), mr_put(out, version);
        fputc('\n', out);
    }
    put_line(out, "made at",
             header && mr_kept_child(header, "Timestamp") ? mr_kept_child(header, "Timestamp")->text : NULL);
    put_line(out, "copyright", mr_kept_attribute(header, "copyright"));
    put_line(out, "described as", mr_kept_attribute(header, "description"));
}

static void print_file(const mr_inspection *i, FILE *out) {
    const mr_kept *root = i->description.root;
    const char *version = mr_kept_attribute(root, "version");
    mr_put(out, i->path);
    if (root == NULL || strcmp(root->name, "PMML") != 0) fprintf(out, ": no PMML");
    else if (version == NULL) fprintf(out, ": PMML of no version");
    else fprintf(out, ": PMML "), mr_put(out, version);
    fprintf(out, "\n\n  %-14s", "size");
    put_bytes(out, i->size);
    fprintf(out, ", ");
    mr_put_count(out, i->description.elements);
    fprintf(out, " elements\n");
    put_line(out, "SHA-256", i->sha256);
    print_producer(i, out);
    if (i->model != NULL) {
        fprintf(out, "  %-14syes; ", "scored");
        put_bytes(out, mr_model_get_shape(i->model)->memory);
        fprintf(out, " of memory, loaded in %.1f ms\n", i->load_seconds * 1e3);
    } else {
        const char *line = strrchr(i->refusal.where, ':');
        fprintf(out, "  %-14sNO, it is refused: ", "scored");
        if (line != NULL) fputs("line ", out), mr_put(out, line + 1), fputs(": ", out);
        mr_put(out, i->refusal.message);
        fputc('\n', out);
    }
    if (!i->description.complete && i->description.problem.message[0])
        put_line(out, "broken off", i->description.problem.message);
}

static void print_parts(const mr_described_model *model, FILE *out) {
    bool any = false;
    for (int part = 0; part < MR_PARTS; part++) {
        if (model->parts[part] == 0) continue;
        fprintf(out, any ? ", " : ": ");
        mr_put_count(out, model->parts[part]);
        fprintf(out, " %s", model->parts[part] == 1 ? mr_part_names[part].one : mr_part_names[part].many);
        any = true;
    }
}

static uint64_t count_segments(const mr_inspection *i, size_t at) {
    uint64_t count = 0;
    for (size_t next = at + 1; next < i->description.models[at].end; next = i->description.models[next].end)
        count++;
    return count;
}

/* A model, and the models within it below, those that are alike as one. */
static void print_model(const mr_inspection *i, const mr_described_model *model, uint64_t alike, size_t at,
                        int indent, FILE *out) {
    fprintf(out, "%*s", indent, "");
    if (alike > 1) mr_put_count(out, alike), fputs(" x ", out);
    mr_put(out, model->element);
    if (model->name != NULL && *model->name) fputs(" \"", out), mr_put(out, model->name), fputs("\"", out);
    if (model->function != NULL) fputs(", ", out), mr_put(out, model->function);
    if (model->algorithm != NULL && *model->algorithm) fputs(", by ", out), mr_put(out, model->algorithm);
    uint64_t segments = count_segments(i, at);
    if (segments > 0) {
        fputs(", ", out);
        mr_put(out, model->method ? model->method : "made");
        fputs(" of ", out);
        mr_put_count(out, segments);
    }
    print_parts(model, out);
    fputc('\n', out);
    if (segments == 0) return;
    int lines = 0;
    for (size_t next = at + 1; next < i->description.models[at].end && indent < 40;) {
        mr_described_model sum;
        uint64_t count;
        if (lines++ == SEGMENT_LINES) {
            fprintf(out, "%*s... and more\n", indent + 2, "");
            break;
        }
        size_t behind = mr_inspection_alike(i, next, i->description.models[at].end, &count, &sum);
        print_model(i, &sum, count, next, indent + 2, out);
        next = behind;
    }
}

static void print_models(const mr_inspection *i, FILE *out) {
    const mr_described_model *model = mr_inspection_model(i);
    fprintf(out, "\nModel\n");
    if (model == NULL) {
        fprintf(out, "  none\n");
        return;
    }
    for (size_t at = 0; at < i->description.model_count; at = i->description.models[at].end)
        print_model(i, &i->description.models[at], 1, at, 2, out);
    if (i->description.derived > 0) {
        fprintf(out, "  with ");
        mr_put_count(out, i->description.derived);
        fprintf(out, " derived field%s\n", i->description.derived == 1 ? "" : "s");
    }
}

/* ---- What it gives ---- */

static const mr_kept *find_output(const mr_kept *outputs, const char *name) {
    for (const mr_kept *o = outputs ? outputs->child : NULL; o; o = o->sibling) {
        const char *known = mr_kept_attribute(o, "name");
        if (known && strcmp(known, name) == 0) return o;
    }
    return NULL;
}

static void print_feature(const mr_kept *output, FILE *out) {
    const char *feature = mr_kept_attribute(output, "feature"), *value = mr_kept_attribute(output, "value");
    if (output == NULL) return;
    fputc(' ', out);
    mr_put(out, feature ? feature : "predictedValue");
    if (value != NULL) fputs(" of ", out), mr_put(out, value);
}

static void print_outputs(const mr_inspection *i, FILE *out) {
    const mr_kept *kept = mr_inspection_part(i, "Output");
    int width = mr_name_width(kept, "OutputField", "name"), printed = 0;
    const mr_model_shape *shape = i->model ? mr_model_get_shape(i->model) : NULL;
    if (shape == NULL && kept == NULL) return;
    fprintf(out, "\nOutputs, the columns of a result\n");
    for (uint32_t o = 0; shape && o < shape->output_count; o++) {
        const mr_output *output = &shape->outputs[o];
        if ((int)strlen(output->name) + 2 > width && strlen(output->name) < MR_NAME_WIDTH_MAX)
            width = (int)strlen(output->name) + 2;
    }
    for (uint32_t o = 0; shape && o < shape->output_count && printed < MR_LINES_MAX; o++, printed++) {
        const mr_output *output = &shape->outputs[o];
        mr_put_name(output->name, width, out);
        const mr_kept *field = find_output(kept, output->name);
        fprintf(out, field ? "%-9s %-12s" : "%-9s %s", mr_type_name(output->type),
                mr_role_name(output->role));
        print_feature(field, out);
        fputc('\n', out);
    }
    for (const mr_kept *o = shape ? NULL : kept->child; o && printed < MR_LINES_MAX;
         o = o->sibling, printed++) {
        if (strcmp(o->name, "OutputField") != 0) continue;
        const char *type = mr_kept_attribute(o, "dataType");
        mr_put_name(mr_kept_attribute(o, "name"), width, out);
        fprintf(out, "%-9.40s", type ? type : "");
        print_feature(o, out);
        fputc('\n', out);
    }
    if (printed == MR_LINES_MAX) fprintf(out, "  ... and more; --json has all\n");
}

static void print_verification(const mr_inspection *i, FILE *out) {
    if (i->description.verifications == 0) return;
    fputs("\nVerification\n  ", out);
    mr_put_count(out, i->description.verifications);
    fprintf(out, " records with the results that the producer got%s\n",
            i->model ? "; loading got the same" : "");
}

/* ---- What counts for nothing ---- */

static size_t name_ignored(const mr_ignored *one, char *name, size_t room) {
    int size = snprintf(name, room, "%s%s%s", one->attribute ? one->attribute : one->element,
                        one->attribute ? " of " : "", one->attribute ? one->element : "");
    return size > 0 ? (size_t)size : 0;
}

static void print_ignored(const mr_inspection *i, FILE *out) {
    const mr_description *d = &i->description;
    char what[128];
    size_t width = 0;
    if (d->ignored_count == 0) return;
    for (size_t k = 0; k < d->ignored_count; k++) {
        size_t size = name_ignored(&d->ignored[k], what, sizeof what);
        if (size > width) width = size;
    }
    fprintf(out, "\nWithout effect on scores\n");
    for (size_t k = 0; k < d->ignored_count; k++) {
        const mr_ignored *one = &d->ignored[k];
        name_ignored(one, what, sizeof what);
        fprintf(out, "  line %-7u %-*s  %s", one->line, (int)width, what, one->reason);
        if (one->count > 1) fputs(" (", out), mr_put_count(out, one->count), fputs(" times)", out);
        fputc('\n', out);
    }
}

void mr_inspection_print_text(const mr_inspection *i, FILE *out) {
    const mr_kept *schema = mr_inspection_part(i, "MiningSchema");
    print_file(i, out);
    print_models(i, out);
    mr_print_fields(i, schema, "active", "Inputs", out);
    mr_print_fields(i, schema, "group", "Rows with one value of this field give one result", out);
    mr_print_fields(i, schema, "target", "Predicted", out);
    mr_print_unused(schema, out);
    print_outputs(i, out);
    mr_print_statistics(i, out);
    print_verification(i, out);
    print_ignored(i, out);
    if (i->model != NULL)
        fprintf(
            out,
            "\nUnless said otherwise a missing value stays missing, and a row with an invalid value has no "
            "result.\n");
}
