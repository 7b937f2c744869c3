/* The fast form of trees against the standard's words: random trees over numbers and categories, every
 * missing-value strategy, regressions, votes and averages of probabilities, random records with missing,
 * invalid, boundary, -0.0, infinite and subnormal values. Without the field of categories the rows go
 * straight from the frame to the trees. Bit-equal. */
#include <math.h>
#include <stdio.h>

#include "pmml/distance/kernels.h"
#include "pmml_helper.h"

enum { FIELDS = 4, NUMBERS = 3, CATEGORIES = 5, NODES = 128, TREES = 23, CLASSES = 9, TEXT = 1 << 17 };
static const double points[] = {-INFINITY, -2.5, -5e-324, 0, 5e-324, 1, 1.0000000000000002, 7.25, INFINITY};
enum { POINTS = sizeof points / sizeof points[0] };
enum strategy { NONE, LAST, NULL_PREDICTION, DEFAULT_CHILD, STRATEGIES };
static const char *const strategy_names[] = {"none", "lastPrediction", "nullPrediction", "defaultChild"};
static const char *const operators[] = {"lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual"};

typedef struct node {
    int parent, field,
        op;    /* op of numbers 0-3; of categories 4 isIn, 5 isNotIn, 6 equal, 7 notEqual; 8 True */
    int point; /* or a category */
    unsigned set;
    double score;
    int label;
    int counts[CLASSES];
    bool scored;
    int children[3], count, fallback;
} node;

typedef struct tree {
    node nodes[NODES];
    int count;
    enum strategy strategy;
    bool last_when_none;
} tree;

/* What is built and asked in a round. */
typedef struct setting {
    int fields;  /* FIELDS, or NUMBERS: none of categories */
    int classes; /* 0: a regression */
    int trees;
    const char *method;
    bool skips; /* segments that predict nothing */
    bool floats;
    bool full;   /* no leaf before the depth of the tree */
    bool binary; /* every test has its opposite, as exporters write: shallow forests are heaps then */
} setting;
static setting now;

typedef struct record {
    bool missing[FIELDS];
    double numbers[NUMBERS];
    int category; /* CATEGORIES: one that no model mentions */
} record;

static uint64_t seed = 88172645463325252u;
static int pick(int below) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (int)(seed % (uint64_t)below);
}

static int add_node(tree *t, int parent, int depth) {
    int index = t->count++;
    node *n = &t->nodes[index];
    *n = (node){
        .parent = parent, .field = pick(now.fields), .op = pick(4), .point = pick(POINTS), .fallback = -1};
    if (n->field == NUMBERS)
        n->op = 4 + pick(4), n->set = (unsigned)pick(1 << CATEGORIES), n->point = pick(CATEGORIES);
    if (parent < 0) n->op = 8;
    n->scored = pick(4) > 0;
    n->score = (double)pick(1000) / 7 - 50;
    n->label = now.classes ? pick(now.classes) : 0;
    for (int c = 0; c < now.classes; c++) n->counts[c] = pick(3) ? pick(50) : 0;
    n->counts[pick(CLASSES)] += 1;
    if (now.classes) n->counts[n->label] += 1; /* somebody came here */
    if (depth == 0 || (!now.full && pick(5) == 0) || t->count + 3 > NODES - 3 * depth) {
        n->scored = true;
        return index;
    }
    int count = 2 + (!now.binary && pick(3) == 0);
    for (int i = 0; i < count; i++) {
        int child = add_node(t, index, depth - 1);
        t->nodes[index].children[t->nodes[index].count++] = child;
    }
    n = &t->nodes[index];
    n->fallback = n->children[pick(n->count)];
    node *a = &t->nodes[n->children[0]], *b = &t->nodes[n->children[1]];
    if (now.binary || pick(2)) { /* the second test is the opposite of the first */
        static const int opposite[] = {3, 2, 1, 0, 5, 4, 7, 6};
        b->field = a->field, b->point = a->point, b->set = a->set, b->op = opposite[a->op];
    }
    if (!now.binary && pick(6) == 0) t->nodes[n->children[n->count - 1]].op = 8;
    return index;
}

/* ---- By the standard's words ---- */

enum truth { FALSE, TRUE, UNKNOWN };

static enum truth test(const node *n, const record *r) {
    if (n->op == 8) return TRUE;
    if (r->missing[n->field]) return UNKNOWN;
    double x = n->field < NUMBERS ? r->numbers[n->field] : 0, p = points[n->point];
    if (now.floats) p = (double)(float)p, x = (double)(float)x;
    switch (n->op) {
    case 0:
        return x < p;
    case 1:
        return x <= p;
    case 2:
        return x > p;
    case 3:
        return x >= p;
    case 4:
        return r->category < CATEGORIES && (n->set >> r->category & 1);
    case 5:
        return !(r->category < CATEGORIES && (n->set >> r->category & 1));
    case 6:
        return r->category == n->point;
    default:
        return r->category != n->point;
    }
}

