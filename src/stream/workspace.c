/* Frames by type slot. An entry is good for one generation only: a pointer to a served model may be used
 * again for another one, a generation never. */
#include "stream/workspace.h"

#include "base/memory.h"

typedef struct entry {
    uint64_t generation; /* 0: empty */
    mr_frame *in;        /* one block with its columns and cells */
    mr_frame *out;
    mr_row_result *results;
} entry;

struct mr_workspace {
    entry entries[MR_DATA_TYPES_MAX]; /* by type slot */
};

static void clear(entry *old) {
    mr_free(old->in);
    mr_frame_free(old->out);
    mr_free(old->results);
    *old = (entry){0};
}

mr_status mr_workspace_new(mr_workspace **workspace, mr_error *error) {
    *workspace = mr_alloc_zero(1, sizeof **workspace);
    return *workspace ? MR_OK : mr_fail(error, MR_NO_MEMORY, "workspace", "no memory for a lane's workspace");
}

void mr_workspace_free(mr_workspace *workspace) {
    if (workspace == NULL) return;
    for (size_t i = 0; i < MR_DATA_TYPES_MAX; i++) clear(&workspace->entries[i]);
    mr_free(workspace);
}

/* Bytes of a cell, rounded up so that every cell of a row is aligned. */
static size_t cell_size(mr_type type) {
    size_t size = type == MR_TYPE_STRING ? sizeof(mr_text) : sizeof(double);
    return (size + 7) & ~(size_t)7;
}

/* Gives each column that an input reads its place in a row; returns the bytes of a row. */
static size_t lay_out(const mr_served *served, mr_frame *frame, size_t *places) {
    const mr_model_shape *shape = mr_model_get_shape(served->model);
    size_t cells = 0, states = 0;
    for (uint32_t i = 0; i < shape->input_count; i++) {
        uint32_t field = mr_binding_field(served->binding, i, NULL);
        if (field == MR_NO_FIELD || places[field] != SIZE_MAX) continue;
        places[field] = cells;
        cells += cell_size(frame->columns[field].type);
        states++;
    }
    size_t stride = cells + ((states + 7) & ~(size_t)7), state = cells;
    for (uint32_t field = 0; field < frame->column_count; field++) {
        if (places[field] == SIZE_MAX) continue;
        frame->columns[field].stride = frame->columns[field].state_stride = stride;
        frame->columns[field].state = (uint8_t *)state++; /* an offset until the cells are there */
    }
    return stride;
}

/* The features of one model: row-major, cells then states, behind the frame and its columns. */
static mr_frame *new_input(const mr_served *served) {
    const mr_schema *schema = served->decode->schema;
    uint32_t count = mr_schema_count(schema);
    size_t head = sizeof(mr_frame) + count * sizeof(mr_column);
    size_t *places = mr_alloc((size_t)count * sizeof *places);
    mr_frame *sketch = mr_alloc_zero(1, head);
    mr_frame *made = NULL;
    if (places != NULL && sketch != NULL) {
        sketch->columns = (mr_column *)(sketch + 1);
        sketch->column_count = count;
        sketch->row_count = MR_BATCH_ROWS;
        for (uint32_t i = 0; i < count; i++) {
            sketch->columns[i].type = mr_schema_field(schema, i)->type;
            places[i] = SIZE_MAX;
        }
        size_t stride = lay_out(served, sketch, places);
        made = mr_realloc(sketch, head + stride * MR_BATCH_ROWS);
        if (made != NULL) sketch = NULL;
    }
    if (made != NULL) {
        made->columns = (mr_column *)(made + 1);
        char *cells = (char *)made + head;
        for (uint32_t i = 0; i < count; i++) {
            if (places[i] == SIZE_MAX) continue;
            made->columns[i].data = cells + places[i];
            made->columns[i].state = (uint8_t *)cells + (size_t)made->columns[i].state;
        }
    }
    mr_free(places);
    mr_free(sketch);
    return made;
}

static mr_status fill(entry *made, const mr_served *served, mr_error *error) {
    made->in = new_input(served);
    made->results = mr_alloc_zero(MR_BATCH_ROWS, sizeof *made->results);
    if (made->in == NULL || made->results == NULL) {
        return mr_fail(error, MR_NO_MEMORY, served->identity.data_type, "no memory for a batch's features");
    }
    return mr_binding_new_output(served->binding, MR_BATCH_ROWS, &made->out, error);
}

mr_status mr_workspace_open(mr_workspace *workspace, const mr_model_set *set, const mr_served *served,
                            mr_group *group, mr_error *error) {
    entry *of = &workspace->entries[served->type_slot];
    if (of->generation != set->generation) {
        clear(of);
        mr_status status = fill(of, served, error);
        if (status != MR_OK) {
            clear(of);
            return status;
        }
        of->generation = set->generation;
    }
    group->served = served;
    group->in = of->in;
    group->out = of->out;
    group->results = of->results;
    of->in->row_count = of->out->row_count = MR_BATCH_ROWS;
    return MR_OK;
}
