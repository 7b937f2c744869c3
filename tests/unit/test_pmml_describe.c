/* What is told of a document: kept elements, counted parts, what has no effect; and of documents that are
 * broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "pmml/document/describe.h"

static const char document[] =
    "<PMML version=\"4.4\" xmlns=\"http://www.dmg.org/PMML-4_4\">\n"
    "<Header copyright=\"c\"><Application name=\"maker\" version=\"2\"/>"
    "<Timestamp>\n  2026-01-02\n</Timestamp></Header>\n"
    "<DataDictionary numberOfFields=\"2\">\n"
    "<Extension name=\"secret\"><DataField name=\"none\"/></Extension>\n"
    "<DataField name=\"x\" optype=\"continuous\" dataType=\"double\" displayName=\"X\"><Interval "
    "closure=\"openOpen\" "
    "leftMargin=\"1\"/></DataField>\n"
    "<DataField name=\"y\" optype=\"categorical\" dataType=\"string\"><Value value=\"a\"/><Value "
    "value=\"b\"/></DataField>\n"
    "</DataDictionary>\n"
    "<MiningModel functionName=\"classification\" modelName=\"outer\">\n"
    "<MiningSchema><MiningField name=\"x\" importance=\"0.5\"/><MiningField name=\"y\" "
    "usageType=\"target\"/></MiningSchema>\n"
    "<ModelStats><UnivariateStats field=\"x\"/></ModelStats>\n"
    "<Segmentation multipleModelMethod=\"majorityVote\">\n"
    "<Segment><True/><TreeModel functionName=\"classification\"><MiningSchema><MiningField "
    "name=\"x\"/></MiningSchema>"
    "<Node><True/><Node/><Node/></Node></TreeModel></Segment>\n"
    "<Segment><True/><TreeModel functionName=\"classification\"><ModelStats/><Node/></TreeModel></Segment>\n"
    "<Segment><True/><FutureModel "
    "functionName=\"classification\"><InlineTable><row><Node>1</Node></row></InlineTable>"
    "</FutureModel></Segment>\n"
    "</Segmentation>\n"
    "<ModelVerification><InlineTable><row/><row/></InlineTable></ModelVerification>\n"
    "</MiningModel></PMML>";

static mr_description described;
static mr_error error;

static mr_status describe(const char *text) {
    return mr_describe(&described, text, strlen(text), "test", &error);
}

static const mr_ignored *find_ignored(const char *element, const char *attribute) {
    for (size_t i = 0; i < described.ignored_count; i++) {
        const mr_ignored *one = &described.ignored[i];
        if (strcmp(one->element, element) != 0 || !one->attribute != !attribute) continue;
        if (!attribute || strcmp(one->attribute, attribute) == 0) return one;
    }
    return NULL;
}

static void what_describes_is_kept(void **state) {
    (void)state;
    assert_int_equal(describe(document), MR_OK);
    assert_true(described.complete);
    const mr_kept *root = described.root, *header = mr_kept_child(root, "Header");
    assert_string_equal(mr_kept_attribute(root, "version"), "4.4");
    assert_string_equal(mr_kept_attribute(mr_kept_child(header, "Application"), "name"), "maker");
    assert_string_equal(mr_kept_child(header, "Timestamp")->text, "2026-01-02");
    const mr_kept *field = mr_kept_child(mr_kept_child(root, "DataDictionary"), "DataField");
    assert_string_equal(mr_kept_attribute(field, "name"), "x"); /* nothing of the extension */
    assert_int_equal(field->line, 7);
    assert_string_equal(mr_kept_attribute(field->child, "leftMargin"), "1");
    assert_string_equal(mr_kept_attribute(field->sibling, "name"), "y");
    assert_null(field->sibling->sibling);
    const mr_kept *schema = mr_kept_child(root, "MiningSchema");
    assert_string_equal(mr_kept_attribute(schema->child->sibling, "usageType"), "target");
    assert_null(mr_kept_child(root, "Targets"));
    assert_non_null(mr_kept_child(mr_kept_child(root, "ModelStats"), "UnivariateStats"));
    mr_description_free(&described);
}

