/* Treatments, compiled: what a <MiningField> and the <DataField> behind it say of the values of a field. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "pmml/build.h"
#include "pmml/field/values.h"

/* A number, or a date of the field's type. Of a float field the float, as its values are: a range that ends
 * at the greatest value seen, as exporters write it, is to hold that value. */
static mr_status read_margin(mr_builder *b, uint32_t element, mr_attribute_name name, mr_data_type type,
                             double *margin) {
    const char *text = mr_build_text(b, element, name);
    mr_slot value;
    mr_status status;
    if (!text || !mr_data_type_is_temporal(type)) {
        status = mr_build_number(b, element, name, false, margin);
        if (type == T_FLOAT) *margin = (double)(float)*margin;
        return status;
    }
    status = mr_build_literal(b, element, text, type, &value);
    if (status == MR_OK) *margin = value.number;
    return status;
}

mr_status mr_build_intervals(mr_builder *b, uint32_t element, mr_data_type type,
                             const mr_interval **intervals, uint32_t *count) {
    static const char *const closures[] = {"openOpen", "openClosed", "closedOpen", "closedClosed", NULL};
    size_t found = 0;
    MR_EACH_CHILD(b->document, element, child) found += mr_build_name(b, child) == E_Interval;
    mr_interval *list = mr_build_alloc(b, found, sizeof *list);
    if (!list) return MR_NO_MEMORY;
    *intervals = list;
    *count = (uint32_t)found;
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(b, child) != E_Interval) continue;
        unsigned closure = 0;
        const char *text;
        *list = (mr_interval){.low = -INFINITY, .high = INFINITY};
        mr_status status = mr_build_must(b, child, A_closure, &text);
        if (status == MR_OK) status = mr_build_word(b, child, A_closure, closures, &closure);
        if (status == MR_OK) status = read_margin(b, child, A_leftMargin, type, &list->low);
        if (status == MR_OK) status = read_margin(b, child, A_rightMargin, type, &list->high);
        if (status != MR_OK) return status;
        /* without a margin there is no bound, so that infinity is inside */
        list->low_open = !(closure & 2) && mr_build_text(b, child, A_leftMargin);
        list->high_open = !(closure & 1) && mr_build_text(b, child, A_rightMargin);
        list++;
    }
    return MR_OK;
}

enum { PROPERTY_VALID, PROPERTY_INVALID, PROPERTY_MISSING };

static mr_status keep_values(mr_builder *b, mr_data_type type, double *numbers, uint32_t *texts,
                             uint32_t count, mr_values *values) {
    values->count = count;
    if (count == 0) return MR_OK;
    if (type == T_STRING) {
        if (!mr_sort_texts(texts, count)) return mr_build_no_memory(b);
        values->texts = mr_build_keep(b, texts, count, sizeof *texts);
        return values->texts ? MR_OK : MR_NO_MEMORY;
    }
    qsort(numbers, count, sizeof *numbers, mr_by_number);
    values->numbers = mr_build_keep(b, numbers, count, sizeof *numbers);
    return values->numbers ? MR_OK : MR_NO_MEMORY;
}

/* The DataField's values of one property to arrays with room for all. Of missing ones those that are not of
 * its type are texts. */
static mr_status read_values(mr_builder *b, uint32_t field, mr_data_type type, unsigned wanted,
                             double *numbers, uint32_t *texts, mr_domain *domain) {
    static const char *const properties[] = {"valid", "invalid", "missing", NULL};
    mr_values *values = wanted == PROPERTY_VALID     ? &domain->valid
                        : wanted == PROPERTY_INVALID ? &domain->invalid
                                                     : &domain->missing;
    uint32_t found = 0, others = 0;
    MR_EACH_CHILD(b->document, field, child) {
        if (mr_build_name(b, child) != E_Value) continue;
        unsigned property = PROPERTY_VALID;
        const char *text;
        bool ok = true;
        mr_slot value;
        mr_status status = mr_build_word(b, child, A_property, properties, &property);
        if (status == MR_OK) status = mr_build_must(b, child, A_value, &text);
        if (status == MR_OK && property != wanted) continue;
        if (status == MR_OK) status = mr_build_value(b, text, type, &value, &ok);
        if (status == MR_OK && !ok && wanted == PROPERTY_VALID)
            status = mr_build_literal(b, child, text, type, &value);
        if (status == MR_OK && !ok) status = mr_build_intern(b, text, &texts[others++]);
        if (status != MR_OK) return status;
        if (ok && type == T_STRING) texts[found++] = value.text;
        else if (ok) numbers[found++] = value.number;
    }
    mr_status status = keep_values(b, type, numbers, texts, found, values);
    if (status != MR_OK || wanted != PROPERTY_MISSING || others == 0) return status;
    domain->missing_text_count = others;
    domain->missing_texts = mr_build_keep(b, texts, others, sizeof *texts);
    return domain->missing_texts ? MR_OK : MR_NO_MEMORY;
}

