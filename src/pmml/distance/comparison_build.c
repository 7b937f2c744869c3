/* Comparison, compiled: the measure, its fields, and points in the order in which the kernels want them. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/distance/nearest.h"

static const char *name_of(const mr_builder *b, uint32_t element) {
    return mr_element_text(mr_build_name(b, element));
}

/* ---- The measure ---- */

static const struct {
    mr_element_name name;
    mr_metric metric;
    double above[4], below[4]; /* of the counts a11, a10, a01, a00 */
} measures[] = {
    {E_euclidean, METRIC_EUCLIDEAN, {0}, {0}},
    {E_squaredEuclidean, METRIC_SQUARED_EUCLIDEAN, {0}, {0}},
    {E_chebychev, METRIC_CHEBYCHEV, {0}, {0}},
    {E_cityBlock, METRIC_CITY_BLOCK, {0}, {0}},
    {E_minkowski, METRIC_MINKOWSKI, {0}, {0}},
    {E_simpleMatching, METRIC_BINARY, {1, 0, 0, 1}, {1, 1, 1, 1}},
    {E_jaccard, METRIC_BINARY, {1, 0, 0, 0}, {1, 1, 1, 0}},
    {E_tanimoto, METRIC_BINARY, {1, 0, 0, 1}, {1, 2, 2, 1}},
    {E_binarySimilarity, METRIC_BINARY, {0}, {0}},
};
enum { MEASURE_COUNT = sizeof measures / sizeof measures[0] };

/* Attributes of <minkowski> and <binarySimilarity>. */
static mr_status read_parameters(mr_builder *b, uint32_t element, mr_comparison *c) {
    static const mr_attribute_name above[] = {A_c11_parameter, A_c10_parameter, A_c01_parameter,
                                              A_c00_parameter};
    static const mr_attribute_name below[] = {A_d11_parameter, A_d10_parameter, A_d01_parameter,
                                              A_d00_parameter};
    unsigned name = mr_build_name(b, element);
    mr_status status = MR_OK;
    if (name == E_minkowski) {
        status = mr_build_number(b, element, A_p_parameter, true, &c->power);
        if (status == MR_OK && !(c->power > 0 && isfinite(c->power)))
            status = mr_build_fail(b, element, MR_INVALID_MODEL, "p-parameter=\"%s\" of <minkowski>",
                                   mr_build_text(b, element, A_p_parameter));
    }
    for (int i = 0; i < 4 && name == E_binarySimilarity && status == MR_OK; i++) {
        status = mr_build_number(b, element, above[i], true, &c->above[i]);
        if (status == MR_OK) status = mr_build_number(b, element, below[i], true, &c->below[i]);
    }
    return status;
}

mr_status mr_build_measure(mr_builder *b, uint32_t element, mr_comparison *c) {
    static const char *const kinds[] = {"distance", "similarity", NULL};
    unsigned kind = 0, measure = MEASURE_COUNT;
    const char *text;
    uint32_t which = element + 1;
    mr_status status = mr_build_must(b, element, A_kind, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_kind, kinds, &kind);
    if (status != MR_OK) return status;
    if (which < b->document->elements[element].end)
        for (measure = 0; measures[measure].name != mr_build_name(b, which);) measure++;
    if (measure == MEASURE_COUNT || b->document->elements[which].end != b->document->elements[element].end)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<ComparisonMeasure> takes one measure");
    c->metric = measures[measure].metric;
    c->similarity = kind == 1 || c->metric == METRIC_BINARY;
    memcpy(c->above, measures[measure].above, sizeof c->above);
    memcpy(c->below, measures[measure].below, sizeof c->below);
    return read_parameters(b, which, c);
}

/* ---- Fields ---- */

/* The field's values or intervals, in the order in which the rows of a table stand for them. */
static mr_status read_categories(mr_builder *b, uint32_t field, mr_data_type type, mr_table *table) {
    uint32_t count = 0;
    MR_EACH_CHILD(b->document, field, child) {
        const char *property = mr_build_text(b, child, A_property);
        count += mr_build_name(b, child) == E_Value && (!property || strcmp(property, "valid") == 0);
    }
    table->count = count;
    if (count == 0) return mr_build_intervals(b, field, T_DOUBLE, &table->intervals, &table->count);
    double *values = mr_build_alloc(b, count, sizeof *values);
    if (!values) return MR_NO_MEMORY;
    table->values = values;
    MR_EACH_CHILD(b->document, field, child) {
        const char *text, *property = mr_build_text(b, child, A_property);
        mr_slot value;
        if (mr_build_name(b, child) != E_Value || (property && strcmp(property, "valid") != 0)) continue;
        mr_status status = mr_build_must(b, child, A_value, &text);
        if (status == MR_OK) status = mr_build_literal(b, child, text, type, &value);
        if (status != MR_OK) return status;
        *values++ = type == T_STRING ? (double)value.text : value.number;
    }
    return MR_OK;
}

