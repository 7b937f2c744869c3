/* The choice is made anew for each message that concerns a data type; see candidates.h for its rule. All of
 * it runs on one thread; what others may ask for is atomic. */
#include "serving/control.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "serving/candidates.h"
#include "serving/model_letters.h"

enum { POLL_MS = 200, PROGRESS_MS = 5000, RETRY_MS = 1000, RETRY_MAX_MS = 60000, HELD_TIMES = 6 };

struct mr_control {
    mr_control_options options;
    mr_candidates candidates;
    mr_model_letters letters;
    char topic[256];       /* of the models; for messages */
    mr_model_set *current; /* a reference to the published set; NULL: none yet */
    int64_t now;           /* of this step */
    int64_t progress_at;
    int64_t retry_at; /* of what there was no memory for; 0: nothing */
    int64_t pause;    /* before that; doubles */
    mr_model_message
        held; /* there was no memory to keep it; topic NULL: none. Valid as no other is asked for */
    int64_t held_until;
    uint32_t held_times;
    bool untidy; /* messages were read or models freed since free memory was last given back */
    mr_log_limit source_limit;
    _Atomic bool ready, failed, stop;
    _Atomic uint64_t updates[MR_UPDATE_COUNT];
    pthread_t thread;
    mr_status ended;
    mr_error failure;
};

const char *mr_update_name(mr_update update) {
    static const char *const names[] = {
#define NAME(update, name) name,
        MR_UPDATE_TABLE(NAME)
#undef NAME
    };
    return (size_t)update < MR_UPDATE_COUNT ? names[update] : "unknown";
}

mr_status mr_control_new(const mr_control_options *options, mr_control **control, mr_error *error) {
    mr_control *made = mr_alloc_zero(1, sizeof *made);
    if (made == NULL) return mr_fail(error, MR_NO_MEMORY, "control", "no memory for the models' control");
    made->options = *options;
    mr_candidates_init(&made->candidates,
                       options->candidate_bytes ? options->candidate_bytes : (size_t)256 << 20);
    made->letters = (mr_model_letters){.open_sink = options->open_sink,
                                       .context = options->context,
                                       .instance_id = options->instance_id,
                                       .stop = &made->stop};
    *control = made;
    return MR_OK;
}

void mr_control_free(mr_control *control) {
    if (control == NULL) return;
    mr_model_letters_close(&control->letters);
    control->options.source->ops->close(control->options.source);
    mr_candidates_free(&control->candidates);
    mr_published_release(control->options.published, control->current);
    mr_published_reclaim(control->options.published);
    mr_free(control);
}

bool mr_control_ready(const mr_control *control) {
    return atomic_load_explicit(&control->ready, memory_order_acquire);
}

bool mr_control_failed(const mr_control *control) {
    return atomic_load_explicit(&control->failed, memory_order_acquire);
}

uint64_t mr_control_updates(const mr_control *control, mr_update update) {
    return atomic_load_explicit(&control->updates[update], memory_order_relaxed);
}

static void count(mr_control *control, mr_update update) {
    atomic_fetch_add_explicit(&control->updates[update], 1, memory_order_relaxed);
}

/* Makes `served` (NULL: nobody) the one for its data type. Takes it, also when it fails. */
static mr_status publish(mr_control *control, const char *data_type, mr_served *served, mr_schema *schema,
                         mr_error *error) {
    mr_model_set *set;
    if (served != NULL) served->since = mr_wall_ms();
    mr_status status = mr_model_set_with(control->current, data_type, served, schema, &set, error);
    if (status != MR_OK) {
        mr_served_release(served);
        return status;
    }
    mr_publish(control->options.published, set);
    mr_published_refresh(control->options.published, &control->current);
    return MR_OK;
}