mr_status mr_build_mining_field(mr_builder *b, uint32_t element, mr_data_type type, mr_treatment *t,
                                bool *any) {
    static const char *const invalids[] = {"returnInvalid", "asIs", "asMissing", "asValue", NULL};
    static const char *const outliers[] = {"asIs", "asMissingValues", "asExtremeValues", NULL};
    static const char *const missings[] = {"asIs",    "asMean",        "asMode",          "asMedian",
                                           "asValue", "returnInvalid", "x-returnInvalid", NULL};
    unsigned invalid = INVALID_RETURN, outlier = OUTLIERS_AS_IS, missing = 0;
    t->type = type;
    mr_status status = mr_build_word(b, element, A_invalidValueTreatment, invalids, &invalid);
    if (status == MR_OK) status = mr_build_word(b, element, A_outliers, outliers, &outlier);
    if (status == MR_OK) status = mr_build_word(b, element, A_missingValueTreatment, missings, &missing);
    if (status != MR_OK) return status;
    t->invalid = (mr_invalid)invalid;
    t->outliers = (mr_outliers)outlier;
    t->refuse_missing = missing >= 5;
    const char *replacement = mr_build_text(b, element, A_missingValueReplacement);
    t->replaces = replacement != NULL;
    mr_attribute_name with = A_invalidValueReplacement;
    if (!mr_build_text(b, element, with)) with = A_x_invalidValueReplacement;
    bool replaced = mr_build_text(b, element, with) != NULL;
    if (invalid == INVALID_AS_IS && replaced) invalid = INVALID_AS_VALUE;
    if (invalid == INVALID_AS_VALUE && !replaced) invalid = INVALID_AS_IS;
    t->invalid = (mr_invalid)invalid;
    *any = outlier || t->replaces || t->refuse_missing || invalid == INVALID_AS_MISSING ||
           invalid == INVALID_AS_VALUE;
    if (!outlier && !replacement && invalid != INVALID_AS_VALUE) return MR_OK;
    mr_change *change = mr_build_alloc(b, 1, sizeof *change);
    if (!change) return MR_NO_MEMORY;
    t->change = change;
    if (replacement) status = mr_build_literal(b, element, replacement, type, &change->replacement);
    if (status == MR_OK && invalid == INVALID_AS_VALUE) {
        const char *value = mr_build_text(b, element, with);
        status = mr_build_literal(b, element, value, type, &change->invalid_replacement);
    }
    if (status == MR_OK && outlier && type == T_STRING)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "outliers of a field of strings");
    change->low = -INFINITY, change->high = INFINITY;
    if (status == MR_OK && outlier) status = mr_build_number(b, element, A_lowValue, false, &change->low);
    if (status == MR_OK && outlier) status = mr_build_number(b, element, A_highValue, false, &change->high);
    return status;
}

mr_status mr_build_domain(mr_builder *b, uint32_t field, mr_data_type type, const mr_domain **domain) {
    size_t room = 0;
    bool any = false;
    MR_EACH_CHILD(b->document, field, child) {
        room += mr_build_name(b, child) == E_Value;
        any |= mr_build_name(b, child) == E_Value || mr_build_name(b, child) == E_Interval;
    }
    *domain = &mr_any_value;
    if (!any) return MR_OK;
    mr_domain *d = mr_build_alloc(b, 1, sizeof *d);
    if (!d) return MR_NO_MEMORY;
    *domain = d;
    double *numbers = mr_alloc_zero(room + 1, sizeof *numbers);
    uint32_t *texts = mr_alloc_zero(room + 1, sizeof *texts);
    mr_status status = numbers && texts ? MR_OK : mr_build_no_memory(b);
    for (unsigned property = PROPERTY_VALID; property <= PROPERTY_MISSING && status == MR_OK; property++)
        status = read_values(b, field, type, property, numbers, texts, d);
    mr_free(numbers);
    mr_free(texts);
    if (status == MR_OK) status = mr_build_intervals(b, field, type, &d->intervals, &d->interval_count);
    if (status == MR_OK && d->interval_count && type == T_STRING)
        status = mr_build_fail(b, field, MR_INVALID_MODEL, "intervals of a field of strings");
    return status;
}
