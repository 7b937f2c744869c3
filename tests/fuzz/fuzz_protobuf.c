/* Protobuf records: any bytes give a row or an error, and a row, shown as JSON, is JSON. The same bytes are
 * tried as a result, whose messages nest. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/codec.h"
#include "codec/json_scan.h"

static mr_arena arena;

static void must_be_json(mr_bytes text) {
    mr_json_scanner scanner = {text.data, (const char *)text.data + text.size, NULL, false};
    mr_json_value value;
    if (!mr_json_scan_value(&scanner, &value) || scanner.at != scanner.end) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    mr_bytes text;
    mr_error error;
    mr_arena_init(&arena, 4096, 0);
    mr_status status = mr_record_to_json("WineRecord", (mr_bytes){data, size}, &arena, &text, &error);
    if (status == MR_OK) must_be_json(text);
    else if (status != MR_SYNTAX && status != MR_WRONG_TYPE) abort();
    status = mr_result_to_json((mr_bytes){data, size}, &arena, &text, &error);
    if (status == MR_OK) must_be_json(text);
    else if (status != MR_SYNTAX) abort();
    mr_arena_free(&arena);
    return 0;
}
