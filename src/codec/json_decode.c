/* JSON records to frame rows, in one forward walk.
 *
 * Records name their members in the same order as those before them; so the walk compares with the expected
 * name first, eight bytes at a time, and looks up only when that fails. Two sets of bits
 * say which targets were fed, and which by a member of exactly their name (only another such may overwrite
 * those).
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "codec/codec.h"
#include "codec/json_plan.h"
#include "codec/json_scan.h"
#include "core/cell.h"

enum { WORDS = MR_JSON_TARGETS_MAX / 64 + 1 };

typedef struct walk {
    mr_json_scanner scanner;
    const mr_json_plan *plan;
    const char *start;
    mr_frame *frame;
    uint32_t row;
    mr_arena *arena;
    mr_text *data_type;
    mr_error *error;
    uint32_t expected;     /* group */
    uint32_t last;         /* the member before: its group + 1; 0: none yet */
    uint32_t way;          /* of spelling, as the last member was */
    uint64_t fed[WORDS];   /* targets; only the words that the plan needs are cleared */
    uint64_t exact[WORDS]; /* those fed by a member of exactly their name */
} walk;

static mr_status fail(const walk *w, mr_status status, const mr_json_target *target, const char *what) {
    char where[96];
    size_t byte = (size_t)(w->scanner.at - w->start);
    if (target) {
        snprintf(where, sizeof where, "byte %zu, field %.60s", byte, target->name);
    } else {
        snprintf(where, sizeof where, "byte %zu", byte);
    }
    return mr_fail(w->error, status, where, "%s", what);
}

static mr_status fail_scan(const walk *w, const mr_json_target *target) {
    return fail(w, w->scanner.too_deep ? MR_LIMIT : MR_SYNTAX, target, w->scanner.problem);
}

static void store_number(const walk *w, const mr_column *column, const mr_json_value *value) {
    switch (column->type) {
    case MR_TYPE_DOUBLE:
        *(double *)mr_cell(column, w->row) = mr_json_number(value);
        mr_cell_set_state(column, w->row, MR_CELL_PRESENT);
        break;
    case MR_TYPE_BOOLEAN: {
        bool fits = value->whole && value->exact && value->digits <= 1 && !value->negative;
        *(uint8_t *)mr_cell(column, w->row) = fits && value->digits == 1;
        mr_cell_set_state(column, w->row, fits ? MR_CELL_PRESENT : MR_CELL_INVALID);
        break;
    }
    default:
        mr_cell_from_text(column, w->row, value->text, value->size, w->plan->base.schema);
        break;
    }
}

static void store_boolean(const walk *w, const mr_column *column, bool value) {
    if (column->type == MR_TYPE_BOOLEAN) {
        *(uint8_t *)mr_cell(column, w->row) = value;
        mr_cell_set_state(column, w->row, MR_CELL_PRESENT);
    } else if (column->type == MR_TYPE_STRING) {
        mr_cell_from_text(column, w->row, value ? "true" : "false", value ? 4 : 5, w->plan->base.schema);
    } else {
        mr_cell_set_state(column, w->row, MR_CELL_INVALID);
    }
}

static void store(const walk *w, const mr_json_target *target, const mr_json_value *value) {
    bool is_text = value->kind == MR_JSON_STRING || value->kind == MR_JSON_NUMBER;
    if (target->column == MR_NO_FIELD) {
        *w->data_type = is_text ? (mr_text){value->text, (uint32_t)value->size, 0} : (mr_text){"", 0, 0};
        return;
    }
    const mr_column *column = &w->frame->columns[target->column];
    switch (value->kind) {
    case MR_JSON_NUMBER:
        store_number(w, column, value);
        break;
    case MR_JSON_STRING:
        mr_cell_from_text(column, w->row, value->text, value->size, w->plan->base.schema);
        break;
    case MR_JSON_TRUE:
    case MR_JSON_FALSE:
        store_boolean(w, column, value->kind == MR_JSON_TRUE);
        break;
    case MR_JSON_NULL:
        mr_cell_set_state(column, w->row, MR_CELL_MISSING);
        break;
    default:
        mr_cell_set_state(column, w->row, MR_CELL_INVALID);
        break;
    }
}

