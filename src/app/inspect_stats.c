/* What a document tells of its training: statistics of fields, quality of the model. None of it is scored. */
#include "app/inspect_print.h"

#include <string.h>

#include "base/number.h"

/* "label value", when the element has the attribute. */
static void put_one(const mr_kept *element, const char *attribute, const char *label, bool *any, FILE *out) {
    const char *value = mr_kept_attribute(element, attribute);
    if (value == NULL) return;
    double number;
    fprintf(out, "%s%s ", *any ? ", " : "", label);
    if (mr_parse_double(value, strlen(value), &number)) fprintf(out, "%.6g", number);
    else mr_put(out, value);
    *any = true;
}

static void put_statistics(const mr_kept *statistics, FILE *out) {
    const mr_kept *numbers = mr_kept_child(statistics, "NumericInfo");
    const mr_kept *counts = mr_kept_child(statistics, "Counts");
    bool any = false;
    put_one(numbers, "minimum", "least", &any, out);
    put_one(numbers, "maximum", "most", &any, out);
    put_one(numbers, "mean", "mean", &any, out);
    put_one(numbers, "standardDeviation", "deviation", &any, out);
    put_one(numbers, "median", "median", &any, out);
    put_one(mr_kept_child(statistics, "DiscrStats"), "modalValue", "mostly", &any, out);
    put_one(counts, "cardinality", "different", &any, out);
    put_one(counts, "totalFreq", "records", &any, out);
    put_one(counts, "missingFreq", "missing", &any, out);
    put_one(counts, "invalidFreq", "invalid", &any, out);
}

static void print_statistics(const mr_kept *all, FILE *out) {
    int printed = 0, width = MR_NAME_WIDTH_MAX;
    if (mr_kept_child(all, "UnivariateStats") == NULL) return;
    fprintf(out, "\nStatistics of the training data\n");
    width = mr_name_width(all, "UnivariateStats", "field");
    for (const mr_kept *s = all->child; s; s = s->sibling) {
        if (strcmp(s->name, "UnivariateStats") != 0) continue;
        if (printed++ == MR_LINES_MAX) {
            fprintf(out, "  ... and more; --json has all\n");
            break;
        }
        mr_put_name(mr_kept_attribute(s, "field"), width, out);
        put_statistics(s, out);
        fputc('\n', out);
    }
}

static void print_quality(const mr_kept *explanation, FILE *out) {
    for (const mr_kept *q = explanation ? explanation->child : NULL; q; q = q->sibling) {
        if (strstr(q->name, "ModelQuality") == NULL) continue;
        fprintf(out, "\nQuality in training, by its producer\n");
        for (const char **a = q->attributes; a[0]; a += 2) {
            mr_put_name(a[0], 24, out);
            mr_put(out, a[1]);
            fputc('\n', out);
        }
    }
}

void mr_print_statistics(const mr_inspection *i, FILE *out) {
    print_statistics(mr_inspection_part(i, "ModelStats"), out);
    print_quality(mr_inspection_part(i, "ModelExplanation"), out);
}
