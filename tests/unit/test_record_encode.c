/* Text rows to records and messages to text: what `millrace provide` sends and `millrace read` shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "codec/codec.h"

static const char *const names[] = {"fixed acidity", "Alcohol", "colour", "citric_acid", "label \"x\""};
#define TEXT(literal) {literal, sizeof(literal) - 1}

static mr_record_encoder *make(const char *format, const char *type_field, const char *type) {
    mr_record_encoder_options options = {format, "WineRecord", names, 5, type_field, type};
    mr_record_encoder *encoder = NULL;
    mr_error error;
    mr_status status = mr_record_encoder_new(&options, &encoder, &error);
    if (status != MR_OK) fail_msg("%s: %s", error.where, error.message);
    return encoder;
}

static void expect_json(mr_bytes text, const char *expected) {
    if (text.size != strlen(expected) || memcmp(text.data, expected, text.size) != 0) {
        fail_msg("%.*s is not %s", (int)text.size, (const char *)text.data, expected);
    }
}

static void protobuf_rows(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 1024, 0);
    mr_record_encoder *encoder = make("protobuf", "dataType", "wine");
    assert_true(mr_record_encoder_uses(encoder, 0));
    assert_true(mr_record_encoder_uses(encoder, 1));
    assert_false(mr_record_encoder_uses(encoder, 2));
    mr_bytes cells[] = {TEXT("7.4"), TEXT("9.4"), TEXT("red"), TEXT("0"), {NULL, 0}}, value, text;
    mr_error error;
    assert_int_equal(mr_record_encode(encoder, cells, &arena, &value, &error), MR_OK);
    assert_int_equal(value.size, 9 + 9 + 6); /* citric_acid is 0: not on the wire */
    assert_memory_equal(value.data, "\x09", 1);
    assert_int_equal(mr_record_to_json("WineRecord", value, &arena, &text, &error), MR_OK);
    expect_json(text,
                "{\"fixed_acidity\":7.4,\"volatile_acidity\":0,\"citric_acid\":0,\"residual_sugar\":0,"
                "\"chlorides\":0,\"free_sulfur_dioxide\":0,\"total_sulfur_dioxide\":0,\"density\":0,\"pH\":0,"
                "\"sulphates\":0,\"alcohol\":9.4,\"dataType\":\"wine\"}");
    cells[1] = (mr_bytes)TEXT("strong");
    assert_int_equal(mr_record_encode(encoder, cells, &arena, &value, &error), MR_WRONG_TYPE);
    assert_string_equal(error.where, "Alcohol");
    mr_record_encoder_free(encoder);
    mr_arena_free(&arena);
}

static void json_rows(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 1024, 0);
    mr_record_encoder *encoder = make("json", "kind", "7");
    mr_bytes cells[] = {TEXT("7.40"), TEXT("true"), TEXT("r\"d"), {NULL, 0}, TEXT("007")}, value;
    mr_error error;
    assert_int_equal(mr_record_encode(encoder, cells, &arena, &value, &error), MR_OK);
    expect_json(value,
                "{\"fixed acidity\":7.40,\"Alcohol\":true,\"colour\":\"r\\\"d\",\"label \\\"x\\\"\":\"007\","
                "\"kind\":\"7\"}");
    mr_record_encoder_free(encoder);
    mr_arena_free(&arena);
}

static void refusals(void **state) {
    (void)state;
    static const char *const twins[] = {"alcohol", "ALCOHOL"};
    mr_record_encoder *encoder;
    mr_error error;
    mr_record_encoder_options options = {"protobuf", "WineRecord", twins, 2, NULL, NULL};
    assert_int_equal(mr_record_encoder_new(&options, &encoder, &error), MR_CONFLICT);
    options = (mr_record_encoder_options){"protobuf", "Beer", names, 5, NULL, NULL};
    assert_int_equal(mr_record_encoder_new(&options, &encoder, &error), MR_NOT_FOUND);
    options = (mr_record_encoder_options){"protobuf", "WineRecord", names, 5, "alcohol", "x"};
    assert_int_equal(mr_record_encoder_new(&options, &encoder, &error), MR_NOT_FOUND);
    options = (mr_record_encoder_options){"avro", NULL, names, 5, NULL, NULL};
    assert_int_equal(mr_record_encoder_new(&options, &encoder, &error), MR_INVALID_ARGUMENT);
    mr_arena arena;
    mr_arena_init(&arena, 1024, 0);
    mr_bytes text;
    assert_int_equal(mr_record_to_json("WineRecord", (mr_bytes)TEXT("\x01"), &arena, &text, &error),
                     MR_SYNTAX);
    assert_int_equal(mr_record_to_json("Beer", (mr_bytes)TEXT(""), &arena, &text, &error), MR_NOT_FOUND);
    assert_int_equal(mr_descriptor_to_json((mr_bytes)TEXT("??"), MR_NUMBERING_AUTO, &arena, &text, &error),
                     MR_SYNTAX);
    mr_arena_free(&arena);
}

static void descriptors_are_shown_without_their_bytes(void **state) {
    (void)state;
    char name[] = "f", type[] = "wine", version[] = "7";
    mr_descriptor d = {.name = name, .data_type = type, .version = version, .data = TEXT("<PMML/>")};
    mr_arena arena;
    mr_arena_init(&arena, 1024, 0);
    mr_bytes message, text;
    mr_error error;
    assert_int_equal(mr_descriptor_encode(&d, MR_NUMBERING_AUTO, &arena, &message, &error), MR_OK);
    assert_int_equal(mr_descriptor_to_json(message, MR_NUMBERING_AUTO, &arena, &text, &error), MR_OK);
    expect_json(
        text,
        "{\"name\":\"f\",\"description\":\"\",\"dataType\":\"wine\",\"version\":\"7\",\"format\":\"pmml\","
        "\"bytes\":7}");
    mr_arena_free(&arena);
}

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    mr_bytes cells[] = {TEXT("7.4"), TEXT("9.4"), TEXT("red"), TEXT("0"), TEXT("x")}, value, text;
    for (int json = 0; json < 2; json++) {
        mr_status status = MR_NO_MEMORY;
        for (int allowed = 0; status != MR_OK; allowed++) {
            int left = allowed;
            mr_arena arena;
            mr_arena_init(&arena, 64, 0);
            mr_record_encoder_options options = {
                json ? "json" : "protobuf", "WineRecord", names, 5, "dataType", "wine"};
            mr_record_encoder *encoder = NULL;
            mr_error error;
            mr_set_alloc_hook(count_down, &left);
            status = mr_record_encoder_new(&options, &encoder, &error);
            if (status == MR_OK) status = mr_record_encode(encoder, cells, &arena, &value, &error);
            if (status == MR_OK && !json)
                status = mr_record_to_json("WineRecord", value, &arena, &text, &error);
            mr_set_alloc_hook(NULL, NULL);
            mr_record_encoder_free(encoder);
            mr_arena_free(&arena);
            assert_true(status == MR_OK || status == MR_NO_MEMORY);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protobuf_rows),
        cmocka_unit_test(json_rows),
        cmocka_unit_test(refusals),
        cmocka_unit_test(descriptors_are_shown_without_their_bytes),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
