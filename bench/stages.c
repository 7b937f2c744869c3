/* Decode, score and encode, measured apart and together: nanoseconds a record, in memory, on one core.
 *
 * Each item is one loop over all records, repeated until a round takes ROUND_NS; a line shows the
 * median, least and most of ROUNDS rounds, the items taking turns so that a change in the machine's speed
 * hits all alike. The yardstick, a fixed chain of integer operations, stands in the same run: compare its
 * ratio between machines, not nanoseconds.
 *
 * usage: stages MODEL.pmml RECORDS.csv     (columns are the fields of WineRecord)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/codec.h"
#include "codec/csv.h"

enum { RECORDS_MAX = 65536, ROUNDS = 11, ROUND_NS = 20000000, BATCH_MAX = 256, ITEMS_MAX = 24, VIEWS = 16 };

typedef struct bench {
    mr_arena records;
    uint32_t count;
    mr_bytes protobuf[RECORDS_MAX], json[RECORDS_MAX];
    mr_decoder *decoders[2];
    mr_decode_plan *plans[2];
    mr_encode_plan *encode[2];
    mr_binding *binding;
    mr_frame *in, *out;
    mr_scratch *scratch;
    mr_arena work;
    uint64_t sink; /* what results flow into, so that no work is left out */
} bench;

static bench b;

static void must(mr_status status, const mr_error *error) {
    if (status == MR_OK) return;
    fprintf(stderr, "stages: %s: %s\n", error->where, error->message);
    exit(1);
}

static mr_record_encoder *record_encoder(const mr_csv_reader *reader, const char *format) {
    mr_error error;
    mr_record_encoder *encoder;
    const char *names[64];
    uint32_t count = mr_csv_field_count(reader);
    if (count > 64) exit(2);
    for (uint32_t i = 0; i < count; i++) names[i] = mr_csv_field_name(reader, i);
    mr_record_encoder_options options = {.format = format,
                                         .message = "WineRecord",
                                         .names = names,
                                         .count = count,
                                         .type_field = "dataType",
                                         .type = "wine"};
    must(mr_record_encoder_new(&options, &encoder, &error), &error);
    return encoder;
}

static void read_records(const char *path) {
    mr_error error;
    mr_csv_reader *reader;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    mr_csv_options options = {0};
    must(mr_csv_reader_new(file, path, &options, &reader, &error), &error);
    mr_record_encoder *protobuf = record_encoder(reader, "protobuf"), *json = record_encoder(reader, "json");
    const mr_bytes *cells;
    mr_arena_init(&b.records, 1 << 20, 0);
    while (b.count < RECORDS_MAX) {
        must(mr_csv_read(reader, &cells, &error), &error);
        if (cells == NULL) break;
        must(mr_record_encode(protobuf, cells, &b.records, &b.protobuf[b.count], &error), &error);
        must(mr_record_encode(json, cells, &b.records, &b.json[b.count], &error), &error);
        b.count++;
    }
    mr_record_encoder_free(protobuf);
    mr_record_encoder_free(json);
    mr_csv_reader_free(reader);
    fclose(file);
}

/* Decoder, plan and encoders as the control thread would make them. */
static void bind_model(const char *path) {
    mr_error error;
    mr_model *model;
    mr_encoder *encoders[2];
    static mr_model_identity identity = {"wine", "forest", "1", "", ""};
    memset(identity.sha256, '0', 64);
    must(mr_model_load_file(path, NULL, NULL, &model, &error), &error);
    const mr_model_shape *shape = mr_model_get_shape(model);
    must(mr_protobuf_decoder_new("WineRecord", "dataType", &b.decoders[0], &error), &error);
    must(mr_json_decoder_new("dataType", NULL, 0, &b.decoders[1], &error), &error);
    mr_schema *schema = b.decoders[0]->schema;
    must(mr_model_bind(model, schema, NULL, 0, &b.binding, &error), &error);
    uint32_t fields[256], wanted = 0;
    for (uint32_t i = 0; i < shape->input_count && i < 256; i++) {
        fields[wanted] = mr_binding_field(b.binding, i, NULL);
        wanted += fields[wanted] != MR_NO_FIELD;
    }
    for (int i = 0; i < 2; i++) {
        must(b.decoders[i]->ops->bind(b.decoders[i], schema, fields, wanted, &b.plans[i], &error), &error);
    }
    must(mr_protobuf_encoder_new(true, &encoders[0], &error), &error);
    must(mr_json_encoder_new(true, &encoders[1], &error), &error);
    for (int i = 0; i < 2; i++) {
        must(encoders[i]->ops->bind(encoders[i], &identity, shape->outputs, shape->output_count, &b.encode[i],
                                    &error),
             &error);
    }
    mr_type types[256];
    uint32_t columns = mr_schema_count(schema);
    for (uint32_t i = 0; i < columns && i < 256; i++) types[i] = mr_schema_field(schema, i)->type;
    must(mr_frame_new(types, columns, BATCH_MAX, &b.in, &error), &error);
    must(mr_binding_new_output(b.binding, BATCH_MAX, &b.out, &error), &error);
    must(mr_scratch_new(1 << 16, &b.scratch, &error), &error);
    mr_arena_init(&b.work, 1 << 20, 0);
}

/* ---- What is measured: each runs rows [first, first + rows) once ---- */

static void decode(int format, uint32_t first, uint32_t rows) {
    mr_error error;
    mr_text type;
    const mr_bytes *from = format ? b.json : b.protobuf;
    mr_arena_reset(&b.work, SIZE_MAX);
    for (uint32_t i = 0; i < rows; i++) {
        must(b.decoders[format]->ops->decode(b.plans[format], from[first + i], b.in, i, &b.work, &type,
                                             &error),
             &error);
    }
    b.in->row_count = rows;
    b.sink += type.size;
}

