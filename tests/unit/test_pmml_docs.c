/* docs/pmml.md holds the engine's own tables: what is printed here from them must stand there, word for word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pmml/functions.h"
#include "pmml/names.h"
#include "pmml/program.h"

static char *put_attributes(char *at, const uint64_t *bits) {
    bool any = false;
    for (unsigned i = 1; i < A_TEXT; i++) {
        if (!mr_bit(bits, i)) continue;
        at += sprintf(at, "%s`%s`", any ? " " : "", mr_attribute_text((mr_attribute_name)i));
        any = true;
    }
    return at;
}

static void print_tables(char *at) {
    mr_names names;
    mr_names_init(&names);
    at += sprintf(at, "| element | attributes read | without effect |\n|---|---|---|\n");
    for (unsigned i = 1; i < E_CELL; i++) {
        at += sprintf(at, "| `%s` | ", names.rules[i].text);
        at = put_attributes(at, names.rules[i].used);
        at += sprintf(at, " | ");
        at = put_attributes(at, names.rules[i].ignored);
        at += sprintf(at, " |\n");
    }
    at += sprintf(at, "\nSkipped with all inside:");
    for (size_t i = 0; mr_names_skipped(i); i++) at += sprintf(at, " `%s`", mr_names_skipped(i));
    at += sprintf(at, ".\n\nFunctions of `Apply`:");
    for (size_t i = 0; mr_function_at(i); i++) at += sprintf(at, " `%s`", mr_function_at(i)->name);
    sprintf(at, ".\n");
}

static void the_support_matrix_is_true(void **state) {
    (void)state;
    static char expected[1 << 16], text[1 << 18], path[1024];
    print_tables(expected);
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, sizeof path, "%.*s/../../docs/pmml.md", slash ? (int)(slash - __FILE__) : 1,
             slash ? __FILE__ : ".");
    FILE *file = fopen(path, "r");
    if (!file) skip(); /* not run from the build folder */
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    if (!strstr(text, expected)) printf("docs/pmml.md should hold:\n\n%s", expected);
    assert_non_null(strstr(text, expected));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_support_matrix_is_true)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