/* Installs a candidate; publishes it, or (trial) only sees whether it can be. */
static mr_status install(mr_control *control, const mr_candidate *candidate, bool trial, mr_error *error) {
    mr_origin origin = {control->topic, candidate->partition, candidate->offset};
    mr_bytes message = {candidate->message, candidate->message_size};
    mr_schema *schema = control->current ? control->current->schema : NULL, *extended = NULL;
    mr_descriptor descriptor;
    mr_served *served = NULL;
    mr_status status = control->options.parse(message, control->options.numbering, &descriptor, error);
    if (status != MR_OK) return status;
    status = mr_install(&control->options.install, &descriptor, &origin, schema, &served, &extended, error);
    mr_descriptor_free(&descriptor);
    if (status != MR_OK) return status;
    if (trial) {
        mr_served_release(served);
    } else {
        double milliseconds = (double)served->load_nanoseconds / 1e6;
        const mr_model_identity *identity = &served->identity;
        mr_log(MR_LOG_INFO, "control",
               "serving \"%s\" with \"%.100s\" version %.100s, sha256 %.12s (%.1f ms to load)",
               identity->data_type, identity->name, identity->version, identity->sha256, milliseconds);
        status = publish(control, candidate->data_type, served, extended, error);
    }
    mr_schema_release(extended);
    return status;
}

/* Logs and counts a message that cannot serve; if it is the one at hand and came after the start, it becomes
 * a dead letter. */
static void reject(mr_control *control, int32_t partition, int64_t offset, const mr_model_message *at_hand,
                   const mr_error *why) {
    count(control, MR_UPDATE_REJECTED);
    mr_log(MR_LOG_WARN, "control", "model message %d:%lld is rejected, what serves stays: %s%s%s",
           (int)partition, (long long)offset, why->where, why->where[0] ? ": " : "", why->message);
    bool same = at_hand != NULL && at_hand->partition == partition && at_hand->record.offset == offset;
    if (!same || at_hand->at_start) return;
    mr_error error;
    mr_status status = mr_model_letter_send(&control->letters, at_hand, why, &error);
    if (status == MR_OK || status == MR_UNSUPPORTED) return;
    count(control, MR_UPDATE_UNDELIVERED);
    mr_log(MR_LOG_ERROR, "control", "the dead letter of model message %d:%lld is not delivered: %s",
           (int)partition, (long long)offset, error.message);
}

/* Want of memory says nothing about the model. */
static void put_off(mr_control *control, mr_candidate *candidate, const mr_error *why) {
    candidate->state = MR_CANDIDATE_LATER;
    if (control->retry_at == 0) {
        control->pause = control->pause == 0 ? RETRY_MS : 2 * control->pause;
        if (control->pause > RETRY_MAX_MS) control->pause = RETRY_MAX_MS;
        control->retry_at = control->now + control->pause;
    }
    mr_log(MR_LOG_WARN, "control", "model message %d:%lld is tried again in %lld s, what serves stays: %s",
           (int)candidate->partition, (long long)candidate->offset, (long long)(control->pause / 1000),
           why->message);
}

/* Installs a candidate and notes how it went. */
static bool try_candidate(mr_control *control, mr_candidate *candidate, bool trial,
                          const mr_model_message *at_hand) {
    mr_error error;
    mr_status status = install(control, candidate, trial, &error);
    if (status == MR_OK) {
        candidate->state = MR_CANDIDATE_GOOD;
        count(control, trial ? MR_UPDATE_SUPERSEDED : MR_UPDATE_PUBLISHED);
        return true;
    }
    if (mr_status_action(status) == MR_ACTION_RETRY) {
        put_off(control, candidate, &error);
        return false;
    }
    mr_candidates_bad(&control->candidates, candidate);
    reject(control, candidate->partition, candidate->offset, at_hand, &error);
    return false;
}

static mr_served *serving(const mr_control *control, const char *data_type) {
    return control->current ? mr_model_set_find(control->current, data_type, strlen(data_type)) : NULL;
}

/* Puts the right model into service for a data type. */
static void choose(mr_control *control, const char *data_type, const mr_model_message *at_hand) {
    mr_candidates *all = &control->candidates;
    const mr_served *now = serving(control, data_type);
    mr_candidate *candidate;
    mr_candidates_begin(all, data_type);
    while ((candidate = mr_candidates_next(all, data_type)) != NULL) {
        bool serves =
            now && now->source_partition == candidate->partition && now->source_offset == candidate->offset;
        if (serves || atomic_load(&control->stop)) return;
        if (candidate->message == NULL) {
            mr_log(MR_LOG_WARN, "control",
                   "\"%s\": model message %d:%lld should serve but is not in memory any more; it will after "
                   "a restart",
                   data_type, (int)candidate->partition, (long long)candidate->offset);
            continue;
        }
        if (try_candidate(control, candidate, false, at_hand)) return;
    }
    mr_error error;
    if (now == NULL) return;
    if (publish(control, data_type, NULL, control->current->schema, &error) == MR_OK) {
        mr_log(MR_LOG_INFO, "control", "no model serves \"%s\" any more", data_type);
    } else {
        mr_log_error(MR_LOG_ERROR, "control", "retiring a model", &error);
    }
}

