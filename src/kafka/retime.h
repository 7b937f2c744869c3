/* The header that keeps a replaced timestamp; the decision itself is in kafka.h. */
#ifndef MR_KAFKA_RETIME_H
#define MR_KAFKA_RETIME_H

#include "kafka/kafka.h"

/* "millrace.timestamp", decimal milliseconds since 1970 in `text`, which the header views. */
mr_header mr_original_timestamp(int64_t timestamp, char text[32]);

#endif
