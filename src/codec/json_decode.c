/* JSON records to frame rows, in one forward walk.
 *
 * Most records name their members in the same order, the one in which models ask for them; so the walk
 * compares with the expected name first, byte for byte, and looks up only when that fails. Two sets of bits
 * say which targets were fed, and which by a member of exactly their name (only another such may overwrite
 * those).
 */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "codec/cell.h"
#include "codec/json_plan.h"
#include "codec/json_scan.h"

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
    return fail(w, MR_SYNTAX, target, w->scanner.problem);
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

/* Reads the value and feeds the group. `name` NULL: the member has exactly the name of the group's first
 * target. */
static mr_status read_member(walk *w, const mr_json_group *group, const char *name, size_t size) {
    const mr_json_target *targets = w->plan->targets;
    mr_json_value value;
    if (!mr_json_scan_value(&w->scanner, &value)) return fail_scan(w, &targets[group->first]);
    if (value.kind == MR_JSON_STRING) {
        mr_status status = resolve_text(w, &targets[group->first], &value);
        if (status != MR_OK) return status;
    }
    if (name == NULL) {
        name = targets[group->first].name;
        size = targets[group->first].name_size;
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

/* The scanner is on the opening quote of the expected name, and behind it and its quote when this says yes.
 */
static inline bool take_expected(walk *w) {
    if (w->expected >= w->plan->group_count) return false;
    const mr_json_target *target = &w->plan->targets[w->plan->groups[w->expected].first];
    const char *name = w->scanner.at + 1;
    if ((size_t)(w->scanner.end - w->scanner.at) < (size_t)target->name_size + 2) return false;
    if (name[target->name_size] != '"' || !target->plain) return false;
    if (memcmp(name, target->name, target->name_size) != 0) return false;
    w->scanner.at = name + target->name_size + 1;
    return true;
}

static bool take_colon(walk *w) {
    return mr_json_take(&w->scanner, ':') || mr_json_fail(&w->scanner, "a colon must follow the name");
}

/* A member by its name, as it is without escapes. */
static mr_status walk_named(walk *w, const char *name, size_t size) {
    bool possible = size <= MR_FIELD_NAME_MAX * 2; /* longer ones can be no field's */
    const mr_json_group *group = possible ? mr_json_find(w->plan, name, size) : NULL;
    if (group == NULL) {
        mr_json_value ignored;
        return mr_json_scan_value(&w->scanner, &ignored) ? MR_OK : fail_scan(w, NULL);
    }
    w->expected = (uint32_t)(group - w->plan->groups) + 1;
    return read_member(w, group, name, size);
}

__attribute__((noinline)) static mr_status walk_escaped(walk *w, const mr_json_value *key) {
    char name[MR_FIELD_NAME_MAX * 6];
    size_t size = key->size <= sizeof name ? mr_json_unescape(name, key->text, key->size) : SIZE_MAX;
    return walk_named(w, name, size);
}

static mr_status walk_member(walk *w) {
    mr_json_scanner *scanner = &w->scanner;
    if (scanner->at == scanner->end || *scanner->at != '"') {
        return fail(w, MR_SYNTAX, NULL, "the name of a member, in quotes, must follow");
    }
    if (take_expected(w)) {
        const mr_json_group *group = &w->plan->groups[w->expected++];
        if (!take_colon(w)) return fail_scan(w, &w->plan->targets[group->first]);
        return read_member(w, group, NULL, 0);
    }
    mr_json_value key;
    if (!mr_json_scan_string(scanner, &key) || !take_colon(w)) return fail_scan(w, NULL);
    return key.escaped ? walk_escaped(w, &key) : walk_named(w, key.text, key.size);
}

static mr_status walk_object(walk *w) {
    mr_json_scanner *scanner = &w->scanner;
    mr_json_skip_blanks(scanner);
    if (!mr_json_take(scanner, '{')) return fail(w, MR_SYNTAX, NULL, "a record must be a JSON object");
    if (!mr_json_take(scanner, '}')) {
        do {
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

mr_status mr_json_decode(const mr_decode_plan *base, mr_bytes value, mr_frame *frame, uint32_t row,
                         mr_arena *arena, mr_text *data_type, mr_error *error) {
    walk w;
    w.plan = (const mr_json_plan *)base;
    w.start = value.data ? value.data : "";
    w.scanner = (mr_json_scanner){w.start, w.start + value.size, NULL};
    w.frame = frame;
    w.row = row;
    w.arena = arena;
    w.data_type = data_type;
    w.error = error;
    w.expected = 0;
    size_t words = w.plan->target_count / 64 + 1;
    memset(w.fed, 0, words * sizeof *w.fed);
    memset(w.exact, 0, words * sizeof *w.exact);
    *data_type = (mr_text){"", 0, 0};
    mr_status status = walk_object(&w);
    if (status == MR_OK) fill_missing(&w);
    return status;
}
