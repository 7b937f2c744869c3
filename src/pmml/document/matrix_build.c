/* Matrix, PMML 4.4, "General Structure": rows as arrays, the lower left triangle of a symmetric one, the
 * diagonal, or single cells (numbered from 1) over defaults. */
#include <math.h>

#include "pmml/build.h"

enum { MATRIX_DIAGONAL, MATRIX_SYMMETRIC, MATRIX_ANY };

typedef struct matrix {
    mr_builder *b;
    uint32_t element, rows, columns;
    double *cells;
} matrix;

static mr_status wrong_size(const matrix *m, uint32_t element) {
    return mr_build_fail(m->b, element, MR_INVALID_MODEL,
                         "this <Matrix> is not one of %u rows and %u columns", m->rows, m->columns);
}

static mr_status check_size(const matrix *m) {
    double rows = m->rows, columns = m->columns;
    mr_status status = mr_build_number(m->b, m->element, A_nbRows, false, &rows);
    if (status == MR_OK) status = mr_build_number(m->b, m->element, A_nbCols, false, &columns);
    if (status == MR_OK && (rows != m->rows || columns != m->columns)) status = wrong_size(m, m->element);
    return status;
}

static void fill(matrix *m, double diagonal, double other) {
    for (uint32_t row = 0; row < m->rows; row++)
        for (uint32_t column = 0; column < m->columns; column++)
            m->cells[(size_t)row * m->columns + column] = row == column ? diagonal : other;
}

static mr_status read_arrays(matrix *m, unsigned kind) {
    uint32_t row = 0, rows = kind == MATRIX_DIAGONAL ? 1 : m->rows;
    MR_EACH_CHILD(m->b->document, m->element, child) {
        if (row == rows) return wrong_size(m, child);
        double *to = m->cells + (size_t)row * m->columns;
        uint32_t count = kind == MATRIX_ANY ? m->columns : kind == MATRIX_SYMMETRIC ? row + 1 : m->rows;
        uint32_t stride = kind == MATRIX_DIAGONAL ? m->columns + 1 : 1;
        mr_status status = mr_build_numbers(m->b, child, count, stride, to);
        if (status != MR_OK) return status;
        row++;
    }
    if (row != rows) return wrong_size(m, m->element);
    for (row = 0; row < m->rows && kind == MATRIX_SYMMETRIC; row++)
        for (uint32_t column = row + 1; column < m->columns; column++)
            m->cells[(size_t)row * m->columns + column] = m->cells[(size_t)column * m->columns + row];
    return MR_OK;
}

static mr_status read_cells(matrix *m, bool symmetric) {
    MR_EACH_CHILD(m->b->document, m->element, child) {
        double row = 0, column = 0, number = 0;
        mr_status status = mr_build_number(m->b, child, A_row, true, &row);
        if (status == MR_OK) status = mr_build_number(m->b, child, A_col, true, &column);
        if (status == MR_OK) status = mr_build_number(m->b, child, A_TEXT, true, &number);
        if (status != MR_OK) return status;
        if (!(row >= 1 && row <= m->rows && row == floor(row) && column >= 1 && column <= m->columns &&
              column == floor(column)))
            return wrong_size(m, child);
        size_t i = (size_t)row - 1, k = (size_t)column - 1;
        m->cells[i * m->columns + k] = number;
        if (symmetric) m->cells[k * m->columns + i] = number;
    }
    return MR_OK;
}

mr_status mr_build_matrix(mr_builder *b, uint32_t element, uint32_t rows, uint32_t columns, double *cells) {
    static const char *const kinds[] = {"diagonal", "symmetric", "any", NULL};
    matrix m = {b, element, rows, columns, cells};
    unsigned kind = MATRIX_ANY;
    double diagonal = 0, other = 0;
    uint32_t arrays = 0, singles = 0;
    mr_status status = mr_build_word(b, element, A_kind, kinds, &kind);
    if (status == MR_OK) status = check_size(&m);
    if (status == MR_OK) status = mr_build_number(b, element, A_diagDefault, false, &diagonal);
    if (status == MR_OK) status = mr_build_number(b, element, A_offDiagDefault, false, &other);
    if (status == MR_OK && kind != MATRIX_ANY && rows != columns)
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "kind=\"%s\" of <Matrix>, which is not square",
                               kinds[kind]);
    if (status != MR_OK) return status;
    MR_EACH_CHILD(b->document, element, child) {
        bool array = mr_build_name(b, child) == E_Array;
        arrays += array, singles += !array;
    }
    if (arrays && singles)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<Matrix> holds arrays as well as single cells");
    fill(&m, diagonal, other);
    return arrays ? read_arrays(&m, kind) : read_cells(&m, kind == MATRIX_SYMMETRIC);
}