/* Number of the node whose prediction it is, -1: none. */
static int walk(const tree *t, const record *r) {
    int at = 0;
    while (t->nodes[at].count > 0) {
        const node *n = &t->nodes[at];
        int next = -1;
        for (int i = 0; i < n->count && next < 0; i++) {
            enum truth truth = test(&t->nodes[n->children[i]], r);
            if (truth == TRUE) next = n->children[i];
            if (truth != UNKNOWN || t->strategy == NONE) continue;
            if (t->strategy == NULL_PREDICTION) return -1;
            if (t->strategy == DEFAULT_CHILD) next = n->fallback;
            if (t->strategy == LAST) return n->scored ? at : -1;
        }
        if (next < 0) return t->last_when_none && n->scored ? at : -1;
        at = next;
    }
    return at;
}

/* ---- As PMML ---- */

static char *print_node(const tree *t, int index, char *at) {
    const node *n = &t->nodes[index];
    at += sprintf(at, "<Node id=\"%d\"", index);
    if (n->scored && now.classes) at += sprintf(at, " score=\"k%d\"", n->label);
    if (n->scored && !now.classes) at += sprintf(at, " score=\"%.17g\"", n->score);
    if (n->fallback >= 0) at += sprintf(at, " defaultChild=\"%d\"", n->fallback);
    at += sprintf(at, ">");
    if (n->op == 8) {
        at += sprintf(at, "<True/>");
    } else if (n->op < 4) {
        char number[MR_NUMBER_MAX + 1];
        number[mr_print_double(number, points[n->point])] = 0;
        at += sprintf(at, "<SimplePredicate field=\"f%d\" operator=\"%s\" value=\"%s\"/>", n->field,
                      operators[n->op], number);
    } else if (n->op < 6) {
        at += sprintf(at, "<SimpleSetPredicate field=\"f%d\" booleanOperator=\"%s\"><Array type=\"string\">",
                      n->field, n->op == 4 ? "isIn" : "isNotIn");
        for (int i = 0; i < CATEGORIES; i++)
            if (n->set >> i & 1) at += sprintf(at, "c%d ", i);
        at += sprintf(at, "</Array></SimpleSetPredicate>");
    } else {
        at += sprintf(at, "<SimplePredicate field=\"f%d\" operator=\"%s\" value=\"c%d\"/>", n->field,
                      n->op == 6 ? "equal" : "notEqual", n->point);
    }
    for (int c = 0; c < now.classes && n->scored; c++)
        at += sprintf(at, "<ScoreDistribution value=\"k%d\" recordCount=\"%d\"/>", c, n->counts[c]);
    for (int i = 0; i < n->count; i++) at = print_node(t, n->children[i], at);
    return at + sprintf(at, "</Node>");
}

static const char *function(void) {
    return now.classes ? "classification" : "regression";
}

static char *print_schema(char *at, bool outer) {
    at += sprintf(at, "<MiningSchema>");
    if (outer && now.classes) at += sprintf(at, "<MiningField name=\"y\" usageType=\"target\"/>");
    for (int i = 0; i < now.fields; i++) at += sprintf(at, "<MiningField name=\"f%d\"/>", i);
    at += sprintf(at, "</MiningSchema>");
    if (!outer || !now.classes) return at;
    at += sprintf(at, "<Output>");
    for (int c = 0; c < now.classes; c++)
        at += sprintf(at, "<OutputField name=\"p%d\" feature=\"probability\" value=\"k%d\"/>", c, c);
    return at + sprintf(at, "</Output>");
}

static char *print_tree(const tree *t, char *at) {
    at +=
        sprintf(at, "<TreeModel functionName=\"%s\" missingValueStrategy=\"%s\" noTrueChildStrategy=\"%s\">",
                function(), strategy_names[t->strategy],
                t->last_when_none ? "returnLastPrediction" : "returnNullPrediction");
    at = print_schema(at, now.trees == 1);
    at = print_node(t, 0, at);
    return at + sprintf(at, "</TreeModel>");
}

