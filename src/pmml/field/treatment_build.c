/* Treatments, compiled: what a <MiningField> and the <DataField> behind it say of the values of a field. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "pmml/build.h"
#include "pmml/field/values.h"

/* A number, or a date of the field's type. */
static mr_status read_margin(mr_builder *b, uint32_t element, mr_attribute_name name, mr_data_type type,
                             double *margin) {
    const char *text = mr_build_text(b, element, name);
    mr_slot value;
    if (!text || !mr_data_type_is_temporal(type)) return mr_build_number(b, element, name, false, margin);
    mr_status status = mr_build_literal(b, element, text, type, &value);
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

static int by_value(const void *a, const void *b) {
    const mr_slot *x = a, *y = b;
    if (x->number != y->number) return x->number < y->number ? -1 : 1;
    return (x->text > y->text) - (x->text < y->text);
}

/* The DataField's values of one property. Those that are not of its type are texts (missing ones). */
static mr_status build_values(mr_builder *b, uint32_t field, mr_data_type type, unsigned wanted,
                              const mr_slot **values, uint32_t *count, mr_treatment *treatment) {
    static const char *const properties[] = {"valid", "invalid", "missing", NULL};
    size_t room = 0;
    MR_EACH_CHILD(b->document, field, child) room += mr_build_name(b, child) == E_Value;
    mr_slot *list = mr_alloc_zero(room + 1, sizeof *list);
    uint32_t *texts = mr_alloc_zero(room + 1, sizeof *texts), text_count = 0, found = 0;
    mr_status status = list && texts ? MR_OK : mr_build_no_memory(b);
    MR_EACH_CHILD(b->document, field, child) {
        if (status != MR_OK) break;
        if (mr_build_name(b, child) != E_Value) continue;
        unsigned property = 0;
        const char *text;
        bool ok = true;
        status = mr_build_word(b, child, A_property, properties, &property);
        if (status == MR_OK) status = mr_build_must(b, child, A_value, &text);
        if (status != MR_OK || property != wanted) continue;
        status = mr_build_value(b, text, type, &list[found], &ok);
        if (status == MR_OK && ok) found++;
        if (status == MR_OK && !ok && wanted == 0)
            status = mr_build_literal(b, child, text, type, &list[found]);
        if (status == MR_OK && !ok) status = mr_build_intern(b, text, &texts[text_count++]);
    }
    if (status == MR_OK) {
        qsort(list, found, sizeof *list, by_value);
        *count = found;
        *values = mr_build_keep(b, list, found, sizeof *list);
        if (!*values) status = MR_NO_MEMORY;
        if (wanted == 2 && status == MR_OK) {
            treatment->missing_text_count = text_count;
            treatment->missing_texts = mr_build_keep(b, texts, text_count, sizeof *texts);
            if (!treatment->missing_texts) status = MR_NO_MEMORY;
        }
    }
    mr_free(list);
    mr_free(texts);
    return status;
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
    t->low = -INFINITY, t->high = INFINITY;
    const char *replacement = mr_build_text(b, element, A_missingValueReplacement);
    t->replaces = replacement != NULL;
    if (replacement) status = mr_build_literal(b, element, replacement, type, &t->replacement);
    if (invalid == INVALID_AS_IS && mr_build_text(b, element, A_invalidValueReplacement))
        invalid = INVALID_AS_VALUE;
    t->invalid = (mr_invalid)invalid;
    if (status == MR_OK && invalid == INVALID_AS_VALUE) {
        const char *value;
        status = mr_build_must(b, element, A_invalidValueReplacement, &value);
        if (status == MR_OK) status = mr_build_literal(b, element, value, type, &t->invalid_replacement);
    }
    if (status == MR_OK && outlier && type == T_STRING)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "outliers of a field of strings");
    if (status == MR_OK && outlier) status = mr_build_number(b, element, A_lowValue, false, &t->low);
    if (status == MR_OK && outlier) status = mr_build_number(b, element, A_highValue, false, &t->high);
    *any = outlier || t->replaces || t->refuse_missing || invalid == INVALID_AS_MISSING ||
           invalid == INVALID_AS_VALUE;
    return status;
}

mr_status mr_build_domain(mr_builder *b, uint32_t field, mr_treatment *t) {
    mr_status status = build_values(b, field, t->type, 0, &t->valid, &t->valid_count, t);
    if (status == MR_OK)
        status = build_values(b, field, t->type, 1, &t->invalid_values, &t->invalid_count, t);
    if (status == MR_OK)
        status = build_values(b, field, t->type, 2, &t->missing_values, &t->missing_count, t);
    if (status == MR_OK) status = mr_build_intervals(b, field, t->type, &t->intervals, &t->interval_count);
    if (status == MR_OK && t->interval_count && t->type == T_STRING)
        status = mr_build_fail(b, field, MR_INVALID_MODEL, "intervals of a field of strings");
    return status;
}
