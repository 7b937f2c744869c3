/* The fields of a report: a line each, with types, values and what becomes of those that are missing or
 * wrong. */
#include "app/inspect_print.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"

enum { LIST_BYTES = 72 };

/* What a file says may hold anything; a terminal gets text. */
void mr_put(FILE *out, const char *text) {
    char shown[4096];
    mr_escape(shown, sizeof shown, text ? text : "");
    fputs(shown, out);
}

void mr_put_count(FILE *out, uint64_t number) {
    char digits[32];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0) fputc(',', out);
        fputc(digits[i], out);
    }
}

void mr_put_name(const char *name, int width, FILE *out) {
    char shown[1024];
    mr_escape(shown, sizeof shown, name ? name : "?");
    fprintf(out, "  %-*s%s", width, shown, (int)strlen(shown) < width ? "" : "  ");
}

int mr_name_width(const mr_kept *parent, const char *element, const char *attribute) {
    size_t width = 8;
    for (const mr_kept *c = parent ? parent->child : NULL; c; c = c->sibling) {
        const char *name = mr_kept_attribute(c, attribute);
        if (strcmp(c->name, element) != 0 || name == NULL) continue;
        if (strlen(name) > width) width = strlen(name);
    }
    return width < MR_NAME_WIDTH_MAX ? (int)width + 2 : MR_NAME_WIDTH_MAX;
}

/* ---- Values ---- */

/* A list that stops where it gets long. */
typedef struct list {
    FILE *out;
    size_t bytes;
    uint64_t count;
} list;

static void add(list *l, const char *before, const char *text, const char *after) {
    if (l->bytes < LIST_BYTES) {
        if (l->count > 0) fputs(", ", l->out);
        fputs(before, l->out), mr_put(l->out, text), fputs(after, l->out);
        l->bytes += strlen(before) + strlen(text) + strlen(after) + 2;
    }
    l->count++;
}

static void end_list(const list *l, uint64_t shown_all) {
    if (l->bytes >= LIST_BYTES && shown_all > 0) {
        fputs(", ... (", l->out);
        mr_put_count(l->out, l->count);
        fputs(" in all)", l->out);
    }
}

static bool has_property(const mr_kept *value, const char *property) {
    const char *own = mr_kept_attribute(value, "property");
    return strcmp(own ? own : "valid", property) == 0;
}

/* The Values of a property; returns how many there are. */
static uint64_t print_values(const mr_kept *field, const char *property, const char *label, FILE *out) {
    list l = {.out = out};
    uint64_t all = 0, seen = 0;
    for (const mr_kept *v = field ? field->child : NULL; v; v = v->sibling)
        all += strcmp(v->name, "Value") == 0 && has_property(v, property);
    if (all == 0) return 0;
    fputs(label, out);
    for (const mr_kept *v = field->child; v; v = v->sibling) {
        if (strcmp(v->name, "Value") != 0 || !has_property(v, property)) continue;
        const char *text = mr_kept_attribute(v, "value");
        if (l.bytes < LIST_BYTES) seen++;
        add(&l, "", text ? text : "?", "");
    }
    end_list(&l, all - seen);
    return all;
}

static uint64_t print_intervals(const mr_kept *field, FILE *out) {
    list l = {.out = out};
    uint64_t all = 0, seen = 0;
    for (const mr_kept *v = field ? field->child : NULL; v; v = v->sibling) {
        if (strcmp(v->name, "Interval") != 0) continue;
        const char *left = mr_kept_attribute(v, "leftMargin"), *right = mr_kept_attribute(v, "rightMargin");
        const char *closure = mr_kept_attribute(v, "closure");
        char text[160];
        snprintf(text, sizeof text, "%s%.64s .. %.64s%s",
                 left && closure && strncmp(closure, "closed", 6) == 0 ? "[" : "(", left ? left : "-infinity",
                 right ? right : "infinity", right && closure && strstr(closure, "Closed") ? "]" : ")");
        if (l.bytes < LIST_BYTES) seen++;
        add(&l, all == 0 ? "in " : "", text, "");
        all++;
    }
    end_list(&l, all - seen);
    return all;
}

