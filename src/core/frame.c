/* A row-major frame in one allocation: header, columns, then for each row its cells and its states. */
#include "millrace/frame.h"

#include <stdalign.h>
#include <string.h>

#include "base/memory.h"

/* Bytes of a cell, rounded up so that the next one is aligned. */
static size_t cell_size(mr_type type) {
    static const size_t sizes[MR_TYPE_COUNT] = {sizeof(double),  sizeof(float),   sizeof(int64_t),
                                                sizeof(uint8_t), sizeof(mr_text), sizeof(mr_list)};
    return (sizes[type] + 7) & ~(size_t)7;
}

static size_t align(size_t size) {
    const size_t step = alignof(max_align_t);
    return (size + step - 1) & ~(step - 1);
}

mr_status mr_frame_new(const mr_type *types, uint32_t count, uint32_t rows, mr_frame **frame,
                       mr_error *error) {
    size_t row_size = 0;
    for (uint32_t i = 0; i < count; i++) {
        if ((unsigned)types[i] >= MR_TYPE_COUNT) {
            return mr_fail(error, MR_INVALID_ARGUMENT, "frame", "unknown column type %d", (int)types[i]);
        }
        row_size += cell_size(types[i]);
    }
    size_t states = row_size;
    row_size = (row_size + count + 7) & ~(size_t)7;
    size_t header = align(sizeof(mr_frame)), columns = align(count * sizeof(mr_column));
    if (rows > 0 && row_size > (SIZE_MAX - header - columns) / rows) {
        return mr_fail(error, MR_LIMIT, "frame", "%u rows of %zu bytes do not fit into memory", rows,
                       row_size);
    }
    char *memory = mr_alloc_zero(1, header + columns + row_size * rows);
    if (memory == NULL) return mr_fail(error, MR_NO_MEMORY, "frame", "out of memory");
    mr_frame *made = (mr_frame *)(void *)memory;
    *made = (mr_frame){(mr_column *)(void *)(memory + header), count, rows};
    char *cells = memory + header + columns;
    size_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        made->columns[i] =
            (mr_column){types[i], cells + at, row_size, (uint8_t *)cells + states + i, row_size};
        at += cell_size(types[i]);
    }
    for (uint32_t row = 0; row < rows; row++) memset(cells + row * row_size + states, MR_CELL_MISSING, count);
    *frame = made;
    return MR_OK;
}

void mr_frame_free(mr_frame *frame) {
    mr_free(frame);
}
