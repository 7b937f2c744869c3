/* General regression, compiled: the predictor-to-parameter matrix, with contrasts of factors. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/field/values.h"
#include "pmml/regression/general_build.h"

typedef struct cells {
    mr_builder *b;
    mr_scope *scope;
    const mr_general_lists *lists;
    const mr_classes *classes;
    mr_general *g;
    mr_contrast **contrasts; /* of each element of the FactorList, made when first asked for */
    uint32_t first;          /* of these elements */
    mr_general_cell *next;
} cells;

static mr_status build_categories(cells *c, uint32_t element, mr_data_type type, mr_contrast *m) {
    mr_builder *b = c->b;
    MR_EACH_CHILD(b->document, element, child) m->count++;
    mr_slot *categories = mr_build_alloc(b, m->count, sizeof *categories);
    if (!categories) return MR_NO_MEMORY;
    m->categories = categories;
    MR_EACH_CHILD(b->document, element, child) {
        const char *value;
        mr_status status = mr_build_must(b, child, A_value, &value);
        if (status == MR_OK) status = mr_build_literal(b, child, value, type, categories++);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* The contrasts of a factor. A matrix has a row for each category, and mostly one column less. */
static mr_status build_contrast(cells *c, uint32_t predictor, uint32_t matrix, mr_data_type type,
                                mr_contrast **made) {
    mr_builder *b = c->b;
    uint32_t categories = mr_build_child(b, predictor, E_Categories);
    mr_contrast *m = mr_build_alloc(b, 1, sizeof *m);
    if (!m) return MR_NO_MEMORY;
    *made = m;
    if (categories == MR_NONE)
        return mr_build_fail(b, predictor, MR_UNSUPPORTED,
                             "a contrast <Matrix> without <Categories> is not supported");
    mr_status status = build_categories(c, categories, type, m);
    double columns = m->count > 0 ? m->count - 1 : 0;
    if (status == MR_OK) status = mr_build_number(b, matrix, A_nbCols, false, &columns);
    if (status == MR_OK && !(columns >= 1 && columns <= 1e6 && columns == floor(columns)))
        status = mr_build_fail(b, matrix, MR_INVALID_MODEL, "a contrast <Matrix> of %g columns", columns);
    if (status != MR_OK) return status;
    m->columns = (uint32_t)columns;
    double *values = mr_build_alloc(b, (size_t)m->count * m->columns, sizeof *values);
    if (!values) return MR_NO_MEMORY;
    m->values = values;
    return mr_build_matrix(b, matrix, m->count, m->columns, values);
}

/* A factor with a contrast matrix: the column that belongs to the cell's category. */
static mr_status build_column(cells *c, uint32_t element, uint32_t predictor, uint32_t matrix,
                              mr_general_cell *cell) {
    mr_builder *b = c->b;
    mr_data_type type = b->slots[cell->slot].type;
    mr_contrast **m = &c->contrasts[predictor - c->first];
    mr_status status = *m ? MR_OK : build_contrast(c, predictor, matrix, type, m);
    if (status != MR_OK) return status;
    cell->contrast = *m;
    for (uint32_t i = 0; i < (*m)->count; i++) {
        const mr_slot *category = &(*m)->categories[i];
        if (type == T_STRING ? category->text != cell->text : category->number != cell->number) continue;
        cell->kind = type == T_STRING ? CELL_CONTRAST_TEXT : CELL_CONTRAST_NUMBER;
        cell->text = i;
        if (i < (*m)->columns) return MR_OK;
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "the contrast <Matrix> has no column for this category");
    }
    return mr_build_fail(b, element, MR_INVALID_MODEL, "value=\"%.60s\" is none of the factor's categories",
                         mr_build_text(b, element, A_value));
}

static mr_status build_cell(cells *c, uint32_t element, uint32_t parameter, mr_general_cell *cell) {
    mr_builder *b = c->b;
    const char *name, *text;
    mr_slot value;
    *cell = (mr_general_cell){.value = parameter};
    mr_status status = mr_build_must(b, element, A_predictorName, &name);
    if (status == MR_OK) status = mr_build_must(b, element, A_value, &text);
    if (status == MR_OK) status = mr_scope_find(b, c->scope, element, name, &cell->slot);
    if (status != MR_OK) return status;
    mr_data_type type = b->slots[cell->slot].type;
    mr_map_item *factor = mr_map_find(&c->lists->factors, name, strlen(name));
    if (factor) {
        status = mr_build_literal(b, element, text, type, &value);
        cell->kind = type == T_STRING ? CELL_TEXT : CELL_NUMBER;
        cell->text = value.text;
        cell->number = value.number;
        uint32_t matrix = mr_build_child(b, factor->value, E_Matrix);
        if (status != MR_OK || matrix == MR_NONE) return status;
        return build_column(c, element, factor->value, matrix, cell);
    }
    if (!mr_map_find(&c->lists->covariates, name, strlen(name)) || !mr_data_type_calculates(type))
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "the predictor \"%.100s\" is neither a factor nor a numeric covariate", name);
    cell->kind = CELL_COVARIATE;
    return mr_build_number(b, element, A_value, true, &cell->number);
}