static void choose_all(mr_control *control) {
    const mr_type_slots *slots = control->options.install.slots;
    for (uint32_t i = 1; i < mr_type_slots_count(slots); i++)
        choose(control, mr_type_slots_name(slots, i), NULL);
}

static void retry(mr_control *control) {
    if (control->retry_at == 0 || control->now < control->retry_at) return;
    control->retry_at = 0;
    choose_all(control);
    if (control->retry_at == 0) control->pause = 0;
}

static void take_tombstone(mr_control *control, const mr_model_message *message) {
    const mr_record *record = &message->record;
    if (record->key.data == NULL) return;
    if (mr_candidates_retire(&control->candidates, message->partition, record->key, record->offset) == 0)
        return;
    count(control, MR_UPDATE_RETIRED);
    if (mr_control_ready(control)) choose_all(control);
}

/* Keeps the messages within their bound: when only untried ones are left, this one is tried. */
static void bound_memory(mr_control *control, const char *data_type, const mr_model_message *message) {
    if (mr_candidates_trim(&control->candidates)) return;
    choose(control, data_type, message);
    mr_candidates_trim(&control->candidates);
}

/* Before older messages of a full line are forgotten, its newest that loads is found. */
static void make_place(mr_control *control, const char *data_type, int32_t partition) {
    mr_candidates *all = &control->candidates;
    if (!mr_candidates_full(all, data_type, partition)) return;
    mr_candidate *untried;
    while ((untried = mr_candidates_untried(all, data_type, partition)) != NULL) {
        if (try_candidate(control, untried, true, NULL)) break;
    }
    mr_candidates_thin(all, data_type, partition);
}

static mr_status take_descriptor(mr_control *control, const mr_model_message *message,
                                 const mr_descriptor *descriptor, mr_error *error) {
    uint16_t slot;
    mr_status status = mr_install_check_names(descriptor, message->topic, error);
    if (status == MR_OK) {
        status = mr_type_slots_add(control->options.install.slots, descriptor->data_type, &slot, error);
    }
    if (status != MR_OK) return status;
    make_place(control, descriptor->data_type, message->partition);
    mr_candidate *candidate;
    status = mr_candidates_add(&control->candidates, descriptor->data_type, message->partition,
                               &message->record, &candidate);
    if (status != MR_OK)
        return mr_fail(error, status, message->topic, "the message cannot be kept: %s",
                       mr_status_meaning(status));
    if (candidate == NULL) return MR_OK;
    if (!message->at_start) {
        choose(control, candidate->data_type, message);
        /* Older than what serves, but whoever sent it should hear when it is bad. */
        if (candidate->state == MR_CANDIDATE_NEW) try_candidate(control, candidate, true, message);
    }
    bound_memory(control, candidate->data_type, message);
    return MR_OK;
}

/* Want of memory says nothing about a message: it is taken again, before any other. False: often enough. */
static bool hold(mr_control *control, const mr_model_message *message, const mr_error *why) {
    int64_t pause = (int64_t)RETRY_MS << control->held_times;
    if (++control->held_times > HELD_TIMES) return false;
    control->held = *message;
    control->held_until = control->now + pause;
    mr_log(MR_LOG_WARN, "control", "model message %d:%lld is taken again in %lld s: %s",
           (int)message->partition, (long long)message->record.offset, (long long)(pause / 1000),
           why->message);
    return true;
}

