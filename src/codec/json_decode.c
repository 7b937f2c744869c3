/* JSON records to frame rows, in one forward walk.
 *
 * Records name their members in the same order as those before them; so the walk compares with the expected
 * name first, eight bytes at a time, and looks up only when that fails. Doubles in the expected order, which
 * most records are, are taken in one loop (take_doubles); all else, mistakes included, goes member by member.
 * By what each target was fed is remembered: only a member of exactly its name feeds it after such a one.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "codec/codec.h"
#include "codec/json_number.h"
#include "codec/json_plan.h"
#include "core/cell.h"

typedef struct walk {
    mr_json_scanner scanner;
    const mr_json_plan *plan;
    const char *start;
    mr_frame *frame;
    uint32_t row;
    mr_arena *arena;
    mr_text *data_type;
    mr_error *error;
    uint32_t expected;                /* group */
    uint32_t last;                    /* the member before: its group + 1; 0: none yet */
    uint32_t way;                     /* of spelling, as the last member was */
    uint32_t fed_count;               /* of targets */
    uint8_t fed[MR_JSON_TARGETS_MAX]; /* mr_json_feeding of each target; only those of the plan are set */
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
        bool same = targets[i].name_size == size && memcmp(targets[i].name, name, size) == 0;
        mr_json_feeding by = same ? MR_JSON_FED_EXACTLY : MR_JSON_FED;
        if (by < w->fed[i]) continue;
        w->fed_count += w->fed[i] == MR_JSON_UNFED;
        w->fed[i] = (uint8_t)by;
        store(w, &targets[i], &value);
    }
    return MR_OK;
}

static inline uint64_t differing(const char *a, const char *b) {
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x ^ y;
}

/* Does this spelling stand at `at`? There are at least its size and eight bytes more. */
static inline bool stands(const mr_json_spelling *spelling, const char *at) {
    const char *text = spelling->text;
    size_t size = spelling->size;
    uint64_t differs = differing(at, text) & spelling->mask;
    if (size > 8) differs |= differing(at + size - 8, text + size - 8);
    if (size > 16) differs |= differing(at + 8, text + 8);
    return differs == 0 && (size <= 24 || memcmp(at + 16, text + 16, size - 24) == 0);
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

/* The spelling of the expected name that stands here, the last way first; NULL: it is another name. */
static const mr_json_spelling *find_spelling(walk *w) {
    size_t left = (size_t)(w->scanner.end - w->scanner.at);
    for (uint32_t i = 0; i <= MR_JSON_SPELLINGS; i++) {
        uint32_t way = i == 0 ? w->way : i - 1;
        const mr_json_spelling *spelling = mr_json_spelling_of(w->plan, w->expected, way);
        if (spelling->size == 0 || left < spelling->size) continue;
        if (left >= 8 && (differing(w->scanner.at, spelling->text) & spelling->mask)) continue;
        if (memcmp(w->scanner.at, spelling->text, spelling->size) != 0) continue;
        if (i > 0) atomic_store_explicit(w->plan->way, (uint16_t)way, memory_order_relaxed);
        w->way = way;
        return spelling;
    }
    return NULL;
}

static mr_status walk_member(walk *w) {
    mr_json_scanner *scanner = &w->scanner;
    const mr_json_spelling *spelling = find_spelling(w);
    if (spelling == NULL) return walk_any_member(w);
    const mr_json_group *group = &w->plan->groups[w->expected];
    const char *name = scanner->at + 1;
    expect_after(w, w->expected);
    scanner->at += spelling->size;
    mr_json_skip_blanks(scanner);
    return read_member(w, group, name, spelling->size - 3);
}

#ifdef MR_JSON_WORDS
/* Any number with a comma behind it, and something behind that; returns the comma's address, NULL: this is
 * not one. */
__attribute__((noinline)) static const char *take_number(const char *at, const char *end, double *value) {
    if (*at == '-') {
        const char *comma = mr_json_short_number(at + 1, value);
        if (comma != NULL) {
            *value = -*value;
            return comma;
        }
    }
    mr_json_scanner scanner = {at, end, NULL, false};
    mr_json_value number;
    if (!mr_json_scan_number(&scanner, &number) || end - scanner.at < 2 || *scanner.at != ',') return NULL;
    *value = mr_json_number(&number);
    return scanner.at;
}

/* Members as most are: the expected one, as the one before was spelled, not yet fed, a short number for a
 * column of doubles, a comma. What is known of the walk stays in registers. Stops before the first other one.
 */
static void take_doubles(walk *w) {
    const mr_json_spelling *spellings = mr_json_spelling_of(w->plan, 0, w->way);
    _Atomic uint16_t *successors = w->plan->successors;
    const mr_column *columns = w->frame->columns;
    const char *at = w->scanner.at, *end = w->scanner.end;
    uint32_t expected = w->expected, last = w->last, row = w->row;
    for (;;) {
        const mr_json_spelling *spelling = &spellings[expected];
        double value;
        if (end - at < spelling->room || !stands(spelling, at)) break;
        if (w->fed[spelling->target] != MR_JSON_UNFED) break;
        const char *number = at + spelling->size;
        if (*number == ' ') {
            number++;
            __asm__(""); /* keeps this a branch, which is learnt: what follows need not wait for the byte */
        }
        const char *comma = mr_json_short_number(number, &value);
        if (comma == NULL && (comma = take_number(number, end, &value)) == NULL) break;
        const mr_column *column = &columns[spelling->column];
        *(double *)mr_cell(column, row) = value;
        mr_cell_set_state(column, row, MR_CELL_PRESENT);
        w->fed[spelling->target] = spelling->feeds;
        w->fed_count++;
        at = comma + 1;
        if (*at == ' ') at++;
        last = expected + 1;
        expected = atomic_load_explicit(&successors[last], memory_order_relaxed);
    }
    w->scanner.at = at;
    w->expected = expected, w->last = last;
    mr_json_skip_blanks(&w->scanner);
}
#else
static void take_doubles(walk *w) {
    (void)w;
}
#endif

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
    if (w->fed_count == w->plan->target_count) return;
    for (uint32_t i = 0; i < w->plan->target_count; i++) {
        if (w->fed[i] != MR_JSON_UNFED || w->plan->targets[i].column == MR_NO_FIELD) continue;
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
    w.fed_count = 0;
    memset(w.fed, MR_JSON_UNFED, w.plan->target_count);
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
