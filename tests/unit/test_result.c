/* Results: protobuf and JSON say the same, every type of value comes through, protoc reads them, and
 * nothing is allocated but from the arena. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "codec/codec.h"

static const mr_model_identity identity = {.data_type = "wine",
                                           .name = "the \"forest\"",
                                           .version = "7",
                                           .description = "not in results",
                                           .sha256 = "00ff"};

static const mr_output outputs[] = {
    {"quality", MR_ROLE_TARGET, MR_TYPE_STRING},
    {"p(1)", MR_ROLE_PROBABILITY, MR_TYPE_DOUBLE},
    {"probability(\"b)", MR_ROLE_PROBABILITY, MR_TYPE_DOUBLE},
    {"single", MR_ROLE_OUTPUT, MR_TYPE_FLOAT},
    {"count", MR_ROLE_OUTPUT, MR_TYPE_INTEGER},
    {"good", MR_ROLE_OUTPUT, MR_TYPE_BOOLEAN},
    {"reasons \xc3\xa9", MR_ROLE_OUTPUT, MR_TYPE_LIST},
};
enum { OUTPUTS = sizeof outputs / sizeof *outputs };

static const mr_value items[] = {
    {.type = MR_TYPE_STRING, .as.text = {"a\n", 2, 0}}, {.type = MR_TYPE_DOUBLE, .as.number = 0.25},
    {.type = MR_TYPE_INTEGER, .as.integer = -1},        {.type = MR_TYPE_BOOLEAN, .as.boolean = true},
    {.type = MR_TYPE_DOUBLE, .missing = true},
};

static const char expected[] =
    "{\"data_type\":\"wine\",\"model\":{\"name\":\"the "
    "\\\"forest\\\"\",\"version\":\"7\",\"sha256\":\"00ff\"},"
    "\"source\":{\"topic\":\"models_data\",\"partition\":3,\"offset\":4711},\"output\":["
    "{\"name\":\"quality\",\"role\":\"target\",\"string_value\":\"good\\\\\"},"
    "{\"name\":\"p(1)\",\"role\":\"probability\",\"double_value\":0.1},"
    "{\"name\":\"probability(\\\"b)\",\"role\":\"probability\",\"double_value\":\"-Infinity\"},"
    "{\"name\":\"single\",\"role\":\"output\",\"double_value\":0.5},"
    "{\"name\":\"count\",\"role\":\"output\",\"int64_value\":-9223372036854775808},"
    "{\"name\":\"good\",\"role\":\"output\",\"bool_value\":false},"
    "{\"name\":\"reasons "
    "\xc3\xa9\",\"role\":\"output\",\"list_value\":{\"value\":[{\"string_value\":\"a\\n\"},"
    "{\"double_value\":0.25},{\"int64_value\":-1},{\"bool_value\":true},{\"missing\":true}]}}]}";

static mr_frame *make_frame(void) {
    mr_type types[OUTPUTS];
    for (int i = 0; i < OUTPUTS; i++) types[i] = outputs[i].type;
    mr_frame *frame;
    assert_int_equal(mr_frame_new(types, OUTPUTS, 2, &frame, NULL), MR_OK);
    for (int i = 0; i < OUTPUTS; i++) *mr_cell_state_at(&frame->columns[i], 1) = MR_CELL_PRESENT;
    *(mr_text *)mr_cell(&frame->columns[0], 1) = (mr_text){"good\\", 5, 0};
    *(double *)mr_cell(&frame->columns[1], 1) = 0.1;
    *(double *)mr_cell(&frame->columns[2], 1) = -__builtin_inf();
    *(float *)mr_cell(&frame->columns[3], 1) = 0.5f;
    *(int64_t *)mr_cell(&frame->columns[4], 1) = INT64_MIN;
    *(uint8_t *)mr_cell(&frame->columns[5], 1) = 0;
    *(mr_list *)mr_cell(&frame->columns[6], 1) = (mr_list){items, 5};
    return frame;
}

/* Row `row` of the frame, encoded with no allocation but the arena's. */
static mr_bytes encode(mr_status make(bool, mr_encoder **, mr_error *), bool lineage, uint32_t row,
                       mr_arena *arena) {
    mr_encoder *encoder;
    mr_encode_plan *plan;
    mr_error error;
    mr_bytes value = {0};
    mr_frame *frame = make_frame();
    assert_int_equal(make(lineage, &encoder, &error), MR_OK);
    assert_int_equal(encoder->ops->bind(encoder, &identity, outputs, OUTPUTS, &plan, &error), MR_OK);
    assert_int_equal(encoder->ops->encode(plan, frame, row, "models_data", 3, 4711, arena, &value), MR_OK);
    encoder->ops->free_plan(plan);
    encoder->ops->free(encoder);
    mr_frame_free(frame);
    return value;
}

