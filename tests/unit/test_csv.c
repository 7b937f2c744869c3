/* CSV: quoting, line ends, missing texts, rows that are wrong between rows that are right, and back out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/memory.h"
#include "codec/csv.h"

static mr_csv_reader *open_text(FILE **file, const char *text, size_t size, const mr_csv_options *options) {
    mr_csv_reader *reader = NULL;
    mr_error error = {0};
    *file = size ? fmemopen((void *)(uintptr_t)text, size, "r") : fopen("/dev/null", "r");
    assert_non_null(*file);
    mr_status status = mr_csv_reader_new(*file, "test.csv", options, &reader, &error);
    if (status != MR_OK) fail_msg("%s: %s", error.where, error.message);
    return reader;
}

/* All rows as "a|b/c|d/", a missing cell as "~", an error as its status's name. */
static void expect_rows(const char *text, const mr_csv_options *options, const char *expected) {
    FILE *file;
    mr_csv_reader *reader = open_text(&file, text, strlen(text), options);
    char got[1024];
    size_t size = 0;
    for (;;) {
        const mr_bytes *cells;
        mr_error error;
        mr_status status = mr_csv_read(reader, &cells, &error);
        if (status != MR_OK) {
            size += (size_t)sprintf(got + size, "%s/", mr_status_name(status));
            continue;
        }
        if (cells == NULL) break;
        for (uint32_t i = 0; i < mr_csv_field_count(reader); i++) {
            size +=
                (size_t)sprintf(got + size, "%s%.*s", i ? "|" : "", cells[i].data ? (int)cells[i].size : 1,
                                cells[i].data ? (const char *)cells[i].data : "~");
        }
        got[size++] = '/';
    }
    got[size] = '\0';
    assert_string_equal(got, expected);
    mr_csv_reader_free(reader);
    fclose(file);
}

static void reads_rfc_4180(void **state) {
    (void)state;
    expect_rows("a,b\n1,2\n3,4\n", NULL, "1|2/3|4/");
    expect_rows("\xef\xbb\xbf"
                "a,b\r\n1,2\r\n3,4",
                NULL, "1|2/3|4/");
    expect_rows("a,b\n\"x,y\",\"q\"\"q\"\r\n\"l1\nl2\",\"\"\"\"\n", NULL, "x,y|q\"q/l1\nl2|\"/");
    expect_rows("a,b\n\n\r\n,\n\"\",x\n\n", NULL, "~|~/~|x/");
    expect_rows("a\n\"\"\n\"x\"\r\n", NULL, "~/x/");
    expect_rows("a,b\nx\"y,z\n\"a\",\"b\"", NULL, "x\"y|z/a|b/");
    expect_rows("a,b\n1,\r\n", NULL, "1|~/");
}

static void options(void **state) {
    (void)state;
    static const char *const fields[] = {"a", "b"};
    static const char *const missing[] = {"NA", "?"};
    expect_rows("1;2\n3;4,5\n", &(mr_csv_options){.delimiter = ';', .fields = fields, .field_count = 2},
                "1|2/3|4,5/");
    expect_rows("a,b\nNA,\n?,NAN\n", &(mr_csv_options){.missing = missing, .missing_count = 2}, "~|/~|NAN/");
    expect_rows("a\tb\n1\t2\n", &(mr_csv_options){.delimiter = '\t'}, "1|2/");
}

static void wrong_rows_are_answered_one_by_one(void **state) {
    (void)state;
    expect_rows("a,b\n1\n1,2,3\n\"x\"y,1\n3,4\n\"open,5\n6,7\n", NULL, "syntax/syntax/syntax/3|4/syntax/");
    expect_rows("a,b\n1,2\n123456789,0123456789\n3,4\n", &(mr_csv_options){.row_bytes = 8}, "1|2/limit/3|4/");
}

static void where_a_row_is(void **state) {
    (void)state;
    FILE *file;
    const char *text = "a,b\n\"1\n1\",2\n3\n";
    mr_csv_reader *reader = open_text(&file, text, strlen(text), NULL);
    const mr_bytes *cells;
    mr_error error;
    assert_int_equal(mr_csv_read(reader, &cells, &error), MR_OK);
    assert_int_equal(mr_csv_row_number(reader), 1);
    assert_int_equal(mr_csv_read(reader, &cells, &error), MR_SYNTAX);
    assert_int_equal(mr_csv_row_number(reader), 2);
    assert_string_equal(error.where, "test.csv:4");
    mr_csv_reader_free(reader);
    fclose(file);
}

