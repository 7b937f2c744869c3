/* Scores an array of structs with a model, without copying them.
 *
 *   cc score.c -o score $(pkg-config --cflags --libs libmillrace-model)
 *   ./score data/models/wine-2-regression.pmml
 */
#include <millrace/model.h>
#include <stdio.h>

typedef struct wine {
    double alcohol, malic_acid, color_intensity;
} wine;

static const mr_field fields[] = {
    {"alcohol", MR_TYPE_DOUBLE, MR_CONTINUOUS},
    {"malic acid", MR_TYPE_DOUBLE, MR_CONTINUOUS}, /* is the model's malic_acid */
    {"color_intensity", MR_TYPE_DOUBLE, MR_CONTINUOUS}};
enum { FIELDS = 3, ROWS = 2 };

static void print_row(const mr_frame *out, const mr_row_result *rows, uint32_t row) {
    const mr_text *label = mr_cell(&out->columns[0], row); /* output 0: the target, here a string */
    if (rows[row].status != MR_OK) printf("row %u: %s\n", row, rows[row].message);
    else if (!mr_cell_present(&out->columns[0], row)) printf("row %u: missing\n", row);
    else printf("row %u: %.*s\n", row, (int)label->size, label->data);
}

static mr_status score(const char *path, wine *wines, mr_error *error) {
    mr_column columns[FIELDS] = {{MR_TYPE_DOUBLE, &wines->alcohol, sizeof *wines, NULL, 0},
                                 {MR_TYPE_DOUBLE, &wines->malic_acid, sizeof *wines, NULL, 0},
                                 {MR_TYPE_DOUBLE, &wines->color_intensity, sizeof *wines, NULL, 0}};
    mr_frame in = {columns, FIELDS, ROWS}, *out = NULL;
    mr_row_result rows[ROWS];
    mr_model *model = NULL;
    mr_schema *schema = NULL;
    mr_binding *binding = NULL;
    mr_scratch *scratch = NULL;

    mr_status status = mr_model_load_file(path, NULL, NULL, &model, error);
    if (status == MR_OK) status = mr_schema_new(fields, FIELDS, &schema, error);
    if (status == MR_OK) status = mr_model_bind(model, schema, NULL, 0, &binding, error);
    if (status == MR_OK) status = mr_binding_new_output(binding, ROWS, &out, error);
    if (status == MR_OK) status = mr_scratch_new(4096, &scratch, error);
    /* From here on as often as you like; mr_scratch_reset(scratch) before each next time. */
    if (status == MR_OK) status = mr_score_all(binding, &in, out, rows, scratch, error);
    for (uint32_t row = 0; status == MR_OK && row < ROWS; row++) print_row(out, rows, row);
    mr_scratch_free(scratch);
    mr_frame_free(out);
    mr_binding_free(binding);
    mr_schema_release(schema);
    mr_model_release(model);
    return status;
}

int main(int argc, char **argv) {
    wine wines[ROWS] = {{13.9, 1.7, 5.0}, {12.3, 1.1, 2.3}};
    mr_error error = {MR_OK, "usage", "score MODEL.pmml"};
    if (argc == 2 && score(argv[1], wines, &error) == MR_OK) return 0;
    fprintf(stderr, "%s: %s\n", error.where, error.message);
    return 1;
}
