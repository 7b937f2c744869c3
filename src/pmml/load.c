/* Load: parse, check, compile; then the document and all that compiling needed are freed. */
#include <string.h>

#include "base/memory.h"
#include "pmml/mining/mining.h"
#include "pmml/pmml.h"
#include "pmml/pmml_model.h"
#include "pmml/tree/forest_build.h"
#include "pmml/verification.h"

static void free_model(mr_model *base) {
    mr_pmml_model *model = (mr_pmml_model *)base;
    for (mr_owned *o = model->owned; o; o = o->next) (o->destroy ? o->destroy : mr_free)(o->memory);
    mr_map_free(&model->text_map);
    mr_arena_free(&model->arena);
    mr_arena_free(&model->general);
    mr_arena_free(&model->members);
    mr_free(model);
}

static const mr_model_ops ops = {
    .format = "pmml",
    .free = free_model,
    .bind = mr_pmml_bind,
    .free_binding = mr_pmml_free_binding,
    .score = mr_pmml_score,
};

/* The first bytes of XML that is likely PMML: a "<", after a byte order mark and blanks. */
static bool detect(const void *data, size_t size) {
    const unsigned char *bytes = data;
    size_t at = 0;
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) at = 3;
    if (size >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
        return true;
    while (at < size && at < 256 && strchr(" \t\r\n", bytes[at]) && bytes[at]) at++;
    return at < size && bytes[at] == '<';
}

static mr_status check_version(mr_builder *b) {
    const char *version = mr_build_text(b, 0, A_version);
    if (!version || ((version[0] == '3' || version[0] == '4') && (version[1] == '.' || !version[1])))
        return MR_OK;
    return mr_build_fail(b, 0, MR_UNSUPPORTED, "PMML version \"%.20s\" is not supported: 3.0 to 4.4 are",
                         version);
}

/* Of several models the first that may be scored; the first, when none may. */
static mr_status find_model(mr_builder *b, uint32_t *element) {
    *element = MR_NONE;
    MR_EACH_CHILD(b->document, 0, child) {
        if (!mr_is_model(mr_build_name(b, child))) continue;
        const char *scorable = mr_build_text(b, child, A_isScorable);
        bool may = !scorable || (strcmp(scorable, "false") != 0 && strcmp(scorable, "0") != 0);
        if (may || *element == MR_NONE) *element = child;
        if (may) return MR_OK;
    }
    if (*element != MR_NONE) return MR_OK;
    return mr_build_fail(b, 0, MR_INVALID_MODEL, "the document holds no model");
}

static mr_status finish(mr_builder *b, mr_pmml_model *model) {
    if (b->number_count > UINT32_MAX / 2)
        return mr_build_fail(b, 0, MR_LIMIT, "the model needs too much working memory");
    model->slot_count = (uint32_t)b->slot_count;
    model->number_count = b->number_count;
    model->evaluator_count = (uint32_t)b->evaluator_count;
    model->list_count = b->list_count;
    model->text_count = (uint32_t)b->text_count;
    model->texts = mr_build_keep(b, b->text_list, b->text_count, sizeof *b->text_list);
    if (!model->texts) return MR_NO_MEMORY;
    model->work_bytes = model->slot_count * sizeof(mr_slot) + model->number_count * sizeof(double) +
                        model->evaluator_count * sizeof(mr_prediction) + b->list_count * sizeof(mr_list) + 64;
    model->row_texts = b->row_texts;
    if (b->row_texts) {
        model->text_map = b->texts;
        b->texts = (mr_map){0};
    }
    mr_status status = mr_pmml_shape(b, model);
    if (!b->keeps_general) mr_arena_free(&model->general);
    if (!b->keeps_members) mr_arena_free(&model->members);
    bool groups = b->group_input != MR_NONE;
    model->base.shape.arity = groups ? MR_SCORES_GROUPS : MR_SCORES_ROWS;
    model->base.shape.group_input = groups ? b->group_input : 0;
    model->base.shape.memory = sizeof *model + model->arena.held + model->general.held + model->members.held +
                               model->text_map.capacity * sizeof *model->text_map.items;
    for (const mr_owned *o = model->owned; o; o = o->next) model->base.shape.memory += o->size;
    return status;
}

