/* Schemas: extension keeps indexes, names resolve as documented, the dictionary is bounded and may be
 * read while it grows, and every failed allocation leaves nothing behind. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "core/dictionary.h"

static const mr_field wine[] = {{"fixed_acidity", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                {"pH", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                                {"colour", MR_TYPE_STRING, MR_CATEGORICAL}};

static void extension_keeps_indexes(void **state) {
    (void)state;
    mr_schema *base, *same, *more;
    assert_int_equal(mr_schema_new(wine, 3, &base, NULL), MR_OK);
    assert_int_equal(mr_schema_extend(base, wine, 2, &same, NULL), MR_OK);
    assert_ptr_equal(base, same);
    const mr_field added[] = {{"pH", MR_TYPE_STRING, MR_CATEGORICAL},
                              {"alcohol", MR_TYPE_DOUBLE, MR_CONTINUOUS}};
    uint32_t code;
    assert_int_equal(mr_schema_add_code(base, "red", 3, &code, NULL), MR_OK);
    assert_int_equal(mr_schema_extend(base, added, 2, &more, NULL), MR_OK);
    assert_int_equal(mr_schema_count(more), 5);
    assert_int_equal(mr_schema_find(more, "colour", MR_TYPE_STRING), 2);
    assert_int_equal(mr_schema_find(more, "pH", MR_TYPE_DOUBLE), 1);
    assert_int_equal(mr_schema_find(more, "pH", MR_TYPE_STRING), 3);
    assert_int_equal(mr_schema_find(more, "pH", MR_TYPE_BOOLEAN), 1);
    assert_int_equal(mr_schema_code(more, "red", 3), code);
    mr_schema_release(base);
    mr_schema_release(same);
    assert_string_equal(mr_schema_field(more, 0)->name, "fixed_acidity");
    mr_schema_release(more);
}

static void names_resolve_in_order(void **state) {
    (void)state;
    const mr_field fields[] = {{"fixed_acidity", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                               {"a b", MR_TYPE_DOUBLE, MR_CONTINUOUS},
                               {"A-B", MR_TYPE_DOUBLE, MR_CONTINUOUS}};
    const mr_name_mapping mapping[] = {{"acid", "fixed_acidity"}, {"gone", "nothing"}};
    mr_schema *schema;
    mr_match match;
    assert_int_equal(mr_schema_new(fields, 3, &schema, NULL), MR_OK);
    assert_int_equal(mr_schema_resolve(schema, "Fixed Acidity", MR_TYPE_DOUBLE, mapping, 2, &match), 0);
    assert_int_equal(match, MR_MATCH_NORMALISED);
    assert_int_equal(mr_schema_resolve(schema, "a b", MR_TYPE_DOUBLE, mapping, 2, &match), 1);
    assert_int_equal(match, MR_MATCH_EXACT);
    assert_int_equal(mr_schema_resolve(schema, "ab", MR_TYPE_DOUBLE, mapping, 2, &match), MR_NO_FIELD);
    assert_int_equal(match, MR_MATCH_AMBIGUOUS);
    assert_int_equal(mr_schema_resolve(schema, "acid", MR_TYPE_DOUBLE, mapping, 2, &match), 0);
    assert_int_equal(match, MR_MATCH_MAPPED);
    assert_int_equal(mr_schema_resolve(schema, "gone", MR_TYPE_DOUBLE, mapping, 2, &match), MR_NO_FIELD);
    assert_int_equal(match, MR_MATCH_NONE);
    mr_schema_release(schema);
}

static void wrong_schemas_are_refused(void **state) {
    (void)state;
    mr_schema *schema;
    mr_error error;
    const mr_field twice[] = {{"a", MR_TYPE_DOUBLE, MR_CONTINUOUS}, {"a", MR_TYPE_DOUBLE, MR_CONTINUOUS}};
    assert_int_equal(mr_schema_new(twice, 2, &schema, &error), MR_CONFLICT);
    const mr_field nameless[] = {{"", MR_TYPE_DOUBLE, MR_CONTINUOUS}};
    assert_int_equal(mr_schema_new(nameless, 1, &schema, &error), MR_LIMIT);
    char name[MR_FIELD_NAME_MAX + 2];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const mr_field long_name[] = {{name, MR_TYPE_DOUBLE, MR_CONTINUOUS}};
    assert_int_equal(mr_schema_new(long_name, 1, &schema, &error), MR_LIMIT);
    assert_int_equal(mr_schema_new(wine, MR_SCHEMA_FIELDS_MAX + 1, &schema, &error), MR_LIMIT);
}

static _Bool refuse_after(void *context) {
    int *left = context;
    return (*left)-- > 0;
}

static void nth_allocation_failing_is_clean(void **state) {
    (void)state;
    mr_status status = MR_NO_MEMORY;
    int n = 0;
    for (; status != MR_OK; n++) {
        int left = n;
        mr_schema *base = NULL, *more = NULL;
        uint32_t code;
        const mr_field added[] = {{"alcohol", MR_TYPE_DOUBLE, MR_CONTINUOUS}};
        mr_set_alloc_hook(refuse_after, &left);
        status = mr_schema_new(wine, 3, &base, NULL);
        if (status == MR_OK) status = mr_schema_extend(base, added, 1, &more, NULL);
        if (status == MR_OK) status = mr_schema_add_code(more, "red", 3, &code, NULL);
        mr_set_alloc_hook(NULL, NULL);
        mr_schema_release(base);
        mr_schema_release(more);
    }
    assert_true(n > 10);
}

enum { STRINGS = 20000 };

typedef struct reading {
    mr_dictionary *dictionary;
    _Atomic uint32_t wrong;
} reading;

/* Every string that is there has the code it was given: 1, 2, 3 ... */
static void *read_all(void *context) {
    reading *r = context;
    uint32_t end;
    do {
        end = mr_dictionary_end(r->dictionary);
        for (uint32_t code = 1; code < end; code += 1 + end / 64) {
            char text[16];
            int size = snprintf(text, sizeof text, "s%u", code);
            if (mr_dictionary_find(r->dictionary, text, (size_t)size) != code) atomic_fetch_add(&r->wrong, 1);
        }
    } while (end <= STRINGS);
    return NULL;
}

static void dictionary_is_read_while_it_grows(void **state) {
    (void)state;
    reading r = {0};
    mr_error error;
    pthread_t reader;
    assert_int_equal(mr_dictionary_new(STRINGS, &r.dictionary, &error), MR_OK);
    assert_int_equal(pthread_create(&reader, NULL, read_all, &r), 0);
    uint32_t code;
    for (uint32_t i = 1; i <= STRINGS; i++) {
        char text[16];
        int size = snprintf(text, sizeof text, "s%u", i);
        assert_int_equal(mr_dictionary_add(r.dictionary, text, (size_t)size, &code, &error), MR_OK);
        assert_int_equal(code, i);
    }
    pthread_join(reader, NULL);
    assert_int_equal(atomic_load(&r.wrong), 0);
    assert_int_equal(mr_dictionary_add(r.dictionary, "one more", 8, &code, &error), MR_LIMIT);
    assert_int_equal(mr_dictionary_add(r.dictionary, "s7", 2, &code, &error), MR_OK);
    assert_int_equal(code, 7);
    assert_int_equal(mr_dictionary_find(r.dictionary, "absent", 6), 0);
    mr_dictionary_release(r.dictionary);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extension_keeps_indexes),
        cmocka_unit_test(names_resolve_in_order),
        cmocka_unit_test(wrong_schemas_are_refused),
        cmocka_unit_test(nth_allocation_failing_is_clean),
        cmocka_unit_test(dictionary_is_read_while_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