static char *print_forest(const tree *trees, char *text) {
    int count = now.trees;
    char *at = text + sprintf(text, "%s<DataDictionary>", XML_HEAD);
    for (int i = 0; i < now.fields; i++)
        at += sprintf(at, "<DataField name=\"f%d\" optype=\"%s\" dataType=\"%s\"/>", i,
                      i < NUMBERS ? "continuous" : "categorical",
                      i >= NUMBERS ? "string"
                      : now.floats ? "float"
                                   : "double");
    at += sprintf(at, "<DataField name=\"y\" optype=\"categorical\" dataType=\"string\"/>");
    at += sprintf(at, "</DataDictionary>");
    if (count > 1) {
        at += sprintf(at, "<MiningModel functionName=\"%s\">", function());
        at = print_schema(at, true);
        at += sprintf(at, "<Segmentation multipleModelMethod=\"%s\" missingPredictionTreatment=\"%s\">",
                      now.method, now.skips ? "skipSegment" : "continue");
    }
    for (int i = 0; i < count; i++) {
        if (count > 1) at += sprintf(at, "<Segment weight=\"%d\"><True/>", i % 3 + 1);
        at = print_tree(&trees[i], at);
        if (count > 1) at += sprintf(at, "</Segment>");
    }
    if (count > 1) at += sprintf(at, "</Segmentation></MiningModel>");
    strcpy(at, XML_TAIL);
    return text;
}

static void random_record(record *r) {
    int holes = pick(3) == 0;
    for (int i = 0; i < FIELDS; i++) r->missing[i] = holes && pick(3) == 0;
    for (int i = 0; i < NUMBERS; i++) {
        double x = points[pick(POINTS)];
        r->numbers[i] = pick(3) == 0 ? nextafter(x, pick(2) ? INFINITY : -INFINITY) : pick(9) == 0 ? -0.0 : x;
        if (pick(40) == 0) r->numbers[i] = pick(2) ? (double)NAN : -(double)NAN;
    }
    r->category = pick(CATEGORIES + 1);
}

static bool is_valid(const record *r) {
    for (int i = 0; i < NUMBERS; i++)
        if (!r->missing[i] && isnan(r->numbers[i])) return false;
    return true;
}

enum { ROWS = 150 }; /* more than a block of direct scoring takes */
static record records[ROWS];
static mr_row_result results[ROWS];

static void set_row(scorer *s, uint32_t row, const record *r) {
    static const char *const names[] = {"c0", "c1", "c2", "c3", "c4", "other"};
    for (uint32_t i = 0; i < (uint32_t)now.fields; i++) {
        if (i == NUMBERS) set_cell(s, row, i, r->missing[i] ? NULL : names[r->category]);
        else if (s->in->columns[i].type == MR_TYPE_FLOAT)
            *(float *)mr_cell(&s->in->columns[i], row) = (float)r->numbers[i];
        else *(double *)mr_cell(&s->in->columns[i], row) = r->numbers[i];
        *mr_cell_state_at(&s->in->columns[i], row) = r->missing[i] ? MR_CELL_MISSING : MR_CELL_PRESENT;
    }
}

/* The same rows as arrays of numbers, a column each, with the states of a row side by side. */
static mr_frame as_arrays(const scorer *s) {
    static mr_column columns[FIELDS];
    static double numbers[FIELDS][ROWS];
    static uint8_t states[ROWS][FIELDS];
    for (uint32_t i = 0; i < s->in->column_count; i++) {
        const mr_column *from = &s->in->columns[i];
        columns[i] = *from;
        if (from->type != MR_TYPE_DOUBLE) continue;
        columns[i] = (mr_column){MR_TYPE_DOUBLE, numbers[i], sizeof(double), &states[0][i], FIELDS};
        for (uint32_t row = 0; row < s->in->row_count; row++) {
            numbers[i][row] = *(const double *)mr_cell(from, row);
            states[row][i] = *mr_cell_state_at(from, row);
        }
    }
    return (mr_frame){columns, s->in->column_count, s->in->row_count};
}

/* Records into the rows from `first` on, scored; rows before it stay as they were. */
static void feed(scorer *s, uint32_t first, uint32_t count) {
    mr_score_progress progress = {.row = first};
    for (uint32_t row = first; row < first + count; row++) {
        random_record(&records[row]);
        set_row(s, row, &records[row]);
        results[row].status = MR_IO;
    }
    s->in->row_count = first + count;
    mr_scratch_reset(s->scratch);
    mr_frame in = pick(3) ? *s->in : as_arrays(s);
    while (mr_score(s->binding, &in, s->out, results, s->scratch, &progress) == MR_MORE_MEMORY)
        assert_int_equal(mr_scratch_grow(s->scratch, progress.needed, NULL), MR_OK);
    assert_int_equal(progress.row, first + count);
}

typedef struct expected {
    bool predicted;
    double numbers[CLASSES]; /* a regression's, or probabilities */
    int label;
} expected;

static void add_tree(const node *n, double weight, double *sums) {
    double all = 0;
    if (!now.classes) {
        sums[0] += weight * n->score;
        return;
    }
    if (now.trees > 1 && strstr(now.method, "ajorityVote")) {
        sums[n->label] += weight;
        return;
    }
    for (int c = 0; c < now.classes; c++) all += n->counts[c];
    for (int c = 0; c < now.classes; c++) sums[c] += weight * (n->counts[c] / all);
}