static void models_and_their_parts_are_counted(void **state) {
    (void)state;
    assert_int_equal(describe(document), MR_OK);
    const mr_described_model *m = described.models;
    assert_int_equal(described.model_count, 4);
    assert_string_equal(m[0].element, "MiningModel");
    assert_string_equal(m[0].name, "outer");
    assert_string_equal(m[0].method, "majorityVote");
    assert_int_equal(m[0].end, 4);
    assert_int_equal(m[0].parts[MR_PART_Node], 0);
    assert_int_equal(m[1].parts[MR_PART_Node], 3);
    assert_int_equal(m[1].end, 2);
    assert_int_equal(m[2].parts[MR_PART_Node], 1);
    assert_string_equal(m[3].element, "FutureModel");
    assert_int_equal(m[3].parts[MR_PART_Node], 0); /* a cell of that name */
    assert_int_equal(m[3].parts[MR_PART_row], 1);
    assert_int_equal(described.verifications, 2);
    mr_description_free(&described);
}

static void what_has_no_effect_is_named(void **state) {
    (void)state;
    assert_int_equal(describe(document), MR_OK);
    assert_int_equal(find_ignored("Header", NULL)->line, 2);
    assert_int_equal(find_ignored("ModelStats", NULL)->count, 2);
    assert_int_equal(find_ignored("Extension", NULL)->count, 1);
    assert_int_equal(find_ignored("MiningField", "importance")->count, 1);
    assert_int_equal(find_ignored("DataDictionary", "numberOfFields")->line, 5);
    assert_non_null(strstr(find_ignored("MiningField", "importance")->reason, "training"));
    assert_int_equal(find_ignored("DataField", "displayName")->line, 7);
    mr_description_free(&described);
}

/* Older R writes continuous inputs of naive Bayes into an Extension, which is read; no other one is. */
static void extensions_that_are_read_are_not_ignored(void **state) {
    (void)state;
    static const char bayes[] =
        "<PMML version=\"4.4\"><NaiveBayesModel functionName=\"classification\"><BayesInputs>\n"
        "<Extension><BayesInput fieldName=\"x\"/></Extension></BayesInputs>\n"
        "<BayesOutput><Extension/></BayesOutput></NaiveBayesModel></PMML>";
    assert_int_equal(describe(bayes), MR_OK);
    assert_int_equal(find_ignored("Extension", NULL)->count, 1);
    assert_int_equal(find_ignored("Extension", NULL)->line, 3);
    mr_description_free(&described);
}

static void broken_documents_are_described_to_where_they_break(void **state) {
    (void)state;
    assert_int_equal(describe("<PMML version=\"4.1\"><Header><Timestamp>now"), MR_OK);
    assert_false(described.complete);
    assert_int_equal(described.problem.status, MR_SYNTAX);
    assert_string_equal(mr_kept_attribute(described.root, "version"), "4.1");
    mr_description_free(&described);
    assert_int_equal(describe("no XML at all"), MR_OK);
    assert_null(described.root);
    mr_description_free(&described);
    assert_int_equal(describe(""), MR_OK);
    assert_false(described.complete);
    mr_description_free(&described);
    assert_int_equal(describe("<!DOCTYPE a><a/>"), MR_UNSUPPORTED);
    assert_int_equal(described.problem.status, MR_UNSUPPORTED);
    mr_description_free(&described);
}

static void depth_has_a_limit(void **state) {
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH * 3 + 64), *at = text;
    at += sprintf(at, "<PMML><DataDictionary>");
    for (int i = 0; i < DEPTH; i++) at += sprintf(at, "<a>");
    assert_int_equal(describe(text), MR_LIMIT);
    mr_description_free(&described);
    memcpy(text, "<PMML><WhateverModels>", 22); /* 22: as long */
    assert_int_equal(describe(text), MR_LIMIT);
    mr_description_free(&described);
    free(text);
}

static bool not_now(void *context) {
    return --*(int *)context != 0;
}

static void survives_without_memory(void **state) {
    (void)state;
    mr_status status = MR_NO_MEMORY;
    int n = 1;
    for (; status != MR_OK; n++) {
        int left = n;
        mr_set_alloc_hook(not_now, &left);
        status = describe(document);
        mr_set_alloc_hook(NULL, NULL);
        assert_true(status == MR_OK || status == MR_NO_MEMORY);
        if (status == MR_OK) assert_true(described.complete);
        mr_description_free(&described);
        assert_in_range(n, 1, 10000);
    }
    assert_true(n > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_describes_is_kept),
        cmocka_unit_test(models_and_their_parts_are_counted),
        cmocka_unit_test(what_has_no_effect_is_named),
        cmocka_unit_test(extensions_that_are_read_are_not_ignored),
        cmocka_unit_test(broken_documents_are_described_to_where_they_break),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
