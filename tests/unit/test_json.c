/* JSON records: names and the rule for them, every pair of value and column, and all that is not JSON. */
#include "base/memory.h"
#include "codec/json_scan.h"
#include "json_helper.h"

static void expect_text(const fixture *f, uint32_t field, const char *text) {
    assert_int_equal(state_of(f, field), MR_CELL_PRESENT);
    const mr_text *cell = mr_cell(&f->frame->columns[field], 1);
    assert_int_equal(cell->size, strlen(text));
    assert_memory_equal(cell->data, text, cell->size);
}

static void reads_a_record(void **state) {
    (void)state;
    fixture f;
    open_all(&f);
    uint32_t code;
    assert_int_equal(mr_schema_add_code(f.schema, "red", 3, &code, NULL), MR_OK);
    expect(&f,
           "\r\n{ \"fixed acidity\" : 7.4 ,\t\"f\":0.1,\"i\":-3,\"b\":true,\"s\":\"red\", "
           "\"skip\":[{\"a\":[1,2,{}]},[]]"
           ",\"dataType\":\"wine\"} \n",
           MR_OK);
    assert_true(number_of(&f, D) == 7.4);
    expect_text(&f, DS, "7.4");
    assert_true(*(float *)mr_cell(&f.frame->columns[F], 1) == 0.1f);
    assert_int_equal(*(int64_t *)mr_cell(&f.frame->columns[I], 1), -3);
    assert_int_equal(*(uint8_t *)mr_cell(&f.frame->columns[B], 1), 1);
    expect_text(&f, S, "red");
    assert_int_equal(((mr_text *)mr_cell(&f.frame->columns[S], 1))->code, code);
    assert_int_equal(f.type.size, 4);
    assert_memory_equal(f.type.data, "wine", 4);
    expect(&f, "{}", MR_OK);
    for (uint32_t i = 0; i < ALL; i++) assert_int_equal(state_of(&f, i), MR_CELL_MISSING);
    assert_int_equal(f.type.size, 0);
    expect(&f, "{\"dataType\":null,\"s\":\"x\"}", MR_OK);
    assert_int_equal(f.type.size, 0);
    assert_int_equal(((mr_text *)mr_cell(&f.frame->columns[S], 1))->code, 0);
    close_fixture(&f);
}

