/* Cox regression: the cumulative hazard at a time, exp(predictor - centre) times the baseline's.
 *
 * The baseline is a step function, given for each stratum. Before its first time the hazard is 0; beyond
 * maxTime, and for a stratum that it does not have, the prediction is missing (GeneralRegressionModel of the
 * standard, "Cox regression").
 */
#include <math.h>

#include "pmml/regression/general_regression.h"

static const mr_stratum *find_stratum(const mr_cox *cox, const mr_slot *slots) {
    if (cox->stratum == MR_NONE) return cox->strata;
    const mr_slot *value = &slots[cox->stratum];
    uint32_t low = 0, high = cox->stratum_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const mr_slot *key = &cox->strata[middle].key;
        if (cox->texts ? key->text < value->text : key->number < value->number) low = middle + 1;
        else high = middle;
    }
    if (low == cox->stratum_count || value->missing) return NULL;
    const mr_slot *key = &cox->strata[low].key;
    return (cox->texts ? key->text == value->text : key->number == value->number) ? &cox->strata[low] : NULL;
}

/* Number of the stratum's times up to `time`. */
static uint32_t times_up_to(const mr_stratum *s, double time) {
    uint32_t low = 0, high = s->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->times[middle] <= time) low = middle + 1;
        else high = middle;
    }
    return low;
}

void mr_general_cox(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const mr_general *g = evaluator->model;
    const mr_slot *time = &work->slots[g->cox->time];
    const mr_stratum *s = find_stratum(g->cox, work->slots);
    double *values = work->numbers + evaluator->numbers;
    if (!s || time->missing || !(time->number <= s->most)) return;
    uint32_t steps = times_up_to(s, time->number);
    prediction->number = 0;
    if (steps > 0) {
        if (!mr_general_products(g, work->slots, values)) return;
        prediction->number = exp(mr_general_row(g, 0, values) - g->cox->centre) * s->hazards[steps - 1];
    }
    prediction->missing = false;
}