static void expect_text(mr_bytes text, const char *wanted) {
    if (text.size != strlen(wanted) || memcmp(text.data, wanted, text.size) != 0) {
        fail_msg("%.*s\nis not\n%s", (int)text.size, (const char *)text.data, wanted);
    }
}

static void json_says_all(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 4096, 0);
    expect_text(encode(mr_json_encoder_new, true, 1, &arena), expected);
    mr_bytes text = encode(mr_json_encoder_new, false, 1, &arena);
    assert_null(memmem(text.data, text.size, "source", 6));
    assert_null(memmem(text.data, text.size, "4711", 4));
    mr_arena_free(&arena);
}

static void protobuf_says_the_same(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 4096, 0);
    mr_bytes text;
    assert_int_equal(mr_result_to_json(encode(mr_protobuf_encoder_new, true, 1, &arena), &arena, &text, NULL),
                     MR_OK);
    expect_text(text, expected);
    for (int lineage = 0; lineage < 2; lineage++) {
        mr_bytes value = encode(mr_protobuf_encoder_new, lineage, 0, &arena); /* all missing */
        assert_int_equal(mr_result_to_json(value, &arena, &text, NULL), MR_OK);
        mr_bytes json = encode(mr_json_encoder_new, lineage, 0, &arena);
        assert_int_equal(json.size, text.size);
        assert_memory_equal(json.data, text.data, text.size);
        assert_non_null(memmem(text.data, text.size, "\"missing\":true", 14));
    }
    mr_arena_free(&arena);
}

/* The official compiler reads what was written by the file in proto/. */
static void protoc_reads_it(void **state) {
    (void)state;
    static const char *const places[] = {"proto", "../proto", "../../proto"};
    const char *proto = NULL;
    for (size_t i = 0; i < 3; i++) {
        if (access(places[i], R_OK) == 0) proto = places[i];
    }
    if (proto == NULL || system("command -v protoc >/dev/null 2>&1") != 0) skip();
    mr_arena arena;
    mr_arena_init(&arena, 4096, 0);
    mr_bytes value = encode(mr_protobuf_encoder_new, true, 1, &arena);
    char name[] = "/tmp/millrace-result-XXXXXX";
    int file = mkstemp(name);
    assert_true(file >= 0);
    assert_int_equal(write(file, value.data, value.size), (ssize_t)value.size);
    close(file);
    char command[256];
    snprintf(command, sizeof command,
             "protoc --decode=millrace.v1.ScoringResult -I %s millrace/v1/result.proto <%s | tr -d ' \\n'",
             proto, name);
    FILE *pipe = popen(command, "r");
    char text[4096];
    size_t size = fread(text, 1, sizeof text - 1, pipe);
    text[size] = '\0';
    assert_int_equal(pclose(pipe), 0);
    unlink(name);
    assert_string_equal(
        text, "data_type:\"wine\"model{name:\"the\\\"forest\\\"\"version:\"7\"sha256_bytes:\"\\000\\377\"}"
              "source{topic:\"models_data\"partition:3offset:4711}"
              "output{name:\"quality\"role:targetstring_value:\"good\\\\\"}"
              "output{name:\"p(1)\"role:probabilitydouble_value:0.1}"
              "output{role:probabilitydouble_value:-infcategory:\"\\\"b\"}"
              "output{name:\"single\"role:outputdouble_value:0.5}"
              "output{name:\"count\"role:outputint64_value:-9223372036854775808}"
              "output{name:\"good\"role:outputbool_value:false}"
              "output{name:\"reasons\\303\\251\"role:outputlist_value{value{string_value:\"a\\n\"}"
              "value{double_value:0.25}value{int64_value:-1}value{bool_value:true}value{missing:true}}}");
    mr_arena_free(&arena);
}

