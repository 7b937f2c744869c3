/* Topics: are the four there, and do records and results have the same number of partitions? */
#ifndef MR_APP_TOPICS_H
#define MR_APP_TOPICS_H

#include "app/configuration.h"
#include "kafka/kafka.h"

enum { MR_TOPIC_RECORDS, MR_TOPIC_RESULTS, MR_TOPIC_MODELS, MR_TOPIC_ERRORS, MR_TOPICS };

typedef struct mr_topics {
    mr_kafka_admin *admin;
    mr_kafka_topic items[MR_TOPICS];
} mr_topics;

/* Asks the brokers, waiting up to 30 s for one to answer; creates what is missing when the configuration
 * says so. Names borrow from the configuration. MR_NOT_FOUND (names all that are missing), MR_CONFLICT
 * (partitions), MR_UNAVAILABLE. `stop` (may be NULL) not 0: MR_CANCELLED. Main thread, as the others. */
mr_status mr_topics_open(const mr_configuration *configuration, const mr_kafka_config *kafka,
                         const _Atomic int *stop, mr_topics *topics, mr_error *error);

/* Asks again, for growth: MR_CONFLICT when the results lack partitions that the records have now. No answer
 * is MR_OK. */
mr_status mr_topics_compare(mr_topics *topics, mr_error *error);

void mr_topics_close(mr_topics *topics);

#endif
