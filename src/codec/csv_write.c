/* CSV out: a cell stands in quotes when it holds a delimiter, a quote or a line end. */
#include "base/arena.h"
#include "base/number.h"
#include "codec/csv.h"
#include "codec/text.h"

void mr_csv_write_text(FILE *file, const char *text, size_t size, char delimiter) {
    bool quote = false;
    for (size_t i = 0; i < size && !quote; i++) {
        quote = text[i] == delimiter || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    }
    if (!quote) {
        if (size > 0) fwrite(text, 1, size, file);
        return;
    }
    putc('"', file);
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"') putc('"', file);
        putc(text[i], file);
    }
    putc('"', file);
}

static mr_status write_list(FILE *file, const mr_column *column, uint32_t row, char delimiter,
                            mr_error *error) {
    mr_arena arena;
    mr_arena_init(&arena, 4096, 0);
    mr_text_builder text = {.arena = &arena};
    mr_text_add_cell(&text, column, row);
    mr_bytes view;
    mr_status status = mr_text_done(&text, &view, error);
    if (status == MR_OK) mr_csv_write_text(file, view.data, view.size, delimiter);
    mr_arena_free(&arena);
    return status;
}

mr_status mr_csv_write_cell(FILE *file, const mr_column *column, uint32_t row, char delimiter,
                            mr_error *error) {
    char text[MR_NUMBER_MAX];
    size_t size = 0;
    if (!mr_cell_present(column, row)) return MR_OK;
    const void *cell = mr_cell(column, row);
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        size = mr_print_double(text, *(const double *)cell);
        break;
    case MR_TYPE_FLOAT:
        size = mr_print_float(text, *(const float *)cell);
        break;
    case MR_TYPE_INTEGER:
        size = mr_print_integer(text, *(const int64_t *)cell);
        break;
    case MR_TYPE_BOOLEAN:
        fputs(*(const uint8_t *)cell ? "true" : "false", file);
        return MR_OK;
    case MR_TYPE_STRING: {
        const mr_text *string = cell;
        mr_csv_write_text(file, string->data, string->size, delimiter);
        return MR_OK;
    }
    default:
        return write_list(file, column, row, delimiter, error);
    }
    mr_csv_write_text(file, text, size, delimiter);
    return MR_OK;
}