static void score(uint32_t rows) {
    static mr_row_result results[BATCH_MAX];
    mr_error error;
    b.in->row_count = b.out->row_count = rows;
    mr_scratch_reset(b.scratch);
    must(mr_score_all(b.binding, b.in, b.out, results, b.scratch, &error), &error);
    b.sink += results[rows - 1].status;
}

static void encode(int format, uint32_t first, uint32_t rows) {
    mr_bytes value;
    mr_arena_reset(&b.work, SIZE_MAX);
    for (uint32_t i = 0; i < rows; i++) {
        const mr_encode_plan *plan = b.encode[format];
        if (plan->encoder->ops->encode(plan, b.out, i, "models_data", 3, first + i, &b.work, &value) != MR_OK)
            exit(1);
        b.sink += value.size;
    }
}

static void yardstick(uint32_t rows) {
    uint64_t x = b.sink | 1;
    for (uint32_t i = 0; i < rows * 32; i++) x = x * 6364136223846793005u + (x >> 33);
    b.sink = x;
}

typedef enum stage { YARDSTICK, DECODE, SCORE, ENCODE, WHOLE } stage;

typedef struct item {
    const char *name;
    stage stage;
    int in, out; /* 0 protobuf, 1 JSON */
    uint32_t batch;
    double rounds[ROUNDS];
    mr_frame *views; /* SCORE: VIEWS frames of other rows each time, so that nothing is learnt by heart */
} item;

static item items[] = {
    {"yardstick: 32 multiplications", YARDSTICK, 0, 0, 64, {0}, NULL},
    {"decode protobuf", DECODE, 0, 0, 64, {0}, NULL},
    {"decode JSON", DECODE, 1, 0, 64, {0}, NULL},
    {"score, batch 1", SCORE, 0, 0, 1, {0}, NULL},
    {"score, batch 64", SCORE, 0, 0, 64, {0}, NULL},
    {"score, batch 256", SCORE, 0, 0, 256, {0}, NULL},
    {"encode protobuf", ENCODE, 0, 0, 64, {0}, NULL},
    {"encode JSON", ENCODE, 0, 1, 64, {0}, NULL},
    {"protobuf > score > protobuf, batch 1", WHOLE, 0, 0, 1, {0}, NULL},
    {"protobuf > score > protobuf, batch 64", WHOLE, 0, 0, 64, {0}, NULL},
    {"JSON > score > JSON, batch 64", WHOLE, 1, 1, 64, {0}, NULL},
};
enum { ITEMS = sizeof items / sizeof *items };

static void run_once(const item *of, uint32_t first, uint32_t rows) {
    if (of->stage == YARDSTICK) yardstick(rows);
    if (of->stage == DECODE || of->stage == WHOLE) decode(of->in, first, rows);
    if (of->stage == SCORE) {
        mr_frame *whole = b.in;
        b.in = &of->views[first / rows % VIEWS];
        score(rows);
        b.in = whole;
    }
    if (of->stage == WHOLE) score(rows);
    if (of->stage == ENCODE || of->stage == WHOLE) encode(of->out, first, rows);
}

static void make_views(item *of) {
    of->views = calloc(VIEWS, sizeof *of->views);
    if (!of->views) exit(1);
    for (uint32_t v = 0; v < VIEWS; v++) {
        uint32_t count = b.in->column_count, first = v * of->batch % BATCH_MAX;
        mr_column *columns = calloc(count, sizeof *columns);
        if (!columns) exit(1);
        for (uint32_t i = 0; i < count; i++) {
            columns[i] = b.in->columns[i];
            columns[i].data = mr_cell(&columns[i], first);
            columns[i].state = mr_cell_state_at(&columns[i], first);
        }
        of->views[v] = (mr_frame){columns, count, of->batch};
    }
}

static double run_round(const item *of) {
    int64_t start = mr_monotonic_ns(), spent;
    uint64_t done = 0;
    do {
        for (uint32_t first = 0; first + of->batch <= b.count; first += of->batch) {
            run_once(of, first, of->batch);
            done += of->batch;
        }
        spent = mr_monotonic_ns() - start;
    } while (spent < ROUND_NS);
    return (double)spent / (double)done;
}

static int ascending(const void *a, const void *c) {
    double x = *(const double *)a, y = *(const double *)c;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: stages MODEL.pmml RECORDS.csv\n");
        return 2;
    }
    read_records(argv[2]);
    bind_model(argv[1]);
    if (b.count < BATCH_MAX) return 2;
    const char *only = getenv("STAGES_ONLY");
    for (int i = 0; i < ITEMS; i++) make_views(&items[i]);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ITEMS; i++) {
            if (only && i && !strstr(items[i].name, only)) continue;
            decode(0, 0, BATCH_MAX); /* what scoring and encoding alone find */
            score(BATCH_MAX);
            items[i].rounds[round] = run_round(&items[i]);
        }
    }
    printf("%-40s %10s %10s %10s %12s\n", "ns/record, one core", "median", "least", "most", "x yardstick");
    for (int i = 0; i < ITEMS; i++) qsort(items[i].rounds, ROUNDS, sizeof(double), ascending);
    for (int i = 0; i < ITEMS; i++) {
        const double *rounds = items[i].rounds;
        printf("%-40s %10.1f %10.1f %10.1f %12.2f\n", items[i].name, rounds[ROUNDS / 2], rounds[0],
               rounds[ROUNDS - 1], rounds[ROUNDS / 2] / items[0].rounds[ROUNDS / 2]);
    }
    return b.sink == 42;
}
