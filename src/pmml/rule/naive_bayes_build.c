/* Naive Bayes, compiled: counts to logarithms of shares. */
#include "pmml/rule/naive_bayes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"
#include "pmml/field/values.h"

typedef struct bayes_builder {
    mr_builder *b;
    mr_scope *scope;
    mr_naive_bayes *model;
    mr_classes classes;
    double threshold;
} bayes_builder;

static mr_status read_count(bayes_builder *n, uint32_t element, double *count) {
    mr_status status = mr_build_number(n->b, element, A_count, true, count);
    if (status == MR_OK && !(*count >= 0 && isfinite(*count)))
        status = mr_build_fail(n->b, element, MR_INVALID_MODEL, "a negative count");
    return status;
}

/* Class of a count or distribution; only the counts of the output may name new ones. */
static mr_status class_of(bayes_builder *n, uint32_t element, bool adds, uint32_t *index) {
    const char *text;
    uint32_t label;
    mr_status status = mr_build_must(n->b, element, A_value, &text);
    if (status == MR_OK) status = mr_build_label(n->b, element, text, n->scope->label_type, &label);
    if (status != MR_OK) return status;
    if (adds) return mr_classes_add(n->b, &n->classes, label, index);
    if (!mr_classes_find(n->b, &n->classes, label, index)) *index = MR_NONE;
    return MR_OK;
}

/* ---- The output: classes and how often each was seen ---- */

static mr_status read_output(bayes_builder *n, uint32_t element) {
    mr_builder *b = n->b;
    const char *field = mr_build_text(b, element, A_fieldName);
    uint32_t list = mr_build_child(n->b, element, E_TargetValueCounts), count = 0;
    if (field && n->scope->target && strcmp(field, n->scope->target) != 0)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "fieldName=\"%.60s\" is not the target", field);
    if (list == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<BayesOutput> lacks its <TargetValueCounts>");
    MR_EACH_CHILD(b->document, list, child) count++;
    double *priors = mr_build_alloc(b, count, sizeof *priors);
    if (!priors) return MR_NO_MEMORY;
    n->model->priors = priors;
    MR_EACH_CHILD(b->document, list, child) {
        uint32_t index;
        double seen = 0;
        size_t before = n->classes.count;
        mr_status status = class_of(n, child, true, &index);
        if (status == MR_OK && n->classes.count == before)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "a second count of one value");
        if (status == MR_OK) status = read_count(n, child, &seen);
        if (status != MR_OK) return status;
        priors[index] = log(seen);
    }
    return MR_OK;
}

/* ---- Discrete inputs ---- */

typedef struct value_row {
    double value;
    uint32_t row;
} value_row;

