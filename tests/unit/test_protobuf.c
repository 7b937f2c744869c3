/* Protobuf records: what a walk stores, defaults and presence, and every way a record can be malformed. */
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

typedef struct fixture {
    mr_decoder *decoder;
    mr_decode_plan *plan;
    mr_frame *frame;
    mr_arena arena;
    mr_text type;
    mr_error error;
} fixture;

static const double wine[11] = {7.4, 0.7, 0.5, 1.9, 0.076, 11, 34, 0.9978, 3.51, 0.56, 9.4};

/* All fields of the message but those that `skip` has a bit for. */
static size_t write_wine(uint8_t *to, unsigned skip) {
    uint8_t *at = to;
    for (uint32_t i = 0; i < 11; i++) {
        if (!(skip >> i & 1)) at = mr_wire_put_fixed64(at, i + 1, &wine[i]);
    }
    if (!(skip >> 11 & 1)) at = mr_wire_put_bytes(at, 12, "wine", 4);
    return (size_t)(at - to);
}

static void open_fixture(fixture *f, uint32_t fields_wanted, const char *type_field) {
    memset(f, 0, sizeof *f);
    assert_int_equal(mr_protobuf_decoder_new("WineRecord", type_field, &f->decoder, &f->error), MR_OK);
    mr_schema *schema = f->decoder->schema;
    assert_int_equal(mr_schema_count(schema), 12);
    uint32_t fields[12];
    mr_type types[12];
    for (uint32_t i = 0; i < 12; i++) types[i] = mr_schema_field(schema, i)->type;
    for (uint32_t i = 0; i < fields_wanted; i++) fields[i] = i;
    assert_int_equal(f->decoder->ops->bind(f->decoder, schema, fields, fields_wanted, &f->plan, &f->error),
                     MR_OK);
    assert_int_equal(mr_frame_new(types, 12, 4, &f->frame, &f->error), MR_OK);
    mr_arena_init(&f->arena, 1024, 0);
}

static void close_fixture(fixture *f) {
    mr_arena_free(&f->arena);
    mr_frame_free(f->frame);
    f->decoder->ops->free_plan(f->plan);
    f->decoder->ops->free(f->decoder);
}

static mr_status decode(fixture *f, const void *data, size_t size, uint32_t row) {
    /* A block of exactly this size, so that the sanitizer sees a read behind its end. */
    void *copy = malloc(size ? size : 1);
    memcpy(copy, data, size);
    mr_status status = f->decoder->ops->decode(f->plan, (mr_bytes){copy, size}, f->frame, row, &f->arena,
                                               &f->type, &f->error);
    static char type[64];
    if (status == MR_OK && f->type.size < sizeof type)
        f->type.data = memcpy(type, f->type.data, f->type.size);
    free(copy);
    return status;
}

static double number(const fixture *f, uint32_t field, uint32_t row) {
    assert_int_equal(*mr_cell_state_at(&f->frame->columns[field], row), MR_CELL_PRESENT);
    return *(double *)mr_cell(&f->frame->columns[field], row);
}

static void reads_a_wine(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, 11, "dataType");
    uint8_t record[256];
    size_t size = write_wine(record, 0);
    assert_int_equal(decode(&f, record, size, 2), MR_OK);
    for (uint32_t i = 0; i < 11; i++) assert_true(number(&f, i, 2) == wine[i]);
    assert_int_equal(f.type.size, 4);
    assert_memory_equal(f.type.data, "wine", 4);
    assert_int_equal(*mr_cell_state_at(&f.frame->columns[11], 2), MR_CELL_MISSING); /* not asked for */
    close_fixture(&f);
}

static void absent_fields_are_zero(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, 12, "data_type");
    uint8_t record[256];
    assert_int_equal(decode(&f, record, write_wine(record, 0), 0), MR_OK);
    assert_int_equal(decode(&f, record, write_wine(record, 1u << 2 | 1u << 11), 0), MR_OK);
    assert_true(number(&f, 2, 0) == 0);
    assert_true(number(&f, 3, 0) == wine[3]);
    assert_int_equal(f.type.size, 0);
    const mr_text *text = mr_cell(&f.frame->columns[11], 0);
    assert_int_equal(text->size, 0);
    assert_int_equal(*mr_cell_state_at(&f.frame->columns[11], 0), MR_CELL_PRESENT);
    assert_int_equal(decode(&f, "", 0, 1), MR_OK); /* the empty message */
    assert_true(number(&f, 0, 1) == 0);
    close_fixture(&f);
}

