/* What the files of the lane share: lane.c (thread, loop), lane_run.c (batches through the chain and to
 * the sink), lane_events.c (receipts, partitions, failures). Lane thread only but for the two flags. */
#ifndef MR_STREAM_LANE_STATE_H
#define MR_STREAM_LANE_STATE_H

#include "base/log.h"
#include "stream/lane.h"
#include "stream/task.h"

/* The rows that go through the chain and to the sink now: a part of one batch in flight. At most one at a
 * time, so the lane's memory for a batch is its. */
typedef struct mr_run {
    mr_inflight *flight;            /* NULL: none */
    uint32_t sent;                  /* outgoing messages that the sink took */
    mr_batch batch;                 /* what the chain sees; its records are the batch's, or gathered below */
    uint16_t row_of[MR_BATCH_ROWS]; /* of the batch in flight, by row of the run */
    mr_record gathered[MR_BATCH_ROWS];
    mr_row rows[MR_BATCH_ROWS];
    mr_group groups[MR_BATCH_GROUPS];
    mr_outgoing outgoing[MR_BATCH_ROWS];
    mr_arena arena;
} mr_run;

struct mr_lane {
    mr_lane_options options;
    char name[16]; /* "lane 3", for the log */
    mr_source *source;
    mr_sink *sink; /* NULL: failed, to be opened again at reopen_at */
    mr_committer *committer;
    mr_model_set *models; /* a reference; NULL: nothing published yet */
    mr_task **tasks;
    size_t task_count, task_capacity;
    mr_inflight_pool pool;
    mr_run run;
    int64_t now;       /* of this step */
    int64_t polled_at; /* when the source was asked last */
    uint32_t pushed;   /* of the messages that the last push sent on their way, those without a receipt */
    int64_t pushed_at;
    int64_t reopen_at;
    int64_t repair_at;    /* no repair before it */
    int64_t reported_at;  /* status */
    uint64_t lost;        /* records that the source lost, as counted so far */
    int64_t drain_until;  /* 0: not draining */
    int64_t settle_until; /* of the partitions that are going now; 0: not known yet */
    bool held;            /* all partitions are paused, because the lane is full */
    mr_log_limit poll_limit, run_limit, commit_limit, repair_limit, sink_limit;
    _Atomic bool stop;
    _Atomic bool abort;
    pthread_t thread;
    mr_status ended;
    mr_error failure;
};

enum {
    MR_LANE_WAIT_MS = 500, /* longest wait for records when none is given: swaps and stops are seen by then */
    MR_LANE_WAIT_PENDING_MS = 10, /* the same while receipts are due */
    MR_LANE_PUSH_MS = 50,         /* longest wait for what a push sent: it ends with the last receipt */
    MR_LANE_PUSH_AGAIN_MS = 100,  /* a push without an answer, as on a starved machine */
    MR_LANE_BLOCKED_MS = 2000,    /* longest time without asking the source */
    MR_LANE_RETRY_MS = 100,       /* first pause before a retry; doubles */
    MR_LANE_RETRY_MAX_MS = 1000,
    MR_LANE_REPORT_MS = 500,
    MR_LANE_KEEP_ARENA = 8 << 20 /* bytes kept from batch to batch */
};

/* lane_run.c */
/* Runs the rows of `flight` that never ran, or (repair) those to repair; then sends what came out. */
void mr_lane_run(mr_lane *lane, mr_inflight *flight, bool repair);
/* Offers what is unsent to the sink; false: some is left. */
bool mr_lane_send(mr_lane *lane);

/* lane_events.c */
void mr_lane_listen(mr_lane *lane); /* sets the listeners of source and sink */
mr_task *mr_lane_task(mr_lane *lane, int32_t partition);
mr_status mr_lane_add_task(mr_lane *lane, const char *topic, int32_t partition, mr_task **task,
                           mr_error *error);
/* The partition reads no more; says so in its status. */
void mr_lane_stop_task(mr_lane *lane, mr_task *task, const char *format, ...) MR_PRINTF(3, 4);
void mr_lane_advance(mr_lane *lane, mr_task *task);
void mr_lane_report(mr_lane *lane, const mr_task *task);
/* The sink has failed: closes it and gives up all that is in flight. */
void mr_lane_drop_sink(mr_lane *lane, const char *why);
/* Opens a sink when it is time to, and sends partitions back that must go back. */
void mr_lane_recover(mr_lane *lane);
void mr_lane_pause(mr_lane *lane, mr_task *task, bool paused);

#endif
