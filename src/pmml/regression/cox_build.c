/* Cox regression, compiled: the tables of the baseline, sorted. */
#include <math.h>
#include <stdlib.h>

#include "pmml/field/values.h"
#include "pmml/regression/general_build.h"

typedef struct step {
    double time, hazard;
} step;

static int by_time(const void *a, const void *b) {
    const step *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

static mr_status build_steps(mr_builder *b, uint32_t element, mr_stratum *s) {
    MR_EACH_CHILD(b->document, element, child)
    s->count += mr_build_name(b, child) == E_BaselineCell;
    step *steps = mr_build_alloc(b, s->count, sizeof *steps), *next = steps;
    double *times = mr_build_alloc(b, s->count, sizeof *times);
    double *hazards = mr_build_alloc(b, s->count, sizeof *hazards);
    if (!steps || !times || !hazards) return MR_NO_MEMORY;
    mr_status status = mr_build_number(b, element, A_maxTime, true, &s->most);
    MR_EACH_CHILD(b->document, element, child) {
        if (mr_build_name(b, child) != E_BaselineCell) continue;
        if (status == MR_OK) status = mr_build_number(b, child, A_time, true, &next->time);
        if (status == MR_OK) status = mr_build_number(b, child, A_cumHazard, true, &next->hazard);
        next++;
    }
    if (status == MR_OK && s->count == 0)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "<%s> has no <BaselineCell>",
                               mr_element_text(mr_build_name(b, element)));
    qsort(steps, s->count, sizeof *steps, by_time);
    for (uint32_t i = 0; i < s->count; i++) times[i] = steps[i].time, hazards[i] = steps[i].hazard;
    s->times = times;
    s->hazards = hazards;
    return status;
}

static int by_number(const void *a, const void *b) {
    double x = ((const mr_stratum *)a)->key.number, y = ((const mr_stratum *)b)->key.number;
    return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b) {
    uint32_t x = ((const mr_stratum *)a)->key.text, y = ((const mr_stratum *)b)->key.text;
    return (x > y) - (x < y);
}

static mr_status build_strata(mr_builder *b, uint32_t tables, mr_cox *cox) {
    mr_data_type type = b->slots[cox->stratum].type;
    MR_EACH_CHILD(b->document, tables, child)
    cox->stratum_count += mr_build_name(b, child) == E_BaselineStratum;
    mr_stratum *strata = mr_build_alloc(b, cox->stratum_count, sizeof *strata), *next = strata;
    if (!strata) return MR_NO_MEMORY;
    cox->strata = strata;
    cox->texts = type == T_STRING;
    MR_EACH_CHILD(b->document, tables, child) {
        const char *value;
        if (mr_build_name(b, child) != E_BaselineStratum) continue;
        mr_status status = mr_build_must(b, child, A_value, &value);
        if (status == MR_OK) status = mr_build_literal(b, child, value, type, &next->key);
        if (status == MR_OK) status = build_steps(b, child, next++);
        if (status != MR_OK) return status;
    }
    qsort(strata, cox->stratum_count, sizeof *strata, cox->texts ? by_text : by_number);
    for (uint32_t i = 1; i < cox->stratum_count; i++)
        if ((cox->texts ? by_text : by_number)(&strata[i - 1], &strata[i]) == 0)
            return mr_build_fail(b, tables, MR_INVALID_MODEL, "two <BaselineStratum> of one value");
    return MR_OK;
}

/* The linear predictor where each parameter is at its reference point. */
static mr_status find_centre(mr_builder *b, const mr_general_lists *l, uint32_t element, const mr_general *g,
                             mr_cox *cox) {
    uint32_t list = mr_build_child(b, element, E_ParameterList);
    if (list == MR_NONE) return MR_OK;
    MR_EACH_CHILD(b->document, list, child) {
        double point = 0;
        uint32_t parameter = 0;
        mr_status status = mr_build_number(b, child, A_referencePoint, false, &point);
        if (status == MR_OK) status = mr_general_find_parameter(b, l, child, A_name, &parameter);
        if (status != MR_OK) return status;
        if (!isnan(g->weights[parameter])) cox->centre += point * g->weights[parameter];
    }
    return MR_OK;
}

mr_status mr_general_build_cox(mr_builder *b, mr_scope *scope, const mr_general_lists *l, uint32_t element,
                               mr_general *g) {
    uint32_t tables = mr_build_child(b, element, E_BaseCumHazardTables);
    mr_cox *cox = mr_build_alloc(b, 1, sizeof *cox);
    if (!cox) return MR_NO_MEMORY;
    g->cox = cox;
    cox->stratum = MR_NONE;
    if (tables == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "a Cox regression without <BaseCumHazardTables>");
    mr_status status = mr_scope_find_attribute(b, scope, element, A_endTimeVariable, &cox->time);
    if (status == MR_OK && !mr_data_type_calculates(b->slots[cox->time].type))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "endTimeVariable is a field that is no number");
    if (status == MR_OK) status = find_centre(b, l, element, g, cox);
    if (status != MR_OK) return status;
    if (mr_build_text(b, element, A_baselineStrataVariable)) {
        status = mr_scope_find_attribute(b, scope, element, A_baselineStrataVariable, &cox->stratum);
        return status == MR_OK ? build_strata(b, tables, cox) : status;
    }
    mr_stratum *one = mr_build_alloc(b, 1, sizeof *one);
    if (!one) return MR_NO_MEMORY;
    cox->strata = one;
    cox->stratum_count = 1;
    return build_steps(b, tables, one);
}
