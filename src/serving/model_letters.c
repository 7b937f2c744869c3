/* Send, flush, look at the receipt. */
#include "serving/model_letters.h"

#include <stdio.h>
#include <string.h>

#include "core/dead_letter.h"

enum { TURN_MS = 100, TURNS = 50, TURNS_AT_STOP = 5 };

static void received(void *context, const mr_receipt *receipt) {
    mr_model_letters *letters = context;
    if ((uintptr_t)receipt->ticket != letters->sent) return;
    letters->received = true;
    letters->receipt = receipt->status;
    snprintf(letters->reason, sizeof letters->reason, "%s", receipt->reason ? receipt->reason : "");
}

void mr_model_letters_close(mr_model_letters *letters) {
    if (letters->sink != NULL) letters->sink->ops->close(letters->sink);
    letters->sink = NULL;
}

static mr_status open_sink(mr_model_letters *letters, mr_error *error) {
    if (letters->sink != NULL && letters->sink->ops->failed(letters->sink, error))
        mr_model_letters_close(letters);
    if (letters->sink != NULL) return MR_OK;
    if (letters->open_sink == NULL)
        return mr_fail(error, MR_UNSUPPORTED, "control", "there is no errors topic");
    mr_status status = letters->open_sink(letters->context, &letters->sink, error);
    if (status == MR_OK) letters->sink->listener = (mr_sink_listener){letters, received};
    return status;
}

/* True while one more turn may be waited: 5 s in all, half a second once a stop is asked for. */
static bool may_wait(const mr_model_letters *letters, int *turns) {
    if (letters->stop != NULL && atomic_load(letters->stop) && *turns > TURNS_AT_STOP) *turns = TURNS_AT_STOP;
    return (*turns)-- > 0;
}

/* One attempt: accepted and its receipt seen. */
static mr_status deliver(mr_model_letters *letters, const mr_outgoing *letter, mr_error *error) {
    const mr_sink_ops *ops = letters->sink->ops;
    mr_status status = MR_FULL;
    uint32_t accepted = 0;
    letters->received = false;
    void *ticket = (void *)++letters->sent;
    int turns = TURNS;
    while (status == MR_FULL && may_wait(letters, &turns)) {
        status = ops->send(letters->sink, letter, 1, ticket, &accepted, error);
        if (status == MR_FULL) ops->poll(letters->sink, TURN_MS);
    }
    if (status == MR_FULL)
        return mr_fail(error, MR_FULL, "control", "the queue for the errors topic stays full");
    if (status != MR_OK) return status;
    turns = TURNS;
    while (!letters->received && may_wait(letters, &turns)) ops->flush(letters->sink, TURN_MS);
    if (!letters->received)
        return mr_fail(error, MR_TIMEOUT, "control", "no answer for a dead letter %s",
                       letters->stop != NULL && atomic_load(letters->stop) ? "before the stop" : "in 5 s");
    return letters->receipt == MR_OK ? MR_OK
                                     : mr_fail(error, letters->receipt, "control", "%s", letters->reason);
}

mr_status mr_model_letter_send(mr_model_letters *letters, const mr_model_message *message,
                               const mr_error *why, mr_error *error) {
    mr_status status = open_sink(letters, error);
    if (status != MR_OK) return status;
    mr_arena arena;
    mr_arena_init(&arena, 4096, 0);
    char text[sizeof why->where + sizeof why->message + 2];
    snprintf(text, sizeof text, "%s%s%s", why->where, why->where[0] ? ": " : "", why->message);
    const mr_header instance = {"millrace.instance", {letters->instance_id, strlen(letters->instance_id)}};
    const mr_failure failure = {message->topic, message->partition, "model", why->status, text, &instance};
    const char *key = mr_arena_print(&arena, "%s-%d-%lld", message->topic, (int)message->partition,
                                     (long long)message->record.offset);
    mr_outgoing letter;
    status = key ? mr_dead_letter(&arena, &message->record, &failure, &letter) : MR_NO_MEMORY;
    if (status == MR_OK) {
        letter.key = (mr_bytes){key, strlen(key)};
        letter.timestamp = -1; /* of the rejection: an old one could be refused or deleted at once */
        status = deliver(letters, &letter, error);
        if (status == MR_TOO_LARGE) {
            status = mr_dead_letter_bare(&arena, &letter);
            if (status == MR_OK) status = deliver(letters, &letter, error);
        }
    }
    if (status == MR_NO_MEMORY) mr_fail(error, status, "control", "no memory for a dead letter");
    mr_arena_free(&arena);
    return status;
}