static void names_are_matched_by_the_rule(void **state) {
    (void)state;
    static const mr_field fields[] = {{"fixed acidity", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                      {"pH", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                      {"mapped", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                      {"p_h", MR_TYPE_DOUBLE, MR_CONTINUOUS}};
    static const mr_name_mapping mapping[] = {{"mapped", "x-1"}};
    fixture f;
    open_with(&f, fields, 4, NULL, mapping, 1);
    expect(&f, "{\"Fixed_Acidity\":1,\"x-1\":2,\"mapped\":9,\"PH\":3}", MR_OK);
    assert_true(number_of(&f, 0) == 1);
    assert_true(number_of(&f, 2) == 2);
    assert_true(number_of(&f, 1) == 3 && number_of(&f, 3) == 3);
    expect(&f, "{\"FIXED-ACIDITY\":1,\"fixed acidity\":2,\"fixedacidity\":3}", MR_OK);
    assert_true(number_of(&f, 0) == 2); /* exactly this name beats what is like it */
    expect(&f, "{\"fixed acidity\":2,\"fixed acidity\":5}", MR_OK);
    assert_true(number_of(&f, 0) == 5); /* the last counts */
    expect(&f, "{\"pH\":1,\"p_h\":2}", MR_OK);
    assert_true(number_of(&f, 1) == 1 && number_of(&f, 3) == 2);
    expect(&f, "{\"p_h\":2,\"pH\":1}", MR_OK);
    assert_true(number_of(&f, 1) == 1 && number_of(&f, 3) == 2);
    expect(&f, "{\"p_h\":2}", MR_OK);
    assert_true(number_of(&f, 1) == 2 && number_of(&f, 3) == 2);
    expect(&f, "{\"fixed \\u0061cidity\":4,\"\\u0070H\":6}", MR_OK);
    assert_true(number_of(&f, 0) == 4 && number_of(&f, 1) == 6);
    expect(&f, "{\"fixed acidit\":4,\"\":1,\"fixed acidityy\":2}", MR_OK);
    assert_int_equal(state_of(&f, 0), MR_CELL_MISSING);
    close_fixture(&f);
}

static void values_by_column(void **state) {
    (void)state;
    /* States of double, float, integer, boolean, string for one value: present, missing, invalid. */
    static const struct {
        const char *value, *states;
    } cases[] = {
        {"1", "ppppp"},           {"0", "ppppp"},
        {"-0", "pppip"},          {"2", "pppip"},
        {"1.5", "ppiip"},         {"5.0", "pppip"},
        {"5e2", "pppip"},         {"9223372036854775808", "ppiip"},
        {"1e400", "ppiip"},       {"true", "iiipp"},
        {"false", "iiipp"},       {"null", "mmmmm"},
        {"[1]", "iiiii"},         {"{\"f\":1}", "iiiii"},
        {"\"\"", "iiiip"},        {"\"abc\"", "iiiip"},
        {"\"12\"", "pppip"},      {"\"0\"", "ppppp"},
        {"\" 12 \"", "pppip"},    {"\"1.5\"", "ppiip"},
        {"\"true\"", "iiipp"},    {"\"1 2\"", "iiiip"},
        {"\"\\u0031\"", "ppppp"}, {"\"NaN\"", "ppiip"},
    };
    static const uint32_t columns[] = {D, F, I, B, S};
    fixture f;
    open_all(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        const char *v = cases[i].value;
        snprintf(text, sizeof text, "{\"fixed acidity\":%s,\"f\":%s,\"i\":%s,\"b\":%s,\"s\":%s}", v, v, v, v,
                 v);
        expect(&f, text, MR_OK);
        for (int c = 0; c < 5; c++) {
            int got = "pmi"[state_of(&f, columns[c])];
            if (got != cases[i].states[c]) fail_msg("%s in column %d is '%c'", v, c, got);
        }
    }
    close_fixture(&f);
}

static void strings_are_unescaped(void **state) {
    (void)state;
    fixture f;
    open_all(&f);
    expect(&f, "{\"s\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00 \xc3\xa9\"}", MR_OK);
    expect_text(&f, S, "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xc3\xa9");
    expect(&f, "{\"dataType\":\"w\\u0069ne\"}", MR_OK);
    assert_memory_equal(f.type.data, "wine", 4);
    expect(&f, "{\"s\":\"\\ud83d\"}", MR_SYNTAX);
    expect(&f, "{\"s\":\"\\ud83dx\\ude00\"}", MR_SYNTAX);
    expect(&f, "{\"s\":\"\\ude00\"}", MR_SYNTAX);
    expect(&f, "{\"skipped\":\"\\ude00\"}", MR_OK); /* RFC 8259 allows it, and nobody reads it */
    close_fixture(&f);
}

static void refuses_what_is_not_json(void **state) {
    (void)state;
    static const char *const cases[] = {"",
                                        " ",
                                        "[]",
                                        "1",
                                        "null",
                                        "\"x\"",
                                        "{",
                                        "}",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "{,}",
                                        "{\"a\":1 \"b\":2}",
                                        "{\"a\":1}}",
                                        "{\"a\":1}x",
                                        "{a:1}",
                                        "{'a':1}",
                                        "{\"a\":01}",
                                        "{\"a\":.5}",
                                        "{\"a\":5.}",
                                        "{\"a\":+1}",
                                        "{\"a\":1e}",
                                        "{\"a\":1e+}",
                                        "{\"a\":-}",
                                        "{\"a\":0x1}",
                                        "{\"a\":NaN}",
                                        "{\"a\":Infinity}",
                                        "{\"a\":tru}",
                                        "{\"a\":nulll}",
                                        "{\"a\":\"\\x\"}",
                                        "{\"a\":\"\\u12\"}",
                                        "{\"a\":\"\\u12g4\"}",
                                        "{\"a\":\"\n\"}",
                                        "{\"a\":\"\x01\"}",
                                        "{\"a\":\"\xff\"}",
                                        "{\"a\":\"\xc0\x80\"}",
                                        "{\"a\":\"\xed\xa0\x80\"}",
                                        "{\"a\":[1,]}",
                                        "{\"a\":[1 2]}",
                                        "{\"a\":[}",
                                        "{\"a\":{\"b\"}}",
                                        "{\"a\":{\"b\":1,}}",
                                        "{\"a\":{1:2}}",
                                        "{\"a\":[1}}",
                                        "{\"a\":{\"b\":1]}",
                                        "\xef\xbb\xbf{}",
                                        "{\"a\":1,\"a\"",
                                        "{\"f\":1,\"i\":}",
                                        "{\"a\":\"",
                                        "{\"a\":\"\\",
                                        "{\"a\" 1}",
                                        "{\"f\" 1}",
                                        "{\"f\xff\":1}"};
    fixture f;
    open_all(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect(&f, cases[i], MR_SYNTAX);
        assert_non_null(strstr(f.error.where, "byte "));
    }
    close_fixture(&f);
}

static void depth_is_limited(void **state) {
    (void)state;
    fixture f;
    open_all(&f);
    for (int object = 0; object < 2; object++) {
        for (size_t depth = MR_JSON_DEPTH - 1; depth <= MR_JSON_DEPTH + 1; depth++) {
            char text[8 * MR_JSON_DEPTH];
            size_t size = (size_t)sprintf(text, "{\"a\":");
            for (size_t i = 0; i < depth; i++) size += (size_t)sprintf(text + size, object ? "{\"a\":" : "[");
            size += (size_t)sprintf(text + size, "1");
            for (size_t i = 0; i < depth; i++) text[size++] = object ? '}' : ']';
            text[size++] = '}';
            assert_int_equal(decode(&f, text, size), depth > MR_JSON_DEPTH ? MR_LIMIT : MR_OK);
        }
    }
    size_t size = 1 << 20;
    char *brackets = malloc(size);
    memset(brackets, '[', size);
    memcpy(brackets, "{\"a\":", 5);
    assert_int_equal(decode(&f, brackets, size), MR_LIMIT);
    free(brackets);
    close_fixture(&f);
}

static const char sample[] =
    "{\"fixed acidity\": 7.4, \"f\":1.5e-3,\"i\":12,\"b\":false,\"s\":\"r\\u00e9d \xc3\xa9\","
    "\"x\":[true,null,{\"y\":\"z\"}],\"dataType\":\"wine\"}";

static void truncated_and_damaged(void **state) {
    (void)state;
    fixture f;
    open_all(&f);
    size_t size = sizeof sample - 1;
    for (size_t cut = 0; cut < size; cut++) assert_int_equal(decode(&f, sample, cut), MR_SYNTAX);
    assert_int_equal(decode(&f, sample, size), MR_OK);
    srand(5);
    char text[sizeof sample];
    for (int i = 0; i < 30000; i++) {
        memcpy(text, sample, size);
        for (int hits = rand() % 3 + 1; hits > 0; hits--) {
            text[(size_t)rand() % size] = i % 2 ? (char)rand() : "{}[]\",:\\0e-."[rand() % 12];
        }
        mr_status status = decode(&f, text, size);
        assert_true(status == MR_OK || status == MR_SYNTAX);
    }
    close_fixture(&f);
}

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const mr_name_mapping mapping[] = {{"s", "S"}};
    fixture f;
    open_all(&f);
    mr_status status = MR_NO_MEMORY;
    int allowed = 0;
    for (; status != MR_OK; allowed++) {
        int left = allowed;
        mr_decoder *decoder = NULL;
        mr_decode_plan *plan = NULL;
        mr_arena arena;
        mr_arena_init(&arena, 64, 0);
        mr_set_alloc_hook(count_down, &left);
        status = mr_json_decoder_new("dataType", mapping, 1, &decoder, &f.error);
        if (status == MR_OK) {
            status = decoder->ops->bind(decoder, f.schema, (uint32_t[]){0, 5}, 2, &plan, &f.error);
            if (status == MR_OK) {
                status = decoder->ops->decode(plan, (mr_bytes){sample, sizeof sample - 1}, f.frame, 0, &arena,
                                              &f.type, &f.error);
                decoder->ops->free_plan(plan);
            }
            decoder->ops->free(decoder);
        }
        mr_set_alloc_hook(NULL, NULL);
        mr_arena_free(&arena);
        assert_true(status == MR_OK || status == MR_NO_MEMORY);
    }
    assert_true(allowed > 4);
    close_fixture(&f);
}

static void decoding_allocates_nothing(void **state) {
    (void)state;
    fixture f;
    open_all(&f);
    assert_int_equal(decode(&f, sample, sizeof sample - 1), MR_OK); /* the arena has its block now */
    int none = 0;
    mr_set_alloc_hook(count_down, &none);
    mr_status status = decode(&f, sample, sizeof sample - 1);
    mr_set_alloc_hook(NULL, NULL);
    assert_int_equal(status, MR_OK);
    close_fixture(&f);
}

static void many_fields(void **state) {
    (void)state;
    enum { COUNT = 300 };
    static char names[COUNT][16];
    mr_field fields[COUNT];
    uint32_t indexes[COUNT];
    mr_type types[COUNT];
    char *text = malloc(COUNT * 32);
    size_t size = (size_t)sprintf(text, "{");
    for (uint32_t i = 0; i < COUNT; i++) {
        sprintf(names[i], "Field_%u", i);
        fields[i] = (mr_field){names[i], MR_TYPE_DOUBLE, MR_CONTINUOUS};
        types[i] = MR_TYPE_DOUBLE;
        indexes[i] = i;
    }
    for (uint32_t i = COUNT; i-- > 1;) size += (size_t)sprintf(text + size, "\"field %u\":%u,", i, i);
    text[size - 1] = '}';
    mr_schema *schema;
    mr_decoder *decoder;
    mr_decode_plan *plan;
    mr_frame *frame;
    mr_text type;
    mr_error error;
    assert_int_equal(mr_schema_new(fields, COUNT, &schema, NULL), MR_OK);
    assert_int_equal(mr_json_decoder_new(NULL, NULL, 0, &decoder, NULL), MR_OK);
    assert_int_equal(decoder->ops->bind(decoder, schema, indexes, COUNT, &plan, NULL), MR_OK);
    assert_int_equal(mr_frame_new(types, COUNT, 1, &frame, NULL), MR_OK);
    assert_int_equal(decoder->ops->decode(plan, (mr_bytes){text, size}, frame, 0, NULL, &type, &error),
                     MR_OK);
    assert_int_equal(*mr_cell_state_at(&frame->columns[0], 0), MR_CELL_MISSING);
    for (uint32_t i = 1; i < COUNT; i++) assert_true(*(double *)mr_cell(&frame->columns[i], 0) == i);
    mr_frame_free(frame);
    decoder->ops->free_plan(plan);
    decoder->ops->free(decoder);
    mr_schema_release(schema);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_record),
        cmocka_unit_test(names_are_matched_by_the_rule),
        cmocka_unit_test(values_by_column),
        cmocka_unit_test(strings_are_unescaped),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(truncated_and_damaged),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(decoding_allocates_nothing),
        cmocka_unit_test(many_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
