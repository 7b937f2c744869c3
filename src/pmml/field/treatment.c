/* Treatment: what a mining schema does to one value.
 *
 * missing -> replaced, refused, or left; invalid -> refused, replaced, made missing, or passed;
 * valid -> outliers. A value that the dictionary calls missing is missing, one that it calls invalid
 * is; with valid values or intervals, every other value is invalid.
 */
#include <math.h>

#include "pmml/program.h"

bool mr_interval_holds(const mr_interval *interval, double number) {
    return (interval->low_open ? number > interval->low : number >= interval->low) &&
           (interval->high_open ? number < interval->high : number <= interval->high);
}

static bool equal(const mr_treatment *t, const mr_slot *a, const mr_slot *b) {
    return t->type == T_STRING ? a->text == b->text : a->number == b->number;
}

static bool among(const mr_treatment *t, const mr_slot *values, uint32_t count, const mr_slot *value) {
    if (t->type == T_STRING && value->text == 0) return false;
    for (uint32_t i = 0; i < count && i < 8; i++)
        if (equal(t, &values[i], value)) return true;
    if (count <= 8) return false;
    uint32_t low = 0, high = count; /* first value >= *value */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        bool below =
            t->type == T_STRING ? values[middle].text < value->text : values[middle].number < value->number;
        if (below) low = middle + 1;
        else high = middle;
    }
    return low < count && equal(t, &values[low], value);
}

bool mr_treatment_holds(const mr_treatment *t, const mr_slot *value) {
    if (t->type != T_STRING && isnan(value->number)) return false;
    if (t->invalid_count && among(t, t->invalid_values, t->invalid_count, value)) return false;
    if (t->valid_count == 0 && t->interval_count == 0) return true;
    for (uint32_t i = 0; i < t->interval_count; i++)
        if (mr_interval_holds(&t->intervals[i], value->number)) return true;
    return among(t, t->valid, t->valid_count, value);
}

static bool treat_missing(const mr_treatment *t, mr_slot *value) {
    if (t->refuse_missing) return false;
    *value = t->replaces ? t->replacement : (mr_slot){.missing = 1};
    return true;
}

bool mr_treatment_apply(const mr_treatment *t, mr_slot *value, bool invalid) {
    if (value->missing) return treat_missing(t, value);
    if (!invalid && t->missing_count && among(t, t->missing_values, t->missing_count, value))
        return treat_missing(t, value);
    if (invalid || !mr_treatment_holds(t, value)) {
        switch (t->invalid) {
        case INVALID_RETURN:
            return false;
        case INVALID_AS_MISSING:
            return treat_missing(t, value);
        case INVALID_AS_VALUE:
            *value = t->invalid_replacement;
            return true;
        case INVALID_AS_IS:
            return !invalid; /* else there is no value of the field's type to pass on */
        }
    }
    if (t->outliers == OUTLIERS_AS_IS || (value->number >= t->low && value->number <= t->high)) return true;
    if (t->outliers == OUTLIERS_AS_MISSING) return treat_missing(t, value);
    value->number = value->number < t->low ? t->low : t->high;
    return true;
}
