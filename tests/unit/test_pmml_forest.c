/* The fast form of trees against the standard's words: random trees over numbers and categories, every
 * missing-value strategy, random records with missing, boundary, -0.0, infinite and subnormal values.
 * Bit-equal. */
#include <math.h>
#include <stdio.h>

#include "pmml_helper.h"

enum { FIELDS = 4, NUMBERS = 3, CATEGORIES = 5, NODES = 64, TREES = 11, TEXT = 1 << 17 };
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
    bool scored;
    int children[3], count, fallback;
} node;

typedef struct tree {
    node nodes[NODES];
    int count;
    enum strategy strategy;
    bool last_when_none;
} tree;

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
    *n =
        (node){.parent = parent, .field = pick(FIELDS), .op = pick(4), .point = pick(POINTS), .fallback = -1};
    if (n->field == NUMBERS)
        n->op = 4 + pick(4), n->set = (unsigned)pick(1 << CATEGORIES), n->point = pick(CATEGORIES);
    if (parent < 0) n->op = 8;
    n->scored = pick(4) > 0;
    n->score = (double)pick(1000) / 7 - 50;
    if (depth == 0 || pick(5) == 0 || t->count + 3 > NODES - 3 * depth) {
        n->scored = true;
        return index;
    }
    int count = 2 + (pick(3) == 0);
    for (int i = 0; i < count; i++) {
        int child = add_node(t, index, depth - 1);
        t->nodes[index].children[t->nodes[index].count++] = child;
    }
    n = &t->nodes[index];
    n->fallback = n->children[pick(n->count)];
    node *a = &t->nodes[n->children[0]], *b = &t->nodes[n->children[1]];
    if (pick(2)) { /* what exporters write: the second test is the opposite of the first */
        static const int opposite[] = {3, 2, 1, 0, 5, 4, 7, 6};
        b->field = a->field, b->point = a->point, b->set = a->set, b->op = opposite[a->op];
    }
    if (pick(6) == 0) t->nodes[n->children[n->count - 1]].op = 8;
    return index;
}

/* ---- By the standard's words ---- */

enum truth { FALSE, TRUE, UNKNOWN };

static enum truth test(const node *n, const record *r) {
    if (n->op == 8) return TRUE;
    if (r->missing[n->field]) return UNKNOWN;
    double x = n->field < NUMBERS ? r->numbers[n->field] : 0, p = points[n->point];
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

static bool walk(const tree *t, const record *r, double *score) {
    int at = 0;
    while (t->nodes[at].count > 0) {
        const node *n = &t->nodes[at];
        int next = -1;
        for (int i = 0; i < n->count && next < 0; i++) {
            enum truth truth = test(&t->nodes[n->children[i]], r);
            if (truth == TRUE) next = n->children[i];
            if (truth != UNKNOWN || t->strategy == NONE) continue;
            if (t->strategy == NULL_PREDICTION) return false;
            if (t->strategy == DEFAULT_CHILD) next = n->fallback;
            if (t->strategy == LAST) {
                *score = n->score;
                return n->scored;
            }
        }
        if (next < 0) {
            *score = n->score;
            return t->last_when_none && n->scored;
        }
        at = next;
    }
    *score = t->nodes[at].score;
    return true;
}

/* ---- As PMML ---- */

static char *print_node(const tree *t, int index, char *at) {
    const node *n = &t->nodes[index];
    at += sprintf(at, "<Node id=\"%d\"", index);
    if (n->scored) at += sprintf(at, " score=\"%.17g\"", n->score);
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
    for (int i = 0; i < n->count; i++) at = print_node(t, n->children[i], at);
    return at + sprintf(at, "</Node>");
}

static char *print_schema(char *at) {
    at += sprintf(at, "<MiningSchema>");
    for (int i = 0; i < FIELDS; i++) at += sprintf(at, "<MiningField name=\"f%d\"/>", i);
    return at + sprintf(at, "</MiningSchema>");
}

static char *print_tree(const tree *t, char *at) {
    at += sprintf(
        at, "<TreeModel functionName=\"regression\" missingValueStrategy=\"%s\" noTrueChildStrategy=\"%s\">",
        strategy_names[t->strategy], t->last_when_none ? "returnLastPrediction" : "returnNullPrediction");
    at = print_schema(at);
    at = print_node(t, 0, at);
    return at + sprintf(at, "</TreeModel>");
}

/* `extra`: an expression that keeps the trees in their general form. */
static char *print_forest(const tree *trees, int count, const char *method, char *text) {
    char *at = text + sprintf(text, "%s<DataDictionary>", XML_HEAD);
    for (int i = 0; i < FIELDS; i++)
        at += sprintf(at, "<DataField name=\"f%d\" optype=\"%s\" dataType=\"%s\"/>", i,
                      i < NUMBERS ? "continuous" : "categorical", i < NUMBERS ? "double" : "string");
    at += sprintf(at, "</DataDictionary>");
    if (count > 1) {
        at += sprintf(at, "<MiningModel functionName=\"regression\">");
        at = print_schema(at);
        at += sprintf(at, "<Segmentation multipleModelMethod=\"%s\">", method);
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
    }
    r->category = pick(CATEGORIES + 1);
}

static void feed(scorer *s, const record *r) {
    static const char *const names[] = {"c0", "c1", "c2", "c3", "c4", "other"};
    for (uint32_t i = 0; i < FIELDS; i++) {
        if (i == NUMBERS) set_cell(s, 0, i, r->missing[i] ? NULL : names[r->category]);
        else *(double *)mr_cell(&s->in->columns[i], 0) = r->numbers[i];
        *mr_cell_state_at(&s->in->columns[i], 0) = r->missing[i] ? MR_CELL_MISSING : MR_CELL_PRESENT;
    }
    mr_scratch_reset(s->scratch);
    assert_int_equal(mr_score_all(s->binding, s->in, s->out, &s->result, s->scratch, NULL), MR_OK);
    assert_int_equal(s->result.status, MR_OK);
}

static bool combine(const tree *trees, int count, const char *method, const record *r, double *result) {
    double sum = 0, weights = 0;
    for (int i = 0; i < count; i++) {
        double score = 0, weight = count > 1 && strcmp(method, "weightedAverage") == 0 ? i % 3 + 1 : 1;
        if (!walk(&trees[i], r, &score)) return false;
        sum += weight * score;
        weights += weight;
    }
    *result = strcmp(method, "sum") == 0 || count == 1 ? sum : sum / weights;
    return true;
}

static void forms_agree(void **state) {
    (void)state;
    static const char *const methods[] = {"sum", "average", "weightedAverage"};
    static tree trees[TREES];
    char *text = malloc(TEXT * TREES);
    assert_non_null(text);
    for (int round = 0; round < 120; round++) {
        int count = round % 2 ? 1 : 2 + pick(TREES - 1);
        const char *method = methods[pick(3)];
        for (int i = 0; i < count; i++) {
            trees[i].count = 0;
            trees[i].strategy = (enum strategy)pick(STRATEGIES);
            trees[i].last_when_none = pick(2);
            add_node(&trees[i], -1, 1 + pick(5));
        }
        scorer s = scorer_must(print_forest(trees, count, method, text));
        for (int k = 0; k < 100; k++) {
            record r;
            double expected = 0;
            random_record(&r);
            feed(&s, &r);
            bool predicted = combine(trees, count, method, &r, &expected);
            assert_int_equal(out_present(&s, 0), predicted);
            if (predicted) {
                double got = out_number(&s, 0);
                assert_memory_equal(&got, &expected, sizeof got);
            }
        }
        scorer_free(&s);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
