/* Text by type: doubles and floats are each rounded once, integers may be written as 5.0 or 5e0. */
#include "core/cell.h"

#include <string.h>

#include "base/number.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool read_integer(const char *text, size_t size, int64_t *value) {
    double number;
    if (mr_parse_integer(text, size, value)) return true;
    if (!mr_parse_double(text, size, &number)) return false;
    if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0)) return false;
    *value = (int64_t)number;
    return (double)*value == number;
}

static bool read_boolean(const char *text, size_t size, uint8_t *value) {
    double number;
    bool yes = size == 4 && strncasecmp(text, "true", 4) == 0;
    bool no = size == 5 && strncasecmp(text, "false", 5) == 0;
    if (!yes && !no && mr_parse_double(text, size, &number)) yes = number == 1, no = number == 0;
    if (yes || no) *value = yes;
    return yes || no;
}

void mr_cell_from_text(const mr_column *column, uint32_t row, const char *text, size_t size,
                       const mr_schema *schema) {
    void *cell = mr_cell(column, row);
    if (column->type == MR_TYPE_STRING) {
        *(mr_text *)cell = (mr_text){text, (uint32_t)size, mr_schema_code(schema, text, size)};
        mr_cell_set_state(column, row, size <= UINT32_MAX ? MR_CELL_PRESENT : MR_CELL_INVALID);
        return;
    }
    while (size > 0 && is_blank(*text)) text++, size--;
    while (size > 0 && is_blank(text[size - 1])) size--;
    bool ok = false;
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        ok = mr_parse_double(text, size, cell);
        break;
    case MR_TYPE_FLOAT:
        ok = mr_parse_float(text, size, cell);
        break;
    case MR_TYPE_INTEGER:
        ok = read_integer(text, size, cell);
        break;
    case MR_TYPE_BOOLEAN:
        ok = read_boolean(text, size, cell);
        break;
    default:
        break;
    }
    mr_cell_set_state(column, row, ok ? MR_CELL_PRESENT : MR_CELL_INVALID);
}