static void long_names_and_large_values(void **state) {
    (void)state;
    char name[3000], *text = malloc(100000);
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memset(text, '\x01', 100000);
    mr_output output = {name, MR_ROLE_TARGET, MR_TYPE_STRING};
    mr_type type = MR_TYPE_STRING;
    mr_frame *frame;
    mr_error error;
    assert_int_equal(mr_frame_new(&type, 1, 1, &frame, NULL), MR_OK);
    *(mr_text *)mr_cell(&frame->columns[0], 0) = (mr_text){text, 100000, 0};
    *mr_cell_state_at(&frame->columns[0], 0) = MR_CELL_PRESENT;
    mr_bytes values[2], json;
    mr_arena arena;
    mr_arena_init(&arena, 4096, 0);
    for (int i = 0; i < 2; i++) {
        mr_encoder *encoder;
        mr_encode_plan *plan;
        assert_int_equal((i ? mr_json_encoder_new : mr_protobuf_encoder_new)(true, &encoder, &error), MR_OK);
        assert_int_equal(encoder->ops->bind(encoder, &identity, &output, 1, &plan, &error), MR_OK);
        assert_int_equal(encoder->ops->encode(plan, frame, 0, name, INT32_MAX, INT64_MAX, &arena, &values[i]),
                         MR_OK);
        encoder->ops->free_plan(plan);
        encoder->ops->free(encoder);
    }
    assert_int_equal(mr_result_to_json(values[0], &arena, &json, NULL), MR_OK);
    assert_int_equal(json.size, values[1].size);
    assert_memory_equal(json.data, values[1].data, json.size);
    mr_arena_free(&arena);
    mr_frame_free(frame);
    free(text);
}

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    mr_frame *frame = make_frame();
    for (int json = 0; json < 2; json++) {
        mr_status status = MR_NO_MEMORY;
        for (int allowed = 0; status != MR_OK; allowed++) {
            int left = allowed;
            mr_encoder *encoder = NULL;
            mr_encode_plan *plan = NULL;
            mr_error error;
            mr_bytes value;
            mr_arena arena;
            mr_arena_init(&arena, 4096, 0);
            mr_set_alloc_hook(count_down, &left);
            status = (json ? mr_json_encoder_new : mr_protobuf_encoder_new)(true, &encoder, &error);
            if (status == MR_OK) {
                status = encoder->ops->bind(encoder, &identity, outputs, OUTPUTS, &plan, &error);
                if (status == MR_OK) status = encoder->ops->encode(plan, frame, 1, "t", 0, 0, &arena, &value);
                if (plan) encoder->ops->free_plan(plan);
                encoder->ops->free(encoder);
            }
            mr_set_alloc_hook(NULL, NULL);
            mr_arena_free(&arena);
            assert_true(status == MR_OK || status == MR_NO_MEMORY);
        }
    }
    mr_frame_free(frame);
}

static void damaged_results_are_refused(void **state) {
    (void)state;
    mr_arena arena;
    mr_arena_init(&arena, 4096, 0);
    mr_bytes value = encode(mr_protobuf_encoder_new, true, 1, &arena), text;
    srand(3);
    for (size_t i = 0; i < 5000; i++) {
        size_t size = i < value.size ? i : value.size;
        uint8_t *copy = malloc(size ? size : 1);
        memcpy(copy, value.data, size);
        if (i >= value.size) copy[(size_t)rand() % size] = (uint8_t)rand();
        mr_arena scratch;
        mr_arena_init(&scratch, 4096, 0);
        mr_error error;
        mr_status status = mr_result_to_json((mr_bytes){copy, size}, &scratch, &text, &error);
        assert_true(status == MR_OK || status == MR_SYNTAX);
        mr_arena_free(&scratch);
        free(copy);
    }
    mr_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_says_all),
        cmocka_unit_test(protobuf_says_the_same),
        cmocka_unit_test(protoc_reads_it),
        cmocka_unit_test(long_names_and_large_values),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(damaged_results_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