/* Makes a value's text what it means: escapes become bytes, in the arena. */
static mr_status resolve_text(walk *w, const mr_json_target *target, mr_json_value *value) {
    if (value->size > UINT32_MAX) return fail(w, MR_LIMIT, target, "the text has more than 4 GiB");
    if (!value->escaped) return MR_OK;
    char *text = mr_arena_alloc(w->arena, value->size);
    if (text == NULL) return fail(w, MR_NO_MEMORY, target, "out of memory");
    size_t size = mr_json_unescape(text, value->text, value->size);
    if (size == SIZE_MAX) return fail(w, MR_SYNTAX, target, "half a surrogate pair in a string");
    value->text = text;
    value->size = size;
    return MR_OK;
}

/* Reads the value of the member of this name and feeds the group. */
static mr_status read_member(walk *w, const mr_json_group *group, const char *name, size_t size) {
    const mr_json_target *targets = w->plan->targets;
    mr_json_value value;
    if (!mr_json_scan_value(&w->scanner, &value)) return fail_scan(w, &targets[group->first]);
    if (value.kind == MR_JSON_STRING) {
        mr_status status = resolve_text(w, &targets[group->first], &value);
        if (status != MR_OK) return status;
    }
    for (uint32_t i = group->first; i != MR_JSON_NO_TARGET; i = targets[i].next) {
        uint64_t bit = (uint64_t)1 << (i % 64);
        bool same = targets[i].name_size == size && memcmp(targets[i].name, name, size) == 0;
        if (!same && (w->exact[i / 64] & bit)) continue;
        w->fed[i / 64] |= bit;
        if (same) w->exact[i / 64] |= bit;
        store(w, &targets[i], &value);
    }
    return MR_OK;
}

/* Does the name at `name`, behind its opening quote, stand there in this spelling, quote and colon included?
 */
