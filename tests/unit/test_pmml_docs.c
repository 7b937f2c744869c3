/* docs/pmml.md holds the engine's own tables: what is printed here from them must stand there, word for word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pmml/expression/functions.h"
#include "pmml/document/names.h"
#include "pmml/document/support.h"

static void the_support_matrix_is_true(void **state) {
    (void)state;
    static char text[1 << 18], path[1024];
    char *expected = NULL;
    size_t size;
    FILE *stream = open_memstream(&expected, &size);
    mr_support_print(stream);
    fclose(stream);
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, sizeof path, "%.*s/../../docs/pmml.md", slash ? (int)(slash - __FILE__) : 1,
             slash ? __FILE__ : ".");
    FILE *file = fopen(path, "r");
    if (!file) { /* not run from the build folder */
        free(expected);
        skip();
    }
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    if (!strstr(text, expected)) printf("docs/pmml.md is stale: run tools/check-docs --write\n");
    assert_non_null(strstr(text, expected));
    free(expected);
}

static void what_has_no_effect_has_a_reason(void **state) {
    (void)state;
    mr_names names;
    mr_names_init(&names);
    for (unsigned i = 1; i < E_CELL; i++)
        for (unsigned a = 1; a < A_TEXT; a++) {
            const char *attribute = mr_attribute_text((mr_attribute_name)a);
            if (!mr_bit(names.rules[i].ignored, a) || mr_support_ignored(attribute)) continue;
            fail_msg("say in src/pmml/document/support.c why %s of %s has no effect", attribute,
                     names.rules[i].text);
        }
    for (size_t i = 0; mr_names_skipped(i); i++)
        if (!mr_support_skipped(mr_names_skipped(i)))
            fail_msg("say in src/pmml/document/support.c why %s is skipped", mr_names_skipped(i));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_support_matrix_is_true),
                                       cmocka_unit_test(what_has_no_effect_has_a_reason)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
