/* Support vector machines, compiled: vectors get their places when a machine first uses them. */
#include "pmml/vector/support_vector.h"

#include <string.h>

#include "base/memory.h"
#include "pmml/build.h"
#include "pmml/field/values.h"

typedef struct vector_builder {
    mr_builder *b;
    mr_scope *scope;
    mr_support_vectors *model;
    uint32_t dictionary; /* element of the VectorDictionary */
    mr_map vectors;      /* id -> index in `elements` */
    uint32_t *elements;  /* of each VectorInstance */
    uint32_t *places;    /* of each: MR_NONE while nobody uses it */
    uint32_t vector_count, used;
    mr_classes classes;
    double threshold;
} vector_builder;

/* ---- Kernel and inputs ---- */

static mr_status read_kernel(vector_builder *v, uint32_t element) {
    uint32_t found = MR_NONE;
    mr_kernel *k = &v->model->kernel;
    MR_EACH_CHILD(v->b->document, element, child) {
        mr_element_name name = mr_build_name(v->b, child);
        if (name != E_LinearKernelType && name != E_PolynomialKernelType && name != E_RadialBasisKernelType &&
            name != E_SigmoidKernelType)
            continue;
        if (found != MR_NONE) return mr_build_fail(v->b, child, MR_INVALID_MODEL, "a second kernel");
        found = child;
        k->type = name == E_LinearKernelType        ? KERNEL_LINEAR
                  : name == E_PolynomialKernelType  ? KERNEL_POLYNOMIAL
                  : name == E_RadialBasisKernelType ? KERNEL_RADIAL_BASIS
                                                    : KERNEL_SIGMOID;
    }
    if (found == MR_NONE)
        return mr_build_fail(v->b, element, MR_INVALID_MODEL, "<SupportVectorMachineModel> lacks its kernel");
    k->gamma = k->coef0 = k->degree = 1;
    mr_status status = mr_build_number(v->b, found, A_gamma, false, &k->gamma);
    if (status == MR_OK) status = mr_build_number(v->b, found, A_coef0, false, &k->coef0);
    if (status == MR_OK) status = mr_build_number(v->b, found, A_degree, false, &k->degree);
    if (status == MR_OK && k->type == KERNEL_RADIAL_BASIS && !(k->gamma >= 0))
        status = mr_build_fail(v->b, found, MR_INVALID_MODEL, "gamma of <RadialBasisKernelType> is negative");
    return status;
}

static mr_status read_field(vector_builder *v, uint32_t element, mr_vector_field *field) {
    mr_builder *b = v->b;
    bool category = mr_build_name(v->b, element) == E_CategoricalPredictor;
    double coefficient = 1;
    mr_status status =
        mr_scope_find_attribute(b, v->scope, element, category ? A_name : A_field, &field->slot);
    if (status != MR_OK) return status;
    mr_data_type type = b->slots[field->slot].type;
    const char *text = mr_build_text(b, element, category ? A_value : A_mapMissingTo);
    if (!category && !mr_data_type_calculates(type))
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<VectorFields> names a field that is no number");
    field->maps_missing = !category && text;
    if (category) {
        field->kind = type == T_STRING ? VECTOR_EQUAL_TEXT : VECTOR_EQUAL_NUMBER;
        status = mr_build_must(b, element, A_value, &text);
        if (status == MR_OK) status = mr_build_number(b, element, A_coefficient, false, &coefficient);
        if (status == MR_OK && coefficient != 1)
            status = mr_build_fail(b, element, MR_UNSUPPORTED,
                                   "a coefficient other than 1 in <VectorFields> is not supported");
    }
    return status == MR_OK && text ? mr_build_literal(b, element, text, type, &field->with) : status;
}