static void take_message(mr_control *control, const mr_model_message *message) {
    mr_descriptor descriptor;
    mr_error error;
    if (control->topic[0] == '\0') snprintf(control->topic, sizeof control->topic, "%s", message->topic);
    if (message->record.value.data == NULL) {
        take_tombstone(control, message);
        return;
    }
    mr_status status =
        control->options.parse(message->record.value, control->options.numbering, &descriptor, &error);
    if (status == MR_OK) {
        status = take_descriptor(control, message, &descriptor, &error);
        mr_descriptor_free(&descriptor);
    }
    if (status == MR_NO_MEMORY && hold(control, message, &error)) return;
    control->held_times = 0;
    if (status != MR_OK) reject(control, message->partition, message->record.offset, message, &error);
}

/* The message that is held when its time has come, else what the source has. Topic NULL: there is none. */
static mr_status next_message(mr_control *control, int timeout_ms, mr_model_message *message,
                              mr_error *error) {
    mr_model_source *source = control->options.source;
    if (control->held.topic == NULL) return source->ops->poll(source, timeout_ms, message, error);
    if (control->now < control->held_until) {
        nanosleep(&(struct timespec){.tv_nsec = (timeout_ms < POLL_MS ? timeout_ms : POLL_MS) * 1000000L},
                  NULL);
        return MR_OK;
    }
    *message = control->held;
    control->held.topic = NULL;
    return MR_OK;
}

static void catch_up(mr_control *control, int64_t now) {
    mr_model_source *source = control->options.source;
    uint64_t read = 0, total = 0;
    if (source->ops->caught_up(source, &read, &total)) {
        choose_all(control);
        atomic_store_explicit(&control->ready, true, memory_order_release);
        mr_log(MR_LOG_INFO, "control", "read %llu model messages, %u data types served",
               (unsigned long long)read, control->current ? control->current->count : 0);
    } else if (now >= control->progress_at) {
        if (control->progress_at > 0) {
            mr_log(MR_LOG_INFO, "control", "read %llu of %llu model messages", (unsigned long long)read,
                   (unsigned long long)total);
        }
        control->progress_at = now + PROGRESS_MS;
    }
}

/* A burst of models leaves megabytes free in the arenas of this thread and of those that fetched it. They go
 * back when it is over: not with each model, which would hold up whoever allocates. */
static void tidy(mr_control *control) {
    if (!control->untidy) return;
    control->untidy = false;
    mr_memory_trim();
}

mr_status mr_control_step(mr_control *control, int timeout_ms, int64_t now, mr_error *error) {
    mr_model_message message = {0};
    control->now = now;
    mr_status status = next_message(control, timeout_ms, &message, error);
    if (status != MR_OK) {
        if (mr_status_action(status) != MR_ACTION_RETRY) return status;
        mr_log_limited(&control->source_limit, MR_LOG_WARN, "control", "models cannot be read yet: %s",
                       error->message);
    } else if (message.topic != NULL) {
        take_message(control, &message);
    }
    if (mr_control_ready(control)) {
        retry(control);
    } else if (control->held.topic == NULL) {
        catch_up(control, now);
    }
    control->untidy |= mr_published_reclaim(control->options.published) > 0 || message.topic != NULL;
    if (message.topic == NULL) tidy(control);
    return MR_OK;
}

static void *run_control(void *context) {
    mr_control *control = context;
    pthread_setname_np(pthread_self(), "control");
    mr_status status = MR_OK;
    while (status == MR_OK && !atomic_load(&control->stop)) {
        status = mr_control_step(control, POLL_MS, mr_monotonic_ns() / 1000000, &control->failure);
    }
    control->ended = status;
    if (status != MR_OK) {
        mr_log_error(MR_LOG_ERROR, "control", "reading the models topic", &control->failure);
        atomic_store_explicit(&control->failed, true, memory_order_release);
    }
    return NULL;
}

mr_status mr_control_start(mr_control *control, mr_error *error) {
    if (pthread_create(&control->thread, NULL, run_control, control) == 0) return MR_OK;
    return mr_fail(error, MR_NO_MEMORY, "control", "cannot start a thread");
}

void mr_control_stop(mr_control *control) {
    atomic_store(&control->stop, true);
}

mr_status mr_control_join(mr_control *control, mr_error *error) {
    pthread_join(control->thread, NULL);
    if (control->ended != MR_OK && error != NULL) *error = control->failure;
    return control->ended;
}
