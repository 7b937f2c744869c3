/* Functions of dates and times. There are no time zones, and every day has 86,400 seconds. */
#include <math.h>
#include <string.h>

#include "pmml/expression/dates.h"
#include "pmml/expression/format.h"
#include "pmml/expression/functions.h"

static double first_day(double year) {
    return (double)mr_days_from_date((mr_date){(int64_t)year, 1, 1});
}

static mr_slot call_days_since_year(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e, (void)work;
    if (fabs(v[1].number) > 1e6) return mr_invalid_slot();
    return mr_number_slot(v[0].number - first_day(v[1].number));
}

static mr_slot call_seconds_since_year(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e, (void)work;
    if (fabs(v[1].number) > 1e6) return mr_invalid_slot();
    return mr_number_slot(trunc(v[0].number - first_day(v[1].number) * 86400));
}

static mr_slot call_seconds_since_midnight(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e, (void)work;
    return mr_number_slot(floor(v[0].number));
}

static mr_slot call_format(const mr_expression *e, const mr_slot *v, mr_work *work) {
    (void)e;
    mr_text pattern = mr_work_text(work, v[1].text);
    size_t size = mr_format_date(pattern.data, pattern.size, v[0].number, NULL);
    if (size == SIZE_MAX) return mr_invalid_slot();
    char *text = mr_work_take(work, size + 1);
    if (!text) return mr_missing_slot();
    mr_format_date(pattern.data, pattern.size, v[0].number, text);
    return mr_text_slot(work, text, size);
}

static mr_status prepare_format(mr_builder *b, uint32_t element, mr_expression *x) {
    const char *pattern = mr_constant_text(b, x->arguments[1]);
    if (!pattern || mr_format_date(pattern, strlen(pattern), 0, NULL) != SIZE_MAX) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL, "the format \"%.60s\" is not one of dates", pattern);
}

const mr_function mr_date_functions[] = {
    {"dateDaysSinceYear", 2, 2, "Di", RESULT_INTEGER, false, call_days_since_year, NULL},
    {"dateSecondsSinceYear", 2, 2, "Mi", RESULT_INTEGER, false, call_seconds_since_year, NULL},
    {"dateSecondsSinceMidnight", 1, 1, "T", RESULT_INTEGER, false, call_seconds_since_midnight, NULL},
    {"formatDatetime", 2, 2, "Fs", RESULT_STRING, false, call_format, prepare_format},
    {NULL, 0, 0, NULL, RESULT_DOUBLE, false, NULL, NULL},
};
