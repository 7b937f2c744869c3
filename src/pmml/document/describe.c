/* Describe: expat's events, most of them only counted. */
#include "pmml/document/describe.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "pmml/document/names.h"
#include "pmml/document/support.h"
#include "pmml/expression/token.h"

enum { DEPTH_MAX = 4096, CHUNK = 1 << 20, KEPT_BYTES_MAX = 64 << 20, MODELS_MAX = 1 << 20 };

const mr_part_name mr_part_names[MR_PARTS] = {
#define PART_NAME(element, one, many) {#element, one, many},
    MR_PART_TABLE(PART_NAME)
#undef PART_NAME
};

/* Elements that are kept with all in them: of the document, and of its outermost model. */
static const char *const kept_of_document[] = {"Header", "DataDictionary", NULL};
static const char *const kept_of_model[] = {"MiningSchema", "Targets",          "Output",
                                            "ModelStats",   "ModelExplanation", NULL};

typedef struct describer {
    mr_description *d;
    XML_Parser xml;
    const char *name;
    mr_error *error;
    mr_status status;
    mr_names names;
    uint32_t depth;
    uint32_t skip;        /* depth of the outermost element that is skipped; 0: none */
    uint32_t verifying;   /* depth of the open ModelVerification; 0: none */
    uint32_t inputs;      /* depth of the open BayesInputs; 0: none */
    mr_kept *root;        /* PMML, always kept, without its children */
    mr_kept *kept;        /* the innermost open element that is kept; NULL: none */
    mr_kept *parents[64]; /* of `kept`, by its depth below what is kept first */
    uint32_t kept_depth;  /* how many of them; the outermost is `kept_first` deep in the document */
    uint32_t kept_first;
    uint32_t models[DEPTH_MAX]; /* open models: depth of each, and its index */
    uint32_t model_indices[DEPTH_MAX];
    uint32_t open_models;
    char *text;
    size_t text_size, text_capacity;
} describer;

static void fail(describer *p, mr_status status, const char *message) {
    if (p->status != MR_OK) return;
    p->status = mr_fail(p->error, status, p->name, "%s", message);
    XML_StopParser(p->xml, XML_FALSE);
}

static void fail_memory(describer *p) {
    fail(p, MR_NO_MEMORY, "out of memory");
}