static void free_builder(mr_builder *b) {
    mr_map_free(&b->data_fields);
    mr_map_free(&b->global_derived);
    mr_map_free(&b->functions);
    mr_map_free(&b->texts);
    mr_free(b->text_list);
    mr_free(b->text_indexes);
    mr_free(b->slots);
    mr_free(b->inputs);
    mr_free(b->evaluators);
    mr_arena_free(&b->passing);
}

/* What outlives the document. */
static mr_status leave_document(mr_builder *b, mr_document *document, mr_evaluator *root) {
    if (root->target_name) {
        root->target_name = mr_arena_copy(b->arena, root->target_name, strlen(root->target_name));
        if (!root->target_name) return mr_build_no_memory(b);
    }
    mr_document_free(document);
    return MR_OK;
}

/* Frees the document as soon as nothing is to be read from it. */
static mr_status compile(mr_document *document, mr_pmml_model *model, bool fast,
                         mr_verification *verification, mr_error *error) {
    mr_builder b = {.document = document,
                    .error = error,
                    .arena = &model->arena,
                    .general = &model->general,
                    .members = &model->members,
                    .owned = &model->owned,
                    .group_input = MR_NONE};
    mr_arena_init(&b.passing, 4096, b.arena->limit);
    uint32_t element;
    mr_evaluator *root = NULL;
    mr_status status = MR_OK;
    if (!MR_GROW(b.text_list, b.text_count, b.text_capacity)) status = mr_build_no_memory(&b);
    else
        b.text_list[b.text_count++] = (mr_text){.data = ""}; /* 0: a string that the model does not mention */
    if (status == MR_OK) status = check_version(&b);
    if (status == MR_OK) status = mr_build_dictionary(&b);
    if (status == MR_OK) status = find_model(&b, &element);
    if (status == MR_OK) status = mr_build_model(&b, NULL, element, &root);
    if (status == MR_OK) status = mr_verification_read(document, element, verification, error);
    model->root = root;
    if (status == MR_OK) status = leave_document(&b, document, root);
    b.keeps_general = b.keeps_members = true;
    if (status == MR_OK && fast) status = mr_forest_take_all(&b);
    if (status == MR_OK) status = finish(&b, model);
    free_builder(&b);
    return status;
}

static mr_status load_as(const void *data, size_t size, const char *name, const mr_model_limits *limits,
                         bool fast, mr_model **result, mr_error *error) {
    mr_document document;
    mr_verification verification = {0};
    mr_status status = mr_document_parse(&document, data, size, name, limits, error);
    if (status == MR_OK) status = mr_document_check(&document, error);
    mr_pmml_model *model = status == MR_OK ? mr_alloc_zero(1, sizeof *model) : NULL;
    if (status == MR_OK && !model) status = mr_fail(error, MR_NO_MEMORY, name, "out of memory");
    if (status == MR_OK) {
        size_t block = size / 128 < 4096 ? 4096 : size / 128 > 1 << 20 ? 1 << 20 : size / 128;
        mr_arena_init(&model->arena, block, limits->memory); /* of which half a block stays empty */
        mr_arena_init(&model->general, block, limits->memory);
        mr_arena_init(&model->members, block, limits->memory);
        model->arena.large = model->general.large = model->members.large = block / 8;
        model->base.ops = &ops;
        atomic_init(&model->base.references, 1);
        status = compile(&document, model, fast, &verification, error);
        if (status == MR_OK) status = mr_verification_run(&verification, &model->base, name, error);
        if (status == MR_OK) *result = &model->base;
        else free_model(&model->base);
    }
    mr_verification_free(&verification);
    mr_document_free(&document);
    return status;
}

static mr_status load(const void *data, size_t size, const char *name, const mr_model_limits *limits,
                      mr_model **result, mr_error *error) {
    return load_as(data, size, name, limits, true, result, error);
}

static mr_status load_general(const void *data, size_t size, const char *name, const mr_model_limits *limits,
                              mr_model **result, mr_error *error) {
    return load_as(data, size, name, limits, false, result, error);
}

const mr_model_loader mr_pmml_general_loader = {.format = "pmml-general", .load = load_general};
const mr_model_loader mr_pmml_loader = {.format = "pmml", .detect = detect, .load = load};