static void strings_get_their_code(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, 12, NULL);
    uint32_t code = 0;
    assert_int_equal(mr_schema_add_code(f.decoder->schema, "wine", 4, &code, NULL), MR_OK);
    uint8_t record[256];
    assert_int_equal(decode(&f, record, write_wine(record, 0), 0), MR_OK);
    assert_int_equal(((mr_text *)mr_cell(&f.frame->columns[11], 0))->code, code);
    assert_int_equal(f.type.size, 0); /* no type field */
    close_fixture(&f);
}

static void last_value_counts_and_unknown_fields_pass(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, 3, "dataType");
    uint8_t record[512];
    uint8_t *at = record + write_wine(record, 0);
    double again = 99;
    at = mr_wire_put_fixed64(at, 1, &again);
    at = mr_wire_put_varint(mr_wire_put_tag(at, 100, MR_WIRE_VARINT), UINT64_MAX);
    at = mr_wire_put_fixed64(at, 5000, &again);
    at = mr_wire_put_bytes(at, MR_WIRE_FIELD_MAX, "\xff\xff", 2);
    at = mr_wire_put_tag(at, 77, MR_WIRE_FIXED32);
    memcpy(at, "abcd", 4);
    at += 4;
    at = mr_wire_put_tag(at, 20, MR_WIRE_GROUP); /* holds a field 1 that is not ours, and a group */
    at = mr_wire_put_fixed64(at, 1, &wine[0]);
    at = mr_wire_put_tag(mr_wire_put_tag(at, 3, MR_WIRE_GROUP), 3, MR_WIRE_GROUP_END);
    at = mr_wire_put_tag(at, 20, MR_WIRE_GROUP_END);
    at = mr_wire_put_bytes(at, 12, "beer", 4);
    size_t size = (size_t)(at - record);
    assert_int_equal(decode(&f, record, size, 0), MR_OK);
    assert_true(number(&f, 0, 0) == 99);
    assert_memory_equal(f.type.data, "beer", 4);
    close_fixture(&f);
}

/* A cut between two fields is a shorter message; any other cut is an error that says where. */
static void truncated_anywhere(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, 12, "dataType");
    uint8_t record[256];
    size_t size = write_wine(record, 0);
    for (size_t cut = 0; cut < size; cut++) {
        bool boundary = cut % 9 == 0 && cut <= 99;
        mr_status status = decode(&f, record, cut, 0);
        assert_int_equal(status, boundary ? MR_OK : MR_SYNTAX);
        if (!boundary) assert_non_null(strstr(f.error.where, "byte "));
    }
    close_fixture(&f);
}

static void wrong_wire_types_are_named(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, 12, "dataType");
    uint8_t record[64];
    uint8_t *end = mr_wire_put_varint(mr_wire_put_tag(record, 11, MR_WIRE_VARINT), 1);
    assert_int_equal(decode(&f, record, (size_t)(end - record), 0), MR_WRONG_TYPE);
    assert_non_null(strstr(f.error.where, "alcohol"));
    end = mr_wire_put_fixed64(record, 12, &wine[0]);
    assert_int_equal(decode(&f, record, (size_t)(end - record), 0), MR_WRONG_TYPE);
    assert_non_null(strstr(f.error.where, "dataType"));
    end = mr_wire_put_bytes(record, 12, "\xc0\x80", 2);
    assert_int_equal(decode(&f, record, (size_t)(end - record), 0), MR_SYNTAX);
    close_fixture(&f);
}