static inline bool is_spelled(const mr_json_spelling *spelling, const char *name, const char *end) {
    size_t size = spelling->size, left = (size_t)(end - name);
    if (size == 0 || left < size) return false;
    if (left < size + 7) return memcmp(name, spelling->text, size) == 0;
    for (size_t i = 0; i < size; i += 8) {
        uint64_t here, there;
        memcpy(&here, name + i, 8);
        memcpy(&there, spelling->text + i, 8);
        uint64_t counts = size - i < 8 ? ((uint64_t)1 << 8 * (size - i)) - 1 : UINT64_MAX;
        if ((here ^ there) & counts) return false;
    }
    return true;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* The number that eight decimal digits are, the first one in the lowest byte. */
static inline uint64_t number_of_digits(uint64_t digits) {
    digits = digits * 10 + (digits >> 8); /* of two, in every other byte */
    return (((digits & 0x000000ff000000ff) * 0x000f424000000064) +
            (((digits >> 16) & 0x000000ff000000ff) * 0x0000271000000001)) >>
           32;
}

/* The same of a number that ends within eight bytes and does not begin the record's last ones, without a
 * branch that depends on how many digits there are. */
static inline const char *read_short_double(const char *at, const char *end, double *value) {
    uint64_t bytes, ones = 0x0101010101010101;
    if (end - at < 9) return NULL;
    memcpy(&bytes, at, sizeof bytes);
    uint64_t digits = bytes ^ ones * '0';
    uint64_t others = (digits | ((digits & ones * 0x7f) + ones * (0x80 - 10))) & ones * 0x80; /* no digits */
    if (others == 0) return NULL;
    unsigned whole = (unsigned)__builtin_ctzll(others) / 8, size = whole;
    uint64_t behind = others & (others - 1);
    bool pointed = (uint8_t)(bytes >> 8 * whole) == '.';
    if (pointed) {
        if (behind == 0) return NULL;
        size = (unsigned)__builtin_ctzll(behind) / 8;
    }
    unsigned fraction = size - whole - pointed;
    if (whole == 0 || (whole > 1 && *at == '0') || (pointed && fraction == 0) || (at[size] | 0x20) == 'e')
        return NULL;
    uint64_t below = ((uint64_t)1 << 8 * whole) - 1; /* the digits before the point */
    digits = pointed ? (digits & below) | ((digits >> 8) & ~below) : digits;
    digits <<= 64 - 8 * (size - pointed); /* the last digit in the highest byte, 0 before the first */
    *value = (double)(int64_t)number_of_digits(digits) / mr_exact_tens[fraction];
    return at + size;
}
#else
static inline const char *read_short_double(const char *at, const char *end, double *value) {
    (void)at, (void)end, (void)value;
    return NULL;
}
#endif

/* A number of at most 15 digits without exponent, exactly; NULL: it is another value, or none. */
static inline const char *read_plain_double(const char *at, const char *end, double *value) {
    bool negative = at < end && *at == '-';
    const char *first = at += negative;
    uint64_t digits = 0;
    while (mr_json_is_digit(at, end)) digits = digits * 10 + (uint64_t)(*at++ - '0');
    ptrdiff_t count = at - first, fraction = 0;
    if (count == 0 || (count > 1 && *first == '0')) return NULL;
    if (at < end && *at == '.') {
        const char *point = ++at;
        while (mr_json_is_digit(at, end)) digits = digits * 10 + (uint64_t)(*at++ - '0');
        fraction = at - point;
        if (fraction == 0) return NULL;
    }
    if (count + fraction > 15 || at == end || (*at | 0x20) == 'e') return NULL;
    double number = (double)(int64_t)digits / mr_exact_tens[fraction];
    *value = negative ? -number : number;
    return at;
}

/* Takes the expected member when it is a plain number for a column of doubles; false: nothing is done. */
static inline bool take_double(walk *w, const mr_json_group *group, const mr_json_spelling *spelling) {
    const char *at = w->scanner.at + 1 + spelling->size;
    uint32_t index = group->first;
    uint64_t bit = (uint64_t)1 << (index % 64);
    double value;
    if (!group->is_double || (!spelling->exact && (w->exact[index / 64] & bit))) return false;
    if (at < w->scanner.end && *at == ' ') at++;
    const char *behind = read_short_double(at, w->scanner.end, &value);
    at = behind ? behind : read_plain_double(at, w->scanner.end, &value);
    if (at == NULL) return false;
    const mr_column *column = &w->frame->columns[w->plan->targets[index].column];
    *(double *)mr_cell(column, w->row) = value;
    mr_cell_set_state(column, w->row, MR_CELL_PRESENT);
    w->fed[index / 64] |= bit;
    if (spelling->exact) w->exact[index / 64] |= bit;
    w->scanner.at = at;
    return true;
}

static bool take_colon(walk *w) {
    return mr_json_take(&w->scanner, ':') || mr_json_fail(&w->scanner, "a colon must follow the name");
}

static inline void expect_after(walk *w, uint32_t group) {
    w->last = group + 1;
    w->expected = atomic_load_explicit(&w->plan->successors[group + 1], memory_order_relaxed);
}

/* A member by its name, as it is without escapes. */
static mr_status walk_named(walk *w, const char *name, size_t size) {
    bool possible = size <= MR_FIELD_NAME_MAX * 2; /* longer ones can be no field's */
    const mr_json_group *group = possible ? mr_json_find(w->plan, name, size) : NULL;
    if (group == NULL) {
        mr_json_value ignored;
        return mr_json_scan_value(&w->scanner, &ignored) ? MR_OK : fail_scan(w, NULL);
    }
    uint32_t found = (uint32_t)(group - w->plan->groups);
    if (found != w->expected)
        atomic_store_explicit(&w->plan->successors[w->last], (uint16_t)found, memory_order_relaxed);
    expect_after(w, found);
    return read_member(w, group, name, size);
}

__attribute__((noinline)) static mr_status walk_escaped(walk *w, const mr_json_value *key) {
    char name[MR_FIELD_NAME_MAX * 6];
    size_t size = key->size <= sizeof name ? mr_json_unescape(name, key->text, key->size) : SIZE_MAX;
    return walk_named(w, name, size);
}

/* A member that is not the expected one, or whose value is not the expected kind of. */
static mr_status walk_any_member(walk *w) {
    mr_json_scanner *scanner = &w->scanner;
    mr_json_value key;
    if (scanner->at == scanner->end || *scanner->at != '"') {
        return fail(w, MR_SYNTAX, NULL, "the name of a member, in quotes, must follow");
    }
    if (!mr_json_scan_string(scanner, &key) || !take_colon(w)) return fail_scan(w, NULL);
    return key.escaped ? walk_escaped(w, &key) : walk_named(w, key.text, key.size);
}

/* The spelling of the target's name at `name`, the last way first; NULL: it is another name. */
static inline const mr_json_spelling *find_spelling(walk *w, const mr_json_target *target, const char *name) {
    if (is_spelled(&target->spellings[w->way], name, w->scanner.end)) return &target->spellings[w->way];
    for (uint32_t way = 0; way < MR_JSON_SPELLINGS; way++) {
        if (!is_spelled(&target->spellings[way], name, w->scanner.end)) continue;
        w->way = way;
        atomic_store_explicit(w->plan->way, (uint16_t)way, memory_order_relaxed);
        return &target->spellings[way];
    }
    return NULL;
}

static inline mr_status walk_member(walk *w) {
    mr_json_scanner *scanner = &w->scanner;
    if (scanner->at == scanner->end || w->expected >= w->plan->group_count) return walk_any_member(w);
    const mr_json_group *group = &w->plan->groups[w->expected];
    const char *name = scanner->at + 1;
    const mr_json_spelling *spelling = find_spelling(w, &w->plan->targets[group->first], name);
    if (*scanner->at != '"' || spelling == NULL) return walk_any_member(w);
    expect_after(w, w->expected);
    if (take_double(w, group, spelling)) return MR_OK;
    scanner->at = name + spelling->size;
    mr_json_skip_blanks(scanner);
    return read_member(w, group, name, spelling->size - 2);
}

/* Members as most are: the expected one, as the one before was spelled, a short number for a column of
 * doubles, a comma. What is known of the walk stays in registers. Stops before the first other member. */
static void take_doubles(walk *w) {
    const mr_json_plan *plan = w->plan;
    const mr_column *columns = w->frame->columns;
    const char *at = w->scanner.at, *end = w->scanner.end;
    uint64_t fed = w->fed[0], exact = w->exact[0];
    uint32_t expected = w->expected, last = w->last, way = w->way, row = w->row;
    while (expected < plan->group_count && end - at > 2 && *at == '"') {
        const mr_json_group *group = &plan->groups[expected];
        if (!group->is_double || group->first >= 64) break;
        const mr_json_target *target = &plan->targets[group->first];
        const mr_json_spelling *spelling = &target->spellings[way];
        uint64_t bit = (uint64_t)1 << group->first;
        double value;
        if (!is_spelled(spelling, at + 1, end) || (!spelling->exact && (exact & bit))) break;
        const char *behind = at + 1 + spelling->size;
        if (behind < end && *behind == ' ') behind++;
        behind = read_short_double(behind, end, &value);
        if (behind == NULL || *behind != ',') break;
        const mr_column *column = &columns[target->column];
        *(double *)mr_cell(column, row) = value;
        mr_cell_set_state(column, row, MR_CELL_PRESENT);
        fed |= bit;
        exact |= spelling->exact ? bit : 0;
        at = behind + 1;
        if (*at == ' ') at++;
        last = expected + 1;
        expected = atomic_load_explicit(&plan->successors[last], memory_order_relaxed);
    }
    w->scanner.at = at;
    w->fed[0] = fed, w->exact[0] = exact;
    w->expected = expected, w->last = last;
    mr_json_skip_blanks(&w->scanner);
}

static mr_status walk_object(walk *w) {
    mr_json_scanner *scanner = &w->scanner;
    mr_json_skip_blanks(scanner);
    if (!mr_json_take(scanner, '{')) return fail(w, MR_SYNTAX, NULL, "a record must be a JSON object");
    if (!mr_json_take(scanner, '}')) {
        do {
            take_doubles(w);
            mr_status status = walk_member(w);
            if (status != MR_OK) return status;
        } while (mr_json_take(scanner, ','));
        if (!mr_json_take(scanner, '}'))
            return fail(w, MR_SYNTAX, NULL, "a comma or the object's end must follow");
    }
    return scanner->at == scanner->end ? MR_OK : fail(w, MR_SYNTAX, NULL, "nothing may follow the object");
}

static void fill_missing(const walk *w) {
    for (uint32_t i = 0; i < w->plan->target_count; i++) {
        if (w->fed[i / 64] >> (i % 64) & 1 || w->plan->targets[i].column == MR_NO_FIELD) continue;
        mr_cell_set_state(&w->frame->columns[w->plan->targets[i].column], w->row, MR_CELL_MISSING);
    }
}

static mr_status decode(const mr_decode_plan *base, mr_bytes value, mr_frame *frame, uint32_t row,
                        mr_arena *arena, mr_text *data_type, mr_error *error) {
    walk w;
    w.plan = (const mr_json_plan *)base;
    w.start = value.data ? value.data : "";
    w.scanner = (mr_json_scanner){w.start, w.start + value.size, NULL, false};
    w.frame = frame;
    w.row = row;
    w.arena = arena;
    w.data_type = data_type;
    w.error = error;
    w.last = 0;
    w.expected = atomic_load_explicit(&w.plan->successors[0], memory_order_relaxed);
    w.way = atomic_load_explicit(w.plan->way, memory_order_relaxed);
    size_t words = w.plan->target_count / 64 + 1;
    for (size_t i = 0; i < words; i++) w.fed[i] = w.exact[i] = 0;
    *data_type = (mr_text){"", 0, 0};
    mr_status status = walk_object(&w);
    if (status == MR_OK) fill_missing(&w);
    return status;
}

/* ---- The decoder ---- */

static void free_decoder(mr_decoder *base) {
    mr_json_decoder *decoder = (mr_json_decoder *)base;
    if (decoder == NULL) return;
    mr_arena_free(&decoder->arena);
    mr_free(decoder);
}

static const mr_decoder_ops json_ops = {"json", free_decoder, mr_json_bind, mr_json_free_plan, decode};

static bool copy_names(mr_json_decoder *decoder, const char *type_field, const mr_name_mapping *mapping,
                       size_t count) {
    if (type_field) {
        decoder->type_field = mr_arena_copy(&decoder->arena, type_field, strlen(type_field));
        if (decoder->type_field == NULL) return false;
    }
    if (count == 0) return true;
    decoder->mapping = mr_arena_alloc_zero(&decoder->arena, count, sizeof *mapping);
    if (decoder->mapping == NULL) return false;
    decoder->mapping_count = count;
    for (size_t i = 0; i < count; i++) {
        mr_name_mapping *copy = &decoder->mapping[i];
        copy->model_name =
            mr_arena_copy(&decoder->arena, mapping[i].model_name, strlen(mapping[i].model_name));
        copy->record_name =
            mr_arena_copy(&decoder->arena, mapping[i].record_name, strlen(mapping[i].record_name));
        if (copy->model_name == NULL || copy->record_name == NULL) return false;
    }
    return true;
}

mr_status mr_json_decoder_new(const char *type_field, const mr_name_mapping *mapping, size_t mapping_count,
                              mr_decoder **decoder, mr_error *error) {
    mr_json_decoder *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "json", "out of memory");
    made->base.ops = &json_ops;
    mr_arena_init(&made->arena, 1024, 0);
    if (!copy_names(made, type_field, mapping, mapping_count)) {
        free_decoder(&made->base);
        return mr_fail(error, MR_NO_MEMORY, "json", "out of memory");
    }
    *decoder = &made->base;
    return MR_OK;
}