static void refuses_headers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        mr_status status;
    } cases[] = {{"\n\n", MR_SYNTAX}, {"a,b,a\n", MR_CONFLICT}, {"\"a", MR_SYNTAX}};
    for (size_t i = 0; i < 3; i++) {
        mr_csv_reader *reader;
        mr_error error;
        FILE *file = fmemopen((void *)(uintptr_t)cases[i].text, strlen(cases[i].text), "r");
        assert_int_equal(mr_csv_reader_new(file, "x", NULL, &reader, &error), cases[i].status);
        fclose(file);
    }
    FILE *file;
    mr_csv_reader *reader = open_text(&file, ",b\n", 3, NULL);
    assert_string_equal(mr_csv_field_name(reader, 0), "column 1");
    assert_null(mr_csv_field_name(reader, 2));
    mr_csv_reader_free(reader);
    fclose(file);
}

static void fills_frames_by_type(void **state) {
    (void)state;
    static const mr_input inputs[] = {
        {"fixed acidity", MR_TYPE_DOUBLE, MR_CONTINUOUS},
        {"n", MR_TYPE_INTEGER, MR_CONTINUOUS},
        {"s", MR_TYPE_STRING, MR_CATEGORICAL},
        {"n", MR_TYPE_STRING, MR_CATEGORICAL},
        {"absent", MR_TYPE_DOUBLE, MR_CONTINUOUS},
        {"f", MR_TYPE_FLOAT, MR_CONTINUOUS},
        {"ok", MR_TYPE_BOOLEAN, MR_CATEGORICAL},
    };
    FILE *file;
    const char *text = "fixed_acidity,n,s,x,mapped,ok\n7.4, 12 ,red,1,0.1,TRUE\nabc,1.5,,2,1e999,yes\n";
    mr_csv_reader *reader = open_text(&file, text, strlen(text), NULL);
    static const mr_name_mapping mapping[] = {{"f", "mapped"}};
    mr_schema *schema;
    mr_error error;
    assert_int_equal(mr_csv_schema(reader, inputs, 7, mapping, 1, &schema, &error), MR_OK);
    assert_int_equal(mr_schema_count(schema), 6);
    uint32_t columns[6];
    mr_type types[6];
    for (uint32_t i = 0; i < 6; i++) types[i] = mr_schema_field(schema, i)->type;
    mr_csv_bind(reader, schema, columns);
    mr_frame *frame;
    assert_int_equal(mr_frame_new(types, 6, 2, &frame, &error), MR_OK);
    mr_arena arena;
    mr_arena_init(&arena, 1024, 0);
    uint32_t code;
    assert_int_equal(mr_schema_add_code(schema, "red", 3, &code, &error), MR_OK);
    const mr_bytes *cells;
    for (uint32_t row = 0; row < 2; row++) {
        assert_int_equal(mr_csv_read(reader, &cells, &error), MR_OK);
        assert_int_equal(mr_csv_fill(schema, columns, cells, frame, row, &arena, &error), MR_OK);
    }
    const mr_column *c = frame->columns;
    assert_true(*(double *)mr_cell(&c[0], 0) == 7.4);
    assert_int_equal(*(int64_t *)mr_cell(&c[1], 0), 12);
    const mr_text *red = mr_cell(&c[2], 0);
    assert_int_equal(red->size, 3);
    assert_memory_equal(red->data, "red", 3);
    assert_int_equal(red->code, code);
    assert_int_equal(((mr_text *)mr_cell(&c[3], 0))->size, 4); /* a string keeps its blanks */
    assert_true(*(float *)mr_cell(&c[4], 0) == 0.1f);
    assert_int_equal(*(uint8_t *)mr_cell(&c[5], 0), 1);
    static const mr_cell_state second[] = {MR_CELL_INVALID, MR_CELL_INVALID, MR_CELL_MISSING,
                                           MR_CELL_PRESENT, MR_CELL_PRESENT, MR_CELL_INVALID};
    for (int i = 0; i < 6; i++) assert_int_equal(*mr_cell_state_at(&c[i], 1), second[i]);
    mr_arena_free(&arena);
    mr_frame_free(frame);
    mr_schema_release(schema);
    mr_csv_reader_free(reader);
    fclose(file);
}

