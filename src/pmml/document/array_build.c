/* Arrays of numbers, dense and sparse, read in place from the document's text.
 *
 * A sparse array names the places (from 1) that differ from its default value, which is 0 unless it says so.
 * (PMML 4.4, General Structure, "Array".)
 */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "pmml/build.h"

static const char *element_text(const mr_builder *b, uint32_t element) {
    const char *text = element == MR_NONE ? NULL : mr_build_text(b, element, A_TEXT);
    return text ? text : "";
}

/* The next number of a text. False: there is none; *status says when that is an error. */
static bool next_number(mr_builder *b, uint32_t element, const char **at, double *number, mr_status *status) {
    const char *text = *at + strspn(*at, " \t\r\n");
    size_t size = strcspn(text, " \t\r\n");
    *at = text + size;
    if (size == 0 || *status != MR_OK) return false;
    if (size > 1 && text[0] == '"' && text[size - 1] == '"') text++, size -= 2;
    if (mr_parse_double(text, size, number) && isfinite(*number)) {
        *number += 0.0; /* -0.0 is 0.0 */
        return true;
    }
    *status = mr_build_fail(b, element, MR_INVALID_MODEL, "\"%.*s\" in <%s> is not a number",
                            (int)(size < 60 ? size : 60), text, mr_element_text(mr_build_name(b, element)));
    return false;
}

static mr_status wrong_size(mr_builder *b, uint32_t element, double found, uint32_t size) {
    return mr_build_fail(b, element, MR_INVALID_MODEL, "<%s> holds %.0f numbers, not %u",
                         mr_element_text(mr_build_name(b, element)), found, size);
}

static mr_status read_dense(mr_builder *b, uint32_t element, uint32_t size, uint32_t stride, double *values) {
    const char *at = element_text(b, element);
    mr_status status = MR_OK;
    double number;
    uint32_t count = 0;
    for (; next_number(b, element, &at, &number, &status); count++)
        if (count < size) values[(size_t)count * stride] = number;
    if (status == MR_OK && count != size) status = wrong_size(b, element, count, size);
    return status;
}

static mr_status read_entries(mr_builder *b, uint32_t places, uint32_t entries, uint32_t size,
                              uint32_t stride, double *values) {
    const char *place_at = element_text(b, places), *entry_at = element_text(b, entries);
    mr_status status = MR_OK;
    double place, entry;
    for (;;) {
        bool any = next_number(b, places, &place_at, &place, &status);
        bool both = next_number(b, entries, &entry_at, &entry, &status) == any;
        if (status == MR_OK && !both)
            status = mr_build_fail(b, places, MR_INVALID_MODEL, "<Indices> and entries differ in number");
        if (status != MR_OK || !any) return status;
        if (!(place >= 1 && place <= size && place == floor(place)))
            return mr_build_fail(b, places, MR_INVALID_MODEL, "index %.17g in <Indices> is not from 1 to %u",
                                 place, size);
        values[(size_t)(place - 1) * stride] = entry;
    }
}

static mr_status read_sparse(mr_builder *b, uint32_t element, uint32_t size, uint32_t stride,
                             double *values) {
    uint32_t places = MR_NONE, entries = MR_NONE;
    double n = size, other = 0;
    MR_EACH_CHILD(b->document, element, child) {
        uint32_t *which = mr_build_name(b, child) == E_Indices ? &places : &entries;
        if (*which != MR_NONE)
            return mr_build_fail(b, child, MR_INVALID_MODEL, "a sparse array takes one <%s>",
                                 mr_element_text(mr_build_name(b, child)));
        *which = child;
    }
    mr_status status = mr_build_number(b, element, A_n, false, &n);
    if (status == MR_OK && n != size) status = wrong_size(b, element, n, size);
    if (status == MR_OK) status = mr_build_number(b, element, A_defaultValue, false, &other);
    if (status == MR_OK && (places == MR_NONE) != (entries == MR_NONE))
        status = mr_build_fail(b, element, MR_INVALID_MODEL, "a sparse array lacks its <Indices> or entries");
    for (uint32_t i = 0; i < size && status == MR_OK; i++) values[(size_t)i * stride] = other;
    if (status != MR_OK || places == MR_NONE) return status;
    return read_entries(b, places, entries, size, stride, values);
}

bool mr_is_number_array(mr_element_name name) {
    return name == E_Array || name == E_REAL_SparseArray || name == E_INT_SparseArray;
}

mr_status mr_build_numbers(mr_builder *b, uint32_t element, uint32_t size, uint32_t stride, double *values) {
    if (mr_build_name(b, element) == E_Array) return read_dense(b, element, size, stride, values);
    return read_sparse(b, element, size, stride, values);
}
