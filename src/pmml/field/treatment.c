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

const mr_domain mr_any_value = {.valid = {.count = 0}};

static bool equal(bool texts, const mr_values *values, uint32_t i, const mr_slot *value) {
    return texts ? values->texts[i] == value->text : values->numbers[i] == value->number;
}

static bool among(const mr_treatment *t, const mr_values *values, const mr_slot *value) {
    bool texts = t->type == T_STRING;
    uint32_t count = values->count;
    if (texts && value->text == 0) return false;
    for (uint32_t i = 0; i < count && i < 8; i++)
        if (equal(texts, values, i, value)) return true;
    if (count <= 8) return false;
    uint32_t low = 0, high = count; /* first value >= *value */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        bool below = texts ? values->texts[middle] < value->text : values->numbers[middle] < value->number;
        if (below) low = middle + 1;
        else high = middle;
    }
    return low < count && equal(texts, values, low, value);
}

bool mr_treatment_holds(const mr_treatment *t, const mr_slot *value) {
    if (t->type != T_STRING && isnan(value->number)) return false;
    const mr_domain *d = t->domain;
    if (d->invalid.count && among(t, &d->invalid, value)) return false;
    if (d->valid.count == 0 && d->interval_count == 0) return true;
    for (uint32_t i = 0; i < d->interval_count; i++)
        if (mr_interval_holds(&d->intervals[i], value->number)) return true;
    return among(t, &d->valid, value);
}

static bool treat_missing(const mr_treatment *t, mr_slot *value) {
    if (t->refuse_missing) return false;
    *value = t->replaces ? t->change->replacement : (mr_slot){.missing = 1};
    return true;
}

bool mr_treatment_apply(const mr_treatment *t, mr_slot *value, bool invalid) {
    if (value->missing) return treat_missing(t, value);
    if (!invalid && t->domain->missing.count && among(t, &t->domain->missing, value))
        return treat_missing(t, value);
    if (invalid || !mr_treatment_holds(t, value)) {
        switch (t->invalid) {
        case INVALID_RETURN:
            return false;
        case INVALID_AS_MISSING:
            return treat_missing(t, value);
        case INVALID_AS_VALUE:
            *value = t->change->invalid_replacement;
            return true;
        case INVALID_AS_IS:
            return !invalid; /* else there is no value of the field's type to pass on */
        }
    }
    if (t->outliers == OUTLIERS_AS_IS) return true;
    double low = t->change->low, high = t->change->high;
    if (value->number >= low && value->number <= high) return true;
    if (t->outliers == OUTLIERS_AS_MISSING) return treat_missing(t, value);
    value->number = value->number < low ? low : high;
    return true;
}
