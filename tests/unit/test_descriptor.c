/* The model descriptor: the tutorial's bytes in both numberings, our fields, and hostile messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "codec/codec.h"
#include "codec/wire.h"

static const char xml[] = "<?xml version=\"1.0\"?><PMML/>";
static const char digest[] = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef";

typedef struct message {
    uint8_t bytes[512];
    uint8_t *at;
} message;

static void put(message *m, uint32_t number, const char *text) {
    m->at = mr_wire_put_bytes(m->at, number, text, strlen(text));
}

static void begin(message *m, int model_type, const char *content) {
    m->at = m->bytes;
    put(m, 1, "forest");
    put(m, 2, "a forest");
    put(m, 3, "wine");
    if (model_type)
        m->at = mr_wire_put_varint(mr_wire_put_tag(m->at, 4, MR_WIRE_VARINT), (uint64_t)model_type);
    put(m, 5, content);
}

static mr_status parse(const message *m, mr_numbering numbering, mr_descriptor *d, mr_error *error) {
    return mr_descriptor_parse((mr_bytes){m->bytes, (size_t)(m->at - m->bytes)}, numbering, d, error);
}

static void reads_the_tutorials_message(void **state) {
    (void)state;
    message m;
    begin(&m, 1, xml);
    mr_descriptor d;
    mr_error error;
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_OK);
    assert_string_equal(d.name, "forest");
    assert_string_equal(d.description, "a forest");
    assert_string_equal(d.data_type, "wine");
    assert_null(d.version);
    assert_null(d.sha256);
    assert_string_equal(d.format, "pmml");
    assert_int_equal(d.data.size, strlen(xml));
    assert_memory_equal(d.data.data, xml, d.data.size);
    mr_descriptor_free(&d);
    assert_null(d.name);
}

static void both_numberings(void **state) {
    (void)state;
    static const char node[] = "\x0a\x05node1";
    static const struct {
        int number;
        mr_numbering numbering;
        const char *content, *format; /* NULL: refused */
    } cases[] = {
        {0, MR_NUMBERING_TUTORIAL, node, "tensorflow-graph"},
        {1, MR_NUMBERING_TUTORIAL, xml, "pmml"},
        {2, MR_NUMBERING_TUTORIAL, xml, NULL},
        {0, MR_NUMBERING_SUCCESSOR, node, "tensorflow-graph"},
        {1, MR_NUMBERING_SUCCESSOR, xml, "tensorflow-saved-model"},
        {2, MR_NUMBERING_SUCCESSOR, xml, "pmml"},
        {3, MR_NUMBERING_SUCCESSOR, xml, NULL},
        {0, MR_NUMBERING_AUTO, node, "tensorflow-graph"},
        {0, MR_NUMBERING_AUTO, xml, "pmml"},
        {1, MR_NUMBERING_AUTO, "\n \xef\xbb\xbf", "tensorflow-saved-model"},
        {1, MR_NUMBERING_AUTO, "\xef\xbb\xbf \n<PMML/>", "pmml"},
        {1, MR_NUMBERING_AUTO, "\xff\xfe<", "tensorflow-saved-model"},
        {2, MR_NUMBERING_AUTO, "not XML", "pmml"},
        {7, MR_NUMBERING_AUTO, xml, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        message m;
        begin(&m, cases[i].number, cases[i].content);
        mr_descriptor d;
        mr_error error;
        mr_status status = parse(&m, cases[i].numbering, &d, &error);
        assert_int_equal(status, cases[i].format ? MR_OK : MR_UNSUPPORTED);
        if (status == MR_OK) assert_string_equal(d.format, cases[i].format);
        mr_descriptor_free(&d);
    }
}

static void our_fields(void **state) {
    (void)state;
    message m;
    begin(&m, 0, "\x0a\x01x");
    put(&m, 16, "7");
    put(&m, 17, digest);
    put(&m, 18, "pmml");
    put(&m, 19, "later"); /* reserved: passed over */
    mr_descriptor d;
    mr_error error;
    assert_int_equal(parse(&m, MR_NUMBERING_TUTORIAL, &d, &error), MR_OK);
    assert_string_equal(d.version, "7");
    assert_string_equal(d.sha256, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    assert_string_equal(d.format, "pmml"); /* beats the number */
    mr_descriptor_free(&d);
    put(&m, 18, "pickle");
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "pickle"));
}