static mr_status build_table(mr_builder *b, uint32_t element, uint32_t slot, const mr_table **result) {
    uint32_t field = b->slots[slot].data_field, comparisons = mr_build_child(b, element, E_Comparisons);
    uint32_t matrix = comparisons == MR_NONE ? MR_NONE : mr_build_child(b, comparisons, E_Matrix);
    if (matrix == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "compareFunction=\"table\" needs a <Comparisons> with its <Matrix>");
    if (field == MR_NONE)
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "compareFunction=\"table\" of a derived field is not supported");
    mr_table *table = mr_build_alloc(b, 1, sizeof *table);
    if (!table) return MR_NO_MEMORY;
    *result = table;
    mr_status status = read_categories(b, field, b->slots[slot].type, table);
    if (status == MR_OK && table->count == 0)
        status = mr_build_fail(b, element, MR_INVALID_MODEL,
                               "compareFunction=\"table\" of a field without values or intervals");
    if (status != MR_OK) return status;
    size_t count = (size_t)table->count * table->count;
    double *cells = mr_build_alloc(b, count, sizeof *cells);
    if (!cells) return MR_NO_MEMORY;
    table->cells = cells;
    status = mr_build_matrix(b, matrix, table->count, table->count, cells);
    for (size_t i = 0; i < count && status == MR_OK; i++)
        if (!(cells[i] >= 0 && isfinite(cells[i])))
            status = mr_build_fail(b, matrix, MR_INVALID_MODEL, "a comparison that is below 0 or infinite");
    return status;
}

static mr_status read_scale(mr_builder *b, uint32_t element, mr_compared_field *field) {
    double scale = 0;
    if (!mr_build_text(b, element, A_similarityScale))
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "compareFunction=\"gaussSim\" needs a similarityScale");
    mr_status status = mr_build_number(b, element, A_similarityScale, true, &scale);
    if (status == MR_OK && !(scale * scale > 0 && isfinite(scale * scale)))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "similarityScale=\"%.40s\" is no scale",
                               mr_build_text(b, element, A_similarityScale));
    field->scale = -log(2.0) / (scale * scale);
    return status;
}

static mr_status read_function(mr_builder *b, const mr_comparison *c, uint32_t measure, uint32_t element,
                               mr_compared_field *field) {
    static const char *const words[] = {"absDiff", "gaussSim", "delta", "equal", "table", NULL};
    unsigned word = COMPARE_ABS_DIFF;
    bool own = mr_build_text(b, element, A_compareFunction) != NULL;
    mr_status status = mr_build_word(b, own ? element : measure, A_compareFunction, words, &word);
    if (status != MR_OK) return status;
    field->compare = (mr_compare)word;
    if (field->text && word < COMPARE_DELTA)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "compareFunction=\"%s\" of a field of strings",
                             words[word]);
    if (c->similarity && (word == COMPARE_ABS_DIFF || word == COMPARE_DELTA))
        return mr_build_fail(b, element, MR_UNSUPPORTED,
                             "kind=\"similarity\" with compareFunction=\"%s\", which is a distance",
                             words[word]);
    if (word == COMPARE_GAUSS_SIM) return read_scale(b, element, field);
    if (word == COMPARE_TABLE) return build_table(b, element, field->slot, &field->table);
    return MR_OK;
}

mr_status mr_build_compared(mr_builder *b, const mr_comparison *c, uint32_t measure, uint32_t element,
                            uint32_t slot, mr_compared_field *field, double *weight) {
    *field = (mr_compared_field){.slot = slot, .text = b->slots[slot].type == T_STRING};
    *weight = 1;
    mr_status status = mr_build_number(b, element, A_fieldWeight, false, weight);
    if (status == MR_OK && !(*weight >= 0 && isfinite(*weight)))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "fieldWeight=\"%.40s\" of <%s>",
                               mr_build_text(b, element, A_fieldWeight), name_of(b, element));
    if (status != MR_OK) return status;
    if (c->metric != METRIC_BINARY) return read_function(b, c, measure, element, field);
    if (!field->text) return MR_OK;
    return mr_build_fail(b, element, MR_INVALID_MODEL, "a binary similarity of a field of strings");
}