static void malformed_wire(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {"\x00", 1},                                      /* field 0 */
        {"\x0e\x00", 2},                                  /* wire type 6 */
        {"\x0c", 1},                                      /* the end of a group that never began */
        {"\xa3\x01\xac\x01", 4},                          /* a group ended by another */
        {"\xa3\x01", 2},                                  /* a group without end */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10}, /* a tag of more than 64 bits */
        {"\xf8\xff\xff\xff\x1f\x01", 6},                  /* a field number beyond 2^29 - 1 */
        {"\xa0\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13}, /* a varint of 11 bytes */
        {"\xa2\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01zz", 14},   /* a length of 2^64 - 1 */
        {"\xa2\x06\x05zz", 5},
    };
    fixture f;
    open_fixture(&f, 12, "dataType");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(decode(&f, cases[i].bytes, cases[i].size, 0), MR_SYNTAX);
    }
    uint8_t deep[200];
    memset(deep, 0x0b, 100);
    memset(deep + 100, 0x0c, 100);
    assert_int_equal(decode(&f, deep + 100 - MR_WIRE_GROUP_DEPTH, 2 * MR_WIRE_GROUP_DEPTH, 0), MR_WRONG_TYPE);
    memset(deep, 0x73, 100); /* field 14 is unknown */
    memset(deep + 100, 0x74, 100);
    assert_int_equal(decode(&f, deep + 100 - MR_WIRE_GROUP_DEPTH, 2 * MR_WIRE_GROUP_DEPTH, 0), MR_OK);
    assert_int_equal(decode(&f, deep, 200, 0), MR_SYNTAX);
    mr_text type;
    assert_int_equal(
        f.decoder->ops->decode(f.plan, (mr_bytes){NULL, 0}, f.frame, 0, &f.arena, &type, &f.error),
        MR_SYNTAX);
    close_fixture(&f);
}

/* Random bytes, and a good record with random damage: any answer, but no crash and no read outside. */
static void random_damage(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, 12, "dataType");
    srand(1);
    for (int i = 0; i < 20000; i++) {
        uint8_t record[256];
        size_t size = write_wine(record, 0);
        if (i % 2) {
            size = (size_t)rand() % 64;
            for (size_t b = 0; b < size; b++) record[b] = (uint8_t)rand();
        } else {
            for (int hits = rand() % 4 + 1; hits > 0; hits--) record[(size_t)rand() % size] = (uint8_t)rand();
        }
        mr_status status = decode(&f, record, size, 3);
        assert_true(status == MR_OK || status == MR_SYNTAX || status == MR_WRONG_TYPE);
    }
    assert_int_equal(f.arena.held, 0);
    close_fixture(&f);
}

static void refuses_at_construction(void **state) {
    (void)state;
    mr_decoder *decoder = NULL;
    mr_decode_plan *plan = NULL;
    mr_error error;
    assert_int_equal(mr_protobuf_decoder_new("Beer", NULL, &decoder, &error), MR_NOT_FOUND);
    assert_int_equal(mr_protobuf_decoder_new("WineRecord", "kind", &decoder, &error), MR_NOT_FOUND);
    assert_int_equal(mr_protobuf_decoder_new("WineRecord", "alcohol", &decoder, &error), MR_WRONG_TYPE);
    assert_int_equal(mr_protobuf_decoder_new("WineRecord", NULL, &decoder, &error), MR_OK);
    mr_field extra = {"vineyard", MR_TYPE_STRING, MR_CATEGORICAL};
    mr_schema *schema;
    assert_int_equal(mr_schema_extend(decoder->schema, &extra, 1, &schema, &error), MR_OK);
    assert_int_equal(decoder->ops->bind(decoder, schema, (uint32_t[]){12}, 1, &plan, &error), MR_NOT_FOUND);
    assert_string_equal(error.where, "vineyard");
    mr_schema_release(schema);
    decoder->ops->free(decoder);
}

static _Bool count_down(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    for (int allowed = 0;; allowed++) {
        int left = allowed;
        mr_decoder *decoder = NULL;
        mr_decode_plan *plan = NULL;
        mr_error error;
        mr_set_alloc_hook(count_down, &left);
        mr_status status = mr_protobuf_decoder_new("WineRecord", "dataType", &decoder, &error);
        if (status == MR_OK) {
            uint32_t fields[] = {0, 1};
            status = decoder->ops->bind(decoder, decoder->schema, fields, 2, &plan, &error);
            if (status == MR_OK) decoder->ops->free_plan(plan);
            decoder->ops->free(decoder);
        }
        mr_set_alloc_hook(NULL, NULL);
        if (status == MR_OK) {
            assert_true(allowed > 2);
            return;
        }
        assert_int_equal(status, MR_NO_MEMORY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_wine),
        cmocka_unit_test(absent_fields_are_zero),
        cmocka_unit_test(strings_get_their_code),
        cmocka_unit_test(last_value_counts_and_unknown_fields_pass),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(wrong_wire_types_are_named),
        cmocka_unit_test(malformed_wire),
        cmocka_unit_test(random_damage),
        cmocka_unit_test(refuses_at_construction),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