static void refusals(void **state) {
    (void)state;
    mr_descriptor d;
    mr_error error;
    message m;
    begin(&m, 1, xml);
    put(&m, 6, "file:///model.pmml");
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_UNSUPPORTED);
    assert_non_null(strstr(error.where, "location"));
    put(&m, 5, xml); /* the last of a oneof counts */
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_OK);
    mr_descriptor_free(&d);
    put(&m, 17, "12");
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_SYNTAX);
    begin(&m, 1, "");
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_SYNTAX);
    assert_non_null(strstr(error.where, "data"));
    begin(&m, 1, xml);
    put(&m, 3, "");
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_SYNTAX);
    assert_non_null(strstr(error.where, "dataType"));
    begin(&m, 1, xml);
    m.at = mr_wire_put_bytes(m.at, 1, "a\0b", 3);
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_SYNTAX);
    begin(&m, 1, xml);
    put(&m, 1, "\xed\xa0\x80");
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_SYNTAX);
    begin(&m, 1, xml);
    m.at = mr_wire_put_varint(mr_wire_put_tag(m.at, 3, MR_WIRE_VARINT), 1);
    assert_int_equal(parse(&m, MR_NUMBERING_AUTO, &d, &error), MR_SYNTAX);
    assert_int_equal(mr_descriptor_parse((mr_bytes){"hello", 5}, MR_NUMBERING_AUTO, &d, &error), MR_SYNTAX);
    assert_int_equal(mr_descriptor_parse((mr_bytes){NULL, 0}, MR_NUMBERING_AUTO, &d, &error), MR_SYNTAX);
    uint8_t *big = calloc(1, 70000);
    size_t size = (size_t)(mr_wire_put_varint(mr_wire_put_tag(big, 2, MR_WIRE_BYTES), 65537) - big) + 65537;
    assert_int_equal(mr_descriptor_parse((mr_bytes){big, size}, MR_NUMBERING_AUTO, &d, &error), MR_LIMIT);
    free(big);
}

static void truncated_and_damaged(void **state) {
    (void)state;
    message m;
    begin(&m, 1, xml);
    put(&m, 16, "7");
    put(&m, 17, digest);
    mr_descriptor d;
    mr_error error;
    size_t size = (size_t)(m.at - m.bytes);
    srand(7);
    for (size_t i = 0; i < 20000; i++) {
        size_t length = i < size ? i : size;
        uint8_t *copy = malloc(length ? length : 1);
        memcpy(copy, m.bytes, length);
        if (i >= size) copy[(size_t)rand() % size] = (uint8_t)rand();
        if (mr_descriptor_parse((mr_bytes){copy, length}, MR_NUMBERING_AUTO, &d, &error) == MR_OK) {
            assert_non_null(d.format);
            mr_descriptor_free(&d);
        }
        free(copy);
    }
}

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    message m;
    m.at = m.bytes;
    put(&m, 3, "wine");
    put(&m, 5, xml);
    put(&m, 17, digest);
    put(&m, 18, "pmml");
    for (int allowed = 0;; allowed++) {
        int left = allowed;
        mr_descriptor d;
        mr_error error;
        mr_set_alloc_hook(count_down, &left);
        mr_status status = parse(&m, MR_NUMBERING_AUTO, &d, &error);
        mr_set_alloc_hook(NULL, NULL);
        if (status == MR_OK) {
            assert_int_equal(allowed, 5);
            mr_descriptor_free(&d);
            return;
        }
        assert_int_equal(status, MR_NO_MEMORY);
    }
}

static void writes_what_it_reads(void **state) {
    (void)state;
    char name[] = "forest", description[] = "a forest", type[] = "wine", version[] = "7";
    mr_descriptor in = {.name = name, .description = description, .data_type = type, .version = version};
    in.data = (mr_bytes){xml, strlen(xml)};
    mr_arena arena;
    mr_arena_init(&arena, 1024, 0);
    for (mr_numbering numbering = MR_NUMBERING_AUTO; numbering <= MR_NUMBERING_SUCCESSOR; numbering++) {
        mr_bytes bytes_out;
        mr_descriptor out;
        mr_error error;
        assert_int_equal(mr_descriptor_encode(&in, numbering, &arena, &bytes_out, &error), MR_OK);
        assert_int_equal(mr_descriptor_parse(bytes_out, numbering, &out, &error), MR_OK);
        assert_string_equal(out.name, name);
        assert_string_equal(out.description, description);
        assert_string_equal(out.data_type, type);
        assert_string_equal(out.version, version);
        assert_string_equal(out.format, "pmml");
        assert_memory_equal(out.data.data, xml, strlen(xml));
        mr_descriptor_free(&out);
        const uint8_t *bytes = bytes_out.data;
        assert_int_equal(bytes[0], 0x0a);
        assert_non_null(
            memmem(bytes, bytes_out.size, numbering == MR_NUMBERING_SUCCESSOR ? "\x20\x02" : "\x20\x01", 2));
    }
    mr_bytes bytes_out;
    mr_error error;
    in.format = "onnx";
    assert_int_equal(mr_descriptor_encode(&in, MR_NUMBERING_TUTORIAL, &arena, &bytes_out, &error),
                     MR_UNSUPPORTED);
    in.format = NULL;
    in.data = (mr_bytes){"??", 2};
    assert_int_equal(mr_descriptor_encode(&in, MR_NUMBERING_AUTO, &arena, &bytes_out, &error),
                     MR_UNSUPPORTED);
    mr_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_tutorials_message),
        cmocka_unit_test(both_numberings),
        cmocka_unit_test(our_fields),
        cmocka_unit_test(refusals),
        cmocka_unit_test(truncated_and_damaged),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(writes_what_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