static mr_status read_fields(vector_builder *v) {
    uint32_t list = mr_build_child(v->b, v->dictionary, E_VectorFields), count = 0;
    if (list == MR_NONE)
        return mr_build_fail(v->b, v->dictionary, MR_INVALID_MODEL,
                             "<VectorDictionary> lacks its <VectorFields>");
    MR_EACH_CHILD(v->b->document, list, child) count++;
    mr_vector_field *fields = mr_build_alloc(v->b, count, sizeof *fields);
    if (!fields) return MR_NO_MEMORY;
    v->model->fields = fields;
    v->model->field_count = count;
    MR_EACH_CHILD(v->b->document, list, child) {
        mr_status status = read_field(v, child, fields++);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* ---- Vectors ---- */

static mr_status index_vectors(vector_builder *v) {
    mr_builder *b = v->b;
    size_t count = 0;
    MR_EACH_CHILD(b->document, v->dictionary, child) count += mr_build_name(v->b, child) == E_VectorInstance;
    v->elements = mr_alloc_zero(count + 1, sizeof *v->elements);
    v->places = mr_alloc_zero(count + 1, sizeof *v->places);
    if (!v->elements || !v->places) return mr_build_no_memory(b);
    MR_EACH_CHILD(b->document, v->dictionary, child) {
        const char *id;
        if (mr_build_name(v->b, child) != E_VectorInstance) continue;
        mr_status status = mr_build_must(b, child, A_id, &id);
        if (status != MR_OK) return status;
        if (mr_map_find(&v->vectors, id, strlen(id)))
            return mr_build_fail(b, child, MR_INVALID_MODEL, "the vector \"%.60s\" is there twice", id);
        if (!mr_map_put(&v->vectors, id, strlen(id), v->vector_count)) return mr_build_no_memory(b);
        v->elements[v->vector_count] = child;
        v->places[v->vector_count++] = MR_NONE;
    }
    return MR_OK;
}

static mr_status read_vector(vector_builder *v, uint32_t element, double *values) {
    uint32_t array = MR_NONE;
    MR_EACH_CHILD(v->b->document, element, child) {
        if (array != MR_NONE)
            return mr_build_fail(v->b, child, MR_INVALID_MODEL, "a second array in a vector");
        array = child;
    }
    if (array == MR_NONE)
        return mr_build_fail(v->b, element, MR_INVALID_MODEL, "<VectorInstance> lacks its array");
    return mr_build_numbers(v->b, array, v->model->field_count, MR_VECTOR_LANES, values);
}

/* The vectors that machines use, in their blocks. */
static mr_status fill_vectors(vector_builder *v) {
    mr_support_vectors *m = v->model;
    m->block_count = (v->used + MR_VECTOR_LANES - 1) / MR_VECTOR_LANES;
    size_t block = (size_t)m->field_count * MR_VECTOR_LANES;
    double *vectors = mr_build_alloc(v->b, m->block_count * block, sizeof *vectors);
    if (!vectors) return MR_NO_MEMORY;
    m->vectors = vectors;
    for (uint32_t i = 0; i < v->vector_count; i++) {
        uint32_t place = v->places[i];
        if (place == MR_NONE) continue;
        mr_status status = read_vector(v, v->elements[i],
                                       vectors + place / MR_VECTOR_LANES * block + place % MR_VECTOR_LANES);
        if (status != MR_OK) return status;
    }
    return MR_OK;
}

/* ---- Machines ---- */

static mr_status use_vectors(vector_builder *v, uint32_t list, const mr_machine *machine, uint32_t *places) {
    uint32_t count = 0;
    MR_EACH_CHILD(v->b->document, list, child) {
        const char *id;
        mr_status status = mr_build_must(v->b, child, A_vectorId, &id);
        if (status != MR_OK) return status;
        mr_map_item *item = mr_map_find(&v->vectors, id, strlen(id));
        if (!item)
            return mr_build_fail(v->b, child, MR_INVALID_MODEL,
                                 "vectorId=\"%.60s\" is not in the <VectorDictionary>", id);
        if (v->places[item->value] == MR_NONE) v->places[item->value] = v->used++;
        if (count < machine->term_count) places[count] = v->places[item->value];
        count++;
    }
    if (count == machine->term_count) return MR_OK;
    return mr_build_fail(v->b, list, MR_INVALID_MODEL, "%u support vectors with %u coefficients", count,
                         machine->term_count);
}

static mr_status read_coefficients(vector_builder *v, uint32_t list, mr_machine *machine) {
    MR_EACH_CHILD(v->b->document, list, child) machine->term_count++;
    double *coefficients = mr_build_alloc(v->b, machine->term_count, sizeof *coefficients);
    if (!coefficients) return MR_NO_MEMORY;
    machine->coefficients = coefficients;
    MR_EACH_CHILD(v->b->document, list, child) {
        mr_status status = mr_build_number(v->b, child, A_value, false, coefficients++);
        if (status != MR_OK) return status;
    }
    return mr_build_number(v->b, list, A_absoluteValue, false, &machine->constant);
}

/* The terms of a hyperplane are the inputs in their order. */
static mr_status read_terms(vector_builder *v, uint32_t element, bool hyperplanes, mr_machine *machine) {
    uint32_t vectors = mr_build_child(v->b, element, E_SupportVectors);
    uint32_t coefficients = mr_build_child(v->b, element, E_Coefficients);
    if (coefficients == MR_NONE || (vectors == MR_NONE) != hyperplanes)
        return mr_build_fail(v->b, element, MR_INVALID_MODEL, "<SupportVectorMachine> %s",
                             coefficients == MR_NONE ? "lacks its <Coefficients>"
                             : hyperplanes
                                 ? "has <SupportVectors> in a model of svmRepresentation=\"Coefficients\""
                                 : "lacks its <SupportVectors>");
    mr_status status = read_coefficients(v, coefficients, machine);
    uint32_t *places = status == MR_OK ? mr_build_alloc(v->b, machine->term_count, sizeof *places) : NULL;
    if (!places) return status != MR_OK ? status : MR_NO_MEMORY;
    machine->places = places;
    if (!hyperplanes) return use_vectors(v, vectors, machine, places);
    for (uint32_t i = 0; i < machine->term_count; i++) places[i] = i;
    if (machine->term_count == v->model->field_count) return MR_OK;
    return mr_build_fail(v->b, coefficients, MR_INVALID_MODEL, "%u coefficients for %u fields",
                         machine->term_count, v->model->field_count);
}

static mr_status add_class(vector_builder *v, uint32_t element, const char *text, uint32_t *index) {
    uint32_t label;
    mr_status status = mr_build_label(v->b, element, text, v->scope->label_type, &label);
    return status == MR_OK ? mr_classes_add(v->b, &v->classes, label, index) : status;
}

/* The second class of a model with one machine, where it says nothing: the target's other value. */
static mr_status find_other(vector_builder *v, uint32_t element, mr_machine *machine) {
    mr_status status = mr_scope_target_classes(v->b, v->scope, &v->classes);
    if (status == MR_OK && v->classes.count != 2)
        status = mr_build_fail(v->b, element, MR_INVALID_MODEL,
                               "one <SupportVectorMachine> lacks its alternateTargetCategory");
    machine->alternate = 1; /* its own category is the first */
    return status;
}

static mr_status read_machine(vector_builder *v, uint32_t element, bool hyperplanes, const char *binary,
                              mr_machine *machine) {
    mr_support_vectors *m = v->model;
    const char *target, *alternate = mr_build_text(v->b, element, A_alternateTargetCategory);
    mr_status status = read_terms(v, element, hyperplanes, machine);
    machine->alternate = MR_NONE;
    machine->threshold = v->threshold;
    if (status == MR_OK) status = mr_build_number(v->b, element, A_threshold, false, &machine->threshold);
    if (status != MR_OK || m->decision == DECISION_NUMBER) return status;
    status = mr_build_must(v->b, element, A_targetCategory, &target);
    if (status == MR_OK) status = add_class(v, element, target, &machine->target);
    bool votes = m->decision >= DECISION_VOTES_BELOW;
    if (alternate && binary && strcmp(alternate, binary) == 0) alternate = NULL;
    if (status == MR_OK && alternate && (!votes || binary))
        status =
            mr_build_fail(v->b, element, MR_UNSUPPORTED, "alternateTargetCategory beside %s is not supported",
                          binary ? "alternateBinaryTargetCategory" : "OneAgainstAll");
    if (status != MR_OK || !votes) return status;
    if (binary) alternate = binary;
    if (alternate) return add_class(v, element, alternate, &machine->alternate);
    if (m->machine_count == 1) return find_other(v, element, machine);
    return mr_build_must(v->b, element, A_alternateTargetCategory, &alternate);
}

/* Without classificationMethod, producers mean what their machines look like. One machine always decides by
 * its threshold. */
static mr_status read_decision(vector_builder *v, uint32_t element, uint32_t first, const char *binary) {
    static const char *const methods[] = {"OneAgainstAll", "OneAgainstOne", NULL};
    static const char *const truths[] = {"false", "true", "0", "1", NULL};
    unsigned method = mr_build_text(v->b, first, A_alternateTargetCategory) != NULL, most = 0;
    mr_status status = mr_build_word(v->b, element, A_classificationMethod, methods, &method);
    if (status == MR_OK) status = mr_build_word(v->b, element, A_maxWins, truths, &most);
    mr_support_vectors *m = v->model;
    bool votes = method == 1 || m->machine_count == 1;
    if (!v->scope->classification) m->decision = DECISION_NUMBER;
    else if (binary) m->decision = DECISION_ROUNDED;
    else if (votes) m->decision = most & 1 ? DECISION_VOTES_ABOVE : DECISION_VOTES_BELOW;
    else m->decision = most & 1 ? DECISION_GREATEST : DECISION_LEAST;
    /* Equal votes go by the order of the target's values, which is that of the producers' classes. */
    if (status == MR_OK && m->decision >= DECISION_VOTES_BELOW && m->machine_count > 1)
        status = mr_scope_target_classes(v->b, v->scope, &v->classes);
    return status;
}

static mr_status read_machines(vector_builder *v, uint32_t element) {
    static const char *const representations[] = {"SupportVectors", "Coefficients", NULL};
    unsigned hyperplanes = 0;
    mr_support_vectors *m = v->model;
    const char *binary = mr_build_text(v->b, element, A_alternateBinaryTargetCategory);
    MR_EACH_CHILD(v->b->document, element, child)
    m->machine_count += mr_build_name(v->b, child) == E_SupportVectorMachine;
    if (m->machine_count == 0 || (!v->scope->classification && m->machine_count > 1))
        return mr_build_fail(v->b, element, MR_INVALID_MODEL, "%u machines where there must be one%s",
                             m->machine_count, v->scope->classification ? " or more" : "");
    mr_status status = mr_build_word(v->b, element, A_svmRepresentation, representations, &hyperplanes);
    if (status == MR_OK && hyperplanes && m->kernel.type != KERNEL_LINEAR)
        status = mr_build_fail(v->b, element, MR_INVALID_MODEL,
                               "svmRepresentation=\"Coefficients\" without <LinearKernelType>");
    if (status == MR_OK) status = mr_build_number(v->b, element, A_threshold, false, &v->threshold);
    if (status == MR_OK)
        status = read_decision(v, element, mr_build_child(v->b, element, E_SupportVectorMachine), binary);
    mr_machine *machines = status == MR_OK ? mr_build_alloc(v->b, m->machine_count, sizeof *machines) : NULL;
    if (!machines) return status != MR_OK ? status : MR_NO_MEMORY;
    m->machines = machines;
    MR_EACH_CHILD(v->b->document, element, child) {
        if (mr_build_name(v->b, child) != E_SupportVectorMachine) continue;
        status = read_machine(v, child, hyperplanes, binary, machines++);
        if (status != MR_OK) return status;
    }
    return hyperplanes ? MR_OK : fill_vectors(v);
}

static mr_status build(vector_builder *v, uint32_t element, mr_evaluator *evaluator) {
    mr_builder *b = v->b;
    v->dictionary = mr_build_child(v->b, element, E_VectorDictionary);
    if (v->dictionary == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "<SupportVectorMachineModel> lacks its <VectorDictionary>");
    mr_status status = read_kernel(v, element);
    if (status == MR_OK) status = read_fields(v);
    if (status == MR_OK) status = index_vectors(v);
    if (status == MR_OK) status = read_machines(v, element);
    if (status == MR_OK && evaluator->classification)
        status = mr_classes_keep(b, &v->classes, evaluator, element);
    const mr_support_vectors *m = v->model;
    evaluator->probabilistic = m->decision >= DECISION_VOTES_BELOW;
    evaluator->numbers = (uint32_t)b->number_count;
    b->number_count += m->field_count + (size_t)m->block_count * MR_VECTOR_LANES;
    return status;
}

mr_status mr_build_support_vectors(mr_builder *b, mr_scope *scope, uint32_t element,
                                   mr_evaluator *evaluator) {
    mr_support_vectors *model = mr_build_alloc(b, 1, sizeof *model);
    if (!model) return MR_NO_MEMORY;
    vector_builder v = {.b = b, .scope = scope, .model = model};
    mr_status status = build(&v, element, evaluator);
    model->pass = mr_vector_pass_for(model->kernel.type, mr_vector_avx2());
    evaluator->model = model;
    evaluator->evaluate = mr_support_vectors_evaluate;
    mr_map_free(&v.vectors);
    mr_free(v.elements);
    mr_free(v.places);
    mr_classes_free(&v.classes);
    return status;
}