static expected combine(const tree *trees, const record *r) {
    expected e = {0};
    double weights = 0, absent = 0;
    int voted[TREES], vote_count = 0;
    bool votes = now.trees > 1 && strstr(now.method, "ajorityVote");
    bool weighted = now.trees > 1 && strncmp(now.method, "weighted", 8) == 0;
    for (int i = 0; i < now.trees; i++) {
        double weight = weighted ? i % 3 + 1 : 1;
        int at = walk(&trees[i], r);
        if (at >= 0) {
            add_tree(&trees[i].nodes[at], weight, e.numbers);
            weights += weight;
            voted[vote_count++] = trees[i].nodes[at].label;
            if (now.trees == 1) e.label = trees[i].nodes[at].label;
        } else if (votes && !now.skips) {
            absent += weight;
        } else if (now.trees == 1 || !now.skips) {
            return e;
        }
    }
    if (weights == 0) return e;
    for (int c = 0; c < now.classes && now.trees > 1; c++)
        if (e.numbers[c] > e.numbers[e.label]) e.label = c;
    for (int i = vote_count; votes && i > 0; i--) /* of equals the first that was voted for */
        if (e.numbers[voted[i - 1]] == e.numbers[e.label]) e.label = voted[i - 1];
    e.predicted = absent <= e.numbers[e.label] || !votes;
    bool divides = now.trees > 1 && strcmp(now.method, "sum") != 0;
    for (int c = 0; c < CLASSES && divides; c++) e.numbers[c] /= weights;
    return e;
}

static void check(scorer *s, uint32_t row, const expected *e) {
    mr_column *target = &s->out->columns[0];
    assert_int_equal(mr_cell_present(target, row), e->predicted);
    if (!e->predicted) return;
    if (!now.classes) {
        assert_memory_equal(mr_cell(target, row), &e->numbers[0], sizeof(double));
        return;
    }
    const mr_text *label = mr_cell(target, row);
    assert_int_equal(label->size, 2);
    assert_int_equal(label->data[1], '0' + e->label);
    for (int c = 0; c < now.classes; c++) {
        mr_column *column = &s->out->columns[1 + c];
        assert_true(mr_cell_present(column, row));
        assert_memory_equal(mr_cell(column, row), &e->numbers[c], sizeof(double));
    }
}

static void choose_setting(int round) {
    static const char *const methods[] = {"sum", "average", "weightedAverage", "majorityVote",
                                          "weightedMajorityVote"};
    bool classes = pick(2);
    now = (setting){.fields = pick(2) ? FIELDS : NUMBERS,
                    .classes = classes ? 2 + pick(CLASSES - 1) : 0,
                    .trees = round % 3 == 0 ? 1 : 2 + pick(TREES - 1),
                    .method = methods[classes ? 1 + pick(4) : pick(3)],
                    .skips = pick(3) == 0,
                    .floats = pick(4) == 0,
                    .binary = pick(2)};
    if (now.binary && pick(2)) now.fields = NUMBERS;
    now.full = now.binary && now.fields == NUMBERS && pick(4);
}

/* Batches of one, of a few, and of more than a block. */
static void check_rows(scorer *s, const tree *trees) {
    for (int k = 0; k < 6; k++) {
        uint32_t first = (uint32_t)pick(4), count = k < 3 ? 1 : 1 + (uint32_t)pick(k < 5 ? 20 : ROWS - 4);
        feed(s, first, count);
        for (uint32_t row = first; row < first + count; row++) {
            assert_int_equal(results[row].status, is_valid(&records[row]) ? MR_OK : MR_INVALID_VALUE);
            if (!is_valid(&records[row])) continue;
            expected e = combine(trees, &records[row]);
            check(s, row, &e);
        }
    }
}

static void forms_agree(void **state) {
    (void)state;
    static tree trees[TREES];
    char *text = malloc(TEXT * TREES);
    assert_non_null(text);
    for (int round = 0; round < 300; round++) {
        choose_setting(round);
        int depth = pick(6);
        bool ends = pick(4) == 0; /* every tree with a missing value: two exits do */
        for (int i = 0; i < now.trees; i++) {
            trees[i].count = 0;
            trees[i].strategy = ends ? NULL_PREDICTION : (enum strategy)pick(STRATEGIES);
            trees[i].last_when_none = pick(2);
            add_node(&trees[i], -1, 1 + (now.full ? depth : pick(now.binary ? 6 : 5)));
        }
        scorer s;
        mr_error error = {0};
        mr_kernels = pick(3) ? ~0u : (unsigned)pick(256);
        mr_status status = scorer_open_as(&s, print_forest(trees, text), ROWS, pick(2), &error);
        if (status != MR_OK) print_error("%s: %s\n", error.where, error.message);
        assert_int_equal(status, MR_OK);
        check_rows(&s, trees);
        scorer_free(&s);
    }
    mr_kernels = ~0u;
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
