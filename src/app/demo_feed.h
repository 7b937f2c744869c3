/* The demo's feed: wines again and again at a rate, each under a number of its own, and models. */
#ifndef MR_APP_DEMO_FEED_H
#define MR_APP_DEMO_FEED_H

#include "kafka/kafka.h"

enum { MR_DEMO_MODELS = 3 };

typedef struct mr_demo_feed mr_demo_feed;

/* Reads the wines and models of `data`. Borrows config during the call, topics for its life. *feed: returns
 * owned. Main thread, as the others. */
mr_status mr_demo_feed_new(const char *data, const mr_kafka_config *config, const char *records_topic,
                           const char *models_topic, mr_demo_feed **feed, mr_error *error);
void mr_demo_feed_free(mr_demo_feed *feed); /* NULL is allowed */

/* Sends records until `total` have been sent, as far as the queue takes them. Their keys are 0, 1, 2, ... */
mr_status mr_demo_feed_records(mr_demo_feed *feed, uint64_t total, mr_error *error);
/* Sends model 0, 1 or 2. */
mr_status mr_demo_feed_model(mr_demo_feed *feed, int index, mr_error *error);
/* Waits until all is delivered. */
mr_status mr_demo_feed_finish(mr_demo_feed *feed, mr_error *error);
void mr_demo_feed_poll(mr_demo_feed *feed);

uint64_t mr_demo_feed_sent(const mr_demo_feed *feed);
const char *mr_demo_feed_label(const mr_demo_feed *feed, uint64_t key); /* the known cultivar */

#endif