/* ---- Points ---- */

enum {
    HUGE_EXPONENT = 500, /* beyond 2 to this, a square may be infinite */
    WHOLE_POWER_MAX = 16
};

static mr_status lay_bits(mr_builder *b, uint32_t element, mr_comparison *c, const double *values) {
    c->words = (c->field_count + 63) / 64;
    size_t count = (size_t)c->words * c->point_count;
    uint64_t *bits = mr_alloc_zero(count, sizeof *bits);
    if (!bits) return mr_build_no_memory(b);
    for (uint32_t p = 0; p < c->point_count; p++)
        for (uint32_t f = 0; f < c->field_count; f++) {
            double value = values[(size_t)p * c->field_count + f];
            if (value != 0 && value != 1) {
                mr_free(bits);
                return mr_build_fail(b, element, MR_INVALID_MODEL,
                                     "a binary similarity to %g, which is neither 0 nor 1", value);
            }
            bits[(size_t)p * c->words + f / 64] |= (uint64_t)(value != 0) << (f % 64);
        }
    const void *kept = NULL;
    mr_status status = mr_build_own(b, bits, count, sizeof *bits, &kept);
    c->bits = kept;
    return status;
}

/* *plain: no value and no weight is such that a product may be no number. */
static mr_status lay_points(mr_builder *b, uint32_t element, mr_comparison *c, const double *values,
                            bool *plain) {
    size_t count = (size_t)mr_comparison_blocks(c) * c->field_count * MR_LANES;
    double *points = mr_alloc_zero(count, sizeof *points);
    if (!points) return mr_build_no_memory(b);
    for (uint32_t p = 0; p < c->point_count; p++)
        for (uint32_t f = 0; f < c->field_count; f++) {
            double value = values[(size_t)p * c->field_count + f];
            const mr_table *table = c->fields[f].compare == COMPARE_TABLE ? c->fields[f].table : NULL;
            uint32_t index = table ? mr_table_find(table, value) : 0;
            if (!isfinite(value) || index == MR_NONE) {
                mr_free(points);
                return mr_build_fail(b, element, MR_INVALID_MODEL,
                                     table ? "a value that its field's table does not hold"
                                           : "a coordinate that is no finite number");
            }
            *plain &= fabs(value) < ldexp(1, HUGE_EXPONENT);
            size_t block = p / MR_LANES;
            points[(block * c->field_count + f) * MR_LANES + p % MR_LANES] = table ? index : value;
        }
    const void *kept = NULL;
    mr_status status = mr_build_own(b, points, count, sizeof *points, &kept);
    c->points = kept;
    return status;
}

mr_status mr_build_points(mr_builder *b, uint32_t element, mr_comparison *c, const mr_compared_field *fields,
                          const double *weights, const double *missing_weights, uint32_t field_count,
                          const double *values, uint32_t point_count) {
    bool weighted = false, plain = true;
    double *ones = missing_weights ? NULL : mr_build_alloc(b, field_count, sizeof *ones);
    if (!missing_weights && !ones) return MR_NO_MEMORY;
    for (uint32_t f = 0; f < field_count; f++) {
        if (ones) ones[f] = 1;
        weighted |= weights[f] != 1;
        plain &= weights[f] != 0;
    }
    c->fields = fields;
    c->weights = weights;
    c->missing_weights = missing_weights ? missing_weights : ones;
    c->field_count = field_count;
    c->point_count = point_count;
    for (uint32_t f = 0; f < field_count; f++) c->missing_sum += c->missing_weights[f];
    if (c->metric == METRIC_BINARY) return lay_bits(b, element, c, values);
    mr_status status = lay_points(b, element, c, values, &plain);
    if (c->power <= WHOLE_POWER_MAX && c->power == floor(c->power)) c->whole_power = (uint32_t)c->power;
    c->complete = mr_comparison_choose(c, weighted, plain, false);
    c->gaps = mr_comparison_choose(c, true, plain, false);
    return status;
}