static int by_value(const void *a, const void *b) {
    const value_row *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static mr_status read_counts(bayes_builder *n, uint32_t element, double *counts, double *sums) {
    uint32_t list = mr_build_child(n->b, element, E_TargetValueCounts);
    if (list == MR_NONE)
        return mr_build_fail(n->b, element, MR_INVALID_MODEL, "<PairCounts> lacks its <TargetValueCounts>");
    MR_EACH_CHILD(n->b->document, list, child) {
        uint32_t index;
        double count = 0;
        mr_status status = class_of(n, child, false, &index);
        if (status == MR_OK) status = read_count(n, child, &count);
        if (status != MR_OK) return status;
        if (index == MR_NONE) continue; /* a value that is never predicted */
        counts[index] += count;
        sums[index] += count;
    }
    return MR_OK;
}

static mr_status read_pairs(bayes_builder *n, uint32_t element, mr_data_type type, value_row *rows,
                            double *counts, double *sums) {
    uint32_t row = 0;
    MR_EACH_CHILD(n->b->document, element, child) {
        const char *text;
        mr_slot value;
        if (mr_build_name(n->b, child) != E_PairCounts) continue;
        mr_status status = mr_build_must(n->b, child, A_value, &text);
        if (status == MR_OK) status = mr_build_literal(n->b, child, text, type, &value);
        if (status == MR_OK) status = read_counts(n, child, counts + (size_t)row * n->classes.count, sums);
        if (status != MR_OK) return status;
        rows[row] = (value_row){type == T_STRING ? value.text : value.number, row};
        row++;
    }
    return MR_OK;
}

/* Shares of the sum over the values, each class its own; no count is the threshold. */
static void keep_logarithms(const bayes_builder *n, const value_row *rows, const double *counts,
                            const double *sums, const mr_bayes_input *input, double *values,
                            double *logarithms) {
    size_t classes = n->classes.count;
    for (uint32_t i = 0; i < input->value_count; i++) {
        values[i] = rows[i].value;
        for (size_t k = 0; k < classes; k++) {
            double count = counts[rows[i].row * classes + k];
            logarithms[i * classes + k] = count > 0 ? log(count / sums[k]) : n->model->threshold;
        }
    }
}

static mr_status build_discrete(bayes_builder *n, uint32_t element, mr_data_type type,
                                mr_bayes_input *input) {
    mr_builder *b = n->b;
    size_t classes = n->classes.count, cells;
    MR_EACH_CHILD(b->document, element, child)
    input->value_count += mr_build_name(n->b, child) == E_PairCounts;
    cells = input->value_count * classes;
    double *values = mr_build_alloc(b, input->value_count, sizeof *values);
    double *logarithms = mr_build_alloc(b, cells, sizeof *logarithms);
    if (!values || !logarithms) return MR_NO_MEMORY; /* and not more than the limit */
    value_row *rows = mr_alloc_zero(input->value_count + 1, sizeof *rows);
    double *counts = mr_alloc_zero(cells + classes, sizeof *counts);
    mr_status status = rows && counts ? MR_OK : mr_build_no_memory(b);
    if (status == MR_OK) status = read_pairs(n, element, type, rows, counts, counts + cells);
    if (status == MR_OK) {
        qsort(rows, input->value_count, sizeof *rows, by_value);
        keep_logarithms(n, rows, counts, counts + cells, input, values, logarithms);
    }
    for (uint32_t i = 1; i < input->value_count && status == MR_OK; i++)
        if (values[i] == values[i - 1])
            status = mr_build_fail(b, element, MR_INVALID_MODEL, "two <PairCounts> of one value");
    mr_free(rows);
    mr_free(counts);
    input->texts = type == T_STRING;
    input->values = values;
    input->logarithms = logarithms;
    return status;
}

/* ---- Continuous inputs ---- */

static mr_status read_density(bayes_builder *n, uint32_t element, mr_bayes_density *density) {
    double variance = 1;
    bool gaussian = mr_build_name(n->b, element) == E_GaussianDistribution;
    mr_status status = mr_build_number(n->b, element, A_mean, true, &density->mean);
    if (status == MR_OK && gaussian) status = mr_build_number(n->b, element, A_variance, true, &variance);
    if (status != MR_OK) return status;
    if (!(variance > 0 && isfinite(variance)) || (!gaussian && !(density->mean > 0)))
        return mr_build_fail(n->b, element, MR_INVALID_MODEL, "the %s of <%s> must be above 0",
                             gaussian ? "variance" : "mean", mr_element_text(mr_build_name(n->b, element)));
    density->kind = gaussian ? DENSITY_GAUSSIAN : DENSITY_POISSON;
    density->scale = gaussian ? 1 / (2 * variance) : log(density->mean);
    density->constant = -0.5 * log(2 * 3.14159265358979323846 * variance);
    return MR_OK;
}

static mr_status build_continuous(bayes_builder *n, uint32_t list, mr_bayes_input *input) {
    mr_builder *b = n->b;
    mr_bayes_density *densities = mr_build_alloc(b, n->classes.count, sizeof *densities);
    if (!densities) return MR_NO_MEMORY;
    input->densities = densities;
    MR_EACH_CHILD(b->document, list, child) {
        uint32_t index, distribution = child + 1;
        mr_status status = class_of(n, child, false, &index);
        if (status == MR_OK && distribution >= b->document->elements[child].end)
            status = mr_build_fail(b, child, MR_INVALID_MODEL, "<TargetValueStat> lacks its distribution");
        mr_bayes_density density = {.kind = DENSITY_NONE};
        if (status == MR_OK) status = read_density(n, distribution, &density);
        if (status != MR_OK) return status;
        if (index != MR_NONE) densities[index] = density;
    }
    return MR_OK;
}

static mr_status build_input(bayes_builder *n, uint32_t element, mr_bayes_input *input) {
    mr_builder *b = n->b;
    uint32_t stats = mr_build_child(n->b, element, E_TargetValueStats);
    uint32_t derived = mr_build_child(n->b, element, E_DerivedField);
    mr_status status = mr_scope_find_attribute(b, n->scope, element, A_fieldName, &input->slot);
    if (status == MR_OK && stats != MR_NONE) {
        if (!mr_data_type_calculates(b->slots[input->slot].type))
            return mr_build_fail(b, stats, MR_INVALID_MODEL,
                                 "<TargetValueStats> of a field that is no number");
        return build_continuous(n, stats, input);
    }
    if (status == MR_OK && derived != MR_NONE) status = mr_build_derived(b, n->scope, derived, &input->slot);
    return status == MR_OK ? build_discrete(n, element, b->slots[input->slot].type, input) : status;
}

/* Older R writes continuous inputs inside <Extension>, beside the others. */
static mr_status build_inputs(bayes_builder *n, uint32_t element) {
    uint32_t end = n->b->document->elements[element].end, count = 0;
    for (uint32_t i = element; i < end; i++) count += mr_build_name(n->b, i) == E_BayesInput;
    mr_bayes_input *inputs = mr_build_alloc(n->b, count, sizeof *inputs);
    if (!inputs) return MR_NO_MEMORY;
    n->model->inputs = inputs;
    n->model->input_count = count;
    for (uint32_t i = element; i < end; i++) {
        if (mr_build_name(n->b, i) != E_BayesInput) continue;
        mr_status status = build_input(n, i, inputs++);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

static mr_status build(bayes_builder *n, uint32_t element, mr_evaluator *evaluator) {
    uint32_t inputs = mr_build_child(n->b, element, E_BayesInputs),
             output = mr_build_child(n->b, element, E_BayesOutput);
    if (inputs == MR_NONE || output == MR_NONE)
        return mr_build_fail(n->b, element, MR_INVALID_MODEL, "<NaiveBayesModel> lacks its %s",
                             inputs == MR_NONE ? "<BayesInputs>" : "<BayesOutput>");
    mr_status status = mr_build_number(n->b, element, A_threshold, true, &n->threshold);
    if (status == MR_OK && !(n->threshold >= 0))
        status = mr_build_fail(n->b, element, MR_INVALID_MODEL, "a negative threshold");
    n->model->threshold = log(n->threshold);
    if (status == MR_OK) status = read_output(n, output);
    if (status == MR_OK) status = build_inputs(n, inputs);
    return status == MR_OK ? mr_classes_keep(n->b, &n->classes, evaluator, element) : status;
}

mr_status mr_build_naive_bayes(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    mr_naive_bayes *model = mr_build_alloc(b, 1, sizeof *model);
    if (!model) return MR_NO_MEMORY;
    bayes_builder n = {.b = b, .scope = scope, .model = model};
    mr_status status = build(&n, element, evaluator);
    mr_classes_free(&n.classes);
    evaluator->model = model;
    evaluator->evaluate = mr_naive_bayes_evaluate;
    evaluator->probabilistic = true;
    return status;
}