static void writes_cells(void **state) {
    (void)state;
    static const mr_value items[] = {{.type = MR_TYPE_STRING, .as.text = {"a\"b", 3, 0}},
                                     {.type = MR_TYPE_DOUBLE, .as.number = 0.5},
                                     {.type = MR_TYPE_INTEGER, .missing = true}};
    mr_type types[] = {MR_TYPE_DOUBLE,  MR_TYPE_FLOAT,  MR_TYPE_INTEGER,
                       MR_TYPE_BOOLEAN, MR_TYPE_STRING, MR_TYPE_LIST};
    mr_frame *frame;
    mr_error error;
    assert_int_equal(mr_frame_new(types, 6, 2, &frame, &error), MR_OK);
    for (int i = 0; i < 6; i++) *mr_cell_state_at(&frame->columns[i], 0) = MR_CELL_PRESENT;
    *(double *)mr_cell(&frame->columns[0], 0) = 0.1;
    *(float *)mr_cell(&frame->columns[1], 0) = 0.1f;
    *(int64_t *)mr_cell(&frame->columns[2], 0) = -7;
    *(uint8_t *)mr_cell(&frame->columns[3], 0) = 1;
    *(mr_text *)mr_cell(&frame->columns[4], 0) = (mr_text){"x;\"y\"\n", 6, 0};
    *(mr_list *)mr_cell(&frame->columns[5], 0) = (mr_list){items, 3};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    for (uint32_t row = 0; row < 2; row++) {
        for (int i = 0; i < 6; i++) {
            if (i) putc(';', file);
            assert_int_equal(mr_csv_write_cell(file, &frame->columns[i], row, ';', &error), MR_OK);
        }
        putc('\n', file);
    }
    fclose(file);
    assert_string_equal(text, "0.1;0.1;-7;true;\"x;\"\"y\"\"\n\";\"[\"\"a\\\"\"b\"\",0.5,null]\"\n;;;;;\n");
    free(text);
    mr_frame_free(frame);
}

static void random_files(void **state) {
    (void)state;
    srand(11);
    for (int i = 0; i < 3000; i++) {
        char text[64];
        size_t size = (size_t)rand() % sizeof text + 1;
        for (size_t b = 0; b < size; b++) text[b] = "a,\"\r\n1;"[rand() % 7];
        FILE *file = fmemopen(text, size, "r");
        mr_csv_reader *reader = NULL;
        mr_error error;
        const mr_bytes *cells = NULL;
        if (mr_csv_reader_new(file, "x", &(mr_csv_options){.row_bytes = 16}, &reader, &error) == MR_OK) {
            int rows = 0;
            mr_status status;
            do status = mr_csv_read(reader, &cells, &error);
            while ((status != MR_OK || cells != NULL) && ++rows < 100);
            assert_true(rows < 100);
        }
        mr_csv_reader_free(reader);
        fclose(file);
    }
}

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const mr_input input = {"a", MR_TYPE_STRING, MR_CATEGORICAL};
    mr_status status = MR_NO_MEMORY;
    for (int allowed = 0; status != MR_OK; allowed++) {
        char text[] = "a,b\nx,y\n";
        FILE *file = fmemopen(text, strlen(text), "r");
        int left = allowed;
        mr_csv_reader *reader = NULL;
        mr_schema *schema = NULL;
        const mr_bytes *cells;
        mr_error error;
        mr_set_alloc_hook(count_down, &left);
        status = mr_csv_reader_new(file, "x", NULL, &reader, &error);
        if (status == MR_OK) status = mr_csv_schema(reader, &input, 1, NULL, 0, &schema, &error);
        if (status == MR_OK) status = mr_csv_read(reader, &cells, &error);
        mr_set_alloc_hook(NULL, NULL);
        assert_true(status == MR_OK || status == MR_NO_MEMORY);
        mr_schema_release(schema);
        mr_csv_reader_free(reader);
        fclose(file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rfc_4180),
        cmocka_unit_test(options),
        cmocka_unit_test(wrong_rows_are_answered_one_by_one),
        cmocka_unit_test(where_a_row_is),
        cmocka_unit_test(refuses_headers),
        cmocka_unit_test(fills_frames_by_type),
        cmocka_unit_test(writes_cells),
        cmocka_unit_test(random_files),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