static const char *local_name(const char *name) {
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static bool is_one_of(const char *const *list, const char *name) {
    for (; *list; list++)
        if (strcmp(*list, name) == 0) return true;
    return false;
}

/* Also of names that the engine does not know yet: "...Model", and the few that end otherwise. */
static bool is_model(const char *name) {
    static const char *const others[] = {"NeuralNetwork", "Scorecard", "Regression", "DecisionTree", NULL};
    size_t size = strlen(name);
    return (size > 5 && strcmp(name + size - 5, "Model") == 0) || is_one_of(others, name);
}

static const char *copy(describer *p, const char *text) {
    char *made = text ? mr_arena_copy(&p->d->arena, text, strlen(text)) : NULL;
    if (text && !made) fail_memory(p);
    return made;
}

static const char *find_attribute(const char **attributes, const char *name) {
    for (; attributes[0]; attributes += 2)
        if (strcmp(attributes[0], name) == 0) return attributes[1];
    return NULL;
}

/* ---- What is kept ---- */

/* As copy(), but the same text as `like` is not copied again: a hundred thousand values in a row have one
 * name. */
static const char *copy_unlike(describer *p, const char *text, const char *like) {
    return like && strcmp(text, like) == 0 ? like : copy(p, text);
}

static mr_kept *keep(describer *p, const char *name, const char **attributes, const mr_kept *before) {
    size_t count = 0;
    while (attributes[count]) count++;
    mr_kept *made = mr_arena_alloc_zero(&p->d->arena, 1, sizeof *made);
    const char **list = mr_arena_alloc_zero(&p->d->arena, count + 1, sizeof *list);
    if (!made || !list) {
        fail_memory(p);
        return NULL;
    }
    const char **like = before ? before->attributes : NULL;
    for (size_t i = 0; i < count; i++) {
        if (like && !like[i]) like = NULL;
        list[i] = copy_unlike(p, attributes[i], like ? like[i] : NULL);
    }
    made->name = copy_unlike(p, name, before ? before->name : NULL);
    made->attributes = list;
    made->text = "";
    made->line = (uint32_t)XML_GetCurrentLineNumber(p->xml);
    if (p->d->arena.used > KEPT_BYTES_MAX)
        fail(p, MR_LIMIT, "what describes the model takes more than 64 MiB");
    return p->status == MR_OK ? made : NULL;
}

static void add_child(mr_kept *parent, mr_kept *child) {
    if (parent->last) parent->last->sibling = child;
    else parent->child = child;
    parent->last = child;
}

static void open_kept(describer *p, const char *name, const char **attributes) {
    mr_kept *parent = p->kept ? p->kept : p->root;
    if (p->kept_depth >= sizeof p->parents / sizeof *p->parents) {
        fail(p, MR_LIMIT, "the header or the data dictionary is nested more than 64 deep");
        return;
    }
    mr_kept *made = keep(p, name, attributes, parent->last);
    if (!made) return;
    add_child(parent, made);
    if (!p->kept) p->kept_first = p->depth;
    p->parents[p->kept_depth++] = p->kept;
    p->kept = made;
    p->text_size = 0;
}

static void close_kept(describer *p) {
    size_t size = p->text_size;
    const char *from = p->text;
    while (size && strchr(" \t\r\n", *from)) from++, size--;
    while (size && strchr(" \t\r\n", from[size - 1])) size--;
    if (size) {
        p->kept->text = mr_arena_copy(&p->d->arena, from, size);
        if (!p->kept->text) fail_memory(p);
    }
    p->text_size = 0;
    p->kept = p->parents[--p->kept_depth];
}

/* ---- What is counted ---- */

static void count_ignored(describer *p, const char *element, const char *attribute, const char *reason) {
    mr_description *d = p->d;
    if (!reason) reason = "it does not change a score";
    for (size_t i = 0; i < d->ignored_count; i++) {
        mr_ignored *known = &d->ignored[i];
        if (strcmp(known->element, element) != 0 || !known->attribute != !attribute) continue;
        if (attribute && strcmp(known->attribute, attribute) != 0) continue;
        known->count++;
        return;
    }
    if (!MR_GROW(d->ignored, d->ignored_count, d->ignored_capacity)) {
        fail_memory(p);
        return;
    }
    d->ignored[d->ignored_count++] = (mr_ignored){.element = element,
                                                  .attribute = attribute,
                                                  .reason = reason,
                                                  .count = 1,
                                                  .line = (uint32_t)XML_GetCurrentLineNumber(p->xml)};
}

static void count_attributes(describer *p, mr_element_name number, const char **attributes) {
    const mr_element_rule *rule = &p->names.rules[number];
    for (; attributes[0]; attributes += 2) {
        mr_attribute_name name = mr_names_attribute(&p->names, attributes[0], strlen(attributes[0]));
        if (name == A_UNKNOWN && mr_is_own_attribute(attributes[0])) /* one row, however many names */
            count_ignored(p, rule->text, "x-*", mr_support_skipped("Extension"));
        if (name == A_UNKNOWN || !mr_bit(rule->ignored, name)) continue;
        const char *text = mr_attribute_text(name);
        count_ignored(p, rule->text, text, mr_support_ignored(text));
    }
}

static void open_model(describer *p, const char *name, const char **attributes) {
    mr_description *d = p->d;
    if (d->model_count >= MODELS_MAX) {
        fail(p, MR_LIMIT, "more than 1,048,576 models");
        return;
    }
    if (!MR_GROW(d->models, d->model_count, d->model_capacity)) {
        fail_memory(p);
        return;
    }
    p->models[p->open_models] = p->depth;
    p->model_indices[p->open_models++] = (uint32_t)d->model_count;
    d->models[d->model_count++] = (mr_described_model){
        .element = copy(p, name),
        .name = copy(p, find_attribute(attributes, "modelName")),
        .function = copy(p, find_attribute(attributes, "functionName")),
        .algorithm = copy(p, find_attribute(attributes, "algorithmName")),
        .line = (uint32_t)XML_GetCurrentLineNumber(p->xml),
    };
}

static void count_part(describer *p, const char *name, const char **attributes) {
    mr_description *d = p->d;
    if (strcmp(name, "DerivedField") == 0) d->derived++;
    if (!p->open_models) return;
    mr_described_model *model = &d->models[p->model_indices[p->open_models - 1]];
    if (strcmp(name, "Segmentation") == 0)
        model->method = copy(p, find_attribute(attributes, "multipleModelMethod"));
    for (int i = 0; i < MR_PARTS; i++)
        if (strcmp(name, mr_part_names[i].element) == 0) model->parts[i]++;
}

/* ---- Events ---- */

/* Is it within an element that describes, or one itself? The cells of tables may have any name, so they are
 * none of the elements that those names mean elsewhere. */
static bool open_skipped(describer *p, const char *name) {
    bool row = strcmp(name, "row") == 0;
    if (row && p->verifying) p->d->verifications++;
    if (p->skip) return true;
    bool inputs = p->inputs && p->depth == p->inputs + 1 && strcmp(name, "Extension") == 0;
    if (inputs) return false; /* older R has inputs there, which are read */
    if (!row && mr_names_element(&p->names, name, strlen(name)) != E_NONE) return false;
    p->skip = p->depth;
    if (row && !p->verifying) count_part(p, name, NULL);
    if (row) return true;
    for (size_t i = 0; mr_names_skipped(i); i++)
        if (strcmp(mr_names_skipped(i), name) == 0)
            count_ignored(p, mr_names_skipped(i), NULL, mr_support_skipped(name));
    return true;
}

static bool is_kept(const describer *p, const char *name) {
    if (p->kept) return p->skip == 0 || p->skip <= p->kept_first; /* a header is both */
    if (p->depth == 2) return is_one_of(kept_of_document, name);
    return p->depth == 3 && p->open_models == 1 && p->d->model_count == 1 && is_one_of(kept_of_model, name);
}

static void XMLCALL on_start(void *context, const XML_Char *raw, const XML_Char **attributes) {
    describer *p = context;
    if (p->status != MR_OK) return;
    const char *name = local_name(raw);
    p->d->elements++;
    if (++p->depth >= DEPTH_MAX) {
        fail(p, MR_LIMIT, "elements are nested more than 4096 deep");
        return;
    }
    if (p->depth == 1) {
        p->d->root = p->root = keep(p, name, attributes, NULL);
        return;
    }
    if (strcmp(name, "ModelVerification") == 0) p->verifying = p->depth;
    if (!p->skip && strcmp(name, "BayesInputs") == 0) p->inputs = p->depth;
    bool skipped = open_skipped(p, name);
    if (is_kept(p, name)) open_kept(p, name, attributes);
    if (skipped) return;
    if (!p->kept && is_model(name)) open_model(p, name, attributes);
    else count_part(p, name, attributes);
    mr_element_name number = mr_names_element(&p->names, name, strlen(name));
    if (number > E_NONE && number < E_CELL && p->status == MR_OK) count_attributes(p, number, attributes);
}

static void XMLCALL on_end(void *context, const XML_Char *name) {
    (void)name;
    describer *p = context;
    if (p->status != MR_OK) return;
    if (p->kept && p->depth == p->kept_first + p->kept_depth - 1) close_kept(p);
    if (p->skip == p->depth) p->skip = 0;
    if (p->verifying == p->depth) p->verifying = 0;
    if (p->inputs == p->depth) p->inputs = 0;
    if (p->open_models && p->models[p->open_models - 1] == p->depth)
        p->d->models[p->model_indices[--p->open_models]].end = (uint32_t)p->d->model_count;
    p->depth--;
}

static void XMLCALL on_text(void *context, const XML_Char *text, int size) {
    describer *p = context;
    if (p->status != MR_OK || !p->kept || size < 0 || p->text_size > CHUNK) return;
    while (p->text_capacity - p->text_size < (size_t)size)
        if (!mr_grow_array((void **)&p->text, &p->text_capacity, 1)) {
            fail_memory(p);
            return;
        }
    memcpy(p->text + p->text_size, text, (size_t)size);
    p->text_size += (size_t)size;
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public_id, int has_internal) {
    (void)name, (void)system, (void)public_id, (void)has_internal;
    fail(context, MR_UNSUPPORTED, "a document type declaration (<!DOCTYPE>) is not read");
}

static void run(describer *p, const char *data, size_t size) {
    mr_description *d = p->d;
    enum XML_Status status = XML_STATUS_OK;
    size_t given = 0, begin = 0;
    do {
        int part = size > CHUNK ? CHUNK : (int)size;
        size -= (size_t)part;
        status = XML_Parse(p->xml, data, part, size == 0);
        data += part;
        given += (size_t)part;
        if (status == XML_STATUS_OK && size > 0 && mr_token_too_long(p->xml, given, &begin)) {
            fail(p, MR_LIMIT, "a tag or a comment is longer than 8 MiB");
            return;
        }
    } while (status == XML_STATUS_OK && size > 0);
    d->complete = status == XML_STATUS_OK && p->status == MR_OK;
    if (d->complete || p->status != MR_OK) return;
    enum XML_Error code = XML_GetErrorCode(p->xml);
    if (code == XML_ERROR_NO_MEMORY) {
        fail_memory(p);
        return;
    }
    char where[160];
    snprintf(where, sizeof where, "%.100s:%lu", p->name, (unsigned long)XML_GetCurrentLineNumber(p->xml));
    mr_fail(&d->problem, MR_SYNTAX, where, "not well-formed XML: %s", XML_ErrorString(code));
}

/* What was open when the text broke off ends there. */
static void close_all(describer *p) {
    while (p->open_models) p->d->models[p->model_indices[--p->open_models]].end = (uint32_t)p->d->model_count;
}

mr_status mr_describe(mr_description *description, const void *data, size_t size, const char *name,
                      mr_error *error) {
    memset(description, 0, sizeof *description);
    mr_arena_init(&description->arena, 1 << 16, 0);
    XML_Memory_Handling_Suite memory = {mr_alloc, mr_realloc, mr_free};
    describer *p = mr_alloc_zero(1, sizeof *p);
    if (!p) return mr_fail(error, MR_NO_MEMORY, name, "out of memory");
    p->d = description;
    p->name = name ? name : "model";
    p->error = error;
    mr_names_init(&p->names);
    p->xml = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (p->xml) {
        XML_SetUserData(p->xml, p);
        XML_SetElementHandler(p->xml, on_start, on_end);
        XML_SetCharacterDataHandler(p->xml, on_text);
        XML_SetStartDoctypeDeclHandler(p->xml, on_doctype);
        run(p, data, size);
        XML_ParserFree(p->xml);
    } else {
        p->status = mr_fail(error, MR_NO_MEMORY, name, "out of memory");
    }
    close_all(p);
    mr_status status = p->status;
    if (status != MR_OK && error) description->problem = *error;
    mr_free(p->text);
    mr_free(p);
    return status;
}

void mr_description_free(mr_description *description) {
    mr_arena_free(&description->arena);
    mr_free(description->models);
    mr_free(description->ignored);
}

const char *mr_kept_attribute(const mr_kept *element, const char *name) {
    return element ? find_attribute(element->attributes, name) : NULL;
}

const mr_kept *mr_kept_child(const mr_kept *element, const char *name) {
    const mr_kept *child = element ? element->child : NULL;
    while (child && strcmp(child->name, name) != 0) child = child->sibling;
    return child;
}
