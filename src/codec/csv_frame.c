/* CSV rows into frames: which column feeds which field, and text by the field's type. */
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "codec/csv.h"
#include "core/cell.h"

/* A schema of all columns as strings, only to find names by the rule of mr_schema_resolve. */
static mr_status columns_as_schema(const mr_csv_reader *reader, mr_schema **schema, mr_error *error) {
    uint32_t count = mr_csv_field_count(reader);
    mr_field *fields = mr_alloc_zero(count, sizeof *fields);
    if (fields == NULL) return mr_fail(error, MR_NO_MEMORY, "csv", "out of memory");
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = (mr_field){mr_csv_field_name(reader, i), MR_TYPE_STRING, MR_CATEGORICAL};
    }
    mr_status status = mr_schema_new(fields, count, schema, error);
    mr_free(fields);
    return status;
}

static bool holds(const mr_field *fields, uint32_t count, const mr_field *field) {
    for (uint32_t i = 0; i < count; i++) {
        if (fields[i].type == field->type && strcmp(fields[i].name, field->name) == 0) return true;
    }
    return false;
}

mr_status mr_csv_schema(const mr_csv_reader *reader, const mr_input *inputs, uint32_t count,
                        const mr_name_mapping *mapping, size_t mapping_count, mr_schema **schema,
                        mr_error *error) {
    mr_schema *columns;
    mr_status status = columns_as_schema(reader, &columns, error);
    if (status != MR_OK) return status;
    mr_field *fields = mr_alloc_zero(count ? count : 1, sizeof *fields);
    if (fields == NULL) {
        mr_schema_release(columns);
        return mr_fail(error, MR_NO_MEMORY, "csv", "out of memory");
    }
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        mr_match match;
        uint32_t column =
            mr_schema_resolve(columns, inputs[i].name, MR_TYPE_STRING, mapping, mapping_count, &match);
        if (column == MR_NO_FIELD) continue;
        mr_field field = {mr_csv_field_name(reader, column), inputs[i].type, inputs[i].measure};
        if (!holds(fields, used, &field)) fields[used++] = field;
    }
    status = mr_schema_new(fields, used, schema, error);
    mr_free(fields);
    mr_schema_release(columns);
    return status;
}

void mr_csv_bind(const mr_csv_reader *reader, const mr_schema *schema, uint32_t *columns) {
    for (uint32_t f = 0; f < mr_schema_count(schema); f++) {
        columns[f] = MR_NO_FIELD;
        for (uint32_t c = 0; c < mr_csv_field_count(reader) && columns[f] == MR_NO_FIELD; c++) {
            if (strcmp(mr_csv_field_name(reader, c), mr_schema_field(schema, f)->name) == 0) columns[f] = c;
        }
    }
}

mr_status mr_csv_fill(const mr_schema *schema, const uint32_t *columns, const mr_bytes *cells,
                      mr_frame *frame, uint32_t row, mr_arena *arena, mr_error *error) {
    for (uint32_t f = 0; f < frame->column_count; f++) {
        const mr_column *column = &frame->columns[f];
        mr_bytes text = columns[f] == MR_NO_FIELD ? (mr_bytes){NULL, 0} : cells[columns[f]];
        if (text.data == NULL) {
            mr_cell_set_state(column, row, MR_CELL_MISSING);
            continue;
        }
        if (column->type == MR_TYPE_STRING) {
            text.data = mr_arena_copy(arena, text.data, text.size);
            if (text.data == NULL) return mr_fail(error, MR_NO_MEMORY, "csv", "out of memory");
        }
        mr_cell_from_text(column, row, text.data, text.size, schema);
    }
    return MR_OK;
}