/* What the mining schema does to values, in words. */
static void print_treatment(const mr_kept *m, FILE *out) {
    const char *replacement = mr_kept_attribute(m, "missingValueReplacement");
    const char *missing = mr_kept_attribute(m, "missingValueTreatment");
    const char *invalid = mr_kept_attribute(m, "invalidValueTreatment");
    const char *invalid_value = mr_kept_attribute(m, "invalidValueReplacement");
    const char *outliers = mr_kept_attribute(m, "outliers");
    if (replacement != NULL) {
        fputs("; missing becomes ", out), mr_put(out, replacement);
        if (missing && strcmp(missing, "asIs") != 0 && strcmp(missing, "returnInvalid") != 0)
            fputs(" (", out), mr_put(out, missing), fputs(")", out);
    } else if (missing && strcmp(missing, "returnInvalid") == 0) fputs("; missing gives no result", out);
    if (invalid && strcmp(invalid, "asIs") == 0) fputs("; invalid is taken as it is", out);
    if (invalid && strcmp(invalid, "asMissing") == 0) fputs("; invalid is missing", out);
    if (invalid && strcmp(invalid, "asValue") == 0)
        fputs("; invalid becomes ", out), mr_put(out, invalid_value ? invalid_value : "?");
    if (outliers == NULL || strcmp(outliers, "asIs") == 0) return;
    const char *low = mr_kept_attribute(m, "lowValue"), *high = mr_kept_attribute(m, "highValue");
    fputs("; below ", out), mr_put(out, low ? low : "?"), fputs(" or above ", out),
        mr_put(out, high ? high : "?");
    fputs(strcmp(outliers, "asMissingValues") == 0 ? " is missing" : " becomes the nearer of them", out);
}

static void print_field(const mr_inspection *i, const mr_kept *mining, int width, FILE *out) {
    const char *name = mr_kept_attribute(mining, "name");
    const mr_kept *field = mr_inspection_data_field(i, name);
    const char *measure = mr_kept_attribute(mining, "optype");
    const char *type = mr_kept_attribute(field, "dataType");
    if (measure == NULL) measure = mr_kept_attribute(field, "optype");
    mr_put_name(name, width, out);
    fprintf(out, "%-9.40s %-12.40s", type ? type : "?", measure ? measure : "?");
    fputc(' ', out);
    if (print_values(field, "valid", "", out) + print_intervals(field, out) == 0) fputs("any", out);
    print_values(field, "invalid", "; invalid: ", out);
    print_values(field, "missing", "; missing: ", out);
    print_treatment(mining, out);
    fputc('\n', out);
}

/* The fields of one usage; `title` has room for their number. */
void mr_print_fields(const mr_inspection *i, const mr_kept *schema, const char *usage, const char *title,
                     FILE *out) {
    uint64_t count = 0, printed = 0;
    for (const mr_kept *m = schema ? schema->child : NULL; m; m = m->sibling)
        count += strcmp(m->name, "MiningField") == 0 && strcmp(mr_mining_usage(m), usage) == 0;
    if (count == 0) return;
    fprintf(out, "\n%s (", title);
    mr_put_count(out, count);
    fprintf(out, ")\n");
    int width = mr_name_width(schema, "MiningField", "name");
    for (const mr_kept *m = schema->child; m && printed < MR_LINES_MAX; m = m->sibling) {
        if (strcmp(m->name, "MiningField") != 0 || strcmp(mr_mining_usage(m), usage) != 0) continue;
        print_field(i, m, width, out);
        printed++;
    }
    if (printed < count) fprintf(out, "  ... and %" PRIu64 " more; --json has all\n", count - printed);
}

static bool is_known_usage(const char *usage) {
    static const char *const known[] = {"active", "target", "group"};
    for (int u = 0; u < 3; u++)
        if (strcmp(known[u], usage) == 0) return true;
    return false;
}

/* Fields that only stand in the schema: supplementary, weights, order. */
void mr_print_unused(const mr_kept *schema, FILE *out) {
    bool any = false;
    for (const mr_kept *m = schema ? schema->child : NULL; m; m = m->sibling) {
        if (strcmp(m->name, "MiningField") != 0 || is_known_usage(mr_mining_usage(m))) continue;
        const char *name = mr_kept_attribute(m, "name");
        if (!any) fprintf(out, "\nFields that no score needs\n  ");
        else fputs(", ", out);
        mr_put(out, name ? name : "?"), fputs(" (", out), mr_put(out, mr_mining_usage(m)), fputs(")", out);
        any = true;
    }
    if (any) fputc('\n', out);
}