/* The category that a cell is for; MR_NONE: all. Those that the model does not predict have no cells. */
static mr_status find_category(cells *c, uint32_t element, uint32_t *category, bool *known) {
    const char *text = mr_build_text(c->b, element, A_targetCategory);
    uint32_t label;
    *category = MR_NONE;
    *known = true;
    if (!text) return MR_OK;
    if (c->classes->count == 0)
        return mr_build_fail(c->b, element, MR_INVALID_MODEL, "targetCategory of <PPCell> in a regression");
    mr_status status = mr_build_label(c->b, element, text, c->scope->label_type, &label);
    if (status == MR_OK) *known = mr_classes_find(c->b, c->classes, label, category);
    return status;
}

/* Does anything multiply this parameter? */
static bool is_read(const mr_general *g, uint32_t parameter) {
    bool read = g->covariances != NULL;
    for (uint32_t row = 0; row < g->row_count && !read; row++)
        read = !isnan(g->weights[(size_t)row * g->parameter_count + parameter]);
    return read;
}

/* One cell, in the matrix of its category, or in each. */
static mr_status add_cell(cells *c, uint32_t element) {
    mr_general *g = c->g;
    uint32_t category, parameter = 0;
    bool known;
    mr_status status = mr_general_find_parameter(c->b, c->lists, element, A_parameterName, &parameter);
    if (status == MR_OK) status = find_category(c, element, &category, &known);
    if (status == MR_OK && category != MR_NONE && g->matrix_count == 1) { /* one row: of the other class */
        known = category != g->reference;
        category = MR_NONE;
    }
    for (uint32_t m = 0; m < g->matrix_count && status == MR_OK && known; m++) {
        if (category != MR_NONE && category != m) continue;
        status = build_cell(c, element, m * g->parameter_count + parameter, c->next);
        c->next += is_read(g, parameter);
    }
    return status;
}

/* Do categories have cells of their own? */
static bool differs(const mr_builder *b, uint32_t matrix) {
    MR_EACH_CHILD(b->document, matrix, child)
    if (mr_build_text(b, child, A_targetCategory)) return true;
    return false;
}

mr_status mr_general_build_cells(mr_builder *b, mr_scope *scope, const mr_general_lists *lists,
                                 uint32_t element, const mr_classes *classes, mr_general *g) {
    uint32_t matrix = mr_build_child(b, element, E_PPMatrix), list = mr_build_child(b, element, E_FactorList);
    size_t count = 0, span = list == MR_NONE ? 1 : b->document->elements[list].end - list;
    g->matrix_count = 1;
    if (matrix == MR_NONE) return MR_OK;
    if (g->row_count > 1 && differs(b, matrix)) g->matrix_count = g->row_count;
    MR_EACH_CHILD(b->document, matrix, child) count++;
    if (count * g->matrix_count > UINT32_MAX / sizeof *g->cells)
        return mr_build_fail(b, matrix, MR_LIMIT, "too many <PPCell>s for so many categories");
    mr_general_cell *made = mr_build_alloc(b, count * g->matrix_count, sizeof *made);
    cells c = {b, scope, lists, classes, g, mr_alloc_zero(span, sizeof(mr_contrast *)), list, made};
    mr_status status = MR_OK;
    if (!made) status = MR_NO_MEMORY;
    else if (!c.contrasts) status = mr_build_no_memory(b);
    MR_EACH_CHILD(b->document, matrix, child)
    if (status == MR_OK) status = add_cell(&c, child);
    mr_free(c.contrasts);
    g->cells = made;
    if (made) g->cell_count = (uint32_t)(c.next - made);
    return status;
}
